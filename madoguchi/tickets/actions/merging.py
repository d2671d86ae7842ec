"""Merging two tickets about one matter, and taking them apart again exactly as they were."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid

from .. import status as moves
from ..events import TicketsMerged, TicketsUnmerged
from ..models import Draft, Message, Participant, Tag, Task, Ticket, TicketMerge, Watcher
from .changing import lock, note_in_history, record_change, refresh_unsolved
from .counting import FOLLOWING, recount


@transaction.atomic
def merge(*, ticket_id: int, other_id: int, by: Actor) -> TicketMerge:
    """Merge the ticket `other_id` into `ticket_id`: messages, participants, watchers, tags and tasks move over.

    The merged ticket stays and shows where it went; its number keeps leading there. A different customer becomes a participant.
    Raises Conflict when one of them was merged before or the kept one is closed, Invalid for a ticket with itself.
    """
    if ticket_id == other_id:
        raise Invalid(_("A ticket cannot be merged with itself."))
    first, second = sorted((ticket_id, other_id))  # always in one order, so that two merges never wait for each other
    locked = {pk: lock(pk) for pk in (first, second)}
    kept, other = locked[ticket_id], locked[other_id]
    if other.merged_into_id or kept.merged_into_id:
        raise Conflict(_("One of these tickets was merged already. Open the ticket it went into."))
    if kept.status == moves.CLOSED:
        raise Conflict(_("A closed ticket cannot take another one in. Merge the other way round."))
    was_unsolved = other.unsolved
    done = TicketMerge.objects.create(kept=kept, merged=other, moved=_move(kept, other), at=clock.now())
    other.merged_into, other.updated_at = kept, done.at
    refresh_unsolved(other)
    other.save(update_fields=["merged_into", "updated_at", "unsolved"])
    recount(kept)
    kept.updated_at = done.at
    kept.save(update_fields=[*FOLLOWING, "updated_at"])
    note_in_history(kept, by=by, field="merged_from", new=other.pk)
    note_in_history(other, by=by, field="merged_into", new=kept.pk)
    if was_unsolved and kept.status == moves.SOLVED:
        _take_up(kept, by)
    events.emit(TicketsMerged(kept.pk, kept.team_id, other.pk), by=by)
    return done


def _take_up(ticket: Ticket, by: Actor) -> None:
    """What came in is still waiting for somebody."""
    ticket.status, ticket.solved_at = moves.OPEN, None
    refresh_unsolved(ticket)
    ticket.save(update_fields=["status", "solved_at", "unsolved"])
    record_change(ticket, by=by, field="status", old=moves.SOLVED, new=moves.OPEN)


def _move(kept: Ticket, other: Ticket) -> dict[str, list]:
    """Move what hangs off `other`; the ids of what moved or was added, so that it can be given back."""
    moved: dict[str, list] = {}
    for name, model in (("messages", Message), ("tasks", Task)):
        moved[name] = list(model.objects.filter(ticket=other).values_list("id", flat=True))
        model.objects.filter(pk__in=moved[name]).update(ticket=kept)
    known = {*Participant.objects.filter(ticket=kept).values_list("address", flat=True), *_addresses(kept)}
    wanted = [(p.name, p.address, p.role) for p in Participant.objects.filter(ticket=other)]
    if other.customer_id != kept.customer_id:
        wanted += [(other.customer.name, address, "customer") for address in _addresses(other)[:1]]
    moved["participants"] = [address for _name, address, _role in wanted if address not in known]
    Participant.objects.bulk_create(
        [Participant(ticket=kept, name=name, address=address, role=role) for name, address, role in wanted if address not in known],
        ignore_conflicts=True,
    )
    here = set(Watcher.objects.filter(ticket=kept).values_list("agent_id", flat=True))
    moved["watchers"] = [w for w in Watcher.objects.filter(ticket=other).values_list("agent_id", flat=True) if w not in here]
    Watcher.objects.bulk_create([Watcher(ticket=kept, agent_id=agent) for agent in moved["watchers"]], ignore_conflicts=True)
    have = set(kept.tags.values_list("id", flat=True))
    moved["tags"] = [tag for tag in other.tags.values_list("id", flat=True) if tag not in have]
    kept.tags.add(*Tag.objects.filter(pk__in=moved["tags"]))
    writing = set(Draft.objects.filter(ticket=kept).values_list("agent_id", "kind"))
    drafts = Draft.objects.filter(ticket=other).values_list("id", "agent_id", "kind")
    moved["drafts"] = [pk for pk, agent, kind in drafts if (agent, kind) not in writing]
    Draft.objects.filter(pk__in=moved["drafts"]).update(ticket=kept)
    return moved


def _addresses(ticket: Ticket) -> list[str]:
    return list(ticket.customer.identities.filter(kind="mail").order_by("-is_primary", "id").values_list("value", flat=True))


@transaction.atomic
def unmerge(*, ticket_id: int, by: Actor) -> Ticket:
    """Give everything back to a merged ticket; what came in afterwards stays with the one it was merged into.

    Raises Conflict when the ticket is not merged, or when the one it went into was merged itself since.
    """
    found = TicketMerge.objects.filter(merged=ticket_id, undone_at=None).order_by("-id").first()
    if found is None:
        raise Conflict(_("This ticket is not merged with another one."))
    first, second = sorted((found.kept_id, ticket_id))
    locked = {pk: lock(pk) for pk in (first, second)}
    kept, other = locked[found.kept_id], locked[ticket_id]
    if kept.merged_into_id:
        raise Conflict(_("Ticket #{number} was merged itself since. Separate that one first.").format(number=kept.pk))
    _give_back(kept, other, found.moved)
    found.undone_at = clock.now()
    found.save(update_fields=["undone_at"])
    other.merged_into = None
    refresh_unsolved(other)
    for ticket in (kept, other):
        recount(ticket)
        ticket.updated_at = found.undone_at
        ticket.save(update_fields=[*FOLLOWING, "updated_at", "merged_into", "unsolved"])
    note_in_history(kept, by=by, field="unmerged_from", new=other.pk)
    note_in_history(other, by=by, field="unmerged_into", new=kept.pk)
    events.emit(TicketsUnmerged(kept.pk, kept.team_id, other.pk), by=by)
    return other


def _give_back(kept: Ticket, other: Ticket, moved: dict[str, list]) -> None:
    for name, model in (("messages", Message), ("tasks", Task), ("drafts", Draft)):
        model.objects.filter(ticket=kept, pk__in=moved.get(name, [])).update(ticket=other)
    Participant.objects.filter(ticket=kept, address__in=moved.get("participants", [])).delete()
    Watcher.objects.filter(ticket=kept, agent__in=moved.get("watchers", [])).delete()
    kept.tags.remove(*moved.get("tags", []))
