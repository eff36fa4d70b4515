"""The table of twenty inputs at four doors is whole, and the tests it names exist."""

import ast
from functools import cache

from tests.proof import ROOT
from tests.safety.matrix import DOORS, MATRIX, Held, NotHere, ToCome

ROWS = range(1, 21)


@cache
def functions_of(file: str) -> frozenset[str]:
    """The tests of a file below tests/; none where there is no such file."""
    path = ROOT / "tests" / file
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_input_has_a_word_for_every_door() -> None:
    assert [number for number, _name in MATRIX] == list(ROWS)
    assert {row: tuple(doors) for row, doors in MATRIX.items() if tuple(doors) != DOORS} == {}


def test_every_test_it_names_exists() -> None:
    vanished = [
        f"row {number} at {door}: {one}"
        for (number, _name), doors in MATRIX.items()
        for door, cell in doors.items()
        if isinstance(cell, Held)
        for one in cell.ids
        if one.partition("::")[2] not in functions_of(one.partition("::")[0])
    ]
    empty = [row for row, doors in MATRIX.items() for cell in doors.values() if cell == Held(())]

    assert vanished == []
    assert empty == []


def test_what_is_due_is_there() -> None:
    missing = [
        f"row {number} at {door}: {cell.what}"
        for (number, _name), doors in MATRIX.items()
        for door, cell in doors.items()
        if isinstance(cell, ToCome) and cell.is_due
    ]

    assert missing == []


def test_what_does_not_apply_says_why() -> None:
    cells = [cell for doors in MATRIX.values() for cell in doors.values()]

    assert all(cell.why for cell in cells if isinstance(cell, NotHere))
    assert all(cell.what for cell in cells if isinstance(cell, ToCome))
