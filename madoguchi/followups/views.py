"""Follow-ups at the desk: beside a ticket with its case record, the list, the rules."""

import json
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Status
from madoguchi.tickets.queries import ticket_for

from . import actions, queries
from .forms import RecordForm, RuleForm
from .models import CaseRecord, FollowUp, Rule

DAYS = 30
ARTICLE = 1500  # characters of a case record that fit into an address


@require_GET
@allow(Permission.TICKET_VIEW)
def panel(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Follow-ups and case record of one ticket; asked for by the ticket page once it stands there."""
    agent = agent_of(request)
    ticket = ticket_for(agent, ticket_id)
    record = queries.record_of(ticket)
    context = {
        "ticket": ticket, "followups": queries.of_ticket(ticket), "record": record, "may": agent.may(Permission.TICKET_EDIT),
        "may_write": agent.may(Permission.KNOWLEDGE_EDIT), "offers": ticket.status in {Status.SOLVED, Status.CLOSED} or record is not None,
        "outcomes": FollowUp.Outcome.choices, "article": urlencode({"body": _beginning(record)}) if record else "",
    }  # fmt: skip
    return render(request, "followups/_panel.html", context)


@require_POST
@allow(Permission.TICKET_EDIT)
def record(request: HttpRequest, ticket_id: int) -> HttpResponse:
    agent = agent_of(request)
    ticket = ticket_for(agent, ticket_id)
    form = RecordForm(request.POST)
    if not form.is_valid():
        raise Invalid(str(next(iter(form.errors.values()))[0]))
    actions.write_record(ticket=ticket, by=agent_actor(agent), **form.cleaned_data)
    return _done(request, ticket_id)


@require_POST
@allow(Permission.TICKET_EDIT)
def outcome(request: HttpRequest, followup_id: int) -> HttpResponse:
    """What a colleague heard from the customer."""
    agent = agent_of(request)
    followup = queries.followup_for(agent, followup_id)
    actions.settle(followup_id=followup.pk, outcome=request.POST.get("outcome", ""), by=agent_actor(agent))
    return _done(request, followup.ticket_id)


@require_GET
@allow(Permission.TICKET_VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """What is planned, or what came of it."""
    agent = agent_of(request)
    planned = request.GET.get("of") != "past"
    context = {
        "title": _("Follow-ups"), "area": "followups", "planned": planned, "rows": queries.listing(agent, planned=planned),
        "tally": queries.tally(agent, days=DAYS), "days": DAYS,
    }  # fmt: skip
    return render(request, "followups/overview.html", context)


@require_GET
@allow(Permission.MANAGE_AUTOMATION)
def rules(request: HttpRequest) -> HttpResponse:
    return render(request, "followups/rules.html", {"title": _("Follow-ups"), "rules": Rule.objects.all()})


@allow(Permission.MANAGE_AUTOMATION)
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Rule, pk=pk) if pk else None
    by = agent_actor(agent_of(request))
    more = {
        "danger_url": reverse("followups:delete_rule", args=[row.pk]), "danger_title": _("Delete the rule"),
        "danger_text": _("What it has planned stays planned."), "danger_verb": _("Delete the rule"),
    } if row else {}  # fmt: skip
    return edit(
        request, RuleForm(request.POST or None, rule=row), act=lambda clean: actions.save_rule(rule=row, by=by, **clean),
        done=reverse("followups:rules"), title=row.name if row else _("New rule"), crumb=_("Follow-ups"),
        crumb_url=reverse("followups:rules"), **more,
    )  # fmt: skip


@allow(Permission.MANAGE_AUTOMATION)
def delete_rule(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Rule, pk=pk)
    return confirm(
        request, act=lambda: actions.delete_rule(rule=row, by=agent_actor(agent_of(request))), done=reverse("followups:rules"),
        title=_("Delete the rule {name}").format(name=row.name), verb=_("Delete the rule"), text=_("What it has planned stays planned."),
        crumb=_("Follow-ups"), crumb_url=reverse("followups:rule", args=[pk]),
    )  # fmt: skip


def _beginning(record: CaseRecord) -> str:
    """What an article about the case may begin with."""
    return "\n\n".join(part for part in (record.cause, record.solution, record.lesson) if part)[:ARTICLE]


def _done(request: HttpRequest, ticket_id: int) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"ticket:changed": {}})})
    return redirect(f"/tickets/{ticket_id}")
