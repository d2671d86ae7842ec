"""What the mail parser sees in one message: plain values, nothing that can act."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["message", "auto_reply", "bounce", "loop", "calendar"]
Address = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not shown as text. `part` finds its bytes again with `part_bytes(raw, part)`."""

    name: str
    type: str
    size: int
    part: int
    content_id: str = ""
    inline: bool = False
    disposition: str = ""
    protected: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What a bounce says (RFC 3464): to whom, what happened, and to which of our mails."""

    recipient: str = ""
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    original_message_id: str = ""
    remote_server: str = ""

    @property
    def permanent(self) -> bool:
        """The server gave up: status 5.x.x, or `failed` without a status."""
        return self.status.startswith("5") or (self.action == "failed" and not self.status.startswith("4"))


@dataclass(frozen=True, slots=True)
class Invitation:
    """The first event of a calendar part (RFC 5545), times as they stand in it."""

    method: str
    summary: str = ""
    start: str = ""
    end: str = ""
    location: str = ""
    organizer: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """One message. Texts have \\n line ends, no NUL and no lone surrogates; `html` is as the sender wrote it."""

    subject: str = ""
    from_name: str = ""
    from_addr: str = ""
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    kind: Kind = "message"
    text: str = ""
    html: str = ""
    reply_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    attachments: tuple[Attachment, ...] = ()
    charset: str = "us-ascii"
    problems: tuple[str, ...] = ()
    unreadable: str = ""  # why the intake must quarantine it; empty for a mail
    auto_submitted: str = ""  # RFC 3834's keyword in lower case
    automatic: tuple[str, ...] = ()  # what tells that a machine wrote it
    no_auto_answer: bool = False  # a machine must not answer: automatic, a list, bulk, or it asks for silence
    spam: bool = False
    protected: str = ""  # "smime" or "pgp" when the content is signed or encrypted
    encrypted: bool = False
    list_headers: dict[str, str] = field(default_factory=dict)
    return_path: str | None = None  # "" is the null sender
    delivery_status: tuple[DeliveryStatus, ...] = ()
    invitation: Invitation | None = None
    loop_header: str = ""
    authentication_results: tuple[str, ...] = ()  # topmost first, unjudged
    recipients: tuple[str, ...] = ()  # Delivered-To, X-Original-To, Envelope-To: where it really went

    @property
    def has_sender(self) -> bool:
        """Somebody to whom an answer can go."""
        return "@" in self.from_addr
