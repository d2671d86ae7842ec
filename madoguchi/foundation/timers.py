"""Timed work and leases: who may do something alone, and when a timer is next due."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction

from . import clock
from .models import Lease, Timer


@dataclass(frozen=True)
class Entry:
    """One line of config.schedule: a name, how often, and the function's path."""

    name: str
    every: timedelta
    run: str


def hold_lease(name: str, *, holder: str, seconds: int) -> bool:
    """Take or prolong the lease `name`; False while somebody else holds it."""
    now = clock.now()
    until = now + timedelta(seconds=seconds)
    mine = Lease.objects.filter(name=name, holder=holder).update(until=until)
    if mine:
        return True
    if Lease.objects.filter(name=name, until__lt=now).update(holder=holder, until=until):
        return True
    try:
        with transaction.atomic():
            Lease.objects.create(name=name, holder=holder, until=until)
    except IntegrityError:
        return False
    return True


def release_lease(name: str, *, holder: str) -> None:
    Lease.objects.filter(name=name, holder=holder).delete()


def run_due(entries: Iterable[Entry], *, run: Callable[[Entry], None]) -> int:
    """Run every entry that is due, each claimed by a conditional UPDATE so that one worker of many does it."""
    now = clock.now()
    next_at = dict(Timer.objects.values_list("name", "next_at"))
    ran = 0
    for entry in entries:
        if entry.name not in next_at:
            Timer.objects.bulk_create([Timer(name=entry.name, next_at=now)], ignore_conflicts=True)
            next_at[entry.name] = now
        due = next_at[entry.name]
        if due > now:
            continue
        if Timer.objects.filter(name=entry.name, next_at=due).update(next_at=now + entry.every, last_started_at=now):
            run(entry)
            ran += 1
    return ran
