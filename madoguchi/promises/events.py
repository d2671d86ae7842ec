"""Facts about promises. Ids and plain values only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PromisesChanged:
    """A promise was found, taken on, settled or has become late."""

    ticket_id: int
    team_id: int | None
    promise_id: int
    state: str


@dataclass(frozen=True)
class PromiseBroken:
    """The time has passed and nobody has said that it was kept."""

    ticket_id: int
    team_id: int | None
    promise_id: int
