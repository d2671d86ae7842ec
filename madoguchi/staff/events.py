"""Facts about our people that other rooms and open desks hear of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PresenceChanged:
    """An agent became available, went away, wraps up or left; routing looks again for waiting tickets."""

    agent_id: int
    presence: str


@dataclass(frozen=True)
class AgentDeactivated:
    """The agent may no longer sign in; what they held needs somebody else."""

    agent_id: int


@dataclass(frozen=True)
class AgentChanged:
    """Role, teams, skills, languages or capacity changed; the agent's open desks begin anew with what they may see now."""

    agent_id: int


@dataclass(frozen=True)
class SessionsEnded:
    """All sessions of the agent were ended; open desks close."""

    agent_id: int
