"""`kill -9` at random moments while mail comes in: the end is that of an undisturbed run; nothing lost, nothing doubled.

MADOGUCHI_KILLS sets the number of kills of each test (default 6). Most kill a forked worker; every sixth kills a whole `madoguchi
serve`, all its processes at once, from its first instruction on.
"""

import contextlib
import os
import random
import signal
import smtplib
import socket
import sys
import threading
import time
from collections import Counter

import pytest

from bench.mails import SUPPORT, make
from tests.channels.smtp_servers import free_port
from tests.fakes.imap import FakeImap
from tests.paths.house import house_at, kill_group, wait_for

KILLS = int(os.environ.get("MADOGUCHI_KILLS", "6"))
LONGEST_LIFE, LONGEST_COLD_LIFE = 0.9, 5.0  # seconds
LONGEST_WAIT = 15.0  # seconds until work begins that is there to be done; the machine may be busy
PATIENCE = 120 + 10 * KILLS  # seconds until all is done at the end; the machine may be busy
pytestmark = pytest.mark.slow


class Receiving:
    """A house that receives, and what one does to it."""

    def __init__(self, house, port: int) -> None:
        self.house, self.port = house, port
        self.moments = Counter()

    def let_live_and_kill(self, number: int, up, busy, *, work: bool) -> None:
        """One life from its first moment to a kill.

        `up()`: the other side has seen it; `busy()`: what it sees going on, a moment's name; `work`: something is there to be done.
        """
        if number % 6 == 5:
            process = self.house.start("serve")
            time.sleep(random.uniform(0.2, LONGEST_COLD_LIFE))
            seen = _seen(up, busy)
            kill_group(process)
            self.moments["whole house"] += 1
        else:
            pid = self.house.ask("start mail")
            if number % 2:
                time.sleep(random.uniform(0, LONGEST_LIFE))
            else:  # while something is going on, soon after it began
                wait_for(busy, LONGEST_WAIT if work else LONGEST_LIFE)
                time.sleep(random.uniform(0, 0.08))
            seen = _seen(up, busy)
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not _lives(pid))
        left = self.house.ask("look")
        seen |= {"placing"} if left["begun"] else set()
        seen |= {"working"} if left["jobs"] or left["events"] or left["deliveries"] else set()
        self.moments.update(seen or {"idle"})

    def finish(self, ready) -> dict:
        """Work until all is done; the end state."""
        pid = self.house.ask("start mail")
        assert wait_for(ready, PATIENCE), "the mail was never taken"
        wait_for(lambda: not any(self.house.ask("look")[what] for what in ("waiting", "events", "jobs", "deliveries")), PATIENCE)
        os.kill(pid, signal.SIGKILL)
        return self.house.ask("report")


def _seen(up, busy) -> set[str]:
    if not up():
        return {"starting"}
    return set(filter(None, [busy()]))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def receiving(home, imap_port: object = ""):
    port = free_port()
    given = {
        "MADOGUCHI_SMTP_PORT": port, "MADOGUCHI_HTTP_PORT": free_port(), "MADOGUCHI_WEB_PROCESSES": 1,
        "MADOGUCHI_MAIL_FOLDER": home / "out", "MADOGUCHI_RATE_QUIET_ABOVE": 10_000, "MADOGUCHI_IMAP_POLL": 1,
    }  # fmt: skip
    with house_at(home, "tests.paths.receiving_house", **given) as house:
        house.ask(f"prepare {imap_port}")
        yield Receiving(house, port)


class Sender(threading.Thread):
    """A mail server: it gives each mail again and again until it is taken, as many as it is allowed to."""

    def __init__(self, port, plan):
        super().__init__(daemon=True)
        self.port, self.plan, self.taken, self.again = port, plan, 0, 0
        self.allowed = threading.Semaphore(0)
        self.speaking = False

    def run(self):
        for mail in self.plan:
            self.allowed.acquire()
            while not self.give(mail.raw):
                self.again += 1
                time.sleep(0.01)
            self.taken += 1

    def give(self, raw):
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as server:
                self.speaking = True
                server.sendmail(f"sender{len(raw)}@customer.example", [SUPPORT], raw)
        except (OSError, smtplib.SMTPException):
            return False
        finally:
            self.speaking = False
        return True

    def busy(self):
        return "accepting" if self.speaking else ""

    @property
    def done(self):
        return self.taken == len(self.plan)


def some_mail() -> list[int]:
    """How many mails come in each life: sometimes none, so that some are killed at rest."""
    return [random.choice([0, 1, 3, 6]) for _ in range(KILLS)]


