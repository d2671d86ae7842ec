"""The inbox: one page of a list, and how many tickets each view holds. Flat however many tickets there are (see `ranges`).

Pages follow each other by the last row's position, never by OFFSET, and no total is counted.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import Invalid
from madoguchi.staff.models import Agent

from . import status as moves
from .filters import BIGGEST_ID, Filters, clean_filters
from .models import NO_DEADLINE, Draft, Kind, Priority, Reading, Status, Ticket
from .ranges import pieces
from .view_list import VIEWS

COUNT_LIMIT = 100  # counts stop here: "99+"
MOST_ROWS = 200
SORTS = {"due": ("due_at", False), "newest": ("updated_at", True), "oldest": ("updated_at", False)}


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of a list: everything it shows, so that no further statement is needed.

    `due_at` is None when no deadline runs. `unread`: something was written since the reader last looked. `draft`: the reader has an
    unsent text there.
    """

    id: int
    subject: str
    preview: str
    status: str
    priority: int
    kind: str
    channel: str
    language: str
    customer_id: int
    customer_name: str
    customer_salutation: str
    assignee_id: int | None
    assignee_name: str
    team_id: int | None
    team_name: str
    due_at: datetime | None
    due_kind: str
    created_at: datetime
    updated_at: datetime
    last_inbound_at: datetime | None
    message_count: int
    last_message_id: int
    unread: bool = False
    draft: bool = False

    @property
    def number(self) -> int:
        return self.id

    @property
    def status_label(self) -> str:
        return str(Status(self.status).label)

    @property
    def priority_label(self) -> str:
        return str(Priority(self.priority).label)

    @property
    def kind_label(self) -> str:
        return str(Kind(self.kind).label) if self.kind else ""


@dataclass(frozen=True, slots=True)
class Page:
    """`next_cursor` is empty on the last page."""

    rows: list[InboxRow]
    next_cursor: str


_COLUMNS = (
    "id", "subject", "preview", "status", "priority", "kind", "channel", "language", "customer_id", "customer__name",
    "customer__salutation", "assignee_id", "assignee__name", "team_id", "team__name", "due_at", "due_kind", "created_at", "updated_at",
    "last_inbound_at", "message_count", "last_message_id",
)  # fmt: skip


def inbox_page(
    agent: Agent,
    filters: Mapping[str, object] | None = None,
    *,
    view: str = "",
    sort: str = "",
    cursor: str = "",
    limit: int = 50,
) -> Page:
    """One page of the tickets that `agent` may see.

    `view` is a built-in view (`view_list.VIEWS`) or the `filters` and `sort` of a saved one are given; explicit filters come on top
    of a built-in view's. `sort`: due (nearest deadline first) | newest | oldest (by last activity). `cursor` is the `next_cursor` of the
    page before, with the same view, filters and sort. Statements: the agent's teams, the page, unread, drafts.
    Raises Invalid for an unknown view, filter, sort or cursor.
    """
    wanted, order = _wanted(view, filters, sort)
    limit = max(1, min(limit, MOST_ROWS))
    key, descending = _sort_key(wanted, order)
    union, params = pieces(
        agent, wanted, key=key, teams=_team_ids(agent), limit=limit + 1, descending=descending, after=_decode(cursor) if cursor else None
    )
    if not union:
        return Page([], "")
    word = "DESC" if descending else "ASC"
    sql = f"SELECT id FROM ({union}) listed ORDER BY {key} {word}, id {word} LIMIT {limit + 1}"  # noqa: S608  our own columns
    ids = RawSQL(sql, params)  # noqa: S611  values are parameters
    direction = "-" if descending else ""
    ordering = [f"{direction}{key}", f"{direction}id"] if key != "id" else [f"{direction}id"]
    found = list(Ticket.objects.filter(pk__in=ids).order_by(*ordering).values_list(*_COLUMNS))
    more = len(found) > limit
    rows = _finish(agent, found[:limit])
    return Page(rows, _encode(rows[-1], key) if more else "")


