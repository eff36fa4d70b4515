"""The search for who may already stand in the register: found by any block, in range only, best first."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from anlan.foundation.clock import utc_now
from anlan.foundation.scope import scope
from anlan.people.actions import register_resident
from anlan.people.models import Resident, SearchToken
from anlan.people.queries import Sought, likely_same
from anlan.people.rules import Evidence, LikenessGrade, TokenKind, born_sql, born_token
from tests.world import GRID_A, GRID_B, GRID_D, SPRING, World

pytestmark = pytest.mark.django_db
CHEN = Sought(1, "陈大明", "330199199403120010", "15400000001", date(1994, 3, 12), "male", "1/1/101", GRID_A)


def found(world: World, handle: str, *sought: Sought) -> dict[int, list[tuple[str, str]]]:
    actor = world.actor(handle)
    with scope(actor):
        names = dict(Resident.objects.values_list("pk", "name"))
        return {
            ref: [(names[one.resident_id], one.likeness.grade.value) for one in some]
            for ref, some in likely_same(actor, sought).items()
        }


def test_by_number_by_phone_by_sound_and_by_door(world: World) -> None:
    told = found(
        world,
        "kong",
        CHEN,
        Sought(2, "陳大明", phone="15400000001"),
        Sought(3, "陈达明", birth_on=date(1994, 3, 12), area_code=GRID_B),
        Sought(4, "陈大民", door="1/1/101", area_code=GRID_A, birth_on=date(1994, 12, 3)),
        Sought(5, "陈大明", area_code=GRID_A, birth_on=date(1994, 1, 1)),
        Sought(6, "赵无极", birth_on=date(1994, 3, 12)),
        Sought(7, "陈大明", "330199940312001"),
    )

    assert told == {
        1: [("陈大明", "certain")],
        2: [("陈大明", "possible")],
        3: [("陈大明", "possible")],
        5: [("陈大明", "possible")],
        7: [("陈大明", "certain")],
    }


def test_nobody_beyond_the_range_is_told(world: World) -> None:
    assert found(world, "du", CHEN) == {}
    assert found(world, "du", replace(CHEN, area_code=GRID_D, phone="15400000008")) == {}
    assert found(world, "zhao", CHEN) == {}  # in range, without a purpose that reads residents


def test_the_best_comes_first_and_five_are_enough(world: World) -> None:
    kong = world.actor("kong")
    with scope(kong):
        for number in range(7):
            register_resident(
                actor=kong,
                household_id=world.households[GRID_B][number % 4].pk,
                sent={"name": "陈大明", "birth_on": date(1994, 3, 12), "phone": f"1540000100{number}"},
                now=utc_now(),
            )
        told = likely_same(kong, [replace(CHEN, area_code=GRID_B, door="", id_number="")])[1]

    assert len(told) == 5
    assert told[0].area_code == GRID_A  # with the phone, although in another grid
    assert [one.likeness.score for one in told] == sorted((one.likeness.score for one in told), reverse=True)


def test_the_reasons_come_along(world: World) -> None:
    wang = world.actor("wang")
    with scope(wang):
        (told,) = likely_same(wang, [CHEN])[1]

    assert told.version == 1
    assert told.likeness.grade == LikenessGrade.CERTAIN
    assert {reason.evidence for reason in told.likeness.reasons} == {
        Evidence.ID_SAME, Evidence.NAME_SAME, Evidence.BIRTH_SAME, Evidence.SEX_SAME, Evidence.PHONE_SAME,
        Evidence.DOOR_SAME,
    }  # fmt: skip


def test_a_phone_of_a_whole_office_and_nobody_sought_break_nothing(world: World) -> None:
    assert found(world, "wang") == {}
    assert found(world, "wang", Sought(1, ""), Sought(2, " ", area_code=SPRING)) == {}


@pytest.mark.parametrize("day", [date(1994, 3, 12), date(1994, 12, 3), date(2000, 2, 29), date(1901, 11, 30)])
@pytest.mark.parametrize("pinyin", ["zhangshilan", "lvchun", "ouyangjianguo"])
def test_rows_made_by_the_million_get_the_same_token(day: date, pinyin: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {born_sql('p', 'd')} FROM (SELECT %s::text AS p, %s::date AS d) AS row", [pinyin, day]
        )

        assert cursor.fetchone()[0] == born_token(pinyin, day)


def test_the_migration_makes_the_tokens_of_those_who_are_there(world: World) -> None:
    from importlib import import_module

    fill = import_module("anlan.people.migrations.0006_born_tokens").FILL
    kong = world.actor("kong")
    with scope(kong):
        before = set(SearchToken.objects.filter(kind=TokenKind.BORN).values_list("token", "resident_id"))
        SearchToken.objects.filter(kind=TokenKind.BORN).delete()
        with connection.cursor() as cursor:
            cursor.execute(fill)
        after = set(SearchToken.objects.filter(kind=TokenKind.BORN).values_list("token", "resident_id"))

    assert before == after
    assert len(after) == 9  # of the two grids of the community
