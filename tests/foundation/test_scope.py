"""The read gate: the database shows a row only to the ranges that cover it."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.scope import duty, within
from anlan.organisation.models import Building

pytestmark = pytest.mark.django_db

GRID_A, GRID_B, OTHER_COMMUNITY = "330199001001001", "330199001001002", "330199001002001"
DISTRICT = AreaRanges.of(["330199"])


@pytest.fixture(autouse=True)
def three_buildings() -> Iterator[None]:
    with duty("build_district", ranges=DISTRICT, cause="test"):
        for code in (GRID_A, GRID_B, OTHER_COMMUNITY):
            Building.objects.create(area_code=code, number=code[-3:], starts_at=utc_now())
    yield


def codes_seen(*codes: str) -> set[str]:
    with duty("detect", ranges=AreaRanges.of(codes), cause="test"):
        return set(Building.objects.values_list("area_code", flat=True))


def test_a_grid_sees_its_own_rows_alone() -> None:
    assert codes_seen(GRID_A) == {GRID_A}


def test_a_community_sees_its_grids_and_no_other_community() -> None:
    assert codes_seen("330199001001") == {GRID_A, GRID_B}


def test_any_number_of_ranges_is_seen_together() -> None:
    assert codes_seen(GRID_B, OTHER_COMMUNITY) == {GRID_B, OTHER_COMMUNITY}


def test_without_a_scope_reading_a_scoped_table_is_an_error() -> None:
    with pytest.raises((DataError, ProgrammingError)), transaction.atomic():
        list(Building.objects.all())


def test_empty_ranges_show_nothing() -> None:
    with duty("detect", ranges=AreaRanges(), cause="test"):
        assert not Building.objects.exists()


def test_a_row_cannot_be_written_outside_the_ranges() -> None:
    with (
        pytest.raises(ProgrammingError),
        duty("open_order", ranges=AreaRanges.of([GRID_A]), cause="test"),
        transaction.atomic(),
    ):
        Building.objects.create(area_code=GRID_B, number="9", starts_at=utc_now())


def test_a_fault_of_the_database_inside_a_duty_is_told_as_it_is() -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), duty("detect", ranges=DISTRICT, cause="test"):
        Building.objects.create(area_code=GRID_A, number="1", starts_at=cast("datetime", None))

    with duty("detect", ranges=DISTRICT, cause="test"):
        assert Building.objects.count() == 3


def test_an_inner_scope_ends_where_its_block_ends() -> None:
    with duty("detect", ranges=AreaRanges.of([GRID_A]), cause="test"):
        with duty("detect", ranges=DISTRICT, cause="test"):
            assert Building.objects.count() == 3
        assert Building.objects.count() == 1


def test_the_plain_conditions_select_what_the_policy_shows() -> None:
    ranges = AreaRanges.of([GRID_A, OTHER_COMMUNITY])
    with duty("detect", ranges=DISTRICT, cause="test"):
        narrowed = set(Building.objects.filter(within(ranges)).values_list("area_code", flat=True))
    assert narrowed == {GRID_A, OTHER_COMMUNITY}


def test_the_application_role_neither_bypasses_nor_owns() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("anlan_app", False)
