"""Keeping what another help desk gives us: silently (no mail, no clocks), once, and again when it changed there."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import transaction

from madoguchi.channels.mail.html_text import html_to_text
from madoguchi.customers.actions.recognising import Stranger, recognise_many
from madoguchi.customers.models import Company, Customer, Identity
from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import Upstream
from madoguchi.staff.models import Agent, Team
from madoguchi.tickets import index
from madoguchi.tickets import status as moves
from madoguchi.tickets.actions.writing import preview_of
from madoguchi.tickets.models import Attachment, Message, Tag, Ticket

from ..models import ImportedRow, ImportSource
from .foreign import ForeignCustomer, ForeignFile, ForeignMessage, ForeignTicket, System

LANGUAGES = {"ja": "ja", "en": "en", "de": "de", "zh-cn": "zh-hans", "zh-tw": "zh-hant", "zh-hk": "zh-hant"}
Fetch = Callable[[str], bytes | None]


@dataclass
class Report:
    """What one run did. `failed` tickets are named in `problems` and tried again by the next run."""

    tickets: int = 0
    updated: int = 0
    unchanged: int = 0
    messages: int = 0
    customers: int = 0
    files: int = 0
    failed: int = 0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def run(system: System, *, account: str, fetch: Fetch, problems: Callable[[str], None], files: bool = True) -> Report:
    """Import everything that is new or changed since the last run. Each ticket is one transaction: a stopped run goes on where it was."""
    start, report = time.monotonic(), Report()
    source, _ = ImportSource.objects.get_or_create(system=system.name, account=account)
    for ticket in system.tickets(source.cursor):
        try:
            _take(source, system, ticket, report, fetch if files else None)
        except Upstream as error:
            if not error.permanent:
                raise
            report.failed += 1
            problems(f"{system.name} ticket {ticket.id}: {error.message}")
    if not report.failed:
        source.cursor = system.cursor()[:500]
    source.finished_at = clock.now()
    source.save()
    report.seconds = round(time.monotonic() - start, 1)
    audit.record("intake.import", by=SYSTEM, subject=f"import:{source.pk}", detail={"system": system.name, **report.as_dict()})
    return report


def _take(source: ImportSource, system: System, ticket: ForeignTicket, report: Report, fetch: Fetch | None) -> None:
    known = ImportedRow.objects.filter(source=source, kind="ticket", foreign_id=ticket.id).first()
    if known and known.version == ticket.version:
        report.unchanged += 1
        return
    messages = system.messages(ticket)  # asked before the transaction: the other side may be slow
    have = _known_ids(source, "message", [m.id for m in messages])
    fresh = [message for message in messages if message.id not in have]
    bodies = {file.url: fetch(file.url) for message in fresh for file in message.files} if fetch else {}
    with transaction.atomic():
        customer = _customer(source, ticket.customer, report)
        row = Ticket.objects.select_for_update().get(pk=known.row_id) if known else Ticket(customer=customer, created_at=ticket.created_at)
        _fill(row, ticket)
        row.save()
        row.tags.set(_tags(ticket.tags))
        _keep_messages(source, row, subject=ticket.subject, fresh=fresh, bodies=bodies, report=report)
        ImportedRow.objects.update_or_create(
            source=source, kind="ticket", foreign_id=ticket.id, defaults={"row_id": row.pk, "version": ticket.version}
        )
    report.updated += known is not None
    report.tickets += known is None


def _known_ids(source: ImportSource, kind: str, ids: list[str]) -> dict[str, int]:
    rows = ImportedRow.objects.filter(source=source, kind=kind, foreign_id__in=ids)
    return dict(rows.values_list("foreign_id", "row_id"))


def _customer(source: ImportSource, person: ForeignCustomer, report: Report) -> Customer:
    """By our own memory of this import, then by address, else made."""
    known = _known_ids(source, "customer", [person.id])
    if person.id in known:
        return Customer.objects.get(pk=known[person.id])
    address = person.mail.strip().lower()
    language = LANGUAGES.get(person.language.lower(), person.language.lower()[:2] if person.language[:2].lower() in LANGUAGES else "")
    existed = Identity.objects.filter(kind="mail", value=address).exists() if address else False
    if address:
        customer = recognise_many([Stranger(address, person.name, language)])[address]
    else:
        customer = Customer.objects.create(name=person.name[:200], language=language, created_at=clock.now())
    if person.company and customer.company is None:
        customer.company = Company.objects.filter(name=person.company).first() or Company.objects.create(
            name=person.company, created_at=clock.now()
        )
        customer.save(update_fields=["company"])
    if person.phone:
        Identity.objects.get_or_create(kind="phone", value=person.phone[:320], defaults={"customer": customer})
    ImportedRow.objects.create(source=source, kind="customer", foreign_id=person.id, row_id=customer.pk)
    report.customers += not existed
    return customer


def _fill(row: Ticket, ticket: ForeignTicket) -> None:
    row.subject = ticket.subject[:500]
    row.status, row.priority, row.kind, row.channel = ticket.status, ticket.priority, ticket.kind, ticket.channel
    row.assignee = Agent.objects.filter(email=ticket.assignee_mail.lower(), is_active=True).first() if ticket.assignee_mail else None
    row.team = Team.objects.filter(name=ticket.team).first() or (Team.objects.create(name=ticket.team[:100]) if ticket.team else None)
    row.language = row.customer.language
    row.updated_at = ticket.updated_at
    row.unsolved = row.status in moves.UNSOLVED and not row.is_spam and row.merged_into_id is None
    done = row.status in {moves.SOLVED, moves.CLOSED}
    row.solved_at = (ticket.solved_at or ticket.updated_at) if done else None
    row.closed_at = ticket.updated_at if row.status == moves.CLOSED else None


def _tags(names: tuple[str, ...]) -> list[Tag]:
    Tag.objects.bulk_create([Tag(name=name[:60]) for name in names], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=[name[:60] for name in names]))


def _keep_messages(
    source: ImportSource, row: Ticket, *, subject: str, fresh: list[ForeignMessage], bodies: dict[str, bytes | None], report: Report
) -> None:
    taken = set(Message.objects.filter(message_id__in=[m.message_id for m in fresh if m.message_id]).values_list("message_id", flat=True))
    agents = {a.email: a for a in Agent.objects.filter(email__in=[m.author_mail.lower() for m in fresh])}
    rows = []
    for message in fresh:
        text = message.text or (html_to_text(message.html) if message.html else "")
        own_id = message.message_id if message.message_id and message.message_id not in taken else None
        taken.add(message.message_id)
        rows.append(
            Message(
                ticket=row, direction=message.direction, channel=row.channel, text=text, html=message.html, reply_text=text,
                customer=row.customer if message.direction == "in" else None, agent=agents.get(message.author_mail.lower()),
                subject=subject[:500], from_name=message.author_name[:200], from_address=message.author_mail[:320],
                message_id=own_id, created_at=message.created_at, sent_at=message.created_at,
            )
        )  # fmt: skip
    Message.objects.bulk_create(rows)
    ImportedRow.objects.bulk_create(
        ImportedRow(source=source, kind="message", foreign_id=message.id, row_id=kept.pk) for message, kept in zip(fresh, rows, strict=True)
    )
    names = {kept.pk: _keep_files(kept, message.files, bodies, report) for message, kept in zip(fresh, rows, strict=True) if message.files}
    index.put_new_messages(rows, files=names)
    report.messages += len(rows)
    _refresh(row)


def _keep_files(message: Message, files: tuple[ForeignFile, ...], bodies: dict[str, bytes | None], report: Report) -> list[str]:
    kept = [
        Attachment(
            message=message, name=file.name[:255], content_type=(file.content_type or "application/octet-stream")[:150],
            size=len(bodies.get(file.url) or b"") or file.size, data=bodies.get(file.url), created_at=message.created_at,
        )
        for file in files
    ]  # fmt: skip
    Attachment.objects.bulk_create(kept)
    report.files += sum(attachment.data is not None for attachment in kept)
    return [attachment.name for attachment in kept]


def _refresh(row: Ticket) -> None:
    """The columns that lists show."""
    messages = list(row.messages.order_by("id").values_list("id", "direction", "created_at", "text"))
    said = [m for m in messages if m[1] != "note"]
    row.message_count = len(messages)
    row.last_message_id = messages[-1][0] if messages else 0
    row.last_inbound_at = max((m[2] for m in messages if m[1] == "in"), default=None)
    row.last_outbound_at = max((m[2] for m in messages if m[1] == "out"), default=None)
    row.preview = preview_of(said[-1][3]) if said else ""
    row.save()
