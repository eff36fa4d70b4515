"""Tables are read as they were written: numbers, dates, positions, what is hidden or merged, encodings."""

import codecs
import io
import zipfile

import pytest

from anlan.foundation.sheets.reading import SheetRow
from anlan.foundation.sheets.refusals import TableRefused
from tests.foundation.raw_workbook import RawSheet, RawWorkbook, simple, text_cell
from tests.foundation.tables import read, read_here

RARE = "𬘬㛃"  # outside GB 2312; the first needs four bytes in GB 18030
HEADING = "姓名,身份证号,联系电话,住址\r\n"


def cells(content: bytes, name: str = "a.xlsx") -> list[tuple[str, ...]]:
    return [row.cells for row in read_here(content, name)[1]]


def kinds(content: bytes) -> str:
    return "|".join(row.kinds for row in read_here(content, "a.xlsx")[1])


def test_a_workbook_comes_through_the_child_as_it_is() -> None:
    content = simple(
        f'<row r="2">{text_cell("B2", "王秀英")}<c r="C2"><v>13800138000</v></c></row>', name="名册"
    )

    table, rows = read(content, "名册.XLSX")

    assert rows == [SheetRow(0, 2, ("", "王秀英", "13800138000"), " tn")]
    assert [(sheet.index, sheet.name, sheet.is_visible) for sheet in table.sheets] == [(0, "名册", True)]
    assert (table.encoding, table.date_1904, table.origin) == ("", False, None)


@pytest.mark.parametrize(
    ("written", "text", "kind"),
    [
        ("13800138000", "13800138000", "n"),
        ("1.3800138E10", "13800138000", "n"),
        ("36.6", "36.6", "n"),
        ("0.30000000000000004", "0.3", "n"),
        ("1E-7", "0.0000001", "n"),
        ("-5", "-5", "n"),
        ("0", "0", "n"),
        ("999999999999999", "999999999999999", "n"),
        ("1000000000000000", "1000000000000000", "x"),
        ("110105194912310020", "110105194912310000", "x"),
        ("1.10105194912310E+17", "110105194912310000", "x"),
    ],
)
def test_a_number_keeps_the_digits_a_spreadsheet_keeps(written: str, text: str, kind: str) -> None:
    (row,) = read_here(simple(f'<row r="1"><c r="A1"><v>{written}</v></c></row>'), "a.xlsx")[1]

    assert (row.cells, row.kinds) == ((text,), kind)


def test_results_of_formulas_errors_and_truths_are_told_apart() -> None:
    content = simple(
        '<row r="1"><c r="A1" t="str"><f>B1</f><v>甲</v></c><c r="B1"><f>1+1</f><v>2</v></c>'
        '<c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="D1" t="e"><v>#N/A</v></c>'
        '<c r="E1" t="b"><v>1</v></c><c r="F1" t="b"><f>1=2</f><v>0</v></c>'
        '<c r="G1" s="1"><f>1</f><v>44625</v></c><c r="H1"><f>1</f><v>110105194912310020</v></c>'
        '<c r="I1"><f>1</f></c></row>'
    )

    table, (row,) = read_here(content, "a.xlsx")

    assert row.kinds == "TNEebBDX"
    assert row.cells[:7] == ("甲", "2", "#DIV/0!", "#N/A", "TRUE", "FALSE", "2022-03-05")
    assert table.sheets[0].formula_count == 7


def test_dates_are_iso_text_whichever_way_they_are_shown() -> None:
    row = "".join(
        f'<c r="{column}1" s="{style}"><v>44625</v></c>' for column, style in zip("ABC", "123", strict=True)
    )
    row += '<c r="D1" s="1"><v>44625.354166666664</v></c><c r="E1" s="1"><v>44625.99999999999</v></c>'
    row += '<c r="F1" s="4"><v>1.5</v></c><c r="G1" t="d"><v>2022-03-05</v></c><c r="H1" s="1"><v>59</v></c>'

    (read_row,) = read_here(simple(f'<row r="1">{row}</row>'), "a.xlsx")[1]

    assert read_row.kinds == "d" * 8
    assert read_row.cells == (
        *["2022-03-05"] * 3,
        "2022-03-05T08:30:00",
        "2022-03-06T00:00:00",
        "36:00:00",
        "2022-03-05",
        "1900-02-28",
    )


@pytest.mark.parametrize("stated", ["1", "true"])
def test_a_workbook_that_counts_from_1904_gives_the_same_dates(stated: str) -> None:
    sheet = RawSheet('<row r="1"><c r="A1" s="1"><v>43163</v></c></row>')
    content = RawWorkbook([sheet], book=f'<workbookPr date1904="{stated}"/>').pack()

    table, (row,) = read_here(content, "a.xlsx")

    assert (row.cells, table.date_1904) == (("2022-03-05",), True)


