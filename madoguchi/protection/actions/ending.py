"""Restrictions end by themselves at their date, are reviewed in between, and can be lifted early."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission

from .. import queries
from ..events import RestrictionEnded
from ..models import Measure

BATCH = 200
REVIEWED = "review"


def check_decider(by: Actor) -> Agent:
    """The person behind `by`, who may decide. Raises NotAllowed: a machine, a token and other roles do not."""
    agent = Agent.objects.select_related("role").filter(pk=by.id or 0, is_active=True).first() if by.kind == "agent" else None
    if agent is None or not agent.may(Permission.PROTECTION_DECIDE):
        raise NotAllowed
    return agent


@transaction.atomic
def end_due() -> int:
    """End the restrictions whose end has come; returns how many. Safe to repeat."""
    now = clock.now()
    due = Measure.objects.select_for_update(skip_locked=True, of=("self",)).select_related("ticket").filter(ended_at=None, ends_at__lte=now)
    rows = list(due.order_by("ends_at")[:BATCH])
    for measure in rows:
        measure.ended_at, measure.ended_by, measure.end_reason = measure.ends_at, SYSTEM.name, "date"
        measure.save(update_fields=["ended_at", "ended_by", "end_reason"])
        audit.record("protection.end", by=SYSTEM, subject=f"measure:{measure.pk}", detail={"why": "date"})
        events.emit(RestrictionEnded(measure.ticket_id, measure.ticket.team_id, measure.pk), by=SYSTEM)
    return len(rows)


@transaction.atomic
def lift(*, measure_id: int, reason: str, by: Actor) -> Measure:
    """Take a step back before its end. It no longer counts on the ladder.

    Raises NotAllowed, Invalid without a reason, Conflict if it ended.
    """
    check_decider(by)
    reason = reason.strip()
    if not reason:
        raise Invalid(fields={"reason": _("Say why.")})
    measure = Measure.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=measure_id)
    if measure.ended_at is not None:
        raise Conflict(_("This has ended already."))
    measure.ended_at, measure.ended_by, measure.end_reason = clock.now(), by.name, f"lifted: {reason}"
    measure.save(update_fields=["ended_at", "ended_by", "end_reason"])
    audit.record("protection.lift", by=by, subject=f"measure:{measure.pk}", detail={"reason": reason})
    events.emit(RestrictionEnded(measure.ticket_id, measure.ticket.team_id, measure.pk), by=by)
    return measure


@transaction.atomic
def review(*, measure_id: int, text: str, by: Actor) -> Measure:
    """Note what the review of a restriction found; it goes on as it is. Raises NotAllowed, Invalid without words."""
    check_decider(by)
    if not text.strip():
        raise Invalid(fields={"text": _("Write what the review found.")})
    measure = Measure.objects.select_for_update().get(pk=measure_id)
    measure.reviewed_at, measure.review = clock.now(), f"{by.name}: {text.strip()}"
    measure.save(update_fields=["reviewed_at", "review"])
    audit.record("protection.review", by=by, subject=f"measure:{measure.pk}", detail={"text": text.strip()})
    return measure


def remind_reviews() -> int:
    """Tell those who decide that a review is due, each once; returns how many are due."""
    rows = list(queries.to_review(now=clock.now())[:BATCH])
    people = queries.deciders() if rows else []
    for measure in rows:
        staff.notify(agent_ids=people, kind="protection_review", ticket_id=measure.ticket_id, key=f"measure-review:{measure.pk}")
    return len(rows)
