"""Workbooks and CSV are written so that text stays text, for spreadsheets and for our own reader alike."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from anlan.foundation.sheets.bounds import MAX_CELL
from anlan.foundation.sheets.naming import sheet_names
from anlan.foundation.sheets.reading import SheetRow, TableFile
from anlan.foundation.sheets.refusals import TableRefused
from anlan.foundation.sheets.writing import Column, Sheet, Value, write_csv, write_workbook
from tests.foundation.tables import read, read_here

FORMULAS = [
    '=HYPERLINK("http://a")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-1+1",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
]
ID = "11010519491231002X"


def written(*sheets: Sheet, watermark: str = "", origin: Mapping[str, Any] | None = None) -> bytes:
    out = io.BytesIO()
    write_workbook(out, sheets, watermark=watermark, origin=origin)
    return out.getvalue()


def columns(*titles: str) -> list[Column]:
    return [Column(title) for title in titles]


def round_trip(*rows: Sequence[Value], kinds: Sequence[Column] = ()) -> list[SheetRow]:
    width = max(map(len, rows))
    sheet = Sheet("一", kinds or columns(*"甲乙丙丁戊己庚辛壬癸"[:width]), rows)
    return read_here(written(sheet), "a.xlsx")[1][1:]


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


def sheet_part(content: bytes) -> str:
    return part(content, "xl/worksheets/sheet1.xml")


def cell_styles(content: bytes) -> dict[str, str]:
    """Return what the styles say of each cell: reference → its <xf>."""
    styles = re.findall(r"<xf [^>]*?(?:/>|>.*?</xf>)", part(content, "xl/styles.xml").split("<cellXfs")[1])
    return {
        cell: styles[int(style)] for cell, style in re.findall(r'<c r="(\w+)" s="(\d+)"', sheet_part(content))
    }


def test_a_workbook_comes_back_as_it_was_written(tmp_path: Path) -> None:
    titled = [
        Column("姓名"),
        Column("身份证号", 20),
        Column("出生日期", kind="date"),
        Column("人数", kind="number"),
    ]
    rows: list[list[Value]] = [
        ["王秀英", ID, date(1949, 12, 31), 3],
        ["张\u3000三", "007", None, -2.5],
        ["", None, datetime(2022, 3, 5, 8, 30, tzinfo=UTC), 0],
    ]

    write_workbook(tmp_path / "a.xlsx", [Sheet("名册", titled, rows)])
    table, found = read((tmp_path / "a.xlsx").read_bytes(), "a.xlsx")

    assert [sheet.name for sheet in table.sheets] == ["名册"]
    assert [(row.number, row.cells, row.kinds) for row in found] == [
        (1, ("姓名", "身份证号", "出生日期", "人数"), "tttt"),
        (2, ("王秀英", ID, "1949-12-31", "3"), "ttdn"),
        (3, ("张\u3000三", "007", "", "-2.5"), "tt n"),
        (4, ("", "", "2022-03-05T08:30:00", "0"), "  dn"),
    ]


def test_text_that_looks_like_a_formula_stays_text_in_a_workbook() -> None:
    content = written(Sheet("一", columns("原文"), [[text] for text in [*FORMULAS, "甲"]]))
    styles = cell_styles(content)

    assert "<f" not in sheet_part(content)
    assert [row.cells[0] for row in read_here(content, "a.xlsx")[1][1:]] == [*FORMULAS, "甲"]
    assert all('quotePrefix="1"' in styles[f"A{line}"] for line in range(2, 2 + len(FORMULAS)))
    assert "quotePrefix" not in styles[f"A{2 + len(FORMULAS)}"]


def test_text_that_looks_like_a_link_or_markup_stays_text() -> None:
    texts = [
        "http://a/",
        "mailto:a@b",
        "<script>alert(1)</script>",
        "<r><t>x</t></r>",
        "&amp;",
        "_x0041_",
        "{=1}",
    ]

    content = written(Sheet("一", columns("原文"), [[text] for text in texts]))

    assert "hyperlink" not in sheet_part(content)
    assert [row.cells[0] for row in read_here(content, "a.xlsx")[1][1:]] == texts


def test_text_that_looks_like_a_formula_is_neutralised_in_csv_and_comes_back() -> None:
    out = io.StringIO(newline="")

    write_csv(out, columns("原文", "序"), [[text, number] for number, text in enumerate(FORMULAS)])

    lines = out.getvalue().removeprefix("\ufeff").split("\r\n")
    rows = read_here(out.getvalue().encode(), "a.csv")[1]
    assert all(line.lstrip('"').startswith("'") for line in lines[1:-1] if line)
    assert [row.cells for row in rows[1:]] == [(text, str(number)) for number, text in enumerate(FORMULAS)]


def test_csv_opens_in_a_spreadsheet_as_chinese(tmp_path: Path) -> None:
    row: list[Value] = [
        "王秀英",
        date(2022, 3, 5),
        datetime(2022, 3, 5, 8, 30, tzinfo=UTC),
        -1,
        None,
        '一,"二"',
    ]

    write_csv(tmp_path / "a.csv", columns(*"甲乙丙丁戊己"), [row])

    assert (tmp_path / "a.csv").read_bytes() == (
        '\ufeff甲,乙,丙,丁,戊,己\r\n王秀英,2022-03-05,2022-03-05 08:30,-1,,"一,""二"""\r\n'.encode()
    )


