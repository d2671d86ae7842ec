"""What this room holds about a person. The case record is the company's own and not part of it."""

from madoguchi.customers.models import Customer

from .models import FollowUp


def export(customer: Customer) -> dict[str, object]:
    """When the customer was asked and what they said, as plain values, also of those merged into them."""
    ids = [customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]
    rows = FollowUp.objects.filter(ticket__customer__in=ids).exclude(asked_at=None).order_by("id")
    return {"followups": [_one(followup) for followup in rows]}


def _one(followup: FollowUp) -> dict[str, object]:
    return {
        "ticket": followup.ticket_id, "means": followup.means, "outcome": followup.outcome,
        "asked_at": followup.asked_at.isoformat() if followup.asked_at else None,
    }  # fmt: skip
