"""A table goes into the register: tried first, written when asked, every row accounted for."""

import pytest

from anlan.exchange.rules import BatchState
from anlan.foundation.scope import scope
from anlan.people.models import Household, Resident
from tests.exchange.tables import (
    CHEN,
    HEADINGS,
    NEWCOMER,
    batch_of,
    csv_of,
    outcomes,
    reasons,
    send,
    workbook_of,
    write,
)
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db


def test_a_trial_writes_nothing_and_says_what_each_row_would_do(world: World) -> None:
    wang = world.actor("wang")
    with scope(wang):
        before = Resident.objects.count()

    batch_id = send(world, "wang", csv_of([NEWCOMER, CHEN, (*CHEN[:6], "13900139000", *CHEN[7:])]))

    assert outcomes(wang, batch_id) == {2: "new", 3: "same", 4: "conflict"}
    assert reasons(wang, batch_id)[4] == [("", "contradicts_row")]
    batch = batch_of(wang, batch_id)
    assert batch.state == BatchState.TRIED
    assert (batch.rows_in, batch.new, batch.same, batch.conflict) == (3, 1, 1, 1)
    with scope(wang):
        assert Resident.objects.count() == before


def test_what_was_tried_is_written_with_its_household_and_found_by_search(world: World) -> None:
    wang = world.actor("wang")

    rows = write(world, "wang", send(world, "wang", workbook_of([NEWCOMER]), "居民.xlsx"))

    assert rows == {2: "new"}
    with scope(wang):
        resident = Resident.objects.get(name="何晓燕")
        assert resident.area_code == GRID_A
        home = resident.household
        assert home is not None and home.building is not None
        assert (home.building.number, home.unit, home.room) == ("1", 2, "201")
        kinds = set(resident.tokens.values_list("kind", flat=True))
        assert kinds == {"name", "pinyin", "initials", "born", "id", "phone", "tail", "door"}


def test_the_same_file_again_changes_nothing(world: World) -> None:
    wang = world.actor("wang")
    content = csv_of([NEWCOMER, (*CHEN[:6], "13900139000", *CHEN[7:])])
    write(world, "wang", send(world, "wang", content))
    with scope(wang):
        before = list(Resident.objects.order_by("pk").values()), Household.objects.count()

    rows = write(world, "wang", send(world, "wang", content))

    assert rows == {2: "same", 3: "same"}
    with scope(wang):
        assert (list(Resident.objects.order_by("pk").values()), Household.objects.count()) == before


def test_headings_may_stand_in_any_order_under_any_known_name(world: World) -> None:
    wang = world.actor("wang")
    headings = ("姓 名", "联系电话", "证件号码（必填）", "住址")

    batch_id = send(
        world,
        "wang",
        csv_of([("何晓燕", "138 0013 8000", "330199199001010142", "1号楼2单元201室")], headings),
    )

    assert outcomes(wang, batch_id) == {2: "new"}


def test_each_wrong_cell_is_named(world: World) -> None:
    wang = world.actor("wang")
    rows = [
        ("新桥第一网格", *NEWCOMER[1:]),
        (NEWCOMER[0], "9", *NEWCOMER[2:]),
        (*NEWCOMER[:5], "33019919900101014", *NEWCOMER[6:]),
        (*NEWCOMER[:6], "8.61E+12", *NEWCOMER[7:]),
        (*NEWCOMER[:8], "2022年2月30日", NEWCOMER[9]),
        (*NEWCOMER[:4], "", *NEWCOMER[5:]),
        ("合计", "", "", "", "6", "", "", "", "", ""),
    ]

    batch_id = send(world, "wang", csv_of(rows))

    assert reasons(wang, batch_id) == {
        2: [("area", "area_unknown")],
        3: [("building", "building_unknown")],
        4: [("id_number", "id_number_invalid")],
        5: [("phone", "phone_invalid")],
        6: [("birth_on", "date_impossible")],
        7: [("name", "missing")],
        8: [("", "total_row")],
    }
    assert batch_of(wang, batch_id).rejected == 7


def test_another_name_under_a_known_number_waits_for_a_person(world: World) -> None:
    wang = world.actor("wang")

    batch_id = send(world, "wang", csv_of([(*CHEN[:4], "陈小明", *CHEN[5:])]))

    assert reasons(wang, batch_id) == {2: [("name", "another_name")]}
    assert outcomes(wang, batch_id) == {2: "conflict"}


def test_unknown_columns_are_asked_about(world: World) -> None:
    wang = world.actor("wang")

    batch_id = send(world, "wang", csv_of([(*NEWCOMER, "党员")], (*HEADINGS, "政治面貌")))

    batch = batch_of(wang, batch_id)
    assert batch.state == BatchState.ASKED
    assert list(batch.questions) == ["columns"]


def test_another_grid_without_a_door_is_not_overlooked(world: World) -> None:
    kong = world.actor("kong")
    table = csv_of([("春泉第二网格", "陈大明", CHEN[5])], ("网格", "姓名", "身份证号"))

    batch_id = send(world, "kong", table)

    assert reasons(kong, batch_id) == {2: [("area", "grid_without_door")]}


def test_who_is_known_by_number_needs_no_address_and_somebody_new_does(world: World) -> None:
    wang = world.actor("wang")
    table = csv_of(
        [("陈大明", CHEN[5], "13900139000"), ("何晓燕", NEWCOMER[5], "")], ("姓名", "身份证号", "电话")
    )

    batch_id = send(world, "wang", table)

    assert outcomes(wang, batch_id) == {2: "changed", 3: "rejected"}
    assert reasons(wang, batch_id) == {3: [("room", "no_door")]}
