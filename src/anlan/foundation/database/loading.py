"""Brings many rows into a table at once: COPY into a temporary table, then INSERT … SELECT or UPDATE … FROM.

COPY into a table with row security is refused to the application; so every row passes its policy here.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

NOTHING = "\\N"
LINES_AT_ONCE = 2000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_rows(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, order: str = "", conflict: str = ""
) -> int:
    """Insert rows of values and return how many went in; `conflict` is what follows ON CONFLICT."""
    return insert_lines(table, columns, (line_of(row) for row in rows), order=order, conflict=conflict)


def insert_lines(
    table: str, columns: Sequence[str], lines: Iterable[str], *, order: str = "", conflict: str = ""
) -> int:
    """Insert rows given as lines of COPY's text form, in the order of `order`; return how many went in."""
    listed = ", ".join(columns)
    with _staged(table, columns, lines) as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({listed}) SELECT {listed} FROM staged"
            + (f" ORDER BY {order}" if order else "")
            + (f" ON CONFLICT {conflict}" if conflict else "")
        )
        count: int = cursor.rowcount
    return count


def update_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Give the rows whose id is the first value of each of these their other values."""
    key, *changed = columns
    said = ", ".join(f"{column} = staged.{column}" for column in changed)
    with _staged(table, columns, (line_of(row) for row in rows)) as cursor:
        cursor.execute(f"UPDATE {table} AS kept SET {said} FROM staged WHERE kept.{key} = staged.{key}")


@contextmanager
def _staged(table: str, columns: Sequence[str], lines: Iterable[str]) -> Iterator[CursorWrapper]:
    """Bring lines into the temporary table `staged`, which has these columns of the table."""
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {listed} FROM {table} WITH NO DATA"
        )
        copy_lines(cursor, "staged", columns, lines)
        yield cursor
        cursor.execute("DROP TABLE staged")


def copy_lines(cursor: Any, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """COPY lines into a table without row security."""
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        held: list[str] = []
        for line in lines:
            held.append(line)
            if len(held) == LINES_AT_ONCE:
                copy.write("\n".join(held) + "\n")
                held.clear()
        if held:
            copy.write("\n".join(held) + "\n")


def line_of(values: Iterable[Any]) -> str:
    """Return values as a line of COPY's text form."""
    return "\t".join([_text_of(value) for value in values])


def _text_of(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value.translate(ESCAPES) if needs_escape(value) else value
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value.hex if isinstance(value, UUID) else str(value)


def needs_escape(text: str) -> bool:
    """Say whether a text holds what COPY's text form reads otherwise."""
    return "\\" in text or "\t" in text or "\n" in text or "\r" in text
