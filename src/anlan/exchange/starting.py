"""Puts the work of a batch into the queue, in the transaction that causes it."""

from procrastinate.contrib.django import app

from anlan.exchange.models import ImportBatch
from anlan.foundation.live import announce_change

TASK = "anlan.exchange.carry_on"
IMPORTS = "imports"  # live topic


def start(batch: ImportBatch) -> None:
    """Let the worker take the batch up from its state; one batch is never carried twice at once."""
    app.configure_task(TASK, lock=f"import {batch.pk}").defer(
        batch_id=str(batch.pk), appointment_id=str(batch.appointment_id)
    )
    tell(batch)


def tell(batch: ImportBatch) -> None:
    """Let open pages of the batch ask again."""
    announce_change(IMPORTS, batch.area_code)
