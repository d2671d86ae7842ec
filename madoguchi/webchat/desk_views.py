"""A chat beside its ticket on the desk: who is there, how far it is read, ending it, the transcript."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Message

from . import actions, queries
from .models import Conversation


@require_GET
@allow(Permission.TICKET_VIEW)
def panel(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """The line above the composer, asked for by its own address and again whenever the chat changes."""
    return _drawn(request, queries.conversation_for(agent_of(request), ticket_id))


def _drawn(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    seen_at = conversation.visitor_seen_at
    ours = Message.objects.filter(ticket=conversation.ticket_id, channel="chat", direction=Message.Direction.OUT).order_by("-id")
    last = ours.values_list("id", flat=True).first()
    context = {
        "chat": conversation, "here": seen_at is not None and seen_at > clock.now() - queries.HERE,
        "open": conversation.state in Conversation.OPEN, "read": bool(last and conversation.visitor_read_id >= last), "ours": bool(last),
        "may_reply": agent_of(request).may(Permission.TICKET_REPLY),
    }  # fmt: skip
    return render(request, "webchat/_panel.html", context)


@require_POST
@allow(Permission.TICKET_VIEW)
def seen(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """The agent has the conversation on screen; the visitor sees that it was read."""
    conversation = queries.conversation_for(agent_of(request), ticket_id)
    actions.mark_read_by_agent(conversation=conversation, by=agent_actor(agent_of(request)))
    return HttpResponse(status=204)


@require_POST
@allow(Permission.TICKET_REPLY)
def end(request: HttpRequest, ticket_id: int) -> HttpResponse:
    conversation = queries.conversation_for(agent_of(request), ticket_id)
    actions.end(conversation_id=conversation.pk, by=agent_actor(agent_of(request)))
    conversation.refresh_from_db()
    return _drawn(request, conversation)


@require_POST
@allow(Permission.TICKET_REPLY)
def transcript(request: HttpRequest, ticket_id: int) -> HttpResponse:
    conversation = queries.conversation_for(agent_of(request), ticket_id)
    actions.mail_transcript(conversation=conversation, by=agent_actor(agent_of(request)))
    return _drawn(request, conversation)
