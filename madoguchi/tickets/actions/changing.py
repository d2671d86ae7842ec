"""Changing a ticket's fields: status, assignee, team, priority, kind, tags ... Each change is a row of its history."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.bulk import update_values
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent, Team

from .. import index
from .. import status as moves
from ..events import TicketChanged
from ..history import label_of
from ..models import NO_DEADLINE, Change, Status, Tag, Ticket, Watcher
from ..queries import missing_fields


class Keep:
    """Stands for "leave it as it is" where None means "nobody"."""


KEEP = Keep()
PLAIN_FIELDS = {"priority", "kind", "cause", "language", "is_spam", "custom", "brand_id"}


def lock(ticket_id: int) -> Ticket:
    """The ticket's row, locked for the rest of the transaction (SQLite has one writer anyway)."""
    return Ticket.objects.select_for_update().get(pk=ticket_id)


def note_in_history(ticket: Ticket, *, by: Actor, field: str, old: object = None, new: object = None) -> None:
    """History row of something that is no field of the ticket: a merge, a link, a task; `history` has the sentence for it."""
    Change.objects.create(
        ticket=ticket, actor_kind=by.kind, actor_id=by.id, actor_name=by.name, field=field, old=old, new=new, at=clock.now()
    )


def record_change(ticket: Ticket, *, by: Actor, field: str, old: object, new: object) -> None:
    """History row and announcement of one change; call inside the transaction that makes it."""
    note_in_history(ticket, by=by, field=field, old=old, new=new)
    events.emit(TicketChanged(ticket.pk, ticket.team_id, field, old, new), by=by)


def refresh_unsolved(ticket: Ticket) -> None:
    """`unsolved` follows status, spam and merge; set it wherever one of these changes."""
    ticket.unsolved = ticket.status in moves.UNSOLVED and not ticket.is_spam and ticket.merged_into_id is None


def check_complete(ticket: Ticket) -> None:
    """What must be known before a ticket is solved, whoever solves it and however. Raises Invalid naming the fields that are empty."""
    missing = missing_fields(ticket)
    if missing:
        names = ", ".join(label_of(field) for field in missing)
        message = ngettext(
            "Fill in this field before the ticket is solved: {names}",
            "Fill in these fields before the ticket is solved: {names}",
            len(missing),
        )
        raise Invalid(message.format(names=names), fields={f"custom.{field.key}": _("This field must not be empty.") for field in missing})


@transaction.atomic
def set_status(*, ticket_id: int, status: str, by: Actor, must_be_complete: bool = True) -> Ticket:
    """Move the ticket to `status`. Raises Conflict for a move that is not allowed, Invalid for solving without a required field.

    `must_be_complete=False`: it is the customer who says that it is solved, and they cannot fill in our fields.
    """
    ticket = lock(ticket_id)
    if ticket.status == status:
        return ticket
    if status not in Status.values:
        raise Invalid
    if not moves.may_move(ticket.status, status):
        raise Conflict(_("A ticket cannot go from “{old}” to “{new}”.").format(old=Status(ticket.status).label, new=Status(status).label))
    if status == moves.SOLVED and must_be_complete:
        check_complete(ticket)
    old, ticket.status = ticket.status, status
    now = clock.now()
    ticket.solved_at = (ticket.solved_at or now) if status in {moves.SOLVED, moves.CLOSED} else None
    ticket.closed_at = now if status == moves.CLOSED else None
    ticket.updated_at = now
    refresh_unsolved(ticket)
    ticket.save(update_fields=["status", "solved_at", "closed_at", "updated_at", "unsolved"])
    record_change(ticket, by=by, field="status", old=old, new=status)
    return ticket


