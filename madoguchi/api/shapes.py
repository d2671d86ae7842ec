"""What goes over the wire: the shapes of requests and answers, and how rows become them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import AwareDatetime, BeforeValidator, ConfigDict

from madoguchi.customers.models import Customer
from madoguchi.foundation.models import Event
from madoguchi.protection.shield import Lines, Shielded
from madoguchi.tickets.models import NO_DEADLINE, Message, Ticket

from .webhook_events import public, webhook_id

StatusName = Literal["new", "open", "waiting_customer", "waiting_others", "solved", "closed"]
PriorityName = Literal["low", "normal", "high", "urgent"]
KindName = Literal["", "question", "request", "complaint", "praise", "incident"]
PRIORITIES = {"low": 1, "normal": 2, "high": 3, "urgent": 4}
PRIORITY_NAMES = {number: name for name, number in PRIORITIES.items()}
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
SOMETHING = r"[^\s\x00-\x1f\x7f\x85\xa0]"  # at least one character that can be seen
_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}"
ADDRESS = rf"{_ATOM}(\.{_ATOM})*@([A-Za-z0-9]([A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.)+[A-Za-z]{{2,63}}"
Text = Annotated[str, Field(min_length=1, max_length=200_000, pattern=SOMETHING)]
Line = Annotated[str, Field(min_length=1, max_length=500, pattern=SOMETHING)]
TagName = Annotated[str, Field(min_length=1, max_length=60, pattern=SOMETHING)]
Short = Annotated[str, Field(max_length=500)]
FieldValue = Annotated[str, Field(max_length=2000)] | bool | int | float
Mail = Annotated[str, Field(max_length=254, pattern=f"^{ADDRESS}$")]
MailOrNone = Annotated[str, Field(max_length=254, pattern=f"^({ADDRESS})?$")]


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a time is text, as RFC 3339 writes it")  # noqa: TRY004  pydantic turns only this into an answer
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_text), Field(strict=False, description="RFC 3339, with an offset")]


class Strict(Schema):
    """A body that says exactly what it means: no unknown fields, no text for numbers."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PersonOut(Schema):
    id: int
    name: str


class TicketOut(Schema):
    id: int
    number: int
    subject: str
    status: StatusName
    priority: PriorityName
    kind: str
    cause: str
    channel: str
    language: str
    tags: list[str]
    custom: dict[str, FieldValue] = Field(description="Own fields that hold a value, by key")
    customer: PersonOut
    assignee: PersonOut | None
    team: PersonOut | None
    due_at: datetime | None
    message_count: int
    created_at: datetime
    updated_at: datetime
    solved_at: datetime | None


class TicketPage(Schema):
    items: list[TicketOut]
    next_cursor: str | None


class CustomerIn(Strict):
    email: Mail
    name: Annotated[str, Field(max_length=200)] = ""


class TicketIn(Strict):
    customer: CustomerIn
    subject: Line
    text: Text
    priority: PriorityName = "normal"
    kind: KindName = ""
    tags: Annotated[list[TagName], Field(max_length=50)] = []
    mailbox: Mail | None = None
    acknowledge: bool = False


class TicketPatch(Strict):
    subject: Line | None = None
    status: StatusName | None = None
    priority: PriorityName | None = None
    kind: KindName | None = None
    tags: Annotated[list[TagName], Field(max_length=50)] | None = None
    assignee: MailOrNone | None = Field(None, description="Address of an agent; an empty string takes the assignee away")
    team: Short | None = Field(None, description="Name of a team; an empty string takes the team away")
    custom: dict[str, FieldValue | None] | None = Field(
        None, description="Own fields by key; null empties one, the others keep their values"
    )


class AttachmentOut(Schema):
    id: int
    name: str
    content_type: str
    size: int


class MessageOut(Schema):
    id: int
    ticket: int
    direction: Literal["in", "out", "note"]
    message_id: str | None
    in_reply_to: str
    references: list[str]
    from_: str = Field(alias="from")
    to: list[str]
    cc: list[str]
    subject: str
    text: str
    reply_text: str
    shielded: bool = Field(description="The texts stand with veils; GET /messages/{id}/original has them, and notes that you asked")
    automatic: str
    language: str
    created_at: datetime
    delivery: str | None
    attachments: list[AttachmentOut]


class MessagePage(Schema):
    items: list[MessageOut]
    next_cursor: str | None


class MessageIn(Strict):
    text: Text
    kind: Literal["reply", "note"] = "reply"
    to: Annotated[list[Mail], Field(max_length=50)] | None = None
    cc: Annotated[list[Mail], Field(max_length=50)] | None = None
    status: StatusName | None = Field(None, description="What the ticket becomes; waiting_customer when left out")


