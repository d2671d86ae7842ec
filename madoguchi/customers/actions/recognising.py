"""Who is writing? By address only: a display name proves nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from madoguchi.foundation import clock

from .. import index
from ..models import Customer, Identity

NAME_LENGTH = 200
MERGE_DEPTH = 20  # a merged into b, b into c ...: bounded, so that a ring made by hand cannot hang the intake


@dataclass(frozen=True)
class Stranger:
    """What a message says about its sender; `name` and `language` are used only when the address is new to us."""

    address: str
    name: str = ""
    language: str = ""


@transaction.atomic
def recognise_many(people: Iterable[Stranger], *, kind: str = "mail") -> dict[str, Customer]:
    """The customer behind each address (in normal form: lower case), made when unknown; a merged one leads to the one it became.

    Two statements when all are known, seven when some are new, however many people.
    """
    wanted = {person.address: person for person in people}
    found = _known(wanted, kind)
    fresh = [person for address, person in wanted.items() if address not in found]
    if fresh:
        now = clock.now()
        customers = [Customer(name=person.name[:NAME_LENGTH], language=person.language, created_at=now) for person in fresh]
        Customer.objects.bulk_create(customers)
        identities = [
            Identity(customer=customer, kind=kind, value=person.address, is_primary=True)
            for customer, person in zip(customers, fresh, strict=True)
        ]
        Identity.objects.bulk_create(identities)
        index.put_new_customers(zip(customers, identities, strict=True))
        found |= {person.address: customer for customer, person in zip(customers, fresh, strict=True)}
    return found


def _known(wanted: Iterable[str], kind: str) -> dict[str, Customer]:
    identities = Identity.objects.filter(kind=kind, value__in=list(wanted)).select_related("customer")
    found = {identity.value: identity.customer for identity in identities}
    for _ in range(MERGE_DEPTH):
        merged = {c.merged_into_id for c in found.values() if c.merged_into_id}
        if not merged:
            break
        into = Customer.objects.in_bulk(merged)
        found = {address: into.get(customer.merged_into_id, customer) for address, customer in found.items()}
    return found
