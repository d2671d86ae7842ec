"""Facts that routing announces. That a ticket was given to somebody is the record's own TicketChanged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NobodyCanTake:
    """A ticket came into the queue of those that nobody can take."""

    ticket_id: int
    team_id: int | None
    reason: str


@dataclass(frozen=True)
class QueueAlarmed:
    """A ticket has waited too long for somebody who can take it; supervisors were told."""

    ticket_id: int
    team_id: int | None
    reason: str
