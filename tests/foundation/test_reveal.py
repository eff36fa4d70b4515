"""Showing a masked field: in range, entitled, with a reason, counted, on record."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from anlan.foundation.actor import AreaRanges
from anlan.foundation.errors import Invalid, NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.limits import DailyLimitReached, used_today
from anlan.foundation.models import AuditEntry
from anlan.foundation.reveal import REVEAL, NoReason, reveal_fields
from anlan.foundation.scope import duty, scope
from tests.world import GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db


def reveal(
    world: World, handle: str, name: str, *fields: str, why: str = "visit", area: str = GRID_A
) -> dict[str, str]:
    actor = world.actor(handle)
    with scope(actor):
        return reveal_fields(
            actor=actor,
            model="people.Resident",
            row_id=world.resident(name, area).pk,
            fields=fields,
            why=why,
            now=world.now,
        )


def entries() -> list[AuditEntry]:
    with duty("answer_audit", ranges=AreaRanges.everywhere(), cause="test"):
        return list(AuditEntry.objects.filter(verb=REVEAL))


def test_a_grid_worker_sees_name_and_phone_of_a_resident_and_it_is_on_record(world: World) -> None:
    shown = reveal(world, "wang", "陈大明", "phone", "name")

    assert shown == {"name": "陈大明", "phone": "15400000001"}
    [entry] = entries()
    assert (entry.subject, entry.subject_ids, entry.why) == (
        "people.Resident",
        [world.resident("陈大明", GRID_A).pk],
        "visit",
    )
    assert (entry.member_id, entry.post_id) == (world.members["wang"].pk, world.posts["wang"].pk)
    assert entry.detail == {"fields": ["name", "phone"]}
    assert entry.area_code == GRID_A


def test_the_neighbours_resident_does_not_exist(world: World) -> None:
    with pytest.raises(NotFound):
        reveal(world, "wang", "王伟", "phone", area=GRID_B)

    assert entries() == []


@pytest.mark.parametrize("handle", ["zhao", "han", "he", "lu", "xu"])
def test_a_post_that_does_not_serve_residents_may_not(world: World, handle: str) -> None:
    with pytest.raises(NotAllowed):
        reveal(world, handle, "陈大明", "phone")


@pytest.mark.parametrize("why", ["", "其他", "other", "因为"])
def test_only_a_listed_reason_counts(world: World, why: str) -> None:
    with pytest.raises(NoReason):
        reveal(world, "wang", "陈大明", "phone", why=why)


@pytest.mark.parametrize("fields", [[], ["religion"], ["phone", "password"]])
def test_fields_that_are_not_there_are_refused(world: World, fields: list[str]) -> None:
    with pytest.raises(Invalid):
        reveal(world, "wang", "陈大明", *fields)


def test_hashes_are_shown_to_nobody(world: World) -> None:
    with pytest.raises(NotAllowed):
        reveal(world, "wang", "陈大明", "id_number_hash")


@pytest.mark.parametrize("model", ["people.Nobody", "auth.User", ""])
def test_an_unknown_model_answers_as_an_absent_row(world: World, model: str) -> None:
    actor = world.actor("wang")
    with scope(actor), pytest.raises(NotFound):
        reveal_fields(actor=actor, model=model, row_id=new_id(), fields=["name"], why="visit", now=world.now)


def test_the_days_limit_stops_it_and_the_next_day_begins_anew(world: World, settings: Settings) -> None:
    settings.ANLAN_REVEALS_PER_DAY = 3
    reveal(world, "wang", "陈大明", "phone", "name")
    actor = world.actor("wang")

    with pytest.raises(DailyLimitReached) as refused, scope(actor):
        reveal_twice(world)
    assert refused.value.retry_after_seconds > 0
    world.now += timedelta(days=1)
    assert reveal(world, "wang", "陈大明", "phone") == {"phone": "15400000001"}


def reveal_twice(world: World) -> None:
    for _ in range(2):
        reveal(world, "wang", "赵秀兰", "phone")


def test_uses_are_counted_by_field(world: World) -> None:
    reveal(world, "wang", "陈大明", "phone", "name")

    assert used_today(world.actor("wang"), REVEAL, now=world.now) == 2
