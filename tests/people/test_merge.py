"""Two entries of one person become one, and come apart again as they were."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.core import serializers
from django.db import ProgrammingError, connections, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry, Fact
from anlan.foundation.scope import duty, scope
from anlan.people.actions import (
    DifferentNumbers,
    EntryChanged,
    LaterMergeFirst,
    MergeInvalid,
    Pair,
    UndoChanged,
    UndoneAlready,
    correct_resident,
    merge_residents,
    move_resident,
    preview_undo,
    register_resident,
    undo_merge,
)
from anlan.people.models import Enrolment, Merge, Resident, SearchToken
from anlan.people.queries import access_resident, history_of, kept_instead_of, search
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_D, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])


@pytest.fixture
def twice(world: World) -> Resident:
    """陈晓雯 entered a second time, in grid B: without a number, with a phone, in another class."""
    kong = world.actor("kong")
    with scope(kong):
        made = register_resident(
            actor=kong,
            household_id=world.households[GRID_B][1].pk,
            sent={"name": "陳晓雯", "birth_on": date(2019, 5, 20), "phone": "15400007777"},
            now=utc_now(),
        )
        Enrolment.objects.create(area_code=GRID_B, resident=made, group=world.classes[1], starts_at=world.now)
    return made


def pair(kept: Resident, gone: Resident, kept_version: int = 1, gone_version: int = 1) -> Pair:
    return Pair(kept.pk, gone.pk, kept_version, gone_version)


def merge(world: World, kept: Resident, gone: Resident, handle: str = "kong", **given: Any) -> Merge:
    actor = world.actor(handle)
    with scope(actor):
        return merge_residents(
            actor=actor,
            pair=pair(kept, gone, given.get("kept_version", 1), given.get("gone_version", 1)),
            choose=given.get("choose", ()),
            now=utc_now(),
        )


def undo(world: World, done: Merge, handle: str = "kong", version: int | None = None) -> Resident:
    actor = world.actor(handle)
    with scope(actor):
        seen = preview_undo(actor=actor, merge_id=done.pk)
        return undo_merge(
            actor=actor, merge_id=done.pk, expected_version=version or seen.kept.version, now=utc_now()
        )


def everything(*models: type[Any]) -> dict[str, list[dict[str, Any]]]:
    """Return every row of these tables but for what may differ after an undo: versions, and when sought."""
    with duty("build_district", ranges=WHOLE, cause="test"), duty("merge_people", ranges=WHOLE, cause="test"):
        found = {}
        for model in models:
            rows = serializers.serialize("python", model.objects.order_by("pk"))
            for row in rows:
                row["fields"] = {
                    name: bytes(value) if isinstance(value, memoryview) else value
                    for name, value in row["fields"].items()
                    if name not in {"version", "sought_version"}
                }
            found[model._meta.label] = rows
        found["tokens"] = sorted(SearchToken.objects.values_list("kind", "token", "area_code", "resident_id"))
        return found


def test_one_entry_is_left_with_what_either_knew(world: World, twice: Resident) -> None:
    child, kong = world.resident("陈晓雯"), world.actor("kong")

    merge(world, child, twice)

    with scope(kong):
        kept = access_resident(kong, child.pk)
        assert (kept.name, kept.version, kept.area_code) == ("陈晓雯", 2, GRID_A)
        assert [row.pk for row in search(kong, "7777").residents] == [child.pk]
        assert not Resident.objects.filter(pk=twice.pk).exists()
        assert not SearchToken.objects.filter(resident_id=twice.pk).exists()
        assert set(kept.enrolments.values_list("group", "area_code")) == {
            (world.classes[0].pk, GRID_A), (world.classes[1].pk, GRID_A),
        }  # fmt: skip
        assert [(line.field, line.source) for line in history_of(kept)] == [("phone", "merge")]


def test_chosen_fields_come_from_the_one_that_goes_and_the_home_too(world: World, twice: Resident) -> None:
    child, kong = world.resident("陈晓雯"), world.actor("kong")

    merge(world, child, twice, choose=("name", "household_id"))

    with scope(kong):
        kept = access_resident(kong, child.pk)
        assert (kept.name, kept.area_code, kept.household_id) == ("陳晓雯", GRID_B, twice.household_id)
        assert set(SearchToken.objects.filter(resident=kept).values_list("area_code", flat=True)) == {GRID_B}
        assert set(kept.enrolments.values_list("area_code", flat=True)) == {GRID_B}
        assert set(Merge.objects.values_list("area_code", flat=True)) == {GRID_B}


def test_the_old_id_leads_to_the_one_kept_for_those_who_may_see_them(world: World, twice: Resident) -> None:
    child = world.resident("陈晓雯")
    merge(world, child, twice)

    def led(handle: str) -> UUID | None:
        actor = world.actor(handle)
        with scope(actor):
            return kept_instead_of(actor, twice.pk)

    assert led("wang") == led("kong") == led("you") == child.pk
    assert led("liu") is led("du") is led("zhao") is None


def test_the_form_of_an_entry_that_was_merged_makes_nobody_again(world: World, twice: Resident) -> None:
    child, kong = world.resident("陈晓雯"), world.actor("kong")
    merge(world, child, twice)

    with scope(kong):
        again = register_resident(
            actor=kong, household_id=world.households[GRID_B][1].pk, sent={"name": "陳晓雯"}, now=utc_now(),
            resident_id=twice.pk,
        )  # fmt: skip

        assert again.pk == child.pk


@pytest.mark.parametrize("choose", [(), ("name", "phone"), ("household_id",), ("name", "birth_on", "sex")])
def test_undoing_brings_everything_back_as_it_was(world: World, twice: Resident, choose: Any) -> None:
    child = world.resident("陈晓雯")
    before = everything(Resident, Enrolment)

    done = merge(world, child, twice, choose=choose)
    assert everything(Resident, Enrolment) != before
    undo(world, done)

    assert everything(Resident, Enrolment) == before
    with scope(world.actor("kong")):
        assert kept_instead_of(world.actor("kong"), twice.pk) is None
        assert access_resident(world.actor("kong"), child.pk).version == 3
        assert access_resident(world.actor("kong"), twice.pk).version == 1


def test_merging_the_other_way_takes_the_number_along_and_back(world: World, twice: Resident) -> None:
    child = world.resident("陈晓雯")
    before = everything(Resident, Enrolment)

    done = merge(world, twice, child, choose=("household_id",))

    with scope(world.actor("kong")):
        kept = Resident.objects.get(pk=twice.pk)
        assert bytes(kept.id_number_hash or b"") == bytes(child.id_number_hash or b"")
        assert (kept.sex, kept.relation) == ("female", "子女")
    undo(world, done)
    assert everything(Resident, Enrolment) == before


def test_what_somebody_did_since_stays_and_is_said_before(world: World, twice: Resident) -> None:
    child, kong = world.resident("陈晓雯"), world.actor("kong")
    done = merge(world, child, twice, choose=("name",))
    with scope(kong):
        assert preview_undo(actor=kong, merge_id=done.pk).is_exact
        correct_resident(
            actor=kong, resident_id=child.pk, expected_version=2, changes={"phone": "15400009999"},
            now=utc_now(),
        )  # fmt: skip
        seen = preview_undo(actor=kong, merge_id=done.pk)

    assert (seen.is_exact, seen.back, seen.stay) == (False, ["name"], ["phone"])
    assert (seen.new_rows, seen.lost_rows) == (0, 0)
    undo(world, done)
    with scope(kong):
        assert Resident.objects.get(pk=child.pk).name == "陈晓雯"
        assert [row.pk for row in search(kong, "9999").residents] == [child.pk]
        assert [row.pk for row in search(kong, "7777").residents] == [twice.pk]


def test_rows_of_since_stay_and_rows_that_are_gone_are_counted(world: World, twice: Resident) -> None:
    child, kong = world.resident("陈晓雯"), world.actor("kong")
    done = merge(world, child, twice)
    with scope(kong):
        Enrolment.objects.filter(resident=child, group=world.classes[1]).delete()
        Enrolment.objects.create(
            area_code=GRID_A, resident=child, group=world.classes[1], starts_at=world.now
        )
        seen = preview_undo(actor=kong, merge_id=done.pk)

    assert (seen.new_rows, seen.lost_rows, seen.is_exact) == (1, 1, False)


def test_merges_of_one_person_come_apart_from_the_last(world: World, twice: Resident) -> None:
    child, kong = world.resident("陈晓雯"), world.actor("kong")
    with scope(kong):
        third = register_resident(
            actor=kong, household_id=world.households[GRID_B][2].pk, sent={"name": "陈小雯"}, now=utc_now()
        )
    before = everything(Resident, Enrolment)
    first = merge(world, twice, third)
    second = merge(world, child, twice, gone_version=2)

    with scope(kong):
        assert kept_instead_of(kong, third.pk) == kept_instead_of(kong, twice.pk) == child.pk
        with pytest.raises(LaterMergeFirst):
            preview_undo(actor=kong, merge_id=first.pk)
    undo(world, second)
    with scope(kong):
        assert kept_instead_of(kong, third.pk) == twice.pk
    undo(world, first)
    assert everything(Resident, Enrolment) == before


def test_it_is_undone_once(world: World, twice: Resident) -> None:
    done = merge(world, world.resident("陈晓雯"), twice)
    kong = world.actor("kong")
    with scope(kong), pytest.raises(UndoChanged):
        undo_merge(actor=kong, merge_id=done.pk, expected_version=1, now=utc_now())
    undo(world, done)

    with pytest.raises(UndoneAlready):
        undo(world, done)


def test_what_cannot_be_one_person_is_refused(world: World, twice: Resident) -> None:
    child, chen, kong = world.resident("陈晓雯"), world.resident("陈大明", GRID_A), world.actor("kong")

    with pytest.raises(DifferentNumbers):
        merge(world, child, chen)
    with pytest.raises(MergeInvalid):
        merge(world, child, child)
    with pytest.raises(MergeInvalid):
        merge(world, child, twice, choose=("area_code",))
    with pytest.raises(EntryChanged):
        merge(world, child, twice, kept_version=2)
    with pytest.raises(EntryChanged):
        merge(world, child, twice, gone_version=2)
    with scope(kong):
        assert Resident.objects.filter(pk__in=(child.pk, twice.pk, chen.pk)).count() == 3


@pytest.mark.parametrize("handle", ["wang", "liu", "du", "zhao"])
def test_only_a_post_that_sees_both_merges_and_undoes(world: World, twice: Resident, handle: str) -> None:
    child = world.resident("陈晓雯")
    with pytest.raises(NotFound):
        merge(world, child, twice, handle)
    done = merge(world, child, twice)

    with pytest.raises(NotFound):
        undo(world, done, handle)


def test_somebody_who_moved_beyond_the_range_is_nobody_s_to_undo(world: World, twice: Resident) -> None:
    child = world.resident("陈晓雯")
    done = merge(world, child, twice)
    with duty("build_district", ranges=WHOLE, cause="test"):
        you = world.actor("you")
    with scope(you):
        move_resident(
            actor=you, resident_id=child.pk, household_id=world.households[GRID_D][2].pk, expected_version=2,
            now=utc_now(),
        )  # fmt: skip
        assert Merge.objects.get(pk=done.pk).area_code == GRID_D

    with pytest.raises(NotFound):
        undo(world, done)


def test_both_ids_stand_in_the_audit_and_the_fact_is_announced(world: World, twice: Resident) -> None:
    child = world.resident("陈晓雯")
    undo(world, merge(world, child, twice))

    with duty("answer_audit", ranges=WHOLE, cause="test"):
        told = AuditEntry.objects.filter(verb__in=("merge", "undo_merge")).order_by("at")
        assert [(entry.verb, set(entry.subject_ids)) for entry in told] == [
            ("merge", {child.pk, twice.pk}), ("undo_merge", {child.pk, twice.pk}),
        ]  # fmt: skip
    with duty("react", ranges=WHOLE, cause="test"):
        assert Fact.objects.filter(name="people.ResidentsMerged").count() == 1
        assert Fact.objects.filter(name="people.MergeUndone").count() == 1


@pytest.mark.parametrize("column", ["gone", "phone", "gone_id", "fields", "version"])
def test_what_a_merge_remembers_is_never_rewritten(world: World, twice: Resident, column: str) -> None:
    done = merge(world, world.resident("陈晓雯"), twice)

    with scope(world.actor("kong")), pytest.raises(ProgrammingError), transaction.atomic():
        Merge.objects.filter(pk=done.pk).update(**{column: getattr(done, column)})


def test_an_unknown_merge_is_absent(world: World) -> None:
    kong = world.actor("kong")
    with scope(kong), pytest.raises(NotFound):
        preview_undo(actor=kong, merge_id=new_id())


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_row_that_may_stand_once_stands_once_and_comes_back(world: World) -> None:
    """No table has such a key today; one is made here, as an app above may have."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX seat_once ON people_enrolment (resident_id, group_id)")
    try:
        child, kong = world.resident("陈晓雯"), world.actor("kong")
        with transaction.atomic(), scope(kong):
            second = register_resident(
                actor=kong, household_id=world.households[GRID_B][1].pk, sent={"name": "陈晓雯"},
                now=utc_now(),
            )  # fmt: skip
            Enrolment.objects.create(
                area_code=GRID_B, resident=second, group=world.classes[0], starts_at=world.now
            )
        with transaction.atomic():
            before = everything(Enrolment)
            done = merge(world, child, second)
            with scope(kong):
                assert Enrolment.objects.filter(group=world.classes[0]).count() == 1
            undo(world, done)
            assert everything(Enrolment) == before
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("DROP INDEX seat_once")
