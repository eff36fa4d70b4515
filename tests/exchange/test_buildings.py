"""Buildings come by table as residents do: tried, written, taken back; each wrong row named."""

import io
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anlan.exchange.actions import stop_batch, write_batch
from anlan.exchange.actions.carrying import Carrier
from anlan.exchange.models import ImportBatch
from anlan.exchange.registers import REGISTERS
from anlan.exchange.rules import BatchState
from anlan.exchange.templates_of import template_of
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from anlan.foundation.sheets.reading import open_table
from anlan.foundation.sheets.writing import Column, Sheet, write_workbook
from anlan.organisation.models import Building
from anlan.people.models import LookUp
from tests.exchange import tables
from tests.exchange.premises import (
    BUILDING,
    BUILDING_KEYED,
    ONE_NAMED,
    THREE,
    send_buildings,
    standing,
    with_keys,
)
from tests.exchange.tables import batch_of, csv_of, outcomes, reasons, run, write
from tests.world import BRIDGE, GRID_A, World

pytestmark = pytest.mark.django_db


def test_the_template_comes_back_filled_and_is_written(world: World) -> None:
    with open_table(template_of(REGISTERS["buildings"]), "模板.xlsx") as table:
        headings = next(table.rows).cells
    assert headings == BUILDING
    target = io.BytesIO()
    write_workbook(target, [Sheet("楼栋", [Column(title) for title in headings], [THREE, ONE_NAMED])])
    wang = world.actor("wang")

    batch_id = tables.send(world, "wang", target.getvalue(), "楼栋.xlsx", register="buildings")

    assert outcomes(wang, batch_id) == {2: "new", 3: "changed"}
    with scope(wang):
        assert not Building.objects.filter(number="3号楼").exists()
    assert write(world, "wang", batch_id) == {2: "new", 3: "changed"}
    with scope(wang):
        new = Building.objects.get(number="3号楼")
        assert (new.area_code, new.name, new.unit_count, new.floor_count) == (GRID_A, "晨光苑", 3, 18)
        one = Building.objects.get(area_code=GRID_A, number="1")
        assert (one.name, one.version) == ("老一号楼", 2)
    with duty("answer_audit", ranges=wang.ranges, cause="test"):
        entry = AuditEntry.objects.get(verb="enter_many", subject="organisation.Building")
    assert set(entry.subject_ids) == {new.pk, one.pk}
    assert entry.detail == {"source": f"import {batch_id}", "new": 1, "changed": 1}


def test_the_same_file_again_changes_nothing(world: World) -> None:
    wang = world.actor("wang")
    write(world, "wang", send_buildings(world, "wang", [THREE, ONE_NAMED]))
    with scope(wang):
        before = list(Building.objects.order_by("pk").values())

    rows = write(world, "wang", send_buildings(world, "wang", [THREE, ONE_NAMED]))

    assert rows == {2: "same", 3: "same"}
    with scope(wang):
        assert list(Building.objects.order_by("pk").values()) == before


def test_another_grids_building_is_rejected_never_written(world: World) -> None:
    wang, liu = world.actor("wang"), world.actor("liu")
    with scope(liu):
        before = standing(Building)
        foreign = Building.objects.get(number="1")

    batch_id = send_buildings(world, "wang", [("春泉第二网格", *THREE[1:])])
    keyed = send_buildings(world, "wang", [("", "1", "改名", "2", "6", str(foreign.pk), "1")], BUILDING_KEYED)

    assert reasons(wang, batch_id) == {2: [("area", "area_unknown")]}
    assert reasons(wang, keyed) == {2: [("record_key", "key_unknown")]}
    assert write(world, "wang", batch_id) == write(world, "wang", keyed) == {2: "rejected"}
    with scope(liu):
        assert standing(Building) == before


def test_an_area_lost_since_the_trial_is_not_written_into(world: World) -> None:
    lent = world.posts["kong"].post_ranges.create(code=BRIDGE)
    batch_id = send_buildings(world, "kong", [("新桥第一网格", *THREE[1:]), THREE])
    kong = world.actor("kong")
    assert outcomes(kong, batch_id) == {2: "new", 3: "new"}
    lent.delete()

    assert write(world, "kong", batch_id) == {2: "conflict", 3: "new"}

    assert reasons(kong, batch_id)[2] == [("", "area_unknown")]
    with scope(world.actor("hou")):
        assert not Building.objects.filter(number="3号楼").exists()


