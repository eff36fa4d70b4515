"""The server's entrance: pages on threads, the inbox and live streams beside them in one process."""

import os
from typing import Any

import django
from a2wsgi import WSGIMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.wiring.settings")
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - what follows needs Django set up

from anlan.foundation.inbox import door  # noqa: E402
from anlan.foundation.live_door import LIVE_PATH, Live  # noqa: E402

pages = get_wsgi_application()
pages_on_threads: Any = WSGIMiddleware(pages, workers=16)  # type: ignore[arg-type]  # Django types its own
inbox = door.Inbox()
live = Live()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send each request through its door."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1000})
    elif scope["path"].startswith(door.PATH):
        await inbox(scope, receive, send)
    elif scope["path"] == LIVE_PATH:
        await live(scope, receive, send)
    else:
        await pages_on_threads(scope, receive, send)


def close_streams() -> None:
    """End all open streams; safe to call from a signal handler."""
    live.end_soon()


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await live.close()
            await inbox.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
