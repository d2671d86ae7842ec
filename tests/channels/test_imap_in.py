"""Reading IMAP mailboxes: from a server that hangs, lies and breaks off, and from a real one."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError

from madoguchi.channels.mail import imap_in
from madoguchi.channels.models import Envelope, Mailbox
from madoguchi.foundation import clock, crypto
from madoguchi.intake import queue
from madoguchi.tickets.models import Message
from tests.fakes.dovecot import PASSWORD, Dovecot
from tests.fakes.imap import FakeImap
from tests.intake.letters import letter

pytestmark = pytest.mark.django_db(transaction=True)


def mail(number):
    return letter(f"Message {number}", subject=f"Mail {number}", message_id=f"<{number}@x.example>", date="Wed, 25 Nov 2026 10:00:00 +0000")


@pytest.fixture
def hurry(settings, monkeypatch):
    settings.IMAP_TIMEOUT = timedelta(seconds=1)
    settings.IMAP_POLL = timedelta(seconds=1)
    monkeypatch.setattr(imap_in, "LOOK_AFTER", 0.05)
    monkeypatch.setattr(imap_in.random, "uniform", lambda *_: 0.02)
    imap_in._refusals.clear()


def mailbox_at(port, **fields):
    given = {
        "name": "Fetched", "address": "fetched@hoshizora.example", "incoming": "imap", "imap_host": "127.0.0.1", "imap_port": port,
        "imap_security": "none", "imap_user": "ruth", "imap_secret": crypto.encrypt(PASSWORD),
        "created_at": clock.now() - timedelta(days=2000),
    } | fields  # fmt: skip
    return Mailbox.objects.create(**given)


class Watching:
    """The worker's loop, in a thread, while the block runs."""

    def __enter__(self):
        self.stop = threading.Event()
        self.thread = threading.Thread(target=imap_in.watch, args=(self.stop,))
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


def until(condition, seconds=15):
    """Poll; tests on SQLite share one database in memory, whose locks do not wait."""
    deadline = time.monotonic() + seconds
    while not _holds(condition):
        assert time.monotonic() < deadline, f"envelopes: {list(Envelope.objects.values('provider_id', 'stage', 'size'))}"
        time.sleep(0.03)


def _holds(condition):
    try:
        return condition()
    except OperationalError:
        return False


def stored():
    return sorted(Envelope.objects.values_list("provider_id", flat=True))


def test_messages_are_stored_once_and_new_ones_follow(cast, hurry):
    with FakeImap({1: mail(1), 2: mail(2)}) as server, Watching():
        mailbox = mailbox_at(server.port)
        until(lambda: stored() == ["imap:1:1", "imap:1:2"])
        server.put(mail(3))
        until(lambda: len(stored()) == 3)
        until(lambda: Mailbox.objects.get(pk=mailbox.pk).imap_last_uid == 3)
        assert "BODY.PEEK" in " ".join(server.commands)
        assert not any(command.startswith(("SELECT", "UID STORE")) for command in server.commands)
    assert bytes(Envelope.objects.get(provider_id="imap:1:2").raw) == mail(2)


@pytest.mark.parametrize("fault", ["reset", "hang", "truncated", "wrong uid", "huge", "empty"])
def test_a_fault_on_one_message_loses_nothing(cast, hurry, fault):
    with FakeImap({1: mail(1), 2: mail(2), 3: mail(3)}) as server:
        server.faults[2] = [fault]
        mailbox_at(server.port)
        with Watching():
            until(lambda: stored() == ["imap:1:1", "imap:1:2", "imap:1:3"])
    assert [bytes(e.raw) for e in Envelope.objects.order_by("provider_id")] == [mail(1), mail(2), mail(3)]


@pytest.mark.parametrize("fault", ["wrong uid", "truncated", "empty"])
def test_a_message_that_never_comes_is_visible_and_stops_nothing(cast, hurry, fault):
    with FakeImap({1: mail(1), 2: mail(2), 3: mail(3)}) as server:
        server.faults[2] = fault
        mailbox = mailbox_at(server.port)
        with Watching():
            until(lambda: len(stored()) == 3)
            until(lambda: Mailbox.objects.get(pk=mailbox.pk).imap_last_uid == 3)
    while queue.work_off():
        pass
    placeholder = Envelope.objects.get(provider_id="imap:1:2")
    assert (placeholder.stage, placeholder.reason) == ("quarantined", "not_fetched")
    assert Message.objects.count() == 2


