"""End exports whose time is over, and sweep away what killed jobs left."""

from datetime import datetime

from django.db import transaction

from anlan.exchange.actions.exporting.asking import SUBJECT
from anlan.exchange.actions.exporting.deciding import end_export
from anlan.exchange.actions.exporting.making import sweep_unfinished
from anlan.exchange.export_models import Export
from anlan.exchange.export_rules import ExportState
from anlan.exchange.export_starting import tell_export
from anlan.foundation import audit
from anlan.foundation.scope import require_scope, within

AT_ONCE = 200


def expire_exports(*, now: datetime) -> int:
    """Remove the files of exports past their end; return how many. The rows stay, for the recall list."""
    with transaction.atomic():
        past = Export.objects.filter(
            within(require_scope().ranges), state=ExportState.READY, expires_at__lte=now
        )
        ended = list(past.select_for_update(skip_locked=True).order_by("expires_at")[:AT_ONCE])
        for export in ended:
            end_export(export, ExportState.EXPIRED, now)
            export.save()
            tell_export(export)
        if ended:
            audit.record("expire_exports", SUBJECT, [export.pk for export in ended])
    sweep_unfinished()
    return len(ended)
