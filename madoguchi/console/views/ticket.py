"""The page of one ticket: beside the list or alone, whole or in parts."""

import logging
from collections.abc import Iterable, Mapping

from django.db import Error as DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from madoguchi.customers.models import Identity
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import NotFound
from madoguchi.intake.queries import forwarded_in
from madoguchi.protection import shield
from madoguchi.sla import queries as sla
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets import status as moves
from madoguchi.tickets.models import Cause, Kind, Message, Priority, Status, Ticket
from madoguchi.tickets.queries import message_for, ticket_for
from madoguchi.tickets.reading import TicketPage, earlier_messages, open_ticket, related_tickets, viewers_of

from .. import clocks, fields
from ..composing import composer
from ..names import name_of
from ..queue import read_query
from ..requests import AgentRequest, answer
from ..timeline import steps, views_of

log = logging.getLogger(__name__)


def _context(request: AgentRequest, ticket_id: int) -> dict[str, object]:
    agent = request.user
    page = open_ticket(agent, ticket_id)
    if page.last_message_id and page.first_unread_id:
        try:
            tickets.mark_read(ticket_id=page.ticket.pk, agent=agent, message_id=page.last_message_id)
        except DatabaseError:
            log.warning("not marked as read", exc_info=True)  # on a full disk one can still read
    shields = shield.shielded(agent, page.messages)
    identities = list(Identity.objects.filter(customer=page.ticket.customer_id).order_by("-is_primary", "id"))
    ticket = page.ticket
    return {
        "page": page, "ticket": ticket, "steps": list(steps(page, shields)), "subject": shown_subject(page.ticket, page.messages, shields),
        "identities": identities,
        "customer_name": name_of(ticket.customer.name, ticket.language or ticket.customer.language) or _address(identities),
        "clocks": clocks.lines(ticket), "composer": composer(page, agent, identities),
        "moves": [(value, label) for value, label in Status.choices if moves.may_move(ticket.status, value)],
        "priorities": Priority.choices, "kinds": Kind.choices, "causes": Cause.choices,
        "is_watching": any(person.id == agent.pk for person in page.watchers), "may": _permissions(request),
        "answered": _answered_lately(page, agent.pk),
    }  # fmt: skip


def shown_subject(ticket: Ticket, messages: Iterable[Message], shields: Mapping[int, shield.Shielded]) -> str:
    """The subject without words that are masked in the conversation."""
    marked = tuple((message, shields[message.pk].manner) for message in messages if message.pk in shields)
    return shield.Lines(marked).subject(ticket.subject)


def _address(identities: list[Identity]) -> str:
    return identities[0].value if identities else ""


def _permissions(request: AgentRequest) -> dict[str, bool]:
    """For templates: `may.edit`, `may.reply`, `may.note` ..."""
    wanted = {
        "edit": Permission.TICKET_EDIT, "reply": Permission.TICKET_REPLY, "note": Permission.TICKET_NOTE,
        "assign": Permission.TICKET_ASSIGN, "article": Permission.KNOWLEDGE_VIEW,
        "merge": Permission.TICKET_MERGE, "redact": Permission.TICKET_REDACT, "raw": Permission.TICKET_RAW,
        "customer": Permission.CUSTOMER_VIEW,
    }  # fmt: skip
    return {name: request.user.may(permission) for name, permission in wanted.items()}


def _answered_lately(page: TicketPage, agent_id: int) -> object:
    """The colleague's answer that came after the last message of the customer, within ten minutes: say so before a second one goes out."""
    last = page.messages[-1] if page.messages else None
    if last is None or last.direction != "out" or last.automatic or last.agent_id in {None, agent_id}:
        return None
    return last if (clock.now() - last.created_at).total_seconds() < 600 else None  # noqa: PLR2004


@require_GET
@allow(Permission.TICKET_VIEW)
def ticket_page(request: AgentRequest, ticket_id: int) -> HttpResponse:
    context = _context(request, ticket_id)
    return render(request, "console/desk.html", {**context, "asked": read_query(request.user, request.GET), "pane": "conversation"})


