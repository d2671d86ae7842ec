"""Keeps the search index of customers right: called by whatever writes customers, identities and notes, in the same transaction."""

from collections.abc import Iterable, Iterator, Sequence

from madoguchi.foundation import search
from madoguchi.foundation.search import Document

from .models import Customer, CustomerNote, Identity

SHELF = "customers"
CHUNK = 2000


def put_new_customers(pairs: Iterable[tuple[Customer, Identity]]) -> None:
    """Index customers that were just made, each with its first identity, without reading anything back."""
    search.index_documents(SHELF, (Document(customer.pk, head=customer.name, who=identity.value) for customer, identity in pairs))


def put_customers(customer_ids: Sequence[int]) -> None:
    """Index customers again as they stand in the database; merged ones and those that are gone leave the index."""
    customers = list(_whole().filter(pk__in=customer_ids))
    search.index_documents(SHELF, _documents(customers))
    if gone := set(customer_ids).difference(customer.pk for customer in customers):
        search.remove_documents(SHELF, list(gone))


def put_company(company_id: int) -> None:
    """Index the customers of a company again, whose name changed."""
    put_customers(list(Customer.objects.filter(company=company_id).values_list("pk", flat=True)))


def rebuild() -> int:
    """Build the whole index again, in one go; the number of customers. Searches find nothing until it is done."""
    search.clear(SHELF)
    count = last = 0
    with search.bulk_loading(SHELF):
        while customers := list(_whole().filter(pk__gt=last).order_by("pk")[:CHUNK]):
            search.index_documents(SHELF, _documents(customers))
            count += len(customers)
            last = customers[-1].pk
    return count


def _whole():  # noqa: ANN202  a queryset of all that are their own
    return Customer.objects.filter(merged_into=None).select_related("company")


def _documents(customers: list[Customer]) -> Iterator[Document]:
    ids = [customer.pk for customer in customers]
    known_as: dict[int, list[str]] = {}
    for customer_id, value in Identity.objects.filter(customer__in=ids).order_by("-is_primary", "pk").values_list("customer", "value"):
        known_as.setdefault(customer_id, []).append(value)
    notes: dict[int, list[str]] = {}
    for customer_id, note in CustomerNote.objects.filter(customer__in=ids).values_list("customer", "text"):
        notes.setdefault(customer_id, []).append(note)
    for customer in customers:
        company = customer.company.name if customer.company else ""
        head = [customer.name, customer.reading, company]
        body = [*map(str, customer.tags), *notes.get(customer.pk, ())]
        yield Document(customer.pk, head="\n".join(filter(None, head)), who="\n".join(known_as.get(customer.pk, ())), body="\n".join(body))
