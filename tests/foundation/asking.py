"""Asks the plain ASGI doors as a client would, without a socket between."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from anlan.foundation.clock import utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.inbox.door import Inbox
from anlan.foundation.models import InboxCredential
from tests.foundation.inbox_ports import NOTES

HOST = "localhost"


@dataclass
class Told:
    """An answer."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


def request_scope(method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
    """What a server hands to an ASGI application."""
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
    }


async def ask(
    app: Callable[..., Awaitable[None]],
    raw: bytes,
    headers: dict[str, str],
    *,
    path: str,
    method: str = "POST",
    is_whole: bool = True,
) -> Told:
    """Send one request, whole or stopping in the middle, and return its answer."""
    told = Told()
    messages = [{"type": "http.request", "body": raw, "more_body": not is_whole}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.status = message["status"]
            told.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            told.body += message.get("body", b"")

    await app(request_scope(method, path, headers), receive, send)
    return told


def with_token(token: str) -> dict[str, str]:
    """The headers of an outside system."""
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Host": HOST}


def with_session(session_key: str, *, origin: str = f"http://{HOST}") -> dict[str, str]:
    """The headers of a signed-in phone."""
    cookie = f"sessionid={session_key}"
    return {"Cookie": cookie, "Content-Type": "application/json", "Host": HOST, "Origin": origin}


def give_token(appointment_id: UUID, source: str = NOTES) -> str:
    """Make a credential for a source and return its token."""
    token = f"token of {new_id()}"
    InboxCredential.objects.create(
        source=source,
        appointment_id=appointment_id,
        token_hash=sha256(token.encode()).digest(),
        starts_at=utc_now() - timedelta(hours=1),
    )
    return token


def envelope(area_code: str, text: str = "knocked", **changed: Any) -> dict[str, Any]:
    """A valid envelope of the tests' source, with some of it changed."""
    made = {"key": str(new_id()), "record_id": str(new_id()), "area_code": area_code, "body": {"text": text}}
    return {**made, **changed}


Sending = tuple[dict[str, str], Any]


def send_all(
    sendings: Sequence[Sending],
    *,
    source: str = NOTES,
    together: bool = False,
    change: Callable[[Inbox], None] | None = None,
) -> list[Told]:
    """Send requests one after the other, or all at once, to a fresh inbox; return the answers in order."""

    async def run() -> list[Told]:
        inbox = Inbox()
        if change is not None:
            change(inbox)
        asked = [
            ask(inbox, content if isinstance(content, bytes) else json.dumps(content).encode(), headers,
                path=f"/inbox/{source}/")
            for headers, content in sendings
        ]  # fmt: skip
        told = list(await asyncio.gather(*asked)) if together else [await one for one in asked]
        await inbox.close()
        return told

    return asyncio.run(run())
