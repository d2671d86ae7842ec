"""Canned replies: who may use them, their language, their variables."""

import pytest

from madoguchi.automation import actions
from madoguchi.automation.queries import canned_for, canned_texts, render_canned
from madoguchi.automation.variables import fill_unseen
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import Invalid
from madoguchi.foundation.models import AuditEntry

TEXTS = {"en": "Dear {customer.name}, this is {agent.name} of {company} about #{ticket.number}.", "ja": "{customer.name}様"}


def save(**fields):
    return actions.save_canned(**{"by": SYSTEM, "shortcut": "hello", "name": "Hello", "texts": TEXTS, **fields})


def test_shared_own_and_team_replies_reach_the_right_agents(cast):
    save()
    save(shortcut="mine", owner_id=cast.hana.pk)
    save(shortcut="orders", team_id=cast.orders.pk)
    assert [row.shortcut for row in canned_for(cast.hana)] == ["hello", "mine", "orders"]
    assert [row.shortcut for row in canned_for(cast.kenji)] == ["hello"]


def test_replies_in_the_asked_language_come_first(cast):
    save(shortcut="a", texts={"en": "Hello"})
    save(shortcut="b", texts={"de": "Hallo"})
    assert [row.shortcut for row in canned_for(cast.hana, "de")] == ["b", "a"]


def test_variables_are_filled_in_the_language_of_the_ticket(cast):
    canned = save()
    ticket = cast.ticket()
    text, missing = render_canned(canned, ticket, cast.hana)
    assert text == f"Dear Ruth Castellan, this is Hana Mori of Hoshizora about #{ticket.pk}."
    assert missing == []
    assert render_canned(canned, ticket, cast.hana, "ja")[0] == "Ruth Castellan様"
    assert render_canned(canned, ticket, cast.hana, "de")[0].startswith("Dear Ruth")


def test_many_replies_are_filled_in_with_few_statements(cast, django_assert_max_num_queries):
    for number in range(20):
        save(shortcut=f"number-{number}")
    ticket = cast.ticket()
    with django_assert_max_num_queries(6):
        filled = canned_texts(cast.hana, ticket, "en")
    assert len(filled) == 20
    assert filled[0][1].startswith("Dear Ruth Castellan")


def test_a_variable_without_a_value_stays_and_is_told(cast):
    canned = save(texts={"en": "You hear from us by {due}."})
    assert render_canned(canned, cast.ticket(), cast.hana) == ("You hear from us by {due}.", ["due"])


def test_a_name_that_carries_a_link_brings_no_link_into_an_automatic_mail():
    values = {"customer.name": "Win https://evil.example/x now [here](evil)", "company": "Hoshizora"}
    assert fill_unseen("Hi {customer.name}, {due}{company}", values) == "Hi Win now [here] (evil), Hoshizora"


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"texts": {"en": "Dear {customer.nme}"}}, "text_en"),
        ({"texts": {}}, "text_en"),
        ({"shortcut": " / "}, "shortcut"),
        ({"name": " "}, "name"),
        ({"team_id": 987654}, "team"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast, fields, at):
    with pytest.raises(Invalid) as refused:
        save(**fields)
    assert at in refused.value.fields


def test_one_shortcut_is_one_reply_but_everybody_may_have_their_own(cast):
    save()
    save(owner_id=cast.hana.pk)
    with pytest.raises(Invalid):
        save()


def test_changes_are_audited(cast):
    canned = save()
    actions.delete_canned(canned_id=canned.pk, by=SYSTEM)
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True))[-2:] == [
        "automation.save_canned",
        "automation.delete_canned",
    ]
