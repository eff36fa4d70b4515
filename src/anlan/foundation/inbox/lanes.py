"""Stores what arrives together in one commit, and answers only after it."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog

from anlan.foundation.async_line import LOST, Connection, connect
from anlan.foundation.crypto import lookup_many
from anlan.foundation.ids import new_id
from anlan.foundation.inbox import answers
from anlan.foundation.inbox.answers import Answer
from anlan.foundation.inbox.shape import Sent
from anlan.foundation.inbox.statement import KNOWN, columns_of, refused_statement, store_statement

log = structlog.get_logger()
LARGEST_BATCH = 500  # rows of one commit
MOST_WAITING = 5_000  # rows; beyond it senders are asked to come back
PAUSE_SECONDS = 0.2  # between attempts to reach the database
# A plan made while the tables are empty must stay good when they are full: only index probes are allowed.
PLAN = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "statement_timeout": "10s",
}


@dataclass(slots=True)
class Request:
    """What one request waits for: an answer to each of its envelopes."""

    done: asyncio.Future[None]
    answers: list[Answer | None]
    missing: int = 0

    def settle(self, position: int, answer: Answer) -> None:
        """Note an answer; the last one wakes the request."""
        self.answers[position] = answer
        self.missing -= 1
        if not self.missing and not self.done.done():
            self.done.set_result(None)


@dataclass(slots=True)
class Waiting:
    """One envelope in the queue."""

    sent: Sent
    request: Request
    position: int

    def settle(self, answer: Answer) -> None:
        """Pass the answer to the request."""
        self.request.settle(self.position, answer)


@dataclass
class Lane:
    """One connection that commits batch after batch."""

    count_answer: Callable[[Answer], None]
    queue: deque[Waiting] = field(default_factory=deque)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _connection: Connection | None = None
    _is_closing: bool = False

    def has_room(self, count: int) -> bool:
        """Say whether so many more envelopes may wait."""
        return not self._is_closing and len(self.queue) + count <= MOST_WAITING

    def add(self, waiting: Sequence[Waiting]) -> None:
        """Queue envelopes; call `has_room` first, without a pause between."""
        self.queue.extend(waiting)
        self._arrived.set()

    def close(self) -> None:
        """Take nothing more; `run` ends once all that waits is answered."""
        self._is_closing = True
        self._arrived.set()

    async def run(self) -> None:
        """Commit what waits until closed and empty."""
        while self.queue or not self._is_closing:
            if not self.queue:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            batch = self._next_batch()
            try:
                await self._commit(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, senders get an answer and the lane lives on
                await self._give_up(batch, error)
        if self._connection is not None:
            await self._connection.close()

    def _next_batch(self) -> list[Waiting]:
        """Take what waits; the same key or record again is left for the next, where it meets the first."""
        taken: list[Waiting] = []
        again: list[Waiting] = []
        seen: set[object] = set()
        while self.queue and len(taken) < LARGEST_BATCH:
            waiting = self.queue.popleft()
            sent = waiting.sent
            marks = ((sent.account_id, sent.key), sent.record_id)
            (again if any(mark in seen for mark in marks) else taken).append(waiting)
            seen.update(marks)
        self.queue.extendleft(reversed(again))
        return taken

    async def _commit(self, batch: list[Waiting]) -> None:
        """Store a batch; where the database refuses its data, halve it until the culprit stands alone."""
        if self._connection is None:
            self._connection = await connect("inbox lane", duty="accept_envelope", **PLAN)
        try:
            given = await _stored(self._connection, [waiting.sent for waiting in batch])
        except LOST:
            raise
        except psycopg.Error as error:
            log.warning("inbox_batch_refused", size=len(batch), error=type(error).__name__)
            if len(batch) == 1:
                self._settle(batch, [answers.WRONG_SHAPE])
                return
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])
            return
        self._settle(batch, given)

    def _settle(self, batch: list[Waiting], given: Sequence[Answer]) -> None:
        for waiting, answer in zip(batch, given, strict=True):
            self.count_answer(answer)
            waiting.settle(answer)

    async def _give_up(self, batch: list[Waiting], error: Exception) -> None:
        """Answer that the outcome is unknown: the sender's next try with the same key finds out."""
        log.warning("inbox_connection_lost", size=len(batch), error=type(error).__name__)
        connection, self._connection = self._connection, None
        unanswered = [waiting for waiting in batch if waiting.request.answers[waiting.position] is None]
        self._settle(unanswered, [answers.UNKNOWN_OUTCOME] * len(unanswered))
        if connection is not None:
            await connection.close()
        else:
            await asyncio.sleep(PAUSE_SECONDS)


async def _stored(connection: Connection, batch: list[Sent]) -> list[Answer]:
    """Store a batch in which no key and no record id is twice; return an answer to each."""
    hashes = lookup_many("envelope", [sent.whole for sent in batch])
    cursor = await connection.execute(store_statement(), columns_of(batch, hashes), prepare=True)
    row = await cursor.fetchone()
    allowed, stored = (set(row[0] or ()), set(row[1] or ())) if row else (set(), set())
    if len(stored) == len(batch):
        return [Answer(201, record_id=sent.record_id) for sent in batch]
    missing = [n for n in allowed if batch[n].record_id not in stored]
    known = await _known(connection, batch, hashes, missing) if missing else {}
    given = [
        answers.NOT_YOUR_PLACE if n not in allowed
        else known[n] if n in known
        else Answer(201, record_id=sent.record_id) if sent.record_id in stored
        else answers.BAD_RECORD_ID
        for n, sent in enumerate(batch)
    ]  # fmt: skip
    await _audit_refused(connection, batch, given)
    return given


async def _known(
    connection: Connection, batch: list[Sent], hashes: Sequence[bytes | None], missing: list[int]
) -> dict[int, Answer]:
    """Return the answers to those whose key was used before: the same again, or another body."""
    asked = {
        "n": missing,
        "account_id": [batch[n].account_id for n in missing],
        "key": [batch[n].key for n in missing],
    }
    cursor = await connection.execute(KNOWN, asked)
    found: dict[int, Answer] = {}
    for n, record_id, body_hash in await cursor.fetchall():
        is_same = bytes(body_hash) == hashes[n]
        found[n] = Answer(200, record_id=record_id) if is_same else answers.OTHER_BODY
    return found


async def _audit_refused(connection: Connection, batch: list[Sent], given: list[Answer]) -> None:
    tried = [
        (sent, answer)
        for sent, answer in zip(batch, given, strict=True)
        if answer in (answers.NOT_YOUR_PLACE, answers.BAD_RECORD_ID)
    ]
    if tried:
        names = ("account_id", "appointment_id", "source", "record_id")
        columns: dict[str, list[Any]] = {name: [getattr(sent, name) for sent, _ in tried] for name in names}
        columns["id"] = [new_id() for _ in tried]
        columns["why"] = [answer.code for _, answer in tried]
        await connection.execute(refused_statement(), columns)
