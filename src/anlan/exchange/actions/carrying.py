"""Carry a batch on from its state: one transaction a step, so that a kill or a cancel loses nothing."""

from uuid import UUID

import structlog
from django.db import transaction
from django.utils import translation

from anlan.exchange.actions.marking import mark_copy
from anlan.exchange.actions.reading import read_file
from anlan.exchange.actions.trying import begin_trial, try_chunk
from anlan.exchange.actions.undoing import undo_chunk
from anlan.exchange.actions.writing import write_chunk
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


class Carrier:
    """Does one batch's steps, and keeps between them what a trial has to remember."""

    def __init__(self, batch_id: UUID, appointment_id: UUID) -> None:
        self.batch_id, self.appointment_id = batch_id, appointment_id
        self._register: Register | None = None
        self._is_trying = False

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
            if batch.state not in AT_WORK or batch.next_chunk % TOLD_EVERY == 0:
                tell(batch)
            return batch.state in AT_WORK

    def _work(self, batch: ImportBatch, actor: Actor) -> None:
        now = now_for(actor)
        if batch.state == BatchState.RECEIVED:
            _file, content = open_file(actor, batch.file_id, now=now)
            read_file(batch, content)
            return
        if batch.state == BatchState.TRYING and not (self._is_trying and batch.next_chunk):
            begin_trial(batch)  # from the first chunk, also after a kill: what a trial remembers went with it
            self._register, self._is_trying = None, True
        if self._register is None:
            self._register = REGISTERS[batch.register](actor, now)
        if batch.state == BatchState.TRYING:
            try_chunk(batch, self._register)
        elif batch.state == BatchState.WRITING:
            write_chunk(batch, self._register, now)
        else:
            undo_chunk(batch, self._register)
        if batch.state not in AT_WORK:
            mark_copy(batch, actor, now)
