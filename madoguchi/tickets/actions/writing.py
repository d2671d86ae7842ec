"""Writing into a ticket: replies to the customer and internal notes."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import clock, crypto, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent

from .. import index
from .. import status as moves
from ..events import NoteWritten, Replied
from ..models import Attachment, Delivery, Draft, Message, Ticket
from .changing import check_complete, lock, record_change, refresh_unsolved

PREVIEW_LENGTH = 200
THREAD_LENGTH = 20  # message ids in References
CHAT = "chat"
MOST_CHOICES, CHOICE_LENGTH = 10, 500


def preview_of(text: str) -> str:
    """One line for lists."""
    return " ".join(text[: PREVIEW_LENGTH * 2].split())[:PREVIEW_LENGTH]


def new_message_id(ticket: Ticket) -> str:
    """Our own Message-ID: it carries the signed reply token, so an answer finds its ticket by References alone."""
    from madoguchi.channels.mail.tokens import make_reply_token  # noqa: PLC0415

    domain = ticket.mailbox.address.rsplit("@", 1)[1] if ticket.mailbox else "madoguchi.invalid"
    return f"<{make_reply_token(ticket.pk, crypto.derive('reply-token'))}.{crypto.token(9)}@{domain}>"


@transaction.atomic
def reply(
    *,
    ticket_id: int,
    text: str,
    by: Actor,
    to: list[list[str]] | None = None,
    cc: list[list[str]] | None = None,
    bcc: list[list[str]] | None = None,
    html: str = "",
    subject: str = "",
    language: str = "",
    attachment_ids: list[int] | None = None,
    status: str = moves.WAITING_CUSTOMER,
    send_at: datetime | None = None,
    automatic: str = "",
    seen_message_id: int | None = None,
    choices: list[dict[str, str]] | None = None,
    channel: str = "",
) -> Message:
    """Answer the customer: keeps the message, queues its delivery, moves the status.

    `text` is Markdown as typed; `html` is derived when sending if empty. `to`, `cc`, `bcc`: [[name, address], ...]; `to` defaults to
    the last sender. `status`: what the ticket becomes ("" keeps it). `send_at`: later than now schedules. `automatic`: "" for a
    person. `seen_message_id`: newest message the writer had seen; Conflict when a newer answer of ours exists. `choices`: what a chat
    offers below the message, each a quick answer {"label", "value"} or a link {"label", "url"}; other channels leave them out.
    `channel` defaults to where the customer spoke last; a message of a chat has no delivery, the widget fetches it.
    """
    ticket = lock(ticket_id)
    if not text.strip():
        raise Invalid(_("Write something before you send it."))
    if ticket.status == moves.CLOSED and not automatic:
        raise Conflict(_("This ticket is closed. Open a new one for the customer instead."))
    newer = Message.objects.filter(ticket=ticket, direction=Message.Direction.OUT, automatic="", pk__gt=seen_message_id or 0)
    newer = newer.exclude(delivery__state=Delivery.State.CANCELLED)
    if seen_message_id is not None and newer.exists():
        raise Conflict(_("Somebody answered this ticket while you were writing. Read their answer, then decide whether to send yours."))
    now = clock.now()
    message = _outgoing(
        ticket, text=text, html=html, subject=subject, language=language, by=by, automatic=automatic, to=to, cc=cc, bcc=bcc,
        choices=checked_choices(choices or []), channel=channel,
    )  # fmt: skip
    if send_at and message.channel == CHAT:
        raise Invalid(_("A chat message goes out at once. Write a mail to send something later."))
    attach(message, attachment_ids or [], by=by)
    wait = settings.UNDO_SEND if by.kind == "agent" and not automatic else None
    index.put_new_messages([message], files=_file_names(message, attachment_ids))
    if message.channel != CHAT:
        Delivery.objects.create(
            message=message, mailbox=ticket.mailbox, updated_at=now, send_at=send_at or (now + wait if wait else now),
            state=Delivery.State.HELD if send_at or wait else Delivery.State.WAITING,
        )  # fmt: skip
    _after_reply(ticket, message, status=status, by=by)
    if by.agent_id:
        Draft.objects.filter(ticket=ticket, agent_id=by.agent_id, kind="reply").delete()
    events.emit(Replied(ticket.pk, ticket.team_id, message.pk, by_person=not automatic), by=by)
    return message


def _outgoing(
    ticket: Ticket, *, text: str, html: str, subject: str, language: str, by: Actor, automatic: str,
    to: list[list[str]] | None, cc: list[list[str]] | None, bcc: list[list[str]] | None, choices: list[dict[str, str]], channel: str,
) -> Message:  # fmt: skip
    """The message row with its recipients and threading headers."""
    last_in = Message.objects.filter(ticket=ticket, direction=Message.Direction.IN, automatic="").order_by("-id").first()
    channel = channel or _channel_of_answer(ticket, last_in)
    recipients = [] if channel == CHAT else to or answer_addresses(last_in) or _addresses_of(ticket)
    if not recipients and channel == "mail":
        raise Invalid(_("There is no address to send to. Add a recipient."))
    parent, references = _thread(ticket, last_in)
    return Message.objects.create(
        ticket=ticket, direction=Message.Direction.OUT, channel=channel, agent_id=by.agent_id, automatic=automatic,
        subject=subject or ticket.subject, from_name=by.name, from_address=ticket.mailbox.address if ticket.mailbox else "",
        to=recipients, cc=cc or [], bcc=bcc or [], text=text, html=html, reply_text=text, language=language or ticket.language,
        message_id=new_message_id(ticket), in_reply_to=parent, references=references,
        choices=choices, created_at=clock.now(),
    )  # fmt: skip


def _channel_of_answer(ticket: Ticket, last_in: Message | None) -> str:
    """The ticket's own, but for a chat whose customer went on by mail."""
    return "mail" if ticket.channel == CHAT and last_in is not None and last_in.channel != CHAT else ticket.channel


