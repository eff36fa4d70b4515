"""Moving a household or a person by the page: seen beforehand, in history after, never out of range."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty, scope
from anlan.people.models import Enrolment, Household, Resident, SearchToken
from anlan.people.queries import search
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_C, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])


@pytest.fixture
def kong(world: World, client: Client) -> Client:
    """The secretary of the community that holds grids A and B."""
    return world.sign_in(client, "kong")


def home_path(world: World) -> str:
    return reverse("household_move", args=[world.households[GRID_A][0].pk])


def person_path(world: World) -> str:
    return reverse("person_move", args=[world.resident("陈大明", GRID_A).pk])


def to_door(world: World, grid: str = GRID_B, **changed: object) -> dict[str, object]:
    building = world.buildings[grid][1].pk
    return {"building": building, "unit": 2, "room": "303", "version": 1, **changed}


def home(world: World) -> Household:
    with duty("keep_erased", ranges=WHOLE, cause="test"):
        return Household.objects.get(pk=world.households[GRID_A][0].pk)


def person(world: World) -> Resident:
    with duty("keep_erased", ranges=WHOLE, cause="test"):
        return Resident.objects.get(pk=world.resident("陈大明", GRID_A).pk)


def test_a_household_is_seen_before_it_moves_and_nothing_moves_by_looking(world: World, kong: Client) -> None:
    page = kong.post(home_path(world), to_door(world)).content.decode()

    assert "请核对后再迁" in page
    assert "2号楼 2 单元 303" in page
    assert "春泉第二网格" in page
    assert "换了网格" in page
    assert page.count("陈**") >= 1
    assert "陈大明" not in page
    assert home(world).area_code == GRID_A


def test_a_confirmed_move_takes_everybody_along_and_stays_in_history(world: World, kong: Client) -> None:
    answer = kong.post(home_path(world), to_door(world, confirmed="1"), follow=True)

    page = answer.content.decode()
    assert (home(world).area_code, home(world).version) == (GRID_B, 2)
    assert re.search(r"1号楼\s*→\s*2号楼", page)
    actor = world.actor("kong")
    with scope(actor):
        assert {row.name for row in search(actor, "2-2-303").residents} == {"陈大明", "林小雨", "陈晓雯"}


def test_who_is_already_behind_the_door_is_said(world: World, kong: Client) -> None:
    there = world.households[GRID_B][0]
    building = there.building_id

    page = kong.post(home_path(world), to_door(world, building=building, unit=there.unit, room=there.room))

    assert "这个门牌已有住户" in page.content.decode()


def test_a_door_the_building_does_not_have_is_refused_at_its_field(world: World, kong: Client) -> None:
    answer = kong.post(home_path(world), to_door(world, unit=9, confirmed="1"))

    assert answer.status_code == 422
    assert "单元号不能超过楼栋的单元数" in answer.content.decode()
    assert home(world).area_code == GRID_A


def test_whoever_changed_it_first_wins_and_the_page_says_so(world: World, kong: Client) -> None:
    answer = kong.post(home_path(world), to_door(world, version=7, confirmed="1"))

    assert answer.status_code == 409
    assert "刚被别人改过" in answer.content.decode()
    assert home(world).area_code == GRID_A


def test_a_building_beyond_the_range_is_absent(world: World, kong: Client) -> None:
    assert kong.post(home_path(world), to_door(world, GRID_C, confirmed="1")).status_code == 404
    page = kong.get(home_path(world), {"q": "新桥"}).content.decode()

    assert "没有找到楼栋" in page
    assert home(world).area_code == GRID_A


def test_a_person_moves_to_a_household_found_by_its_door(world: World, kong: Client) -> None:
    there = world.households[GRID_B][0]
    assert there.building is not None
    door = f"{there.building.number}-{there.unit}-{there.room}"

    found = kong.get(person_path(world), {"q": f"春泉第二 {door}"}).content.decode()
    sent = {"household": there.pk, "version": 1}
    preview = kong.post(person_path(world), sent).content.decode()
    before = person(world).household_id
    done = kong.post(person_path(world), {**sent, "confirmed": "1"}, follow=True).content.decode()

    assert str(there.pk) in found
    assert "请核对后再迁" in preview
    assert before == world.households[GRID_A][0].pk
    moved = person(world)
    assert (moved.household_id, moved.area_code, moved.version) == (there.pk, GRID_B, 2)
    assert re.search(r"1号楼[^<]*→\s*1号楼", done)
    with duty("keep_erased", ranges=WHOLE, cause="test"):
        assert set(SearchToken.objects.filter(resident=moved).values_list("area_code", flat=True)) == {GRID_B}
        assert not Enrolment.objects.filter(resident=moved).exclude(area_code=GRID_B).exists()


def test_a_number_that_stands_in_the_other_grid_stops_the_move(world: World, kong: Client) -> None:
    chen, other = world.resident("陈大明", GRID_A), world.households[GRID_B][0]
    with duty("build_district", ranges=WHOLE, cause="test"):
        Resident.objects.create(
            area_code=GRID_B, household=other, name="陈大明", id_number_hash=chen.id_number_hash
        )

    one = kong.post(person_path(world), {"household": other.pk, "version": 1, "confirmed": "1"})
    all_of_them = kong.post(home_path(world), to_door(world, confirmed="1"))

    assert (one.status_code, all_of_them.status_code) == (409, 409)
    assert "已登记过这个身份证号" in one.content.decode()
    assert person(world).area_code == home(world).area_code == GRID_A


@pytest.mark.parametrize("path", [home_path, person_path])
def test_neighbours_health_posts_and_strangers_do_not_reach_it(
    world: World, client: Client, path: Callable[[World], str]
) -> None:
    address = path(world)

    assert client.get(address).status_code == 302
    assert world.sign_in(client, "liu").get(address).status_code == 404
    assert world.sign_in(client, "zheng").get(address).status_code == 403
    assert world.sign_in(client, "wang").get(address).status_code == 200
