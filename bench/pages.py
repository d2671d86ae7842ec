"""Inbox, ticket and search at growing sizes, signed in; idle memory and start; on the database that is given."""

import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

from . import server
from .client import Client, latency, load

SEARCHES = {
    "common word": "invoice", "rare word": "gyroscope", "Japanese": "請求書", "one character": "票", "Chinese": "退款",
    "German part of a compound": "Rücksendung", "nothing": "zzqqxx",
}  # fmt: skip


def measure(size: int, database_url: str) -> None:
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        env = server.environment(Path(folder), database_url)
        server.command(env, "init", "--email", server.EMAIL, "--company", "Bench")
        start = time.perf_counter()
        server.command(env, "seed", "--tickets", str(size), "--messages", "2")
        say(f"seed {size:,} tickets", seconds=round(time.perf_counter() - start, 1))
        with server.serving(env) as (process, port, first_page):
            time.sleep(3)
            say("start to first page", seconds=round(first_page, 2))
            say("idle memory of all processes", MiB=server.memory_mib(process.pid))
            client = Client(port)
            client.sign_in(server.EMAIL, server.PASSWORD)
            _pages(client, size)


def _pages(client: Client, size: int) -> None:
    for name, path in {"inbox": "/", "unsolved by deadline": "/?view=open", "ticket": f"/tickets/{size // 2}"}.items():
        say(f"{name} at {size:,}", **latency(client, path))
    for name, words in SEARCHES.items():
        say(f"search at {size:,}, {name}", **latency(client, "/search?q=" + urllib.parse.quote(words), repeats=40))
    say(f"inbox at {size:,}, 4 connections", pages_per_second=load(client, "/"))
    say(f"ticket at {size:,}, 4 connections", pages_per_second=load(client, f"/tickets/{size // 2}"))


def say(what: str, **figures: object) -> None:
    sys.stdout.write(f"{what:48} " + "  ".join(f"{name} {value}" for name, value in figures.items()) + "\n")
    sys.stdout.flush()
