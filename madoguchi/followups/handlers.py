"""What follow-ups do when something happens elsewhere."""

from madoguchi.foundation.models import Event
from madoguchi.tickets.models import Status

from . import actions


def ticket_changed(event: Event) -> None:
    """Solved: plan. Taken up again: call off."""
    if event.payload["field"] != "status" or event.ticket_id is None:
        return
    if event.payload["new"] == Status.SOLVED:
        actions.plan(ticket_id=event.ticket_id)
    elif event.payload["new"] != Status.CLOSED:
        actions.call_off(ticket_id=event.ticket_id, why="reopened")