def test_rows_and_columns_keep_the_numbers_a_spreadsheet_shows() -> None:
    content = simple(
        f'<row r="3">{text_cell("C3", "甲")}</row><row r="4"/><row r="5"><c r="A5" s="1"/></row>'
        f'<row r="7">{text_cell("B7", "乙")}</row>'
    )

    rows = read_here(content, "a.xlsx")[1]

    assert [(row.number, row.cells) for row in rows] == [(3, ("", "", "甲")), (7, ("", "乙", ""))]


def test_cells_without_a_place_of_their_own_follow_one_another() -> None:
    content = simple(
        '<row><c><v>1</v></c><c><f>1</f><v>2</v></c></row><row r="4"><c><v>3</v></c><c r="D4"><v>4</v></c>'
        '<c t="e"><v>#REF!</v></c></row><row><c><v>5</v></c></row>'
    )

    rows = read_here(content, "a.xlsx")[1]

    assert [(row.number, row.kinds) for row in rows] == [(1, "nN   "), (4, "n  ne"), (5, "n    ")]
    assert rows[1].cells == ("3", "", "", "4", "#REF!")


def test_prefixes_are_the_writers_choice() -> None:
    sheet = RawSheet(
        '<x:row r="1" hidden="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c>'
        '<x:c r="B1"><x:f>1</x:f><x:v>1</x:v></x:c></x:row>',
        after='<x:mergeCells><x:mergeCell ref="A1:A2"/></x:mergeCells>',
        before='<x:cols><x:col min="2" max="3" hidden="1"/></x:cols>',
    )
    shared = (
        '<x:si><x:r><x:t>王</x:t></x:r><x:r><x:t xml:space="preserve">秀 英 </x:t></x:r>'
        "<x:rPh><x:t>WANG</x:t></x:rPh></x:si>"
    )
    content = RawWorkbook([sheet], shared=shared, prefix="x", relation_prefix="d3p1").pack()

    table, (row,) = read_here(content, "a.xlsx")

    assert (row.cells, row.kinds) == (("王秀 英 ", "1"), "tN")
    facts = table.sheets[0]
    assert (facts.hidden_rows, facts.hidden_columns) == (frozenset({1}), frozenset({2, 3}))
    assert facts.merged == ((1, 1, 2, 1),)


def test_a_drop_down_that_looks_into_another_sheet_is_no_formula_of_a_cell() -> None:
    extension = (
        '<extLst><ext xmlns:x14="urn:a" xmlns:xm="urn:b"><x14:dataValidations><x14:dataValidation>'
        "<x14:formula1><xm:f>二!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>B1</xm:sqref>"
        "</x14:dataValidation></x14:dataValidations></ext></extLst>"
    )

    table, (row,) = read_here(simple(f'<row r="1">{text_cell("A1", "甲")}</row>', after=extension), "a.xlsx")

    assert (row.kinds, table.sheets[0].formula_count) == ("t", 0)


def test_text_keeps_what_was_written() -> None:
    texts = ["007", "张\u3000三", "ａ１", RARE, "一\t二", "一\n二", "'=1", "=1+1", "_x0041_", " 前后 "]
    row = "".join(
        text_cell(f"{chr(65 + column)}1", text.replace("_x", "_x005F_x")) for column, text in enumerate(texts)
    )

    assert cells(simple(f'<row r="1">{row}{text_cell("Z1", "一_x000D__x000A_二_x0000_")}</row>')) == [
        (*texts, *[""] * 15, "一\r\n二␀")
    ]


def test_merged_cells_show_the_text_of_their_range() -> None:
    content = simple(
        f'<row r="1">{text_cell("A1", "名册")}</row>'
        f'<row r="2">{text_cell("A2", "3号楼")}{text_cell("B2", "甲")}</row>'
        f'<row r="3">{text_cell("B3", "乙")}</row>'
        f'<row r="4">{text_cell("B4", "丙")}{text_cell("C4", "丁")}</row>',
        after='<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A2:A4"/>'
        '<mergeCell ref="B7:Z9"/></mergeCells>',
    )

    table, rows = read_here(content, "a.xlsx")

    assert [(row.cells, row.kinds) for row in rows] == [
        (("名册", "名册", "名册"), "tmm"),
        (("3号楼", "甲", ""), "tt "),
        (("3号楼", "乙", ""), "mt "),
        (("3号楼", "丙", "丁"), "mtt"),
    ]
    assert table.sheets[0].merged == ((1, 1, 1, 3), (2, 1, 4, 1), (7, 2, 9, 26))


