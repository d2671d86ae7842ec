"""Care: one's own page, asking the consultation desk, the desk itself."""

from typing import Any

from django import forms
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from madoguchi.design.settings_pages import SectionedForm
from madoguchi.foundation import crypto
from madoguchi.foundation.errors import MadoguchiError, NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission

from .. import actions, queries
from ..care import (
    care_for,
    care_visible_to,
    consultation_by_code,
    consultation_for,
    consultations_visible_to,
    desk_member,
    loads_for_desk,
    own_consultations,
    own_load,
    words_of,
)
from ..cases import case_for
from ..models import Consultation, Preference, Severity


class AskForm(SectionedForm):
    text = forms.CharField(
        label=gettext_lazy("What is it about?"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Also when you are not sure whether it is harassment. Asking has no disadvantage for you."),
    )  # fmt: skip
    anonymous = forms.BooleanField(label=gettext_lazy("Ask anonymously"), required=False, initial=True)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Nothing of care is kept by browsers or proxies."""
    context |= {"area": "protection", "is_member": desk_member(agent_of(request)) is not None}
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
@allow()
def own(request: HttpRequest) -> HttpResponse:
    """My care: what I read, what is planned for me, what I asked under my name, how early the shield comes."""
    agent = agent_of(request)
    preference = Preference.objects.filter(agent=agent).first()
    context = {
        "load": own_load(agent), "tasks": [(row, crypto.decrypt(row.note)) for row in care_visible_to(agent).filter(agent=agent)],
        "planned": care_visible_to(agent).filter(made_by=agent).exclude(agent=agent), "asked": _threads(own_consultations(agent)),
        "shield_from": preference.shield_from if preference else 0, "severities": Severity.choices[1:], "tab": "care",
        "desk_sees": queries.profile_of(queries.choices()).load_for_desk,
    }  # fmt: skip
    return _page(request, "protection/care.html", context)


def _threads(rows: Any) -> list[dict[str, Any]]:
    return [
        {"row": row, "text": text, "words": words_of(row.words.all())}  # type: ignore[attr-defined]
        for row, text in words_of(rows)
    ]


@require_POST
@allow()
def prefer(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("shield_from", "")
    actions.prefer(agent=agent_of(request), shield_from=int(chosen) if chosen in {"1", "2", "3"} else None)
    flash.success(request, _("Saved"))
    return redirect("protection:care")


@require_POST
@allow()
def done(request: HttpRequest, pk: int) -> HttpResponse:
    actions.finish_care(task=care_for(agent_of(request), pk))
    return redirect("protection:care")


@allow()
def ask(request: HttpRequest) -> HttpResponse:
    """Ask the desk. Anonymously by default: then nobody, the database neither, knows who asked, and a code leads back."""
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asker = None if form.cleaned_data["anonymous"] else agent_of(request)
        try:
            _row, code = actions.ask_desk(text=form.cleaned_data["text"], asker=asker)
        except MadoguchiError as error:
            form.refuse(error)
        else:
            return _page(request, "protection/asked.html", {"code": code, "tab": "care"})
    return _page(request, "protection/ask.html", {"form": form, "tab": "care"}, status=422 if form.is_bound else 200)


@require_POST
@allow()
def back(request: HttpRequest) -> HttpResponse:
    """With the code of an anonymous question: read the answers, write again. The code travels in the body, so no log has it."""
    code = request.POST.get("code", "")[:100]
    row = consultation_by_code(code)
    return _thread(request, row, code=code)


@require_POST
@allow()
def more(request: HttpRequest, pk: int) -> HttpResponse:
    """Write again in one's own named consultation."""
    row = own_consultations(agent_of(request)).filter(pk=pk).first()
    if row is None:
        raise NotFound
    actions.say_more(consultation=row, text=request.POST.get("text", ""))
    return redirect("protection:care")


def _thread(request: HttpRequest, row: Consultation, *, code: str) -> HttpResponse:
    if request.POST.get("text"):
        actions.say_more(consultation=row, text=request.POST["text"])
    return _page(request, "protection/thread.html", {"thread": _threads([row])[0], "code": code, "tab": "care"})


@require_GET
@allow()
def consultations(request: HttpRequest) -> HttpResponse:
    """The desk, for its members alone."""
    agent = agent_of(request)
    if desk_member(agent) is None:
        raise NotFound
    context = {
        "threads": _threads(consultations_visible_to(agent)), "loads": loads_for_desk(agent), "tab": "desk",
        "tasks": care_visible_to(agent).filter(done_at=None),
    }  # fmt: skip
    return _page(request, "protection/consultations.html", context)


@require_POST
@allow()
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    agent = agent_of(request)
    row = consultation_for(agent, pk)
    if request.POST.get("close"):
        actions.close_consultation(consultation=row, member=agent)
    else:
        actions.answer(consultation=row, text=request.POST.get("text", ""), member=agent)
    return redirect("protection:consultations")


@require_POST
@allow(Permission.PROTECTION_DECIDE)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan the usual after-care for somebody of a case."""
    planner = agent_of(request)
    case = case_for(planner, pk)
    chosen = request.POST.get("agent", "")
    agent = Agent.objects.filter(pk=int(chosen), is_active=True).first() if chosen.isdecimal() and len(chosen) < 19 else None  # noqa: PLR2004
    if agent is None:
        raise NotFound
    actions.plan_care(agent=agent, case=case, made_by=planner)
    flash.success(request, _("Planned"))
    return redirect(reverse("protection:case", args=[case.pk]))
