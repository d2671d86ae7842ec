"""Replies leave the house: what the customer gets, what happens when the server says no, and what an agent may still change."""

from datetime import timedelta

import pytest

from madoguchi.channels.mail import journal
from madoguchi.channels.mail.tokens import read_reply_token
from madoguchi.foundation import clock, crypto
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Conflict
from madoguchi.foundation.models import Event
from madoguchi.staff.models import Notice
from madoguchi.tickets import actions, jobs
from madoguchi.tickets.actions import delivering
from madoguchi.tickets.models import Attachment, Delivery, Draft, Message, Ticket
from tests.channels.smtp_servers import Sink, free_port, running, scripted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings, tmp_path):
    settings.HOME = tmp_path
    settings.UNDO_SEND = timedelta(0)


@pytest.fixture
def sink(cast):
    with running(Sink()) as sink:
        cast.mailbox.smtp_host, cast.mailbox.smtp_port, cast.mailbox.smtp_security = "127.0.0.1", sink.port, "none"
        cast.mailbox.save()
        yield sink


def answer(cast, **fields):
    """Hana answers Ruth's ticket; the message."""
    ticket = fields.pop("ticket", None) or cast.ticket()
    return actions.reply(**{"ticket_id": ticket.pk, "text": "It leaves **today**.", "by": agent_actor(cast.hana), **fields})


def state(message) -> Delivery:
    return Delivery.objects.get(message=message)


def test_the_chain_is_in_the_order_of_the_conversation(cast, sink):
    ticket = cast.ticket()
    first = f"<{ticket.pk}.first@customer.example>"
    acknowledgement = actions.reply(ticket_id=ticket.pk, text="It is here.", by=SYSTEM, automatic="acknowledgement", status="")
    assert (acknowledgement.in_reply_to, acknowledgement.references) == (first, [first])
    early = answer(cast, ticket=ticket)
    assert (early.in_reply_to, early.references) == (first, [first])  # the acknowledgement did not lead to it
    second = Message.objects.create(
        ticket=ticket, direction="in", message_id="<second@customer.example>", references=["<elsewhere@x>", first], created_at=clock.now()
    )
    late = answer(cast, ticket=ticket)
    assert late.in_reply_to == second.message_id
    assert late.references == ["<elsewhere@x>", first, acknowledgement.message_id, early.message_id, second.message_id]
    jobs.send_due()
    subjects = [arrived.mail["Subject"] for arrived in sink.arrived]
    assert subjects == [f"Auto: Where is my order? [#{ticket.pk}]"] + [f"Re: Where is my order? [#{ticket.pk}]"] * 2
    assert sink.arrived[-1].mail["References"].split() == late.references


def test_who_writes_first_continues_the_own_thread(cast):
    ticket = cast.ticket()
    ticket.messages.all().delete()
    first = answer(cast, ticket=ticket, to=[["Ruth", "ruth@customer.example"]])
    assert (first.in_reply_to, first.references) == ("", [])
    assert answer(cast, ticket=ticket, to=[["Ruth", "ruth@customer.example"]]).in_reply_to == first.message_id


def test_the_answer_arrives_in_the_right_thread(cast, sink):
    ticket = cast.ticket()
    message = answer(cast, ticket=ticket)
    jobs.send_due()
    (arrived,) = sink.arrived
    mail = arrived.mail
    assert (arrived.sender, arrived.recipients) == ("support@hoshizora.example", ["ruth@customer.example"])
    assert str(mail["From"]) == '"Hana Mori (Hoshizora)" <support@hoshizora.example>'
    assert mail["To"].addresses[0].addr_spec == "ruth@customer.example"
    assert mail["Subject"] == f"Re: Where is my order? [#{ticket.pk}]"
    assert mail["Message-ID"] == message.message_id
    assert mail["In-Reply-To"] == f"<{ticket.pk}.first@customer.example>"
    assert mail["References"] == f"<{ticket.pk}.first@customer.example>"
    assert read_reply_token(mail["Message-ID"], crypto.derive("reply-token")) == ticket.pk
    assert "Auto-Submitted" not in mail
    assert mail["X-Madoguchi-Loop"]
    delivery = state(message)
    assert (delivery.state, delivery.confirmed, delivery.taken) == ("sent", True, ["ruth@customer.example"])
    assert delivery.answer.startswith("250")
    message.refresh_from_db()
    assert message.sent_at is not None
    assert Event.objects.filter(name="tickets.DeliveryChanged", payload__state="sent").count() == 1
    assert list((journal.folder()).glob(f"{journal.house_id()}-*")) == []


