"""What customers do not want to hear from us unasked."""

from django.db.models import Q

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor

from ..models import Customer, Refusal


def refuse(*, customer: Customer, purpose: str, by: Actor) -> None:
    """From now on the customer is not written to for `purpose`. Safe to repeat."""
    _row, made = Refusal.objects.get_or_create(customer=customer, purpose=purpose, defaults={"at": clock.now()})
    if made:
        audit.record("customers.refuse", by=by, subject=f"customer:{customer.pk}", detail={"purpose": purpose})


def accept_again(*, customer: Customer, purpose: str, by: Actor) -> None:
    """Take the refusal back. Safe to repeat."""
    gone, _rows = Refusal.objects.filter(Q(customer=customer) | Q(customer__merged_into=customer), purpose=purpose).delete()
    if gone:
        audit.record("customers.accept", by=by, subject=f"customer:{customer.pk}", detail={"purpose": purpose})
