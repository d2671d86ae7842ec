"""`madoguchi export DIR`: everything that people wrote and recorded, in open formats: JSON lines, the raw mails, the files.

customers.jsonl companies.jsonl   one person or firm a line, with identities and notes
tickets.jsonl                     one ticket a line, with messages, notes, history, participants, tasks and tags
agents.jsonl teams.jsonl          our people, without secrets
mail/ENVELOPE.eml                 every arrived mail, byte for byte
files/ATTACHMENT-NAME             files that did not arrive by mail
articles/LANGUAGE/NN-SLUG.md      the knowledge base, as `madoguchi kb import` reads it
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.forms.models import model_to_dict

from madoguchi.channels.models import Envelope
from madoguchi.customers.models import Company, Customer
from madoguchi.foundation import audit
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import Conflict
from madoguchi.knowledge.folder import write_folder as write_articles
from madoguchi.staff.models import Agent, Team
from madoguchi.tickets.models import Attachment, Message, Ticket

CHUNK = 200
SECRET_FIELDS = {"password", "data", "raw"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", type=Path, help="a new or empty folder")
    parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")


def run(options: argparse.Namespace) -> int:
    target: Path = options.directory
    if target.exists() and any(target.iterdir()):
        message = f"{target} is not empty; name a new folder"
        raise Conflict(message)
    counts = write_all(target)
    audit.record("export.everything", by=SYSTEM, detail=counts)
    if options.json:
        sys.stdout.write(json.dumps(counts) + "\n")
    else:
        sys.stdout.writelines(f"{name:12} {count}\n" for name, count in counts.items())
    return 0


def write_all(target: Path) -> dict[str, int]:
    """Write the export into `target`; how many of each were written. Memory stays bounded: rows are read in chunks."""
    for folder in (target, target / "mail", target / "files"):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "companies": _lines(target / "companies.jsonl", map(_row, Company.objects.order_by("id").iterator(CHUNK))),
        "customers": _lines(target / "customers.jsonl", _customers()),
        "teams": _lines(target / "teams.jsonl", map(_row, Team.objects.order_by("id").iterator(CHUNK))),
        "agents": _lines(target / "agents.jsonl", _agents()),
        "tickets": _lines(target / "tickets.jsonl", _tickets()),
        "mails": sum(1 for _ in _mails(target / "mail")),
        "files": sum(1 for _ in _files(target / "files")),
        "articles": write_articles(target / "articles"),
    }


def _row(row: Model) -> dict[str, Any]:
    """All columns by name; times in ISO 8601, references as ids, secrets left out."""
    values = {field.attname: field.value_from_object(row) for field in row._meta.concrete_fields}
    return {name: value for name, value in values.items() if name not in SECRET_FIELDS}


def _lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
            count += 1
    return count


def _customers() -> Iterator[dict[str, Any]]:
    people: QuerySet[Customer] = Customer.objects.order_by("id").prefetch_related("identities", "notes")
    for person in people.iterator(CHUNK):
        yield _row(person) | {"identities": [_row(i) for i in person.identities.all()], "notes": [_row(n) for n in person.notes.all()]}


def _agents() -> Iterator[dict[str, Any]]:
    for agent in Agent.objects.order_by("id").prefetch_related("teams", "skills").select_related("role").iterator(CHUNK):
        names = {"teams": [t.name for t in agent.teams.all()], "skills": [s.name for s in agent.skills.all()]}
        yield _row(agent) | names | {"role": model_to_dict(agent.role) if agent.role else None}


def _tickets() -> Iterator[dict[str, Any]]:
    messages = Prefetch("messages", Message.objects.order_by("id").prefetch_related("attachments"))
    related = ("changes", "participants", "tasks", "watchers", "links")
    tickets = Ticket.objects.order_by("id").prefetch_related(messages, "tags", *related)
    for ticket in tickets.iterator(CHUNK):
        said = [_row(m) | {"attachments": [_row(a) for a in m.attachments.all()]} for m in ticket.messages.all()]
        rest = {name: [_row(row) for row in getattr(ticket, name).all()] for name in related}
        yield _row(ticket) | {"tags": [tag.name for tag in ticket.tags.all()], "messages": said} | rest


def _mails(folder: Path) -> Iterator[None]:
    for envelope in Envelope.objects.order_by("id").only("id", "raw").iterator(CHUNK):
        (folder / f"{envelope.pk}.eml").write_bytes(bytes(envelope.raw))
        yield


def _files(folder: Path) -> Iterator[None]:
    for attachment in Attachment.objects.filter(data__isnull=False).order_by("id").iterator(CHUNK):
        safe = re.sub(r"[^\w.-]+", "_", attachment.name).lstrip(".")[-100:] or "file"
        (folder / f"{attachment.pk}-{safe}").write_bytes(bytes(attachment.data or b""))
        yield
