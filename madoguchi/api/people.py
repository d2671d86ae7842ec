"""Customers, search and events."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from madoguchi.customers import actions
from madoguchi.customers.models import Customer
from madoguchi.customers.queries import customer_for, customers_visible_to
from madoguchi.customers.search import find_customers
from madoguchi.foundation import clock
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.foundation.models import Event
from madoguchi.protection.found import softened_hits
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.queries import tickets_visible_to, visible_condition
from madoguchi.tickets.search import search_tickets

from .door import PROBLEMS, may
from .idempotency import Written, once
from .paging import Cursor, Limit, keyset, page_of
from .shapes import (
    CustomerOut,
    CustomerPage,
    CustomerPatch,
    EventPage,
    HitPage,
    NewCustomer,
    customer_out,
    event_out,
)
from .tickets import clean, one_line, whole
from .webhook_events import SOURCES

SETTLED_AFTER = timedelta(seconds=3)  # two transactions may commit in another order than they began
router = Router(tags=["customers"])


@router.get("/customers", response={200: CustomerPage, **PROBLEMS}, operation_id="list_customers", by_alias=True)
def list_customers(request: HttpRequest, q: str = Query("", max_length=200), limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """All in order of their making, or the best matches of `q` (name, reading, address, number)."""
    may(request, Permission.CUSTOMER_VIEW)
    agent = request.agent  # type: ignore[attr-defined]
    rows = customers_visible_to(agent).select_related("company").prefetch_related("identities")
    if q.strip():
        ids = [customer.pk for customer in find_customers(agent, clean(q), limit=limit)]
        found = rows.in_bulk(ids)
        return {"items": [customer_out(found[pk]) for pk in ids if pk in found], "next_cursor": None}
    return keyset(rows, cursor, limit, customer_out)


@router.get("/customers/{int:customer_id}", response={200: CustomerOut, **PROBLEMS}, operation_id="get_customer", by_alias=True)
def get_customer(request: HttpRequest, customer_id: int) -> dict[str, Any]:
    may(request, Permission.CUSTOMER_VIEW)
    return customer_out(customer_for(request.agent, customer_id))  # type: ignore[attr-defined]


@router.post("/customers", response={201: CustomerOut, **PROBLEMS}, operation_id="create_customer", by_alias=True)
@once
def create_customer(request: HttpRequest, body: NewCustomer) -> Written:
    may(request, Permission.CUSTOMER_EDIT)
    try:
        customer = actions.create_customer(
            by=request.actor, name=one_line(body.name), mail=body.email, phone=clean(body.phone), language=body.language  # type: ignore[attr-defined]
        )  # fmt: skip
    except Invalid as error:
        if "phone" in error.fields:  # of the right form, but in no country's numbering plan
            raise Conflict(error.fields["phone"]) from error
        raise
    return 201, _whole(customer.pk)


@router.patch("/customers/{int:customer_id}", response={200: CustomerOut, **PROBLEMS}, operation_id="change_customer", by_alias=True)
@once
def change_customer(request: HttpRequest, customer_id: int, body: CustomerPatch) -> Written:
    may(request, Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EDIT)
    customer = customer_for(request.agent, customer_id)  # type: ignore[attr-defined]
    given = {name: one_line(value) for name, value in body.dict().items() if value is not None}
    actions.update_customer(customer_id=customer.pk, by=request.actor, **given)  # type: ignore[attr-defined]
    return 200, _whole(customer.pk)


def _whole(customer_id: int) -> dict[str, Any]:
    return customer_out(Customer.objects.select_related("company").prefetch_related("identities").get(pk=customer_id))


@router.get("/search", response={200: HitPage, **PROBLEMS}, operation_id="search", tags=["search"], by_alias=True)
def search(
    request: HttpRequest, q: str = Query(..., min_length=1, max_length=400), limit: Limit = 25, cursor: Cursor = ""
) -> dict[str, Any]:
    """Everything that was said, ranked; operators as on the desk (`status:open from:anna@... before:2026-11-01`)."""
    may(request, Permission.TICKET_VIEW)
    agent = request.agent  # type: ignore[attr-defined]
    with page_of(cursor):
        found = search_tickets(agent, clean(q), cursor=cursor, limit=limit)
    tickets = {ticket["id"]: ticket for ticket in whole([hit.ticket.pk for hit in found.hits], agent)}
    items = [
        {
            "ticket": tickets[hit.ticket.pk], "message": hit.message.pk if hit.message else None,
            "snippet": "".join(text for text, _marked in hit.snippet), "matches": hit.matches,
        }
        for hit in softened_hits(agent, found.hits)
        if hit.ticket.pk in tickets
    ]  # fmt: skip
    return {"items": items, "next_cursor": found.next_cursor or None}


@router.get("/events", response={200: EventPage, **PROBLEMS}, operation_id="list_events", tags=["events"], by_alias=True)
def list_events(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """What webhooks hear, of tickets that the agent may see, oldest first, for as long as events are kept; a few seconds late, so that
    none is passed over.
    """
    may(request, Permission.MANAGE_API)
    settled = Event.objects.filter(ephemeral=False, name__in=SOURCES, at__lt=clock.now() - SETTLED_AFTER)
    agent = request.agent  # type: ignore[attr-defined]
    if visible_condition(agent) is not None:
        settled = settled.filter(ticket_id__in=tickets_visible_to(agent).values("pk"))
    return keyset(settled, cursor, limit, event_out)
