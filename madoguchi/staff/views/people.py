"""Settings: agents and invitations."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from madoguchi.design import formats
from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.workplace.queries import workplace

from .. import actions, queries
from ..access import allow
from ..forms import AgentForm, InvitationForm
from ..models import Agent, Invitation
from ..permissions import Permission


def _above() -> dict[str, str]:
    return {"crumb": _("Agents"), "crumb_url": reverse("staff:agents")}


@allow(Permission.MANAGE_STAFF)
def agents(request: HttpRequest) -> HttpResponse:
    page = {"title": _("Agents"), "agents": queries.agents(), "invitations": queries.open_invitations()}
    return render(request, "staff/agents.html", page)


@allow(Permission.MANAGE_STAFF)
def invite(request: HttpRequest) -> HttpResponse:
    place = workplace()
    form = InvitationForm(request.POST or None, initial={"language": place.language if place else "en"})

    def act(clean: dict[str, Any]) -> str:
        return actions.invite(**{**clean, "teams": list(clean["teams"])}, by=agent_actor(request.user))

    def done(link: str) -> HttpResponse:
        return render(
            request, "staff/invited.html", {"title": _("Invitation sent"), "link": link, "email": form.cleaned_data["email"], **_above()}
        )

    return edit(request, form, act=act, done=done, title=_("Invite an agent"), verb=_("Send invitation"), **_above())


@allow(Permission.MANAGE_STAFF)
@require_POST
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.select_related("role"), pk=pk, accepted_at=None)
    link = actions.invite_again(invitation=invitation, by=agent_actor(request.user))
    return render(request, "staff/invited.html", {"title": _("Invitation sent"), "link": link, "email": invitation.email, **_above()})


@allow(Permission.MANAGE_STAFF)
def withdraw_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk, accepted_at=None)
    return confirm(
        request, act=lambda: actions.withdraw_invitation(invitation=invitation, by=agent_actor(request.user)), done=reverse("staff:agents"),
        title=_("Withdraw the invitation"), text=_("The link that %(email)s received stops working.") % {"email": invitation.email},
        verb=_("Withdraw the invitation"), **_above(),
    )  # fmt: skip


@allow(Permission.MANAGE_STAFF)
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(queries.agents(), pk=pk)
    initial = {
        "name": person.name, "role": person.role, "teams": person.teams.all(), "skills": person.skills.all(),
        "languages": person.languages, "capacity": person.capacity,
    }  # fmt: skip
    form = AgentForm(request.POST or None, initial=initial)

    def act(clean: dict[str, Any]) -> None:
        actions.change_agent(agent=person, by=agent_actor(request.user), **clean)

    page: dict[str, Any] = {"title": person.name, "person": person, "below": "staff/_agent_more.html", **_above()}
    if person.is_active:
        page |= {
            "danger_url": reverse("staff:deactivate", args=[pk]), "danger_title": _("Deactivate"),
            "danger_verb": _("Deactivate this agent …"),
            "danger_text": _("Cannot sign in any longer. Everything written stays."),
        }  # fmt: skip
    return edit(request, form, act=act, done=reverse("staff:agents"), **page)


@allow(Permission.MANAGE_STAFF)
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(queries.agents(), pk=pk, is_active=True)
    text = _("%(name)s is signed out at once and cannot sign in. Access tokens stop working. Open tickets go back to their teams.")
    facts = [_given_back(team, count) for team, count in queries.held_by(person)]
    return confirm(
        request, act=lambda: actions.deactivate_agent(agent=person, by=agent_actor(request.user)), done=reverse("staff:agents"),
        title=_("Deactivate %(name)s") % {"name": person.name}, text=text % {"name": person.name}, facts=facts,
        verb=_("Deactivate %(name)s") % {"name": person.name}, **_above(),
    )  # fmt: skip


def _given_back(team: str, count: int) -> str:
    if not team:
        text = ngettext("%(n)s open ticket without a team has nobody then", "%(n)s open tickets without a team have nobody then", count)
        return text % {"n": formats.number(count)}
    text = ngettext("%(n)s open ticket goes back to %(team)s", "%(n)s open tickets go back to %(team)s", count)
    return text % {"n": formats.number(count), "team": team}


@allow(Permission.MANAGE_STAFF)
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(queries.agents(), pk=pk, is_active=False)
    return confirm(
        request, act=lambda: actions.reactivate_agent(agent=person, by=agent_actor(request.user)), done=reverse("staff:agents"),
        title=_("Reactivate %(name)s") % {"name": person.name},
        text=_("%(name)s can sign in again with the old password and role.") % {"name": person.name},
        verb=_("Reactivate %(name)s") % {"name": person.name}, **_above(),
    )  # fmt: skip


@allow(Permission.MANAGE_STAFF)
@require_POST
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """End all sessions of somebody else, for a lost laptop."""
    person: Agent = get_object_or_404(queries.agents(), pk=pk)
    if person.role is not None:
        actions.check_may_hand_out(person.role, by=agent_actor(request.user))
    actions.end_sessions(agent=person, by=agent_actor(request.user))
    return redirect("staff:agent", pk=pk)
