"""Working off what waits: in batches, with a bad mail found out and put aside, and a database that is away waited for."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from django.db import IntegrityError, InterfaceError, OperationalError

from madoguchi.channels import actions as channels
from madoguchi.channels.models import Envelope
from madoguchi.foundation import disk
from madoguchi.understanding.working import read_waiting

from .pipeline import Arrival, receive

log = logging.getLogger(__name__)

BATCH = 50
BATCH_BYTES = 16 * 2**20
CLASHES = 3  # times a batch is tried again when another process wrote the same at the same moment
FAILURES = 3  # attempts at a mail that raises
OUTAGES = 10  # times the database fails at one mail alone, although it answers
DEATHS = 20  # attempts begun and never ended: the mail kills whoever reads it
AWAY = (OperationalError, InterfaceError)

SUSPECT = 2  # times the database fails at one mail alone, although it answers, until the others go first

_outages: Counter[int] = Counter()
_suspicion: Counter[int] = Counter()


def waiting() -> list[Envelope]:
    """The next arrivals in order, as many as fit a batch; one that was begun before comes alone, in case it kills its reader.

    One at which the database fails again and again although it answers waits behind the others, so that it holds up none of them.
    """
    received = Envelope.objects.filter(stage=Envelope.Stage.RECEIVED)
    put_back = [pk for pk, times in _suspicion.items() if times >= SUSPECT]
    row = ("id", "size", "attempts")
    rows = list(received.exclude(pk__in=put_back).order_by("id").values_list(*row)[:BATCH])
    rows = rows or list(received.order_by("id").values_list(*row)[:BATCH])
    chosen: list[int] = []
    total = 0
    for pk, size, attempts in rows:
        begun = attempts or _outages[pk]
        if chosen and (begun or total + size > BATCH_BYTES):
            break
        chosen.append(pk)
        total += size
        if begun:
            break
    return list(Envelope.objects.filter(pk__in=chosen).order_by("id")) if chosen else []


def work_off() -> int:
    """Deal with one batch of waiting arrivals, then read one batch of what waits for that; returns how many were looked at.

    Raises DatabaseError while the database is away.
    """
    kept = _take_in_waiting()
    return max(kept, read_waiting())


def _take_in_waiting() -> int:
    batch = waiting()
    if not batch:
        return 0
    if batch[0].attempts >= DEATHS:
        channels.quarantine(envelope_id=batch[0].pk, reason="kills_reader")
        return 1
    channels.begin_attempt([envelope.pk for envelope in batch])
    for envelope in batch:
        envelope.attempts += 1
    try:
        take_in(batch)
    except AWAY as error:
        _bear(batch, error)
        raise
    for envelope in batch:
        _forgive(envelope.pk)
    return len(batch)


def _line_cut(error: Exception) -> bool:
    """The server went away instead of answering: no SQLSTATE at all, or one of operator intervention or connection trouble (PostgreSQL)."""
    code = getattr(error.__cause__, "sqlstate", "")
    return code is None or code.startswith(("57P", "08"))


def _bear(batch: Sequence[Envelope], error: Exception) -> None:
    """The database failed: that is no attempt, and not the mail's fault, unless it fails at the same one again and again."""
    limit = DEATHS if _line_cut(error) else OUTAGES
    for envelope in batch:
        _outages[envelope.pk] += 1
    channels.forget_attempt([envelope.pk for envelope in batch])  # raises in its turn when the database is really away
    if len(batch) > 1:
        return
    if disk.is_full(error):
        return
    _suspicion[batch[0].pk] += 1
    if _outages[batch[0].pk] >= limit:
        _forgive(batch[0].pk)
        channels.quarantine(envelope_id=batch[0].pk, reason=f"failed: {type(error).__name__}: {error}")


def _forgive(envelope_id: int) -> None:
    _outages.pop(envelope_id, None)
    _suspicion.pop(envelope_id, None)


def take_in(batch: Sequence[Envelope], *, model: bool = True, read: bool = True, patience: int = FAILURES) -> list[Arrival]:
    """Deal with arrivals together and, when that fails, one by one, so that the bad one alone is put aside.

    Returns those that were dealt with. `read`: the worker is to read the messages before they are announced.
    `patience`: attempts before a mail that raises goes to quarantine.
    """

    def together(envelopes: Sequence[Envelope]) -> list[Arrival]:
        return _retried(lambda: receive(envelopes, model=model, read=read))

    try:
        return together(batch)
    except AWAY:
        raise
    except Exception:
        log.warning("mail failed; trying each alone", exc_info=True)
    _store(batch)
    return [arrival for envelope in batch for arrival in _alone(envelope, together, patience)]


def _retried(work: Callable[[], list[Arrival]]) -> list[Arrival]:
    for _ in range(CLASHES - 1):
        try:
            return work()
        except IntegrityError:
            log.info("another process wrote the same at the same moment; trying again")
    return work()


def _store(batch: Sequence[Envelope]) -> None:
    """Imports read durable files and store nothing before it is dealt with; now each mail must stand alone."""
    for envelope in batch:
        envelope.stage, envelope.reason, envelope.fingerprint, envelope.message_id = Envelope.Stage.RECEIVED, "", "", ""
    channels.settle([envelope for envelope in batch if envelope.pk is None])


def _alone(envelope: Envelope, work: Callable[[Sequence[Envelope]], list[Arrival]], patience: int) -> list[Arrival]:
    """One mail, put aside when it has failed often enough."""
    try:
        return work([envelope])
    except AWAY:
        raise
    except Exception as error:
        log.exception("mail failed", extra={"envelope": envelope.pk, "attempts": envelope.attempts})
        if envelope.attempts >= patience:
            channels.quarantine(envelope_id=envelope.pk, reason=f"failed: {type(error).__name__}: {error}")
    return []
