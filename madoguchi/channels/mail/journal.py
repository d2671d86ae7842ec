"""The sender's own memory of one attempt, exact after `kill -9`: see docs/adr/0006-sending-once.md.

An attempt is a small file under MADOGUCHI_HOME/sending, mapped into memory and locked by the process that makes the attempt. Its
first byte says how far the conversation came. Storing that byte is one instruction that no kill can tear and that survives the
process (the page belongs to the kernel), so after a kill the file tells what the mail server was given. The lock ends with its
process, so whoever can take it knows that the attempt is over.
"""

import contextlib
import fcntl
import json
import mmap
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

SIZE = 128 * 1024
RECIPIENTS_AT, ANSWER_AT = 16, 96 * 1024
STALE_SECONDS = 60
STARTED, HANDED_OVER, ANSWERED = ord("S"), ord("H"), ord("A")


@dataclass
class Story:
    """What an ended attempt left behind. `answer` is [code, text] once the server replied to the whole message."""

    phase: int
    accepted: list[str] = field(default_factory=list)
    refused: dict[str, list] = field(default_factory=dict)
    answer: list | None = None


class Journal:
    """One running attempt. `marks[0] = HANDED_OVER` is done by the sender itself, right beside the system call it speaks of."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle
        self.marks = mmap.mmap(handle, SIZE)

    @property
    def token(self) -> str:
        return self.path.name

    def plan(self, *, accepted: list[str], refused: dict[str, list]) -> None:
        """Keep whom the server agreed to take the message for, before it gets the message."""
        self._store(RECIPIENTS_AT, {"accepted": accepted, "refused": refused})

    def answered(self, code: int, text: str) -> None:
        """Keep the server's answer to the whole message. The phase byte comes last, so that a torn note is never read."""
        self._store(ANSWER_AT, [code, text[:2000]])
        self.marks[0] = ANSWERED

    def _store(self, at: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.marks[at + 4 : at + 4 + len(body)] = body
        self.marks[at : at + 4] = len(body).to_bytes(4, "big")

    def flush(self) -> None:
        """Bring the marks to the disk, against loss of power; a killed process does not need it."""
        os.fsync(self._handle)

    def close(self) -> None:
        """Forget the attempt: what it did stands in the database now."""
        self.path.unlink(missing_ok=True)
        self.marks.close()
        os.close(self._handle)

    def abandon(self) -> None:
        """Let go without forgetting, as a killed process does; the file stays for whoever finds it."""
        self.marks.close()
        os.close(self._handle)


def folder(place: str = "sending") -> Path:
    path = settings.HOME / place
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def house_id() -> str:
    """A name for this MADOGUCHI_HOME, so that a machine resolves only attempts whose journals it holds."""
    path = folder() / "house-id"
    if not path.exists():
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.write_text(secrets.token_hex(8), encoding="ascii")
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text(encoding="ascii")


def begin(number: int, place: str = "sending") -> Journal:
    """Start the journal of an attempt for delivery `number`; its token names the house and the attempt.

    `place`: a folder of its own for each kind of mail, since whoever resolves ended attempts must know what they were.
    """
    path = folder(place) / f"{house_id()}-{number}-{secrets.token_hex(6)}"
    hidden = path.with_name(f".{path.name}")
    handle = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.posix_fallocate(handle, 0, SIZE)  # a hole in mapped memory on a full disk would end the process (SIGBUS)
        os.pwrite(handle, bytes([STARTED]), 0)
        os.fsync(handle)
        hidden.rename(path)  # visible only when locked: nobody mistakes a young attempt for a dead one
        _keep_name(path.parent)
        return Journal(path, handle)
    except OSError:
        os.close(handle)
        hidden.unlink(missing_ok=True)
        raise


def _keep_name(directory: Path) -> None:
    """The name too must survive a loss of power."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def exists(token: str) -> bool:
    return (folder() / Path(token).name).exists()


def ended(place: str = "sending") -> Iterator[tuple[str, Story, Journal]]:
    """Every attempt whose process is gone: token, what it left, and the journal to `close` once the database knows."""
    for path in sorted(folder(place).iterdir()):
        if path.name.startswith("."):
            _tidy(path)
            continue
        if path.name.startswith("house-id"):
            continue
        try:
            handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        if os.fstat(handle).st_nlink == 0:  # resolved by another process between our look and our lock
            os.close(handle)
            continue
        journal = Journal(path, handle)
        yield path.name, _read(journal.marks), journal


def _tidy(path: Path) -> None:
    """Remove what a process left that was killed before its attempt became visible."""
    with contextlib.suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime > STALE_SECONDS:
            path.unlink()


def _read(marks: mmap.mmap) -> Story:
    plan = _load(marks, RECIPIENTS_AT) or {}
    answer = _load(marks, ANSWER_AT) if marks[0] == ANSWERED else None
    return Story(marks[0], plan.get("accepted", []), plan.get("refused", {}), answer)


def _load(marks: mmap.mmap, at: int) -> Any:
    length = int.from_bytes(marks[at : at + 4], "big")
    return json.loads(marks[at + 4 : at + 4 + length]) if length else None