@transaction.atomic
def assign(*, ticket_id: int, by: Actor, assignee: Agent | Keep | None = None, team: Team | Keep | None = KEEP, reason: str = "") -> Ticket:
    """Give the ticket to an agent (or to nobody) and, when `team` is given, to a team; KEEP leaves either. Tells the new assignee."""
    ticket = lock(ticket_id)
    now = clock.now()
    if not isinstance(team, Keep) and ticket.team_id != getattr(team, "pk", None):
        old, ticket.team = ticket.team_id, team
        record_change(ticket, by=by, field="team", old=old, new=ticket.team_id)
    if not isinstance(assignee, Keep) and ticket.assignee_id != getattr(assignee, "pk", None):
        old, ticket.assignee = ticket.assignee_id, assignee
        record_change(ticket, by=by, field="assignee", old=old, new=ticket.assignee_id)
        if assignee is not None and assignee.pk != by.agent_id:
            staff.notify(agent_ids=[assignee.pk], kind="assigned", ticket_id=ticket.pk, subject=ticket.subject, by=by.name, reason=reason)
    ticket.updated_at = now
    ticket.save(update_fields=["team", "assignee", "updated_at"])
    return ticket


@transaction.atomic
def set_field(*, ticket_id: int, field: str, value: object, by: Actor) -> Ticket:
    """Set priority, kind, cause, language, is_spam, brand_id or custom (a whole dict)."""
    if field not in PLAIN_FIELDS:
        raise Invalid
    ticket = lock(ticket_id)
    old = getattr(ticket, field)
    if old == value:
        return ticket
    setattr(ticket, field, value)
    ticket.clean_fields(exclude=[f.name for f in Ticket._meta.fields if f.attname != field])
    ticket.updated_at = clock.now()
    refresh_unsolved(ticket)
    ticket.save(update_fields=[field, "updated_at", "unsolved"])
    record_change(ticket, by=by, field=field, old=old, new=value)
    return ticket


@transaction.atomic
def set_subject(*, ticket_id: int, subject: str, by: Actor) -> Ticket:
    ticket = lock(ticket_id)
    subject = " ".join(subject.split())[:500]
    if subject and subject != ticket.subject:
        old, ticket.subject = ticket.subject, subject
        ticket.updated_at = clock.now()
        ticket.save(update_fields=["subject", "updated_at"])
        index.put_ticket(ticket.pk)
        record_change(ticket, by=by, field="subject", old=old, new=subject)
    return ticket


@transaction.atomic
def tag(*, ticket_id: int, names: list[str], by: Actor) -> None:
    """Add tags; unknown names become tags."""
    ticket = lock(ticket_id)
    have = set(ticket.tags.values_list("name", flat=True))
    wanted = [name for name in dict.fromkeys(" ".join(n.split())[:60] for n in names) if name and name not in have]
    if not wanted:
        return
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    ticket.tags.add(*Tag.objects.filter(name__in=wanted))
    record_change(ticket, by=by, field="tags", old=sorted(have), new=sorted(have | set(wanted)))


@transaction.atomic
def untag(*, ticket_id: int, names: list[str], by: Actor) -> None:
    ticket = lock(ticket_id)
    have = set(ticket.tags.values_list("name", flat=True))
    if gone := have & set(names):
        ticket.tags.remove(*Tag.objects.filter(name__in=gone))
        record_change(ticket, by=by, field="tags", old=sorted(have), new=sorted(have - gone))


@transaction.atomic
def watch(*, ticket_id: int, agent: Agent) -> None:
    Watcher.objects.get_or_create(ticket_id=ticket_id, agent=agent)


@transaction.atomic
def unwatch(*, ticket_id: int, agent: Agent) -> None:
    Watcher.objects.filter(ticket_id=ticket_id, agent=agent).delete()


def set_due(*, ticket_id: int, due_at: datetime | None, kind: str) -> None:
    """Copy the nearest running deadline onto the row, for sorting; called by the room that keeps clocks."""
    Ticket.objects.filter(pk=ticket_id).update(due_at=due_at or NO_DEADLINE, due_kind=kind)


def set_due_many(dues: Mapping[int, tuple[datetime | None, str]]) -> None:
    """`set_due` for many tickets, by id, in one round trip."""
    update_values(Ticket, ("due_at", "due_kind"), {pk: (due_at or NO_DEADLINE, kind) for pk, (due_at, kind) in dues.items()})


@transaction.atomic
def set_channel(*, ticket: Ticket, channel: str, by: Actor) -> None:
    """The customer goes on in another way; answers follow. `ticket` is locked by the caller."""
    if ticket.channel == channel:
        return
    old, ticket.channel = ticket.channel, channel
    ticket.save(update_fields=["channel"])
    record_change(ticket, by=by, field="channel", old=old, new=channel)
