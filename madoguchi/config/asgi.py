"""The web application: live streams are asyncio; every page is a plain Django request in a thread.

Pages are synchronous and short, so one hop into a thread costs less than Django's own bridge around each middleware.
"""

import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")

import django

django.setup(set_prefix=False)

from a2wsgi import WSGIMiddleware  # noqa: E402  Django must be set up before its rooms are imported
from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402

from madoguchi.console.live import live_stream  # noqa: E402
from madoguchi.webchat.stream import chat_stream  # noqa: E402

_pages = WSGIMiddleware(cast("Any", WSGIHandler()), workers=settings.WEB_THREADS)


async def application(scope, receive, send) -> None:  # noqa: ANN001  the ASGI signature
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/live":
        await live_stream(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == "/chat/stream":
        await chat_stream(scope, receive, send)
    elif scope["type"] == "http":
        await _pages(scope, receive, send)


async def _lifespan(receive, send) -> None:  # noqa: ANN001
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
