"""From raw mail to the kept message, through the queue that the worker runs."""

from datetime import timedelta

import pytest

from madoguchi.channels.mail.letter import loop_mark
from madoguchi.channels.mail.tokens import make_reply_token, reply_address
from madoguchi.channels.models import Mailbox
from madoguchi.foundation import clock, crypto
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.foundation.models import Event
from madoguchi.foundation.search_query import query_terms
from madoguchi.intake import actions, queue
from madoguchi.sla.actions.policies import ensure_default_policy
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Delivery, Message, Participant, Ticket
from tests.intake.letters import SUPPORT, arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)


def a_mail(number, text="Hello, where is my order?", **fields):
    return letter(text, **({"message_id": f"<{number}@x.example>"} | fields))


def our_answer(cast, ticket):
    message = tickets.reply(ticket_id=ticket.pk, text="We are looking into it.", by=agent_actor(cast.hana))
    Delivery.objects.filter(message=message).update(state="sent")
    return message


# --- keeping -------------------------------------------------------------------------------------


def test_a_mail_opens_a_ticket_of_its_sender(cast):
    [envelope] = arrive(letter("The parcel did not arrive.\n\nRuth", subject="Parcel", message_id="<a@x.example>"))
    assert (envelope.stage, envelope.reason) == ("kept", "new")
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.customer, ticket.mailbox, ticket.status) == ("Parcel", cast.ruth, cast.mailbox, "new")
    message = ticket.messages.get()
    assert message.text.startswith("The parcel did not arrive.")
    assert (message.direction, message.message_id, message.envelope_id) == ("in", "<a@x.example>", envelope.pk)
    assert (ticket.message_count, ticket.last_message_id, ticket.language) == (1, message.pk, "en")
    assert ticket.preview.startswith("The parcel did not arrive.")
    assert list(Event.objects.filter(name__startswith="tickets.").order_by("id").values_list("name", flat=True)) == [
        "tickets.TicketCreated", "tickets.MessageReceived", "tickets.MessageReady",
    ]  # fmt: skip


def test_time_counts_from_the_arrival_not_from_the_reading(cast):
    an_hour_ago = clock.now() - timedelta(hours=1)
    with clock.frozen(an_hour_ago):
        raw = a_mail(1)
        from madoguchi.channels.actions import store_envelope

        store_envelope(raw=raw, source="smtp")
    assert queue.work_off() == 1
    assert Ticket.objects.get().created_at == an_hour_ago
    assert Message.objects.get().created_at == an_hour_ago


def test_an_unknown_sender_becomes_a_customer_with_a_language(cast):
    arrive(letter("注文した商品がまだ届きません。いつ届きますか。", sender="新規 太郎 <Neu@Customer.example>", message_id="<1@x>"))
    customer = Ticket.objects.get().customer
    assert (customer.name, customer.identities.get().value, customer.language) == ("新規 太郎", "neu@customer.example", "ja")


def test_a_display_name_proves_nothing(cast):
    arrive(a_mail(1, sender="Ruth Castellan <other@elsewhere.example>"))
    assert Ticket.objects.get().customer != cast.ruth


def test_a_short_answer_keeps_the_language_of_the_conversation(cast):
    arrive(letter("注文した商品がまだ届きません。", sender="a@customer.example", message_id="<1@x.example>"))
    arrive(letter("返品希望", sender="a@customer.example", message_id="<2@x.example>", in_reply_to="<1@x.example>"))
    assert [m.language for m in Message.objects.order_by("id")] == ["ja", "ja"]


def test_the_mailbox_gives_its_team(cast):
    Mailbox.objects.create(name="Repairs", address="repair@hoshizora.example", team=cast.repairs, created_at=clock.now())
    arrive(a_mail(1, to="Repairs <repair+x@hoshizora.example>"))
    ticket = Ticket.objects.get()
    assert (ticket.mailbox.name, ticket.team) == ("Repairs", cast.repairs)


def test_what_arrived_can_be_searched(cast):
    from madoguchi.foundation import search

    arrive(letter("返品をお願いします", message_id="<1@x.example>"))
    assert search.search_ids("messages", query_terms("返品"), limit=5)[0] == Message.objects.get().pk


# --- placing -------------------------------------------------------------------------------------


def test_a_reply_finds_its_ticket_by_any_reference(cast):
    arrive(a_mail(1))
    arrive(a_mail(2, references="<1@x.example> <unknown@x.example>", in_reply_to="<unknown@x.example>"))
    assert Ticket.objects.get().message_count == 2


def test_a_thread_within_one_batch_stays_together(cast):
    arrive(a_mail(1), a_mail(2, in_reply_to="<1@x.example>"), a_mail(3, references="<1@x.example> <2@x.example>"), a_mail(4))
    assert sorted(Ticket.objects.values_list("message_count", flat=True)) == [1, 3]


