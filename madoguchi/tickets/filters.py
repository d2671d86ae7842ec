"""The closed list of filters that lists and saved views understand, and how each becomes a condition.

Cleaned filters are plain JSON values, so that a view can keep them; `me`, `mine` and `none` keep their meaning for whoever looks.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from madoguchi.foundation import clock
from madoguchi.foundation.errors import Invalid
from madoguchi.staff.models import Agent, Notice

from .models import Cause, Kind, Priority, Reading, Status, Tag, Watcher

Filters = dict[str, Any]
MOST_VALUES = 50  # per filter; more is a mistake or an attack
LONGEST_VALUE = 200
BIGGEST_ID = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1900, 9000  # beyond, a time zone may lead out of the calendar


def _listed(raw: object) -> list[object]:
    values = list(raw) if isinstance(raw, list | tuple) else [raw]
    if not 1 <= len(values) <= MOST_VALUES:
        raise ValueError
    return values


def _one_of(*allowed: object) -> Callable[[object], list[object]]:
    by_text = {str(value): value for value in allowed}

    def clean(raw: object) -> list[object]:
        return list(dict.fromkeys(by_text[str(value)] for value in _listed(raw)))

    return clean


def _ids(*words: str) -> Callable[[object], list[int | str]]:
    def clean(raw: object) -> list[int | str]:
        return list(dict.fromkeys(str(value) if value in words else _id(value) for value in _listed(raw)))

    return clean


def _id(value: object) -> int:
    number = int(str(value))
    if not 0 < number <= BIGGEST_ID:
        raise ValueError
    return number


def _words(raw: object) -> list[str]:
    values = [str(value) for value in _listed(raw)]
    if any(len(value) > LONGEST_VALUE or "\0" in value for value in values):
        raise ValueError
    return list(dict.fromkeys(values))


def _true(raw: object) -> bool:
    (value,) = _listed(raw)
    if str(value).lower() not in {"true", "1", "on", "yes"}:
        raise ValueError
    return True


def _moment(raw: object) -> str:
    (value,) = _listed(raw)
    text = value.isoformat() if isinstance(value, date) else str(value)
    found = parse_date(text) or parse_datetime(text)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError
    return text


def _custom(raw: object) -> dict[str, object]:
    if not isinstance(raw, Mapping) or not 1 <= len(raw) <= MOST_VALUES:
        raise ValueError
    for key, value in raw.items():
        if not str(key).replace("_", "").replace("-", "").isalnum() or "__" in str(key):
            raise ValueError
        if not isinstance(value, str | int | float | bool) or len(str(value)) > LONGEST_VALUE:
            raise ValueError
    return {str(key): value for key, value in raw.items()}


FILTERS: dict[str, Callable[[object], Any]] = {
    "status": _one_of(*Status.values),
    "assignee": _ids("me", "none"),
    "team": _ids("mine", "none"),
    "priority": _one_of(*Priority.values),
    "kind": _one_of("", *Kind.values),
    "cause": _one_of("", *Cause.values),
    "tag": _words,
    "channel": _words,
    "language": _one_of("", *(code for code, _name in settings.LANGUAGES)),
    "mailbox": _ids(),
    "brand": _ids(),
    "customer": _ids(),
    "company": _ids(),
    "custom": _custom,
    "created_from": _moment,
    "created_to": _moment,
    "updated_from": _moment,
    "updated_to": _moment,
    "unread": _true,
    "overdue": _true,
    "spam": _true,
    "watching": _true,
    "mentioned": _true,
}


def clean_filters(raw: Mapping[str, object]) -> Filters:
    """The filters as plain JSON values; a value may be single or a list, numbers may come as text. Empty ones are dropped.

    Raises Invalid with `fields` naming every filter that is unknown or has a value it cannot have.
    """
    cleaned: Filters = {}
    wrong: dict[str, object] = {}
    for name, value in raw.items():
        if value is None or value in ([], {}):
            continue
        try:
            cleaned[name] = FILTERS[name](value)
        except (KeyError, ValueError, TypeError):
            wrong[str(name)] = _("This filter or its value is not known.")
    if wrong:
        raise Invalid(_("This view cannot be shown: a filter is not known. Remove it and try again."), fields=wrong)
    return cleaned


def moment(text: str, *, end: bool) -> datetime:
    """A cleaned date or time as an instant; a bare date is that day in the reader's time zone, its end when `end`."""
    day = parse_date(text)
    if day is not None:
        naive = datetime(day.year, day.month, day.day) + timedelta(days=int(end))  # noqa: DTZ001  made aware below
        return timezone.make_aware(naive)
    found = parse_datetime(text)
    if found is None:
        raise Invalid
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def plain_condition(filters: Filters, *, agent: Agent) -> Q:
    """Every filter except status, team, assignee and spam, which `listing` turns into the ranges it walks."""
    condition = _times(filters)
    for name in ("priority", "kind", "cause", "channel", "language", "mailbox", "brand", "customer"):
        if name in filters:
            condition &= Q(**{f"{name}__in": filters[name]})
    if "company" in filters:
        condition &= Q(customer__company__in=filters["company"])
    if "tag" in filters:
        tagged = Tag.tickets.through.objects.filter(tag__name__in=filters["tag"])
        condition &= Q(pk__in=tagged.values("ticket_id"))
    for key, value in filters.get("custom", {}).items():
        condition &= Q(**{f"custom__{key}": value})
    return condition & _personal(filters, agent)


def _times(filters: Filters) -> Q:
    condition = Q()
    for field in ("created", "updated"):
        if f"{field}_from" in filters:
            condition &= Q(**{f"{field}_at__gte": moment(filters[f"{field}_from"], end=False)})
        if f"{field}_to" in filters:
            condition &= Q(**{f"{field}_at__lt": moment(filters[f"{field}_to"], end=True)})
    if "created_from" in filters:  # nothing is touched before it exists: this bounds the walk along updated_at
        condition &= Q(updated_at__gte=moment(filters["created_from"], end=False))
    if "overdue" in filters:
        condition &= Q(due_at__lt=clock.now())
    return condition


def _personal(filters: Filters, agent: Agent) -> Q:
    condition = Q()
    if "watching" in filters:
        condition &= Q(pk__in=Watcher.objects.filter(agent=agent).values("ticket_id"))
    if "mentioned" in filters:
        condition &= Q(pk__in=Notice.objects.filter(agent=agent, kind="mentioned").values("ticket_id"))
    if "unread" in filters:
        read = Reading.objects.filter(agent=agent, ticket=OuterRef("pk"), last_message_id__gte=OuterRef("last_message_id"))
        condition &= Q(~Exists(read))
    return condition
