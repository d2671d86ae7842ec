"""Promises beside a ticket, and the page of all that are open."""

import json
from datetime import datetime, time, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.queries import ticket_for

from . import actions, queries
from .forms import DueForm, PromiseForm
from .models import Promise

REPORT_DAYS = 30


@require_GET
@allow(Permission.TICKET_VIEW)
def panel(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """What was promised in one ticket; asked for by the ticket page once it stands there."""
    ticket = ticket_for(agent_of(request), ticket_id)
    promises = list(queries.of_ticket(ticket))
    context = {
        "ticket": ticket, "may": agent_of(request).may(Permission.TICKET_REPLY), "tomorrow": _tomorrow(),
        "offered": [one for one in promises if one.state == Promise.State.OFFERED],
        "waiting": [one for one in promises if one.state == Promise.State.OPEN],
        "settled": [one for one in promises if one.state in {Promise.State.KEPT, Promise.State.WITHDRAWN}], "now": clock.now(),
    }  # fmt: skip
    return render(request, "promises/_panel.html", context)


@require_GET
@allow(Permission.TICKET_VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """Open promises, most urgent first, and how many were kept."""
    agent = agent_of(request)
    mine = request.GET.get("of") != "all"
    context = {
        "title": _("Promises"), "area": "promises", "promises": queries.waiting(agent, mine=mine), "mine": mine, "now": clock.now(),
        "tally": queries.tally(agent, days=REPORT_DAYS), "days": REPORT_DAYS, "may": agent.may(Permission.TICKET_REPLY),
    }  # fmt: skip
    return render(request, "promises/overview.html", context)


@require_POST
@allow(Permission.TICKET_REPLY)
def add(request: HttpRequest, ticket_id: int) -> HttpResponse:
    agent = agent_of(request)
    ticket = ticket_for(agent, ticket_id)
    clean = _clean(PromiseForm(request.POST))
    actions.make(ticket=ticket, text=clean["text"], due_at=clean["due_at"], owner=agent, by=agent_actor(agent))
    return _done(request, ticket_id)


@require_POST
@allow(Permission.TICKET_REPLY)
def decide(request: HttpRequest, promise_id: int, what: str) -> HttpResponse:
    """`confirm` (with `due_at`), `kept`, `withdrawn` (with `note`), `declined`, `reopen`."""
    agent = agent_of(request)
    promise = queries.promise_for(agent, promise_id)
    by = agent_actor(agent)
    match what:
        case "confirm":
            due_at = _clean(DueForm(request.POST))["due_at"]
            actions.confirm(promise_id=promise.pk, due_at=due_at, owner=promise.owner or agent, by=by)
        case "kept" | "withdrawn" | "declined":
            actions.settle(promise_id=promise.pk, state=what, note=request.POST.get("note", ""), by=by)
        case "reopen":
            actions.reopen(promise_id=promise.pk, by=by)
        case _:
            raise NotFound
    return _done(request, promise.ticket_id)


def _clean(form: forms.Form) -> dict:
    if not form.is_valid():
        first = next(iter(form.errors.values()))[0]
        raise Invalid(str(first), fields={name: str(errors[0]) for name, errors in form.errors.items()})
    return form.cleaned_data


def _tomorrow() -> datetime:
    """What a promise without a time is offered: the end of the next day where the reader is."""
    day = timezone.localtime(clock.now()).date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(18)))


def _done(request: HttpRequest, ticket_id: int) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"ticket:changed": {}})})
    back = "promises" if "/promises/" in request.headers.get("Referer", "") else None
    return redirect(back) if back else redirect(f"/tickets/{ticket_id}")
