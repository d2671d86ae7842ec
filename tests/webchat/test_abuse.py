"""Hostile visitors: floods, huge files, scripts in every field, replay, forged identity, guessing."""

import secrets

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from madoguchi.foundation.actor import agent_actor
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Attachment, Message, Ticket
from madoguchi.webchat.models import Conversation

from .conftest import Visitor

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}\x00\x1b\u202e"


def test_a_flood_of_one_visitor_is_stopped_and_says_for_how_long(visitor, settings):
    settings.CHAT_MESSAGES_PER_MINUTE = 3
    visitor.say()
    answers = [visitor.say() for _ in range(8)]
    stopped = [one for one in answers if one.status_code == 429]
    assert stopped
    assert 1 <= int(stopped[0]["Retry-After"]) <= 60
    assert stopped[0].json()["code"] == "too_many"


def test_many_conversations_of_one_address_are_stopped(widget, settings):
    settings.CHAT_STARTS_PER_HOUR = 5
    codes = [Visitor(widget).say().status_code for _ in range(12)]
    assert codes.count(201) <= 10  # the hour may turn in between
    assert 429 in codes
    assert Ticket.objects.count() == codes.count(201)


def test_a_huge_file_is_refused_and_nothing_kept(visitor, settings):
    settings.CHAT_FILE_LIMIT = 1000
    response = visitor.upload("See", SimpleUploadedFile("a.bin", b"x" * 2000))
    assert response.status_code == 422
    assert not Message.objects.exists()


def test_too_many_files_and_too_long_texts_are_refused(visitor):
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(6)]
    assert visitor.upload("See", *files).status_code == 422
    assert visitor.say("x" * 5001).status_code == 422
    assert visitor.say("").status_code == 422
    assert visitor.say("x" * 70_000).status_code == 422
    assert not Ticket.objects.exists()


def test_a_file_is_what_its_bytes_are_and_only_ever_a_download(visitor, cast, client):
    evil = SimpleUploadedFile("../../evil\u202egpj.html", b"<html><script>alert(1)</script>", content_type="text/html")
    assert visitor.upload("See", evil).status_code == 201
    kept = Attachment.objects.get()
    assert kept.content_type == "text/plain"
    assert "/" not in kept.name
    response = visitor.get(f"files/{kept.pk}")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    client.force_login(cast.hana)
    assert client.get(f"/files/{kept.pk}").content == b"<html><script>alert(1)</script>"


def test_scripts_in_every_field_stay_text(visitor, cast, client):
    response = visitor.say(SCRIPT, page="javascript:alert(1)", user_mail=SCRIPT, user_hash=SCRIPT, user_token=SCRIPT, consent=SCRIPT)
    assert response.status_code == 201
    visitor.post("contact", how="mail", value="eve@customer.example", name=SCRIPT)
    visitor.post("rating", rating=1, comment=SCRIPT)
    ticket = Ticket.objects.get()
    assert "\x00" not in ticket.messages.first().text
    assert Conversation.objects.get().page == ""
    client.force_login(cast.hana)
    for address in (f"/tickets/{ticket.pk}", f"/tickets/{ticket.pk}/chat", "/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


@pytest.mark.parametrize("body", ["[]", "{", '"x"', '{"client_id": {}}', '{"client_id": "x"}', "[" * 100_000, '{"text": "\\ud800"}'])
def test_broken_bodies_are_refused_without_a_trace(visitor, body):
    response = visitor.client.post(
        f"/chat/messages?brand={visitor.widget.key}",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {visitor.token}"},
    )
    assert response.status_code == 422
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("number", ["1e9", "-1", "99999999999999999999", "1; drop", "", None, [], {}, True])
def test_numbers_are_numbers(visitor, number):
    visitor.say()
    assert visitor.post("read", id=number).status_code == 204
    assert visitor.post("rating", rating=number).status_code in {200, 422}
    assert visitor.get("messages", after=str(number)).status_code == 200


def test_a_half_of_a_pair_of_surrogates_is_kept_as_something(visitor):
    body = '{"client_id": "surrogate-1", "text": "a \\ud83d b"}'
    response = visitor.client.post(
        f"/chat/messages?brand={visitor.widget.key}",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {visitor.token}"},
    )
    assert response.status_code == 201


def test_tokens_cannot_be_guessed_and_guessing_is_stopped(widget):
    codes = set()
    for _ in range(40):
        codes.add(Visitor(widget).get("messages").status_code)
    assert codes == {404, 429}


@pytest.mark.parametrize("token", ["", "short", "x" * 5000, "a b" * 20, "ü" * 43, "../" * 20])
def test_a_bad_token_opens_nothing(visitor, token):
    visitor.token = token
    assert visitor.say().status_code == 404
    assert visitor.get("messages").status_code == 404
    assert not Ticket.objects.exists()


def test_neither_tickets_nor_files_nor_customers_can_be_counted_through(visitor, cast):
    other = cast.ticket(text="Private")
    secret = tickets.add_upload(agent=cast.hana, name="a.txt", data=b"secret", ticket_id=other.pk)
    tickets.reply(ticket_id=other.pk, text="See", by=agent_actor(cast.hana), attachment_ids=[secret.pk])
    visitor.say()
    assert visitor.get(f"files/{secret.pk}").status_code == 404
    assert visitor.get("files/999999").content == visitor.get(f"files/{secret.pk}").content
    assert "Private" not in visitor.get("messages", after="0").content.decode()
    known = visitor.post("contact", how="mail", value="ruth@customer.example").json()
    stranger = Visitor(visitor.widget)
    stranger.say()
    new = stranger.post("contact", how="mail", value="nobody@customer.example").json()
    assert {**known["state"], "mail": ""} | {"place": 0, "since": ""} == {**new["state"], "mail": ""} | {"place": 0, "since": ""}


def test_an_address_that_is_only_said_leads_to_nobody_we_know(visitor, cast):
    visitor.say()
    visitor.post("contact", how="mail", value="ruth@customer.example", name="Ruth Castellan")
    ticket = Ticket.objects.get()
    assert ticket.customer != cast.ruth
    assert not ticket.customer.identities.filter(kind="mail").exists()


def test_another_web_site_may_not_use_it(visitor):
    visitor.origin = "https://evil.example"
    response = visitor.say()
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response
    assert not Ticket.objects.exists()


def test_the_listed_site_may_and_its_preflight_is_answered(visitor):
    response = visitor.client.options(f"/chat/messages?brand={visitor.widget.key}", headers={"Origin": visitor.origin})
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == visitor.origin
    assert "Authorization" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response
    assert visitor.say()["Access-Control-Allow-Origin"] == visitor.origin


def test_the_transcript_is_no_way_to_mail_strangers(visitor, cast):
    visitor.say("Buy my pills")
    response = visitor.post("transcript", mail="victim@customer.example")
    assert response.status_code == 409
    assert not Message.objects.filter(direction="out").exists()


def test_a_replayed_message_is_kept_once_also_by_another_tab(visitor):
    number = secrets.token_urlsafe(9)
    for _ in range(5):
        visitor.say("Once", client_id=number)
    assert Message.objects.count() == 1


def test_consent_comes_first_where_it_is_asked_for(visitor):
    visitor.widget.ask_consent = True
    visitor.widget.save()
    assert visitor.say().status_code == 422
    assert visitor.say(consent=True).status_code == 201
    assert Conversation.objects.get().consent_at is not None


def test_a_switched_off_chat_is_silent(visitor):
    visitor.widget.is_active = False
    visitor.widget.save()
    assert visitor.say().status_code == 404
    assert visitor.get("config").status_code == 404
