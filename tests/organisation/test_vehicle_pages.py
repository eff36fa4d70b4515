"""Pages of vehicles: the list with states, one vehicle, entering, correcting, setting the state."""

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.organisation.models import Vehicle
from tests.organisation.register_acts import enter, enter_car
from tests.organisation.test_facility_pages import get, post
from tests.world import GRID_B, NORTH, World

pytestmark = pytest.mark.django_db


def vehicles(world: World) -> list[Vehicle]:
    with scope(world.actor("zhao")):
        return list(Vehicle.objects.order_by("name"))


def test_the_list_shows_each_vehicle_with_its_state_and_what_is_missing(world: World, client: Client) -> None:
    enter_car(world, world.health_centre)

    page = get(world, client, "zhou", "/vehicles/")

    for words in ("浙A·00001", "负压救护车", "望山街道社区卫生服务中心", "空闲", "缺 1 项"):
        assert words in page
    assert "没有处于这种状态的车辆" in get(world, client, "zhou", "/vehicles/?state=out")
    assert "浙A·00001" not in get(world, client, "bai", "/vehicles/")


def test_a_unit_enters_its_own_vehicle_once(world: World, client: Client) -> None:
    assert "负压救护车" in get(world, client, "zheng", "/vehicles/new/")
    path = "/vehicles/new/?kind=negative_pressure_ambulance"
    assert "望山街道社区卫生服务中心" in get(world, client, "zheng", path)

    said = {
        "row_id": new_id(), "name": "浙A 00009", "facility": "望山街道社区卫生服务中心",
        "patient_places": "2", "inspected_until": "2027-06-30",
    }  # fmt: skip
    assert [post(world, client, "zheng", path, **said) for _time in (1, 2)] == [302, 302]

    [car] = vehicles(world)
    assert (car.area_code, car.attributes) == (GRID_B, {"patient_places": 2, "inspected_until": "2027-06-30"})


def test_wrong_input_and_foreign_units_are_refused(world: World, client: Client) -> None:
    enter(world)
    path = "/vehicles/new/?kind=ambulance"
    said = {"row_id": new_id(), "name": "浙A 00009", "facility": "望山街道社区卫生服务中心"}

    assert post(world, client, "zheng", path, **(said | {"patient_places": "0"})) == 422
    assert post(world, client, "zheng", path, **(said | {"facility": "春泉卫生室"})) == 422
    assert post(world, client, "zheng", path, **(said | {"facility": ""})) == 403
    assert vehicles(world) == []


def test_an_area_enters_a_vehicle_of_its_own_and_corrects_it(world: World, client: Client) -> None:
    said = {"row_id": new_id(), "name": "消杀一号", "facility": "", "inspected_until": "2027-01-01"}
    assert post(world, client, "qian", "/vehicles/new/?kind=sanitation_vehicle", **said) == 302
    [car] = vehicles(world)
    assert (car.facility_id, car.area_code) == (None, NORTH)

    path = f"/vehicles/{car.pk}/edit/"
    assert "消杀一号" in get(world, client, "qian", path)
    assert post(world, client, "qian", path, **(said | {"version": 1, "name": "消杀二号"})) == 302
    assert post(world, client, "qian", path, **(said | {"version": 1, "name": "消杀三号"})) == 422
    assert [car.name for car in vehicles(world)] == ["消杀二号"]


def test_the_state_is_set_by_a_tap_and_only_by_its_unit(world: World, client: Client) -> None:
    car = enter_car(world, world.health_centre)
    path = f"/vehicles/{car.pk}/state/"
    assert "改为出车" in get(world, client, "zheng", f"/vehicles/{car.pk}/")
    assert "改为出车" not in get(world, client, "zhou", f"/vehicles/{car.pk}/")

    assert post(world, client, "zheng", path, version=1, state="on_duty") == 302
    assert post(world, client, "zheng", path, version=1, state="free") == 409
    assert post(world, client, "zhou", path, version=2, state="free") == 403
    assert post(world, client, "bai", path, version=2, state="free") == 404
    assert [row.state for row in vehicles(world)] == ["on_duty"]


def test_a_neighbour_does_not_find_the_vehicle(world: World, client: Client) -> None:
    car = enter_car(world, world.health_centre)

    get(world, client, "bai", f"/vehicles/{car.pk}/", 404)
    get(world, client, "chu", f"/vehicles/{car.pk}/", 404)
    get(world, client, "kong", "/vehicles/new/", 403)


@pytest.mark.parametrize("name", ["vehicles", "vehicle_new", "vehicle", "vehicle_edit"])
def test_a_stranger_is_asked_to_sign_in(world: World, client: Client, name: str) -> None:
    car = enter_car(world, world.health_centre)
    arguments = [car.pk] if name in {"vehicle", "vehicle_edit"} else []

    assert client.get(reverse(name, args=arguments)).status_code == 302
