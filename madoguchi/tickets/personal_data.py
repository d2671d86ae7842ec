"""What this room holds about a person."""

from collections.abc import Iterator

from madoguchi.customers.models import Customer

from .models import Message, Ticket


def export(customer: Customer) -> dict[str, object]:
    """The customer's tickets with what was said between us, as plain values. Internal notes are not part of it."""
    ids = [customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]
    return {"tickets": [_ticket(ticket) for ticket in Ticket.objects.filter(customer__in=ids).order_by("id").iterator(chunk_size=200)]}


def _ticket(ticket: Ticket) -> dict[str, object]:
    return {
        "number": ticket.pk,
        "subject": ticket.subject,
        "status": ticket.status,
        "channel": ticket.channel,
        "language": ticket.language,
        "custom": ticket.custom,
        "created_at": ticket.created_at.isoformat(),
        "messages": list(_messages(ticket)),
    }


def _messages(ticket: Ticket) -> Iterator[dict[str, object]]:
    said = Message.objects.filter(ticket=ticket).exclude(direction=Message.Direction.NOTE).order_by("id")
    for message in said.prefetch_related("attachments"):
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
