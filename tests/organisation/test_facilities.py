"""A facility is entered, corrected, found true and ended; a unit keeps its own and never a neighbour's."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.errors import Conflict, NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry, FieldChange
from anlan.foundation.scope import scope
from anlan.organisation.actions import (
    FacilityChanged,
    FacilityFacts,
    FacilityInUse,
    FacilityInvalid,
    correct_facility,
    end_facility,
    verify_facility,
)
from anlan.organisation.models import Facility, Post
from anlan.organisation.queries.registers import definitions_in_force, due_on, wanted_facilities
from tests.organisation.acting import hold
from tests.organisation.register_acts import enter, enter_car
from tests.world import BRIDGE, GRID_A, GRID_C, NORTH, World

pytestmark = pytest.mark.django_db


def correct(world: World, facility: Facility, by: str, version: int = 1, **said: Any) -> Facility:
    actor = world.actor(by)
    facts = FacilityFacts(
        said.pop("kind", facility.kind), said.pop("name", facility.name), said.pop("address", ""), said
    )
    with scope(actor):
        return correct_facility(
            actor=actor, facility_id=facility.pk, expected_version=version, facts=facts, now=utc_now()
        )


def verify(world: World, facility: Facility, by: str, version: int = 1) -> Facility:
    actor = world.actor(by)
    with scope(actor):
        return verify_facility(actor=actor, facility_id=facility.pk, expected_version=version, now=utc_now())


def end(
    world: World, facility: Facility, by: str = "qian", version: int = 1, reason: str = "撤并"
) -> Facility:
    actor = world.actor(by)
    with scope(actor):
        return end_facility(
            actor=actor, facility_id=facility.pk, expected_version=1, reason=reason, now=utc_now()
        )


def names(world: World, by: str, **sought: str) -> list[str]:
    actor = world.actor(by)
    with scope(actor):
        return sorted(row.name for row in wanted_facilities(actor, sought, now=utc_now()))


def verbs_about(world: World, facility: Facility) -> list[str]:
    with scope(world.actor("xu")):
        entries = AuditEntry.objects.filter(subject_ids__contains=[facility.pk]).order_by("id")
        return [entry.verb for entry in entries]


def test_a_facility_is_entered_with_typed_values_and_once_however_often_it_is_sent(world: World) -> None:
    key = new_id()

    first = enter(world, facility_id=key, standardised="是", nurse_count="２")
    again = enter(world, facility_id=key, standardised="是", nurse_count="２")

    assert (first.pk, first.attributes) == (again.pk, {"standardised": True, "nurse_count": 2})
    assert verbs_about(world, first) == ["enter_facility"]


def test_one_key_for_two_facilities_is_refused(world: World) -> None:
    key = new_id()
    enter(world, facility_id=key)

    with pytest.raises(Conflict):
        enter(world, name="另一家", facility_id=key)


def test_what_does_not_fit_the_kind_is_refused_at_its_field(world: World) -> None:
    with pytest.raises(FacilityInvalid) as refusal:
        enter(world, kind="sampling_point", lanes="0", supplier="某公司")

    assert set(refusal.value.fields) == {"lanes", "supplier"}


def test_a_second_of_one_kind_and_name_at_one_area_is_refused(world: World) -> None:
    enter(world, name="春泉 卫生室")

    with pytest.raises(FacilityInvalid) as refusal:
        enter(world, name="春泉卫生室")

    assert list(refusal.value.fields) == ["name"]


@pytest.mark.parametrize("by", ["wang", "kong", "zheng", "zhou", "chu"])
def test_only_a_post_that_keeps_the_organisation_enters_facilities(world: World, by: str) -> None:
    with pytest.raises(NotAllowed):
        enter(world, by=by)


def test_a_correction_keeps_what_stood_there_and_is_one_act_however_often_sent(world: World) -> None:
    clinic = enter(world, standardised=False)

    row = correct(world, clinic, "wang", standardised=True, address="春泉路 1 号")
    correct(world, clinic, "wang", standardised=True, address="春泉路 1 号")

    assert (row.version, row.attributes) == (2, {"standardised": True})
    assert verbs_about(world, clinic) == ["enter_facility", "correct_facility"]
    with scope(world.actor("wang")):
        [line] = FieldChange.objects.filter(row_id=clinic.pk)
    assert (line.field, line.old, line.new, line.version) == ("attributes.standardised", "False", "True", 2)


def test_a_correction_of_another_version_is_refused(world: World) -> None:
    clinic = enter(world)
    correct(world, clinic, "wang", standardised=True)

    with pytest.raises(FacilityChanged):
        correct(world, clinic, "kong", version=1, standardised=False)


def test_a_list_is_narrowed_to_what_is_said_of_facilities(world: World) -> None:
    enter(world, kind="hospital", name="能隔离", isolation_ability=True, hospital_level="level_3_a")
    enter(world, kind="hospital", name="不能隔离", isolation_ability=False)
    enter(world, kind="hospital", name="没写")
    enter(world, kind="health_station", name="站", equipment=["blood_pressure"])

    assert names(world, "zhou", said="isolation_ability.yes") == ["能隔离"]
    assert names(world, "zhou", said="isolation_ability.no") == ["不能隔离"]
    without_words = names(world, "zhou", said="isolation_ability.unsaid")
    assert {"能隔离", "不能隔离", "站"}.isdisjoint(without_words) and "没写" in without_words
    assert names(world, "zhou", said="hospital_level.level_3_a") == ["能隔离"]
    assert names(world, "zhou", said="equipment.blood_pressure", kind="health_station") == ["站"]
    assert names(world, "wang", said="isolation_ability.yes") == ["能隔离"]
    for unknown in ("nonsense.yes", "isolation_ability", "isolation_ability.maybe", "nurse_count.2", "."):
        assert names(world, "zhou", said=unknown) == []


def test_a_unit_corrects_and_verifies_its_own(world: World) -> None:
    row = correct(world, world.pharmacy, "wei", supplier="仁和医药", open_all_day=True)
    row = verify(world, row, "wei", version=2)

    assert row.attributes == {"supplier": "仁和医药", "open_all_day": True}
    assert (row.verified_on, row.verified_by) == (day_of(utc_now()), world.posts["wei"].title)


def test_a_unit_neither_sees_nor_touches_its_neighbour_in_the_same_grid(world: World) -> None:
    neighbour = enter(world, kind="pharmacy", name="新桥第二药房", at=GRID_C)

    assert names(world, "wei") == ["新桥大药房"]
    with pytest.raises(NotFound):
        correct(world, neighbour, "wei", supplier="别家")
    with pytest.raises(NotFound):
        verify(world, neighbour, "wei")


def test_a_unit_that_sees_its_neighbours_for_its_work_still_edits_its_own_only(world: World) -> None:
    clinic = enter(world)

    assert "春泉卫生室" in names(world, "zheng")
    with pytest.raises(NotAllowed):
        correct(world, clinic, "zheng", standardised=True)
    assert correct(world, world.health_centre, "zheng", standardised=True).version == 2


def test_a_unit_does_not_change_its_kind_and_who_enters_does_unless_its_posts_forbid(world: World) -> None:
    with pytest.raises(FacilityInvalid) as refusal:
        correct(world, world.health_centre, "zheng", kind="hospital")
    assert list(refusal.value.fields) == ["kind"]

    with pytest.raises(FacilityInvalid):
        correct(world, world.pharmacy, "qian", kind="mall")

    assert correct(world, world.health_centre, "qian", kind="township_hospital").kind == "township_hospital"


def test_grid_work_verifies_in_its_own_grid_and_the_next_grid_is_absent(world: World) -> None:
    clinic = enter(world)

    assert verify(world, clinic, "wang").version == 2
    with pytest.raises(NotFound):
        verify(world, clinic, "liu")


def test_to_verify_twice_on_one_day_is_one_act(world: World) -> None:
    clinic = enter(world)

    first, second = verify(world, clinic, "wang"), verify(world, clinic, "wang")

    assert (first.version, second.version) == (2, 2)
    assert verbs_about(world, clinic).count("verify_facility") == 1


def test_what_was_never_verified_or_long_ago_is_to_verify_and_what_lacks_something_is_incomplete(
    world: World,
) -> None:
    clinic = enter(world, kind="sampling_point", name="东门采样点", lanes=2, capacity_per_hour=300,
                   opening_hours="8:00-20:00")  # fmt: skip
    assert "东门采样点" in names(world, "qian", view="verify")
    assert "东门采样点" not in names(world, "qian", view="incomplete")
    assert "望山街道社区卫生服务中心" in names(world, "qian", view="incomplete")

    verify(world, clinic, "wang")
    assert "东门采样点" not in names(world, "qian", view="verify")

    with scope(world.actor("qian")):
        long_ago = day_of(utc_now()) - timedelta(days=31)
        Facility.objects.filter(pk=clinic.pk).update(verified_on=long_ago)
        clinic.refresh_from_db()
    assert "东门采样点" in names(world, "qian", view="verify")
    assert due_on(clinic, definitions_in_force()) == long_ago + timedelta(days=30)


def test_the_list_is_narrowed_by_kind_area_and_words(world: World) -> None:
    enter(world)

    assert names(world, "qian", kind="village_clinic") == ["春泉卫生室"]
    assert names(world, "qian", area=GRID_A) == ["春泉卫生室"]
    assert names(world, "qian", area=BRIDGE, q="大药") == ["新桥大药房"]
    assert names(world, "bai") == []


def test_a_facility_ends_with_a_reason_once_nothing_belongs_to_it(world: World) -> None:
    clinic = enter(world)
    with pytest.raises(FacilityInvalid):
        end(world, clinic, reason=" ")

    ended = end(world, clinic)
    again = end(world, clinic)

    assert ended.ends_at == again.ends_at is not None
    assert "春泉卫生室" not in names(world, "qian")
    with pytest.raises(FacilityChanged):
        correct(world, clinic, "wang", version=2, standardised=True)


def test_a_facility_with_posts_or_vehicles_does_not_end(world: World) -> None:
    clinic = enter(world)
    enter_car(world, clinic)

    with pytest.raises(FacilityInUse):
        end(world, clinic)
    with pytest.raises(FacilityInUse):
        end(world, world.pharmacy)
    with pytest.raises(NotAllowed):
        end(world, world.pharmacy, by="wei")


def test_the_groups_of_a_facility_end_with_it(world: World) -> None:
    Post.objects.filter(facility=world.school).update(ends_at=utc_now())

    end(world, world.school)

    with scope(world.actor("qian")):
        assert all(group.ends_at for group in world.school.groups.all())


def test_the_database_takes_no_facility_beyond_the_ranges(world: World) -> None:
    kong = hold(world, "hua", role="subdistrict_officer", area_code=NORTH, purposes=["org"])
    row = Facility(area_code="330199002001001", kind="clinic", name="界外诊所", starts_at=utc_now())

    with scope(kong), pytest.raises(DatabaseError), transaction.atomic():
        row.save(force_insert=True)
