"""The obvious model of opening hours: look at the clock on the wall, every minute.

The clock on this wall never turns back: while the zone repeats an hour it stands still.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from madoguchi.workplace.hours import Calendar

MINUTE = timedelta(minutes=1)


def minutes_from(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, bool]]:
    """Every minute from `start` on, and whether it is open."""
    zone = ZoneInfo(calendar.zone)
    start = start.astimezone(UTC)
    at = start - timedelta(days=2)
    shown = at.replace(tzinfo=None) - timedelta(days=2)  # earlier than any clock shows
    while True:
        shown = max(shown, at.astimezone(zone).replace(tzinfo=None))
        if at >= start:
            yield at, _open_when_showing(calendar, shown)
        at += MINUTE


def _open_when_showing(calendar: Calendar, shown: datetime) -> bool:
    for days_back in (0, 1):
        day = shown.date() - timedelta(days=days_back)
        minute = 60 * shown.hour + shown.minute + 1440 * days_back
        if day in calendar.special_days:
            shifts = calendar.special_days[day]
        elif day in calendar.closing_days or day in calendar.holidays(day.year):
            shifts = ()
        else:
            shifts = calendar.week.get(day.weekday(), ())
        if any(shift.opens <= minute < shift.closes for shift in shifts):
            return True
    return False
