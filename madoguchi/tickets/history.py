"""A ticket's history in words: fields by their labels, values by the names that people know them by."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import CharField, Value
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from madoguchi.staff.models import Agent, Team
from madoguchi.workplace.models import Brand

from .models import Cause, Change, CustomField, Kind, Priority, Status

NOBODY = pgettext_lazy("value of a field", "none")

FIELD_LABELS: dict[str, Promise] = {
    "status": _lazy("Status"),
    "priority": _lazy("Priority"),
    "kind": pgettext_lazy("of a ticket", "Kind"),
    "cause": pgettext_lazy("of a complaint", "Cause"),
    "language": _lazy("Language"),
    "team": _lazy("Team"),
    "assignee": _lazy("Assignee"),
    "subject": _lazy("Subject"),
    "brand_id": _lazy("Brand"),
    "customer": _lazy("Customer"),
    "channel": pgettext_lazy("of a ticket", "Channel"),
}
_NAMED = {"team": "team", "assignee": "agent", "brand_id": "brand"}
_TRIGGER = re.compile(r"^trigger:\d+ ")
_CHOICES = {"status": Status, "priority": Priority, "kind": Kind, "cause": Cause}


@dataclass(frozen=True)
class HistoryLine:
    """One change in words. `who`: the name of the person or part of the system; `text`: what changed, without who."""

    id: int
    at: datetime
    who: str
    who_kind: str
    field: str
    text: str


def label_of(field: CustomField) -> str:
    """The custom field's label in the reader's language, else in English, else any, else its key."""
    labels = field.label if isinstance(field.label, dict) else {}
    return str(labels.get(get_language() or "en") or labels.get("en") or next(iter(labels.values()), "") or field.key)


def in_words(changes: Iterable[Change], custom_fields: Iterable[CustomField]) -> list[HistoryLine]:
    """History lines in the reader's language. One statement when a team, an agent or a brand has to be named."""
    changes = list(changes)
    names = _names(changes)
    labels = {field.key: label_of(field) for field in custom_fields}
    return [
        HistoryLine(change.pk, change.at, _who(change), change.actor_kind, change.field, _text(change, names, labels)) for change in changes
    ]


def _who(change: Change) -> str:
    """A trigger's name without the number that it acts under, which is for the loop guard."""
    return _TRIGGER.sub("", change.actor_name) if change.actor_kind == "bot" else change.actor_name


def _names(changes: list[Change]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {"agent": set(), "team": set(), "brand": set()}
    for change in changes:
        if change.field in _NAMED:
            wanted[_NAMED[change.field]] |= {value for value in (change.old, change.new) if isinstance(value, int)}
    parts = [
        model.objects.filter(pk__in=wanted[what]).values_list(Value(what, CharField()), "pk", "name")
        for what, model in (("agent", Agent), ("team", Team), ("brand", Brand))
        if wanted[what]
    ]
    if not parts:
        return {}
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(what, pk): name for what, pk, name in rows}


def _text(change: Change, names: Mapping[tuple[str, int], str], labels: Mapping[str, str]) -> str:
    if change.field in _SENTENCES:
        return str(_SENTENCES[change.field]).format(old=change.old, new=change.new)
    if change.field == "tags":
        return _tags(change)
    if change.field == "custom":
        return _custom(change, labels)
    if change.field == "is_spam":
        return _("Marked as spam") if change.new else _("Marked as not spam")
    label = str(FIELD_LABELS.get(change.field, change.field))
    return _moved(label, _value(change.field, change.old, names), _value(change.field, change.new, names))


def _moved(label: str, old: str, new: str) -> str:
    return _("{field}: {old} → {new}").format(field=label, old=old or NOBODY, new=new or NOBODY)


def _value(field: str, value: object, names: Mapping[tuple[str, int], str]) -> str:
    if value is None or value == "":
        return ""
    if field in _NAMED:
        return names.get((_NAMED[field], value), f"#{value}") if isinstance(value, int) else str(value)
    if field in _CHOICES:
        return str(dict(_CHOICES[field].choices).get(value, value))
    if field == "language":
        return str(dict(settings.LANGUAGES).get(str(value), value))
    return str(value)


def _tags(change: Change) -> str:
    old, new = set(change.old or []), set(change.new or [])
    added, removed = ", ".join(sorted(new - old)), ", ".join(sorted(old - new))
    if added and removed:
        return _("Tags added: {added}; removed: {removed}").format(added=added, removed=removed)
    return _("Tags added: {added}").format(added=added) if added else _("Tags removed: {removed}").format(removed=removed)


def _custom(change: Change, labels: Mapping[str, str]) -> str:
    old = change.old if isinstance(change.old, dict) else {}
    new = change.new if isinstance(change.new, dict) else {}
    moved = [
        _moved(labels.get(key, key), _plain(old.get(key)), _plain(new.get(key)))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]
    return " · ".join(moved)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


_SENTENCES: dict[str, Promise] = {
    "merged_from": _lazy("Ticket #{new} was merged into this one"),
    "merged_into": _lazy("Merged into ticket #{new}"),
    "unmerged_from": _lazy("Ticket #{new} was separated from this one again"),
    "unmerged_into": _lazy("Separated from ticket #{new} again"),
    "split_to": _lazy("Some messages were moved to the new ticket #{new}"),
    "split_from": _lazy("Made from messages of ticket #{new}"),
    "linked": _lazy("Linked to ticket #{new}"),
    "unlinked": _lazy("Link to ticket #{old} removed"),
    "task_added": _lazy("Task added: {new}"),
    "task_done": _lazy("Task done: {new}"),
    "task_reopened": _lazy("Task taken up again: {new}"),
    "task_removed": _lazy("Task removed: {old}"),
    "case_record": _lazy("Case record written"),
    "redacted": _lazy("Part of a message was redacted: {new}"),
    "redacted_file": _lazy("A file was destroyed: {new}"),
    "recipient_added": _lazy("Takes part from now on: {new}"),
}
