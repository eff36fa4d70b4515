"""Erasing a person: nothing of theirs stays but an id that stands for nobody."""

from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry, Fact, FieldChange
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewReport, record_case_report
from anlan.health.models import CaseReport, Pseudonym
from anlan.people.actions import (
    ErasureGround,
    ErasureInvalid,
    FormUsedUp,
    ResidentChanged,
    correct_resident,
    erase_resident,
    open_resident,
    register_resident,
)
from anlan.people.models import Enrolment, Erasure, Household, LookUp, Resident, SearchToken
from anlan.people.queries import search
from tests.people.test_actions import SENT, with_check_digit
from tests.surveillance.test_loop import run_reactions
from tests.world import DISTRICT, GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])
GROUND = ErasureGround("purpose_ended", "迁出本区，按申请办理")


def erase(world: World, handle: str, person: Resident, **given: Any) -> Erasure:
    actor = world.actor(handle)
    with scope(actor):
        return erase_resident(
            actor=actor,
            resident_id=person.pk,
            ground=given.get("ground", GROUND),
            expected_version=given.get("version", 1),
            now=utc_now(),
        )


def test_nothing_of_the_person_stays_in_any_table(world: World) -> None:
    child, wang = world.resident("陈晓雯"), world.actor("wang")
    with scope(wang):
        correct_resident(
            actor=wang,
            resident_id=child.pk,
            expected_version=1,
            changes={"phone": "15400008888"},
            now=utc_now(),
        )
        open_resident(actor=wang, resident_id=child.pk, now=utc_now())

    row = erase(world, "you", child, version=2)

    assert row.removed["enrolments"] == row.removed["field_history"] == row.removed["look_ups"] == 1
    assert row.removed["search_tokens"] >= 5
    with duty("build_district", ranges=WHOLE, cause="test"):
        gone = (
            Resident.objects.filter(pk=child.pk),
            SearchToken.objects.filter(resident_id=child.pk),
            Enrolment.objects.filter(resident_id=child.pk),
            FieldChange.objects.filter(row_id=child.pk),
            LookUp.objects.filter(subject_id=child.pk),
        )
    with scope(world.actor("you")):
        assert not any(rows.exists() for rows in gone)
        assert child.household_id is not None
        assert Household.objects.filter(pk=child.household_id).exists()
        assert Resident.objects.filter(household=child.household_id).count() == 2
    with scope(wang):
        assert search(wang, "陈晓雯").residents == search(wang, "8888").residents == []


def test_no_table_holds_the_name_or_a_number_afterwards(world: World) -> None:
    """Read every text of every row as the owner does, whatever tables there are."""
    chen = world.resident("赵秀兰")
    marks = (
        "赵秀兰",
        "zhaoxiulan",
        bytes(chen.id_number_hash or b"").hex(),
        bytes(chen.id_number or b"").hex(),
    )
    assert found_in_database(marks[:2])

    erase(world, "you", chen)

    assert found_in_database(marks) == []


def found_in_database(marks: tuple[str, ...]) -> list[str]:
    """Return the tables of which a row, written as text, holds one of the marks."""
    found = []
    with duty("build_district", ranges=WHOLE, cause="test"), connections["default"].cursor() as cursor:
        cursor.execute("SELECT set_config('anlan.purposes', 'privacy,health,audit,grid_work,lead,org', true)")
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname IN ('public', 'epidemic')"
            " AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT count(*) FROM {table} AS one WHERE one::text LIKE ANY (%s)",
                [[f"%{mark}%" for mark in marks]],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_the_audit_keeps_the_id_and_the_record_names_nobody(world: World) -> None:
    chen = world.resident("陈大明", GRID_A)
    row = erase(world, "you", chen)

    with duty("answer_audit", ranges=WHOLE, cause="test"):
        entry = AuditEntry.objects.get(verb="erase")
    assert (entry.subject_ids, entry.why, entry.detail) == ([chen.pk], "purpose_ended", row.removed)
    assert "陈大明" not in str(vars(row)) + str(vars(entry))
    with duty("react", ranges=WHOLE, cause="test"):
        assert Fact.objects.get(name="people.ResidentErased").payload["resident_id"] == str(chen.pk)


