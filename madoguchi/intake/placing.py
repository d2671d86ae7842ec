"""Finding each arrival's ticket: the facts for `tickets.placement`, kept up to date while a batch is worked through in order."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings

from madoguchi.channels.mail.tokens import find_subject_tag, read_reply_token
from madoguchi.channels.models import Mailbox
from madoguchi.channels.queries import base_address
from madoguchi.channels.web.written import CHANNELS as WRITTEN
from madoguchi.channels.web.written import PORTAL
from madoguchi.customers.models import Customer
from madoguchi.foundation import crypto
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Ticket
from madoguchi.tickets.placement import Clues, Placement, TicketFacts, place
from madoguchi.tickets.placement_facts import facts_of, lock_with_follow_ups
from madoguchi.tickets.status import SOLVED

from .decision import Fate
from .written import choose

if TYPE_CHECKING:
    from .pipeline import Arrival

MAX_OTHERS = 50  # participants taken from one mail
MAX_NUMBER = 2**63 - 1


@dataclass
class Seat:
    """Where an arrival belongs: an existing ticket or a new, unsaved one."""

    ticket: Ticket
    others: list[tuple[str, str, str]]
    linked_to: int | None = None


class Seats:
    """The tickets that a batch may touch, locked, and those that it opens."""

    def __init__(self, arrivals: Sequence[Arrival], known: dict[str, tuple[int, str, str]], own: dict[str, int]) -> None:
        self.own = own
        self.messages: dict[str, Hashable] = {message_id: ticket for message_id, (ticket, _, _) in known.items()}
        self.marks = {id(a): _marks(a) for a in arrivals if a.verdict.keeps_message or a.verdict.fate == Fate.BOUNCE}
        wanted = {ticket for ticket, _, _ in known.values()}
        wanted |= {number for token, tag in self.marks.values() for number in (token, tag) if number}
        locked, later = lock_with_follow_ups(wanted) if wanted else ({}, {})
        self.tickets: dict[Any, Ticket] = {**locked}
        self.facts: dict[Any, TicketFacts] = {**facts_of(locked, later)} if locked else {}

    def take(self, arrival: Arrival, customer: Customer, mailbox: Mailbox | None) -> Seat:
        """Place one arrival, and remember it for those that come after it in the batch."""
        mail = arrival.mail
        token, tag = self.marks[id(arrival)]
        nearest_first = dict.fromkeys(mid for mid in (mail.in_reply_to, *reversed(mail.references)) if mid)
        clues = Clues(
            sender=mail.from_addr.lower(),
            tokens=[token] if token else [],
            references=[self.messages[mid] for mid in nearest_first if mid in self.messages and mid != mail.message_id],
            subject_number=tag,
            sender_doubtful=arrival.origin is not None and arrival.origin.forged,
        )
        placement = place(clues, self.facts)
        key = placement.ticket if placement.ticket is not None else f"new:{len(self.tickets)}"
        if key not in self.tickets:
            self.tickets[key] = self._open(arrival, customer, mailbox)
            self.facts[key] = TicketFacts(self.tickets[key].status, None, frozenset([clues.sender]))
            if placement.linked_to is not None:
                before = self.facts[placement.linked_to]
                self.facts[placement.linked_to] = replace(before, follow_ups=(key, *before.follow_ups))
        others = self._others(arrival, placement, self.facts[key].members)
        self.facts[key] = replace(self.facts[key], members=self.facts[key].members | {address for _, address, _ in others})
        if mail.message_id and mail.message_id not in self.messages:
            self.messages[mail.message_id] = key
        arrival.verdict = replace(arrival.verdict, reason=str(placement.evidence))
        old = self.tickets.get(placement.linked_to)
        return Seat(self.tickets[key], others, old.pk if old else None)

    def _open(self, arrival: Arrival, customer: Customer, mailbox: Mailbox | None) -> Ticket:
        ticket = tickets.new_ticket(
            customer=customer, subject=" ".join(arrival.mail.subject.split()), channel=arrival.envelope.channel, mailbox=mailbox,
            at=arrival.envelope.received_at,
        )  # fmt: skip
        choose(ticket, arrival.facts)
        ticket.is_spam = arrival.verdict.fate == Fate.SPAM
        if arrival.verdict.fate == Fate.AUTO_REPLY:  # answers none of our mails: kept and found, but nobody has to act
            ticket.status, ticket.solved_at = SOLVED, arrival.envelope.received_at
        return ticket

    def _others(self, arrival: Arrival, placement: Placement, members: frozenset[str]) -> list[tuple[str, str, str]]:
        """Who else takes part from now on: whom the mail was also sent to, and a sender who proved to have our mail."""
        mail = arrival.mail
        if arrival.verdict.fate != Fate.STORED:
            return []
        found = {}
        if placement.joins:
            found[mail.from_addr.lower()] = (mail.from_name, mail.from_addr.lower(), "joined")
        for name, address in (*mail.to, *mail.cc):
            low = address.lower()
            if "@" in low and low not in members and low != mail.from_addr.lower() and base_address(low) not in self.own:
                found.setdefault(low, (name, low, "cc"))
        return list(found.values())[:MAX_OTHERS]


def _marks(arrival: Arrival) -> tuple[int | None, int | None]:
    """The ticket of a valid reply token, and the number that stands in the subject.

    What was typed into a form proves nothing, so it never joins a ticket; the portal names the ticket by a token of ours alone.
    """
    mail = arrival.mail
    if arrival.envelope.channel in WRITTEN:
        return _token(" ".join(arrival.envelope.recipients)) if arrival.envelope.channel == PORTAL else None, None
    places = [*arrival.envelope.recipients, *mail.recipients, *(a for _, a in (*mail.to, *mail.cc)), mail.in_reply_to]
    text = " ".join([*places, *reversed(mail.references)])
    token = _token(text)
    tag = find_subject_tag(mail.subject) if "#" in mail.subject or "＃" in mail.subject else None
    number = int(tag) if tag and tag.isdigit() else None
    return token, number if number is not None and number <= MAX_NUMBER else None


def _token(text: str) -> int | None:
    for key in settings.MASTER_KEYS:
        if found := read_reply_token(text, crypto.derive("reply-token", key=key)):
            return found
    return None
