"""`madoguchi kb answering`: the one process of a machine that holds the model and the index and answers the others' questions.

Started by `asking`; nobody needs to start it by hand. It ends when it was not asked for a while (MADOGUCHI_ANSWERING_IDLE), or when whoever
started it has ended, which it sees by its standard input.
"""

import argparse
import fcntl
import logging
import os
import select
import socket
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from . import answers, asking

log = logging.getLogger(__name__)

BACKLOG = 64
SLOW_CLIENT = 2.0
"""Seconds that a connection may take to say its question: the others wait meanwhile."""
LOCK = "answering.lock"


def add_arguments(ways: Any) -> None:
    ways.add_parser("answering", help="answer the other processes' questions; they start it themselves when they need it")


def run(_options: argparse.Namespace) -> int:
    lock = (Path(settings.HOME) / LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0  # another one was started at the same moment
    sock = _listen()
    try:
        answer_until_idle(sock, starter=sys.stdin)
    finally:
        with asking.address() as where:
            Path(where).unlink(missing_ok=True)
        sock.close()
        lock.close()
    return 0


def _listen() -> socket.socket:
    """Nobody but our own user may ask: what is asked may be a customer's words."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with asking.address() as where:
            Path(where).unlink(missing_ok=True)
            sock.bind(where)
    finally:
        os.umask(before)
    sock.listen(BACKLOG)
    return sock


def answer_until_idle(sock: socket.socket, *, starter: Any) -> None:
    """One question after the other: the model uses one core, and an answer takes some 30 ms. `starter`: ends when its other side does."""
    idle = settings.ANSWERING_IDLE.total_seconds()
    while True:
        ready, _, _ = select.select([sock, starter], [], [], idle)
        if sock not in ready:
            return
        connection, _address = sock.accept()
        with connection:
            _serve(connection)


def _serve(connection: socket.socket) -> None:
    try:
        question, language = asking.parsed(asking.read_line(connection, time.monotonic() + SLOW_CLIENT))
        connection.settimeout(SLOW_CLIENT)
        connection.sendall(_answer(question, language))
    except (OSError, ValueError):
        log.info("a question was not asked to its end")


def _answer(question: str, language: str) -> bytes:
    close_old_connections()
    try:
        embedder, why_not = answers.installed_embedder()
        if why_not:
            log.warning("answering by exact words only: %s", why_not)
        return asking.as_line(answers.find(question, language=language, embedder=embedder))
    except Exception:
        log.exception("a question could not be answered")
        return b"{}\n"
