"""What routing does when something happens to a ticket or to a person. Idempotent: routing an assigned ticket does nothing."""

from madoguchi.foundation import jobs
from madoguchi.foundation.models import Event
from madoguchi.protection import queries as protection
from madoguchi.staff.models import Presence
from madoguchi.tickets.models import Message, Ticket

from . import actions


def ticket_created(event: Event) -> None:
    """Tickets made by hand or over the API. One that came as a message waits until that has been read: see message_ready."""
    ticket = Ticket.objects.filter(pk=event.payload["ticket_id"]).first()
    if ticket is not None and ticket.last_inbound_at is None and event.actor_kind != "agent":
        actions.route(ticket_id=ticket.pk)


def message_ready(event: Event) -> None:
    """A new ticket is given to somebody; so is an old one that came back and that nobody has.

    Not a chat: the assistant looks at each of its messages first, and says when people are wanted.
    """
    message_id = event.payload["message_id"]
    in_chat = Message.objects.filter(pk=message_id, channel="chat").exists()
    if not event.payload["automatic"] and not in_chat and not protection.is_held(message_id):
        actions.route(ticket_id=event.payload["ticket_id"], keep_team=not event.payload["first"])


def handed_over(event: Event) -> None:
    """The assistant leaves a ticket to people."""
    actions.route(ticket_id=event.payload["ticket_id"])


def left_to_people(event: Event) -> None:
    """A message of a chat that the assistant has no part in."""
    actions.route(ticket_id=event.payload["ticket_id"], keep_team=not event.payload["first"])


def ticket_changed(event: Event) -> None:
    """Another team looks for one of its own; a ticket that somebody took or that is done waits no longer."""
    field, new = event.payload["field"], event.payload["new"]
    if field == "team" and new is not None and event.actor_name != actions.giving.ROUTER.name:
        actions.route(ticket_id=event.payload["ticket_id"], keep_team=True)
    elif (field == "assignee" and new is not None) or field in {"status", "is_spam"}:
        ticket = Ticket.objects.filter(pk=event.payload["ticket_id"]).first()
        if ticket is None or ticket.assignee_id is not None or not ticket.unsolved:
            actions.forget(ticket_id=event.payload["ticket_id"])


def agent_deactivated(event: Event) -> None:
    """Open tickets of somebody who left go back to their teams and are given out again."""
    held = Ticket.objects.filter(assignee_id=event.payload["agent_id"], unsolved=True).values_list("pk", flat=True)
    for ticket_id in list(held):
        actions.route(ticket_id=ticket_id, keep_team=True)


def presence_changed(event: Event) -> None:
    """Somebody became available: look at the queue."""
    if event.payload["presence"] == Presence.AVAILABLE:
        jobs.enqueue("routing.retry_waiting", key="routing.retry_waiting")
