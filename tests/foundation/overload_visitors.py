"""Visitors and pages for tests of the guard: who asks, how far they read, and an application that waits."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from anlan.foundation.overload.kinds import Kind
from anlan.foundation.overload.line import Bounds
from tests.foundation.asking import Told, request_scope

LIMIT_SECONDS = 30  # for what hangs, not a timing


class Pages:
    """A WSGI application that answers when it is let, and remembers what it was asked."""

    def __init__(self, answer: bytes = b"here") -> None:
        self.answer, self.let, self.asked = answer, threading.Event(), list[dict[str, Any]]()
        self.read: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        """Note the request, wait, answer."""
        self.asked.append(environ)
        assert self.let.wait(LIMIT_SECONDS)
        self.read.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start("200 OK", [("Content-Type", "text/plain")])
        return [self.answer]


class Visitor:
    """One request from outside: what it sends, whether it is still there, how far it reads."""

    def __init__(
        self, *parts: bytes, method: str = "GET", headers: dict[str, str] | None = None, is_whole: bool = True
    ) -> None:
        self.scope = request_scope(method, "/a-page/", headers or {})
        self.parts, self.is_whole, self.told = list(parts), is_whole, Told()
        self.left, self.reads = asyncio.Event(), asyncio.Event()
        self.reads.set()
        self.sizes: list[int] = []
        self.asked_for_body = 0

    async def receive(self) -> dict[str, Any]:
        """Hand over the next part of the body, else wait until gone."""
        self.asked_for_body += 1
        if self.parts:
            body = self.parts.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self.parts) or not self.is_whole}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        """Take a part of the answer, when reading."""
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.told.status = message["status"]
            self.told.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.told.body += message["body"]
            self.sizes.append(len(message["body"]))

    def visit(self, guard: Any) -> asyncio.Task[None]:
        """Send the request."""
        return asyncio.ensure_future(guard(self.scope, self.receive, self.send))


def sender(*parts: bytes, **more: Any) -> Visitor:
    """A visitor with a body of declared length."""
    headers = {"Content-Length": str(sum(map(len, parts))), **more.pop("headers", {})}
    return Visitor(*parts, method="POST", headers=headers, **more)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while not true():
            await asyncio.sleep(0.005)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(LIMIT_SECONDS):
            await story()

    asyncio.run(limited())


def kind(at_once: int = 2, most_waiting: int = 1, **more: Any) -> Kind:
    return Kind("tests", Bounds(at_once, most_waiting, patience_s=20.0), **more)
