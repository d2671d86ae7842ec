"""Companies' pages and the own fields of companies and customers, through their door."""

import pytest

from madoguchi.customers import actions as customers
from madoguchi.customers.models import Company
from madoguchi.foundation.actor import agent_actor
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import CustomField


@pytest.fixture
def firm(cast):
    return customers.save_company(by=agent_actor(cast.admin), name="Yamamoto ﾄﾚｰﾄﾞ", domains=["yamamoto.example"])


@pytest.fixture
def field(cast):
    def make(key: str, kind: str, *, target: str = "customer", **more: object) -> CustomField:
        return tickets.save_custom_field(by=agent_actor(cast.admin), key=key, label={"en": key.title()}, type=kind, target=target, **more)

    return make


def test_a_company_is_made_changed_and_removed(cast, sign_in):
    client = sign_in(cast.hana)
    made = client.post("/customers/companies/new", {"name": "Castellan Ltd", "domains": "@customer.example\n", "notes": "Pays late"})
    castellan = Company.objects.get()
    assert made["Location"] == f"/customers/companies/{castellan.pk}"
    page = client.get(made["Location"]).content.decode()
    assert "Pays late" in page
    assert "ruth@customer.example" in page  # joined by the domain
    edited = {"name": "Castellan & Sons", "domains": "", "notes": ""}
    assert client.post(f"/customers/companies/{castellan.pk}/edit", edited).status_code == 302
    castellan.refresh_from_db()
    assert (castellan.name, castellan.domains, castellan.notes) == ("Castellan & Sons", [], "")
    client.post(f"/customers/companies/{castellan.pk}/remove")
    assert not Company.objects.exists()
    cast.ruth.refresh_from_db()
    assert cast.ruth.company is None


@pytest.mark.parametrize(
    ("form", "said"),
    [({"name": ""}, "id_name_error"), ({"name": "All", "domains": "gmail.com"}, "gmail.com is not"), ({"name": "B", "domains": "yamamoto.example"}, "belongs to")],
)  # fmt: skip
def test_what_is_wrong_with_a_company_is_said(cast, sign_in, firm, form, said):
    response = sign_in(cast.hana).post("/customers/companies/new", form)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Company.objects.count() == 1


@pytest.mark.parametrize("typed", ["yamamoto", "トレード", "ＹＡＭＡ", "amoto.exam"])
def test_a_company_is_found_in_any_width_and_by_its_domain(cast, sign_in, firm, typed):
    client = sign_in(cast.hana)
    assert f"/customers/companies/{firm.pk}" in client.get("/customers/companies/", {"q": typed}).content.decode()
    assert "No company matches" in client.get("/customers/companies/", {"q": "elsewhere"}).content.decode()


def test_the_list_goes_on_by_name(cast, sign_in):
    by = agent_actor(cast.admin)
    for number in range(51):
        customers.save_company(by=by, name=f"Firm {number:02}")
    client = sign_in(cast.hana)
    first = client.get("/customers/companies/")
    assert "Firm 49" in first.content.decode()
    assert "Firm 50" not in first.content.decode()
    following = client.get("/customers/companies/", {"after": first.context["following"]}).content.decode()
    assert "Firm 50" in following
    assert "Firm 49" not in following


def test_people_come_and_go(cast, sign_in, firm):
    client = sign_in(cast.hana)
    client.post(f"/customers/companies/{firm.pk}/person", {"who": "Ruth@customer.example"})
    client.post(f"/customers/companies/{firm.pk}/person", {"who": f"#{cast.chinatsu.pk}"})
    assert firm.customers.count() == 2
    assert firm.name in client.get(f"/customers/{cast.ruth.pk}").content.decode()
    client.post(f"/customers/companies/{firm.pk}/person", {"remove": cast.ruth.pk})
    assert list(firm.customers.all()) == [cast.chinatsu]
    assert client.post(f"/customers/companies/{firm.pk}/person", {"remove": cast.ruth.pk}).status_code == 404
    assert client.post(f"/customers/companies/{firm.pk}/person", {"who": "nobody@customer.example"}).status_code == 422


def test_a_company_shows_only_tickets_that_the_agent_may_see(cast, sign_in, firm):
    customers.update_customer(customer_id=cast.ruth.pk, company=firm, by=agent_actor(cast.admin))
    cast.ticket(team=cast.orders, subject="Visible order")
    cast.ticket(team=cast.repairs, subject="Secret repair")
    page = sign_in(cast.hana).get(f"/customers/companies/{firm.pk}").content.decode()
    assert "Visible order" in page
    assert "Secret repair" not in page


def test_an_observer_changes_no_company(cast, sign_in, firm):
    client = sign_in(cast.observer)
    assert client.get(f"/customers/companies/{firm.pk}").status_code == 200
    assert client.post(f"/customers/companies/{firm.pk}/person", {"who": f"#{cast.ruth.pk}"}).status_code == 403
    assert client.get(f"/customers/companies/{firm.pk}/edit").status_code == 403


def test_own_fields_of_a_customer_are_kept_by_their_type(cast, sign_in, field):
    field("size", "choice", choices=["S", "M"])
    field("points", "number")
    field("member_since", "date")
    field("newsletter", "check")
    client = sign_in(cast.hana)
    form = {"name": "Ruth", "custom.size": "M", "custom.points": "12,5", "custom.member_since": "2026-04-01", "custom.newsletter": "on"}
    assert client.post(f"/customers/{cast.ruth.pk}/edit", form).status_code == 302
    cast.ruth.refresh_from_db()
    assert cast.ruth.custom == {"size": "M", "points": 12.5, "member_since": "2026-04-01", "newsletter": True}
    page = client.get(f"/customers/{cast.ruth.pk}").content.decode()
    assert "Newsletter</dt><dd>yes" in page
    assert "1 April 2026" in page
    assert 'value="12.5"' in client.get(f"/customers/{cast.ruth.pk}/edit").content.decode()


def test_a_wrong_value_is_said_at_its_field_and_nothing_is_changed(cast, sign_in, field):
    field("points", "number")
    response = sign_in(cast.hana).post(f"/customers/{cast.ruth.pk}/edit", {"name": "Renamed", "custom.points": "many"})
    assert response.status_code == 422
    assert 'id="id_custom.points_error"' in response.content.decode()
    cast.ruth.refresh_from_db()
    assert (cast.ruth.name, cast.ruth.custom) == ("Ruth Castellan", {})


def test_a_company_has_fields_of_its_own(cast, sign_in, firm, field):
    field("contract", "text", target="company", required=True)
    client = sign_in(cast.hana)
    assert client.post(f"/customers/companies/{firm.pk}/edit", {"name": "Yamamoto"}).status_code == 422
    client.post(f"/customers/companies/{firm.pk}/edit", {"name": "Yamamoto", "custom.contract": "K-17"})
    firm.refresh_from_db()
    assert firm.custom == {"contract": "K-17"}
    assert "K-17" in client.get(f"/customers/companies/{firm.pk}").content.decode()


def test_an_administrator_defines_a_field_of_companies(cast, sign_in):
    form = {"target": "company", "key": "contract", "type": "text", "label_en": "Contract"}
    assert sign_in(cast.admin).post("/settings/tickets/fields/new/", form).status_code == 302
    assert CustomField.objects.get().target == "company"
