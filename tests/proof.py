"""Proofs: tests with two sizes, one for every run and one for acceptance; seeded, resumable, written down.

    @pytest.mark.proof(test=20, prove=1000)
    def test_every_edit_of_a_sealed_row_is_found(proof: Proof) -> None:
        for step in proof.steps():
            row = step.random.choice(rows)
            ...
        proof.figures["edits found"] = ...

`make test` runs it with 20 steps, `make prove` with 1,000; with test=0 it is left to `make prove`. A run that
was cut short goes on after its last finished step as long as the source is the same. Results go to
docs/proof/<date>.json.
"""

import json
import os
import platform
import subprocess
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = ROOT / "docs" / "proof"
SAVE_SECONDS = 2.0


@dataclass(frozen=True)
class Step:
    """One of a proof's repetitions, with randomness of its own that never changes."""

    number: int
    random: Random


@dataclass
class Proof:
    """What a proof has to do and has done."""

    name: str
    size: int
    record: "Record | None" = None
    figures: dict[str, Any] = field(default_factory=dict)
    done: int = 0

    @property
    def seed(self) -> int:
        """The same for the same proof, always; PROOF_SEED gives another."""
        own = os.environ.get("PROOF_SEED") or self.name
        return int.from_bytes(sha256(own.encode()).digest()[:4], "big")

    @property
    def is_accepting(self) -> bool:
        """Whether this is `make prove`."""
        return self.record is not None

    @property
    def random(self) -> Random:
        """Fresh randomness for a proof that has no steps."""
        return Random(self.seed)

    def steps(self) -> Iterator[Step]:
        """Yield the steps that are still to be done; each counts when the next is asked for."""
        saved_at = time.monotonic()
        for number in range(self.done, self.size):
            yield Step(number, Random(f"{self.seed}/{number}"))
            self.done = number + 1
            if self.record is not None and (
                time.monotonic() - saved_at > SAVE_SECONDS or self.done == self.size
            ):
                saved_at = time.monotonic()
                self.record.note(self, "under way")


class Record:
    """The state of a `make prove`, kept beside the data so that the next one goes on from it.

    On another machine it goes on from what was written down of the same source.
    """

    def __init__(self, folder: Path, source: str, written: Path | None = None) -> None:
        self.path, self.source = folder / f"{source}.json", source
        self.proofs: dict[str, dict[str, Any]] = {}
        if self.path.exists():
            self.proofs = json.loads(self.path.read_text())
            return
        for result in sorted(written.glob("*.json")) if written else ():
            known = json.loads(result.read_text())["proofs"]
            self.proofs |= {name: facts for name, facts in known.items() if facts.get("source") == source}

    def note(self, proof: Proof, outcome: str, seconds: float = 0.0) -> None:
        """Keep how far a proof is."""
        before = self.proofs.get(proof.name, {})
        self.proofs[proof.name] = {
            "size": proof.size,
            "seed": proof.seed,
            "done": proof.done,
            "outcome": outcome,
            "seconds": round(before.get("seconds", 0.0) + seconds, 1),
            "figures": proof.figures,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        half = self.path.with_suffix(".half")
        half.write_text(json.dumps(self.proofs, ensure_ascii=False))
        half.replace(self.path)

    def resume(self, proof: Proof) -> bool:
        """Set a proof to where the last run left it; return whether it is proved already."""
        before = self.proofs.get(proof.name)
        if before is None or before["size"] != proof.size or before["seed"] != proof.seed:
            return False
        if before["outcome"] == "failed":
            self.proofs.pop(proof.name)
            return False
        proof.done, proof.figures = before["done"], before["figures"]
        return bool(before["outcome"] == "proved")


def source_digest() -> str:
    """Name the source as it is now: another source starts its proofs anew."""
    files = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    found = sha256()
    for name in sorted(files):
        path = ROOT / name
        if name and not name.startswith("docs/") and path.is_file():
            found.update(f"{name}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def write_down(record: Record, folder: Path, today: str) -> Path:
    """Write the results into docs/proof/<date>.json, beside those of other proofs of the same day."""
    path = folder / f"{today}.json"
    known = json.loads(path.read_text())["proofs"] if path.exists() else {}
    commit = _git("rev-parse", "--short", "HEAD").strip() + (
        "+" if _git("status", "--porcelain").strip() else ""
    )
    told = {"commit": commit, "source": record.source}
    known.update({name: {**facts, **told} for name, facts in record.proofs.items()})
    machine = {
        "processors": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    result = {"date": today, "machine": machine, "proofs": dict(sorted(known.items()))}
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    return path


def _git(*arguments: str) -> str:
    told = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout


class Proving:
    """The part of a test run that has to do with proofs."""

    def __init__(self, config: pytest.Config) -> None:
        self.proving: bool = config.getoption("--prove")
        self.record = Record(ROOT / "var" / "prove", source_digest(), WRITTEN) if self.proving else None

    def size_of(self, item: pytest.Item) -> int | None:
        """Return a proof's size in this run; None for what is no proof."""
        marker = item.get_closest_marker("proof")
        return marker.kwargs["prove" if self.proving else "test"] if marker else None

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out, and let pytest say so, what has no size in this run."""
        left_out = [item for item in items if self.size_of(item) == 0]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]

    @pytest.fixture
    def proof(self, request: pytest.FixtureRequest) -> Proof:
        """The size, seed and progress of the proof that asks."""
        size = self.size_of(request.node)
        if size is None:
            raise pytest.UsageError(f"{request.node.nodeid} needs @pytest.mark.proof(test=…, prove=…)")
        proof = Proof(request.node.nodeid, size, self.record)
        if self.record is not None and self.record.resume(proof):
            pytest.skip("proved before, with this source")
        request.node.stash[PROOF] = proof
        return proof

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note the outcome of each proof as it ends."""
        report = yield
        proof = item.stash.get(PROOF, None)
        if proof is not None and self.record is not None and call.when == "call":
            self.record.note(proof, "proved" if report.passed else "failed", call.duration)
        return report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the results down and show them."""
        if self.record is None or not self.record.proofs:
            return
        path = write_down(self.record, WRITTEN, f"{datetime.now(UTC).astimezone():%Y-%m-%d}")
        for name, facts in self.record.proofs.items():
            terminalreporter.write_line(
                f"{facts['outcome']:<10} {facts['done'] or facts['size']:>7} of {facts['size']:<7} "
                f"{facts['seconds']:>8} s  {name}  {facts['figures'] or ''}"
            )
        terminalreporter.write_line(f"written to {path.relative_to(ROOT)}")


PROOF = pytest.StashKey[Proof]()