def as_promised(report, plan) -> None:
    """The end state that the plan promises."""
    wanted = {mail.message_id: mail for mail in plan if mail.message_id}
    root = {row[0]: row[1] for row in report["messages"]}
    assert set(root) == set(wanted), "lost or invented"
    assert len(report["messages"]) == len(wanted), "doubled"
    assert report["indexed"] == sum(ticket[4] for ticket in report["tickets"]), "not to be found, or a ticket counts wrongly"
    assert all(root[mail.answers] == root[mail.message_id] for mail in wanted.values() if mail.answers)
    assert len(report["tickets"]) == len(set(root.values())) == sum(mail.kind in {"new", "automatic"} for mail in plan)
    assert report["ready"] == [1, len(wanted)], "announced too seldom or too often"
    assert report["stages"].get("quarantined", 0) == sum(mail.kind == "broken" for mail in plan)
    assert "received" not in report["stages"]
    assert report["dead_jobs"] == 0


def as_undisturbed(report, undisturbed, plan) -> None:
    for one in (undisturbed, report):
        as_promised(one, plan)
        repeats = one["stages"].pop("duplicate", 0)
        assert repeats >= sum(mail.kind == "duplicate" for mail in plan)
    for what in report:
        assert report[what] == undisturbed[what], what


def over_smtp(receiving, plan) -> dict:
    sender = Sender(receiving.port, plan)
    sender.allowed.release(len(plan))
    sender.start()
    return receiving.finish(lambda: sender.done)


def test_killed_while_receiving_over_smtp(tmp_path):
    amounts = some_mail()
    plan = list(make(sum(amounts) + 10, seed=KILLS))
    with receiving(tmp_path / "calm") as calm:
        undisturbed = over_smtp(calm, plan)
    with receiving(tmp_path / "killed") as killed:
        sender = Sender(killed.port, plan)
        sender.start()
        for number, amount in enumerate(amounts):
            sender.allowed.release(amount) if amount else None
            work = sender.taken < sum(amounts[: number + 1])
            killed.let_live_and_kill(number, lambda: _listens(killed.port), sender.busy, work=work)
        taken = sender.taken
        sender.allowed.release(10)
        report = killed.finish(lambda: sender.done)
    moments = dict(killed.moments)
    told = f"{len(plan)} mails, {taken} taken before the last kill, {sender.again} tries in vain, {report['stages']}"
    sys.stderr.write(f"\n{KILLS} kills over SMTP {moments}; {told}\n")
    as_undisturbed(report, undisturbed, plan)
    assert taken >= KILLS // 4
    assert moments.get("accepting", 0) + moments.get("placing", 0) >= KILLS // 6


def test_killed_while_fetching_by_imap(tmp_path):
    amounts = some_mail()
    plan = list(make(sum(amounts) + 10, seed=KILLS + 2))
    mails = iter(plan)
    with FakeImap() as calm_server, receiving(tmp_path / "calm", calm_server.port) as calm:
        for mail in plan:
            calm_server.put(mail.raw)
        undisturbed = calm.finish(lambda: not calm_server.messages)
    with FakeImap() as server, receiving(tmp_path / "killed", server.port) as killed:
        for number, amount in enumerate(amounts):
            for _ in range(amount):
                server.put(next(mails).raw)
            before = server.connections
            up = lambda before=before: server.connections > before  # noqa: E731
            fetching = lambda up=up: "fetching" if up() and server.messages else ""  # noqa: E731
            killed.let_live_and_kill(number, up, fetching, work=bool(server.messages))
        for mail in mails:
            server.put(mail.raw)
        report = killed.finish(lambda: not server.messages)
    moments = dict(killed.moments)
    told = f"{len(plan)} mails, {server.connections} connections, {report['stages']}"
    sys.stderr.write(f"\n{KILLS} kills over IMAP {moments}; {told}\n")
    as_undisturbed(report, undisturbed, plan)
    assert moments.get("fetching", 0) >= KILLS // 6


def test_killed_while_importing(tmp_path):
    plan = list(make(KILLS * 40 + 200, seed=KILLS + 1))
    folder = tmp_path / "mails"
    folder.mkdir()
    for number, mail in enumerate(plan):
        (folder / f"{number:06}.eml").write_bytes(mail.raw)
    killed = 0
    with receiving(tmp_path / "killed") as place:
        for _ in range(KILLS):
            pid = place.house.ask(f"import {folder}")
            time.sleep(random.uniform(0, 1.2))
            if _lives(pid):
                os.kill(pid, signal.SIGKILL)
                killed += 1
            wait_for(lambda pid=pid: not _lives(pid))
        pid = place.house.ask(f"import {folder}")
        wait_for(lambda: not _lives(pid), PATIENCE)
        report = place.house.ask("report")
    sys.stderr.write(f"\n{killed} kills while importing, {report['stages']}\n")
    as_promised(report, plan)
    assert killed >= KILLS // 3
