"""Forms of protection."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.design import formats
from madoguchi.design.settings_pages import SectionedForm
from madoguchi.foundation import clock
from madoguchi.staff.forms import Named
from madoguchi.staff.models import Agent

from . import ladder
from .models import Label, Measure, Severity
from .shield import Shielded

CHANNELS = [("mail", _("Email")), ("chat", _("Chat")), ("phone", _("Phone")), ("portal", pgettext_lazy("channel", "Portal"))]
SHIPPED_LENGTH, SHIPPED_REVIEW = timedelta(days=30), timedelta(days=14)


def start_of(day: date | None) -> datetime | None:
    """The beginning of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


class StepForm(SectionedForm):
    """Taking a step: why, upon what, with which words; a restriction also says what, for how long and who stays."""

    evidence = forms.MultipleChoiceField(label=_("Messages that this rests on"), widget=forms.CheckboxSelectMultiple)
    behaviour = forms.ChoiceField(
        label=_("What was done"), choices=[("", pgettext_lazy("behaviour", "Other")), *Label.choices], required=False
    )
    reason = forms.CharField(
        label=_("Facts"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What happened, when, in plain words and without adjectives. The notice of a restriction repeats them."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=pgettext_lazy("protection", "Restriction"), choices=Measure.Kind.choices)
    channel = forms.ChoiceField(label=_("Channel that stays open"), choices=[("", "–"), *CHANNELS], required=False)
    contact = Named(Agent.objects.none(), label=_("Contact person"), required=False, empty_label="–")
    ends_on = forms.DateField(label=_("Ends on"), widget=forms.DateInput(attrs={"type": "date"}))
    review_on = forms.DateField(label=_("Review on"), widget=forms.DateInput(attrs={"type": "date"}))
    notice = forms.CharField(
        label=_("Notice to the customer"), max_length=8000, widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_("Words in braces are filled in when it is sent. The link for an appeal must stay."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, step: ladder.Step, messages: list[tuple[int, datetime, Shielded | None, str]], draft: str, language: str,
        suggested: list[int], behaviour: str, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        today = timezone.localdate(clock.now())
        self.fields["evidence"].choices = [  # type: ignore[attr-defined]
            (pk, f"{formats.near(at)} {(shield.text if shield else text)[:120]}") for pk, at, shield, text in messages
        ]
        self.fields["contact"].queryset = Agent.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]
        self.fields["notice"].widget.attrs["lang"] = language
        self.initial.update({
            "kind": Measure.Kind.WRITING_ONLY, "evidence": suggested, "behaviour": behaviour, "notice": draft,
            "ends_on": today + SHIPPED_LENGTH,
            "review_on": today + SHIPPED_REVIEW,
        })  # fmt: skip
        if step not in ladder.WITH_NOTICE:
            del self.fields["notice"]
        if step == ladder.Step.SECOND_PERSON:
            self.fields["evidence"].required = False
        if step != ladder.Step.RESTRICTION:
            for name in ("kind", "channel", "contact", "ends_on", "review_on"):
                del self.fields[name]

    sections = [
        (_("What happened"), _("Facts that somebody who was not there can follow"), ["evidence", "behaviour", "reason"]),
        (pgettext_lazy("protection", "Restriction"), _("It ends by itself. Safety notices and statutory rights always get through"),
         ["kind", "channel", "contact", "ends_on", "review_on"]),
        (_("Notice"), _("In the customer’s language"), ["notice"]),
    ]  # fmt: skip


class JudgeForm(SectionedForm):
    severity = forms.TypedChoiceField(label=_("Severity"), coerce=int, choices=Severity.choices, widget=forms.RadioSelect)
    labels = forms.MultipleChoiceField(label=_("What was done"), choices=Label.choices, widget=forms.CheckboxSelectMultiple, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class DecideForm(SectionedForm):
    lifted = forms.TypedChoiceField(
        label=_("Decision"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("no", _("The step stands")), ("yes", _("The step is taken back"))],
    )  # fmt: skip
    not_harassment = forms.BooleanField(
        label=_("It was not harassment: count it as a mistake of the detection"), required=False,
    )  # fmt: skip
    answer = forms.CharField(label=_("Answer to the customer"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))


class AppealForm(forms.Form):
    text = forms.CharField(
        label=_("Why do you think that this is wrong?"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6, "class": "area"})
    )
