"""Links between tickets that have to do with each other."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.foundation import clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound

from ..models import Link, Ticket
from .changing import note_in_history

KINDS = ("related", "causes", "duplicate")


@transaction.atomic
def link(*, ticket_id: int, other_id: int, by: Actor, kind: str = "related") -> Link:
    """Say that two tickets belong together. `causes` has a direction: ticket -> other. Linking twice changes nothing."""
    if ticket_id == other_id:
        raise Invalid(_("A ticket cannot be linked to itself."))
    if kind not in KINDS:
        raise Invalid
    tickets = Ticket.objects.in_bulk([ticket_id, other_id])
    if len(tickets) != 2:  # noqa: PLR2004  both must exist
        raise NotFound
    same = Q(ticket=ticket_id, other=other_id, kind=kind)
    if kind != "causes":
        same |= Q(ticket=other_id, other=ticket_id, kind=kind)
    found = Link.objects.filter(same).first()
    if found is None:
        found = Link.objects.create(ticket_id=ticket_id, other_id=other_id, kind=kind, created_at=clock.now())
        note_in_history(tickets[ticket_id], by=by, field="linked", new=other_id)
        note_in_history(tickets[other_id], by=by, field="linked", new=ticket_id)
    return found


@transaction.atomic
def unlink(*, link_id: int, by: Actor) -> None:
    """Take a link away. Raises NotFound when it is gone."""
    found = Link.objects.select_related("ticket", "other").filter(pk=link_id).first()
    if found is None:
        raise NotFound
    note_in_history(found.ticket, by=by, field="unlinked", old=found.other_id)
    note_in_history(found.other, by=by, field="unlinked", old=found.ticket_id)
    found.delete()
