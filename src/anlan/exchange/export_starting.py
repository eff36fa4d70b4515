"""Puts the making of an export into the queue, in the transaction that causes it, and tells open pages."""

from procrastinate.contrib.django import app

from anlan.exchange.export_models import Export
from anlan.foundation.live import announce_change

TASK = "anlan.exchange.make_export"
EXPORTS = "exports"  # live topic


def start_export(export: Export) -> None:
    """Let the worker make the file."""
    app.configure_task(TASK).defer(export_id=str(export.pk), appointment_id=str(export.appointment_id))
    tell_export(export)


def tell_export(export: Export) -> None:
    """Let open pages ask again."""
    announce_change(EXPORTS, export.area_code)
