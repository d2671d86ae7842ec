"""Health, readiness and figures for whoever watches the service, and the live event stream's address."""

import hmac
import shutil

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from madoguchi.foundation import env
from madoguchi.staff.access import public

FULL, LOW = 1 << 20, 500 << 20  # bytes free: nothing more fits; time to do something about it


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
    free = free_space()
    ready = database and free >= FULL
    return JsonResponse({"ok": ready, "database": database, "free_bytes": free}, status=200 if ready else 503)


def free_space() -> int:
    """Bytes that can still be written under MADOGUCHI_HOME."""
    return shutil.disk_usage(settings.HOME).free


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
