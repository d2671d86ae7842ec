"""A chat is answered in the chat, without a delivery, until its customer goes on by mail."""

import pytest

from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Delivery, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(cast):
    ticket = cast.ticket(channel="chat")
    Message.objects.filter(ticket=ticket).update(channel="chat")
    return ticket


def test_a_chat_is_answered_without_a_delivery(cast, chat):
    message = tickets.reply(ticket_id=chat.pk, text="Hello", by=agent_actor(cast.hana))
    assert message.channel == "chat"
    assert message.to == []
    assert not Delivery.objects.filter(message=message).exists()


def test_the_customer_who_goes_on_by_mail_is_answered_by_mail(cast, chat):
    Message.objects.filter(ticket=chat).update(channel="mail")
    message = tickets.reply(ticket_id=chat.pk, text="Hello", by=agent_actor(cast.hana))
    assert message.channel == "mail"
    assert message.to == [["Ruth Castellan", "ruth@customer.example"]]
    assert message.delivery.state == Delivery.State.HELD


def test_choices_are_kept_and_checked(cast, chat):
    choices = [{"label": "Return it", "value": "return"}, {"label": "How to return", "url": "/help/en/articles/return"}]
    message = tickets.reply(ticket_id=chat.pk, text="What would you like?", by=agent_actor(cast.hana), choices=choices)
    message.refresh_from_db()
    assert message.choices == choices
    for wrong in ([{"label": "x"}], [{"label": "x", "url": "javascript:alert(1)"}], [{"label": "x", "value": ""}], [choices[0]] * 11):
        with pytest.raises(Invalid):
            tickets.reply(ticket_id=chat.pk, text="x", by=agent_actor(cast.hana), choices=wrong)
