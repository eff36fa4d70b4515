"""Erasing somebody who was merged, or came apart again: nothing of them stays, no backup brings them back."""

from typing import Any

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.scope import duty, scope
from anlan.people.actions import ErasureGround, correct_resident, erase_again, erase_resident
from anlan.people.models import Erasure, Resident
from tests.people.test_erasure import found_in_database
from tests.people.test_merge import merge, twice, undo
from tests.world import World

__all__ = ["twice"]  # a fixture
pytestmark = pytest.mark.django_db


def erase(world: World, person: Resident, version: int) -> Erasure:
    you = world.actor("you")
    ground = ErasureGround("purpose_ended", "迁出本区，按申请办理")
    with scope(you):
        return erase_resident(
            actor=you, resident_id=person.pk, ground=ground, expected_version=version, now=utc_now()
        )


def test_erasing_the_one_kept_erases_what_was_merged_and_its_id(world: World, twice: Resident) -> None:
    child = world.resident("陈晓雯")
    with scope(world.actor("kong")):
        twice = correct_resident(
            actor=world.actor("kong"), resident_id=twice.pk, expected_version=1, changes={"name": "陳曉雯"},
            now=utc_now(),
        )  # fmt: skip
    marks = (
        "陈晓雯",
        "陳晓雯",
        "陳曉雯",
        bytes(twice.phone_hash or b"").hex(),
        bytes(twice.phone or b"").hex(),
    )
    merge(world, child, twice, choose=("name",), gone_version=2)
    assert found_in_database(marks)

    row = erase(world, child, 2)

    assert row.removed["merges"] == 1
    assert found_in_database(marks) == []
    with scope(world.actor("you")):
        assert set(Erasure.objects.values_list("resident_id", flat=True)) == {child.pk, twice.pk}


def test_erasing_one_of_two_that_came_apart_leaves_nothing_behind(world: World, twice: Resident) -> None:
    child = world.resident("陈晓雯")
    marks = ("陳晓雯", bytes(twice.phone_hash or b"").hex(), bytes(twice.phone or b"").hex())
    undo(world, merge(world, child, twice, choose=("name",)))
    assert found_in_database(marks)

    erase(world, twice, 1)

    assert found_in_database(marks) == []
    with scope(world.actor("kong")):
        assert Resident.objects.filter(pk=child.pk).exists()


def test_a_backup_of_before_the_merge_brings_neither_back(
    world: World, twice: Resident, django_capture_on_commit_callbacks: Any
) -> None:
    child = world.resident("陈晓雯")
    merge(world, child, twice)
    with django_capture_on_commit_callbacks(execute=True):
        erase(world, child, 2)
    with duty("erase_again", ranges=AreaRanges.everywhere(), cause="test"), scope(world.actor("you")):
        Erasure.objects.all().delete()
        for row in (child, twice):
            Resident.objects.create(id=row.pk, area_code=row.area_code, name=row.name)

    erase_again(now=utc_now())

    with scope(world.actor("you")):
        assert not Resident.objects.filter(pk__in=(child.pk, twice.pk)).exists()
