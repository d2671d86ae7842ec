"""What this room holds about a person."""

from madoguchi.customers.models import Customer

from .models import Conversation


def export(customer: Customer) -> dict[str, object]:
    """The customer's chats besides what was said in them, which the tickets have."""
    ids = [customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]
    rows = Conversation.objects.filter(ticket__customer__in=ids).order_by("id")
    return {"chats": [_chat(row) for row in rows.iterator(chunk_size=200)]}


def _chat(row: Conversation) -> dict[str, object]:
    return {
        "ticket": row.ticket_id, "name": row.name, "mail": row.mail, "phone": row.phone, "page": row.page, "language": row.language,
        "consent_at": row.consent_at.isoformat() if row.consent_at else None, "started_at": row.started_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None, "rating": row.rating, "rating_comment": row.rating_comment,
    }  # fmt: skip
