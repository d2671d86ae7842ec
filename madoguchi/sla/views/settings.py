"""Settings: SLA policies and business hours."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Priority
from madoguchi.workplace import actions as workplace
from madoguchi.workplace import queries as workplace_queries
from madoguchi.workplace.models import Calendar

from .. import actions
from ..forms import CalendarForm, PolicyForm
from ..models import Metric, Policy

CLOSED_DAYS_SHOWN = 12


def _policies() -> dict[str, str]:
    return {"crumb": _("SLA policies"), "crumb_url": reverse("sla:policies")}


def _calendars() -> dict[str, str]:
    return {"crumb": _("Business hours"), "crumb_url": reverse("sla:calendars")}


@allow(Permission.MANAGE_SLA)
def policies(request: HttpRequest) -> HttpResponse:
    rows = Policy.objects.select_related("calendar").prefetch_related("targets")
    return render(request, "sla/policies.html", {"title": _("SLA policies"), "policies": [_summary(policy) for policy in rows]})


def _summary(policy: Policy) -> dict[str, Any]:
    """A line of the list: for each metric the time for most tickets, in seconds."""
    times = {target.metric: 60 * target.minutes for target in policy.targets.all() if target.priority in {None, Priority.NORMAL}}
    return {"row": policy, "times": [times.get(metric) for metric in Metric.values]}


@allow(Permission.MANAGE_SLA)
def policy(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Policy, pk=pk) if pk else None
    form = PolicyForm(request.POST or None, policy=row)

    def act(clean: dict[str, Any]) -> Policy:
        return actions.save_policy(by=agent_actor(agent_of(request)), policy_id=pk, steps=form.chain(), **clean)

    page: dict[str, Any] = {"title": row.name if row else _("New SLA policy"), "below": "sla/_policy_below.html", **_policies()}
    if row:
        page |= {
            "aside": "sla/_policy_aside.html", "trial": _trial(row), "danger_url": reverse("sla:delete_policy", args=[row.pk]),
            "danger_title": _("Delete the policy"), "danger_verb": _("Delete the policy …"),
            "danger_text": _("Its open tickets go over to the next policy that fits, or have no deadline any more."),
        }  # fmt: skip
    return edit(request, form, act=act, done=reverse("sla:policies"), **page)


def _trial(policy: Policy) -> list[dict[str, Any]]:
    """When a message that arrives now would be due, by metric and priority."""
    version = workplace_queries.current_versions().choose(calendar_id=policy.calendar_id, brand_id=None)
    if version is None:
        return []
    hours, now = workplace_queries.hours(version), clock.now()
    return [
        {
            "metric": target.get_metric_display(), "priority": target.get_priority_display() if target.priority else "",
            "due_at": hours.due_after(now, 60 * target.minutes),
        }
        for target in policy.targets.all()
    ]  # fmt: skip


@allow(Permission.MANAGE_SLA)
@require_POST
def move_policy(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    actions.move_policy(policy_id=pk, position=place, by=agent_actor(agent_of(request)))
    return redirect("sla:policies")


@allow(Permission.MANAGE_SLA)
def delete_policy(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Policy, pk=pk)
    title = _("Delete the policy {name}").format(name=row.name)
    return confirm(
        request, act=lambda: actions.delete_policy(policy_id=pk, by=agent_actor(agent_of(request))), done=reverse("sla:policies"),
        title=title, verb=title,
        text=_("Its open tickets go over to the next policy that fits, or have no deadline any more. This cannot be undone."),
        **_policies(),
    )  # fmt: skip


@allow(Permission.MANAGE_SLA)
def calendars(request: HttpRequest) -> HttpResponse:
    rows = Calendar.objects.order_by("-is_default", "name").prefetch_related("shifts")
    shown = [{"row": row, "seconds": sum(60 * (shift.end - shift.start) for shift in row.shifts.all())} for row in rows]
    return render(request, "sla/calendars.html", {"title": _("Business hours"), "calendars": shown})


@allow(Permission.MANAGE_SLA)
def calendar(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Calendar, pk=pk) if pk else None
    form = CalendarForm(request.POST or None, calendar=row)

    def act(clean: dict[str, Any]) -> Calendar:
        return workplace.save_calendar(by=agent_actor(agent_of(request)), calendar_id=pk, **clean)

    page: dict[str, Any] = {"title": row.name if row else _("New business hours"), **_calendars()}
    if row:
        page |= {"aside": "sla/_calendar_aside.html", "closed": _closed_days(row)}
        if not row.is_default:
            page |= {
                "danger_url": reverse("sla:delete_calendar", args=[row.pk]), "danger_title": _("Delete the business hours"),
                "danger_verb": _("Delete the business hours …"),
                "danger_text": _("Brands and teams that use them go over to the default ones."),
            }  # fmt: skip
    return edit(request, form, act=act, done=reverse("sla:calendars"), **page)


def _closed_days(calendar: Calendar) -> list[tuple[Any, str]]:
    """The next holidays and closing days, named in the reader's language."""
    if calendar.version_id is None:
        return []
    hours, today = workplace_queries.hours(calendar.version_id, get_language() or ""), clock.now().date()
    days = (today + timedelta(days=n) for n in range(366))
    named = [(day, name) for day in days if (name := hours.closing_name(day)) is not None]
    return named[:CLOSED_DAYS_SHOWN]


@allow(Permission.MANAGE_SLA)
def delete_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Calendar, pk=pk)
    title = _("Delete the business hours {name}").format(name=row.name)
    return confirm(
        request, act=lambda: workplace.delete_calendar(calendar_id=pk, by=agent_actor(agent_of(request))), done=reverse("sla:calendars"),
        title=title, verb=title, text=_("Brands and teams that use them go over to the default ones. This cannot be undone."),
        **_calendars(),
    )  # fmt: skip
