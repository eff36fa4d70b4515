"""No bytes make a parser do anything but read rows or refuse, and text that was written comes back."""

import io
import zipfile
from random import Random

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from anlan.foundation.sheets.naming import visible
from anlan.foundation.sheets.neutral import BEGINNINGS, neutralised, restored
from anlan.foundation.sheets.refusals import TableRefused
from anlan.foundation.sheets.writing import Column, Sheet, write_csv, write_workbook
from tests.foundation.raw_workbook import RawSheet, RawWorkbook, text_cell
from tests.foundation.tables import read, read_here
from tests.proof import Proof

CHARACTERS = ("'", '"', "=", "&", "\x00", "\r", "\n", "\ud800", "\ufffe", "\u3000", "𬘬")
EXTREME = (*CHARACTERS, "''", "_x000D_", "_x", "<r>", "</r>")
PIECES = st.one_of(st.characters(), st.sampled_from(EXTREME), st.sampled_from(BEGINNINGS))
TEXTS = st.lists(st.lists(PIECES, max_size=20).map("".join), min_size=1, max_size=40)
SCRAPS = [b"\xd5\xc5", b",", b'"', b"\r", b"\n", b"\t", b";", "甲".encode(), b"\x00", b"\xff", b"'=", b"a"]
RECORDS = [b"\xd5\xc5\xc8\xfd,1", "甲,乙".encode(), b'"a', b'b",c', b"", b"x\t1;2", b"'=1", b",,"]
NEARLY_DELIMITED = st.one_of(
    st.binary(max_size=400),
    st.lists(st.sampled_from(SCRAPS), max_size=80).map(b"".join),
    st.lists(st.sampled_from(RECORDS), max_size=30).map(b"\r\n".join),
)
STARTS = st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04", b"sep=;\r\n"])
ENDINGS = st.sampled_from([".csv", ".txt"])


def reads_or_refuses(content: bytes, name: str, *, through_child: bool = False) -> int:
    """Return the number of rows, or −1 for a refusal; anything else is a failure."""
    try:
        return len((read if through_child else read_here)(content, name)[1])
    except TableRefused:
        return -1


@pytest.mark.proof(test=60, prove=5_000)
def test_any_bytes_are_read_as_delimited_text_or_refused(proof: Proof) -> None:
    outcomes = []

    @seed(proof.seed)
    @settings(max_examples=proof.size, deadline=None, database=None)
    @given(start=STARTS, rest=NEARLY_DELIMITED, ending=ENDINGS)
    def property_holds(start: bytes, rest: bytes, ending: str) -> None:
        outcomes.append(reads_or_refuses(start + rest, f"a{ending}"))

    property_holds()
    assert min(outcomes) == -1
    assert max(outcomes) > 1


def sound_workbook() -> bytes:
    """A workbook with something of everything the scan looks at."""
    rows = "".join(
        f'<row r="{row}" hidden="{row % 2}"><c r="A{row}" t="s"><v>{row % 3}</v></c>'
        f'<c r="B{row}" s="1"><v>4462{row}</v></c><c r="C{row}"><f>1</f><v>2</v></c>'
        f'<c r="D{row}" t="e"><v>#N/A</v></c>{text_cell(f"E{row}", "甲")}</row>'
        for row in range(1, 9)
    )
    sheet = RawSheet(
        rows,
        before='<cols><col min="2" max="3" hidden="1"/></cols>',
        after='<mergeCells count="1"><mergeCell ref="A2:A4"/></mergeCells>',
    )
    shared = "<si><t>王</t></si><si><r><t>秀</t></r><r><t>英</t></r></si><si><t/></si>"
    return RawWorkbook([sheet, RawSheet(rows, name="二")], shared=shared).pack()


def damaged_archive(content: bytes, random: Random) -> bytes:
    """Return the archive with some bytes changed, lost or doubled, wherever it may be."""
    changed = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 5, 20])):
        at = random.randrange(len(changed))
        act = random.randrange(4)
        if act == 0:
            changed[at] ^= 1 << random.randrange(8)
        elif act == 1:
            changed[at] = random.choice([0, 1, 0x7F, 0x80, 0xFF])
        elif act == 2:
            del changed[at : at + random.randrange(1, 30)]
        else:
            changed[at:at] = changed[max(0, at - random.randrange(1, 60)) : at]
    return bytes(changed)


