"""Record a report of one person ill."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import UniqueViolation

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.crypto import encrypt_with
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty, within
from anlan.health.actions.cases import NOTE_LIMIT, SUBJECT, enter_state
from anlan.health.actions.event_files import key_of, standing_file
from anlan.health.events import CaseReported
from anlan.health.models import CaseReport, EventFile, Pseudonym, ReportReceipt
from anlan.health.pack import Disease
from anlan.health.queries import condition_named
from anlan.health.rules import is_plausible_onset
from anlan.organisation.models import Building, Facility, FacilityGroup
from anlan.organisation.queries import access_area
from anlan.people.models import Resident

TWO_HOURS = 2  # the legal clock of a syndrome that is reported within two hours (pack: two_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """What a door hands over: who may be unknown, where and what may not."""

    area_code: str
    condition: str
    source: str
    report_id: UUID = field(default_factory=new_id)
    symptoms: tuple[str, ...] = ()
    onset_on: date | None = None
    resident_id: UUID | None = None
    facility_id: UUID | None = None
    group_id: UUID | None = None
    building_id: UUID | None = None
    household_id: UUID | None = None
    place_name: str = ""
    sex: str = "unknown"
    age_years: int | None = None
    note: str = ""
    received_at: datetime | None = None  # by the house, where that was before it is recorded


class UnknownCondition(Invalid):
    """The pack has no such disease or syndrome."""

    code = "unknown_condition"
    sentence = _("病种或症候群不在本地目录中，请从列表选择。")


class ImplausibleOnset(Invalid):
    """The onset lies in the future or long ago."""

    code = "implausible_onset"
    sentence = _("发病日期在将来或过早，请核对后再提交。")


class UnknownPlace(Invalid):
    """A person, door, class or unit named in the report is not there, or not the reporter's."""

    code = "unknown_place"
    sentence = _("报告所指的人员、楼栋、班级或单位不存在，或不在您的职责范围内。")


def record_case_report(*, actor: Actor, report: NewReport, now: datetime) -> CaseReport:
    """Record one report in the standing file of its year and tell its reporter it has arrived.

    Sent again under the same id by the same post, it is the same report and nothing is added.

    The reporter needs the place in range, not the purpose `health`: he hands over, and sees a receipt.
    Raises NotAllowed outside the ranges, UnknownCondition, ImplausibleOnset.
    """
    hours = _check_report(actor, report, now)
    try:
        with _recording(report):
            _check_places(report)
            return _known_report(actor, report) or _store_report(actor, report, hours, now)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        with _recording(report):  # the id was taken in between, by the same sending or somewhere out of sight
            known = _known_report(actor, report)
        if known is None:
            raise UnknownPlace from error
        return known


@contextmanager
def _recording(report: NewReport) -> Iterator[None]:
    """One transaction under the duty to hand a report over."""
    ranges = AreaRanges.of([report.area_code[:6]])
    with transaction.atomic(), duty("record_case_report", ranges=ranges, cause=report.source):
        yield


def _known_report(actor: Actor, report: NewReport) -> CaseReport | None:
    """Return the report this id already stands for; raise UnknownPlace where it is another post's."""
    known = CaseReport.objects.filter(pk=report.report_id).first()
    if known is not None and known.reporter_post_id != actor.post_id:
        raise UnknownPlace
    return known


def _store_report(actor: Actor, report: NewReport, hours: int | None, now: datetime) -> CaseReport:
    row = _new_row(actor, report, report.received_at or now)
    row.card_due_at = row.reported_at + timedelta(hours=hours) if hours else None
    row.save(force_insert=True)
    enter_state(row, now, actor, "")
    ReportReceipt.objects.create(
        area_code=row.area_code,
        report_id=row.pk,
        post_id=actor.post_id,
        member_id=actor.member_id,
        place_name=row.place_name,
        reported_at=row.reported_at,
        reply="received",
        replied_at=now,
    )
    audit.record("record_case_report", SUBJECT, [row.pk], area_code=row.area_code)
    publish(
        CaseReported(
            report_id=row.pk,
            condition=row.condition,
            counted_on=row.onset_on or day_of(row.reported_at),
            area_code=row.area_code,
            occurred_at=now,
        )
    )
    announce_change("reports", row.area_code)
    return row


def _check_report(actor: Actor, report: NewReport, now: datetime) -> int | None:
    """Prove that the reporter may report this, and return the hours of the condition's legal clock."""
    if not actor.ranges.covers(report.area_code):
        raise NotAllowed
    access_area(report.area_code, now=now)
    condition = condition_named(report.condition)
    if condition is None:
        raise UnknownCondition(fields={"condition": UnknownCondition.sentence})
    if report.onset_on and not is_plausible_onset(report.onset_on, day_of(now)):
        raise ImplausibleOnset(fields={"onset_on": ImplausibleOnset.sentence})
    own_residents = Resident.objects.filter(within(actor.ranges))
    if report.resident_id and not own_residents.filter(pk=report.resident_id).exists():
        raise UnknownPlace
    if isinstance(condition, Disease):
        return condition.clock_hours
    return TWO_HOURS if condition.two_hour else None


def _new_row(actor: Actor, report: NewReport, now: datetime) -> CaseReport:
    event_file = standing_file(report.area_code[:6], now)
    return CaseReport(
        id=report.report_id,
        event_file=event_file,
        area_code=report.area_code,
        pseudonym=_pseudonym(event_file, report),
        condition=report.condition,
        symptoms=list(report.symptoms),
        onset_on=report.onset_on,
        reported_at=now,
        source=report.source,
        facility_id=report.facility_id,
        group_id=report.group_id,
        building_id=report.building_id,
        household_id=report.household_id,
        place_name=report.place_name,
        sex=report.sex,
        age_years=report.age_years,
        note=encrypt_with(key_of(event_file), report.note[:NOTE_LIMIT]) if report.note else None,
        reporter_post_id=actor.post_id,
        reporter_member_id=actor.member_id,
    )


def _check_places(report: NewReport) -> None:
    """Prove that the places named exist in the district; a pupil's class may lie outside the home grid."""
    named: tuple[tuple[type[Facility | FacilityGroup | Building], UUID | None], ...] = (
        (Facility, report.facility_id),
        (FacilityGroup, report.group_id),
        (Building, report.building_id),
    )
    for model, wanted in named:
        if wanted is not None and not model._default_manager.filter(pk=wanted).exists():
            raise UnknownPlace


def _pseudonym(event_file: EventFile, report: NewReport) -> Pseudonym | None:
    if report.resident_id is None:
        return None
    pseudonym, _made = Pseudonym.objects.get_or_create(
        event_file=event_file, resident_id=report.resident_id, defaults={"area_code": report.area_code}
    )
    return pseudonym