def rows_of(agent: Agent, ids: Sequence[int], filters: Mapping[str, object] | None = None, *, view: str = "") -> list[InboxRow]:
    """Those of the tickets `ids` that stand in this list now, for a desk that has heard that they changed. At most MOST_ROWS."""
    wanted, order = _wanted(view, filters, "")
    key, _descending = _sort_key(wanted, order)
    some = list(dict.fromkeys(ids))[:MOST_ROWS]
    if not some:
        return []
    union, params = pieces(agent, wanted, key=key, teams=_team_ids(agent), limit=len(some), only=some)
    if not union:
        return []
    held = RawSQL(f"SELECT id FROM ({union}) held", params)  # noqa: S608, S611  values are parameters
    return _finish(agent, list(Ticket.objects.filter(pk__in=held).values_list(*_COLUMNS)))


def view_counts(agent: Agent, views: Mapping[str, Mapping[str, object]] | Sequence[str]) -> dict[str, int]:
    """How many tickets each view holds, counted up to COUNT_LIMIT, in one statement (and one for the agent's teams).

    `views`: names of built-in views, or any key -> filters (`{"mine": {}, "saved:7": {"team": [3]}}`); an empty dict under a built-in
    name means that view's own filters. A count of COUNT_LIMIT means "that many or more".
    """
    asked = dict(views) if isinstance(views, Mapping) else {name: {} for name in views}
    if not asked:
        return {}
    parts: list[str] = []
    params: list[Any] = []
    teams = _team_ids(agent)
    for number, (name, given) in enumerate(asked.items()):
        wanted, _order = _wanted(name if name in VIEWS and not given else "", given or None, "")
        key = "due_at" if set(wanted.get("status", [])) == set(moves.UNSOLVED) else "updated_at"  # the index that holds just these
        union, union_params = pieces(agent, wanted, key=key, teams=teams, limit=COUNT_LIMIT)
        counted = f"SELECT COUNT(*) FROM ({union} LIMIT {COUNT_LIMIT}) held" if union else "SELECT 0"  # noqa: S608  our own SQL
        parts.append(f"SELECT {number} AS number, ({counted}) AS held")
        params += union_params
    with connection.cursor() as database:
        database.execute(" UNION ALL ".join(parts), params)
        found = dict(database.fetchall())
    return {name: found[number] for number, name in enumerate(asked)}


def _wanted(view: str, filters: Mapping[str, object] | None, sort: str) -> tuple[Filters, str]:
    if view and view not in VIEWS:
        raise Invalid(_("This view does not exist any more. Choose another one."))
    base = VIEWS[view] if view else None
    order = sort or (base.sort if base else "newest")
    if order not in SORTS:
        raise Invalid(_("This order is not known. Sort by deadline, newest or oldest."))
    return {**(base.filters if base else {}), **clean_filters(filters or {})}, order


def _sort_key(wanted: Filters, order: str) -> tuple[str, bool]:
    if "spam" in wanted:
        return "id", order != "oldest"
    return SORTS[order]


def _team_ids(agent: Agent) -> list[int]:
    return list(agent.teams.values_list("id", flat=True))


def _finish(agent: Agent, found: list[tuple]) -> list[InboxRow]:
    if not found:
        return []
    ids = [row[0] for row in found]
    read = dict(Reading.objects.filter(agent=agent, ticket__in=ids).values_list("ticket_id", "last_message_id"))
    drafts = set(Draft.objects.filter(agent=agent, ticket__in=ids).values_list("ticket_id", flat=True))
    rows = []
    for values in found:
        row = dict(zip(InboxRow.__slots__, values, strict=False))
        row["due_at"] = None if row["due_at"] == NO_DEADLINE else row["due_at"]
        row["assignee_name"] = row["assignee_name"] or ""
        row["team_name"] = row["team_name"] or ""
        rows.append(InboxRow(**row, unread=row["last_message_id"] > read.get(row["id"], 0), draft=row["id"] in drafts))
    return rows


def _encode(row: InboxRow, key: str) -> str:
    value = row.due_at or NO_DEADLINE if key == "due_at" else row.updated_at
    return base64.urlsafe_b64encode(f"{value.isoformat()} {row.id}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, int]:
    lost = Invalid(_("This page of the list cannot be found. Go back to its beginning."))
    try:
        text, number = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
        value, last = parse_datetime(text), int(number)
        if value is None or value.utcoffset() is None or not 0 < last <= BIGGEST_ID:
            raise lost
        return value.astimezone(UTC), last
    except (ValueError, OverflowError, binascii.Error, UnicodeDecodeError) as error:
        raise lost from error
