"""What happened to case reports and to the day's counts."""

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


@event
class CountsReported(Event):
    """A unit or area sent its counts of a day, or amended them."""

    sheet_id: UUID
    form: str
    on: date
    version: int = 0  # which of the sheet's versions said so; 0: the one that stands
