"""When a customer may be written to after their matter is solved. Pure."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = 9, 19  # hours of the customer's own clock in which we write or call unasked
APART = timedelta(hours=48)  # between two mails of this kind to one customer
MOST_DAYS = 60  # of holidays in a row that are believed


def every_day(_day: date) -> bool:
    return True


def waking(at: datetime, zone: ZoneInfo, *, works: Callable[[date], bool] = every_day) -> datetime:
    """The first moment from `at` on that lies in the customer's waking hours, on a day that `works`; an aware time in UTC's order."""
    local = at.astimezone(zone)
    for ahead in range(MOST_DAYS):
        day = local.date() + timedelta(days=ahead)
        if not works(day):
            continue
        begins = datetime.combine(day, time(OPENS), zone)
        if ahead or local < begins:
            return begins
        if local.hour < CLOSES:
            return at
    return waking(at, zone)


def planned(
    solved_at: datetime, zone: ZoneInfo, *, earliest: timedelta, latest: timedelta, works: Callable[[date], bool] = every_day
) -> datetime:
    """When to ask after solving: in waking hours, not before `earliest`. A closed day is spared unless that would miss `latest`."""
    kind = waking(solved_at + earliest, zone, works=works)
    return kind if kind <= solved_at + latest else waking(solved_at + earliest, zone)


def apart(at: datetime, others: list[datetime]) -> datetime:
    """`at`, or the first moment after it that is APART from all of `others`."""
    for other in sorted(others):
        if abs(at - other) < APART:
            at = other + APART
    return at
