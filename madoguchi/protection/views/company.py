"""What the company says and chooses: settings, words of the notices, public policy, manuals, yearly report."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from madoguchi.design.context import HTML_LANG
from madoguchi.design.settings_pages import SectionedForm, edit
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.access import agent_of, allow, public
from madoguchi.staff.forms import ManyNamed
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission
from madoguchi.workplace.queries import default_brand, workplace

from .. import actions, queries
from ..ladder import MACHINE_STEPS
from ..manual import MINUTES, NAMES, scenes
from ..models import DeskMember, Measure, Profile, Severity, Wording
from ..policy_texts import POLICY
from ..report import report_of
from ..texts import LANGUAGES, MODEL_TEXTS, PLACEHOLDERS

WORDINGS = (*(step for step in MODEL_TEXTS if step != "appeal"), "appeal")
OTHER_NAMES = {"appeal": gettext_lazy("Way to appeal"), "held": gettext_lazy("Message under a restriction")}


class ChoicesForm(SectionedForm):
    profile = forms.ChoiceField(label=gettext_lazy("Legal profile"), choices=Profile.choices, widget=forms.RadioSelect)
    shield_from = forms.TypedChoiceField(label=gettext_lazy("Shield messages from this severity"), coerce=int, choices=Severity.choices[1:])
    machine_sends = forms.MultipleChoiceField(
        label=gettext_lazy("A machine may send by itself"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(step.value, Measure.Step(step).label) for step in MACHINE_STEPS],
        help_text=gettext_lazy("Only as far as the legal profile allows. Everything else is offered to a person."),
    )  # fmt: skip
    appeal_days = forms.IntegerField(label=gettext_lazy("Days for an appeal"), min_value=2, max_value=365)
    answer_days = forms.IntegerField(label=gettext_lazy("Days for our answer to it"), min_value=2, max_value=90)
    contact = forms.CharField(
        label=gettext_lazy("How a restricted customer reaches us"), max_length=200, required=False,
        help_text=gettext_lazy("Empty: the address of the mailbox"),
    )  # fmt: skip
    members = ManyNamed(
        Agent.objects.none(), label=gettext_lazy("Members of the consultation desk"), required=False,
        help_text=gettext_lazy("Only they read what is asked, from the day they join. The others are told of every new member."),
    )  # fmt: skip
    compensation_2 = forms.CharField(label=gettext_lazy("After harassment"), max_length=200, required=False)
    compensation_3 = forms.CharField(label=gettext_lazy("After grave harassment"), max_length=200, required=False)
    policy_public = forms.BooleanField(label=gettext_lazy("Show our policy to the public"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = Agent.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]
        for key, name in NAMES.items():
            self.fields[f"minutes_{key}"] = forms.IntegerField(label=name, min_value=0, max_value=600)

    sections = [
        (gettext_lazy("Law"), gettext_lazy("What is allowed, how long restrictions last, how long files are kept"), ["profile"]),
        (gettext_lazy("Shield"), "", ["shield_from"]),
        (gettext_lazy("Steps"), gettext_lazy("Restrictions are always decided by a named person"),
         ["machine_sends", "appeal_days", "answer_days", "contact"]),
        (gettext_lazy("Consultation desk"), "", ["members"]),
        (gettext_lazy("Grievance compensation"), gettext_lazy("What a colleague gets, in your own words"),
         ["compensation_2", "compensation_3"]),
        (gettext_lazy("Time limits in minutes"), gettext_lazy("After which a conversation without progress is ended; 0 for none"),
         [f"minutes_{key}" for key in NAMES]),
        (pgettext_lazy("against harassment", "Policy"), gettext_lazy("In five languages, at an address of its own"), ["policy_public"]),
    ]  # fmt: skip


def _save(clean: dict[str, Any], agent: Agent) -> None:
    by = agent_actor(agent)
    members = clean.pop("members")
    compensation = {number: text for number in ("2", "3") if (text := clean.pop(f"compensation_{number}").strip())}
    minutes = {key: clean.pop(f"minutes_{key}") for key in NAMES}
    actions.set_choices(by=by, compensation=compensation, minutes=minutes, **clean)
    actions.set_desk(agent_ids=[member.pk for member in members], by=by)


@allow(Permission.MANAGE_PROTECTION)
def choices(request: HttpRequest) -> HttpResponse:
    chosen = queries.choices()
    form = ChoicesForm(request.POST or None, initial={
        "profile": chosen.profile, "shield_from": chosen.shield_from, "machine_sends": chosen.machine_sends, "contact": chosen.contact,
        "appeal_days": chosen.appeal_days, "answer_days": chosen.answer_days, "policy_public": chosen.policy_public,
        "compensation_2": chosen.compensation.get("2", ""), "compensation_3": chosen.compensation.get("3", ""),
        "members": list(DeskMember.objects.values_list("agent_id", flat=True)),
        **{f"minutes_{key}": chosen.minutes.get(key, usual) for key, usual in MINUTES.items()},
    })  # fmt: skip
    return edit(
        request, form, act=lambda clean: _save(clean, agent_of(request)), done=reverse("protection:settings"),
        title=_("Staff protection"), aside="protection/_settings_aside.html",
    )  # fmt: skip


class WordingForm(SectionedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(settings.LANGUAGES)
        for code in LANGUAGES:
            widget = forms.Textarea(attrs={"rows": 5, "lang": HTML_LANG.get(code, code)})
            self.fields[code] = forms.CharField(label=names[code], max_length=4000, required=False, widget=widget)


def _name_of(step: str) -> str:
    return str(OTHER_NAMES[step]) if step in OTHER_NAMES else str(Measure.Step(step).label)


@allow(Permission.MANAGE_PROTECTION)
def wordings(request: HttpRequest) -> HttpResponse:
    own = {(row.step, row.language): row for row in Wording.objects.select_related("approved_by")}
    rows = [
        {"step": step, "name": _name_of(step), "own": [code for code in LANGUAGES if (step, code) in own],
         "by": sorted({row.approved_by.name for (name, _code), row in own.items() if name == step and row.approved_by})}
        for step in WORDINGS
    ]  # fmt: skip
    context = {
        "rows": rows,
        "title": _("Words of the notices"),
        "crumb": _("Staff protection"),
        "crumb_url": reverse("protection:settings"),
    }
    return render(request, "protection/wordings.html", context)


@allow(Permission.MANAGE_PROTECTION)
def wording(request: HttpRequest, step: str) -> HttpResponse:
    """The company's own words for one notice; an empty field stands for the shipped text."""
    if step not in MODEL_TEXTS:
        raise NotFound
    form = WordingForm(request.POST or None, initial={code: queries.wording_of(step, code)[0] for code in LANGUAGES})
    return edit(
        request, form, act=lambda clean: actions.approve_wording(step=step, texts=clean, by=agent_actor(agent_of(request))),
        done=reverse("protection:wordings"), title=_name_of(step), verb=_("Approve"), crumb=_("Words of the notices"),
        crumb_url=reverse("protection:wordings"), placeholders=[f"{{{name}}}" for name in PLACEHOLDERS],
    )  # fmt: skip


