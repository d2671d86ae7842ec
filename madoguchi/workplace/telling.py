"""Business hours in words, for customers."""

from datetime import time

from madoguchi.design import formats

from .hours import Calendar, Shift


def opening_hours(calendar: Calendar) -> str:
    """The week in one line, in the active language: Mon–Fri 09:00–18:00, Sat 10:00–15:00."""
    groups: list[tuple[int, int, tuple[Shift, ...]]] = []
    for weekday in range(7):
        shifts = tuple(calendar.week.get(weekday, ()))
        if shifts and groups and groups[-1][1:] == (weekday - 1, shifts):
            groups[-1] = (groups[-1][0], weekday, shifts)
        elif shifts:
            groups.append((weekday, weekday, shifts))
    return formats.row(f"{formats.weekdays(first, last)} {formats.row(map(_shift, shifts))}" for first, last, shifts in groups)


def _shift(shift: Shift) -> str:
    opens, closes = divmod(shift.opens, 60), divmod(shift.closes % 1440, 60)
    return formats.time_range(time(*opens), time(*closes), ends_at_midnight=shift.closes == 1440)  # noqa: PLR2004
