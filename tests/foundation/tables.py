"""Reads tables for tests: through the child process as the product does, or within this one."""

import json
from collections.abc import Iterator
from typing import Any

from anlan.foundation.sheets.archive import check_table
from anlan.foundation.sheets.child import messages
from anlan.foundation.sheets.reading import SheetRow, TableFile, open_table, table_of


def read(content: bytes, name: str, *, encoding: str = "") -> tuple[TableFile, list[SheetRow]]:
    """Return a table and all its rows."""
    with open_table(content, name, encoding=encoding) as table:
        return table, list(table.rows)


def read_here(content: bytes, name: str, *, encoding: str = "") -> tuple[TableFile, list[SheetRow]]:
    """Return the same without a child: what limits memory and time is then not there."""
    kind = check_table(content, name)
    table = table_of(_sent(messages(content, kind, encoding)))
    return table, list(table.rows)


def _sent(told: Iterator[Any]) -> Iterator[Any]:
    return (json.loads(json.dumps(message)) for message in told)
