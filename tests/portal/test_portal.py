"""The portal: customers sign in by a mailed link and see their own requests, all of them and nothing else."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madoguchi.channels.models import Envelope
from madoguchi.customers.models import Identity
from madoguchi.foundation import clock, crypto
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.models import Job
from madoguchi.portal.actions import entering
from madoguchi.portal.models import Session, SignInLink
from madoguchi.promises.models import Promise
from madoguchi.sla import actions as sla
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
RUTH, CHINATSU = "ruth@customer.example", "chinatsu@customer.example"


def nonce_in(page) -> str:
    return re.search(r'name="nonce" value="([^"]+)"', page.content.decode())[1]


def write(browser, ticket, text="One more thing.", **fields):
    page = browser.get(f"/my/requests/{ticket.pk}")
    return browser.post(f"/my/requests/{ticket.pk}", {"text": text, "nonce": nonce_in(page)} | fields)


def test_a_customer_signs_in_by_the_link_that_was_mailed(client, cast, link_for):
    link = link_for("Ruth@Customer.example")
    browser = Client()
    assert browser.get(link).status_code == 200  # programs that look at links do not use them up
    answer = browser.post(link)
    cookie = answer.cookies["madoguchi_my"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/my/")
    assert "My requests" in browser.get("/my/").content.decode()
    assert Identity.objects.get(value=RUTH).verified
    assert "madoguchi_session" not in browser.cookies
    assert not Session.objects.filter(digest=cookie.value).exists()  # only its digest is kept
    assert browser.post("/my/sign-out")["Location"] == "/my/sign-in"
    assert browser.get("/my/")["Location"] == "/my/sign-in"
    browser.cookies["madoguchi_my"] = cookie.value
    assert browser.get("/my/")["Location"] == "/my/sign-in"


def test_the_link_comes_in_the_customers_language(client, cast, link_for, post):
    link_for(CHINATSU)
    assert post()[0].to == [CHINATSU]


def test_a_link_works_once_for_half_an_hour_and_cannot_be_made_up(client, cast, link_for):
    link = link_for(RUTH)
    with clock.frozen(clock.now() + entering.LINK_VALID + timedelta(seconds=1)):
        assert Client().post(link).status_code == 404
    assert Client().post(link).status_code == 302
    for other in (link, link[:-1] + "_", "/my/link/" + crypto.token(), "/my/link/" + SignInLink.objects.get().digest):
        answer = Client().post(other)
        assert answer.status_code == 404
        assert "madoguchi_my" not in answer.cookies
    told = {Client().post("/my/link/x").status_code for _ in range(entering.TRIES_PER_CLIENT_AN_HOUR)}
    assert told == {404, 429}


def test_who_is_known_is_told_to_nobody(client, cast, post):
    answers = []
    for address in (RUTH, "nobody@visitor.example"):
        answer = client.post("/my/sign-in", {"address": address})
        answers.append((answer.status_code, answer["Location"], answer.content, client.get(answer["Location"]).status_code))
    assert answers[0] == answers[1]
    waiting = [job.args for job in Job.objects.filter(name="portal.mail_link")]
    assert len(waiting) == 2  # what takes time is done later, for both
    assert RUTH not in str(waiting)
    assert [sent.to for sent in post()] == [[RUTH]]
    assert list(SignInLink.objects.values_list("address", flat=True)) == [RUTH]


def test_links_are_asked_for_so_often_only(client, cast, post):
    told = [client.post("/my/sign-in", {"address": RUTH}).status_code for _ in range(entering.PER_CLIENT_AN_HOUR + 1)]
    assert told == [302] * entering.PER_CLIENT_AN_HOUR + [429]
    assert len(post()) == entering.PER_ADDRESS_AN_HOUR


def test_sessions_end(client, cast, signed_in):
    browser = signed_in(RUTH)
    with clock.frozen(clock.now() + entering.SESSION_VALID + timedelta(minutes=1)):
        assert browser.get("/my/")["Location"] == "/my/sign-in"
        entering.prune()
    assert not Session.objects.exists()


def test_a_customer_sees_their_own_requests_alone(client, cast, signed_in):
    mine, other = cast.ticket(subject="My kettle"), cast.ticket(customer=cast.chinatsu, subject="Her teapot")
    spam = cast.ticket(subject="Win money", is_spam=True)
    file = Attachment.objects.create(
        message=other.messages.get(), name="a.txt", content_type="text/plain", size=1, data=b"x", created_at=clock.now()
    )
    browser = signed_in(RUTH)
    page = browser.get("/my/").content.decode()
    assert "My kettle" in page
    assert "Her teapot" not in page
    for number in (other.pk, spam.pk, 99_999):
        for way in ("", "/close", "/reopen"):
            assert browser.get(f"/my/requests/{number}{way}").status_code == 404
            assert browser.post(f"/my/requests/{number}{way}", {"text": "x", "nonce": "abcdefgh"}).status_code == 404
    assert browser.get(f"/my/files/{file.pk}").status_code == 404
    assert browser.get(f"/my/requests/{mine.pk}").status_code == 200
    assert Message.objects.filter(ticket=other).count() == 1


def test_an_agents_account_opens_nothing_here_and_a_customers_session_nothing_there(client, cast, signed_in):
    cast.ticket()
    client.force_login(cast.admin)
    assert client.get("/my/")["Location"] == "/my/sign-in"
    assert signed_in(RUTH).get("/").status_code == 302


def test_the_conversation_holds_what_was_said_with_the_customer_and_nothing_else(client, cast, signed_in):
    ticket = cast.ticket(text="My own words <script>alert(1)</script>")
    by = agent_actor(cast.hana)
    tickets.add_note(ticket_id=ticket.pk, text="Internal secret", by=by)
    shown = tickets.reply(ticket_id=ticket.pk, text="Our **answer**", by=by, bcc=[["", "boss@hoshizora.example"]])
    supplier = tickets.reply(ticket_id=ticket.pk, text="Dear supplier", by=by, to=[["", "supplier@else.example"]], seen_message_id=shown.pk)
    held = tickets.reply(ticket_id=ticket.pk, text="Not yet sent", by=by, send_at=clock.now() + timedelta(hours=1))
    for message in (shown, supplier):
        message.delivery.state = "sent"
        message.delivery.save()
    Message.objects.create(
        ticket=ticket, direction="in", text="Supplier says", from_address="supplier@else.example", created_at=clock.now()
    )
    Message.objects.create(ticket=ticket, direction="in", text="Undelivered", automatic="bounce", from_address=RUTH, created_at=clock.now())
    page = signed_in(RUTH).get(f"/my/requests/{ticket.pk}").content.decode()
    assert "Our <strong>answer</strong>" in page
    assert "My own words &lt;script&gt;" in page
    for hidden in ("Internal secret", "boss@hoshizora", "Dear supplier", held.text, "Supplier says", "Undelivered"):
        assert hidden not in page


def test_files_of_the_conversation_are_downloads(client, cast, signed_in):
    ticket = cast.ticket()
    said, note = ticket.messages.get(), tickets.add_note(ticket_id=ticket.pk, text="n", by=SYSTEM)
    made = {"content_type": "text/html", "size": 8, "data": b"<script>", "created_at": clock.now()}
    theirs, ours = (Attachment.objects.create(message=one, name='a"\r\nX: <b>.html', **made) for one in (said, note))
    browser = signed_in(RUTH)
    answer = browser.get(f"/my/files/{theirs.pk}")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "X" not in answer.headers
    assert browser.get(f"/my/files/{ours.pk}").status_code == 404


def test_a_customer_writes_with_files_once(client, cast, signed_in, post):
    ticket = cast.ticket(status="solved", unsolved=False)
    browser = signed_in(RUTH)
    nonce = nonce_in(browser.get(f"/my/requests/{ticket.pk}"))
    for _ in range(2):
        file = SimpleUploadedFile("photo.png", b"\x89PNG\r\n\x1a\n")
        answer = browser.post(f"/my/requests/{ticket.pk}", {"text": "It broke again.", "nonce": nonce, "files": [file]})
        assert answer.status_code == 302
    assert answer["Location"].startswith(f"/my/requests/{ticket.pk}?written=1")
    post()
    ticket.refresh_from_db()
    (said,) = Message.objects.filter(ticket=ticket, channel="portal")
    assert (ticket.status, said.from_address, said.customer) == ("open", RUTH, cast.ruth)
    assert said.attachments.get().name == "photo.png"
    assert "It broke again." in browser.get(f"/my/requests/{ticket.pk}").content.decode()
    write(browser, ticket, "Thanks")
    write(browser, ticket, "Thanks")  # the same words, meant twice
    assert Message.objects.filter(ticket=ticket, text__startswith="Thanks").count() == 2


def test_a_closed_request_is_continued_in_a_new_one(client, cast, signed_in):
    ticket = cast.ticket(status="closed", unsolved=False)
    answer = write(signed_in(RUTH), ticket)
    new = Ticket.objects.exclude(pk=ticket.pk).get()
    assert answer["Location"].startswith(f"/my/requests/{new.pk}")
    assert new.links.get().other == ticket
    assert (new.channel, new.customer) == ("portal", cast.ruth)


def test_a_failing_intake_loses_nothing(client, cast, signed_in, monkeypatch, post):
    from django.db import OperationalError

    from madoguchi.intake import queue

    ticket, browser = cast.ticket(), signed_in(RUTH)
    real = queue.take_in
    monkeypatch.setattr(queue, "take_in", lambda *_args, **_more: (_ for _ in ()).throw(OperationalError("away")))
    assert "?waiting=1" in write(browser, ticket)["Location"]
    assert Envelope.objects.get().stage == "received"
    monkeypatch.setattr(queue, "take_in", real)
    post()
    assert Message.objects.filter(ticket=ticket, channel="portal").count() == 1


def test_a_customer_closes_and_reopens(client, cast, signed_in):
    tickets.save_custom_field(by=SYSTEM, key="cause", label={"en": "Cause"}, required=True)
    ticket, browser = cast.ticket(), signed_in(RUTH)
    browser.post(f"/my/requests/{ticket.pk}/close")
    ticket.refresh_from_db()
    assert ticket.status == "solved"
    assert browser.post(f"/my/requests/{ticket.pk}/close").status_code == 409
    browser.post(f"/my/requests/{ticket.pk}/reopen")
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert set(ticket.changes.values_list("actor_kind", "actor_id")) == {("customer", cast.ruth.pk)}


def test_changes_need_our_own_page(client, cast, link_for):
    browser = Client(enforce_csrf_checks=True)
    link = link_for(RUTH)
    assert browser.post(link).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(link).content.decode())[1]
    assert browser.post(link, {"csrfmiddlewaretoken": token}).status_code == 302
    ticket = cast.ticket()
    assert browser.post(f"/my/requests/{ticket.pk}/close").status_code == 403
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_the_page_says_when_we_answer_and_what_we_promised(client, cast, signed_in):
    sla.save_policy(by=SYSTEM, name="Gold", targets={("first_reply", None): 60})
    ticket = cast.ticket()
    sla.start_clocks([ticket])
    Promise.objects.create(ticket=ticket, text="We call you.", due_at=clock.now() + timedelta(days=1), state="open", made_at=clock.now())
    Promise.objects.create(
        ticket=ticket, text="Perhaps this.", due_at=clock.now() + timedelta(days=1), state="offered", made_at=clock.now()
    )
    browser = signed_in(RUTH)
    page = browser.get(f"/my/requests/{ticket.pk}").content.decode()
    assert "You hear from us by" in page
    assert "We call you." in page
    assert "Perhaps this." not in page
    with clock.frozen(clock.now() + timedelta(days=5)):
        assert "This takes longer" in browser.get(f"/my/requests/{ticket.pk}").content.decode()


def test_floods_and_huge_files_from_a_customer_are_refused(client, cast, signed_in, settings):
    from madoguchi.portal.actions import requests

    ticket, browser = cast.ticket(), signed_in(RUTH)
    told = [write(browser, ticket, f"n {n}").status_code for n in range(requests.PER_CUSTOMER_AN_HOUR + 1)]
    assert told == [302] * requests.PER_CUSTOMER_AN_HOUR + [429]
    settings.MESSAGE_SIZE_LIMIT = 400_000
    huge = SimpleUploadedFile("a.bin", b"x" * 2_000_000)
    assert browser.post(f"/my/requests/{ticket.pk}", {"text": "x", "nonce": "abcdefgh", "files": [huge]}).status_code == 413


def test_a_merged_customer_sees_the_requests_of_both(client, cast, signed_in):
    hers, ours = cast.ticket(customer=cast.chinatsu, subject="Teapot"), cast.ticket(subject="Kettle")
    browser = signed_in(RUTH)
    tickets.merge_customers(kept_id=cast.chinatsu.pk, merged_id=cast.ruth.pk, by=SYSTEM)
    page = browser.get("/my/").content.decode()
    assert hers.subject in page
    assert ours.subject in page


def test_the_pages_need_few_statements(client, cast, signed_in, django_assert_max_num_queries):
    browser = signed_in(RUTH)
    many = [cast.ticket(subject=f"Number {n}") for n in range(12)]
    for n in range(10):
        Message.objects.create(ticket=many[0], direction="in", customer=cast.ruth, text=f"w {n}", from_address=RUTH, created_at=clock.now())
    with django_assert_max_num_queries(8):
        browser.get("/my/")
    with django_assert_max_num_queries(16):
        browser.get(f"/my/requests/{many[0].pk}")
