"""Who is at the customers' door: a session in a cookie of its own, which the desk never reads."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from madoguchi.design.context import HTML_LANG
from madoguchi.design.formats import zone_of
from madoguchi.foundation.errors import MadoguchiError, NotFound, TooMany
from madoguchi.knowledge.frame import LANGUAGES, frame
from madoguchi.staff.access import View, public
from madoguchi.workplace.queries import workplace

from ..forms import most_bytes
from ..models import Session
from ..queries import session_of

COOKIE, PATH = "madoguchi_my", "/my/"
TOO_LARGE, MORE_THAN_FILES = 413, 2**20


def length_of(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or "0"
    return int(given) if given.isdecimal() else 0


def too_large(request: HttpRequest) -> bool:
    """More than all files and the other fields may have; asked before anything of it is read."""
    return length_of(request) > most_bytes() + MORE_THAN_FILES


def opened(*, signed_in: bool) -> Callable[[Callable[..., HttpResponse]], View]:
    """A page of the portal: in the visitor's language and zone, never kept. `signed_in`: the view also gets the session."""

    def wrap(view: Callable[..., HttpResponse]) -> View:
        @public
        @csrf_exempt  # checked below, after the length: checking reads the whole body
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            session = session_of(request.COOKIES.get(COOKIE, ""))
            if signed_in and session is None:
                return HttpResponseRedirect(reverse("my_sign_in"))
            language, zone = language_of(request, session), zone_of_customer(session)
            with translation.override(language), timezone.override(zone):
                if request.method not in {"GET", "HEAD", "POST"}:
                    return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
                if too_large(request):
                    response: HttpResponseBase = refusal(
                        request, _("The files are too large. Send fewer or smaller ones."), status=TOO_LARGE
                    )
                else:
                    response = _answer(csrf_protect(view), request, [session, *args] if signed_in else list(args), kwargs)
            response["Content-Language"] = HTML_LANG.get(language, language)
            add_never_cache_headers(response)
            return response

        return shown

    return wrap


def _answer(view: Any, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]) -> HttpResponseBase:
    try:
        return view(request, *args, **kwargs)
    except NotFound:
        return refusal(request, _("This page is not here"), status=404)
    except MadoguchiError as error:
        response = refusal(request, str(error.message), status=error.status)
        if isinstance(error, TooMany):
            response["Retry-After"] = str(error.retry_after)
        return response


def language_of(request: HttpRequest, session: Session | None) -> str:
    """Chosen on this page, else chosen before in this browser, else the customer's, else what the browser asks for."""
    wanted = [request.GET.get("language", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    wanted += [session.customer.language] if session else []
    return next((code for code in wanted if code in LANGUAGES), translation.get_language_from_request(request))


def zone_of_customer(session: Session | None) -> Any:
    company = workplace()
    return zone_of(session.customer.time_zone if session else "", company.time_zone if company else "")


def render(request: HttpRequest, template: str, session: Session | None = None, *, status: int = 200, **context: Any) -> HttpResponse:
    """Without the desk's context: an agent who is signed in here is nobody on the customers' side."""
    language = translation.get_language() or "en"
    around = frame(language) | {"csrf_token": get_token(request), "me": session}
    around["switch"] = {code: f"?language={code}" for code in LANGUAGES}
    return HttpResponse(render_to_string(f"portal/my/{template}.html", around | context), status=status)


def refusal(request: HttpRequest, text: str, *, status: int) -> HttpResponse:
    session = session_of(request.COOKIES.get(COOKIE, ""))
    return render(request, "refused", session, status=status, text=text)


def keep_session(response: HttpResponse, token: str, *, seconds: int) -> None:
    response.set_cookie(
        COOKIE, token, max_age=seconds, path=PATH, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )  # fmt: skip


def forget_session(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