def test_plain_and_html_say_the_same_and_quote_the_customer(cast, sink):
    answer(
        cast, text="Dear Ruth,\n\nit leaves **today** <b>now</b>. [Track it](https://shop.example/t?a=1&b=2)\n\n[bad](javascript:alert(1))"
    )
    jobs.send_due()
    plain, html = sink.arrived[0].plain, sink.arrived[0].html
    assert plain.startswith("Dear Ruth,\n\nit leaves **today**")
    assert "\n\nKind regards\nHana Mori\nHoshizora\n\nOn " in plain
    assert plain.rstrip().endswith("Ruth Castellan wrote:\n> It is late.")
    assert "<strong>today</strong> &lt;b&gt;now&lt;/b&gt;" in html
    assert 'href="https://shop.example/t?a=1&amp;b=2"' in html
    assert "javascript:" not in html.replace("[bad](javascript:alert(1))", "")
    assert '<blockquote type="cite" class="gmail_quote">It is late.</blockquote>' in html
    assert '<html lang="en">' in html


@pytest.mark.parametrize(
    ("language", "close"),
    [
        ("ja", "Hoshizoraお客様窓口\nHana Mori"),
        ("zh-hans", "Hoshizora客服中心\nHana Mori"),
        ("zh-hant", "Hoshizora客服中心\nHana Mori 敬上"),
        ("de", "Freundliche Grüße\nHana Mori\nHoshizora"),
    ],
)
def test_the_close_is_in_the_customers_language(cast, sink, language, close):
    answer(cast, language=language)
    jobs.send_due()
    assert close in sink.arrived[0].plain


def test_an_agents_own_signature_replaces_the_close(cast, sink):
    cast.hana.signature = "Hana from Orders"
    cast.hana.save()
    answer(cast)
    jobs.send_due()
    text = sink.arrived[0].plain
    assert "Hana from Orders" in text
    assert "Kind regards" not in text


def test_copies_blind_copies_and_our_own_address(cast, sink):
    answer(cast, cc=[["Bo", "bo@firm.example"], ["Us", "Support@hoshizora.example"]], bcc=[["", "hidden@firm.example"]])
    jobs.send_due()
    assert sorted(sink.arrived[0].recipients) == ["bo@firm.example", "hidden@firm.example", "ruth@customer.example"]
    assert b"hidden@" not in sink.arrived[0].raw


def test_files_go_along_and_pictures_stay_inside(cast, sink):
    ticket = cast.ticket()
    files = [
        Attachment.objects.create(ticket=ticket, uploaded_by=cast.hana, created_at=clock.now(), size=4, **fields)
        for fields in (
            {"name": "見積書.pdf", "content_type": "application/pdf", "data": b"%PDF"},
            {"name": "shot.png", "content_type": "image/png", "data": b"\x89PNG", "content_id": "shot1", "inline": True},
        )
    ]
    answer(cast, ticket=ticket, text="See ![shot](cid:shot1)", attachment_ids=[file.pk for file in files])
    jobs.send_due()
    mail = sink.arrived[0].mail
    (pdf,) = list(mail.iter_attachments())
    assert (pdf.get_filename(), pdf.get_content()) == ("見積書.pdf", b"%PDF")
    related = mail.get_body(("related", "html"))
    assert 'src="cid:shot1"' in sink.arrived[0].html
    assert [part["Content-ID"] for part in related.iter_parts()][1:] == ["<shot1>"]


def test_a_plus_address_carries_the_token_where_the_mailbox_has_one(cast, sink):
    cast.mailbox.plus_addresses = True
    cast.mailbox.save()
    ticket = cast.ticket()
    answer(cast, ticket=ticket)
    jobs.send_due()
    address = sink.arrived[0].mail["Reply-To"].addresses[0].addr_spec
    assert address.startswith("support+")
    assert read_reply_token(address, crypto.derive("reply-token")) == ticket.pk


