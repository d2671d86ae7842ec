"""What the assistant does next. Pure: everything it needs to know stands in `Situation`, everything it wants in a `Decision`.

A wrong answer costs more than a hand-over: it answers when the articles are sure, asks when two are near, and otherwise leaves it to
people. After a hand-over it is silent for good.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from . import wishes

MOST_MISSES = 2
MOST_TURNS = 12
"""Messages of the customer in one dialogue; who needs more needs a person."""
LONG = 600
"""Characters of a message that is more than one question."""
MANY_QUESTIONS = 3
NEAR = 0.35
"""Standard deviations between the first and the second article, below which they are two possible meanings. Scores of right first articles
lie 1 to 4 above their second (docs/models/answering.md)."""
HALF_SURE = 0.6
"""Of the bar: between here and the bar the customer is asked whether it is meant, and never told."""
GRAVE = frozenset({"self_harm", "danger"})


class Reason(StrEnum):
    """Why a person takes over."""

    ASKED = "asked"
    EMOTION = "emotion"
    DANGER = "danger"
    COMPLEX = "complex"
    MISSES = "misses"
    FLOW = "flow"
    AWAY = "away"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Option:
    """Something offered to be chosen. `means`: yes | no | person | other | article:SLUG | flow:KEY."""

    label: str
    means: str


@dataclass(frozen=True, slots=True)
class Near:
    """An article that may answer, as the retrieval scores it on the common scale."""

    slug: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Situation:
    """The conversation so far and the customer's newest message.

    `offered`: what our last message let them choose from; `answered`: the slug of the article that it told, "" otherwise.
    `person_reason`: why the reading of the message wants a person (see understanding). `sure`, `bar`: of the retrieval; `flow`: the flow
    whose wording fits the message, "" otherwise; `in_flow`: one is being run. `somebody_there`, `contact_known`: whether people can answer
    now, or where later. `speaks`: the assistant may talk this language.
    """

    text: str
    turns: int = 0
    misses: int = 0
    offered: Sequence[Option] = ()
    answered: str = ""
    asked_back: bool = False
    awaits_contact: bool = False
    person_reason: str = ""
    has_files: bool = False
    flow: str = ""
    in_flow: bool = False
    available: bool = True
    found: Sequence[Near] = ()
    sure: float = 0.0
    bar: float = 1.0
    somebody_there: bool = True
    contact_known: bool = True
    speaks: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    slug: str


@dataclass(frozen=True, slots=True)
class AskBack:
    options: list[Near] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Abstain:
    """Nothing reliable was found; the customer may say it differently."""


@dataclass(frozen=True, slots=True)
class SayMore:
    """The answer did not help: what is missing?"""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The customer says so."""


@dataclass(frozen=True, slots=True)
class Greet:
    """They only said hello, or chose "something else"."""


@dataclass(frozen=True, slots=True)
class RunFlow:
    key: str


@dataclass(frozen=True, slots=True)
class GoOnInFlow:
    """The message belongs to the flow that is being run."""


@dataclass(frozen=True, slots=True)
class TakeContact:
    """Nobody is there and we do not know where to answer; `reason` is why a person is wanted."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class HandOver:
    reason: Reason
    contact: str = ""


Decision = Answer | AskBack | Abstain | SayMore | Resolved | Greet | RunFlow | GoOnInFlow | TakeContact | HandOver


def wants(now: Situation) -> str:
    """What the message chooses from what was offered: an option's `means`, else a short yes or no; "" when it is something new."""
    said = now.text.strip().casefold()
    for option in now.offered:
        if said == option.label.strip().casefold():
            return option.means
    offered = {option.means for option in now.offered}
    if "yes" in offered and wishes.says_yes(now.text):
        return "yes"
    if "no" in offered and wishes.says_no(now.text):
        return "no"
    return ""


def needs_articles(now: Situation) -> bool:
    """Whether the articles must be asked at all to decide."""
    return isinstance(_before_articles(now), _Open)


def decide(now: Situation) -> Decision:
    decision = _before_articles(now)
    return decision if not isinstance(decision, _Open) else _by_articles(now)


@dataclass(frozen=True, slots=True)
class _Open:
    """Only the articles can tell."""


def _before_articles(now: Situation) -> Decision | _Open:
    if now.awaits_contact:
        return HandOver(Reason.ASKED, wishes.contact_in(now.text))
    chosen = wants(now)
    if person := _person(now, chosen):
        return hand_over(now, person)
    if now.in_flow:
        return GoOnInFlow()
    if chosen:
        return _chosen(now, chosen)
    if now.flow:
        return RunFlow(now.flow)
    if not now.turns and _only_hello(now.text):
        return Greet()
    return _Open()


def _chosen(now: Situation, means: str) -> Decision:
    kind, _, what = means.partition(":")
    match kind:
        case "yes":
            return Resolved()
        case "no":
            return hand_over(now, Reason.MISSES) if now.misses + 1 >= MOST_MISSES else SayMore()
        case "article":
            return Answer(what)
        case "flow":
            return RunFlow(what)
    return Greet()


def _person(now: Situation, chosen: str) -> Reason | None:
    if chosen == "person" or now.person_reason == "asked" or wishes.wants_person(now.text):
        return Reason.ASKED
    if now.person_reason:
        return Reason.DANGER if now.person_reason in GRAVE else Reason.EMOTION
    if not now.speaks:
        return Reason.LANGUAGE
    if now.in_flow or chosen:
        return None
    questions = sum(now.text.count(mark) for mark in "?？")
    if now.has_files or len(now.text) > LONG or questions >= MANY_QUESTIONS or now.turns >= MOST_TURNS:
        return Reason.COMPLEX
    return None


def _by_articles(now: Situation) -> Decision:
    if not now.available:
        return hand_over(now, Reason.AWAY)
    if now.found and now.sure >= now.bar and now.found[0].slug != now.answered:
        if len(now.found) > 1 and now.found[0].score - now.found[1].score < NEAR and not now.asked_back:
            return AskBack(list(now.found[:2]))
        return Answer(now.found[0].slug)
    if now.misses + 1 >= MOST_MISSES:
        return hand_over(now, Reason.MISSES)
    if now.found and now.sure >= HALF_SURE * now.bar and not now.asked_back:
        return AskBack(list(now.found[:2]))
    return Abstain()


def hand_over(now: Situation, reason: Reason) -> TakeContact | HandOver:
    """Somebody in danger is not asked for an address first."""
    if now.somebody_there or now.contact_known or reason == Reason.DANGER:
        return HandOver(reason, "")
    return TakeContact(reason)


_HELLO = frozenset({
    "hello", "hi", "hey", "good morning", "good afternoon", "hallo", "guten tag", "guten morgen", "moin", "servus",
    "こんにちは", "こんばんは", "おはよう", "おはようございます", "すみません", "もしもし",
    "你好", "您好", "在吗", "在嗎", "哈囉", "哈喽", "嗨",
})  # fmt: skip


def _only_hello(text: str) -> bool:
    return text.strip(" .,!?。、！？…~～\n").casefold() in _HELLO
