"""What this room holds about a person."""

from madoguchi.customers.models import Customer

from .models import Reading


def export(customer: Customer) -> dict[str, object]:
    """What the machine understood of the customer's messages. Readings go when their messages do."""
    ids = [customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]
    rows = Reading.objects.filter(message__ticket__customer__in=ids, message__customer__in=ids).order_by("id")
    fields = ("message_id", "language", "intent", "emotion", "needs_person", "severity", "labels", "model")
    return {"readings": list(rows.values(*fields))}
