"""Live updates: one tail of the event table per process, shared by all open desks.

On PostgreSQL, ids may become visible out of order, so each look re-reads a small window behind the newest id and skips
what it has already told.
"""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.db import Error, close_old_connections, connection

from .models import Event

log = logging.getLogger(__name__)

LOOK_EVERY = 0.1  # seconds; an event reaches a desk within this plus one query
WINDOW = 200
REMEMBERED = 2000
BEAT_EVERY = 20.0  # seconds between comments that keep proxies from closing a quiet stream
QUEUE_SIZE = 500


@dataclass(frozen=True, slots=True)
class Signal:
    """What a desk hears: never content, only what changed, so that a fetch with a permission check follows."""

    id: int
    name: str
    ticket_id: int | None
    team_id: int | None
    actor_id: int | None
    payload: dict

    def as_sse(self) -> bytes:
        body = json.dumps({"name": self.name, "ticket": self.ticket_id, "actor": self.actor_id, **self.payload}, ensure_ascii=False)
        return f"id: {self.id}\nevent: signal\ndata: {body}\n\n".encode()


class Tail:
    """Reads new events and hands each to every listener whose filter wants it."""

    def __init__(self) -> None:
        self.listeners: dict[asyncio.Queue[Signal | None], Callable[[Signal], bool]] = {}
        self.task: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()
        self.newest = 0
        self.told: OrderedDict[int, None] = OrderedDict()

    def _read(self) -> list[Signal]:
        close_old_connections()
        window = WINDOW if connection.vendor == "postgresql" else 0  # SQLite has one writer, so its ids appear in order
        ids = Event.objects.filter(id__gt=max(0, self.newest - window)).order_by("id").values_list("id", flat=True)[:1000]
        fresh = [pk for pk in ids if pk not in self.told]
        rows = Event.objects.filter(pk__in=fresh).order_by("id") if fresh else []
        return [Signal(e.pk, e.name, e.ticket_id, e.team_id, e.actor_id, e.payload) for e in rows]

    def _skip_past(self) -> None:
        ids = list(Event.objects.order_by("-id").values_list("id", flat=True)[:WINDOW])
        self.newest = ids[0] if ids else 0
        self.told = OrderedDict.fromkeys(reversed(ids))

    async def _run(self) -> None:
        skipped = False
        while self.listeners:
            try:
                if not skipped:
                    await sync_to_async(self._skip_past, thread_sensitive=False)()
                    skipped = True
                    self.ready.set()
                fresh = await sync_to_async(self._read, thread_sensitive=False)()
            except Error:
                log.warning("live updates cannot read events; trying again")
                await asyncio.sleep(2)
                continue
            for signal in fresh:
                self._tell(signal)
            await asyncio.sleep(LOOK_EVERY)

    def _tell(self, signal: Signal) -> None:
        self.newest = max(self.newest, signal.id)
        self.told[signal.id] = None
        while len(self.told) > REMEMBERED:
            self.told.popitem(last=False)
        for queue, wants in list(self.listeners.items()):
            if not wants(signal):
                continue
            try:
                queue.put_nowait(signal)
            except asyncio.QueueFull:  # a desk that does not read is told to reload instead of growing without end
                self.listeners.pop(queue, None)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)

    async def signals(self, wants: Callable[[Signal], bool]) -> AsyncGenerator[Signal | None, None]:
        """What `wants` asks for, as it comes; None first, when nothing is missed from then on, and after each BEAT_EVERY seconds of
        silence. Ends when the reader was too slow and so has missed some.
        """
        queue: asyncio.Queue[Signal | None] = asyncio.Queue(QUEUE_SIZE)
        self.listeners[queue] = wants
        if self.task is None or self.task.done():
            self.ready = asyncio.Event()
            self.task = asyncio.create_task(self._run())
        try:
            await self.ready.wait()
            yield None
            while True:
                try:
                    async with asyncio.timeout(BEAT_EVERY):  # not wait_for, which swallows a cancellation that comes with a signal
                        signal = await queue.get()
                except TimeoutError:
                    yield None
                    continue
                if signal is None:
                    return
                yield signal
        finally:
            self.listeners.pop(queue, None)

    async def listen(self, wants: Callable[[Signal], bool]) -> AsyncIterator[bytes]:
        """Server-sent events for one desk until it goes away."""
        async with aclosing(self.signals(wants)) as signals:
            await anext(signals)
            yield b"retry: 2000\nevent: hello\ndata: {}\n\n"
            async for signal in signals:
                yield signal.as_sse() if signal is not None else b": still here\n\n"
        yield b"event: reload\ndata: {}\n\n"


tail = Tail()
