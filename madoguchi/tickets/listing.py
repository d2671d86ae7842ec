"""The inbox: one page of a list, and how many tickets each view holds. Flat however many tickets there are.

A list is a union of ranges, each of which one index yields in the right order (`models.Ticket.Meta`): a team's tickets of a
status by last activity, an agent's unsolved tickets by deadline ... What a role may see is part of the ranges (a range for each
of the agent's teams, one for tickets without a team, one for the agent's own), because an OR over teams would make the database
read every ticket. Pages follow each other by the last row's position, never by OFFSET, and no total is counted.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import Invalid
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission, Scope

from . import status as moves
from .filters import BIGGEST_ID, Filters, clean_filters, plain_condition
from .models import NO_DEADLINE, Draft, Kind, Priority, Reading, Status, Ticket
from .view_list import VIEWS

COUNT_LIMIT = 100  # counts stop here: "99+"
MOST_ROWS = 200
MOST_RANGES = 12  # an agent of more teams, or a filter of more people, gets one range with a list in it
SORTS = {"due": ("due_at", False), "newest": ("updated_at", True), "oldest": ("updated_at", False)}
NARROW = ("customer", "company", "watching", "mentioned", "spam")  # few tickets by themselves: no ranges needed


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
    after = _decode(cursor) if cursor else None
    ids = _union([_walk(part, key, descending, after, limit + 1) for part in _ranges(agent, wanted, key)], key, descending, limit + 1)
    direction = "-" if descending else ""
    ordering = [f"{direction}{key}", f"{direction}id"] if key != "id" else [f"{direction}id"]
    found = list(Ticket.objects.filter(pk__in=ids).order_by(*ordering).values_list(*_COLUMNS))
    more = len(found) > limit
    rows = _finish(agent, found[:limit])
    return Page(rows, _encode(rows[-1], key) if more else "")


def view_counts(agent: Agent, views: Mapping[str, Mapping[str, object]] | Sequence[str]) -> dict[str, int]:
    """How many tickets each view holds, counted up to COUNT_LIMIT, in one statement (and one for the agent's teams).

    `views`: names of built-in views, or any key -> filters (`{"mine": {}, "saved:7": {"team": [3]}}`); an empty dict under a built-in
    name means that view's own filters. A count of COUNT_LIMIT means "that many or more".
    """
    asked = dict(views) if isinstance(views, Mapping) else {name: {} for name in views}
    if not asked:
        return {}
    parts: list[str] = []
    params: list[object] = []
    teams = _team_ids(agent)
    for number, (name, given) in enumerate(asked.items()):
        wanted, _order = _wanted(name if name in VIEWS and not given else "", given or None, "")
        key = "due_at" if _all_unsolved(wanted) else "updated_at"
        pieces, piece_params = _pieces([part.values("id")[:COUNT_LIMIT] for part in _ranges(agent, wanted, key, teams)])
        parts.append(f"SELECT {number} AS number, COUNT(*) FROM ({pieces} LIMIT {COUNT_LIMIT}) counted")  # noqa: S608  our own SQL
        params += piece_params
    with connection.cursor() as database:
        database.execute(" UNION ALL ".join(parts), params)
        counted = dict(database.fetchall())
    return {name: counted[number] for number, name in enumerate(asked)}


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


def _all_unsolved(wanted: Filters) -> bool:
    return set(wanted.get("status", Status.values)) <= set(moves.UNSOLVED)


def _team_ids(agent: Agent) -> list[int]:
    return list(agent.teams.values_list("id", flat=True))


def _ranges(agent: Agent, wanted: Filters, key: str, teams: list[int] | None = None) -> list[QuerySet[Ticket]]:
    """The disjoint parts whose union is the list; each is what one index yields in the order of `key`."""
    if not agent.may(Permission.TICKET_VIEW):
        return [Ticket.objects.none()]
    teams = _team_ids(agent) if teams is None else teams
    rest = plain_condition(wanted, agent=agent)
    if "spam" not in wanted:
        rest &= Q(is_spam=False, merged_into=None)
    else:
        rest &= Q(is_spam=True)
    places = list(_places(agent, wanted, teams))
    return [Ticket.objects.filter(place, state, rest) for place, state in product(places, _states(wanted, key))]


def _states(wanted: Filters, key: str) -> list[Q]:
    """`__in=[True]` and not `=True`: only that is a comparison SQLite can look up in an index."""
    statuses = wanted.get("status")
    narrow = any(name in wanted for name in NARROW)
    if narrow or (key == "due_at" and statuses is not None):
        state = Q(status__in=statuses) if statuses is not None and set(statuses) != set(moves.UNSOLVED) else Q()
        if statuses is None or "spam" in wanted:
            return [state]
        unsolved = [part for part in (True, False) if any((status in moves.UNSOLVED) is part for status in statuses)]
        return [state & Q(unsolved__in=[part]) for part in unsolved]
    if key == "due_at":
        return [Q(unsolved__in=[True]), Q(unsolved__in=[False])]
    return [Q(status=status) & (Q(unsolved__in=[True]) if status in moves.UNSOLVED else Q()) for status in statuses or Status.values]


def _places(agent: Agent, wanted: Filters, teams: list[int]) -> Iterator[Q]:
    """Whose tickets: the filters on team and assignee together with what the role sees, as disjoint conditions."""
    people = [agent.pk if person == "me" else person for person in wanted.get("assignee", [])]
    team_filter = _team_filter(wanted, teams)
    if people and "none" not in people and len(people) <= MOST_RANGES:
        scope = Q() if people == [agent.pk] else _scope(agent, teams)
        inside = _team_condition(team_filter)
        for person in people:
            yield Q(assignee=person) & inside & (Q() if person == agent.pk else scope)
        return
    assigned = Q()
    if people:
        known = [person for person in people if person != "none"]
        assigned = (Q(assignee__in=known) | Q(assignee=None)) if known and "none" in people else Q(assignee__in=known)
        if not known:
            assigned = Q(assignee=None)
    if agent.role.scope == Scope.OWN:
        yield Q(assignee=agent) & assigned & _team_condition(team_filter)
        return
    if agent.role.scope == Scope.ALL:
        yield from (assigned & place for place in _team_places(team_filter))
        return
    allowed = [team for team in [*teams, "none"] if team_filter is None or team in team_filter]
    yield from (assigned & place for place in _team_places(allowed))
    others = Q(assignee=agent) & ~Q(team=None) & ~Q(team__in=teams)  # handed to the agent from a team that is not theirs
    if not people or agent.pk in people:
        yield others & _team_condition(team_filter)


def _scope(agent: Agent, teams: list[int]) -> Q:
    if agent.role.scope == Scope.ALL:
        return Q()
    own = Q(assignee=agent)
    return own if agent.role.scope == Scope.OWN else own | Q(team=None) | Q(team__in=teams)


def _team_filter(wanted: Filters, teams: list[int]) -> list[int | str] | None:
    if "team" not in wanted:
        return None
    named = [team for team in wanted["team"] if team != "mine"]
    return list(dict.fromkeys([*named, *(teams if "mine" in wanted["team"] else [])]))


def _team_condition(team_filter: list[int | str] | None) -> Q:
    if team_filter is None:
        return Q()
    known = [team for team in team_filter if team != "none"]
    return Q(team__in=known) | Q(team=None) if "none" in team_filter else Q(team__in=known)


def _team_places(team_filter: list[int | str] | None) -> list[Q]:
    if team_filter is None:
        return [Q()]
    if len(team_filter) > MOST_RANGES:
        return [_team_condition(team_filter)]
    return [Q(team=None) if team == "none" else Q(team=team) for team in team_filter] or [Q(pk__in=[])]


def _walk(part: QuerySet[Ticket], key: str, descending: bool, after: tuple[object, int] | None, limit: int) -> QuerySet[Ticket]:
    """The range from just behind `after`, cut to `limit`. The comparison of pairs is one step into the index on both databases."""
    if after is not None:
        sign = "<" if descending else ">"
        column, number = f'"tickets_ticket"."{key}"', '"tickets_ticket"."id"'
        value = connection.ops.adapt_datetimefield_value(after[0]) if key != "id" else after[1]
        part = part.filter(
            RawSQL(f"({column}, {number}) {sign} (%s, %s)", [value, after[1]], output_field=BooleanField())  # noqa: S611  our own columns
        )
    direction = "-" if descending else ""
    return part.order_by(f"{direction}{key}", f"{direction}id").values(*dict.fromkeys((key, "id")))[:limit]


def _union(parts: list[QuerySet[Ticket]], key: str, descending: bool, limit: int) -> RawSQL:
    """The ids of the first `limit` rows of all ranges together; each range has been cut already, so this sorts a handful."""
    pieces, params = _pieces(parts)
    word = "DESC" if descending else "ASC"
    sql = f"SELECT id FROM ({pieces}) listed ORDER BY {key} {word}, id {word} LIMIT {limit}"  # noqa: S608  our own columns
    return RawSQL(sql, params)  # noqa: S611  written by the ORM, values are parameters


def _pieces(parts: list[QuerySet[Ticket]]) -> tuple[str, list[object]]:
    """The parts as one UNION ALL with its parameters; parts that can hold nothing are left out."""
    pieces: list[str] = []
    params: list[object] = []
    for part in parts:
        try:
            sql, piece_params = part.query.sql_with_params()
        except EmptyResultSet:
            continue
        pieces.append(f"SELECT * FROM ({sql}) piece")  # noqa: S608  written by the ORM
        params += piece_params
    return " UNION ALL ".join(pieces) or "SELECT id, due_at, updated_at FROM tickets_ticket WHERE 1 = 0", params


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
    except (ValueError, binascii.Error, UnicodeDecodeError) as error:
        raise lost from error
    if value is None or value.utcoffset() is None or not 0 < last <= BIGGEST_ID:
        raise lost
    return value, last