def test_mail_is_signed_so_that_it_verifies(cast, sink):
    import dkim
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    import base64

    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    cast.mailbox.dkim_selector, cast.mailbox.dkim_key = "desk", crypto.encrypt(pem.decode())
    cast.mailbox.save()
    answer(cast, text="こんにちは\n.\nend " + "長い文" * 200)
    jobs.send_due()
    assert dkim.verify(sink.arrived[0].raw, dnsfunc=lambda name, **_: record)
    cast.mailbox.dkim_key = crypto.encrypt("not a key")
    cast.mailbox.save()
    broken = answer(cast, text="again")
    jobs.send_due()
    assert (state(broken).state, state(broken).problem) == ("failed", "dkim")


def test_automatic_mail_says_so(cast, sink):
    actions.reply(ticket_id=cast.ticket().pk, text="We have it.", by=SYSTEM, automatic="acknowledgement")
    jobs.send_due()
    mail = sink.arrived[0].mail
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert str(mail["From"]) == "Hoshizora <support@hoshizora.example>"
    assert "wrote:" not in sink.arrived[0].plain


def test_a_later_answer_is_not_sent_before_its_time(cast, sink):
    soon = clock.now() + timedelta(hours=2)
    message = answer(cast, send_at=soon)
    assert jobs.send_due() == 0
    with clock.frozen(soon + timedelta(seconds=1)):
        jobs.send_due()
    assert state(message).state == "sent"


def test_undo_gives_back_draft_files_and_status(cast, sink, settings):
    settings.UNDO_SEND = timedelta(seconds=5)
    ticket = cast.ticket()
    file = Attachment.objects.create(
        ticket=ticket, uploaded_by=cast.hana, created_at=clock.now(), size=1, name="a", content_type="text/plain", data=b"a"
    )
    message = answer(cast, ticket=ticket, attachment_ids=[file.pk])
    assert state(message).state == "held"
    ticket.refresh_from_db()
    assert ticket.status == "waiting_customer"
    actions.cancel(message_id=message.pk, by=agent_actor(cast.hana))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.last_outbound_at, ticket.preview) == ("new", None, "It is late.")
    draft = Draft.objects.get(ticket=ticket, agent=cast.hana)
    assert (draft.body, draft.fields["files"]) == ("It leaves **today**.", [file.pk])
    file.refresh_from_db()
    assert file.message is None
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        assert jobs.send_due() == 0
    assert sink.arrived == []
    with pytest.raises(Conflict):
        actions.cancel(message_id=message.pk, by=agent_actor(cast.hana))
    answer(cast, ticket=ticket, seen_message_id=0)  # the one taken back is no newer answer


def test_it_is_too_late_to_take_back_what_went_out(cast, sink):
    message = answer(cast)
    jobs.send_due()
    with pytest.raises(Conflict):
        actions.cancel(message_id=message.pk, by=agent_actor(cast.hana))


def test_held_mail_can_be_sent_now_or_at_another_time(cast, sink):
    now = clock.now()
    message = answer(cast, send_at=now + timedelta(hours=2))
    actions.reschedule(message_id=message.pk, send_at=now + timedelta(hours=3), by=agent_actor(cast.hana))
    assert state(message).send_at == now + timedelta(hours=3)
    actions.send_now(message_id=message.pk, by=agent_actor(cast.hana))
    jobs.send_due()
    assert state(message).state == "sent"


def test_a_server_that_asks_for_patience_is_asked_again_later(cast, sink):
    sink.answers["DATA"] = "451 4.7.1 greylisted"
    message = answer(cast)
    jobs.send_due()
    delivery = state(message)
    assert (delivery.state, delivery.attempts, delivery.problem) == ("retry", 1, "busy")
    assert "greylisted" in delivering.reason(delivery)
    assert jobs.send_due() == 0
    sink.answers.clear()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        jobs.send_due()
    assert state(message).state == "sent"
    assert state(message).problem == ""
    assert len(sink.arrived) == 1


def test_refused_for_good_is_visible_told_and_can_be_sent_again(cast, sink):
    sink.answers["RCPT"] = "550 5.1.1 no such user"
    message = answer(cast)
    jobs.send_due()
    delivery = state(message)
    assert (delivery.state, delivery.problem) == ("failed", "recipients")
    notice = Notice.objects.get(agent=cast.hana)
    assert (notice.kind, notice.ticket_id, notice.params["problem"]) == ("delivery_failed", message.ticket_id, "recipients")
    sink.answers.clear()
    actions.retry(message_id=message.pk, by=agent_actor(cast.hana))
    jobs.send_due()
    assert state(message).state == "sent"


