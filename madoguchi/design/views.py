"""Error pages that say what happened and what to do."""

import sys

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.foundation import errors

from .context import html_lang


def _page(request: HttpRequest, error: errors.MadoguchiError, status: int) -> HttpResponse:
    return render(request, "design/error.html", {"error": error, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(request, errors.Invalid(_("The request could not be read. Go back, reload the page and try again.")), 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(request, errors.NotAllowed(), 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(request, errors.NotFound(), 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this for an error that nothing else made readable, among them the database's in a middleware.

    Drawn without asking who the reader is: that would ask the database again.
    """
    broken = sys.exc_info()[1]
    error = errors.unavailable(broken) if isinstance(broken, DatabaseError) else errors.MadoguchiError()
    language = getattr(request, "LANGUAGE_CODE", None) or translation.get_language_from_request(request)
    template = "design/_error.html" if request.headers.get("HX-Request") else "design/error.html"
    with translation.override(language):
        seen = {"error": error, "status": error.status, "request": request, "html_lang": html_lang(), "theme": "system"}
        return HttpResponse(render_to_string(template, seen), status=error.status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    message = _("The form was open for too long or cookies are off. Reload the page and send it again; what you typed is kept.")
    return _page(request, errors.NotAllowed(message), 403)


csrf_failure.access = "public"  # type: ignore[attr-defined]
