"""The ledger beside the data: whole lines, each key once, what a crash cut off written over."""

from pathlib import Path

from anlan.foundation.ledger import add_to_ledger, read_ledger


def test_a_key_is_written_once_and_lines_keep_their_order(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"

    assert add_to_ledger(ledger, [{"id": "b", "why": "甲"}, {"id": "a"}], key="id") == 2
    assert add_to_ledger(ledger, [{"id": "a"}, {"id": "c"}, {"id": "c"}], key="id") == 1

    assert [line["id"] for line in read_ledger(ledger)] == ["b", "a", "c"]
    assert ledger.stat().st_mode & 0o777 == 0o600


def test_a_line_cut_by_a_crash_is_not_read_and_is_written_over(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_text('{"id": "a"}\n{"id": "b", "wh')

    assert read_ledger(ledger) == [{"id": "a"}]
    assert add_to_ledger(ledger, [{"id": "b"}], key="id") == 1

    assert read_ledger(ledger) == [{"id": "a"}, {"id": "b"}]


def test_an_absent_ledger_is_empty(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "none.jsonl") == []
