"""The event stream of an open desk ends with the agent's right to see it."""

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client

from madoguchi.console.live import live_stream
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff import actions
from madoguchi.staff.models import Role

SOON = 5.0  # seconds until an ended session must have closed its stream


async def _open_desk(cookie: str, then) -> tuple[int, float]:
    """Open a stream, do `then` when it greets, and tell its status and how long it lived after that."""
    sent: asyncio.Queue = asyncio.Queue()
    never = asyncio.Event()

    async def receive() -> dict:
        await never.wait()
        return {"type": "http.disconnect"}

    scope = {"type": "http", "headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())]}
    desk = asyncio.create_task(live_stream(scope, receive, sent.put))
    status = (await sent.get())["status"]
    await sent.get()
    since = time.monotonic()
    await asyncio.sleep(0.5)  # the stream has read what was there before
    await sync_to_async(then, thread_sensitive=False)()
    await asyncio.wait([desk], timeout=SOON)
    lived = time.monotonic() - since
    desk.cancel()
    return status, lived


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["deactivated", "signed out everywhere", "another role"])
def test_the_stream_ends_with_the_right_to_see(cast, ending):
    browser = Client()
    browser.force_login(cast.hana)
    by = agent_actor(cast.admin)

    def then() -> None:
        if ending == "deactivated":
            actions.deactivate_agent(agent=cast.hana, by=by)
        elif ending == "signed out everywhere":
            from allauth.usersessions.models import UserSession

            UserSession.objects.create(user=cast.hana, session_key=browser.session.session_key, ip="127.0.0.1", user_agent="x")
            actions.end_sessions(agent=cast.hana, by=by)
        else:
            observer = Role.objects.get(name="Observer")
            actions.change_agent(agent=cast.hana, name="Hana Mori", role=observer, teams=[], skills=[], languages=[], capacity=1, by=by)

    status, lived = asyncio.run(_open_desk(browser.session.session_key, then))
    assert status == 200
    assert lived < SOON


@pytest.mark.django_db(transaction=True)
def test_no_stream_without_a_session(cast):
    async def refused() -> int:
        sent: asyncio.Queue = asyncio.Queue()
        await live_stream({"type": "http", "headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}=made-up".encode())]}, None, sent.put)
        return (await sent.get())["status"]

    assert asyncio.run(refused()) == 401
