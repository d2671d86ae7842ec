"""A new ticket, redaction and canned replies through their door."""

import json
from email import message_from_bytes, policy

import pytest

from madoguchi.automation.models import CannedReply, Macro
from madoguchi.customers.models import Customer
from madoguchi.tickets.models import Attachment, Message, Ticket
from tests.intake.letters import arrive, letter

FORM = {"address": "ida@customer.example", "name": "Ida Berg", "subject": "Your order", "text": "Dear Ida", "priority": "2", "kind": ""}


def test_we_write_first_and_the_customer_becomes_known(cast, sign_in):
    response = sign_in(cast.hana).post("/tickets/new", {**FORM, "direction": "out"})
    ticket = Ticket.objects.get()
    assert response.headers["Location"] == f"/tickets/{ticket.pk}"
    assert (ticket.customer.name, ticket.assignee) == ("Ida Berg", cast.hana)
    assert Message.objects.get(direction="out").to == [["Ida Berg", "ida@customer.example"]]


def test_what_a_known_customer_said_is_noted_down(cast, sign_in):
    client = sign_in(cast.hana)
    assert "ruth@customer.example" in client.get(f"/tickets/new?customer={cast.ruth.pk}").content.decode()
    before = Customer.objects.count()
    client.post("/tickets/new", {**FORM, "address": "Ruth@Customer.example", "direction": "in"})
    assert Ticket.objects.get().customer == cast.ruth
    assert Customer.objects.count() == before


def test_a_new_ticket_without_words_is_refused_at_its_fields(cast, sign_in):
    response = sign_in(cast.hana).post("/tickets/new", {"address": "nobody", "direction": "out", "priority": "2"})
    assert response.status_code == 422
    assert "id_subject_error" in response.content.decode()
    assert not Ticket.objects.exists()


def test_a_passage_is_blacked_out_for_good(cast, sign_in):
    message = cast.ticket(text="My card is 4111 1111 1111 1111, thanks").messages.get()
    client = sign_in(cast.supervisor)
    done = client.post(f"/messages/{message.pk}/redact", {"passage": "4111 1111 1111 1111", "reason": "card number"})
    assert done.status_code == 302
    page = client.get(f"/tickets/{message.ticket_id}").content.decode()
    assert "4111" not in page
    assert "Parts are redacted" in page


@pytest.mark.parametrize("form", [{"passage": "not there", "reason": "x"}, {"passage": "card", "reason": ""}])
def test_redaction_needs_a_passage_of_the_message_and_a_reason(cast, sign_in, form):
    message = cast.ticket(text="My card").messages.get()
    assert sign_in(cast.supervisor).post(f"/messages/{message.pk}/redact", form).status_code == 422
    message.refresh_from_db()
    assert message.text == "My card"


@pytest.fixture
def file(cast):
    message = cast.ticket(team=cast.orders).messages.get()
    return Attachment.objects.create(
        message=message, name="passport.png", content_type="image/png", size=9, data=b"\x89PNG-0000", created_at=message.created_at
    )


def test_a_file_is_destroyed_after_asking(cast, sign_in, file):
    client = sign_in(cast.supervisor)
    assert f"/files/{file.pk}/redact" in client.get(f"/messages/{file.message_id}/redact").content.decode()
    assert "passport.png" in client.get(f"/files/{file.pk}/redact").content.decode()
    assert client.post(f"/files/{file.pk}/redact", {"reason": ""}).status_code == 422
    assert client.post(f"/files/{file.pk}/redact", {"reason": "an identity card"}).status_code == 302
    page = client.get(f"/tickets/{file.message.ticket_id}").content.decode()
    assert "Destroyed" in page
    assert "passport.png" not in page
    assert "A file was destroyed: an identity card" in page
    assert f'href="/files/{file.pk}"' not in page
    assert client.get(f"/files/{file.pk}").status_code == 404
    assert client.post(f"/files/{file.pk}/redact", {"reason": "again"}).status_code == 404


def test_a_file_is_destroyed_only_by_who_may_and_who_sees_it(cast, sign_in, file):
    assert sign_in(cast.hana).post(f"/files/{file.pk}/redact", {"reason": "x"}).status_code == 403
    cast.kenji.role.permissions = [*cast.kenji.role.permissions, "ticket.redact"]
    cast.kenji.role.save()
    assert sign_in(cast.kenji).post(f"/files/{file.pk}/redact", {"reason": "x"}).status_code == 404
    file.refresh_from_db()
    assert file.data is not None