class IdentityOut(Schema):
    kind: str
    value: str


class CustomerOut(Schema):
    id: int
    name: str
    reading: str
    language: str
    time_zone: str
    company: str | None
    tags: list[str]
    identities: list[IdentityOut]
    created_at: datetime


class CustomerPage(Schema):
    items: list[CustomerOut]
    next_cursor: str | None


class NewCustomer(Strict):
    email: Mail
    name: Annotated[str, Field(max_length=200)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    language: Literal["", "en", "ja", "zh-hans", "zh-hant", "de"] = ""


class CustomerPatch(Strict):
    name: Annotated[str, Field(max_length=200)] | None = None
    reading: Annotated[str, Field(max_length=200)] | None = None
    language: Literal["", "en", "ja", "zh-hans", "zh-hant", "de"] | None = None


class HitOut(Schema):
    ticket: TicketOut
    message: int | None
    snippet: str
    matches: int


class HitPage(Schema):
    items: list[HitOut]
    next_cursor: str | None


class EventOut(Schema):
    id: str
    type: str
    timestamp: datetime
    data: dict[str, Any]


class EventPage(Schema):
    items: list[EventOut]
    next_cursor: str | None


def ticket_out(ticket: Ticket) -> dict[str, Any]:
    """Needs customer, assignee, team selected and tags prefetched."""
    return {
        "id": ticket.pk, "number": ticket.pk, "subject": ticket.subject, "status": ticket.status,
        "priority": PRIORITY_NAMES[ticket.priority],
        "kind": ticket.kind, "cause": ticket.cause, "channel": ticket.channel, "language": ticket.language,
        "tags": sorted(tag.name for tag in ticket.tags.all()), "custom": ticket.custom,
        "customer": {"id": ticket.customer_id, "name": ticket.customer.name},
        "assignee": {"id": ticket.assignee.pk, "name": ticket.assignee.name} if ticket.assignee else None,
        "team": {"id": ticket.team.pk, "name": ticket.team.name} if ticket.team else None,
        "due_at": None if ticket.due_at == NO_DEADLINE else ticket.due_at.isoformat(), "message_count": ticket.message_count,
        "created_at": ticket.created_at.isoformat(), "updated_at": ticket.updated_at.isoformat(),
        "solved_at": ticket.solved_at.isoformat() if ticket.solved_at else None,
    }  # fmt: skip


class OriginalOut(Schema):
    id: int
    subject: str
    text: str
    reply_text: str


def message_out(message: Message, shield: Shielded | None = None) -> dict[str, Any]:
    """Needs attachments prefetched and delivery selected. `shield`: what the agent reads instead of the texts."""
    delivery = getattr(message, "delivery", None)
    return {
        "id": message.pk, "ticket": message.ticket_id, "direction": message.direction, "message_id": message.message_id,
        "in_reply_to": message.in_reply_to, "references": list(message.references), "from": address(message.from_name,
        message.from_address),
        "to": [address(*pair) for pair in message.to], "cc": [address(*pair) for pair in message.cc],
        "subject": Lines(((message, shield.manner),)).subject(message.subject) if shield else message.subject,
        "text": shield.text if shield else message.text, "reply_text": shield.text if shield else message.reply_text or message.text,
        "shielded": shield is not None, "automatic": message.automatic,
        "language": message.language,
        "created_at": message.created_at.isoformat(), "delivery": delivery.state if delivery else None,
        "attachments": [{"id": a.pk, "name": a.name, "content_type": a.content_type, "size": a.size} for a in message.attachments.all()],
    }  # fmt: skip


def customer_out(customer: Customer) -> dict[str, Any]:
    """Needs company selected and identities prefetched."""
    return {
        "id": customer.pk, "name": customer.name, "reading": customer.reading, "language": customer.language,
        "time_zone": customer.time_zone, "company": customer.company.name if customer.company else None, "tags": list(customer.tags),
        "identities": [{"kind": i.kind, "value": i.value} for i in customer.identities.all()],
        "created_at": customer.created_at.isoformat(),
    }  # fmt: skip


def event_out(event: Event) -> dict[str, Any]:
    return {"id": webhook_id(event), **public(event)}


def address(name: str, mail: str) -> str:
    return f"{name} <{mail}>" if name and mail else mail or name


def instant(moment: datetime) -> datetime:
    """The moment, kept within what every database can compare."""
    return min(max(moment.replace(tzinfo=None), datetime(1970, 1, 2)), datetime(9000, 1, 1)).replace(tzinfo=moment.tzinfo)  # noqa: DTZ001
