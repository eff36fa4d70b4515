"""Nothing acknowledged is lost, nothing is there twice, nothing refused is there: whatever is killed."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from anlan.foundation.postgres import Server
from tests.foundation.killed_house import FEWEST_KILLS, KilledHouse
from tests.foundation.stubborn_sender import Ledger, Sender
from tests.proof import Proof

ENVELOPES_A_KILL = 250


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
        house.wait_until_drained("foundation_envelope")
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
    """Let all senders send while somebody is killed again and again."""
    share, rest = divmod(proof.size, len(senders))
    sending = [
        Sender(house.port, **one, ledger=ledger, random=Random(f"{proof.seed} {number}")).send(
            share + (number < rest)
        )
        for number, one in enumerate(senders)
    ]
    kills = max(FEWEST_KILLS, proof.size // ENVELOPES_A_KILL)
    await asyncio.gather(*sending, house.kill_at_random(ledger, proof.size, kills, proof.random))
