"""Events as the outside sees them: the closed list of what a webhook can hear, documented in docs/developers/webhooks.md.

Payloads are small: ids, what changed, who did it. The API has the rest, as of now and for those who may see it.
"""

from datetime import UTC
from typing import Any

from madoguchi.foundation.models import Event
from madoguchi.tickets import status

_NAMES = {
    "tickets.TicketCreated": "ticket.created",
    "tickets.MessageReady": "message.received",
    "tickets.Replied": "ticket.replied",
    "tickets.NoteWritten": "note.written",
    "tickets.TicketChanged": "ticket.changed",
    "tickets.TicketsMerged": "ticket.merged",
    "tickets.TicketsUnmerged": "ticket.unmerged",
    "tickets.TicketSplit": "ticket.split",
    "tickets.DeliveryChanged": "delivery.changed",
}
EVENTS = sorted({*_NAMES.values(), "ticket.solved", "ticket.closed", "ticket.reopened"})
SOURCES = sorted(_NAMES)


def public_name(event: Event) -> str | None:
    """The name outside; None for what stays inside the house."""
    if event.name == "tickets.TicketChanged" and event.payload.get("field") == "status":
        old, new = event.payload.get("old"), event.payload.get("new")
        if new in {status.SOLVED, status.CLOSED}:
            return f"ticket.{new}"
        if old == status.SOLVED:
            return "ticket.reopened"
    return _NAMES.get(event.name)


def webhook_id(event: Event) -> str:
    """The same for every endpoint, attempt and replay."""
    return f"evt_{event.pk}"


def public(event: Event) -> dict[str, Any]:
    """What a webhook carries."""
    return {
        "type": public_name(event),
        "timestamp": event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {**event.payload, "actor": {"kind": event.actor_kind, "id": event.actor_id, "name": event.actor_name}},
    }
