"""Dirty workbooks as offices send them: every row is accounted for, whatever is killed on the way."""

import json
import os
import subprocess
import sys

import pytest

from anlan.foundation.postgres import OWNER, Server, dsn
from tests.faults.house import ROOT
from tests.proof import Proof

TEST_ROWS, ACCEPTANCE_ROWS = 100, 10_000
SMALL_CHUNKS = "20"  # rows of a chunk in a test, so that there is a middle to be killed in


@pytest.mark.proof(test=4, prove=200)
def test_rows_in_are_rows_out_and_a_kill_or_a_second_time_changes_nothing(
    durable_server: Server, proof: Proof
) -> None:
    size = ACCEPTANCE_ROWS if proof.is_accepting else TEST_ROWS
    environment = environment_of(durable_server)
    if not proof.is_accepting:
        environment["TEST_CHUNK_ROWS"] = SMALL_CHUNKS
    told("anlan.wiring.commands", "migrate", "--verbosity=0", environment=environment)

    words = (str(proof.seed), str(proof.size), str(size))
    found = json.loads(told("tests.exchange.dirty_run", *words, environment=environment).splitlines()[-1])

    proof.figures.update({key: found[key] for key in ("rows", "kills", "outcomes")})
    assert found["wrong"] == [], found["wrong"][:20]
    assert found["rows"] >= proof.size * size
    assert found["kills"] >= proof.size


def environment_of(server: Server) -> dict[str, str]:
    """What a program needs to know to work in a database of its own."""
    reach = dsn(server.folder)
    url = f"postgresql://anlan_app@localhost:{reach['PORT']}/{reach['NAME']}?host={reach['HOST']}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "OWNER_DATABASE_URL": url.replace("anlan_app", OWNER),
        "ANLAN_DATA_DIR": str(server.folder),
        "DJANGO_SETTINGS_MODULE": "anlan.wiring.settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }


def told(program: str, *words: str, environment: dict[str, str]) -> str:
    """Run a program to its end, which must be good; return what it said."""
    asked = [sys.executable, "-m", program, *words]
    run = subprocess.run(asked, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return run.stdout
