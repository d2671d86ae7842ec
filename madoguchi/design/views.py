"""Error pages that say what happened and what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from madoguchi.foundation import errors


def _page(request: HttpRequest, error: errors.MadoguchiError, status: int) -> HttpResponse:
    return render(request, "design/error.html", {"error": error, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(request, errors.Invalid(_("The request could not be read. Go back, reload the page and try again.")), 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(request, errors.NotAllowed(), 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(request, errors.NotFound(), 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, errors.MadoguchiError(), 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    message = _("The form was open for too long or cookies are off. Reload the page and send it again; what you typed is kept.")
    return _page(request, errors.NotAllowed(message), 403)


csrf_failure.access = "public"  # type: ignore[attr-defined]
