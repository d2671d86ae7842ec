"""`/chat/stream`: what happens in a conversation, as server-sent events with its content, for each open page of its visitor.

One listener a process hears of changes for all pages and fetches what is new once a conversation. A message's event id is the message's
id, so a page that connects again says how far it is (Last-Event-ID) and gets exactly what follows. Ids of one ticket become visible in
order, because its row is locked while a message is written.
"""

import asyncio
import json
import logging
from collections import defaultdict
from contextlib import aclosing
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections

from madoguchi.foundation.live import Signal, tail

from . import actions, queries
from .models import Conversation, Widget
from .origins import allowed_origin
from .shapes import message_shape, state_shape

log = logging.getLogger(__name__)

PAGES_OF_ONE = 10  # open pages of one conversation; the oldest is closed for one more
BEAT_EVERY = 20.0
MESSAGES = {"tickets.MessageReceived", "tickets.Replied"}
STATE = {"webchat.ConversationChanged", "webchat.ConversationEnded", "webchat.ConversationRated"}
HELLO = b"retry: 2000\nevent: hello\ndata: {}\n\n"


@dataclass(eq=False)
class Page:
    """One open page: `told` is the newest message that it has; `frames` waits to be sent."""

    conversation_id: int
    widget_id: int
    told: int
    frames: list[bytes] = field(default_factory=list)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    def give(self, frame: bytes) -> None:
        self.frames.append(frame)
        self.woken.set()


