"""Facts that the workplace announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CalendarChanged:
    """The hours of a calendar are others from now on."""

    calendar_id: int
    version_id: int
