"""Doing one thing to many tickets, or many things to one, and taking it back.

What was done is known from the history: an `Undoable` remembers which changes belong together, and undoing sets each field back
where nothing has changed it since.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, MadoguchiError, NotFound

from .. import status as moves
from ..models import Change, Tag, Ticket, Undoable
from .changing import lock, record_change, refresh_unsolved

UNDO_FOR = timedelta(hours=1)
FIELDS = {"priority", "kind", "cause", "language", "is_spam", "custom", "brand_id", "subject"}
REFERENCES = {"team": "team_id", "assignee": "assignee_id"}


@dataclass
class Undone:
    """How many fields were set back, and how many somebody had changed again, which stay."""

    restored: int = 0
    kept: int = 0
    tickets: list[int] = field(default_factory=list)


@contextmanager
def remembered(*, by: Actor, ticket_ids: Sequence[int], label: str) -> Iterator[Undoable]:
    """Inside the block, what `by` changes in these tickets belongs together; afterwards its `token` undoes it."""
    last = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
    done = Undoable(token=crypto.token(16), agent_id=by.agent_id, label=label[:100], at=clock.now())
    yield done
    changes = Change.objects.filter(ticket__in=ticket_ids, pk__gt=last, actor_kind=by.kind, actor_id=by.id)
    done.changes = list(changes.order_by("id").values_list("id", flat=True))
    done.save(force_insert=True)


@transaction.atomic
def undo(*, token: str, by: Actor) -> Undone:
    """Take back what the token stands for. Raises NotFound for an unknown, foreign or used token, Conflict after an hour."""
    done = Undoable.objects.select_for_update().filter(token=token, undone_at=None).first()
    if done is None or done.agent_id != by.agent_id:
        raise NotFound
    if done.at < clock.now() - UNDO_FOR:
        raise Conflict(_("This was done too long ago to be undone in one step. Change the tickets one by one."))
    result = Undone()
    for change in Change.objects.filter(pk__in=done.changes).order_by("-id"):
        if _restore(change, by):
            result.restored += 1
            result.tickets.append(change.ticket_id)
        else:
            result.kept += 1
    result.tickets = sorted(set(result.tickets))
    done.undone_at = clock.now()
    done.save(update_fields=["undone_at"])
    return result


def _restore(change: Change, by: Actor) -> bool:
    ticket = lock(change.ticket_id)
    ticket.updated_at = clock.now()
    setter = _setter(change.field)
    if setter is None or not setter(ticket, change):
        return False
    refresh_unsolved(ticket)
    ticket.save()
    record_change(ticket, by=by, field=change.field, old=change.new, new=change.old)
    return True


def _setter(name: str) -> Callable[[Ticket, Change], bool] | None:
    if name in FIELDS or name in REFERENCES:
        return _set_column
    return {"status": _set_status, "tags": _set_tags}.get(name)


def _set_column(ticket: Ticket, change: Change) -> bool:
    name = REFERENCES.get(change.field, change.field)
    if getattr(ticket, name) != change.new:
        return False
    setattr(ticket, name, change.old)
    return True


def _set_status(ticket: Ticket, change: Change) -> bool:
    """Taking back is not a move: a ticket may become new again."""
    if ticket.status != change.new:
        return False
    ticket.status = str(change.old)
    ended = ticket.status in {moves.SOLVED, moves.CLOSED}
    ticket.solved_at = (ticket.solved_at or clock.now()) if ended else None
    ticket.closed_at = (ticket.closed_at or clock.now()) if ticket.status == moves.CLOSED else None
    return True


def _set_tags(ticket: Ticket, change: Change) -> bool:
    old, new = set(change.old or []), set(change.new or [])
    have = set(ticket.tags.values_list("name", flat=True))
    back, away = (old - new) - have, (new - old) & have
    ticket.tags.add(*Tag.objects.filter(name__in=back))
    ticket.tags.remove(*Tag.objects.filter(name__in=away))
    return bool(back or away)


def forget_old_undoables() -> int:
    """Remove what cannot be undone any more; returns how many."""
    gone, _rows = Undoable.objects.filter(at__lt=clock.now() - 24 * UNDO_FOR).delete()
    return gone


@dataclass
class Applied:
    """What happened to each ticket: `changed` ids, `failed` id -> why (for people); `token` undoes it, "" when nothing changed."""

    changed: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    token: str = ""


def apply_to_each(ticket_ids: Sequence[int], apply: Callable[[int], None], *, by: Actor, label: str) -> Applied:
    """Run `apply` for each ticket in a savepoint of its own, all in one transaction, as one thing that can be undone."""
    result = Applied()
    with transaction.atomic(), remembered(by=by, ticket_ids=ticket_ids, label=label) as done:
        for ticket_id in sorted(set(ticket_ids)):
            try:
                with transaction.atomic():
                    apply(ticket_id)
                result.changed.append(ticket_id)
            except MadoguchiError as error:
                result.failed[ticket_id] = str(error.message)
    result.token = done.token if done.changes else ""
    return result
