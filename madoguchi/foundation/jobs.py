"""Background work in the database: retry with back-off, dead list, one at a time per lock, survival of `kill -9`.

`enqueue("mail.deliver", delivery=5)` writes a row in the caller's transaction. Rooms register their work by name with
`@job("mail.deliver")` in their `jobs.py`. A worker claims a row by a conditional UPDATE and counts rows, runs the function,
and deletes the row in the same transaction as its last write: killed before, it runs again; killed after, it is done.
Why not a task library: see docs/adr/0003-jobs.md.
"""

import logging
import random
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q

from . import clock, liveness
from .errors import Upstream
from .models import Event, Job, Lease

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
BACK_OFF_SECONDS = (10, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
MAX_ATTEMPTS = len(BACK_OFF_SECONDS) + 1
ERROR_LENGTH = 4000
AT_ONCE = 500  # keys in one statement


@dataclass(frozen=True)
class Work:
    """A registered function; `own_transaction`: it talks to the outside and commits in steps by itself."""

    run: Callable[..., None]
    queue: str
    own_transaction: bool
    on_dead: Callable[..., None] | None


_registry: dict[str, Work] = {}


def job(name: str, *, queue: str = "default", own_transaction: bool = False, on_dead: Callable[..., None] | None = None):  # noqa: ANN201
    """Register a function as background work under `name`. Its keyword arguments are the job's `args` (JSON values)."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        _registry[name] = Work(function, queue, own_transaction, on_dead)
        return function

    return register


def queue_of(name: str) -> str:
    """Queue of a registered job; unregistered names (web processes load few rooms) use the part before the dot."""
    return _registry[name].queue if name in _registry else QUEUES_BY_ROOM.get(name.split(".", maxsplit=1)[0], "default")


QUEUES_BY_ROOM = {"mail": "mail", "api": "web", "staff": "mail", "intake": "dns", "console": "mail", "knowledge": "index", "bot": "bot"}


def enqueue(name: str, *, key: str | None = None, lock: str = "", run_at: datetime | None = None, **args: Any) -> bool:
    """Ask for background work in the current transaction. False when a job with the same key already waits."""
    now = clock.now()
    row = Job(name=name, args=args, key=key, lock=lock, queue=queue_of(name), run_at=run_at or now, created_at=now)
    if key is None:
        row.save(force_insert=True)
        return True
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def enqueue_all(name: str, wanted: dict[str, dict[str, Any]], *, lock: str = "") -> None:
    """Ask for much work of one kind, by key; what waits under its key already starts over."""
    now, queue, keys = clock.now(), queue_of(name), list(wanted)
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        Job.objects.filter(key__in=some, state=Job.WAITING).update(run_at=now, attempts=0)
        rows = [Job(name=name, args=wanted[key], key=key, lock=lock, queue=queue, run_at=now, created_at=now) for key in some]
        Job.objects.bulk_create(rows, ignore_conflicts=True)


def start_over(*, key: str) -> bool:
    """Run the job that waits under `key` now, with all its attempts before it; False when none waits."""
    return Job.objects.filter(key=key, state=Job.WAITING).update(run_at=clock.now(), attempts=0) == 1


def release_lost() -> int:
    """Free the claims and leases of killed processes at once instead of when they run out; a worker does this when it starts."""
    dead = liveness.leftovers()
    past = clock.now() - timedelta(seconds=1)
    released = Job.objects.filter(state=Job.RUNNING, claimed_by__in=dead).update(lease_until=past) if dead else 0
    for name in dead:
        Lease.objects.filter(holder__startswith=name).update(until=past)
    liveness.forget(dead)
    return released


def worker_name() -> str:
    """This process, as claims and leases name it."""
    return liveness.my_name()


def claim(queue: str) -> Job | None:
    """Take one ready job of the queue, or one whose worker died; None when there is nothing to do."""
    now = clock.now()
    ready = Q(state=Job.WAITING, run_at__lte=now)
    lost = Q(state=Job.RUNNING, lease_until__lt=now)
    busy = set(Job.objects.filter(state=Job.RUNNING, lease_until__gte=now).exclude(lock="").values_list("lock", flat=True))
    free = Job.objects.filter(queue=queue).exclude(lock__in=busy)
    candidates = [*free.filter(lost).order_by("id")[:5], *free.filter(ready).order_by("run_at", "id")[:20]]
    for candidate in candidates:
        taken = Job.objects.filter(
            pk=candidate.pk, state=candidate.state, attempts=candidate.attempts, lease_until=candidate.lease_until
        ).update(state=Job.RUNNING, attempts=candidate.attempts + 1, lease_until=now + LEASE, claimed_by=worker_name())
        if taken == 1:
            candidate.attempts += 1
            candidate.state = Job.RUNNING
            return candidate
    return None


def run_one(queue: str = "default") -> bool:
    """Claim and run one job; False when none was ready. Errors are recorded on the job, never raised."""
    row = claim(queue)
    if row is None:
        return False
    work = _registry.get(row.name)
    try:
        if work is None:
            _bury(row, f"No work is registered under {row.name!r}")
        elif work.own_transaction:
            work.run(**row.args)
            Job.objects.filter(pk=row.pk, state=Job.RUNNING).delete()
        else:
            with transaction.atomic():
                work.run(**row.args)
                Job.objects.filter(pk=row.pk).delete()
    except Exception as error:  # noqa: BLE001  the boundary of background work: everything is recorded and retried
        _failed(row, work, error)
    return True


def _failed(row: Job, work: Work | None, error: Exception) -> None:
    permanent = isinstance(error, Upstream) and error.permanent
    text = "".join(traceback.format_exception(error))[-ERROR_LENGTH:]
    log.warning("job failed", extra={"job": row.pk, "job_name": row.name, "attempt": row.attempts, "error": str(error)[:300]})
    if permanent or (row.attempts >= MAX_ATTEMPTS and not isinstance(error, OperationalError)):
        _bury(row, text)
        if work and work.on_dead:
            work.on_dead(error=str(error), **row.args)
        return
    seconds = BACK_OFF_SECONDS[min(row.attempts, len(BACK_OFF_SECONDS)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311
    Job.objects.filter(pk=row.pk).update(
        state=Job.WAITING, run_at=clock.now() + timedelta(seconds=seconds), lease_until=None, last_error=text
    )


def _bury(row: Job, error: str) -> None:
    Job.objects.filter(pk=row.pk).update(state=Job.DEAD, last_error=error, lease_until=None, key=None)
    log.error("job is dead", extra={"job": row.pk, "job_name": row.name})


def revive(*, job_id: int) -> bool:
    """Put a dead job back into its queue with its attempts forgotten."""
    return Job.objects.filter(pk=job_id, state=Job.DEAD).update(state=Job.WAITING, attempts=0, run_at=clock.now()) == 1


def forget(*, job_id: int) -> bool:
    """Give a dead job up for good."""
    deleted, _ = Job.objects.filter(pk=job_id, state=Job.DEAD).delete()
    return deleted == 1


def run_until_empty(*, queues: tuple[str, ...] = ("default", "mail", "web", "dns", "bot"), limit: int = 10_000) -> int:
    """Fan out events and run everything that is ready, in this thread; for tests, imports and `madoguchi demo`."""
    from .events import fan_out  # noqa: PLC0415  events needs Job: the two halves of the queue meet here

    done = 0
    while done < limit:
        moved = fan_out()
        ran = sum(run_one(queue) for queue in queues)
        if not moved and not ran:
            break
        done += ran
    return done


@job("foundation.handle_event")
def handle_event(*, event: int, handler: str) -> None:
    """Run one handler for one event; recorded by the job's key, so a repeat does nothing."""
    from django.utils.module_loading import import_string  # noqa: PLC0415

    from .events import causing  # noqa: PLC0415  events needs Job: the two halves of the queue meet here

    row = Event.objects.filter(pk=event).first()
    if row is not None:
        with causing(row):
            import_string(handler)(row)
