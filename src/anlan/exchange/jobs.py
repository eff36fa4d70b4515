"""The queue's jobs: carry one import on, make one export."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from anlan.exchange.actions.carrying import carry_on, note_broken
from anlan.exchange.actions.exporting.making import make_export, note_failed
from anlan.exchange.export_starting import TASK as EXPORT_TASK
from anlan.exchange.starting import TASK

LOST = (OperationalError, InterfaceError)
AGAIN = RetryStrategy(max_attempts=5, exponential_wait=2, retry_exceptions=LOST)


@app.task(name=TASK, retry=AGAIN)
def run_batch(batch_id: str, appointment_id: str) -> None:
    """Do what is to be done for a batch until it waits for somebody."""
    with _told_of(note_broken, batch_id, appointment_id):
        carry_on(UUID(batch_id), UUID(appointment_id))


@app.task(name=EXPORT_TASK, retry=AGAIN)
def run_export(export_id: str, appointment_id: str) -> None:
    """Make the file of an export."""
    with _told_of(note_failed, export_id, appointment_id):
        make_export(UUID(export_id), UUID(appointment_id))


@contextmanager
def _told_of(note: Callable[[UUID, UUID], None], *ids: str) -> Iterator[None]:
    """Let the queue take a job up again that lost the database; of any other failure put down that it was."""
    try:
        yield
    except LOST:
        connection.close()  # the next try has another
        raise
    except Exception:
        note(*(UUID(one) for one in ids))
        raise
