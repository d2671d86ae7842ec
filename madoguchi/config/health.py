"""Health, readiness and figures for whoever watches the service, and the live event stream's address."""

import hmac

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from madoguchi.foundation import disk, env
from madoguchi.staff.access import public


@public
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """The process answers."""
    return JsonResponse({"ok": True})


@public
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """The database answers and has its tables; there is room to write."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_migrations")
            database = cursor.fetchone()[0] > 0
    except Error:
        database = False
    room = disk.free() >= disk.FULL
    ready = database and room
    return JsonResponse({"ok": ready, "database": database, "disk": room}, status=200 if ready else 503)


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures: from this machine, or with MADOGUCHI_METRICS_TOKEN as bearer token."""
    token = env.secret("MADOGUCHI_METRICS_TOKEN")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    local = request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"} and "X-Forwarded-For" not in request.headers
    if not (local or (token and hmac.compare_digest(token, given))):
        return HttpResponse(status=403)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


urlpatterns = [path("healthz", healthz), path("readyz", readyz), path("metrics", metrics)]
