"""What protection does when something happens. Idempotent."""

from madoguchi.foundation.models import Event

from . import actions


def message_ready(event: Event) -> None:
    """A restriction acts on what comes in; grave danger is told at once."""
    actions.receive(message_id=event.payload["message_id"])
