"""Two hundred open desks: how long until every one hears of an event."""

import asyncio
import json
import tempfile
import time
from pathlib import Path

from . import server
from .client import Client, percentile
from .pages import say

DESKS = 200
EVENTS = 20


async def _desk(port: int, cookie: str, heard: list[tuple[str, float]], ready: asyncio.Semaphore) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /live HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\n\r\n".encode())
    await writer.drain()
    while True:
        line = await reader.readline()
        if line.startswith(b"event: hello"):
            ready.release()
        elif line.startswith(b"data: ") and b"MessageReady" in line:
            heard.append((json.loads(line[6:])["ticket"], time.perf_counter()))
        elif not line:
            return


def _send_mail(port: int, number: int) -> None:
    import smtplib
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"desk{number}@customer.example", "support@hoshizora.example", f"Event {number}"
    mail["Message-ID"] = f"<live-{number}@customer.example>"
    mail.set_content("Please look.")
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(mail)


async def _run(env: dict[str, str], client: Client) -> None:
    cookie = "; ".join(f"{k}={v}" for k, v in client.cookies.items())
    heard: list[tuple[str, float]] = []
    ready = asyncio.Semaphore(0)
    desks = [asyncio.create_task(_desk(client.port, cookie, heard, ready)) for _ in range(DESKS)]
    for _ in range(DESKS):
        await ready.acquire()
    spread, first = [], []
    for number in range(EVENTS):
        heard.clear()
        await asyncio.to_thread(_send_mail, int(env["MADOGUCHI_SMTP_PORT"]), number)
        accepted, deadline = time.perf_counter(), time.perf_counter() + 10
        while len(heard) < DESKS and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        times = sorted(at for _, at in heard)
        first.append((times[0] - accepted) * 1000)
        spread += [(at - accepted) * 1000 for at in times]
    for desk in desks:
        desk.cancel()
    say(
        f"{DESKS} desks, mail accepted to event heard, ms", p50=round(percentile(spread, 0.5)), p95=round(percentile(spread, 0.95)),
        heard=len(spread), of=DESKS * EVENTS,
    )  # fmt: skip


def measure(database_url: str) -> None:
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        env = server.environment(Path(folder), database_url)
        server.command(env, "init", "--email", server.EMAIL, "--company", "Bench")
        server.command(env, "seed", "--tickets", "1000", "--messages", "2")
        with server.serving(env) as (_, port, _seconds):
            client = Client(port)
            client.sign_in(server.EMAIL, server.PASSWORD)
            asyncio.run(_run(env, client))
