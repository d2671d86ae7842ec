"""Bounces (RFC 3464): which of our mails came back, and to which ticket that belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madoguchi.tickets import actions as tickets
from madoguchi.tickets.actions import Inbound
from madoguchi.tickets.placement_facts import last_sent_to, our_messages

from .wording import to_inbound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pipeline import Arrival
    from .placing import Seats

MATCHED, UNMATCHED = "matched", "unmatched"


class Returned:
    """The bounces of a batch. Each failed recipient leads to our message by its Message-ID, or by reply token and address."""

    def __init__(self, bounces: Sequence[Arrival]) -> None:
        ids = {status.original_message_id for arrival in bounces for status in arrival.mail.delivery_status}
        self.ours = our_messages(ids - {""}) if bounces else {}
        self.failed: list[tuple[int, str, bool]] = []

    def seat(self, arrival: Arrival, seats: Seats, own: dict[str, int]) -> Inbound | None:
        """The bounce as a message of the ticket whose mail came back; None when it cannot be told."""
        found: list[int] = []
        for status in arrival.mail.delivery_status:
            match = self.ours.get(status.original_message_id)
            if match is None and (token := seats.marks[id(arrival)][0]):
                match = last_sent_to(token, status.recipient)
            if match is not None:
                detail = " ".join(word for word in (status.recipient, status.status, status.diagnostic) if word)
                self.failed.append((match[0], detail, status.permanent))
                found.append(match[1])
        ticket = seats.tickets.get(found[0]) if found else None
        arrival.envelope.reason = MATCHED if ticket else UNMATCHED
        return to_inbound(arrival, ticket, None, own=own, model=False) if ticket else None

    def mark(self) -> None:
        """Mark the replies that did not arrive, and tell their writers."""
        for message, detail, permanent in self.failed:
            tickets.record_bounce(message_id=message, detail=detail, permanent=permanent)
