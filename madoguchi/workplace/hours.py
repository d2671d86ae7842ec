"""When we are open: the arithmetic of working time. Pure: knows nothing of Django or of rows.

One rule decides every question about daylight saving: *a wall time means the first instant at which
the zone's clock shows that time or a later one*. So a shift that begins in the hour skipped in
spring begins when the clocks jump, the hour repeated in autumn continues what went before it, and
shifts that touch on the clock touch in time. Real elapsed seconds are counted: a night shift from
22:00 to 06:00 lasts seven hours in the spring night and nine in the autumn one.

A shift belongs to the day on which it begins: the night shift that begins before a holiday runs to
its end, the one that would begin on the holiday is closed.

Times are read to the whole second. Datetimes that go in must be aware; those that come out are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from math import floor
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = 24 * 60
"""Minutes of a day by the wall clock."""

HORIZON_DAYS = 3660
"""How far ahead an opening is looked for: ten years. Nothing is due after that."""

_CACHED_DAYS = 4 * HORIZON_DAYS
_CLOCK_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")

HolidaysOfYear = Callable[[int], Mapping[date, str]]
"""Gives the public holidays of a year with their names."""


def no_holidays(_year: int) -> Mapping[date, str]:
    return {}


@dataclass(frozen=True, order=True, slots=True)
class Shift:
    """Opening hours within a day, in minutes after midnight by the wall clock.

    `closes` may pass 24:00 (a night shift, at most 24 hours long); closing at 24:00 is 1440.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < DAY:
            raise ValueError("a shift opens between 00:00 and 23:59")
        if not self.opens < self.closes <= self.opens + DAY:
            raise ValueError("a shift lasts between one minute and 24 hours")

    @classmethod
    def parse(cls, opens: str, closes: str) -> Shift:
        """Reads two clock times; a closing at or before the opening lies on the next day."""
        first, last = _minutes(opens), _minutes(closes)
        return cls(first, last if last > first else last + DAY)


def _minutes(text: str) -> int:
    match = _CLOCK_TIME.fullmatch(text.strip())
    minutes = int(match[1]) * 60 + int(match[2]) if match else DAY + 1
    if minutes > DAY:
        message = f"not a time of day: {text!r}"
        raise ValueError(message)
    return minutes


class SpanKind(StrEnum):
    OPEN = "open"
    BREAK = "break"
    """Between two shifts of one day, such as lunch."""
    NIGHT = "night"
    """Before the first or after the last shift of a day."""
    DAY_OFF = "day_off"
    """A weekday without shifts."""
    CLOSING_DAY = "closing_day"
    """A public holiday or a closing day of our own; it has a name."""


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime
    kind: SpanKind
    name: str = ""

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())


