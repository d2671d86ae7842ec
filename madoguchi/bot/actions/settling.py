"""When an answer counts as having resolved the matter, and what people say of it."""

import contextlib
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from madoguchi.foundation import clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import MadoguchiError
from madoguchi.tickets import actions as tickets
from madoguchi.tickets import status as moves
from madoguchi.tickets.models import Ticket

from ..models import Assistant, Dialogue, Turn
from .talking import BOT, leave_quietly

AFTER_YES = timedelta(minutes=30)
BATCH = 200
DEFAULT_QUIET = timedelta(days=3)


def settle() -> int:
    """Close the dialogues whose customers said yes, or stayed away long enough after an answer; returns how many."""
    now = clock.now()
    soon = Q(state__in=(Dialogue.State.SAID_YES, Dialogue.State.CONTACT), last_at__lte=now - AFTER_YES)
    quiet = {row.brand_id: timedelta(days=row.quiet_days) for row in Assistant.objects.all()}
    talking = Q(pk__in=[])
    for brand_id, wait in quiet.items():
        talking |= Q(state=Dialogue.State.TALKING, ticket__brand=brand_id, last_at__lte=now - wait)
    others = Q(ticket__brand=None) | ~Q(ticket__brand__in=list(quiet))
    talking |= others & Q(state=Dialogue.State.TALKING, last_at__lte=now - DEFAULT_QUIET)
    due = Dialogue.objects.filter(soon | talking).order_by("last_at", "id").values_list("pk", flat=True)[:BATCH]
    return sum(_settle(pk) for pk in list(due))


@transaction.atomic
def _settle(dialogue_id: int) -> bool:
    """Silence after a question of ours, or after "found no answer", resolves nothing: a person looks at it."""
    dialogue = (
        Dialogue.objects.select_for_update(of=("self",)).select_related("ticket").filter(pk=dialogue_id, state__in=Dialogue.OPEN).first()
    )
    if dialogue is None:
        return False
    last = Turn.objects.filter(dialogue=dialogue).order_by("-id").first()
    told = last is not None and last.kind in {Turn.Kind.ANSWER, Turn.Kind.RESOLVED, Turn.Kind.FLOW} and not dialogue.flow
    resolved = dialogue.state == Dialogue.State.SAID_YES or (told and not _came_back(dialogue))
    dialogue.offered = []
    if not resolved:
        leave_quietly(dialogue, came_back=told)
        return True
    dialogue.state, dialogue.flow = Dialogue.State.RESOLVED, {}
    dialogue.save()
    with contextlib.suppress(MadoguchiError):  # a field that only people can fill in is missing, or somebody closed it meanwhile
        tickets.set_status(ticket_id=dialogue.ticket_id, status=moves.SOLVED, by=BOT)
    return True


def _came_back(dialogue: Dialogue) -> bool:
    """Whether the customer opened another ticket after our last word; whether it is the same matter is not guessed."""
    ticket = dialogue.ticket
    return Ticket.objects.filter(customer=ticket.customer_id, created_at__gt=dialogue.last_at, is_spam=False).exclude(pk=ticket.pk).exists()


@transaction.atomic
def mark_wrong(*, by: Actor, turn_id: int, wrong: bool = True) -> None:
    """A person says that this answer of the assistant was wrong (or that it was not after all)."""
    Turn.objects.filter(pk=turn_id).update(wrong_at=clock.now() if wrong else None, wrong_by=by.agent_id if wrong else None)
