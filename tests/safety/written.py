"""What a request wrote: the rows of every table since a moment, without what is so by chance."""

import json
import re
from collections import Counter
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection

from anlan.foundation.actor import AreaRanges

ALL_PURPOSES = "audit,department,grid_work,health,lead,org,privacy,reporting,security,system"
NOT_COMPARED = {"django_session"}
BY_CHANCE = {"id", "request_id", "password"}
OF_ONE_TABLE = {"people_lookup": {"subject_id"}}  # a search counts under an id of its own
STATED = "SELECT set_config('anlan.scope', %s, true), set_config('anlan.purposes', %s, true)"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d|Z)?")
NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def moment() -> int:
    """Return a mark inside a savepoint: what is written from now on has this number or a higher."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE marked (n int) ON COMMIT DROP")
        cursor.execute("INSERT INTO marked VALUES (1) RETURNING xmin::text::bigint")
        return int(cursor.fetchone()[0])


def written_since(mark: int) -> Counter[str]:
    """Return every row written since the mark, and how many rows each table has."""
    scope = AreaRanges.everywhere().as_multirange()
    with connection.cursor() as cursor:
        cursor.execute(STATED, [scope, ALL_PURPOSES])
        cursor.execute(_question(), {"mark": mark})
        found = [(str(table), json.loads(row)) for table, row in cursor.fetchall()]
        cursor.execute(STATED, ["", ""])
    rows = [(table, row) for table, row in found if isinstance(row, dict)]
    made = {str(row["id"]) for _table, row in rows if "id" in row}
    for table, row in rows:
        for name in OF_ONE_TABLE.get(table, ()):
            row.pop(name, None)
    return Counter(f"{table} {_plain(row, made)}" for table, row in found)


@cache
def _question() -> str:
    """Return one statement about all tables: the count of each, and its rows since the mark."""
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    tables = sorted({model._meta.db_table for model in models} - NOT_COMPARED)
    parts = [
        part
        for table in tables
        for part in (
            f"SELECT '{table}', to_jsonb(t)::text FROM {table} t WHERE xmin::text::bigint >= %(mark)s",
            f"SELECT '{table}', count(*)::text FROM {table}",
        )
    ]
    return " UNION ALL ".join(parts)


def _plain(value: Any, made: set[str]) -> Any:
    """Return a value without moments, ids made just now, secrets and ciphertext."""
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if name not in BY_CHANCE}
        return {name: _plain(kept[name], made) for name in sorted(kept)}
    if isinstance(value, list):
        return [_plain(one, made) for one in value]
    if isinstance(value, str):
        text = "bytes" if value.startswith("\\x") else MOMENT.sub("moment", value)
        return NUMBER.sub(lambda found: "made" if found[0] in made else found[0], text)
    return value
