"""Keeping what came from outside: many messages with few statements, each in its ticket."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from madoguchi.channels.models import Envelope, Mailbox
from madoguchi.customers.models import Customer
from madoguchi.foundation import events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.bulk import update_rows

from .. import status as moves
from ..events import MessageReady, MessageReceived, OriginChecked, TicketChanged, TicketCreated
from ..models import Attachment, Change, Link, Message, Participant, Ticket
from .changing import refresh_unsolved
from .writing import preview_of

FROM_OUTSIDE = Actor("customer")

ADDRESS_LENGTH, NAME_LENGTH, SUBJECT_LENGTH, FILE_NAME_LENGTH = 320, 200, 500, 255
TOUCHED = (
    "status", "unsolved", "solved_at", "closed_at", "preview", "message_count", "last_message_id", "last_inbound_at", "updated_at",
)  # fmt: skip


@dataclass
class File:
    """A file that came along: inside the raw message (`part` is its place there), or by itself, with its `data`."""

    part: int | None
    name: str
    content_type: str
    size: int
    content_id: str = ""
    inline: bool = False
    protected: str = ""
    data: bytes | None = None


@dataclass
class Inbound:
    """One thing that was said to us, understood as far as its channel can; `ticket` is an existing one or a new, unsaved one."""

    ticket: Ticket
    customer: Customer | None
    from_name: str
    from_address: str
    subject: str
    text: str
    at: datetime
    channel: str = "mail"
    envelope: Envelope | None = None
    html: str = ""
    reply_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    language: str = ""
    to: list[list[str]] = field(default_factory=list)
    cc: list[list[str]] = field(default_factory=list)
    reply_to: list[list[str]] = field(default_factory=list)
    message_id: str | None = None
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    automatic: str = ""
    may_auto_answer: bool = True
    auth: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)
    sent_at: datetime | None = None
    files: list[File] = field(default_factory=list)
    others: list[tuple[str, str, str]] = field(default_factory=list)  # participants: (name, address, role)
    linked_to: int | None = None
    first: bool = False
    reopened: bool = False
    old_status: str = ""


def new_ticket(*, customer: Customer, subject: str, channel: str, mailbox: Mailbox | None, at: datetime, language: str = "") -> Ticket:
    """A ticket not yet saved; `keep_messages` saves it with its first message. The mailbox gives it its brand and team."""
    return Ticket(
        subject=subject[:SUBJECT_LENGTH], channel=channel, customer=customer, mailbox=mailbox, language=language,
        brand_id=mailbox.brand_id if mailbox else None, team_id=mailbox.team_id if mailbox else None, created_at=at, updated_at=at,
    )  # fmt: skip


@transaction.atomic
def keep_messages(arrivals: Sequence[Inbound], *, ready: bool = True) -> list[Message]:
    """Keep the messages in order, each in its ticket, and announce them. Existing tickets must be locked by the caller.

    A person's message puts the next move on our side and reopens a solved ticket; an automatic one is only recorded.
    `ready=False`: the machine reads persons' messages first, and whoever asks for that calls `announce_ready` afterwards.
    """
    fresh: dict[int, Ticket] = {}
    for arrival in arrivals:
        if arrival.ticket.pk is None and id(arrival.ticket) not in fresh:
            fresh[id(arrival.ticket)] = arrival.ticket
            arrival.first = True
        _apply(arrival)
    Ticket.objects.bulk_create(fresh.values())
    messages = Message.objects.bulk_create([_message(arrival) for arrival in arrivals])
    for message in messages:
        message.ticket.last_message_id = max(message.ticket.last_message_id, message.pk)
    known = {a.ticket.pk: a.ticket for a in arrivals if id(a.ticket) not in fresh}
    update_rows(list(fresh.values()), ("last_message_id",))
    update_rows(list(known.values()), TOUCHED)
    _keep_belongings(arrivals, messages)
    _announce(arrivals, messages, ready=ready)
    return messages


def _apply(arrival: Inbound) -> None:
    """What the message does to its ticket's row."""
    ticket = arrival.ticket
    ticket.message_count += 1
    if arrival.automatic:
        if arrival.first:
            ticket.preview = preview_of(arrival.reply_text or arrival.text)
            refresh_unsolved(ticket)
        return
    ticket.preview = preview_of(arrival.reply_text or arrival.text) or ticket.preview
    ticket.last_inbound_at = arrival.at
    ticket.updated_at = max(arrival.at, ticket.updated_at)
    after = moves.after_customer_message(ticket.status)
    if after != ticket.status:
        arrival.reopened = ticket.status == moves.SOLVED
        arrival.old_status = ticket.status
        ticket.status, ticket.solved_at, ticket.closed_at = after, None, None
    refresh_unsolved(ticket)