def test_an_agent_without_the_permission_redacts_nothing(cast, sign_in):
    message = cast.ticket(team=cast.orders).messages.get()
    assert sign_in(cast.hana).post(f"/messages/{message.pk}/redact", {"passage": "late", "reason": "x"}).status_code == 403


def test_canned_replies_come_in_the_language_asked_for_with_their_variables(cast, sign_in):
    CannedReply.objects.create(
        shortcut="late", name="Late", texts={"en": "Dear {{customer.name}}, sorry.", "de": "Guten Tag {{customer.name}}"}
    )
    ticket = cast.ticket(team=cast.orders)
    items = sign_in(cast.hana).get(f"/tickets/{ticket.pk}/canned?language=de").json()["items"]
    assert [one["name"] for one in items] == ["late"]
    assert "Guten Tag" in items[0]["insert"]


def test_a_macro_is_taken_and_taken_back(cast, sign_in):
    macro = Macro.objects.create(name="Burning", actions=[{"do": "set_priority", "value": 4}, {"do": "add_tags", "value": ["hot"]}])
    ticket = cast.ticket(team=cast.orders)
    client = sign_in(cast.hana, script=True)
    assert "Burning" in client.get("/choices/macro").content.decode()
    done = client.post(f"/tickets/{ticket.pk}/macro", {"macro": macro.pk})
    ticket.refresh_from_db()
    assert (ticket.priority, list(ticket.tags.values_list("name", flat=True))) == (4, ["hot"])
    client.post("/undo", {"token": json.loads(done.headers["HX-Trigger"])["toast"]["token"]})
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.tags.count()) == (2, 0)
    assert client.post(f"/tickets/{ticket.pk}/macro", {"macro": "99"}).status_code == 404


FORWARDED = """Please see below.

---------- Forwarded message ---------
From: Marta <b>Lang</b> <marta@buyer.example>
Date: Mon, 23 Nov 2026 09:00:00 +0000
Subject: Broken lamp
To: <sales@hoshizora.example>

My lamp is broken. Please help me.
"""


@pytest.fixture
def forwarding(cast):
    arrive(letter(FORWARDED, subject="Fwd: Broken lamp", message_id="<1@x.example>"))
    return Message.objects.get()


def test_a_forwarded_mail_is_offered_named_and_made_a_ticket_once(cast, sign_in, forwarding):
    client, page = sign_in(cast.supervisor), f"/messages/{forwarding.pk}/forwarded"
    assert page in client.get(f"/messages/{forwarding.pk}/menu").content.decode()
    asked = client.get(page).content.decode()
    assert "marta@buyer.example" in asked
    assert "<b>Lang" not in asked
    assert Ticket.objects.count() == 1
    made = client.post(page)
    ticket = Ticket.objects.exclude(pk=forwarding.ticket_id).get()
    assert (made.headers["Location"], ticket.subject) == (f"/tickets/{ticket.pk}", "Broken lamp")
    assert client.post(page, follow=True).status_code == 200
    assert Ticket.objects.count() == 2


def test_who_may_not_take_tickets_apart_is_not_offered_it(cast, sign_in, forwarding):
    client, page = sign_in(cast.observer), f"/messages/{forwarding.pk}/forwarded"
    assert page not in client.get(f"/messages/{forwarding.pk}/menu").content.decode()
    assert client.post(page).status_code == 403
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("text", ["Nothing here", FORWARDED.replace("marta@buyer.example", "Support@hoshizora.example")])
def test_what_is_no_mail_of_somebody_else_is_no_ticket(cast, sign_in, text):
    arrive(letter(text, message_id="<1@x.example>"))
    message = Message.objects.get()
    assert sign_in(cast.supervisor).post(f"/messages/{message.pk}/forwarded").status_code == 404
    assert Ticket.objects.count() == 1


def test_the_files_of_a_forwarded_mail_go_along(cast, sign_in):
    mail = message_from_bytes(letter(FORWARDED, subject="Fwd: Broken lamp", message_id="<1@x.example>"), policy=policy.default)
    mail.add_attachment(b"the photo", maintype="image", subtype="png", filename="lamp.png")
    arrive(mail.as_bytes())
    message = Message.objects.get()
    client = sign_in(cast.supervisor)
    client.post(f"/messages/{message.pk}/forwarded")
    file = Message.objects.exclude(pk=message.pk).get().attachments.get()
    assert file.name == "lamp.png"
    assert b"".join(client.get(f"/files/{file.pk}")) == b"the photo"
