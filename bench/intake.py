"""Mail intake beside its floor: the same mails through `madoguchi mail import`, and through the least that any desk must do.

The floor parses with the standard library (policy.default), and writes conversation, message and full-text row in one durable
transaction a mail. Both runs take turns, and CPU seconds are printed too, since other work on the machine does not count there.
"""

import email
import email.policy
import json
import resource
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from .mails import make
from .pages import say
from .server import command, environment

TURNS = 3
TABLES = """
CREATE TABLE conversation (id {key}, subject TEXT, requester TEXT, status TEXT, updated FLOAT);
CREATE INDEX conversation_list ON conversation (status, updated);
CREATE TABLE message (id {key}, conversation BIGINT REFERENCES conversation, message_id TEXT UNIQUE, body TEXT, created FLOAT {more});
CREATE INDEX message_conversation ON message (conversation);
"""


def measure(mails: int, database_url: str) -> None:
    """Print mails a second of the floor and of ours, and the share of the floor that ours reaches."""
    name = "PostgreSQL" if database_url else "SQLite"
    with tempfile.TemporaryDirectory(prefix="bench-intake-") as folder:
        home = Path(folder)
        (home / "mails").mkdir()
        raws = [mail.raw for mail in make(mails)]
        for number, raw in enumerate(raws):
            (home / "mails" / f"{number:06}.eml").write_bytes(raw)
        env = environment(home / "home", database_url)
        command(env, "migrate", "-v0")
        floors, ours, cpus = [], [], []
        for turn in range(TURNS):
            floors.append(_floor(raws, home / f"floor{turn}.sqlite3", database_url))
            _empty(env)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            report = json.loads(command(env, "mail", "import", str(home / "mails"), "--json", "--no-read").splitlines()[-1])
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            ours.append(report["per_second"])
            cpus.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000 / mails)
    floor, our = statistics.median(floors), statistics.median(ours)
    say(f"intake of {mails} mails, {name}: floor", per_second=round(floor))
    say(
        f"intake of {mails} mails, {name}: ours",
        per_second=round(our),
        of_floor=f"{our / floor:.0%}",
        cpu_ms=round(statistics.median(cpus), 2),
    )


def _empty(env: dict[str, str]) -> None:
    """A fresh installation with one mailbox and the default policy, through the program's own shell."""
    if env["DATABASE_URL"]:
        command(
            env, "shell", "-v0", "-c", "from django.core.management import call_command as c; c('flush', interactive=False, verbosity=0)"
        )
    else:
        shutil.rmtree(env["MADOGUCHI_HOME"])
        command(env, "migrate", "-v0")
    command(env, "shell", "-v0", "-c", SET_UP)


SET_UP = """
from madoguchi.channels.models import Mailbox
from madoguchi.foundation import clock
from madoguchi.sla.actions.policies import ensure_default_policy
from madoguchi.workplace import actions as workplace
workplace.set_up(name="Bench", language="en", time_zone="UTC")
Mailbox.objects.create(name="Support", address="support@hoshizora.example", is_default=True, created_at=clock.now())
ensure_default_policy()
"""


def _floor(raws: list[bytes], path: Path, database_url: str) -> float:
    put, close = _postgres(database_url) if database_url else _sqlite(path)
    start = time.perf_counter()
    for number, raw in enumerate(raws):
        put(number, *_parse(raw))
    seconds = time.perf_counter() - start
    close()
    return len(raws) / seconds


def _parse(raw: bytes) -> tuple[str, str, str]:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    subject, sender = str(mail["Subject"] or ""), str(mail["From"] or "")
    part = mail.get_body(("plain", "html"))
    data = part.get_payload(decode=True) if part is not None else b""
    body = (data or b"").decode((part.get_content_charset() if part is not None else None) or "utf-8", "replace")
    for piece in mail.walk():
        if piece.get_filename():
            piece.get_payload(decode=True)
    return subject.replace("\0", ""), sender.replace("\0", ""), body.replace("\0", "")


def _sqlite(path: Path) -> tuple[Callable[..., None], Callable[[], None]]:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.executescript(TABLES.format(key="INTEGER PRIMARY KEY", more=""))
    db.execute("CREATE VIRTUAL TABLE words USING fts5(subject, body, tokenize='trigram')")

    def put(number: int, subject: str, sender: str, body: str) -> None:
        db.execute("BEGIN IMMEDIATE")
        talk = db.execute(
            "INSERT INTO conversation (subject, requester, status, updated) VALUES (?, ?, 'open', ?)", (subject, sender, number)
        )
        said = db.execute(
            "INSERT INTO message (conversation, message_id, body, created) VALUES (?, ?, ?, ?)",
            (talk.lastrowid, f"<{number}@x>", body, number),
        )
        db.execute("INSERT INTO words (rowid, subject, body) VALUES (?, ?, ?)", (said.lastrowid, subject, body))
        db.execute("COMMIT")

    return put, db.close


def _postgres(database_url: str) -> tuple[Callable[..., None], Callable[[], None]]:
    db = psycopg.connect(database_url, autocommit=True)
    db.execute("SET synchronous_commit = on")
    db.execute("DROP SCHEMA IF EXISTS floor CASCADE")
    db.execute("CREATE SCHEMA floor")
    db.execute("SET search_path = floor")
    db.execute(TABLES.format(key="BIGSERIAL PRIMARY KEY", more=", words tsvector"))
    db.execute("CREATE INDEX ON message USING gin (words)")

    def put(number: int, subject: str, sender: str, body: str) -> None:
        with db.transaction():
            talk = db.execute(
                "INSERT INTO conversation (subject, requester, status, updated) VALUES (%s, %s, 'open', %s) RETURNING id",
                (subject, sender, number),
            ).fetchone()
            db.execute(
                "INSERT INTO message (conversation, message_id, body, created, words) VALUES (%s, %s, %s, %s, to_tsvector('simple', %s))",
                (talk[0], f"<{number}@x>", body, number, body),
            )

    def close() -> None:
        db.execute("DROP SCHEMA floor CASCADE")
        db.close()

    return put, close
