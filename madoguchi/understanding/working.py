"""Reading what waits: no transaction is open while the model thinks, and nothing that a text holds stops the next one."""

import logging

from madoguchi.foundation import timers
from madoguchi.foundation.jobs import worker_name

from . import actions
from .models import Reading
from .queries import text_of, waiting
from .readers.reading import Model, Text, Understood, read
from .shipped import model_in_use

log = logging.getLogger(__name__)

BATCH = 32
LEASE = "understanding"
LEASE_SECONDS = 15
"""Only saves double work: what two workers read at once is remembered once."""
ATTEMPTS = 3
"""Attempts at a reading that kills its reader."""


def read_waiting(limit: int = BATCH) -> int:
    """Read one batch of what waits and announce it; returns how many, none while another process reads.

    Raises DatabaseError while the database is away.
    """
    batch = waiting(limit)
    if not batch or not timers.hold_lease(LEASE, holder=worker_name(), seconds=LEASE_SECONDS):
        return 0
    try:
        return _read(waiting(limit))
    finally:
        timers.release_lease(LEASE, holder=worker_name())


def _read(batch: list[Reading]) -> int:
    if not batch:
        return 0
    actions.begin_attempt(batch)
    if batch[0].attempts >= ATTEMPTS:
        log.error("a message was not read: it stopped its reader again and again", extra={"message_id": batch[0].message_id})
        actions.remember({batch[0].pk: None})
        return 1
    actions.remember(_understand(batch))
    return len(batch)


def _understand(batch: list[Reading]) -> dict[int, Understood | None]:
    try:
        model = model_in_use()
    except Exception:
        log.exception("the reading model cannot be used; messages are shown as not read")
        return dict.fromkeys((row.pk for row in batch), None)
    texts = [_text(row) for row in batch]
    try:
        return dict(zip((row.pk for row in batch), read(texts, model), strict=True))
    except Exception:
        log.warning("a batch could not be read; trying each alone", exc_info=True)
    return {row.pk: _alone(row, text, model) for row, text in zip(batch, texts, strict=True)}


def _alone(row: Reading, text: Text, model: Model | None) -> Understood | None:
    try:
        return read([text], model)[0]
    except Exception:
        log.exception("a message was not read", extra={"message_id": row.message_id})
        return None


def _text(row: Reading) -> Text:
    message = row.message
    return Text(body=text_of(message), subject=message.subject, channel=message.channel, language=message.language)
