"""Search over everything that was said, for one agent: index and visibility meet here and nowhere else.

The index answers with message ids, newest first. Those that the agent may not see are dropped before anything of them is read,
ranked or counted; a total is never given, since it would tell of tickets that the agent does not see.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.foundation import search
from madoguchi.foundation.errors import Invalid
from madoguchi.foundation.search_query import Query, count_found, match_ranges, query_terms
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission

from .index import SHELF
from .models import Message, Ticket
from .queries import tickets_visible_to, visible_condition
from .search_filters import Asked, Filters, message_conditions, read_typed, ticket_conditions, within_days

WINDOW = 200
"""So many of the newest matches are ranked against each other; older ones come on later pages."""
FURTHER = (1_000, 7_000)
"""So many more matches are asked for, step by step, where the agent sees too few of the window. Who sees few of those too gets a
shorter page and goes on from there."""
SLICE = 1_000
"""So many matches are looked at at a time."""
SNIPPET_LENGTH = 220
SNIPPET_LEAD = 60
"""Characters of a snippet before its first match."""

SORT_RELEVANCE, SORT_DATE = "relevance", "date"
LAST_MICROSECOND = 250_000 * 10**12  # in the year 9892: no cursor of ours is later, and no calendar goes much further
_CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})")
_SPACES = re.compile(r"\s+")
Segment = tuple[str, bool]
"""Text and whether it matches. Plain text: a template escapes it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that was found, by its best message (None: found by its number or by filters alone)."""

    ticket: Ticket
    message: Message | None
    subject: list[Segment]
    sender: list[Segment]
    snippet: list[Segment]
    matches: int
    """Messages of the ticket among the ranked matches."""


@dataclass(frozen=True, slots=True)
class Page:
    hits: list[Hit]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A visible match: what ranking needs of it."""

    id: int
    ticket_id: int
    subject: str
    who: str
    unsolved: bool


def search_tickets(
    agent: Agent, typed: str, *, filters: Filters | None = None, sort: str = SORT_RELEVANCE, cursor: str = "", limit: int = 25
) -> Page:
    """A page of the tickets that match, best or newest first. Typing only a ticket's number finds that ticket first.

    `cursor`: the last page's `next_cursor`. A ticket can come again on a later page with an older message. Raises Invalid for an
    operator's nonsense or a cursor that is not ours.
    """
    asked = read_typed(typed, filters or Filters())
    query = query_terms(asked.words)
    place = _read_cursor(cursor)
    if query.is_empty:
        return _by_filters_alone(agent, asked, place, limit)
    exact = _by_number(agent, asked) if not cursor else None
    ranked, after = _ranked(agent, query, asked, sort, place, limit=limit)
    hits = _hits(query, ranked)
    if exact is not None:
        hits = [exact, *(hit for hit in hits if hit.ticket.pk != exact.ticket.pk)]
    return Page(hits, after)


def message_ids(agent: Agent, typed: str, *, before: int | None = None, limit: int = 50) -> list[int]:
    """Ids of visible messages that match, newest first; for lists that search as one of many conditions."""
    asked = read_typed(typed, Filters())
    query = query_terms(asked.words)
    found: list[int] = []
    for window in _windows(agent, query, asked.filters, before):
        found.extend(row.id for row in window.rows)
        if len(found) >= limit:
            break
    return found[:limit]


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of matches, newest first: those that the agent sees, the lowest id looked at, and whether none is left below."""

    rows: list[_Found]
    low: int
    is_last: bool


def _windows(agent: Agent, query: Query, filters: Filters, before: int | None) -> Iterator[_Window]:
    """The window that is ranked, and where it holds too little that the agent sees, the matches below it slice by slice."""
    for size in (WINDOW, *FURTHER):
        ids = search.search_ids(SHELF, query, before=before, limit=size)
        if not ids:
            yield _Window([], 0, is_last=True)
            return
        for start in range(0, len(ids), SLICE):
            some = ids[start : start + SLICE]
            yield _Window(_visible(agent, some, filters), some[-1], is_last=start + SLICE >= len(ids) and len(ids) < size)
        if len(ids) < size:
            return
        before = ids[-1]


def _visible(agent: Agent, ids: list[int], filters: Filters) -> list[_Found]:
    if not ids:
        return []
    messages = Message.objects.filter(ticket_conditions(filters, agent, "ticket__"), message_conditions(filters, agent))
    messages = messages.filter(pk__in=search.as_subquery(ids))
    condition = visible_condition(agent, "ticket__")
    if condition is not None:
        messages = messages.filter(condition)
    if not agent.may(Permission.TICKET_NOTE):
        messages = messages.exclude(direction=Message.Direction.NOTE)
    columns = ("pk", "ticket_id", "ticket__subject", "from_name", "from_address", "ticket__unsolved")
    return [
        _Found(pk, ticket_id, subject, f"{name} {address}", unsolved)
        for pk, ticket_id, subject, name, address, unsolved in messages.order_by("-pk").values_list(*columns)
    ]


def _ranked(
    agent: Agent, query: Query, asked: Asked, sort: str, place: tuple[int, int], *, limit: int
) -> tuple[list[tuple[_Found, int]], str | None]:
    """The page's best messages, one per ticket, with how many the ticket has; and the cursor of what follows."""
    top, skip = place
    by_ticket: dict[int, list[_Found]] = {}
    low, complete = 0, False
    for window in _windows(agent, query, asked.filters, top or None):
        for row in window.rows:
            by_ticket.setdefault(row.ticket_id, []).append(row)
            top = top or row.id + 1
        low, complete = window.low, window.is_last
        if len(by_ticket) >= limit:
            break
    groups = list(by_ticket.values())
    if sort == SORT_RELEVANCE and groups:
        ids = groups[0][0].id, low
        groups.sort(key=lambda rows: _score(query, rows, *ids), reverse=True)
    page = [(rows[0], len(rows)) for rows in groups[skip : skip + limit]]
    if len(groups) > skip + limit:
        return page, f"{top}.{skip + limit}"
    return page, None if complete else f"{low}.0"


