"""`/live`: the event stream of one open desk, with the session checked and only signals that concern the agent."""

import asyncio
from http.cookies import SimpleCookie
from importlib import import_module

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils.crypto import constant_time_compare

from madoguchi.foundation.live import Signal, tail
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission, Scope

ENDINGS = {"staff.AgentChanged", "staff.AgentDeactivated", "staff.SessionsEnded"}  # after these the desk must show itself anew
STREAM_SECONDS = 600  # then the desk connects again, so that a changed role or an ended session counts soon


def _agent_of(cookie_header: str) -> tuple[Agent, frozenset[int]] | None:
    close_old_connections()
    cookies = SimpleCookie(cookie_header)
    if settings.SESSION_COOKIE_NAME not in cookies:
        return None
    store = import_module(settings.SESSION_ENGINE).SessionStore(cookies[settings.SESSION_COOKIE_NAME].value)
    agent_id = store.get(SESSION_KEY)
    agent = get_user_model().objects.select_related("role").filter(pk=agent_id, is_active=True).first() if agent_id else None
    if agent is None or not agent.may(Permission.TICKET_VIEW):
        return None
    if not constant_time_compare(store.get(HASH_SESSION_KEY, ""), agent.get_session_auth_hash()):
        return None  # the password was changed after this session began
    return agent, frozenset(agent.teams.values_list("id", flat=True))


def concerns(agent: Agent, teams: frozenset[int], signal: Signal) -> bool:
    """Signals of tickets outside the agent's scope are not told at all, not even by number."""
    if "agent_id" in signal.payload and signal.name.startswith("staff.") and signal.payload["agent_id"] != agent.pk:
        return False
    if signal.ticket_id is None or agent.role.scope == Scope.ALL:
        return True
    if agent.role.scope == Scope.TEAMS:
        return signal.team_id is None or signal.team_id in teams
    return signal.payload.get("assignee_id") in {None, agent.pk}


async def live_stream(scope, receive, send) -> None:  # noqa: ANN001  the ASGI signature
    headers = dict(scope["headers"])
    try:
        found = await sync_to_async(_agent_of, thread_sensitive=False)(headers.get(b"cookie", b"").decode("latin-1"))
    except DatabaseError:
        await _refuse(send, 503, b"The database does not answer")
        return
    if found is None:
        await _refuse(send, 401, b"Sign in first")
        return
    agent, teams = found
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")],
        }
    )
    ended = asyncio.Event()
    tasks = [asyncio.create_task(work) for work in (_pump(agent, teams, send, ended), _until_gone(receive), ended.wait())]
    await asyncio.wait(tasks, timeout=STREAM_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _refuse(send, status: int, text: bytes) -> None:  # noqa: ANN001
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": text})


async def _pump(agent: Agent, teams: frozenset[int], send, ended: asyncio.Event) -> None:  # noqa: ANN001
    def wanted(signal: Signal) -> bool:
        if signal.name in ENDINGS and signal.payload.get("agent_id") == agent.pk:
            ended.set()
        return concerns(agent, teams, signal)

    async for chunk in tail.listen(wanted):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _until_gone(receive) -> None:  # noqa: ANN001
    while (await receive())["type"] != "http.disconnect":
        pass
