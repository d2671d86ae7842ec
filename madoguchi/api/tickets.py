"""Tickets and their messages, within what the token's agent may see and do."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router

from madoguchi.channels.models import Mailbox
from madoguchi.customers.actions import Stranger, recognise_many
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.protection.actions import look
from madoguchi.protection.shield import shielded, softened_lines
from madoguchi.staff.models import Agent, Team
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions
from madoguchi.tickets.listing import inbox_page
from madoguchi.tickets.models import Message, Ticket
from madoguchi.tickets.queries import custom_fields, message_for, messages_visible_to, ticket_for, tickets_visible_to
from madoguchi.tickets.search import search_tickets
from madoguchi.tickets.search_filters import Filters

from .door import PROBLEMS, may
from .idempotency import Written, once
from .paging import Cursor, Limit, keyset_of, page_of
from .shapes import (
    PRIORITIES,
    MessageIn,
    MessageOut,
    MessagePage,
    OriginalOut,
    StatusName,
    TicketIn,
    TicketOut,
    TicketPage,
    TicketPatch,
    message_out,
    ticket_out,
)

ViewName = Literal["mine", "unassigned", "team", "open", "overdue", "waiting", "watching", "mentioned", "solved", "spam", "all"]
router = Router(tags=["tickets"])


def whole(ids: list[int], agent: Agent) -> list[dict[str, Any]]:
    """The tickets as answers, in the order of `ids`."""
    rows = tickets_visible_to(agent).select_related("customer", "assignee", "team").prefetch_related("tags").in_bulk(ids)
    for pk, lines in softened_lines(agent, rows).items():
        rows[pk].subject = lines.subject(rows[pk].subject)
    return [ticket_out(rows[pk]) for pk in ids if pk in rows]


def _made(ticket_id: int) -> dict[str, Any]:
    """The ticket as this very call left it, also where that put it out of the agent's sight."""
    return ticket_out(Ticket.objects.select_related("customer", "assignee", "team").prefetch_related("tags").get(pk=ticket_id))


def _one(ticket_id: int, agent: Agent) -> dict[str, Any]:
    ticket_for(agent, ticket_id)
    return whole([ticket_id], agent)[0]


@router.get("/tickets", response={200: TicketPage, **PROBLEMS}, operation_id="list_tickets", by_alias=True)
def list_tickets(
    request: HttpRequest, view: ViewName = "all", q: str = Query("", max_length=400), status: StatusName | None = None,
    limit: Limit = 50, cursor: Cursor = "",
) -> dict[str, Any]:  # fmt: skip
    """Tickets by a view of the desk (all, open, mine, unassigned, solved, spam ...), newest first; `q` searches instead."""
    may(request, Permission.TICKET_VIEW)
    agent = request.agent  # type: ignore[attr-defined]
    if q.strip():
        with page_of(cursor):
            narrowed = Filters(statuses=(status,)) if status else None
            found = search_tickets(agent, clean(q), filters=narrowed, cursor=cursor, limit=limit)
        ids = [hit.ticket.pk for hit in found.hits if status is None or hit.ticket.status == status]  # `q` may name another status
        return {"items": whole(ids, agent), "next_cursor": found.next_cursor or None}
    filters = {"status": [status]} if status else {}
    with page_of(cursor):
        page = inbox_page(agent, filters, view=view, sort="newest", cursor=cursor, limit=limit)
    return {"items": whole([row.id for row in page.rows], agent), "next_cursor": page.next_cursor or None}


@router.post("/tickets", response={201: TicketOut, **PROBLEMS}, operation_id="create_ticket", by_alias=True)
@once
def create_ticket(request: HttpRequest, body: TicketIn) -> Written:
    """Make a ticket with the customer's first message; the customer is found by address or made."""
    may(request, Permission.TICKET_EDIT)
    address = body.customer.email.strip().lower()
    if "@" not in address.strip("@") or " " in address:
        raise Invalid(fields={"customer.email": "Not a mail address"})
    mailbox = Mailbox.objects.filter(address__iexact=body.mailbox).first() if body.mailbox else None
    if body.mailbox and mailbox is None:
        raise NotFound(_("No mailbox has this address."))
    customer = recognise_many([Stranger(address, one_line(body.customer.name))])[address]
    ticket = actions.create_ticket(
        customer=customer, subject=clean(body.subject), text=clean(body.text), by=request.actor,  # type: ignore[attr-defined]
        priority=PRIORITIES[body.priority], kind=body.kind,
        tags=[clean(name) for name in body.tags], mailbox=mailbox, acknowledge=body.acknowledge,
    )  # fmt: skip
    return 201, _made(ticket.pk)


@router.get("/tickets/{int:ticket_id}", response={200: TicketOut, **PROBLEMS}, operation_id="get_ticket", by_alias=True)
def get_ticket(request: HttpRequest, ticket_id: int) -> dict[str, Any]:
    may(request, Permission.TICKET_VIEW)
    return _one(ticket_id, request.agent)  # type: ignore[attr-defined]