IN_SUBJECT, IN_SENDER, RECENT, UNSOLVED, OFTEN = 2.0, 1.0, 1.0, 0.5, 0.3
"""Weights of a ticket's score."""


def _score(query: Query, rows: list[_Found], newest: int, oldest: int) -> float:
    """Words in the subject or the sender's name count most, then what is new, still to be done, and said often."""
    best = rows[0]
    wanted = sum(not clause.exclude for clause in query.clauses)
    score = IN_SUBJECT * count_found(best.subject, query) / wanted + IN_SENDER * count_found(best.who, query) / wanted
    score += RECENT * (best.id - oldest + 1) / (newest - oldest + 1)
    return score + UNSOLVED * best.unsolved + OFTEN * math.log2(min(len(rows), 8))


def _by_number(agent: Agent, asked: Asked) -> Hit | None:
    ticket = _whole(tickets_visible_to(agent)).filter(pk=asked.number).first() if asked.number else None
    return None if ticket is None else _bare(ticket)


def _by_filters_alone(agent: Agent, asked: Asked, place: tuple[int, int], limit: int) -> Page:
    """Without a word to look for: the tickets that pass the filters, last changed first; by their own day where days are asked for."""
    if asked.filters.is_empty:
        return Page([], None)
    tickets = _whole(tickets_visible_to(agent)).filter(ticket_conditions(asked.filters, agent), within_days(asked.filters, agent))
    messages = Message.objects.filter(message_conditions(replace(asked.filters, after=None, before=None), agent), ticket=OuterRef("pk"))
    if asked.filters.notes_only and not agent.may(Permission.TICKET_NOTE):
        return Page([], None)
    if asked.filters.notes_only or asked.filters.with_files:
        tickets = tickets.filter(Exists(messages))
    micros, last = place
    key = "created_at" if asked.filters.after or asked.filters.before else "updated_at"
    if last:
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=min(micros, LAST_MICROSECOND))
        tickets = tickets.filter(Q(**{f"{key}__lt": at}) | Q(**{key: at, "pk__lt": last}))
    found = list(tickets.order_by(f"-{key}", "-pk")[: limit + 1])
    page = found[:limit]
    cursor = None
    if len(found) > limit:
        micros = (getattr(page[-1], key) - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
        cursor = f"{micros}.{page[-1].pk}"
    return Page([_bare(ticket) for ticket in page], cursor)


def _whole(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    return tickets.select_related("customer", "team", "assignee")


def _bare(ticket: Ticket) -> Hit:
    return Hit(ticket, None, [(ticket.subject, False)], [(ticket.customer.name, False)], [(ticket.preview, False)], 0)


def _hits(query: Query, ranked: list[tuple[_Found, int]]) -> list[Hit]:
    tickets = _whole(Ticket.objects.all()).in_bulk([row.ticket_id for row, __ in ranked])
    texts = ("text", "direction", "channel", "from_name", "from_address", "created_at", "ticket_id", "automatic")
    messages = Message.objects.only(*texts).in_bulk([row.id for row, __ in ranked])
    hits = []
    for row, count in ranked:
        ticket, message = tickets.get(row.ticket_id), messages.get(row.id)
        if ticket is None or message is None:  # deleted since the index answered
            continue
        sender = message.from_name or message.from_address
        hits.append(Hit(ticket, message, _marked(ticket.subject, query), _marked(sender, query), snippet(message.text, query), count))
    return hits


def _marked(text: str, query: Query) -> list[Segment]:
    return _segments(text, match_ranges(text, query), 0, len(text))


def snippet(text: str, query: Query) -> list[Segment]:
    """A stretch of the text around its first match, as marked and unmarked pieces of plain text in one line."""
    ranges = match_ranges(text, query)
    first = ranges[0][0] if ranges else 0
    start = max(first - SNIPPET_LEAD, 0)
    if start:
        start = max(text.rfind(" ", start, first) + 1, start)
    end = min(start + SNIPPET_LENGTH, len(text))
    segments = _segments(text, ranges, start, end)
    if start:
        segments.insert(0, ("…", False))
    if end < len(text):
        segments.append(("…", False))
    return segments


def _segments(text: str, ranges: list[tuple[int, int]], start: int, end: int) -> list[Segment]:
    segments: list[Segment] = []
    for low, high in ranges:
        if high <= start or low >= end:
            continue
        segments.append((text[start : max(low, start)], False))
        segments.append((text[max(low, start) : min(high, end)], True))
        start = min(high, end)
    segments.append((text[start:end], False))
    return [(_SPACES.sub(" ", piece), marked) for piece, marked in segments if piece]


def _read_cursor(cursor: str) -> tuple[int, int]:
    if not cursor:
        return 0, 0
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise Invalid(_("This page of the search does not exist. Search again."))
    return int(match[1]), int(match[2])
