"""The queue's jobs: carry one import on, make one export."""

from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from anlan.exchange.actions.carrying import carry_on, note_broken
from anlan.exchange.actions.exporting.making import make_export
from anlan.exchange.export_starting import TASK as EXPORT_TASK
from anlan.exchange.starting import TASK

LOST = (OperationalError, InterfaceError)
AGAIN = RetryStrategy(max_attempts=5, exponential_wait=2, retry_exceptions=LOST)


@app.task(name=TASK, retry=AGAIN)
def run_batch(batch_id: str, appointment_id: str) -> None:
    """Do what is to be done for a batch until it waits for somebody."""
    try:
        carry_on(UUID(batch_id), UUID(appointment_id))
    except LOST:
        connection.close()  # the queue takes the job up again, with another
        raise
    except Exception:
        note_broken(UUID(batch_id), UUID(appointment_id))
        raise


@app.task(name=EXPORT_TASK)
def run_export(export_id: str, appointment_id: str) -> None:
    """Make the file of an export."""
    make_export(UUID(export_id), UUID(appointment_id))