@router.patch("/tickets/{int:ticket_id}", response={200: TicketOut, **PROBLEMS}, operation_id="change_ticket", by_alias=True)
@once
def change_ticket(request: HttpRequest, ticket_id: int, body: TicketPatch) -> Written:
    """Change what is given; all of it or, when one part is refused, nothing."""
    may(request, Permission.TICKET_VIEW, Permission.TICKET_EDIT)
    by = request.actor  # type: ignore[attr-defined]
    ticket = ticket_for(request.agent, ticket_id)  # type: ignore[attr-defined]
    with transaction.atomic():
        if body.subject is not None:
            actions.set_subject(ticket_id=ticket_id, subject=clean(body.subject), by=by)
        if body.priority is not None:
            actions.set_field(ticket_id=ticket_id, field="priority", value=PRIORITIES[body.priority], by=by)
        if body.kind is not None:
            actions.set_field(ticket_id=ticket_id, field="kind", value=body.kind, by=by)
        if body.tags is not None:
            wanted, have = {clean(name) for name in body.tags}, set(ticket.tags.values_list("name", flat=True))
            actions.tag(ticket_id=ticket_id, names=sorted(wanted - have), by=by)
            actions.untag(ticket_id=ticket_id, names=sorted(have - wanted), by=by)
        if body.assignee is not None or body.team is not None:
            may(request, Permission.TICKET_ASSIGN)
            _assign(ticket, body, request)
        if body.custom is not None:
            actions.set_custom(ticket_id=ticket_id, values=_known(body.custom), by=by)
        if body.status is not None:
            actions.set_status(ticket_id=ticket_id, status=body.status, by=by)
    return 200, _made(ticket_id)


def _known(values: Mapping[str, object]) -> dict[str, object]:
    """Raises NotFound for a field that the company does not have."""
    keys = {field.key for field in custom_fields()}
    if unknown := [key for key in values if key not in keys]:
        raise NotFound(fields={f"custom.{clean(unknown[0])[:100]}": _("There is no such field.")})
    return {key: clean(value) if isinstance(value, str) else value for key, value in values.items()}


def _assign(ticket: Ticket, body: TicketPatch, request: HttpRequest) -> None:
    assignee, team = ticket.assignee, ticket.team
    if body.assignee is not None:
        assignee = Agent.objects.filter(email=body.assignee.strip().lower(), is_active=True).first() if body.assignee else None
        if body.assignee and assignee is None:
            raise NotFound(_("No active agent has this address."))
    if body.team is not None:
        team = Team.objects.filter(name=clean(body.team)).first() if body.team else None
        if body.team and team is None:
            raise NotFound(_("No team has this name."))
    actions.assign(ticket_id=ticket.pk, assignee=assignee, team=team, by=request.actor)  # type: ignore[attr-defined]


@router.get("/tickets/{int:ticket_id}/messages", response={200: MessagePage, **PROBLEMS}, operation_id="list_messages", by_alias=True)
def list_messages(request: HttpRequest, ticket_id: int, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    """Oldest first; notes only for roles that may read them."""
    may(request, Permission.TICKET_VIEW)
    agent = request.agent  # type: ignore[attr-defined]
    ticket = ticket_for(agent, ticket_id)
    rows = messages_visible_to(agent, ticket).select_related("delivery").prefetch_related("attachments")

    def shape(found: list[Message]) -> list[dict[str, Any]]:
        shields = shielded(agent, found)
        return [message_out(message, shields.get(message.pk)) for message in found]

    return keyset_of(rows, cursor, limit, shape)


@router.get("/messages/{int:message_id}/original", response={200: OriginalOut, **PROBLEMS}, operation_id="get_original", by_alias=True)
def get_original(request: HttpRequest, message_id: int) -> dict[str, Any]:
    """The texts of a message as they were written, also where it is shielded. That you asked is noted for the care of your agent."""
    may(request, Permission.TICKET_VIEW)
    agent = request.agent  # type: ignore[attr-defined]
    message = message_for(agent, message_id)
    look(message_id=message.pk, agent=agent)
    return {"id": message.pk, "subject": message.subject, "text": message.text, "reply_text": message.reply_text or message.text}


@router.post("/tickets/{int:ticket_id}/messages", response={201: MessageOut, **PROBLEMS}, operation_id="write_message", by_alias=True)
@once
def write_message(request: HttpRequest, ticket_id: int, body: MessageIn) -> Written:
    """Answer the customer, or write an internal note."""
    may(request, Permission.TICKET_VIEW, Permission.TICKET_NOTE if body.kind == "note" else Permission.TICKET_REPLY)
    by = request.actor  # type: ignore[attr-defined]
    ticket_for(request.agent, ticket_id)  # type: ignore[attr-defined]
    if body.kind == "note":
        message = actions.add_note(ticket_id=ticket_id, text=clean(body.text), by=by)
    else:
        message = actions.reply(
            ticket_id=ticket_id,
            text=clean(body.text),
            by=by,
            to=_pairs(body.to),
            cc=_pairs(body.cc),
            status=body.status or "waiting_customer",
        )
    row = Message.objects.select_related("delivery").prefetch_related("attachments").get(pk=message.pk)
    return 201, message_out(row)


def _pairs(addresses: list[str] | None) -> list[list[str]] | None:
    for one in addresses or []:
        if "@" not in one.strip("@") or any(char in one for char in "\r\n <>,;"):
            raise Invalid(fields={"to": f"Not a mail address: {one[:100]}"})
    return [["", one] for one in addresses] if addresses else None


_BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")


def one_line(text: str) -> str:
    """For names and subjects, which become headers of mails."""
    return _BREAKS.sub(" ", clean(text)).strip()


def clean(text: str) -> str:
    """No NUL and no lone surrogates, which no database keeps."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
