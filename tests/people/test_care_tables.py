"""What the tables of care hold together by themselves: consent, seats, and following the person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.scope import duty, scope
from anlan.people.actions import (
    ErasureGround,
    Pair,
    erase_resident,
    merge_residents,
    move_household,
    undo_merge,
)
from anlan.people.models import Arrival, HouseholdAssignment, KeyPerson, Visit
from tests.people.caring import arrival, assignment, key_person, visit
from tests.world import DISTRICT, GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])


def test_consent_without_an_end_or_a_giver_is_refused_by_the_database(world: World) -> None:
    zhao = world.resident("赵秀兰")

    for missing in ({"consent_until": None}, {"given_by": ""}):
        with pytest.raises(IntegrityError, match="keyperson_consent"), transaction.atomic():
            key_person(world, zhao, **missing)
    duty_bound = key_person(world, zhao, basis="statutory_duty", consent_until=None, given_by="")
    assert duty_bound.withdrawn_on is None


def test_one_reason_stands_once_until_it_is_withdrawn(world: World) -> None:
    zhao = world.resident("赵秀兰")
    first = key_person(world, zhao)

    with pytest.raises(IntegrityError, match="keyperson_once"), transaction.atomic():
        key_person(world, zhao)
    key_person(world, zhao, kind="disabled")
    with scope(world.actor("you")):
        KeyPerson.objects.filter(pk=first.pk).update(withdrawn_on=day_of(world.now))
    assert key_person(world, zhao).pk != first.pk


def test_a_seat_of_a_team_is_taken_once(world: World) -> None:
    home = world.households[GRID_A][1]
    assignment(world, home, "wang", "five_on_one", slot="grid")

    with pytest.raises(IntegrityError, match="assignment_seat_once"), transaction.atomic():
        assignment(world, home, "shi", "five_on_one", slot="grid")
    with pytest.raises(IntegrityError, match="assignment_once"), transaction.atomic():
        assignment(world, home, "wang", "five_on_one", slot="cadre")
    assignment(world, home, "shi", "party_member")


def test_care_goes_with_the_person_when_two_entries_become_one_and_comes_back(world: World) -> None:
    kept, gone, you = world.resident("赵秀兰"), world.resident("王子涵"), world.actor("you")
    key_person(world, kept)
    moved, double = key_person(world, gone, kind="disabled"), key_person(world, gone)
    seen, came = visit(world, gone), arrival(world, gone)
    with duty("build_district", ranges=WHOLE, cause="test"), scope(you):
        gone.id_number = gone.id_number_hash = None
        gone.save()

    with scope(you):
        done = merge_residents(actor=you, pair=Pair(kept.pk, gone.pk, 1, 1), now=utc_now())

        assert set(KeyPerson.objects.values_list("kind", "resident", "area_code")) == {
            ("alone_70", kept.pk, GRID_A), ("disabled", kept.pk, GRID_A),
        }  # fmt: skip
        assert Visit.objects.get(pk=seen.pk).resident_id == kept.pk
        assert Visit.objects.get(pk=seen.pk).area_code == GRID_B  # a fact stays where it happened
        assert Arrival.objects.get(pk=came.pk).area_code == GRID_A
        undo_merge(actor=you, merge_id=done.pk, expected_version=2, now=utc_now())
        assert set(KeyPerson.objects.filter(resident=gone).values_list("pk", flat=True)) == {
            moved.pk, double.pk,
        }  # fmt: skip
        assert Visit.objects.get(pk=seen.pk).resident_id == gone.pk


def test_nothing_of_care_stays_when_the_person_is_erased(world: World) -> None:
    zhao, you = world.resident("赵秀兰"), world.actor("you")
    key_person(world, zhao, need="送餐")
    visit(world, zhao)
    arrival(world, zhao)
    stays = assignment(world, world.households[GRID_A][1], "wang", "contract_household")

    with scope(you):
        row = erase_resident(
            actor=you,
            resident_id=zhao.pk,
            ground=ErasureGround("consent_withdrawn", "本人申请"),
            expected_version=1,
            now=utc_now(),
        )
        left = [model.objects.count() for model in (KeyPerson, Visit, Arrival)]

        assert left == [0, 0, 0]
        assert (row.removed["key_entries"], row.removed["visits"], row.removed["arrivals"]) == (1, 1, 1)
        assert HouseholdAssignment.objects.get().pk == stays.pk  # of the door, not of the person


def test_care_lies_where_a_household_moves_and_visits_where_they_were_made(world: World) -> None:
    home, kong = world.households[GRID_A][1], world.actor("kong")
    zhao = world.resident("赵秀兰")
    key_person(world, zhao)
    visit(world, zhao)
    arrival(world, zhao)
    assignment(world, home, "wang", "contract_household")

    with scope(kong):
        move_household(
            actor=kong,
            household_id=home.pk,
            building_id=world.buildings[GRID_B][0].pk,
            unit=1,
            room="909",
            expected_version=1,
            now=utc_now(),
        )

        for model in (KeyPerson, Arrival, HouseholdAssignment):
            assert set(model.objects.values_list("area_code", flat=True)) == {GRID_B}
        assert Visit.objects.get().area_code == GRID_A


def test_the_neighbour_and_posts_that_serve_nobody_see_no_care(world: World) -> None:
    zhao = world.resident("赵秀兰")
    key_person(world, zhao, due_on=day_of(world.now) - timedelta(days=1))
    visit(world, zhao)

    for handle, count in (("wang", 1), ("kong", 1), ("liu", 0), ("zhao", 0), ("han", 0)):
        with scope(world.actor(handle)):
            assert (KeyPerson.objects.count(), Visit.objects.count()) == (count, count), handle
