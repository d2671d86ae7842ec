"""The agent's own state on the desk: presence and notices; and the choices that menus load when they are opened."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from madoguchi.automation.queries import macros_for
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.access import allow
from madoguchi.staff.models import Agent, Notice, Team
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Tag

from .. import actions
from ..notices import told
from ..requests import AgentRequest, answer, numbers

SHOWN = 50
MOST_CHOICES = 300


@require_GET
@allow()
def notices(request: AgentRequest) -> HttpResponse:
    """What the agent should know, newest first; the page, or for a script its list alone."""
    found = list(Notice.objects.filter(agent=request.user).order_by("-id")[:SHOWN])
    template = "console/_notices.html" if request.headers.get("HX-Request") else "console/notices.html"
    return render(request, template, {"notices": told(request.user, found)})


@require_POST
@allow()
def notices_read(request: AgentRequest) -> HttpResponse:
    ids = numbers(request.POST.getlist("ids"))
    actions.read_notices(agent=request.user, ids=ids or None)
    return answer(request, event="notices:read")


@require_GET
@allow(Permission.TICKET_VIEW)
def choices(request: AgentRequest, what: str) -> HttpResponse:
    """The entries of a menu: agents to assign to, teams, tags."""
    match what:
        case "assign":
            agents = Agent.objects.filter(is_active=True).exclude(pk=request.user.pk).order_by("name").values_list("id", "name")
            found: list[tuple[object, str]] = [("me", _("Me")), ("", _("Nobody")), *agents[:MOST_CHOICES]]
        case "team":
            found = [("", _("No team")), *Team.objects.order_by("name").values_list("id", "name")]
        case "tag":
            found = [(name, name) for name in Tag.objects.order_by("name").values_list("name", flat=True)[:MOST_CHOICES]]
        case "macro":
            found = list(macros_for(request.user).values_list("id", "name")[:MOST_CHOICES])
        case _:
            raise NotFound
    context = {"what": what, "choices": found, "name": "macro" if what == "macro" else ""}
    return render(request, "console/_choices.html", context)
