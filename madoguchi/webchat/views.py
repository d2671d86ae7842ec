"""What widgets ask for. All under /chat/, by token; nothing here knows a signed-in agent."""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from madoguchi.foundation import events, ratelimit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.crypto import fingerprint
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.access import public
from madoguchi.tickets.downloads import data_of
from madoguchi.tickets.filetypes import safe_name

from . import actions, queries
from .actions.saying import say
from .door import ChatRequest, address_of, door, token_of, visitors_conversation
from .events import VisitorTyping
from .models import Conversation
from .receiving import body_of, number_of, saying_of, text_of
from .shapes import message_shape, state_shape
from .words import config_shape

PARTS = [Path(__file__).parent / "static/webchat/widget" / f"{name}.js" for name in ("style", "dom", "talk", "view", "start")]
FRAME = "(() => {{\nconst TAG = document.currentScript;\nconst BASE = new URL('../', TAG.src).href;\n{}}})();\n"
SCRIPT_SECONDS = 300
MINUTE, HOUR = 60, 3600
SMALL_ACTS = 90  # typing, reading and the like of one visitor in a minute
VISITOR = Actor("customer")


@cache
def _script() -> tuple[bytes, bytes, str]:
    plain = FRAME.format("".join(part.read_text(encoding="utf-8") for part in PARTS)).encode()
    return plain, gzip.compress(plain, 9), f'"{sha256(plain).hexdigest()[:20]}"'


@require_GET
@public
def script(request: HttpRequest) -> HttpResponse:
    """The widget itself, the same for everybody."""
    plain, packed, tag = _script()
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(packed, content_type="text/javascript; charset=utf-8", headers={"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(plain, content_type="text/javascript; charset=utf-8")
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    response["Vary"] = "Accept-Encoding"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@door("GET", token=False)
def config(request: ChatRequest) -> HttpResponse:
    """The widget's words in the visitor's language, its looks, and whether somebody is there."""
    response = JsonResponse(config_shape(request.widget))
    response["Cache-Control"] = "public, max-age=60"
    return response


@door("GET POST", token=False)
def messages(request: ChatRequest) -> HttpResponse:
    if request.method == "POST":
        return _say(request)
    request.conversation = visitors_conversation(request, request.widget)
    return _said(request)


def _say(request: ChatRequest) -> HttpResponse:
    """Keep a message; answered only when it is safe. Sent again with the same client id it is kept once.

    The limits are counted in the message's own transaction: three commits for a message would cost more than the message.
    """
    token = token_of(request)
    if not queries.good_token(token):
        raise NotFound
    saying, address = saying_of(request, request.widget), address_of(request)
    with transaction.atomic():
        ratelimit.hit(f"chat:say:{address}", limit=settings.CHAT_MESSAGES_PER_ADDRESS, seconds=MINUTE)
        ratelimit.hit(f"chat:one:{fingerprint(token)}", limit=settings.CHAT_MESSAGES_PER_MINUTE, seconds=MINUTE)
        kept = say(widget=request.widget, token=token, saying=saying)
        if kept.opened:
            ratelimit.hit(f"chat:start:{address}", limit=settings.CHAT_STARTS_PER_HOUR, seconds=HOUR)
    shape = message_shape(kept.message, files=bool(saying.files)) | {"client": saying.client_id}
    return JsonResponse({"message": shape, "state": state_shape(kept.conversation)}, status=201)


def _said(request: ChatRequest) -> HttpResponse:
    """What was said, since the message `after`; for a page that opens, and for one whose stream does not come through."""
    after = number_of({"after": request.GET.get("after", "")}, "after")
    if request.GET.get("poll"):
        actions.note_presence(conversation_ids=[request.conversation.pk])
    found = queries.messages_after(request.conversation, after) if after else queries.latest_messages(request.conversation)
    return JsonResponse({"messages": [message_shape(one) for one in found], "state": state_shape(request.conversation)})


def _small(request: ChatRequest) -> Conversation:
    ratelimit.hit(f"chat:act:{request.conversation.pk}", limit=SMALL_ACTS, seconds=MINUTE)
    return request.conversation


def _now(conversation: Conversation) -> HttpResponse:
    conversation.refresh_from_db()
    return JsonResponse({"state": state_shape(conversation)})


@door("POST")
def typing(request: ChatRequest) -> HttpResponse:
    """That the visitor writes; not what."""
    conversation = _small(request)
    if conversation.state in Conversation.OPEN:
        events.emit_ephemeral(VisitorTyping(conversation.ticket_id, conversation.ticket.team_id), by=VISITOR)
    return HttpResponse(status=204)


@door("POST")
def read(request: ChatRequest) -> HttpResponse:
    """Our messages up to `id` were on the visitor's screen."""
    conversation = _small(request)
    actions.mark_read_by_visitor(conversation=conversation, message_id=number_of(body_of(request), "id"))
    return HttpResponse(status=204)


@door("POST")
def end(request: ChatRequest) -> HttpResponse:
    actions.end(conversation_id=_small(request).pk, by=VISITOR)
    return _now(request.conversation)


@door("POST")
def rating(request: ChatRequest) -> HttpResponse:
    data = body_of(request)
    actions.rate(conversation_id=_small(request).pk, rating=number_of(data, "rating"), comment=text_of(data, "comment", 2000))
    return _now(request.conversation)


@door("POST")
def contact(request: ChatRequest) -> HttpResponse:
    """`how`: mail or call. The visitor need not wait here any longer."""
    ratelimit.hit(f"chat:contact:{address_of(request)}", limit=settings.CHAT_STARTS_PER_HOUR, seconds=HOUR)
    data = body_of(request)
    actions.give_contact(
        conversation_id=_small(request).pk, how=text_of(data, "how", 10), value=text_of(data, "value", 320),
        name=text_of(data, "name", 200),
    )  # fmt: skip
    return _now(request.conversation)


@door("POST")
def transcript(request: ChatRequest) -> HttpResponse:
    """Mail what was said to the visitor's address, or to the one that they give now."""
    data, conversation = body_of(request), _small(request)
    mail = text_of(data, "mail", 320)
    if mail and not conversation.mail:
        actions.keep_address(conversation=conversation, mail=mail)
    actions.mail_transcript(conversation=conversation, by=VISITOR)
    return _now(conversation)


@door("GET")
def file(request: ChatRequest, attachment_id: int) -> HttpResponse:
    """A file of the conversation, only ever as a download."""
    found = queries.file_for_visitor(request.conversation, attachment_id)
    data = data_of(found)
    if data is None:
        raise NotFound
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(safe_name(found.name))}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_GET
@public
def sample(request: HttpRequest) -> HttpResponse:
    """A page with the widget on it, to try it before it stands on one's own."""
    widget = queries.widget_of(request.GET.get("brand", "")[:40].replace("\0", ""))
    return render(request, "webchat/sample.html", {"widget": widget}, status=200 if widget else 404)