class Hub:
    """All open pages of this process, by ticket."""

    def __init__(self) -> None:
        self.pages: dict[int, list[Page]] = defaultdict(list)
        self.count = 0
        self.waiting: dict[int, set[str]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.loops: list[asyncio.Task[None]] = []

    def join(self, ticket_id: int, page: Page) -> None:
        own = [one for one in self.pages[ticket_id] if one.conversation_id == page.conversation_id]
        if len(own) >= PAGES_OF_ONE:
            own[0].over = True
            own[0].woken.set()
        self.pages[ticket_id].append(page)
        self.count += 1
        if not self.loops or any(loop.done() for loop in self.loops):
            for loop in self.loops:
                loop.cancel()
            self.loops = [asyncio.create_task(self._hear()), asyncio.create_task(self._be_present())]

    def leave(self, ticket_id: int, page: Page) -> None:
        self.pages[ticket_id].remove(page)
        self.count -= 1
        if not self.pages[ticket_id]:
            del self.pages[ticket_id]

    async def _hear(self) -> None:
        while True:
            async with aclosing(tail.signals(self._wants)) as signals:
                await anext(signals)
                for ticket_id in list(self.pages):  # what came before we listened, or while we were too slow
                    self.look(ticket_id, "messages", "state")
                async for signal in signals:
                    if signal is not None:
                        self._take(signal)

    def _wants(self, signal: Signal) -> bool:
        return signal.ticket_id in self.pages or signal.name == "webchat.QueueMoved"

    def _take(self, signal: Signal) -> None:
        ticket_id = signal.ticket_id
        if signal.name == "webchat.QueueMoved":
            self._later(self._tell_places(signal.payload["widget_id"]))
        elif ticket_id is None:
            return
        elif signal.name in MESSAGES:
            self.look(ticket_id, "messages")
        elif signal.name in STATE:
            self.look(ticket_id, "state")
        elif signal.name == "tickets.PresenceChanged" and signal.payload.get("state") == "typing":
            for page in self.pages[ticket_id]:
                page.give(b"event: typing\ndata: {}\n\n")

    def look(self, ticket_id: int, *what: str) -> None:
        """Fetch what is new of a ticket; several calls in a row share one look."""
        if ticket_id in self.waiting:
            self.waiting[ticket_id].update(what)
            return
        self.waiting[ticket_id] = set(what)
        self._later(self._look(ticket_id))

    def _later(self, work) -> None:  # noqa: ANN001  a coroutine
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _look(self, ticket_id: int) -> None:
        await asyncio.sleep(0)
        what = self.waiting.pop(ticket_id)
        by_conversation: dict[int, list[Page]] = defaultdict(list)
        for page in self.pages.get(ticket_id, []):
            by_conversation[page.conversation_id].append(page)
        for conversation_id, pages in by_conversation.items():
            after = min(page.told for page in pages)
            try:
                found = await sync_to_async(_news, thread_sensitive=False)(conversation_id, after, what)
            except DatabaseError:
                log.warning("chats cannot be read; pages connect again")
                for page in pages:
                    page.over = True
                    page.woken.set()
                continue
            for page in pages:
                for number, told in found:
                    if number == 0 or number > page.told:
                        page.told = max(page.told, number)
                        page.give(told)
            if sum(1 for number, _ in found if number) >= queries.MOST_MESSAGES:
                self.look(ticket_id, "messages")

    async def _tell_places(self, widget_id: int) -> None:
        """Everybody who waits in this widget may have another place now."""
        try:
            line = await sync_to_async(_queue, thread_sensitive=False)(widget_id)
        except DatabaseError:
            return
        places = {pk: place for place, pk in enumerate(line, start=1)}
        for pages in list(self.pages.values()):
            for page in pages:
                if page.widget_id == widget_id and page.conversation_id in places:
                    page.give(f'event: place\ndata: {{"place": {places[page.conversation_id]}}}\n\n'.encode())

    async def _be_present(self) -> None:
        """Keep quiet streams open, and their visitors counted as present."""
        while True:
            await asyncio.sleep(BEAT_EVERY)
            here = {page.conversation_id for pages in self.pages.values() for page in pages}
            for pages in list(self.pages.values()):
                for page in pages:
                    page.give(b": still here\n\n")
            try:
                await sync_to_async(_present, thread_sensitive=False)(here)
            except DatabaseError:
                log.warning("the presence of visitors cannot be kept")


hub = Hub()


def frame(name: str, data: object, *, number: int = 0) -> bytes:
    first = f"id: {number}\n" if number else ""
    return f"{first}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _news(conversation_id: int, after: int, what: set[str]) -> list[tuple[int, bytes]]:
    close_old_connections()
    conversation = Conversation.objects.select_related("widget", "ticket").filter(pk=conversation_id).first()
    if conversation is None:
        return []
    frames = []
    if "messages" in what:
        frames += [(one.pk, frame("message", message_shape(one), number=one.pk)) for one in queries.messages_after(conversation, after)]
    if "state" in what:
        frames.append((0, frame("state", state_shape(conversation))))
    return frames


def _queue(widget_id: int) -> list[int]:
    """Who waits, in order; nobody while there is nobody to wait for, since a place would promise something."""
    close_old_connections()
    widget = Widget.objects.filter(pk=widget_id).first()
    return queries.queue(widget_id) if widget is not None and queries.hours_of(widget).staffed else []


def _present(conversation_ids: set[int]) -> None:
    close_old_connections()
    actions.note_presence(conversation_ids=conversation_ids)


def _enter(widget_key: str, token: str) -> Conversation | None:
    close_old_connections()
    widget = queries.widget_of(widget_key)
    conversation = queries.conversation_of(token, widget) if widget else None
    if conversation is not None:
        actions.keep_place(conversation=conversation)
    return conversation


def _widget(key: str) -> Widget | None:
    close_old_connections()
    return queries.widget_of(key)


async def chat_stream(scope, receive, send) -> None:  # noqa: ANN001  the ASGI signature
    headers = dict(scope["headers"])
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    key = query.get("brand", [""])[0][:40]
    origin = headers.get(b"origin", b"").decode("latin-1")
    try:
        widget = await sync_to_async(_widget, thread_sensitive=False)(key)
        shared = _shared(origin, widget, headers.get(b"host", b"").decode("latin-1"))
        if widget is None or (origin and not shared):
            await _refuse(send, 403, shared)
        elif scope["method"] == "OPTIONS":
            allow = [(b"access-control-allow-methods", b"GET"), (b"access-control-allow-headers", b"authorization, last-event-id")]
            await _refuse(send, 204, [*shared, *allow, (b"access-control-max-age", b"7200")])
        elif hub.count >= settings.CHAT_STREAMS:
            await _refuse(send, 503, shared)
        else:
            token = headers.get(b"authorization", b"").decode("latin-1").removeprefix("Bearer ")
            conversation = await sync_to_async(_enter, thread_sensitive=False)(key, token)
            if conversation is None:
                await _refuse(send, 401, shared)
            else:
                await _serve(conversation, _number(headers.get(b"last-event-id", b"")), receive, send, shared)
    except DatabaseError:
        await _refuse(send, 503, [])


def _shared(origin: str, widget: Widget | None, host: str) -> list[tuple[bytes, bytes]]:
    if widget is None or not allowed_origin(origin, widget, host=host):
        return []
    return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]


def _number(text: bytes) -> int:
    return int(text) if text.isdigit() and len(text) < 19 else 0  # noqa: PLR2004  a 64-bit number


async def _serve(conversation: Conversation, after: int, receive, send, shared) -> None:  # noqa: ANN001
    kind = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": [*kind, *shared]})
    page = Page(conversation.pk, conversation.widget_id, after)
    page.give(HELLO)
    ticket_id = conversation.ticket_id
    hub.join(ticket_id, page)
    hub.look(ticket_id, "messages", "state")
    gone = asyncio.create_task(_until_gone(receive, page))
    try:
        while not page.over:
            await page.woken.wait()
            page.woken.clear()
            frames, page.frames = page.frames, []
            if frames and not page.over:
                await send({"type": "http.response.body", "body": b"".join(frames), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        hub.leave(ticket_id, page)


async def _until_gone(receive, page: Page) -> None:  # noqa: ANN001
    while (await receive())["type"] != "http.disconnect":
        pass
    page.over = True
    page.woken.set()


async def _refuse(send, status: int, headers: list[tuple[bytes, bytes]]) -> None:  # noqa: ANN001
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
