"""Writes about our own company."""

from django.db import transaction

from madoguchi.foundation import clock

from .models import Brand, Calendar, Shift, Workplace

WORKDAY = (9 * 60, 18 * 60)


@transaction.atomic
def set_up(*, name: str, language: str, time_zone: str, is_demo: bool = False) -> Workplace:
    """The company, its first brand and its default business hours (Monday to Friday, 9:00 to 18:00). Safe to repeat."""
    place, _ = Workplace.objects.update_or_create(
        pk=1,
        defaults={"name": name, "language": language, "time_zone": time_zone, "is_demo": is_demo, "set_up_at": clock.now()},
    )
    calendar = Calendar.objects.filter(is_default=True).first()
    if calendar is None:
        calendar = Calendar.objects.create(name=name, time_zone=time_zone, is_default=True)
        Shift.objects.bulk_create([Shift(calendar=calendar, weekday=day, start=WORKDAY[0], end=WORKDAY[1]) for day in range(5)])
    if not Brand.objects.filter(is_default=True).exists():
        Brand.objects.update_or_create(name=name, defaults={"calendar": calendar, "is_default": True})
    return place
