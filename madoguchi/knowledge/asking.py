"""Asks the process that answers. The model is loaded once a machine, by the first question, and never in a web process or the worker.

The process (`answering_process`) is started by whoever asks first and finds none. It ends by itself when nobody has asked for some
minutes, and with the process that started it; the next question starts another. One question, one connection: a line of JSON there,
a line back.
"""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import Unavailable

from .answers import MAX_QUESTION, Found, Hit

log = logging.getLogger(__name__)

SOCKET = "answering.sock"
LONGEST_PATH = 100
"""Bytes of a socket's address; systems allow 104 to 108."""
MOST_BYTES = 256 * 1024
LOOK_EVERY = 0.05
AFTER_FAILURE = 30.0
"""Seconds until it is started again after it could not be; questions are told so at once meanwhile."""

_starting = threading.Lock()
_started: subprocess.Popen[bytes] | None = None
_failed_at = -AFTER_FAILURE


def ask(question: str, *, language: str) -> Found:
    """What customers may read about `question`, best first. Raises Unavailable when no answer comes in time."""
    request = json.dumps({"text": question[:MAX_QUESTION], "language": language}).encode() + b"\n"
    deadline = time.monotonic() + settings.ANSWERING_TIMEOUT.total_seconds()
    try:
        found = json.loads(_exchange(request, deadline))
        return Found(found["score"], found["bar"], [Hit(**hit) for hit in found["hits"]])
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("no answer from the answering process", exc_info=True)
        raise Unavailable(_("Answers from the articles are not available at the moment. Try again in a minute.")) from error


def as_line(found: Found) -> bytes:
    return json.dumps(asdict(found), ensure_ascii=False).encode() + b"\n"


def _exchange(request: bytes, deadline: float) -> bytes:
    """Also survives a process that ends, idle, just when it is asked."""
    while True:
        try:
            return _once(request, deadline)
        except (FileNotFoundError, ConnectionError):
            if time.monotonic() >= deadline:
                raise
            _start()
            time.sleep(LOOK_EVERY)


def _once(request: bytes, deadline: float) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(max(0.1, deadline - time.monotonic()))
        with address() as where:
            sock.connect(where)
        sock.sendall(request)
        return read_line(sock, deadline)


def read_line(sock: socket.socket, deadline: float) -> bytes:
    """Raises ConnectionError when the other side ends before its line does, TimeoutError, ValueError for far too much."""
    parts: list[bytes] = []
    size = 0
    while not parts or not parts[-1].endswith(b"\n"):
        sock.settimeout(max(0.01, deadline - time.monotonic()))
        part = sock.recv(65536)
        if not part:
            raise ConnectionResetError
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise ValueError("too long")
    return b"".join(parts)


@contextmanager
def address() -> Iterator[str]:
    """Where the socket is; a path that is too long for the system is gone through a handle of its folder."""
    path = Path(settings.HOME) / SOCKET
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(settings.HOME, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)


def _start() -> None:
    """Start the process, unless it runs or is being started. Its standard input stays open as long as this process lives."""
    global _started, _failed_at  # noqa: PLW0603
    with _starting:
        if _started is not None:
            status = _started.poll()
            if status is None:
                return
            if status:
                _failed_at = time.monotonic()
            _started = None
        if time.monotonic() - _failed_at < AFTER_FAILURE:
            raise OSError("the answering process could not be started")
        _started = subprocess.Popen(
            [sys.executable, "-m", "madoguchi", "kb", "answering"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )


def parsed(line: bytes) -> tuple[str, str]:
    """(question, language) of a request. Raises ValueError."""
    value: Any = json.loads(line)
    if not isinstance(value, dict) or not isinstance(value.get("text"), str) or not isinstance(value.get("language"), str):
        raise ValueError("not a question")  # noqa: TRY004  one kind of error for whatever is wrong with a line
    return value["text"], value["language"]
