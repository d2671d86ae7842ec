"""What this room holds about a person."""

from .models import Customer


def export(customer: Customer) -> dict[str, object]:
    """The customer's own data as plain values, also of those merged into them. Notes are the company's words about the person."""
    people = [customer, *Customer.objects.filter(merged_into=customer)]
    return {"customers": [_export_one(person) for person in people]}


def _export_one(customer: Customer) -> dict[str, object]:
    return {
        "id": customer.pk,
        "name": customer.name,
        "reading": customer.reading,
        "salutation": customer.salutation,
        "company": customer.company.name if customer.company else None,
        "language": customer.language,
        "time_zone": customer.time_zone,
        "tags": customer.tags,
        "custom": customer.custom,
        "created_at": customer.created_at.isoformat(),
        "identities": [{"kind": i.kind, "value": i.value, "verified": i.verified} for i in customer.identities.order_by("id")],
        "refusals": [{"purpose": one.purpose, "at": one.at.isoformat()} for one in customer.refusals.order_by("id")],
        "notes": [{"text": note.text, "at": note.created_at.isoformat()} for note in customer.notes.order_by("id")],
    }
