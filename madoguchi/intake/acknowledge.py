"""The acknowledgement: at once, in the customer's language, with an expectation that the clocks stand for.

The address in a form was typed by anybody, so nothing else that was typed is sent there: forms must not carry a stranger's words.
Machines never answer machines (RFC 3834): what the intake marked as not to be answered is left alone, a ticket is acknowledged
once, and one address gets only a few a day.
"""

from datetime import datetime, timedelta

from madoguchi.channels.mail.tokens import base_subject
from madoguchi.channels.web.written import FORM
from madoguchi.design import formats
from madoguchi.foundation import clock, ratelimit
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import Invalid, TooMany
from madoguchi.foundation.models import Event
from madoguchi.protection import queries as protection
from madoguchi.sla import queries as sla
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import BY_MAIL, Message, Ticket
from madoguchi.workplace import queries as workplace
from madoguchi.workplace.hours import Calendar
from madoguchi.workplace.telling import opening_hours

from . import acknowledgement_texts as texts
from .acknowledgement_wording import fill, wording

KIND = "acknowledgement"
PER_ADDRESS_A_DAY = 5
TOO_LATE = timedelta(hours=24)  # after an outage: an "at once" that comes a day later only confuses


def acknowledge(event: Event) -> None:
    """A first message is ready: tell the customer that it has arrived and by when we answer."""
    if not event.payload["first"] or event.payload["automatic"]:
        return
    found = Message.objects.select_related("ticket__mailbox", "ticket__customer", "ticket__brand").filter(pk=event.payload["message_id"])
    message = found.first()
    if message is None:
        return
    ticket = message.ticket
    if protection.is_held(message.pk):
        return  # its sender is told about the restriction instead
    if not may_acknowledge(message, ticket) or Message.objects.filter(ticket=ticket, direction=Message.Direction.OUT).exists():
        return
    try:
        ratelimit.hit(f"acknowledge:{message.from_address.lower()}", limit=PER_ADDRESS_A_DAY, seconds=86400)
        tickets.reply(
            ticket_id=ticket.pk, text=text_for(ticket, message), by=SYSTEM, automatic=KIND, status="",
            subject=_subject(ticket, message), language=_language(ticket, message),
        )  # fmt: skip
    except (TooMany, Invalid):  # the guard, or a sender without an address to answer to
        return


def _subject(ticket: Ticket, message: Message) -> str:
    own = "" if ticket.channel == FORM else base_subject(ticket.subject)
    return own or texts.SUBJECT[_language(ticket, message)]


def may_acknowledge(message: Message, ticket: Ticket) -> bool:
    """Whether a machine may answer this message, and this mailbox wants it to."""
    wanted = ticket.channel in BY_MAIL and ticket.mailbox is not None and ticket.mailbox.acknowledge and ticket.mailbox.is_active
    fit = message.may_auto_answer and not message.automatic and not ticket.is_spam and bool(message.from_address)
    return wanted and fit and clock.now() - message.created_at < TOO_LATE


def text_for(ticket: Ticket, message: Message) -> str:
    """The whole text in the customer's language, without the close."""
    language = _language(ticket, message)
    company = workplace.workplace()
    customer = ticket.customer
    zone = customer.time_zone or (company.time_zone if company else "")
    foreign = not customer.time_zone and company is not None and formats.language_of(company.language) != language
    calendar = _calendar(ticket)
    with formats.spoken_to(language, zone):
        due = sla.expectation(ticket)
        words = {
            "name": "" if ticket.channel == FORM else customer.name,
            "company": ticket.brand.name if ticket.brand else company.name if company else "",
            "number": str(ticket.pk),
            "due": formats.moment(due, name_zone=foreign) if due else "",
            "hours": opening_hours(calendar) if calendar else "",
        }
    return compose(wording(language, ticket.brand_id), _sentence(calendar, due), words, language)


def compose(own: dict[str, str], sentence: str, words: dict[str, str], language: str) -> str:
    """The parts put together; that a machine wrote it is always said."""
    greeting = own["greeting"] if words["name"] else own["greeting_without_name"]
    parts = [fill(part, words) for part in (greeting, own[sentence], own["to_add"])]
    return "\n\n".join([*parts, texts.BY_A_MACHINE[language]])


def _sentence(calendar: Calendar | None, due: datetime | None) -> str:
    """Which part says what comes next."""
    closed = calendar is not None and not calendar.never_open and not calendar.is_open(clock.now())
    if closed:
        return "closed_with_time" if due else "closed_without_time"
    return "open_with_time" if due else "open_without_time"


def _language(ticket: Ticket, message: Message) -> str:
    company = workplace.workplace()
    known = ticket.language or message.language or ticket.customer.language or (ticket.mailbox.language if ticket.mailbox else "")
    return formats.language_of(known or (company.language if company else "en"))


def _calendar(ticket: Ticket) -> Calendar | None:
    version = workplace.current_versions().choose(calendar_id=None, brand_id=ticket.brand_id)
    return workplace.hours(version) if version else None
