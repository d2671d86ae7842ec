"""The ends of a ticket: spam, reopening, and closing what was solved long ago."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict

from .. import status as moves
from ..models import Ticket
from .changing import lock, set_field, set_status

BATCH = 200


def mark_spam(*, ticket_id: int, by: Actor, spam: bool = True) -> Ticket:
    """Move a ticket to the spam list, or back with `spam` False."""
    return set_field(ticket_id=ticket_id, field="is_spam", value=spam, by=by)


@transaction.atomic
def reopen(*, ticket_id: int, by: Actor) -> Ticket:
    """Take a solved ticket up again. Raises Conflict for a closed one."""
    ticket = lock(ticket_id)
    if ticket.status == moves.CLOSED:
        raise Conflict(_("A closed ticket stays closed. Open a new one for the customer instead."))
    return set_status(ticket_id=ticket_id, status=moves.OPEN, by=by)


def close_solved(*, now: datetime | None = None) -> int:
    """Close tickets that were solved longer ago than CLOSE_SOLVED_AFTER and not touched since; returns how many. For the schedule."""
    cut = (now or clock.now()) - settings.CLOSE_SOLVED_AFTER
    old = Ticket.objects.filter(status=moves.SOLVED, updated_at__lt=cut, solved_at__lt=cut).order_by("updated_at", "id")
    closed = 0
    for ticket_id in list(old.values_list("id", flat=True)[:BATCH]):
        with transaction.atomic():
            if lock(ticket_id).status == moves.SOLVED:
                set_status(ticket_id=ticket_id, status=moves.CLOSED, by=SYSTEM)
                closed += 1
    return closed
