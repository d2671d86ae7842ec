"""The form of a routing rule."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.design.settings_pages import SectionedForm
from madoguchi.staff.forms import ManyNamed, Named
from madoguchi.staff.models import Skill, Team
from madoguchi.tickets import condition_fields

from .models import RoutingRule


class RuleForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    team = Named(
        Team.objects.none(),
        label=_("Team"),
        required=False,
        empty_label="–",
        help_text=_("Without one the ticket keeps the team that it has"),
    )
    method = forms.ChoiceField(
        label=_("How"), choices=RoutingRule.Method.choices, widget=forms.RadioSelect, initial=RoutingRule.Method.ROUND_ROBIN
    )
    language_rule = forms.ChoiceField(
        label=_("Language"), choices=RoutingRule.Language.choices, widget=forms.RadioSelect, initial=RoutingRule.Language.PREFERRED
    )
    skills = ManyNamed(Skill.objects.none(), label=_("Skills that are needed"), required=False)
    alarm_minutes = forms.IntegerField(
        label=_("Alarm after, in working minutes"), min_value=1, max_value=60 * 24 * 31, initial=15,
        help_text=_("The team lead and the supervisors are told when nobody could take a ticket for so long"),
    )  # fmt: skip

    def __init__(self, *args: Any, rule: RoutingRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["skills"].queryset = Skill.objects.order_by("name")  # type: ignore[attr-defined]
        self.traits = condition_fields.add_fields(self, rule.conditions if rule else {})
        if rule is not None:
            self.initial.update({
                "name": rule.name, "is_active": rule.is_active, "team": rule.team_id, "method": rule.method,
                "language_rule": rule.language_rule, "skills": [skill.pk for skill in rule.skills.all()],
                "alarm_minutes": rule.alarm_minutes,
            })  # fmt: skip

    @property
    def sections(self) -> list[tuple[Any, Any, list[str]]]:  # type: ignore[override]
        return [
            (_("Rule"), "", ["name", "is_active"]),
            (_("What it is for"), _("A ticket must meet every condition. The first rule in the list that fits counts"), self.traits),
            (_("Who gets it"), _("Nobody gets a ticket over their capacity, while away or outside working hours"),
             ["team", "method", "skills", "language_rule"]),
            (_("If nobody can"), _("The ticket waits and is tried again when somebody can take it"), ["alarm_minutes"]),
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        team = clean.get("team")
        return {
            "name": clean.get("name", ""), "is_active": clean.get("is_active", False), "team_id": team.pk if team else None,
            "method": clean.get("method", ""), "language_rule": clean.get("language_rule", ""),
            "skill_ids": [skill.pk for skill in clean.get("skills") or []], "alarm_minutes": clean.get("alarm_minutes") or 0,
            "conditions": condition_fields.read(clean),
        }  # fmt: skip
