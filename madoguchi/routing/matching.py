"""Who should take a ticket now. Pure: people and a need go in, a choice with its reasons comes out.

Nobody gets a ticket over their capacity, outside their working hours, while away, or without a skill that the rule requires.
Among those who can, round robin gives it to whoever has waited longest since their last one, which is fair to people who come
late, go home early or take long; least loaded gives it to whoever has the smallest share of their capacity in use.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Method(StrEnum):
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    MANUAL = "manual"


class LanguageRule(StrEnum):
    IGNORED = "ignored"
    PREFERRED = "preferred"
    REQUIRED = "required"


class Refusal(StrEnum):
    """Why a person cannot take the ticket; the first that applies, the lasting reasons before the passing ones."""

    SKILL = "skill"
    LANGUAGE = "language"
    OFF_HOURS = "off_hours"
    AWAY = "away"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Person:
    """load: tickets on their desk; capacity: how many at most; last_given_at: when they last got a ticket from routing; strain: how much
    abuse they read lately, in few steps.
    """

    id: int
    available: bool = True
    at_work: bool = True
    load: int = 0
    capacity: int = 1
    skills: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    last_given_at: datetime | None = None
    strain: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """What a ticket and its rule ask for. An empty language is unknown and asks for none. `hurts`: it holds abuse, so that it goes to
    those who read least of it lately.
    """

    method: Method = Method.ROUND_ROBIN
    skills: frozenset[int] = frozenset()
    language: str = ""
    language_rule: LanguageRule = LanguageRule.PREFERRED
    hurts: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """person: who gets it, None for nobody. able: how many could. refused: how many could not, by reason."""

    person: Person | None
    speaks: bool
    able: int
    refused: dict[Refusal, int]

    @property
    def nobody_ever(self) -> bool:
        """Whether waiting does not help: no person has what the rule requires."""
        return self.person is None and not any(self.refused.get(reason) for reason in (Refusal.OFF_HOURS, Refusal.AWAY, Refusal.FULL))


def refusal(person: Person, need: Need) -> Refusal | None:
    if not need.skills <= person.skills:
        return Refusal.SKILL
    if need.language_rule is LanguageRule.REQUIRED and need.language and need.language not in person.languages:
        return Refusal.LANGUAGE
    if not person.at_work:
        return Refusal.OFF_HOURS
    if not person.available:
        return Refusal.AWAY
    if person.load >= person.capacity:
        return Refusal.FULL
    return None


def choose(people: Iterable[Person], need: Need) -> Choice:
    """Deterministic: equal people are taken in the order of their ids."""
    able: list[Person] = []
    refused: dict[Refusal, int] = {}
    for person in people:
        reason = refusal(person, need)
        if reason is None:
            able.append(person)
        else:
            refused[reason] = refused.get(reason, 0) + 1
    if not able or need.method is Method.MANUAL:
        return Choice(None, speaks=False, able=len(able), refused=refused)
    speakers = [person for person in able if need.language in person.languages]
    prefers = need.language_rule is LanguageRule.PREFERRED and bool(speakers)
    pool = speakers if prefers else able
    if need.hurts:
        least = min(person.strain for person in pool)
        pool = [person for person in pool if person.strain == least]
    person = min(pool, key=_turn if need.method is Method.ROUND_ROBIN else _freedom)
    return Choice(person, speaks=need.language in person.languages, able=len(able), refused=refused)


def _turn(person: Person) -> tuple[datetime, int]:
    return person.last_given_at or LONG_AGO, person.id


def _freedom(person: Person) -> tuple[float, datetime, int]:
    return person.load / person.capacity, *_turn(person)
