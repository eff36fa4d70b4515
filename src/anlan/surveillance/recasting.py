"""After a redraw: let counts lie where what they were reported of lies in today's borders."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.surveillance.counting import PLACE
from anlan.surveillance.recounting import fill_again, hold_roll_up

# What was reported in the areas touched, or lies there, and lies elsewhere now; as reported nothing changes.
RECAST = f"""
    WITH placed AS (
        SELECT c.id, c.indicator, c."on", c.place_code AS old, {PLACE} AS new FROM surveillance_counted AS c
        WHERE c.area_code = ANY(%(codes)s) OR c.place_code = ANY(%(codes)s)
    )
    UPDATE surveillance_counted AS c SET place_code = placed.new FROM placed
    WHERE c.id = placed.id AND placed.new <> placed.old
    RETURNING placed.indicator, placed."on", placed.old, placed.new
"""


def recast_counts(*, codes: Sequence[str], now: datetime) -> int:
    """Recast the counts that a redraw of these areas touches; return how many were hung elsewhere.

    Safe to run twice. One transaction: counting of new arrivals waits while the roll-up is mended.
    """
    # what lies in these areas may have been reported under any code the district ever had
    district = AreaRanges.of(code[: CODE_LENGTH[AreaLevel.DISTRICT]] for code in codes)
    with transaction.atomic(), duty("detect", ranges=district, cause="recast_counts"):
        hold_roll_up()
        with connection.cursor() as cursor:
            cursor.execute(RECAST, {"codes": list(codes)})
            moved = cursor.fetchall()
        cells = {(indicator, place, on) for indicator, on, *places in moved for place in places}
        fill_again(cells, now)
    return len(moved)
