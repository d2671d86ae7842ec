"""Writing: replies, notes, drafts, files, canned replies, and what becomes of a reply that was sent."""

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from madoguchi.design import formats
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.staff.access import allow
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message, Status, Ticket
from madoguchi.tickets.queries import message_for, ticket_for

from ..articles import articles_for
from ..canned import canned_for
from ..composing import draft_fields, mentioned, people, send_at
from ..markup import rendered
from ..requests import AgentRequest, answer, is_script, numbers

PREVIEW_LIMIT = 50_000


@require_POST
@allow(Permission.TICKET_REPLY)
def reply(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """Send a reply, now or later. A colleague's newer answer stops it unless `anyway` is set."""
    ticket = ticket_for(request.user, ticket_id)
    form, by = request.POST, agent_actor(request.user)
    later = send_at(form) if form.get("send_at") else None
    seen = form.get("seen", "")
    then = form.get("then", Status.WAITING_CUSTOMER)
    if then not in Status.values:
        raise Invalid
    try:
        message = tickets.reply(
            ticket_id=ticket.pk, text=form.get("text", ""), by=by, to=people(form.get("to", "")) or None, cc=people(form.get("cc", "")),
            bcc=people(form.get("bcc", "")), language=form.get("language", ""), attachment_ids=numbers(form.getlist("files")),
            status=then if then != ticket.status else "", send_at=later,
            seen_message_id=int(seen) if seen.isdecimal() and not form.get("anyway") else None,
        )  # fmt: skip
    except Conflict:
        if is_script(request) and _answered(ticket, seen):
            return render(request, "console/_answered.html", {"message": _answered(ticket, seen)}, status=409)
        raise
    if later:
        return answer(
            request,
            _("Scheduled for {time}").format(time=formats.stamp(later)),
            undo="yes",
            undo_url=f"/messages/{message.pk}/undo",
            event="ticket:changed",
        )
    seconds = settings.UNDO_SEND.total_seconds() if hasattr(message, "delivery") else 0  # what was said in a chat cannot be taken back
    text = _("Sent and solved") if then == Status.SOLVED else _("Sent")
    return answer(
        request, text, undo="yes" if seconds else "", undo_url=f"/messages/{message.pk}/undo", event="ticket:changed",
        seconds=seconds or 6, url=f"/tickets/{ticket.pk}",
    )  # fmt: skip


def _answered(ticket: Ticket, seen: str) -> Message | None:
    """The colleague's answer that the writer had not seen."""
    newest = (
        Message.objects.filter(ticket=ticket, direction=Message.Direction.OUT, automatic="").select_related("agent").order_by("-id").first()
    )
    return newest if newest is not None and seen.isdecimal() and newest.pk > int(seen) else None


@require_POST
@allow(Permission.TICKET_REPLY)
def undo_send(request: AgentRequest, message_id: int) -> HttpResponse:
    return _take_back(request, message_for(request.user, message_id))


def _take_back(request: AgentRequest, message: Message) -> HttpResponse:
    """A reply that has not left is cancelled; its text becomes the draft again."""
    tickets.cancel(message_id=message.pk, by=agent_actor(request.user))
    return answer(request, _("Not sent. The text is in the composer again."), event="ticket:reload", url=f"/tickets/{message.ticket_id}")


@require_POST
@allow(Permission.TICKET_REPLY)
def delivery(request: AgentRequest, message_id: int) -> HttpResponse:
    """`do`: retry | now | trust | cancel."""
    message = message_for(request.user, message_id)
    by = agent_actor(request.user)
    match request.POST.get("do"):
        case "retry":
            tickets.retry(message_id=message.pk, by=by)
            return answer(request, _("Being sent again"), event="ticket:changed", url=f"/tickets/{message.ticket_id}")
        case "now":
            tickets.send_now(message_id=message.pk, by=by)
            return answer(request, _("Being sent now"), event="ticket:changed", url=f"/tickets/{message.ticket_id}")
        case "trust":
            tickets.trust(message_id=message.pk, by=by)
            return answer(request, _("Marked as sent"), event="ticket:changed", url=f"/tickets/{message.ticket_id}")
        case "cancel":
            return _take_back(request, message)
    raise Invalid


@require_POST
@allow(Permission.TICKET_NOTE)
def note(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = ticket_for(request.user, ticket_id)
    text = request.POST.get("text", "")
    tickets.add_note(
        ticket_id=ticket.pk, text=text, by=agent_actor(request.user), mentioned=mentioned(text),
        attachment_ids=numbers(request.POST.getlist("files")),
    )  # fmt: skip
    return answer(request, _("Note added"), event="ticket:changed", url=f"/tickets/{ticket.pk}")


@require_POST
@allow(Permission.TICKET_VIEW)
def draft(request: AgentRequest, ticket_id: int) -> JsonResponse:
    """Keep what was typed. 409 with `newer`: another device has saved since; the page puts both texts together and saves again."""
    ticket = ticket_for(request.user, ticket_id)
    version = request.POST.get("version", "0")
    try:
        saved = tickets.save_draft(
            ticket_id=ticket.pk, agent=request.user, kind=request.POST.get("kind", "reply"), body=request.POST.get("body", ""),
            fields=draft_fields(request.POST), version=int(version) if version.isdecimal() and len(version) < 9 else 0,  # noqa: PLR2004
        )  # fmt: skip
    except tickets.NewerDraft as error:
        return JsonResponse({"version": error.draft.version, "newer": error.draft.body}, status=409)
    return JsonResponse({"version": saved.version if saved else 0, "saved": formats.clock_time(clock.now()) if saved else ""})


@require_POST
@allow(Permission.TICKET_VIEW)
def upload(request: AgentRequest, ticket_id: int) -> JsonResponse:
    """One file, kept until the message is sent."""
    ticket = ticket_for(request.user, ticket_id)
    file = request.FILES.get("file")
    if file is None:
        raise Invalid(_("Choose a file."))
    if (file.size or 0) > settings.UPLOAD_SIZE_LIMIT:
        raise Invalid(
            _("The files of one message may have {size} MB together. Send a large file another way.").format(
                size=settings.UPLOAD_SIZE_LIMIT // 2**20
            )
        )
    kept = tickets.add_upload(agent=request.user, name=file.name or "", data=file.read(), ticket_id=ticket.pk)
    return JsonResponse({"id": kept.pk, "name": kept.name, "size": formats.file_size(kept.size)})


@require_POST
@allow(Permission.TICKET_VIEW)
def discard(request: AgentRequest, attachment_id: int) -> HttpResponse:
    tickets.discard_upload(agent=request.user, attachment_id=attachment_id)
    return HttpResponse(status=204)


@require_POST
@allow(Permission.TICKET_VIEW)
def preview(request: AgentRequest) -> HttpResponse:
    """Markdown as it will look."""
    return HttpResponse(rendered(request.POST.get("text", "")[:PREVIEW_LIMIT], mentions=True))


@require_GET
@allow(Permission.TICKET_VIEW)
def mentions(request: AgentRequest) -> JsonResponse:
    """Colleagues who can be mentioned."""
    found = Agent.objects.filter(is_active=True).exclude(pk=request.user.pk).order_by("name").values_list("name", "email")
    return JsonResponse({"items": [{"name": name, "detail": email, "insert": f"@{name} "} for name, email in found[:500]]})


@require_GET
@allow(Permission.TICKET_REPLY)
def canned(request: AgentRequest, ticket_id: int) -> JsonResponse:
    """Canned replies for this ticket, in the language asked for, with their variables filled in."""
    ticket = ticket_for(request.user, ticket_id)
    return JsonResponse({"items": canned_for(request.user, ticket, language=request.GET.get("language", ticket.language))})


@require_GET
@allow(Permission.TICKET_REPLY, Permission.KNOWLEDGE_VIEW)
def articles(request: AgentRequest, ticket_id: int) -> JsonResponse:
    """Public articles that match, in the language of the reply first: each as a link, the best ones also as text."""
    ticket = ticket_for(request.user, ticket_id)
    language = request.GET.get("language") or ticket.language
    return JsonResponse({"items": articles_for(request.GET.get("q", "")[:200].replace("\0", ""), language=language)})
