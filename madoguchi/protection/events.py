"""Facts that protection announces. Ids and plain values only, no words of anybody."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StepTaken:
    ticket_id: int
    team_id: int | None
    measure_id: int
    step: str


@dataclass(frozen=True)
class RestrictionEnded:
    ticket_id: int
    team_id: int | None
    measure_id: int


@dataclass(frozen=True)
class Judged:
    """A person said what a message is."""

    ticket_id: int
    team_id: int | None
    message_id: int
    severity: int


@dataclass(frozen=True)
class GraveDanger:
    ticket_id: int
    team_id: int | None
    message_id: int
