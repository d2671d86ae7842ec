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
    """Business hours in one time zone; `workplace.hours` does the arithmetic.

    Whoever counts time names the `version`: hours that change tomorrow must not change what was counted yesterday.
    `country` and `subdivision` (ISO 3166) choose the public holidays that are kept; empty keeps none.
    """

    name = models.CharField(max_length=120, unique=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    always_open = models.BooleanField(default=False)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=20, blank=True)
    is_default = models.BooleanField(default=False)
    version = models.ForeignKey("workplace.CalendarVersion", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """The hours of a calendar as they were at one time, complete and never changed; `queries.hours` reads it.

    It outlives its calendar, because clocks that counted by it can still be replayed. `id` is a digest of the definition: what
    a process once read under an id can never become wrong, not even after a rollback.
    """

    id = models.BigIntegerField(primary_key=True)
    definition = models.JSONField()
    created_at = models.DateTimeField()


class Shift(models.Model):
    """A span of opening time on a weekday (0 = Monday); minutes from midnight, `end` may be 1440 or run past it."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.SmallIntegerField()
    start = models.SmallIntegerField()
    end = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="shift_ends_after_start"),
            models.CheckConstraint(condition=models.Q(weekday__gte=0, weekday__lte=6), name="shift_on_a_weekday"),
        ]
        ordering = ["weekday", "start"]


class SpecialDay(models.Model):
    """A date that differs from the week. `hours`: [[start, end], ...] in minutes, also on a holiday; empty: closed."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="special_days")
    date = models.DateField()
    name = models.CharField(max_length=120, blank=True)
    hours = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="special_day_once")]
        ordering = ["date"]


class Brand(models.Model):
    """A name under which the company meets customers."""

    name = models.CharField(max_length=120, unique=True)
    calendar = models.ForeignKey(Calendar, null=True, blank=True, on_delete=models.SET_NULL)
    is_default = models.BooleanField(default=False)
