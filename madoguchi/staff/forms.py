"""Forms about our people."""

import zoneinfo
from functools import cache
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from madoguchi.design.settings_pages import SectionedForm
from madoguchi.foundation import clock
from madoguchi.workplace.models import Calendar

from . import queries
from .digests import EVERY_MORNING
from .models import Agent, Role, Skill, Team
from .permissions import Permission, Scope

PERMISSION_GROUPS = [
    (_("Tickets"), [p for p in Permission if p.value.startswith("ticket.")]),
    (_("Customers"), [p for p in Permission if p.value.startswith("customer.")]),
    (_("Tools"), [Permission.VIEW_SHARE, Permission.CANNED_EDIT]),
    (_("Settings"), [p for p in Permission if p.value.startswith("manage.")]),
    (_("Oversight"), [Permission.AUDIT_READ, Permission.OPERATE]),
]


@cache
def _zone_names() -> list[str]:
    return sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc/", "posix", "right")))


def time_zones() -> list[tuple[str, str]]:
    """Every zone with its present distance from UTC, as `Asia/Tokyo (UTC+09:00)`."""
    now = clock.now()
    shown = [("UTC", "UTC")]
    for name in _zone_names():
        offset = now.astimezone(zoneinfo.ZoneInfo(name)).strftime("%z")
        shown.append((name, f"{name.replace('_', ' ')} (UTC{offset[:3]}:{offset[3:]})"))
    return shown


class RoleChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Role) -> str:  # type: ignore[override]
        return obj.label


class Named(forms.ModelChoiceField):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": "–", **kwargs})

    def label_from_instance(self, obj: Team | Calendar | Agent) -> str:  # type: ignore[override]
        return obj.name


class ManyNamed(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Team | Skill | Agent) -> str:  # type: ignore[override]
        return obj.name


def _offer(form: forms.Form, name: str, rows: QuerySet) -> None:
    """Let the field choose among `rows`; without any there is nothing to ask."""
    field = cast("forms.ModelMultipleChoiceField", form.fields[name])
    field.queryset = rows
    if not rows.exists():
        field.widget = forms.MultipleHiddenInput()


class InvitationForm(SectionedForm):
    email = forms.EmailField(label=_("Email address"))
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    role = RoleChoice(Role.objects.none(), label=_("Role"), empty_label=None)
    teams = ManyNamed(Team.objects.none(), label=_("Teams"), required=False)
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=settings.LANGUAGES)

    sections = [
        (_("Who"), _("They receive a link by mail that is valid for seven days and works once"), ["email", "name", "language"]),
        (_("What they may do"), "", ["role", "teams"]),
    ]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["role"].queryset = queries.roles()  # type: ignore[attr-defined]
        _offer(self, "teams", queries.teams())


class AgentForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    role = RoleChoice(Role.objects.none(), label=_("Role"), empty_label=None)
    teams = ManyNamed(Team.objects.none(), label=_("Teams"), required=False)
    skills = ManyNamed(Skill.objects.none(), label=_("Skills"), required=False)
    languages = forms.MultipleChoiceField(
        label=_("Answers in"), choices=settings.LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple
    )
    capacity = forms.IntegerField(
        label=_("Capacity"), min_value=0, max_value=500, help_text=_("How many open tickets routing gives this agent at the same time")
    )

    sections = [
        (_("Person"), "", ["name"]),
        (_("What they may do"), "", ["role", "teams"]),
        (
            _("What they can do"),
            _("Routing gives tickets to agents with the right skills and languages"),
            ["skills", "languages", "capacity"],
        ),
    ]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["role"].queryset = queries.roles()  # type: ignore[attr-defined]
        _offer(self, "teams", queries.teams())
        _offer(self, "skills", queries.skills())


class TeamForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    members = ManyNamed(Agent.objects.none(), label=_("Members"), required=False)
    lead = Named(Agent.objects.none(), label=_("Team lead"), required=False, help_text=_("Is told first when a deadline is missed"))
    calendar = Named(
        Calendar.objects.none(),
        label=_("Business hours"),
        required=False,
        help_text=_("Otherwise the company's business hours count"),
    )

    sections = [(_("Team"), "", ["name", "lead", "calendar"]), (_("People"), "", ["members"])]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        active = Agent.objects.filter(is_active=True).order_by("name")
        self.fields["members"].queryset = active  # type: ignore[attr-defined]
        self.fields["lead"].queryset = active  # type: ignore[attr-defined]
        self.fields["calendar"].queryset = Calendar.objects.order_by("name")  # type: ignore[attr-defined]


class SkillForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=100)


class RoleForm(SectionedForm):
    """One box per permission, grouped; what the giver lacks cannot be ticked."""

    name = forms.CharField(label=_("Name"), max_length=100)
    scope = forms.ChoiceField(label=_("Sees"), choices=Scope.choices, widget=forms.RadioSelect)
    require_mfa = forms.BooleanField(
        label=_("Requires two-step sign-in"), required=False, help_text=_("Agents with this role set it up at their next sign-in")
    )

    sections = [(_("Role"), "", ["name", "scope"]), (_("Sign-in"), "", ["require_mfa"])]

    def __init__(self, *args: object, giver: Agent, role: Role | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.sections = list(self.sections)
        for number, (title, group) in enumerate(PERMISSION_GROUPS):
            name = f"group_{number}"
            self.fields[name] = forms.MultipleChoiceField(
                label=title, required=False, widget=forms.CheckboxSelectMultiple, choices=[(p.value, p.label) for p in group]
            )
            self.fields[name].disabled = bool(role and role.is_administrator)
            self.initial[name] = [p.value for p in group if role and p.value in role.granted]
        groups = [f"group_{number}" for number in range(len(PERMISSION_GROUPS))]
        self.sections.append((_("Permissions"), _("What agents with this role may do"), groups))
        if role and role.is_builtin:
            self.fields["name"].disabled = True
        if role and role.is_administrator:
            self.fields["scope"].disabled = True
        self.lacking = [p.label for p in Permission if not giver.may(p)]

    @property
    def granted(self) -> list[str]:
        return [value for number in range(len(PERMISSION_GROUPS)) for value in self.cleaned_data[f"group_{number}"]]


class TokenForm(SectionedForm):
    agent = Named(Agent.objects.none(), label=_("Acts as"), help_text=_("The token may do what this agent's role allows"))
    name = forms.CharField(label=_("What it is for"), max_length=100)
    expires_on = forms.DateField(label=_("Valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["agent"].queryset = Agent.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]


class ProfileForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    theme = forms.ChoiceField(label=_("Appearance"), choices=[("system", _("Like the system")), ("light", _("Light")), ("dark", _("Dark"))])
    density = forms.ChoiceField(label=_("Density"), choices=[("comfortable", _("Comfortable")), ("compact", _("Compact"))])
    signature = forms.CharField(
        label=_("Signature"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Stands below your replies"),
    )
    digest_minutes = forms.TypedChoiceField(
        label=_("Notifications by mail"), coerce=int,
        choices=[
            (0, _("Never")), (15, _("After 15 minutes unread")), (60, _("After one hour unread")), (480, _("After eight hours unread")),
            (EVERY_MORNING, _("Every morning at 8:00")),
        ],
    )  # fmt: skip

    sections = [
        (_("Person"), "", ["name", "signature"]),
        (_("Language and time"), "", ["language", "time_zone"]),
        (_("Appearance"), "", ["theme", "density"]),
        (_("Notifications"), _("What you have not read in the desk is collected and mailed to you"), ["digest_minutes"]),
    ]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["time_zone"].choices = time_zones()  # type: ignore[attr-defined]


class AcceptForm(SectionedForm):
    """An invited colleague chooses a name and a password."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"), max_length=200, strip=False, help_text=_("At least 10 characters"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    time_zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["time_zone"].choices = time_zones()  # type: ignore[attr-defined]
