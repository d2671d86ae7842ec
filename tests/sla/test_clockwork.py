"""The clock of a promise: the day from the product's own example, the rules, and a slow model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.sla.clockwork import (
    ClockState,
    Fact,
    FactKind,
    Step,
    StepKind,
    explain,
    replay,
)
from madoguchi.workplace.hours import DAY, Calendar, Shift, SpanKind
from tests.workplace.slow_hours import MINUTE, minutes_from
from tests.workplace.strategies import calendars, moments

SPLIT = [Shift.parse("9:00", "12:00"), Shift.parse("13:00", "18:00")]
OFFICE = Calendar(
    "Asia/Tokyo",
    dict.fromkeys(range(5), SPLIT),
    holidays=lambda year: {date(year, 11, 23): "Labour Thanksgiving Day"},
)
ALWAYS = Calendar("Asia/Tokyo", dict.fromkeys(range(7), (Shift(0, DAY),)))
CALENDARS = {"office": OFFICE, "always": ALWAYS}
HOUR = 3600


def at(text: str, day: int = 20) -> datetime:
    """A time in November 2026; the 20th is a Friday."""
    hour, minute = text.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=ZoneInfo("Asia/Tokyo"))


def started(text: str = "10:05", hours: int = 3, share: float | None = 0.75) -> Fact:
    return Fact(FactKind.STARTED, at(text), hours * HOUR, share, "office")


def fact(kind: FactKind, text: str, day: int = 20, **more: object) -> Fact:
    return replace(Fact(kind, at(text, day)), **more)  # type: ignore[arg-type]


def state_of(*facts: Fact, until: datetime | None = None) -> ClockState:
    state = replay(facts, CALENDARS, until)
    assert state is not None
    return state


def test_three_hours_from_10_05_over_lunch_are_due_at_14_05() -> None:
    state = state_of(started())
    assert state.due_at == at("14:05")
    assert state.warn_at == at("13:20")
    assert state.running
    assert state.breached_at is None


def test_a_pause_keeps_the_rest_for_later() -> None:
    facts = [started(), fact(FactKind.PAUSED, "11:05", reason="waiting for the customer")]
    paused = state_of(*facts)
    assert (paused.paused, paused.due_at, paused.remaining) == (True, None, 2 * HOUR)
    assert state_of(*facts, until=at("9:00", day=27)).remaining == 2 * HOUR
    resumed = state_of(*facts, fact(FactKind.RESUMED, "17:00"))
    assert resumed.due_at == at("10:00", day=24)  # Monday is a holiday


def test_an_answer_at_the_due_second_is_in_time_and_one_later_is_not() -> None:
    in_time = state_of(started(), fact(FactKind.MET, "14:05"))
    assert (in_time.met_at, in_time.breached_at) == (at("14:05"), None)
    late = state_of(started(), fact(FactKind.MET, "14:06"))
    assert (late.due_at, late.breached_at) == (at("14:05"), at("14:05"))
    assert late.remaining == -60


def test_a_budget_used_up_at_closing_time_is_due_then_whatever_happens_at_night() -> None:
    late = state_of(started("15:00"), fact(FactKind.PAUSED, "20:00"), until=at("21:00"))
    assert (late.due_at, late.breached_at) == (at("18:00"), at("18:00"))


def test_a_new_promise_just_used_up_is_due_at_the_change() -> None:
    facts = [started(hours=8), fact(FactKind.POLICY_CHANGED, "11:05", budget=HOUR)]
    state = state_of(*facts, fact(FactKind.PAUSED, "11:05"), until=at("12:00"))
    assert state.due_at == at("11:05")


def test_a_met_clock_hears_nothing() -> None:
    facts = [started(), fact(FactKind.MET, "11:05")]
    assert state_of(
        *facts,
        fact(FactKind.POLICY_CHANGED, "11:10", budget=60),
        fact(FactKind.PAUSED, "11:11"),
        until=at("17:00", day=25),
    ) == state_of(*facts)
    assert state_of(*facts).remaining == 2 * HOUR


def test_a_shorter_promise_keeps_the_time_used() -> None:
    state = state_of(started(hours=8), fact(FactKind.POLICY_CHANGED, "11:05", budget=2 * HOUR))
    assert state.due_at == at("13:05")  # one hour used, one left, lunch between


def test_a_promise_that_is_used_up_when_it_is_made_is_due_at_once() -> None:
    facts = [started(hours=8), fact(FactKind.POLICY_CHANGED, "14:05", budget=HOUR)]
    assert (state_of(*facts).due_at, state_of(*facts).breached_at) == (at("14:05"), None)
    assert state_of(*facts, until=at("14:06")).breached_at == at("14:05")


def test_a_longer_promise_lifts_the_breach_of_the_shorter() -> None:
    facts = [started(hours=1), fact(FactKind.POLICY_CHANGED, "13:35", budget=8 * HOUR)]
    assert state_of(facts[0], until=at("13:30")).breached_at == at("11:05")
    state = state_of(*facts)
    assert (state.breached_at, state.warned_at) == (None, None)
    assert state.due_at == at("10:05", day=24)


def test_a_late_clock_stays_late_from_the_same_moment_under_a_shorter_promise() -> None:
    state = state_of(started(hours=2), fact(FactKind.POLICY_CHANGED, "15:00", budget=HOUR), until=at("16:00"))
    assert (state.due_at, state.breached_at) == (at("13:05"), at("13:05"))


def test_another_calendar_counts_from_the_change_on() -> None:
    state = state_of(started("17:00", hours=3), fact(FactKind.CALENDAR_CHANGED, "20:00", calendar="always"))
    assert state.due_at == at("22:00")


def test_a_reopened_clock_goes_on_with_what_was_left() -> None:
    facts = [started(), fact(FactKind.MET, "11:05"), fact(FactKind.REOPENED, "16:00", day=24)]
    state = state_of(*facts)
    assert (state.met_at, state.due_at) == (None, at("18:00", day=24))


def test_a_late_clock_that_is_reopened_is_still_late() -> None:
    state = state_of(started(), fact(FactKind.MET, "15:05"), fact(FactKind.REOPENED, "9:00", day=24))
    assert (state.due_at, state.breached_at) == (at("14:05"), at("14:05"))


def test_facts_told_twice_or_out_of_order_change_nothing() -> None:
    facts = [
        started(),
        fact(FactKind.PAUSED, "11:05", reason="first"),
        fact(FactKind.RESUMED, "13:05"),
    ]
    twice = [*facts, fact(FactKind.PAUSED, "11:30", reason="second"), *facts]
    assert state_of(*reversed(facts)) == state_of(*facts) == state_of(*twice)


def test_without_a_start_there_is_no_clock() -> None:
    assert replay([fact(FactKind.PAUSED, "11:05")], CALENDARS) is None
    assert replay([started()], CALENDARS, until=at("10:00")) is None
    assert explain([], CALENDARS, at("12:00")) == []


def test_a_calendar_without_shifts_never_makes_a_clock_due() -> None:
    state = replay([started()], {"office": Calendar("Asia/Tokyo", {})}, at("12:00", day=28))
    assert state is not None
    assert (state.due_at, state.running, state.used) == (None, True, 0)


@pytest.mark.parametrize("budget", [None, 0, -5])
def test_a_clock_without_a_budget_is_refused(budget: int | None) -> None:
    with pytest.raises(ValueError, match="budget"):
        replay([replace(started(), budget=budget)], CALENDARS)


def test_why_is_this_due_at_14_05() -> None:
    assert explain([started()], CALENDARS, at("11:42")) == [
        Step(StepKind.WORKED, at("10:05"), at("11:42")),
        Step(StepKind.COMING, at("11:42"), at("12:00")),
        Step(StepKind.FREE, at("12:00"), at("13:00"), closed=SpanKind.BREAK),
        Step(StepKind.COMING, at("13:00"), at("14:05")),
    ]


def test_why_names_pauses_and_holidays_and_says_what_is_over() -> None:
    steps = explain(
        [
            started("16:00", hours=3),
            fact(FactKind.PAUSED, "17:00", reason="waiting for the customer"),
            fact(FactKind.RESUMED, "17:30"),
        ],
        CALENDARS,
        at("11:00", day=24),
    )
    assert [(step.kind, step.seconds / HOUR, step.name or step.reason) for step in steps] == [
        (StepKind.WORKED, 1, ""),
        (StepKind.PAUSED, 0.5, "waiting for the customer"),
        (StepKind.WORKED, 0.5, ""),
        (StepKind.FREE, 6, ""),
        (StepKind.FREE, 48, ""),
        (StepKind.FREE, 24, "Labour Thanksgiving Day"),
        (StepKind.FREE, 9, ""),
        (StepKind.WORKED, 1.5, ""),
        (StepKind.OVER, 0.5, ""),
    ]


# Against a model that walks through the life of the clock minute by minute.

_kinds = st.sampled_from([kind for kind in FactKind if kind is not FactKind.STARTED])
_budgets = st.one_of(st.integers(1, 1500), st.integers(1, 12).map(lambda n: 30 * n))  # coincidences


@st.composite
def lives(draw: st.DrawFn) -> tuple[dict[str, Calendar], list[Fact], int]:
    zone, start = draw(moments)
    named = {name: draw(calendars(zone, start)) for name in ("one", "two")}
    facts = [Fact(FactKind.STARTED, start, 60 * draw(_budgets), 0.5, "one")]
    minute = 0
    for kind in draw(st.lists(_kinds, max_size=8)):
        minute += draw(st.one_of(st.integers(0, 90), st.integers(0, 900), st.sampled_from([30, 60, 120])))
        facts.append(
            Fact(
                kind,
                start + minute * MINUTE,
                60 * draw(_budgets) if kind is FactKind.POLICY_CHANGED else None,
                draw(st.sampled_from([None, 0.25, 0.5])) if kind is FactKind.POLICY_CHANGED else None,
                draw(st.sampled_from(["one", "two"])) if kind is FactKind.CALENDAR_CHANGED else None,
            )
        )
    return named, facts, minute + draw(st.integers(0, 1500))


class SlowClock:
    """One minute after the other: first what happened at it, then whether it counts."""

    def __init__(self, start: Fact) -> None:
        self.calendar = start.calendar
        self.used = 0
        self.paused = self.stopped = False
        self.met_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self.due: datetime | None = None
        self.warned: datetime | None = None
        self.set_target(start)

    def set_target(self, fact: Fact) -> None:
        assert fact.budget is not None
        self.budget = fact.budget
        self.warn_at_used = max(1, round(fact.budget * (fact.warn_share or 1)))
        self.due = (self.due or fact.at) if self.used >= self.budget else None
        self.warned = (self.warned or fact.at) if self.used >= self.warn_at_used else None

    def hear(self, fact: Fact) -> None:
        kind = fact.kind
        if self.stopped:
            if kind is FactKind.REOPENED:
                self.stopped, self.met_at, self.stopped_at = False, None, None
        elif kind is FactKind.PAUSED:
            self.paused = True
        elif kind is FactKind.RESUMED:
            self.paused = False
        elif kind is FactKind.POLICY_CHANGED:
            self.set_target(fact)
        elif kind is FactKind.CALENDAR_CHANGED:
            self.calendar = fact.calendar
        elif kind in (FactKind.MET, FactKind.CANCELLED):
            self.stopped, self.paused, self.stopped_at = True, False, fact.at
            self.met_at = fact.at if kind is FactKind.MET else None

    def pass_minute(self, begin: datetime, *, is_open: bool) -> None:
        if is_open and not self.paused and not self.stopped:
            for second in (self.warn_at_used, self.budget):
                if self.used < second <= self.used + 60:
                    reached = begin + timedelta(seconds=second - self.used)
                    if second == self.budget:
                        self.due = self.due or reached
                    if second == self.warn_at_used:
                        self.warned = self.warned or reached
            self.used += 60


def walk(named: dict[str, Calendar], facts: list[Fact], minutes: int) -> tuple[SlowClock, datetime | None]:
    """The clock after that many minutes, and when it will be due if nothing more happens."""
    start = facts[0].at
    walls = {name: minutes_from(calendar, start) for name, calendar in named.items()}
    clock = SlowClock(facts[0])
    waiting = facts[1:]
    for minute in range(minutes + 1):
        now = start + minute * MINUTE
        while waiting and waiting[0].at <= now:
            clock.hear(waiting.pop(0))
        is_open = {name: next(wall)[1] for name, wall in walls.items()}
        if minute < minutes:
            clock.pass_minute(now, is_open=is_open[str(clock.calendar)])
        else:
            last_open = is_open[str(clock.calendar)]
    if clock.due is not None or clock.paused or clock.stopped:
        return clock, clock.due
    left = clock.budget - clock.used
    ahead = [(now, last_open), *islice(walls[str(clock.calendar)], 5 * DAY)]
    for begin, is_open in ahead:
        if is_open:
            if left <= 60:
                return clock, begin + timedelta(seconds=left)
            left -= 60
    return clock, None


@settings(max_examples=120, deadline=None)
@given(lives())
def test_agrees_with_the_clock_that_walks_minute_by_minute(
    life: tuple[dict[str, Calendar], list[Fact], int],
) -> None:
    named, facts, minutes = life
    now = facts[0].at + minutes * MINUTE
    slow, due = walk(named, facts, minutes)
    state = replay(facts, named, until=now)
    assert state is not None
    assert state.used == slow.used
    assert state.remaining == slow.budget - slow.used
    assert (state.paused, state.running) == (slow.paused, not (slow.paused or slow.stopped))
    assert state.met_at == slow.met_at
    end = slow.stopped_at or now
    assert state.breached_at == (slow.due if slow.due is not None and end > slow.due else None)
    if state.warn_share is not None:
        assert state.warned_at == slow.warned
    if not slow.stopped and (due is not None or slow.paused):
        assert state.due_at == due


@settings(max_examples=80, deadline=None)
@given(lives())
def test_the_explanation_leaves_no_hole_and_adds_up(
    life: tuple[dict[str, Calendar], list[Fact], int],
) -> None:
    named, facts, minutes = life
    now = facts[0].at + minutes * MINUTE
    state = replay(facts, named, until=now)
    assert state is not None
    steps = explain(facts, named, now)
    assert all(a.end == b.start for a, b in pairwise(steps))
    assert all(step.seconds > 0 for step in steps)
    seconds = {kind: sum(step.seconds for step in steps if step.kind is kind) for kind in StepKind}
    assert seconds[StepKind.WORKED] + seconds[StepKind.OVER] == state.used
    if state.running and state.due_at is not None and state.due_at > now:
        assert seconds[StepKind.COMING] == state.remaining
        assert steps[-1].end == state.due_at
    elif steps:
        assert steps[-1].end == (state.met_at or state.cancelled_at or now)
    assert not steps or steps[0].start == facts[0].at.astimezone(UTC)


@settings(max_examples=80, deadline=None)
@given(lives(), st.integers(0, 3000))
def test_knowing_the_past_is_enough(life: tuple[dict[str, Calendar], list[Fact], int], minutes: int) -> None:
    """What a clock says at a moment never depends on what happens later."""
    named, facts, _ = life
    moment = facts[0].at + minutes * MINUTE
    known = [fact for fact in facts if fact.at <= moment]
    assert replay(facts, named, until=moment) == replay(known, named, until=moment)
