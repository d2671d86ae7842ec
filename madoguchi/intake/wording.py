"""From what the parser saw to what the record keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from madoguchi.channels.queries import base_address
from madoguchi.customers.models import Customer
from madoguchi.tickets.actions import File, Inbound
from madoguchi.tickets.models import Ticket
from madoguchi.understanding.readers.language import detect_language

from .decision import Fate

if TYPE_CHECKING:
    from .pipeline import Arrival
    from .placing import Seat

AUTOMATIC = {Fate.AUTO_REPLY: "auto_reply", Fate.BOUNCE: "bounce"}
LANGUAGES = {code for code, _ in settings.LANGUAGES}
HISTORY = frozenset({"import", "backlog"})  # sources of old mail: it is kept, and never answered by machine
MAX_ADDRESSES = 200  # of one header field, on the row; the raw mail has all
MAX_REFERENCES = 100
MAX_TEXT = 1_000_000  # characters on the row; the raw mail has the rest


def to_inbound(
    arrival: Arrival, ticket: Ticket, customer: Customer | None, *, own: dict[str, int], model: bool, seat: Seat | None = None
) -> Inbound:
    """The message as the record keeps it, in the ticket where it belongs."""
    mail, envelope = arrival.mail, arrival.envelope
    language, before = arrival.language, ticket.language or (customer.language if customer else "")
    if before not in {"", language}:  # a short or shared writing keeps the conversation's language
        language = detect_language(mail.reply_text or mail.text, fallback=before, model=model)
    if ticket.pk is None and not ticket.language:
        ticket.language = language or (ticket.mailbox.language if ticket.mailbox else "")
    return Inbound(
        ticket=ticket, customer=customer, channel=envelope.channel, envelope=envelope, at=envelope.received_at, sent_at=mail.date,
        from_name=mail.from_name, from_address=mail.from_addr, to=_pairs(mail.to), cc=_pairs(mail.cc),
        reply_to=_pairs(a for a in mail.reply_to if base_address(a[1]) not in own and a[1].lower() != mail.from_addr.lower()),
        subject=" ".join(mail.subject.split()), text=mail.text[:MAX_TEXT], html=mail.html, reply_text=mail.reply_text[:MAX_TEXT],
        quoted_text=mail.quoted_text[:MAX_TEXT], signature=mail.signature[:MAX_TEXT], language=language[:10],
        message_id=None if arrival.problems else mail.message_id[:998] or None, in_reply_to=mail.in_reply_to[:998],
        references=list(mail.references[-MAX_REFERENCES:]), problems=[*mail.problems, *arrival.problems], auth=envelope.auth,
        automatic=AUTOMATIC.get(arrival.verdict.fate, ""),
        may_auto_answer=arrival.verdict.may_auto_answer and envelope.source not in HISTORY,
        files=[
            File(file.part, file.name, file.type, file.size, file.content_id, file.inline, file.protected) for file in mail.attachments
        ],
        others=seat.others if seat else [], linked_to=seat.linked_to if seat else None,
    )  # fmt: skip


def _pairs(addresses) -> list[list[str]]:  # noqa: ANN001
    return [[name[:200], address[:320]] for name, address in list(addresses)[:MAX_ADDRESSES]]
