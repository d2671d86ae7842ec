"""Returned mail (RFC 3464) marks the reply that failed and opens no ticket."""

import pytest

from madoguchi.channels.mail.tokens import make_reply_token, reply_address
from madoguchi.foundation import crypto
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Delivery, Message, Ticket
from tests.intake.letters import SUPPORT, arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)


def a_mail(number, text="Hello, where is my order?", **fields):
    return letter(text, **({"message_id": f"<{number}@x.example>"} | fields))


def our_answer(cast, ticket):
    message = tickets.reply(ticket_id=ticket.pk, text="We are looking into it.", by=agent_actor(cast.hana))
    Delivery.objects.filter(message=message).update(state="sent")
    return message


# --- bounces -------------------------------------------------------------------------------------

BOUNCE = """From: MAILER-DAEMON@mx.example
To: support@hoshizora.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce{number}@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ruth@customer.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: {original}
Subject: Re: Order

--b--
"""


def bounce(original, *, action="failed", status="5.1.1", number=1):
    return BOUNCE.format(original=original, action=action, status=status, number=number).encode()


def test_a_bounce_marks_the_reply_that_failed(cast):
    arrive(a_mail(1))
    ticket = Ticket.objects.get()
    tickets.assign(ticket_id=ticket.pk, assignee=cast.hana, by=SYSTEM)
    answer = our_answer(cast, ticket)
    [envelope] = arrive(bounce(answer.message_id))
    assert (envelope.stage, envelope.reason) == ("bounce", "matched")
    delivery = Delivery.objects.get()
    assert delivery.state == "bounced"
    assert "no such user" in delivery.last_error
    assert Ticket.objects.get().messages.order_by("id").last().automatic == "bounce"
    assert cast.hana.notices.filter(kind="delivery_failed").exists()


def test_a_delay_is_shown_but_fails_nothing(cast):
    arrive(a_mail(1))
    answer = our_answer(cast, Ticket.objects.get())
    arrive(bounce(answer.message_id, action="delayed", status="4.4.1"))
    assert Delivery.objects.get().state == "sent"
    assert Message.objects.filter(automatic="bounce").count() == 1


def test_a_bounce_is_found_by_token_and_recipient(cast):
    arrive(a_mail(1))
    ticket = Ticket.objects.get()
    our_answer(cast, ticket)
    token = make_reply_token(ticket.pk, crypto.derive("reply-token"))
    arrive(bounce("<rewritten@gateway.example>"), recipients=[reply_address(SUPPORT, token)])
    assert Delivery.objects.get().state == "bounced"


def test_a_bounce_of_nothing_we_know_opens_no_ticket(cast):
    [envelope] = arrive(bounce("<unknown@x.example>"))
    assert (envelope.stage, envelope.reason) == ("bounce", "unmatched")
    assert Ticket.objects.count() == 0


def test_the_same_bounce_twice_is_recorded_once(cast):
    arrive(a_mail(1))
    answer = our_answer(cast, Ticket.objects.get())
    arrive(bounce(answer.message_id))
    [again] = arrive(bounce(answer.message_id))
    assert again.stage == "duplicate"
