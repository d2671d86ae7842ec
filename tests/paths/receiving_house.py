"""An installation of its own for tests that kill it: on a SQLite file, or on a PostgreSQL database beside the tests'."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time

SET_UP = """
from madoguchi.channels.models import Mailbox
from madoguchi.foundation import clock
from madoguchi.sla.actions.policies import ensure_default_policy
from madoguchi.workplace import actions as workplace
workplace.set_up(name="Hoshizora", language="en", time_zone="UTC")
Mailbox.objects.create(name="Support", address="support@hoshizora.example", is_default=True, created_at=clock.now())
ensure_default_policy()
"""
REPORT = """
import json
from collections import Counter
from madoguchi.channels.models import Envelope
from madoguchi.foundation.models import Event
from madoguchi.sla.models import Deadline
from madoguchi.tickets.models import Message, Ticket
arrived = Message.objects.filter(direction="in")
print(json.dumps({
    "threads": dict(arrived.values_list("message_id", "ticket_id")),
    "messages": arrived.count(),
    "tickets": Ticket.objects.count(),
    "counted": sum(Ticket.objects.values_list("message_count", flat=True)) == Message.objects.count(),
    "stages": Counter(Envelope.objects.values_list("stage", flat=True)),
    "announced": Counter(Event.objects.filter(name="tickets.MessageReady").values_list("payload__message_id", flat=True)).most_common(1),
    "ready": Event.objects.filter(name="tickets.MessageReady").count(),
    "clocks": Deadline.objects.filter(metric="first_reply").count(),
    "unsolved": Ticket.objects.filter(unsolved=True).count(),
}))
"""


class House:
    def __init__(self, home, database=""):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (home / "out").mkdir(parents=True)
        self.env = os.environ | {
            "MADOGUCHI_HOME": str(home / "home"), "DATABASE_URL": database, "MADOGUCHI_LOG_LEVEL": "CRITICAL",
            "MADOGUCHI_SMTP_PORT": str(self.port), "MADOGUCHI_MAIL_FOLDER": str(home / "out"),
        }  # fmt: skip
        self.run("migrate", "-v0")
        self.run("shell", "-v0", "-c", SET_UP)

    def start(self, *words):
        return subprocess.Popen(
            [sys.executable, "-m", "madoguchi", *words], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def run(self, *words):
        done = subprocess.run([sys.executable, "-m", "madoguchi", *words], env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def report(self):
        return json.loads(self.run("shell", "-v0", "-c", REPORT).splitlines()[-1])

    def await_port(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("the worker does not listen")


@contextlib.contextmanager
def house_at(home):
    database = os.environ.get("DATABASE_URL", "")
    if not database:
        yield House(home)
        return
    import psycopg
    from psycopg import sql

    base, _, name = database.rpartition("/")
    own = sql.Identifier(f"{name}_in_{os.getpid()}")
    with psycopg.connect(f"{base}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(own))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(own))
        try:
            yield House(home, f"{base}/{own._obj[0]}")
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(own))
