"""Customers found by name, reading, address, telephone, company, note."""

import pytest

from madoguchi.customers import actions, index
from madoguchi.customers.actions.recognising import Stranger
from madoguchi.customers.models import Company, Customer, CustomerNote, Identity
from madoguchi.customers.search import find_customers
from madoguchi.foundation import clock

pytestmark = pytest.mark.django_db


def names(agent, typed):
    return [customer.name for customer in find_customers(agent, typed)]


@pytest.fixture
def tanaka(cast):
    company = Company.objects.create(name="株式会社みなと", created_at=clock.now())
    customer = Customer.objects.create(name="田中 太郎", reading="タナカ タロウ", company=company, tags=["常連"], created_at=clock.now())
    Identity.objects.create(customer=customer, kind="mail", value="taro.tanaka@minato.example")
    Identity.objects.create(customer=customer, kind="phone", value="+819012345678")
    CustomerNote.objects.create(customer=customer, text="prefers a call in the morning", created_at=clock.now())
    index.put_customers([customer.pk])
    return customer


@pytest.mark.parametrize(
    "typed",
    [
        "田中", "太", "たなか", "ﾀﾅｶ", "taro.tanaka@minato.example", "tanaka", "minato", "090-1234-5678", "株式会社みなと", "㈱みなと",
        "morning", "常連",
    ],
)  # fmt: skip
def test_is_found_by(cast, tanaka, typed):
    assert names(cast.hana, typed) == ["田中 太郎"]


def test_a_sender_that_is_new_is_found_at_once(cast):
    actions.recognise_many([Stranger("jürgen.weiß@kunde.example", "Jürgen Weiß", "de"), Stranger("new@x.example", "N")])
    assert names(cast.hana, "juergen weiss") == ["Jürgen Weiß"]
    assert names(cast.hana, "jurgen.weiss@kunde.example") == ["Jürgen Weiß"]


def test_the_whole_name_comes_first(cast):
    for name in ("Anna Meier", "Anna Meier-Schulz", "Bert"):
        customer = Customer.objects.create(name=name, created_at=clock.now())
        CustomerNote.objects.create(customer=customer, text="knows Anna Meier", created_at=clock.now())
        index.put_customers([customer.pk])
    assert names(cast.hana, "anna meier") == ["Anna Meier", "Anna Meier-Schulz", "Bert"]


def test_merged_and_deleted_customers_are_not_found(cast, tanaka):
    kept = Customer.objects.create(name="Kept", created_at=clock.now())
    Customer.objects.filter(pk=tanaka.pk).update(merged_into=kept)
    assert names(cast.hana, "田中") == []
    index.put_customers([tanaka.pk, kept.pk])
    assert names(cast.hana, "田中") == []
    Customer.objects.filter(pk=tanaka.pk).update(merged_into=None)
    index.put_customers([tanaka.pk])
    assert names(cast.hana, "田中") == ["田中 太郎"]
    index.put_company(tanaka.company_id)
    assert index.rebuild() == Customer.objects.count()
    assert names(cast.hana, "みなと") == ["田中 太郎"]


def test_needs_the_permission(cast, tanaka):
    cast.hana.role.permissions = ["ticket.view"]
    assert names(cast.hana, "田中") == []
