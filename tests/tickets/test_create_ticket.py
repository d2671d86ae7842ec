"""Tickets that do not come by mail."""

import pytest

from madoguchi.foundation.actor import Actor, agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.foundation.models import Event
from madoguchi.tickets import actions
from madoguchi.tickets.models import CustomField, Delivery, Ticket

pytestmark = pytest.mark.django_db


def test_an_agent_writes_down_what_a_customer_said(cast):
    CustomField.objects.create(key="order")
    ticket = actions.create_ticket(
        customer=cast.chinatsu, subject=" Broken  flask ", text="She called: the flask leaks.", by=agent_actor(cast.hana), channel="phone",
        team=cast.repairs, assignee=cast.kenji, priority=3, kind="complaint", tags=["flask"], custom={"order": "HZ1"},
    )  # fmt: skip
    message = ticket.messages.get()
    assert (message.direction, message.customer, message.from_address) == ("in", cast.chinatsu, "chinatsu@customer.example")
    assert (ticket.subject, ticket.channel, ticket.language, ticket.status) == ("Broken flask", "phone", "ja", "new")
    assert (ticket.team, ticket.assignee, ticket.priority, ticket.kind, ticket.custom) == (
        cast.repairs, cast.kenji, 3, "complaint", {"order": "HZ1"},
    )  # fmt: skip
    assert ticket.brand == cast.mailbox.brand
    assert message.may_auto_answer is False
    names = set(Event.objects.filter(ticket_id=ticket.pk).values_list("name", flat=True))
    assert {"tickets.TicketCreated", "tickets.MessageReceived", "tickets.MessageReady"} <= names


def test_an_agent_writes_first(cast):
    ticket = actions.create_ticket(
        customer=cast.ruth, subject="Your order", text="It will be late.", by=agent_actor(cast.hana), direction="out"
    )
    message = ticket.messages.get()
    assert (message.direction, message.to) == ("out", [["Ruth Castellan", "ruth@customer.example"]])
    assert Delivery.objects.get(message=message).mailbox == cast.mailbox
    assert ticket.status == "waiting_customer"


def test_files_dropped_before_there_was_a_ticket_come_along(cast):
    upload = actions.add_upload(agent=cast.hana, name="photo.png", data=b"\x89PNG\r\n\x1a\n123")
    ticket = actions.create_ticket(
        customer=cast.ruth, subject="A", text="B", by=agent_actor(cast.hana), direction="note", attachment_ids=[upload.pk]
    )
    assert [file.name for file in ticket.messages.get().attachments.all()] == ["photo.png"]
    other = actions.add_upload(agent=cast.kenji, name="photo.png", data=b"\x89PNG\r\n\x1a\n123")
    with pytest.raises(Invalid):
        actions.create_ticket(customer=cast.ruth, subject="A", text="B", by=agent_actor(cast.hana), attachment_ids=[other.pk])


@pytest.mark.parametrize(
    ("change", "field"), [({"subject": " "}, "subject"), ({"text": ""}, "text"), ({"direction": "up"}, "direction"), ({"priority": 7}, "priority"), ({"kind": "x"}, "kind")]
)  # fmt: skip
def test_what_is_missing_is_named_and_nothing_is_made(cast, change, field):
    with pytest.raises(Invalid) as refused:
        actions.create_ticket(**{"customer": cast.ruth, "subject": "A", "text": "B", "by": Actor("api", cast.hana.pk, "Shop"), **change})
    assert set(refused.value.fields) == {field}
    assert not Ticket.objects.exists()
