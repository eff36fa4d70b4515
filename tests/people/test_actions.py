"""Entering, correcting and moving: checked, kept in history, found afterwards, announced."""

from datetime import date

import pytest

from anlan.foundation.clock import utc_now
from anlan.foundation.crypto import decrypt
from anlan.foundation.errors import NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import Fact, FieldChange
from anlan.foundation.scope import scope
from anlan.people.actions import (
    DoorInvalid,
    RegisteredAlready,
    ResidentChanged,
    ResidentInvalid,
    correct_resident,
    move_household,
    register_resident,
)
from anlan.people.models import Resident, SearchToken
from anlan.people.queries import search
from tests.world import GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
SENT = {"name": "何 小满", "id_number": "330199201505200027", "phone": "154 0000 1234", "relation": "子女"}


def with_check_digit(number: str) -> str:
    from stdnum.cn import ric

    return number[:-1] + ric.calc_check_digit(number)


@pytest.fixture
def sent() -> dict[str, str]:
    return {**SENT, "id_number": with_check_digit(SENT["id_number"])}


def test_a_registered_person_is_found_at_once(world: World, sent: dict[str, str]) -> None:
    wang = world.actor("wang")
    with scope(wang):
        made = register_resident(
            actor=wang, household_id=world.households[GRID_A][3].pk, sent=sent, now=utc_now()
        )

        assert [row.pk for row in search(wang, "hexiaoman").residents] == [made.pk]
        assert [row.pk for row in search(wang, "1234").residents] == [made.pk]
        assert (made.birth_on, made.sex) == (date(2015, 5, 20), "female")
        assert Fact.objects.filter(name="people.ResidentRegistered").count() == 1


def test_the_same_sending_twice_is_one_person(world: World, sent: dict[str, str]) -> None:
    wang, person = world.actor("wang"), new_id()
    with scope(wang):
        for _time in (1, 2):
            register_resident(
                actor=wang, household_id=world.households[GRID_A][3].pk, sent=sent, now=utc_now(),
                resident_id=person,
            )  # fmt: skip

        assert Resident.objects.filter(name="何 小满").count() == 1


def test_a_number_stands_once_in_a_grid(world: World, sent: dict[str, str]) -> None:
    wang = world.actor("wang")
    household = world.households[GRID_A][3].pk
    with scope(wang):
        register_resident(actor=wang, household_id=household, sent=sent, now=utc_now())

        with pytest.raises(RegisteredAlready):
            register_resident(actor=wang, household_id=household, sent=sent, now=utc_now())


@pytest.mark.parametrize(
    ("field", "value"),
    [("id_number", "330199201505200028"), ("phone", "123"), ("name", "  "), ("birth_on", date(2014, 1, 1)),
     ("sex", "male"), ("birth_on", date(2999, 1, 1))],
)  # fmt: skip
def test_wrong_input_is_refused_at_its_field(
    world: World, sent: dict[str, object], field: str, value: object
) -> None:
    wang = world.actor("wang")
    with scope(wang), pytest.raises(ResidentInvalid) as refused:
        register_resident(
            actor=wang,
            household_id=world.households[GRID_A][0].pk,
            sent={**sent, field: value},
            now=utc_now(),
        )

    assert field in refused.value.fields


def test_the_neighbour_cannot_register_or_correct_here(world: World, sent: dict[str, str]) -> None:
    liu, chen = world.actor("liu"), world.resident("陈大明", GRID_A)
    with scope(liu):
        with pytest.raises(NotFound):
            register_resident(
                actor=liu, household_id=world.households[GRID_A][0].pk, sent=sent, now=utc_now()
            )
        with pytest.raises(NotFound):
            correct_resident(
                actor=liu, resident_id=chen.pk, expected_version=1, changes={"name": "陈二明"}, now=utc_now()
            )


def test_a_correction_keeps_what_stood_there_and_is_found_anew(world: World) -> None:
    wang, chen = world.actor("wang"), world.resident("陈大明", GRID_A)
    with scope(wang):
        changed = correct_resident(
            actor=wang, resident_id=chen.pk, expected_version=1, now=utc_now(),
            changes={"name": "陈达明", "phone": "15400009999"},
        )  # fmt: skip

        assert changed.version == 2
        assert {row.pk for row in search(wang, "陈达明").residents} == {chen.pk}
        assert search(wang, "陈大明").residents == []
        assert {row.pk for row in search(wang, "9999").residents} == {chen.pk}
        history = {row.field: row for row in FieldChange.objects.filter(row_id=chen.pk)}
        assert (history["name"].old, history["name"].new) == ("陈大明", "陈达明")
        assert "15400009999" not in history["phone"].new
        context = "people.Resident.phone"
        assert decrypt(bytes.fromhex(history["phone"].new), context=context) == "15400009999"
        assert history["name"].member_name == "王芳"


def test_a_correction_on_an_older_version_changes_nothing(world: World) -> None:
    wang, chen = world.actor("wang"), world.resident("陈大明", GRID_A)
    with scope(wang):
        correct_resident(
            actor=wang,
            resident_id=chen.pk,
            expected_version=1,
            changes={"relation": "户主本人"},
            now=utc_now(),
        )
        with pytest.raises(ResidentChanged):
            correct_resident(
                actor=wang, resident_id=chen.pk, expected_version=1, changes={"name": "甲乙"}, now=utc_now()
            )

        assert Resident.objects.get(pk=chen.pk).name == "陈大明"


def test_saving_without_a_change_makes_no_version(world: World) -> None:
    wang, chen = world.actor("wang"), world.resident("陈大明", GRID_A)
    with scope(wang):
        same = correct_resident(
            actor=wang, resident_id=chen.pk, expected_version=1, changes={"name": "陈大明"}, now=utc_now()
        )

        assert same.version == 1
        assert not FieldChange.objects.filter(row_id=chen.pk).exists()


def test_a_household_moves_with_its_people_and_is_found_there(world: World) -> None:
    kong, home = world.actor("kong"), world.households[GRID_A][0]
    target = world.buildings[GRID_B][1]
    with scope(kong):
        move_household(
            actor=kong, household_id=home.pk, building_id=target.pk, unit=2, room="303", expected_version=1,
            now=utc_now(),
        )  # fmt: skip

        people = Resident.objects.filter(household=home)
        assert {person.area_code for person in people} == {GRID_B}
        assert {row.name for row in search(kong, "2-2-303").residents} == {"陈大明", "林小雨", "陈晓雯"}
        assert not SearchToken.objects.filter(resident__in=people, area_code=GRID_A).exists()


def test_a_household_does_not_move_out_of_ones_ranges_or_behind_no_door(world: World) -> None:
    wang, home = world.actor("wang"), world.households[GRID_A][0]
    with scope(wang):
        for building, error in (
            (world.buildings[GRID_B][0], NotFound),
            (world.buildings[GRID_A][0], DoorInvalid),
        ):
            with pytest.raises(error):
                move_household(
                    actor=wang, household_id=home.pk, building_id=building.pk, unit=9, room="101",
                    expected_version=1, now=utc_now(),
                )  # fmt: skip
