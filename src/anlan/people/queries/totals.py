"""How many households and residents the register has, by grid; from the roll-up, never behind the rows."""

from dataclasses import dataclass

from django.db import connection

from anlan.foundation.actor import RANGE_END

BY_GRID = """
    SELECT left(area_code, %(digits)s), sum(households), sum(residents) FROM people_gridtotal_now
    WHERE area_code >= %(low)s COLLATE "C" AND area_code < %(beyond)s COLLATE "C" GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Totals:
    """Households and residents of a place."""

    households: int = 0
    residents: int = 0


def totals_below(area_code: str, *, digits: int) -> dict[str, Totals]:
    """Return what the register has in an area, by codes of so many digits; a micro-grid counts to its grid.

    Only of what is in scope: whoever asks has checked the area.
    """
    values: dict[str, int | str] = {"digits": digits, "low": area_code, "beyond": area_code + RANGE_END}
    with connection.cursor() as cursor:
        cursor.execute(BY_GRID, values)
        return {code: Totals(*counts) for code, *counts in cursor.fetchall()}
