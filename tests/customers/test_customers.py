"""Making, changing, merging and finding customers and their firms."""

import pytest

from madoguchi.customers import actions
from madoguchi.customers.identities import normal_form
from madoguchi.customers.models import Company
from madoguchi.customers.personal_data import export
from madoguchi.customers.queries import customer_for, customer_known_as, customer_page, same_person_candidates
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.tickets import actions as tickets
from madoguchi.tickets import personal_data as ticket_data
from madoguchi.tickets.models import CustomField
from madoguchi.tickets.profile import company_page, profile, timeline

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("mail", " Ruth@Customer.Example ", "ruth@customer.example"), ("phone", "03-3581-3111", "+81335813111"), ("phone", "+49 30 901820", "+4930901820"),
        ("line", " U1234 ", "U1234"),
    ],
)  # fmt: skip
def test_an_identity_has_one_form(kind, given, kept):
    assert normal_form(kind, given) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [("mail", "ruth"), ("mail", "a b@c.example"), ("phone", "12"), ("fax", "1"), ("line", ""), ("mail", "a@" + "x" * 400)],
)
def test_what_cannot_be_an_identity_is_refused(kind, given):
    with pytest.raises(ValueError):  # noqa: PT011
        normal_form(kind, given)


def test_a_customer_is_made_and_found_in_any_spelling(cast):
    by = agent_actor(cast.hana)
    made = actions.create_customer(
        by=by, name="岡部  慎一", mail="Okabe@Shop.Example", phone="090-1234-5678", language="ja", reading="オカベ シンイチ"
    )
    assert made.name == "岡部 慎一"
    assert customer_known_as("phone", "+81 90 1234 5678") == made
    assert customer_known_as("mail", "OKABE@shop.example") == made
    assert customer_known_as("mail", "nonsense") is None
    with pytest.raises(Conflict) as refused:
        actions.create_customer(by=by, mail="okabe@shop.example")
    assert refused.value.fields["customer"] == made.pk
    with pytest.raises(Invalid):
        actions.create_customer(by=by, name=" ")
    with pytest.raises(Invalid) as refused:
        actions.update_customer(customer_id=made.pk, by=by, language="fr", time_zone="Mars/Olympus")
    assert set(refused.value.fields) == {"language", "time_zone"}


def test_the_last_way_to_reach_somebody_stays(cast):
    by = agent_actor(cast.hana)
    second = actions.add_identity(customer_id=cast.ruth.pk, kind="mail", value="ruth@home.example", by=by)
    assert second.is_primary is False
    first = cast.ruth.identities.get(is_primary=True)
    actions.remove_identity(identity_id=first.pk, by=by)
    second.refresh_from_db()
    assert second.is_primary is True
    with pytest.raises(Conflict):
        actions.remove_identity(identity_id=second.pk, by=by)


def test_a_domain_leads_to_its_firm(cast):
    by = agent_actor(cast.admin)
    firm = actions.save_company(by=by, name="Customer Ltd", domains=["@Customer.Example"])
    cast.ruth.refresh_from_db()
    assert cast.ruth.company == firm
    assert actions.create_customer(by=by, mail="new@customer.example").company == firm
    assert actions.create_customer(by=by, mail="new@notcustomer.example").company is None
    with pytest.raises(Invalid):
        actions.save_company(by=by, name="Everybody", domains=["gmail.com"])
    with pytest.raises(Conflict):
        actions.save_company(by=by, name="Other", domains=["customer.example"])
    cast.ticket(team=cast.repairs)
    assert company_page(cast.supervisor, firm.pk).figures.tickets == 1
    assert company_page(cast.hana, firm.pk).figures.tickets == 0
    actions.remove_company(company_id=firm.pk, by=by)
    assert Company.objects.count() == 0


def snapshot(customer):
    customer.refresh_from_db()
    return (
        customer.name, customer.reading, customer.language, customer.company_id, customer.tags, customer.custom, customer.merged_into_id,
        sorted(customer.identities.values_list("value", "is_primary")), sorted(customer.notes.values_list("id", flat=True)),
        sorted(customer.tickets.values_list("id", flat=True)),
    )  # fmt: skip


