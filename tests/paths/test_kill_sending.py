"""`kill -9` of the worker at random moments while it sends: every message reaches the mail server once, none is lost.

MADOGUCHI_KILLS sets the number of kills (default 10). The mail server counts what it took responsibility for, and answers late now
and then, so that many kills fall into the moment between its acceptance and our knowing of it.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes

import pytest
from django.conf import settings

from tests.channels.smtp_servers import Sink, running

KILLS = int(os.environ.get("MADOGUCHI_KILLS", "10"))
pytestmark = pytest.mark.slow


class SlowSink(Sink):
    """Keeps the message at once and answers a little later."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(random.choice([0, 0, 0.002, 0.02]))
        return answer


class House:
    def __init__(self, home, database: str) -> None:
        env = {**os.environ, "MADOGUCHI_HOME": str(home), "MADOGUCHI_LOG_LEVEL": "CRITICAL", "DATABASE_URL": database}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.paths.sending_house"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
        )

    def ask(self, command: str):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the house is gone"
        return json.loads(line)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


@pytest.fixture
def house(tmp_path):
    """On the database under test: a SQLite file, or a PostgreSQL database of its own beside the tests'."""
    database = os.environ.get("DATABASE_URL", "")
    if database:
        import psycopg
        from psycopg import sql

        base, _, name = database.rpartition("/")
        own = f"{name}_kill_{os.getpid()}"
        with psycopg.connect(f"{base}/postgres", autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(own)))
        house = House(tmp_path, f"{base}/{own}")
        yield house
        house.close()
        with psycopg.connect(f"{base}/postgres", autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(own)))
        return
    house = House(tmp_path, "")
    yield house
    house.close()


def test_nothing_is_lost_and_nothing_is_sent_twice(house):
    assert settings.SMTP_CONNECTIONS > 1
    sink, wanted, hits = SlowSink(), [], 0
    with running(sink):
        house.ask(f"prepare {sink.port}")
        for _ in range(KILLS):
            states = house.ask("report")
            if states.get("waiting", 0) < 60:
                wanted += house.ask("reply 80")
            before = len(sink.arrived)
            worker = house.ask("start")
            time.sleep(random.uniform(0.02, 0.6))
            os.kill(worker, signal.SIGKILL)
            hits += len(sink.arrived) > before
        worker = house.ask("start")
        deadline = time.monotonic() + 60
        while house.ask("report").get("sent", 0) < len(wanted) and time.monotonic() < deadline:
            time.sleep(0.2)
        os.kill(worker, signal.SIGKILL)
        end = house.ask("report")
    counts = Counter(message_from_bytes(arrived.raw)["Message-ID"] for arrived in sink.arrived)
    sys.stderr.write(f"\n{KILLS} kills, {hits} of them while sending, {len(wanted)} messages, end {end}\n")
    assert {id_: count for id_, count in counts.items() if count != 1} == {}
    assert set(wanted) - set(counts) == set()
    assert end["sent"] == len(wanted)
    assert hits >= KILLS // 3
