"""Facts that follow-ups announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FollowedUp:
    """The customer, or whoever called them, said how it stands: outcome verified | reopened | not_reached."""

    ticket_id: int
    team_id: int | None
    followup_id: int
    outcome: str
