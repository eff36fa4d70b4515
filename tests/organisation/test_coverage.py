"""Bodies and checklists rolled up the tree: by one question, and by the same rules as a single one's page."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.pack_store import pack_in_force
from anlan.foundation.scope import duty, scope
from anlan.organisation.models import Appointment, Area, Body, ChecklistAnswer, Seat
from anlan.organisation.queries.bodies import body_templates, completeness_of, seats_held
from anlan.organisation.queries.checklists import checklist_of, checklists, states_of
from anlan.organisation.queries.coverage import (
    BodyCoverage,
    ChecklistCoverage,
    body_coverage,
    checklist_coverage,
)
from anlan.organisation.rules.checklists import ItemState, is_complete
from tests.organisation.seating import FIVE, answered, command_group, found
from tests.world import BRIDGE, DISTRICT, FIELD, GRID_A, GRID_B, GRIDS, NORTH, SOUTH, SPRING, World

pytestmark = pytest.mark.django_db
HAVES = "five_haves_one_grid"
GROUP = "community_command_group"


def listed(world: World, code: str, *, days: int = 0, who: str = "zhao") -> dict[str, ChecklistCoverage]:
    with scope(world.actor(who)):
        now = utc_now() + timedelta(days=days)
        return checklist_coverage(world.areas[code], checklist_of(HAVES), now=now)


def stands(world: World, code: str, template: str = GROUP, who: str = "zhao") -> dict[str, BodyCoverage]:
    with scope(world.actor(who)):
        return body_coverage(world.areas[code], body_templates()[template], now=utc_now())


def test_grids_are_rolled_up_to_community_subdistrict_and_district(world: World) -> None:
    answered(world)
    answered(world, "liu", GRID_B, met=FIVE[:4])

    assert listed(world, DISTRICT) == {
        NORTH: ChecklistCoverage(4, 1, 0, 2, dict.fromkeys(FIVE, 2) | {"plan": 3}),
        SOUTH: ChecklistCoverage(2, 0, 0, 2, dict.fromkeys(FIVE, 2)),
    }
    assert listed(world, NORTH)[SPRING].total == 3
    assert listed(world, SPRING)[GRID_A] == ChecklistCoverage(1, 1, 0, 0, {})
    assert listed(world, GRID_A) == {GRID_A: ChecklistCoverage(1, 1, 0, 0, {})}
    assert listed(world, SPRING, days=181)[GRID_A] == ChecklistCoverage(1, 0, 1, 0, dict.fromkeys(FIVE, 1))


def test_bodies_are_rolled_up_with_what_is_missing(world: World) -> None:
    command_group(world)
    found(world, "li", GROUP, BRIDGE)
    slots = {"head": 1, "residents_committee": 1, "owners_committee": 1, "self_organised": 1}

    assert stands(world, DISTRICT) == {
        NORTH: BodyCoverage(2, 1, 0, 1, slots),
        SOUTH: BodyCoverage(1, 0, 1, 0, {}),
    }
    assert stands(world, NORTH) == {
        SPRING: BodyCoverage(1, 1, 0, 0, {}),
        BRIDGE: BodyCoverage(1, 0, 0, 1, slots),
    }
    Appointment.objects.filter(pk=world.appointments["tao"].pk).update(ends_at=utc_now())
    assert stands(world, NORTH)[SPRING] == BodyCoverage(1, 0, 0, 0, {"residents_committee": 1})


def test_of_teams_that_are_founded_at_need_only_those_there_are_count(world: World) -> None:
    found(world, template="caring_team")
    found(world, template="caring_team", name="爱心二队")

    rows = stands(world, NORTH, "caring_team")

    assert (rows[SPRING].total, rows[SPRING].complete, rows[SPRING].not_founded) == (2, 0, 0)
    assert rows[BRIDGE].total == 0


def test_what_belongs_to_one_kind_of_area_is_expected_there_alone(world: World) -> None:
    assert stands(world, DISTRICT, "park_task_force") == {}
    Area.objects.filter(code=FIELD).update(kind="park")

    assert stands(world, DISTRICT, "park_task_force") == {SOUTH: BodyCoverage(1, 0, 1, 0, {})}


def test_a_roll_up_counts_no_row_beyond_the_readers_ranges(world: World) -> None:
    answered(world)
    command_group(world)

    assert listed(world, DISTRICT, who="bai")[NORTH].complete == 0  # the page refuses the area; so would this
    assert stands(world, DISTRICT, who="bai")[NORTH].complete == 0


def test_one_question_whatever_the_number_of_grids(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    zhao, haves, group = world.actor("zhao"), checklist_of(HAVES), body_templates()[GROUP]
    with scope(zhao):
        for ask in (
            lambda: checklist_coverage(world.areas[DISTRICT], haves, now=utc_now()),
            lambda: body_coverage(world.areas[DISTRICT], group, now=utc_now()),
        ):
            counted: Callable[[], object] = ask
            with django_assert_num_queries(1):
                counted()


@pytest.mark.parametrize("seed", range(4))
def test_the_question_decides_as_the_rule_does_for_checklists(world: World, seed: int) -> None:
    dice, now = random.Random(seed), utc_now()
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        for grid in GRIDS:
            _answer_somehow(dice, grid, now)
        for key in ("five_haves_one_grid", "community_standard"):
            one = checklists()[key]
            places = Area.objects.filter(level=one.used_for).values_list("code", flat=True)
            lacks: dict[str, Counter[str]] = {}
            complete: Counter[str] = Counter()
            for code in places:
                rows = ChecklistAnswer.objects.filter(checklist=key, area_code=code, replaced_at=None)
                states = states_of(one, rows, now=now)
                complete[code[:9]] += is_complete(states)
                short = [item for item, state in states.items() if state is not ItemState.MET]
                lacks.setdefault(code[:9], Counter()).update(short)
            counted = checklist_coverage(world.areas[DISTRICT], one, now=now)
            assert {code: row.lacks for code, row in counted.items()} == {
                code: dict(row) for code, row in lacks.items()
            }
            assert {code: row.complete for code, row in counted.items()} == complete


def _answer_somehow(dice: random.Random, grid: str, now: datetime) -> None:
    for key, code in (("five_haves_one_grid", grid), ("community_standard", grid[:12])):
        for item in checklists()[key].items:
            exists = ChecklistAnswer.objects.filter(checklist=key, area_code=code, item=item.key).exists()
            if dice.random() < 0.2 or exists:
                continue
            ChecklistAnswer.objects.create(
                area_code=code,
                checklist=key,
                pack_version=pack_in_force().version,
                item=item.key,
                is_met=dice.random() < 0.8,
                evidence=dice.choice(["", "3", "3"]),
                evidence_kind=dice.choice([item.evidence, item.evidence, "note"]),
                answered_at=now - timedelta(days=dice.choice([0, 100, 180, 300])),
                replaced_at=dice.choice([None, None, None, now]),
                post_title="网格员",
                member_name="某人",
                sending=new_id(),
            )


@pytest.mark.parametrize("seed", range(4))
def test_the_question_decides_as_the_rule_does_for_bodies(world: World, seed: int) -> None:
    dice, now = random.Random(seed), utc_now()
    template = body_templates()[GROUP]
    keys = [slot.key for slot in template.slots]
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        for code in (SPRING, BRIDGE, FIELD):
            body = Body.objects.create(
                area_code=code, template=GROUP, name=code, pack_version=pack_in_force().version, starts_at=now
            )
            seats = [_seat(dice, world, body, keys[index % len(keys)]) for index in range(10)]
            seats[dice.randrange(10)].is_lead = True
            Seat.objects.bulk_create(seats, ignore_conflicts=True)  # the same one twice
        gone = dice.sample(list(world.appointments.values()), 6)
        Appointment.objects.filter(pk__in=[row.pk for row in gone]).update(ends_at=now)
        counted = body_coverage(world.areas[DISTRICT], template, now=now)
        bodies = list(Body.objects.all())
        held = seats_held(bodies, now=now)
        for code in (NORTH, SOUTH):
            found_there = [
                completeness_of(template, held[body.pk]) for body in bodies if body.area_code.startswith(code)
            ]
            lacks = Counter(key for one in found_there for key in one.missing)
            assert counted[code].lacks == dict(lacks)
            assert counted[code].complete == sum(one.is_complete for one in found_there)
            assert counted[code].without_lead == sum(one.lacks_lead for one in found_there)


def _seat(dice: random.Random, world: World, body: Body, slot: str) -> Seat:
    """Somebody somewhere, often wrong, sometimes left."""
    posts, now = list(world.posts.values()), utc_now()
    post = dice.choice([None, *dice.sample(posts, 4), world.posts["kong"], world.posts["tao"]])
    is_named = post is None or dice.random() < 0.3
    return Seat(
        area_code=body.area_code,
        body=body,
        slot=slot,
        post=post,
        member=dice.choice(list(world.members.values())) if is_named else None,
        starts_at=body.starts_at,
        ends_at=dice.choice([None, None, now]),
    )
