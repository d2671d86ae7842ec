"""The way of inbound messages, top to bottom; a batch of one is the usual live case.

Reading the raw mail happens before the transaction, since it is slow and the input is hostile. Everything that is written
is written in one short transaction together with the envelope's stage: killed anywhere, a mail is either dealt with or waits.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from madoguchi.channels import actions as channels
from madoguchi.channels.mail.authentication import Authentication, reported
from madoguchi.channels.mail.fingerprint import fingerprint
from madoguchi.channels.mail.letter import loop_mark
from madoguchi.channels.mail.origin import came_straight, wants_check
from madoguchi.channels.mail.parse import parse
from madoguchi.channels.mail.parsed import ParsedMail
from madoguchi.channels.models import Envelope, Mailbox
from madoguchi.channels.queries import addresses_of, base_address, known_fingerprints, still_received
from madoguchi.channels.web.written import CHANNELS as WRITTEN
from madoguchi.customers import actions as customers
from madoguchi.customers.models import Customer
from madoguchi.foundation import clock
from madoguchi.foundation.bulk import INTAKE_LOCK, one_at_a_time
from madoguchi.foundation.jobs import enqueue
from madoguchi.sla import actions as sla
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.actions import Inbound
from madoguchi.tickets.index import put_new_messages
from madoguchi.tickets.models import Message
from madoguchi.tickets.placement_facts import messages_by_id, recent_messages
from madoguchi.understanding import actions as understanding
from madoguchi.understanding.readers.language import detect_language

from .decision import Fate, Verdict, first_verdict, rate_guarded
from .placing import Seats
from .returned import Returned
from .wording import HISTORY, LANGUAGES, to_inbound
from .written import as_written

STAGES = {
    Fate.STORED: Envelope.Stage.KEPT, Fate.AUTO_REPLY: Envelope.Stage.KEPT, Fate.SPAM: Envelope.Stage.KEPT,
    Fate.DUPLICATE: Envelope.Stage.DUPLICATE, Fate.QUARANTINED: Envelope.Stage.QUARANTINED, Fate.BOUNCE: Envelope.Stage.BOUNCE,
    Fate.LOOP: Envelope.Stage.LOOP,
}  # fmt: skip
HEAD_LENGTH = 200_000  # bytes in which trace headers are counted
RATE_WINDOW = timedelta(minutes=10)


@dataclass
class Arrival:
    """One envelope on its way; `message` is set when it became a message of a ticket, `opened` when the ticket is new."""

    envelope: Envelope
    mail: ParsedMail
    verdict: Verdict
    language: str = ""
    message: Message | None = None
    opened: bool = False
    origin: Authentication | None = None
    problems: list[str] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)  # of what was written on our own pages


@dataclass(frozen=True)
class House:
    """Our mailboxes, looked up once for a batch."""

    mailboxes: dict[int, Mailbox]
    addresses: dict[str, int]

    @property
    def trusted(self) -> list[str]:
        """Servers of ours whose word on SPF, DKIM and DMARC counts; anybody can write such a header."""
        return [name for mailbox in self.mailboxes.values() for name in mailbox.trusted_authserv.split(",") if name.strip()]

    def mailbox_of(self, arrival: Arrival) -> Mailbox | None:
        """Where the mail came in: the mailbox that fetched it, else whom it was sent to, else the default one."""
        mail, envelope = arrival.mail, arrival.envelope
        if envelope.mailbox_id in self.mailboxes:
            return self.mailboxes[envelope.mailbox_id]
        wanted = [*envelope.recipients, *mail.recipients, *(address for _, address in (*mail.to, *mail.cc))]
        found = next((pk for address in wanted if (pk := self.addresses.get(base_address(address)))), None)
        if found is None:
            found = next((box.pk for box in self.mailboxes.values() if box.is_default), next(iter(self.mailboxes), None))
        return self.mailboxes[found] if found else None


def receive(envelopes: Sequence[Envelope], *, model: bool = True, read: bool = True) -> list[Arrival]:
    """Deal with arrivals in order. `model`: may the language model be asked? `read`: is the machine to read the messages before people do?

    Raises what the database raises; then nothing was written. Arrivals that somebody else dealt with meanwhile are left out.
    """
    house = _house()
    arrivals = [_open(envelope, house, model=model) for envelope in envelopes]
    not_stored = [envelope for envelope in envelopes if envelope.pk is None]
    try:
        return _keep(arrivals, house, model=model, read=read)
    except BaseException:
        for envelope in not_stored:  # what the transaction gave them is void
            envelope.pk = None
        raise


def _keep(arrivals: list[Arrival], house: House, *, model: bool, read: bool) -> list[Arrival]:
    with transaction.atomic():
        one_at_a_time(INTAKE_LOCK)
        arrivals = _still_waiting(arrivals)
        known = messages_by_id(_message_ids(arrivals))
        _set_aside_duplicates(arrivals, known)
        people = _recognise(arrivals)
        _guard_rates(arrivals, people)
        seats = Seats(arrivals, known, house.addresses)
        returned = Returned([arrival for arrival in arrivals if arrival.verdict.fate == Fate.BOUNCE])
        kept: list[tuple[Arrival, Inbound]] = []
        for arrival in arrivals:
            item = _seat(arrival, seats, returned, people, house, model=model)
            arrival.envelope.stage = STAGES[arrival.verdict.fate]
            arrival.envelope.reason = arrival.envelope.reason or arrival.verdict.reason
            if item is not None:
                kept.append((arrival, item))
        channels.settle([arrival.envelope for arrival in arrivals])
        messages = tickets.keep_messages([item for _, item in kept], ready=not read)
        if read:
            understanding.ask_for_readings(messages)
        returned.mark()
        sla.start_clocks([item.ticket for _, item in kept if item.first and item.ticket.unsolved])
        _check_origins(kept)
        put_new_messages(messages, files={m.pk: [f.name for f in item.files] for m, (_, item) in zip(messages, kept, strict=True)})
    for (arrival, item), message in zip(kept, messages, strict=True):
        arrival.message, arrival.opened = message, item.first
    return arrivals


def _check_origins(kept: list[tuple[Arrival, Inbound]]) -> None:
    """Later and elsewhere: name servers may be slow, and the mail must not wait for them."""
    for arrival, _ in kept:
        if wants_check(arrival.envelope):
            enqueue("intake.check_origin", envelope=arrival.envelope.pk)


def _seat(arrival: Arrival, seats: Seats, returned: Returned, people: dict[str, Customer], house: House, *, model: bool) -> Inbound | None:
    """The arrival as a message of its ticket; None for what stays an envelope only."""
    if arrival.verdict.fate == Fate.BOUNCE:
        return returned.seat(arrival, seats, house.addresses)
    if not arrival.verdict.keeps_message:
        return None
    customer = people[arrival.mail.from_addr.lower()]
    seat = seats.take(arrival, customer, house.mailbox_of(arrival))
    return to_inbound(arrival, seat.ticket, customer, own=house.addresses, model=model, seat=seat)


def _house() -> House:
    mailboxes = {mailbox.pk: mailbox for mailbox in Mailbox.objects.filter(is_active=True).order_by("-is_default", "id")}
    return House(mailboxes, addresses_of(mailboxes.values()))


def _open(envelope: Envelope, house: House, *, model: bool) -> Arrival:
    raw = bytes(envelope.raw)
    envelope.fingerprint, envelope.reason = fingerprint(raw), ""
    if envelope.size > len(raw):
        return Arrival(envelope, ParsedMail(), Verdict(Fate.QUARANTINED, "too_large" if raw else "not_fetched"))
    mail = parse(raw, own_addresses=frozenset(house.addresses), own_loop_ids=frozenset([loop_mark()]))
    envelope.message_id = mail.message_id
    if envelope.channel in WRITTEN:
        mail, verdict, language, facts = as_written(raw, mail, model=model)
        return Arrival(envelope, mail, verdict, language, facts=facts)
    verdict = first_verdict(mail, hops=raw[:HEAD_LENGTH].count(b"\nReceived:"))
    language = detect_language(mail.reply_text or mail.text, model=model) if verdict.keeps_message else ""
    trusted = [] if came_straight(envelope) else house.trusted
    origin = reported(mail.authentication_results, trusted=trusted, from_addr=mail.from_addr)
    envelope.auth = asdict(origin) if origin else {}
    return Arrival(envelope, mail, verdict, language, origin=origin)


def _still_waiting(arrivals: list[Arrival]) -> list[Arrival]:
    stored = [arrival.envelope.pk for arrival in arrivals if arrival.envelope.pk]
    if not stored:
        return arrivals
    waiting = still_received(stored)
    return [arrival for arrival in arrivals if arrival.envelope.pk is None or arrival.envelope.pk in waiting]


def _message_ids(arrivals: list[Arrival]) -> set[str]:
    wanted = {arrival.mail.message_id for arrival in arrivals}
    for arrival in arrivals:
        if arrival.verdict.keeps_message:
            wanted.update(arrival.mail.references, (arrival.mail.in_reply_to,))
        wanted.update(status.original_message_id for status in arrival.mail.delivery_status)
    return wanted - {""}


def _set_aside_duplicates(arrivals: list[Arrival], known: dict[str, tuple[int, str, str]]) -> None:
    """The same Message-ID from the same sender, or the same content: once, also within the batch.

    The same Message-ID from somebody else is kept without it: programs that number their mails badly must not lose any.
    """
    contents = known_fingerprints((a.envelope.fingerprint for a in arrivals), apart_from=(a.envelope.pk for a in arrivals))
    ids = {message_id: sender.lower() for message_id, (_, _, sender) in known.items()}
    for arrival in arrivals:
        mail, print_ = arrival.mail, arrival.envelope.fingerprint
        sender = mail.from_addr.lower()
        if print_ in contents or (mail.message_id and ids.get(mail.message_id) == sender):
            arrival.verdict = Verdict(Fate.DUPLICATE, may_auto_answer=False)
            continue
        contents[print_] = 0
        if not mail.message_id or not arrival.verdict.keeps_message:
            continue
        if mail.message_id not in ids:
            ids[mail.message_id] = sender
        elif known.get(mail.message_id, ("", "", ""))[1] == Message.Direction.OUT:
            arrival.verdict = Verdict(Fate.LOOP, "own_mail", may_auto_answer=False)
        else:
            arrival.problems.append("message_id_reused")


def _recognise(arrivals: list[Arrival]) -> dict[str, Customer]:
    kept = [arrival for arrival in arrivals if arrival.verdict.keeps_message]
    return customers.recognise_many(
        customers.Stranger(a.mail.from_addr.lower(), a.mail.from_name, a.language if a.language in LANGUAGES else "") for a in kept
    )


def _guard_rates(arrivals: list[Arrival], people: dict[str, Customer]) -> None:
    counts = recent_messages({customer.pk for customer in people.values()}, since=clock.now() - RATE_WINDOW)
    for arrival in arrivals:
        if arrival.verdict.keeps_message and arrival.envelope.source not in HISTORY:
            sender = people[arrival.mail.from_addr.lower()].pk
            recent = counts.get(sender, 0)
            arrival.verdict = rate_guarded(
                arrival.verdict, recent=recent, quiet_above=settings.RATE_QUIET_ABOVE, loop_above=settings.RATE_LOOP_ABOVE
            )
            counts[sender] = recent + 1