def test_each_wrong_cell_is_named(world: World) -> None:
    rows = [
        ("春泉第一网格", "", "", "1", "1"),
        ("春泉第一网格", "7", "", "0", "1"),
        ("春泉第一网格", "8", "", "2", "很多"),
        ("春泉第一网格", "9", "", "", "1"),
        ("春泉第一网格", "十" * 21, "", "1", "1"),
        ("春泉第一网格", "9", "晨\x07光", "1", "1"),
    ]

    batch_id = send_buildings(world, "kong", [*rows, ("", "10", "", "1", "1")])

    assert reasons(world.actor("kong"), batch_id) == {
        2: [("number", "missing")],
        3: [("unit_count", "unit_count_unclear")],
        4: [("floor_count", "floor_count_unclear")],
        5: [("unit_count", "missing")],
        6: [("number", "too_long")],
        7: [("name", "control_character")],
        8: [("area", "area_needed")],
    }


def test_rows_that_repeat_or_contradict_one_another_are_told_apart(world: World) -> None:
    batch_id = send_buildings(world, "wang", [THREE, THREE, (*THREE[:3], "4", THREE[4])])

    assert outcomes(world.actor("wang"), batch_id) == {2: "new", 3: "repeated", 4: "conflict"}
    assert reasons(world.actor("wang"), batch_id)[4] == [("", "contradicts_row")]


def test_fewer_units_or_floors_than_are_lived_in_wait_for_a_person(world: World) -> None:
    wang = world.actor("wang")  # someone lives in building 1, unit 2, room 501, and in 2, unit 2, room 602

    batch_id = send_buildings(world, "wang", [("", "1", "", "1", "6"), ("", "2", "", "2", "5")])

    assert outcomes(wang, batch_id) == {2: "conflict", 3: "conflict"}
    assert reasons(wang, batch_id) == {
        2: [("unit_count", "fewer_units")],
        3: [("floor_count", "fewer_floors")],
    }


def test_a_person_may_decide_on_floors_but_not_on_units(world: World, client: Client) -> None:
    wang = world.actor("wang")
    batch_id = send_buildings(world, "wang", [("", "1", "", "1", "6"), ("", "2", "", "2", "5")])
    client = world.sign_in(client, "wang")
    for row, building in zip((2, 3), world.buildings[GRID_A], strict=True):
        client.post(f"/imports/{batch_id}/decide/", {"row": row, "decision": str(building.pk)})

    assert write(world, "wang", batch_id) == {2: "conflict", 3: "changed"}

    assert reasons(wang, batch_id)[2] == [("unit_count", "fewer_units")]
    with scope(wang):
        sizes = Building.objects.filter(area_code=GRID_A).order_by("number")
        assert list(sizes.values_list("unit_count", "floor_count")) == [(2, 6), (2, 5)]


def test_a_number_that_is_lived_under_or_anothers_is_not_given_by_key(world: World) -> None:
    wang = world.actor("wang")
    write(world, "wang", send_buildings(world, "wang", [THREE]))
    with scope(wang):
        one, three = Building.objects.get(name="1号楼"), Building.objects.get(number="3号楼")
    one.number, three.number = "5", "2"

    batch_id = send_buildings(world, "wang", with_keys(one, three), BUILDING_KEYED)

    assert reasons(wang, batch_id) == {2: [("number", "number_lived_under")], 3: [("", "taken")]}
    assert set(outcomes(wang, batch_id).values()) == {"conflict"}


def test_a_number_written_otherwise_is_the_same_number(world: World) -> None:
    written_so = ("春泉第一网格", "１栋", "老一号楼", "", "")

    assert write(world, "wang", send_buildings(world, "wang", [written_so])) == {2: "changed"}

    with scope(world.actor("wang")):
        one = Building.objects.get(name="老一号楼")
        assert (one.number, one.unit_count, one.floor_count) == ("1", 2, 6)


def test_a_building_changed_since_its_workbook_was_made_is_a_conflict(world: World) -> None:
    wang = world.actor("wang")
    one = world.buildings[GRID_A][0]
    rows = with_keys(one)
    write(world, "wang", send_buildings(world, "wang", [ONE_NAMED]))

    batch_id = send_buildings(world, "wang", rows, BUILDING_KEYED)

    assert reasons(wang, batch_id) == {2: [("", "version_behind")]}
    assert outcomes(wang, batch_id) == {2: "conflict"}


