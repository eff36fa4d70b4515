"""Count again the places whose households, residents or assignments have changed (people.models.counts)."""

from datetime import datetime

from django.db import connection, transaction

from anlan.foundation.scope import duty, require_scope

# What changes meanwhile is noted anew and not taken here, so the rows are counted after the notes are taken.
TAKE = "DELETE FROM people_recount RETURNING area_code"
FORGET = "DELETE FROM {table} WHERE area_code = ANY(%(places)s)"
COUNT = """
    INSERT INTO {table} (id, area_code, {columns})
    SELECT gen_random_uuid(), place, {columns}
    FROM unnest(%(places)s::text[]) AS place, LATERAL {function}(place) AS counted
"""
ROLL_UPS = (
    ("people_gridtotal", "people_grid_total", "households, residents"),
    ("people_linecount", "people_line_counts", "line, holders, seats, homes"),
    ("people_lineload", "people_line_loads", "line, holder_id, slot, homes"),
)


def count_grids(*, now: datetime) -> int:
    """Bring the roll-ups of the districts in scope up to date; return how many places were counted.

    Called by the clock. A transaction that notes a place while this runs leaves its note for the next time.
    """
    ranges = require_scope().ranges
    with (
        transaction.atomic(),
        duty("count_grids", ranges=ranges, cause="clock"),
        connection.cursor() as cursor,
    ):
        cursor.execute(TAKE)
        places = sorted({code for (code,) in cursor.fetchall()})
        if places:
            for table, function, columns in ROLL_UPS:
                cursor.execute(FORGET.format(table=table), {"places": places})
                sql = COUNT.format(table=table, function=function, columns=columns)
                cursor.execute(sql, {"places": places})
    return len(places)
