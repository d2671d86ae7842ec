"""A real `madoguchi serve` whose disk is full (SQLite) or whose database goes away (PostgreSQL), in the middle of a working day.

Mail servers are asked to come back, pages say what is wrong, the same processes go on when it is over, and nothing is lost or doubled.

The disk is full by a limit on the size of files, which needs no rights. MADOGUCHI_SMALL_DISK names a small file system of its own to
fill up for real: mount -t tmpfs -o size=24m none DIR. MADOGUCHI_OUTAGE_SECONDS makes it longer (default 3).
"""

import contextlib
import http.client
import json
import os
import resource
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.channels.smtp_servers import Sink, free_port, running
from tests.intake.letters import SUPPORT, letter
from tests.paths.house import database_for, kill_group, wait_for

SMALL_DISK = os.environ.get("MADOGUCHI_SMALL_DISK")
SECONDS = float(os.environ.get("MADOGUCHI_OUTAGE_SECONDS", "3"))
pytestmark = pytest.mark.slow

SET_UP = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from madoguchi.channels.models import Mailbox
from madoguchi.foundation import clock
from madoguchi.staff.models import Agent
Mailbox.objects.create(
    name="Support", address="support@hoshizora.example", is_default=True, created_at=clock.now(), acknowledge=False,
    smtp_host="127.0.0.1", smtp_port={port}, smtp_security="none",
)
agent = Agent.objects.get()
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(agent.pk), settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
session.save()
print("session", session.session_key)
"""
REPORT = """
import json
from collections import Counter
from madoguchi.channels.models import Envelope
from madoguchi.foundation.models import Job
from madoguchi.tickets.models import Delivery, Message
print(json.dumps([
    sorted(Message.objects.filter(direction="in").values_list("message_id", flat=True)),
    Counter(Envelope.objects.values_list("stage", flat=True)), Counter(Delivery.objects.values_list("state", flat=True)),
    Job.objects.filter(state="dead").count(),
]))
"""


class Wire:
    """A TCP connection to the database's server that can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.up, self.pairs = True, set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if not self.up:
                client.close()
                continue
            server = socket.create_connection(self.target)
            self.pairs |= {client, server}
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for side in (one, other):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
        self.pairs -= {one, other}

    def cut(self) -> None:
        self.up = False
        for side in list(self.pairs):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.up = True

    def close(self) -> None:
        self.cut()
        self.listener.close()


class Desk:
    """The service and those who use it: a mail server outside, an agent's browser."""

    def __init__(self, home: Path, database: str, sink: Sink) -> None:
        self.home, self.sink = home, sink
        self.http, self.smtp = free_port(), free_port()
        self.env = os.environ | {
            "MADOGUCHI_HOME": str(home), "DATABASE_URL": database, "MADOGUCHI_HTTP_PORT": str(self.http), "MADOGUCHI_SQLITE_TIMEOUT": "2",
            "MADOGUCHI_SMTP_PORT": str(self.smtp), "MADOGUCHI_UNDO_SEND_SECONDS": "2", "MADOGUCHI_WEB_PROCESSES": "1",
            "MADOGUCHI_ADMIN_PASSWORD": "a very long password", "MADOGUCHI_LOG_LEVEL": "CRITICAL",
        }  # fmt: skip
        self.run("init", "--email", "aki@hoshizora.example")
        self.session = self.run("shell", "-v0", "-c", SET_UP.format(port=sink.port)).split()[-1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "madoguchi", "serve"],
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert wait_for(lambda: self._listens(self.http) and self._listens(self.smtp))

    def _listens(self, port: int) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        return False

    def run(self, *words: str) -> str:
        done = subprocess.run([sys.executable, "-m", "madoguchi", *words], env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def processes(self) -> list[int]:
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False).stdout
        return [self.process.pid, *sorted(int(pid) for pid in children.split())]

    def give(self, number: int, padding: int = 0) -> str:
        """A mail from outside; the first digits of the answer."""
        raw = letter(f"Question {number}\n" + f"word {number}\n" * padding, message_id=f"<{number}@x.example>")
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp, timeout=20) as server:
                server.sendmail("ruth@customer.example", [SUPPORT], raw)
        except smtplib.SMTPRecipientsRefused as error:
            return str(next(iter(error.recipients.values()))[0])
        except smtplib.SMTPResponseException as error:
            return str(error.smtp_code)
        return "250"

    def page(self, path: str, form: dict | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=30)
        headers = {"Cookie": f"madoguchi_session={self.session}; madoguchi_csrf={'a' * 32}", "Accept-Language": "en"}
        if form is None:
            connection.request("GET", path, headers=headers)
        else:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": "a" * 32}
            connection.request("POST", path, urlencode(form), headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def live(self) -> "Live":
        return Live(self.http, self.session)


class Live(threading.Thread):
    """An open desk: it keeps connecting, as the page's script does, and notes the names of the signals."""

    def __init__(self, port: int, session: str) -> None:
        super().__init__(daemon=True)
        self.port, self.session, self.heard, self.statuses = port, session, [], []
        self.start()

    def run(self) -> None:
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                connection.request("GET", "/live", headers={"Cookie": f"madoguchi_session={self.session}"})
                answer = connection.getresponse()
                self.statuses.append(answer.status)
                while line := answer.readline():
                    if line.startswith(b"data: ") and b"name" in line:
                        self.heard.append(json.loads(line[6:])["name"])
            time.sleep(0.3)


@contextlib.contextmanager
def full_disk(desk: Desk):
    """No process of the house can write another byte to a file."""
    if SMALL_DISK:
        filler = Path(SMALL_DISK) / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)
        yield
        filler.unlink()
        return
    no_end = resource.RLIM_INFINITY
    for pid in desk.processes:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, no_end))
    yield
    for pid in desk.processes:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (no_end, no_end))


