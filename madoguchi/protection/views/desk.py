"""Beside a ticket: the panel, judging a message, asking for help, taking a step."""

from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from madoguchi.design.context import HTML_LANG
from madoguchi.design.settings_pages import edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Message, Ticket
from madoguchi.tickets.queries import message_for, ticket_for

from .. import actions, ladder
from ..actions.taking import Limits
from ..drawing import severity_words
from ..forms import JudgeForm, StepForm, start_of
from ..models import Measure
from ..panel import panel_of
from ..reading import manners_of
from ..shield import shielded
from ..wording import draft, language_of

OFFERED = 30  # messages to choose evidence from


def _done(request: HttpRequest, ticket_id: int, text: str = "") -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    if text:
        flash.success(request, text)
    return redirect(f"/tickets/{ticket_id}")


@require_GET
@allow(Permission.TICKET_VIEW)
def panel(request: HttpRequest, ticket_id: int) -> HttpResponse:
    agent = agent_of(request)
    return render(request, "protection/_panel.html", panel_of(agent, ticket_for(agent, ticket_id)))


@allow(Permission.TICKET_VIEW, Permission.PROTECTION_WARN)
def judge(request: HttpRequest, message_id: int) -> HttpResponse:
    """This is harassment, and how grave; or this is not. With `severity=0` alone it is contested in one click."""
    agent = agent_of(request)
    message = message_for(agent, message_id)
    if request.method == "POST" and request.POST.get("quick") == "not":
        actions.judge(message_id=message.pk, severity=0, by=agent_actor(agent))
        return _done(request, message.ticket_id, _("Noted: this is not harassment"))
    now = manners_of([message.pk]).get(message.pk)
    form = JudgeForm(request.POST or None, initial={"severity": now.severity if now else 2, "labels": now.labels if now else []})
    return edit(
        request, form, act=lambda clean: actions.judge(message_id=message.pk, by=agent_actor(agent), **clean),
        done=f"/tickets/{message.ticket_id}", title=_("What is this message?"), area="protection", verb=_("Save"),
        crumb=_("Ticket #{number}").format(number=message.ticket_id), crumb_url=f"/tickets/{message.ticket_id}",
    )  # fmt: skip


@require_POST
@allow(Permission.TICKET_VIEW, Permission.PROTECTION_WARN)
def ask(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """A second person, a change of handler, a break."""
    agent = agent_of(request)
    ticket = ticket_for(agent, ticket_id)
    actions.ask_for_help(ticket=ticket, kind=request.POST.get("kind", ""), agent=agent)
    return _done(request, ticket.pk, _("Asked"))


@require_POST
@allow(Permission.TICKET_VIEW, Permission.PROTECTION_WARN)
def come(request: HttpRequest, ticket_id: int, request_id: int) -> HttpResponse:
    """Answer a colleague's request."""
    agent = agent_of(request)
    ticket = ticket_for(agent, ticket_id)
    if not ticket.help_requests.filter(pk=request_id).exists():  # type: ignore[attr-defined]
        raise NotFound
    actions.answer_help(request_id=request_id, agent=agent)
    return _done(request, ticket.pk)


@require_POST
@allow(Permission.TICKET_VIEW, Permission.PROTECTION_WARN)
def protect(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Mark as a legitimate complaint or a request for accommodation, or take the mark away."""
    agent = agent_of(request)
    ticket = ticket_for(agent, ticket_id)
    by, given = agent_actor(agent), request.POST
    if given.get("remove"):
        actions.unprotect(ticket_id=ticket.pk, reason=given.get("reason", ""), by=by)
    else:
        actions.protect(ticket_id=ticket.pk, kind=given.get("kind", ""), by=by, reason=given.get("reason", "")[:2000])
    return _done(request, ticket.pk)


@allow(Permission.TICKET_VIEW, Permission.PROTECTION_WARN)
def step(request: HttpRequest, ticket_id: int, step: str) -> HttpResponse:
    """Take a step of the ladder, with the text that the company approved, to be adapted."""
    agent = agent_of(request)
    ticket = ticket_for(agent, ticket_id)
    if step not in Measure.Step.values:
        raise NotFound
    wanted = ladder.Step(step)
    form = _form(request, agent, ticket, wanted)
    return edit(
        request, form, act=lambda clean: _take(ticket, wanted, clean, agent), done=f"/tickets/{ticket.pk}",
        title=str(Measure.Step(step).label), area="protection",
        verb=_("Send the notice") if wanted in ladder.WITH_NOTICE else _("Save"),
        crumb=_("Ticket #{number}").format(number=ticket.pk), crumb_url=f"/tickets/{ticket.pk}",
    )  # fmt: skip


def _form(request: HttpRequest, agent: Agent, ticket: Ticket, wanted: ladder.Step) -> StepForm:
    said = list(Message.objects.filter(ticket=ticket, direction=Message.Direction.IN, automatic="").order_by("-id")[:OFFERED])
    manners = manners_of(message.pk for message in said)
    heavy = [message.pk for message in said if message.pk in manners and manners[message.pk].severity > 0]
    labels = [label for pk in heavy for label in manners[pk].labels]
    shields = shielded(agent, said)
    language = language_of(ticket)
    return StepForm(
        request.POST or None, step=wanted, draft=draft(ticket, wanted, language=language), language=HTML_LANG.get(language, language),
        messages=[
            (message.pk, message.created_at, shields.get(message.pk), _line(message, manners)) for message in said
        ],
        suggested=heavy or [message.pk for message in said[:1]], behaviour=labels[0] if labels else "",
    )  # fmt: skip


def _line(message: Message, manners: dict) -> str:
    text = " ".join((message.reply_text or message.text)[:200].split())
    return f"{text} · {severity_words(manners[message.pk].severity)}" if message.pk in manners else text


def _take(ticket: Ticket, wanted: ladder.Step, clean: dict[str, Any], agent: Agent) -> Measure:
    limits = None
    if wanted == ladder.Step.RESTRICTION:
        ends, review = start_of(clean["ends_on"]), start_of(clean["review_on"])
        assert ends is not None  # noqa: S101  required fields
        assert review is not None  # noqa: S101
        limits = Limits(ladder.Kind(clean["kind"]), ends, review, contact=clean["contact"], channel=clean["channel"])
    return actions.take_step(
        ticket_id=ticket.pk, step=wanted, reason=clean["reason"], message_ids=[int(pk) for pk in clean["evidence"]],
        behaviour=clean["behaviour"], notice=clean.get("notice"), limits=limits, by=agent_actor(agent),
    )  # fmt: skip
