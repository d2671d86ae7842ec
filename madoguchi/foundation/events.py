"""The outbox. Rooms announce facts with `emit`; what listens stands in `config.wiring`, on one page.

An event class is a frozen dataclass of ids and plain values. `ticket_id` and `team_id` fields, when present, also let the
live desks choose what concerns them. Rows are written in the caller's transaction, so a fact and its announcement are one.
"""

import dataclasses
import importlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from . import clock
from .actor import Actor
from .models import Event, Job

FAN_OUT_BATCH = 200


_cause: ContextVar[Event | None] = ContextVar("cause", default=None)


@contextmanager
def causing(event: Event) -> Iterator[None]:
    """What is announced inside the block comes from `event`; put around every handler, so that rules can see their own echo."""
    token = _cause.set(event)
    try:
        yield
    finally:
        _cause.reset(token)


def name_of(event: object) -> str:
    """`tickets.MessageReceived` for madoguchi.tickets.events.MessageReceived."""
    cls = event if isinstance(event, type) else type(event)
    return f"{cls.__module__.split('.')[1]}.{cls.__qualname__}"


def _row(event: object, by: Actor, *, ephemeral: bool) -> Event:
    payload = dataclasses.asdict(event)  # type: ignore[call-overload]
    cause = _cause.get()
    return Event(
        name=name_of(event), payload=payload, actor_kind=by.kind, actor_id=by.id, actor_name=by.name,
        ticket_id=payload.get("ticket_id"), team_id=payload.get("team_id"),
        root_id=(cause.root_id or cause.pk) if cause else None, depth=cause.depth + 1 if cause else 0,
        ephemeral=ephemeral, fanned_out=ephemeral, at=clock.now(),
    )  # fmt: skip


def emit(event: object, *, by: Actor) -> None:
    """Announce one fact (a frozen dataclass instance) in the current transaction."""
    _row(event, by, ephemeral=False).save(force_insert=True)


def emit_many(events: Iterable[object], *, by: Actor) -> None:
    """Announce many facts with one statement."""
    Event.objects.bulk_create([_row(event, by, ephemeral=False) for event in events])


def emit_ephemeral(event: object, *, by: Actor) -> None:
    """Tell live desks something that need not last (somebody is typing)."""
    _row(event, by, ephemeral=True).save(force_insert=True)


@cache
def wiring() -> dict[str, list[str]]:
    """Event name -> handler paths (`madoguchi.sla.handlers.start_clock`), from the module named in settings."""
    return importlib.import_module(settings.EVENT_WIRING).WIRING


def fan_out() -> int:
    """Turn waiting events into one job per handler; returns how many events were taken. Safe to repeat and to kill."""
    with transaction.atomic():
        waiting = list(Event.objects.select_for_update(skip_locked=True).filter(fanned_out=False).order_by("id")[:FAN_OUT_BATCH])
        if not waiting:
            return 0
        now = clock.now()
        listening = {handler for handler in {h for event in waiting for h in wiring().get(event.name, [])} if _listens(handler)}
        jobs = [
            Job(
                name="foundation.handle_event", args={"event": event.pk, "handler": handler}, queue="default",
                key=f"event:{event.pk}:{handler}", lock=f"ticket:{event.ticket_id}" if event.ticket_id else "",
                run_at=now, created_at=now,
            )
            for event in waiting
            for handler in wiring().get(event.name, [])
            if handler in listening
        ]  # fmt: skip
        Job.objects.bulk_create(jobs, ignore_conflicts=True)
        Event.objects.filter(pk__in=[event.pk for event in waiting]).update(fanned_out=True)
        return len(waiting)


def rewrite_payloads(*, ticket_id: int, name: str, rewrite: Callable[[dict], dict]) -> None:
    """Change what past events of a ticket say, so that something redacted is not told again. Rare, so it may read every event."""
    for event in Event.objects.filter(ticket_id=ticket_id, name=name):
        event.payload = rewrite(event.payload)
        event.save(update_fields=["payload"])


def _listens(path: str) -> bool:
    """Whether the handler has anybody to work for now: `listens`, an attribute of the function, says so (webhooks without endpoints do
    not); without one it always has.
    """
    try:
        listens = getattr(import_string(path), "listens", None)
    except ImportError:
        return True  # its job says what is wrong; the others must not wait for it
    return listens is None or listens()


def prune(*, keep: timedelta, keep_ephemeral: timedelta) -> int:
    """Delete events older than their keeping time; returns how many."""
    now = clock.now()
    gone, _ = Event.objects.filter(ephemeral=True, at__lt=now - keep_ephemeral).delete()
    old, _ = Event.objects.filter(at__lt=now - keep, fanned_out=True).delete()
    return gone + old