def test_hidden_sheets_are_named_as_hidden_and_read_like_others() -> None:
    sheets = [
        RawSheet('<row r="1"><c r="A1"><v>1</v></c></row>', name="一"),
        RawSheet("", name="空"),
        RawSheet('<row r="9"><c r="A9"><v>2</v></c></row>', name="三", state="hidden"),
    ]

    table, rows = read_here(RawWorkbook(sheets).pack(), "a.xlsx")

    assert [(sheet.name, sheet.is_visible) for sheet in table.sheets] == [
        ("一", True),
        ("空", True),
        ("三", False),
    ]
    assert [(row.sheet, row.number, row.cells) for row in rows] == [(0, 1, ("1",)), (2, 9, ("2",))]


def test_archives_with_64_bit_sizes_and_without_compression_are_read() -> None:
    plain = simple(f'<row r="1">{text_cell("A1", "甲")}</row>')
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            with target.open(name, "w", force_zip64=True) as member:
                member.write(source.read(name))

    assert cells(out.getvalue()) == [("甲",)]


def test_an_archive_whose_names_are_separated_as_windows_does_is_read() -> None:
    content = simple(f'<row r="1">{text_cell("A1", "甲")}</row>').replace(b"xl/", b"xl\\")

    assert cells(content) == [("甲",)]


@pytest.mark.parametrize(
    ("encoding", "mark", "name"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8"),
        ("gb18030", b"", "gb18030"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16-le"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "txt"])
def test_every_usual_encoding_is_recognised_with_rare_names(
    encoding: str, mark: bytes, name: str, ending: str
) -> None:
    text = f"{HEADING}王{RARE},11010519491231002X,013800138000,阿里·张\u3000三\r\n"

    table, rows = read_here(mark + text.encode(encoding), f"a.{ending}")

    assert table.encoding == name
    assert rows[1].cells == (f"王{RARE}", "11010519491231002X", "013800138000", "阿里·张\u3000三")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("姓名,電話\r\n張三豐,1\r\n陳水,2\r\n".encode("big5"), "big5"),
        ("氏名,電話\r\n山田太郎,1\r\nさとう,2\r\n".encode("shift_jis"), "shift_jis"),
        ("Nom,Prénom\r\nMüller,Zoë\r\n".encode("windows-1252"), "windows-1252"),
        (HEADING.encode("utf-16-le"), "utf-16-le"),
        (HEADING.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_an_encoding_that_would_be_a_guess_is_asked_for(content: bytes, name: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read(content, "a.csv")

    choices = {choice.encoding: choice.sample for choice in refused.value.choices}
    assert refused.value.error_code == "encoding_unclear"
    assert any(character > "\x7f" for character in choices[name])
    assert all(len(sample) <= 40 for sample in choices.values())
    assert read(content, "a.csv", encoding=name)[0].encoding == name
    assert read_here(content, "a.csv", encoding=name)[1][0].cells[0] in {"姓名", "氏名", "Nom"}


def test_a_chosen_encoding_that_does_not_fit_is_asked_for_again() -> None:
    with pytest.raises(TableRefused) as refused:
        read_here("姓名".encode("gb18030"), "a.csv", encoding="utf-8")

    assert "gb18030" in {choice.encoding for choice in refused.value.choices}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("姓名\t电话\n甲,乙\t1\n", [("姓名", "电话"), ("甲,乙", "1")]),
        ("姓名;电话\n甲;1\n", [("姓名", "电话"), ("甲", "1")]),
        ("姓名\n甲乙\n", [("姓名",), ("甲乙",)]),
        ("sep=;\r\n姓名;电话,手机\r\n", [("姓名", "电话,手机")]),
        (
            '名册\n"姓\t\n\t名",电话;手机,住址\n甲,1;2,一\t二\n',
            [("名册", "", ""), ("姓\t\n\t名", "电话;手机", "住址"), ("甲", "1;2", "一\t二")],
        ),
        ('姓名,住址\r\n甲,"一,二\r\n""三"""\r\n', [("姓名", "住址"), ("甲", '一,二\r\n"三"')]),
        ('姓名,规格\n甲,5"管\n', [("姓名", "规格"), ("甲", '5"管')]),
        ("一,二\r三,四\n五,六\r\n", [("一", "二"), ("三", "四"), ("五", "六")]),
        ("名册,,\n一,二,三\n四\n", [("名册", "", ""), ("一", "二", "三"), ("四", "", "")]),
    ],
)
def test_delimited_text_is_taken_apart(text: str, expected: list[tuple[str, ...]]) -> None:
    assert cells(text.encode(), "a.csv") == expected


def test_records_are_numbered_as_a_spreadsheet_would_show_them() -> None:
    rows = read_here('姓名,住址\n\n甲,"一\n二"\n,,\n乙,\n'.encode(), "a.csv")[1]

    assert [(row.number, row.kinds) for row in rows] == [(1, "tt"), (3, "tt"), (5, "t ")]