def test_patience_ends(cast, sink):
    sink.answers["MAIL"] = "451 never"
    message = answer(cast)
    now = clock.now()
    for _ in range(delivering.MAX_ATTEMPTS):
        with clock.frozen(now):
            jobs.send_due()
        now += timedelta(days=2)
    assert state(message).state == "failed"


def test_some_recipients_now_some_later_nobody_twice(cast, sink):
    sink.answers |= {"RCPT:late@slow.example": "450 later", "RCPT:gone@x.example": "550 gone"}
    message = answer(cast, cc=[["", "late@slow.example"], ["", "gone@x.example"]])
    jobs.send_due()
    assert state(message).state == "retry"
    del sink.answers["RCPT:late@slow.example"]
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        jobs.send_due()
    assert [arrived.recipients for arrived in sink.arrived] == [["ruth@customer.example"], ["late@slow.example"]]
    delivery = state(message)
    assert (delivery.state, delivery.problem, list(delivery.refused)) == ("sent", "recipients", ["gone@x.example"])
    assert "gone@x.example" in delivering.reason(delivery)
    assert Notice.objects.filter(agent=cast.hana, kind="delivery_failed").count() == 1


def test_a_mailbox_without_a_way_out_uses_the_relay_or_fails_with_what_to_do(cast, sink, settings):
    cast.mailbox.smtp_host = ""
    cast.mailbox.save()
    message = answer(cast)
    jobs.send_due()
    assert (state(message).state, state(message).problem) == ("failed", "no_route")
    assert "SMTP server" in delivering.reason(state(message))
    settings.RELAY = f"127.0.0.1:{sink.port}"
    actions.retry(message_id=message.pk, by=SYSTEM)
    jobs.send_due()
    assert state(message).state == "sent"


def test_an_unreachable_server_is_tried_again(cast):
    cast.mailbox.smtp_host, cast.mailbox.smtp_port, cast.mailbox.smtp_security = "127.0.0.1", free_port(), "none"
    cast.mailbox.save()
    message = answer(cast)
    jobs.send_due()
    assert (state(message).state, state(message).problem) == ("retry", "unreachable")


def test_a_bounce_marks_the_reply(cast, sink):
    message = answer(cast)
    jobs.send_due()
    assert actions.record_bounce(message_id=message.pk, detail="550 mailbox full")
    assert not actions.record_bounce(message_id=message.pk, detail="550 mailbox full")
    assert state(message).state == "bounced"
    actions.retry(message_id=message.pk, by=agent_actor(cast.hana))
    jobs.send_due()
    assert len(sink.arrived) == 2


# --- After a kill --------------------------------------------------------------------------------


def cut_off(message, *, phase, answer=None) -> None:
    """Leave things as a killed worker does: the delivery claimed, the journal at this phase."""
    attempt = jobs.begin(state(message).pk)
    attempt.journal.plan(accepted=["ruth@customer.example"], refused={})
    attempt.journal.marks[0] = phase
    if answer:
        attempt.journal.answered(*answer)
    attempt.journal.abandon()
    assert state(message).state == "sending"


@pytest.mark.parametrize(
    ("phase", "reply", "end"),
    [
        (journal.STARTED, None, ("sent", True, 1)),
        (journal.HANDED_OVER, None, ("sent", False, 0)),
        (journal.HANDED_OVER, (250, "kept"), ("sent", True, 0)),
        (journal.HANDED_OVER, (451, "later"), ("retry", True, 0)),
        (journal.HANDED_OVER, (554, "spam"), ("failed", True, 0)),
    ],
)
def test_a_cut_off_attempt_is_resolved_by_its_journal(cast, sink, phase, reply, end):
    message = answer(cast)
    cut_off(message, phase=phase, answer=reply)
    jobs.send_due()
    jobs.send_due()
    assert (state(message).state, state(message).confirmed, len(sink.arrived)) == end
    assert list(journal.ended()) == []


