"""The map beside a list: numbers of the list by area, the list narrowed to one, nothing from out of range."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.urls import reverse

from tests.people.caring import assignment, key_person
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_D, NORTH, SPRING, World

pytestmark = pytest.mark.django_db


def areas_of(client: Client, name: str, **query: str) -> dict[str, dict[str, Any]]:
    """Return what the map says of each area, by code."""
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    features = answer.json()["features"]
    assert all(feature["geometry"]["coordinates"] for feature in features)
    return {feature["properties"]["code"]: feature["properties"] for feature in features}


def test_the_numbers_are_those_of_the_list_and_lead_to_it_narrowed(world: World, client: Client) -> None:
    for name in ("赵秀兰", "欧阳建国"):
        key_person(world, world.resident(name))
    key_person(world, world.resident("王伟"), "disabled")
    kong = world.sign_in(client, "kong")

    every = areas_of(kong, "key_people_map", map="1", after="x", area=SPRING)
    alone = areas_of(kong, "key_people_map", map="1", kind="alone_70")

    numbers = {code: one["value_text"] for code, one in every.items() if one["grade"]}
    assert numbers == {GRID_A: "2 条", GRID_B: "1 条"}
    assert [every[GRID_A]["grade"], every[GRID_B]["grade"]] == [4, 2]
    assert {code for code, one in alone.items() if one["grade"]} == {GRID_A}
    assert parse_qs(alone[GRID_A]["href"][1:]) == {"map": ["1"], "kind": ["alone_70"], "area": [GRID_A]}
    assert "after" not in every[GRID_A]["href"]
    narrowed = kong.get(reverse("key_people") + alone[GRID_A]["href"]).content.decode()
    assert "共 2 条" in narrowed and 'name="map" value="1"' in narrowed


def test_the_lowest_area_shows_itself_and_leads_nowhere(world: World, client: Client) -> None:
    key_person(world, world.resident("赵秀兰"))

    [own] = areas_of(world.sign_in(client, "wang"), "key_people_map").values()

    assert (own["code"], own["value_text"], own["href"], own["label"]) == (GRID_A, "1 条", "", False)


def test_nobody_is_told_a_number_from_out_of_range(world: World, client: Client) -> None:
    key_person(world, world.resident("孙丽"), "disabled")
    wang = world.sign_in(client, "wang")

    for area in (GRID_D, GRID_B, DISTRICT):
        assert wang.get(reverse("key_people_map"), {"area": area}).status_code == 404
        shown = areas_of(wang, "facility_map", area=area)
        assert list(shown) == [GRID_A]


def test_facilities_are_counted_by_area_as_the_list_has_them(world: World, client: Client) -> None:
    you = world.sign_in(client, "zhou")

    of_district = areas_of(you, "facility_map")
    pharmacies = areas_of(you, "facility_map", kind="pharmacy")

    assert all(len(code) == len(NORTH) for code in of_district)
    assert sum(int(one["value_text"].split()[0]) for one in pharmacies.values()) == 1


def test_coverage_shows_where_nobody_answers(world: World, client: Client) -> None:
    for home in world.households[GRID_A]:
        assignment(world, home, "shi", "contract_household")
    kong = world.sign_in(client, "kong")

    shown = areas_of(kong, "liaison_map", line="contract_household", area=SPRING)

    assert (shown[GRID_A]["grade"], shown[GRID_A]["value_text"]) == (0, "无漏户")
    assert shown[GRID_B]["value_text"] == "漏 4 户"
    assert kong.get(reverse("liaison_map"), {"line": "none"}).status_code == 404


@pytest.mark.parametrize("name", ["key_people", "facilities", "liaison"])
def test_the_map_opens_beside_the_list_and_closes_again(world: World, client: Client, name: str) -> None:
    kong = world.sign_in(client, "kong")

    closed = kong.get(reverse(name)).content.decode()
    opened = kong.get(reverse(name), {"map": "1"}).content.decode()

    assert "map=1" in closed and "data-choropleth" not in closed and "built/map.js" not in closed
    assert 'data-src="' in opened and "built/map.js" in opened and "收起地图" in opened
