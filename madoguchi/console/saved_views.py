"""Saved views: which ones an agent sees, and what a view's key means."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Scope
from madoguchi.tickets.filters import Filters
from madoguchi.tickets.models import SavedView
from madoguchi.tickets.queries import tickets_visible_to
from madoguchi.tickets.view_list import VIEWS

DEFAULT_VIEW = "mine"
EVERYTHING = "open"


def first_view(agent: Agent) -> str:
    """What the desk opens with: the own queue; for a role that oversees all teams and has nothing of its own, everything open."""
    if agent.role.scope != Scope.ALL or tickets_visible_to(agent).filter(assignee=agent, unsolved__in=[True]).exists():
        return DEFAULT_VIEW
    return EVERYTHING


def views_visible_to(agent: Agent) -> QuerySet[SavedView]:
    """The agent's own, those shared with all, those shared with one of their teams."""
    teams = agent.teams.values("id")
    return SavedView.objects.filter(Q(owner=agent) | Q(shared=True, team=None) | Q(shared=True, team__in=teams))


@dataclass(frozen=True)
class ChosenView:
    """A view by its key: `builtin` is its name in VIEWS or empty; `filters` and `sort` are its own."""

    key: str
    label: str
    builtin: str = ""
    filters: Filters = field(default_factory=dict)
    sort: str = "due"
    saved: SavedView | None = None


def choose(agent: Agent, key: str) -> ChosenView:
    """`mine`, `open` ... or `saved-7`; anything else is NotFound."""
    key = key or first_view(agent)
    if key in VIEWS:
        view = VIEWS[key]
        return ChosenView(key, str(view.label), builtin=key, filters=view.filters, sort=view.sort)
    number = key.removeprefix("saved-")
    saved = views_visible_to(agent).filter(pk=int(number)).first() if number != key and number.isdecimal() and len(number) < 18 else None  # noqa: PLR2004
    if saved is None:
        raise NotFound(_("This view does not exist any more. Choose another one."))
    filters: dict[str, Any] = saved.filters
    return ChosenView(key, saved.name, filters=filters, sort=saved.sort, saved=saved)
