"""Which processes of this installation are alive: each holds a locked file, and a lock ends with its process, also by `kill -9`."""

import fcntl
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from django.conf import settings

_held: dict[int, int] = {}  # pid -> open file, kept for the life of the process


def folder() -> Path:
    path = settings.HOME / "processes"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def my_name() -> str:
    """This process's name, never used by another; known to be alive from now until its end."""
    return _name(os.getpid())


@cache
def _name(pid: int) -> str:
    name = f"{pid}-{secrets.token_hex(8)}"
    hidden = folder() / f".{name}"
    handle = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    hidden.rename(folder() / name)
    _held[pid] = handle
    return name


def gone(names: Iterable[str]) -> set[str]:
    """Those of `names` that lived in this MADOGUCHI_HOME and are dead. Names of other machines are never among them."""
    return {name for name in names if _is_gone(name)}


def _is_gone(name: str) -> bool:
    path = folder() / Path(name).name
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def forget(names: Iterable[str]) -> None:
    """Remove the files of dead processes."""
    for name in names:
        with suppress(FileNotFoundError):
            (folder() / Path(name).name).unlink()


def leftovers() -> list[str]:
    """Names of dead processes whose files are still there."""
    return [path.name for path in folder().iterdir() if not path.name.startswith(".") and _is_gone(path.name)]
