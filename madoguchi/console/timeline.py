"""The conversation as it is drawn: days, messages, notes, one grey line per change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.channels.mail.authentication import Authentication
from madoguchi.channels.mail.problems import explain
from madoguchi.design import formats
from madoguchi.design.context import HTML_LANG
from madoguchi.foundation import clock
from madoguchi.protection.shield import Shielded
from madoguchi.tickets.history import HistoryLine
from madoguchi.tickets.models import Attachment, Delivery, Message, Ticket
from madoguchi.tickets.reading import TicketPage

from .markup import rendered
from .names import name_of
from .queue import CHANNEL_ICONS

State = Delivery.State
SHOWN_TEXT = 60_000  # characters of one message drawn at once; the rest is in the original
EVENT_ICONS = {
    "status": "circle-check",
    "assignee": "user",
    "team": "users",
    "priority": "flag",
    "tags": "tag",
    "subject": "pencil",
    "is_spam": "hand",
}
PREVIEWED = ("image/png", "image/jpeg", "image/gif", "image/webp")
_PREVIEWS = {**dict.fromkeys(PREVIEWED, "image"), "application/pdf": "pdf", "text/plain": "text", "text/csv": "text"}


@dataclass(frozen=True)
class FileView:
    """preview: image | pdf | text | "" (download only)."""

    id: int
    name: str
    size: str
    preview: str
    icon: str
    protected: str = ""
    redacted: bool = False
    blurred: bool = False


@dataclass(frozen=True)
class DeliveryView:
    """What became of our message. tone: "" | notice | danger."""

    label: str
    tone: str = ""
    detail: str = ""
    at: datetime | None = None
    can_cancel: bool = False
    can_send_now: bool = False
    can_retry: bool = False
    can_trust: bool = False


@dataclass(frozen=True)
class MessageView:
    id: int
    kind: str
    who: str
    face: int
    lang: str
    at: datetime
    icon: str
    via: str
    body: SafeString
    recipients: str = ""
    label: str = ""
    quoted: str = ""
    signature: str = ""
    files: list[FileView] = field(default_factory=list)
    delivery: DeliveryView | None = None
    auth: tuple[str, str, str] | None = None
    problems: list[str] = field(default_factory=list)
    redacted: bool = False
    rest: bool = False
    shield: Shielded | None = None


@dataclass(frozen=True)
class Step:
    """One of: a day, the unread mark, a message, a change."""

    day: str = ""
    unread: bool = False
    message: MessageView | None = None
    change: HistoryLine | None = None
    icon: str = ""


def steps(page: TicketPage, shields: Mapping[int, Shielded]) -> Iterator[Step]:
    """`shields`: what stands instead of messages that are shielded for the reader."""
    day = None
    for entry in page.timeline:
        today = timezone.localtime(entry.at).date()
        if today != day:
            yield Step(day=formats.day_heading(entry.at))
            day = today
        if entry.message is not None:
            if entry.message.pk == page.first_unread_id:
                yield Step(unread=True)
            yield Step(message=view_of(entry.message, page.ticket, shields.get(entry.message.pk)))
        elif entry.change is not None:
            yield Step(change=entry.change, icon=EVENT_ICONS.get(entry.change.field, "swap"))


def views_of(messages: Iterable[Message], ticket: Ticket, shields: Mapping[int, Shielded]) -> Iterator[Step]:
    for message in messages:
        yield Step(message=view_of(message, ticket, shields.get(message.pk)))


def view_of(message: Message, ticket: Ticket, shield: Shielded | None = None) -> MessageView:
    kind = message.direction
    text = message.reply_text or message.text
    ours = kind != Message.Direction.IN
    name = message.agent.name if message.agent else message.from_name or message.from_address
    code = message.language or ("" if kind == Message.Direction.NOTE else ticket.language)
    return MessageView(
        message.pk, kind, name if ours else name_of(name, code),
        message.agent_id or 0 if ours else message.customer_id or ticket.customer_id,
        HTML_LANG.get(code, code), message.created_at,
        "lock" if kind == Message.Direction.NOTE else CHANNEL_ICONS.get(message.channel, "mail"), _via(message),
        SafeString("") if shield else _body(message, text), _recipients(message), _automatic(message),
        "" if shield else message.quoted_text[:SHOWN_TEXT], "" if shield else message.signature[:SHOWN_TEXT],
        [_file(one, blurred=shield is not None) for one in message.attachments.all()],
        _delivery(message), _auth(message), [str(problem) for problem in message.problems], message.redacted_at is not None,
        len(text) > SHOWN_TEXT, shield,
    )  # fmt: skip


def _body(message: Message, text: str) -> SafeString:
    """Ours is Markdown; theirs is plain text with links, exactly as it was written."""
    text = text[:SHOWN_TEXT].strip()
    if message.direction != Message.Direction.IN:
        return rendered(text, mentions=message.direction == Message.Direction.NOTE)
    shown = urlize(text, nofollow=True, autoescape=True) if "://" in text or "www." in text or "@" in text else escape(text)
    return mark_safe(f'<div class="plain">{shown}</div>')


def _via(message: Message) -> str:
    if message.direction == Message.Direction.NOTE:
        return _("Internal note")
    if message.channel == "form" and message.direction == Message.Direction.IN:
        return _("{address}, typed into the contact form").format(address=message.from_address)
    return message.from_address if message.direction == Message.Direction.IN else ""


def _recipients(message: Message) -> str:
    """Whom it was addressed to, when that says more than the obvious."""
    people = {"to": message.to, "cc": message.cc, "bcc": message.bcc}
    if message.direction == Message.Direction.NOTE or (message.direction == Message.Direction.IN and not message.cc):
        return ""
    labels = {"to": pgettext("mail header", "To"), "cc": pgettext("mail header", "Cc"), "bcc": pgettext("mail header", "Bcc")}
    parts = [
        _("{label}: {people}").format(label=labels[key], people=", ".join(str(address) for _name, address in found))
        for key, found in people.items()
        if found
    ]
    return " · ".join(parts)


def _automatic(message: Message) -> str:
    return {
        "auto_reply": _("Automatic reply"), "bounce": _("Delivery report"), "acknowledgement": _("Acknowledgement"),
        "trigger": _("Sent by a trigger"), "bot": pgettext("sender", "Assistant"), "protection": _("Notice about protection"),
        "followup": pgettext("sent to a customer", "Follow-up"), "survey": pgettext("sent to a customer", "Survey"),
    }.get(message.automatic, "")  # fmt: skip


def _file(one: Attachment, *, blurred: bool) -> FileView:
    preview = _PREVIEWS.get(one.content_type.split(";")[0].strip().lower(), "")
    icon = {"image": "image", "pdf": "doc", "text": "doc"}.get(preview, "clip")
    return FileView(one.pk, one.name, formats.file_size(one.size), preview, icon, one.protected, one.is_redacted, blurred)


def _delivery(message: Message) -> DeliveryView | None:
    if message.direction != Message.Direction.OUT or not hasattr(message, "delivery"):
        return None
    found = message.delivery
    match found.state:
        case State.HELD:
            soon = (found.send_at - clock.now()).total_seconds() < 180  # noqa: PLR2004  longer than any time for undoing
            return DeliveryView(
                _("Sending in a moment") if soon else _("Scheduled for {time}").format(time=formats.stamp(found.send_at)),
                "notice", at=found.send_at, can_cancel=True, can_send_now=True,
            )  # fmt: skip
        case State.WAITING | State.SENDING:
            return DeliveryView(_("Sending"))
        case State.RETRY:
            detail = _("Next attempt {time}").format(time=formats.near(found.send_at))
            return DeliveryView(_("Retrying"), "notice", f"{detail}. {found.last_error}".strip(), can_cancel=True, can_retry=True)
        case State.FAILED | State.BOUNCED:
            return DeliveryView(_("Not delivered"), "danger", found.last_error, can_retry=True)
        case State.CANCELLED:
            return DeliveryView(_("Not sent: cancelled"), "notice")
        case State.DELIVERED:
            return DeliveryView(_("Delivered"))
        case State.SENT:
            return _sent(found)
    return DeliveryView(_("Unclear whether it was sent"), "danger", found.last_error, can_retry=True)


def _sent(found: Delivery) -> DeliveryView:
    if not found.confirmed:
        return DeliveryView(
            _("Unclear whether it was sent"), "danger", explain(found.problem, found.last_error), can_retry=True, can_trust=True
        )
    if found.refused:
        return DeliveryView(pgettext("message", "Sent"), "danger", explain("recipients", found.last_error), can_retry=True)
    return DeliveryView(pgettext("message", "Sent"))


def _auth(message: Message) -> tuple[str, str, str] | None:
    """(tone, words, details) of the sender's authentication."""
    results = {key: str(message.auth[key]) for key in ("spf", "dkim", "dmarc") if message.auth.get(key)}
    if message.direction != Message.Direction.IN or not results:
        return None
    details = " · ".join(f"{key.upper()} {value}" for key, value in results.items())
    if Authentication.kept(message.auth).proven:
        return "ok", _("Sender verified"), details
    if "temperror" in results.values():
        return "", _("Sender not checked"), details
    return "notice" if "fail" in results.values() else "", _("Sender not verified"), details
