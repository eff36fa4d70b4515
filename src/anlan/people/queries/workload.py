"""What each area asks of its grid workers: households, key people, visits owed, who arrived."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.foundation.actor import RANGE_END, Actor
from anlan.organisation.queries import live_appointments
from anlan.organisation.queries.patches import place_of
from anlan.organisation.rules import digits_below
from anlan.people.queries.care import kinds_closed_to

GRID_WORKER = "grid_worker"
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class GridLoad:
    """What one area asks of its grid workers now."""

    area_code: str
    workers: int
    homes: int
    key_people: int
    due: int  # key people whose visit falls into the coming week, the overdue among them
    late: int  # of them those whose day has passed
    arrivals: int

    def per_worker(self, count: int) -> int | None:
        """Return a count shared among the workers, rounded up; None where there is nobody."""
        return -(-count // self.workers) if self.workers else None

    @property
    def homes_each(self) -> int | None:
        """Return the households of each worker."""
        return self.per_worker(self.homes)

    @property
    def visits_each(self) -> int | None:
        """Return the visits each worker owes in the coming week."""
        return self.per_worker(self.due)


WORKLOAD = """
    WITH homes AS (
        SELECT left(area_code, %(digits)s) AS below, sum(households) AS n FROM people_gridtotal_now
        WHERE area_code >= %(low)s COLLATE "C" AND area_code < %(beyond)s COLLATE "C"
        GROUP BY 1 HAVING sum(households) > 0
    ), care AS (
        SELECT left(area_code, %(digits)s) AS below, count(DISTINCT resident_id) AS n,
            count(DISTINCT resident_id) FILTER (WHERE due_on < %(week)s) AS due,
            count(DISTINCT resident_id) FILTER (WHERE due_on < %(today)s) AS late
        FROM people_keyperson
        WHERE withdrawn_on IS NULL AND (basis = 'statutory_duty' OR consent_until >= %(today)s)
            AND NOT kind = ANY(%(closed)s)
            AND area_code >= %(low)s COLLATE "C" AND area_code < %(beyond)s COLLATE "C" GROUP BY 1
    ), came AS (
        SELECT left(area_code, %(digits)s) AS below, sum(people_count) AS n FROM people_arrival
        WHERE ends_on > %(today)s AND area_code >= %(low)s COLLATE "C" AND area_code < %(beyond)s COLLATE "C"
        GROUP BY 1
    )
    SELECT homes.below, homes.n, coalesce(care.n, 0), coalesce(care.due, 0), coalesce(care.late, 0),
        coalesce(came.n, 0)
    FROM homes LEFT JOIN care USING (below) LEFT JOIN came USING (below) ORDER BY 1
"""


def workload_below(actor: Actor, place: str, *, now: datetime, today: date) -> list[GridLoad]:
    """Return what each area directly below one, or each grid of a patch, asks of its grid workers.

    Raises NotFound out of range.

    Of key people it counts those alone whom the actor may know of: a count tells that somebody is there.
    """
    asked = place_of(actor, place)
    area_code, digits = asked.area_code, digits_below(asked.area_code)
    values: dict[str, Any] = {
        "low": area_code, "beyond": area_code + RANGE_END, "digits": digits, "today": today,
        "week": today + WEEK, "closed": sorted(kinds_closed_to(actor)),
    }  # fmt: skip
    workers = live_appointments(now).filter(
        post__role=GRID_WORKER,
        post__area_code__gte=area_code,
        post__area_code__lt=area_code + RANGE_END,
    )
    by_area: dict[str, set[UUID]] = {}
    for code, member in workers.values_list("post__area_code", "member"):
        by_area.setdefault(code[:digits], set()).add(member)
    with connection.cursor() as cursor:
        cursor.execute(WORKLOAD, values)
        rows = cursor.fetchall()
    loads = [GridLoad(code, len(by_area.get(code, ())), *counts) for code, *counts in rows]
    return loads if asked.grids is None else [load for load in loads if load.area_code in asked.grids]
