"""Events as the outside sees them: the closed list of what a webhook can hear, documented in docs/developers/webhooks.md.

Payloads are small: ids, what changed, who did it. The API has the rest, as of now and for those who may see it.
"""

from datetime import UTC, datetime
from typing import Any

from madoguchi.foundation.actor import Actor
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
TEXTS = {"subject", "custom"}
TEST = "webhook.test"  # sent by hand; nobody asks for it


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
    actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
    return _fact(public_name(event), event.at, _without_texts(event.payload), actor)


def _without_texts(payload: dict[str, Any]) -> dict[str, Any]:
    """What people wrote stays in the house: of a subject or an own field only that it changed."""
    return payload | {"old": None, "new": None} if payload.get("field") in TEXTS else payload


def fact_of_test(*, at: datetime, by: Actor) -> dict[str, Any]:
    """What a test carries: who sent it, and no ticket."""
    return _fact(TEST, at, {"ticket_id": None, "team_id": None}, by)


def _fact(name: str | None, at: datetime, data: dict[str, Any], by: Actor) -> dict[str, Any]:
    return {
        "type": name,
        "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {**data, "actor": {"kind": by.kind, "id": by.id, "name": by.name}},
    }
