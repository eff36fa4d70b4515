"""What an import wrote is taken back exactly, but for what somebody acted on since."""

import pytest

from anlan.exchange.actions import what_would_stay
from anlan.exchange.registers import REGISTERS
from anlan.exchange.rules import BatchState
from anlan.foundation.models import FieldChange
from anlan.foundation.scope import scope
from anlan.people.actions import correct_resident
from anlan.people.models import Enrolment, Resident
from tests.exchange.tables import (
    CHEN,
    NEWCOMER,
    batch_of,
    csv_of,
    outcomes,
    register_as_it_stands,
    send,
    undo,
    write,
)
from tests.world import World

pytestmark = pytest.mark.django_db

CHEN_MOVED = ("春泉第一网格", "2", "1", "303", *CHEN[4:6], "13900139000", "", "", "户主")


def test_an_undo_leaves_everything_as_it_was_but_history_and_audit(world: World) -> None:
    wang = world.actor("wang")
    with scope(wang):
        before = register_as_it_stands()
    batch_id = send(world, "wang", csv_of([NEWCOMER, CHEN_MOVED]))
    assert write(world, "wang", batch_id) == {2: "new", 3: "changed"}

    undo(world, "wang", batch_id)

    batch = batch_of(wang, batch_id)
    assert (batch.state, batch.written_count, batch.stayed_count) == (BatchState.UNDONE, 0, 0)
    with scope(wang):
        assert register_as_it_stands() == before
        chen = Resident.objects.get(name="陈大明")
        assert FieldChange.objects.filter(row_id=chen.pk, field="phone").count() == 2


def test_whoever_was_corrected_since_stays_and_is_named_beforehand(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([NEWCOMER, CHEN_MOVED]))
    write(world, "wang", batch_id)
    with scope(wang):
        newcomer = Resident.objects.get(name="何晓燕")
        correct_resident(
            actor=wang,
            resident_id=newcomer.pk,
            expected_version=1,
            changes={"phone": "13700137000"},
            now=world.now,
        )
        taken, stays = what_would_stay(batch_of(wang, batch_id), REGISTERS["residents"](wang, world.now))
        assert (taken, stays) == (1, {2: "changed_since"})

    undo(world, "wang", batch_id)

    batch = batch_of(wang, batch_id)
    assert (batch.written_count, batch.stayed_count) == (1, 1)
    assert outcomes(wang, batch_id) == {2: "new", 3: "left_out"}
    with scope(wang):
        assert Resident.objects.filter(pk=newcomer.pk).exists()


def test_a_pupil_enrolled_since_stays(world: World) -> None:

    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([NEWCOMER]))
    write(world, "wang", batch_id)
    with scope(wang):
        newcomer = Resident.objects.get(name="何晓燕")
        Enrolment.objects.create(
            area_code=newcomer.area_code, resident=newcomer, group=world.classes[0], starts_at=world.now
        )

    undo(world, "wang", batch_id)

    with scope(wang):
        assert Resident.objects.filter(pk=newcomer.pk).exists()
    assert batch_of(wang, batch_id).stayed_count == 1


def test_an_undone_file_can_be_brought_in_again(world: World) -> None:
    batch_id = send(world, "wang", csv_of([NEWCOMER]))
    write(world, "wang", batch_id)
    undo(world, "wang", batch_id)

    assert write(world, "wang", send(world, "wang", csv_of([NEWCOMER]))) == {2: "new"}
