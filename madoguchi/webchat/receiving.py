"""Reading what a widget posts: every field hostile, nothing believed without its proof."""

import json
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from madoguchi.design.formats import language_of
from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import Invalid

from . import identity as proofs
from .actions import Saying
from .models import Widget

LARGEST_JSON = 64 * 1024
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The fields of a form with files, or of a JSON object. Raises Invalid."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.CHAT_FILE_LIMIT + LARGEST_JSON:  # not even read
        raise Invalid(_("The files of one message may have {size} MB together.").format(size=settings.CHAT_FILE_LIMIT // 2**20))
    if request.content_type == "multipart/form-data":
        return {key: request.POST.get(key) for key in request.POST}
    if len(request.body) > LARGEST_JSON:
        raise Invalid(_("This message is too long."))
    try:
        found = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Invalid from error
    if not isinstance(found, dict):
        raise Invalid
    return found


def text_of(data: dict[str, Any], name: str, length: int) -> str:
    """A field as text that both databases keep and that plays no tricks with the direction of writing."""
    value = data.get(name)
    if value is None or isinstance(value, dict | list):
        return ""
    return _CONTROLS.sub("", str(value).encode("utf-8", "replace").decode())[:length]


def number_of(data: dict[str, Any], name: str) -> int:
    """A small whole number, 0 for anything else."""
    value = data.get(name)
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0  # noqa: PLR2004  a 64-bit number


def saying_of(request: HttpRequest, widget: Widget) -> Saying:
    """A visitor's message. Raises Invalid."""
    data = body_of(request)
    client_id = text_of(data, "client_id", 64)
    if not _CLIENT_ID.fullmatch(client_id):
        raise Invalid
    files = request.FILES.getlist("file") if request.content_type == "multipart/form-data" else []
    if sum(file.size or 0 for file in files) > settings.CHAT_FILE_LIMIT:
        raise Invalid(_("The files of one message may have {size} MB together.").format(size=settings.CHAT_FILE_LIMIT // 2**20))
    person, problem = person_of(data, widget)
    return Saying(
        client_id=client_id, text=text_of(data, "text", 20_000), language=language_of(text_of(data, "language", 20) or "en"),
        page=page_of(data), consent=data.get("consent") in {True, "true", "1"},
        files=[(file.name or "", file.read()) for file in files if file.size], person=person, problem=problem,
    )  # fmt: skip


def page_of(data: dict[str, Any]) -> str:
    """The address of the page that the visitor writes from; only web addresses, since the desk links it."""
    page = text_of(data, "page", 500)
    return page if page.startswith(("https://", "http://")) else ""


def person_of(data: dict[str, Any], widget: Widget) -> tuple[proofs.Person | None, str]:
    """Whom the brand's site vouches for, and what is wrong with its word. A broken proof is no proof, and the visitor stays a stranger."""
    token, mail, signature = (text_of(data, name, 5000) for name in ("user_token", "user_mail", "user_hash"))
    if not (token or (mail and signature)):
        return None, ""
    secret = crypto.decrypt(widget.secret)
    try:
        if token:
            return proofs.from_token(secret, token, now=clock.now()), ""
        return proofs.from_address(secret, mail[:320], signature), ""
    except proofs.Forged as error:
        return None, str(error)
