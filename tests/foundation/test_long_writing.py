"""A long table written fast reads back exactly as the same table written by the careful writer."""

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.foundation.sheets.long_writing import write_long_workbook
from anlan.foundation.sheets.reading import SheetRow, open_table
from anlan.foundation.sheets.refusals import TableRefused
from anlan.foundation.sheets.writing import Column, Sheet, Value, write_workbook

COLUMNS = [Column("日", kind="date"), Column("文"), Column("藏", is_hidden=True), Column("数", kind="number")]
ODD: list[list[Value]] = [
    ["=1+1", " 前后 ", "<r>x</r>", "&<>\"'"],
    ["\x01乙", date(2020, 2, 29), datetime(2020, 1, 1, 13, 5, 7), 5],  # noqa: DTZ001 - as cells hold it
    ["𬀪", "一\n二", "'=x", date(1850, 1, 1)],
    [10**16, -3, 0, 1.5],
    [None, "", "＝HYPERLINK", "33**************10"],
]
TEXT = st.text(max_size=12)
ROWS = st.lists(st.tuples(TEXT, TEXT, st.none() | TEXT, st.integers(-(10**9), 10**9)), max_size=8)


def read(path: Path) -> tuple[list[SheetRow], object]:
    with open_table(path.read_bytes(), "table.xlsx") as table:
        return list(table.rows), table.origin


def both(folder: Path, rows: list[list[Value]]) -> tuple[Path, Path]:
    careful, fast = folder / "careful.xlsx", folder / "fast.xlsx"
    sheet = Sheet("居民", COLUMNS, rows, head="编号 K7")
    write_workbook(careful, [sheet], watermark="编号 K7", origin={"list": "residents"})
    written = write_long_workbook(fast, sheet, watermark="编号 K7", origin={"list": "residents"})
    assert written == len(rows)
    return careful, fast


@pytest.mark.parametrize("rows", [ODD, [], ODD * 300])
def test_both_writers_say_the_same(tmp_path: Path, rows: list[list[Value]]) -> None:
    careful, fast = both(tmp_path, rows)

    assert read(careful) == read(fast)


@settings(max_examples=5, deadline=None)
@given(rows=ROWS)
def test_any_text_comes_back_as_by_the_careful_writer(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Value, ...]]
) -> None:
    careful, fast = both(tmp_path_factory.mktemp("both"), [list(row) for row in rows])

    assert read(careful) == read(fast)


def test_a_cell_longer_than_excel_holds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableRefused):
        write_long_workbook(tmp_path / "long.xlsx", Sheet("甲", [Column("乙")], [["长" * 40_000]]))