@allow(Permission.TICKET_VIEW, Permission.PROTECTION_WARN)
def manual(request: HttpRequest) -> HttpResponse:
    context = {"scenes": scenes(queries.choices()), "tab": "manual", "area": "protection", "policy": queries.choices().policy_public}
    return render(request, "protection/manual.html", context)


@allow(Permission.PROTECTION_DECIDE)
def report(request: HttpRequest) -> HttpResponse:
    """Counts of one year; no names."""
    now = timezone.localtime(clock.now()).year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and 2000 <= int(asked[:5]) <= now else now  # noqa: PLR2004
    context = {"report": report_of(year), "years": range(now, now - 5, -1), "tab": "report", "area": "protection"}
    return render(request, "protection/report.html", context)


@public
@require_GET
def policy(request: HttpRequest, language: str) -> HttpResponse:
    """The company's policy, for everybody, once it has decided to show it."""
    if language not in POLICY or not queries.choices().policy_public:
        raise NotFound
    brand, company = default_brand(), workplace()
    name = (brand.name if brand else "") or (company.name if company else "") or "Madoguchi"
    title, parts = POLICY[language]
    addresses = {code: reverse("protection:policy", args=[code]) for code in LANGUAGES}
    with translation.override(language):
        context = {
            "language": language, "html_lang": HTML_LANG.get(language, language), "brand": name, "switch": addresses, "title": title,
            "parts": [(heading, [text.replace("{company}", name) for text in texts]) for heading, texts in parts],
            "canonical": addresses[language], "base": settings.BASE_URL, "year": clock.now().year,
            "alternates": [(HTML_LANG.get(code, code), address) for code, address in addresses.items()],
        }  # fmt: skip
        return render(request, "protection/policy.html", context)
