"""`{% load sla %}`: the words beside a clock's ring."""

from django import template

from madoguchi.design import formats
from madoguchi.sla.queries import ClockView
from madoguchi.sla.words import clock_text

register = template.Library()


@register.filter(name="clock_text")
def _clock_text(view: ClockView) -> str:
    return clock_text(view)


@register.filter
def working_time(seconds: int) -> str:
    """A length of working time: 45 h."""
    return formats.working_time(seconds)
