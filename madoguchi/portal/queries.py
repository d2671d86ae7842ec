"""Reads for the customers' side."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from madoguchi.channels.models import Mailbox
from madoguchi.customers.models import Customer
from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import NotFound
from madoguchi.promises import queries as promises
from madoguchi.sla import queries as sla
from madoguchi.tickets.models import Attachment, Message, Status, Ticket
from madoguchi.tickets.queries import said_between
from madoguchi.workplace.models import Brand
from madoguchi.workplace.queries import default_brand

from .models import Session

MERGE_DEPTH = 20


def brand_for(brand_id: int | None) -> Brand | None:
    """The brand of an address, the default one where it names none. Raises NotFound."""
    if brand_id is None:
        return default_brand()
    brand = Brand.objects.filter(pk=brand_id).first()
    if brand is None:
        raise NotFound
    return brand


def mailbox_for(brand: Brand | None, language: str) -> Mailbox:
    """Where a brand's customers are answered from: its own mailbox, rather one of their language; else the default one. Raises NotFound."""
    boxes = list(Mailbox.objects.filter(is_active=True).order_by("-is_default", "id"))
    ours = [box for box in boxes if brand is not None and box.brand_id == brand.pk] or boxes
    chosen = next((box for box in ours if box.language == language), next(iter(ours), None))
    if chosen is None:
        raise NotFound
    return chosen


def session_of(token: str) -> Session | None:
    """Who is signed in with this cookie, as the customer whom they have become by merging."""
    if not token:
        return None
    session = Session.objects.select_related("customer").filter(digest=crypto.fingerprint(token), expires_at__gt=clock.now()).first()
    for _ in range(MERGE_DEPTH):
        into = session.customer.merged_into if session else None
        if session is None or into is None:
            break
        session.customer = into
    return session


def people_of(customer: Customer) -> list[int]:
    """The customer and everybody who was merged into them."""
    return [customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]


def requests_of(customer: Customer) -> QuerySet[Ticket]:
    """A customer's own requests, newest first."""
    mine = Ticket.objects.filter(customer__in=people_of(customer), is_spam=False, merged_into=None)
    return mine.select_related("mailbox", "brand").order_by("-id")


def request_of(customer: Customer, ticket_id: int) -> Ticket:
    """One of them. Raises NotFound, whether it is somebody else's or does not exist; a merged one is looked for where it went."""
    merged = Ticket.objects.filter(pk=ticket_id, customer__in=people_of(customer)).values_list("merged_into", flat=True).first()
    ticket = requests_of(customer).filter(pk=merged or ticket_id).first()
    if ticket is None:
        raise NotFound
    return ticket


def conversation(customer: Customer, ticket: Ticket) -> list[Message]:
    """What was said between us and the customer, with its files. See `tickets.queries.said_between`."""
    return said_between(ticket, customers=people_of(customer))


def file_for(customer: Customer, attachment_id: int) -> Attachment:
    """A file of such a message. Raises NotFound."""
    found = Attachment.objects.select_related("message__ticket").filter(pk=attachment_id, message__isnull=False).first()
    if found is None or found.is_redacted:
        raise NotFound
    ticket = request_of(customer, found.message.ticket_id)
    said = {file.pk: file for message in conversation(customer, ticket) for file in message.attachments.all()}
    if attachment_id not in said:
        raise NotFound
    return Attachment.objects.select_related("message__envelope").get(pk=attachment_id)


@dataclass(frozen=True)
class Expectation:
    """What the customer may wait for. `due`: by when we answer; `late`: that time has passed; `promises`: (our words, due)."""

    due: datetime | None
    late: bool
    promises: list[tuple[str, datetime]]


def expectation_of(ticket: Ticket) -> Expectation:
    """Honest words need the clocks that our people see."""
    promised = promises.open_for_customer(ticket)
    if ticket.status not in {Status.NEW, Status.OPEN}:
        return Expectation(None, late=False, promises=promised)
    due = sla.expectation(ticket)
    return Expectation(due, late=due is None and sla.reply_is_late(ticket), promises=promised)