def test_merging_loses_nothing_and_unmerging_gives_everything_back(cast):
    by = agent_actor(cast.supervisor)
    actions.update_customer(customer_id=cast.chinatsu.pk, by=by, reading="フジシロ チナツ", tags=["VIP", "both"])
    actions.update_customer(customer_id=cast.ruth.pk, by=by, tags=["both"])
    actions.set_custom(customer_id=cast.chinatsu.pk, values={"size": "M"}, by=by)
    actions.add_note(customer_id=cast.chinatsu.pk, text="Likes tea", by=by)
    hers, his = cast.ticket(customer=cast.chinatsu), cast.ticket(customer=cast.ruth)
    before = snapshot(cast.ruth), snapshot(cast.chinatsu)
    tickets.merge_customers(kept_id=cast.ruth.pk, merged_id=cast.chinatsu.pk, by=by)
    now = snapshot(cast.ruth)
    assert now[:2] == ("Ruth Castellan", "フジシロ チナツ")
    assert now[4:6] == (["both", "VIP"], {"size": "M"})
    assert now[7] == [("chinatsu@customer.example", False), ("ruth@customer.example", True)]
    assert now[9] == sorted([hers.pk, his.pk])
    assert customer_known_as("mail", "chinatsu@customer.example") == cast.ruth
    assert hers.messages.get().customer == cast.ruth
    tickets.unmerge_customers(merged_id=cast.chinatsu.pk, by=by)
    assert (snapshot(cast.ruth), snapshot(cast.chinatsu)) == before


def test_merging_nonsense_is_refused(cast):
    by = agent_actor(cast.supervisor)
    with pytest.raises(Invalid):
        tickets.merge_customers(kept_id=cast.ruth.pk, merged_id=cast.ruth.pk, by=by)
    with pytest.raises(Conflict):
        tickets.unmerge_customers(merged_id=cast.ruth.pk, by=by)
    with pytest.raises(NotFound):
        tickets.merge_customers(kept_id=cast.ruth.pk, merged_id=9999, by=by)
    tickets.merge_customers(kept_id=cast.ruth.pk, merged_id=cast.chinatsu.pk, by=by)
    with pytest.raises(Conflict):
        tickets.merge_customers(kept_id=cast.chinatsu.pk, merged_id=cast.ruth.pk, by=by)
    assert [c.pk for c in customer_page(cast.hana)[0]] == [cast.ruth.pk]


def test_the_timeline_runs_over_tickets_and_notes_page_by_page(cast):
    by = agent_actor(cast.hana)
    for number in range(5):
        cast.ticket(team=cast.orders, text=f"Message {number}")
        actions.add_note(customer_id=cast.ruth.pk, text=f"Note {number}", by=by)
    cast.ticket(team=cast.repairs, text="Hidden from Hana")
    seen, before = [], ""
    while True:
        steps, before = timeline(cast.hana, cast.ruth, before=before, limit=3)
        seen += [step.message.text if step.message else step.note.text for step in steps]
        if not before:
            break
    assert seen == [text for number in range(4, -1, -1) for text in (f"Note {number}", f"Message {number}")]
    with pytest.raises(Invalid):
        timeline(cast.hana, cast.ruth, before="x.y")


def test_the_profile_counts_only_what_the_agent_sees(cast, django_assert_max_num_queries):
    cast.ticket(team=cast.orders, kind="complaint")
    cast.ticket(team=cast.repairs)
    with django_assert_max_num_queries(14):
        page = profile(cast.hana, cast.ruth.pk)
        list(page.customer.identities.all())
    assert (page.figures.tickets, page.figures.open, page.figures.complaints) == (1, 1, 1)
    assert profile(cast.supervisor, cast.ruth.pk).figures.tickets == 2
    cast.observer.role.permissions = ["ticket.view"]
    with pytest.raises(NotFound):
        customer_for(cast.observer, cast.ruth.pk)


def test_people_of_one_name_are_shown_as_perhaps_one(cast):
    twin = actions.create_customer(by=agent_actor(cast.hana), name="Ruth Castellan", phone="+442071234567")
    assert same_person_candidates(cast.hana, twin) == [cast.ruth]


def test_custom_fields_of_a_customer_are_checked(cast):
    CustomField.objects.create(target="customer", key="size", type="choice", choices=["S", "M"])
    tickets.set_customer_custom(customer_id=cast.ruth.pk, values={"size": "S"}, by=agent_actor(cast.hana))
    cast.ruth.refresh_from_db()
    assert cast.ruth.custom == {"size": "S"}
    with pytest.raises(Invalid):
        tickets.set_customer_custom(customer_id=cast.ruth.pk, values={"size": "XL"}, by=agent_actor(cast.hana))


def test_a_person_can_be_told_all_we_hold(cast):
    by = agent_actor(cast.hana)
    ticket = cast.ticket(text="It is late.")
    tickets.add_note(ticket_id=ticket.pk, text="Between us", by=by)
    actions.add_note(customer_id=cast.ruth.pk, text="Likes tea", by=by)
    told = repr({**export(cast.ruth), **ticket_data.export(cast.ruth)})
    assert "ruth@customer.example" in told
    assert "It is late." in told
    assert "Likes tea" in told
    assert "Between us" not in told
