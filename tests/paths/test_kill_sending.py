"""`kill -9` of the worker at random moments while it sends: every message reaches the mail server once, none is lost.

MADOGUCHI_KILLS sets the number of kills (default 6). The mail server counts what it took responsibility for, and answers late now
and then, so that many kills fall into the moment between its acceptance and our knowing of it.
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from email import message_from_bytes

import pytest
from django.conf import settings

from tests.channels.smtp_servers import Sink, running
from tests.paths.house import house_at, wait_for

KILLS = int(os.environ.get("MADOGUCHI_KILLS", "6"))
pytestmark = pytest.mark.slow


class SlowSink(Sink):
    """Keeps the message at once and answers a little later."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(random.choice([0, 0, 0.002, 0.02]))
        return answer


@pytest.fixture
def house(tmp_path):
    with house_at(tmp_path / "sending", "tests.paths.sending_house") as house:
        yield house


def test_nothing_is_lost_and_nothing_is_sent_twice(house):
    assert settings.SMTP_CONNECTIONS > 1
    sink, wanted, hits = SlowSink(), [], 0
    with running(sink):
        house.ask(f"prepare {sink.port}")
        for kill in range(KILLS):
            states = house.ask("report")
            if states.get("waiting", 0) < 60:
                wanted += house.ask("reply 80")
            before = len(sink.arrived)
            worker = house.ask("start")
            if kill % 2:
                time.sleep(random.uniform(0, 0.6))
            else:  # while it sends, soon after it began
                wait_for(lambda before=before: len(sink.arrived) > before, 3)
                time.sleep(random.uniform(0, 0.08))
            os.kill(worker, signal.SIGKILL)
            hits += len(sink.arrived) > before
        worker = house.ask("start")
        deadline = time.monotonic() + 60 + 10 * KILLS
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