@pytest.mark.parametrize("fault", ["hang", "reset"])
@pytest.mark.parametrize("step", ["greeting", "login", "select", "search", "idle"])
def test_a_server_that_fails_at_any_step_is_asked_again(cast, hurry, step, fault):
    with FakeImap({1: mail(1)}) as server:
        server.faults[step] = [fault]
        mailbox = mailbox_at(server.port)
        with Watching():
            until(lambda: not server.faults[step])
            server.put(mail(2))
            until(lambda: stored() == ["imap:1:1", "imap:1:2"])
            until(lambda: not Mailbox.objects.get(pk=mailbox.pk).imap_error)


def test_a_message_that_is_named_but_not_described_is_fetched_all_the_same(cast, hurry):
    with FakeImap({1: mail(1), 2: mail(2), 3: mail(3)}) as server, Watching():
        server.faults[2] = ["not described"]
        mailbox_at(server.port)
        until(lambda: stored() == ["imap:1:1", "imap:1:2", "imap:1:3"])


@pytest.mark.parametrize("exists", [0, 7_000_000])
def test_lies_about_how_many_and_which_messages_there_are(cast, hurry, exists):
    with FakeImap({1: mail(1), 3: mail(3)}) as server:
        server.exists, server.phantoms = exists, ["2", "x", "-4", str(10**40)]
        mailbox = mailbox_at(server.port)
        with Watching():
            until(lambda: len(stored()) == 3)
            until(lambda: Mailbox.objects.get(pk=mailbox.pk).imap_last_uid == 3)
    while queue.work_off():
        pass
    assert Envelope.objects.get(provider_id="imap:1:2").reason == "not_fetched", "people see that the server named it"
    assert Message.objects.count() == 2


def test_a_uidvalidity_beyond_all_bounds_stops_nothing(cast, hurry):
    with FakeImap({1: mail(1)}, uidvalidity=10**40) as server, Watching():
        mailbox_at(server.port)
        until(lambda: len(stored()) == 1)


def test_a_message_over_the_limit_is_kept_as_a_beginning(cast, hurry, settings):
    settings.MESSAGE_SIZE_LIMIT = 20_000
    big = letter("x" * 70 + "\n" + ("y" * 70 + "\n") * 2000)
    with FakeImap({1: big, 2: mail(2)}) as server, Watching():
        mailbox_at(server.port)
        until(lambda: len(stored()) == 2)
    while queue.work_off():
        pass
    envelope = Envelope.objects.get(provider_id="imap:1:1")
    assert (envelope.stage, envelope.reason, envelope.size) == ("quarantined", "too_large", len(big))


def test_a_server_that_repeats_an_answer_doubles_nothing(cast, hurry):
    with FakeImap({1: mail(1), 2: mail(2)}) as server:
        server.faults[1] = "twice"
        mailbox_at(server.port)
        with Watching():
            until(lambda: len(stored()) == 2)
    while queue.work_off():
        pass
    assert Message.objects.count() == 2


def test_new_uids_are_read_again_without_doubles(cast, hurry):
    with FakeImap({1: mail(1), 2: mail(2)}) as server:
        mailbox_at(server.port)
        with Watching():
            until(lambda: len(stored()) == 2)
            while queue.work_off():
                pass
        server.uidvalidity, server.messages = 2, {7: mail(1), 8: mail(2), 9: mail(3)}
        with Watching():
            until(lambda: len(stored()) == 5)
    while queue.work_off():
        pass
    assert Message.objects.count() == 3
    assert Envelope.objects.filter(stage="duplicate").count() == 2


def test_moving_happens_after_storing(cast, hurry):
    with FakeImap({1: mail(1), 2: mail(2)}) as server, Watching():
        mailbox_at(server.port, imap_move_to="Done")
        until(lambda: not server.messages)
        assert len(stored()) == 2
        assert any(command.startswith("SELECT") for command in server.commands)


