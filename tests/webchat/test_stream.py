"""The stream of a visitor's page: at once, in order, without loss or doubling, and only what is theirs."""

import asyncio
import json
from urllib.parse import urlencode

import pytest
from asgiref.sync import sync_to_async

from madoguchi.foundation.actor import agent_actor
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Ticket
from madoguchi.webchat import stream

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 5.0


class Page:
    """An open page: the frames that it got."""

    def __init__(self, visitor, *, last=0, token=None, origin=None, method="GET"):
        headers = [(b"authorization", f"Bearer {token or visitor.token}".encode()), (b"last-event-id", str(last).encode())]
        headers += [(b"origin", (origin or visitor.origin).encode()), (b"host", b"desk.example")]
        query = urlencode({"brand": visitor.widget.key}).encode()
        self.scope = {"type": "http", "method": method, "path": "/chat/stream", "query_string": query, "headers": headers}
        self.sent: asyncio.Queue = asyncio.Queue()
        self.leave = asyncio.Event()
        self.frames: list[tuple[str, dict, str]] = []

    async def __aenter__(self):
        self.task = asyncio.create_task(stream.chat_stream(self.scope, self._receive, self.sent.put))
        start = await asyncio.wait_for(self.sent.get(), SOON)
        self.status, self.headers = start["status"], dict(start["headers"])
        return self

    async def __aexit__(self, *_):
        self.leave.set()
        await asyncio.wait_for(self.task, SOON)

    async def _receive(self):
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def until(self, wanted):
        """Read frames until `wanted(frames)`."""
        async with asyncio.timeout(SOON):
            while not wanted(self.frames):
                body = (await self.sent.get()).get("body", b"").decode()
                for part in body.split("\n\n"):
                    fields = dict(line.split(": ", 1) for line in part.splitlines() if ": " in line and not line.startswith(":"))
                    if "event" in fields:
                        self.frames.append((fields["event"], json.loads(fields["data"]), fields.get("id", "")))
        return self.frames

    @property
    def texts(self):
        return [data["text"] for name, data, _ in self.frames if name == "message"]


async def in_thread(work, *args, **kwargs):
    return await sync_to_async(work, thread_sensitive=False)(*args, **kwargs)


def run(story):
    async def clean():
        try:
            await story
        finally:
            for loop in stream.hub.loops:
                loop.cancel()
            stream.hub.loops.clear()
            if stream.tail.task is not None:
                stream.tail.task.cancel()
                stream.tail.task = None
            stream.tail.listeners.clear()

    asyncio.run(clean())


def test_an_answer_arrives_by_itself_and_a_reconnect_continues_exactly(visitor, cast):
    visitor.say("One")
    ticket = Ticket.objects.get()
    by = agent_actor(cast.hana)

    async def story():
        async with Page(visitor) as page:
            assert page.status == 200
            assert page.headers[b"content-type"] == b"text/event-stream"
            await page.until(lambda frames: page.texts == ["One"])
            await in_thread(tickets.reply, ticket_id=ticket.pk, text="Two", by=by)
            await page.until(lambda frames: page.texts == ["One", "Two"])
            last = [number for name, _, number in page.frames if name == "message"][-1]
        await in_thread(tickets.reply, ticket_id=ticket.pk, text="Three", by=by)
        await in_thread(visitor.say, "Four")
        async with Page(visitor, last=last) as page:
            await page.until(lambda frames: len(page.texts) >= 2)
            assert page.texts == ["Three", "Four"]

    run(story())


def test_two_pages_of_one_visitor_both_hear_everything_once(visitor, cast):
    visitor.say("One")
    ticket = Ticket.objects.get()

    async def story():
        async with Page(visitor) as left, Page(visitor) as right:
            await left.until(lambda _: left.texts)
            await right.until(lambda _: right.texts)
            for number in range(5):
                await in_thread(tickets.reply, ticket_id=ticket.pk, text=f"A{number}", by=agent_actor(cast.hana))
            wanted = ["One", *(f"A{number}" for number in range(5))]
            await left.until(lambda _: len(left.texts) >= 6)
            await right.until(lambda _: len(right.texts) >= 6)
            assert left.texts == right.texts == wanted

    run(story())


def test_typing_of_the_agent_is_told_and_notes_are_not(visitor, cast):
    visitor.say("One")
    ticket = Ticket.objects.get()

    async def story():
        async with Page(visitor) as page:
            await page.until(lambda _: page.texts)
            await in_thread(tickets.add_note, ticket_id=ticket.pk, text="secret note", by=agent_actor(cast.hana))
            await in_thread(tickets.show_presence, ticket=ticket, agent=cast.hana, state="typing")
            await page.until(lambda frames: any(name == "typing" for name, _, _ in frames))
            assert "secret" not in json.dumps(page.frames)

    run(story())


def test_a_stranger_gets_no_stream(visitor):
    visitor.say("One")

    async def story():
        async with Page(visitor, token="x" * 43) as page:
            assert page.status == 401
        async with Page(visitor, origin="https://evil.example") as page:
            assert page.status == 403
        async with Page(visitor, method="OPTIONS") as page:
            assert page.status == 204
            assert page.headers[b"access-control-allow-origin"] == b"https://shop.example"

    run(story())


def test_the_eleventh_page_closes_the_first(visitor):
    visitor.say("One")

    async def story():
        async with asyncio.TaskGroup():
            pages = [Page(visitor) for _ in range(11)]
            for page in pages:
                await page.__aenter__()
            await asyncio.wait_for(pages[0].task, SOON)
            assert not pages[1].task.done()
            for page in pages:
                await page.__aexit__()
        assert stream.hub.count == 0

    run(story())
