"""The registers at every level at 1,000,000 residents: whole pages, and their SQL without row security.

Every page is asked for as an ordinary user of its level. Its own reads are then sent again twice: as the
application under that user's scope, and as the owner, whom row security does not bind. The liaison lines are
filled first, four households of five with a holder of their grid, and the roll-ups counted.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench import house
from bench.figure import Figure
from bench.lists import MOST_PAGE_MS, MOST_RATIO, actor_of, median_ms, p95_ms, signed_in, transaction

RESIDENTS = int(os.environ.get("RESIDENTS") or 1_000_000)
LEVELS = {
    "district": ("cdc_duty_officer", "social_work_officer"),
    "subdistrict": ("subdistrict_officer",),
    "community": ("community_secretary",),
    "grid": ("grid_worker",),
}  # the second is asked where the first has no such page
COVERED = "family_doctor"  # a line of single holders
ASSIGN = """
    INSERT INTO people_householdassignment (id, area_code, household_id, line, slot, holder_id, starts_at,
        reason, end_reason, version)
    SELECT gen_random_uuid(), home.area_code, home.id, %s, '',
        staff.ids[1 + abs(hashtext(home.area_code)) %% staff.size], now(), '', '', 1
    FROM people_household AS home,
        (SELECT array_agg(id ORDER BY id) AS ids, count(*)::int AS size FROM organisation_member) AS staff
    WHERE abs(hashtext(home.id::text)) %% 10 < 8
"""
READS = ("SELECT", "WITH")
SIZE = """
    SELECT (SELECT count(*) FROM people_resident), (SELECT count(*) FROM people_household),
        (SELECT count(*) FROM organisation_area WHERE level = 'grid' AND ends_at IS NULL),
        (SELECT count(*) FROM organisation_member)
"""


@dataclass(frozen=True)
class Page:
    """One page and who looks at it."""

    name: str
    actor: Any
    path: str


def main() -> Iterator[Figure]:
    """Measure every page on a district kept between runs."""
    with house.district(RESIDENTS):
        _tell_size()
        _assign_once()
        for page in _pages():
            yield from _measured(page)


def _tell_size() -> None:
    """Print what is measured at: a district kept from an earlier run may be another."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(SIZE)
        residents, households, grids, staff = cursor.fetchone()
    print(f"{residents:,} residents, {households:,} households, {grids:,} grids, {staff:,} staff", flush=True)


def _assign_once() -> None:
    from django.db import connections

    from anlan.foundation.actor import AreaRanges
    from anlan.foundation.clock import utc_now
    from anlan.foundation.scope import duty
    from anlan.people.actions import count_grids

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT 1 FROM people_householdassignment WHERE line = %s LIMIT 1", [COVERED])
        if cursor.fetchone() is None:
            cursor.execute(ASSIGN, [COVERED])
            cursor.execute("ANALYZE people_householdassignment")
    began = time.monotonic()
    with duty("keep_clocks", ranges=AreaRanges.everywhere(), cause="bench"):
        places = count_grids(now=utc_now())
    print(f"{places:,} places counted again in {time.monotonic() - began:.1f} s", flush=True)


def _pages() -> Iterator[Page]:
    for level, roles in LEVELS.items():
        actors = [actor_of(role) for role in roles]
        code = actors[0].area_code
        paths = {
            "area": f"/areas/{code}/",
            "residents of 60 to 79": "/people/?age=old",
            "households": "/households/",
            "recheck": "/recheck/",
            "key people": "/people/care/",
            "coverage": f"/liaison/?line={COVERED}&area={code}",
            "uncovered homes": f"/liaison/homes/?line={COVERED}&area={code}&view=uncovered",
            "workload": "/workload/",
            "facilities": "/facilities/",
            "posts": "/posts/",
            "grid sizes": f"/areas/{code}/grid-sizes/",
        }
        for name, path in paths.items():
            asking = next((actor for actor in actors if signed_in(actor).get(path).status_code == 200), None)
            if asking is None:
                print(f"{name}, {level}: a page of no post there", flush=True)
            else:
                yield Page(f"{name}, {level}", asking, path)


def _measured(page: Page) -> Iterator[Figure]:
    from django.db import connection, connections
    from django.test.utils import CaptureQueriesContext

    from anlan.foundation.scope import scope

    client = signed_in(page.actor)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(page.path)
    if answer.status_code != 200:
        raise RuntimeError(f"{page.path} answered {answer.status_code}")
    asked = [query["sql"].lstrip() for query in captured.captured_queries]
    reads = [sql for sql in asked if sql.startswith(READS) and "set_config" not in sql]
    with transaction(), scope(page.actor):
        ours = median_ms(connection, [sql for sql in asked if sql.startswith(READS)])
    ceiling = median_ms(connections["owner"], reads)
    yield Figure(
        f"{page.name}: database", ours, ceiling, "ms", "the same SQL, no row security", at_most=MOST_RATIO
    )
    page_ms = p95_ms(lambda: client.get(page.path))
    empty_ms = p95_ms(lambda: client.get("/healthz"))
    yield Figure(
        f"{page.name}: page p95",
        page_ms,
        empty_ms,
        "ms",
        "a page that reads nothing",
        ours_at_most=MOST_PAGE_MS,
    )
