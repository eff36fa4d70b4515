"""Let the audit's transaction numbers go on after a restore, where PostgreSQL counts from low ones anew."""

from django.db import connections

PLAUSIBLE = 1_000_000_000  # transactions between the last seal and a dump; a number beyond is no real one
NEXT = """
    WITH sealed AS (SELECT coalesce(max(below_transaction), 0) AS below FROM foundation_auditseal)
    SELECT
        greatest(below, (SELECT max(transaction) + 1 FROM foundation_auditentry
                         WHERE transaction < below + %s)),
        pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint + audit_offset()
    FROM sealed
"""


def go_on_counting() -> bool:
    """Raise the offset of transaction numbers if they would fall among sealed ones; say if it was raised.

    Called at each start, before anybody writes, as the owner of the tables: the application cannot do it.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute(NEXT, [PLAUSIBLE])
        free, oldest_running, upcoming = cursor.fetchone()
        if upcoming >= free:
            return False
        cursor.execute(offset_function(free - oldest_running))
    return True


def offset_function(offset: int) -> str:
    """Return the SQL that makes or replaces the function in the column's default."""
    body = f"SELECT {int(offset)}::bigint"
    return f"CREATE OR REPLACE FUNCTION audit_offset() RETURNS bigint LANGUAGE sql STABLE AS '{body}'"
