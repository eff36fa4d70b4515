"""The server's entrance: each request to its kind, with bounds and threads of its own (decisions/0060)."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.wiring.settings")
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - what follows needs Django set up

from anlan.foundation.async_sessions import header  # noqa: E402
from anlan.foundation.inbox import door  # noqa: E402
from anlan.foundation.live_door import Live  # noqa: E402
from anlan.foundation.overload.guard import InFlight, OnThreads  # noqa: E402
from anlan.foundation.overload.kept import Kept  # noqa: E402
from anlan.wiring.kinds import KINDS, PAGES, UPLOADS, kind_at  # noqa: E402

pages = get_wsgi_application()
inbox = door.Inbox()
live = Live()
beside = {"intake": inbox, "live": live}  # the doors that are no pages
entrances: dict[str, Any] = {
    kind.name: InFlight(beside[kind.name], kind) if kind.name in beside else OnThreads(pages, kind)
    for kind in KINDS
}
public_pages = Kept(entrances[PAGES.name])


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send each request through its door."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1000})
    else:
        name = kind_name(scope)
        await (public_pages if name == PAGES.name else entrances[name])(scope, receive, send)


def answered_early(scope: dict[str, Any]) -> bytes | None:
    """Return the whole answer to a request without a body: the one kept, or the refusal where is no room."""
    name = kind_name(scope)
    kept = public_pages.answered_early(scope) if name == PAGES.name else None
    refused: bytes | None = kept or entrances[name].refused_early(scope)
    return refused


def kind_name(scope: dict[str, Any]) -> str:
    """Return the kind a request belongs to, by its path; what carries files has places of its own."""
    kind = kind_at(scope["path"])
    if kind is PAGES and header(scope, b"content-type").startswith("multipart/form-data"):
        kind = UPLOADS
    return kind.name


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
            for entrance in entrances.values():
                if isinstance(entrance, OnThreads):
                    entrance.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
