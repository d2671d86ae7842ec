"""Making a customer nobody: the rows stay, so that figures stay, and tell nothing about the person."""

from collections.abc import Collection

from django.db import transaction

from .. import index
from ..models import Customer, CustomerNote, Identity


@transaction.atomic
def erase(*, customer_ids: list[int], kept: Collection[int]) -> None:  # noqa: ARG001  rooms are asked alike
    """Empty the customers' rows and delete how they were known and what was noted about them. Cannot be undone."""
    Customer.objects.filter(pk__in=customer_ids).update(
        name="", reading="", salutation="", company=None, language="", time_zone="", tags=[], custom={}
    )  # fmt: skip
    Identity.objects.filter(customer__in=customer_ids).delete()
    CustomerNote.objects.filter(customer__in=customer_ids).delete()
    index.put_customers(customer_ids)
