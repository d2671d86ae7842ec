"""Firms that customers belong to; a mail domain leads to its firm."""

import re
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound

from .. import index
from ..models import Company, Customer, Identity

DOMAIN = re.compile(r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")
FREE_MAIL = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "yahoo.co.jp", "icloud.com", "me.com",
    "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "nifty.com", "gmx.de", "gmx.net", "web.de", "t-online.de",
    "freenet.de", "qq.com", "163.com", "126.com", "sina.com", "foxmail.com", "aol.com", "proton.me", "protonmail.com",
})  # fmt: skip
"""Domains where everybody has an address: they say nothing about a firm."""


@transaction.atomic
def save_company(*, by: Actor, name: str, domains: list[str] | None = None, notes: str = "", company_id: int | None = None) -> Company:
    """Add a firm or change one. Customers with an address at one of its domains and no firm yet join it.

    Raises Invalid with `fields`, Conflict when a domain is another firm's.
    """
    name = " ".join(name.split())[:200]
    wanted = list(dict.fromkeys(domain.strip().lower().removeprefix("@") for domain in domains or [] if domain.strip()))
    wrong: dict[str, object] = {}
    if not name:
        wrong["name"] = _("Write the name of the company.")
    if bad := [domain for domain in wanted if not DOMAIN.match(domain) or domain in FREE_MAIL]:
        wrong["domains"] = _("{domain} is not the domain of one company.").format(domain=bad[0])
    if wrong:
        raise Invalid(fields=wrong)
    company = Company.objects.select_for_update().filter(pk=company_id).first() if company_id else Company(created_at=clock.now())
    if company is None:
        raise NotFound
    for domain in wanted:
        owner = _owner(domain)
        if owner is not None and owner.pk != company.pk:
            raise Conflict(_("{domain} belongs to {company} already.").format(domain=domain, company=owner.name))
    company.name, company.domains, company.notes = name, wanted, notes[:20_000]
    company.save()
    for domain in wanted:
        joining = Identity.objects.filter(kind="mail", value__endswith=f"@{domain}", customer__company=None).values_list(
            "customer_id", flat=True
        )
        Customer.objects.filter(pk__in=list(joining[:5000])).update(company=company)
    index.put_company(company.pk)
    audit.record("customers.save_company", by=by, subject=f"company:{company.pk}", detail={"domains": wanted})
    return company


@transaction.atomic
def set_company_custom(*, company_id: int, values: Mapping[str, object], by: Actor) -> Company:
    """Keep already validated values of custom fields; None empties one. `tickets.actions.set_company_custom` validates."""
    company = Company.objects.select_for_update().filter(pk=company_id).first()
    if company is None:
        raise NotFound
    new = {key: value for key, value in {**company.custom, **values}.items() if value is not None}
    if new != company.custom:
        company.custom = new
        company.save(update_fields=["custom"])
        audit.record("customers.change_company", by=by, subject=f"company:{company.pk}", detail={"fields": ["custom"]})
    return company


@transaction.atomic
def remove_company(*, company_id: int, by: Actor) -> None:
    """Remove a firm; its customers stay, without one."""
    company = Company.objects.filter(pk=company_id).first()
    if company is None:
        raise NotFound
    people = list(Customer.objects.filter(company=company).values_list("pk", flat=True))
    company.delete()
    index.put_customers(people)
    audit.record("customers.remove_company", by=by, subject=f"company:{company_id}")


def company_of_domain(address: str) -> Company | None:
    """The firm that a mail address belongs to by its domain."""
    domain = address.strip().lower().rpartition("@")[2]
    return None if not domain or domain in FREE_MAIL else _owner(domain)


def _owner(domain: str) -> Company | None:
    """JSON lists are asked the same way on both databases: by their text, then exactly."""
    likely = Company.objects.filter(domains__icontains=domain).order_by("id")[:50]
    return next((company for company in likely if domain in company.domains), None)
