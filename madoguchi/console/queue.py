"""The list pane: what was asked for, and the rows as they are drawn."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.design import formats
from madoguchi.design.context import HTML_LANG
from madoguchi.foundation import clock
from madoguchi.protection.shield import Lines, softened_lines
from madoguchi.staff.models import Agent
from madoguchi.tickets import status as moves
from madoguchi.tickets.filters import FILTERS, clean_filters
from madoguchi.tickets.listing import SORTS, InboxRow
from madoguchi.tickets.models import Priority

from .names import name_of
from .saved_views import EVERYTHING, ChosenView, choose

CHANNEL_ICONS = {
    "mail": "mail", "chat": "chat", "webchat": "chat", "phone": "phone", "web": "web", "form": "web", "portal": "web", "api": "link",
}  # fmt: skip
SOON_SHARE = 0.5  # less than half of the time is left: the ring turns ochre
PLAIN_FILTERS = [name for name in FILTERS if name != "custom"]


@dataclass(frozen=True)
class Asked:
    """A list as its address names it. `extra`: filters on top of the view's own; `query` reproduces it."""

    view: ChosenView
    sort: str
    extra: dict[str, Any] = field(default_factory=dict)
    cursor: str = ""
    group: str = ""

    @property
    def filters(self) -> dict[str, Any]:
        return {**({} if self.view.builtin else self.view.filters), **self.extra}

    @property
    def query(self) -> str:
        params = QueryDict(mutable=True)
        params["view"] = self.view.key
        if self.sort != self.view.sort:
            params["sort"] = self.sort
        for name, values in self.extra.items():
            params.setlist(name, [str(value) for value in values] if isinstance(values, list) else [str(values)])
        return params.urlencode()


def read_query(agent: Agent, params: QueryDict) -> Asked:
    view = choose(agent, params.get("view", ""))
    raw = {name: params.getlist(name) for name in PLAIN_FILTERS if any(params.getlist(name))}
    sort = params.get("sort", "")
    if not sort and not params.get("view") and view.key == EVERYTHING:
        sort = "newest"  # whoever oversees all wants to see first what has just come in
    return Asked(
        view, sort if sort in SORTS else view.sort, clean_filters(raw) if raw else {}, params.get("after", ""), params.get("group", "")
    )


@dataclass(frozen=True, slots=True)
class RowView:
    """One row, ready to print. clock: over | soon | running | paused | ""; `head` opens a group above the row."""

    id: int
    name: str
    face: int
    subject: str
    lang: str
    lang_tag: str
    icon: str
    third: str
    third_lang: str
    clock: str
    percent: int
    due: str
    due_iso: str
    unread: bool
    draft: bool
    priority: str
    hot: bool
    assignee: str
    assignee_id: int
    status_label: str
    group: str
    head: str = ""


def drawn(rows: Iterable[InboxRow], *, agent: Agent, by_due: bool, group: str = "") -> Iterator[RowView]:
    """Rows with their group headings; `group` is the last group of the page before."""
    rows = list(rows)
    lines = softened_lines(agent, [row.id for row in rows])
    now = clock.now()
    tomorrow = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for row in rows:
        own = _group(row, now, tomorrow) if by_due else ""
        yield _row(row, agent, now, own, head=_head(own) if own != group else "", lines=lines.get(row.id))
        group = own


def _group(row: InboxRow, now: datetime, tomorrow: datetime) -> str:
    if row.due_at is None:
        return "none"
    if row.due_at < now:
        return "over"
    return "today" if row.due_at < tomorrow else "later"


def _head(group: str) -> str:
    return {
        "over": pgettext("group of tickets", "Overdue"),
        "today": pgettext("group of tickets", "Due today"),
        "later": pgettext("group of tickets", "Later"),
        "none": pgettext("group of tickets", "No deadline"),
    }.get(group, "")


def _row(row: InboxRow, agent: Agent, now: datetime, group: str, *, head: str, lines: Lines | None) -> RowView:
    state, percent, due = _clock(row, now)
    lang = HTML_LANG.get(row.language, row.language)
    labels = [_("Draft")] if row.draft else []
    if row.kind == "complaint":
        labels.append(row.kind_label)
    preview = lines.preview(row.preview) if lines else row.preview
    if preview is None:
        labels.append(_("Shielded"))
    third = " · ".join(labels) or preview or ""
    subject = lines.subject(row.subject) if lines else row.subject
    mine = row.assignee_id == agent.pk
    return RowView(
        row.id, name_of(row.customer_name, row.language), row.customer_id, subject or _("(no subject)"), lang, lang,
        CHANNEL_ICONS.get(row.channel, "mail"), third, "" if labels else lang, state, percent, due,
        row.due_at.isoformat() if row.due_at else "", row.unread, row.draft,
        row.priority_label if row.priority >= Priority.HIGH else "", row.priority >= Priority.URGENT,
        "" if mine else row.assignee_name, row.assignee_id or 0, row.status_label, group, head,
    )  # fmt: skip


def _clock(row: InboxRow, now: datetime) -> tuple[str, int, str]:
    """State, share left in percent (by wall time: the ring of a list), words."""
    if row.due_at is None:
        if row.status in {moves.WAITING_CUSTOMER, moves.WAITING_OTHERS}:
            return "paused", 0, pgettext("clock", "Waiting")
        return "", 0, formats.near(row.updated_at)
    if row.due_at < now:
        return "over", 100, formats.left(row.due_at)
    start = row.last_inbound_at or row.created_at
    share = (row.due_at - now) / (row.due_at - start) if start < row.due_at else 0.0
    return "soon" if share < SOON_SHARE else "running", max(1, min(100, round(100 * share))), formats.near(row.due_at)
