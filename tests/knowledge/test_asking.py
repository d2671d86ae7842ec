"""The process that answers for the others: started by the first question, gone when it is idle, and never a hang."""

import os
import socket
import threading
import time
from datetime import timedelta

import pytest

from madoguchi.foundation.errors import Unavailable
from madoguchi.knowledge import answering_process, answers, asking

FOUND = answers.Found(0.9, 0.6, [answers.Hit("returns", "ja", "返品", "30日以内です。", 6.9)])


def until(true, seconds=20):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def _alone(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(asking, "_started", None)
    monkeypatch.setattr(asking, "_failed_at", -asking.AFTER_FAILURE)


@pytest.fixture
def answering(monkeypatch):
    """The process's loop in a thread of this one; the model is a stand-in. Yields the questions it was asked."""
    asked = []

    def find(question, *, language, embedder):
        asked.append((question, language))
        if question == "boom":
            raise RuntimeError
        return FOUND

    monkeypatch.setattr(answers, "find", find)
    monkeypatch.setattr(answers, "installed_embedder", lambda: (None, ""))
    monkeypatch.setattr(answering_process, "close_old_connections", lambda: None)
    sock = answering_process._listen()
    here, there = socket.socketpair()
    thread = threading.Thread(target=answering_process.answer_until_idle, args=(sock,), kwargs={"starter": there}, daemon=True)
    thread.start()
    yield asked
    here.close()
    thread.join(timeout=5)
    assert not thread.is_alive(), "it ends with whoever started it"
    sock.close()
    there.close()


def test_a_question_is_answered_by_the_other_process(answering):
    assert asking.ask("返品したい", language="ja") == FOUND
    assert answering == [("返品したい", "ja")]


def test_a_question_that_fails_there_is_told_at_once_and_the_next_one_is_answered(answering):
    with pytest.raises(Unavailable):
        asking.ask("boom", language="en")
    assert asking.ask("again", language="en") == FOUND
    assert [question for question, _ in answering] == ["boom", "again"]


def test_nonsense_on_the_line_is_no_harm(answering):
    for line in (b"\n", b"[1]\n", b'{"text": 1}\n', b"\xff\n", b"x" * (asking.MOST_BYTES + 10)):
        with socket.socket(socket.AF_UNIX) as sock, asking.address() as where:
            sock.connect(where)
            try:
                sock.sendall(line)
                assert sock.recv(10) == b""
            except ConnectionError:
                pass
    assert asking.ask("still there?", language="en") == FOUND


def test_only_our_own_user_may_ask(answering, tmp_path):
    assert (tmp_path / asking.SOCKET).stat().st_mode & 0o077 == 0


def test_a_long_path_of_the_home_folder_works_too(settings, tmp_path):
    settings.HOME = tmp_path / ("x" * 120)
    settings.HOME.mkdir()
    sock = answering_process._listen()
    assert (settings.HOME / asking.SOCKET).exists()
    with socket.socket(socket.AF_UNIX) as client, asking.address() as where:
        client.connect(where)
    sock.close()


def test_it_ends_when_nobody_asks(settings, monkeypatch):
    settings.ANSWERING_IDLE = timedelta(seconds=0.05)
    here, there = socket.socketpair()
    monkeypatch.setattr(answering_process.sys, "stdin", there)
    assert answering_process.run(None) == 0
    assert not (settings.HOME / asking.SOCKET).exists()
    here.close()
    there.close()


def test_a_second_one_leaves_the_first_alone(answering, settings, monkeypatch):
    settings.ANSWERING_IDLE = timedelta(seconds=0.05)
    lock = (settings.HOME / answering_process.LOCK).open("w")
    answering_process.fcntl.flock(lock, answering_process.fcntl.LOCK_EX)
    assert answering_process.run(None) == 0
    assert asking.ask("Is the first there?", language="en") == FOUND
    lock.close()


def test_silence_on_the_other_side_ends_in_time(settings):
    settings.ANSWERING_TIMEOUT = timedelta(seconds=0.3)
    sock = answering_process._listen()
    start = time.monotonic()
    with pytest.raises(Unavailable):
        asking.ask("Anybody?", language="en")
    assert time.monotonic() - start < 3
    sock.close()


def test_a_process_that_cannot_start_is_not_started_for_every_question(settings, monkeypatch):
    started = []

    class Dead:
        def poll(self):
            return 1

    monkeypatch.setattr(asking.subprocess, "Popen", lambda *_args, **_more: started.append(1) or Dead())
    for _ in range(3):
        with pytest.raises(Unavailable):
            asking.ask("Anybody?", language="en")
    assert len(started) == 1


def test_the_real_process_is_started_by_a_question_and_ends_with_its_starter(settings, monkeypatch, tmp_path):
    """Its own database is empty, so it answers that it cannot: the whole way there and back is gone all the same."""
    settings.ANSWERING_TIMEOUT = timedelta(seconds=60)
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MADOGUCHI_LOG_LEVEL", "CRITICAL")
    monkeypatch.setattr(asking, "_failed_at", -asking.AFTER_FAILURE)
    with pytest.raises(Unavailable):
        asking.ask("Anybody?", language="en")
    process = asking._started
    assert process.poll() is None, "it stays for the next question"
    assert (tmp_path / asking.SOCKET).exists()
    process.stdin.close()
    assert process.wait(timeout=20) == 0
    until(lambda: not os.path.lexists(tmp_path / asking.SOCKET))