def test_a_reply_to_our_answer_by_its_message_id(cast):
    arrive(a_mail(1))
    answer = our_answer(cast, Ticket.objects.get())
    arrive(a_mail(2, in_reply_to=answer.message_id))
    ticket = Ticket.objects.get()
    assert (ticket.message_count, ticket.status) == (3, "open")


def test_a_reply_by_token_alone(cast):
    arrive(a_mail(1))
    token = make_reply_token(Ticket.objects.get().pk, crypto.derive("reply-token"))
    [envelope] = arrive(a_mail(2, to=reply_address(SUPPORT, token)))
    assert (Ticket.objects.get().message_count, envelope.reason) == (2, "token")


def test_a_forged_token_counts_for_nothing(cast):
    arrive(a_mail(1))
    token = make_reply_token(Ticket.objects.get().pk, b"another key entirely")
    arrive(a_mail(2, to=reply_address(SUPPORT, token)))
    assert Ticket.objects.count() == 2


def test_the_number_in_the_subject_counts_only_from_those_who_belong(cast):
    arrive(a_mail(1))
    number = Ticket.objects.get().pk
    [known] = arrive(a_mail(2, subject=f"Re: Order [#{number}]"))
    [stranger] = arrive(a_mail(3, subject=f"Re: Order [#{number}]", sender="stranger@elsewhere.example"))
    assert (known.reason, stranger.reason) == ("subject", "stranger")
    assert Ticket.objects.count() == 2


def test_who_was_copied_takes_part_and_may_answer(cast):
    arrive(a_mail(1, cc="Colleague <Colleague@customer.example>", to=f"{SUPPORT}, x@customer.example"))
    ticket = Ticket.objects.get()
    assert set(Participant.objects.values_list("address", flat=True)) == {"colleague@customer.example", "x@customer.example"}
    arrive(a_mail(2, sender="colleague@customer.example", subject=f"[#{ticket.pk}]"))
    assert Ticket.objects.get().message_count == 2


def test_a_stranger_with_our_mail_joins_visibly(cast):
    arrive(a_mail(1))
    answer = our_answer(cast, Ticket.objects.get())
    arrive(a_mail(2, sender="partner@elsewhere.example", in_reply_to=answer.message_id))
    assert Ticket.objects.get().message_count == 3
    assert Participant.objects.get().role == "joined"


def test_a_stranger_who_has_the_customers_mail_joins_too(cast):
    arrive(a_mail(1))
    arrive(a_mail(2, sender="partner@elsewhere.example", in_reply_to="<1@x.example>"))
    assert Ticket.objects.get().customer == cast.ruth
    assert Participant.objects.get().role == "joined"


def test_a_reply_to_a_closed_ticket_opens_a_linked_one(cast):
    arrive(a_mail(1))
    old = Ticket.objects.get()
    tickets.set_status(ticket_id=old.pk, status="solved", by=SYSTEM)
    tickets.set_status(ticket_id=old.pk, status="closed", by=SYSTEM)
    arrive(a_mail(2, in_reply_to="<1@x.example>"))
    new = Ticket.objects.exclude(pk=old.pk).get()
    assert new.links.get().other == old
    old.refresh_from_db()
    assert (old.status, old.message_count) == ("closed", 1)


def _closed(cast):
    arrive(a_mail(1))
    old = Ticket.objects.get()
    for status in ("solved", "closed"):
        tickets.set_status(ticket_id=old.pk, status=status, by=SYSTEM)
    return old


@pytest.mark.parametrize("together", [True, False])
def test_further_replies_to_a_closed_ticket_go_on_where_the_first_did(cast, together):
    old = _closed(cast)
    replies = [a_mail(n, f"Reply {n}", in_reply_to="<1@x.example>") for n in (2, 3)]
    if together:
        arrive(*replies)
    else:
        for one in replies:
            arrive(one)
    arrive(a_mail(4, subject=f"Re: [#{old.pk}]"))
    new = Ticket.objects.exclude(pk=old.pk).get()
    assert new.message_count == 3


def test_a_follow_up_that_is_closed_too_is_followed_by_another(cast):
    old = _closed(cast)
    arrive(a_mail(2, in_reply_to="<1@x.example>"))
    second = Ticket.objects.exclude(pk=old.pk).get()
    Ticket.objects.filter(pk=second.pk).update(status="closed")
    for number in (3, 4):
        arrive(a_mail(number, in_reply_to="<1@x.example>"))
    third = Ticket.objects.exclude(pk__in=[old.pk, second.pk]).get()
    assert third.message_count == 2


