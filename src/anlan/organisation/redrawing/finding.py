"""Finds what a plan moves: the same statements for a preview and for the act, nothing changed yet."""

from dataclasses import dataclass

from django.db import connection

from anlan.organisation.models import Redraw
from anlan.organisation.redrawing.patched import PATCH_GRID, Regrouping, regroup
from anlan.organisation.redrawing.placed import Placed, placed_models
from anlan.organisation.redrawing.plans import Plan

# Kept for the transaction: where ended codes lead, the pieces sent by name, and what was found to move.
# `own` is false of what moves along with another row: the undo of that one takes it back.
TABLES = """
    DROP TABLE IF EXISTS pg_temp.redraw_codes, pg_temp.redraw_pieces, pg_temp.redraw_moved;
    CREATE TEMP TABLE redraw_codes (old text COLLATE "C" PRIMARY KEY, new text COLLATE "C") ON COMMIT DROP;
    CREATE TEMP TABLE redraw_pieces (label text, id uuid, old text COLLATE "C", new text COLLATE "C",
        PRIMARY KEY (label, id)) ON COMMIT DROP;
    CREATE TEMP TABLE redraw_moved (label text, id uuid, old text COLLATE "C", new text COLLATE "C",
        own boolean, PRIMARY KEY (label, id)) ON COMMIT DROP;
"""
BY_NAME = """
    INSERT INTO redraw_moved SELECT %(label)s, t_id, old, new, true FROM (
        SELECT {key} AS t_id, p.old, p.new FROM {table} AS t
        JOIN redraw_pieces AS p ON p.label = %(label)s AND p.id = {key} AND t."{column}" = p.old
    ) AS found ON CONFLICT DO NOTHING
"""
ALONG = """
    INSERT INTO redraw_moved SELECT %(label)s, {key}, with_.old, with_.new, false FROM {table} AS t
    JOIN redraw_moved AS with_
        ON with_.label = %(parent)s AND with_.id = t.{parent_column} AND t."{column}" = with_.old
    ON CONFLICT DO NOTHING
"""
BY_CODE = """
    INSERT INTO redraw_moved SELECT %(label)s, {key}, k.old, k.new, true FROM {table} AS t
    JOIN redraw_codes AS k ON t."{column}" = k.old
    WHERE {among} ON CONFLICT DO NOTHING
"""
# A row whose unique key another has in the new area already, or brings there too.
CLASHING = """
    WITH coming AS (
        SELECT m.id, m.new, {named} FROM redraw_moved AS m JOIN {table} AS t
        ON m.label = %(label)s AND {key} = m.id WHERE {known}
    )
    SELECT coming.id FROM coming JOIN {table} AS other ON other."{column}" = coming.new AND {same}
    WHERE {other_among}
    UNION SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY new, {names} ORDER BY id) AS place FROM coming
    ) AS numbered WHERE place > 1
"""

# A piece sent by name that neither moves nor lies where it is sent: it is out of reach, moved on or erased.
GONE = """
    SELECT count(*) FROM redraw_pieces AS p WHERE p.label = %(label)s
    AND NOT EXISTS (SELECT FROM redraw_moved AS m WHERE m.label = p.label AND m.id = p.id)
    AND NOT EXISTS (SELECT FROM {table} AS t WHERE {key} = p.id AND t."{column}" = p.new)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows move, by model and by (model, from, to); how many may not; what becomes of patches."""

    counts: dict[str, int]
    ways: dict[tuple[str, str, str], int]
    refused: dict[str, int]
    regrouping: Regrouping

    @property
    def regrouped(self) -> dict[str, int]:
        """Return, beside what moves, how many grids come into a patch or out of one."""
        count = self.counts.get(PATCH_GRID, 0)
        return {PATCH_GRID: count} if count else {}


def find(plan: Plan, *, after: Redraw | None = None, undoes: Redraw | None = None) -> Found:
    """Fill the temporary tables with all that the plan moves and return the counts.

    `after` a redraw was done: what was written while it was, and does not lie with what it moved; patches are
    changed by nobody meanwhile. `undoes` names the redraw that the plan takes back. The transaction's scope
    must reach over every area touched.
    """
    _lay_out(plan)
    counts: dict[str, int] = {}
    refused: dict[str, int] = {}
    for placed in placed_models():
        if placed.is_leaf:
            counts[placed.label] = _counted_along(placed)
            continue
        if after is not None:
            _recall(after, placed)
        _find(placed)
        clashing = _settle_clashes(placed)
        if clashing:
            refused[placed.label] = clashing
    regrouping = Regrouping() if after else regroup(plan, undoes=undoes)
    ways = _ways() | {(PATCH_GRID, *way): count for way, count in regrouping.ways.items()}
    for (label, _old, _new), count in ways.items():
        counts[label] = counts.get(label, 0) + count
    return Found({label: count for label, count in counts.items() if count}, ways, refused, regrouping)


