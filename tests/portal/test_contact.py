"""The contact form: a stranger's words become a ticket, once, and never part of anybody else's."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.module_loading import autodiscover_modules

from madoguchi.channels.models import Envelope, Mailbox
from madoguchi.channels.web.written import FORM, Written, facts_of, to_raw
from madoguchi.customers.models import Customer, Identity
from madoguchi.foundation import clock, jobs
from madoguchi.foundation.actor import SYSTEM
from madoguchi.intake import queue
from madoguchi.portal import guard
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.downloads import data_of
from madoguchi.tickets.models import Attachment, Message, Ticket
from madoguchi.workplace.models import Brand

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/help/en/contact"
HOSTILE = "<script>alert(1)</script>\"'>{{ 7*7 }}"


def filled(client: Client, at: str = ADDRESS, /, *, seconds: float = 10, **fields) -> dict:
    """What a person fills in, `seconds` after the form was opened."""
    with clock.frozen(clock.now() - timedelta(seconds=seconds)):
        page = client.get(at)
    mark = re.search(r'name="mark" value="([^"]+)"', page.content.decode())[1]
    return {
        "mark": mark, "name": "Mara Lind", "address": "mara@visitor.example", "kind": "complaint", "subject": "Broken lid",
        "text": "The lid came broken. Can you send another one?", "consent": "on", "trap": "",
    } | fields  # fmt: skip


def work() -> None:
    autodiscover_modules("jobs")
    while queue.work_off():
        pass
    jobs.run_until_empty(queues=("default",))


def answers() -> list[Message]:
    return list(Message.objects.filter(direction="out").order_by("id"))


def test_a_form_becomes_a_ticket_and_is_acknowledged_by_mail(client, cast):
    data = filled(client, files=[SimpleUploadedFile("lid.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "text/html")])
    answer = client.post(ADDRESS, data)
    assert (answer.status_code, answer["Location"]) == (302, "/help/en/contact/sent")
    assert Envelope.objects.get().stage == "received"  # kept before anybody looks
    assert b"Thank you" in client.get(answer["Location"]).content
    work()
    ticket = Ticket.objects.get()
    message = Message.objects.get(direction="in")
    assert (ticket.channel, ticket.kind, ticket.subject, ticket.mailbox) == ("form", "complaint", "Broken lid", cast.mailbox)
    assert (message.channel, message.from_name, message.from_address) == ("form", "Mara Lind", "mara@visitor.example")
    assert message.text.strip() == data["text"]
    file = Attachment.objects.get()
    assert (file.name, file.content_type) == ("lid.png", "image/png")
    assert data_of(file).startswith(b"\x89PNG")
    (sent,) = answers()
    assert (sent.automatic, sent.to) == ("acknowledgement", [["Mara Lind", "mara@visitor.example"]])
    assert str(ticket.pk) in sent.text


def test_the_customer_goes_on_by_mail_in_the_same_ticket(client, cast):
    from tests.intake.letters import arrive, letter

    client.post(ADDRESS, filled(client))
    work()
    (sent,) = answers()
    arrive(
        letter(
            "It is the red one.",
            sender="mara@visitor.example",
            subject="Re: hello",
            in_reply_to=sent.message_id,
            message_id="<a@b.example>",
        )
    )
    assert Ticket.objects.count() == 1
    assert list(Message.objects.filter(direction="in").order_by("id").values_list("channel", flat=True)) == ["form", "mail"]


def test_a_double_click_makes_one_ticket_and_another_text_another_one(client, cast):
    data = filled(client)
    for _ in range(2):
        assert client.post(ADDRESS, data).status_code == 302
    client.post(ADDRESS, data | {"text": "And the box was wet."})
    work()
    assert Ticket.objects.count() == 2


def test_the_same_content_sent_from_a_fresh_form_is_kept_once(client, cast):
    for _ in range(2):
        client.post(ADDRESS, filled(client))
    work()
    assert Ticket.objects.count() == 1
    assert sorted(Envelope.objects.values_list("stage", flat=True)) == ["duplicate", "kept"]


@pytest.mark.parametrize("subject", ["Re: [#{n}] Where is my order?", "[#{n}]"])
def test_what_is_typed_never_joins_a_ticket(client, cast, subject):
    from madoguchi.channels.mail.tokens import make_reply_token
    from madoguchi.foundation import crypto

    ticket = cast.ticket()
    token = make_reply_token(ticket.pk, crypto.derive("reply-token"))
    data = filled(client, address="ruth@customer.example", subject=subject.format(n=ticket.pk), text=f"<t.{token}.1@hoshizora.example>")
    assert client.post(ADDRESS, data).status_code == 302
    work()
    assert Message.objects.filter(ticket=ticket).count() == 1
    new = Ticket.objects.exclude(pk=ticket.pk).get()
    assert new.customer == cast.ruth  # at the desk it is marked as typed; the name that we know stays
    assert Customer.objects.get(pk=cast.ruth.pk).name == "Ruth Castellan"
    assert not Identity.objects.get(value="ruth@customer.example").verified


def test_the_acknowledgement_carries_nothing_that_was_typed(client, cast):
    client.post(ADDRESS, filled(client, name="Win 1000 at evil.example", subject="Cheap pills at evil.example", text="evil.example"))
    work()
    (sent,) = answers()
    assert "evil" not in sent.subject + sent.text


def test_a_name_or_subject_cannot_write_headers(client, cast):
    data = filled(client, name="Mara\r\nBcc: all@victim.example", subject="Hello\r\nX-Madoguchi-Loop: x\r\n\r\nbody")
    assert client.post(ADDRESS, data).status_code == 302
    raw = bytes(Envelope.objects.get().raw)
    assert b"\nBcc:" not in raw
    assert b"\nX-Madoguchi-Loop" not in raw
    work()
    assert Ticket.objects.get().subject == "Hello X-Madoguchi-Loop: x body"


def test_scripts_in_every_field_stay_text(client, cast):
    tickets.save_custom_field(by=SYSTEM, key="order", label={"en": "Order <b>"}, for_customers=True)
    wrong = filled(client, name=HOSTILE, address="no-address" + HOSTILE, subject=HOSTILE, text=HOSTILE, **{"own.order": HOSTILE})
    page = client.post(ADDRESS, wrong)
    assert page.status_code == 422
    assert b"<script>alert" not in page.content
    assert b"Order <b>" not in page.content
    assert client.post(ADDRESS, wrong | {"address": "mara@visitor.example"}).status_code == 302
    work()
    ticket = Ticket.objects.get()
    assert ticket.custom == {"order": HOSTILE}
    client.force_login(cast.admin)
    assert b"<script>alert" not in client.get(f"/tickets/{ticket.pk}").content


def test_quotations_and_signatures_in_a_form_are_part_of_the_words(client, cast):
    text = "My words.\n\nOn Monday Mara wrote:\n> you said so\n\n-- \nMara"
    client.post(ADDRESS, filled(client, text=text))
    work()
    message = Message.objects.get(direction="in")
    assert "you said so" in message.reply_text
    assert not message.quoted_text


@pytest.mark.parametrize("address", ["mailer-daemon@visitor.example", "noreply@visitor.example"])
def test_no_address_makes_it_a_machines_message(client, cast, address):
    client.post(ADDRESS, filled(client, address=address, subject="Automatic reply: away"))
    work()
    assert Message.objects.get(direction="in").automatic == ""


def test_own_fields_are_asked_by_kind(client, cast):
    tickets.save_custom_field(
        by=SYSTEM, key="serial", label={"en": "Serial number", "de": "Seriennummer"}, kinds=["incident"], required=True, for_customers=True
    )
    tickets.save_custom_field(by=SYSTEM, key="inside", label={"en": "Only for us"})
    page = client.get("/help/de/contact").content.decode()
    assert 'data-kinds="incident"' in page
    assert "Seriennummer" in page
    assert "Only for us" not in page
    data = filled(client, kind="incident")
    assert client.post(ADDRESS, data).status_code == 422
    client.post(ADDRESS, data | {"own.serial": "A-17", "own.inside": "x"})
    client.post(ADDRESS, filled(client, **{"own.serial": "B-18"}))  # a complaint has no serial number
    work()
    assert sorted((t.kind, t.custom.get("serial")) for t in Ticket.objects.all()) == [("complaint", None), ("incident", "A-17")]
    assert not Ticket.objects.filter(custom__has_key="inside").exists()


def test_machines_are_held_up(client, cast):
    fast = filled(client, seconds=1)
    assert client.post(ADDRESS, fast).status_code == 422
    for mark in ("", "1.x.y", fast["mark"][:-2] + "zz", "9999999999.abc.def", fast["mark"].replace(".", "")):
        assert client.post(ADDRESS, fast | {"mark": mark}).status_code == 422
    old = client.post(ADDRESS, filled(client, seconds=25 * 3600))
    assert old.status_code == 422
    assert b"The lid came broken" in old.content  # nothing typed is lost, and the next attempt works
    with clock.frozen(clock.now() + timedelta(seconds=9)):
        assert (
            client.post(ADDRESS, filled(client) | {"mark": re.search(rb'name="mark" value="([^"]+)"', old.content)[1].decode()}).status_code
            == 302
        )


def test_the_field_that_people_do_not_see_leads_to_the_spam_list(client, cast):
    assert client.post(ADDRESS, filled(client, trap="http://spam.example")).status_code == 302
    work()
    assert Ticket.objects.get().is_spam
    assert not answers()


def test_floods_are_stopped_by_client_by_address_and_by_form(client, cast):
    data = filled(client)
    told = [client.post(ADDRESS, data | {"text": f"Number {n}"}).status_code for n in range(guard.PER_MARK + 1)]
    assert told == [302] * guard.PER_MARK + [429]
    told = [client.post(ADDRESS, filled(client, text=f"Again {n}")).status_code for n in range(2)]
    assert told == [302, 429]  # the address's share is used up
    told = [
        client.post(ADDRESS, filled(client, address=f"m{n}@visitor.example"), REMOTE_ADDR="203.0.113.9").status_code
        for n in range(guard.PER_CLIENT_AN_HOUR + 1)
    ]
    assert told == [302] * guard.PER_CLIENT_AN_HOUR + [429]
    refused = client.post(ADDRESS, filled(client, address="late@visitor.example"), REMOTE_ADDR="203.0.113.9")
    assert b"support@hoshizora.example" in refused.content


def test_large_and_many_files_are_refused_with_words(client, cast, settings):
    settings.UPLOAD_SIZE_LIMIT = 10_000
    large = SimpleUploadedFile("a.bin", b"x" * 10_001)
    assert client.post(ADDRESS, filled(client, files=[large])).status_code == 422
    many = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(11)]
    assert client.post(ADDRESS, filled(client, files=many)).status_code == 422
    settings.MESSAGE_SIZE_LIMIT = 400_000
    huge = SimpleUploadedFile("a.bin", b"x" * 2_000_000)
    assert client.post(ADDRESS, filled(client, files=[huge])).status_code == 413
    assert not Envelope.objects.exists()


def test_nothing_is_kept_without_what_is_needed(client, cast):
    for lack in ("name", "address", "kind", "subject", "text", "consent"):
        assert client.post(ADDRESS, filled(client) | {lack: ""}).status_code == 422, lack
    assert client.post(ADDRESS, filled(client, address="Support@hoshizora.example")).status_code == 422
    assert client.post(ADDRESS, filled(client, name="a\0b")).status_code == 422
    assert not Envelope.objects.exists()


def test_each_brand_answers_from_its_own_mailbox(client, cast):
    brand = Brand.objects.create(name="Tsukimi")
    box = Mailbox.objects.create(name="T", address="help@tsukimi.example", brand=brand, created_at=clock.now())
    address = f"/help/ja/contact/{brand.pk}"
    assert "Tsukimi" in client.get(address).content.decode()
    assert client.post(address, filled(client, address)).headers["Location"] == f"{address}/sent"
    work()
    assert Ticket.objects.get().mailbox == box
    assert Ticket.objects.get().brand == brand
    assert client.get("/help/ja/contact/999").status_code == 404


def test_a_mail_cannot_pretend_to_be_a_form(cast):
    from tests.intake.letters import arrive

    raw = to_raw(Written(FORM, "M", "m@visitor.example", cast.mailbox.address, "s", "t", clock.now(), facts={"kind": "praise"}))
    assert facts_of(raw) == {"kind": "praise"}
    arrive(raw)
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.kind) == ("mail", "")


def test_the_form_is_linked_and_never_kept_by_anybody(client, cast):
    assert 'href="/help/de/contact"' in client.get("/help/de/").content.decode()
    page = client.get("/help/de/contact")
    assert "no-store" in page["Cache-Control"]
    assert page["Content-Language"] == "de"
    assert "madoguchi_session" not in page.cookies
    assert client.put(ADDRESS).status_code == 405


def test_the_form_needs_few_statements(client, cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        client.get(ADDRESS)
    data = filled(client)
    with django_assert_max_num_queries(14):
        client.post(ADDRESS, data)
