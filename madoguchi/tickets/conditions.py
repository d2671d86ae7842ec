"""Which tickets a rule is for: conditions as admins write them, matched against a ticket's traits. Pure.

Conditions are `{"priority": [3, 4], "kind": ["complaint"]}`: every named trait must have one of the listed values (a ticket with
several tags: at least one). No conditions match every ticket. SLA policies and routing rules are chosen by them, in their order.
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
    customer_tags: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


SINGLE = {"priority": int, "kind": str, "channel": str, "language": str, "brand": int, "team": int, "mailbox": int, "company": int}
SEVERAL = {"customer_tags": str, "tags": str}
FIELDS = {**SINGLE, **SEVERAL}


def matches(conditions: Mapping[str, Sequence[Any]], traits: Traits) -> bool:
    for field, wanted in conditions.items():
        have = getattr(traits, field, None)
        if field in SEVERAL:
            if not have or have.isdisjoint(wanted):
                return False
        elif have not in wanted:
            return False
    return True


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
