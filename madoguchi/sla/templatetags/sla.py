"""`{% load sla %}`: the words beside a clock's ring."""

from django import template

from madoguchi.sla.queries import ClockView
from madoguchi.sla.words import clock_text

register = template.Library()


@register.filter(name="clock_text")
def _clock_text(view: ClockView) -> str:
    return clock_text(view)
