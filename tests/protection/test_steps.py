"""Steps as rows: evidence, notices, restrictions that act and end, alarms."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from madoguchi.channels.models import Envelope
from madoguchi.foundation import audit, clock, events, jobs
from madoguchi.foundation.actor import SYSTEM, Actor, agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed
from madoguchi.foundation.models import AuditEntry, Job
from madoguchi.protection import actions, queries
from madoguchi.protection.actions.taking import Limits
from madoguchi.protection.evidence import canonical
from madoguchi.protection.ladder import Kind, Step
from madoguchi.protection.models import Evidence, Held, Measure
from madoguchi.staff.models import Notice
from madoguchi.tickets.actions import merge_customers
from madoguchi.tickets.models import Delivery, Message, Ticket

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)  # Wednesday noon in Tokyo
WORDS = "おい、お前は馬鹿か。土下座しろ。"


@pytest.fixture
def ticket(cast):
    made = cast.ticket(customer=cast.chinatsu, subject="返金はいつか", text=WORDS, team=cast.orders)
    Ticket.objects.filter(pk=made.pk).update(language="ja")
    return made


def first(ticket: Ticket) -> Message:
    return Message.objects.get(ticket=ticket, direction="in")


def another(ticket: Ticket, *, text: str = "まだか", channel: str = "mail", at: datetime | None = None) -> Message:
    """A later message of the same customer, kept and announced as an arrival is."""
    return Message.objects.create(
        ticket=ticket, direction="in", customer=ticket.customer, channel=channel, text=text, reply_text=text,
        from_address="chinatsu@customer.example", created_at=at or clock.now(),
    )  # fmt: skip


def judged(cast, message: Message, severity: int = 2, labels=("insult",)) -> None:
    actions.judge(message_id=message.pk, severity=severity, labels=labels, by=agent_actor(cast.hana))


def warned(cast, ticket: Ticket) -> None:
    """Up to the last warning, each upon something that came in after the one before."""
    for step, who in ((Step.FIRST_WARNING, cast.hana), (Step.SECOND_WARNING, cast.hana), (Step.LAST_WARNING, cast.supervisor)):
        actions.take_step(ticket_id=ticket.pk, step=step, reason="担当者に暴言", message_ids=[first(ticket).pk], by=agent_actor(who))


def restrict(cast, ticket: Ticket, kind: Kind = Kind.REFUSAL, days: int = 30, **other) -> Measure:
    now = clock.now()
    limits = Limits(kind=kind, ends_at=now + timedelta(days=days), review_at=now + timedelta(days=days // 2), **other)
    return actions.take_step(
        ticket_id=ticket.pk, step=Step.RESTRICTION, reason="11月25日、担当者に暴言", message_ids=[first(ticket).pk], limits=limits,
        by=agent_actor(cast.supervisor),
    )  # fmt: skip


def test_a_warning_goes_out_in_the_customers_language_with_evidence_and_a_way_to_appeal(cast, ticket):
    judged(cast, first(ticket))
    measure = actions.take_step(
        ticket_id=ticket.pk, step=Step.FIRST_WARNING, reason="担当者に暴言", behaviour="insult", message_ids=[first(ticket).pk],
        by=agent_actor(cast.hana),
    )  # fmt: skip
    sent = Message.objects.get(pk=measure.message_id)
    assert "暴言はおやめください" in sent.text
    assert f"/protection/appeals/{queries.appeal_token(measure.pk)}" in sent.text
    assert sent.agent == cast.hana
    assert Delivery.objects.filter(message=sent).exists()
    assert measure.by_name == "Hana Mori"
    kept = Evidence.objects.get(measure=measure)
    entry = AuditEntry.objects.get(pk=kept.entry_id)
    assert (entry.digest, entry.detail["sha256"]) == (kept.chain, kept.digest)
    assert audit.verify().ok


def test_evidence_of_a_mail_is_the_digest_of_the_raw_mail(cast, ticket):
    import hashlib

    raw = b"From: x@customer.example\r\n\r\nabuse"
    envelope = Envelope.objects.create(raw=raw, size=len(raw), source="test", received_at=clock.now())
    Message.objects.filter(pk=first(ticket).pk).update(envelope=envelope)
    actions.take_step(ticket_id=ticket.pk, step=Step.ASK, reason="x", message_ids=[first(ticket).pk], by=agent_actor(cast.hana))
    kept = Evidence.objects.get()
    assert (kept.digest, kept.raw) == (hashlib.sha256(raw).hexdigest(), True)


def test_evidence_of_a_message_without_raw_mail_can_be_computed_again(cast, ticket):
    import hashlib

    actions.take_step(ticket_id=ticket.pk, step=Step.ASK, reason="x", message_ids=[first(ticket).pk], by=agent_actor(cast.hana))
    assert Evidence.objects.get().digest == hashlib.sha256(canonical(first(ticket))).hexdigest()
    assert json.loads(canonical(first(ticket)))["text"] == WORDS


def test_an_agent_cannot_restrict_and_nobody_without_the_permission_can_warn(cast, ticket):
    with pytest.raises(NotAllowed):
        actions.take_step(
            ticket_id=ticket.pk, step=Step.FIRST_WARNING, reason="x", message_ids=[first(ticket).pk], by=agent_actor(cast.observer)
        )
    warned(cast, ticket)
    now = clock.now()
    limits = Limits(Kind.REFUSAL, now + timedelta(days=9), now + timedelta(days=5))
    for by in (agent_actor(cast.hana), Actor("api", cast.supervisor.pk, "token"), SYSTEM):
        with pytest.raises(NotAllowed):
            actions.take_step(ticket_id=ticket.pk, step=Step.RESTRICTION, reason="x", message_ids=[first(ticket).pk], limits=limits, by=by)
    assert not Measure.objects.filter(step="restriction").exists()


def test_a_machine_warns_only_where_the_company_turned_it_on_and_the_law_allows(cast, ticket):
    judged(cast, first(ticket))
    ask = {"ticket_id": ticket.pk, "step": Step.FIRST_WARNING, "reason": "x", "message_ids": [first(ticket).pk], "by": SYSTEM}
    with pytest.raises(NotAllowed):
        actions.take_step(**ask)
    actions.set_choices(by=agent_actor(cast.supervisor), machine_sends=["first_warning"])
    measure = actions.take_step(**ask)
    assert Message.objects.get(pk=measure.message_id).automatic == "protection"
    with pytest.raises(Invalid):
        actions.set_choices(by=agent_actor(cast.supervisor), profile="eu")
    with pytest.raises(NotAllowed):
        actions.set_choices(by=agent_actor(cast.hana), machine_sends=[])


def test_a_protected_complaint_allows_no_step_and_only_a_decider_takes_protection_away(cast, ticket):
    actions.protect(ticket_id=ticket.pk, kind="complaint", by=agent_actor(cast.hana))
    with pytest.raises(Invalid):
        actions.take_step(ticket_id=ticket.pk, step=Step.ASK, reason="x", message_ids=[first(ticket).pk], by=agent_actor(cast.supervisor))
    with pytest.raises(NotAllowed):
        actions.unprotect(ticket_id=ticket.pk, reason="x", by=agent_actor(cast.hana))
    actions.unprotect(ticket_id=ticket.pk, reason="threats against a colleague", by=agent_actor(cast.supervisor))
    assert queries.protected_mark(ticket.pk) is None


def test_a_restriction_says_everything_that_the_customer_must_know(cast, ticket):
    with clock.frozen(NOW):
        warned(cast, ticket)
        measure = restrict(cast, ticket)
    text = Message.objects.get(pk=measure.message_id).text
    for part in ("藤代 千夏 様", "2026年11月25日", "2026年12月25日", "新しいお問い合わせの受け付けを停止", "Sora Supervisor", "14日以内", "7日以内",
                 queries.appeal_token(measure.pk), "support@hoshizora.example", str(ticket.pk)):  # fmt: skip
        assert part in text
    assert "{" not in text


def test_a_notice_with_a_gap_or_without_the_way_to_appeal_is_not_sent(cast, ticket):
    for notice in ("Stop until {until}. {appeal_link}", "Stop it.", " "):
        with pytest.raises(Invalid):
            actions.take_step(
                ticket_id=ticket.pk, step=Step.FIRST_WARNING, reason="x", message_ids=[first(ticket).pk], notice=notice,
                by=agent_actor(cast.hana),
            )  # fmt: skip
    assert not Measure.objects.exists()
    assert not Message.objects.filter(direction="out").exists()


def test_a_refused_customers_message_is_kept_told_once_a_day_and_not_routed(cast, ticket):
    with clock.frozen(NOW):
        warned(cast, ticket)
        measure = restrict(cast, ticket)
        one, two = another(ticket), another(ticket)
        for message in (one, two, one):
            actions.receive(message_id=message.pk)
        assert queries.is_held(one.pk)
    assert set(Held.objects.values_list("message", "told")) == {(one.pk, True), (two.pk, False)}
    told = Message.objects.filter(direction="out", automatic="protection")
    assert told.count() == 1
    assert queries.appeal_token(measure.pk) in told.get().text
    assert Message.objects.get(pk=one.pk).text == "まだか"


def test_danger_and_rights_get_through_a_refusal(cast, ticket):
    with clock.frozen(NOW):
        warned(cast, ticket)
        restrict(cast, ticket)
        message = another(ticket, text="加湿器から煙が出ています")
        assert actions.receive(message_id=message.pk).held_by is None
        assert not queries.is_held(message.pk)


def test_a_restriction_follows_a_merged_customer_and_ends_by_itself(cast, ticket):
    with clock.frozen(NOW):
        warned(cast, ticket)
        restrict(cast, ticket, days=10)
        merge_customers(kept_id=cast.ruth.pk, merged_id=cast.chinatsu.pk, by=agent_actor(cast.supervisor))
        assert queries.in_force(cast.ruth.pk)
        assert actions.end_due() == 0
    with clock.frozen(NOW + timedelta(days=10)):
        assert not queries.in_force(cast.ruth.pk)
        assert actions.end_due() == 1
        assert actions.end_due() == 0
    assert Measure.objects.get(step="restriction").end_reason == "date"


def test_one_contact_person_gets_what_the_customer_writes(cast, ticket):
    from madoguchi.routing import actions as routing

    with clock.frozen(NOW):
        warned(cast, ticket)
        restrict(cast, ticket, Kind.ONE_PERSON, contact=cast.kenji)
        new = cast.ticket(customer=cast.chinatsu, subject="another")
        assert routing.route(ticket_id=new.pk)
    assert Ticket.objects.get(pk=new.pk).assignee == cast.kenji


def test_a_decider_lifts_and_reviews_with_a_reason_and_others_cannot(cast, ticket):
    with clock.frozen(NOW):
        warned(cast, ticket)
        measure = restrict(cast, ticket)
    with clock.frozen(NOW + timedelta(days=16)):
        assert actions.remind_reviews() == 1
        actions.remind_reviews()
        assert Notice.objects.filter(kind="protection_review", agent=cast.supervisor).count() == 1
        with pytest.raises(NotAllowed):
            actions.review(measure_id=measure.pk, text="goes on", by=agent_actor(cast.hana))
        actions.review(measure_id=measure.pk, text="goes on", by=agent_actor(cast.supervisor))
        assert actions.remind_reviews() == 0
        with pytest.raises(Invalid):
            actions.lift(measure_id=measure.pk, reason=" ", by=agent_actor(cast.supervisor))
        actions.lift(measure_id=measure.pk, reason="appeal upheld", by=agent_actor(cast.supervisor))
        with pytest.raises(Conflict):
            actions.lift(measure_id=measure.pk, reason="again", by=agent_actor(cast.supervisor))
        assert not queries.in_force(cast.chinatsu.pk)
        assert Step.RESTRICTION not in queries.standing_of(ticket).taken


def test_grave_danger_is_told_at_once_in_the_page_and_by_mail_without_a_word_of_it(cast, ticket, settings):
    import madoguchi.staff.jobs  # noqa: F401  registers the work

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    judged(cast, first(ticket), 3, ["threat"])
    actions.receive(message_id=first(ticket).pk)
    told = Notice.objects.filter(kind="protection_grave")
    assert set(told.values_list("agent", flat=True)) == {cast.admin.pk, cast.supervisor.pk}
    assert Job.objects.filter(name="staff.send_mail").count() == 2
    jobs.run_until_empty(queues=("mail",))
    assert len(mail.outbox) == 2
    assert {to for letter in mail.outbox for to in letter.to} == {cast.admin.email, cast.supervisor.email}
    assert all(str(ticket.pk) in letter.subject and "土下座" not in letter.body and "返金" not in letter.body for letter in mail.outbox)


def test_the_whole_way_by_events_a_held_message_gets_no_greeting(cast, ticket):
    from madoguchi.tickets.events import MessageReady

    cast.mailbox.acknowledge = True
    cast.mailbox.save()
    with clock.frozen(NOW):
        warned(cast, ticket)
        restrict(cast, ticket)
        new = cast.ticket(customer=cast.chinatsu, subject="another")
        events.emit(MessageReady(new.pk, None, first(new).pk, first=True, automatic=False), by=SYSTEM)
        events.fan_out()
        jobs.run_until_empty(queues=("default",))
    assert list(Message.objects.filter(ticket=new, direction="out").values_list("automatic", flat=True)) == ["protection"]
    assert Ticket.objects.get(pk=new.pk).assignee is None


def test_own_words_are_approved_by_a_person_and_keep_the_way_to_appeal(cast, ticket):
    with pytest.raises(Invalid):
        actions.approve_wording(step="restriction", texts={"ja": "来るな"}, by=agent_actor(cast.supervisor))
    actions.approve_wording(step="first_warning", texts={"ja": "{behaviour}はご遠慮ください。"}, by=agent_actor(cast.supervisor))
    measure = actions.take_step(
        ticket_id=ticket.pk, step=Step.FIRST_WARNING, reason="x", behaviour="insult", message_ids=[first(ticket).pk],
        by=agent_actor(cast.hana),
    )  # fmt: skip
    assert measure.notice.startswith("暴言はご遠慮ください。")
    assert queries.appeal_token(measure.pk) in measure.notice
    actions.approve_wording(step="first_warning", texts={"ja": ""}, by=agent_actor(cast.supervisor))
    assert queries.wording_of("first_warning", "ja")[1] is None


def test_a_machine_warns_by_itself_once_a_message_and_never_goes_further_than_it_was_left(cast, ticket):
    actions.receive(message_id=first(ticket).pk)
    assert not Measure.objects.exists()
    actions.set_choices(by=agent_actor(cast.supervisor), machine_sends=["first_warning"])
    judged(cast, first(ticket))
    for _ in range(2):
        actions.receive(message_id=first(ticket).pk)
    measure = Measure.objects.get()
    assert (measure.step, measure.by_kind, measure.behaviour) == ("first_warning", "system", "insult")
    assert Message.objects.get(pk=measure.message_id).automatic == "protection"
    again = another(ticket, text=WORDS)
    judged(cast, again)
    actions.receive(message_id=again.pk)
    assert Measure.objects.count() == 1


def test_a_machine_warns_nobody_in_a_protected_matter(cast, ticket):
    actions.set_choices(by=agent_actor(cast.supervisor), machine_sends=["first_warning"])
    actions.protect(ticket_id=ticket.pk, kind="complaint", by=agent_actor(cast.hana))
    judged(cast, first(ticket))
    actions.receive(message_id=first(ticket).pk)
    assert not Measure.objects.exists()