def test_characters_that_xml_cannot_hold_are_shown() -> None:
    (row,) = round_trip(["一\x00\x01\x0b\x1f二", "\ud800\udfff", "\ufffe\uffff", "\x7f\x85"])

    assert row.cells == ("一␀␁␋␟二", "\ufffd\ufffd", "\ufffd\ufffd", "\x7f\x85")


@pytest.mark.parametrize("text", ["长" * (MAX_CELL + 1), "𬘬" * (MAX_CELL // 2 + 1)])
def test_a_cell_longer_than_excel_holds_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(TableRefused) as refused:
        write_workbook(tmp_path / "a.xlsx", [Sheet("一", columns("甲"), [["一"], [text]])])

    assert refused.value.error_code == "cell_too_long"
    assert "第 3 行" in str(refused.value.message)
    assert list(tmp_path.iterdir()) == []


def test_a_cell_as_long_as_excel_holds_comes_back() -> None:
    (row,) = round_trip(["长" * MAX_CELL, "𬘬" * (MAX_CELL // 2)])

    assert [len(cell) for cell in row.cells] == [MAX_CELL, MAX_CELL // 2]


def test_numbers_that_a_spreadsheet_would_cut_are_written_as_text() -> None:
    (row,) = round_trip([110105194912310021, 999_999_999_999_999, 1.5])

    assert (row.cells, row.kinds) == (("110105194912310021", "999999999999999", "1.5"), "tnn")


def test_dates_that_a_spreadsheet_does_not_have_are_written_as_text() -> None:
    (row,) = round_trip(
        [date(1899, 12, 31), date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(9999, 12, 31)]
    )

    assert row.cells == ("1899-12-31", "1900-01-01", "1900-02-28", "1900-03-01", "9999-12-31")
    assert row.kinds == "tdddd"


def test_a_moment_is_written_as_its_own_clock_shows_it() -> None:
    (row,) = round_trip([datetime(2022, 3, 5, 8, 30, tzinfo=UTC)])

    assert row.cells == ("2022-03-05T08:30:00",)


def test_names_of_sheets_are_valid_and_unlike_each_other() -> None:
    names = sheet_names(
        ["网格/1", "网格:1", "A", "a", "", "'引'", "长" * 40, "长" * 40, "History", "_anlan", "𬘬" * 20]
    )

    assert names == [
        *["网格_1", "网格_1 (2)", "A", "a (2)", "Sheet5", "引", "长" * 31, "长" * 27 + " (2)"],
        *["History (2)", "_anlan (2)", "𬘬" * 15],
    ]


def test_sheets_of_any_name_are_written() -> None:
    wished = ["网格/1", "网格?1", "x" * 99, "=1", "<a>&", ""]

    table, rows = read_here(written(*(Sheet(name, columns("甲"), [["一"]]) for name in wished)), "a.xlsx")

    assert [sheet.name for sheet in table.sheets] == sheet_names(wished)
    assert len(rows) == 2 * len(wished)


def test_a_watermark_stands_on_every_printed_page_and_above_the_table() -> None:
    mark = "8号 王芳 & 李伟 2022-03-05"
    content = written(Sheet("一", columns("甲"), [["一"]], head=mark), watermark=mark, origin={"heading": 2})

    table, rows = read_here(content, "a.xlsx")

    assert f"&amp;C&amp;9 {mark.replace('&', '&amp;&amp;')}" in sheet_part(content)
    assert "<oddFooter>" in sheet_part(content)
    assert table.origin == {"heading": 2}
    assert [row.cells for row in rows if row.number > table.origin["heading"]] == [("一",)]
    assert rows[0].cells == (mark,)


def test_two_rows_of_headings_stand_in_the_place_of_the_titles() -> None:
    headings = [["居民", "居民", "住址"], ["姓名", "电话", "房号"]]

    rows = read_here(
        written(Sheet("一", columns(*"甲乙丙"), [["一", "二", "三"]], heading_rows=headings)), "a.xlsx"
    )[1]

    assert [row.cells for row in rows] == [*map(tuple, headings), ("一", "二", "三")]


def test_where_a_workbook_comes_from_is_hidden_and_found_again() -> None:
    origin = {"list": "居民", "version": 3, "rows": [[number, "a" * 30] for number in range(3_000)]}

    table, rows = read(written(Sheet("一", columns("甲"), [["一"]]), origin=origin), "a.xlsx")

    assert table.origin == origin
    assert [sheet.name for sheet in table.sheets] == ["一"]
    assert len(rows) == 2


def test_a_sheet_that_only_bears_the_hidden_ones_name_is_an_ordinary_sheet() -> None:
    table = _table(written(Sheet("_anlan", columns("anlan-origin"), [["{}"]])))

    assert table.origin is None
    assert [sheet.name for sheet in table.sheets] == ["_anlan (2)"]


def _table(content: bytes) -> TableFile:
    return read_here(content, "a.xlsx")[0]


def test_marked_cells_are_red_and_say_why() -> None:
    rows: list[list[Value]] = [["一", "二"], ["=三", None]]
    marks = {(1, 0): "不是姓名 <b>", (1, 1): "缺电话"}

    content = written(Sheet("一", columns("甲", "乙"), rows, marks=marks, head="表头上的一行"))

    styles, comments = cell_styles(content), part(content, "xl/comments1.xml")
    assert re.findall(r'<comment ref="(\w+)"', comments) == ["A4", "B4"]
    assert "不是姓名 &lt;b&gt;" in comments
    assert "fillId" in styles["A4"] and 'fillId="0"' not in styles["A4"]
    assert 'quotePrefix="1"' in styles["A4"]
    assert 'fillId="0"' in styles["A3"]
    assert [row.cells for row in read_here(content, "a.xlsx")[1][2:]] == [("一", "二"), ("=三", "")]


def test_a_template_keeps_what_is_typed_as_text_and_helps_with_it() -> None:
    titled = [
        Column("身份证号", hint="18 位"),
        Column("性别", choices=("男", "女"), hint="选一个"),
        Column("出生日期", kind="date"),
        Column("编号", is_hidden=True),
    ]

    content = written(Sheet("模板", titled, [], blank_rows=200))

    sheet, styles = sheet_part(content), cell_styles(content)
    assert all('numFmtId="49"' in styles[cell] for cell in ("A2", "B100", "A201"))
    assert 'numFmtId="49"' not in styles["C201"] and "yyyy-mm-dd" in part(content, "xl/styles.xml")
    assert (
        '<dataValidation type="list"' in sheet
        and 'sqref="B2:B201"' in sheet
        and '"男,女"' in sheet.replace("&quot;", '"')
    )
    assert 'prompt="18 位"' in sheet
    assert '<pane ySplit="1"' in sheet
    assert '<autoFilter ref="A1:D201"/>' in sheet
    assert _table(content).sheets[0].hidden_columns == frozenset({4})
    assert len(read_here(content, "a.xlsx")[1]) == 1


def test_nothing_is_left_behind_when_a_row_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def rows() -> Any:
        yield ["一"]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        write_workbook(tmp_path / "a.xlsx", [Sheet("一", columns("甲"), rows())])

    assert list(tmp_path.iterdir()) == []


def test_rows_wider_than_the_columns_are_kept_and_too_wide_ones_refused() -> None:
    content = written(Sheet("一", columns("甲"), [["一", "二", 3]]))

    assert [row.cells for row in read_here(content, "a.xlsx")[1]] == [("甲", "", ""), ("一", "二", "3")]
    with pytest.raises(TableRefused) as refused:
        written(Sheet("一", columns("甲"), [["一"] * 201]))
    assert refused.value.error_code == "too_many_columns"
