"""A disk that is full, a database that goes away in the middle: mail waits, none is lost, none doubled, none blamed."""

import threading

import pytest
from django.db import Error as DatabaseError
from django.db import OperationalError, connection

from madoguchi.channels.actions import store_envelope
from madoguchi.channels.models import Envelope
from madoguchi.intake import loop, pipeline, queue
from madoguchi.tickets.models import Message, Ticket
from tests.intake.letters import letter

pytestmark = pytest.mark.django_db(transaction=True)


class Trouble:
    """On SQLite no page more may be written; on PostgreSQL the server ends our connection."""

    def begin(self):
        if connection.vendor == "sqlite":
            self._pragma(f"max_page_count = {self._pragma('page_count')}")
            return
        import psycopg

        with psycopg.connect(**_parameters(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    def end(self):
        if connection.vendor == "sqlite":
            self._pragma("max_page_count = 1073741823")
        else:
            connection.close()

    def _pragma(self, text):
        with connection.cursor() as cursor:
            return cursor.execute(f"PRAGMA {text}").fetchone()[0]


def _parameters():
    given = connection.get_connection_params()
    return {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}


def big_mail(number):
    return letter(f"Page {number}\n" + f"text {number} of a long letter\n" * 8000, message_id=f"<{number}@x.example>")


@pytest.fixture
def trouble():
    """Ended for certain, or the page limit would follow the connection into other tests."""
    trouble = Trouble()
    yield trouble
    trouble.end()


def no_free_pages():
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")


def test_mail_waits_until_the_database_is_back(cast, monkeypatch, trouble):
    for number in range(3):
        store_envelope(raw=big_mail(number), source="smtp")
    no_free_pages()
    index = pipeline.put_new_messages

    def breaks(messages, **more):
        trouble.begin()
        index(messages, **more)

    monkeypatch.setattr(pipeline, "put_new_messages", breaks)
    for _ in range(12):  # a long outage does not blame the mail
        with pytest.raises(DatabaseError):
            queue.work_off()
        trouble.end()
    assert set(Envelope.objects.values_list("stage", flat=True)) == {"received"}
    assert not Message.objects.exists()
    monkeypatch.undo()
    while queue.work_off():
        pass
    assert (Message.objects.count(), Ticket.objects.count()) == (3, 3)


def test_the_loop_survives_a_database_that_is_away(cast, monkeypatch):
    store_envelope(raw=big_mail(1), source="smtp")
    stop, calls = threading.Event(), []

    def away():
        calls.append(1)
        if len(calls) == 1:
            raise DatabaseError("gone")
        stop.set()
        return work_off()

    work_off = queue.work_off
    monkeypatch.setattr(loop, "work_off", away)
    monkeypatch.setattr(loop, "AFTER_ERROR", 0.01)
    loop.run(stop)
    assert Message.objects.count() == 1


def test_one_mail_at_which_the_database_always_fails_stops_no_other(cast, monkeypatch):
    for number in range(5):
        store_envelope(raw=letter(f"Mail {number}", message_id=f"<{number}@x.example>"), source="smtp")
    poison = Envelope.objects.order_by("id")[1]
    receive = queue.receive

    def fails(envelopes, **more):
        if poison.pk in [envelope.pk for envelope in envelopes]:
            raise OperationalError("invalid memory alloc request size")
        return receive(envelopes, **more)

    monkeypatch.setattr(queue, "receive", fails)
    for rounds in range(1, 60):
        try:
            if not queue.work_off():
                break
        except OperationalError:
            if rounds == 10:
                store_envelope(raw=letter("A later one", message_id="<late@x.example>"), source="smtp")
        if rounds == 9:  # one failure together, two alone, and the others are through
            assert Message.objects.count() == 4
    poison.refresh_from_db()
    assert (poison.stage, poison.reason.startswith("failed: OperationalError")) == ("quarantined", True)
    assert Message.objects.count() == 5
    assert rounds < 30