def damaged_parts(content: bytes, random: Random) -> bytes:
    """Return a sound archive of parts that are not: changed, exchanged, left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    for _ in range(random.choice([1, 1, 2, 4])):
        name, other = random.choice(list(parts)), random.choice(list(parts))
        part = parts[name]
        act = random.randrange(6)
        if act == 0 and part:
            part[random.randrange(len(part))] = random.randrange(256)
        elif act == 1:
            parts[name], parts[other] = parts[other], parts[name]
        elif act == 2 and len(parts) > 1:
            del parts[name]
        elif act == 3:
            at = random.randrange(len(part) + 1)
            part[at:at] = random.choice(
                [
                    b"<row/>",
                    b"<c/>",
                    b"<v>9</v>",
                    b"&a;",
                    b"<!DOCTYPE x>",
                    b'r="XFD9"',
                    b"1e999",
                    b"</c>",
                    b"\x00",
                ]
            )
        elif act == 4:
            digits = [at for at, byte in enumerate(part) if chr(byte).isdigit()]
            for at in random.sample(digits, min(3, len(digits))):
                part[at : at + 1] = random.choice([b"0", b"9", b"99999", b"-1", b"1048576", b""])
        else:
            part[:] = part[: random.randrange(len(part) + 1)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, changed in parts.items():
            archive.writestr(name, bytes(changed))
    return out.getvalue()


@pytest.mark.proof(test=60, prove=5_000)
def test_a_damaged_workbook_is_read_or_refused(proof: Proof) -> None:
    content = sound_workbook()
    outcomes = set()
    for step in proof.steps():
        damage = step.random.choice([damaged_archive, damaged_parts])
        damaged, is_sixth = damage(content, step.random), step.number % 6 == 0
        outcomes.add(reads_or_refuses(damaged, "a.xlsx", through_child=is_sixth))

    assert reads_or_refuses(content, "a.xlsx") == 16
    assert -1 in outcomes
    assert max(outcomes) >= 16


@pytest.mark.proof(test=60, prove=5_000)
def test_any_text_comes_back_from_a_workbook(proof: Proof) -> None:
    @seed(proof.seed)
    @settings(max_examples=proof.size, deadline=None, database=None)
    @given(texts=TEXTS)
    def property_holds(texts: list[str]) -> None:
        out = io.BytesIO()
        write_workbook(out, [Sheet("一", [Column("原文")], [[text, "末"] for text in texts])])

        rows = read_here(out.getvalue(), "a.xlsx")[1]

        assert [row.cells for row in rows[1:]] == [(visible(text), "末") for text in texts]
        assert [row.kinds for row in rows[1:]] == ["tt" if text else " t" for text in texts]

    property_holds()


@pytest.mark.proof(test=60, prove=5_000)
def test_any_text_comes_back_from_delimited_text(proof: Proof) -> None:
    @seed(proof.seed)
    @settings(max_examples=proof.size, deadline=None, database=None)
    @given(texts=TEXTS)
    def property_holds(texts: list[str]) -> None:
        out = io.StringIO(newline="")
        write_csv(out, [Column("原文"), Column("序")], [[text, "末"] for text in texts])

        rows = read_here(out.getvalue().encode(), "a.csv")[1]

        assert [row.cells for row in rows[1:]] == [(visible(text), "末") for text in texts]

    property_holds()


@given(st.text(st.sampled_from([*BEGINNINGS, "'", "甲", " "]), max_size=8))
def test_what_looks_like_a_formula_is_neutralised_and_restored(text: str) -> None:
    written = neutralised(text)

    assert restored(written) == text
    assert not written.startswith(tuple(BEGINNINGS))


def test_a_member_without_a_name_is_refused() -> None:
    content = sound_workbook()
    begin = content.index(b"PK\x01\x02")
    length = int.from_bytes(content[begin + 28 : begin + 30], "little")
    nameless = bytearray(content)
    del nameless[begin + 46 : begin + 46 + length]
    nameless[begin + 28 : begin + 30] = b"\x00\x00"
    end = nameless.rindex(b"PK\x05\x06")
    size = int.from_bytes(nameless[end + 12 : end + 16], "little") - length
    nameless[end + 12 : end + 16] = size.to_bytes(4, "little")

    assert reads_or_refuses(bytes(nameless), "a.xlsx") == -1
