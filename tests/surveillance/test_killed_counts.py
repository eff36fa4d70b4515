"""Reports and counts through the inbox while web, worker and PostgreSQL are killed: nothing differs after."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from anlan.foundation.clock import day_of, utc_now
from tests.faults.house import House
from tests.faults.kinds import draw_victims, kill_in_turn
from tests.faults.ledger import Entry, Ledger
from tests.faults.loader import Post
from tests.faults.proxy import Mode, Proxy
from tests.migrated import begin_with_tables
from tests.proof import Proof
from tests.surveillance.telling import Cell, Message, Teller, in_another_order, told_by, totals_of

FEWEST_KILLS, ENVELOPES_A_KILL = 4, 40
CUT_SHARE = 0.15  # of the answers
REACH = 6  # how far from its place a message may be told the second time
FATES = {"applied": {200, 201}, "review": {200, 201}, "refused": {403}}
# Everything that came of what was told; town, posts, pack and credentials stay.
FORGET = "TRUNCATE foundation_envelope, foundation_fact, foundation_consequencedone, {} CASCADE"
# What all sources showed at one moment (the fused rules) is a dated note: decision 0031.
SIGNALS = """
    SELECT s.matter, s.condition, s.place_kind, s.place_key, s.place_name, s.area_code, s.state, s.urgency,
           s.case_count, s.first_on, s.last_on, s.places, s.counted_at, s.receives,
           ARRAY(SELECT unnest(s.report_ids) ORDER BY 1),
           (SELECT array_agg((r.rule, r.place, r.count, r.first_on, r.words_zh)::text ORDER BY r.rule)
            FROM surveillance_signalreason r WHERE r.signal_id = s.id AND r.rule NOT LIKE '%_fused')
    FROM surveillance_signal s WHERE s.state NOT IN ('joined', 'closed', 'excluded') ORDER BY 1, 3, 4
"""
TOTALS = """
    SELECT indicator, area_code, CASE WHEN indicator LIKE 'reported%' THEN '' ELSE "on"::text END, sum(count)
    FROM surveillance_dailycount GROUP BY 1, 2, 3
"""
BY_ROWS = TOTALS.replace("surveillance_dailycount", "surveillance_counted")
SHEETS = """
    SELECT facility_id::text, "on"::text, sum(l.count)::int FROM health_countsheet s
    LEFT JOIN health_countline l ON l.sheet_id = s.id GROUP BY 1, 2
