"""The engine of flows: questions one after the other, a confirmation, an identity check, a look-up, and what is said then. Pure.

A flow is a file in `bot/flows` (TOML): `key`; `title` by language; `triggers` by language, regular expressions that meet folded text;
`slots`: `name`, `kind` (order | contact | phone | text), `identity` (never kept after the look-up) and `ask` by language; `confirm` by
language; `operation` of a connector, or `then = "hand_over"`; `say.found` and `say.not_found` by language; `words.FIELD.VALUE`: how a
value of the answer is told, by language. `attempts`: wrong identities or unreadable answers until a person takes over.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from . import wishes
from .texts import LANGUAGES, fill, in_language, text

FOLDER = Path(__file__).parent.parent / "flows"
_ORDER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{0,4}[- ]?\d{4,14}(?!\d)")
_PHONE = re.compile(r"\+?\d[\d\s()./-]{6,20}\d")
MOST_TEXT = 300
KINDS = frozenset({"order", "contact", "phone", "text"})


class WrongFlow(ValueError):
    """A flow's file cannot be used; the message names what is wrong."""


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    kind: str
    ask: Mapping[str, str]
    identity: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    key: str
    title: Mapping[str, str]
    triggers: list[re.Pattern[str]]
    slots: list[Slot]
    operation: str = ""
    hands_over: bool = False
    confirm: Mapping[str, str] = field(default_factory=dict)
    say: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Say:
    """`ends`: nothing more is to come. `choices`: what can be chosen from."""

    text: str
    ends: bool = False
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class LookUp:
    operation: str
    slots: dict[str, str]


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A person goes on; `done`: the flow did its work, and the work is for a person (a callback)."""

    done: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """The customer wants out of it."""


Step = Say | LookUp | GiveUp | Leave
State = dict[str, Any]
"""{"key", "slots": {name: value}, "wrong": so many times, "confirmed": bool, "asked": slot or "confirm"}; JSON."""


def begin(flow: Flow) -> State:
    return {"key": flow.key, "slots": {}, "wrong": 0, "confirmed": not flow.confirm, "asked": ""}


def advance(flow: Flow, state: State, said: str, language: str) -> Step:
    """Take in what the customer said; changes `state`."""
    if state["asked"] and wishes.cancels(said):
        return Leave()
    if state["asked"] == "confirm":
        return _confirmed(flow, state, said, language)
    before = dict(state["slots"])
    for slot in flow.slots:
        if slot.name not in state["slots"] and (value := _value(slot, said, asked=state["asked"])):
            state["slots"][slot.name] = value
            if slot.kind == "text":
                break
    if state["asked"] and state["slots"] == before:
        state["wrong"] += 1
        if state["wrong"] >= flow.attempts:
            return GiveUp()
        return Say(f"{text('not_understood', language)} {_question(flow, state, language)}")
    return _next(flow, state, language)


def looked_up(flow: Flow, state: State, values: Mapping[str, str] | None, language: str) -> Step:
    """What comes after the look-up; None: nothing was found for what was said, whichever part of it is wrong."""
    identity = [slot.name for slot in flow.slots if slot.identity]
    if values is None:
        state["wrong"] += 1
        if state["wrong"] >= flow.attempts:
            return GiveUp()
        state["slots"] = {}
        state["asked"] = flow.slots[0].name if flow.slots else ""
        again = in_language(flow.slots[0].ask, language) if flow.slots else ""
        return Say(f"{in_language(flow.say['not_found'], language)} {again}".strip())
    for name in identity:
        state["slots"].pop(name, None)
    words = {key: in_language(flow.words.get(key, {}).get(value, {"en": value}), language) for key, value in values.items()}
    return Say(fill(in_language(flow.say["found"], language), {**state["slots"], **words}), ends=True)


def _next(flow: Flow, state: State, language: str) -> Step:
    missing = next((slot for slot in flow.slots if slot.name not in state["slots"]), None)
    if missing is not None:
        state["asked"] = missing.name
        return Say(in_language(missing.ask, language))
    if not state["confirmed"]:
        state["asked"] = "confirm"
        told = fill(in_language(flow.confirm, language), state["slots"])
        return Say(told, choices=[text("confirm_yes", language), text("confirm_no", language)])
    return LookUp(flow.operation, dict(state["slots"])) if flow.operation else GiveUp(done=True)


def _confirmed(flow: Flow, state: State, said: str, language: str) -> Step:
    if wishes.says_yes(said):
        state["confirmed"], state["asked"] = True, ""
        return _next(flow, state, language)
    state["wrong"] += 1
    if state["wrong"] >= flow.attempts:
        return GiveUp()
    if wishes.says_no(said):
        state["slots"] = {}
    return _next(flow, state, language)


def _question(flow: Flow, state: State, language: str) -> str:
    slot = next(slot for slot in flow.slots if slot.name == state["asked"])
    return in_language(slot.ask, language)


def _value(slot: Slot, said: str, *, asked: str) -> str:
    plain = unicodedata.normalize("NFKC", said).strip()
    if slot.kind == "order":
        found = _ORDER.search(plain)
        return re.sub(r"[- ]", "", found.group()).upper() if found else ""
    if slot.kind == "contact":
        return wishes.contact_in(plain) if "@" in plain or asked == slot.name else ""
    if slot.kind == "phone":
        number = _PHONE.search(plain)
        return number.group().strip() if number else ""
    return plain[:MOST_TEXT] if asked in {slot.name, ""} else ""


def triggered(flows: Sequence[Flow], said: str) -> str:
    """The key of the first flow whose wording fits, "" when none does. Long messages are stories, not commands."""
    plain = unicodedata.normalize("NFKC", said).casefold()
    if len(plain) > MOST_TEXT:
        return ""
    return next((flow.key for flow in flows if any(pattern.search(plain) for pattern in flow.triggers)), "")


@cache
def shipped() -> dict[str, Flow]:
    """The flows of the folder, in the order of their file names. Raises WrongFlow."""
    found = [parse(path.read_text(encoding="utf-8"), name=path.name) for path in sorted(FOLDER.glob("*.toml"))]
    return {flow.key: flow for flow in found}


def parse(source: str, *, name: str) -> Flow:
    """Raises WrongFlow."""
    try:
        data = tomllib.loads(source)
        triggers = [re.compile(pattern) for patterns in data.get("triggers", {}).values() for pattern in patterns]
        slots = [Slot(one["name"], one["kind"], one["ask"], one.get("identity", False)) for one in data.get("slots", [])]
        flow = Flow(
            data["key"], data["title"], triggers, slots, data.get("operation", ""), data.get("then") == "hand_over",
            data.get("confirm", {}), data.get("say", {}), data.get("words", {}), int(data.get("attempts", 3)),
        )  # fmt: skip
    except (tomllib.TOMLDecodeError, re.error, KeyError, TypeError, AttributeError, ValueError) as error:
        raise WrongFlow(f"{name}: {error}") from error
    _check(flow, name)
    return flow


def _check(flow: Flow, name: str) -> None:
    for slot in flow.slots:
        if slot.kind not in KINDS:
            raise WrongFlow(f"{name}: {slot.name} has the unknown kind {slot.kind!r}")
    if bool(flow.operation) == flow.hands_over:
        raise WrongFlow(f'{name}: it needs an operation, or then = "hand_over"')
    told = [flow.title, *(slot.ask for slot in flow.slots), *flow.say.values(), *([flow.confirm] if flow.confirm else [])]
    told += [texts for values in flow.words.values() for texts in values.values()]
    if flow.operation:
        told += [flow.say.get("found", {}), flow.say.get("not_found", {})]
    for texts in told:
        if missing := set(LANGUAGES) - set(texts):
            raise WrongFlow(f"{name}: a text lacks {', '.join(sorted(missing))}: {next(iter(texts.values()), '')[:60]}")
