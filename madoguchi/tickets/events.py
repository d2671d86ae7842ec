"""Facts that the record announces. Ids and plain values only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TicketCreated:
    ticket_id: int
    team_id: int | None
    channel: str


@dataclass(frozen=True)
class MessageReceived:
    """A message from outside was kept. `automatic`: an auto-reply, recorded without reopening or answering."""

    ticket_id: int
    team_id: int | None
    message_id: int
    first: bool
    automatic: bool
    reopened: bool


@dataclass(frozen=True)
class MessageReady:
    """The message has been read by the machine (or needed no reading) and may be shown to people and rules."""

    ticket_id: int
    team_id: int | None
    message_id: int
    first: bool
    automatic: bool


@dataclass(frozen=True)
class Replied:
    """We answered. `by_person` is False for acknowledgements and other automatic mail."""

    ticket_id: int
    team_id: int | None
    message_id: int
    by_person: bool


@dataclass(frozen=True)
class OriginChecked:
    """SPF, DKIM and DMARC of a message are known, after it was kept."""

    ticket_id: int
    team_id: int | None
    message_id: int


@dataclass(frozen=True)
class NoteWritten:
    ticket_id: int
    team_id: int | None
    message_id: int
    mentioned: list[int]


@dataclass(frozen=True)
class TicketChanged:
    """A field of the ticket changed: status, priority, kind, cause, team, assignee, tags, subject, custom, language, is_spam."""

    ticket_id: int
    team_id: int | None
    field: str
    old: object
    new: object


@dataclass(frozen=True)
class MessageRedacted:
    """Words or a file of a message were made unreadable for good; nobody may keep a copy."""

    ticket_id: int
    team_id: int | None
    message_id: int


@dataclass(frozen=True)
class TicketsMerged:
    ticket_id: int
    team_id: int | None
    merged_id: int


@dataclass(frozen=True)
class TicketsUnmerged:
    ticket_id: int
    team_id: int | None
    merged_id: int


@dataclass(frozen=True)
class TicketSplit:
    ticket_id: int
    team_id: int | None
    new_id: int


@dataclass(frozen=True)
class DeliveryChanged:
    ticket_id: int
    team_id: int | None
    message_id: int
    state: str


@dataclass(frozen=True)
class PresenceChanged:
    """Ephemeral: somebody opened, left or types in a ticket."""

    ticket_id: int
    team_id: int | None
    agent_id: int
    state: str
