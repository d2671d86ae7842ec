"""Settings: teams, skills, roles."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation.actor import agent_actor

from .. import actions, queries
from ..access import agent_of, allow
from ..forms import RoleForm, SkillForm, TeamForm
from ..models import Role, Skill, Team
from ..permissions import Permission


def _teams() -> dict[str, str]:
    return {"crumb": _("Teams"), "crumb_url": reverse("staff:teams")}


def _skills() -> dict[str, str]:
    return {"crumb": _("Skills"), "crumb_url": reverse("staff:skills")}


def _roles() -> dict[str, str]:
    return {"crumb": _("Roles"), "crumb_url": reverse("staff:roles")}


@allow(Permission.MANAGE_STAFF)
def teams(request: HttpRequest) -> HttpResponse:
    return render(request, "staff/teams.html", {"title": _("Teams"), "teams": queries.teams()})


@allow(Permission.MANAGE_STAFF)
def team(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Team.objects.select_related("lead", "calendar"), pk=pk) if pk else None
    initial = {"name": row.name, "lead": row.lead, "calendar": row.calendar, "members": row.agents.all()} if row else None
    form = TeamForm(request.POST or None, initial=initial)

    def act(clean: dict[str, Any]) -> Team:
        return actions.save_team(team=row, by=agent_actor(request.user), **{**clean, "members": list(clean["members"])})

    page: dict[str, Any] = {"title": row.name if row else _("New team"), **_teams()}
    if row:
        page |= {
            "danger_url": reverse("staff:delete_team", args=[row.pk]), "danger_title": _("Delete the team"),
            "danger_text": _("Its tickets stay and wait without a team."), "danger_verb": _("Delete the team …"),
        }  # fmt: skip
    return edit(request, form, act=act, done=reverse("staff:teams"), **page)


@allow(Permission.MANAGE_STAFF)
def delete_team(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Team.objects.select_related("lead", "calendar"), pk=pk)
    return confirm(
        request, act=lambda: actions.delete_team(team=row, by=agent_actor(request.user)), done=reverse("staff:teams"),
        title=_("Delete the team %(name)s") % {"name": row.name}, verb=_("Delete the team %(name)s") % {"name": row.name},
        text=_("Its tickets stay and wait without a team; its members stay in their other teams. This cannot be undone."), **_teams(),
    )  # fmt: skip


@allow(Permission.MANAGE_STAFF)
def skills(request: HttpRequest) -> HttpResponse:
    return render(request, "staff/skills.html", {"title": _("Skills"), "skills": queries.skills()})


@allow(Permission.MANAGE_STAFF)
def skill(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Skill, pk=pk) if pk else None
    form = SkillForm(request.POST or None, initial={"name": row.name} if row else None)
    page: dict[str, Any] = {"title": row.name if row else _("New skill"), **_skills()}
    if row:
        page |= {
            "danger_url": reverse("staff:delete_skill", args=[row.pk]), "danger_title": _("Delete the skill"),
            "danger_text": _("Agents lose it; routing no longer asks for it."), "danger_verb": _("Delete the skill …"),
        }  # fmt: skip
    return edit(
        request,
        form,
        act=lambda clean: actions.save_skill(skill=row, by=agent_actor(request.user), **clean),
        done=reverse("staff:skills"),
        **page,
    )


@allow(Permission.MANAGE_STAFF)
def delete_skill(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Skill, pk=pk)
    return confirm(
        request, act=lambda: actions.delete_skill(skill=row, by=agent_actor(request.user)), done=reverse("staff:skills"),
        title=_("Delete the skill %(name)s") % {"name": row.name}, verb=_("Delete the skill %(name)s") % {"name": row.name},
        text=_("All agents lose it. This cannot be undone."), **_skills(),
    )  # fmt: skip


@allow(Permission.MANAGE_STAFF)
def roles(request: HttpRequest) -> HttpResponse:
    return render(request, "staff/roles.html", {"title": _("Roles"), "roles": queries.roles()})


@allow(Permission.MANAGE_STAFF)
def role(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Role, pk=pk) if pk else None
    initial = {"name": row.label, "scope": row.scope, "require_mfa": row.require_mfa} if row else {"scope": "teams"}
    form = RoleForm(request.POST or None, initial=initial, giver=agent_of(request), role=row)

    def act(clean: dict[str, Any]) -> object:
        values = {"name": clean["name"], "scope": clean["scope"], "require_mfa": clean["require_mfa"], "granted": form.granted}
        if row:
            return actions.change_role(role=row, by=agent_actor(request.user), **values)
        return actions.create_role(by=agent_actor(request.user), **values)

    page: dict[str, Any] = {"title": row.label if row else _("New role"), "below": "staff/_role_more.html", "role": row, **_roles()}
    if row and not row.is_builtin:
        page |= {
            "danger_url": reverse("staff:delete_role", args=[row.pk]), "danger_title": _("Delete the role"),
            "danger_text": _("Only a role that nobody has can be deleted."), "danger_verb": _("Delete the role …"),
        }  # fmt: skip
    return edit(request, form, act=act, done=reverse("staff:roles"), **page)


@allow(Permission.MANAGE_STAFF)
def delete_role(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Role, pk=pk)
    return confirm(
        request, act=lambda: actions.delete_role(role=row, by=agent_actor(request.user)), done=reverse("staff:roles"),
        title=_("Delete the role %(name)s") % {"name": row.label}, verb=_("Delete the role %(name)s") % {"name": row.label},
        text=_("This cannot be undone."), **_roles(),
    )  # fmt: skip
