"""Open widgets and messages a second: how long until the other side has a message, memory per connection, and what a kill loses.

Every visitor holds a stream and writes under a client id until it is acknowledged, as the widget does. Delays run from the moment
before the POST until the desk's or the visitor's stream tells of the message.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import resource
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

from . import server
from .client import Client, percentile
from .pages import say

LIMITS = dict.fromkeys(
    ("MADOGUCHI_CHAT_MESSAGES_PER_MINUTE", "MADOGUCHI_CHAT_MESSAGES_PER_ADDRESS", "MADOGUCHI_CHAT_STARTS_PER_HOUR"), "100000000"
)
STARTERS, AGENTS = 8, 4
REPLY_SHARE = 0.2
SETTLE = 3.0
RECONNECT, DRAIN = 60.0, 300.0
IDLE = 4.0  # seconds after which the server may have closed a kept connection


@dataclass(frozen=True)
class Options:
    """`rate`: messages a second; `seconds`: of chatting, before and again around the kill."""

    widgets: int = 1000
    rate: int = 50
    seconds: float = 20.0


@dataclass
class Line:
    """One keep-alive connection, made anew when it breaks."""

    port: int
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None
    used: float = 0.0

    async def request(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, bytes]:
        if self.writer is not None and time.perf_counter() - self.used > IDLE:
            self.close()
        self.used = time.perf_counter()
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: localhost:{self.port}",
            f"Content-Length: {len(body)}",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = re.search(r"(?i)content-length: (\d+)", head)
            data = await self.reader.readexactly(int(length.group(1))) if length else b""
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            raise OSError from None
        return int(head.split(" ", 2)[1]), data

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.writer = None


@dataclass
class Visitor:
    """A widget: what it said, and what its stream told."""

    port: int
    key: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    ticket: int = 0
    last: int = 0
    said: list[str] = field(default_factory=list)
    heard: list[tuple[str, float]] = field(default_factory=list)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = True

    async def say(self, line: Line, text: str) -> int:
        body = json.dumps({"client_id": f"id-{len(self.said):08}", "text": text}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        while True:
            with contextlib.suppress(OSError):
                status, data = await line.request("POST", f"/chat/messages?brand={self.key}", headers, body)
                if status == 201:
                    break
            await asyncio.sleep(0.2)
        self.said.append(text)
        return json.loads(data)["message"]["id"]

    async def listen(self) -> None:
        while True:
            self.away = True
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._listen()
            await asyncio.sleep(random.uniform(0.2, 1.0))

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"GET /chat/stream?brand={self.key} HTTP/1.1\r\nHost: localhost:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
        writer.write(f"{head}Last-Event-ID: {self.last}\r\n\r\n".encode())
        number = 0
        try:
            while line := await reader.readline():
                if line.startswith(b"event: hello"):
                    self.opened.set()
                    self.away = False
                elif line.startswith(b"id: "):
                    number = int(line[4:])
                elif line.startswith(b'data: {"id"'):
                    self.heard.append((json.loads(line[6:])["text"], time.perf_counter()))
                    self.last = number
        finally:
            writer.close()


async def _desk(port: int, cookie: str, heard: dict[int, list[float]]) -> None:
    """An agent's desk: when it heard of a message of which ticket."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET /live HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\n\r\n".encode())
            while line := await reader.readline():
                if line.startswith(b"data: ") and b"MessageReady" in line:
                    heard.setdefault(json.loads(line[6:])["message_id"], []).append(time.perf_counter())
            writer.close()
        await asyncio.sleep(0.3)


