"""`GET /live/`: server-sent events that tell an open page which topics changed in its area."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from prometheus_client import Gauge

from anlan.foundation.actor import AreaRanges
from anlan.foundation.async_line import LOST, Line, connect
from anlan.foundation.async_sessions import cookie, signed_in
from anlan.foundation.clock import utc_now
from anlan.foundation.ports import ports

log = structlog.get_logger()
LIVE_PATH = "/live/"
CHECK_SECONDS = 0.5  # an appointment or session that ended ends its streams within a second
HEARTBEAT_SECONDS = 15.0
PAUSE_SECONDS = 0.5  # between attempts to listen again
MOST_STREAMS = 2_000
MOST_OF_ONE_ACCOUNT = 12
OPEN = Gauge("anlan_live_streams", "Open live streams.")
RIGHTS = """
    SELECT appointment_id, low, purposes FROM {sender_right}
    WHERE appointment_id = ANY(%(appointments)s) AND starts_at <= now() AND ends_at > now()
"""
SESSIONS = """
    SELECT session_key FROM django_session WHERE session_key = ANY(%(keys)s) AND expire_date > now()
"""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a post may hear of: its ranges, and the purposes it serves."""

    ranges: AreaRanges = field(default_factory=AreaRanges)
    purposes: frozenset[str] = frozenset()

    def hears(self, area: str, readers: Iterable[str]) -> bool:
        """Say whether news of an area, meant for these purposes (none: for all), is for this post."""
        meant = frozenset(readers)
        return self.ranges.covers(area) and (not meant or bool(meant & self.purposes))


@dataclass(eq=False)
class Stream:
    """One open page: whose it is, what it may hear, what it has not been told yet."""

    account_id: UUID
    appointment_id: UUID
    session_key: str
    hearing: Hearing = field(default_factory=Hearing)
    pending: dict[str, str] = field(default_factory=dict)  # topic: when it last changed
    event: str = ""  # a single word to say: resync, signed-out
    is_over: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, event: str, *, is_last: bool = False) -> None:
        """Send a word without content, and end the stream where it is the last."""
        self.event, self.is_over = event, self.is_over or is_last
        self.news.set()

    def take(self) -> str:
        """Return what there is to send, as text of the event stream."""
        self.news.clear()
        lines = [
            f"event: changed\ndata: {json.dumps({'topic': topic, 'at': at}, ensure_ascii=False)}\n\n"
            for topic, at in self.pending.items()
        ]
        self.pending.clear()
        if self.event:
            lines.append(f"event: {self.event}\ndata: {{}}\n\n")
            self.event = ""
        return "".join(lines)


class Live:
    """The ASGI application and the one listener behind all its streams."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.line = Line("live streams")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._is_ending = False
        OPEN.set_function(lambda: len(self.streams))

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Stream until the page goes, the rights end or the server does."""
        if scope["method"] != "GET":
            return await _refuse(send, 405)
        try:
            stream = await self._open(scope)
        except LOST:
            return await _refuse(send, 503)
        if isinstance(stream, int):
            return await _refuse(send, stream)
        self._start()
        self.streams.add(stream)
        try:
            await _start_answer(send)
            await self._tell(stream, receive, send)
        finally:
            self.streams.discard(stream)
        return None

    def end_soon(self) -> None:
        """End all streams; may be called from a signal handler."""
        self._is_ending = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end_all)

    async def close(self) -> None:
        """End all streams, the listener and the connections."""
        self._is_ending = True
        self._end_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.line.close()

    def _end_all(self) -> None:
        for stream in self.streams:
            stream.say("", is_last=True)

    async def _open(self, scope: dict[str, Any]) -> Stream | int:
        """Return the stream of a signed-in person in a post, or the status that refuses it."""
        session_key = cookie(scope, settings.SESSION_COOKIE_NAME)
        found = await signed_in(session_key, self.line) if session_key else None
        if found is None:
            return 401
        if found.appointment_id is None:
            return 403
        own = sum(stream.account_id == found.account_id for stream in self.streams)
        if self._is_ending or len(self.streams) >= MOST_STREAMS or own >= MOST_OF_ONE_ACCOUNT:
            return 503
        stream = Stream(found.account_id, found.appointment_id, found.session_key)
        rights = await self._rights([stream.appointment_id])
        if stream.appointment_id not in rights:
            return 403
        stream.hearing = rights[stream.appointment_id]
        return stream

    def _start(self) -> None:
        """Start listening and checking with the first stream."""
        if not self._tasks:
            self._loop = asyncio.get_running_loop()
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._check())]

    async def _tell(self, stream: Stream, receive: Any, send: Any) -> None:
        gone = asyncio.create_task(_disconnected(receive))
        try:
            while not gone.done():
                news = asyncio.create_task(stream.news.wait())
                await asyncio.wait(
                    (gone, news), timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                news.cancel()
                text = stream.take() or (": still here\n\n" if not stream.is_over else "")
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
                if stream.is_over:
                    await send({"type": "http.response.body", "body": b""})
                    return
        finally:
            gone.cancel()

    async def _listen(self) -> None:
        """Pass on what changed; after a lost connection tell every page to look for itself."""
        while not self._is_ending:
            try:
                connection = await connect("live listener")
                async with connection:
                    await connection.execute("LISTEN anlan_live")
                    for stream in self.streams:
                        stream.say("resync")
                    async for notice in connection.notifies():
                        self._spread(notice.payload)
            except LOST as error:
                log.warning("live_listener_lost", error=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)

    def _spread(self, payload: str) -> None:
        try:
            told = json.loads(payload)
            topic, area, readers = str(told["topic"]), str(told["area"]), list(told.get("readers", ()))
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("live_notice_unreadable")
            return
        at = utc_now().isoformat()
        for stream in self.streams:
            if stream.hearing.hears(area, readers):
                stream.pending[topic] = at
                stream.news.set()

    async def _check(self) -> None:
        """Look again and again whether sessions and appointments behind the streams still stand."""
        while not self._is_ending:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                if self.streams:
                    await self._check_once(list(self.streams))
            except LOST as error:
                log.warning("live_check_failed", error=type(error).__name__)

    async def _check_once(self, streams: list[Stream]) -> None:
        rights = await self._rights([stream.appointment_id for stream in streams])
        rows = await self.line.fetch(SESSIONS, {"keys": [stream.session_key for stream in streams]})
        sessions = {row[0] for row in rows}
        for stream in streams:
            if stream.appointment_id in rights and stream.session_key in sessions:
                stream.hearing = rights[stream.appointment_id]
            else:
                stream.hearing = Hearing()
                stream.say("signed-out", is_last=True)

    async def _rights(self, appointments: list[UUID]) -> dict[UUID, Hearing]:
        query = RIGHTS.format(sender_right=ports().sender_right)
        codes: dict[UUID, list[str]] = {}
        serves: dict[UUID, frozenset[str]] = {}
        for appointment_id, code, purposes in await self.line.fetch(query, {"appointments": appointments}):
            codes.setdefault(appointment_id, []).append(code)
            serves[appointment_id] = frozenset(purposes)
        return {key: Hearing(AreaRanges.of(own), serves[key]) for key, own in codes.items()}


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start_answer(send: Any) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"private, no-store"),
        (b"x-accel-buffering", b"no"),  # a proxy in front must pass each event on at once
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})


async def _refuse(send: Any, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"private, no-store")]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