def test_what_was_stored_but_not_moved_is_moved_by_the_next_conversation(cast, hurry):
    with FakeImap({1: mail(1), 2: mail(2)}) as server, Watching():
        server.faults["before move"] = ["reset"]
        mailbox_at(server.port, imap_move_to="Done")
        until(lambda: not server.messages)
        server.put(mail(3))
        until(lambda: not server.messages)
        assert len(stored()) == 3


def test_a_folder_that_cannot_be_moved_to_stops_nothing(cast, hurry):
    with FakeImap({1: mail(1)}) as server, Watching():
        server.faults["move"] = "NO cannot"
        mailbox = mailbox_at(server.port, imap_move_to="Done")
        until(lambda: len(stored()) == 1)
        server.put(mail(2))
        until(lambda: len(stored()) == 2)
        until(lambda: "cannot be moved to the folder Done" in Mailbox.objects.get(pk=mailbox.pk).imap_error)


def test_a_refused_password_is_told_in_words(cast, hurry):
    with FakeImap({1: mail(1)}) as server:
        server.faults["login"] = "NO [AUTHENTICATIONFAILED] Authentication failed."
        mailbox = mailbox_at(server.port)
        with Watching():
            until(lambda: Mailbox.objects.get(pk=mailbox.pk).imap_error)
            assert "refused the password of ruth" in Mailbox.objects.get(pk=mailbox.pk).imap_error
            server.faults.clear()
            until(lambda: len(stored()) == 1)
            until(lambda: not Mailbox.objects.get(pk=mailbox.pk).imap_error)


def test_one_broken_mailbox_does_not_stop_another(cast, hurry):
    with FakeImap({1: mail(1)}) as hanging, FakeImap({1: mail(2)}) as good:
        hanging.faults["greeting"] = "hang"
        mailbox_at(hanging.port, address="hanging@hoshizora.example")
        with Watching():
            mailbox_at(good.port)
            until(lambda: stored() == ["imap:1:1"])


def test_changed_settings_take_effect(cast, hurry):
    with FakeImap({1: mail(1)}) as old, FakeImap({1: mail(2)}, uidvalidity=9) as new:
        mailbox = mailbox_at(old.port)
        with Watching():
            until(lambda: len(stored()) == 1)
            Mailbox.objects.filter(pk=mailbox.pk).update(imap_port=new.port)
            until(lambda: stored() == ["imap:1:1", "imap:9:1"])


def test_only_one_worker_reads_a_mailbox(cast, hurry):
    with FakeImap({1: mail(1)}) as server:
        mailbox_at(server.port)
        with Watching(), Watching():
            until(lambda: len(stored()) == 1)
            time.sleep(0.5)
            assert server.connections == 1


def test_mail_older_than_the_mailbox_is_never_answered_by_machine(cast, hurry):
    with FakeImap({1: mail(1)}) as server, Watching():
        mailbox_at(server.port, created_at=clock.now() + timedelta(days=3))
        until(lambda: len(stored()) == 1)
    while queue.work_off():
        pass
    assert Message.objects.get().may_auto_answer is False


@pytest.mark.servers
def test_a_real_server_gives_its_mail(cast, hurry, settings):
    settings.IMAP_TIMEOUT = timedelta(seconds=10)
    with Dovecot() as server:
        server.deliver("ruth", mail(1))
        mailbox = mailbox_at(server.port, imap_move_to="Erledigt-Ö")
        with Watching():
            until(lambda: len(stored()) == 1)
            server.deliver("ruth", mail(2))
            until(lambda: len(stored()) == 2)
            until(lambda: server.count("ruth") == 0)
        assert Mailbox.objects.get(pk=mailbox.pk).imap_error == ""
    while queue.work_off():
        pass
    assert set(Message.objects.values_list("text", flat=True)) == {"Message 1\n", "Message 2\n"}


@pytest.mark.servers
def test_a_real_server_that_refuses_the_password(cast, hurry, settings):
    settings.IMAP_TIMEOUT = timedelta(seconds=10)
    with Dovecot() as server:
        mailbox = mailbox_at(server.port, imap_secret=crypto.encrypt("wrong"))
        with Watching():
            until(lambda: "refused the password" in Mailbox.objects.get(pk=mailbox.pk).imap_error)
