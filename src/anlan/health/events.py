"""What happened to case reports."""

from datetime import date
from uuid import UUID

from anlan.foundation.outbox import Event, event


@event
class CaseReported(Event):
    """A report of one person ill was recorded."""

    report_id: UUID
    condition: str
    counted_on: date


@event
class CaseExcluded(Event):
    """A reported case turned out not to be one."""

    report_id: UUID
    condition: str
    counted_on: date
