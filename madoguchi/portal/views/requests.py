"""A customer's own requests: the list, one with its conversation, its files, and what can be done with it."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from madoguchi.foundation import crypto
from madoguchi.foundation.errors import NotFound
from madoguchi.knowledge.frame import brand_name
from madoguchi.tickets.downloads import data_of
from madoguchi.tickets.filetypes import safe_name
from madoguchi.tickets.layout import render as markdown
from madoguchi.tickets.models import Message, Status, Ticket

from .. import actions
from ..forms import ReplyForm
from ..models import Session
from ..queries import conversation, expectation_of, file_for, request_of, requests_of
from .door import opened, render

SHOWN = 100
LONGEST = 100_000


def _words(ticket: Ticket) -> tuple[str, str]:
    """(status as a customer reads it, its colour)."""
    match ticket.status:
        case Status.WAITING_CUSTOMER:
            return _("Waiting for your answer"), "notice"
        case Status.SOLVED:
            return _("Solved"), "ok"
        case Status.CLOSED:
            return _("Closed"), ""
    return _("In progress"), "accent"


@opened(signed_in=True)
def requests(request: HttpRequest, session: Session) -> HttpResponse:
    rows = [{"ticket": ticket, "status": _words(ticket)} for ticket in requests_of(session.customer)[:SHOWN]]
    return render(request, "requests", session, rows=rows, place="requests")


@opened(signed_in=True)
def one(request: HttpRequest, session: Session, ticket_id: int) -> HttpResponse:
    ticket = request_of(session.customer, ticket_id)
    form = ReplyForm(request.POST or None, request.FILES or None, initial={"nonce": crypto.token(12)})
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        number = actions.write(
            session=session, ticket=ticket, text=clean["text"], files=clean["files"], nonce=clean["nonce"],
            language=session.customer.language or ticket.language,
        )  # fmt: skip
        return HttpResponseRedirect(reverse("my_request", args=[number or ticket.pk]) + ("?written=1" if number else "?waiting=1") + "#end")
    return _page(request, session, ticket, form, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, session: Session, ticket: Ticket, form: ReplyForm, *, status: int) -> HttpResponse:
    said = [_view(message) for message in conversation(session.customer, ticket)]
    return render(
        request, "request", session, status=status, ticket=ticket, said=said, form=form, state=_words(ticket),
        expected=expectation_of(ticket),
        may_close=ticket.status not in {Status.SOLVED, Status.CLOSED}, is_solved=ticket.status == Status.SOLVED,
        is_closed=ticket.status == Status.CLOSED, written=request.GET.get("written") == "1", waiting=request.GET.get("waiting") == "1",
    )  # fmt: skip


def _view(message: Message) -> dict[str, Any]:
    ours = message.direction == Message.Direction.OUT
    name = (
        (message.agent.name if message.agent and not message.automatic else brand_name())
        if ours
        else message.from_name or message.from_address
    )
    return {
        "ours": ours, "name": name, "at": message.created_at, "automatic": bool(message.automatic), "body": _body(message),
        "language": message.language, "files": list(message.attachments.all()),
    }  # fmt: skip


def _body(message: Message) -> SafeString:
    """Ours is Markdown, theirs plain text, as at the desk."""
    text = (message.reply_text or message.text)[:LONGEST].strip()
    if message.direction == Message.Direction.OUT:
        return mark_safe(f'<div class="prose my-text">{markdown(text)}</div>')  # sanitised by tickets.layout
    shown = urlize(text, nofollow=True, autoescape=True) if "://" in text or "www." in text else escape(text)
    return mark_safe(f'<div class="my-text my-text--plain">{shown}</div>')


@opened(signed_in=True)
def close(request: HttpRequest, session: Session, ticket_id: int) -> HttpResponse:
    ticket = request_of(session.customer, ticket_id)
    if request.method == "POST":
        actions.close(session=session, ticket=ticket)
    return HttpResponseRedirect(reverse("my_request", args=[ticket.pk]))


@opened(signed_in=True)
def reopen(request: HttpRequest, session: Session, ticket_id: int) -> HttpResponse:
    ticket = request_of(session.customer, ticket_id)
    if request.method == "POST":
        actions.reopen(session=session, ticket=ticket)
    return HttpResponseRedirect(reverse("my_request", args=[ticket.pk]))


@opened(signed_in=True)
def file(request: HttpRequest, session: Session, attachment_id: int) -> HttpResponse:  # noqa: ARG001
    """Always as a download: nothing that somebody sent is ever shown under our address."""
    found = file_for(session.customer, attachment_id)
    data = data_of(found)
    if data is None:
        raise NotFound
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(safe_name(found.name))}"
    return response
