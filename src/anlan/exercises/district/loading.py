"""Brings rows into the database fast: COPY into a temporary table, then INSERT … SELECT.

COPY into a table with row security is refused to the application; so every row passes its policy here.
"""

from collections.abc import Iterable, Sequence

from django.db import connection

from anlan.foundation.database.loading import copy_lines, insert_lines, line_of
from anlan.people.rules import born_sql

BATCH_ROWS = 100_000
# The columns of the staging table of residents beyond those of the register: what tokens are made of.
TOKEN_SOURCES = {
    "name": "name",
    "pinyin": "pinyin",
    "initials": "initials",
    "id": "encode(id_number_hash, 'hex')",
    "phone": "encode(phone_hash, 'hex')",
    "tail": "tail",
    "door": "door",
    "born": born_sql("pinyin", "birth_on"),
}
SECOND_READINGS = {
    "pinyin": "pinyin_2",
    "initials": "initials_2",
    "born": f"NULLIF({born_sql('pinyin_2', 'birth_on')}, {born_sql('pinyin', 'birth_on')})",
}
RESIDENT_COLUMNS = (
    "id", "area_code", "household_id", "name", "sex", "birth_on", "relation", "id_number", "id_number_hash",
    "phone", "phone_hash", "version", "verified_on", "created_at",
)  # fmt: skip
EXTRA_COLUMNS = ("pinyin", "initials", "pinyin_2", "initials_2", "tail", "door")


def load(table: str, columns: str, lines: Iterable[str]) -> int:
    """Insert rows given as lines of COPY's text form, columns named in one string; return how many."""
    return insert_lines(table, columns.split(), lines)


def load_rows(table: str, columns: str, rows: Iterable[Sequence[object]]) -> int:
    """Insert rows of values, columns named in one string; return how many.

    All are drawn before the first is sent: whoever draws them may ask the database.
    """
    return load(table, columns, [line_of(row) for row in rows])


def stage_residents() -> None:
    """Make the temporary tables that residents and their tokens are taken from."""
    extra = ", ".join(f'NULL::text COLLATE "C" AS {name}' for name in EXTRA_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        for table in ("arriving_residents", "staged_residents"):
            cursor.execute(
                f"CREATE TEMP TABLE {table} ON COMMIT DROP AS"
                f" SELECT {', '.join(RESIDENT_COLUMNS)}, {extra} FROM people_resident WITH NO DATA"
            )


def load_residents(lines: Iterable[str]) -> int:
    """Insert residents given as lines of COPY's text form; they stay staged for their tokens."""
    listed = ", ".join(RESIDENT_COLUMNS)
    kept = ", ".join(("id", "area_code", "name", "birth_on", "id_number_hash", "phone_hash", *EXTRA_COLUMNS))
    with connection.cursor() as cursor:
        copy_lines(cursor, "arriving_residents", (*RESIDENT_COLUMNS, *EXTRA_COLUMNS), lines)
        # Everybody is drawn once: there is nobody among them to be sought as entered twice.
        cursor.execute(
            f"INSERT INTO people_resident ({listed}, sought_version)"
            f" SELECT {listed}, version FROM arriving_residents"
        )
        count: int = cursor.rowcount
        cursor.execute(f"INSERT INTO staged_residents ({kept}) SELECT {kept} FROM arriving_residents")
        cursor.execute("TRUNCATE arriving_residents")
    return count


def load_tokens() -> int:
    """Insert the tokens of all staged residents in the order of their index; return how many."""
    count = 0
    sources = [*TOKEN_SOURCES.items(), *SECOND_READINGS.items()]
    with connection.cursor() as cursor:
        for kind, source in sources:
            cursor.execute(
                "INSERT INTO people_searchtoken (kind, token, area_code, resident_id)"
                f" SELECT '{kind}', {source}, area_code, id FROM staged_residents"
                f' WHERE {source} IS NOT NULL ORDER BY ({source}) COLLATE "C", area_code, id'
            )
            count += cursor.rowcount
    return count
