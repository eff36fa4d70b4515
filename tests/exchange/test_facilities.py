"""Facilities come by table: kinds of the pack, one name twice asked about, posts and classes heeded."""

import pytest
from django.test import Client
from django.utils import translation

from anlan.exchange.registers import REGISTERS
from anlan.exchange.rules import BatchState
from anlan.exchange.templates_of import template_of
from anlan.foundation.scope import scope
from anlan.foundation.sheets.reading import open_table
from anlan.organisation.models import Facility
from tests.exchange.premises import CARE_HOME, FACILITY, FACILITY_KEYED, send_facilities, standing
from tests.exchange.tables import batch_of, outcomes, reasons, undo, write
from tests.world import GRID_A, GRID_C, SCHOOL_GRID, SPRING, World

pytestmark = pytest.mark.django_db

SCHOOL_MOVED = ("春泉小学网格", "小学", "春泉 小学", "学府路1号")


def test_facilities_are_tried_written_the_same_again_and_taken_back(world: World) -> None:
    kong = world.actor("kong")
    with scope(kong):
        before = standing(Facility)
    batch_id = send_facilities(world, "kong", [CARE_HOME, SCHOOL_MOVED])
    assert outcomes(kong, batch_id) == {2: "new", 3: "changed"}
    with scope(kong):
        assert standing(Facility) == before

    assert write(world, "kong", batch_id) == {2: "new", 3: "changed"}
    with scope(kong):
        home = Facility.objects.get(name="春泉颐养院")
        assert (home.area_code, home.kind, home.address) == (GRID_A, "care_home", "春泉路 8 号")
        school = Facility.objects.get(pk=world.school.pk)
        assert (school.name, school.address, school.version) == ("春泉小学", "学府路1号", 2)
    assert write(world, "kong", send_facilities(world, "kong", [CARE_HOME, SCHOOL_MOVED])) == {
        2: "same",
        3: "same",
    }
    assert undo(world, "kong", batch_id).state == BatchState.UNDONE
    with scope(kong):
        assert standing(Facility) == before


@pytest.mark.parametrize("words", ["养老机构", "Care home", "care_home", "社区卫生服务中心", " 药 店 "])
def test_a_kind_is_told_by_its_title_in_either_language(world: World, words: str) -> None:
    batch_id = send_facilities(world, "wang", [("", words, "春泉颐养院", "")])

    assert outcomes(world.actor("wang"), batch_id) == {2: "new"}


def test_a_facility_may_stand_at_a_community(world: World) -> None:
    assert write(world, "kong", send_facilities(world, "kong", [("春泉社区", *CARE_HOME[1:])])) == {2: "new"}

    with scope(world.actor("kong")):
        assert Facility.objects.get(name="春泉颐养院").area_code == SPRING


def test_each_wrong_cell_is_named_and_a_neighbours_area_refused(world: World) -> None:
    with scope(world.actor("hou")):
        before = standing(Facility)
    rows = [
        ("新桥第一网格", *CARE_HOME[1:]),
        ("新桥社区", *CARE_HOME[1:]),
        ("春泉第一网格", "澡堂", "春泉浴室", ""),
        ("春泉第一网格", "", "春泉浴室", ""),
        ("春泉第一网格", "药店", "", ""),
        ("", *CARE_HOME[1:]),
    ]

    batch_id = send_facilities(world, "kong", rows)
    keyed = send_facilities(
        world, "kong", [("", "药店", "改名", "", str(world.pharmacy.pk), "1")], FACILITY_KEYED
    )

    assert reasons(world.actor("kong"), batch_id) == {
        2: [("area", "area_unknown")],
        3: [("area", "area_unknown")],
        4: [("kind", "kind_unknown")],
        5: [("kind", "missing")],
        6: [("name", "missing")],
        7: [("area", "area_needed")],
    }
    assert reasons(world.actor("kong"), keyed) == {2: [("record_key", "key_unknown")]}
    write(world, "kong", batch_id)
    write(world, "kong", keyed)
    with scope(world.actor("hou")):
        assert standing(Facility) == before


