"""Envelopes accepted a second: sender check, validation, encryption, idempotency and rights included.

Ceilings of the same run: pgbench (of the same binaries) inserting the same row with as many clients, and an
endpoint of the same server that answers without doing anything. fsync and synchronous_commit are on.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import django

from anlan.foundation.postgres import Server, dsn
from anlan.foundation.postgres.binaries import choose_binaries
from bench.figure import Figure
from bench.house import FOLDER, server

CLIENTS = 64
SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
ROUNDS = 2  # each figure is measured so often, in turns, so that a busy moment does not hit one alone
GOAL, BATCH_GOAL = 0.4, 2.0  # issue A
BATCH = 50
PORT = 8651
GRID = "330198001001001"
SOURCE = "case-reports"
BODY = {"condition": "fever", "symptoms": ["fever", "cough"], "onset_on": "2026-11-20", "note": "x" * 40}
INSERT = """INSERT INTO foundation_envelope (source, key, record_id, account_id, appointment_id, post_id,
 area_code, body, body_hash, device_at, device_implausible, state, tries, problem) VALUES ('bench',
 gen_random_uuid()::text, {uuid}(), gen_random_uuid(), '{some}', '{some}', '{grid}',
 decode(repeat('5a', {size}), 'hex'),
 decode(repeat('5a', 16), 'hex'), NULL, false, 'waiting', 0, '');
"""


def main() -> Iterator[Figure]:
    """Measure, in turns: the empty endpoint, pgbench, one envelope a request, batches of fifty."""
    with server(FOLDER / "inbox") as running:
        os.environ["ANLAN_DATA_DIR"] = str(running.folder)
        command = [sys.executable, "-m", "anlan.wiring.commands", "migrate", "--verbosity=0"]
        subprocess.run(command, check=True)
        django.setup()
        tokens = make_senders()
        measured: dict[str, list[float]] = {}
        notes: dict[str, Any] = {}
        for _ in range(ROUNDS):
            with web("bench.empty"):
                told = load({"path": "/", "tokens": tokens, "batch": 0})
                measured.setdefault("empty", []).append(told["a_second"])
            measured.setdefault("pgbench", []).append(pgbench(running))
            with web("anlan.wiring.web"):
                for name, batch in (("single", 1), ("batch", BATCH)):
                    notes[name] = told = load(plan(tokens, batch))
                    measured.setdefault(name, []).append(told["answers"].get("201", 0) / SECONDS)
            print(f"  {json.dumps(notes)}", flush=True)
        figures = {name: sum(values) / len(values) for name, values in measured.items()}
        check_stored(measured)
    single = figures["single"]
    yield Figure("envelopes accepted, one a request", single, figures["pgbench"], "/s",
                 f"pgbench, {CLIENTS} clients, same row", at_least=GOAL)  # fmt: skip
    yield Figure("envelopes accepted, one a request", single, figures["empty"], "/s", "empty endpoint")
    yield Figure(f"rows accepted in batches of {BATCH}", figures["batch"], single, "/s",
                 "one a request", at_least=BATCH_GOAL)  # fmt: skip


def plan(tokens: list[str], batch: int) -> dict[str, Any]:
    """What the clients send."""
    return {"path": f"/inbox/{SOURCE}/", "tokens": tokens, "batch": batch, "area_code": GRID, "body": BODY}


def load(plan: dict[str, Any]) -> dict[str, Any]:
    """Run the load generator in its own process; return what it measured."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"port": PORT, "seconds": SECONDS, **plan}, file)
        file.flush()
        told = subprocess.run(
            [sys.executable, "-m", "bench.load", file.name], check=True, capture_output=True, text=True
        )
    found: dict[str, Any] = json.loads(told.stdout)
    return found


@contextmanager
def web(module: str) -> Iterator[None]:
    """Run a server while the block runs."""
    process = subprocess.Popen([sys.executable, "-m", module, "--port", str(PORT)], env=dict(os.environ))
    try:
        deadline = time.monotonic() + 60
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{module} does not answer")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def answers() -> bool:
    """Say whether the server answers anything at all."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def pgbench(running: Server) -> float:
    """Return the single-row commits a second that pgbench makes, prepared, with as many clients."""
    reach = dsn(running.folder)
    binaries = choose_binaries(running.account())
    script = running.folder / "insert.sql"
    text = INSERT.format(
        uuid="uuidv7" if binaries.major >= 18 else "gen_random_uuid", some="0" * 32, grid=GRID, size=160
    )
    script.write_text(text.replace("\n", " ").strip() + "\n")
    command = [str(binaries.folder / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
    command += ["-T", f"{SECONDS:.0f}", "-f", str(script), "-h", reach["HOST"], "-p", reach["PORT"]]
    told = subprocess.run(
        [*command, "-U", reach["USER"], reach["NAME"]],
        env={**os.environ, "PGOPTIONS": """-c anlan.scope={["","~")}"""},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([\d.]+)", told.stdout)
    assert found is not None, told.stdout
    return float(found.group(1))


def make_senders() -> list[str]:
    """Make a grid with as many workers as clients, each with a credential; return the tokens."""
    from django.db import transaction

    from anlan.foundation.clock import utc_now
    from anlan.foundation.models import InboxCredential
    from anlan.organisation.models import Appointment, Area, Member, Post, PostRange
    from anlan.organisation.rules import level_of, parent_of

    since = utc_now() - timedelta(days=1)
    tokens = [f"bench token {number} {time.time_ns()}" for number in range(CLIENTS)]
    with transaction.atomic():
        if not Area.objects.filter(code=GRID).exists():
            Area.objects.create(
                code=GRID, parent_code=parent_of(GRID), level=level_of(GRID), name="量", starts_at=since
            )
        for token in tokens:
            member = Member.objects.create(name="量", area_code=GRID)
            post = Post.objects.create(role="grid_worker", title="量", area_code=GRID, starts_at=since)
            PostRange.objects.create(post=post, code=GRID)
            held = Appointment.objects.create(post=post, member=member, starts_at=since)
            InboxCredential.objects.create(
                source=SOURCE,
                appointment_id=held.pk,
                token_hash=sha256(token.encode()).digest(),
                starts_at=since,
            )
    return tokens


def check_stored(measured: dict[str, list[float]]) -> None:
    """Count what is stored: no fewer than were answered 201. Then empty the table for the next run."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM foundation_envelope WHERE source = %s", [SOURCE])
        stored = cursor.fetchone()[0]
        accepted = sum(measured["single"] + measured["batch"]) * SECONDS
        print(f"  answered 201: {accepted:,.0f}; stored: {stored:,}", flush=True)
        if stored < round(accepted):
            raise RuntimeError("fewer stored than accepted")
        cursor.execute("TRUNCATE foundation_envelope")
    connections.close_all()