@require_GET
@allow(Permission.TICKET_VIEW)
def pane(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """Conversation and side pane, for the desk that stays open around them."""
    return render(request, "console/_ticket.html", _context(request, ticket_id))


@require_GET
@allow(Permission.TICKET_VIEW)
def beside(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """The customer's other tickets and likely duplicates. Asked for when the ticket stands there: they cost as much as the conversation."""
    ticket, others, duplicates = related_tickets(request.user, ticket_id)
    lines = shield.softened_lines(request.user, [*(one.pk for one in others), *(one.ticket.pk for one in duplicates)])
    for one in [*others, *(duplicate.ticket for duplicate in duplicates)]:
        if one.pk in lines:
            one.subject = lines[one.pk].subject(one.subject)
    context = {"ticket": ticket, "other_tickets": others, "duplicates": duplicates, "may": _permissions(request)}
    return render(request, "console/_beside.html", context)


@require_GET
@allow(Permission.TICKET_VIEW)
def no_ticket(request: AgentRequest) -> HttpResponse:
    return render(request, "console/_ticket_none.html")


@require_GET
@allow(Permission.TICKET_VIEW)
def earlier(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """The messages before `before`."""
    ticket = ticket_for(request.user, ticket_id)
    before = request.GET.get("before", "")
    if not before.isdecimal() or len(before) > 18:  # noqa: PLR2004
        raise NotFound
    messages, more = earlier_messages(request.user, ticket, before_id=int(before))
    shields = shield.shielded(request.user, messages)
    context = {
        "ticket": ticket, "steps": list(views_of(messages, ticket, shields)), "may": _permissions(request),
        "earlier_before": messages[0].pk if more and messages else None,
    }  # fmt: skip
    return render(request, "console/_steps.html", context)


@require_GET
@allow(Permission.TICKET_VIEW)
def message_menu(request: AgentRequest, message_id: int) -> HttpResponse:
    """What can be done with one message. Asked for when it is opened: twenty of these menus were half of the page's work."""
    message = message_for(request.user, message_id)
    theirs = message.direction == Message.Direction.IN
    context = {
        "message": message, "has_html": theirs and bool(message.html), "has_raw": theirs and message.envelope_id is not None,
        "may": _permissions(request), "forwarded": forwarded_in(message) if theirs else None,
    }  # fmt: skip
    return render(request, "console/_message_menu.html", context)


@require_GET
@allow(Permission.TICKET_VIEW)
def why(request: AgentRequest, ticket_id: int, deadline_id: int) -> HttpResponse:
    deadline = sla.deadline_for(request.user, deadline_id)
    if deadline is None or deadline.ticket_id != ticket_id:
        raise NotFound
    return render(request, "console/_why.html", {"why": clocks.why(deadline, language=get_language() or "en")})


@require_POST
@allow(Permission.TICKET_VIEW)
def present(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """The agent has the ticket open, types in it, or leaves it. Answers who else is there."""
    ticket = ticket_for(request.user, ticket_id)
    state = request.POST.get("state", "viewing")
    tickets.show_presence(ticket=ticket, agent=request.user, state=state if state in {"viewing", "typing", "gone"} else "viewing")
    people = viewers_of(ticket_id, now=clock.now(), besides=request.user)
    return render(request, "console/_viewers.html", {"viewers": people})


@require_POST
@allow(Permission.TICKET_EDIT)
def change(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """Set one or more fields: `name=value`, as in `fields.SETTERS`."""
    ticket = ticket_for(request.user, ticket_id)
    fields.change(ticket, request.user, request.POST, by=agent_actor(request.user))
    return answer(request, event="ticket:changed", url=f"/tickets/{ticket_id}")


@require_POST
@allow(Permission.TICKET_VIEW)
def watch(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = ticket_for(request.user, ticket_id)
    (tickets.watch if request.POST.get("watch") == "yes" else tickets.unwatch)(ticket_id=ticket.pk, agent=request.user)
    return answer(request, event="ticket:changed", url=f"/tickets/{ticket_id}")


@require_POST
@allow(Permission.TICKET_VIEW)
def unread(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = ticket_for(request.user, ticket_id)
    tickets.mark_unread(ticket_id=ticket.pk, agent=request.user)
    return answer(request, event="changed", url="/")