@dataclass
class Load:
    """The running measurement."""

    port: int
    key: str
    visitors: list[Visitor]
    cookie: str
    csrf: str
    replied: dict[str, float] = field(default_factory=dict)
    posted: dict[str, float] = field(default_factory=dict)
    acknowledged: list[float] = field(default_factory=list)
    sent_at: dict[int, float] = field(default_factory=dict)

    async def run(self, rate: int, seconds: float) -> None:
        """Messages at an even pace; a visitor sends its next one when the last is acknowledged."""
        lines = {id(visitor): Line(self.port) for visitor in self.visitors}
        busy: set[int] = set()
        agents = asyncio.Queue()
        for _ in range(AGENTS):
            agents.put_nowait(Line(self.port))
        tasks: set[asyncio.Task] = set()
        start = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            free = [visitor for visitor in random.sample(self.visitors, min(20, len(self.visitors))) if id(visitor) not in busy]
            if not free:
                continue
            visitor = free[0]
            work = self._reply(agents, visitor) if random.random() < REPLY_SHARE else self._say(lines, busy, visitor)
            task = asyncio.create_task(work)
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        for line in lines.values():
            line.close()

    async def _say(self, lines: dict[int, Line], busy: set[int], visitor: Visitor) -> None:
        busy.add(id(visitor))
        text, start = f"visitor {secrets.token_hex(6)}", time.perf_counter()
        self.posted[text] = start
        self.sent_at[await visitor.say(lines[id(visitor)], text)] = start
        self.acknowledged.append((time.perf_counter() - start) * 1000)
        busy.discard(id(visitor))

    async def _reply(self, agents: asyncio.Queue, visitor: Visitor) -> None:
        line = await agents.get()
        text, start = f"agent {secrets.token_hex(6)}", time.perf_counter()
        form = urllib.parse.urlencode({"text": text, "csrfmiddlewaretoken": self.csrf, "then": "open"}).encode()
        headers = {
            "Cookie": self.cookie,
            "Referer": f"http://localhost:{self.port}/",
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
        }
        with contextlib.suppress(OSError):  # an agent looks and writes again by hand; only acknowledged ones count
            status, _ = await line.request("POST", f"/tickets/{visitor.ticket}/reply", headers, form)
            if status < 400:
                self.replied[text] = start
        agents.put_nowait(line)


def _switch_on(client: Client) -> str:
    """The default brand's chat, through the settings screen; its key."""
    _, page, *_ = client.request("GET", "/settings/chat/1/")
    csrf = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1).decode()
    status, *_ = client.request(
        "POST", "/settings/chat/1/", {"csrfmiddlewaretoken": csrf, "is_active": "on", "patience": "3", "mail_after": "5"}
    )
    if status != 302:
        raise SystemExit(f"the chat cannot be switched on: HTTP {status}")
    return re.search(rb"data-brand=&quot;([^&]+)&quot;|data-brand=\"([^\"]+)\"", page).group(2 if b'data-brand="' in page else 1).decode()


async def _open(visitors: list[Visitor], port: int) -> float:
    """Every visitor says something; how long all took."""
    start, waiting = time.perf_counter(), list(visitors)

    async def work() -> None:
        line = Line(port)
        while waiting:
            visitor = waiting.pop()
            body = json.dumps({"client_id": "id-first000", "text": "Hello"}).encode()
            headers = {"Authorization": f"Bearer {visitor.token}", "Content-Type": "application/json"}
            status, _ = await line.request("POST", f"/chat/messages?brand={visitor.key}", headers, body)
            if status != 201:
                raise SystemExit(f"a conversation cannot be begun: HTTP {status}")
        line.close()

    await asyncio.gather(*(work() for _ in range(STARTERS)))
    return time.perf_counter() - start


def _numbers(client: Client, visitors: list[Visitor]) -> None:
    """Which ticket is whose: a desk with an empty database numbers them in the order in which they came; the stream tells nothing of it."""
    client = Client(client.port)
    for visitor in visitors:
        status, data, *_ = client.request(
            "GET", f"/chat/messages?brand={visitor.key}", headers={"Authorization": f"Bearer {visitor.token}"}
        )
        if status != 200:
            raise SystemExit(f"a conversation cannot be read: HTTP {status}")
        visitor.ticket = json.loads(data)["messages"][0]["id"]  # the first message of each ticket, before anything else was written


