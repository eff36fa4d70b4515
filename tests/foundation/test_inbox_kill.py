"""Nothing acknowledged is lost, nothing is there twice, nothing refused is there: whatever is killed."""

import asyncio
import time
from pathlib import Path
from random import Random

import pytest

from anlan.foundation.postgres import Server
from tests.foundation.killed_house import KilledHouse
from tests.foundation.stubborn_sender import Ledger, Sender
from tests.proof import Proof

VICTIMS = ("web", "worker", "postgres", "backend")
ENVELOPES_A_KILL = 250
FEWEST_KILLS = 8
DRAINING_SECONDS = 300  # a limit for a worker that hangs, not a timing


@pytest.mark.proof(test=400, prove=20_000)
def test_every_acknowledged_envelope_is_there_once_and_no_refused_one(
    proof: Proof, durable_server: Server, short_folder: Path
) -> None:
    house = KilledHouse(durable_server)
    senders = house.prepare()
    ledger = Ledger()
    keeper = house.start()
    try:
        asyncio.run(_send_and_kill(house, senders, ledger, proof))
        _wait_until_drained(house)
        stored = house.rows("SELECT record_id::text, key, area_code, state FROM foundation_envelope")
        notes = house.rows("SELECT id::text, area_code, new FROM foundation_fieldchange")
    finally:
        house.end(keeper)

    sent = ledger.acknowledged
    assert ledger.surprises == []
    assert sorted(stored) == sorted(
        (record_id, one["key"], one["area_code"], "applied") for record_id, one in sent.items()
    )
    assert sorted(notes) == sorted(
        (record_id, one["area_code"], one["body"]["text"]) for record_id, one in sent.items()
    )
    assert ledger.settled == proof.size
    proof.figures.update(
        acknowledged=len(sent), refused=len(ledger.refused), answers_cut=ledger.cut_count,
        unknown=ledger.unknown_count, busy=ledger.busy_count, kills=dict(house.kills),
    )  # fmt: skip


async def _send_and_kill(
    house: KilledHouse, senders: list[dict[str, str]], ledger: Ledger, proof: Proof
) -> None:
    """Let all senders send; kill somebody each time so many fates are known, everybody at least twice."""
    random = proof.random
    share, rest = divmod(proof.size, len(senders))
    tasks = [
        asyncio.create_task(
            Sender(house.port, **one, ledger=ledger, random=Random(f"{proof.seed} {number}")).send(
                share + (number < rest)
            )
        )
        for number, one in enumerate(senders)
    ]
    kills = max(FEWEST_KILLS, proof.size // ENVELOPES_A_KILL)
    victims = [*VICTIMS * 2, *(random.choice(VICTIMS) for _ in range(kills - 2 * len(VICTIMS)))]
    random.shuffle(victims)
    moments = sorted(random.randrange(proof.size) for _ in victims)
    for moment, victim in zip(moments, victims, strict=True):
        while ledger.settled < moment and not all(task.done() for task in tasks):
            await asyncio.sleep(0.005)
        await asyncio.to_thread(house.kill, victim)
        await asyncio.sleep(random.random() * 0.3)
    await asyncio.gather(*tasks)


def _wait_until_drained(house: KilledHouse) -> None:
    deadline = time.monotonic() + DRAINING_SECONDS
    while house.rows("SELECT count(*) FROM foundation_envelope WHERE state = 'waiting'")[0][0]:
        assert time.monotonic() < deadline, "the worker does not get through"
        time.sleep(0.2)
