"""Writes about our own company."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound

from . import hours
from .events import CalendarChanged
from .models import Brand, Calendar, CalendarVersion, Shift, SpecialDay, Workplace
from .public_holidays import is_known
from .queries import hours_from

WORKWEEK = [(weekday, 9 * 60, 18 * 60) for weekday in range(5)]
MAX_SHIFTS = 70
MAX_SPECIAL_DAYS = 1000

SpecialDays = Sequence[tuple[date, str, Sequence[tuple[int, int]]]]


@transaction.atomic
def set_up(*, name: str, language: str, time_zone: str, is_demo: bool = False) -> Workplace:
    """The company, its first brand and its default business hours (Monday to Friday, 9:00 to 18:00). Safe to repeat."""
    place, _created = Workplace.objects.update_or_create(
        pk=1,
        defaults={"name": name, "language": language, "time_zone": time_zone, "is_demo": is_demo, "set_up_at": clock.now()},
    )
    calendar = Calendar.objects.filter(is_default=True).first()
    if calendar is None:
        calendar = save_calendar(by=SYSTEM, name=name, time_zone=time_zone, shifts=WORKWEEK, is_default=True)
    if not Brand.objects.filter(is_default=True).exists():
        Brand.objects.update_or_create(name=name, defaults={"calendar": calendar, "is_default": True})
    return place


@transaction.atomic
def save_calendar(
    *,
    by: Actor,
    name: str,
    time_zone: str,
    shifts: Sequence[tuple[int, int, int]] = (),
    special_days: SpecialDays = (),
    always_open: bool = False,
    country: str = "",
    subdivision: str = "",
    is_default: bool = False,
    calendar_id: int | None = None,
) -> Calendar:
    """Create a calendar or replace its hours; running clocks count by the new hours from now on.

    shifts: (weekday, start, end), Monday 0, minutes from midnight; `end` past 1440 runs into the next day.
    special_days: (date, name, [(start, end), ...]); no spans: closed.
    Raises Invalid with `fields` for hours that make no sense, NotFound for an unknown calendar.
    """
    definition: dict[str, Any] = {
        "time_zone": time_zone,
        "always_open": always_open,
        "country": country,
        "subdivision": subdivision,
        "shifts": sorted([*shift] for shift in shifts),
        "special_days": sorted([day.isoformat(), why.strip()[:120], sorted(map(list, spans))] for day, why, spans in special_days),
    }
    name = " ".join(name.split())[:120]
    _check(definition, name=name, calendar_id=calendar_id)
    calendar = Calendar.objects.select_for_update().filter(pk=calendar_id).first() if calendar_id else Calendar()
    if calendar is None:
        raise NotFound
    calendar.name, calendar.time_zone, calendar.always_open = name, time_zone, always_open
    calendar.country, calendar.subdivision = country, subdivision
    if is_default or not Calendar.objects.filter(is_default=True).exists():
        Calendar.objects.filter(is_default=True).exclude(pk=calendar.pk).update(is_default=False)
        calendar.is_default = True
    calendar.save()
    Shift.objects.filter(calendar=calendar).delete()
    Shift.objects.bulk_create([Shift(calendar=calendar, weekday=w, start=start, end=end) for w, start, end in definition["shifts"]])
    SpecialDay.objects.filter(calendar=calendar).delete()
    SpecialDay.objects.bulk_create(
        [SpecialDay(calendar=calendar, date=day, name=day_name, hours=spans) for day, day_name, spans in definition["special_days"]]
    )
    version, _created = CalendarVersion.objects.get_or_create(
        pk=_digest(definition), defaults={"definition": definition, "created_at": clock.now()}
    )
    if calendar.version_id != version.pk:
        calendar.version = version
        calendar.save(update_fields=["version"])
        events.emit(CalendarChanged(calendar.pk, calendar.version.pk), by=by)
        audit.record("workplace.save_calendar", by=by, subject=f"calendar:{calendar.pk}", detail={"name": name, **definition})
    return calendar


def _digest(definition: dict[str, Any]) -> int:
    """52 bits, so that JSON readers of every language keep all of them."""
    canonical = json.dumps(definition, sort_keys=True, ensure_ascii=False)
    return int(hashlib.sha256(canonical.encode()).hexdigest()[:13], 16)


def _check(definition: dict[str, Any], *, name: str, calendar_id: int | None) -> None:
    wrong: dict[str, object] = {}
    if not name:
        wrong["name"] = _("Give the calendar a name.")
    elif Calendar.objects.filter(name=name).exclude(pk=calendar_id or 0).exists():
        wrong["name"] = _("Another calendar has this name.")
    if definition["country"] and not is_known(definition["country"], definition["subdivision"]):
        wrong["country"] = _("The public holidays of this region are not known. Choose one from the list.")
    try:
        hours.Calendar(definition["time_zone"], {})
    except ValueError:
        wrong["time_zone"] = _("This time zone is not known. Choose one from the list.")
    wrong |= _wrong_hours(definition)
    if wrong:
        raise Invalid(fields=wrong)


def _wrong_hours(definition: dict[str, Any]) -> dict[str, object]:
    days = [day for day, *_rest in definition["special_days"]]
    if len(definition["shifts"]) > MAX_SHIFTS or len(days) > MAX_SPECIAL_DAYS:
        return {"shifts": _("That is too many shifts or special days.")}
    if len(days) != len(set(days)):
        return {"special_days": _("A date stands twice among the special days.")}
    if not definition["always_open"] and not definition["shifts"]:
        return {"shifts": _("Add at least one shift, or no promise would ever be due.")}
    try:
        hours_from({**definition, "time_zone": "UTC", "country": "", "always_open": False})
    except (ValueError, TypeError):
        return {"shifts": _("A shift lasts between one minute and 24 hours and begins on a weekday.")}
    return {}


@transaction.atomic
def delete_calendar(*, calendar_id: int, by: Actor) -> None:
    """Raises Conflict for the default calendar and for one that a policy still counts by."""
    calendar = Calendar.objects.filter(pk=calendar_id).first()
    if calendar is None:
        raise NotFound
    if calendar.is_default:
        raise Conflict(_("This is the default calendar. Make another one the default first."))
    try:
        calendar.delete()
    except ProtectedError as used:
        raise Conflict(_("An SLA policy counts by this calendar. Give the policy another one first.")) from used
    audit.record("workplace.delete_calendar", by=by, subject=f"calendar:{calendar_id}", detail={"name": calendar.name})


@transaction.atomic
def change_workplace(*, name: str, language: str, time_zone: str, by: Actor) -> Workplace:
    """Change who we are. Raises Invalid for a zone or language that does not exist."""
    wrong: dict[str, object] = {}
    try:
        hours.Calendar(time_zone, {})
    except ValueError:
        wrong["time_zone"] = _("This time zone is not known. Choose one from the list.")
    if language not in dict(settings.LANGUAGES):
        wrong["language"] = _("This language is not available.")
    if wrong:
        raise Invalid(fields=wrong)
    place = Workplace.objects.select_for_update().filter(pk=1).first()
    if place is None:
        raise NotFound
    before = {"name": place.name, "language": place.language, "time_zone": place.time_zone}
    place.name, place.language, place.time_zone = name.strip(), language, time_zone
    place.save()
    changed = audit.changes(before, {"name": place.name, "language": language, "time_zone": time_zone})
    if changed:
        audit.record("workplace.change", by=by, subject="workplace:1", detail=changed)
    return place


@transaction.atomic
def save_brand(*, brand: Brand | None, name: str, calendar: Calendar | None, is_default: bool, by: Actor) -> Brand:
    """Make a brand (`brand` None) or change one; exactly one is the default."""
    before = _brand(brand) if brand else {}
    verb, brand = ("change_brand", brand) if brand else ("create_brand", Brand())
    name = " ".join(name.split())
    if Brand.objects.filter(name=name).exclude(pk=brand.pk or 0).exists():
        message = _("Another brand has this name.")
        raise Conflict(message, fields={"name": message})
    if is_default or not Brand.objects.filter(is_default=True).exclude(pk=brand.pk or 0).exists():
        Brand.objects.filter(is_default=True).exclude(pk=brand.pk or 0).update(is_default=False)
        is_default = True
    brand.name, brand.calendar, brand.is_default = name, calendar, is_default
    brand.save()
    changed = audit.changes(before, _brand(brand))
    if changed:
        audit.record(f"workplace.{verb}", by=by, subject=f"brand:{brand.pk}", detail=changed)
    return brand


def _brand(brand: Brand) -> dict[str, object]:
    return {"name": brand.name, "calendar": brand.calendar.name if brand.calendar else None, "is_default": brand.is_default}


@transaction.atomic
def delete_brand(*, brand: Brand, by: Actor) -> None:
    """Remove a brand; its mailboxes and tickets stay, without a brand. Raises Conflict for the default one."""
    if brand.is_default:
        raise Conflict(_("This is the default brand. Make another one the default first."))
    audit.record("workplace.delete_brand", by=by, subject=f"brand:{brand.pk}", detail={"name": brand.name})
    brand.delete()
