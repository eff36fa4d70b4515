"""The guard before the pages: what is served, waits or is sent away, and what a thread is kept for."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from anlan.foundation.overload.guard import InFlight, OnThreads, Unsent
from anlan.foundation.overload.kinds import Kind
from anlan.foundation.overload.line import Bounds
from anlan.foundation.overload.wsgi import PIECE, WHOLE
from tests.foundation.overload_visitors import Pages, Visitor, kind, run, sender, until


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


def test_a_header_that_could_pass_for_a_proxys_is_left_out() -> None:
    async def story() -> None:
        pages = Pages()
        pages.let.set()
        visitor = Visitor(headers={"X_Forwarded_Proto": "https", "X-Forwarded-Proto": "http", "Accept": "a"})
        await visitor.visit(OnThreads(pages, kind()))

        assert (pages.asked[0]["HTTP_X_FORWARDED_PROTO"], pages.asked[0]["HTTP_ACCEPT"]) == ("http", "a")

    run(story)


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
