"""A list as a union of ranges, each of which one index yields in the right order (`models.Ticket.Meta`).

A range is a team's tickets of one status by last activity, an agent's unsolved tickets by deadline ... What a role may see is part
of the ranges (one for each of the agent's teams, one for tickets without a team, one for those handed to the agent from elsewhere),
because an OR over teams would make the database read every ticket. Ranges are disjoint, so their union needs no DISTINCT.
Conditions are written as SQL: a page of an agent of five teams has thirty ranges, and compiling each through the ORM would cost more
than running them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import product

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from madoguchi.foundation import clock
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission, Scope

from . import status as moves
from .filters import Filters, plain_condition
from .models import Status, Ticket

MOST_RANGES = 12  # an agent of more teams, or a filter of more people, gets one range with a list in it
NARROW = ("customer", "company", "watching", "mentioned", "spam")  # few tickets by themselves: one range, found by its own index
Position = tuple[datetime, int]
"""Sort value and id of the last row seen."""


@dataclass(frozen=True)
class Condition:
    """A piece of a WHERE clause with its parameters; "" is no condition.

    `empty`: the columns that are NULL in all rows. PostgreSQL sees that a column which equals a value needs no sorting, but not that
    of an IS NULL; where the index begins with such a column, the order must name it.
    """

    sql: str = ""
    params: list[object] = field(default_factory=list)
    empty: frozenset[str] = frozenset()

    def __and__(self, other: "Condition") -> "Condition":
        sql = " AND ".join(part for part in (self.sql, other.sql) if part)
        return Condition(sql, [*self.params, *other.params], self.empty | other.empty)

    def order(self, key: str, *, descending: bool) -> str:
        """ORDER BY `key` and id, in the words that match the index."""
        word, against = ("DESC", "ASC") if descending else ("ASC", "DESC")
        lead = "team_id" if "team_id" in self.empty else "assignee_id" if "assignee_id" in self.empty and "team_id" not in self.sql else ""
        first = f'"tickets_ticket"."{lead}" {word if key == "due_at" else against}, ' if lead else ""
        return f' ORDER BY {first}"tickets_ticket"."{key}" {word}, "tickets_ticket"."id" {word}'

    def __or__(self, other: "Condition") -> "Condition":
        return Condition(f"({self.sql} OR {other.sql})", [*self.params, *other.params]) if self.sql and other.sql else Condition()


NOTHING = Condition("1 = 0")


def _is(column: str, value: object) -> Condition:
    name = f'"tickets_ticket"."{column}"'
    return Condition(f"{name} IS NULL", [], frozenset({column})) if value in {None, "none"} else Condition(f"{name} = %s", [value])


def _in(column: str, values: Iterable[object]) -> Condition:
    """Any of the values, of which `none` means an empty column."""
    values = list(values)
    known = [value for value in values if value != "none"]
    if not values:
        return NOTHING
    if len(values) == 1 or not known:
        return _is(column, values[0])
    some = Condition(f'"tickets_ticket"."{column}" IN ({", ".join(["%s"] * len(known))})', known)
    return some if len(known) == len(values) else some | _is(column, None)


def pieces(
    agent: Agent,
    wanted: Filters,
    *,
    key: str,
    teams: list[int],
    limit: int,
    descending: bool | None = None,
    after: Position | None = None,
    only: Sequence[int] = (),
) -> tuple[str, list[object]]:
    """The ranges of a list as one UNION ALL of `key` and `id`, with its parameters; each range is cut to `limit`.

    `descending` None leaves the order open (for counting); `after` begins just behind a position: the comparison of pairs is one step
    into the index on both databases. `only`: none but these tickets. A list that can hold nothing is "".
    """
    if not agent.may(Permission.TICKET_VIEW):
        return "", []
    try:
        head, head_params = _head(wanted, agent, key, only)
    except EmptyResultSet:
        return "", []
    column, number = f'"tickets_ticket"."{key}"', '"tickets_ticket"."id"'
    begin = _late(wanted)
    if after is not None:
        value = after[1] if key == "id" else connection.ops.adapt_datetimefield_value(after[0])
        begin &= Condition(f"({column}, {number}) {'<' if descending else '>'} (%s, %s)", [value, after[1]])
    parts: list[str] = []
    params: list[object] = []
    for place, state in product(_places(agent, wanted, teams), _states(wanted, key)):
        condition = place & state & begin
        order = "" if descending is None else condition.order(key, descending=descending)
        parts.append(f"SELECT * FROM ({head}{' AND ' * bool(condition.sql)}{condition.sql}{order} LIMIT {limit}) piece")  # noqa: S608  no values
        params += [*head_params, *condition.params]
    return " UNION ALL ".join(parts), params


_IN_RANGES = {"status", "team", "assignee", "overdue"}  # filters that the ranges themselves express
_LASTING = {"watching", "mentioned"}  # filters that compile to the same words whenever this agent asks


def _head(wanted: Filters, agent: Agent, key: str, only: Sequence[int]) -> tuple[str, tuple[object, ...]]:
    """SELECT ... WHERE of what all ranges have in common. Raises EmptyResultSet."""
    rest = {name: value for name, value in wanted.items() if name not in _IN_RANGES}
    if not only and rest.keys() <= _LASTING:
        return _usual_head(key, agent, *sorted(rest))
    condition = plain_condition(rest, agent=agent) & (Q(is_spam=True) if "spam" in wanted else Q(is_spam=False, merged_into=None))
    if only:
        condition &= Q(pk__in=only)
    return Ticket.objects.filter(condition).values_list(*dict.fromkeys((key, "id"))).query.sql_with_params()


@lru_cache(maxsize=1024)
def _usual_head(key: str, agent: Agent, *names: str) -> tuple[str, tuple[object, ...]]:
    """Compiled once: the side bar asks for nine lists on every page."""
    condition = plain_condition(dict.fromkeys(names, True), agent=agent) & Q(is_spam=False, merged_into=None)
    return Ticket.objects.filter(condition).values_list(*dict.fromkeys((key, "id"))).query.sql_with_params()


def _late(wanted: Filters) -> Condition:
    if "overdue" not in wanted:
        return Condition()
    return Condition('"tickets_ticket"."due_at" < %s', [connection.ops.adapt_datetimefield_value(clock.now())])


def _states(wanted: Filters, key: str) -> list[Condition]:
    """Which statuses, cut so that each part lies together in the index that has `key` in order."""
    statuses = wanted.get("status")
    narrow = any(name in wanted for name in NARROW)
    if key == "updated_at" and not narrow:
        return [_is("status", status) for status in statuses or Status.values]
    if "spam" in wanted or (narrow and statuses is None):
        return [_in("status", statuses) if statuses else Condition()]
    halves = [half for half in (True, False) if statuses is None or any((status in moves.UNSOLVED) is half for status in statuses)]
    whole = statuses is None or set(statuses) == set(moves.UNSOLVED)
    return [_is("unsolved", half) & (Condition() if whole else _in("status", statuses or [])) for half in halves]


def _places(agent: Agent, wanted: Filters, teams: list[int]) -> list[Condition]:
    """Whose tickets: the filters on team and assignee together with what the role sees."""
    people = [agent.pk if person == "me" else person for person in wanted.get("assignee", [])]
    places = _team_filter(wanted, teams)
    inside = Condition() if places is None else _in("team_id", places)
    assigned = _in("assignee_id", people) if people else Condition()
    if any(name in wanted for name in NARROW):
        return [assigned & inside & _scope(agent, teams)]
    if people and "none" not in people and len(people) <= MOST_RANGES:
        return [_is("assignee_id", person) & inside & (Condition() if person == agent.pk else _scope(agent, teams)) for person in people]
    if agent.role.scope == Scope.OWN:
        return [_is("assignee_id", agent.pk) & assigned & inside]
    if agent.role.scope == Scope.ALL:
        return [assigned & place for place in _team_places(places)]
    everywhere: list[int | str] = [*teams, "none"]
    allowed = [team for team in everywhere if places is None or team in places]
    if people == ["none"] and set(wanted.get("status", Status.values)) <= set(moves.UNSOLVED):
        assigned &= Condition('"tickets_ticket"."unsolved"')  # says what the partial index `ticket_unassigned` says, in its words
    found = [assigned & place for place in _team_places(allowed)]
    if not people or agent.pk in people:
        found.append(_handed(agent, teams) & inside)
    return found


def _handed(agent: Agent, teams: list[int]) -> Condition:
    """Tickets given to the agent by a team that is not theirs."""
    elsewhere = Condition('"tickets_ticket"."team_id" IS NOT NULL')
    if teams:
        elsewhere &= Condition(f'"tickets_ticket"."team_id" NOT IN ({", ".join(["%s"] * len(teams))})', list(teams))
    return _is("assignee_id", agent.pk) & elsewhere


def _scope(agent: Agent, teams: list[int]) -> Condition:
    if agent.role.scope == Scope.ALL:
        return Condition()
    own = _is("assignee_id", agent.pk)
    return own if agent.role.scope == Scope.OWN else own | _in("team_id", [*teams, "none"])


def _team_filter(wanted: Filters, teams: list[int]) -> list[int | str] | None:
    if "team" not in wanted:
        return None
    named = [team for team in wanted["team"] if team != "mine"]
    return list(dict.fromkeys([*named, *(teams if "mine" in wanted["team"] else [])]))


def _team_places(places: Sequence[int | str] | None) -> list[Condition]:
    if places is None:
        return [Condition()]
    return [_in("team_id", places)] if len(places) > MOST_RANGES or not places else [_is("team_id", team) for team in places]
