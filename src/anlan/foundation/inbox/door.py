"""`POST /inbox/<source>/`: reads, judges, queues, and answers after the commit."""

import asyncio
import json
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from anlan.foundation.async_line import LOST
from anlan.foundation.async_sessions import header, language_of
from anlan.foundation.inbox import answers
from anlan.foundation.inbox.answers import Answer
from anlan.foundation.inbox.lanes import Lane, Request, Waiting
from anlan.foundation.inbox.limits import Allowance
from anlan.foundation.inbox.senders import Sender, Senders
from anlan.foundation.inbox.shape import MAX_REQUEST_BYTES, envelopes_of, read_envelope
from anlan.foundation.strict_json import BadJson, parse

log = structlog.get_logger()
PATH = "/inbox/"
MOST_REQUESTS = 2_000  # under way at once
BODY_SECONDS = 10  # for a whole body to arrive
ANSWERED = Counter("anlan_inbox_answers", "Envelopes answered by the inbox.", ["status"])
WAITING = Gauge("anlan_inbox_waiting", "Envelopes that wait for their commit.")
UNDER_WAY = Gauge("anlan_inbox_requests", "Requests under way at the inbox.")


class Inbox:
    """The ASGI application; `close` answers all that was taken before it returns."""

    def __init__(self) -> None:
        self.senders = Senders()
        self.allowance = Allowance()
        self.lane = Lane(_counted())
        self.under_way = 0
        self._running: asyncio.Task[None] | None = None
        WAITING.set_function(lambda: len(self.lane.queue))
        UNDER_WAY.set_function(lambda: self.under_way)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        self.under_way += 1
        try:
            given = await self._answer(scope, receive)
        except LOST as error:
            log.warning("inbox_sender_unknown", error=type(error).__name__)
            given = answers.BUSY
        finally:
            self.under_way -= 1
        await _send(scope, send, given)

    async def close(self) -> None:
        """Commit and answer what waits, then end the connections."""
        self.lane.close()
        if self._running is not None:
            await self._running
        await self.senders.line.close()

    async def _answer(self, scope: dict[str, Any], receive: Any) -> Answer | list[Answer]:
        if self.under_way > MOST_REQUESTS or not self.lane.has_room(1):
            return answers.BUSY
        if scope["method"] != "POST":
            return answers.ONLY_POST
        source = scope["path"][len(PATH) :].rstrip("/")
        sender = await self.senders.of(scope, source)
        if isinstance(sender, Answer):
            return sender
        if header(scope, b"content-type").partition(";")[0].strip().lower() != "application/json":
            return answers.NOT_DECLARED_JSON
        raw = await _body(scope, receive)
        return raw if isinstance(raw, Answer) else await self._judge(raw, sender, source)

    async def _judge(self, raw: bytes, sender: Sender, source: str) -> Answer | list[Answer]:
        try:
            request = parse(raw)
        except BadJson:
            return answers.NOT_JSON
        listed = envelopes_of(request)
        if isinstance(listed, Answer):
            return listed
        if not self.allowance.take(sender.account_id, len(listed)):
            return answers.TOO_FAST
        read = [read_envelope(value, sender, source) for value in listed]
        if not self.lane.has_room(len(read)):
            return answers.BUSY
        given = await self._store(read)
        return given if "envelopes" in request else given[0]

    async def _store(self, read: list[Any]) -> list[Answer]:
        """Queue what may be stored and wait for its commit; the sender going away changes nothing."""
        if self._running is None:
            self._running = asyncio.create_task(self.lane.run())
        request = Request(asyncio.get_running_loop().create_future(), [None] * len(read))
        waiting: list[Waiting] = []
        for position, one in enumerate(read):
            if isinstance(one, Answer):
                request.answers[position] = one
            else:
                waiting.append(Waiting(one, request, position))
        if waiting:
            request.missing = len(waiting)
            self.lane.add(waiting)
            await request.done
        return [answer for answer in request.answers if answer is not None]


def _counted() -> Any:
    known: dict[int, Any] = {}

    def count(answer: Answer) -> None:
        counter = known.get(answer.status)
        if counter is None:
            counter = known[answer.status] = ANSWERED.labels(str(answer.status))
        counter.inc()

    return count


async def _body(scope: dict[str, Any], receive: Any) -> bytes | Answer:
    """Read the body within its limits of size and time."""
    length = header(scope, b"content-length")
    if length.isdigit() and int(length) > MAX_REQUEST_BYTES:
        return answers.TOO_LARGE
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while message.get("more_body") and len(body) <= MAX_REQUEST_BYTES:
                    message = await receive()
                    body += message.get("body", b"")
        except TimeoutError:
            return answers.TOO_SLOW
    return body if len(body) <= MAX_REQUEST_BYTES else answers.TOO_LARGE


async def _send(scope: dict[str, Any], send: Any, given: Answer | list[Answer]) -> None:
    if isinstance(given, Answer):
        language = "" if given.record_id else language_of(scope)
        status, body, retry_after = given.status, given.body(language), given.retry_after
    else:
        status, retry_after, language = 200, None, language_of(scope)
        listed = [{"status": answer.status, **answer.content(language)} for answer in given]
        body = json.dumps({"answers": listed}, ensure_ascii=False).encode()
        if any(answer.status == answers.UNKNOWN_OUTCOME.status for answer in given):
            status, retry_after = 503, answers.UNKNOWN_OUTCOME.retry_after
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"private, no-store"),
    ]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    if status in {408, 413}:
        headers.append((b"connection", b"close"))  # the rest of the body is not read
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
