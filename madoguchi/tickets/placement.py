"""Which ticket does an arriving message belong to? Pure; the reasons stand in docs/adr/0012-placing-mail.md.

Evidence is weighed in this order: a reply token that we signed; a reference to a message that we keep, which only those know
who have that mail; the number in the subject. A number anybody can guess, so it counts only from somebody who already belongs
to the ticket. Where the sender's domain disowns the mail (DMARC), neither reference nor number counts.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .status import CLOSED

MERGE_DEPTH = 20
FOLLOW_UPS = 50  # tickets looked at in a chain of follow-ups


class Evidence(StrEnum):
    """Why a message was placed where it is; kept with the envelope and shown to people."""

    TOKEN = "token"  # noqa: S105  a kind of evidence
    REFERENCE = "reference"
    SUBJECT = "subject"
    NONE = "new"
    CLOSED = "closed"  # belongs to a closed ticket: a new one, linked to it
    STRANGER = "stranger"  # quotes a ticket that its sender does not belong to, or is not who it says: a new one


@dataclass(frozen=True)
class TicketFacts:
    """`members`: addresses that belong to the ticket (all of its customer's, and its participants').

    `follow_ups`: tickets that replies to this one opened after it was closed, newest first.
    """

    status: str
    merged_into: Hashable = None
    members: frozenset[str] = frozenset()
    follow_ups: tuple[Hashable, ...] = ()


@dataclass(frozen=True)
class Clues:
    """What one message says about its place, as tickets: `tokens` of valid tokens; `references` of known messages, nearest first.

    `sender_doubtful`: the sender's domain says that the mail is not from it (DMARC fail), so From proves nothing.
    """

    sender: str
    tokens: Sequence[Hashable] = ()
    references: Sequence[Hashable] = ()
    subject_number: Hashable = None
    sender_doubtful: bool = False


@dataclass(frozen=True)
class Placement:
    """`ticket` None means: open a new one. `linked_to`: the ticket that the new one has to do with. `joins`: the sender is new here."""

    ticket: Hashable
    evidence: Evidence
    linked_to: Hashable = None
    joins: bool = False


def place(clues: Clues, tickets: Mapping[Hashable, TicketFacts]) -> Placement:
    """Choose the ticket of one message; tickets that are gone are passed over."""
    suspicious = False
    for key, evidence, trusted in _evidence(clues):
        home = follow_merges(key, tickets)
        if home is None:
            continue
        facts = tickets[home]
        belongs = clues.sender in facts.members and not clues.sender_doubtful
        if not (trusted or belongs):
            suspicious = True
            continue
        if facts.status == CLOSED:
            later = None if clues.sender_doubtful else follow_up(home, tickets, clues.sender)
            if later is not None:
                return Placement(later, evidence)
            return Placement(None, Evidence.CLOSED, linked_to=home)
        return Placement(home, evidence, joins=clues.sender not in facts.members)
    return Placement(None, Evidence.STRANGER if suspicious else Evidence.NONE)


def _evidence(clues: Clues) -> list[tuple[Hashable, Evidence, bool]]:
    found = [(ticket, Evidence.TOKEN, True) for ticket in clues.tokens]
    found += [(ticket, Evidence.REFERENCE, not clues.sender_doubtful) for ticket in clues.references]
    if clues.subject_number is not None:
        found.append((clues.subject_number, Evidence.SUBJECT, False))
    return found


def follow_merges(key: Hashable, tickets: Mapping[Hashable, TicketFacts]) -> Hashable | None:
    """The ticket that `key` became part of (itself when it was never merged); None when it does not exist."""
    for _ in range(MERGE_DEPTH):
        facts = tickets.get(key)
        if facts is None:
            return None
        if facts.merged_into is None:
            return key
        key = facts.merged_into
    return None


def follow_up(closed: Hashable, tickets: Mapping[Hashable, TicketFacts], sender: str) -> Hashable | None:
    """Where the conversation of a closed ticket goes on: the newest follow-up, or one of that, to which the sender belongs."""
    waiting, seen = [closed], {closed}
    while waiting and len(seen) <= FOLLOW_UPS:
        for key in tickets[waiting.pop(0)].follow_ups:
            home = follow_merges(key, tickets)
            if home is None or home in seen:
                continue
            if tickets[home].status != CLOSED and sender in tickets[home].members:
                return home
            seen.add(home)
            waiting.append(home)
    return None
