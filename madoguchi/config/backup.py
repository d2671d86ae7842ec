"""`madoguchi backup [DIR]`: everything that an installation is, in one file; `--verify FILE` is the restore drill.

The file is a gzipped tar: `manifest.json` first, then the database (a copy made by SQLite's online backup, or a dump of
pg_dump in custom format, both consistent while everything runs), the secret key, and the data folders. The manifest names
versions, migrations and the SHA-256 of each file. It holds the keys of the house: mode 0600, keep it like them.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

import madoguchi
from madoguchi.foundation import audit, clock, crypto
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import Invalid, Unavailable

from . import postgres

FORMAT = 1
MANIFEST = "manifest.json"
KEY_FILE = "secret.key"
FOLDERS = ("attachments", "models")
COMPRESSION = 4  # databases of mail shrink well already at low effort
CHUNK = 1 << 20
ABANDONED_SECONDS = 86400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", nargs="?", metavar="DIR", help="where to write it (default: MADOGUCHI_HOME/backups)")
    parser.add_argument("--verify", metavar="FILE", help="restore FILE into a temporary place, check it, and remove that again")


def run(options: argparse.Namespace) -> int:
    if options.verify:
        counts = verify(Path(options.verify))
        sys.stdout.write(f"The backup is good: {counts['tickets']} tickets, {counts['messages']} messages, the audit chain is whole\n")
        return 0
    path = make(Path(options.directory) if options.directory else settings.HOME / "backups")
    sys.stdout.write(f"{path}\n")
    return 0


def make(directory: Path) -> Path:
    """Write a backup into `directory` and return its path. Raises Invalid or Unavailable with what to do."""
    if not MigrationRecorder(connection).has_table():
        raise Invalid("There is nothing to back up yet: the database is empty")
    directory.mkdir(parents=True, exist_ok=True)
    _remove_unfinished(directory)
    name = f"madoguchi-{madoguchi.__version__}-{clock.now():%Y%m%dT%H%M%SZ}.tar.gz"
    with tempfile.TemporaryDirectory(dir=directory, prefix=".backup-") as temporary:
        parts = dict(_collect(Path(temporary)))
        manifest = _manifest(parts)
        unfinished = Path(temporary) / name
        unfinished.touch(mode=0o600)
        with unfinished.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=COMPRESSION) as packed:
            _pack(packed, manifest, parts)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(directory / name)
    audit.record("backup.make", by=SYSTEM, detail={"file": name, "bytes": (directory / name).stat().st_size})
    return directory / name


def _remove_unfinished(directory: Path) -> None:
    """What a killed backup left; none takes a day."""
    for left in directory.glob(".backup-*"):
        if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _collect(temporary: Path) -> Iterator[tuple[str, Path]]:
    """(name in the archive, file) of everything, the database copied first."""
    if connection.vendor == "sqlite":
        copy = temporary / "madoguchi.sqlite3"
        _copy_sqlite(Path(str(connection.settings_dict["NAME"])), copy)
    else:
        copy = temporary / "database.pgdump"
        postgres.dump(copy)
    yield copy.name, copy
    key = settings.HOME / KEY_FILE
    if key.exists():
        yield KEY_FILE, key
    for folder in FOLDERS:
        for path in sorted((settings.HOME / folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(settings.HOME).as_posix(), path


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's online backup in one step: a single read transaction, so writers go on and the copy is one moment."""
    target.touch(mode=0o600)
    reading, writing = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60), sqlite3.connect(target)
    try:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, no -wal beside it
    finally:
        reading.close()
        writing.close()


def key_check() -> str:
    """A public mark of the master key, to tell at restore whether a configured key is the same."""
    return crypto.fingerprint(crypto.derive("backup mark").hex())[:16]


def _manifest(parts: dict[str, Path]) -> dict[str, Any]:
    applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    return {
        "format": FORMAT,
        "version": madoguchi.__version__,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "database": connection.vendor,
        "key": key_check(),
        "migrations": applied,
        "files": {name: {"sha256": checksum(path), "bytes": path.stat().st_size} for name, path in parts.items()},
    }


def checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _pack(packed: gzip.GzipFile, manifest: dict[str, Any], parts: dict[str, Path]) -> None:
    with tarfile.open(fileobj=packed, mode="w|") as archive:
        body = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(body)
        archive.addfile(head, io.BytesIO(body))
        for name, path in parts.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = manifest["files"][name]["bytes"], 0o600, int(path.stat().st_mtime)
            with path.open("rb") as file:
                archive.addfile(info, file)


def unpack(file: Path, target: Path) -> dict[str, Any]:
    """Unpack into the empty folder `target`, checking every checksum; returns the manifest. Raises Invalid naming what is wrong."""
    if not file.is_file():
        message = f"{file} does not exist"
        raise Invalid(message)
    try:
        with tarfile.open(file, "r|gz") as archive:
            manifest = _unpack_members(archive, target, file)
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        message = f"{file} is not a whole backup: {error}"
        raise Invalid(message) from error
    missing = [name for name in manifest["files"] if not (target / name).is_file()]
    if missing:
        message = f"{file} is not a whole backup: {missing[0]} is missing"
        raise Invalid(message)
    for name, facts in manifest["files"].items():
        if checksum(target / name) != facts["sha256"]:
            message = f"{file} is damaged: the checksum of {name} does not fit"
            raise Invalid(message)
    return manifest


def _unpack_members(archive: tarfile.TarFile, target: Path, file: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = {}
    for member in archive:
        content = archive.extractfile(member)
        if content is None:
            message = f"{member.name} is not a file"
            raise ValueError(message)
        if not manifest:
            manifest = json.loads(content.read())
            if member.name != MANIFEST or manifest["format"] != FORMAT:
                message = f"{file} was not made by this version of madoguchi backup"
                raise Invalid(message)
            continue
        path = (target / member.name).resolve()
        if member.name not in manifest["files"] or not path.is_relative_to(target.resolve()):
            message = f"{member.name} does not belong to it"
            raise ValueError(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as out:
            shutil.copyfileobj(content, out, CHUNK)
    if not manifest:
        raise ValueError("it is empty")
    return manifest


def verify(file: Path) -> dict[str, Any]:
    """The restore drill: restore into a temporary place, bring it up to date, count, walk the audit chain. Returns doctor's counts."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-drill-") as place:
        home = Path(place) / "home"
        environment = {**os.environ, "MADOGUCHI_HOME": str(home)}
        if connection.vendor == "sqlite":
            return _drill(file, environment)
        with postgres.temporary_database() as url:
            return _drill(file, {**environment, "DATABASE_URL": url})


def _drill(file: Path, environment: dict[str, str]) -> dict[str, Any]:
    restored = _madoguchi("restore", str(file.resolve()), environment=environment)
    if restored.returncode:
        raise Invalid(restored.stderr.strip().removeprefix("madoguchi: ") or f"{file} cannot be restored")
    counts: dict[str, Any] = json.loads(_madoguchi("doctor", "--json", environment=environment).stdout)
    if not counts["audit_ok"]:
        message = f"The audit chain in {file} is broken: " + "; ".join(counts["problems"])
        raise Unavailable(message)
    return counts


def _madoguchi(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-m", "madoguchi", *arguments], env=environment, capture_output=True, text=True, check=False
    )