@pytest.fixture
def desk(tmp_path):
    """(the desk, its outage)"""
    home = Path(SMALL_DISK or tmp_path) / "home"
    with running(Sink()) as sink, database_for("outage") as database, contextlib.ExitStack() as rest:
        wire = None
        if database:
            url = urlsplit(database)
            wire = Wire(url.hostname, url.port or 5432)
            rest.callback(wire.close)
            database = url._replace(netloc=f"{url.username}:{url.password}@127.0.0.1:{wire.port}").geturl()
        desk = Desk(home, database, sink)
        rest.callback(shutil.rmtree, home, ignore_errors=True)
        rest.callback(kill_group, desk.process)

        @contextlib.contextmanager
        def away(desk: Desk):
            wire.cut()
            yield
            wire.mend()

        yield desk, away if wire else full_disk


def test_the_day_goes_on_after_an_outage(desk):
    desk, outage = desk
    assert desk.give(1) == "250"
    assert wait_for(lambda: desk.page("/tickets/1")[0] == 200)
    live = desk.live()
    assert wait_for(lambda: live.statuses == [200])
    status, said = desk.page("/tickets/1/reply", {"text": "It is on its way.", "then": "open"})
    assert status < 400, said
    before, number, accepted, answers, pages = desk.processes, 2, [1], set(), {}
    with outage(desk):
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            answer = desk.give(number, padding=2000)
            answers.add(answer)
            accepted += [number] if answer == "250" else []
            number += 1
            for path in ("/", "/tickets/1", "/api/v1/tickets", "/readyz"):
                pages.setdefault(path, set()).add(desk.page(path)[0])
            form = {"text": "Again.", "then": "open"}
            status, said = desk.page("/tickets/1/reply", form)
            assert status == 503, said
            assert "Traceback" not in said
            assert "Nothing was lost" in said
    sys.stderr.write(f"\nduring the outage: mail {answers}, pages {pages}\n")
    assert answers - {"250"} <= {"421", "451", "452"}
    assert answers - {"250"}, "the outage was none"
    limit_only = outage is full_disk and not SMALL_DISK  # of which the disk itself knows nothing
    assert pages["/readyz"] == ({200} if limit_only else {503})
    assert all(seen <= {200, 401, 503} for seen in pages.values())
    again = range(2, number + 3)
    heard = len(live.heard)
    for one in again:  # what was refused comes again; a server also repeats what it is not sure of
        assert wait_for(lambda one=one: desk.give(one, padding=2000) == "250", 30)
    assert wait_for(lambda: "tickets.MessageReady" in live.heard[heard:], 60), "the open desk hears of new mail again"
    assert wait_for(lambda: len(desk.sink.arrived) == 1, 60), "the reply goes out by itself"

    def report():
        return json.loads(desk.run("shell", "-v0", "-c", REPORT).splitlines()[-1])

    assert wait_for(lambda: report()[1].get("received") is None, 60)
    messages, stages, deliveries, dead = report()
    assert messages == sorted(f"<{one}@x.example>" for one in [1, *again]), "lost or doubled"
    assert set(stages) <= {"kept", "duplicate"}
    assert stages.get("duplicate", 0) == len(set(accepted) - {1})
    assert (deliveries, dead) == ({"sent": 1}, 0)
    assert len(desk.sink.arrived) == 1, "sent twice"
    assert desk.processes == before, "a process died of it"
    assert desk.page("/")[0] == 200
    os.kill(desk.process.pid, signal.SIGTERM)
    assert desk.process.wait(40) == 0
