"""Say how many beds a unit has open and taken on a day; said again, it corrects and keeps what was."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, Text
from anlan.foundation.live import announce_change
from anlan.organisation.actions.facilities import FACILITIES
from anlan.organisation.actions.premises import AREAS
from anlan.organisation.models import BedCount, Facility
from anlan.organisation.queries.registers import access_facility, has_beds, may_keep

SUBJECT = "organisation.BedCount"
MOST_BEDS = 20_000  # beyond it something was mistyped
LATEST_DAYS = 31  # so long after a day it may still be said or corrected
LONGEST_REASON = 200


class BedsInvalid(Invalid):
    """Say what is wrong with a count of beds."""

    code = "beds_invalid"


class BedsChanged(Conflict):
    """Somebody else said or corrected the day first."""

    code = "beds_changed"
    sentence = _("这一天的床位数刚被别人填报或更正，请对照后再保存。")


@dataclass(frozen=True, slots=True)
class Beds:
    """The beds of one day; more taken than open needs a reason."""

    on: date
    open_count: int
    occupied_count: int
    reason: str = ""


def record_beds(
    *, actor: Actor, facility_id: UUID, beds: Beds, expected_version: int, now: datetime
) -> BedCount:
    """Record the beds of a day; the same once more changes nothing. Version 0 stands for a day not yet said.

    Raises NotFound, NotAllowed, BedsInvalid, BedsChanged.
    """
    with transaction.atomic():
        facility = access_facility(actor, facility_id)
        if not may_keep(actor, facility):
            raise NotAllowed
        facility = Facility.objects.select_for_update().get(pk=facility_id)  # one at a time counts here
        _check(facility, beds, now)
        said = (beds.open_count, beds.occupied_count, beds.reason.strip())
        row = BedCount.objects.filter(facility=facility, on=beds.on).first()
        if row is not None and (row.open_count, row.occupied_count, row.reason) == said:
            return row
        if (row.version if row else 0) != expected_version:
            raise BedsChanged
        if row is None:
            row = BedCount(facility=facility, area_code=facility.area_code, on=beds.on, version=0)
        else:
            was = (row.open_count, row.occupied_count, row.reason, row.taken_at.isoformat(), row.post_title)
            row.earlier = [*row.earlier, list(was)]
        row.open_count, row.occupied_count, row.reason = said
        row.taken_at, row.post_title = now, actor.post_title
        row.version += 1
        row.save()
        _note(row)
    return row


def _check(facility: Facility, beds: Beds, now: datetime) -> None:
    today, errors = day_of(now), dict[str, Text]()
    if not has_beds(facility):
        raise BedsInvalid(_("这类单位不登记床位。"))
    if facility.ends_at is not None and facility.ends_at <= now:
        raise BedsInvalid(_("这家单位已经终止登记。"))
    if not today - timedelta(days=LATEST_DAYS) <= beds.on <= today:
        errors["on"] = _("只能填报今天和过去 31 天以内的床位。")
    for name in ("open_count", "occupied_count"):
        if not 0 <= getattr(beds, name) <= MOST_BEDS:
            errors[name] = _("请填写 0 到 20000 之间的整数。")
    if beds.occupied_count > beds.open_count and not beds.reason.strip():
        errors["reason"] = _("占用数超过开放数，请写明原因（如加床）。")
    if len(beds.reason.strip()) > LONGEST_REASON:
        errors["reason"] = _("原因最多 200 个字。")
    if errors:
        raise BedsInvalid(fields=errors)


def _note(row: BedCount) -> None:
    detail = {"on": row.on, "facility": row.facility_id, "version": row.version}
    audit.record("record_beds", SUBJECT, [row.pk], area_code=row.area_code, detail=detail)
    for topic in (f"{FACILITIES}:{row.facility_id}", AREAS):
        announce_change(topic, row.area_code)
