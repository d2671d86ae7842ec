"""PostgreSQL's own tools for copying a whole database: pg_dump, pg_restore."""

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.db import connection, transaction

from madoguchi.foundation.errors import Unavailable

CHUNK = 1 << 20
PATIENCE = 20.0  # seconds for a tool that was told to end


def _tool(name: str, *arguments: str, source: Path | None = None) -> None:
    """Run a tool against our database; the password goes by the environment, not by the command line that others can see.

    `source`: a file for its standard input.
    """
    program = shutil.which(name)
    if program is None:
        message = f"{name} is missing. Install PostgreSQL's client programs (Debian: postgresql-client)"
        raise Unavailable(message)
    facts = connection.settings_dict
    environment = {
        **os.environ, "PGHOST": str(facts["HOST"] or ""), "PGPORT": str(facts["PORT"] or ""), "PGUSER": str(facts["USER"] or ""),
        "PGPASSWORD": str(facts["PASSWORD"] or ""), "PGDATABASE": str(facts["NAME"]),
    }  # fmt: skip
    environment = {key: value for key, value in environment.items() if value}
    with tempfile.TemporaryFile() as said:
        done = subprocess.Popen(  # noqa: S603
            [program, *arguments], env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        )
        with contextlib.suppress(BrokenPipeError), cast("IO[bytes]", done.stdin) as pipe:
            if source:
                with source.open("rb") as file:
                    shutil.copyfileobj(file, pipe, CHUNK)
        if done.wait():
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            message = f"{name} failed: {lines[-1] if lines else done.returncode}"
            raise Unavailable(message)


def dump(target: Path) -> None:
    """One consistent snapshot of the database into `target` (custom format)."""
    target.touch(mode=0o600)
    _tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(source: Path) -> None:
    """Load a dump into our empty database, all or nothing. Given through a pipe: when we are killed it ends, and the tool gives up."""
    name = str(connection.settings_dict["NAME"])
    connection.close()
    _tool("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", f"--dbname={name}", source=source)


def stop_unfinished_loads() -> None:
    """End the tools of a restore that was killed: a small dump is in their pipe already, so they would go on into our database."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'pg_restore' AND pid <> pg_backend_pid()"
            )
            if not cursor.fetchall():
                return
        time.sleep(0.1)
    message = "Another pg_restore is at work in this database and does not end. Stop it, then run the restore again"
    raise Unavailable(message)


def is_empty() -> bool:
    return not connection.introspection.table_names()


def clear() -> None:
    """Drop everything in the database."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


@contextmanager
def temporary_database() -> Iterator[str]:
    """An empty database beside ours, dropped afterwards; yields its URL."""
    name = f"madoguchi_drill_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            raise Unavailable("The drill needs a role that may create databases: ALTER ROLE ... CREATEDB")
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path="/" + quote(name)))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
