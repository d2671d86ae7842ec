"""Mails in files: single ones, folders of them, Maildirs and mboxes (RFC 4155, with mboxrd's quoting). Pure, one at a time."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# A separator has an address and a date. Without the date, a sentence that begins with "From" would cut a mail in two.
_SEPARATOR = re.compile(rb"From .*\d{1,2}:\d\d(?::\d\d)?\b.*\r?\n?$")
_FIELD = re.compile(rb"[\x21-\x39\x3b-\x7e]+[ \t]*:|>?From ")
_QUOTED = re.compile(rb">+From ")
_NOT_MAIL = {".jsonl"}  # lists that stand beside exported mails


@dataclass(frozen=True)
class MailFile:
    """One mail as found. `size` may be larger than `raw` when the mail is over the limit: then `raw` is only its beginning."""

    name: str
    raw: bytes
    size: int


def find_mails(path: Path, *, limit: int) -> Iterator[MailFile]:
    """Every mail below `path`, in the order of the names; `limit`: bytes of a mail that are read. Raises OSError."""
    if not path.is_dir():
        yield from _in_file(path, limit)
        return
    if (path / "cur").is_dir() or (path / "new").is_dir():
        for folder in ("cur", "new"):
            if (path / folder).is_dir():
                yield from _in_folder(path / folder, limit)
        return
    yield from _in_folder(path, limit)


def _in_folder(folder: Path, limit: int) -> Iterator[MailFile]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from find_mails(Path(entry.path), limit=limit)
        elif entry.is_file() and Path(entry.name).suffix.lower() not in _NOT_MAIL:
            yield from _in_file(Path(entry.path), limit)


def _in_file(path: Path, limit: int) -> Iterator[MailFile]:
    with path.open("rb") as stream:
        first, second = stream.readline(4096), stream.readline(4096)
        stream.seek(0)
        if _SEPARATOR.match(first) and _FIELD.match(second):
            yield from _in_mbox(stream, str(path), limit)
        else:
            raw = stream.read(limit + 1)
            yield MailFile(str(path), raw[:limit], path.stat().st_size)


def _in_mbox(stream: BinaryIO, name: str, limit: int) -> Iterator[MailFile]:
    """Cut an mbox at its separators: after an empty line, with a date, and with a header field behind."""
    lines: list[bytes] = []
    size = number = 0
    blank, line = True, stream.readline()
    while line:
        following = stream.readline()
        if blank and line.startswith(b"From ") and _SEPARATOR.match(line) and _FIELD.match(following):
            if number:
                yield _mbox_mail(name, number, lines, size)
            lines, size, number = [], 0, number + 1
        else:
            plain = line[1:] if line.startswith(b">") and _QUOTED.match(line) else line
            if size + len(plain) <= limit:
                lines.append(plain)
            size += len(plain)
        blank = line in {b"\n", b"\r\n"}
        line = following
    if number:
        yield _mbox_mail(name, number, lines, size)


def _mbox_mail(name: str, number: int, lines: list[bytes], size: int) -> MailFile:
    if lines and lines[-1] in {b"\n", b"\r\n"}:  # the empty line before the next separator belongs to the mbox
        size -= len(lines.pop())
    return MailFile(f"{name}#{number}", b"".join(lines), size)
