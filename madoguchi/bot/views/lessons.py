"""For editors: what agents answered where the articles had nothing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import MadoguchiError
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission

from .. import actions, queries

SHOWN = 100


@require_GET
@allow(Permission.KNOWLEDGE_EDIT, Permission.TICKET_VIEW)
def index(request: HttpRequest) -> HttpResponse:
    agent = agent_of(request)
    may = {"edit": True, "approve": agent.may(Permission.KNOWLEDGE_APPROVE)}
    rows = queries.lessons_visible_to(agent)[:SHOWN]
    return render(request, "bot/lessons.html", {"area": "knowledge", "can": may, "lessons": rows})


@require_POST
@allow(Permission.KNOWLEDGE_EDIT, Permission.TICKET_VIEW)
def act(request: HttpRequest, lesson_id: int) -> HttpResponse:
    """`do`: article | dismiss."""
    lesson = queries.lesson_for(agent_of(request), lesson_id)
    if request.POST.get("do") != "article":
        actions.dismiss_lesson(by=agent_actor(request.user), lesson_id=lesson.pk)
        return redirect("lessons")
    try:
        article = actions.make_article(by=agent_actor(request.user), lesson_id=lesson.pk)
    except MadoguchiError as error:
        messages.error(request, str(error.message))
        return redirect("lessons")
    messages.success(request, _("An internal draft. Check that nothing in it tells of the customer"))
    return redirect("knowledge_text", article.pk, lesson.language)
