"""Saved views: a name for filters and an order, for oneself or for others."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import Invalid, NotAllowed, NotFound
from madoguchi.staff.models import Agent, Team
from madoguchi.staff.permissions import Permission

from ..filters import clean_filters
from ..listing import SORTS
from ..models import SavedView

NAME_LENGTH = 80
MOST_VIEWS = 100


@transaction.atomic
def save_view(
    *,
    agent: Agent,
    name: str,
    filters: Mapping[str, object],
    sort: str = "due",
    shared: bool = False,
    team: Team | None = None,
    view_id: int | None = None,
) -> SavedView:
    """Save a view, or change one (`view_id`). `shared`: for everybody, or for `team` when one is given; needs the permission to share."""
    name = " ".join(name.split())[:NAME_LENGTH]
    if not name:
        raise Invalid(fields={"name": _("Give the view a name.")})
    if sort not in SORTS:
        raise Invalid(fields={"sort": _("This order is not known. Sort by deadline, newest or oldest.")})
    if shared and not agent.may(Permission.VIEW_SHARE):
        raise NotAllowed
    view = editable_view(agent, view_id) if view_id is not None else SavedView(owner=agent, position=_next_position(agent))
    view.name, view.filters, view.sort, view.shared, view.team = name, clean_filters(filters), sort, shared, team if shared else None
    view.save()
    return view


def _next_position(agent: Agent) -> int:
    count = SavedView.objects.filter(owner=agent).count()
    if count >= MOST_VIEWS:
        raise Invalid(_("There are too many views. Remove one first."))
    return count


def editable_view(agent: Agent, view_id: int) -> SavedView:
    """A view that the agent may change: an own one, or a shared one with the permission to share. Raises NotFound or NotAllowed."""
    view = SavedView.objects.filter(pk=view_id).first()
    if view is None or (not view.shared and view.owner_id != agent.pk):
        raise NotFound
    if view.owner_id != agent.pk and not agent.may(Permission.VIEW_SHARE):
        raise NotAllowed
    return view


@transaction.atomic
def remove_view(*, agent: Agent, view_id: int) -> None:
    editable_view(agent, view_id).delete()


@transaction.atomic
def order_views(*, agent: Agent, view_ids: list[int]) -> None:
    """Show the agent's own views in this order."""
    for position, view_id in enumerate(view_ids):
        SavedView.objects.filter(pk=view_id, owner=agent).update(position=position)
