"""What the reactions call: each a translation of one fact into one call, safe to run twice."""

from datetime import datetime

from anlan.exchange.actions import forget_person
from anlan.health.actions import open_event_file, part_from_resident, settle_reports, verify_cases
from anlan.health.events import CaseExcluded, CaseReported, CountsReported
from anlan.organisation.events import AreasRedrawn
from anlan.people.actions import place_pairs_again
from anlan.people.events import HouseholdMoved, ResidentErased, ResidentMoved
from anlan.response.actions import (
    extend_all_responses,
    extend_response,
    propose_plan,
    withdraw_proposal,
)
from anlan.surveillance.actions import note_field_visit, settle_product
from anlan.surveillance.counting import uncount_report
from anlan.surveillance.detection import consider_report, consider_sheet
from anlan.surveillance.events import (
    SignalAssessed,
    SignalClosed,
    SignalExcluded,
    SignalGrew,
    SignalJoined,
    SignalRaised,
    SignalVerified,
    WarningAcknowledged,
    WarningFedBack,
)
from anlan.surveillance.recasting import recast_counts
from anlan.surveillance.runs import look_at_all_sources
from anlan.workorders.events import OrderFedBack


def count_and_watch(event: CaseReported, *, now: datetime) -> None:
    """A report arrived: count it and try the rules."""
    consider_report(report_id=event.report_id, now=now)


def count_and_watch_sheet(event: CountsReported, *, now: datetime) -> None:
    """A unit sent or amended its counts: keep them and try the rules on counts."""
    consider_sheet(sheet_id=event.sheet_id, version=event.version, now=now)


def take_out_of_counts(event: CaseExcluded, *, now: datetime) -> None:
    """A case was excluded: it no longer counts."""
    uncount_report(report_id=event.report_id, now=now)


def look_at_its_sources(event: SignalRaised, *, now: datetime) -> None:
    """A signal was raised: say at once what every source of the matter saw and contributed."""
    look_at_all_sources(event.signal_id, now=now)


def recast_counts_of_areas(event: AreasRedrawn, *, now: datetime) -> None:
    """Areas were redrawn: counts lie in today's borders again."""
    recast_counts(codes=event.codes, now=now)


def place_pairs_of_areas(event: AreasRedrawn, *, now: datetime) -> None:
    """Areas were redrawn: two entries that may be one person are parked where both are seen now."""
    place_pairs_again(codes=event.codes)


def tell_reporters_it_holds(event: SignalVerified, *, now: datetime) -> None:
    """A signal was verified: those who reported hear that it was looked at."""
    settle_reports(report_ids=event.report_ids, holds=True, now=now)


def verify_its_cases(event: SignalVerified, *, now: datetime) -> None:
    """A signal was verified: its suspected cases are too."""
    verify_cases(report_ids=event.report_ids, now=now)


def open_its_event_file(event: SignalVerified, *, now: datetime) -> None:
    """A signal was verified: a cluster gets a file of its own, with what it needs of the reports."""
    open_event_file(key=f"signal-{event.signal_id}", report_ids=event.report_ids, now=now)


def tell_reporters_it_does_not(event: SignalExcluded, *, now: datetime) -> None:
    """A signal was excluded: those who reported read 已排除，感谢."""
    settle_reports(report_ids=event.report_ids, holds=False, now=now)


def settle_notice(event: WarningAcknowledged | WarningFedBack, *, now: datetime) -> None:
    """A receiver answered or fed back: see whether all have."""
    settle_product(product_id=event.product_id, now=now)


def stop_field_clock(event: OrderFedBack, *, now: datetime) -> None:
    """Somebody was there and fed back what was found: the signal's look on the spot is done."""
    if event.subject_id is not None:
        note_field_visit(signal_id=event.subject_id, now=now)


def propose_response(event: SignalAssessed, *, now: datetime) -> None:
    """A signal was assessed: at a grade that asks for it a plan is proposed in its smallest scope."""
    propose_plan(signal_id=event.signal_id, now=now)


def extend_its_response(event: SignalGrew, *, now: datetime) -> None:
    """A signal grew: areas it has come to concern are told and asked as the others were."""
    extend_response(signal_id=event.signal_id, now=now)


def extend_responses_to_new_homes(event: HouseholdMoved | ResidentMoved, *, now: datetime) -> None:
    """A family moved: where a pupil of a class in response lives now is told and asked too."""
    extend_all_responses(now=now)


def withdraw_response(event: SignalExcluded | SignalClosed | SignalJoined, *, now: datetime) -> None:
    """A signal ended or was taken into another: a plan that nobody has decided is taken back."""
    withdraw_proposal(signal_id=event.signal_id, now=now)


def part_reports_from_person(event: ResidentErased, *, now: datetime) -> None:
    """A person was erased: reports of illness stay, and no longer lead to anybody."""
    part_from_resident(resident_id=event.resident_id)


def forget_person_in_imports(event: ResidentErased, *, now: datetime) -> None:
    """A person was erased: what files of imports said of them goes too."""
    forget_person(event.resident_id, area_code=event.area_code)
