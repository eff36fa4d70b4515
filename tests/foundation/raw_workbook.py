"""Builds workbooks part by part, as no spreadsheet program would, to see what the reader makes of them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DATE_STYLES = (
    '<numFmts count="1"><numFmt numFmtId="164" '
    'formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '</numFmts><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/>'
    '<xf numFmtId="31"/>'
    '<xf numFmtId="46"/></cellXfs>'
)  # general, a date, a date in Chinese, the same built in, hours beyond a day


@dataclass
class RawSheet:
    """One sheet: what stands inside <sheetData>, what follows it and what goes before."""

    rows: str
    name: str = "一"
    state: str = "visible"
    before: str = ""
    after: str = ""


@dataclass
class RawWorkbook:
    """All parts of a workbook; `parts` are added or put in the place of others."""

    sheets: Sequence[RawSheet]
    shared: str = ""
    styles: str = DATE_STYLES
    book: str = ""  # before <sheets>
    relations: str = ""  # further ones of the workbook
    prefix: str = ""
    relation_prefix: str = "r"
    parts: Mapping[str, str | bytes] = field(default_factory=dict)

    def pack(self) -> bytes:
        """Return the archive."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in {**self._parts(), **self.parts}.items():
                archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)  # at no time of day
        return out.getvalue()

    def _parts(self) -> dict[str, str]:
        tag, opened = (f"{self.prefix}:", f"xmlns:{self.prefix}") if self.prefix else ("", "xmlns")
        space = f'{opened}="{MAIN}"'
        listed = "".join(
            f'<{tag}sheet name="{sheet.name}" sheetId="{number}" state="{sheet.state}" '
            f'{self.relation_prefix}:id="s{number}"/>'
            for number, sheet in enumerate(self.sheets, 1)
        )
        related = "".join(
            f'<Relationship Id="s{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number, _sheet in enumerate(self.sheets, 1)
        )
        related += f'<Relationship Id="styles" Type="{OFFICE}/styles" Target="styles.xml"/>'
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="b" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<{tag}workbook {space} xmlns:{self.relation_prefix}="{OFFICE}">{self.book}'
            f"<{tag}sheets>{listed}</{tag}sheets></{tag}workbook>",
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{self.styles}</styleSheet>',
        }
        if self.shared:
            related += f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
            parts["xl/sharedStrings.xml"] = f"<{tag}sst {space}>{self.shared}</{tag}sst>"
        parts["xl/_rels/workbook.xml.rels"] = (
            f'<Relationships xmlns="{PACKAGE}/relationships">{related}{self.relations}</Relationships>'
        )
        for number, sheet in enumerate(self.sheets, 1):
            parts[f"xl/worksheets/sheet{number}.xml"] = (
                f"<{tag}worksheet {space}>{sheet.before}<{tag}sheetData>{sheet.rows}</{tag}sheetData>"
                f"{sheet.after}</{tag}worksheet>"
            )
        return parts


def simple(rows: str, **facts: str) -> bytes:
    """Return a workbook of one sheet with these rows; `facts` are those of RawSheet."""
    return RawWorkbook([RawSheet(rows, **facts)]).pack()


def text_cell(reference: str, text: str) -> str:
    """Return a cell with its text inside."""
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def same_text(rows: int, columns: int) -> bytes:
    """One text of 30,000 characters, written once and shown in every cell."""
    row = "<row>" + '<c t="s"><v>0</v></c>' * columns + "</row>"
    return RawWorkbook([RawSheet(row * rows)], shared=f"<si><t>{'长' * 30_000}</t></si>").pack()


def with_declared_size(content: bytes, name: str, size: int) -> bytes:
    """Return the archive with a lie in its directory: how large a member will be, unpacked."""
    changed = bytearray(content)
    at = changed.index(b"PK\x01\x02")
    while changed[at : at + 4] == b"PK\x01\x02":
        lengths = [
            int.from_bytes(changed[at + offset : at + offset + 2], "little") for offset in (28, 30, 32)
        ]
        if changed[at + 46 : at + 46 + lengths[0]].decode() == name:
            changed[at + 24 : at + 28] = size.to_bytes(4, "little")
        at += 46 + sum(lengths)
    return bytes(changed)