async def _measure(env: dict[str, str], process: subprocess.Popen, client: Client, options: Options) -> None:
    widgets, rate, seconds = options.widgets, options.rate, options.seconds
    port, key = client.port, _switch_on(client)
    visitors = [Visitor(port, key) for _ in range(widgets)]
    took = await _open(visitors, port)
    say(f"{widgets} conversations begun", per_second=round(widgets / took))
    _numbers(client, visitors)
    drained = _drain(env)
    say("work that the beginnings left, done after", seconds=round(drained))
    before = server.memory_mib(process.pid)
    streams = [asyncio.create_task(visitor.listen()) for visitor in visitors]
    await asyncio.gather(*(visitor.opened.wait() for visitor in visitors))
    await asyncio.sleep(SETTLE)
    say(f"memory for {widgets} open widgets", kib_each=round((server.memory_mib(process.pid) - before) * 1024 / widgets, 1))
    client = Client(port, client.cookies)
    _, page, *_ = client.request("GET", "/")
    csrf = re.search(rb'data-csrf="([^"]+)"|name="csrfmiddlewaretoken" value="([^"]+)"', page)
    cookie = "; ".join(f"{k}={v}" for k, v in client.cookies.items())
    load = Load(port, key, visitors, cookie, next(one for one in csrf.groups() if one).decode())
    desk_heard: dict[int, list[float]] = {}
    desk = asyncio.create_task(_desk(port, cookie, desk_heard))
    await asyncio.sleep(1)
    await load.run(rate, seconds)
    await asyncio.sleep(SETTLE)
    await _told(load, visitors)
    _report(load, visitors, desk_heard, f"{rate} messages a second")
    killer = asyncio.create_task(_kill_and_restart(env, process, seconds / 2))
    await load.run(rate, seconds)
    again = await killer
    for visitor in visitors:
        visitor.opened.clear()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(RECONNECT):
            await asyncio.gather(*(visitor.opened.wait() for visitor in visitors if visitor.away))
    await _told(load, visitors)
    _count(load, visitors, "after a kill and a restart under load")
    for task in [desk, *streams]:
        task.cancel()
    again.terminate()
    again.wait(60)


def _drain(env: dict[str, str]) -> float:
    """Wait until the worker has nothing to do: reading, routing and answering a thousand beginnings is a load of its own."""
    start = time.perf_counter()
    while time.perf_counter() - start < DRAIN:
        found = json.loads(server.command(env, "doctor", "--json"))
        if not found["jobs_waiting"]:
            break
        time.sleep(1)
    return time.perf_counter() - start


async def _kill_and_restart(env: dict[str, str], process: subprocess.Popen, after: float) -> subprocess.Popen:
    await asyncio.sleep(after)
    for pid in server.tree(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return subprocess.Popen(  # noqa: ASYNC220  returns at once
        [sys.executable, "-m", "madoguchi", "serve"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _report(load: Load, visitors: list[Visitor], desk: dict[int, list[float]], what: str) -> None:
    to_visitor, echoed = [], []
    to_desk = [(desk[number][0] - start) * 1000 for number, start in load.sent_at.items() if number in desk]
    for visitor in visitors:
        for text, at in visitor.heard:
            if text in load.replied:
                to_visitor.append((at - load.replied[text]) * 1000)
            elif text in load.posted:
                echoed.append((at - load.posted[text]) * 1000)
    for name, values in (
        ("acknowledged", load.acknowledged),
        ("visitor to desk", to_desk),
        ("visitor to own stream", echoed),
        ("agent to visitor", to_visitor),
    ):
        if values:
            say(f"{what}, {name}, ms", p50=round(percentile(values, 0.5)), p95=round(percentile(values, 0.95)), n=len(values))
    _count(load, visitors, what)


def _lost(load: Load, visitors: list[Visitor]) -> int:
    """How many acknowledged messages their visitor's stream has not told."""
    lost = 0
    for visitor in visitors:
        texts = {text for text, _ in visitor.heard}
        lost += sum(1 for text in visitor.said if text not in texts)
    everything = {text for visitor in visitors for text, _ in visitor.heard}
    return lost + sum(1 for text in load.replied if text not in everything)


async def _told(load: Load, visitors: list[Visitor]) -> None:
    """Wait for what is still on its way."""
    deadline = time.perf_counter() + RECONNECT
    while _lost(load, visitors) and time.perf_counter() < deadline:
        await asyncio.sleep(0.5)


def _count(load: Load, visitors: list[Visitor], what: str) -> None:
    doubled, lost = 0, _lost(load, visitors)
    for visitor in visitors:
        texts = [text for text, _ in visitor.heard if text.startswith(("visitor ", "agent "))]
        doubled += len(texts) - len(set(texts))
    say(f"{what}", acknowledged=sum(len(v.said) for v in visitors) + len(load.replied), lost=lost, doubled=doubled)


def measure(database_url: str, options: Options) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        env = server.environment(Path(folder), database_url) | LIMITS
        server.command(env, "init", "--email", server.EMAIL, "--company", "Bench")
        with server.serving(env) as (process, port, _seconds):
            client = Client(port)
            client.sign_in(server.EMAIL, server.PASSWORD)
            asyncio.run(_measure(env, process, client, options))
