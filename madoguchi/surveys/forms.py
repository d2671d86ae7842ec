"""Forms of surveys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.design.settings_pages import SectionedForm

from .models import Choices, Kind


class ChoicesForm(SectionedForm):
    is_on = forms.BooleanField(label=_("Send surveys after tickets are solved"), required=False)
    kind = forms.ChoiceField(label=_("What is asked"), choices=Kind.choices)
    delay_hours = forms.IntegerField(
        label=_("Hours after solving"), min_value=0, max_value=240,
        help_text=_("Surveys are sent between 9:00 and 19:00 of the customer’s own time."),
    )  # fmt: skip
    every_days = forms.IntegerField(
        label=_("Days until the same customer is asked again"), min_value=1, max_value=730,
        help_text=_("Customers who said no, restricted customers and spam are never asked."),
    )  # fmt: skip
    sections = [
        (pgettext_lazy("customers", "Surveys"), _("One question by mail, answered with one click."), ["is_on", "kind"]),
        (_("When"), "", ["delay_hours", "every_days"]),
    ]

    def __init__(self, *args: Any, chosen: Choices, **kwargs: Any) -> None:
        names = ("is_on", "kind", "delay_hours", "every_days")
        kwargs["initial"] = {name: getattr(chosen, name) for name in names}
        super().__init__(*args, **kwargs)
