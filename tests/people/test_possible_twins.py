"""Entries that may be one person are found by the clock and parked where both are seen, until decided."""

from datetime import date
from typing import Any

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotFound
from anlan.foundation.jobs import run_everywhere
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from anlan.people.actions import (
    ApartInvalid,
    DecidedAlready,
    Pair,
    Written,
    correct_resident,
    find_twins,
    merge_residents,
    move_resident,
    register_resident,
    take_back,
    tell_apart,
    undo_merge,
)
from anlan.people.models import Merge, PossibleTwin, Resident
from anlan.people.queries import access_twin, visible_twins
from anlan.people.rules import smallest_area_of
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_D, SPRING, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])


def enter(world: World, handle: str, grid: str, door: int, **sent: Any) -> Resident:
    actor = world.actor(handle)
    with scope(actor):
        return register_resident(
            actor=actor, household_id=world.households[grid][door].pk, sent=sent, now=utc_now()
        )


def look() -> None:
    run_everywhere(find_twins, now=utc_now())


def parked() -> list[tuple[str, str, str]]:
    with duty("find_twins", ranges=WHOLE, cause="test"):
        return sorted(PossibleTwin.objects.values_list("area_code", "grade", "state"))


@pytest.fixture
def again(world: World) -> Resident:
    """陈大明 of grid A entered in grid B too, without a number."""
    return enter(
        world, "liu", GRID_B, 1, name="陈大明", birth_on=date(1994, 3, 12), sex="male", phone="15400000001"
    )


def test_nobody_is_parked_where_everybody_stands_once(world: World) -> None:
    look()

    assert parked() == []
    with duty("find_twins", ranges=WHOLE, cause="test"):
        assert set(Resident.objects.values_list("sought_version", flat=True)) == {1}


def test_a_pair_lies_in_the_smallest_area_that_holds_both(world: World, again: Resident) -> None:
    enter(world, "du", GRID_D, 1, name="王伟", id_number="330199198506010119")
    enter(world, "wang", GRID_A, 1, name="陈大名", birth_on=date(1994, 3, 12), phone="15400000001")

    look()

    assert parked() == [
        (DISTRICT, "certain", "open"),
        (SPRING, "likely", "open"),
        (SPRING, "likely", "open"),
        (GRID_A, "likely", "open"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "area"),
    [(GRID_A, GRID_A, GRID_A), (GRID_A, GRID_B, SPRING), (GRID_A, GRID_D, DISTRICT), (GRID_A, SPRING, SPRING),
     (GRID_A, "440100001001001", ""), (GRID_A + "001", GRID_A + "001", GRID_A + "001")],
)  # fmt: skip
def test_the_smallest_area_of_two(one: str, other: str, area: str) -> None:
    assert smallest_area_of(one, other) == smallest_area_of(other, one) == area


def test_looking_twice_parks_once(world: World, again: Resident) -> None:
    look()
    first = parked()
    with duty("find_twins", ranges=WHOLE, cause="test"):
        Resident.objects.update(sought_version=0)
    look()

    assert parked() == first == [(SPRING, "likely", "open")]


def test_who_sees_one_of_the_two_sees_no_pair(world: World, again: Resident) -> None:
    look()

    def seen(handle: str) -> int:
        actor = world.actor(handle)
        with scope(actor):
            return visible_twins(actor).count()

    assert [seen(handle) for handle in ("kong", "qian", "you")] == [1, 1, 1]
    assert [seen(handle) for handle in ("wang", "liu", "li", "zhao", "zhou")] == [0, 0, 0, 0, 0]


def only(world: World) -> PossibleTwin:
    with duty("find_twins", ranges=WHOLE, cause="test"):
        return PossibleTwin.objects.get()


def test_told_apart_is_not_asked_again_until_a_record_changes(world: World, again: Resident) -> None:
    look()
    kong = world.actor("kong")
    with scope(kong):
        tell_apart(actor=kong, twin_id=only(world).pk, why="asked", now=utc_now())
        correct_resident(
            actor=kong, resident_id=again.pk, expected_version=1, changes={"relation": "户主"}, now=utc_now()
        )
    look()
    assert parked() == [(SPRING, "likely", "different")]

    with scope(kong):
        correct_resident(
            actor=kong, resident_id=again.pk, expected_version=2, changes={"id_number": "330199199403120010"},
            now=utc_now(),
        )  # fmt: skip
    look()

    assert parked() == [(SPRING, "certain", "open")]


def test_a_pair_that_is_no_longer_alike_is_let_go(world: World, again: Resident) -> None:
    look()
    kong = world.actor("kong")
    with scope(kong):
        correct_resident(
            actor=kong, resident_id=again.pk, expected_version=1,
            changes={"name": "赵无极", "birth_on": date(1970, 1, 1), "sex": "male"}, now=utc_now(),
        )  # fmt: skip
    look()

    assert parked() == []


def test_a_pair_follows_who_moves(world: World, again: Resident) -> None:
    look()
    kong = world.actor("kong")
    with scope(kong):
        move_resident(
            actor=kong, resident_id=again.pk, household_id=world.households[GRID_A][1].pk, expected_version=1,
            now=utc_now(),
        )  # fmt: skip
    look()

    assert parked() == [(GRID_A, "likely", "open")]


def test_an_entry_that_is_taken_back_leaves_no_pair(world: World, again: Resident) -> None:
    look()
    liu = world.actor("liu")  # sees the entry, and not the pair, which lies in the community
    with scope(liu):
        stays = take_back(
            actor=liu, written=[Written(1, again.pk, again.version)], source="import", now=utc_now()
        )

    assert (stays, parked()) == ({}, [])


def test_a_decision_needs_its_ground_and_is_taken_once(world: World, again: Resident) -> None:
    look()
    kong, twin = world.actor("kong"), only(world)
    with scope(kong):
        with pytest.raises(ApartInvalid):
            tell_apart(actor=kong, twin_id=twin.pk, why="其他", now=utc_now())
        told = tell_apart(actor=kong, twin_id=twin.pk, why="documents", now=utc_now())
        with pytest.raises(DecidedAlready):
            tell_apart(actor=kong, twin_id=twin.pk, why="documents", now=utc_now())

    assert (told.decided_title, told.decided_name) == (kong.post_title, "孔庆华")
    with duty("answer_audit", ranges=WHOLE, cause="test"):
        entry = AuditEntry.objects.get(verb="tell_apart")
    assert (set(entry.subject_ids), entry.why) == ({twin.one_id, twin.other_id}, "documents")


@pytest.mark.parametrize("handle", ["wang", "liu", "du", "zhou"])
def test_a_pair_beyond_the_range_is_absent(world: World, again: Resident, handle: str) -> None:
    look()
    twin, actor = only(world), world.actor(handle)
    with scope(actor), pytest.raises(NotFound):
        access_twin(actor, twin.pk)
    with scope(actor), pytest.raises(NotFound):
        tell_apart(actor=actor, twin_id=twin.pk, why="asked", now=utc_now())


def test_merging_decides_the_pair_and_undoing_opens_it_again(world: World, again: Resident) -> None:
    look()
    kong, chen = world.actor("kong"), world.resident("陈大明", GRID_A)
    with scope(kong):
        done = merge_residents(actor=kong, pair=Pair(chen.pk, again.pk, 1, 1), now=utc_now())
    look()
    assert parked() == [(SPRING, "likely", "merged")]

    with scope(kong):
        undo_merge(actor=kong, merge_id=done.pk, expected_version=2, now=utc_now())
        assert Merge.objects.exclude(undone_at=None).count() == 1
    look()

    assert parked() == [(SPRING, "likely", "open")]
