"""Who does something. Every write takes `by: Actor`; there is no global current user."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """kind: agent | customer | api | bot | system; id: the row's id where there is one; name: as shown in histories."""

    kind: str
    id: int | None = None
    name: str = ""

    @property
    def agent_id(self) -> int | None:
        """The agent behind the action (a person on the desk or the owner of an API token), else None."""
        return self.id if self.kind in {"agent", "api"} else None


SYSTEM = Actor("system", None, "Madoguchi")


def agent_actor(agent: object) -> Actor:
    return Actor("agent", agent.pk, agent.name)  # type: ignore[attr-defined]
