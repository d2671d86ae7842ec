"""The desk: the list of a view, and what changes in it while one looks."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.staff.access import allow
from madoguchi.staff.models import Agent, Team
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.listing import inbox_page, rows_of, view_counts
from madoguchi.tickets.models import Kind, Priority, Status, Tag
from madoguchi.tickets.queries import tickets_visible_to

from .. import actions
from ..context import count_text, counted_views
from ..queue import Asked, drawn, read_query
from ..requests import AgentRequest, answer, numbers
from ..saved_views import views_visible_to

PAGE = 50
SORT_LABELS = (("due", gettext_lazy("By deadline")), ("newest", gettext_lazy("Newest")), ("oldest", gettext_lazy("Oldest")))


def _list(request: AgentRequest, asked: Asked) -> dict[str, object]:
    page = inbox_page(request.user, asked.filters, view=asked.view.builtin, sort=asked.sort, cursor=asked.cursor, limit=PAGE)
    rows = list(drawn(page.rows, agent=request.user, by_due=asked.sort == "due", group=asked.group))
    return {
        "asked": asked, "rows": rows, "next_cursor": page.next_cursor, "last_group": rows[-1].group if rows else "",
        "sorts": SORT_LABELS, "first_page": not asked.cursor, "filter_count": len(asked.extra),
    }  # fmt: skip


@require_GET
@allow(Permission.TICKET_VIEW)
def desk(request: AgentRequest) -> HttpResponse:
    return render(request, "console/desk.html", {**_list(request, read_query(request.user, request.GET)), "pane": "queue"})


@require_GET
@allow(Permission.TICKET_VIEW)
def queue(request: AgentRequest) -> HttpResponse:
    """The list pane alone; `after` asks for the rows behind a cursor only."""
    asked = read_query(request.user, request.GET)
    template = "console/_rows_more.html" if asked.cursor else "console/_queue.html"
    return render(request, template, _list(request, asked))


@require_GET
@allow(Permission.TICKET_VIEW)
def rows(request: AgentRequest) -> HttpResponse:
    """The rows of `ids` that stand in this list now; the desk puts them in place without moving the others."""
    asked = read_query(request.user, request.GET)
    found = rows_of(request.user, numbers(request.GET.getlist("ids")), asked.filters, view=asked.view.builtin)
    return render(request, "console/_rows.html", {"rows": drawn(found, agent=request.user, by_due=False), "asked": asked})


@require_GET
@allow(Permission.TICKET_VIEW)
def counts(request: AgentRequest) -> JsonResponse:
    found = view_counts(request.user, counted_views(list(views_visible_to(request.user))))
    return JsonResponse(
        {"views": {key: count_text(count) for key, count in found.items()}, "notices": request.user.notices.filter(read_at=None).count()}
    )


@require_GET
@allow(Permission.TICKET_VIEW)
def filters(request: AgentRequest) -> HttpResponse:
    """The filter form, loaded when somebody opens it."""
    asked = read_query(request.user, request.GET)
    chosen = {name: [str(value) for value in values] if isinstance(values, list) else ["1"] for name, values in asked.extra.items()}
    return render(
        request, "console/_filters.html",
        {
            "asked": asked, "chosen": chosen, "statuses": Status.choices, "priorities": [(str(v), label) for v, label in Priority.choices],
            "kinds": Kind.choices, "teams": Team.objects.order_by("name").values_list("id", "name"),
            "agents": Agent.objects.filter(is_active=True).order_by("name").values_list("id", "name"),
            "tags": Tag.objects.order_by("name").values_list("name", flat=True)[:200],
        },
    )  # fmt: skip


@require_POST
@allow(Permission.TICKET_VIEW)
def save_view(request: AgentRequest) -> HttpResponse:
    """Keep the list as it is shown under a name."""
    asked = read_query(request.user, request.POST)
    shared = bool(request.POST.get("shared")) and request.user.may(Permission.VIEW_SHARE)
    view = tickets.save_view(
        agent=request.user, name=request.POST.get("name", ""), filters={**asked.view.filters, **asked.extra}, sort=asked.sort, shared=shared
    )
    return _go(request, f"/?view=saved-{view.pk}")


@require_POST
@allow(Permission.TICKET_VIEW)
def delete_view(request: AgentRequest, view_id: int) -> HttpResponse:
    tickets.remove_view(agent=request.user, view_id=view_id)
    return _go(request, "/")


@require_POST
@allow(Permission.TICKET_VIEW)
def bulk(request: AgentRequest) -> HttpResponse:
    """One action on many tickets; the answer's toast offers to undo it."""
    ids = numbers(request.POST.getlist("ids"))
    if not ids:
        raise Invalid(_("Select at least one ticket."))
    action, value = request.POST.get("action", ""), request.POST.get("value", "")
    if ":" in action:  # a plain form sends `action=status:solved`
        action, _colon, value = action.partition(":")
    if action == "merge":
        text, merged = actions.merge_all(agent=request.user, ids=ids)
        return answer(request, text, undo=merged, undo_url="/unmerge", event="changed")
    text, token = actions.apply(agent=request.user, ids=ids, action=action, value=value)
    return answer(request, text, undo=token, event="changed")


@require_POST
@allow(Permission.TICKET_VIEW)
def undo(request: AgentRequest) -> HttpResponse:
    """Take back what a token stands for, where nobody has changed it since."""
    undone = tickets.undo(token=request.POST.get("token", "")[:100], by=agent_actor(request.user))
    text = _("Undone") if not undone.kept else _("Undone, except {n} that changed since").format(n=undone.kept)
    return answer(request, text, event="changed")


@require_POST
@allow(Permission.TICKET_MERGE)
def unmerge(request: AgentRequest) -> HttpResponse:
    """Take back merges of tickets that the agent sees."""
    ids = numbers([request.POST.get("token", "")])
    seen = set(tickets_visible_to(request.user).filter(pk__in=ids).values_list("pk", flat=True))
    actions.unmerge_all(agent=request.user, ids=[one for one in ids if one in seen])
    return answer(request, _("Undone"), event="changed")


def _go(request: AgentRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponse(status=303, headers={"Location": url})
