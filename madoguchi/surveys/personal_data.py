"""What this room holds about a person."""

from madoguchi.customers.models import Customer

from .models import Survey


def export(customer: Customer) -> dict[str, object]:
    """The customer's answers as plain values, also of those merged into them."""
    ids = [customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)]
    rows = Survey.objects.filter(ticket__customer__in=ids).exclude(sent_at=None).order_by("id")
    return {"surveys": [_one(survey) for survey in rows]}


def _one(survey: Survey) -> dict[str, object]:
    return {
        "ticket": survey.ticket_id, "kind": survey.kind, "score": survey.score, "comment": survey.comment,
        "sent_at": survey.sent_at.isoformat() if survey.sent_at else None,
        "answered_at": survey.answered_at.isoformat() if survey.answered_at else None,
    }  # fmt: skip