def test_an_unconfirmed_message_is_told_and_can_be_sent_again(cast, sink):
    message = answer(cast)
    cut_off(message, phase=journal.HANDED_OVER)
    jobs.send_due()
    assert Notice.objects.get(agent=cast.hana).params["problem"] == "unconfirmed"
    actions.retry(message_id=message.pk, by=agent_actor(cast.hana))
    jobs.send_due()
    assert len(sink.arrived) == 1
    assert (state(message).confirmed, state(message).problem) == (True, "")
    with pytest.raises(Conflict):
        actions.retry(message_id=message.pk, by=agent_actor(cast.hana))


GIVEN = (b"220 x\r\n", "line", b"250 x\r\n", "line", b"250 ok\r\n", "line", b"250 ok\r\n", "line", b"354 go\r\n", "message")


@pytest.mark.parametrize("steps", [("close",), ("reset",), ("hang",), (b"what?\r\n",), (b"250-kept\r\n", "close")])
def test_a_server_that_takes_all_and_never_answers_is_not_given_it_again(cast, client, settings, steps):
    settings.SMTP_TIMEOUT = settings.SMTP_ANSWER_TIMEOUT = timedelta(seconds=0.5)
    with scripted(*GIVEN, *steps) as server:
        message = sent_through(cast, server.port)
        jobs.send_due()
    delivery = state(message)
    assert (delivery.state, delivery.confirmed, delivery.taken) == ("sent", False, ["ruth@customer.example"])
    assert Notice.objects.get(agent=cast.hana).params["problem"] == "unconfirmed"
    with running(Sink()) as sink:
        sent_through(cast, sink.port, message)
        jobs.send_due()
        assert sink.arrived == [], "nobody asked for it"
    client.force_login(cast.hana)
    page = client.get(f"/tickets/{message.ticket_id}").content.decode()
    assert "Unclear whether it was sent" in page
    assert "its confirmation never came" in page
    assert 'value="retry"' in page
    client.force_login(cast.admin)
    assert message.subject in client.get("/settings/tickets/deliveries/?state=unconfirmed").content.decode()
    client.post(f"/messages/{message.pk}/delivery", {"do": "trust"})
    assert state(message).confirmed
    assert "Unclear whether it was sent" not in client.get(f"/tickets/{message.ticket_id}").content.decode()
    with pytest.raises(Conflict):
        actions.trust(message_id=message.pk, by=agent_actor(cast.hana))


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        ((b"451 4.3.0 later\r\n",), ("retry", "busy")),
        ((b"421 4.3.2 going down\r\n", "close"), ("retry", "busy")),
        ((b"554 5.7.1 spam\r\n",), ("failed", "content")),
    ],
)
def test_an_answer_to_the_whole_message_is_believed(cast, steps, end):
    with scripted(*GIVEN, *steps) as server:
        message = sent_through(cast, server.port)
        jobs.send_due()
    assert (state(message).state, state(message).problem, state(message).confirmed) == (*end, True)


def test_a_line_that_breaks_before_the_end_of_the_message_is_tried_again(cast):
    with scripted(*GIVEN[:-1], "reset") as server:
        message = sent_through(cast, server.port)
        jobs.send_due()
    assert (state(message).state, state(message).confirmed) == ("retry", True)


def sent_through(cast, port, message=None):
    """A reply (or the given one) whose mailbox sends through this port."""
    cast.mailbox.smtp_host, cast.mailbox.smtp_port, cast.mailbox.smtp_security = "127.0.0.1", port, "none"
    cast.mailbox.save()
    return message or answer(cast)


def test_an_attempt_whose_journal_is_lost_waits_for_a_person(cast, sink):
    message = answer(cast)
    attempt = jobs.begin(state(message).pk)
    attempt.journal.close()
    jobs.send_due()
    assert (state(message).state, state(message).problem, sink.arrived) == ("failed", "stopped", [])


def test_a_claim_is_exclusive(cast, sink):
    message = answer(cast)
    assert delivering.claim(delivery_id=state(message).pk, attempt="one") is not None
    assert delivering.claim(delivery_id=state(message).pk, attempt="two") is None


def test_the_ticket_of_a_reply_stays_where_it_was_for_the_list(cast, sink):
    ticket = cast.ticket()
    answer(cast, ticket=ticket)
    jobs.send_due()
    assert Ticket.objects.get(pk=ticket.pk).status == "waiting_customer"
