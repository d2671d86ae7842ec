"""Search and the command palette."""

from collections.abc import Iterator

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from madoguchi.automation.queries import macros_for
from madoguchi.foundation.errors import Invalid
from madoguchi.protection.found import softened_hits
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Status
from madoguchi.tickets.search import SORT_DATE, SORT_RELEVANCE, search_tickets
from madoguchi.tickets.search import Page as SearchPage
from madoguchi.tickets.search_filters import Filters
from madoguchi.tickets.view_list import VIEWS

from ..context import ICONS
from ..names import name_of
from ..requests import AgentRequest
from ..saved_views import views_visible_to

LONGEST = 300
PALETTE_HITS = 8
MOST_MACROS = 300


@require_GET
@allow(Permission.TICKET_VIEW)
def search(request: AgentRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:LONGEST]
    status, sort = request.GET.get("status", ""), request.GET.get("sort", SORT_RELEVANCE)
    context: dict[str, object] = {"q": typed, "status": status, "sort": sort, "statuses": Status.choices, "hits": [], "next_url": ""}
    if typed:
        try:
            page = search_tickets(
                request.user, typed, filters=Filters(statuses=(status,) if status in Status.values else ()),
                sort=SORT_DATE if sort == SORT_DATE else SORT_RELEVANCE, cursor=request.GET.get("after", ""),
            )  # fmt: skip
        except Invalid as error:
            context["error"] = error
        else:
            page = SearchPage(softened_hits(request.user, page.hits), page.next_cursor)
            context["hits"] = [(hit, name_of(hit.ticket.customer.name, hit.ticket.language)) for hit in page.hits]
            if page.next_cursor:
                params = request.GET.copy()
                params["after"] = page.next_cursor
                context["next_url"] = f"?{params.urlencode()}"
    return render(request, "console/search.html", context)


@require_GET
@allow(Permission.TICKET_VIEW)
def palette(request: AgentRequest) -> JsonResponse:
    """With `q`: tickets that match; without: places to go to, and macros for the open ticket, whose other actions the page knows itself."""
    typed = request.GET.get("q", "").strip()[:LONGEST]
    if not typed:
        return JsonResponse({"places": list(_places(request)), "macros": _macros(request)})
    try:
        page = search_tickets(request.user, typed, limit=PALETTE_HITS)
    except Invalid:
        return JsonResponse({"hits": []})
    hits = [
        {
            "id": hit.ticket.pk,
            "label": "".join(text for text, _marked in hit.subject),
            "sub": name_of(hit.ticket.customer.name, hit.ticket.language),
            "lang": hit.ticket.language,
        }
        for hit in softened_hits(request.user, page.hits)
    ]
    return JsonResponse({"hits": hits})


PLACES = (
    ("customers", "users", Permission.CUSTOMER_VIEW), ("companies", "home", Permission.CUSTOMER_VIEW),
    ("knowledge", "book", Permission.KNOWLEDGE_VIEW), ("settings", "gear", None), ("notices", "bell", None),
)  # fmt: skip


def _macros(request: AgentRequest) -> list[dict[str, object]]:
    if not request.user.may(Permission.TICKET_EDIT):
        return []
    return [{"id": pk, "label": name} for pk, name in macros_for(request.user).values_list("id", "name")[:MOST_MACROS]]


def _places(request: AgentRequest) -> Iterator[dict[str, str]]:
    for key, view in VIEWS.items():
        yield {"label": str(view.label), "icon": ICONS.get(key, "list"), "url": f"/?view={key}", "view": key}
    for saved in views_visible_to(request.user):
        yield {"label": saved.name, "icon": "filter", "url": f"/?view=saved-{saved.pk}", "view": f"saved-{saved.pk}"}
    names = {
        "customers": _("Customers"), "companies": _("Companies"), "settings": _("Settings"),
        "knowledge": pgettext("area", "Knowledge"), "notices": _("Notifications"),
    }  # fmt: skip
    for name, icon, permission in PLACES:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        if permission is None or request.user.may(permission):
            yield {"label": names[name], "icon": icon, "url": url}
