"""Promises as records: found in answers, confirmed by people, reminded, alarmed, reported; seen only by those who see the ticket."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.foundation import clock, events, jobs
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.promises import actions, queries
from madoguchi.promises.models import Promise
from madoguchi.staff.models import Agent, Notice
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)  # Wednesday noon in Tokyo


@pytest.fixture(autouse=True)
def now():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def ticket(cast):
    return cast.ticket(team=cast.orders)


def answered(ticket, cast, text):
    message = tickets.reply(ticket_id=ticket.pk, text=text, by=agent_actor(cast.hana))
    events.fan_out()
    jobs.run_until_empty()
    return message


def test_an_answer_that_promises_is_offered_as_a_record(ticket, cast, sign_in):
    answered(ticket, cast, "I am sorry. We will call you tomorrow before noon.")
    found = Promise.objects.get()
    assert (found.state, found.owner, found.due_at) == ("offered", cast.hana, datetime(2026, 11, 26, 3, tzinfo=UTC))
    Agent.objects.filter(pk=cast.hana.pk).update(time_zone="Asia/Tokyo")
    browser = sign_in(cast.hana)
    assert "We will call you tomorrow before noon." in browser.get(f"/tickets/{ticket.pk}/promises").content.decode()
    browser.post(f"/promises/{found.pk}/confirm", {"due_at": "2026-11-26T12:00"})
    found.refresh_from_db()
    assert (found.state, found.due_at) == ("open", datetime(2026, 11, 26, 3, tzinfo=UTC))
    assert queries.open_for_customer(ticket) == [("We will call you tomorrow before noon.", found.due_at)]


def test_an_answer_in_another_language_than_the_tickets_is_read_as_what_it_is(ticket, cast):
    answered(ticket, cast, "明日の午前中までにお電話いたします。")
    assert Promise.objects.get().due_at == datetime(2026, 11, 26, 3, tzinfo=UTC)


def test_what_a_machine_writes_is_not_offered_and_a_repeated_event_doubles_nothing(ticket, cast):
    tickets.reply(ticket_id=ticket.pk, text="We will answer within 24 hours.", by=SYSTEM, automatic="acknowledgement")
    events.fan_out()
    jobs.run_until_empty()
    assert not Promise.objects.exists()
    message = answered(ticket, cast, "We will send it today.")
    actions.offer_found(message=Message.objects.select_related("ticket__customer").get(pk=message.pk))
    assert Promise.objects.count() == 1


def test_the_owner_is_reminded_and_a_late_promise_is_told_once_to_owner_and_supervisors(ticket, cast):
    promise = actions.make(ticket=ticket, text="Call back", due_at=NOW + timedelta(hours=5), owner=cast.hana, by=agent_actor(cast.hana))
    actions.look_at_time()
    assert not Notice.objects.exists()
    with clock.frozen(NOW + timedelta(hours=4, minutes=5)):
        actions.look_at_time()
        actions.look_at_time()
    assert list(Notice.objects.values_list("kind", "agent")) == [("promise_soon", cast.hana.pk)]
    with clock.frozen(promise.due_at + timedelta(minutes=1)):
        actions.look_at_time()
        actions.look_at_time()
        assert queries.tally(cast.supervisor, days=30).broken == 1
    told = set(Notice.objects.filter(kind="promise_broken").values_list("agent", flat=True))
    assert {cast.hana.pk, cast.supervisor.pk} <= told
    assert cast.kenji.pk not in told


def test_kept_in_time_late_and_withdrawn_are_counted_apart(ticket, cast):
    by, due = agent_actor(cast.hana), NOW + timedelta(hours=2)
    in_time, late, withdrawn, declined = (
        actions.make(ticket=ticket, text=name, due_at=due, owner=cast.hana, by=by) for name in ("a", "b", "c", "d")
    )
    actions.settle(promise_id=in_time.pk, state="kept", by=by)
    with pytest.raises(Invalid):
        actions.settle(promise_id=withdrawn.pk, state="withdrawn", by=by)
    actions.settle(promise_id=withdrawn.pk, state="withdrawn", note="Sent by mail instead", by=by)
    with pytest.raises(Conflict):
        actions.settle(promise_id=declined.pk, state="declined", by=by)
    with clock.frozen(due + timedelta(hours=1)):
        actions.settle(promise_id=late.pk, state="kept", by=by)
        tally = queries.tally(cast.hana, days=30)
    assert (tally.in_time, tally.late, tally.broken, tally.withdrawn) == (1, 1, 1, 1)
    assert queries.tally(cast.kenji, days=30).share is None


def test_a_time_that_has_passed_or_is_missing_is_refused_in_words(ticket, cast, sign_in):
    browser = sign_in(cast.hana)
    for due in ("2026-11-20T10:00", "", "soon"):
        answer = browser.post(f"/tickets/{ticket.pk}/promises/add", {"text": "Call", "due_at": due}, headers={"HX-Request": "true"})
        assert 400 <= answer.status_code < 500
    assert not Promise.objects.exists()


def test_another_team_sees_and_changes_nothing(ticket, cast, sign_in):
    promise = actions.make(ticket=ticket, text="Secret", due_at=NOW + timedelta(days=1), owner=cast.hana, by=agent_actor(cast.hana))
    other = sign_in(cast.kenji)
    assert other.get(f"/tickets/{ticket.pk}/promises").status_code == 404
    assert other.post(f"/promises/{promise.pk}/kept").status_code == 404
    assert "Secret" not in other.get("/promises/?of=all").content.decode()
    assert "Secret" in sign_in(cast.hana).get("/promises/").content.decode()
    assert sign_in(cast.observer).post(f"/promises/{promise.pk}/kept").status_code == 403


def test_a_merged_tickets_promises_stand_beside_the_one_that_stays(ticket, cast):
    other = cast.ticket(team=cast.orders)
    actions.make(ticket=other, text="Call back", due_at=NOW + timedelta(days=1), owner=cast.hana, by=agent_actor(cast.hana))
    tickets.merge(ticket_id=ticket.pk, other_id=other.pk, by=agent_actor(cast.hana))
    assert [one.text for one in queries.of_ticket(ticket)] == ["Call back"]


def test_words_that_are_redacted_do_not_live_on(ticket, cast):
    message = answered(ticket, cast, "We will send it to 5 Elm Street tomorrow.")
    tickets.redact_text(message_id=message.pk, passage="5 Elm Street", by=agent_actor(cast.supervisor), reason="address")
    events.fan_out()
    jobs.run_until_empty()
    assert "Elm" not in Promise.objects.get().text
