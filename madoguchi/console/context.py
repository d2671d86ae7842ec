"""The side bar of every staff page: views with their counts, areas, notices, the agent."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.foundation import clock
from madoguchi.staff.models import Agent, Notice, Presence
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.listing import COUNT_LIMIT, view_counts
from madoguchi.tickets.models import Priority, SavedView, Status
from madoguchi.tickets.view_list import VIEWS
from madoguchi.workplace.queries import workplace

from .saved_views import views_visible_to

ICONS = {
    "mine": "inbox", "unassigned": "circle", "team": "users", "open": "list", "overdue": "clock", "waiting": "pause",
    "watching": "eye", "mentioned": "bell", "solved": "check", "spam": "hand", "all": "box",
}  # fmt: skip
AREAS: tuple[tuple[str, Promise, str, tuple[Permission, ...]], ...] = (
    ("customers", _("Customers"), "users", (Permission.CUSTOMER_VIEW,)),
    ("promises", _("Promises"), "clock", (Permission.TICKET_VIEW,)),
    ("followups:overview", _("Follow-ups"), "refresh", (Permission.TICKET_VIEW,)),
    ("surveys:report", _("Satisfaction"), "star", (Permission.TICKET_VIEW,)),
    ("knowledge", pgettext_lazy("area", "Knowledge"), "book", (Permission.KNOWLEDGE_VIEW,)),
    ("protection:home", _("Staff protection"), "hand", (Permission.TICKET_VIEW, Permission.PROTECTION_WARN)),
    ("settings", _("Settings"), "gear", ()),
)
_NAME_SECONDS = 60
_name: tuple[float, str] = (0.0, "")


@dataclass(frozen=True)
class NavItem:
    """`count` is text ("99+") and empty when the view is not counted."""

    key: str
    label: object
    icon: str
    url: str
    count: str = ""
    hot: bool = False


@dataclass(frozen=True)
class Nav:
    workplace: str
    views: list[NavItem]
    more: list[NavItem]
    saved: list[NavItem]
    areas: list[NavItem]
    notices: int


def workplace_name() -> str:
    """Asked once a minute per process: it stands on every page and changes once in years."""
    global _name  # noqa: PLW0603
    at = clock.now().timestamp()
    if not 0 <= at - _name[0] < _NAME_SECONDS or not _name[1]:
        place = workplace()
        _name = (at, place.name if place else "Madoguchi")
    return _name[1]


def count_text(count: int) -> str:
    return f"{COUNT_LIMIT - 1}+" if count >= COUNT_LIMIT else str(count)


def counted_views(saved: list[SavedView]) -> dict[str, dict[str, Any]]:
    asked: dict[str, dict[str, Any]] = {key: {} for key, view in VIEWS.items() if view.counted}
    return asked | {f"saved-{view.pk}": view.filters for view in saved if view.filters}


def build(agent: Agent, *, counted: bool = True) -> Nav:
    """`counted` False leaves the counts to the page's script, which asks for them once the ticket is there."""
    saved = list(views_visible_to(agent))
    counts = view_counts(agent, counted_views(saved)) if counted else {}
    items = [
        NavItem(key, view.label, ICONS.get(key, "list"), f"/?view={key}", count_text(counts[key]) if key in counts else "",
                hot=key == "overdue" and counts.get(key, 0) > 0)
        for key, view in VIEWS.items()
    ]  # fmt: skip
    more = {"solved", "spam", "all", "watching", "mentioned"}
    return Nav(
        workplace_name(),
        [item for item in items if item.key not in more],
        [item for item in items if item.key in more],
        [
            NavItem(
                f"saved-{view.pk}",
                view.name,
                "filter",
                f"/?view=saved-{view.pk}",
                count_text(counts[f"saved-{view.pk}"]) if f"saved-{view.pk}" in counts else "",
            )
            for view in saved
        ],
        list(_areas(agent)),
        Notice.objects.filter(agent=agent, read_at=None).count(),
    )


def _areas(agent: Agent) -> list[NavItem]:
    found = []
    for name, label, icon, needed in AREAS:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        if all(agent.may(permission) for permission in needed):
            found.append(NavItem(name.partition(":")[0], label, icon, url))
    return found


def desk(request: HttpRequest) -> dict[str, object]:
    """Lazy: a page that does not draw the side bar asks nothing."""
    agent = getattr(request, "user", None)
    if agent is None or not agent.is_authenticated or not agent.role_id:
        return {}
    counted = request.resolver_match is None or request.resolver_match.url_name != "ticket"
    return {
        "nav_template": "console/_nav.html",
        "nav": SimpleLazyObject(lambda: build(agent, counted=counted)),
        "more_views": pgettext_lazy("views", "More"),
        "presences": Presence.choices[:-1],
        "status_choices": Status.choices[1:],
        "priority_choices": Priority.choices,
    }
