"""Dirty workbooks as offices send them: every row is accounted for, whatever is killed on the way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from anlan.foundation.postgres import ensure_cluster
from tests.faults.house import ROOT, House
from tests.migrated import begin_with_tables
from tests.proof import Proof

TEST_ROWS, ACCEPTANCE_ROWS = 100, 10_000
SMALL_CHUNKS = "20"  # rows of a chunk in a test, so that there is a middle to be killed in


@pytest.fixture
def house(short_folder: Path) -> Iterator[House]:
    """A house with tables and nothing else, whose database keeps what it acknowledged (fsync on)."""
    begin_with_tables(short_folder)
    server = ensure_cluster(short_folder)
    server.start()
    yield House(short_folder)
    server.stop()


@pytest.mark.proof(test=4, prove=200)
def test_rows_in_are_rows_out_and_a_kill_or_a_second_time_changes_nothing(house: House, proof: Proof) -> None:
    size = str(ACCEPTANCE_ROWS if proof.is_accepting else TEST_ROWS)
    environment = house.environment() | ({} if proof.is_accepting else {"TEST_CHUNK_ROWS": SMALL_CHUNKS})

    numbers = (str(number) for number in (proof.seed, proof.done, proof.size))
    asked = [sys.executable, "-m", "tests.exchange.dirty_run", *numbers, size]
    with subprocess.Popen(asked, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for step in proof.steps():
            found = json.loads(run.stdout.readline())
            assert found["wrong"] == [], (step.number, found["wrong"][:20])
            assert found["rows"] >= int(size)
            assert found["kills"]
            for name in ("rows", "kills"):
                proof.figures[name] = proof.figures.get(name, 0) + found[name]
            outcomes = proof.figures.setdefault("outcomes", {})
            outcomes.update({one: outcomes.get(one, 0) + count for one, count in found["outcomes"].items()})
