"""The original of a shielded message, by one deliberate click."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from madoguchi.design.context import HTML_LANG
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.queries import message_for

from .. import actions


@require_POST
@allow(Permission.TICKET_VIEW)
def original(request: HttpRequest, message_id: int) -> HttpResponse:
    """The text as it was written. That it was asked for is noted for the reader's own care."""
    message = message_for(agent_of(request), message_id)
    actions.look(message_id=message.pk, agent=agent_of(request))
    context = {
        "message": message, "text": message.reply_text or message.text, "quoted": message.quoted_text,
        "lang": HTML_LANG.get(message.language, message.language),
    }  # fmt: skip
    template = "protection/_original.html" if request.headers.get("HX-Request") else "protection/original.html"
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response
