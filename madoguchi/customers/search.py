"""Customers by name, reading, company, address, telephone number or note."""

from madoguchi.foundation import search
from madoguchi.foundation.search_query import count_found, query_terms
from madoguchi.foundation.text import fold
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission

from .index import SHELF
from .models import Customer

WINDOW = 300
"""So many of the newest matches are ranked against each other."""


def find_customers(agent: Agent, typed: str, *, limit: int = 20) -> list[Customer]:
    """The customers that match, best first, each with company and identities loaded; none for a role that may not see customers."""
    if not agent.may(Permission.CUSTOMER_VIEW):
        return []
    query = query_terms(typed)
    ids = search.search_ids(SHELF, query, limit=WINDOW)
    if not ids:
        return []
    names = Customer.objects.filter(pk__in=ids, merged_into=None).values_list("pk", "name", "reading")
    whole = fold(typed).strip()
    ranked = sorted(
        ((whole in (fold(name), fold(reading)), count_found(f"{name}\n{reading}", query), pk) for pk, name, reading in names), reverse=True
    )
    best = [pk for *_, pk in ranked[:limit]]
    found = Customer.objects.select_related("company").prefetch_related("identities").in_bulk(best)
    return [found[pk] for pk in best if pk in found]
