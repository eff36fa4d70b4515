"""Every list and search of the register runs on indexes, as the application role explains it.

Tables of a test are small, so reading them whole is priced out of the planner's choice: what still reads a
table whole has no index to go by, or a condition that may not pass the policy (DESIGN.md section 3).
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.keyset import count_up_to, page_of
from anlan.foundation.scope import scope
from anlan.people import queries
from anlan.people.actions import open_household, open_resident
from anlan.people.queries import ResidentFilter
from tests.world import GRID_A, GRID_C, GRID_E, World

pytestmark = pytest.mark.django_db
ORDER = ("area_code", "id")


def plans_of(actor: Actor, act: Callable[[Actor], Any]) -> Iterator[dict[str, Any]]:
    """Yield the plan of every read of the register that the act makes."""
    with scope(actor), CaptureQueriesContext(connection) as captured:
        act(actor)
    with scope(actor), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == "anlan_app"
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in captured.captured_queries:
            if query["sql"].lstrip("( ").startswith("SELECT") and '"people_' in query["sql"]:
                cursor.execute("EXPLAIN (FORMAT JSON) " + query["sql"])
                plan = cursor.fetchone()[0]
                yield (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def listed(chosen: ResidentFilter) -> Callable[[Actor], Any]:
    def act(actor: Actor) -> None:
        rows = queries.visible_residents(actor, chosen, today=day_of(utc_now()))
        page = page_of(rows, order=ORDER, ranges=actor.ranges, size=2)
        page_of(rows, order=ORDER, ranges=actor.ranges, size=2, after=page.after)
        count_up_to(rows.select_related(None), ranges=actor.ranges)

    return act


def households(actor: Actor) -> None:
    rows = queries.visible_households(actor)
    page_of(rows, order=ORDER, ranges=actor.ranges)
    count_up_to(rows.select_related(None), ranges=actor.ranges)


def searched(text: str) -> Callable[[Actor], Any]:
    return lambda actor: queries.search(actor, text)


ACTS: dict[str, Callable[[Actor], Any]] = {
    "list": listed(ResidentFilter()),
    "list by age": listed(ResidentFilter(age_band="old")),
    "list of an area": listed(ResidentFilter(area_code=GRID_A)),
    "households": households,
    "by name": searched("陈大明"),
    "by pinyin or initials": searched("chen"),
    "by number": searched("15400000001"),
    "by last four": searched("0001"),
    "by door": searched("1-1-101"),
    "by two words": searched("陈 1栋"),
    "one person": lambda actor: open_resident(
        actor=actor, resident_id=queries.search(actor, "陈大明").residents[0].pk, now=utc_now()
    ),
    "one household": lambda actor: open_household(
        actor=actor,
        household_id=queries.visible_households(actor, area_code=GRID_A)[0].pk,
        now=utc_now(),
    ),
}
SEVERAL = AreaRanges.of([GRID_A, GRID_C, GRID_E])


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("several", [False, True], ids=["one range", "several ranges"])
def test_no_list_or_search_reads_a_table_whole(world: World, name: str, several: bool) -> None:
    actor = world.actor("wang")
    if several:
        actor = Actor(**{**{f: getattr(actor, f) for f in actor.__slots__}, "ranges": SEVERAL})

    plans = list(plans_of(actor, ACTS[name]))

    assert plans
    for plan in plans:
        whole = [node for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
        assert whole == [], whole


def test_a_search_goes_by_kind_word_and_area(world: World) -> None:
    plan = next(plans_of(world.actor("wang"), searched("陈大明")))

    conditions = " ".join(node.get("Index Cond", "") for node in nodes(plan))
    assert "kind" in conditions
    assert "token" in conditions
    assert "area_code" in conditions
