"""From arrival to reading: what is kept, when a message becomes visible, and what goes wrong without stopping mail."""

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.models import Event
from madoguchi.intake import queue
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message
from madoguchi.understanding import actions, personal_data, queries, working
from madoguchi.understanding.models import Reading
from tests.intake.letters import arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)


def ready() -> list[int]:
    return [event.payload["message_id"] for event in Event.objects.filter(name="tickets.MessageReady").order_by("id")]


def test_a_message_is_ready_after_it_was_read(cast):
    arrive(letter("I will come to your office with a hammer tonight. Where is my order?", message_id="<1@x>"))
    message = Message.objects.get()
    reading = queries.reading_of(message)
    assert (reading.state, reading.severity, reading.labels, reading.language) == ("read", 3, ["threat"], "en")
    assert reading.needs_person
    assert not reading.owed
    assert ready() == [message.pk]
    assert queries.readings_for([message]) == {message.pk: reading}
    start, end, label = queries.spans_of(message, reading)[0]
    assert label == "threat"
    assert "hammer" in queries.text_of(message)[start:end]
    assert queries.softened(message, reading) == "[…] Where is my order?"


def test_what_was_kept_but_not_read_is_read_later(cast, monkeypatch):
    monkeypatch.setattr(queue, "read_waiting", lambda: 0)  # killed between keeping and reading
    arrive(letter("Hello?", message_id="<1@x>"))
    assert (Reading.objects.get().state, ready()) == ("waiting", [])
    monkeypatch.undo()
    assert queue.work_off() == 1
    assert Reading.objects.get().state == "read"
    assert ready() == [Message.objects.get().pk]
    assert queue.work_off() == 0


def test_a_reading_is_remembered_and_announced_once(cast, monkeypatch):
    monkeypatch.setattr(queue, "read_waiting", lambda: 0)
    arrive(letter("Hello?", message_id="<1@x>"))
    pk = Reading.objects.get().pk
    assert actions.remember({pk: None}) == [Message.objects.get().pk]
    assert actions.remember({pk: None}) == []
    assert len(ready()) == 1


@pytest.mark.parametrize("broken", ["model_in_use", "read"])
def test_a_broken_model_never_stops_mail(cast, monkeypatch, broken):
    def fails(*args):
        raise RuntimeError("broken")

    monkeypatch.setattr(working, broken, fails)
    arrive(letter("Where is my order?", message_id="<1@x>"), letter("Second", message_id="<2@x>"))
    assert [row.state for row in Reading.objects.all()] == ["not_read", "not_read"]
    assert len(ready()) == 2


def test_a_text_that_kills_its_reader_is_given_up_and_holds_up_none(cast, monkeypatch):
    monkeypatch.setattr(queue, "read_waiting", lambda: 0)
    arrive(letter("Killer", message_id="<1@x>"), letter("Fine", message_id="<2@x>"))
    monkeypatch.undo()
    first, _ = Reading.objects.order_by("id")
    for _ in range(working.ATTEMPTS):
        actions.begin_attempt([first])
    while queue.work_off():
        pass
    assert [row.state for row in Reading.objects.order_by("id")] == ["not_read", "read"]
    assert len(ready()) == 2


@pytest.mark.parametrize("text", ["", "\ufffd" * 300, "あ" * 120_000])
def test_strange_mails_become_visible(cast, text):
    arrive(letter(text, message_id="<1@x>"))
    assert Reading.objects.get().state == "read"
    assert len(ready()) == 1


def test_automatic_mail_is_ready_at_once_and_not_read(cast):
    arrive(letter("I am away", message_id="<1@x>", auto_submitted="auto-replied"))
    assert not Reading.objects.exists()
    assert len(ready()) == 1


def test_import_without_reading_announces_at_once(cast):
    from madoguchi.channels.models import Envelope

    raw = letter("Hello", message_id="<1@x>")
    queue.take_in([Envelope(source="import", raw=raw, size=len(raw), received_at=clock.now(), recipients=[])], read=False)
    assert len(ready()) == 1
    assert not Reading.objects.exists()


def test_redaction_voids_the_spans(cast):
    arrive(letter("You idiot. Where is my order?", message_id="<1@x>"))
    message = Message.objects.get()
    assert queries.softened(message, queries.reading_of(message)) == "[…] Where is my order?"
    tickets.redact_text(message_id=message.pk, passage="You idiot", by=_actor(cast), reason="x")
    message.refresh_from_db()
    assert queries.spans_of(message, queries.reading_of(message)) == []
    assert queries.softened(message, queries.reading_of(message)) is None


def _actor(cast):
    from madoguchi.foundation.actor import agent_actor

    return agent_actor(cast.hana)


def test_what_is_understood_is_part_of_the_customers_data(cast):
    arrive(letter("You are an idiot", message_id="<1@x>"))
    message = Message.objects.get()
    [row] = personal_data.export(message.customer)["readings"]
    assert (row["message_id"], row["severity"]) == (message.pk, 2)
    message.delete()
    assert not Reading.objects.exists()


def test_readings_of_an_erased_customer_go_except_evidence(cast):
    arrive(letter("You are an idiot", message_id="<1@x>"), letter("Where is my order?", message_id="<2@x>"))
    first, second = Message.objects.order_by("id")
    actions.erase(customer_ids=[first.customer_id], kept=[first.pk])
    assert [reading.message_id for reading in Reading.objects.all()] == [first.pk]
    actions.erase(customer_ids=[second.customer_id], kept=[])
    assert not Reading.objects.exists()
