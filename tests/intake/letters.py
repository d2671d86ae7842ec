"""Mails as a test writes them."""

from email.message import EmailMessage
from email.utils import format_datetime

from madoguchi.channels import actions as channels
from madoguchi.channels.models import Envelope
from madoguchi.foundation import clock
from madoguchi.intake import queue

SUPPORT = "support@hoshizora.example"


def letter(text="Where is my order?", *, sender="Ruth Castellan <ruth@customer.example>", to=SUPPORT, subject="Order", **fields) -> bytes:
    """A mail; further header fields by name (message_id=..., in_reply_to=..., auto_submitted=...); None leaves a field out."""
    mail = EmailMessage()
    given = {"from": sender, "to": to, "subject": subject, "date": format_datetime(clock.now())} | fields
    for name, value in given.items():
        if value is not None:
            mail[name.replace("_", "-").title()] = value
    mail.set_content(text)
    return mail.as_bytes()


def arrive(*raws: bytes, **fields) -> list[Envelope]:
    """Store mails as the listener does and work off what waits; returns their envelopes as they ended."""
    stored = [channels.store_envelope(raw=raw, source="smtp", **fields) for raw in raws]
    while queue.work_off():
        pass
    for envelope in stored:
        envelope.refresh_from_db()
    return stored
