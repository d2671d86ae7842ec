"""From a delivery to what goes over the wire: the letter, who gets it, and which way."""

from django.db.models import Q

from madoguchi.channels.mail.letter import DkimKey, File, Letter, loop_mark, to_bytes
from madoguchi.channels.mail.problems import SendProblem
from madoguchi.channels.mail.routes import default_mailbox, route_of
from madoguchi.channels.mail.send import Outgoing, Route
from madoguchi.channels.mail.tokens import make_reply_token, reply_address
from madoguchi.channels.models import Mailbox
from madoguchi.foundation import crypto
from madoguchi.workplace import queries as workplace

from . import layout
from .models import Delivery, Message, Ticket

ACKNOWLEDGEMENT = "acknowledgement"


def prepare(delivery: Delivery) -> tuple[Route, Outgoing]:
    """The message for the wire and its route. Raises SendProblem when it cannot be made."""
    message = delivery.message
    mailbox = delivery.mailbox or default_mailbox()
    if mailbox is None:
        raise SendProblem("no_route", permanent=True)
    dkim = None
    if mailbox.dkim_selector and mailbox.dkim_key:
        dkim = DkimKey(mailbox.dkim_selector, mailbox.address.rpartition("@")[2], crypto.decrypt(mailbox.dkim_key))
    data = to_bytes(letter_of(message, mailbox), dkim=dkim)
    return route_of(mailbox), Outgoing(mailbox.address, recipients_of(delivery, mailbox), data, message.message_id or "")


def recipients_of(delivery: Delivery, mailbox: Mailbox) -> list[str]:
    """Everybody who has not got it yet: without our own addresses, those that took it, and those refused for good."""
    message = delivery.message
    done = {address.lower() for address in delivery.taken}
    done |= {address.lower() for address, (code, _) in delivery.refused.items() if code >= 500}  # noqa: PLR2004
    ours = {mailbox.address.lower(), *(alias.lower() for alias in mailbox.aliases)}
    wanted = {address.lower(): address for _, address in [*message.to, *message.cc, *message.bcc]}
    others = {key: address for key, address in wanted.items() if key not in ours}
    return [address for key, address in (others or wanted).items() if key not in done]


def letter_of(message: Message, mailbox: Mailbox) -> Letter:
    """The letter as its readers will see it."""
    ticket = message.ticket
    company = _company(ticket)
    language = message.language or ticket.language or mailbox.language or "en"
    end = _end(message, language, company)
    above, quoted = ("", "") if message.automatic else _quotation(message, language)
    prefix = "Auto:" if message.automatic == ACKNOWLEDGEMENT else "Re:"
    sender = message.agent.name if message.agent and not message.automatic else ""
    return Letter(
        sender=(f"{sender} ({company})" if sender and company else sender or company, mailbox.address),
        to=message.to, cc=message.cc, subject=layout.subject_line(message.subject, ticket.pk, prefix=prefix),
        text=layout.plain(message.text, end=end, above_quote=above, quoted=quoted),
        html=layout.html(message.text, ready=message.html, language=language, end=end, above_quote=above, quoted=quoted),
        message_id=message.message_id or "", date=message.created_at, reply_to=_reply_to(ticket, mailbox),
        in_reply_to=message.in_reply_to, references=message.references, files=_files(message), headers=_headers(message),
    )  # fmt: skip


def _company(ticket: Ticket) -> str:
    if ticket.brand:
        return ticket.brand.name
    company = workplace.workplace()
    return company.name if company else ""


def _end(message: Message, language: str, company: str) -> str:
    if message.automatic or message.agent is None:
        return layout.close(language, agent="", company=company)
    return message.agent.signature.strip() or layout.close(language, agent=message.agent.name, company=company)


def _quotation(message: Message, language: str) -> tuple[str, str]:
    """The line above and the customer's last words before this message."""
    last = (
        Message.objects.filter(Q(reply_text__gt="") | Q(text__gt=""), ticket=message.ticket_id, direction=Message.Direction.IN)
        .filter(pk__lt=message.pk)
        .order_by("-id")
        .first()
    )
    if last is None:
        return "", ""
    company = workplace.workplace()
    zone = message.ticket.customer.time_zone or (company.time_zone if company else "")
    above = layout.attribution(language, name=last.from_name or last.from_address, at=last.sent_at or last.created_at, zone=zone)
    return above, last.reply_text or last.text


def _reply_to(ticket: Ticket, mailbox: Mailbox) -> str:
    """An address with the signed token, for mailboxes that receive name+anything@; answers then find their ticket in any client."""
    if not mailbox.plus_addresses:
        return ""
    return reply_address(mailbox.address, make_reply_token(ticket.pk, crypto.derive("reply-token")))


def _headers(message: Message) -> dict[str, str]:
    headers = {"X-Madoguchi-Loop": loop_mark()}
    if message.automatic:
        answer = message.automatic == ACKNOWLEDGEMENT
        headers |= {"Auto-Submitted": "auto-replied" if answer else "auto-generated", "X-Auto-Response-Suppress": "All"}
    return headers


def _files(message: Message) -> list[File]:
    return [
        File(row.name, row.content_type, bytes(row.data or b""), row.content_id.strip("<>") if row.inline else "")
        for row in message.attachments.exclude(data=None).order_by("id")
    ]
