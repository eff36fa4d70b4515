"""Open the files that cases belong to: the standing one of a year, one for each confirmed cluster."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.clock import SHANGHAI
from anlan.foundation.crypto import decrypt_with, encrypt_with, new_data_key
from anlan.foundation.errors import Conflict
from anlan.foundation.live import announce_change
from anlan.health.models import CaseReport, EventCase, EventFile, Pseudonym
from anlan.health.rules import CaseState, EventKind

CLUSTER_FROM = 2  # cases: one alone is followed in the standing file
SUBJECT = "health.EventFile"


def standing_file(district: str, now: datetime) -> EventFile:
    """Return the district's file for routine reports of the year, opened at its first report."""
    year = now.astimezone(SHANGHAI).year
    event_file, _made = EventFile.objects.get_or_create(
        key=f"{district}-routine-{year}",
        defaults={
            "area_code": district,
            "kind": EventKind.ROUTINE,
            "reason": f"日常监测 {year}",
            "data_key": new_data_key(),
            "starts_at": now,
        },
    )
    return event_file


def key_of(event_file: EventFile) -> bytes:
    """Return the key that seals what is written in a file; raise Conflict where the file has ended."""
    if event_file.ends_at is not None or event_file.data_key is None:
        raise Conflict(_("该事件档案已结束，不能再写入。"), code="event_file_ended")
    return bytes(event_file.data_key)


def open_event_file(*, key: str, report_ids: Iterable[UUID], now: datetime) -> EventFile | None:
    """Open the file of a confirmed cluster and copy in what it needs of these reports. A consequence.

    Safe to run twice under one key, and again when the cluster has grown: what is there stays, what is new
    is added. Excluded cases are left out; None where fewer than two remain. Raises Conflict once ended.
    """
    with transaction.atomic():
        reports = CaseReport.objects.filter(pk__in=list(report_ids)).exclude(state=CaseState.EXCLUDED)
        cases = list(reports.select_related("pseudonym", "event_file").order_by("onset_on", "pk"))
        if len(cases) < CLUSTER_FROM:
            return None
        event_file, is_new = EventFile.objects.get_or_create(
            key=key,
            defaults={
                "area_code": _common_area(case.area_code for case in cases),
                "kind": EventKind.CLUSTER,
                "reason": "+".join(sorted({case.condition for case in cases})),
                "data_key": new_data_key(),
                "starts_at": now,
            },
        )
        held = set(event_file.cases.values_list("report_id", flat=True))
        EventCase.objects.bulk_create(_copied(event_file, case, now) for case in cases if case.pk not in held)
        if is_new:
            audit.record("open_event_file", SUBJECT, [event_file.pk], area_code=event_file.area_code)
        announce_change("event_files", event_file.area_code)
    return event_file


def _common_area(codes: Iterable[str]) -> str:
    """Return the smallest area that holds all of these, at the narrowest their grid."""
    listed = sorted(codes)
    first, last = listed[0], listed[-1]
    for length in range(len(first), 5, -3):
        if last.startswith(first[:length]):
            return first[:length]
    return first[:6]


def _copied(event_file: EventFile, case: CaseReport, now: datetime) -> EventCase:
    """Return a report as the event's file holds it: another pseudonym, another key."""
    key, note, wrapped = key_of(event_file), None, case.event_file.data_key
    if case.note is not None and wrapped is not None:
        note = encrypt_with(key, decrypt_with(bytes(wrapped), bytes(case.note)))
    pseudonym = None
    if case.pseudonym is not None:
        pseudonym, _made = Pseudonym.objects.get_or_create(
            event_file=event_file,
            resident_id=case.pseudonym.resident_id,
            defaults={"area_code": case.area_code},
        )
    return EventCase(
        event_file=event_file,
        area_code=case.area_code,
        report_id=case.pk,
        pseudonym=pseudonym,
        condition=case.condition,
        symptoms=case.symptoms,
        onset_on=case.onset_on,
        facility_id=case.facility_id,
        group_id=case.group_id,
        building_id=case.building_id,
        sex=case.sex,
        age_years=case.age_years,
        note=note,
        state=case.state,
        copied_at=now,
    )
