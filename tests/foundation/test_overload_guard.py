"""The guard before the pages: what is served, waits or is sent away, and what a thread is kept for."""

import asyncio
import json
import re
import threading
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest

from anlan.foundation.overload.guard import InFlight, OnThreads, Unsent
from anlan.foundation.overload.kinds import Kind
from anlan.foundation.overload.line import Bounds
from anlan.foundation.overload.wsgi import PIECE, WHOLE
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


def test_beyond_the_bounds_one_is_sent_away_before_any_thread_is_taken() -> None:
    async def story() -> None:
        pages = Pages()
        guard = OnThreads(pages, kind())
        visitors = [Visitor() for _ in range(5)]
        tasks = [visitor.visit(guard) for visitor in visitors]

        await until(lambda: sum(visitor.told.status == 503 for visitor in visitors) == 2)
        assert (len(pages.asked), guard.line.in_flight, guard.line.waiting) == (2, 2, 1)
        pages.let.set()
        await asyncio.gather(*tasks)

        assert [visitor.told.status for visitor in visitors] == [200, 200, 200, 503, 503]
        assert (len(pages.asked), guard.line.in_flight) == (3, 0)
        assert int(visitors[4].told.headers["retry-after"]) >= 2

    run(story)


def test_who_waits_too_long_is_told_so() -> None:
    async def story() -> None:
        pages = Pages()
        short = Kind("tests", Bounds(1, 5, patience_s=0.05, standing_patience_s=0.05))
        guard = OnThreads(pages, short)
        first, second = Visitor(), Visitor()
        served, waiting = first.visit(guard), second.visit(guard)

        await waiting
        assert (second.told.status, len(pages.asked)) == (503, 1)
        pages.let.set()
        await served

        assert first.told.status == 200

    run(story)


def test_for_who_has_gone_nothing_is_done() -> None:
    async def story() -> None:
        pages = Pages()
        guard = OnThreads(pages, kind(at_once=1))
        first, second = Visitor(), Visitor()
        served, waiting = first.visit(guard), second.visit(guard)
        await until(lambda: guard.line.waiting == 1)

        second.left.set()
        await waiting
        pages.let.set()
        await served

        assert (len(pages.asked), guard.line.waiting, second.told.status) == (1, 0, 0)

    run(story)


def test_a_slow_body_takes_no_place() -> None:
    async def story() -> None:
        pages = Pages()
        pages.let.set()
        guard = OnThreads(pages, kind(at_once=1, most_waiting=0))
        slow, other = sender(b"half of it", is_whole=False), Visitor()
        coming = slow.visit(guard)
        await until(lambda: slow.asked_for_body == 2)

        await other.visit(guard)
        slow.left.set()
        await coming

        assert (other.told.status, len(pages.asked), guard.line.in_flight) == (200, 1, 0)

    run(story)


def test_a_large_body_is_refused_before_it_is_read_and_an_undeclared_one_as_it_grows() -> None:
    async def story() -> None:
        pages = Pages()
        guard = OnThreads(pages, kind(most_body=2048))
        declared = sender(b"x" * 4096)
        grown = Visitor(*[b"x" * 1024] * 9, method="POST", headers={"Transfer-Encoding": "chunked"})

        await declared.visit(guard)
        await grown.visit(guard)

        for visitor in (declared, grown):
            assert (visitor.told.status, visitor.told.headers["connection"]) == (413, "close")
            assert "2 kB" in visitor.told.body.decode()
        assert (declared.asked_for_body, grown.asked_for_body, pages.asked) == (0, 3, [])

    run(story)


