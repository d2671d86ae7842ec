"""The API's door: bearer tokens, rate limits, and every error as a problem (RFC 9457)."""

import json
import re
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from madoguchi.foundation import clock, crypto, ratelimit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, MadoguchiError, NotAllowed, TooMany, unavailable
from madoguchi.staff.actions import touch_token
from madoguchi.staff.models import ApiToken

TOUCH_EVERY = timedelta(minutes=1)
BODY_LIMIT = 1024 * 1024  # bytes; a text of 200,000 characters fits in any script


RATE_HEADERS = {
    "RateLimit-Limit": "Calls that the token may make in a minute",
    "RateLimit-Remaining": "Calls left in this minute",
    "RateLimit-Reset": "Seconds until the next minute begins",
}


class Problem(Schema):
    """What went wrong, for programs (`code`) and people (`title`, `detail`)."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    errors: list[dict[str, Any]] = []


PROBLEMS: dict = {frozenset({400, 401, 403, 404, 405, 409, 411, 413, 422, 429, 503}): Problem}


class Bearer(HttpBearer):
    """`Authorization: Bearer mdg_...`; the token acts with its agent's role."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        _refuse_unreadable(request)
        now = clock.now()
        row = (
            ApiToken.objects.select_related("agent__role")
            .filter(Q(expires_at=None) | Q(expires_at__gt=now), digest=crypto.fingerprint(token), agent__is_active=True)
            .first()
        )
        if row is None:
            return None
        request.token, request.agent = row, row.agent  # type: ignore[attr-defined]
        request.actor = Actor("api", row.agent.pk, row.agent.name)  # type: ignore[attr-defined]
        limit = settings.API_CALLS_PER_MINUTE
        request.rate = (limit, ratelimit.hit(f"api:{row.pk}", limit=limit, seconds=60))  # type: ignore[attr-defined]
        if row.last_used_at is None or row.last_used_at < now - TOUCH_EVERY:
            touch_token(token_id=row.pk)
        _refuse_unknown(request)
        return row


def _refuse_unreadable(request: HttpRequest) -> None:
    """Bodies are looked at before they are read. Raises RequestDataTooBig, or HttpError for one of unknown length."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
        raise RequestDataTooBig
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and not request.META.get("CONTENT_LENGTH"):
        raise HttpError(411, "Send a Content-Length; bodies in chunks are not read")


def _refuse_unknown(request: HttpRequest) -> None:
    """A misspelt parameter would otherwise be passed over in silence, and the answer mean something else than was asked."""
    match = request.resolver_match
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", match.route if match else "")
    known = known_parameters().get((path, (request.method or "").lower()))
    if known is not None and (unknown := sorted(set(request.GET) - known)):
        raise Invalid(_("The request does not fit its description."), fields={name[:100]: _("Unknown parameter") for name in unknown[:20]})


@cache
def known_parameters() -> dict[tuple[str, str], frozenset[str]]:
    """The query parameters of every operation, as the description has them."""
    return {
        (path, method): frozenset(p["name"] for p in operation.get("parameters", []) if p["in"] == "query")
        for path, operations in door.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
    }


class Door(NinjaAPI):
    """Adds the rate limit's state to every answer of a known token."""

    def create_response(self, request: HttpRequest, data: object, **options: Any) -> HttpResponse:
        response = super().create_response(request, data, **options)
        if rate := getattr(request, "rate", None):
            response["RateLimit-Limit"], response["RateLimit-Remaining"] = str(rate[0]), str(max(0, rate[1]))
            response["RateLimit-Reset"] = str(60 - int(clock.now().timestamp()) % 60)
        return response

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Problems travel under their own media type, and every operation may answer with any of them."""
        schema = super().get_openapi_schema(**options)
        for operation in [operation for path in schema["paths"].values() for operation in path.values()]:
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and "application/json" in answer.get("content", {}):  # noqa: PLR2004
                    answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
                elif int(status) < 400:  # noqa: PLR2004
                    answer["headers"] = {name: {"schema": {"type": "integer"}, "description": text} for name, text in RATE_HEADERS.items()}
        return schema


door = Door(
    title="Madoguchi", version="1", description="Tickets, customers, search, events and webhooks of a Madoguchi desk.", docs_url=None,
    auth=Bearer(), urls_namespace="api",
)  # fmt: skip


def may(request: HttpRequest, *permissions: str) -> None:
    """Raises NotAllowed unless the token's agent has every permission."""
    if not all(request.agent.may(permission) for permission in permissions):  # type: ignore[attr-defined]
        raise NotAllowed


def problem(
    *,
    status: int,
    code: str,
    title: str,
    detail: str = "",
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, "errors": errors or []}
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json")
    for name, value in (headers or {}).items():
        response[name] = value
    return response


@door.exception_handler(MadoguchiError)
def expected(request: HttpRequest, error: MadoguchiError) -> HttpResponse:  # noqa: ARG001
    fields = [{"field": name, "message": str(text)} for name, text in error.fields.items()]
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else None
    return problem(
        status=error.status, code=error.code, title=type(error).__name__, detail=str(error.message), errors=fields, headers=headers
    )


@door.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:  # noqa: ARG001
    errors = [{"field": ".".join(str(part) for part in e["loc"]), "message": e["msg"]} for e in error.errors]
    return problem(status=422, code="invalid", title="Invalid", detail="The request does not fit its description.", errors=errors)


@door.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:  # noqa: ARG001
    return problem(
        status=401, code="unauthorized", title="Unauthorized", detail="Send a valid token: Authorization: Bearer mdg_...",
        headers={"WWW-Authenticate": "Bearer"},
    )  # fmt: skip


@door.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:  # noqa: ARG001
    return problem(status=error.status_code, code="bad_request", title="Bad request", detail=str(error))


@door.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:  # noqa: ARG001
    return problem(status=413, code="too_large", title="Too large", detail=f"A body has at most {BODY_LIMIT} bytes.")


@door.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:  # noqa: ARG001
    return problem(status=404, code="not_found", title="Not found")


@door.exception_handler(DatabaseError)
def away(request: HttpRequest, error: DatabaseError) -> HttpResponse:  # noqa: ARG001
    return problem(status=503, code="unavailable", title="Unavailable", detail=str(unavailable(error).message))
