"""Reads about our own company."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from . import hours as arithmetic
from .models import Brand, Calendar, CalendarVersion, Workplace
from .public_holidays import holidays_of


def workplace() -> Workplace | None:
    """The company, or None before `init` or the first-run wizard."""
    return Workplace.objects.filter(pk=1).first()


def is_demo() -> bool:
    """Whether the demo company lives here."""
    return Workplace.objects.filter(is_demo=True).exists()


def default_brand() -> Brand | None:
    return Brand.objects.select_related("calendar").filter(is_default=True).first()


def default_calendar() -> Calendar | None:
    return Calendar.objects.filter(is_default=True).first()


@lru_cache(maxsize=256)
def hours(version_id: int, language: str = "") -> arithmetic.Calendar:
    """The hours of a calendar version, ready to count with. Kept for the life of the process: versions never change.

    `language`: of the reader, for the names of public holidays.
    """
    return hours_from(CalendarVersion.objects.get(pk=version_id).definition, language)


def hours_from(definition: Mapping[str, Any], language: str = "") -> arithmetic.Calendar:
    """A definition (see `actions.save_calendar`) as hours. ValueError if it makes no sense."""
    if definition["always_open"]:
        return arithmetic.Calendar(definition["time_zone"], dict.fromkeys(range(7), (arithmetic.Shift(0, arithmetic.DAY),)))
    week: dict[int, list[arithmetic.Shift]] = {}
    for weekday, start, end in definition["shifts"]:
        week.setdefault(weekday, []).append(arithmetic.Shift(start, end))
    special = {date.fromisoformat(day): (name, spans) for day, name, spans in definition["special_days"]}
    return arithmetic.Calendar(
        definition["time_zone"],
        week,
        closing_days={day: name for day, (name, spans) in special.items() if not spans},
        holidays=holidays_of(definition["country"], definition["subdivision"], language),
        special_days={day: [arithmetic.Shift(*span) for span in spans] for day, (_, spans) in special.items() if spans},
    )


@dataclass(frozen=True, slots=True)
class CurrentVersions:
    """The versions in force: of each calendar, of each brand's calendar, and of the default calendar."""

    of_calendar: dict[int, int]
    of_brand: dict[int, int]
    default: int | None

    def choose(self, *, calendar_id: int | None, brand_id: int | None) -> int | None:
        """The named calendar, else the brand's, else the default one."""
        if calendar_id is not None and calendar_id in self.of_calendar:
            return self.of_calendar[calendar_id]
        return self.of_brand.get(brand_id or 0, self.default)


def current_versions() -> CurrentVersions:
    """In two statements."""
    calendars = list(Calendar.objects.exclude(version=None).order_by("id").values_list("id", "version_id", "is_default"))
    of_calendar = {pk: version for pk, version, _ in calendars}
    brands = Brand.objects.exclude(calendar=None).values_list("id", "calendar_id")
    default = next((version for _, version, is_default in calendars if is_default), None)
    return CurrentVersions(of_calendar, {pk: of_calendar[calendar] for pk, calendar in brands if calendar in of_calendar}, default)
