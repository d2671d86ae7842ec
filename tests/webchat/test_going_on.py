"""From the chat to mail, to a call, and back; hours, queue, transcript, rating."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.channels.models import Envelope
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.models import Event
from madoguchi.staff.models import Presence
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message, Task, Ticket
from madoguchi.webchat import jobs
from madoguchi.webchat.models import Conversation

from .conftest import Visitor
from .test_saying import work

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 3, tzinfo=UTC)  # a Wednesday at noon in Tokyo, where the cast works


@pytest.fixture
def ticket(visitor):
    visitor.say("The kettle leaks")
    return Ticket.objects.get()


def answer(ticket, cast, text="Good morning"):
    message = tickets.reply(ticket_id=ticket.pk, text=text, by=agent_actor(cast.hana))
    work()
    return message


def mail_in(address, reply_to_message_id, text="It still leaks"):
    from madoguchi.channels import actions as channels
    from madoguchi.intake.queue import work_off

    raw = (
        f"From: Visitor <{address}>\r\nTo: support@hoshizora.example\r\nSubject: Re: kettle\r\n"
        f"Message-ID: <mail-{address}>\r\nIn-Reply-To: {reply_to_message_id}\r\nReferences: {reply_to_message_id}\r\n\r\n{text}\r\n"
    )
    channels.store_envelope(raw=raw.encode(), source="import")
    while work_off():
        pass


def test_the_visitor_who_cannot_wait_goes_on_by_mail_in_the_same_ticket(visitor, ticket, cast):
    state = visitor.post("contact", how="mail", value="New@customer.example", name="Nora New").json()["state"]
    assert state["state"] == "mail"
    ticket.refresh_from_db()
    assert ticket.channel == "mail"
    assert ticket.customer.name == "Nora New"
    message = answer(ticket, cast)
    assert message.channel == "mail"
    assert message.to[0][1] == "new@customer.example"
    mail_in("new@customer.example", message.message_id)
    assert Ticket.objects.count() == 1
    assert Envelope.objects.get().stage == "kept"
    assert ticket.messages.order_by("-id").first().customer == ticket.customer


def test_a_known_customers_address_becomes_theirs_when_they_answer_from_it(visitor, ticket, cast):
    visitor.post("contact", how="mail", value="ruth@customer.example")
    message = answer(ticket, cast)
    assert message.to[0][1] == "ruth@customer.example"
    ticket.refresh_from_db()
    assert ticket.customer != cast.ruth
    mail_in("ruth@customer.example", message.message_id)
    jobs.recognise_by_mail()
    ticket.refresh_from_db()
    assert ticket.customer == cast.ruth
    assert "It still leaks" not in visitor.get("messages").content.decode()  # whoever has the token never proved to be Ruth


def test_a_call_back_becomes_a_task(visitor, ticket):
    assert visitor.post("contact", how="call", value="03-5550-0123").json()["state"]["state"] == "mail"
    assert "+81355500123" in Task.objects.get().title
    assert visitor.post("contact", how="call", value="nonsense").status_code == 422
    assert visitor.post("contact", how="pigeon", value="1").status_code == 422


def test_what_an_absent_visitor_did_not_read_goes_out_by_mail_once(visitor, ticket, cast):
    Conversation.objects.update(mail="new@customer.example")
    answer(ticket, cast, "Please send a photo")
    now = clock.now()
    with clock.frozen(now + timedelta(minutes=1)):
        jobs.look_after_absent()
    assert not Message.objects.filter(automatic="transcript").exists()
    for minutes in (7, 8):
        with clock.frozen(now + timedelta(minutes=minutes)):
            jobs.look_after_absent()
    mail = Message.objects.get(automatic="transcript")
    assert "Please send a photo" in mail.text
    assert mail.channel == "mail"
    assert mail.delivery.state == "waiting"
    mail_in("new@customer.example", mail.message_id)
    assert Ticket.objects.count() == 1
    reply = answer(ticket, cast, "Thank you for the photo")
    assert reply.channel == "mail"


def test_a_visitor_who_read_it_gets_no_mail(visitor, ticket, cast):
    Conversation.objects.update(mail="new@customer.example")
    message = answer(ticket, cast)
    visitor.post("read", id=message.pk)
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        jobs.look_after_absent()
    assert not Message.objects.filter(automatic="transcript").exists()


def test_the_transcript_holds_both_sides_and_answers_come_back(visitor, ticket, cast):
    answer(ticket, cast)
    assert visitor.post("transcript", mail="not an address").status_code == 422
    assert visitor.post("transcript", mail="new@customer.example").status_code == 200
    mail = Message.objects.get(automatic="transcript")
    assert "The kettle leaks" in mail.text
    assert "Good morning" in mail.text
    assert [visitor.post("transcript").status_code for _ in range(4)][-1] == 429


def test_the_rating_is_kept_with_the_conversation(visitor, ticket):
    assert visitor.post("end").json()["state"]["ended_by"] == "visitor"
    assert visitor.post("rating", rating=4, comment="Quick").json()["state"]["rating"] == 4
    assert visitor.post("rating", rating=6).status_code == 422
    row = Conversation.objects.get()
    assert (row.rating, row.rating_comment) == (4, "Quick")
    assert Event.objects.filter(name="webchat.ConversationRated").count() == 1


def test_the_place_in_the_queue_is_told_and_the_wait_only_when_it_is_known(widget, cast):
    with clock.frozen(NOON):
        cast.hana.presence = Presence.AVAILABLE
        cast.hana.save()
        first, second = Visitor(widget), Visitor(widget)
        first.say()
        state = second.say().json()["state"]
        assert state["place"] == 2
        assert state["minutes"] is None
        now = clock.now()
        for number in range(5):
            one = Visitor(widget)
            one.say()
            row = Conversation.objects.order_by("-id").first()
            Conversation.objects.filter(pk=row.pk).update(
                state="active", waiting_since=now - timedelta(minutes=number + 1), picked_up_at=now
            )
        assert second.heard()["state"]["minutes"] == 4
        answer(Ticket.objects.order_by("id").first(), cast)
        assert second.heard()["state"]["place"] == 1


def test_nothing_is_promised_when_nobody_is_there(visitor, ticket):
    state = visitor.heard()["state"]
    assert state["place"] is None
    assert state["minutes"] is None
    config = visitor.get("config").json()
    assert config["staffed"] is False


def test_closed_hours_are_told_with_the_next_opening(visitor, cast):
    with clock.frozen(NOON):
        assert visitor.get("config").json()["open"] is True
    with clock.frozen(NOON + timedelta(hours=12)):
        config = visitor.get("config").json()
    assert config["open"] is False
    assert "09:00" in config["words"]["closed"]


@pytest.mark.parametrize("language", ["en", "ja", "zh-hans", "zh-hant", "de"])
def test_the_words_come_in_five_languages(visitor, language):
    config = visitor.get("config", lang=language).json()
    assert config["language"] == language
    assert all(config["words"].values())


def test_merged_tickets_take_the_chat_along(visitor, ticket, cast):
    other = cast.ticket(text="Older secret of Ruth")
    tickets.merge(ticket_id=other.pk, other_id=ticket.pk, by=agent_actor(cast.admin))
    work()
    visitor.say("Still here")
    assert Message.objects.filter(ticket=other, text="Still here").exists()
    everything = visitor.get("messages").content.decode()
    assert "Older secret" not in everything
    assert "The kettle leaks" in everything


def test_both_sides_can_send_files(visitor, ticket, cast, client):
    from django.core.files.uploadedfile import SimpleUploadedFile

    assert visitor.upload("Photo", SimpleUploadedFile("kettle.png", b"\x89PNG\r\n\x1a\nxx")).status_code == 201
    mine = visitor.heard()["messages"][-1]["files"][0]
    assert visitor.get(f"files/{mine['id']}").content.startswith(b"\x89PNG")
    kept = tickets.add_upload(agent=cast.hana, name="manual.pdf", data=b"%PDF-1", ticket_id=ticket.pk)
    tickets.reply(ticket_id=ticket.pk, text="The manual", by=agent_actor(cast.hana), attachment_ids=[kept.pk])
    theirs = visitor.heard()["messages"][-1]["files"][0]
    assert theirs["name"] == "manual.pdf"
    assert visitor.get(f"files/{theirs['id']}").content == b"%PDF-1"


def test_the_address_that_the_assistant_was_told_is_kept(visitor, ticket, cast):
    from madoguchi.bot.models import Dialogue
    from madoguchi.webchat import handlers

    Dialogue.objects.filter(ticket=ticket).delete()
    Dialogue.objects.create(ticket=ticket, language="en", contact="new@customer.example", started_at=clock.now(), last_at=clock.now())
    event = Event(name="bot.HandedOver", payload={"ticket_id": ticket.pk})
    for _ in range(2):
        handlers.handed_over(event)
    assert visitor.heard()["state"]["mail"] == "new@customer.example"
    ticket.refresh_from_db()
    assert ticket.channel == "mail"
    assert Message.objects.filter(ticket=ticket, text__contains="new@customer.example").count() == 1