@pytest.mark.parametrize(
    "row", [("春泉小学网格", "中学", "春泉小学", ""), ("春泉社区", "小学", "春泉小学", "学府路1号")]
)
def test_one_name_of_another_kind_or_about_there_is_asked_about(world: World, row: tuple[str, ...]) -> None:
    batch_id = send_facilities(world, "kong", [row])

    assert outcomes(world.actor("kong"), batch_id) == {2: "to_decide"}
    assert reasons(world.actor("kong"), batch_id) == {2: [("", "possible_same")]}


def test_a_person_decides_that_it_is_the_same_or_another(world: World, client: Client) -> None:
    batch_id = send_facilities(world, "kong", [("春泉社区", "小学", "春泉小学", "学府路1号")])
    another = send_facilities(world, "kong", [("春泉小学网格", "校外培训机构", "春泉小学", "")])
    client = world.sign_in(client, "kong")
    page = client.get(f"/imports/{batch_id}/").content.decode()
    assert "小学 春泉小学网格" in page and f"/facilities/{world.school.pk}/" in page

    client.post(f"/imports/{batch_id}/decide/", {"row": "2", "decision": str(world.school.pk)})
    client.post(f"/imports/{another}/decide/", {"row": "2", "decision": "new"})

    assert (write(world, "kong", batch_id), write(world, "kong", another)) == ({2: "changed"}, {2: "new"})
    with scope(world.actor("kong")):
        found = Facility.objects.filter(name="春泉小学").order_by("kind")
        assert list(found.values_list("kind", "area_code", "address")) == [
            ("primary_school", SCHOOL_GRID, "学府路1号"),
            ("training_school", SCHOOL_GRID, ""),
        ]


def test_a_kind_that_its_posts_do_not_have_is_refused_also_when_decided(world: World, client: Client) -> None:
    hou = world.actor("hou")
    world.posts["wei"].facility = world.pharmacy
    world.posts["wei"].save()
    batch_id = send_facilities(
        world, "hou", [("", "商场超市", "新桥大药房", "", str(world.pharmacy.pk), "1")], FACILITY_KEYED
    )
    assert reasons(hou, batch_id) == {2: [("kind", "kind_has_posts")]}
    client = world.sign_in(client, "hou")

    client.post(f"/imports/{batch_id}/decide/", {"row": "2", "decision": str(world.pharmacy.pk)})

    assert write(world, "hou", batch_id) == {2: "conflict"}
    with scope(hou):
        assert Facility.objects.get(area_code=GRID_C).kind == "pharmacy"


def test_a_facility_changed_since_its_workbook_was_made_is_a_conflict(world: World) -> None:
    write(world, "kong", send_facilities(world, "kong", [SCHOOL_MOVED]))

    batch_id = send_facilities(
        world, "kong", [("", "小学", "春泉小学", "学府路2号", str(world.school.pk), "1")], FACILITY_KEYED
    )

    assert reasons(world.actor("kong"), batch_id) == {2: [("", "version_behind")]}
    assert batch_of(world.actor("kong"), batch_id).conflict == 1


def test_the_template_lists_the_kinds_in_the_readers_language(world: World) -> None:
    found = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            content = template_of(REGISTERS["facilities"])
        with open_table(content, "模板.xlsx") as table:
            found[language] = [row.cells for row in table.rows]

    assert found["zh-hans"][0] == FACILITY
    assert any("日间照料中心" in cell for row in found["zh-hans"] for cell in row)
    assert any("Day-care centre for the old" in cell for row in found["en"] for cell in row)


def test_two_rows_of_one_name_and_another_kind_are_asked_about(world: World) -> None:
    rows = [("春泉第一网格", "药店", "春泉药房", ""), ("春泉第一网格", "养老机构", "春泉药房", "")]

    batch_id = send_facilities(world, "kong", rows)

    assert outcomes(world.actor("kong"), batch_id) == {2: "new", 3: "to_decide"}
    assert reasons(world.actor("kong"), batch_id) == {3: [("", "possible_same_row")]}
