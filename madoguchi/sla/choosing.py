"""Which policy, and so which budget, a ticket's clocks run under. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madoguchi.tickets.conditions import Traits, matches
from madoguchi.tickets.status import WAITING_CUSTOMER, WAITING_OTHERS

FIRST_REPLY, NEXT_REPLY, RESOLUTION = "first_reply", "next_reply", "resolution"
REPLIES = (FIRST_REPLY, NEXT_REPLY)


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """targets: (metric, priority or None for all others) -> working seconds."""

    id: int
    name: str
    conditions: Mapping[str, Sequence[Any]]
    calendar_id: int | None
    warn_percent: int
    pause_waiting_others: bool
    targets: Mapping[tuple[str, int | None], int]

    def budget(self, metric: str, priority: int) -> int | None:
        """Working seconds for the metric; None when the policy promises nothing about it."""
        return self.targets.get((metric, priority), self.targets.get((metric, None)))

    def pauses(self, status: str) -> bool:
        """Whether the resolution clock stands still in a status. Reply clocks never do: a reply ends them."""
        return status == WAITING_CUSTOMER or (status == WAITING_OTHERS and self.pause_waiting_others)


def choose(policies: Sequence[PolicyValue], traits: Traits) -> PolicyValue | None:
    """The first policy in order whose conditions the ticket meets."""
    return next((policy for policy in policies if matches(policy.conditions, traits)), None)
