"""After-care with dates, and grievance compensation by the company's rule."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import Invalid
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent

from .. import queries
from ..cases import measures_in
from ..models import CareTask, Case

USUAL = {CareTask.Kind.TALK: timedelta(days=3), CareTask.Kind.REVIEW: timedelta(days=7)}


@transaction.atomic
def plan_care(*, agent: Agent, case: Case | None, made_by: Agent, kinds: Mapping[str, date] | None = None) -> list[CareTask]:
    """Plan after-care: the usual talk and look back, or `kinds` with their dates; compensation where the company's rule gives one.

    Planned twice is once. It is told to the agent alone, and stands in no audit log.
    """
    today = timezone.localdate(clock.now())
    wanted: dict[str, date] = dict(kinds) if kinds else {kind.value: today + days for kind, days in USUAL.items()}
    if set(wanted) - set(CareTask.Kind.values):
        raise Invalid
    given = _compensation(case)
    if given:
        wanted.setdefault(CareTask.Kind.COMPENSATION, today + timedelta(days=14))
    made = []
    for kind, due in wanted.items():
        note = crypto.encrypt(given) if kind == CareTask.Kind.COMPENSATION else ""
        row, new = CareTask.objects.get_or_create(
            agent=agent, case=case, kind=kind, defaults={"due_on": due, "made_by": made_by, "made_at": clock.now(), "note": note}
        )
        made += [row] if new else []
    if made:
        staff.notify(agent_ids=[agent.pk], kind="protection_care")
    return made


def _compensation(case: Case | None) -> str:
    """What the company's rule gives for the severity of the case."""
    if case is None:
        return ""
    severity = max((row.severity for row in measures_in(case)), default=0)
    return str(queries.choices().compensation.get(str(severity), ""))


@transaction.atomic
def finish_care(*, task: CareTask) -> None:
    CareTask.objects.filter(pk=task.pk, done_at=None).update(done_at=clock.now())


@transaction.atomic
def remind_care() -> int:
    """Tell the agent and who planned it that after-care is due, once; returns how many were due."""
    now = clock.now()
    due = list(CareTask.objects.filter(done_at=None, reminded_at=None, due_on__lte=timezone.localdate(now))[:200])
    for row in due:
        people = [row.agent_id, *([row.made_by_id] if row.made_by_id else [])]
        staff.notify(agent_ids=people, kind="protection_care", key=f"care:{row.pk}")
    CareTask.objects.filter(pk__in=[row.pk for row in due]).update(reminded_at=now)
    return len(due)