def test_a_stranger_and_a_link_made_by_hand_do_not_lead_into_another_ticket(cast):
    old = _closed(cast)
    arrive(a_mail(2, in_reply_to="<1@x.example>"))
    arrive(a_mail(3, sender="partner@elsewhere.example", in_reply_to="<1@x.example>"))
    assert Ticket.objects.count() == 3
    other = cast.ticket(subject="Something else")
    tickets.link(ticket_id=other.pk, other_id=old.pk, by=SYSTEM)
    arrive(a_mail(4, in_reply_to="<1@x.example>"))
    other.refresh_from_db()
    assert other.message_count == 1


def test_a_reply_to_a_merged_ticket_goes_where_it_went(cast):
    arrive(a_mail(1), a_mail(2))
    kept, merged = Ticket.objects.order_by("id")
    Ticket.objects.filter(pk=merged.pk).update(merged_into=kept)
    arrive(a_mail(3, in_reply_to="<2@x.example>"))
    kept.refresh_from_db()
    assert kept.message_count == 2


def test_a_reply_reopens_a_solved_ticket(cast):
    arrive(a_mail(1))
    tickets.set_status(ticket_id=Ticket.objects.get().pk, status="solved", by=SYSTEM)
    arrive(a_mail(2, in_reply_to="<1@x.example>"))
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.unsolved, ticket.solved_at) == ("open", True, None)
    assert ticket.changes.order_by("-id").first().new == "open"
    assert Event.objects.filter(name="tickets.MessageReceived").order_by("id").last().payload["reopened"] is True


def test_reply_to_is_where_the_answer_goes(cast):
    arrive(a_mail(1, sender="form@website.example", reply_to="Ruth <ruth@customer.example>"))
    message = tickets.reply(ticket_id=Ticket.objects.get().pk, text="Hello", by=agent_actor(cast.hana))
    assert message.to == [["Ruth", "ruth@customer.example"]]


# --- once ----------------------------------------------------------------------------------------


def test_the_same_message_id_is_kept_once(cast):
    [first] = arrive(a_mail(1))
    [again] = arrive(a_mail(1, "Hello, where is my order?\n-- \nadded by a list"))
    assert (first.stage, again.stage) == ("kept", "duplicate")
    assert Message.objects.count() == 1


def test_the_same_content_without_message_id_is_kept_once(cast):
    raw = letter("Hello", date="Wed, 25 Nov 2026 10:00:00 +0000")
    arrive(b"Received: from a by b; Wed, 25 Nov 2026 10:00:01 +0000\n" + raw)
    [again] = arrive(b"Received: from c by d; Wed, 25 Nov 2026 11:00:01 +0000\n" + raw.replace(b"\n", b"\r\n"))
    assert again.stage == "duplicate"


def test_the_same_twice_in_one_batch_is_kept_once(cast):
    raw = a_mail(1)
    assert [envelope.stage for envelope in arrive(raw, raw)] == ["kept", "duplicate"]


def test_a_bad_message_id_that_others_use_too_loses_nothing(cast):
    arrive(a_mail(0, sender="a@one.example"))
    [other] = arrive(a_mail(0, "Something else", sender="b@two.example"))
    assert other.stage == "kept"
    assert Message.objects.get(envelope=other).problems == ["message_id_reused"]


# --- machines ------------------------------------------------------------------------------------


def test_an_automatic_reply_is_recorded_and_changes_nothing(cast):
    arrive(a_mail(1))
    ticket = Ticket.objects.get()
    answer = our_answer(cast, ticket)
    tickets.set_status(ticket_id=ticket.pk, status="solved", by=SYSTEM)
    before = Ticket.objects.get()
    arrive(a_mail(2, "I am on holiday", in_reply_to=answer.message_id, auto_submitted="auto-replied"))
    after = Ticket.objects.get()
    assert (after.status, after.message_count, after.updated_at) == ("solved", 3, before.updated_at)
    message = Message.objects.order_by("-id").first()
    assert (message.automatic, message.may_auto_answer) == ("auto_reply", False)


def test_an_automatic_reply_to_nothing_of_ours_asks_nobody_to_act(cast):
    [envelope] = arrive(a_mail(1, auto_submitted="auto-replied"))
    ticket = Ticket.objects.get()
    assert (envelope.stage, ticket.status, ticket.unsolved) == ("kept", "solved", False)


def test_a_notification_is_a_ticket_that_no_machine_answers(cast):
    arrive(a_mail(1, "The backup failed", auto_submitted="auto-generated"))
    assert Ticket.objects.get().status == "new"
    assert Message.objects.get().may_auto_answer is False


