"""Reads about customers. The way to fetch is the permission check."""

from django.db.models import Count, Q, QuerySet

from madoguchi.foundation.errors import NotFound
from madoguchi.foundation.text import fold
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission

from .identities import normal_form
from .models import Company, Customer, Refusal


def customers_visible_to(agent: Agent) -> QuerySet[Customer]:
    """Customers are seen by roles that may see customers, all of them: whoever answers the telephone must know who calls."""
    return Customer.objects.all() if agent.may(Permission.CUSTOMER_VIEW) else Customer.objects.none()


def customer_for(agent: Agent, customer_id: int) -> Customer:
    """The customer with company, identities and notes at hand. Raises NotFound. A merged one is returned as it is, see `merged_into`."""
    customer = (
        customers_visible_to(agent)
        .select_related("company", "merged_into")
        .prefetch_related("identities", "notes__author", "merged")
        .filter(pk=customer_id)
        .first()
    )
    if customer is None:
        raise NotFound
    return customer


def companies_visible_to(agent: Agent) -> QuerySet[Company]:
    return Company.objects.all() if agent.may(Permission.CUSTOMER_VIEW) else Company.objects.none()


def company_for(agent: Agent, company_id: int) -> Company:
    company = companies_visible_to(agent).filter(pk=company_id).first()
    if company is None:
        raise NotFound
    return company


def companies_page(agent: Agent, *, after: int | None = None, limit: int = 50) -> tuple[list[Company], int | None]:
    """A page of companies by name, each with `people` (how many belong to it); and the `after` of the next page, None on the last."""
    found = companies_visible_to(agent)
    last = found.filter(pk=after).first() if after is not None else None
    if last is not None:
        found = found.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    rows = list(_counted(found).order_by("name", "id")[: limit + 1])
    return rows[:limit], rows[limit - 1].pk if len(rows) > limit else None


def find_companies(agent: Agent, typed: str, *, limit: int = 50) -> list[Company]:
    """Companies whose name or domain contains what was typed, in any width and case; those that begin with it first.

    Compared here and not by the databases, which fold letters differently; an installation knows thousands of firms, not millions.
    """
    wanted = fold(typed).strip()
    if not wanted:
        return []
    hits: list[tuple[bool, str, int]] = []
    for pk, name, domains in companies_visible_to(agent).values_list("pk", "name", "domains").iterator():
        folded = fold(name)
        if wanted in folded or any(wanted in domain for domain in domains):
            hits.append((not folded.startswith(wanted), folded, pk))
    best = [pk for *_, pk in sorted(hits)[:limit]]
    found = {company.pk: company for company in _counted(Company.objects.filter(pk__in=best))}
    return [found[pk] for pk in best if pk in found]


def _counted(companies: QuerySet[Company]) -> QuerySet[Company]:
    return companies.annotate(people=Count("customers", filter=Q(customers__merged_into=None)))


def customer_page(
    agent: Agent, *, company_id: int | None = None, tag: str = "", after: int | None = None, limit: int = 50
) -> tuple[list[Customer], int | None]:
    """A page of customers, newest first, merged ones left out; and the `after` of the next page, None on the last. For `find by
    words` see `search.find_customers`.
    """
    found = customers_visible_to(agent).filter(merged_into=None).select_related("company").prefetch_related("identities")
    if company_id is not None:
        found = found.filter(company=company_id)
    if tag:
        found = found.filter(tags__icontains=tag)
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found.order_by("-id")[: limit + 1])
    return rows[:limit], rows[limit - 1].pk if len(rows) > limit else None


def customer_known_as(kind: str, value: str, *, region: str = "JP") -> Customer | None:
    """The customer behind an address or number in any spelling; a merged one leads to the one they became."""
    try:
        normal = normal_form(kind, value, region=region)
    except ValueError:
        return None
    customer = Customer.objects.filter(identities__kind=kind, identities__value=normal).select_related("merged_into").first()
    while customer is not None and customer.merged_into is not None:
        customer = customer.merged_into
    return customer


def same_person_candidates(agent: Agent, customer: Customer, *, limit: int = 5) -> list[Customer]:
    """Customers who may be the same person: the same name or reading. For a person to decide."""
    same = Q()
    if customer.name:
        same |= Q(name=customer.name)
    if customer.reading:
        same |= Q(reading=customer.reading)
    if not same:
        return []
    others = customers_visible_to(agent).filter(same, merged_into=None).exclude(pk=customer.pk)
    return list(others.prefetch_related("identities").order_by("id")[:limit])


def refuses(customer_id: int, purpose: str) -> bool:
    """Whether the person, also under a record that was merged into this one, does not want to be written to for `purpose`."""
    same = Q(customer=customer_id) | Q(customer__merged_into=customer_id)
    return Refusal.objects.filter(same, purpose=purpose).exists()
