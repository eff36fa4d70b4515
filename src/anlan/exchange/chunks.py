"""Packs the rows of a file as they were written into encrypted chunks, and gets them out again."""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from anlan.exchange.cells import Cell
from anlan.exchange.layout import Layout
from anlan.exchange.models import ImportChunk
from anlan.foundation.crypto import decrypt_bytes, encrypt_bytes
from anlan.foundation.sheets.reading import SheetRow

CONTEXT = "exchange.ImportChunk.content"
SAID = "exchange.ImportChunk.said"


def packed(rows: Sequence[SheetRow]) -> bytes:
    """Return rows as one encrypted value."""
    text = json.dumps([[row.sheet, row.number, row.cells, row.kinds] for row in rows], ensure_ascii=False)
    return encrypt_bytes(zlib.compress(text.encode("utf-8", "surrogatepass"), 1), context=CONTEXT)


def unpacked(content: bytes | memoryview) -> list[SheetRow]:
    """Return the rows of a packed value."""
    text = zlib.decompress(decrypt_bytes(bytes(content), context=CONTEXT)).decode("utf-8", "surrogatepass")
    return [SheetRow(sheet, number, tuple(cells), kinds) for sheet, number, cells, kinds in json.loads(text)]


def packed_said(said: Mapping[int, Any]) -> bytes:
    """Return what rows say, by row number, as one encrypted value."""
    text = json.dumps(list(said.items()), ensure_ascii=False)
    return encrypt_bytes(zlib.compress(text.encode(), 1), context=SAID)


def unpacked_said(content: bytes | memoryview) -> dict[int, Any]:
    """Return what rows say, by row number."""
    return dict(json.loads(zlib.decompress(decrypt_bytes(bytes(content), context=SAID))))


def rows_of(chunk: ImportChunk) -> list[SheetRow]:
    """Return the rows of a stored chunk, in the order of the file."""
    return unpacked(chunk.content)


def cells_of(row: SheetRow, layout: Layout) -> dict[str, Cell]:
    """Return a row's cells by the keys of the columns."""
    return {
        key: Cell(row.cells[place], row.kinds[place])
        for place, key in layout.columns.items()
        if place < len(row.cells)
    }
