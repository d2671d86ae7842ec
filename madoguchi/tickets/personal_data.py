"""What this room holds about a person."""

from collections.abc import Iterator

from madoguchi.customers.models import Customer

from .models import Ticket
from .queries import said_between


def export(customer: Customer) -> dict[str, object]:
    """The customer's tickets with what was said between us, as plain values. See `said_between` for what is not part of it."""
    ids = [customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]
    return {"tickets": [_ticket(ticket, ids) for ticket in Ticket.objects.filter(customer__in=ids).order_by("id").iterator(chunk_size=200)]}


def _ticket(ticket: Ticket, ids: list[int]) -> dict[str, object]:
    return {
        "number": ticket.pk,
        "subject": ticket.subject,
        "status": ticket.status,
        "channel": ticket.channel,
        "language": ticket.language,
        "custom": ticket.custom,
        "created_at": ticket.created_at.isoformat(),
        "messages": list(_messages(ticket, ids)),
    }


def _messages(ticket: Ticket, ids: list[int]) -> Iterator[dict[str, object]]:
    for message in said_between(ticket, customers=ids):
        yield {
            "direction": message.direction,
            "channel": message.channel,
            "from": [message.from_name, message.from_address],
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "at": message.created_at.isoformat(),
            "attachments": [{"name": file.name, "size": file.size} for file in message.attachments.all()],
        }
