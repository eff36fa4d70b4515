"""A sender that never gives up: it keeps its own ledger of what was sent, acknowledged and refused."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from anlan.foundation.ids import new_id

CUT_SHARE, FOREIGN_SHARE, OTHER_BODY_SHARE = 0.15, 0.05, 0.03
FINAL = {201, 200, 403, 409, 422}


@dataclass
class Ledger:
    """What the senders know, by record id; it alone decides what must be in the database."""

    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    surprises: list[str] = field(default_factory=list)
    unknown_count: int = 0
    cut_count: int = 0
    busy_count: int = 0

    @property
    def settled(self) -> int:
        """Envelopes whose fate the senders know."""
        return len(self.acknowledged) + len(self.refused)


@dataclass
class Sender:
    """One sender with its token, its place and its share of the work."""

    port: int
    token: str
    own: str
    foreign: str
    ledger: Ledger
    random: Random
    source: str = "notes"

    async def send(self, count: int) -> None:
        """Send so many envelopes one after the other, each until its fate is known."""
        for number in range(count):
            is_foreign = self.random.random() < FOREIGN_SHARE
            envelope = {
                "key": str(new_id()),
                "record_id": str(new_id()),
                "area_code": self.foreign if is_foreign else self.own,
                "body": {"text": f"visit {number}"},
            }
            status = await self.until_known(envelope)
            if is_foreign:
                self.expect(status, {403}, envelope)
                self.ledger.refused.add(envelope["record_id"])  # type: ignore[arg-type]
                continue
            self.expect(status, {200, 201}, envelope)
            self.ledger.acknowledged[str(envelope["record_id"])] = envelope
            if self.random.random() < OTHER_BODY_SHARE:
                other = {**envelope, "body": {"text": "something else"}}
                self.expect(await self.until_known(other), {409}, other)

    def expect(self, status: int, wanted: set[int], envelope: dict[str, Any]) -> None:
        """Note an answer that should not be."""
        if status not in wanted:
            self.ledger.surprises.append(f"{status} instead of {sorted(wanted)} for {envelope}")

    async def until_known(self, envelope: dict[str, Any]) -> int:
        """Send, and send again with the same key, until an answer came that is final."""
        while True:
            is_cut = self.random.random() < CUT_SHARE
            try:
                async with asyncio.timeout(20):
                    status = await self._once(json.dumps(envelope).encode(), is_cut=is_cut)
            except (OSError, EOFError, TimeoutError, ValueError):
                status = 0
                self.ledger.unknown_count += 1
            if status in FINAL:
                return status
            if status:
                self.ledger.busy_count += 1
            await asyncio.sleep(0.02 + self.random.random() * 0.1)

    async def _once(self, raw: bytes, *, is_cut: bool) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            head = (
                f"POST /inbox/{self.source}/ HTTP/1.1\r\nHost: localhost\r\n"
                f"Authorization: Bearer {self.token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + raw)
            await writer.drain()
            first = await reader.readexactly(13)  # the answer is on its way: it was committed
            if is_cut:
                self.ledger.cut_count += 1
                return 0
            return int(first[9:12])
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