def checked_choices(choices: list[dict[str, str]]) -> list[dict[str, str]]:
    """Each a label with a value or with a web address, short and few. Raises Invalid."""
    for choice in choices:
        other = set(choice) - {"label"}
        fits = (
            len(other) == 1
            and other <= {"value", "url"}
            and all(isinstance(v, str) and 0 < len(v) <= CHOICE_LENGTH for v in choice.values())
        )
        if not fits or "label" not in choice or not choice.get("url", "/").startswith(("/", "https://", "http://")):
            raise Invalid
    if len(choices) > MOST_CHOICES:
        raise Invalid
    return choices


def _thread(ticket: Ticket, last_in: Message | None) -> tuple[str, list[str]]:
    """In-Reply-To and References (RFC 5322, 3.6.4): what led to the message that is answered, in order, and it as the last.

    What came after it, as an acknowledgement does after the first mail, is no ancestor of the answer. Where the customer has not
    written yet, our last mail is continued.
    """
    thread = Message.objects.filter(ticket=ticket, message_id__isnull=False).exclude(direction=Message.Direction.NOTE)
    if last_in is not None and last_in.message_id:
        thread = thread.filter(pk__lte=last_in.pk)
    chain = [str(one) for one in thread.order_by("-id").values_list("message_id", flat=True)[:THREAD_LENGTH]][::-1]
    if not chain:
        return "", []
    before = [str(one) for one in last_in.references if one not in chain] if last_in is not None else []
    return chain[-1], [*before, *chain][-THREAD_LENGTH:]


def _after_reply(ticket: Ticket, message: Message, *, status: str, by: Actor) -> None:
    """Counts, preview and status of the ticket after our message; an automatic one leaves the status alone."""
    ticket.message_count += 1
    ticket.last_message_id = message.pk
    ticket.updated_at = message.created_at
    old = ticket.status
    if not message.automatic:
        ticket.last_outbound_at = message.created_at
        ticket.preview = preview_of(message.text)
        if status and status != old:
            if not moves.may_move(old, status):
                raise Conflict
            if status == moves.SOLVED:
                check_complete(ticket)
            ticket.status = status
            ticket.solved_at = message.created_at if status == moves.SOLVED else None
            refresh_unsolved(ticket)
    ticket.save()
    if ticket.status != old:
        record_change(ticket, by=by, field="status", old=old, new=ticket.status)


def answer_addresses(message: Message | None) -> list[list[str]]:
    """Where an answer to `message` goes: its Reply-To, else its sender."""
    if message is None:
        return []
    return message.reply_to or ([[message.from_name, message.from_address]] if message.from_address else [])


def _addresses_of(ticket: Ticket) -> list[list[str]]:
    identity = ticket.customer.identities.filter(kind="mail").order_by("-is_primary", "id").first()
    return [[ticket.customer.name, identity.value]] if identity else []


def attach(message: Message, attachment_ids: list[int], *, by: Actor) -> None:
    """Move uploaded files of the same ticket and agent to the message; others are refused."""
    if not attachment_ids:
        return
    moved = Attachment.objects.filter(pk__in=attachment_ids, message=None, ticket=message.ticket_id, uploaded_by=by.agent_id).update(
        message=message
    )
    if moved != len(set(attachment_ids)):
        raise Invalid(_("A file is no longer there. Add it again."))


def _file_names(message: Message, attachment_ids: list[int] | None) -> dict[int, list[str]] | None:
    return {message.pk: list(message.attachments.values_list("name", flat=True))} if attachment_ids else None


@transaction.atomic
def add_note(
    *, ticket_id: int, text: str, by: Actor, mentioned: list[Agent] | None = None, attachment_ids: list[int] | None = None
) -> Message:
    """Write an internal note; mentioned agents become watchers and are told."""
    if not text.strip():
        raise Invalid(_("Write something before you save the note."))
    ticket = lock(ticket_id)
    now = clock.now()
    message = Message.objects.create(
        ticket=ticket, direction=Message.Direction.NOTE, channel="note", agent_id=by.agent_id, from_name=by.name,
        text=text, reply_text=text, created_at=now,
    )  # fmt: skip
    attach(message, attachment_ids or [], by=by)
    index.put_new_messages([message], files=_file_names(message, attachment_ids))
    ticket.message_count += 1
    ticket.last_message_id = message.pk
    ticket.updated_at = now
    ticket.save(update_fields=["message_count", "last_message_id", "updated_at"])
    people = [agent for agent in mentioned or [] if agent.pk != by.agent_id]
    for agent in people:
        ticket.watchers.get_or_create(agent=agent)
    staff.notify(agent_ids=[a.pk for a in people], kind="mentioned", ticket_id=ticket.pk, subject=ticket.subject, by=by.name)
    if by.agent_id:
        Draft.objects.filter(ticket=ticket, agent_id=by.agent_id, kind="note").delete()
    events.emit(NoteWritten(ticket.pk, ticket.team_id, message.pk, [a.pk for a in people]), by=by)
    return message
