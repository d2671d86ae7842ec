"""The suggested answer beside a ticket: comes by its own address, so that the ticket never waits for it."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Unavailable
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.queries import ticket_for

from .. import actions, queries
from ..models import Suggestion

HALF_SURE = 0.5
"""Of the bar: from here on an agent is told "perhaps"."""
_BRACKET = re.compile(r"[\[\]\\]")


@require_GET
@allow(Permission.TICKET_REPLY, Permission.KNOWLEDGE_VIEW)
def suggestion(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """A suggestion while the customer waits for us, and what the assistant told them; nothing where there is neither."""
    ticket = ticket_for(agent_of(request), ticket_id)
    message = queries.open_question(ticket) if ticket.unsolved else None
    context: dict[str, object] = {"ticket": ticket, "told": queries.told_in(ticket), "asked": message is not None}
    if message is None:
        return render(request, "bot/_suggestion.html", context)
    try:
        row = actions.suggest(message=message, fallback=agent_of(request).language)
    except Unavailable as error:
        return render(request, "bot/_suggestion.html", {**context, "away": error.message})
    return render(request, "bot/_suggestion.html", {**context, "suggestion": row, **_shown(row)})


def _shown(row: Suggestion) -> dict[str, object]:
    if row.unhelpful_at:
        return {"state": "unhelpful"}
    found = queries.sources(row.hits)
    first_gone = not found or found[0].translation.article.slug != row.hits[0]["slug"]
    score = 0.0 if first_gone else row.score
    if score < row.bar * HALF_SURE:
        return {"state": "nothing", "word": _("Nothing found"), "tone": ""}
    sure = score >= row.bar
    rows = [{"source": one, "text": wording(one), "slug": one.translation.article.slug} for one in found]
    if row.worded:
        rows[0]["text"] = wording(queries.Source(found[0].translation, row.worded))
    return {
        "state": "found", "tone": "ok" if sure else "notice", "rows": rows, "percent": round(100 * score),
        "word": pgettext("how sure a suggested answer is", "Sure") if sure else pgettext("how sure a suggested answer is", "Perhaps"),
    }  # fmt: skip


def wording(source: queries.Source) -> str:
    """What is put into the reply: the passage, and where it stands."""
    title = _BRACKET.sub(r"\\\g<0>", source.translation.title)
    return f"{source.passage}\n\n[{title}]({source.url})\n"


@require_POST
@allow(Permission.TICKET_REPLY, Permission.KNOWLEDGE_VIEW)
def inserted(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    row = queries.suggestion_for(agent_of(request), suggestion_id)
    actions.mark_inserted(by=agent_actor(request.user), suggestion=row, slug=request.POST.get("slug", ""))
    return HttpResponse(status=204)


@require_POST
@allow(Permission.TICKET_REPLY, Permission.KNOWLEDGE_VIEW)
def unhelpful(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    row = queries.suggestion_for(agent_of(request), suggestion_id)
    actions.mark_unhelpful(by=agent_actor(request.user), suggestion=row)
    if not request.headers.get("HX-Request"):
        return HttpResponse(status=303, headers={"Location": f"/tickets/{row.ticket_id}"})
    return HttpResponse(status=204)


@require_POST
@allow(Permission.TICKET_REPLY)
def wrong(request: HttpRequest, turn_id: int) -> HttpResponse:
    """What the assistant told here was wrong."""
    turn = queries.turn_for(agent_of(request), turn_id)
    actions.mark_wrong(by=agent_actor(request.user), turn_id=turn.pk, wrong=request.POST.get("wrong") == "yes")
    if not request.headers.get("HX-Request"):
        return HttpResponse(status=303, headers={"Location": f"/tickets/{turn.dialogue.ticket_id}"})
    return HttpResponse(status=204)
