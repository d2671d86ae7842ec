"""Which tickets a rule is for: conditions as admins write them, matched against a ticket's traits. Pure.

Conditions are `{"priority": [3, 4], "kind": ["complaint"]}`: every named trait must have one of the listed values (a ticket with
several tags: at least one). No conditions match every ticket. SLA policies and routing rules are chosen by them, in their order;
triggers fire by them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_VALUES = 200


@dataclass(frozen=True, slots=True)
class Traits:
    """What a rule may ask about a ticket. Ids of rows, codes, and names of tags."""

    priority: int = 2
    kind: str = ""
    channel: str = ""
    language: str = ""
    brand: int | None = None
    team: int | None = None
    mailbox: int | None = None
    company: int | None = None
    status: str = ""
    cause: str = ""
    customer_tags: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


SINGLE = {
    "priority": int, "kind": str, "channel": str, "language": str, "brand": int, "team": int, "mailbox": int, "company": int,
    "status": str, "cause": str,
}  # fmt: skip
SEVERAL = {"customer_tags": str, "tags": str}
FIELDS = {**SINGLE, **SEVERAL}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One condition put to a ticket. have: the ticket's values."""

    field: str
    wanted: list[Any]
    have: list[Any]
    met: bool


def matches(conditions: Mapping[str, Sequence[Any]], traits: Traits) -> bool:
    return all(_met(field, wanted, traits) for field, wanted in conditions.items())


def explain(conditions: Mapping[str, Sequence[Any]], traits: Traits) -> list[Verdict]:
    """What became of each condition; all are met exactly if `matches`."""
    verdicts = []
    for field, wanted in conditions.items():
        value = getattr(traits, field, None)
        have = sorted(value or ()) if field in SEVERAL else [] if value in (None, "") else [value]
        verdicts.append(Verdict(field, list(wanted), have, met=_met(field, wanted, traits)))
    return verdicts


def _met(field: str, wanted: Sequence[Any], traits: Traits) -> bool:
    have = getattr(traits, field, None)
    return bool(have) and not have.isdisjoint(wanted) if field in SEVERAL else have in wanted  # type: ignore[union-attr]


def checked(conditions: object) -> dict[str, list[Any]]:
    """The conditions in normal form, without empty lists. ValueError names the first thing that is wrong."""
    if not isinstance(conditions, Mapping):
        raise ValueError("conditions must be an object of lists")  # noqa: TRY004  one error for all nonsense
    normal: dict[str, list[Any]] = {}
    for field, wanted in conditions.items():
        kind = FIELDS.get(field)
        if kind is None:
            message = f"unknown condition: {field!r}"
            raise ValueError(message)
        if not isinstance(wanted, list) or len(wanted) > MAX_VALUES or any(type(value) is not kind for value in wanted):
            message = f"wrong values for {field}"
            raise ValueError(message)
        if wanted:
            normal[field] = list(dict.fromkeys(wanted))
    return normal


def fields_used(many: Iterable[Mapping[str, Sequence[Any]]]) -> set[str]:
    """The traits that any of the conditions asks about, so that only those are loaded."""
    return {field for conditions in many for field in conditions}
