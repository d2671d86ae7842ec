"""The one way in which a clock changes: facts are added, the clock is replayed from all of them, and its row says what came out."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from madoguchi.foundation import clock, events, jobs
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.bulk import insert_rows, update_rows
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Ticket
from madoguchi.workplace import queries as workplace

from .. import clockwork
from ..choosing import PolicyValue
from ..clockwork import FactKind
from ..events import DeadlineBreached, DeadlineWarned
from ..models import ClockFact, Deadline, EscalationStep

STATE_FIELDS = [
    "policy", "policy_name", "calendar_version", "is_open", "closed_reason", "budget", "warn_percent", "used", "counted_at",
    "paused_at", "due_at", "warn_at", "met_at", "cancelled_at", "warned_at", "breached_at",
]  # fmt: skip


START_FIELDS = [
    "ticket", "metric", "policy", "policy_name", "calendar_version", "is_open", "closed_reason", "started_at", "budget",
    "warn_percent", "used", "counted_at", "due_at", "warn_at",
]  # fmt: skip


def new_clock(
    ticket: Ticket, metric: str, *, policy: PolicyValue, budget: int, version: int, at: datetime, pause: str = ""
) -> tuple[Deadline, list[ClockFact]]:
    """An unsaved clock, with its facts if it begins at rest (`pause`: why); one that just runs has none yet."""
    deadline = Deadline(
        ticket_id=ticket.pk, metric=metric, policy_id=policy.id, policy_name=policy.name, calendar_version_id=version,
        started_at=at, budget=budget, warn_percent=policy.warn_percent, counted_at=at,
    )  # fmt: skip
    if pause:
        facts = [deadline.as_started(), ClockFact(deadline=deadline, kind=FactKind.PAUSED, at=at, reason=pause)]
        apply(deadline, facts, now=at)
        return deadline, facts
    due_after = workplace.hours(version).due_after
    deadline.due_at = due_after(at, budget)
    deadline.warn_at = due_after(at, max(1, round(budget * policy.warn_percent / 100)))
    return deadline, []


def save_new(clocks: Sequence[tuple[Deadline, list[ClockFact]]]) -> None:
    """Keep new clocks, in one round trip for those without facts."""
    insert_rows([deadline for deadline, facts in clocks if not facts], START_FIELDS)
    resting = [(deadline, facts) for deadline, facts in clocks if facts]
    Deadline.objects.bulk_create([deadline for deadline, _ in resting])
    rows = [fact for _, facts in resting for fact in facts]
    for row in rows:
        row.deadline_id = row.deadline.pk
    ClockFact.objects.bulk_create(rows)


def apply(deadline: Deadline, rows: Iterable[ClockFact], *, now: datetime) -> None:
    """Set the row's columns to what its facts lead to by now."""
    facts = [row.as_fact() for row in rows]
    versions = {fact.calendar for fact in facts if fact.calendar is not None}
    until = max(now, *(fact.at for fact in facts))  # another machine's clock may be a little ahead
    state = clockwork.replay(facts, {version: workplace.hours(version) for version in versions}, until=until)
    if state is None:
        return
    deadline.is_open = state.met_at is None and state.cancelled_at is None
    deadline.budget = state.budget
    deadline.warn_percent = round((state.warn_share or 1) * 100)
    deadline.calendar_version_id = state.calendar
    deadline.used = state.used
    deadline.counted_at = state.met_at or state.cancelled_at or until
    deadline.paused_at = state.paused_at
    deadline.due_at, deadline.warn_at = state.due_at, state.warn_at
    deadline.met_at, deadline.cancelled_at = state.met_at, state.cancelled_at
    deadline.warned_at, deadline.breached_at = state.warned_at, state.breached_at


def tell(deadlines: Sequence[Deadline], facts: Sequence[ClockFact]) -> None:
    """Add facts to clocks, replay these, announce what that brings to light, and give their tickets the nearest due time.

    `deadlines` are locked rows. Statements do not grow with the number of clocks, save for announcements.
    """
    if not deadlines:
        return
    now = clock.now()
    known: dict[int, list[ClockFact]] = {deadline.pk: [] for deadline in deadlines}
    told = set(ClockFact.objects.filter(deadline_id__in=list(known)).values_list("deadline_id", flat=True))
    first = [deadline.as_started() for deadline in deadlines if deadline.pk not in told]
    ClockFact.objects.bulk_create([*first, *facts])
    for fact in ClockFact.objects.filter(deadline_id__in=list(known)).order_by("at", "id"):
        known[fact.deadline_id].append(fact)
    announced = {deadline.pk: (deadline.warned_at, deadline.breached_at) for deadline in deadlines}
    for deadline in deadlines:
        apply(deadline, known[deadline.pk], now=now)
        if deadline.is_open:
            deadline.closed_reason = ""
    update_rows(deadlines, STATE_FIELDS)
    for deadline in deadlines:
        warned, breached = announced[deadline.pk]
        if deadline.breached_at is not None and breached is None:
            announce_breach(deadline)
        elif deadline.warned_at is not None and warned is None and deadline.is_open and not deadline.breached_at:
            announce_warning(deadline)
    settle({deadline.ticket_id for deadline in deadlines})


def settle(ticket_ids: Iterable[int]) -> None:
    """Give each ticket its nearest running due time, for the order of lists."""
    dues: dict[int, tuple[datetime | None, str]] = dict.fromkeys(ticket_ids, (None, ""))
    running = Deadline.objects.filter(ticket_id__in=list(dues), is_open=True, paused_at=None).exclude(due_at=None)
    for ticket_id, metric, due_at in running.values_list("ticket_id", "metric", "due_at"):
        best = dues[ticket_id][0]
        if due_at is not None and (best is None or due_at < best):
            dues[ticket_id] = (due_at, metric)
    tickets.set_due_many(dues)


def announce_warning(deadline: Deadline) -> None:
    about = deadline.due_at.isoformat() if deadline.due_at else ""
    events.emit(DeadlineWarned(deadline.ticket_id, _team_of(deadline), deadline.pk, deadline.metric, about), by=SYSTEM)
    _plan_steps(deadline, EscalationStep.Moment.WARNING, deadline.warned_at)


def announce_breach(deadline: Deadline) -> None:
    about = deadline.breached_at.isoformat() if deadline.breached_at else ""
    events.emit(DeadlineBreached(deadline.ticket_id, _team_of(deadline), deadline.pk, deadline.metric, about), by=SYSTEM)
    _plan_steps(deadline, EscalationStep.Moment.BREACH, deadline.breached_at)


def _team_of(deadline: Deadline) -> int | None:
    return Ticket.objects.filter(pk=deadline.ticket_id).values_list("team_id", flat=True).first()


def _plan_steps(deadline: Deadline, moment: str, about: datetime | None) -> None:
    """One job for each step, at its time: so a restart forgets none, and its key lets none run twice."""
    if not deadline.is_open or about is None or deadline.policy_id is None:
        return
    calendar = workplace.hours(deadline.calendar_version_id)
    for step in EscalationStep.objects.filter(policy_id=deadline.policy_id, moment=moment, metric__in=["", deadline.metric]):
        jobs.enqueue(
            "sla.escalate",
            key=f"escalate:{deadline.pk}:{step.pk}:{int(about.timestamp())}",
            lock=f"ticket:{deadline.ticket_id}",
            run_at=calendar.due_after(about, 60 * step.after_minutes) or about,
            deadline=deadline.pk,
            step=step.pk,
            about=about.isoformat(),
        )
