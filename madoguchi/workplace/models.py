"""Our own company: who we are, our brands, when we are open."""

from django.conf import settings
from django.db import models


class Workplace(models.Model):
    """The one company that runs this installation."""

    name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, default="en", choices=settings.LANGUAGES)
    time_zone = models.CharField(max_length=60, default="UTC")
    is_demo = models.BooleanField(default=False)
    set_up_at = models.DateTimeField(null=True)


class Calendar(models.Model):
    """Business hours in one time zone; `workplace.hours` does the arithmetic."""

    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="UTC")
    always_open = models.BooleanField(default=False)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)
    is_default = models.BooleanField(default=False)


class Shift(models.Model):
    """A span of opening time on a weekday (0 = Monday); minutes from midnight, `end` may be 1440 or run past it."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.SmallIntegerField()
    start = models.SmallIntegerField()
    end = models.SmallIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="shift_ends_after_start")]
        ordering = ["weekday", "start"]


class SpecialDay(models.Model):
    """A day that differs from the week: closed, or open although a holiday says otherwise."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="special_days")
    date = models.DateField()
    name = models.CharField(max_length=120, blank=True)
    is_open = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="special_day_once")]
        ordering = ["date"]


class Brand(models.Model):
    """A name under which the company meets customers."""

    name = models.CharField(max_length=120, unique=True)
    calendar = models.ForeignKey(Calendar, null=True, blank=True, on_delete=models.SET_NULL)
    is_default = models.BooleanField(default=False)
