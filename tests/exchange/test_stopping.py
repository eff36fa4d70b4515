"""A batch is stopped, goes on, and ends the same after its worker was killed in the middle."""

from collections.abc import Iterator
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import OperationalError

from anlan.exchange.actions import answer_questions, stop_batch, write_batch
from anlan.exchange.actions.carrying import Carrier
from anlan.exchange.actions.expiring import forget_person
from anlan.exchange.jobs import MOST_TRIES, run_batch
from anlan.exchange.rules import BatchState
from anlan.foundation.scope import scope
from anlan.organisation.models import Appointment
from anlan.people.models import Resident
from tests.exchange.tables import (
    CHEN,
    NEWCOMER,
    after_tries,
    batch_of,
    csv_of,
    outcomes,
    reasons,
    run,
    send,
    undo,
    write,
)
from tests.world import World

pytestmark = pytest.mark.django_db

NAMES = ("何一", "何二", "何三", "何四", "何五", "何六")


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two rows a chunk, so that six rows take several steps."""
    monkeypatch.setattr("anlan.exchange.actions.reading.CHUNK_ROWS", 2)
    yield


def table() -> bytes:
    return csv_of(
        [(*NEWCOMER[:3], f"{index}01", name, "", *NEWCOMER[6:]) for index, name in enumerate(NAMES, 2)]
    )


def begin_writing(world: World) -> UUID:
    wang = world.actor("wang")
    batch_id = send(world, "wang", table())
    with scope(wang):
        write_batch(
            actor=wang, batch_id=batch_id, expected_version=batch_of(wang, batch_id).version, now=world.now
        )
    return batch_id


def test_a_stopped_batch_keeps_what_is_written_and_goes_on(world: World) -> None:
    wang = world.actor("wang")
    batch_id = begin_writing(world)
    carrier = Carrier(batch_id, wang.appointment_id)
    carrier.step()
    carrier.step()
    with scope(wang):
        stop_batch(actor=wang, batch_id=batch_id, now=world.now)

    assert not carrier.step()
    stopped = batch_of(wang, batch_id)
    assert stopped.state == BatchState.STOPPED
    assert 0 < stopped.written_count < len(NAMES)

    assert set(write(world, "wang", batch_id).values()) == {"new"}
    with scope(wang):
        assert Resident.objects.filter(name__in=NAMES).count() == len(NAMES)


def test_a_worker_that_takes_a_batch_up_again_writes_nothing_twice(world: World) -> None:
    wang = world.actor("wang")
    batch_id = begin_writing(world)
    Carrier(batch_id, wang.appointment_id).step()

    run(wang, batch_id)
    run(wang, batch_id)

    batch = batch_of(wang, batch_id)
    assert (batch.state, batch.written_count) == (BatchState.WRITTEN, len(NAMES))
    with scope(wang):
        assert Resident.objects.filter(name__in=NAMES).count() == len(NAMES)


def test_a_trial_begun_anew_counts_no_row_twice(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", table())
    with scope(wang):
        batch = batch_of(wang, batch_id)
        batch.state, batch.next_chunk = BatchState.TRYING, 1  # as a kill in the middle of a trial leaves it
        batch.save()

    run(wang, batch_id)

    batch = batch_of(wang, batch_id)
    assert (batch.state, batch.rows_in, batch.new) == (BatchState.TRIED, len(NAMES), len(NAMES))
    assert len(outcomes(wang, batch_id)) == len(NAMES)


def test_an_ended_appointment_writes_no_more(world: World) -> None:
    wang = world.actor("wang")
    batch_id = begin_writing(world)
    Appointment.objects.filter(pk=wang.appointment_id).update(ends_at=world.now)

    run(wang, batch_id)

    with scope(wang):
        assert not Resident.objects.filter(name__in=NAMES).exists()


def test_other_answers_in_the_middle_of_a_trial_count_for_every_row(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", table())
    with scope(wang):
        batch = batch_of(wang, batch_id)
        batch.state, batch.next_chunk = BatchState.TRYING, 0
        batch.save()
    carrier = Carrier(batch_id, wang.appointment_id)
    carrier.step()
    with scope(wang):
        stopped = stop_batch(actor=wang, batch_id=batch_id, now=world.now)
        columns = {int(place): key for place, key in stopped.layout["columns"].items() if key != "phone"}
        answer_questions(
            actor=wang,
            batch_id=batch_id,
            expected_version=stopped.version,
            answers={},
            columns=columns,
            now=world.now,
        )

    while carrier.step():
        pass
    write(world, "wang", batch_id)

    with scope(wang):
        assert Resident.objects.filter(name__in=NAMES, phone=None).count() == len(NAMES)


@pytest.mark.parametrize(
    ("state", "failure", "tries", "ends"),
    [
        (BatchState.WRITING, RuntimeError, 0, (BatchState.STOPPED, "broken")),
        (BatchState.TRYING, RuntimeError, 0, (BatchState.REFUSED, "broken")),
        (BatchState.WRITING, OperationalError, 0, (BatchState.WRITING, "")),  # the queue takes it up again
        (BatchState.WRITING, OperationalError, MOST_TRIES, (BatchState.STOPPED, "broken")),
    ],
)
def test_a_batch_whose_step_fails_says_so(  # noqa: PLR0917 - what is given and what comes of it
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    failure: type[Exception],
    tries: int,
    ends: tuple[str, str],
) -> None:
    def fail(_batch_id: UUID, _appointment_id: UUID) -> None:
        raise failure

    wang = world.actor("wang")
    batch_id = send(world, "wang", table())
    with scope(wang):
        batch = batch_of(wang, batch_id)
        batch.state = state
        batch.save()
    monkeypatch.setattr("anlan.exchange.jobs.carry_on", fail)
    monkeypatch.setattr("anlan.exchange.jobs.connection", SimpleNamespace(close=lambda: None))

    with pytest.raises(failure):
        run_batch(after_tries(tries), str(batch_id), str(wang.appointment_id))

    broken = batch_of(wang, batch_id)
    assert (broken.state, broken.problem) == ends


def test_who_is_erased_between_trial_and_writing_is_left_out(world: World) -> None:
    wang, chen = world.actor("wang"), world.resident("陈大明")
    batch_id = send(world, "wang", csv_of([(*CHEN[:6], "13912345678", *CHEN[7:]), NEWCOMER]))
    assert outcomes(wang, batch_id) == {2: "changed", 3: "new"}

    forget_person(chen.pk, area_code=chen.area_code)

    assert write(world, "wang", batch_id) == {2: "left_out", 3: "new"}


def test_who_is_erased_after_the_writing_does_not_keep_the_others_from_an_undo(world: World) -> None:
    wang = world.actor("wang")
    batch_id = send(world, "wang", csv_of([NEWCOMER, (*CHEN[:6], "13912345678", *CHEN[7:])]))
    write(world, "wang", batch_id)
    with scope(wang):
        person = Resident.objects.get(name="何晓燕")
    forget_person(person.pk, area_code=person.area_code)

    batch = undo(world, "wang", batch_id)

    assert (batch.state, batch.written_count, batch.stayed_count) == (BatchState.UNDONE, 0, 0)
    assert reasons(wang, batch_id) == {2: [("", "erased")], 3: [("", "undone")]}