def count_gone(plan: Plan) -> int:
    """Return how many of a plan's pieces have gone elsewhere since; after `find` of the same plan."""
    named = {piece.label for piece in plan.pieces}
    return sum(_gone(placed) for placed in placed_models() if placed.label in named)


def _gone(placed: Placed) -> int:
    question = GONE.format(table=placed.table, column=placed.column, key=placed.key)
    with connection.cursor() as cursor:
        cursor.execute(question, {"label": placed.label})
        count: int = cursor.fetchone()[0]
    return count


def _lay_out(plan: Plan) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.execute(
            "INSERT INTO redraw_codes SELECT * FROM unnest(%s::text[], %s::text[])",
            [list(plan.codes), list(plan.codes.values())],
        )
        columns = [[getattr(piece, name) for piece in plan.pieces] for name in
                   ("label", "row_id", "from_code", "to_code")]  # fmt: skip
        cursor.execute(
            "INSERT INTO redraw_pieces SELECT * FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::text[])",
            columns,
        )
        cursor.execute("ANALYZE redraw_codes; ANALYZE redraw_pieces")


def _recall(redraw: Redraw, placed: Placed) -> None:
    """Put down what a redraw moved and is still there, so that what hangs on it is found."""
    question = f"""
        INSERT INTO redraw_moved SELECT m.label, m.row_id, m.from_code, m.to_code, false
        FROM organisation_redrawmove AS m JOIN {placed.table} AS t
            ON {placed.key} = m.row_id AND t."{placed.column}" = m.to_code
        WHERE m.redraw_id = %s AND m.label = %s
    """
    with connection.cursor() as cursor:
        cursor.execute(question, [redraw.pk, placed.label])


def _find(placed: Placed) -> None:
    parts = {"table": placed.table, "column": placed.column, "key": placed.key}
    among = placed.among.format(t="t")
    with connection.cursor() as cursor:
        cursor.execute(BY_NAME.format(**parts), {"label": placed.label})
        for parent, column in placed.parents:
            along = ALONG.format(parent_column=column, **parts)
            cursor.execute(along, {"label": placed.label, "parent": parent})
        cursor.execute(BY_CODE.format(among=among, **parts), {"label": placed.label})
        cursor.execute("ANALYZE redraw_moved")


def _settle_clashes(placed: Placed) -> int:
    """Let rows that clash by a unique key stay where they are; of a model that refuses, count them."""
    clashing = 0
    for columns in placed.unique_keys():
        question = CLASHING.format(
            table=placed.table,
            column=placed.column,
            key=placed.key,
            named=", ".join(f't."{name}"' for name in columns),
            names=", ".join(f'"{name}"' for name in columns),
            known=" AND ".join(f't."{name}" IS NOT NULL' for name in columns),
            same=" AND ".join(f'other."{name}" = coming."{name}"' for name in columns),
            other_among=placed.among.format(t="other"),
        )
        with connection.cursor() as cursor:
            if placed.clash == "refuses":
                cursor.execute(f"SELECT count(*) FROM ({question}) AS clashing", {"label": placed.label})
                clashing += cursor.fetchone()[0]
            else:
                cursor.execute(
                    f"DELETE FROM redraw_moved WHERE label = %(label)s AND id IN ({question})",
                    {"label": placed.label},
                )
    return clashing


def _counted_along(placed: Placed) -> int:
    [(parent, column)] = placed.parents
    question = f"""
        SELECT count(*) FROM {placed.table} AS t JOIN redraw_moved AS with_
        ON with_.label = %s AND with_.id = t.{column} AND t."{placed.column}" = with_.old
    """
    with connection.cursor() as cursor:
        cursor.execute(question, [parent])
        count: int = cursor.fetchone()[0]
    return count


def _ways() -> dict[tuple[str, str, str], int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT label, old, new, count(*) FROM redraw_moved GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
        return {(label, old, new): count for label, old, new, count in cursor.fetchall()}