def test_a_building_changed_between_trial_and_writing_is_not_overwritten(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send_buildings(world, "wang", [ONE_NAMED, THREE])
    other = send_buildings(world, "wang", [(*ONE_NAMED[:2], "新一号楼", "", ""), THREE])
    write(world, "wang", other)

    assert write(world, "wang", batch_id) == {2: "conflict", 3: "conflict"}

    assert reasons(wang, batch_id) == {2: [("", "moved_on")], 3: [("", "taken")]}
    with scope(wang):
        assert Building.objects.get(area_code=GRID_A, number="1").name == "新一号楼"


def test_a_building_in_another_grid_than_its_key_says_stays_where_it_is(world: World) -> None:
    rows = [("春泉第二网格", *with_keys(world.buildings[GRID_A][0])[0][1:])]

    batch_id = send_buildings(world, "kong", rows, BUILDING_KEYED)

    assert outcomes(world.actor("kong"), batch_id) == {2: "conflict"}
    assert reasons(world.actor("kong"), batch_id) == {2: [("area", "other_area")]}


def test_one_called_as_another_is_decided_by_a_person_on_the_page(world: World, client: Client) -> None:
    write(world, "wang", send_buildings(world, "wang", [THREE]))
    batch_id = send_buildings(world, "wang", [("", "5", "晨光苑", "1", "1")])
    client = world.sign_in(client, "wang")

    page = client.get(f"/imports/{batch_id}/", {"outcome": "to_decide"}).content.decode()
    client.post(f"/imports/{batch_id}/decide/", {"row": "2", "decision": "new", "outcome": "to_decide"})

    assert "晨光苑" in page and "3 个单元，18 层" in page and "是这一条，更新" in page
    assert not LookUp.objects.filter(member_id=world.members["wang"].pk).exists()
    assert write(world, "wang", batch_id) == {2: "new"}


def test_what_would_change_stands_beside_what_is_registered(world: World, client: Client) -> None:
    batch_id = send_buildings(world, "wang", [ONE_NAMED])

    page = world.sign_in(client, "wang").get(f"/imports/{batch_id}/").content.decode()

    assert '楼栋名称：<span class="second">1号楼</span> → 老一号楼' in page


def test_a_batch_stopped_between_two_chunks_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anlan.exchange.actions.reading.CHUNK_ROWS", 2)
    wang = world.actor("wang")
    batch_id = send_buildings(world, "wang", [THREE, ONE_NAMED, ("", "4", "", "1", "1"), THREE])
    with scope(wang):
        version = batch_of(wang, batch_id).version
        write_batch(actor=wang, batch_id=batch_id, expected_version=version, now=world.now)
    carrier = Carrier(batch_id, wang.appointment_id)
    carrier.step()
    with scope(wang):
        stop_batch(actor=wang, batch_id=batch_id, now=world.now)
    assert not carrier.step()
    stopped = batch_of(wang, batch_id)
    assert stopped.state == BatchState.STOPPED
    assert 0 < stopped.written_count < 3

    assert write(world, "wang", batch_id) == {2: "new", 3: "changed", 4: "new", 5: "repeated"}

    with scope(wang):
        numbers = Building.objects.filter(area_code=GRID_A).order_by("number")
        assert list(numbers.values_list("number", flat=True)) == ["1", "2", "3号楼", "4"]


def test_the_register_is_chosen_where_an_import_begins(world: World, client: Client) -> None:
    client = world.sign_in(client, "kong")
    page = client.get("/imports/").content.decode()
    assert all(f'value="{key}"' in page and f"/imports/template/{key}/" in page for key in REGISTERS)
    sent = {"batch_id": str(new_id()), "register": "buildings"}

    answer = client.post(
        "/imports/", {**sent, "file": SimpleUploadedFile("楼栋.csv", csv_of([THREE], BUILDING))}
    )

    kong = world.actor("kong")
    batch_id = run(kong, UUID(answer["Location"].rstrip("/").rsplit("/", 1)[1]))
    assert outcomes(kong, batch_id) == {2: "new"}
    with scope(kong):
        assert ImportBatch.objects.get(pk=batch_id).register == "buildings"
    assert "<td>楼栋</td>" in client.get("/imports/").content.decode()


@pytest.mark.parametrize("key", sorted(REGISTERS))
def test_a_post_without_grid_work_imports_into_no_register(world: World, client: Client, key: str) -> None:
    client = world.sign_in(client, "zhao")

    assert client.get(f"/imports/template/{key}/").status_code == 403
    assert client.post("/imports/", {"register": key}).status_code == 403


def test_a_building_called_as_another_of_the_file_is_asked_about_and_one_written_otherwise_repeats(
    world: World,
) -> None:
    rows = [THREE, ("春泉第一网格", "9", "3号楼", "1", "1"), ("春泉第一网格", "３栋", *THREE[2:])]

    batch_id = send_buildings(world, "wang", rows)

    assert outcomes(world.actor("wang"), batch_id) == {2: "new", 3: "to_decide", 4: "repeated"}
