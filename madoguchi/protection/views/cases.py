"""Case files: list, file, writing into it, the sealed package."""

from django import forms
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from madoguchi.design.settings_pages import SectionedForm, edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import MadoguchiError, NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Message
from madoguchi.tickets.queries import ticket_for

from .. import actions
from ..care import care_visible_to
from ..cases import case_for, cases_visible_to, evidence_of, measures_in, open_case_of, quadrant, readers_of
from ..models import Case, CaseEntry
from ..sealing import seal
from ..shield import shielded

SHOWN = 200


class CaseForm(SectionedForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    facts = forms.CharField(label=gettext_lazy("Facts"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 6}))
    demand = forms.ChoiceField(label=gettext_lazy("Is the demand justified?"), choices=Case.Answer.choices, widget=forms.RadioSelect)
    manner = forms.ChoiceField(label=gettext_lazy("Is the manner acceptable?"), choices=Case.Answer.choices, widget=forms.RadioSelect)
    judgement = forms.CharField(label=gettext_lazy("Reasons"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    recurrence = forms.CharField(
        label=gettext_lazy("Against recurrence"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    conclusion = forms.CharField(
        label=gettext_lazy("Conclusion"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    sections = [
        (gettext_lazy("Facts"), gettext_lazy("Who, what, when, where; without adjectives"), ["title", "facts"]),
        (gettext_lazy("Judgement on two axes"), gettext_lazy("A justified demand stays justified, however it is put"),
         ["demand", "manner", "judgement"]),
        (pgettext_lazy("case file", "End"), gettext_lazy("Needed before the file is closed"), ["recurrence", "conclusion"]),
    ]  # fmt: skip


class EntryForm(SectionedForm):
    kind = forms.ChoiceField(label=pgettext_lazy("case file", "Kind of entry"), choices=CaseEntry.Kind.choices)
    person = forms.CharField(label=gettext_lazy("Whose words"), max_length=200, required=False)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8}))


def _crumb() -> dict[str, str]:
    return {"crumb": _("Case files"), "crumb_url": reverse("protection:cases"), "area": "protection"}


@allow(Permission.PROTECTION_DECIDE)
def index(request: HttpRequest) -> HttpResponse:
    rows = cases_visible_to(agent_of(request))[:SHOWN]
    return render(request, "protection/cases.html", {"cases": rows, "tab": "cases", "area": "protection"})


@require_POST
@allow(Permission.TICKET_VIEW, Permission.PROTECTION_DECIDE)
def open_file(request: HttpRequest, ticket_id: int) -> HttpResponse:
    agent = agent_of(request)
    made = actions.open_case(ticket=ticket_for(agent, ticket_id), by=agent_actor(agent))
    return redirect("protection:case", made.pk)


@allow(Permission.PROTECTION_DECIDE)
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """The file to read: two axes, evidence, entries, steps, who may see it."""
    agent = agent_of(request)
    row = case_for(agent, pk)
    kept = evidence_of(row)
    held = {one.row.message_id for one in kept}
    others = list(
        Message.objects.filter(ticket__in=row.tickets.all())
        .exclude(direction=Message.Direction.NOTE)
        .exclude(pk__in=held)
        .order_by("-id")[:50]
    )
    shields = shielded(agent, others)
    context = {
        "case": row, "evidence": kept, "intact": all(one.intact for one in kept), "entries": row.entries.order_by("id"),
        "steps": measures_in(row), "readers": readers_of(row), "quadrant": quadrant(row), "tickets": row.tickets.order_by("id"),
        "others": [(one, shields[one.pk].text if one.pk in shields else one.reply_text or one.text) for one in others],
        "tab": "cases", "area": "protection",
        "people": Agent.objects.filter(is_active=True).order_by("name"), "tasks": care_visible_to(agent).filter(case=row),
    }  # fmt: skip
    return render(request, "protection/case.html", context)


@allow(Permission.PROTECTION_DECIDE)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    agent = agent_of(request)
    row = case_for(agent, pk)
    form = CaseForm(request.POST or None, initial={name: getattr(row, name) for name in actions.cases.EDITED})
    return edit(
        request, form, act=lambda clean: actions.edit_case(case=row, by=agent_actor(agent), **clean),
        done=reverse("protection:case", args=[row.pk]), title=row.code, **_crumb(),
    )  # fmt: skip


@allow(Permission.PROTECTION_DECIDE)
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    agent = agent_of(request)
    row = case_for(agent, pk)
    return edit(
        request, EntryForm(request.POST or None), act=lambda clean: actions.write_entry(case=row, by=agent_actor(agent), **clean),
        done=reverse("protection:case", args=[row.pk]), title=_("Write into {code}").format(code=row.code), **_crumb(),
    )  # fmt: skip


class StatementForm(SectionedForm):
    text = forms.CharField(label=gettext_lazy("What happened, as you saw it"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}))


@allow(Permission.TICKET_VIEW, Permission.PROTECTION_WARN)
def statement(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """The agent's own words for the file, which they need not be able to read."""
    agent = agent_of(request)
    row = open_case_of(ticket_for(agent, ticket_id))
    if row is None:
        raise NotFound
    return edit(
        request, StatementForm(request.POST or None),
        act=lambda clean: actions.write_entry(case=row, kind="statement", person=agent.name, by=agent_actor(agent), **clean),
        done=f"/tickets/{ticket_id}", title=_("Your statement"), area="protection",
        crumb=_("Ticket #{number}").format(number=ticket_id), crumb_url=f"/tickets/{ticket_id}",
    )  # fmt: skip


@require_POST
@allow(Permission.PROTECTION_DECIDE)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put more messages into the file."""
    agent = agent_of(request)
    row = case_for(agent, pk)
    ids = [int(one) for one in request.POST.getlist("messages") if one.isdecimal() and len(one) < 19]  # noqa: PLR2004
    actions.add_evidence(case=row, message_ids=ids, by=agent_actor(agent))
    return redirect("protection:case", row.pk)


@require_POST
@allow(Permission.PROTECTION_DECIDE)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    agent = agent_of(request)
    row = case_for(agent, pk)
    try:
        actions.close_case(case=row, by=agent_actor(agent))
    except MadoguchiError as error:
        flash.error(request, str(error.message))
    return redirect("protection:case", row.pk)


@require_GET
@allow(Permission.PROTECTION_DECIDE)
def package(request: HttpRequest, pk: int) -> HttpResponse:
    """The sealed package, as a download; that it was taken is recorded."""
    agent = agent_of(request)
    row = case_for(agent, pk)
    content, digest = seal(row, by_name=agent.name, language=agent.language)
    actions.note_export(case=row, digest=digest, by=agent_actor(agent))
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{row.code}.zip"'
    response["Cache-Control"] = "no-store"
    return response
