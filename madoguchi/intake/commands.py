"""`madoguchi mail import | inspect | receive`: mail from files, through the same way as mail from the net."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError

from madoguchi.channels import actions as channels
from madoguchi.channels.mail.files import MailFile, find_mails
from madoguchi.channels.models import Envelope
from madoguchi.foundation import clock
from madoguchi.foundation.errors import Invalid
from madoguchi.understanding.working import read_waiting

from .decision import Fate
from .queue import take_in

BATCH = 100
BATCH_BYTES = 16 * 2**20
OVERSIZE_KEPT = 1_000_000  # bytes of a mail over the size limit that are kept for people to look at
TEMPORARY, UNUSABLE = 75, 65  # sysexits.h: a mail server keeps the mail and tries again, or returns it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    take = actions.add_parser("import", help="take in an .eml, a folder of them, a Maildir or an mbox")
    take.add_argument("path", type=Path, metavar="PATH")
    take.add_argument("--json", action="store_true", help="print one JSON object")
    take.add_argument(
        "--read", action=argparse.BooleanOptionalAction, default=True, help="understand the mails (default) or only keep them"
    )
    look = actions.add_parser("inspect", help="print what the parser sees, as JSON")
    look.add_argument("file", type=Path, metavar="FILE")
    receive = actions.add_parser("receive", help="take one message from standard input, for a mail server's pipe")
    receive.add_argument("--sender", default="", help="the envelope's sender")
    receive.add_argument("--recipient", action="append", default=[], help="an envelope's recipient; may be repeated")


def run(options: argparse.Namespace) -> int:
    return {"import": import_mail, "inspect": inspect, "receive": receive}[options.action](options)


def import_mail(options: argparse.Namespace) -> int:
    """Take in every mail of a path. Repeating it, also after a kill, loses and doubles nothing."""
    if not options.path.exists():
        sys.stderr.write(f"madoguchi: {options.path} does not exist\n")
        return 2
    report = import_path(options.path, model=options.read)
    if options.json:
        sys.stdout.write(json.dumps(report) + "\n")
        return 0
    for name, value in report.items():
        sys.stdout.write(f"{name:14} {value}\n")
    return 0


def import_path(path: Path, *, model: bool) -> dict[str, float]:
    """The counts of an import; every input is counted in exactly one of the kinds of `decision.Fate`."""
    started = time.monotonic()
    counts = Counter[str](dict.fromkeys(Fate, 0))
    inputs = tickets = 0
    for batch in _batches(find_mails(path, limit=settings.MESSAGE_SIZE_LIMIT)):
        inputs += len(batch)
        arrivals = take_in([_envelope(mail) for mail in batch], model=model, read=model, patience=0)
        while model and read_waiting():
            pass
        counts.update(str(arrival.verdict.fate) for arrival in arrivals)
        counts[Fate.QUARANTINED] += len(batch) - len(arrivals)
        tickets += sum(arrival.opened for arrival in arrivals)
    seconds = time.monotonic() - started
    per_second = round(inputs / seconds, 1) if seconds else 0.0
    return {"inputs": inputs} | counts | {"tickets": tickets, "seconds": round(seconds, 3), "per_second": per_second}


def _batches(mails: Iterator[MailFile]) -> Iterator[list[MailFile]]:
    batch: list[MailFile] = []
    size = 0
    for mail in mails:
        if batch and (len(batch) >= BATCH or size + len(mail.raw) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(mail)
        size += len(mail.raw)
    if batch:
        yield batch


def _envelope(mail: MailFile) -> Envelope:
    oversize = mail.size > len(mail.raw)
    raw = mail.raw[:OVERSIZE_KEPT] if oversize else mail.raw
    return Envelope(source="import", raw=raw, size=mail.size, received_at=clock.now(), recipients=[])


def inspect(options: argparse.Namespace) -> int:
    """Print what the parser sees in a file."""
    from madoguchi.channels.mail.inspect import inspect as look  # noqa: PLC0415

    mail = next(islice(find_mails(options.file, limit=settings.MESSAGE_SIZE_LIMIT), 1), None)
    if mail is None:
        sys.stderr.write(f"madoguchi: {options.file} holds no mail\n")
        return 2
    sys.stdout.write(json.dumps(look(mail.raw), ensure_ascii=False) + "\n")
    return 0


def receive(options: argparse.Namespace) -> int:
    """Keep one message from standard input, then deal with it at once where that works; the worker does otherwise."""
    raw = sys.stdin.buffer.read(settings.MESSAGE_SIZE_LIMIT + 1)
    if not raw.strip():
        sys.stderr.write("madoguchi: there was no message on standard input\n")
        return UNUSABLE
    try:
        envelope = channels.store_envelope(raw=raw, source="pipe", sender=options.sender, recipients=options.recipient)
    except Invalid as error:
        sys.stderr.write(f"madoguchi: {error.message}\n")
        return UNUSABLE
    except DatabaseError as error:
        sys.stderr.write(f"madoguchi: the message could not be stored, try again later: {error}\n")
        return TEMPORARY
    try:
        take_in([envelope] if envelope else [])
    except DatabaseError:
        sys.stderr.write("madoguchi: the message is stored; the worker will deal with it\n")
    return 0
