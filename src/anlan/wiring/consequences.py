"""What the reactions call: each a translation of one fact into one call, safe to run twice."""

from datetime import datetime

from anlan.health.actions import settle_reports
from anlan.health.events import CaseExcluded, CaseReported
from anlan.surveillance.actions import settle_product
from anlan.surveillance.counting import uncount_report
from anlan.surveillance.detection import consider_report
from anlan.surveillance.events import SignalExcluded, SignalVerified, WarningAcknowledged


def count_and_watch(event: CaseReported, *, now: datetime) -> None:
    """A report arrived: count it and try the rules."""
    consider_report(report_id=event.report_id, now=now)


def take_out_of_counts(event: CaseExcluded, *, now: datetime) -> None:
    """A case was excluded: it no longer counts."""
    uncount_report(report_id=event.report_id, condition=event.condition)


def tell_reporters_it_holds(event: SignalVerified, *, now: datetime) -> None:
    """A signal was verified: those who reported hear that it was looked at."""
    settle_reports(report_ids=event.report_ids, holds=True, now=now)


def tell_reporters_it_does_not(event: SignalExcluded, *, now: datetime) -> None:
    """A signal was excluded: those who reported read 已排除，感谢."""
    settle_reports(report_ids=event.report_ids, holds=False, now=now)


def settle_notice(event: WarningAcknowledged, *, now: datetime) -> None:
    """A receiver answered: see whether all have."""
    settle_product(product_id=event.product_id, now=now)
