"""The agent's language and time zone on every request, and the rule that nothing is open by accident."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from madoguchi.foundation.errors import NotAllowed

from . import queries

Handler = Callable[[HttpRequest], HttpResponse]

_LANGUAGES = dict(settings.LANGUAGES)
_OWN_CHECKS = ("allauth.", "ninja.", "django.contrib.staticfiles.")  # libraries whose views check access themselves


class AgentPreferences:
    """Signed-in agents see their own language and zone; others get what their browser asks for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        agent = request.user
        chosen = request.GET.get("language", "")
        if agent.is_authenticated:
            language, zone = agent.language, agent.time_zone
        elif chosen in _LANGUAGES:
            language, zone = chosen, "UTC"
        else:
            language, zone = translation.get_language_from_request(request), "UTC"
        translation.activate(language)
        request.LANGUAGE_CODE = language
        try:
            timezone.activate(zoneinfo.ZoneInfo(zone))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            timezone.activate(zoneinfo.ZoneInfo("UTC"))
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if chosen == language and not agent.is_authenticated:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, language, max_age=settings.LANGUAGE_COOKIE_AGE, samesite="Lax", secure=request.is_secure()
            )
        return response


class DefaultDeny:
    """A view without an access mark is refused, so a forgotten decorator closes a door instead of opening one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:  # noqa: ARG002
        if not hasattr(view, "access") and not view.__module__.startswith(_OWN_CHECKS):
            raise NotAllowed


class RequireTwoSteps:
    """An agent whose role asks for two-step sign-in sets it up before anything else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:  # noqa: ARG002
        if not request.user.is_authenticated or view.__module__.startswith("allauth.") or getattr(view, "access", None) == "public":
            return None
        if not queries.needs_two_steps(request.user):
            return None
        return HttpResponse(status=403) if request.headers.get("HX-Request") else redirect("mfa_index")
