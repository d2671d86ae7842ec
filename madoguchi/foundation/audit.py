"""The audit chain: who did or read what, each entry carrying the digest of the one before it.

digest = SHA-256 over the previous digest and the entry's canonical JSON. Changing, removing or reordering a past entry
breaks every later digest; `verify` names the first broken link.
"""

import hashlib
import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction

from . import clock
from .actor import Actor
from .models import AuditEntry

GENESIS = "0" * 64
client_address: ContextVar[str] = ContextVar("client_address", default="")  # set by foundation.middleware around each request
_CHAIN_LOCK = 0x4D41444F  # advisory lock number on PostgreSQL; SQLite has one writer anyway


@dataclass(frozen=True)
class Verdict:
    """entries: links checked; broken_at: id of the first entry that does not fit, or None."""

    entries: int
    broken_at: int | None

    @property
    def ok(self) -> bool:
        return self.broken_at is None


def _digest(entry: AuditEntry) -> str:
    body = {
        "at": entry.at.isoformat(timespec="microseconds"), "kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name,
        "action": entry.action, "subject": entry.subject, "detail": entry.detail, "address": entry.address,
    }  # fmt: skip
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((entry.previous + canonical).encode()).hexdigest()


def record(action: str, *, by: Actor, subject: str = "", detail: dict | None = None, address: str = "") -> AuditEntry:
    """Append one entry in the caller's transaction. `action` is `room.verb`, `subject` is `model:id`. No secrets in `detail`.

    `address`: where the actor came from; the current request's client when not given.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
        last = AuditEntry.objects.order_by("-id").values_list("digest", flat=True).first()
        entry = AuditEntry(
            at=clock.now(), actor_kind=by.kind, actor_id=by.id, actor_name=by.name, action=action, subject=subject,
            detail=json.loads(json.dumps(detail or {}, default=str)), address=(address or client_address.get())[:64],
            previous=last or GENESIS,
        )  # fmt: skip
        entry.digest = _digest(entry)
        entry.save(force_insert=True)
    return entry


def holds(action: str, *, subject: str) -> bool:
    """Whether something was recorded about a subject; for what must happen once and leaves no other trace."""
    return AuditEntry.objects.filter(action=action, subject=subject).exists()


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[object]]:
    """The fields that differ, as {field: [old, new]}; for `detail`."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def verify() -> Verdict:
    """Walk the whole chain in order."""
    previous, count = GENESIS, 0
    for entry in AuditEntry.objects.order_by("id").iterator(chunk_size=2000):
        if entry.previous != previous or entry.digest != _digest(entry):
            return Verdict(count, entry.pk)
        previous = entry.digest
        count += 1
    return Verdict(count, None)