def test_a_body_comes_whole_and_a_long_one_never_lies_in_memory() -> None:
    async def story() -> None:
        pages = Pages()
        pages.let.set()
        guard = OnThreads(pages, kind())
        parts = [bytes([number]) * 50_000 for number in range(20)]
        long, undeclared = (
            sender(*parts),
            Visitor(b"abc", b"def", method="POST", headers={"Transfer-Encoding": "chunked"}),
        )

        await long.visit(guard)
        await undeclared.visit(guard)

        assert pages.read == [b"".join(parts), b"abcdef"]
        assert pages.asked[0]["wsgi.input"]._rolled  # on disk
        assert pages.asked[1]["CONTENT_LENGTH"] == "6"

    run(story)


def test_a_slow_reader_of_a_long_answer_holds_no_thread_and_gets_it_in_pieces() -> None:
    async def story() -> None:
        pages = Pages(answer=bytes(range(256)) * 20_000)
        pages.let.set()
        guard = OnThreads(pages, kind(at_once=1, most_waiting=0))
        slow, other = Visitor(), Visitor()
        slow.reads.clear()
        reading = slow.visit(guard)
        await until(lambda: len(pages.asked) == 1 and guard.line.in_flight == 0)

        await other.visit(guard)
        slow.reads.set()
        await reading

        assert other.told.body == slow.told.body == pages.answer
        assert max(slow.sizes) == PIECE

    run(story)


def test_answers_that_wait_for_readers_have_a_bound_in_all() -> None:
    async def story() -> None:
        pages = Pages(answer=b"x" * 300_000)
        pages.let.set()
        unsent = Unsent(most=500_000)
        guard = OnThreads(pages, kind(), unsent)
        slow, other, later = Visitor(), Visitor(), Visitor()
        slow.reads.clear()
        reading = slow.visit(guard)
        await until(lambda: unsent.held == 300_000)

        await other.visit(guard)
        slow.reads.set()
        await reading
        await later.visit(guard)

        assert (slow.told.status, other.told.status, later.told.status) == (200, 503, 200)
        assert unsent.held == 0

    run(story)


