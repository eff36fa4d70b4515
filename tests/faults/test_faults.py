"""Whatever breaks: acknowledged = stored, none doubled, refused ones not there; the house comes back."""

from pathlib import Path

import pytest

from tests.faults.house import NotRun
from tests.faults.kinds import KINDS
from tests.faults.ledger import STORED, Entry, Ledger, read
from tests.faults.running import go_through, standing
from tests.proof import Proof

FEW, MANY = 200, 6_700  # envelopes a run: in three runs of each kind MANY add up to over 200,000 acknowledged
TOGETHER = ("backend_killed", "answer_cut", "request_cut", "whoever_killed")  # quick: one house, in every run
ALONE = [kind for kind in KINDS if kind not in TOGETHER]


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(TOGETHER, id=" ".join(TOGETHER), marks=pytest.mark.proof(test=1, prove=3)),
        *(pytest.param((kind,), id=kind, marks=pytest.mark.proof(test=0, prove=3)) for kind in ALONE),
    ],
)
def test_what_was_acknowledged_is_stored_once_whatever_breaks(
    proof: Proof, kinds: tuple[str, ...], short_folder: Path
) -> None:
    size = MANY if proof.is_accepting else FEW
    try:
        with standing(short_folder, *kinds, with_tables=not proof.is_accepting) as at:
            for step in proof.steps():
                for kind in kinds:
                    figures = go_through(at, kind, size, step.random, step.number)
                    proof.figures.setdefault(kind, []).append(figures)
                    assert figures["acknowledged"] > 0.9 * size
                assert at.disagreements(step.random) == []
    except NotRun as lack:
        pytest.fail(f"NOT RUN: {lack}")


def test_a_ledger_is_read_up_to_a_line_that_was_cut(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    entries = [Entry(STORED, "a", "notes", f"key {n}", f"id {n}", "330199", {"text": "x"}) for n in range(2)]
    for entry in entries:
        ledger.note(entry)
    ledger.answer(entries[0], 503, "")
    ledger.answer(entries[0], 201, "id 0")
    ledger.answer(entries[1], 201, "id 1")
    ledger.close()
    whole = (tmp_path / "ledger").read_text()
    (tmp_path / "ledger").write_text(whole[:-3])

    first, second = read(tmp_path / "ledger")

    assert (first.answers, first.is_settled) == ([(503, ""), (201, "id 0")], True)
    assert (second.raw, second.answers, second.is_settled) == (entries[1].raw, [], False)
