"""A required field must be filled in before a ticket is solved, whichever way it is solved."""

import json

import pytest

from madoguchi.automation import actions as automation
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.staff import actions as staff
from madoguchi.tickets import actions
from madoguchi.tickets.models import CustomField, Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast):
    """A complaint that lacks its serial number; the field `weight` is for incidents only."""
    save = actions.save_custom_field
    save(by=SYSTEM, key="serial", label={"en": "Serial number", "de": "Seriennummer"}, required=True, kinds=["complaint"])
    save(by=SYSTEM, key="opened", label={"en": "Box opened"}, type="check", required=True, kinds=["complaint"])
    save(by=SYSTEM, key="weight", label={"en": "Weight"}, required=True, kinds=["incident"])
    ticket = cast.ticket(team=cast.orders, kind="complaint")
    actions.set_custom(ticket_id=ticket.pk, values={"opened": "off"}, by=SYSTEM)
    return ticket


@pytest.fixture
def browser(client, cast):
    client.force_login(cast.hana)
    return client


def status(ticket):
    return Ticket.objects.get(pk=ticket.pk).status


def test_the_browser_refuses_and_names_the_field(browser, ticket):
    address = f"/tickets/{ticket.pk}/change"
    refused = browser.post(address, {"status": "solved"})
    assert refused.status_code == 422
    assert "Fill in this field before the ticket is solved: Serial number" in refused.content.decode()
    assert status(ticket) == "new"
    browser.post(address, {"custom.serial": "A-1", "custom.opened": "off"})
    assert browser.post(address, {"status": "solved"}).status_code == 303
    assert status(ticket) == "solved"


def test_the_reader_gets_it_in_their_language(browser, ticket, cast):
    cast.hana.language = "de"
    cast.hana.save()
    assert "Seriennummer" in browser.post(f"/tickets/{ticket.pk}/change", {"status": "solved"}).content.decode()


def test_a_reply_that_solves_is_not_sent(browser, ticket):
    refused = browser.post(f"/tickets/{ticket.pk}/reply", {"text": "Done", "then": "solved", "to": "ruth@customer.example"})
    assert refused.status_code == 422
    assert "Serial number" in refused.content.decode()
    assert not Message.objects.filter(direction="out").exists()
    assert browser.post(f"/tickets/{ticket.pk}/reply", {"text": "Wait", "then": "waiting_customer"}).status_code == 303


def test_in_bulk_the_complete_ones_are_solved(cast, ticket):
    fine = cast.ticket(team=cast.orders)
    done = actions.bulk_apply(agent=cast.hana, ticket_ids=[ticket.pk, fine.pk], change={"status": "solved"})
    assert (done.changed, list(done.failed)) == ([fine.pk], [ticket.pk])
    assert "Serial number" in done.failed[ticket.pk]
    became = actions.bulk_apply(agent=cast.hana, ticket_ids=[fine.pk], change={"kind": "incident", "status": "open"})
    assert became.changed == [fine.pk]
    refused = actions.bulk_apply(agent=cast.hana, ticket_ids=[fine.pk], change={"status": "solved"})
    assert "Weight" in refused.failed[fine.pk]


def test_a_macro_is_taken_back_whole(cast, ticket):
    macro = automation.save_macro(
        by=SYSTEM, name="Solve", actions=[{"do": "add_tags", "value": ["quick"]}, {"do": "set_status", "value": "solved"}]
    )
    with pytest.raises(Invalid, match="Serial number"):
        automation.apply_macro(macro_id=macro.pk, ticket_id=ticket.pk, by=agent_actor(cast.hana))
    assert not ticket.tags.exists()


def test_the_api_refuses_and_takes_the_value(client, cast, ticket):
    token = staff.create_token(agent=cast.hana, name="test", by=SYSTEM)

    def patch(body):
        return client.patch(
            f"/api/v1/tickets/{ticket.pk}", json.dumps(body), content_type="application/json", headers={"Authorization": f"Bearer {token}"}
        )

    refused = patch({"status": "solved"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "custom.serial"
    assert patch({"custom": {"unknown": 1}}).status_code == 404
    done = patch({"custom": {"serial": "A-1"}, "status": "solved"})
    assert done.json()["custom"] == {"opened": False, "serial": "A-1"}
    assert status(ticket) == "solved"


def test_filling_one_of_two_empty_required_fields_is_no_error(browser, ticket):
    browser.post(f"/tickets/{ticket.pk}/change", {"custom.serial": "", "custom.opened": "on"})
    ticket.refresh_from_db()
    assert ticket.custom == {"opened": True}
    assert browser.post(f"/tickets/{ticket.pk}/change", {"custom.opened": ""}).status_code == 422


def test_a_hidden_field_asks_for_nothing(ticket, browser):
    for field in CustomField.objects.filter(key__in=["serial", "opened"]):
        actions.retire_custom_field(field_id=field.pk, by=SYSTEM)
    assert browser.post(f"/tickets/{ticket.pk}/change", {"status": "solved"}).status_code == 303
