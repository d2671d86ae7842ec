"""Pages on the way in: the mail link, the invitation."""

from allauth.account import views as account
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from madoguchi.foundation import ratelimit
from madoguchi.foundation.errors import MadoguchiError, NotFound
from madoguchi.workplace.queries import workplace

from .. import actions, queries
from ..access import public
from ..forms import AcceptForm
from ..models import Agent

LINK_TRIES_PER_MINUTE = 20


def _limit(request: HttpRequest) -> None:
    ratelimit.hit(f"link:ip:{request.META.get('REMOTE_ADDR', '')}", limit=LINK_TRIES_PER_MINUTE, seconds=60)


@public
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """allauth's page, except in an installation without any agent: there is nobody to sign in, but one to be set up."""
    if not Agent.objects.exists():
        return redirect("welcome")
    return account.login(request)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link shows a button; only the button signs in, so a mail scanner that follows links uses nothing up."""
    _limit(request)
    if request.user.is_authenticated:
        return redirect("/")
    try:
        link = queries.sign_in_link(token)
        if request.method == "POST":
            actions.use_sign_in_link(link=link)
    except NotFound:
        return render(request, "staff/link_gone.html", status=404)
    if request.method != "POST":
        return render(request, "staff/sign_in_link.html", {"agent": link.agent})
    record_authentication(request, link.agent, method="code", email=link.agent.email)
    return perform_login(request, Login(user=link.agent, email=link.agent.email))


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """An invited colleague chooses a name and a password and is signed in."""
    _limit(request)
    try:
        invited = queries.invitation_by_token(token)
    except NotFound:
        return render(request, "staff/invitation_gone.html", status=404)
    place = workplace()
    initial = {"name": invited.name, "time_zone": place.time_zone if place else "UTC"}
    form = AcceptForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            agent = actions.accept_invitation(invitation=invited, **form.cleaned_data)
        except MadoguchiError as error:
            form.refuse(error)
        else:
            record_authentication(request, agent, method="invitation", email=agent.email)
            return perform_login(request, Login(user=agent, email=agent.email))
    page = {"form": form, "invitation": invited, "company": place.name if place else ""}
    return render(request, "staff/invitation.html", page, status=422 if form.is_bound else 200)