@dataclass(frozen=True, eq=False)
class Calendar:
    """Opening hours in one time zone. Immutable: changed hours are a new Calendar.

    Keep and share instances: each remembers the days it has worked out, so that asking again costs
    microseconds.

    zone: IANA name; ValueError if unknown.
    week: shifts by weekday, Monday 0 to Sunday 6. They may touch and overlap.
    closing_days: our own closed dates with their names.
    holidays: the public holidays that we keep.
    special_days: dates with hours of their own: an extra opening, or a short day before a holiday.
        They win over the week, closing days and holidays.
    """

    zone: str
    week: Mapping[int, Sequence[Shift]]
    closing_days: Mapping[date, str] = field(default_factory=dict)
    holidays: HolidaysOfYear = no_holidays
    special_days: Mapping[date, Sequence[Shift]] = field(default_factory=dict)
    _zone: ZoneInfo = field(init=False, repr=False)
    _always: bool = field(init=False, repr=False)
    _days: dict[int, tuple[tuple[int, int], ...]] = field(init=False, repr=False, default_factory=dict)
    _years: dict[int, Mapping[date, str]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        try:
            zone = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            message = f"unknown time zone: {self.zone!r}"
            raise ValueError(message) from unknown
        if any(weekday not in range(7) for weekday in self.week):
            raise ValueError("weekdays are numbered from Monday 0 to Sunday 6")
        exceptions = self.closing_days or self.special_days or self.holidays is not no_holidays
        around_the_clock = all(_joined(self.week.get(weekday, ())) == ((0, DAY),) for weekday in range(7))
        object.__setattr__(self, "_zone", zone)
        object.__setattr__(self, "_always", around_the_clock and not exceptions)

    @property
    def never_open(self) -> bool:
        """Whether there is no shift at all, so that no clock in this calendar ever moves."""
        return not any(self.week.values()) and not any(self.special_days.values())

    @property
    def always_open(self) -> bool:
        return self._always

    # Questions

    def is_open(self, at: datetime) -> bool:
        moment = _second(at)
        first = next(self._spans(moment, days=1), None)
        return first is not None and first[0] <= moment

    def next_opening(self, at: datetime) -> datetime | None:
        """`at` itself while open; None if there is no opening within ten years."""
        moment = _second(at)
        first = next(self._spans(moment), None)
        return None if first is None else _datetime(max(first[0], moment))

    def due_after(self, start: datetime, seconds: int) -> datetime | None:
        """The instant at which `seconds` of working time after `start` have passed.

        None if that is never reached within ten years (for instance without any shift).
        """
        moment, left = _second(start), seconds
        if left <= 0:
            return _datetime(moment)
        for opens, closes in self._spans(moment):
            begin = max(opens, moment)
            if closes - begin >= left:
                return _datetime(begin + left)
            left -= closes - begin
        return None

    def add_working(self, start: datetime, *, minutes: int = 0, seconds: int = 0) -> tuple[datetime | None, list[Span]]:
        """Like `due_after`, with the open spans that counted."""
        due = self.due_after(start, 60 * minutes + seconds)
        return due, [] if due is None else self.working_between(start, due)[1]

    def seconds_between(self, start: datetime, end: datetime) -> int:
        """Working seconds from `start` to `end`; 0 if `end` is not later."""
        a, b = _second(start), _second(end)
        return sum(closes - opens for opens, closes in self._spans_within(a, b))

    def working_between(self, start: datetime, end: datetime) -> tuple[int, list[Span]]:
        """Working seconds from `start` to `end`, and the open spans that make them up."""
        spans = [
            Span(_datetime(opens), _datetime(closes), SpanKind.OPEN) for opens, closes in self._spans_within(_second(start), _second(end))
        ]
        return sum(span.seconds for span in spans), spans

    def timeline(self, start: datetime, end: datetime) -> list[Span]:
        """Everything from `start` to `end` without a hole: open spans, and why we are closed else."""
        moment, last = _second(start), _second(end)
        spans: list[Span] = []
        for opens, closes in self._spans_within(moment, last):
            spans += self._closed(moment, opens)
            spans.append(Span(_datetime(opens), _datetime(closes), SpanKind.OPEN))
            moment = closes
        return spans + self._closed(moment, last)

    def closing_name(self, day: date) -> str | None:
        """The name of the holiday or closing day on that date, None on other days."""
        if day in self.special_days:
            return None
        if day in self.closing_days:
            return self.closing_days[day]
        if day.year not in self._years:
            self._years[day.year] = self.holidays(day.year)
        return self._years[day.year].get(day)

    def shifts_on(self, day: date) -> Sequence[Shift]:
        """The shifts that begin on that date."""
        if day in self.special_days:
            return self.special_days[day]
        if self.closing_name(day) is not None:
            return ()
        return self.week.get(day.weekday(), ())

    # How it is worked out. Instants are seconds since 1970, days are ordinals of dates.

    def _spans(self, moment: int, days: int = HORIZON_DAYS) -> Iterator[tuple[int, int]]:
        """Open spans in order, from the one that ends after `moment`. The first may begin earlier."""
        if self._always:
            yield moment, moment + days * 86400
            return
        if self.never_open:
            return
        # Two days back: yesterday's night shift may still run, and a zone may skip a whole day.
        today = self._ordinal(moment)
        for ordinal in range(today - 2, today + days + 1):
            for span in self._day(ordinal):
                if span[1] > moment:
                    yield span

    def _spans_within(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        if end <= start:
            return
        for opens, closes in self._spans(start, days=(end - start) // 86400 + 3):
            if opens >= end:
                return
            yield max(opens, start), min(closes, end)

    def _day(self, ordinal: int) -> tuple[tuple[int, int], ...]:
        """The open spans that begin on a day, without what the day before still covers."""
        known = self._days.get(ordinal)
        if known is not None:
            return known
        day = date.fromordinal(ordinal)
        before = self.shifts_on(date.fromordinal(ordinal - 1))
        covered = max((shift.closes for shift in before), default=0) - DAY
        spans = tuple(
            span
            for opens, closes in _joined(self.shifts_on(day))
            if closes > covered
            and (span := (self._instant(ordinal, max(opens, covered)), self._instant(ordinal, closes)))
            and span[0] < span[1]
        )
        if len(self._days) >= _CACHED_DAYS:
            self._days.clear()
        self._days[ordinal] = spans
        return spans

    def _instant(self, ordinal: int, minute: int) -> int:
        """The first instant at which the clock shows that minute of the day, or later."""
        wall = datetime.fromordinal(ordinal) + timedelta(minutes=minute)
        first = floor(wall.replace(tzinfo=self._zone).timestamp())
        second = floor(wall.replace(tzinfo=self._zone, fold=1).timestamp())
        if second >= first:
            return first
        # The wall time is skipped (PEP 495 gives the later instant for fold=0 and the earlier one
        # for fold=1): the clocks jump somewhere between the two.
        before, after = second, first
        while after - before > 1:
            middle = (before + after) // 2
            if datetime.fromtimestamp(middle, self._zone).replace(tzinfo=None) < wall:
                before = middle
            else:
                after = middle
        return after

    def _ordinal(self, moment: int) -> int:
        return datetime.fromtimestamp(moment, self._zone).toordinal()

    def _closed(self, start: int, end: int) -> list[Span]:
        """Why we are closed all the time from `start` to `end`, cut where the reason changes."""
        spans: list[Span] = []
        while start < end:
            ordinal = self._ordinal(start)
            while (midnight := self._instant(ordinal + 1, 0)) <= start:
                ordinal += 1  # the clocks went back over midnight: yesterday does not come again
            until = min(end, midnight)
            kind, name = self._reason(ordinal, start)
            if spans and (spans[-1].kind, spans[-1].name) == (kind, name):
                spans[-1] = Span(spans[-1].start, _datetime(until), kind, name)
            else:
                spans.append(Span(_datetime(start), _datetime(until), kind, name))
            start = until
        return spans

    def _reason(self, ordinal: int, moment: int) -> tuple[SpanKind, str]:
        day = date.fromordinal(ordinal)
        name = self.closing_name(day)
        if name is not None:
            return SpanKind.CLOSING_DAY, name
        spans = self._day(ordinal)
        if not spans:
            return SpanKind.DAY_OFF, ""
        if any(closes <= moment for _, closes in spans) and any(opens > moment for opens, _ in spans):
            return SpanKind.BREAK, ""
        return SpanKind.NIGHT, ""


def _joined(shifts: Sequence[Shift]) -> tuple[tuple[int, int], ...]:
    """Shifts in order, with those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for shift in sorted(shifts):
        if joined and shift.opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], shift.closes))
        else:
            joined.append((shift.opens, shift.closes))
    return tuple(joined)


def _second(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("working time needs an aware datetime")
    return floor(at.timestamp())


def _datetime(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
