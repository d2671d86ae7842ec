"""The way in for widgets: cross-origin rules, the visitor's token, limits, and errors as JSON."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from madoguchi.design.formats import language_of
from madoguchi.foundation import ratelimit
from madoguchi.foundation.errors import MadoguchiError, NotAllowed, NotFound, TooMany, unavailable
from madoguchi.staff.access import public

from . import queries
from .models import Conversation, Widget
from .origins import allowed_origin

GUESSES, GUESS_SECONDS = 30, 600
PREFLIGHT_SECONDS = "7200"
View = Callable[..., HttpResponse]


class ChatRequest(HttpRequest):
    """What a view gets: the widget that the page embeds, and the conversation when it asks for one."""

    widget: Widget
    conversation: Conversation


def door(method: str, *, token: bool = True) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """A view for widgets. No cookie counts here (so no CSRF): who has the token in `Authorization` is the visitor.

    `token`: the conversation of the token must exist. Requests of pages whose origin the brand does not list are refused.
    """

    def wrap(view: View) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @public
        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            widget = queries.widget_of(request.GET.get("brand", "")[:40].replace("\0", ""))
            origin = request.headers.get("Origin", "")
            shared = widget is not None and allowed_origin(origin, widget, host=request.headers.get("Host", ""))
            with translation.override(_language(request)):
                try:
                    response = _answer(request, widget, view, args, kwargs, method=method, token=token, barred=bool(origin) and not shared)
                except MadoguchiError as error:
                    response = _refusal(error)
                except DatabaseError as error:
                    response = _refusal(unavailable(error))
            if shared:
                response["Access-Control-Allow-Origin"] = origin
                response["Access-Control-Expose-Headers"] = "Retry-After"
            patch_vary_headers(response, ["Origin"])
            response.headers.setdefault("Cache-Control", "no-store")
            response["Cross-Origin-Resource-Policy"] = "cross-origin"
            return response

        return entered

    return wrap


def _answer(
    request: HttpRequest, widget: Widget | None, view: View, args: tuple, kwargs: dict, *, method: str, token: bool, barred: bool
) -> HttpResponse:
    if widget is None:
        raise NotFound(_("This chat is switched off."))
    if barred:
        raise NotAllowed(_("This page may not use the chat. Its origin must be listed in the settings of the chat."))
    if request.method == "OPTIONS":
        return _preflight(method)
    if request.method not in {*method.split(), "HEAD"}:
        return HttpResponse(status=405)
    request.widget = widget  # type: ignore[attr-defined]
    if token:
        request.conversation = visitors_conversation(request, widget)  # type: ignore[attr-defined]
    return view(request, *args, **kwargs)


def _preflight(method: str) -> HttpResponse:
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Methods"] = method.replace(" ", ", ")
    response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return response


def token_of(request: HttpRequest) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


def visitors_conversation(request: HttpRequest, widget: Widget) -> Conversation:
    """The visitor's own; who tries tokens is stopped soon, although none can be guessed."""
    found = queries.conversation_of(token_of(request), widget)
    if found is None:
        ratelimit.hit(f"chat:guess:{address_of(request)}", limit=GUESSES, seconds=GUESS_SECONDS)
        raise NotFound(_("There is no conversation here."))
    return found


def address_of(request: HttpRequest) -> str:
    return request.META.get("REMOTE_ADDR", "")


def _language(request: HttpRequest) -> str:
    return language_of(request.GET.get("lang", "")[:20] or translation.get_language() or settings.LANGUAGE_CODE)


def _refusal(error: MadoguchiError) -> HttpResponse:
    response = JsonResponse({"code": error.code, "message": str(error.message)}, status=error.status)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response
