"""Which rule fits a solved ticket. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What a rule may ask about a ticket. `tiers`: the customer's tags and company, any case."""

    kind: str
    cause: str
    channel: str
    priority: int
    tiers: frozenset[str]


@dataclass(frozen=True)
class Condition:
    """Empty fits everything."""

    kinds: Sequence[str] = ()
    causes: Sequence[str] = ()
    channels: Sequence[str] = ()
    tiers: Sequence[str] = ()
    from_priority: int = 0

    def fits(self, facts: Facts) -> bool:
        named = ((self.kinds, facts.kind), (self.causes, facts.cause), (self.channels, facts.channel))
        if any(wanted and value not in wanted for wanted, value in named):
            return False
        if facts.priority < self.from_priority:
            return False
        return not self.tiers or not facts.tiers.isdisjoint(folded(self.tiers))


def folded(names: Iterable[object]) -> frozenset[str]:
    return frozenset(str(name).strip().casefold() for name in names if str(name).strip())
