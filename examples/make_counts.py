"""Make examples/school-counts.csv: invented daily counts of nine grids, the same each time (seed 20260302).

Nothing in it is real. For eight weeks each grid's school counts pupils absent with vomiting or diarrhoea on
weekdays, and its pharmacy the packs sold against diarrhoea every day: Poisson numbers around a grid's usual.
From the seventh week an outbreak runs through the school of B2; pharmacies there and next door sell more.

    python examples/make_counts.py > examples/school-counts.csv
"""

import math
import random
import sys
from datetime import date, timedelta

SEED, FIRST, DAYS, WEEKEND = 20260302, date(2026, 3, 2), 56, 5
AREAS = [f"{row}{column}" for row in "ABC" for column in "123"]
ILL_FROM, SCHOOL = 43, "B2"
ILL = (2, 5, 9, 14, 12, 9, 7, 6, 4, 2, 1)  # more pupils absent than usual, day by day
SOLD = {"B2": 6.0, "A2": 2.0, "B1": 2.0, "B3": 2.0, "C2": 2.0}  # more packs than usual while it runs


def poisson(rng: random.Random, mean: float) -> int:
    """Return a Poisson number (Knuth)."""
    limit, product, number = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        number += 1
    return number


def rows() -> list[tuple[date, str, str, int]]:
    """Return every row, day by day."""
    rng = random.Random(SEED)
    pupils = {area: rng.uniform(0.2, 0.8) for area in AREAS}
    packs = {area: rng.uniform(1.5, 4.0) for area in AREAS}
    found = []
    for number in range(DAYS):
        day, since = FIRST + timedelta(days=number), number - ILL_FROM
        is_running = 0 <= since < len(ILL)
        for area in AREAS:
            if day.weekday() < WEEKEND:
                more = ILL[since] if is_running and area == SCHOOL else 0
                found.append((day, area, "school_gastro", poisson(rng, pupils[area]) + more))
            more_packs = SOLD.get(area, 0.0) if is_running else 0.0
            found.append((day, area, "pharmacy_gastro", poisson(rng, packs[area] + more_packs)))
    return found


if __name__ == "__main__":
    lines = ["day,area,indicator,count", *(",".join(map(str, row)) for row in rows())]
    sys.stdout.write("\n".join(lines) + "\n")
