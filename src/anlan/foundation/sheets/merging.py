"""Fills cells that a merged range covers with the text that the range shows."""

from collections import defaultdict

from anlan.foundation.sheets.bounds import MAX_MERGED_ROWS
from anlan.foundation.sheets.faults import Fault
from anlan.foundation.sheets.scan import Range, SheetNotes


class Merges:
    """The merged ranges of one sheet, by row; rows are asked for in ascending order."""

    def __init__(self, notes: SheetNotes) -> None:
        self.by_row: dict[int, list[Range]] = defaultdict(list)
        self.texts: dict[Range, str] = {}
        count = 0
        for merged in notes.merged:
            first, last = max(merged[0], 1), min(merged[2], notes.last_row)
            count += max(0, last - first + 1)
            if count > MAX_MERGED_ROWS:
                raise Fault("damaged")
            for row in range(first, last + 1):
                self.by_row[row].append(merged)
        self.width = notes.last_column

    def fill(self, row: int, texts: list[str], kinds: list[str]) -> None:
        """Mark what is covered in this row, and remember what ranges that begin in it show."""
        for merged in self.by_row.pop(row, ()):
            first_row, first, _last_row, last = merged
            if row == first_row:
                self.texts[merged] = texts[first - 1] if first <= len(texts) else ""
            shown = self.texts.get(merged, "")
            for column in range(first, min(last, self.width, len(texts)) + 1):
                if (row != first_row or column != first) and kinds[column - 1] == " ":
                    texts[column - 1], kinds[column - 1] = shown, "m"
