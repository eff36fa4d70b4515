"""The database keeps every scoped table: policies, rights of the application role, views."""

import re

import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry, AuditSeal
from anlan.foundation.register import own_apps
from anlan.foundation.scope import duty
from anlan.foundation.scoped_models import UNSCOPED, is_placed, scoped_models
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db

SCOPED = sorted(model._meta.label for model in scoped_models())
TABLES = {model._meta.label: model._meta.db_table for model in scoped_models()}
ALL_PURPOSES = "audit,department,grid_work,health,lead,org,privacy,reporting,security,system"


def rows(sql: str, *values: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def test_the_unscoped_models_exist_and_lie_in_areas_or_name_them() -> None:
    known = {model._meta.label for config in own_apps() for model in config.get_models()}

    assert known >= UNSCOPED
    assert len(SCOPED) > 15


@pytest.mark.parametrize("label", SCOPED)
def test_a_scoped_table_has_row_security_with_a_policy_for_each_act(label: str) -> None:
    [(enabled,)] = rows("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", TABLES[label])
    policies = rows(
        "SELECT cmd, permissive, coalesce(qual, ''), coalesce(with_check, '') FROM pg_policies"
        " WHERE tablename = %s",
        TABLES[label],
    )

    assert enabled
    permissive = [(cmd, f"{qual} {check}") for cmd, kind, qual, check in policies if kind == "PERMISSIVE"]
    assert {cmd for cmd, _ in permissive} in ({"SELECT", "INSERT", "UPDATE", "DELETE"}, {"ALL"})
    for _, condition in permissive:
        assert "anlan.scope" in condition


@pytest.mark.parametrize("label", SCOPED)
def test_the_purposes_a_model_declares_are_those_its_policy_demands(label: str) -> None:
    model = next(found for found in scoped_models() if found._meta.label == label)
    [(condition,)] = rows(
        "SELECT string_agg(qual, ' ') FROM pg_policies WHERE cmd IN ('SELECT', 'ALL')"
        " AND permissive = 'PERMISSIVE' AND tablename = %s",
        TABLES[label],
    )

    demanded = set(re.findall(r"'(\w+)'::text", re.sub(r"current_setting\([^)]*\)", "", str(condition))))
    declared = set(getattr(model, "read_purposes", ()))
    assert declared <= demanded
    assert bool(declared) == bool(demanded & set(ALL_PURPOSES.split(",")))


@pytest.mark.parametrize("label", SCOPED)
@pytest.mark.parametrize("scope", ["", "{}"])
def test_raw_sql_without_a_scope_gets_no_row(world: World, label: str, scope: str) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('anlan.scope', %s, true), set_config('anlan.purposes', %s, true)",
                [scope, ALL_PURPOSES],
            )
            cursor.execute(f"SELECT count(*) FROM {TABLES[label]}")
            count = cursor.fetchone()[0]
    except (DataError, ProgrammingError):  # an unset scope is an error once there is a row to judge
        count = 0

    assert count == 0


@pytest.mark.parametrize("label", SCOPED)
def test_raw_sql_with_one_range_gets_rows_of_that_range_alone(world: World, label: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('anlan.scope', %s, true), set_config('anlan.purposes', %s, true)",
            [AreaRanges.of([GRID_A]).as_multirange(), ALL_PURPOSES],
        )
        cursor.execute(f"SELECT count(*) FROM {TABLES[label]} WHERE NOT starts_with(area_code, %s)", [GRID_A])
        assert cursor.fetchone() == (0,)
        cursor.execute(f"SELECT count(*) FROM {TABLES[label]}")
        inside = cursor.fetchone()[0]
    if label in {"organisation.Building", "people.Household", "people.Resident", "people.SearchToken"}:
        assert inside > 0


@pytest.mark.parametrize(
    "label", ["people.Resident", "people.Household", "people.SearchToken", "people.Enrolment"]
)
@pytest.mark.parametrize("purposes", ["", "lead", "department,org", "system,security", "audit"])
def test_a_post_in_range_that_does_not_serve_residents_sees_none(
    world: World, label: str, purposes: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('anlan.scope', %s, true), set_config('anlan.purposes', %s, true)",
            [AreaRanges.everywhere().as_multirange(), purposes],
        )
        cursor.execute(f"SELECT count(*) FROM {TABLES[label]}")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("model", [AuditEntry, AuditSeal])
@pytest.mark.parametrize("sql", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_cannot_alter_the_audit(model: type[AuditEntry | AuditSeal], sql: str) -> None:
    table = model._meta.db_table
    column = "why" if model is AuditEntry else "suite"

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        duty("answer_audit", ranges=AreaRanges.everywhere(), cause="test"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(table, column, column))


def test_the_audit_is_read_only_under_the_purpose_audit() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_auditentry (id, verb, subject, subject_ids, role, duty, cause, area_code,"
            " why, detail, request_id) VALUES (%s, 'look', '', '{}', '', '', '', '', '', '{}', '')",
            [new_id()],
        )
    with duty("detect", ranges=AreaRanges.everywhere(), cause="test"):
        assert not AuditEntry.objects.exists()
    with duty("answer_audit", ranges=AreaRanges.everywhere(), cause="test"):
        assert AuditEntry.objects.exists()


def test_views_ask_as_the_reader_and_nothing_is_materialised() -> None:
    [(loose,)] = rows(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('public', 'epidemic') AND (c.relkind = 'm' OR (c.relkind = 'v'"
        " AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')))"
    )

    assert loose == 0


def test_no_function_runs_with_its_owners_rights() -> None:
    named = rows(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname IN ('public', 'epidemic') AND p.prosecdef"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )

    assert named == []


def test_every_table_with_an_area_code_is_a_model_we_know() -> None:
    tables = {
        str(name)
        for (name,) in rows(
            "SELECT table_name FROM information_schema.columns"
            " WHERE column_name = 'area_code' AND table_schema IN ('public', 'epidemic')"
        )
    }
    known = {
        model._meta.db_table for config in own_apps() for model in config.get_models() if is_placed(model)
    }
    views = {
        str(name)
        for (name,) in rows(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname IN ('public', 'epidemic') AND c.relkind = 'v'"
            " AND 'security_invoker=true' = ANY (c.reloptions)"
        )
    }  # they show what the policies of their tables let the reader see

    assert tables <= known | views


def test_the_application_owns_nothing() -> None:
    assert (
        rows(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname IN ('public', 'epidemic') AND pg_get_userbyid(c.relowner) = 'anlan_app'"
        )
        == []
    )
