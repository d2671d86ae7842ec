"""Redaction: a part of a message, or a whole file, is made unreadable for good, with who, when and why.

Nothing keeps the original: neither the message's texts, nor the raw mail it came in (its headers stay, its body becomes what is left
of the text, its other files are kept beside it), nor the search index, nor the list's preview.
"""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.channels.models import Envelope
from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound

from .. import index
from ..downloads import data_of
from ..events import MessageRedacted
from ..models import REDACTED, Attachment, Change, Draft, Message, Ticket
from .changing import lock, note_in_history
from .counting import FOLLOWING, recount

LONGEST = 5_000
TEXTS = ("subject", "text", "reply_text", "quoted_text", "signature")


@dataclass(frozen=True)
class Redaction:
    """`also_in`: ids of other messages of the ticket that hold the same text or file, such as answers that quote it."""

    message: Message
    also_in: list[int]


@transaction.atomic
def redact_text(*, message_id: int, passage: str, by: Actor, reason: str) -> Redaction:
    """Black out every occurrence of `passage` in the message, however its white space is broken. Cannot be undone.

    Raises Invalid when the passage is not in the message or no reason is given.
    """
    reason = _reason(reason)
    pattern = _pattern(passage)
    message = _locked_message(message_id)
    hits = sum(len(pattern.findall(getattr(message, field))) for field in TEXTS)
    if not hits:
        raise Invalid(_("This text is not in the message. Mark it again."))
    for field in TEXTS:
        setattr(message, field, pattern.sub(REDACTED, getattr(message, field)))
    html = pattern.sub(REDACTED, message.html)
    message.html = html if html != message.html else ""  # tags may run through the passage: the plain text is shown instead
    message.redacted_at = clock.now()
    message.save(update_fields=[*TEXTS, "html", "redacted_at"])
    _rewrite_raw(message)
    _redact_ticket(message, pattern)
    index.put_messages([message.pk])
    _tell(message, by, reason, what="text")
    others = Message.objects.filter(ticket=message.ticket_id).exclude(pk=message.pk).only("id", *TEXTS)
    return Redaction(message, [one.pk for one in others if any(pattern.search(getattr(one, field)) for field in TEXTS)])


@transaction.atomic
def redact_attachment(*, attachment_id: int, by: Actor, reason: str) -> Redaction:
    """Destroy a file; its place in the message shows that there was one. Cannot be undone.

    Raises Invalid without a reason, NotFound when there is no such file in a message or it was destroyed before.
    """
    reason = _reason(reason)
    attachment = Attachment.objects.filter(pk=attachment_id, message__isnull=False).first()
    if attachment is None or attachment.is_redacted:
        raise NotFound
    message = _locked_message(attachment.message_id or 0)
    others = _same_file_in(message.ticket_id, attachment)
    _keep_files(message, besides=attachment.pk)
    attachment.name, attachment.content_type, attachment.size, attachment.data, attachment.part = REDACTED, "", 0, None, None
    attachment.content_id, attachment.inline = "", False
    attachment.save()
    message.redacted_at = clock.now()
    message.save(update_fields=["redacted_at"])
    _rewrite_raw(message)
    index.put_messages([message.pk])
    _tell(message, by, reason, what=f"attachment:{attachment.pk}", history="redacted_file")
    return Redaction(message, others)


def _same_file_in(ticket_id: int, attachment: Attachment) -> list[int]:
    """Other messages of the ticket with a file of exactly these bytes."""
    data = data_of(attachment)
    alike = Attachment.objects.filter(message__ticket=ticket_id, size=attachment.size).exclude(pk=attachment.pk)
    found = {one.message_id for one in alike.select_related("message__envelope") if one.message_id and data_of(one) == data}
    return sorted(found - {attachment.message_id})


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise Invalid(fields={"reason": _("Say why this is redacted. The reason stays in the history.")})
    return reason


def _pattern(passage: str) -> re.Pattern[str]:
    words = passage.split()
    if not words or len(passage) > LONGEST:
        raise Invalid(_("Mark the text that has to go."))
    return re.compile(r"[\s>]+".join(map(re.escape, words)))


def _locked_message(message_id: int) -> Message:
    message = Message.objects.select_related("ticket").filter(pk=message_id).first()
    if message is None:
        raise NotFound
    lock(message.ticket_id)
    return message


def _keep_files(message: Message, *, besides: int | None = None) -> None:
    """Take the files that stay out of the raw mail, before that is replaced."""
    inside = Attachment.objects.filter(message=message, data=None, part__isnull=False).select_related("message__envelope")
    for attachment in inside if besides is None else inside.exclude(pk=besides):
        attachment.data, attachment.part = data_of(attachment) or b"", None
        attachment.save(update_fields=["data", "part"])


def _rewrite_raw(message: Message) -> None:
    """Replace the raw mail by one that holds only what is left."""
    if message.envelope_id is None:
        return
    _keep_files(message)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _header(f"{message.from_name} <{message.from_address}>")
    mail["Subject"] = _header(message.subject)
    if message.message_id:
        mail["Message-ID"] = _header(message.message_id)
    if message.in_reply_to:
        mail["In-Reply-To"] = _header(message.in_reply_to)
    mail["X-Madoguchi-Redacted"] = clock.now().isoformat()
    mail.set_content(message.text or REDACTED)
    raw = mail.as_bytes()
    Envelope.objects.filter(pk=message.envelope_id).update(raw=raw, size=len(raw))
    kept = Envelope.objects.only("fingerprint", "message_id").get(pk=message.envelope_id)
    again = Q()  # the same mail came by another way, and was kept as a duplicate
    if kept.fingerprint:
        again |= Q(fingerprint=kept.fingerprint)
    if kept.message_id:
        again |= Q(message_id=kept.message_id)
    if again:
        Envelope.objects.filter(again, stage=Envelope.Stage.DUPLICATE).update(raw=raw, size=len(raw))


def _header(value: str) -> str:
    return " ".join(value.split())


def _redact_ticket(message: Message, pattern: re.Pattern[str]) -> None:
    """The ticket's subject, its preview, its earlier subjects in the history, and drafts that quote the passage."""
    ticket = Ticket.objects.get(pk=message.ticket_id)
    ticket.subject = pattern.sub(REDACTED, ticket.subject)
    recount(ticket)
    ticket.preview = pattern.sub(REDACTED, ticket.preview)
    ticket.save(update_fields=["subject", *FOLLOWING])
    renamed = list(Change.objects.filter(ticket=ticket, field="subject"))
    for change in renamed:
        change.old, change.new = pattern.sub(REDACTED, change.old or ""), pattern.sub(REDACTED, change.new or "")
        change.save(update_fields=["old", "new"])
    if renamed:
        events.rewrite_payloads(
            ticket_id=ticket.pk, name="tickets.TicketChanged",
            rewrite=lambda payload: {key: pattern.sub(REDACTED, v) if isinstance(v, str) else v for key, v in payload.items()},
        )  # fmt: skip
    for draft in Draft.objects.filter(ticket=ticket):
        if pattern.search(draft.body):
            draft.body, draft.version = pattern.sub(REDACTED, draft.body), draft.version + 1
            draft.save(update_fields=["body", "version"])


def _tell(message: Message, by: Actor, reason: str, *, what: str, history: str = "redacted") -> None:
    note_in_history(message.ticket, by=by, field=history, new=reason)
    events.emit(MessageRedacted(message.ticket_id, message.ticket.team_id, message.pk), by=by)
    detail = {"ticket": message.ticket_id, "what": what, "reason": reason}
    audit.record("tickets.redact", by=by, subject=f"message:{message.pk}", detail=detail)
