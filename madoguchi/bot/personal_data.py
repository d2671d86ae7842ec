"""What this room holds about a person."""

from madoguchi.customers.models import Customer

from .models import Dialogue


def export(customer: Customer) -> dict[str, object]:
    """The customer's conversations with the assistant: how they ended and the address they gave. They go when their tickets do."""
    ids = [customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]
    rows = Dialogue.objects.filter(ticket__customer__in=ids).order_by("id")
    return {"assistant": list(rows.values("ticket_id", "state", "reason", "language", "contact", "started_at", "last_at"))}
