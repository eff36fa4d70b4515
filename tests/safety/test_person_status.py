"""Rows 13 and 14: the database refuses a status that limits a person and lacks one of its nine parts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, connections, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.models import Account
from anlan.foundation.scope import duty, scope
from anlan.health.actions import NewReport, record_case_report
from anlan.health.models import CaseReport
from anlan.organisation.models import Appointment, Member
from anlan.response.models import PersonStatus
from tests.world import DISTRICT, FIELD, GRID_A, GRID_B, World

# What the database names when a part is missing: what it was needed for, else the column itself.
MISSING = {
    "event_file": "personstatus_evidence", "person": "personstatus_evidence", "reason": "personstatus_reason",
    "evidence": "personstatus_evidence", "proposed_by": "personstatus_proposer",
    "proposed_post": "personstatus_proposer", "proposed_at": "personstatus_proposer",
    "approved_by": "personstatus_approver", "approved_post": "personstatus_approver",
    "approved_at": "personstatus_approver", "starts_at": "starts_at", "ends_at": "ends_at",
    "notice": "notice", "noticed_at": "personstatus_appeal_elsewhere", "appeal_until": "appeal_until",
    "appeal_post": "personstatus_appeal_elsewhere",
}  # fmt: skip


def report_on(world: World, name: str) -> CaseReport:
    """Let the grid worker report a resident ill; return the report, which knows the person by pseudonym."""
    resident, actor = world.resident(name, GRID_A), world.actor("wang")
    with transaction.atomic(), scope(actor):
        row = record_case_report(
            actor=actor,
            report=NewReport(
                area_code=GRID_A, source="page", condition="norovirus", resident_id=resident.pk,
                household_id=resident.household_id, received_at=world.now,
            ),
            now=world.now,
        )  # fmt: skip
    with transaction.atomic(), duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return CaseReport.objects.select_related("event_file", "pseudonym").get(pk=row.pk)


def parts(world: World) -> dict[str, Any]:
    """Return a status with all its parts: proposed by the health centre, approved by the department."""
    evidence, at = report_on(world, "陈大明"), world.now
    return {
        "area_code": GRID_A,
        "event_file": evidence.event_file,
        "person": evidence.pseudonym,
        "reason": "contact_observation",
        "evidence": evidence,
        "proposed_by": world.members["zheng"],
        "proposed_post": world.posts["zheng"],
        "proposed_at": at,
        "approved_by": world.members["wu"],
        "approved_post": world.posts["wu"],
        "approved_at": at + timedelta(minutes=10),
        "starts_at": at + timedelta(minutes=30),
        "ends_at": at + timedelta(days=7),
        "notice": "您因密切接触者医学观察，须居家至下周。可在六十日内申诉。",
        "noticed_at": at + timedelta(minutes=20),
        "appeal_until": at + timedelta(days=61),
        "appeal_post": world.posts["zhou"],
    }


def impose(given: dict[str, Any]) -> PersonStatus:
    with transaction.atomic(), duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return PersonStatus.objects.create(**given)


def refusal(given: dict[str, Any]) -> str:
    """Return what the database names as wrong: a constraint, or the column that is missing."""
    with pytest.raises(IntegrityError) as told:
        impose(given)
    said = told.value.__cause__.diag  # type: ignore[union-attr]
    return str(said.constraint_name or said.column_name)


def test_with_all_nine_parts_it_is_stored(world: World) -> None:
    row = impose(parts(world))

    with duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert PersonStatus.objects.get().pk == row.pk


@pytest.mark.parametrize(("part", "named"), MISSING.items())
def test_without_one_part_it_is_refused(world: World, part: str, named: str) -> None:
    assert refusal({**parts(world), part: None}) == named


def test_every_stored_part_is_demanded() -> None:
    columns = {field.name for field in PersonStatus._meta.local_concrete_fields}

    assert columns - {"id", "area_code", "recorded_at"} == set(MISSING)
    assert not any(field.null for field in PersonStatus._meta.local_concrete_fields)


def test_nobody_approves_what_they_proposed(world: World) -> None:
    own = {"approved_by": world.members["zheng"], "approved_post": world.posts["zheng"]}

    assert refusal({**parts(world), **own}) == "personstatus_two_persons"


def test_nobody_approves_it_through_a_second_post_or_a_second_account(world: World) -> None:
    since = world.now - timedelta(days=1)
    Appointment.objects.create(post=world.posts["wu"], member=world.members["zheng"], starts_at=since)
    twin = Member.objects.create(
        account=Account.objects.create(username="zheng2", password="!"), name="郑洁", area_code=DISTRICT
    )
    Appointment.objects.create(post=world.posts["wu"], member=twin, starts_at=since)

    assert refusal({**parts(world), "approved_by": world.members["zheng"]}) == "personstatus_two_persons"
    assert refusal({**parts(world), "approved_by": twin}) == "personstatus_two_persons"


def test_the_approver_holds_the_post_and_answers_for_the_place(world: World) -> None:
    given = parts(world)
    borrowed = {**given, "approved_by": world.members["zhou"]}
    elsewhere = {**given, "approved_by": world.members["feng"], "approved_post": world.posts["feng"]}
    no_health = {**given, "approved_by": world.members["qian"], "approved_post": world.posts["qian"]}
    late = {
        **given,
        "approved_at": world.now - timedelta(days=3),
        "proposed_at": world.now - timedelta(days=3),
    }

    assert world.posts["feng"].area_code == FIELD
    assert refusal(borrowed) == "personstatus_approver"
    assert refusal(elsewhere) == refusal(no_health) == "personstatus_jurisdiction"
    assert refusal(late) == "personstatus_proposer"


def test_an_outside_system_neither_proposes_nor_approves(world: World) -> None:
    Member.objects.filter(pk=world.members["zheng"].pk).update(is_system=True)
    assert refusal(parts(world)) == "personstatus_proposer"
    Member.objects.filter(pk=world.members["zheng"].pk).update(is_system=False)
    Member.objects.filter(pk=world.members["wu"].pk).update(is_system=True)
    assert refusal(parts(world)) == "personstatus_approver"


def test_it_ends_within_what_its_reason_allows(world: World) -> None:
    given = parts(world)
    too_long = given["starts_at"] + timedelta(days=14, seconds=1)

    assert impose({**given, "ends_at": too_long - timedelta(seconds=1)}).pk
    assert refusal({**given, "ends_at": too_long}) == "personstatus_expiry"
    assert refusal({**given, "ends_at": given["ends_at"].replace(year=2099)}) == "personstatus_expiry"
    assert refusal({**given, "ends_at": given["starts_at"]}) == "personstatus_told_before_it_starts"


@pytest.mark.parametrize("reason", ["其他", "other", "", "入境人员", "confirmed"])
def test_a_reason_that_the_law_does_not_know_is_refused(world: World, reason: str) -> None:
    assert refusal({**parts(world), "reason": reason}) == "personstatus_reason"


def test_the_notice_gives_the_true_reason_and_comes_before_the_start(world: World) -> None:
    given = parts(world)
    late = {**given, "noticed_at": given["starts_at"] + timedelta(seconds=1)}

    assert refusal({**given, "notice": "您是入境人员。"}) == "personstatus_notice"
    assert refusal(late) == "personstatus_told_before_it_starts"
    assert refusal({**given, "noticed_at": given["proposed_at"]}) == "personstatus_told_once_approved"


def test_an_appeal_has_its_time_and_goes_to_somebody_else(world: World) -> None:
    given = parts(world)
    short = {**given, "appeal_until": given["noticed_at"] + timedelta(days=59)}
    far = {**given, "appeal_post": world.posts["feng"]}

    assert refusal(short) == "personstatus_appeal"
    for own in ("proposed_post", "approved_post"):
        assert refusal({**given, "appeal_post": given[own]}) == "personstatus_appeal_elsewhere"
    assert refusal(far) == "personstatus_appeal_elsewhere"
    Appointment.objects.create(
        post=world.posts["zhou"], member=world.members["wu"], starts_at=world.now - timedelta(days=1)
    )
    assert refusal(given) == "personstatus_appeal_elsewhere"


def test_the_evidence_is_about_this_person_at_this_place(world: World) -> None:
    given, other = parts(world), report_on(world, "赵秀兰")

    assert refusal({**given, "evidence": other}) == "personstatus_evidence"
    assert refusal({**given, "person": other.pseudonym}) == "personstatus_evidence"
    assert refusal({**given, "area_code": GRID_B}) == "personstatus_evidence"


@pytest.mark.parametrize("sql", ["UPDATE {} SET ends_at = ends_at", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_cannot_alter_what_was_decided(world: World, sql: str) -> None:
    impose(parts(world))

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        duty("react", ranges=AreaRanges.of([DISTRICT]), cause="test"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format("response_personstatus"))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET ends_at = ends_at", "DELETE FROM {}"])
def test_nor_can_the_owner_of_the_tables(world: World, sql: str) -> None:
    impose(parts(world))

    with pytest.raises(DatabaseError, match="never altered"), connections["owner"].cursor() as cursor:
        cursor.execute(sql.format("epidemic.response_personstatus"))


@pytest.mark.django_db
def test_the_list_of_reasons_is_no_table_that_an_act_could_add_to() -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO response_status_reason VALUES ('other', '其他', 'other', 999, 0)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM response_status_reason ORDER BY key")
        listed = [key for (key,) in cursor.fetchall()]

    assert listed == ["contact_observation", "patient_isolation", "suspect_isolation"]


def test_only_the_purpose_health_reads_it(world: World) -> None:
    row = impose(parts(world))

    with scope(world.actor("wu")):
        assert [one.pk for one in PersonStatus.objects.all()] == [row.pk]
    for handle in ("qian", "kong", "wang", "feng"):
        with scope(world.actor(handle)):
            assert not PersonStatus.objects.exists()
