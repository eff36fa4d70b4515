"""Residents over the API: masked, counted and on record as on the pages; entered and corrected as there."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry, FieldChange
from anlan.foundation.scope import duty
from anlan.people.actions.look import count_look_ups
from anlan.people.models import Resident
from anlan.people.rules import LOOK_UP_LIMITS, LookUpKind
from tests.api.calling import said, signed_in, system
from tests.world import DISTRICT, GRID_A, GRID_C, World


def stored(name: str) -> list[Resident]:
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(Resident.objects.filter(name=name).order_by("area_code"))


def test_a_list_is_masked_and_holds_ones_own_grid_alone(world: World) -> None:
    shown = system(world, "wang").get("/residents")

    assert {row["area_code"] for row in shown["rows"]} == {GRID_A}
    assert {row["name"] for row in shown["rows"]} >= {"陈**", "欧阳**"}
    chen = next(row for row in shown["rows"] if row["id"] == str(world.resident("陈大明", GRID_A).pk))
    del chen["id"], chen["household_id"]
    assert chen == {
        "area_code": GRID_A, "name": "陈**", "sex": "男", "born": "1994", "phone": "154******01",
        "id_number": "33**************10", "door": "1号楼 1 单元 101", "version": 1,
    }  # fmt: skip


def test_pages_follow_each_other_by_their_marks(world: World) -> None:
    rows = [
        Resident(area_code=GRID_A, name=f"某{number}", household=world.households[GRID_A][0])
        for number in range(60)
    ]
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Resident.objects.bulk_create(rows)
    wang = system(world, "wang")

    first = wang.get("/residents")
    second = wang.get(f"/residents?after={first['after']}")

    assert (len(first["rows"]), first["before"], second["after"]) == (50, None, None)
    assert not {row["id"] for row in first["rows"]} & {row["id"] for row in second["rows"]}
    assert wang.get(f"/residents?before={second['before']}")["rows"] == first["rows"]


def test_a_search_travels_in_the_body(world: World) -> None:
    answer = system(world, "wang").ask("POST", "/residents/search", {"q": "chen"})

    found = json.loads(answer.content)
    assert [row["name"] for row in found["rows"]] == ["陈**", "陈**"]
    assert found["more"] is False


def test_another_grids_resident_is_as_absent_as_nobody(world: World) -> None:
    foreign = world.resident("陈大明", GRID_C).pk
    wang = system(world, "wang")

    for method, body in (("GET", None), ("PATCH", {"expected_version": 1, "name": "某"})):
        told = [wang.ask(method, f"/residents/{one}", body) for one in (foreign, new_id(), "no-id")]

        assert [one.status_code for one in told] == [404] * 3
        assert len({one.content for one in told}) == 1
    with transaction.atomic(), duty("answer_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        attempts = AuditEntry.objects.filter(verb="refuse", subject_ids__contains=[foreign])
        assert attempts.count() == 2


def test_a_person_is_entered_once_however_often_it_is_sent(world: World) -> None:
    wang, home = system(world, "wang"), world.households[GRID_A][3].pk
    sent = {"id": str(new_id()), "name": "何小满", "phone": "15400000020", "birth_on": "1990-01-02"}

    told = [wang.ask("POST", f"/households/{home}/residents", sent) for _ in range(3)]

    assert [one.status_code for one in told] == [201, 200, 200]
    assert len({one.content for one in told}) == 1
    assert [str(row.pk) for row in stored("何小满")] == [sent["id"]]


def test_an_id_that_is_somebody_elses_gets_the_answer_of_a_malformed_one(world: World) -> None:
    wang, home = system(world, "wang"), world.households[GRID_A][3].pk
    foreign = str(world.resident("陈大明", GRID_C).pk)

    told = [
        wang.ask("POST", f"/households/{home}/residents", {"id": one, "name": "何小满"})
        for one in (foreign, "12")
    ]

    assert [said(one) for one in told] == [(422, "invalid")] * 2
    assert told[0].content == told[1].content
    assert stored("何小满") == []


def test_a_correction_keeps_what_stood_before_and_names_its_door(world: World) -> None:
    wang, chen = system(world, "wang"), world.resident("陈大明", GRID_A)

    answer = wang.ask("PATCH", f"/residents/{chen.pk}", {"expected_version": 1, "relation": "房东"})
    late = wang.ask("PATCH", f"/residents/{chen.pk}", {"expected_version": 1, "relation": "租客"})

    assert json.loads(answer.content)["version"] == 2
    assert said(late) == (409, "resident_changed")
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        change = FieldChange.objects.get(row_id=chen.pk, field="relation")
    assert (change.old, change.new, change.source) == ("户主", "房东", "api")


def test_wrong_input_is_named_by_its_field(world: World) -> None:
    wang, chen = system(world, "wang"), world.resident("陈大明", GRID_A).pk

    wrong = wang.ask("PATCH", f"/residents/{chen}", {"expected_version": 1, "id_number": "33019919940312001"})
    bent = wang.ask("PATCH", f"/residents/{chen}", {"expected_version": "1"})
    numbered = wang.ask("PATCH", f"/residents/{chen}", {"expected_version": 1, "birth_on": 5})

    assert said(wrong) == (422, "resident_invalid")
    assert list(json.loads(wrong.content)["fields"]) == ["id_number"]
    assert [said(bent), said(numbered)] == [(400, "wrong_shape")] * 2
    assert list(json.loads(numbered.content)["fields"]) == ["birth_on"]


def test_who_looks_up_too_many_is_stopped_on_pages_and_api_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SAFETY.md 12: the limit is the person's, whatever door they use; its alarm stays."""
    at = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    monkeypatch.setattr("anlan.people.api.now_for", lambda _actor: at)
    wang, chen = system(world, "wang"), world.resident("陈大明", GRID_A).pk
    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        looked = [new_id() for _ in range(LOOK_UP_LIMITS[LookUpKind.OPENED])]
        count_look_ups(world.actor("wang"), LookUpKind.OPENED, looked, now=at - timedelta(minutes=1))

    stopped = [wang.ask("GET", f"/residents/{chen}") for _ in range(2)]

    assert [said(one) for one in stopped] == [(429, "look_up_limit")] * 2
    assert int(stopped[0]["Retry-After"]) > 0
    with transaction.atomic(), duty("answer_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert AuditEntry.objects.filter(verb="look_up_limit").count() == 1


def test_every_look_is_on_record_under_the_systems_post(world: World) -> None:
    wang, chen = system(world, "wang"), world.resident("陈大明", GRID_A).pk

    wang.get(f"/residents/{chen}")
    wang.get("/residents")

    with transaction.atomic(), duty("answer_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        entries = AuditEntry.objects.filter(subject="people.Resident", post_id=world.posts["wang"].pk)
        assert sorted(entry.verb for entry in entries) == ["list", "open"]
        assert all(chen in entry.subject_ids for entry in entries)


def test_the_page_of_a_person_and_the_api_mask_alike(world: World) -> None:
    person = world.resident("赵秀兰").pk
    page = signed_in(world, "wang").client.get(f"/people/{person}/").content.decode()

    shown = signed_in(world, "wang").get(f"/residents/{person}")

    assert all(shown[name] in page for name in ("name", "phone", "id_number", "born", "door"))


def test_households_say_how_many_they_are(world: World) -> None:
    shown = system(world, "wang").get("/households")

    assert sorted(row["people"] for row in shown["rows"]) == [1, 1, 2, 3]
