"""What every other help desk has in common, as plain values. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class ForeignCustomer:
    """`id` is the other system's; `mail` is empty for people without an address."""

    id: str
    name: str = ""
    mail: str = ""
    phone: str = ""
    company: str = ""
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True)
class ForeignFile:
    name: str
    content_type: str
    size: int
    url: str


@dataclass(frozen=True)
class ForeignMessage:
    """direction: in | out | note, as in tickets.models.Message."""

    id: str
    direction: str
    created_at: datetime
    text: str = ""
    html: str = ""
    author_name: str = ""
    author_mail: str = ""
    message_id: str = ""
    files: tuple[ForeignFile, ...] = ()


@dataclass(frozen=True)
class ForeignTicket:
    """`version` changes whenever anything about the ticket changed; an unchanged one is skipped when importing again."""

    id: str
    version: str
    subject: str
    status: str
    priority: int
    customer: ForeignCustomer
    created_at: datetime
    updated_at: datetime
    kind: str = ""
    channel: str = "mail"
    tags: tuple[str, ...] = ()
    assignee_mail: str = ""
    team: str = ""
    solved_at: datetime | None = None
    custom: dict[str, Any] = field(default_factory=dict)


class System(Protocol):
    """One adapter a system. `since` is the cursor that the last run left (empty: everything)."""

    name: str

    def tickets(self, since: str) -> Iterator[ForeignTicket]: ...

    def messages(self, ticket: ForeignTicket) -> list[ForeignMessage]: ...

    def cursor(self) -> str:
        """Where the next run may begin; call after `tickets` is used up."""
        ...


def moment(value: object) -> datetime:
    """An aware time from ISO 8601 or epoch seconds."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(str(value))