def test_a_report_of_illness_stays_and_no_longer_joins(world: World) -> None:
    chen, wang = world.resident("陈大明", GRID_A), world.actor("wang")
    with scope(wang):
        report = record_case_report(
            actor=wang,
            report=NewReport(area_code=GRID_A, condition="fever_rash", source="page", resident_id=chen.pk),
            now=utc_now(),
        )
    erase(world, "you", chen)

    for _time in (1, 2):
        run_reactions()

    with duty("react", ranges=WHOLE, cause="test"):
        kept = CaseReport.objects.get(pk=report.pk)
        assert kept.pseudonym_id == report.pseudonym_id
        assert kept.pseudonym_id is not None
        assert Pseudonym.objects.get(pk=kept.pseudonym_id).resident_id != chen.pk
        assert not Pseudonym.objects.filter(resident_id=chen.pk).exists()


@pytest.mark.parametrize("handle", ["wang", "kong", "qian", "zhou", "zheng", "xu", "he", "lu"])
def test_no_other_post_may(world: World, handle: str) -> None:
    with pytest.raises(NotAllowed):
        erase(world, handle, world.resident("陈大明", GRID_A))


def test_an_older_version_and_a_second_time_are_refused(world: World) -> None:
    chen = world.resident("陈大明", GRID_A)
    with pytest.raises(ResidentChanged):
        erase(world, "you", chen, version=9)
    erase(world, "you", chen)
    with pytest.raises(NotFound):
        erase(world, "you", chen)


@pytest.mark.parametrize(
    ("basis", "reason", "field"),
    [
        ("purpose_ended", "  ", "reason"),
        ("purpose_ended", "陈大明 已迁出", "reason"),
        ("purpose_ended", "电话 15400000001 的住户迁出", "reason"),
        ("其他", "迁出", "basis"),
    ],
)
def test_a_reason_is_written_and_names_nobody(world: World, basis: str, reason: str, field: str) -> None:
    chen = world.resident("陈大明", GRID_A)
    with pytest.raises(ErasureInvalid) as refused:
        erase(world, "you", chen, ground=ErasureGround(basis, reason))

    assert set(refused.value.fields) == {field}
    with scope(world.actor("wang")):
        assert Resident.objects.filter(pk=chen.pk).exists()


def test_a_form_sent_again_does_not_bring_the_person_back(world: World) -> None:
    wang, person = world.actor("wang"), new_id()
    sent = {**SENT, "id_number": with_check_digit(SENT["id_number"])}
    given = partial(
        register_resident,
        actor=wang,
        household_id=world.households[GRID_A][3].pk,
        sent=sent,
        now=utc_now(),
        resident_id=person,
    )
    with scope(wang):
        made = given()
    erase(world, "you", made)

    with scope(wang), pytest.raises(FormUsedUp):
        given()


def form(**given: object) -> dict[str, object]:
    return {"version": 1, "basis": "purpose_ended", "reason": "迁出本区", "typed_name": "陈大明", **given}


def test_the_page_erases_after_the_full_name_was_typed(world: World, client: Client) -> None:
    you, chen = world.sign_in(client, "you"), world.resident("陈大明", GRID_A)
    address = reverse("person_erase", args=[chen.pk])
    shown = you.get(address).content.decode()
    assert "不能恢复" in shown
    assert "陈大明" not in shown

    wrong = you.post(address, form(typed_name="陈小明"))
    assert wrong.status_code == 422
    assert "没有删除" in wrong.content.decode()
    assert you.post(address, form(version=7)).status_code == 422
    assert you.post(address, form(reason="")).status_code == 422
    done = you.post(address, form())

    assert done.status_code == 302
    assert you.get(address).status_code == 404
    record = you.get(reverse("erasures")).content.decode()
    assert str(chen.pk) in record
    assert "陈大明" not in record


def test_the_household_is_shown_without_the_erased_and_the_neighbour_sees_no_record(
    world: World, client: Client
) -> None:
    chen, lin = world.resident("陈大明", GRID_A), world.resident("林小雨")
    erase(world, "you", chen)

    page = world.sign_in(client, "wang").get(reverse("household", args=[lin.household_id])).content.decode()
    assert str(lin.pk) in page
    assert str(chen.pk) not in page
    assert world.sign_in(client, "liu").get(reverse("erasures")).status_code == 403
    with scope(world.actor("liu")):
        assert not Erasure.objects.exists()
        assert GRID_B not in str(Erasure.objects.values_list("area_code", flat=True))


def test_a_number_leads_to_the_page_and_a_stranger_signs_in(world: World, client: Client) -> None:
    chen = world.resident("陈大明", GRID_A)
    address = reverse("person_erase", args=[chen.pk])
    assert client.get(address).headers["Location"].startswith("/accounts/login/")
    you = world.sign_in(client, "you")

    assert you.get(reverse("erasures"), {"record": str(chen.pk)}).headers["Location"] == address
    assert you.get(reverse("erasures"), {"record": "陈大明"}).status_code == 200
