"""Proofs are seeded, go on where they were cut short, and are written down."""

import json
from pathlib import Path

import pytest

from tests.proof import Proof, Record, write_down


def test_a_proof_draws_the_same_each_time() -> None:
    draws = [[step.random.random() for step in Proof("a", 5).steps()] for _ in range(2)]
    other = [step.random.random() for step in Proof("b", 5).steps()]

    assert draws[0] == draws[1]
    assert draws[0] != other
    assert len(set(draws[0])) == 5


def test_a_proof_cut_short_goes_on_after_its_last_finished_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.proof.SAVE_SECONDS", -1)
    first = Proof("a", 10, Record(tmp_path, "source"))
    cut = [step.number for step, _ in zip(first.steps(), range(4), strict=False)]

    second = Proof("a", 10, Record(tmp_path, "source"))
    assert second.record is not None
    assert not second.record.resume(second)
    rest = [step.number for step in second.steps()]

    assert cut == [0, 1, 2, 3]
    assert rest in ([3, *range(4, 10)], list(range(4, 10)))


def test_what_is_proved_is_not_proved_again_but_what_failed_is(tmp_path: Path) -> None:
    for name, outcome in (("good", "proved"), ("bad", "failed")):
        Record(tmp_path, "source").note(Proof(name, 3, done=3), outcome, 1.0)
    record = Record(tmp_path, "source")

    assert record.resume(Proof("good", 3))
    assert not record.resume(Proof("good", 30))
    assert not record.resume(Proof("bad", 3))
    assert not Record(tmp_path, "other source").resume(Proof("good", 3))


def test_a_proof_goes_on_from_what_was_written_down_of_the_same_source(tmp_path: Path) -> None:
    record = Record(tmp_path / "here", "source")
    record.note(Proof("a", 10, figures={"found": 4}, done=4), "under way", 1.0)
    write_down(record, tmp_path / "proof", "2026-01-02")

    same = Proof("a", 10, Record(tmp_path / "there", "source", tmp_path / "proof"))
    assert same.record is not None
    assert not same.record.resume(same)
    assert (same.done, same.figures) == (4, {"found": 4})
    assert Record(tmp_path / "there", "other source", tmp_path / "proof").proofs == {}


def test_results_of_one_day_are_written_side_by_side(tmp_path: Path) -> None:
    for name in ("b", "a"):
        record = Record(tmp_path / name, "source")
        record.note(Proof(name, 3, figures={"found": 3}, done=3), "proved", 1.26)
        written = write_down(record, tmp_path / "proof", "2026-01-02")

    proofs = json.loads(written.read_text())["proofs"]
    assert list(proofs) == ["a", "b"]
    assert proofs["a"]["figures"] == {"found": 3}
    assert proofs["a"]["seconds"] == 1.3


@pytest.mark.proof(test=3, prove=150)
def test_proofs_run_with_every_test_run(proof: Proof, request: pytest.FixtureRequest) -> None:
    numbers = [step.number for step in proof.steps()]

    assert len(numbers) == (150 if request.config.getoption("--prove") else 3)


@pytest.mark.proof(test=0, prove=1)
def test_what_has_no_size_in_a_test_run_is_left_to_make_prove(
    proof: Proof, request: pytest.FixtureRequest
) -> None:
    assert [step.number for step in proof.steps()] == [0]
    assert request.config.getoption("--prove")
