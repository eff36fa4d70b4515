"""What a hostile or broken table meets: one sentence that says what to do, soon and within bounds."""

import io
import struct
import zipfile
import zlib
from random import Random

import pytest
from django.utils import translation

from anlan.foundation.errors import Invalid
from anlan.foundation.sheets import bounds
from anlan.foundation.sheets.archive import check_archive, check_table
from anlan.foundation.sheets.directory import Member, read_directory, repack
from anlan.foundation.sheets.refusals import SENTENCES, TableRefused
from tests.foundation.raw_workbook import (
    MAIN,
    OFFICE,
    PACKAGE,
    RawSheet,
    RawWorkbook,
    same_text,
    simple,
    text_cell,
    with_declared_size,
)
from tests.foundation.tables import read, read_here

ONE_ROW = f'<row r="1">{text_cell("A1", "甲")}</row>'
SHEET_PART = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMB_MEGABYTES = 300
DOCTYPES = [
    '<!DOCTYPE sst [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    '<!DOCTYPE sst [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE sst SYSTEM "http://198.51.100.1/x.dtd">',
]


def refusal(content: bytes, name: str = "a.xlsx") -> str:
    with pytest.raises(TableRefused) as refused:
        read_here(content, name)
    return refused.value.error_code


def with_parts(parts: dict[str, str | bytes], relations: str = "") -> bytes:
    return RawWorkbook([RawSheet(ONE_ROW)], parts=parts, relations=relations).pack()


def random_text(length: int) -> str:
    """Text that hardly packs."""
    return Random(5).randbytes(length // 2).hex()


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A sheet of 300 MB in some 300 kB: a megabyte of blanks, packed once and repeated."""
    begin = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
    blanks, end = b" " * 2**20, b"</sheetData></worksheet>"
    sheet = _packed(begin) + _packed(blanks) * BOMB_MEGABYTES + _packed(end, is_last=True)
    crc = zlib.crc32(begin)
    for _ in range(BOMB_MEGABYTES):
        crc = zlib.crc32(blanks, crc)
    plain = simple("")
    others = [member for member in read_directory(plain) if member.name != SHEET_PART]
    size = len(begin) + len(blanks) * BOMB_MEGABYTES + len(end)
    member = Member(SHEET_PART, len(plain), len(sheet), size, zlib.crc32(end, crc), is_deflated=True)
    return repack(plain + sheet, [*others, member])


def _packed(piece: bytes, *, is_last: bool = False) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH)


@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.ods", "a.xlsb", "a.xlsm", "a.exe", "a", "xlsx"])
def test_other_kinds_of_files_are_to_be_saved_as_xlsx(name: str) -> None:
    with pytest.raises(TableRefused) as refused:
        check_table(simple(ONE_ROW), name)

    assert refused.value.error_code == "wrong_kind"
    assert "另存为" in str(refused.value.message)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "empty"),
        (b"x" * (bounds.MAX_FILE_BYTES + 1), "a.csv", "too_large"),
        (OLE + b"Workbook", "a.xlsx", "wrong_kind"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "encrypted"),
        (b"<html><table>", "a.xlsx", "damaged"),
        (b"PK\x03\x04" + b"\x00" * 100, "a.xlsx", "damaged"),
        (simple(ONE_ROW), "a.csv", "wrong_kind"),
        (bytes(range(256)) * 9, "a.txt", "not_text"),
        (b"\x80\xff\x81\x8d\xff", "a.csv", "not_text"),
    ],
)
def test_what_is_no_table_is_refused_before_it_is_read(content: bytes, name: str, code: str) -> None:
    assert refusal(content, name) == code


def test_a_web_request_learns_of_a_bomb_without_unpacking_it(bomb: bytes) -> None:
    with pytest.raises(TableRefused) as refused:
        check_archive(bomb)

    assert len(bomb) < 400_000
    assert refused.value.error_code == "unpacked_too_large"


def test_a_bomb_whose_directory_lies_is_stopped_at_its_first_byte_too_many(bomb: bytes) -> None:
    content = with_declared_size(bomb, SHEET_PART, 1_000)

    check_archive(content)
    with pytest.raises(TableRefused) as refused:
        read(content, "a.xlsx")

    assert refused.value.error_code == "unpacked_too_large"


def test_a_directory_that_says_too_much_is_no_better() -> None:
    assert refusal(with_declared_size(simple(ONE_ROW), SHEET_PART, 5_000)) == "damaged"


def test_members_that_share_their_bytes_are_refused() -> None:
    content = simple(ONE_ROW)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        shared = archive.getinfo(SHEET_PART)
    begin = content.index(b"PK\x01\x02")
    name = b"xl/worksheets/sheet2.xml"
    entry = struct.pack(
        "<4s6H3I5H2I",
        *(b"PK\x01\x02", 20, 20, 0, 8, 0, 0, shared.CRC, shared.compress_size, shared.file_size),
        *(len(name), 0, 0, 0, 0, 0, shared.header_offset),
    )
    end = content.rindex(b"PK\x05\x06")
    listed = content[begin:end] + entry + name
    count = content.count(b"PK\x01\x02") + 1
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(listed), begin, 0)

    assert refusal(content[:begin] + listed + tail) == "unpacked_too_large"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [SHEET_PART, SHEET_PART.upper(), "../etc/x", "/etc/x", "C:\\x", "xl\\..\\x"])
def test_members_with_names_of_ill_will_are_refused(name: str) -> None:
    out = io.BytesIO(simple(ONE_ROW))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, "<x/>")

    assert refusal(out.getvalue()) == "damaged"


def test_an_archive_of_many_members_is_refused() -> None:
    parts: dict[str, str | bytes] = {f"xl/{number}.xml": "<x/>" for number in range(bounds.MAX_MEMBERS)}

    assert refusal(with_parts(parts)) == "unpacked_too_large"


@pytest.mark.parametrize(
    ("parts", "relation", "code"),
    [
        ({"xl/vbaProject.bin": b"x"}, "", "macros"),
        ({"xl/macrosheets/sheet1.xml": "<x/>"}, "", "macros"),
        ({"xl/m.bin": b"x"}, f'<Relationship Id="m" Type="{OFFICE}/vbaProject" Target="m.bin"/>', "macros"),
        ({"xl/externalLinks/externalLink1.xml": "<x/>"}, "", "external_links"),
        ({"xl/connections.xml": "<x/>"}, "", "external_links"),
        (
            {},
            f'<Relationship Id="m" Type="{OFFICE}/image" Target="http://a/" TargetMode="External"/>',
            "external_links",
        ),
        ({"xl/embeddings/oleObject1.bin": b"x"}, "", "embedded_objects"),
        ({"xl/activeX/activeX1.xml": "<x/>"}, "", "embedded_objects"),
        (
            {
                "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
                f'<Relationship Id="o" Type="{OFFICE}/oleObject" Target="../o.bin"/></Relationships>'
            },
            "",
            "embedded_objects",
        ),
        (
            {
                "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Override '
                'PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.'
                'macroEnabled.main+xml"/></Types>'
            },
            "",
            "macros",
        ),
        ({SHEET_PART: "<worksheet><sheetData>"}, "", "damaged"),
        ({SHEET_PART: "no markup"}, "", "damaged"),
        ({SHEET_PART: '<a><row><c t="inlineStr"><v>甲</v></c></row></a>'}, "", "damaged"),
        ({"xl/workbook.xml": f'<workbook xmlns="{MAIN}"/>'}, "", "damaged"),
        ({"xl/_rels/workbook.xml.rels": "<Relationships/>"}, "", "damaged"),
    ],
)
def test_macros_links_objects_and_damage_are_told_apart(
    parts: dict[str, str | bytes], relation: str, code: str
) -> None:
    assert refusal(with_parts(parts, relation)) == code


def test_a_link_that_a_person_clicks_is_no_danger() -> None:
    related = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="o" Type="{OFFICE}/hyperlink" '
        'Target="mailto:a@b.c" TargetMode="External"/></Relationships>'
    )

    _table, rows = read_here(with_parts({"xl/worksheets/_rels/sheet1.xml.rels": related}), "a.xlsx")

    assert rows[0].cells == ("甲",)


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", SHEET_PART, "xl/a/drawing1.xml", "docProps/a.xml"])
def test_no_part_may_declare_entities(doctype: str, part: str) -> None:
    tag = "worksheet" if part == SHEET_PART else "sst"
    text = f'<?xml version="1.0"?>{doctype}<{tag} xmlns="{MAIN}"><sheetData/></{tag}>'

    assert refusal(with_parts({part: text})) == "entities"


def test_an_entity_shows_no_file_in_any_answer() -> None:
    text = f'{DOCTYPES[1]}<sst xmlns="{MAIN}"><si><t>&a;</t></si></sst>'

    with pytest.raises(TableRefused) as refused:
        read(with_parts({"xl/sharedStrings.xml": text}), "a.xlsx")

    assert "root:" not in str(refused.value.as_json())


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (simple(f'<row r="1">{text_cell("GS1", "二百零一")}</row>'), "a.xlsx", "too_many_columns"),
        ((",".join("a" * 201)).encode(), "a.csv", "too_many_columns"),
        (simple(f'<row r="1">{text_cell("A1", "长" * 32_768)}</row>'), "a.xlsx", "cell_too_long"),
        (("姓名\n" + "长" * 32_768).encode(), "a.csv", "cell_too_long"),
        (("姓名\n" + "长" * 200_000).encode(), "a.csv", "cell_too_long"),
        ('姓名,住址\n甲,"一\n乙,二\n'.encode(), "a.csv", "stray_quote"),
        ('姓名,住址\n甲,"一"二\n乙,二\n'.encode(), "a.csv", "stray_quote"),
        (('甲,"一\n' + "乙,二\n" * 300 + '丙",\n').encode(), "a.csv", "stray_quote"),
        (
            simple(
                '<row r="1"><c r="J1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'
            ),
            "a.xlsx",
            "too_many_rows",
        ),
        (simple('<row r="1048577"><c r="A1048577"><v>1</v></c></row>'), "a.xlsx", "damaged"),
        (simple('<row r="1"><c r="A0"><v>1</v></c></row>'), "a.xlsx", "damaged"),
        (simple('<row r="1"><c r="1A"><v>1</v></c></row>'), "a.xlsx", "damaged"),
        (simple("", after='<mergeCells><mergeCell ref="A1:?"/></mergeCells>'), "a.xlsx", "damaged"),
        (simple("", after=f'<x a="{random_text(2 * bounds.MAX_TOKEN_BYTES)}"/>'), "a.xlsx", "damaged"),
    ],
)
def test_more_than_a_table_holds_is_refused(content: bytes, name: str, code: str) -> None:
    assert refusal(content, name) == code


def test_the_line_of_a_stray_quote_is_named() -> None:
    with pytest.raises(TableRefused) as refused:
        read_here('sep=,\n姓名,住址\n"甲\n乙",一\n丙,"二\n丁,三\n'.encode(), "a.csv")

    assert "第 5 行" in str(refused.value.message)


@pytest.mark.parametrize("module", ["delimited", "workbook"])
def test_rows_are_read_up_to_the_limit_and_not_one_more(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"anlan.foundation.sheets.{module}.MAX_ROWS", 100)
    most = 100 + bounds.HEADING_ROWS

    def table(rows: int) -> tuple[bytes, str]:
        if module == "delimited":
            return "甲\n".encode() * rows, "a.csv"
        return simple("<row><c><v>1</v></c></row>" * rows), "a.xlsx"

    assert len(read_here(*table(most))[1]) == most
    assert refusal(*table(most + 1)) == "too_many_rows"


def test_one_string_in_very_many_cells_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anlan.foundation.sheets.child.MAX_CHARACTERS", 2_000_000)

    assert refusal(same_text(rows=50, columns=10)) == "unpacked_too_large"


@pytest.mark.parametrize("code", SENTENCES)
def test_every_refusal_speaks_two_languages(code: str) -> None:
    with translation.override("zh-hans"):
        chinese = TableRefused(code)
    with translation.override("en"):
        english = TableRefused(code)

    assert isinstance(chinese, Invalid)
    assert (chinese.status, chinese.error_code) == (422, code)
    assert str(chinese.message) != str(english.message)
    assert "%(" not in f"{chinese.message}{english.message}"


def test_checksums_are_checked() -> None:
    content = bytearray(simple(ONE_ROW))
    crc = zlib.crc32(RawWorkbook([RawSheet(ONE_ROW)])._parts()[SHEET_PART].encode()).to_bytes(4, "little")
    at = content.rindex(crc)
    content[at] ^= 1

    assert refusal(bytes(content)) == "damaged"
