"""`kill -9` at random moments while mail comes in: the end is that of an undisturbed run; nothing lost, nothing doubled.

MADOGUCHI_KILLS sets the number of kills (default 12).
"""

import os
import random
import smtplib
import subprocess
import sys
import threading
import time

import pytest

from bench.mails import SUPPORT, make
from tests.paths.receiving_house import house_at

KILLS = int(os.environ.get("MADOGUCHI_KILLS", "12"))
pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path):
    with house_at(tmp_path) as house:
        yield house


def as_undisturbed(report, plan):
    """The end state that the plan promises, whatever happened on the way."""
    wanted = {mail.message_id: mail for mail in plan if mail.message_id}
    threads = report["threads"]
    assert set(threads) == set(wanted), "lost or invented"
    assert report["messages"] == len(wanted), "doubled"
    assert all(threads[mail.answers] == threads[mail.message_id] for mail in wanted.values() if mail.answers)
    assert report["tickets"] == len(set(threads.values())) == sum(mail.kind in {"new", "automatic"} for mail in plan)
    assert report["counted"], "a ticket counts wrongly"
    assert (report["ready"], report["announced"][0][1]) == (len(wanted), 1), "announced too seldom or too often"
    assert report["clocks"] == sum(mail.kind == "new" for mail in plan), "clocks lost or doubled"
    assert "received" not in report["stages"]
    assert report["stages"].get("quarantined", 0) == sum(mail.kind == "broken" for mail in plan)


class Sender(threading.Thread):
    """A mail server: it gives each mail again and again until it is taken."""

    def __init__(self, port, plan):
        super().__init__(daemon=True)
        self.port, self.plan, self.taken, self.again = port, plan, 0, 0

    def run(self):
        for mail in self.plan:
            while not self.give(mail.raw):
                self.again += 1
                time.sleep(0.02)
            self.taken += 1

    def give(self, raw):
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as server:
                server.sendmail(mail_from(raw), [SUPPORT], raw)
        except (OSError, smtplib.SMTPException):
            return False
        return True


def mail_from(raw):
    return f"sender{len(raw)}@customer.example"


def test_killed_while_receiving_over_smtp(house):
    plan = list(make(KILLS * 20 + 60, seed=KILLS))
    sender, hits = Sender(house.port, plan), 0
    for kill in range(KILLS):
        worker = house.start("worker")
        house.await_port()
        if kill == 0:
            sender.start()
        before = sender.taken
        time.sleep(random.uniform(0.01, 0.7))
        worker.kill()
        worker.wait()
        hits += sender.taken > before
    worker = house.start("worker")
    try:
        sender.join(300)
        assert sender.taken == len(plan)
        deadline = time.monotonic() + 60
        while "received" in house.report()["stages"] and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        worker.kill()
        worker.wait()
    report = house.report()
    sys.stderr.write(f"\n{KILLS} kills, {hits} with mail under way, {sender.again} repeats, {report['stages']}\n")
    as_undisturbed(report, plan)
    assert hits >= KILLS // 3


def test_killed_while_importing(house, tmp_path):
    plan = list(make(KILLS * 120 + 800, seed=KILLS + 1))
    folder = tmp_path / "mails"
    folder.mkdir()
    for number, mail in enumerate(plan):
        (folder / f"{number:06}.eml").write_bytes(mail.raw)
    killed = 0
    for _ in range(KILLS):
        process = house.start("mail", "import", str(folder), "--json", "--no-read")
        try:
            process.wait(random.uniform(0.6, 1.8))
        except subprocess.TimeoutExpired:
            killed += 1
            process.kill()
            process.wait()
    house.run("mail", "import", str(folder), "--json", "--no-read")
    report = house.report()
    sys.stderr.write(f"\n{killed} kills while importing, {report['stages']}\n")
    as_undisturbed(report, plan)
    assert killed >= KILLS // 3
