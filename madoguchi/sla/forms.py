"""Forms about policies and business hours."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madoguchi.design import formats
from madoguchi.design.settings_pages import SectionedForm
from madoguchi.foundation.errors import MadoguchiError
from madoguchi.staff.forms import Named, RoleChoice, time_zones
from madoguchi.staff.models import Role, Team
from madoguchi.tickets import condition_fields
from madoguchi.tickets.models import Priority
from madoguchi.workplace.models import Calendar
from madoguchi.workplace.public_holidays import countries, subdivisions

from .entering import read_minutes, read_shifts, read_special_days, show_minutes, show_shifts, show_special_days
from .models import EscalationStep, Metric, Policy

WEEKDAYS = range(7)
MAX_STEPS = 20


class CalendarForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    is_default = forms.BooleanField(label=_("Default calendar"), required=False, help_text=_("Counts wherever no other calendar is chosen"))
    always_open = forms.BooleanField(label=_("Around the clock"), required=False, help_text=_("Every hour of every day counts"))
    country = forms.ChoiceField(label=_("Public holidays of"), required=False)
    subdivision = forms.ChoiceField(label=_("Region"), required=False, help_text=_("Save once after you chose another country"))
    special_days = forms.CharField(
        label=_("Days of our own"), required=False, max_length=60_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line: date, hours, name. Without hours the day is closed, as in 2026-12-31 9:00–12:00 New Year’s Eve"),
    )  # fmt: skip

    def __init__(self, *args: Any, calendar: Calendar | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calendar = calendar
        self.fields["time_zone"].choices = time_zones()  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", _("None")), *formats.country_names(countries())]  # type: ignore[attr-defined]
        chosen = self.data.get("country", "") if self.is_bound else calendar.country if calendar else ""
        regions = subdivisions(chosen)
        self.fields["subdivision"].choices = [("", _("The whole country")), *regions]  # type: ignore[attr-defined]
        if not regions:
            del self.fields["subdivision"]
        for day, name in zip(WEEKDAYS, formats.weekday_names(), strict=True):
            self.fields[f"day_{day}"] = forms.CharField(label=name, required=False, max_length=200)
        self._fill(calendar)

    def _fill(self, calendar: Calendar | None) -> None:
        if calendar is None:
            self.initial.setdefault("time_zone", timezone.get_current_timezone_name())
            self.initial.update({f"day_{day}": "9:00–12:00, 13:00–18:00" for day in range(5)})
            return
        spans: dict[int, list[tuple[int, int]]] = {}
        for shift in calendar.shifts.all():
            spans.setdefault(shift.weekday, []).append((shift.start, shift.end))
        own = [(day.date, day.name, [tuple(span) for span in day.hours]) for day in calendar.special_days.all()]
        self.initial.update({
            "name": calendar.name, "time_zone": calendar.time_zone, "is_default": calendar.is_default, "country": calendar.country,
            "always_open": calendar.always_open, "subdivision": calendar.subdivision, "special_days": show_special_days(own),
            **{f"day_{day}": show_shifts(spans.get(day, [])) for day in WEEKDAYS},
        })  # fmt: skip

    @property
    def sections(self) -> list[tuple[Any, Any, list[str]]]:  # type: ignore[override]
        return [
            (_("Calendar"), "", ["name", "time_zone", "is_default"]),
            (
                _("Working hours"),
                _("Several shifts a day are possible, also past midnight: 9:00–12:00, 13:00–18:00. Leave a day empty when it is closed"),
                ["always_open", *(f"day_{day}" for day in WEEKDAYS)],
            ),
            (_("Holidays"), _("On these days the clock stands still"), ["country", "subdivision", "special_days"]),
        ]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        shifts = []
        for day in WEEKDAYS:
            try:
                shifts += [(day, start, end) for start, end in read_shifts(clean.get(f"day_{day}") or "")]
            except ValueError:
                self.add_error(f"day_{day}", _("Write each shift as 9:00–12:00, with a comma between two of them."))
        try:
            special = read_special_days(clean.get("special_days") or "")
        except ValueError as wrong:
            special = []
            text = _("This line could not be read: {line}. Write it as 2026-12-31 9:00–12:00 Name.")
            self.add_error("special_days", text.format(line=str(wrong)[:100]))
        return {
            "name": clean.get("name", ""), "time_zone": clean.get("time_zone", ""), "is_default": clean.get("is_default", False),
            "always_open": clean.get("always_open", False), "country": clean.get("country", ""),
            "subdivision": clean.get("subdivision", ""), "shifts": shifts, "special_days": special,
        }  # fmt: skip

    def refuse(self, error: MadoguchiError) -> None:
        """Shifts are typed day by day: what is wrong with all of them stands at the first day."""
        if "shifts" in error.fields:
            error.fields["day_0"] = error.fields.pop("shifts")
        super().refuse(error)


class StepForm(forms.Form):
    """One step of the escalation chain; a row without an action is left out."""

    moment = forms.ChoiceField(label=_("When"), choices=EscalationStep.Moment.choices)
    after = forms.CharField(label=_("Later by"), required=False, max_length=20)
    metric = forms.ChoiceField(label=_("Target"), choices=[("", _("Every target")), *Metric.choices], required=False)
    action = forms.ChoiceField(label=_("Action"), choices=[("", _("Nothing")), *EscalationStep.Action.choices], required=False)
    role = RoleChoice(Role.objects.none(), label=_("Role"), required=False, empty_label="–")
    team = Named(Team.objects.none(), label=_("Team"), required=False, empty_label="–")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = Role.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        action, moment = clean.get("action"), clean.get("moment")
        after = 0
        if clean.get("after") and moment == EscalationStep.Moment.BREACH:
            try:
                after = read_minutes(clean["after"])
            except ValueError:
                self.add_error("after", _("Write a length of working time, such as 0:30 or 4:00."))
        if action == EscalationStep.Action.NOTIFY_ROLE and clean.get("role") is None:
            self.add_error("role", _("Choose who is told."))
        if action == EscalationStep.Action.REASSIGN_TEAM and clean.get("team") is None:
            self.add_error("team", _("Choose the team."))
        return clean | {"after_minutes": after}

    def step(self) -> dict[str, Any] | None:
        """As the action takes it."""
        clean = self.cleaned_data
        action = clean.get("action")
        if not action:
            return None
        return {
            "moment": clean["moment"], "metric": clean["metric"], "after_minutes": clean["after_minutes"], "action": action,
            "role_id": clean["role"].pk if action == EscalationStep.Action.NOTIFY_ROLE else None,
            "team_id": clean["team"].pk if action == EscalationStep.Action.REASSIGN_TEAM else None,
        }  # fmt: skip


Steps = forms.formset_factory(StepForm, extra=2, max_num=MAX_STEPS, absolute_max=MAX_STEPS)
COLUMNS: list[tuple[int | None, Any]] = [(None, _("Every priority")), *Priority.choices]


class PolicyForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    calendar = Named(
        Calendar.objects.none(), label=_("Business hours"), required=False, empty_label=_("Default"),
        help_text=_("Otherwise those of the ticket’s brand, or the default ones"),
    )  # fmt: skip
    warn_percent = forms.IntegerField(
        label=_("Warn after, in per cent of the time"), min_value=1, max_value=99, initial=75,
    )  # fmt: skip
    pause_waiting_others = forms.BooleanField(
        label=_("Also pause the resolution while waiting for others"), required=False,
        help_text=_("While waiting for the customer it always pauses"),
    )  # fmt: skip

    def __init__(self, *args: Any, policy: Policy | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["calendar"].queryset = Calendar.objects.order_by("name")  # type: ignore[attr-defined]
        self.traits = condition_fields.add_fields(self, policy.conditions if policy else {})
        for metric, metric_label in Metric.choices:
            for priority, label in COLUMNS:
                text = _("{metric}, {priority}").format(metric=metric_label, priority=label)
                self.fields[_cell(metric, priority)] = forms.CharField(label=text, required=False, max_length=20)
        steps: list[dict[str, Any]] = []
        if policy is not None:
            self.initial.update({
                "name": policy.name, "is_active": policy.is_active, "calendar": policy.calendar_id,
                "warn_percent": policy.warn_percent, "pause_waiting_others": policy.pause_waiting_others,
                **{_cell(target.metric, target.priority): show_minutes(target.minutes) for target in policy.targets.all()},
            })  # fmt: skip
            steps = [
                {
                    "moment": step.moment, "metric": step.metric, "action": step.action, "role": step.role_id, "team": step.team_id,
                    "after": show_minutes(step.after_minutes) if step.after_minutes else "",
                }
                for step in policy.steps.all()
            ]  # fmt: skip
        self.steps = Steps(self.data if self.is_bound else None, initial=steps, prefix="steps")

    @property
    def sections(self) -> list[tuple[Any, Any, list[str]]]:  # type: ignore[override]
        cells = [_cell(metric, priority) for metric, _label in Metric.choices for priority, _name in COLUMNS]
        return [
            (_("Policy"), "", ["name", "is_active"]),
            (_("What it is for"), _("A ticket must meet every condition. The first policy in the list that fits counts"), self.traits),
            (_("How time is counted"), "", ["calendar", "warn_percent", "pause_waiting_others"]),
            ("cells", "", cells),
        ]

    def parts(self) -> Iterator[dict[str, Any]]:
        """The targets are drawn as a table, not as a list of fields."""
        return (part for part in super().parts() if part["title"] != "cells")

    def rows(self) -> list[dict[str, Any]]:
        """The table of targets: a row a metric, a cell a priority."""
        return [
            {"label": label, "cells": [self[_cell(metric, priority)] for priority, _name in COLUMNS]} for metric, label in Metric.choices
        ]

    def columns(self) -> list[Any]:
        return [label for _priority, label in COLUMNS]

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.steps.is_valid()])

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        targets: dict[tuple[str, int | None], int] = {}
        for metric, _label in Metric.choices:
            for priority, _name in COLUMNS:
                typed = clean.pop(_cell(metric, priority), "")
                if not typed:
                    continue
                try:
                    targets[metric, priority] = read_minutes(typed)
                except ValueError:
                    self.add_error(_cell(metric, priority), _("Write a length of working time, such as 0:30 or 4:00."))
        calendar = clean.get("calendar")
        return {
            "name": clean.get("name", ""), "is_active": clean.get("is_active", False), "warn_percent": clean.get("warn_percent", 75),
            "pause_waiting_others": clean.get("pause_waiting_others", False), "calendar_id": calendar.pk if calendar else None,
            "conditions": condition_fields.read(clean), "targets": targets,
        }  # fmt: skip

    def refuse(self, error: MadoguchiError) -> None:
        """What concerns all targets stands at the first one, what concerns no field above the form."""
        first = _cell(Metric.FIRST_REPLY, None)
        for name, text in error.fields.items():
            self.add_error(first if name == "targets" else name if name in self.fields else None, str(text))
        if not error.fields:
            super().refuse(error)

    def chain(self) -> list[dict[str, Any]]:
        """The escalation steps, as the action takes them; after `is_valid`."""
        return [step for form in self.steps if form.has_changed() or form.initial for step in [form.step()] if step]


def _cell(metric: str, priority: int | None) -> str:
    return f"target_{metric}_{priority or 'all'}"
