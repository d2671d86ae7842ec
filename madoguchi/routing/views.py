"""Settings: routing rules; and the queue of tickets that nobody can take."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission

from . import actions, queries
from .forms import RuleForm
from .models import RoutingRule

SHOWN = 200


def _crumb() -> dict[str, str]:
    return {"crumb": _("Routing"), "crumb_url": reverse("routing:rules")}


@allow(Permission.TICKET_VIEW)
def waiting(request: HttpRequest) -> HttpResponse:
    """What nobody can take at the moment, longest waiting first, as far as the reader may see it."""
    rows = queries.waiting_visible_to(agent_of(request))[:SHOWN]
    return render(request, "routing/waiting.html", {"title": _("Nobody can take these"), "waiting": rows})


@allow(Permission.MANAGE_AUTOMATION)
def rules(request: HttpRequest) -> HttpResponse:
    rows = RoutingRule.objects.select_related("team").prefetch_related("skills")
    return render(request, "routing/rules.html", {"title": _("Routing"), "rules": rows})


@allow(Permission.MANAGE_AUTOMATION)
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(RoutingRule, pk=pk) if pk else None
    page: dict[str, Any] = {"title": row.name if row else _("New routing rule"), **_crumb()}
    if row:
        page |= {
            "danger_url": reverse("routing:delete_rule", args=[row.pk]), "danger_title": _("Delete the rule"),
            "danger_verb": _("Delete the rule …"), "danger_text": _("Tickets that it gave to somebody stay with them."),
        }  # fmt: skip
    return edit(
        request, RuleForm(request.POST or None, rule=row),
        act=lambda clean: actions.save_rule(by=agent_actor(agent_of(request)), rule_id=pk, **clean),
        done=reverse("routing:rules"), **page,
    )  # fmt: skip


@allow(Permission.MANAGE_AUTOMATION)
@require_POST
def move_rule(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    actions.move_rule(rule_id=pk, position=place, by=agent_actor(agent_of(request)))
    return redirect("routing:rules")


@allow(Permission.MANAGE_AUTOMATION)
def delete_rule(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(RoutingRule, pk=pk)
    title = _("Delete the rule {name}").format(name=row.name)
    return confirm(
        request, act=lambda: actions.delete_rule(rule_id=pk, by=agent_actor(agent_of(request))), done=reverse("routing:rules"),
        title=title, verb=title, text=_("Tickets that it gave to somebody stay with them. This cannot be undone."), **_crumb(),
    )  # fmt: skip
