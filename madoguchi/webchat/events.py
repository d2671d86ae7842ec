"""Facts about chats. Ids and plain values only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ConversationChanged:
    """Ephemeral: its state, its place in the queue, or how far one side has read is another now."""

    ticket_id: int
    team_id: int | None


@dataclass(frozen=True)
class ConversationEnded:
    """`by`: visitor, agent or system."""

    ticket_id: int
    team_id: int | None
    by_whom: str


@dataclass(frozen=True)
class ConversationRated:
    """One to five."""

    ticket_id: int
    team_id: int | None
    rating: int


@dataclass(frozen=True)
class VisitorTyping:
    """Ephemeral: that the visitor writes; what they write is told when they send it."""

    ticket_id: int
    team_id: int | None


@dataclass(frozen=True)
class QueueMoved:
    """Ephemeral: somebody joined or left the queue of this widget, so places have changed."""

    widget_id: int
