"""What an agent leaves on a ticket without saying anything in it: drafts, how far they have read, that they have it open."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.staff.models import Agent

from ..events import PresenceChanged
from ..models import Draft, Reading, Ticket, Viewing

DRAFT_KINDS = ("reply", "note")
DRAFT_LIMIT = 200_000  # characters


class NewerDraft(Conflict):
    """Another device has saved since; `draft` is what it saved. Nothing was overwritten."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(_("A newer draft was saved on another device."))
        self.draft = draft


@transaction.atomic
def save_draft(*, ticket_id: int, agent: Agent, kind: str, body: str, fields: dict[str, Any], version: int) -> Draft | None:
    """Keep what the agent has typed. `version`: the draft's version that the writer knew (0: none). Raises NewerDraft.

    An empty body without files removes the draft and returns None.
    """
    if kind not in DRAFT_KINDS or len(body) > DRAFT_LIMIT:
        raise Invalid
    known = Draft.objects.select_for_update().filter(ticket_id=ticket_id, agent=agent, kind=kind).first()
    if known is not None and known.version > version and known.body != body:
        raise NewerDraft(known)
    if not body.strip() and not fields.get("attachment_ids"):
        Draft.objects.filter(ticket_id=ticket_id, agent=agent, kind=kind).delete()
        return None
    number = max(version, known.version if known else 0) + 1
    draft, _made = Draft.objects.update_or_create(
        ticket_id=ticket_id, agent=agent, kind=kind,
        defaults={"body": body, "fields": fields, "version": number, "updated_at": clock.now()},
    )  # fmt: skip
    return draft


def mark_read(*, ticket_id: int, agent: Agent, message_id: int) -> None:
    """The agent has seen everything up to `message_id`; never goes back by itself."""
    known = Reading.objects.filter(ticket_id=ticket_id, agent=agent)
    if not known.filter(last_message_id__lt=message_id).update(last_message_id=message_id):
        Reading.objects.bulk_create([Reading(ticket_id=ticket_id, agent=agent, last_message_id=message_id)], ignore_conflicts=True)


def mark_unread(*, ticket_id: int, agent: Agent) -> None:
    """Everything counts as unread again."""
    Reading.objects.filter(ticket_id=ticket_id, agent=agent).update(last_message_id=0)


@transaction.atomic
def show_presence(*, ticket: Ticket, agent: Agent, state: str) -> None:
    """`state`: viewing | typing | gone. Others hear of it only when it changes; a viewing fades by itself after a minute."""
    now = clock.now()
    if state == "gone":
        changed = bool(Viewing.objects.filter(ticket=ticket, agent=agent).delete()[0])
    else:
        typing = state == "typing"
        before = Viewing.objects.filter(ticket=ticket, agent=agent).first()
        stale = before is None or (now - before.seen_at).total_seconds() > 60  # noqa: PLR2004  the age at which a viewing is no longer shown
        changed = stale or before.typing != typing
        Viewing.objects.update_or_create(ticket=ticket, agent=agent, defaults={"typing": typing, "seen_at": now})
    if changed:
        events.emit_ephemeral(PresenceChanged(ticket.pk, ticket.team_id, agent.pk, state), by=agent_actor(agent))


def forget_stale_viewings() -> None:
    """Remove the traces of desks that went away without a word."""
    Viewing.objects.filter(seen_at__lt=clock.now() - timedelta(minutes=10)).delete()