class Export:
    """A streamed answer that counts how much was drawn from it."""

    streaming = True

    def __init__(self, pieces: int) -> None:
        self.pieces, self.drawn, self.closed = pieces, 0, False

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> "Export":
        """Begin."""
        start("200 OK", [("Content-Type", "text/csv")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.pieces):
            self.drawn += 1
            yield b"y" * (PIECE // 2)

    def close(self) -> None:
        """Note the end."""
        self.closed = True


def test_a_short_streamed_answer_frees_its_thread_whoever_reads() -> None:
    async def story() -> None:
        export = Export(10)
        guard = OnThreads(export, kind(at_once=1, most_waiting=0))
        slow = Visitor()
        slow.reads.clear()

        reading = slow.visit(guard)
        await until(lambda: export.closed and guard.line.in_flight == 0)
        slow.reads.set()
        await reading

        assert len(slow.told.body) == 10 * PIECE // 2

    run(story)


def test_a_long_streamed_answer_is_drawn_as_it_is_read_and_ends_with_its_reader() -> None:
    async def story() -> None:
        export = Export(20_000)
        guard = OnThreads(export, kind())
        reader = Visitor()
        reader.reads.clear()
        reading = reader.visit(guard)
        await until(lambda: export.drawn * PIECE // 2 >= WHOLE)
        await asyncio.sleep(0.05)
        drawn_unread = export.drawn

        reader.left.set()
        reader.reads.set()
        await reading

        assert drawn_unread * PIECE // 2 <= WHOLE + PIECE
        assert export.drawn < 20_000
        assert (export.closed, guard.line.in_flight) == (True, 0)

    run(story)


def test_a_long_streamed_answer_comes_whole() -> None:
    async def story() -> None:
        reader = Visitor()
        await reader.visit(OnThreads(Export(101), kind()))

        assert len(reader.told.body) == 101 * PIECE // 2
        assert reader.sizes[-1] == 0

    run(story)


def test_who_is_sent_away_reads_what_to_do_in_the_form_and_language_they_read() -> None:
    async def story() -> None:
        guard = OnThreads(Pages(), kind(at_once=1, most_waiting=0))
        guard.line.in_flight = 1
        page, posted = Visitor(), sender(b"a=1")
        english = Visitor(headers={"Cookie": "language=en"})
        fragment, program = (
            Visitor(headers={"HX-Request": "true"}),
            Visitor(headers={"Accept": "application/json"}),
        )
        for visitor in (page, posted, english, fragment, program):
            await visitor.visit(guard)
            assert visitor.told.status == 503
            assert visitor.told.headers["cache-control"] == "private, no-store"

        text = page.told.body.decode()
        assert f'content="{page.told.headers["retry-after"]}"' in text
        assert "系统繁忙" in text and "不会丢失" in text
        assert "什么也没有改变" in posted.told.body.decode() and "refresh" not in posted.told.body.decode()
        assert (
            "The system is busy" in english.told.body.decode() and 'lang="en"' in english.told.body.decode()
        )
        assert fragment.told.body.decode().startswith('<div class="notice')
        assert json.loads(program.told.body)["code"] == "busy"
        style = re.search(r"<style>(.*)</style>", text)
        assert style is not None
        digest = b64encode(sha256(style.group(1).encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.told.headers["content-security-policy"]

    run(story)


def test_an_early_refusal_says_the_same() -> None:
    guard = OnThreads(Pages(), kind(at_once=1, most_waiting=0))
    scope = request_scope("GET", "/a-page/", {"Accept": "application/json"})
    assert guard.refused_early(scope) is None
    guard.line.in_flight = 1

    head, _, body = (guard.refused_early(scope) or b"").partition(b"\r\n\r\n")
    without_body = guard.refused_early({**scope, "method": "HEAD"}) or b""

    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: " in head and b"cache-control: private, no-store" in head
    assert f"content-length: {len(body)}".encode() in head
    assert json.loads(body)["code"] == "busy"
    assert without_body.endswith(b"\r\n\r\n")


def test_a_header_that_could_pass_for_a_proxys_is_left_out() -> None:
    async def story() -> None:
        pages = Pages()
        pages.let.set()
        visitor = Visitor(headers={"X_Forwarded_Proto": "https", "X-Forwarded-Proto": "http", "Accept": "a"})
        await visitor.visit(OnThreads(pages, kind()))

        assert (pages.asked[0]["HTTP_X_FORWARDED_PROTO"], pages.asked[0]["HTTP_ACCEPT"]) == ("http", "a")

    run(story)


def test_those_sent_away_come_back_the_more_spread_the_more_they_are() -> None:
    calm, flooded = kind(), kind()
    for _ in range(10):
        calm.note_served()
        flooded.note_served()
    for _ in range(100):
        flooded.note_shed("full")

    few = {calm.retry_after() for _ in range(400)}
    many = {flooded.retry_after() for _ in range(400)}

    assert min(few) == min(many) == 2
    assert len(few) >= 5 and max(few) <= 8
    assert 40 < max(many) <= 60


@pytest.mark.parametrize("code", [200, 500])
def test_other_doors_are_bounded_as_well(code: int) -> None:
    async def story() -> None:
        let = asyncio.Event()

        async def door(scope: Any, receive: Any, send: Any) -> None:
            await let.wait()
            await send({"type": "http.response.start", "status": code, "headers": []})
            if code == 500:
                raise RuntimeError

        guard = InFlight(door, Kind("tests", Bounds(1), is_json=True))
        first, second, third = Visitor(), Visitor(), Visitor()
        passed = first.visit(guard)
        await until(lambda: guard.line.in_flight == 1)

        await second.visit(guard)
        let.set()
        await asyncio.gather(passed, return_exceptions=True)
        await asyncio.gather(third.visit(guard), return_exceptions=True)

        assert (first.told.status, second.told.status, third.told.status) == (code, 503, code)
        assert json.loads(second.told.body)["code"] == "busy"

    run(story)
