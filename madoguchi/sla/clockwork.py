"""The clock of one promise: a fold over the facts of its life. Pure: knows nothing of Django.

The rules, each of them tested against a model that walks minute by minute:

1. The clock uses up its budget in the working time of its calendar. It is due at the instant at
   which the budget is used up; a reply at that very second is in time.
2. While paused nothing is used. A paused clock has no due time, only a remaining budget.
3. Time already used is kept, in seconds, whatever changes: a new budget (policy or priority
   changed) or a new calendar counts from the change on. Old hours are not counted again.
4. Nobody can be late before the promise existed: a new budget that is already used up is due at the
   moment of the change. One that is not used up lifts a breach of the old budget.
5. A clock that is met or cancelled stands still and hears nothing but its reopening; then it goes
   on with the time it had left. The time between does not count.
6. The warning is the instant at which a share of the budget is used up, under the same rules.

Facts that make no sense in the state they meet (a second pause, a resumption while running) change
nothing, so the same event may safely be recorded twice. Times are read to the whole second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from madoguchi.workplace.hours import Calendar, Span, SpanKind

Key = int | str
"""Names a calendar among those that are handed in beside the facts."""


class FactKind(StrEnum):
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    POLICY_CHANGED = "policy_changed"
    CALENDAR_CHANGED = "calendar_changed"
    MET = "met"
    CANCELLED = "cancelled"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a clock.

    budget: working seconds, with `started` and `policy_changed`.
    warn_share: 0 < share < 1 of the budget after which to warn, beside a budget; None: no warning.
    calendar: key of the calendar, with `started` and `calendar_changed`.
    reason: why, in words or a code; carried through to the explanation.
    """

    kind: FactKind
    at: datetime
    budget: int | None = None
    warn_share: float | None = None
    calendar: Key | None = None
    reason: str = ""


class RunKind(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    """Met or cancelled, and reopened later."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a clock's life in one state and one calendar."""

    start: datetime
    end: datetime
    kind: RunKind
    calendar: Key
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClockState:
    """A clock as of its last fact, or of the `until` that was asked for.

    due_at: when the budget is (or was) used up; None while paused with budget left, or when the
        calendar never opens again. A clock that was met keeps the due time it had then.
    remaining: working seconds left; negative when overdue.
    breached_at, warned_at: set once due_at, warn_at lie in the past of this state.
    """

    started_at: datetime
    budget: int
    warn_share: float | None
    calendar: Key
    used: int
    remaining: int
    paused_at: datetime | None
    pause_reason: str
    due_at: datetime | None
    warn_at: datetime | None
    met_at: datetime | None
    cancelled_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    segments: tuple[Run, ...]

    @property
    def paused(self) -> bool:
        return self.paused_at is not None

    @property
    def running(self) -> bool:
        return not self.paused and self.met_at is None and self.cancelled_at is None


class StepKind(StrEnum):
    WORKED = "worked"
    OVER = "over"
    """Worked, after the clock was due."""
    FREE = "free"
    """Closed: a break, a night, a day off, a closing day."""
    PAUSED = "paused"
    STOPPED = "stopped"
    COMING = "coming"
    """Working time between now and the due time."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch in the answer to "why is this due at 14:05?".

    closed: why we are closed, with `free`. name: the holiday's. reason: of the pause.
    """

    kind: StepKind
    start: datetime
    end: datetime
    closed: SpanKind | None = None
    name: str = ""
    reason: str = ""

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())


def replay(facts: Iterable[Fact], calendars: Mapping[Key, Calendar], until: datetime | None = None) -> ClockState | None:
    """The state that the facts lead to; None if no clock was ever started.

    Facts are taken in order of time, those of the same time in the order given; facts after
    `until` are left out. KeyError if a fact names a calendar that is not in `calendars`.
    """
    clock: _Clock | None = None
    end = None if until is None else _whole(until)
    for fact in sorted(facts, key=lambda fact: fact.at):
        at = _whole(fact.at)
        if end is not None and at > end:
            break
        if clock is not None:
            clock.hear(fact, at)
        elif fact.kind is FactKind.STARTED:
            clock = _Clock(fact, at, calendars)
    if clock is None:
        return None
    if end is not None:
        clock.go_on_to(end)
    return clock.state()


def explain(facts: Iterable[Fact], calendars: Mapping[Key, Calendar], now: datetime) -> list[Step]:
    """The clock's life from its start to `now`, and from there to the due time, without a hole.

    Worked and over together are the used time; worked and coming together are the budget, as long
    as the clock is neither paused nor over and its budget was never cut below the time used.
    """
    state = replay(facts, calendars, until=now)
    if state is None:
        return []
    steps: list[Step] = []
    for run in state.segments:
        steps += _steps(run, calendars, state.due_at)
    now = _whole(now)
    if state.running and state.due_at is not None and state.due_at > now:
        ahead = calendars[state.calendar].timeline(now, state.due_at)
        steps += [_step(span, StepKind.COMING) for span in ahead]
    return steps


def _steps(run: Run, calendars: Mapping[Key, Calendar], due_at: datetime | None) -> list[Step]:
    if run.kind is not RunKind.RUNNING:
        return [Step(StepKind(run.kind.value), run.start, run.end, reason=run.reason)]
    timeline = calendars[run.calendar].timeline
    if due_at is None or due_at >= run.end:
        return [_step(span, StepKind.WORKED) for span in timeline(run.start, run.end)]
    turn = max(due_at, run.start)
    return [_step(span, StepKind.WORKED) for span in timeline(run.start, turn)] + [
        _step(span, StepKind.OVER) for span in timeline(turn, run.end)
    ]