def _message(arrival: Inbound) -> Message:
    return Message(
        ticket=arrival.ticket, direction=Message.Direction.IN, channel=arrival.channel, customer=arrival.customer,
        envelope=arrival.envelope, automatic=arrival.automatic, may_auto_answer=arrival.may_auto_answer,
        subject=arrival.subject[:SUBJECT_LENGTH], from_name=arrival.from_name[:NAME_LENGTH],
        from_address=arrival.from_address[:ADDRESS_LENGTH], to=arrival.to, cc=arrival.cc, reply_to=arrival.reply_to,
        text=arrival.text, html=arrival.html,
        reply_text=arrival.reply_text, quoted_text=arrival.quoted_text, signature=arrival.signature, language=arrival.language,
        message_id=arrival.message_id, in_reply_to=arrival.in_reply_to, references=arrival.references, auth=arrival.auth,
        problems=arrival.problems, sent_at=arrival.sent_at, created_at=arrival.at,
    )  # fmt: skip


def _keep_belongings(arrivals: Sequence[Inbound], messages: Sequence[Message]) -> None:
    pairs = list(zip(arrivals, messages, strict=True))
    Attachment.objects.bulk_create(
        Attachment(
            message=message, name=file.name[:FILE_NAME_LENGTH], content_type=file.content_type[:150], size=file.size,
            content_id=file.content_id[:255], inline=file.inline, protected=file.protected, part=file.part, data=file.data,
            created_at=message.created_at,
        )
        for arrival, message in pairs
        for file in arrival.files
    )  # fmt: skip
    Participant.objects.bulk_create(
        (
            Participant(ticket=arrival.ticket, address=address[:ADDRESS_LENGTH], name=name[:NAME_LENGTH], role=role)
            for arrival, _ in pairs
            for name, address, role in arrival.others
        ),
        ignore_conflicts=True,
    )
    Link.objects.bulk_create(
        (Link(ticket=a.ticket, other_id=a.linked_to, created_at=a.at) for a in arrivals if a.linked_to and a.first), ignore_conflicts=True
    )
    Change.objects.bulk_create(
        Change(
            ticket=a.ticket, actor_kind=FROM_OUTSIDE.kind, actor_id=a.customer.pk if a.customer else None, actor_name=a.from_name[:200],
            field="status", old=a.old_status, new=moves.OPEN, at=a.at,
        )
        for a in arrivals
        if a.old_status
    )  # fmt: skip


@transaction.atomic
def note_origin(*, envelope_id: int, auth: dict) -> None:
    """Show in the ticket what the check of a mail's origin found, and tell the open desks.

    The first message of a mail is its sender's; a later one is what that mail forwarded.
    """
    for message in Message.objects.select_related("ticket").filter(envelope_id=envelope_id).order_by("id")[:1]:
        Message.objects.filter(pk=message.pk).update(auth=auth)
        events.emit(OriginChecked(message.ticket_id, message.ticket.team_id, message.pk), by=SYSTEM)


def _announce(arrivals: Sequence[Inbound], messages: Sequence[Message], *, ready: bool) -> None:
    """Spam is announced to nobody but the lists: no rule, acknowledgement or clock may start from it."""
    facts: list[object] = []
    for arrival, message in zip(arrivals, messages, strict=True):
        ticket, automatic = arrival.ticket, bool(arrival.automatic)
        where = (ticket.pk, ticket.team_id)
        if arrival.first and not ticket.is_spam:
            facts.append(TicketCreated(*where, channel=ticket.channel))
        if arrival.old_status:
            facts.append(TicketChanged(*where, field="status", old=arrival.old_status, new=moves.OPEN))
        facts.append(MessageReceived(*where, message.pk, first=arrival.first, automatic=automatic, reopened=arrival.reopened))
        if not ticket.is_spam and (ready or automatic):
            facts.append(MessageReady(*where, message.pk, first=arrival.first, automatic=automatic))
    events.emit_many(facts, by=FROM_OUTSIDE)


@transaction.atomic
def announce_ready(message_ids: Sequence[int]) -> None:
    """Tell that messages kept with `ready=False` may be seen by people and rules; those of spam are told to nobody."""
    rows = list(Message.objects.filter(pk__in=message_ids, ticket__is_spam=False).select_related("ticket").order_by("id"))
    tickets = {row.ticket_id for row in rows}
    first = (
        set(Message.objects.filter(ticket__in=tickets).values("ticket").annotate(first=Min("id")).values_list("first", flat=True))
        if rows
        else set()
    )
    facts = [MessageReady(r.ticket_id, r.ticket.team_id, r.pk, first=r.pk in first, automatic=bool(r.automatic)) for r in rows]
    events.emit_many(facts, by=FROM_OUTSIDE)
