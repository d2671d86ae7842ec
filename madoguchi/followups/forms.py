"""Forms of follow-ups."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.design.settings_pages import SectionedForm
from madoguchi.tickets.models import Cause, Kind, Priority

from .models import Means, Rule

CHANNELS = [
    ("mail", pgettext_lazy("channel", "Mail")), ("form", _("Contact form")), ("portal", _("Customer portal")), ("chat", _("Chat")),
    ("phone", pgettext_lazy("channel", "Phone")),
]  # fmt: skip
NAMES = (
    "name", "is_active", "position", "kinds", "causes", "channels", "from_priority", "tiers", "first_hours", "first_means", "second_days",
    "second_means",
)  # fmt: skip
MOST_TIERS = 20


class RuleForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    is_active = forms.BooleanField(label=_("In use"), required=False)
    position = forms.IntegerField(
        label=pgettext_lazy("of a rule", "Place"), min_value=0, max_value=999, help_text=_("The first rule that fits counts.")
    )
    kinds = forms.MultipleChoiceField(
        label=pgettext_lazy("of a ticket", "Kind"), choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    causes = forms.MultipleChoiceField(
        label=pgettext_lazy("of a complaint", "Cause"), choices=Cause.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    channels = forms.MultipleChoiceField(
        label=pgettext_lazy("of a ticket", "Channel"), choices=CHANNELS, required=False, widget=forms.CheckboxSelectMultiple
    )
    from_priority = forms.TypedChoiceField(label=_("Priority from"), choices=Priority.choices, coerce=int)
    tiers = forms.CharField(
        label=_("Customers"), max_length=500, required=False, help_text=_("Tags of customers or names of companies, with commas between.")
    )
    first_hours = forms.IntegerField(label=_("First step, hours after solving"), min_value=24, max_value=48)
    first_means = forms.ChoiceField(label=_("First step"), choices=Means.choices)
    second_days = forms.IntegerField(
        label=_("Second step, days after solving"), min_value=0, max_value=15, help_text=_("7 to 15; 0 leaves the second step out.")
    )
    second_means = forms.ChoiceField(label=_("Second step"), choices=Means.choices)
    sections = [
        (pgettext_lazy("follow-up", "Rule"), "", ["name", "is_active", "position"]),
        (_("Which tickets"), _("Nothing chosen fits every ticket."), ["kinds", "causes", "channels", "from_priority", "tiers"]),
        (
            _("When and how"), _("Within 9:00 to 19:00 of the customer’s own time, on working days where possible."),
            ["first_hours", "first_means", "second_days", "second_means"],
        ),
    ]  # fmt: skip

    def __init__(self, *args: Any, rule: Rule | None, **kwargs: Any) -> None:
        row = rule or Rule()
        kwargs["initial"] = {name: getattr(row, name) for name in NAMES} | {"tiers": ", ".join(map(str, row.tiers))}
        super().__init__(*args, **kwargs)

    def clean_tiers(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["tiers"].replace("、", ",").replace("，", ",").split(",")]
        return list(dict.fromkeys(name for name in names if name))[:MOST_TIERS]


class RecordForm(forms.Form):
    cause = forms.CharField(max_length=4000, required=False)
    solution = forms.CharField(max_length=4000, required=False)
    lesson = forms.CharField(max_length=4000, required=False)
