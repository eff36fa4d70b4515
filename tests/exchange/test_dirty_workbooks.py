"""The generated workbooks are as dirty as they say, and the reader finds every row of them."""

from random import Random

import pytest

from tests.exchange.dirt import GOOD, KINDS, DirtyArea
from tests.exchange.dirty_workbooks import REPEATS, Truth, dirty_workbook
from tests.foundation.tables import read_here

AREAS = (
    DirtyArea("春泉第一网格", "330199001001001"),
    DirtyArea("春泉第二网格", "330199001001002", ("3", "5"), 4),
)
DIGITS_LOST, OF_A_FORMULA, COVERED = "x", "T", "m"


def built(seed: int, rows: int = 400) -> tuple[bytes, Truth]:
    return dirty_workbook(Random(seed), rows, AREAS)


@pytest.mark.parametrize("seed", range(6))
def test_the_truth_names_every_row_that_is_read(seed: int) -> None:
    content, truth = built(seed)

    table, rows = read_here(content, "a.xlsx")
    below = [row for row in rows if row.sheet == truth.sheet and row.number > truth.heading_row]
    heading = next(row for row in rows if row.number == truth.heading_row)

    assert [row.number for row in below] == [row.number for row in truth.rows]
    assert len(heading.cells) == len(truth.columns)
    assert table.date_1904 == truth.date_1904
    hidden = {row.number for row in truth.rows if row.asks == "hidden"}
    assert table.sheets[truth.sheet].hidden_rows == hidden
    assert 0.3 < sum(1 for row in truth.rows if row.dirt) / len(truth.rows) < 0.5


@pytest.mark.parametrize("seed", range(6))
def test_cells_are_of_the_kind_that_their_dirt_makes_them(seed: int) -> None:
    content, truth = built(seed)

    rows = {row.number: row for row in read_here(content, "a.xlsx")[1] if row.sheet == truth.sheet}
    for row in truth.rows:
        if row.person is None:
            continue
        read_row = rows[row.number]
        cells = dict(zip(truth.columns, zip(read_row.cells, read_row.kinds, strict=True), strict=True))
        if row.wrong == "digits_lost":
            assert cells["id_number"][1] == DIGITS_LOST
        if row.asks == "formulas":
            assert cells[row.column] == (row.person.name, OF_A_FORMULA)
        if row.asks == "merged":
            assert cells["building"] == (row.person.building, COVERED)
        if not row.dirt:
            assert cells["name"][0] == row.person.name
            assert cells["birth_on"][0] == row.person.birth_on.isoformat()
            assert cells["id_number"] == (row.person.id_number, "t")


def test_every_kind_of_dirt_occurs_and_the_same_seed_gives_the_same() -> None:
    truth = built(3, 3_000)[1]

    found = {row.dirt for row in truth.rows}
    assert {dirt.key for dirt in KINDS} | set(REPEATS) <= found
    assert built(7) == built(7)
    assert built(7) != built(8)


def test_rows_that_repeat_stand_below_those_they_repeat() -> None:
    truth = built(4, 1_000)[1]

    by_number = {row.number: row for row in truth.rows}
    again = [row for row in truth.rows if row.of]
    assert again
    for row in again:
        earlier = by_number[row.of]
        assert row.of < row.number
        assert (earlier.wrong, earlier.dirt, earlier.asks) == (GOOD, "", "")
        assert earlier.person is not None and row.person is not None
        assert earlier.person.id_number == row.person.id_number
        assert (earlier.person == row.person) == (row.dirt == "repeats")
