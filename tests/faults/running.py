"""One run: load, a fault at a drawn moment, time to settle, the check, and how long recovery took."""

import asyncio
import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.checker import check
from tests.faults.house import PATIENCE_SECONDS, House, under_faketime
from tests.faults.kinds import CLOCKS_OFF, KINDS, Scene, small_disk
from tests.faults.ledger import Ledger
from tests.faults.loader import Post, Work, senders_of
from tests.faults.proxy import Proxy
from tests.migrated import begin_with_tables

QUEUES = ("foundation_envelope", "foundation_fact")
BEGINS = (0.1, 0.7)  # share of the envelopes after which the fault begins


@dataclass
class Standing:
    """A house that runs, and who sends to it; its ledger goes on from run to run."""

    house: House
    senders: list[dict[str, Any]]

    @property
    def tokens(self) -> dict[tuple[str, str], str]:
        """The token of every account and source."""
        every = [(one["account"], one["tokens"]) for one in self.senders]
        return {(account, source): token for account, given in every for source, token in given.items()}

    def ledger(self) -> Ledger:
        """Open the ledger, beside the house and not in it."""
        return Ledger(self.house.folder.parent / "ledger.jsonl")

    def disagreements(self, random: Random) -> list[str]:
        """Wait until the house is whole; return where it and the senders do not say the same."""
        self.house.until(self.house.is_whole, "the house is not whole again")
        with contextlib.closing(self.ledger()) as ledger:
            return check(self.house, Post(self.house.port, ledger, random), self.tokens)


@contextlib.contextmanager
def standing(folder: Path, *kinds: str, with_tables: bool = False) -> Iterator[Standing]:
    """Run a house that these kinds of fault may come over. Raises NotRun where one cannot."""
    with contextlib.ExitStack() as after:
        if "clock_off" in kinds:
            under_faketime(CLOCKS_OFF[0])  # asked for before anything is started
        data = folder / "data"
        data.mkdir()
        if "disk_full" in kinds:
            after.enter_context(small_disk(data))
        if with_tables:
            begin_with_tables(data)
        house = House(data)
        after.callback(house.stop)
        yield Standing(house, house.prepare())


def go_through(at: Standing, kind: str, size: int, random: Random, number: int) -> dict[str, Any]:
    """Send so many envelopes while the fault comes over the house; return the figures once it is through."""
    began = time.monotonic()
    with contextlib.closing(at.ledger()) as ledger:
        notes, ended = asyncio.run(_under_load(at, kind, size, ledger, random=random, number=number))
        for queue in QUEUES:
            at.house.wait_until_drained(queue)
    now = time.monotonic()
    first = ledger.first_stored_after(ended)
    return {
        "acknowledged": ledger.stored_count,
        "refused": ledger.answered[403] + ledger.answered[409],
        "unanswered": ledger.answered[0],
        "told to come again": sum(ledger.answered[status] for status in (408, 429, 503)),
        "first stored after s": round(first - ended, 2) if first else None,
        "queue empty after s": round(now - ended, 1),
        "longest silence s": round(ledger.longest_silence(), 1),
        "seconds": round(now - began),
        "load": round(os.getloadavg()[0], 1),
        **notes,
    }


async def _under_load(
    at: Standing, kind: str, size: int, ledger: Ledger, *, random: Random, number: int
) -> tuple[dict[str, object], float]:
    """Send and harm; return what the fault noted, and when it was over."""
    work = Work.of(size)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    async with Proxy(at.house.port, random) as proxy:
        post = Post(proxy.port, ledger, random)
        sending = [asyncio.create_task(one.send(work)) for one in senders_of(at.senders, post, yesterday)]
        moment = random.uniform(*BEGINS) * size
        while ledger.settled_count < moment:
            await asyncio.sleep(0.005)
            _raise_what_failed(sending)
        own = Random(random.random())
        scene = Scene(at.house, proxy, own, number, size, lambda: ledger.settled_count)
        await asyncio.to_thread(KINDS[kind], scene)
        ended = time.monotonic()
        work.end_fault()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.gather(*sending)
        except TimeoutError:
            raise AssertionError(f"senders get no final answers: {at.house.last_words()}") from None
    return scene.notes, ended


def _raise_what_failed(sending: list[asyncio.Task[None]]) -> None:
    for one in sending:
        if one.done():
            one.result()
