"""Pages on the way in: the mail link, the invitation."""

import logging
from collections.abc import Callable

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

log = logging.getLogger(__name__)

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
def company_account(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """On to the company's sign-in page."""
    from allauth.socialaccount.providers.openid_connect.views import login  # noqa: PLC0415  loads an HTTP client that few desks need

    return _asking_the_provider(login, request, provider_id)


@public
def company_account_answered(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Back from the company's sign-in page."""
    from allauth.socialaccount.providers.openid_connect.views import callback  # noqa: PLC0415  as above

    return _asking_the_provider(callback, request, provider_id)


def _asking_the_provider(view: Callable[..., HttpResponseBase], request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        return view(request, provider_id=provider_id)
    except OSError as error:  # what the HTTP client raises
        log.warning("the company account's server does not answer", extra={"reason": str(error)[:300]})
        return render(request, "socialaccount/authentication_error.html", status=502)


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
