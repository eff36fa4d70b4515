"""The cell formats of the workbooks we write."""

from typing import Literal

from xlsxwriter import Workbook

ColumnKind = Literal["text", "date", "number", "moment"]

TEXT_FORMAT = 49  # "@", as spreadsheets have it built in
NUMBER_FORMATS: dict[ColumnKind, str | int] = {
    "text": TEXT_FORMAT,
    "date": "yyyy-mm-dd",
    "number": "General",
    "moment": "yyyy-mm-dd hh:mm",
}
MARKED = {"bg_color": "#F8D0D0", "font_color": "#9C0006"}
HEADING = {"bold": True, "bg_color": "#E8EEF4", "border": 1, "num_format": TEXT_FORMAT}
HEAD = {"italic": True, "font_color": "#666666", "num_format": TEXT_FORMAT}


class Styles:
    """The formats of one workbook as the numbers that stand in its cells; all are made at the start."""

    def __init__(self, book: Workbook) -> None:
        self.of_column = {
            kind: book.add_format({"num_format": number_format})
            for kind, number_format in NUMBER_FORMATS.items()
        }
        self.plain = {kind: style._get_xf_index() for kind, style in self.of_column.items()}
        self.marked = {
            kind: book.add_format({"num_format": number_format, **MARKED})._get_xf_index()
            for kind, number_format in NUMBER_FORMATS.items()
        }
        quoted = {"num_format": TEXT_FORMAT, "quote_prefix": True}
        self.quoted = book.add_format(quoted)._get_xf_index()
        self.marked_quoted = book.add_format({**quoted, **MARKED})._get_xf_index()
        self.heading = book.add_format(HEADING)._get_xf_index()
        self.head = book.add_format(HEAD)._get_xf_index()

    def text(self, *, is_marked: bool, is_quoted: bool) -> int:
        """Return the format of text; quoted, it is never taken for a formula, also when it is edited."""
        if is_quoted:
            return int(self.marked_quoted if is_marked else self.quoted)
        return int(self.marked["text"] if is_marked else self.plain["text"])

    def value(self, kind: ColumnKind, *, is_marked: bool) -> int:
        """Return the format of a number or date."""
        return int(self.marked[kind] if is_marked else self.plain[kind])
