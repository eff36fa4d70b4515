"""Many senders in parallel, each of which sends again with the same key until the fate is known."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from tests.faults.ledger import FOREIGN, OTHER_BODY, STORED, UNDECIDED, Entry, Ledger

NOTES, REPORTS = "notes", "case-reports"
CONDITIONS = ("norovirus", "influenza", "measles", "varicella", "typhoid", "rabies")
REPORT_SHARE, FOREIGN_SHARE, OTHER_BODY_SHARE = 0.05, 0.05, 0.03
ANSWER_SECONDS = 40  # so long a sender waits for an answer
ANEW_SECONDS = (0.2, 0.8)  # between two tries where no answer named a time
TRICKLE_SECONDS = 0.5  # between two envelopes of a sender that has sent its share, while the fault lasts
AFTERWARDS = 0.1  # share of the envelopes that is sent when the fault is over
SENDERS_AT_ONCE = 48


@dataclass
class Work:
    """How many envelopes are still to be sent; while the fault lasts it never quite ends."""

    left: int
    afterwards: int
    is_over: bool = False

    @classmethod
    def of(cls, size: int) -> "Work":
        """Keep a part for the time after the fault."""
        afterwards = max(1, round(size * AFTERWARDS))
        return cls(size - afterwards, afterwards)

    def end_fault(self) -> None:
        """Give out the rest."""
        self.left, self.is_over = self.left + self.afterwards, True

    async def take(self) -> bool:
        """Say whether one more is to be sent, slowly where only the fault is waited for."""
        if self.left <= 0 and not self.is_over:
            await asyncio.sleep(TRICKLE_SECONDS)
            if self.left <= 0:
                return not self.is_over
        self.left -= 1
        return self.left >= 0


@dataclass
class Post:
    """Reaches the inbox, once or until an answer is final."""

    port: int
    ledger: Ledger
    random: Random

    async def until_known(self, entry: Entry, token: str) -> int:
        """Send, and send again with the same key, until an answer came that is final; return its status."""
        while True:
            status, record_id, wait_seconds = await self.once(entry, token)
            self.ledger.answer(entry, status, record_id)
            if status not in UNDECIDED:
                return status
            await asyncio.sleep(wait_seconds or self.random.uniform(*ANEW_SECONDS))

    async def once(self, entry: Entry, token: str) -> tuple[int, str, float]:
        """Return status, id and the wait that was asked for; no whole answer is status 0."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                head, body = await self._ask(entry.source, token, entry.raw)
        except (OSError, EOFError, TimeoutError):
            return 0, "", 0.0
        wait = head.lower().partition("retry-after:")[2].partition("\r\n")[0]
        status = int(head[9:12])
        return status, str(json.loads(body).get("id", "")) if status < 300 else "", float(wait or 0)

    async def _ask(self, source: str, token: str, raw: bytes) -> tuple[str, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            head = (
                f"POST /inbox/{source}/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + raw)
            await writer.drain()
            told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = int(told.lower().partition("content-length:")[2].partition("\r\n")[0])
            return told, await reader.readexactly(length)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@dataclass
class Sender:
    """Somebody who sends notes, now and then a case report, and sometimes what must be refused."""

    account: str
    own: str
    foreign: str
    tokens: dict[str, str]
    post: Post
    today: date

    async def send(self, work: Work) -> None:
        """Send one envelope after the other as long as there is work."""
        random = self.post.random
        while await work.take():
            source = REPORTS if random.random() < REPORT_SHARE else NOTES
            wanted = FOREIGN if random.random() < FOREIGN_SHARE else STORED
            place = self.foreign if wanted == FOREIGN else self.own
            key, record_id = _new_id(random), _new_id(random)
            await self._deliver(wanted, source, key, record_id, place)
            if wanted == STORED and random.random() < OTHER_BODY_SHARE:
                await self._deliver(OTHER_BODY, source, key, record_id, place)

    async def _deliver(self, wanted: str, source: str, key: str, record_id: str, place: str) -> None:
        entry = Entry(wanted, self.account, source, key, record_id, place, self._body(source))
        self.post.ledger.note(entry)
        await self.post.until_known(entry, self.tokens[source])

    def _body(self, source: str) -> dict[str, Any]:
        mark = self.post.random.randbytes(6).hex()
        if source == NOTES:
            return {"text": f"visit {mark}"}
        condition = self.post.random.choice(CONDITIONS)
        return {"condition": condition, "onset_on": self.today.isoformat(), "note": f"told {mark}"}


def senders_of(told: Sequence[dict[str, Any]], post: Post, today: date) -> list[Sender]:
    """Return the senders at work: the same account through several hands."""
    return [Sender(**told[n % len(told)], post=post, today=today) for n in range(SENDERS_AT_ONCE)]


def _new_id(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))
