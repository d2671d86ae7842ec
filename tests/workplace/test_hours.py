"""Opening hours on the days on which they are hard, and against the obvious slow model."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.workplace.hours import DAY, Calendar, Shift, SpanKind

from .slow_hours import MINUTE, minutes_from
from .strategies import calendar_and_moment

SPLIT = [Shift.parse("9:00", "12:00"), Shift.parse("13:00", "18:00")]
TOKYO = Calendar("Asia/Tokyo", dict.fromkeys(range(5), SPLIT))
ROUND_THE_CLOCK = Calendar("Europe/Berlin", dict.fromkeys(range(7), (Shift(0, DAY),)))


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def tokyo(text: str) -> datetime:
    return local("Asia/Tokyo", text)


def berlin(text: str) -> datetime:
    return local("Europe/Berlin", text)


def test_lunch_does_not_count() -> None:
    due, spans = TOKYO.add_working(tokyo("2026-11-20T10:05"), minutes=180)
    assert due == tokyo("2026-11-20T14:05")
    assert [(span.start, span.end) for span in spans] == [
        (tokyo("2026-11-20T10:05"), tokyo("2026-11-20T12:00")),
        (tokyo("2026-11-20T13:00"), due),
    ]


def test_time_used_up_at_closing_is_due_at_closing_not_next_morning() -> None:
    assert TOKYO.due_after(tokyo("2026-11-20T17:00"), 3600) == tokyo("2026-11-20T18:00")
    assert TOKYO.due_after(tokyo("2026-11-20T17:00"), 3601) == tokyo("2026-11-23T09:00:01")


def test_a_mail_at_night_starts_counting_in_the_morning() -> None:
    night = tokyo("2026-11-20T23:59")
    assert not TOKYO.is_open(night)
    assert TOKYO.next_opening(night) == tokyo("2026-11-23T09:00")
    assert TOKYO.due_after(night, 60) == tokyo("2026-11-23T09:01")


def test_closing_is_closed_and_opening_is_open() -> None:
    assert TOKYO.is_open(tokyo("2026-11-20T09:00"))
    assert not TOKYO.is_open(tokyo("2026-11-20T12:00"))
    assert TOKYO.is_open(tokyo("2026-11-20T17:59:59"))


def test_holidays_close_and_special_days_open() -> None:
    calendar = Calendar(
        "Asia/Tokyo",
        dict.fromkeys(range(5), SPLIT),
        closing_days={date(2026, 11, 24): "Stocktaking"},
        holidays=lambda year: {date(year, 11, 23): "Labour Thanksgiving Day"},
        special_days={date(2026, 11, 22): [Shift.parse("10:00", "11:00")]},
    )
    assert calendar.due_after(tokyo("2026-11-20T17:30"), 3600) == tokyo("2026-11-22T10:30")
    assert calendar.due_after(tokyo("2026-11-22T10:30"), 3600) == tokyo("2026-11-25T09:30")
    assert [(span.kind, span.name) for span in calendar.timeline(tokyo("2026-11-20T17:30"), tokyo("2026-11-25T12:30"))] == [
        (SpanKind.OPEN, ""),
        (SpanKind.NIGHT, ""),
        (SpanKind.DAY_OFF, ""),
        (SpanKind.NIGHT, ""),
        (SpanKind.OPEN, ""),
        (SpanKind.NIGHT, ""),
        (SpanKind.CLOSING_DAY, "Labour Thanksgiving Day"),
        (SpanKind.CLOSING_DAY, "Stocktaking"),
        (SpanKind.NIGHT, ""),
        (SpanKind.OPEN, ""),
        (SpanKind.BREAK, ""),
    ]


@pytest.mark.parametrize(("evening", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-01", 8)])
def test_a_night_shift_lasts_as_long_as_the_night_really_is(evening: str, hours: int) -> None:
    calendar = Calendar("Europe/Berlin", dict.fromkeys(range(7), (Shift.parse("22:00", "6:00"),)))
    begin = berlin(f"{evening}T21:00")
    assert calendar.seconds_between(begin, begin + timedelta(hours=12)) == hours * 3600


def test_a_shift_that_opens_in_the_skipped_hour_opens_when_the_clocks_jump() -> None:
    calendar = Calendar("Europe/Berlin", {6: [Shift.parse("2:30", "10:00")]})
    assert calendar.next_opening(berlin("2026-03-29T00:00")) == berlin("2026-03-29T03:00")


def test_shifts_that_touch_within_the_repeated_hour_touch_in_time() -> None:
    calendar = Calendar("Europe/Berlin", {5: [Shift.parse("22:00", "2:30")], 6: [Shift.parse("2:30", "6:00")]})
    begin = berlin("2026-10-24T22:00")
    _, spans = calendar.working_between(begin, begin + timedelta(hours=20))
    assert [span.seconds / 3600 for span in spans] == [4.5, 4.5]  # the second holds the hour twice
    assert spans[0].end == spans[1].start


def test_the_day_that_samoa_skipped_has_no_opening() -> None:
    calendar = Calendar("Pacific/Apia", dict.fromkeys(range(7), (Shift.parse("9:00", "17:00"),)))
    begin = datetime(2011, 12, 29, 19, tzinfo=UTC)  # Thursday 29th, 09:00 in Apia
    assert calendar.due_after(begin, 9 * 3600) == begin + timedelta(hours=25)


def test_shifts_to_midnight_make_round_the_clock() -> None:
    assert ROUND_THE_CLOCK.always_open
    begin = berlin("2026-03-28T12:00")
    due, spans = ROUND_THE_CLOCK.add_working(begin, minutes=60 * 24)
    assert due == begin.astimezone(UTC) + timedelta(days=1)
    assert len(spans) == 1


def test_a_calendar_that_never_opens_has_no_due_time() -> None:
    empty = Calendar("Asia/Tokyo", {0: []})
    assert empty.never_open
    now = tokyo("2026-11-20T10:00")
    assert empty.add_working(now, minutes=1) == (None, [])
    assert empty.next_opening(now) is None
    assert empty.seconds_between(now, now + timedelta(days=400)) == 0


def test_a_calendar_closed_by_holidays_for_ever_gives_up_after_ten_years() -> None:
    class EveryDay(dict):  # type: ignore[type-arg]
        def get(self, _day: date, _default: object = None) -> str:
            return "closed"

    calendar = Calendar("Asia/Tokyo", dict.fromkeys(range(7), SPLIT), holidays=lambda _: EveryDay())
    assert calendar.due_after(tokyo("2026-11-20T10:00"), 1) is None


@pytest.mark.parametrize(("opens", "closes"), [("9", "12:00"), ("9:60", "12:00"), ("24:00", "1:00"), ("-1:00", "2:00")])
def test_nonsense_shifts_are_refused(opens: str, closes: str) -> None:
    with pytest.raises(ValueError, match=r"time of day|shift"):
        Shift.parse(opens, closes)


def test_unknown_zones_and_naive_times_are_refused() -> None:
    for zone in ("Asia/Atlantis", "", "../../etc/passwd"):
        with pytest.raises(ValueError, match="unknown time zone"):
            Calendar(zone, {})
    with pytest.raises(ValueError, match="aware"):
        TOKYO.is_open(datetime(2026, 11, 20))  # noqa: DTZ001


def test_ten_years_of_work_are_counted_within_a_second_and_clocks_start_in_microseconds() -> None:
    begin = tokyo("2026-01-01T09:00")
    started = perf_counter()
    due = TOKYO.due_after(begin, 9 * 250 * 8 * 3600)
    assert due is not None
    assert due.year >= 2034
    assert perf_counter() - started < 1
    started = perf_counter()
    for minute in range(1000):
        TOKYO.due_after(begin + timedelta(minutes=minute), 8 * 3600)
    assert (perf_counter() - started) / 1000 < 0.0002


@settings(max_examples=150, deadline=None)
@given(calendar_and_moment(), st.integers(0, 3 * DAY))
def test_agrees_with_looking_at_the_clock_every_minute(case: tuple[Calendar, datetime], minutes: int) -> None:
    calendar, start = case
    end = start + minutes * MINUTE
    slow = list(islice(minutes_from(calendar, start), minutes + 1))
    assert [calendar.is_open(at) for at, _ in slow[:: max(1, minutes // 50)]] == [is_open for _, is_open in slow[:: max(1, minutes // 50)]]
    worked = 60 * sum(is_open for _, is_open in slow[:minutes])
    seconds, spans = calendar.working_between(start, end)
    assert seconds == worked == calendar.seconds_between(start, end)
    if worked:
        due, counted = calendar.add_working(start, seconds=worked)
        last = max(at for at, is_open in slow[:minutes] if is_open)
        assert due == last + MINUTE
        assert counted == calendar.working_between(start, due)[1]
    opening = next((at for at, is_open in slow if is_open), None)
    if opening is not None:
        assert calendar.next_opening(start) == opening
    timeline = calendar.timeline(start, end)
    assert all(a.end == b.start for a, b in pairwise(timeline))
    assert [span for span in timeline if span.kind is SpanKind.OPEN] == spans
    if minutes:
        assert (timeline[0].start, timeline[-1].end) == (start, end)


@settings(max_examples=100, deadline=None)
@given(calendar_and_moment(), st.integers(1, 100_000), st.integers(1, 100_000))
def test_working_time_adds_up(case: tuple[Calendar, datetime], first: int, second: int) -> None:
    calendar, start = case
    middle = calendar.due_after(start, first)
    end = calendar.due_after(start, first + second)
    if middle is None:
        assert end is None
    else:
        assert calendar.due_after(middle, second) == end
