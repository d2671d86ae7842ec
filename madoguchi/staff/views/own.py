"""What agents decide about themselves: profile, presence, sessions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.design.settings_pages import edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.workplace.queries import workplace

from .. import actions
from ..access import agent_of, allow
from ..actions.people import PROFILE_FIELDS
from ..forms import ProfileForm
from ..models import Presence


@allow()
def profile(request: HttpRequest) -> HttpResponse:
    agent = agent_of(request)
    form = ProfileForm(request.POST or None, initial={name: getattr(agent, name) for name in PROFILE_FIELDS})
    place = workplace()
    return edit(
        request, form,
        act=lambda clean: actions.change_profile(agent=agent, by=agent_actor(agent), **clean),
        done=reverse("profile"), title=_("Your profile"), below="staff/_profile_more.html", company=place.name if place else "",
    )  # fmt: skip


@allow()
@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """Switch between available, away and wrap-up; the desk calls it without leaving the page."""
    actions.set_presence(agent=agent_of(request), presence=request.POST.get("presence", ""), by=agent_actor(request.user))
    if request.headers.get("HX-Request"):
        label = Presence(request.POST["presence"]).label
        return HttpResponse(str(label), headers={"HX-Trigger": "presence"})
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The page the agent came from, if it is ours."""
    address = request.headers.get("Referer", "")
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}) else "/"


@allow()
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else; this browser stays signed in."""
    ended = actions.end_sessions(agent=agent_of(request), by=agent_actor(request.user), keep=request.session.session_key)
    if not ended:
        messages.info(request, _("No other session was open"))
    return redirect("usersessions_list")
