"""Facts that the assistant announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HandedOver:
    """It talked with the customer and now leaves the ticket to people for good. `reason`: see thinking.deciding.Reason."""

    ticket_id: int
    team_id: int | None
    reason: str


@dataclass(frozen=True)
class LeftToPeople:
    """A message of a chat that is not the assistant's: it is off, or a person has the ticket already. `first`: of the ticket."""

    ticket_id: int
    team_id: int | None
    message_id: int
    first: bool
