"""The contact form of the help centre: open to everybody, so everything in it is a stranger's."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from madoguchi.design.context import HTML_LANG
from madoguchi.foundation import audit
from madoguchi.foundation.errors import Invalid, NotFound, TooMany
from madoguchi.knowledge.frame import LANGUAGES, frame
from madoguchi.staff.access import View, public
from madoguchi.workplace.models import Brand

from .. import actions, guard
from ..forms import ContactForm
from ..queries import brand_for, mailbox_for
from .door import TOO_LARGE, too_large


def page(view: Callable[..., HttpResponse]) -> View:
    """A page in the language of its address that nobody keeps."""

    @public
    @wraps(view)
    def shown(request: HttpRequest, language: str, brand_id: int | None = None) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        if language not in LANGUAGES:
            return HttpResponseRedirect(reverse("help_front"))
        with translation.override(language):
            try:
                response = view(request, language, brand_for(brand_id))
            except NotFound:
                response = HttpResponse(render_to_string("knowledge/help/missing.html", frame(language)), status=404)
        response["Content-Language"] = HTML_LANG.get(language, language)
        add_never_cache_headers(response)
        return response

    return shown


def _address(route: str, language: str, brand_id: int | None) -> str:
    return reverse(f"{route}_of_brand", args=[language, brand_id]) if brand_id else reverse(route, args=[language])


def _render(template: str, request: HttpRequest, language: str, brand: Brand | None, *, status: int = 200, **context: Any) -> HttpResponse:
    brand_id = request.resolver_match.kwargs.get("brand_id") if request.resolver_match else None
    route = "help_contact" if template == "contact" else "help_contact_sent"
    around = frame(language, brand) | {"switch": {code: _address(route, code, brand_id) for code in LANGUAGES}}
    context["had_files"] = status == TOO_LARGE or bool(request.FILES)
    return HttpResponse(render_to_string(f"portal/{template}.html", around | context), status=status)


@page
def contact(request: HttpRequest, language: str, brand: Brand | None) -> HttpResponse:
    mailbox = mailbox_for(brand, language)
    if request.method != "POST":
        return _render("contact", request, language, brand, form=ContactForm(initial={"mark": guard.new_mark()}))
    if too_large(request):  # before anything of it is read
        form = ContactForm(initial={"mark": guard.new_mark()})
        return _render("contact", request, language, brand, form=form, status=TOO_LARGE, trouble=_too_large())
    form = ContactForm(request.POST, request.FILES)
    mark = guard.read_mark(request.POST.get("mark", "")[:200])
    if mark is None or mark.too_old:
        if form.is_valid():
            form.add_error(None, _("This page stood open for a long time. Send it once more."))
        form.data = request.POST.copy()
        form.data["mark"] = guard.new_mark()
        return _render("contact", request, language, brand, form=form, status=422)
    if form.is_valid() and mark.too_fast:
        form.add_error(None, _("That was very quick. Read it once more and send it again."))
    status = 422
    if form.is_valid():
        try:
            _send(form.cleaned_data, mark.nonce, language=language, mailbox=mailbox)
            return HttpResponseRedirect(_address("help_contact_sent", language, request.resolver_match.kwargs.get("brand_id")))
        except TooMany as error:
            form.add_error(
                None, _("Many messages came from here. Wait an hour, or write a mail to {address}.").format(address=mailbox.address)
            )
            status = error.status
        except Invalid as error:
            for name, text in error.fields.items():
                form.add_error(name, str(text))
    return _render("contact", request, language, brand, form=form, status=status)


def _send(clean: dict[str, Any], nonce: str, *, language: str, mailbox: Any) -> None:
    guard.count(client=audit.client_address.get(), address=clean["address"], nonce=nonce)
    facts = {"kind": clean["kind"], "custom": clean["custom"], "language": language, "consent": True, "trap": bool(clean["trap"])}
    actions.send_form(
        nonce=nonce, mailbox=mailbox, name=clean["name"], address=clean["address"], subject=clean["subject"], text=clean["text"],
        facts=facts, files=clean["files"],
    )  # fmt: skip


def _too_large() -> str:
    return _("The files are too large. Send fewer or smaller ones.")


@page
def sent(request: HttpRequest, language: str, brand: Brand | None) -> HttpResponse:
    return _render("sent", request, language, brand)
