"""Carry a batch on from its state: one transaction a step, so that a kill or a cancel loses nothing."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import translation

from anlan.exchange.actions.marking import mark_copy
from anlan.exchange.actions.reading import read_file
from anlan.exchange.actions.trying import begin_trial, reading, try_chunk
from anlan.exchange.actions.undoing import undo_chunk
from anlan.exchange.actions.writing import readying, write_chunk
from anlan.exchange.models import ImportBatch
from anlan.exchange.registers import REGISTERS, Register
from anlan.exchange.rules import AT_WORK, BatchState
from anlan.exchange.starting import tell
from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.foundation.files import open_file
from anlan.foundation.scope import scope
from anlan.organisation.queries import actor_of_appointment, now_for

log = structlog.get_logger()
TOLD_EVERY = 4  # chunks

T = TypeVar("T")
Begin = Callable[[ImportBatch, Register, int], Callable[[], T]]


def carry_on(batch_id: UUID, appointment_id: UUID) -> None:
    """Do what is to be done for a batch until it waits for somebody.

    Everything happens with the rights of who sent the file, as they are now: once that appointment has ended,
    the batch stops.
    """
    carrier = Carrier(batch_id, appointment_id)
    while carrier.step():
        pass


def note_broken(batch_id: UUID, appointment_id: UUID) -> None:
    """Stop a batch whose step failed, so that a page says so and the sender can go on or send it again."""
    actor = actor_of_appointment(appointment_id, now=utc_now())
    if actor is None:
        return
    with scope(actor), transaction.atomic():
        batch = ImportBatch.objects.select_for_update().filter(pk=batch_id, state__in=AT_WORK).first()
        if batch is not None:
            has_rows = batch.state in {BatchState.WRITING, BatchState.UNDOING}
            batch.state = BatchState.STOPPED if has_rows else BatchState.REFUSED
            batch.problem = "broken"
            batch.version += 1
            batch.save()
            tell(batch)


def _commit_without_waiting() -> None:
    """Let the disk take this transaction in its own time: a step lost in a power cut is done again."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


class Carrier:
    """Does one batch's steps, and keeps between them what a trial has to remember.

    While the database works on one chunk, a thread prepares the next.
    """

    def __init__(self, batch_id: UUID, appointment_id: UUID) -> None:
        self.batch_id, self.appointment_id = batch_id, appointment_id
        self._register: Register | None = None
        self._is_trying = False
        self._thread = ThreadPoolExecutor(1, "next_chunk")
        self._ahead: tuple[int, Future[Any]] | None = None  # the next chunk, and the version it is good for

    def step(self) -> bool:
        """Do one step in a transaction of its own; say whether there is another."""
        actor = actor_of_appointment(self.appointment_id, now=utc_now())
        if actor is None:
            log.warning("import_without_appointment", batch=str(self.batch_id))
            return False
        with scope(actor), transaction.atomic(), translation.override("zh-hans"):
            batch = ImportBatch.objects.select_for_update().filter(pk=self.batch_id).first()
            if batch is None or batch.state not in AT_WORK:
                return False
            self._work(batch, actor)
            batch.version += 1
            batch.save()
            is_at_work = batch.state in AT_WORK
            if not is_at_work or batch.next_chunk % TOLD_EVERY == 0:
                tell(batch)
            if is_at_work:
                _commit_without_waiting()
            return is_at_work

    def _work(self, batch: ImportBatch, actor: Actor) -> None:
        now = now_for(actor)
        if batch.state == BatchState.RECEIVED:
            _file, content = open_file(actor, batch.file_id, now=now)
            read_file(batch, content)
            return
        if batch.state == BatchState.TRYING and not (self._is_trying and batch.next_chunk):
            begin_trial(batch)  # from the first chunk, also after a kill: what a trial remembers went with it
            self._register, self._ahead, self._is_trying = None, None, True
        if self._register is None:
            self._register = REGISTERS[batch.register](actor, now)
        if batch.state == BatchState.TRYING:
            try_chunk(batch, self._register, self._prepared(reading, batch, self._register))
        elif batch.state == BatchState.WRITING:
            write_chunk(batch, self._register, self._prepared(readying, batch, self._register), now)
        else:
            undo_chunk(batch, self._register)
        if batch.state not in AT_WORK:
            mark_copy(batch, actor, now)

    def _prepared(self, begin: Begin[T], batch: ImportBatch, register: Register) -> T:
        """Return what is prepared of the next chunk, and have the one after it begun."""
        version, ahead = self._ahead or (0, None)
        if ahead is None or version != batch.version:  # somebody stopped the batch meanwhile, or it begins
            ahead = self._begun(begin(batch, register, batch.next_chunk))
        if batch.next_chunk + 1 < batch.chunk_count:
            after = begin(batch, register, batch.next_chunk + 1)
            self._ahead = batch.version + 1, self._begun(after)
        prepared: T = ahead.result()
        return prepared

    def _begun(self, work: Callable[[], T]) -> Future[T]:
        return self._thread.submit(translation.override("zh-hans")(work))
