"""How many households and residents the register has, by grid; from the roll-up, never behind the rows."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from anlan.foundation.actor import RANGE_END, Actor
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.people.models import GridTotal

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
    return _counted(area_code, area_code + RANGE_END, digits)


def _counted(low: str, beyond: str, digits: int) -> dict[str, Totals]:
    values: dict[str, int | str] = {"digits": digits, "low": low, "beyond": beyond}
    with connection.cursor() as cursor:
        cursor.execute(BY_GRID, values)
        return {code: Totals(*counts) for code, *counts in cursor.fetchall()}


def grid_totals(actor: Actor, codes: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return households and residents of these grids, 0 where nobody lives.

    A grid out of the actor's ranges is left out; all are for a post that does not serve residents.
    """
    known = sorted(code for code in codes if actor.ranges.covers(code))
    if not known or not actor.has_purpose(*GridTotal.read_purposes):
        return {}
    found = _counted(known[0], known[-1] + RANGE_END, CODE_LENGTH[AreaLevel.GRID])
    counted = ((code, found.get(code, Totals())) for code in known)
    return {code: (total.households, total.residents) for code, total in counted}
