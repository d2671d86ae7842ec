"""The views that every desk has, in the order of the side bar. Saved views are rows (`models.SavedView`)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import status as moves
from .filters import Filters

_UNSOLVED = list(moves.UNSOLVED)


@dataclass(frozen=True)
class BuiltinView:
    """`counted`: whether the side bar shows a number beside it."""

    label: Promise
    filters: Filters
    sort: str = "due"
    counted: bool = True


VIEWS: dict[str, BuiltinView] = {
    "mine": BuiltinView(_("My queue"), {"assignee": ["me"], "status": _UNSOLVED}),
    "unassigned": BuiltinView(pgettext_lazy("view", "Unassigned"), {"assignee": ["none"], "status": _UNSOLVED}),
    "team": BuiltinView(_("My teams"), {"team": ["mine"], "status": _UNSOLVED}),
    "open": BuiltinView(_("All open"), {"status": _UNSOLVED}),
    "overdue": BuiltinView(pgettext_lazy("view", "Overdue"), {"overdue": True, "status": _UNSOLVED}),
    "waiting": BuiltinView(_("Waiting for reply"), {"status": [moves.WAITING_CUSTOMER, moves.WAITING_OTHERS]}, sort="oldest"),
    "watching": BuiltinView(pgettext_lazy("view", "Watching"), {"watching": True, "status": _UNSOLVED}, sort="newest"),
    "mentioned": BuiltinView(pgettext_lazy("view", "Mentions"), {"mentioned": True, "status": _UNSOLVED}, sort="newest"),
    "solved": BuiltinView(pgettext_lazy("view", "Solved"), {"status": [moves.SOLVED, moves.CLOSED]}, sort="newest", counted=False),
    "spam": BuiltinView(pgettext_lazy("view", "Spam"), {"spam": True}, sort="newest", counted=False),
    "all": BuiltinView(_("All tickets"), {}, sort="newest", counted=False),
}
