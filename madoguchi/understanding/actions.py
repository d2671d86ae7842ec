"""Asking for readings and remembering them."""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import F

from madoguchi.foundation import clock
from madoguchi.foundation.bulk import update_rows
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message

from .models import Reading
from .readers.reading import Understood

FIELDS = (
    "state", "owed", "language", "intent", "intent_score", "emotion", "strength", "needs_person", "reason", "severity", "labels",
    "score", "spans", "model", "read_at",
)  # fmt: skip


def ask_for_readings(messages: Sequence[Message], *, owed: bool = True) -> None:
    """Note that these inbound messages are to be read, in the caller's transaction with `keep_messages(..., ready=False)`.

    The worker reads them at once and then announces each as ready. `owed=False`: they were announced already.
    """
    now = clock.now()
    Reading.objects.bulk_create(
        Reading(message=message, owed=owed and not message.ticket.is_spam, created_at=now) for message in messages if not message.automatic
    )


@transaction.atomic
def begin_attempt(readings: Sequence[Reading]) -> None:
    """Count an attempt before it is made, so that a text which kills its reader is found out."""
    Reading.objects.filter(pk__in=[reading.pk for reading in readings]).update(attempts=F("attempts") + 1)


@transaction.atomic
def remember(found: Mapping[int, Understood | None]) -> list[int]:
    """Keep what was understood (reading id -> it; None: it could not be read) and announce the messages as ready.

    Readings that another worker remembered meanwhile are left as they are. Returns the ids of the messages that were announced.
    """
    rows = list(Reading.objects.select_for_update().filter(pk__in=list(found), state=Reading.State.WAITING).order_by("id"))
    announced = [row.message_id for row in rows if row.owed]
    now = clock.now()
    for row in rows:
        _fill(row, found[row.pk])
        row.owed, row.read_at = False, now
    update_rows(rows, FIELDS)
    tickets.announce_ready(announced)
    return announced


def _fill(row: Reading, understood: Understood | None) -> None:
    if understood is None:
        row.state = Reading.State.NOT_READ
        return
    row.state = Reading.State.READ
    row.language, row.model = understood.language[:10], understood.model[:60]
    row.intent, row.intent_score = (understood.intent or "")[:100], understood.intent_score
    row.emotion, row.strength = understood.emotion, understood.strength
    row.needs_person, row.reason = understood.needs_person, understood.reason
    row.severity, row.labels, row.score = understood.severity, list(understood.labels), understood.score
    row.spans = [list(span) for span in understood.spans]


@transaction.atomic
def erase(*, customer_ids: list[int], kept: Collection[int]) -> None:
    """What was understood of these customers' messages, except of those that must stay (evidence). Cannot be undone."""
    Reading.objects.filter(message__ticket__customer__in=customer_ids).exclude(message__in=list(kept)).delete()
