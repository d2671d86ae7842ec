"""Reads about our own company."""

from .models import Brand, Calendar, Workplace


def workplace() -> Workplace | None:
    """The company, or None before `init` or the first-run wizard."""
    return Workplace.objects.filter(pk=1).first()


def default_brand() -> Brand | None:
    return Brand.objects.select_related("calendar").filter(is_default=True).first()


def default_calendar() -> Calendar | None:
    return Calendar.objects.filter(is_default=True).first()
