"""The ASGI side: a request waits in its kind's line, is served on a thread of that kind, or is sent away."""

import asyncio
import contextvars
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from anlan.foundation.overload.answers import BUSY, refusal_bytes, refuse
from anlan.foundation.overload.bodies import BodyRefused, SenderGone, declared_length, gone, read_body
from anlan.foundation.overload.kinds import Kind
from anlan.foundation.overload.line import Line
from anlan.foundation.overload.wsgi import PIECE, Answer, Application, environ_of, respond

Place = asyncio.Future[bool]
LOOK_SECONDS = 0.05  # how often those who wait too long are sent away
MOST_UNSENT = 256 * 1024 * 1024  # bytes of answers that wait for their readers, in the whole process
CLOSING_BODY = 64 * 1024  # of a refused request: a longer body is not read, the connection ends instead


class Unsent:
    """Counts the bytes of long answers that are not yet on their way."""

    def __init__(self, most: int = MOST_UNSENT) -> None:
        self.most, self.held = most, 0

    def take(self, size: int) -> bool:
        """Count an answer's bytes, if there is room for them."""
        if size > PIECE and self.held + size > self.most:
            return False
        self.held += size
        return True


UNSENT = Unsent()


class Entrance:
    """What all kinds have in common: a line, and an early refusal where it has no room."""

    kind: Kind
    line: Line[Any]

    def refused_early(self, scope: dict[str, Any]) -> bytes | None:
        """Return the whole refusal of a request without a body, or None where it may come in."""
        if self.line.has_room(time.monotonic()):
            return None
        self.kind.note_shed("full")
        return refusal_bytes(scope, self.kind)


class InFlight(Entrance):
    """Passes requests to an ASGI application, so many at once; the others are sent away at once."""

    def __init__(self, application: Any, kind: Kind) -> None:
        self.application, self.kind = application, kind
        self.line: Line[Any] = Line(kind.bounds)
        kind.show(self.line)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass one request on."""
        began = time.monotonic()
        if not self.line.arrive(None, began)[0]:
            self.kind.note_shed("full")
            await refuse(scope, send, self.kind, BUSY, whole=declared_length(scope) == 0)
            return
        try:
            await self.application(scope, receive, send)
            self.kind.note_served()
        finally:
            now = time.monotonic()
            self.line.leave(now, now - began)


class OnThreads(Entrance):
    """Serves requests of one kind by a WSGI application, on threads of its own.

    The body is there whole before a place is taken, and the thread is free as soon as the answer is made:
    neither a slow sender nor a slow reader holds one. Only a streamed answer beyond wsgi.WHOLE keeps it.
    """

    def __init__(self, application: Application, kind: Kind, unsent: Unsent = UNSENT) -> None:
        self.application, self.kind, self.unsent = application, kind, unsent
        self.line: Line[Place] = Line(kind.bounds)
        self.threads = ThreadPoolExecutor(kind.threads, thread_name_prefix=kind.name)
        self._looking: asyncio.TimerHandle | None = None
        kind.show(self.line)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one request, or send it away."""
        if not self.line.has_room(time.monotonic()):
            self.kind.note_shed("full")
            is_short = 0 <= declared_length(scope) <= CLOSING_BODY
            return await refuse(scope, send, self.kind, BUSY, whole=is_short)
        try:
            body, length = await read_body(scope, receive, self.kind.most_body)
        except BodyRefused as refused:
            return await refuse(scope, send, self.kind, refused.code, whole=False)
        except SenderGone:
            return None
        with body:
            if not await self._enter(scope, receive, send):
                return None
            answer = await self._served(environ_of(scope, body, length), receive, send)
        return None if answer is None else await self._pass_on(scope, send, answer)

    def close(self) -> None:
        """Let the threads end with what they do."""
        self.threads.shutdown(wait=False)

    async def _enter(self, scope: dict[str, Any], receive: Any, send: Any) -> bool:
        """Wait for a place; say whether there is one. Who is sent away has been answered."""
        place: Place = asyncio.get_running_loop().create_future()
        served, away = self.line.arrive(place, time.monotonic())
        _settle(away)
        if served:
            return True
        if not place.done():
            self._look_after()
            watch = asyncio.ensure_future(gone(receive))
            try:
                await asyncio.wait((place, watch), return_when=asyncio.FIRST_COMPLETED)
            finally:
                watch.cancel()
                if not place.done():
                    self.line.give_up(place)
            if not place.done():
                self.kind.note_shed("gone")
                return False
        if place.result():
            return True
        self.kind.note_shed("waited")
        await refuse(scope, send, self.kind, BUSY)
        return False

    async def _served(self, environ: dict[str, Any], receive: Any, send: Any) -> Answer | None:
        """Run the application on a thread; None where its answer was streamed from there."""
        loop, began = asyncio.get_running_loop(), time.monotonic()
        watch: list[asyncio.Future[None]] = []

        def begin(answer: Answer) -> Callable[[bytes], bool]:
            asyncio.run_coroutine_threadsafe(_begin(answer, receive, send, watch), loop).result()

            def pass_on(piece: bytes) -> bool:
                asyncio.run_coroutine_threadsafe(_piece(piece, send, last=not piece), loop).result()
                return not watch[0].done()

            return pass_on

        call = partial(contextvars.copy_context().run, respond, self.application, environ, begin)
        try:
            answer = await loop.run_in_executor(self.threads, call)
            self.kind.note_served()
            return answer
        finally:
            now = time.monotonic()
            following, away = self.line.leave(now, now - began)
            _settle(away)
            if following is not None:
                following.set_result(True)
            for one in watch:
                one.cancel()

    async def _pass_on(self, scope: dict[str, Any], send: Any, answer: Answer) -> None:
        """Send an answer piece by piece as its reader takes it."""
        size = answer.size
        if not self.unsent.take(size):
            self.kind.note_shed("unsent")
            return await refuse(scope, send, self.kind, BUSY)
        left = size
        try:
            await send(answer.start())
            for piece in _pieces(answer.chunks):
                left -= len(piece)
                await _piece(piece, send, last=left == 0)
            if not size:
                await _piece(b"", send, last=True)
        finally:
            self.unsent.held -= size
        return None

    def _look_after(self) -> None:
        """Send away in time whoever waits too long, as long as anybody waits."""
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._looking = None
        _settle(self.line.overdue(time.monotonic()))
        if self.line.waiting:
            self._look_after()


def _settle(away: Iterable[Place]) -> None:
    for place in away:
        place.set_result(False)


def _pieces(chunks: Iterable[bytes]) -> Iterable[bytes]:
    for chunk in chunks:
        if len(chunk) <= PIECE:
            if chunk:
                yield chunk
        else:
            whole = memoryview(chunk)
            for start in range(0, len(chunk), PIECE):
                yield bytes(whole[start : start + PIECE])


async def _begin(answer: Answer, receive: Any, send: Any, watch: list[asyncio.Future[None]]) -> None:
    watch.append(asyncio.ensure_future(gone(receive)))
    await send(answer.start())
    for piece in answer.chunks:
        await _piece(piece, send, last=False)


async def _piece(piece: bytes, send: Any, *, last: bool) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": not last})
