"""Is it well formed? Shapes of texts and actions as people and programs hand them in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import Invalid
from madoguchi.staff.models import Agent, Team
from madoguchi.tickets.models import Cause, Kind, Priority, Status

from ..models import Do
from ..variables import NAMES, unknown_in

MAX_TEXT = 20_000
MAX_ACTIONS = 20
MAX_NAMES = 20
LANGUAGES = {code for code, _name in settings.LANGUAGES}
FOR_TRIGGERS_ONLY = {Do.NOTIFY, Do.NOTIFY_LEAD}


def checked_name(name: str) -> str:
    name = " ".join(name.split())[:120]
    if not name:
        raise Invalid(fields={"name": _("Give it a name.")})
    return name


def checked_texts(texts: object) -> dict[str, str]:
    """Texts by language, without empty ones. Raises Invalid that names the language and what is wrong."""
    if not isinstance(texts, Mapping):
        raise Invalid(_("Texts must be given by language."))
    kept: dict[str, str] = {}
    wrong: dict[str, object] = {}
    for code, text in texts.items():
        if code not in LANGUAGES or not isinstance(text, str):
            raise Invalid(_("A language is not known. Choose from the list."))
        if len(text) > MAX_TEXT:
            wrong[f"text_{code}"] = _("This text is too long. At most {number} characters.").format(number=MAX_TEXT)
        elif unknown := unknown_in(text):
            known = ", ".join(f"{{{name}}}" for name in NAMES)
            wrong[f"text_{code}"] = _("{name} is no variable. There are: {known}").format(name=f"{{{unknown[0]}}}", known=known)
        elif text.strip():
            kept[code] = text.strip()
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return kept


def checked_actions(actions: object, *, trigger: bool) -> list[dict[str, Any]]:
    """The actions in normal form. Raises Invalid, saying which one is wrong and why."""
    if not isinstance(actions, Sequence) or isinstance(actions, str) or len(actions) > MAX_ACTIONS:
        raise Invalid(_("At most {number} actions are possible.").format(number=MAX_ACTIONS))
    if not actions:
        raise Invalid(_("Choose at least one action."))
    return [_checked(action, trigger=trigger) for action in actions]


def _checked(action: object, *, trigger: bool) -> dict[str, Any]:
    do = action.get("do") if isinstance(action, Mapping) else None
    if do not in Do.values or (do in FOR_TRIGGERS_ONLY and not trigger):
        raise Invalid(_("This action is not known. Choose from the list."))
    value = action.get("value") if isinstance(action, Mapping) else None
    try:
        value = _SHAPES[Do(do)](value)
    except (TypeError, ValueError) as wrong:
        message = _("{action}: the value does not fit. Choose it again.").format(action=Do(do).label)
        raise Invalid(message) from wrong
    return {"do": str(do), "value": value}


def _one_of(allowed: Sequence[Any]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value not in allowed or isinstance(value, bool):
            raise ValueError
        return value

    return check


def _texts(value: Any) -> dict[str, str]:
    texts = checked_texts(value)
    if not texts:
        raise ValueError
    return texts


def _names(value: Any) -> list[str]:
    names = [" ".join(name.split())[:60] for name in value] if isinstance(value, list) else []
    names = list(dict.fromkeys(name for name in names if name))
    if not 1 <= len(names) <= MAX_NAMES:
        raise ValueError
    return names


def _note(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise ValueError
    if unknown := unknown_in(value):
        raise Invalid(_("{name} is no variable.").format(name=f"{{{unknown[0]}}}"))
    return value.strip()


def _agent(value: Any) -> int:
    if type(value) is not int or not Agent.objects.filter(pk=value, is_active=True).exists():
        raise ValueError
    return value


def _agents(value: Any) -> list[int]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_NAMES:
        raise ValueError
    return [_agent(pk) for pk in dict.fromkeys(value)]


def _team(value: Any) -> int:
    if type(value) is not int or not Team.objects.filter(pk=value).exists():
        raise ValueError
    return value


_SHAPES: dict[Do, Callable[[Any], Any]] = {
    Do.REPLY: _texts,
    Do.STATUS: _one_of([status for status in Status.values if status != Status.NEW]),
    Do.PRIORITY: _one_of(Priority.values),
    Do.KIND: _one_of(Kind.values),
    Do.CAUSE: _one_of(Cause.values),
    Do.LANGUAGE: _one_of(sorted(LANGUAGES)),
    Do.ADD_TAGS: _names,
    Do.REMOVE_TAGS: _names,
    Do.ASSIGN_AGENT: lambda value: None if value is None else _agent(value),  # None: nobody
    Do.ASSIGN_TEAM: _team,
    Do.NOTE: _note,
    Do.WATCH: _agent,
    Do.NOTIFY: _agents,
    Do.NOTIFY_LEAD: lambda _value: None,
}
