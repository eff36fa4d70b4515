"""What the roll-ups of the register must say, counted from the rows, and what they do say."""

from collections import Counter

from django.db import connection

from anlan.people.models import Household, HouseholdAssignment, Resident
from anlan.people.queries.totals import totals_below
from tests.world import DISTRICT, GRID_A

GRID_DIGITS = len(GRID_A)
Counts = tuple[dict[str, tuple[int, int]], Counter[tuple[object, ...]], Counter[tuple[object, ...]]]


def counted() -> Counts:
    """Count households and residents of grids, households by holders and seats, and loads from the rows."""
    homes = Counter(code[:GRID_DIGITS] for code in Household.objects.values_list("area_code", flat=True))
    people = Counter(code[:GRID_DIGITS] for code in Resident.objects.values_list("area_code", flat=True))
    totals = {code: (homes[code], people[code]) for code in homes | people}
    live = list(HouseholdAssignment.objects.filter(ends_at=None))
    doors: dict[tuple[object, ...], list[str]] = {}
    for row in live:
        doors.setdefault((row.area_code, row.line, row.household_id), []).append(row.slot)
    counts = Counter(
        (code, line, len(slots), sum(slot != "" for slot in slots))
        for (code, line, _home), slots in doors.items()
    )
    loads = Counter((row.area_code, row.line, row.holder_id, row.slot) for row in live)
    return totals, counts, loads


def shown() -> Counts:
    """Return the same as the views of the roll-ups have it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT area_code, line, holders, seats, homes FROM people_linecount_now")
        counts = Counter({tuple(key): homes for *key, homes in cursor.fetchall()})
        cursor.execute("SELECT area_code, line, holder_id, slot, homes FROM people_lineload_now")
        loads = Counter({tuple(key): homes for *key, homes in cursor.fetchall()})
    totals = totals_below(DISTRICT, digits=GRID_DIGITS).items()
    return (
        {code: (row.households, row.residents) for code, row in totals if row.households or row.residents},
        counts,
        loads,
    )
