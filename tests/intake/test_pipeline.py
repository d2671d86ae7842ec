"""From raw mail to the kept message, through the queue that the worker runs."""

import pytest

from madoguchi.tickets.models import Message, Ticket
from tests.intake.letters import arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mail_opens_a_ticket_of_its_sender(cast):
    [envelope] = arrive(letter("The parcel did not arrive.\n\nRuth", subject="Parcel", message_id="<a@x.example>"))
    assert envelope.stage == "kept"
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.customer, ticket.mailbox, ticket.status) == ("Parcel", cast.ruth, cast.mailbox, "new")
    message = ticket.messages.get()
    assert message.text.startswith("The parcel did not arrive.")
    assert (message.direction, message.message_id, message.envelope_id) == ("in", "<a@x.example>", envelope.pk)
    assert (ticket.message_count, ticket.last_message_id, ticket.language) == (1, message.pk, "en")


def test_an_unknown_sender_becomes_a_customer(cast):
    arrive(letter(sender="Neu Kunde <Neu@Customer.example>"))
    customer = Ticket.objects.get().customer
    assert (customer.name, customer.identities.get().value) == ("Neu Kunde", "neu@customer.example")


def test_a_reply_finds_its_ticket_by_any_reference(cast):
    arrive(letter(message_id="<a@x.example>"))
    arrive(letter("More", message_id="<b@x.example>", references="<a@x.example> <unknown@x.example>", in_reply_to="<unknown@x.example>"))
    assert Ticket.objects.get().message_count == 2
    assert Message.objects.count() == 2
