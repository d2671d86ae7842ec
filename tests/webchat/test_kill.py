"""`kill -9` of the whole server while visitors write: what was acknowledged is there, once, in its order."""

import json
import secrets
import threading
import time
import urllib.error
import urllib.request

import pytest

from tests.channels.smtp_servers import free_port
from tests.paths.house import house_at, kill_group, wait_for

pytestmark = pytest.mark.slow
VISITORS, LIVES = 6, 3


class Writer(threading.Thread):
    """A widget: one message after the other, each sent again under its id until it is acknowledged."""

    def __init__(self, port, key):
        super().__init__(daemon=True)
        self.url = f"http://127.0.0.1:{port}/chat/messages?brand={key}"
        self.token = secrets.token_urlsafe(32)
        self.acknowledged, self.stop = [], threading.Event()

    def run(self):
        number = 0
        while not self.stop.is_set():
            number += 1
            text, client_id = f"{self.token[:8]} {number}", f"message-{number:04}"
            while not self._send(text, client_id):
                time.sleep(0.05)
            self.acknowledged.append(text)

    def _send(self, text, client_id):
        body = json.dumps({"client_id": client_id, "text": text}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url, body, headers), timeout=10) as answer:
                return answer.status == 201
        except (OSError, urllib.error.HTTPError):
            return False


def test_nothing_acknowledged_is_lost_or_doubled(tmp_path):
    port = free_port()
    limits = {"MADOGUCHI_CHAT_MESSAGES_PER_MINUTE": 100_000, "MADOGUCHI_CHAT_MESSAGES_PER_ADDRESS": 100_000}
    settings = limits | {"MADOGUCHI_HTTP_PORT": port, "MADOGUCHI_SMTP_PORT": free_port()}
    with house_at(tmp_path / "chat", "tests.webchat.chat_house", **settings) as house:
        key = house.ask("furnish")
        writers = [Writer(port, key) for _ in range(VISITORS)]
        process = house.start("serve")
        for writer in writers:
            writer.start()
        for life in range(LIVES):
            before = sum(len(writer.acknowledged) for writer in writers)
            assert wait_for(lambda before=before: sum(len(w.acknowledged) for w in writers) > before + 20, 60)
            kill_group(process)
            if life < LIVES - 1:
                process = house.start("serve")
        process = house.start("serve")
        for writer in writers:
            writer.stop.set()
        for writer in writers:
            writer.join(60)
        kill_group(process)
        kept = house.ask("report")
    assert kept["tickets"] == VISITORS
    texts = [text for _, text in kept["texts"]]
    for writer in writers:
        mine = [text for text in texts if text.startswith(writer.token[:8])]
        assert mine == writer.acknowledged
