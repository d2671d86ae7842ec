"""The filters of a ticket search, and the words for them that may be typed among the others: status:open tag:返品 after:2026-11-01."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import Invalid
from madoguchi.staff.models import Agent

from . import status as moves
from .filters import FIRST_YEAR, LAST_YEAR
from .models import Attachment, Message, Status, Tag, Ticket

_OPERATOR = re.compile(
    r'(?<!\S)(status|tag|team|assignee|channel|lang|language|is|has|before|after|on)[:：](?:"([^"]*)"|(\S+))', re.IGNORECASE
)
_NUMBER = re.compile(r"\s*[#＃]?\s*(\d{1,12})\s*")
_STATUS_WORDS = {"unsolved": moves.UNSOLVED, "waiting": (Status.WAITING_CUSTOMER, Status.WAITING_OTHERS)}


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search besides its words. Empty values do not narrow. `assignee`: an id, "me" or "none"."""

    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    team: str = ""
    """A team's id or name."""
    assignee: str = ""
    channel: str = ""
    language: str = ""
    after: date | None = None
    """Messages of this day or later, in the agent's time zone."""
    before: date | None = None
    """Messages of days before this one."""
    with_files: bool = False
    notes_only: bool = False
    spam: bool = False
    customer: int | None = None

    @property
    def is_empty(self) -> bool:
        return self == Filters()


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, taken apart."""

    words: str
    filters: Filters = field(default_factory=Filters)
    number: int | None = None
    """The ticket number, when nothing else was typed."""


def read_typed(typed: str, filters: Filters) -> Asked:
    """Takes the operators out of what was typed; they win over `filters`. Raises Invalid for a date that is none."""
    typed = typed.replace("\x00", " ")
    for match in _OPERATOR.finditer(typed):
        filters = _with_operator(filters, match[1].lower(), match[2] or match[3] or "")
    words = _OPERATOR.sub(" ", typed).strip()
    number = _NUMBER.fullmatch(words)
    return Asked(words, filters, int(number[1]) if number else None)


def _with_operator(filters: Filters, name: str, value: str) -> Filters:
    if name == "status":
        statuses = tuple(map(str, _STATUS_WORDS.get(value.lower(), (value.lower(),))))
        return replace(filters, statuses=(*filters.statuses, *statuses))
    if name == "tag":
        return replace(filters, tags=(*filters.tags, value))
    changes: dict[str, Any] = {}
    if name in ("team", "assignee", "channel"):
        changes = {name: value}
    elif name in ("lang", "language"):
        changes = {"language": value.lower()}
    elif name in ("before", "after"):
        changes = {name: _day(value)}
    elif name == "on":
        day = _day(value)
        changes = {"after": day, "before": day + timedelta(days=1)}
    elif name == "has":
        changes = {"with_files": True}
    else:
        words: dict[str, dict[str, Any]] = {
            "note": {"notes_only": True},
            "spam": {"spam": True},
            "unsolved": {"statuses": tuple(moves.UNSOLVED)},
        }
        changes = words.get(value.lower(), {})
    return replace(filters, **changes)


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value.replace("/", "-"))
    except ValueError:
        day = date.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(_("“{value}” is not a date. Write it as 2026-11-25.").format(value=value[:40]))
    return day


def ticket_conditions(filters: Filters, agent: Agent, prefix: str = "") -> Q:
    """What the filters ask of a ticket; `prefix`: path from the queried model to the ticket."""
    asked: dict[str, Any] = {"is_spam": filters.spam}
    if filters.statuses:
        asked["status__in"] = filters.statuses
    if filters.team:
        asked |= {"team": int(filters.team)} if _is_id(filters.team) else {"team__name__iexact": filters.team}
    if filters.channel:
        asked["channel"] = filters.channel
    if filters.language:
        asked["language"] = filters.language
    if filters.customer:
        asked["customer"] = filters.customer
    conditions = Q(**{f"{prefix}{name}": value for name, value in asked.items()})
    if filters.assignee:
        conditions &= _assignee(filters.assignee, agent, f"{prefix}assignee")
    for tag in filters.tags:
        # Looked up ticket by ticket: a common tag's list of tickets is long, the tickets in question are few.
        named = list(Tag.objects.filter(name__iexact=tag).values_list("pk", flat=True))
        conditions &= Q(Exists(Ticket.tags.through.objects.filter(ticket=OuterRef(f"{prefix}pk"), tag__in=named)))
    return conditions


def message_conditions(filters: Filters, agent: Agent) -> Q:
    """What the filters ask of a message itself."""
    conditions = within_days(filters, agent)
    if filters.notes_only:
        conditions &= Q(direction=Message.Direction.NOTE)
    if filters.with_files:
        conditions &= Q(Exists(Attachment.objects.filter(message=OuterRef("pk"))))
    return conditions


def within_days(filters: Filters, agent: Agent) -> Q:
    """The filters' days, of anything with `created_at`."""
    conditions = Q()
    if filters.after:
        conditions &= Q(created_at__gte=_midnight(filters.after, agent))
    if filters.before:
        conditions &= Q(created_at__lt=_midnight(filters.before, agent))
    return conditions


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 16  # noqa: PLR2004  fits a bigint


def _assignee(value: str, agent: Agent, path: str) -> Q:
    if value == "me":
        return Q(**{path: agent})
    if value == "none":
        return Q(**{path: None})
    if _is_id(value):
        return Q(**{path: int(value)})
    return Q(**{f"{path}__name__iexact": value}) | Q(**{f"{path}__email__iexact": value})


def _midnight(day: date, agent: Agent) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(agent.time_zone))
