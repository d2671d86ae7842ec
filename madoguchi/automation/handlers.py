"""From what happened to the triggers that listen to it. Idempotent: a run is kept once for each trigger, ticket and event."""

from madoguchi.foundation.models import Event
from madoguchi.tickets.models import Message

from . import actions
from .models import When

FIELDS = {
    "status": When.STATUS, "priority": When.PRIORITY, "kind": When.KIND, "team": When.TEAM, "assignee": When.ASSIGNEE, "tags": When.TAGS,
}  # fmt: skip


def _look(event: Event, *whens: str) -> None:
    parent = actions.run_behind(event.actor_kind, event.actor_id, event.actor_name)
    actions.fire_for_event(ticket_id=event.payload["ticket_id"], whens=whens, cause=f"event:{event.pk}", parent=parent)


def ticket_created(event: Event) -> None:
    """Tickets that begin with a message of ours or a note. One that came as a message waits until that has been read: see message_ready."""
    if not Message.objects.filter(ticket=event.payload["ticket_id"], direction=Message.Direction.IN).exists():
        _look(event, When.CREATED)


def message_ready(event: Event) -> None:
    """An automatic message may open a ticket, but that is not the customer writing."""
    whens = [When.CREATED] if event.payload["first"] else []
    whens += [] if event.payload["automatic"] else [When.MESSAGE]
    _look(event, *whens)


def replied(event: Event) -> None:
    if event.payload["by_person"]:
        _look(event, When.REPLIED)


def note_written(event: Event) -> None:
    _look(event, When.NOTE)


def ticket_changed(event: Event) -> None:
    if event.payload["field"] in FIELDS:
        _look(event, FIELDS[event.payload["field"]])


def deadline_warned(event: Event) -> None:
    _look(event, When.WARNED)


def deadline_breached(event: Event) -> None:
    _look(event, When.BREACHED)
