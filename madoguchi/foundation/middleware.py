"""Around every request: an id, a log line, figures, and errors that a person can read."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import audit, metrics
from .errors import MadoguchiError, TooMany, unavailable
from .logs import request_id

log = logging.getLogger("madoguchi.request")
_LONG_SEGMENT = re.compile(r"(?<=/)[A-Za-z0-9_=-]{20,}(?=/|$)")  # tokens of mail links stand in the path
_GOOD_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
Handler = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """Give each request an id (a proxy's X-Request-ID is kept when it is well-formed), time it, log it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if _GOOD_ID.match(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        token = request_id.set(request.id)  # type: ignore[attr-defined]
        origin = audit.client_address.set(request.META.get("REMOTE_ADDR", ""))
        start = time.perf_counter()
        try:
            response = self.get_response(request)
        finally:
            seconds = time.perf_counter() - start
            request_id.reset(token)
            audit.client_address.reset(origin)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        response["Server-Timing"] = f"app;dur={seconds * 1000:.1f}"
        match = request.resolver_match
        route = match.view_name or "?" if match else "?"
        metrics.requests.labels(request.method, route, str(response.status_code)).observe(seconds)
        log.info(
            "%s %s %s", request.method, _LONG_SEGMENT.sub("[hidden]", request.path), response.status_code,
            extra={"ms": round(seconds * 1000, 1), "route": route, "request": request.id},  # type: ignore[attr-defined]
        )  # fmt: skip
        return response


class ReadableErrors:
    """Expected errors become a page (or a fragment for htmx) with what happened, what is safe and what to do."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DatabaseError):
            log.error("the database failed", exc_info=error)
            error = unavailable(error)
        if not isinstance(error, MadoguchiError):
            return None
        template = "design/_error.html" if request.headers.get("HX-Request") else "design/error.html"
        response = render(request, template, {"error": error, "status": error.status}, status=error.status)
        if isinstance(error, TooMany):
            response["Retry-After"] = str(error.retry_after)
        return response
