"""`madoguchi restore FILE`: put a backup into a fresh place, checked before and after.

It refuses a place that holds something, unless `--force` is given; then what was there is kept beside it.

While it changes the place, MADOGUCHI_HOME holds a note, so that one that was cut off is known: no other command works on half of a
backup, and the same restore can simply be started again.
"""

import argparse
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.env import secret
from madoguchi.foundation.errors import Conflict, Invalid, Unavailable

from . import backup, postgres

NOTE = "restore-unfinished"
DATABASES = ("madoguchi.sqlite3", "database.pgdump")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a file of madoguchi backup")
    parser.add_argument("--force", action="store_true", help="also into a place that is in use; what was there is kept beside it")


def run(options: argparse.Namespace) -> int:
    manifest = restore(Path(options.file), force=options.force, migrate=True)
    sys.stdout.write(f"Restored the backup of {manifest['made_at']} (version {manifest['version']}). The audit chain is whole.\n")
    return 0


def restore(file: Path, *, force: bool, migrate: bool) -> dict[str, Any]:
    """Put the backup in place; returns its manifest. Raises Conflict for a place in use, Invalid for a bad file.

    `migrate`: bring an older backup up to date afterwards; without it the program's version must be the backup's.
    """
    _refuse_while_running()
    if not force and _in_use() and not unfinished():
        message = f"{_place()} holds data already. Restore into a fresh MADOGUCHI_HOME or database, or use --force"
        raise Conflict(message)
    settings.HOME.mkdir(parents=True, exist_ok=True)
    for left in settings.HOME.glob(".restore-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=settings.HOME, prefix=".restore-") as temporary:
        unpacked = Path(temporary)
        manifest = backup.unpack(file, unpacked)
        _check_fits(manifest)
        _check_key(manifest, unpacked)
        _take_note(file)
        if connection.vendor == "postgresql":
            postgres.stop_unfinished_loads()
        if _in_use():
            _keep_aside()
        _put_in_place(manifest, unpacked)
    connections.close_all()
    if migrate:
        call_command("migrate", verbosity=0, interactive=False)
    verdict = audit.verify()
    if not verdict.ok:
        message = f"The data is in place, but its audit chain is broken at entry {verdict.broken_at}"
        raise Unavailable(message)
    (settings.HOME / NOTE).unlink(missing_ok=True)
    audit.record("backup.restore", by=SYSTEM, detail={"made_at": manifest["made_at"], "version": manifest["version"]})
    return manifest


def unfinished() -> str:
    """What to do about a restore that was cut off; empty when there is none."""
    note = settings.HOME / NOTE
    if not note.exists():
        return ""
    return (
        f"A restore of {note.read_text(encoding='utf-8').strip()} into this place was cut off, so what is here is not whole. "
        "Run it again: madoguchi restore FILE. What was here before is kept beside it, in before-restore-... or backups"
    )


def _take_note(file: Path) -> None:
    with (settings.HOME / NOTE).open("w", encoding="utf-8") as note:
        note.write(f"{file.resolve()}\n")
        note.flush()
        os.fsync(note.fileno())


def _place() -> str:
    return str(settings.HOME) if connection.vendor == "sqlite" else f"The database {connection.settings_dict['NAME']}"


def _refuse_while_running() -> None:
    """A running server would go on writing into the files that we replace."""
    family = socket.AF_INET6 if ":" in settings.BIND else socket.AF_INET
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.BIND, settings.BIND)  # noqa: S104  to compare, not to bind
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        if probe.connect_ex((host, settings.HTTP_PORT)) == 0 and _in_use():
            message = f"Something answers on port {settings.HTTP_PORT}. Stop Madoguchi first"
            raise Conflict(message)


def _database_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _in_use() -> bool:
    if connection.vendor == "postgresql":
        return not postgres.is_empty()
    return _database_file().exists() and _database_file().stat().st_size > 0


def _check_fits(manifest: dict[str, Any]) -> None:
    if manifest["database"] != connection.vendor:
        message = f"The backup is of {manifest['database']}, this installation uses {connection.vendor}. Change DATABASE_URL"
        raise Invalid(message)
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    newer = [name for name in manifest["migrations"] if name not in known]
    if newer:
        message = f"The backup was made by a newer version ({manifest['version']}). Install that version first"
        raise Invalid(message)


def _check_key(manifest: dict[str, Any], unpacked: Path) -> None:
    """A key in the environment must be the one that encrypted the backup's secrets; a key file comes with the backup."""
    if secret("MADOGUCHI_SECRET_KEY"):
        if manifest["key"] != backup.key_check():
            raise Invalid("MADOGUCHI_SECRET_KEY is not the key of this backup; its stored secrets could not be read")
    elif not (unpacked / backup.KEY_FILE).exists():
        raise Invalid("The backup comes without a key: set MADOGUCHI_SECRET_KEY to the one it was made with")


def _keep_aside() -> None:
    """What is there now is not thrown away."""
    stamp = f"{clock.now():%Y%m%dT%H%M%SZ}"
    if connection.vendor == "postgresql":
        backup.make(settings.HOME / "backups")
        postgres.clear()
        return
    connections.close_all()
    database = _database_file()
    with sqlite3.connect(database) as last:
        last.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    last.close()
    aside = Path(tempfile.mkdtemp(prefix=f"before-restore-{stamp}-", dir=settings.HOME))  # two in one second stay two; mode 0700
    for name in (database.name, f"{database.name}-wal", f"{database.name}-shm", backup.KEY_FILE, *backup.FOLDERS):
        if (settings.HOME / name).exists():
            shutil.move(settings.HOME / name, aside / name)


def _put_in_place(manifest: dict[str, Any], unpacked: Path) -> None:
    for name in sorted(manifest["files"], key=lambda name: name in DATABASES):  # the database last: without it the place is a fresh one
        source = unpacked / name
        if name == "database.pgdump":
            postgres.load(source)
            continue
        target = _database_file() if name == "madoguchi.sqlite3" else settings.HOME / name
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
