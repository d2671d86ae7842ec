"""A visitor writes, an agent answers from the desk, both see it."""

import pytest

from madoguchi.foundation import events
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.jobs import run_one
from madoguchi.sla.models import Deadline
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message, Ticket
from madoguchi.webchat.models import Conversation

from .conftest import Visitor

pytestmark = pytest.mark.django_db


def work():
    """What the worker does: the outbox, then the jobs."""
    while events.fan_out() or run_one("default"):
        pass


def test_the_first_message_opens_a_ticket_and_tells_the_state(visitor, cast):
    response = visitor.say("The kettle does not switch off", page="https://shop.example/kettle")
    assert response.status_code == 201
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.subject, ticket.language) == ("chat", "The kettle does not switch off", "en")
    assert ticket.messages.get().channel == "chat"
    assert ticket.brand == visitor.widget.brand
    assert response.json()["state"]["state"] == "waiting"
    assert Conversation.objects.get().page == "https://shop.example/kettle"


def test_the_clocks_start_at_once(visitor, cast):
    from madoguchi.sla import actions as sla  # noqa: F401  policies of the cast

    visitor.say()
    work()
    assert Deadline.objects.filter(ticket=Ticket.objects.get()).count() in {0, 1, 2, 3}


def test_sending_again_keeps_it_once(visitor):
    first, second = visitor.say("One", client_id="the-same-id"), visitor.say("One", client_id="the-same-id")
    assert first.json()["message"]["id"] == second.json()["message"]["id"]
    assert Message.objects.count() == 1


def test_the_agent_answers_from_the_desk(visitor, cast, client):
    visitor.say()
    ticket = Ticket.objects.get()
    client.force_login(cast.hana)
    page = client.get(f"/tickets/{ticket.pk}")
    assert b"data-chat-panel" in page.content
    client.post(f"/tickets/{ticket.pk}/reply", {"text": "Good morning", "seen": ticket.last_message_id})
    work()
    heard = visitor.heard()
    assert [(one["from"], one["text"], one["name"]) for one in heard["messages"]][-1] == ("agent", "Good morning", "Hana Mori")
    assert heard["state"]["state"] == "active"
    ticket.refresh_from_db()
    assert ticket.status == "waiting_customer"


def test_notes_and_the_other_facts_of_the_ticket_stay_inside(visitor, cast):
    visitor.say()
    ticket = Ticket.objects.get()
    tickets.add_note(ticket_id=ticket.pk, text="A difficult person", by=agent_actor(cast.hana))
    tickets.reply(ticket_id=ticket.pk, text="By mail", by=agent_actor(cast.hana), channel="mail", to=[["", "x@customer.example"]])
    everything = visitor.get("messages").content.decode()
    assert "difficult" not in everything
    assert "By mail" not in everything
    assert "hana@" not in everything


def test_choices_reach_the_widget_and_the_assistant_is_named_as_such(visitor, cast):
    from madoguchi.foundation.actor import Actor

    visitor.say()
    ticket = Ticket.objects.get()
    choices = [{"label": "Repair", "value": "I want a repair"}, {"label": "How to return", "url": "/help/en/articles/returns"}]
    tickets.reply(ticket_id=ticket.pk, text="Repair?", by=Actor("bot", None, "Bot"), automatic="bot", status="", choices=choices)
    work()
    last = visitor.heard()["messages"][-1]
    assert (last["from"], last["choices"]) == ("assistant", choices)
    assert visitor.heard()["state"]["state"] == "assisted"


def test_solving_ends_the_chat_and_writing_again_reopens_it(visitor, cast):
    visitor.say()
    ticket = Ticket.objects.get()
    tickets.reply(ticket_id=ticket.pk, text="Done", by=agent_actor(cast.hana), status="solved")
    work()
    assert visitor.heard()["state"]["state"] == "ended"
    visitor.say("One more thing")
    assert visitor.heard()["state"]["state"] == "waiting"
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert Ticket.objects.count() == 1


def test_two_visitors_do_not_see_each_other(visitor, widget):
    other = Visitor(widget)
    visitor.say("My secret")
    other.say("Hello")
    assert "My secret" not in other.get("messages").content.decode()
    assert Ticket.objects.count() == 2


def test_typing_and_reading_reach_the_other_side(visitor, cast, client):
    from madoguchi.foundation.models import Event

    visitor.say()
    ticket = Ticket.objects.get()
    assert visitor.post("typing").status_code == 204
    assert Event.objects.filter(name="webchat.VisitorTyping", ticket_id=ticket.pk, ephemeral=True).exists()
    client.force_login(cast.hana)
    client.post(f"/tickets/{ticket.pk}/chat/seen")
    assert visitor.heard()["state"]["read"] == ticket.last_message_id
    message = tickets.reply(ticket_id=ticket.pk, text="Hi", by=agent_actor(cast.hana))
    visitor.post("read", id=message.pk)
    assert b"was read" in client.get(f"/tickets/{ticket.pk}/chat").content