def _step(span: Span, kind: StepKind) -> Step:
    if span.kind is SpanKind.OPEN:
        return Step(kind, span.start, span.end)
    return Step(StepKind.FREE, span.start, span.end, closed=span.kind, name=span.name)


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)


class _Mark:
    """A number of working seconds on the clock's dial, and when the hand got there."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self.reached_at: datetime | None = None

    def moved(self, seconds: int, used: int, at: datetime) -> None:
        """Set to another number at a time when `used` seconds were used."""
        self.seconds = seconds
        self.reached_at = (self.reached_at or at) if used >= seconds else None


class _Clock:
    """The state while it is being folded. `now` only moves forward."""

    def __init__(self, start: Fact, at: datetime, calendars: Mapping[Key, Calendar]) -> None:
        self.calendars = calendars
        self.calendar = _calendar(start)
        self.started_at = self.now = self.run_start = at
        self.used = 0
        self.budget, self.warn_share = _target(start)
        self.due = _Mark(self.budget)
        self.warning = _Mark(_warning_seconds(self.budget, self.warn_share))
        self.kind = RunKind.RUNNING
        self.reason = ""
        self.runs: list[Run] = []
        self.paused_at: datetime | None = None
        self.met_at: datetime | None = None
        self.cancelled_at: datetime | None = None
        self.due_when_stopped: datetime | None = None

    def hear(self, fact: Fact, at: datetime) -> None:
        if self.kind is RunKind.STOPPED:
            if fact.kind is FactKind.REOPENED:
                self.go_on_to(at)
                self._enter(RunKind.RUNNING)
                self.met_at = self.cancelled_at = None
            return
        self.go_on_to(at)
        match fact.kind:
            case FactKind.PAUSED if self.kind is RunKind.RUNNING:
                self._enter(RunKind.PAUSED, fact.reason)
                self.paused_at = at
            case FactKind.RESUMED if self.kind is RunKind.PAUSED:
                self._enter(RunKind.RUNNING)
            case FactKind.POLICY_CHANGED:
                self.budget, self.warn_share = _target(fact)
                self.due.moved(self.budget, self.used, at)
                self.warning.moved(_warning_seconds(self.budget, self.warn_share), self.used, at)
            case FactKind.CALENDAR_CHANGED:
                self._enter(self.kind, self.reason)
                self.calendar = _calendar(fact)
            case FactKind.MET:
                self._stop(fact)
                self.met_at = at
            case FactKind.CANCELLED:
                self._stop(fact)
                self.cancelled_at = at

    def go_on_to(self, at: datetime) -> None:
        """Lets time pass, and notes when the hand passed a mark."""
        if self.kind is RunKind.RUNNING and at > self.now:
            calendar = self.calendars[self.calendar]
            used = self.used + calendar.seconds_between(self.now, at)
            for mark in (self.warning, self.due):
                if mark.reached_at is None and used >= mark.seconds:
                    mark.reached_at = calendar.due_after(self.now, mark.seconds - self.used)
            self.used = used
        self.now = max(at, self.now)

    def state(self) -> ClockState:
        over = self.due.reached_at
        stopped_at = self.met_at or self.cancelled_at
        self._enter(self.kind, self.reason)
        return ClockState(
            started_at=self.started_at,
            budget=self.budget,
            warn_share=self.warn_share,
            calendar=self.calendar,
            used=self.used,
            remaining=self.budget - self.used,
            paused_at=self.paused_at if self.kind is RunKind.PAUSED else None,
            pause_reason=self.reason if self.kind is RunKind.PAUSED else "",
            due_at=self.due_when_stopped if self.kind is RunKind.STOPPED else self._when(self.due),
            warn_at=self._when(self.warning) if self.warn_share is not None else None,
            met_at=self.met_at,
            cancelled_at=self.cancelled_at,
            warned_at=self.warning.reached_at if self.warn_share is not None else None,
            breached_at=over if over is not None and (stopped_at or self.now) > over else None,
            segments=tuple(run for run in self.runs if run.end <= (stopped_at or self.now)),
        )

    def _when(self, mark: _Mark) -> datetime | None:
        if mark.reached_at is not None or self.kind is not RunKind.RUNNING:
            return mark.reached_at
        return self.calendars[self.calendar].due_after(self.now, mark.seconds - self.used)

    def _stop(self, fact: Fact) -> None:
        self.due_when_stopped = self._when(self.due)
        self._enter(RunKind.STOPPED, fact.reason)

    def _enter(self, kind: RunKind, reason: str = "") -> None:
        if self.now > self.run_start:
            self.runs.append(Run(self.run_start, self.now, self.kind, self.calendar, self.reason))
            self.run_start = self.now
        self.kind, self.reason = kind, reason


def _target(fact: Fact) -> tuple[int, float | None]:
    if fact.budget is None or fact.budget <= 0:
        raise ValueError("a clock that starts or changes its promise needs a budget of at least one second")
    if fact.warn_share is not None and not 0 < fact.warn_share < 1:
        raise ValueError("the warning share lies between 0 and 1")
    return fact.budget, fact.warn_share


def _calendar(fact: Fact) -> Key:
    if fact.calendar is None:
        raise ValueError("a clock that starts or changes its calendar needs one")
    return fact.calendar


def _warning_seconds(budget: int, share: float | None) -> int:
    return budget if share is None else max(1, round(budget * share))
