"""Facts that the clocks announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DeadlineWarned:
    """A promise is due soon. `about`: the due time, ISO 8601, empty when the calendar never opens."""

    ticket_id: int
    team_id: int | None
    deadline_id: int
    metric: str
    about: str


@dataclass(frozen=True)
class DeadlineBreached:
    """A promise was not kept in time. `about`: the due time that passed, ISO 8601."""

    ticket_id: int
    team_id: int | None
    deadline_id: int
    metric: str
    about: str


@dataclass(frozen=True)
class PoliciesChanged:
    """A policy was created, changed, moved or deleted: open tickets must be looked at again."""

    policy_id: int
