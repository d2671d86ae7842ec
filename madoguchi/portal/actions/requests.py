"""What a customer does with their own requests. `ticket` comes from `queries.request_of`, which is the permission check."""

import logging
from collections.abc import Sequence

from django.db import DatabaseError

from madoguchi.channels import actions as channels
from madoguchi.channels.mail.letter import File
from madoguchi.channels.mail.tokens import make_reply_token, reply_address
from madoguchi.channels.models import Envelope
from madoguchi.channels.queries import default_address
from madoguchi.channels.web.written import PORTAL, Written, to_raw
from madoguchi.foundation import audit, clock, crypto, ratelimit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message, Status, Ticket

from ..models import Session

log = logging.getLogger(__name__)
PER_CUSTOMER_AN_HOUR = 30


def actor_of(session: Session) -> Actor:
    return Actor("customer", session.customer_id, session.customer.name or session.address)


def write(*, session: Session, ticket: Ticket, text: str, files: Sequence[File], nonce: str, language: str) -> int | None:
    """Add to a request; a closed one is continued in a new one. Kept raw first; the same page sent again is kept once.

    Returns the number of the request that it stands in; None while the intake has not come to it. Raises TooMany.
    """
    ratelimit.hit(f"portal:write:{session.customer_id}", limit=PER_CUSTOMER_AN_HOUR, seconds=3600)
    address = ticket.mailbox.address if ticket.mailbox else default_address()
    written = Written(
        PORTAL, session.customer.name, session.address, address, ticket.subject, text, clock.now(),
        facts={"language": language, "nonce": nonce, "ticket": ticket.pk}, files=list(files),
    )  # fmt: skip
    token = make_reply_token(ticket.pk, crypto.derive("reply-token"))
    envelope = channels.store_envelope(
        raw=to_raw(written), source="portal", channel=PORTAL, mailbox=ticket.mailbox, provider_id=f"portal:{written.digest}",
        sender=session.address, recipients=[reply_address(address, token)], client_address=audit.client_address.get(),
    )  # fmt: skip
    if envelope is not None:
        _take_in(envelope)
        return Message.objects.filter(envelope=envelope).values_list("ticket_id", flat=True).first()
    return ticket.pk


def _take_in(envelope: Envelope) -> None:
    """At once, so that the writer sees it; should that fail, the worker does it."""
    from madoguchi.intake.queue import take_in  # noqa: PLC0415  web processes need the intake only here

    try:
        take_in([envelope], model=False)
    except DatabaseError:
        log.warning("a message from the portal waits for the worker", exc_info=True)


def close(*, session: Session, ticket: Ticket) -> None:
    """The customer says that it is solved, whatever fields our people have still to fill in."""
    if ticket.status in {Status.SOLVED, Status.CLOSED}:
        raise Conflict
    tickets.set_status(ticket_id=ticket.pk, status=Status.SOLVED, by=actor_of(session), must_be_complete=False)


def reopen(*, session: Session, ticket: Ticket) -> None:
    """Raises Conflict for a closed request."""
    tickets.reopen(ticket_id=ticket.pk, by=actor_of(session))
