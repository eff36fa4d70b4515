"""The queue's jobs: carry one import on, make one export."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from anlan.exchange.actions.carrying import carry_on, note_broken
from anlan.exchange.actions.exporting.making import make_export, note_failed
from anlan.exchange.export_starting import TASK as EXPORT_TASK
from anlan.exchange.starting import TASK

LOST = (OperationalError, InterfaceError)
MOST_TRIES = 5
AGAIN = RetryStrategy(max_attempts=MOST_TRIES, exponential_wait=2, retry_exceptions=LOST)


@app.task(name=TASK, retry=AGAIN, pass_context=True)
def run_batch(context: JobContext, batch_id: str, appointment_id: str) -> None:
    """Do what is to be done for a batch until it waits for somebody."""
    with _told_of(note_broken, context, batch_id, appointment_id):
        carry_on(UUID(batch_id), UUID(appointment_id))


@app.task(name=EXPORT_TASK, retry=AGAIN, pass_context=True)
def run_export(context: JobContext, export_id: str, appointment_id: str) -> None:
    """Make the file of an export."""
    with _told_of(note_failed, context, export_id, appointment_id):
        make_export(UUID(export_id), UUID(appointment_id))


@contextmanager
def _told_of(note: Callable[[UUID, UUID], None], context: JobContext, *ids: str) -> Iterator[None]:
    """Put down that a job failed; one that lost the database is first taken up again some times."""
    try:
        yield
    except Exception as failure:
        if isinstance(failure, LOST):
            connection.close()  # the next try has another
        if not isinstance(failure, LOST) or context.job.attempts >= MOST_TRIES:
            note(*(UUID(one) for one in ids))
        raise