"""


@pytest.mark.proof(test=40, prove=600)
def test_totals_equal_rows_and_signals_stand_whatever_is_killed(proof: Proof, short_folder: Path) -> None:
    house = House(
        short_folder / "data",
        ports="tests.faults.ports.WITHOUT_CLOCK",
        town="tests.surveillance.killed_district",
    )
    begin_with_tables(house.folder)
    kills = max(FEWEST_KILLS, proof.size // ENVELOPES_A_KILL)
    try:
        tellers = [Teller(**one) for one in house.prepare()]
        told = _all_told(tellers, proof)
        disturbed = _tell(house, told, proof, draw_victims(kills, proof.random))
        signals = _check(house, told)
        _forget(house)
        undisturbed = _tell(house, _in_another_order(told, proof), proof, [])
        assert _check(house, told) == signals
    finally:
        house.stop()

    assert disturbed.settled_count == undisturbed.settled_count == proof.size
    assert signals, "what was told was to raise something"
    fates = Counter(one.fate for messages in told.values() for one in messages)
    answered = disturbed.answered
    proof.figures.update(fates, signals=len(signals), unanswered=answered[0], busy=answered[503], kills=kills)


def _all_told(tellers: Sequence[Teller], proof: Proof) -> dict[Teller, list[Message]]:
    share, rest = divmod(proof.size, len(tellers))
    today = day_of(utc_now())
    return {
        one: told_by(one, share + (number < rest), Random(f"{proof.seed} {number}"), today)
        for number, one in enumerate(tellers)
    }


def _in_another_order(told: dict[Teller, list[Message]], proof: Proof) -> dict[Teller, list[Message]]:
    random = Random(f"{proof.seed} another order")
    others = {one: in_another_order(messages, random, REACH) for one, messages in told.items()}
    return dict(random.sample(list(others.items()), len(others)))


def _tell(house: House, told: dict[Teller, list[Message]], proof: Proof, victims: Sequence[str]) -> Ledger:
    """Let everybody tell at once, each one message after the other, until the worker is through."""
    name = "disturbed" if victims else "undisturbed"

    async def tell(ledger: Ledger) -> None:
        async with Proxy(house.port, proof.random, Mode.ANSWER_CUT, CUT_SHARE) as proxy:
            everybody = [
                _tell_all(Post(proxy.port, ledger, Random(f"{proof.seed} {teller.handle}")), teller, messages)
                for teller, messages in told.items()
            ]
            killing = asyncio.to_thread(
                kill_in_turn, house, victims, proof.size, lambda: ledger.settled_count, proof.random
            )
            await asyncio.gather(*everybody, killing)

    with contextlib.closing(Ledger(house.folder.parent / f"{name}.jsonl")) as ledger:
        asyncio.run(tell(ledger))
    house.wait_until_drained("foundation_envelope", "foundation_fact")
    return ledger


async def _tell_all(post: Post, teller: Teller, messages: Sequence[Message]) -> None:
    for one in messages:
        entry = Entry(one.fate, teller.handle, one.source, **one.envelope)
        post.ledger.note(entry)
        assert await post.until_known(entry, teller.tokens[one.source]) in FATES[one.fate], entry


def _check(house: House, told: dict[Teller, list[Message]]) -> list[tuple[Any, ...]]:
    """Compare what stands with what was told, and return the signals."""
    everything = [one for messages in told.values() for one in messages]
    stored = house.rows("SELECT record_id::text, source, state FROM foundation_envelope")
    assert sorted(stored) == sorted(
        (one.envelope["record_id"], one.source, one.fate) for one in everything if one.fate != "refused"
    )
    assert house.rows("SELECT name, problem FROM foundation_fact WHERE state != 'done'") == []
    applied = [one for one in everything if one.fate == "applied"]
    reports = [one.envelope["record_id"] for one in applied if one.source == "case-reports"]
    assert sorted(house.rows("SELECT id::text FROM health_casereport")) == sorted((one,) for one in reports)
    assert sorted(house.rows(SHEETS)) == sorted(_last_sheets(applied))
    expected = totals_of(everything)
    assert _totals(house, TOTALS) == _totals(house, BY_ROWS) == expected
    assert "相符 agrees" in house.run("anlan.wiring.commands", "rebuild_counts", "--check")
    return house.rows(SIGNALS)


def _last_sheets(applied: Sequence[Message]) -> list[tuple[str, str, int]]:
    """Return of every unit and day what its last sheet adds up to, all items together."""
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for one in applied:
        body = one.envelope["body"]
        if one.source == "counts" and (
            "expected_version" in body or (body["facility_id"], body["on"]) not in last
        ):
            last[body["facility_id"], body["on"]] = body
    return [(*key, sum(line["count"] for line in body["lines"])) for key, body in last.items()]


def _totals(house: House, query: str) -> dict[Cell, int]:
    return {(indicator, area, on): int(count) for indicator, area, on, count in house.rows(query)}


def _forget(house: House) -> None:
    """Let the house forget all it was told."""
    apps = ("health", "surveillance", "workorders", "response")
    wanted = " OR ".join(f"tablename LIKE '{app}\\_%'" for app in apps)
    tables = [name for (name,) in house.rows(f"SELECT tablename FROM pg_tables WHERE {wanted}")]
    house.rows(FORGET.format(", ".join(sorted(tables))))