def test_our_own_mail_is_a_loop(cast):
    envelopes = arrive(a_mail(1, sender=SUPPORT), a_mail(2, x_madoguchi_loop=loop_mark()))
    assert [(envelope.stage, envelope.reason) for envelope in envelopes] == [("loop", "own_mail")] * 2
    assert Ticket.objects.count() == 0


def test_our_mail_that_comes_back_over_a_list_is_a_loop(cast):
    arrive(a_mail(1))
    answer = our_answer(cast, Ticket.objects.get())
    [envelope] = arrive(letter("We are looking into it.", sender="list@elsewhere.example", message_id=answer.message_id))
    assert (envelope.stage, envelope.reason) == ("loop", "own_mail")


def test_too_many_hops_are_a_loop(cast):
    [envelope] = arrive(b"Received: from a by b\n" * 60 + a_mail(1))
    assert (envelope.stage, envelope.reason) == ("loop", "hops")


def test_a_sender_who_writes_too_often_is_not_answered_by_machine(cast, settings):
    settings.RATE_QUIET_ABOVE, settings.RATE_LOOP_ABOVE = 3, 5
    envelopes = arrive(*[a_mail(n) for n in range(4)])
    envelopes += arrive(*[a_mail(n) for n in range(4, 8)])
    assert [message.may_auto_answer for message in Message.objects.order_by("id")] == [True, True, True, False, False]
    assert [(e.stage, e.reason) for e in envelopes[5:]] == [("loop", "flood")] * 3


def test_a_new_ticket_has_its_clocks(cast):
    ensure_default_policy()
    arrive(a_mail(1))
    ticket = Ticket.objects.get()
    assert ticket.due_kind == "first_reply"
    assert ticket.deadlines.count() == 2


def test_spam_is_kept_apart(cast):
    ensure_default_policy()
    arrive(a_mail(1, x_spam_flag="YES"))
    ticket = Ticket.objects.get()
    assert (ticket.is_spam, ticket.unsolved) == (True, False)
    assert not ticket.deadlines.exists()
    assert set(Event.objects.filter(name__startswith="tickets.").values_list("name", flat=True)) == {"tickets.MessageReceived"}


def test_a_known_conversation_is_no_spam(cast):
    arrive(a_mail(1))
    arrive(a_mail(2, in_reply_to="<1@x.example>", x_spam_flag="YES"))
    assert Ticket.objects.get().is_spam is False


# --- origin and forwards -------------------------------------------------------------------------


def test_what_our_server_found_about_the_origin_is_kept_and_counts(cast):
    Mailbox.objects.filter(pk=cast.mailbox.pk).update(trusted_authserv="mx.hoshizora.example")
    arrive(a_mail(1))
    number = Ticket.objects.get().pk
    forged = b"Authentication-Results: mx.hoshizora.example; dmarc=fail header.from=customer.example\n"
    [envelope] = arrive(forged + a_mail(2, subject=f"Re: [#{number}]", in_reply_to="<1@x.example>"))
    assert (envelope.reason, envelope.auth["dmarc"]) == ("stranger", "fail")
    assert Message.objects.get(envelope=envelope).auth["dmarc"] == "fail"
    assert Ticket.objects.count() == 2


def test_what_a_stranger_says_about_the_origin_is_not_believed(cast):
    arrive(a_mail(1))
    claimed = b"Authentication-Results: mx.evil.example; dmarc=fail header.from=customer.example\n"
    [envelope] = arrive(claimed + a_mail(2, in_reply_to="<1@x.example>"))
    assert (envelope.reason, envelope.auth) == ("reference", {})


FORWARDED = """Please see below.

---------- Forwarded message ---------
From: Marta Lang <marta@buyer.example>
Date: Mon, 23 Nov 2026 09:00:00 +0000
Subject: Broken lamp
To: <sales@hoshizora.example>

My lamp is broken. Please help me.
"""


def test_a_forwarded_mail_becomes_the_ticket_of_its_writer(cast):
    arrive(a_mail(1, FORWARDED, subject="Fwd: Broken lamp"))
    ensure_default_policy()
    first = Ticket.objects.get()
    ticket = actions.split_forwarded(message_id=first.messages.get().pk, by=agent_actor(cast.hana))
    assert (ticket.subject, ticket.customer.identities.get().value) == ("Broken lamp", "marta@buyer.example")
    message = ticket.messages.get()
    assert (message.text.strip(), message.may_auto_answer) == ("My lamp is broken. Please help me.", False)
    assert ticket.links.get().other == first
    assert ticket.deadlines.exists()


def test_a_mail_without_a_forward_is_not_split(cast):
    arrive(a_mail(1))
    with pytest.raises(Invalid):
        actions.split_forwarded(message_id=Message.objects.get().pk, by=agent_actor(cast.hana))
