"""Surveys at the desk: beside a ticket, the report, the settings."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from madoguchi.design.settings_pages import edit
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.queries import ticket_for

from . import actions, queries, scales
from .forms import ChoicesForm

PERIODS = (30, 90, 365)


@require_GET
@allow(Permission.TICKET_VIEW)
def panel(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """What the customer said about one ticket; asked for by the ticket page once it stands there."""
    ticket = ticket_for(agent_of(request), ticket_id)
    surveys = [(one, scales.SCORES[one.kind][1]) for one in queries.of_ticket(ticket) if one.sent_at]
    return render(request, "surveys/_panel.html", {"ticket": ticket, "surveys": surveys})


@require_GET
@allow(Permission.TICKET_VIEW)
def report(request: HttpRequest) -> HttpResponse:
    """How satisfied customers were, of the tickets that the agent may see."""
    asked = request.GET.get("days", "")
    days = next((period for period in PERIODS if str(period) == asked), PERIODS[0])
    found = queries.report(agent_of(request), since=clock.now() - timedelta(days=days))
    context = {
        "title": _("Satisfaction"), "area": "surveys", "days": days, "periods": PERIODS, "kinds": list(found.kinds.values()),
        "languages": [(language, figures) for (_kind, language), figures in found.languages.items()],
        "teams": [(team, figures) for (_kind, team), figures in found.teams.items()],
        "comments": [(one, scales.SCORES[one.kind][1]) for one in found.comments],
    }  # fmt: skip
    return render(request, "surveys/report.html", context)


@allow(Permission.MANAGE_AUTOMATION)
def choices(request: HttpRequest) -> HttpResponse:
    by = agent_actor(agent_of(request))
    form = ChoicesForm(request.POST or None, chosen=queries.choices())
    return edit(
        request, form, act=lambda clean: actions.save_choices(by=by, **clean), done=reverse("surveys:choices"), title=_("Surveys"),
        crumb=_("Settings"), crumb_url=reverse("settings"),
    )  # fmt: skip
