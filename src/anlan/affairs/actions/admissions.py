"""Ask for admission, decide about it, and let an emergency pass at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions.steps import note_step
from anlan.affairs.events import AdmissionEnded, TaskAdmitted
from anlan.affairs.models import AddressedArea, Admission
from anlan.affairs.queries import access_admission, gate, list_item, may_decide
from anlan.affairs.rules import (
    FROM_TO,
    NEEDS_REASON,
    AdmissionState,
    Decision,
    Frequency,
    common_area,
    is_of_community,
)
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.ids import new_id
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty, scope
from anlan.organisation.models import Area
from anlan.organisation.queries import in_force
from anlan.organisation.rules import CODE_LENGTH, AreaLevel

LONGEST_WORDS = 2000


class ReasonNeeded(Invalid):
    """Holding, refusing and ending need words."""

    code = "reason_needed"
    sentence = _("请写明理由（1 到 2000 字）。")


class AdmissionMoved(Conflict):
    """Somebody decided first."""

    code = "admission_moved"
    sentence = _("这项准入刚被别人办理过，请刷新后再看。")


class NoCommunity(Invalid):
    """No community or grid in the asker's ranges is addressed."""

    code = "no_community"
    sentence = _("请选择本岗位辖区内的社区。")


class EndTooLate(Invalid):
    """The end date lies in the past, or beyond the longest time an admission may run."""

    code = "end_too_late"
    sentence = _("截止日期须在今天之后，并且不超过准入的最长期限。")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """The approval form 社区工作准入事项审批表; `minutes` of one community each time."""

    title: str
    basis: str
    minutes: int
    frequency: str
    ends_on: date
    area_codes: tuple[str, ...]  # subdistricts and the district stand for their communities
    list_item: str = ""
    hand_back: str = ""
    staffing: str = ""
    row_id: UUID = field(default_factory=new_id)


def request_admission(*, actor: Actor, request: NewRequest, now: datetime) -> Admission:
    """Put a department's request before the gate; the same form sent twice is one request.

    Raises NoCommunity, EndTooLate.
    """
    codes = _communities(actor.ranges, request.area_codes, now)
    if not day_of(now) <= request.ends_on <= day_of(now) + timedelta(days=gate().longest_days):
        raise EndTooLate(fields={"ends_on": EndTooLate.sentence})
    with transaction.atomic():
        known = Admission.objects.filter(pk=request.row_id, asked_by_id=actor.post_id).first()
        if known is not None:
            return known
        admission = Admission.objects.create(
            pk=request.row_id,
            area_code=common_area(codes),
            title=request.title,
            list_item=request.list_item,
            asked_by_id=actor.post_id,
            basis=request.basis,
            minutes=request.minutes,
            frequency=request.frequency,
            hand_back=request.hand_back,
            staffing=request.staffing,
            requested_at=now,
            ends_on=request.ends_on,
        )
        _address(admission, codes)
        note_step(admission, "request", now)
    return admission


def decide_admission(
    *, actor: Actor, admission_id: UUID, decision: Decision, reason: str, now: datetime, expected_version: int
) -> Admission:
    """Admit, hold, refuse, confirm after review, or end.

    Raises NotFound, NotAllowed, AdmissionMoved, ReasonNeeded, EndTooLate for one whose end has passed.
    """
    with transaction.atomic():
        access_admission(actor, admission_id)
        admission = Admission.objects.select_for_update(of=("self",)).filter(pk=admission_id).first()
        if admission is None:  # seen because addressed, but not the actor's to lock
            raise NotAllowed
        if admission.version != expected_version:
            raise AdmissionMoved
        if not may_decide(actor, admission, decision):
            raise NotAllowed
        reason = reason.strip()
        if len(reason) > LONGEST_WORDS or (decision in NEEDS_REASON and not reason):
            raise ReasonNeeded(fields={"reason": ReasonNeeded.sentence})
        if decision is Decision.ADMIT and admission.ends_on < day_of(now):
            raise EndTooLate
        _decide(admission, actor, decision, reason, now)
        note_step(admission, decision.value, now, note=reason)
    return admission


def _decide(admission: Admission, actor: Actor, decision: Decision, reason: str, now: datetime) -> None:
    admission.state = FROM_TO[decision][1]
    admission.reason = reason
    admission.decided_at, admission.decided_by_id = now, actor.post_id
    admission.version += 1
    if admission.is_emergency:
        admission.reviewed_at = admission.reviewed_at or now
    if decision is Decision.ADMIT:
        admission.starts_on = day_of(now)
    if decision is Decision.END:
        admission.ended_at = now
        admission.ends_on = min(admission.ends_on, day_of(now))
    admission.save()
    announced = {Decision.ADMIT: TaskAdmitted, Decision.END: AdmissionEnded}.get(decision)
    if announced is not None:
        publish(announced(admission_id=admission.pk, area_code=admission.area_code, occurred_at=now))


def admit_emergency(
    *,
    asked_by_id: UUID,
    cause_kind: str,
    cause_id: UUID,
    area_codes: Iterable[str],
    item: str,
    basis: str,
    minutes: int,
    ends_on: date,
    now: datetime,
) -> Admission:
    """Let what an activation asks of communities pass at once, to be reviewed within the pack's time.

    `item` is a key of the lists or words; `cause_kind` a model label such as response.Activation, one
    admission a cause and item: the same again returns it, with the areas that are new added and to be
    reviewed; one that has ended stays as it is. The caller has proved the right to activate; the areas, of
    one district, may lie outside the actor's ranges. Orders under it name `admission_id` when opened.
    """
    codes = sorted(set(area_codes))
    known_item = list_item(item)
    district = AreaRanges.of([codes[0][: CODE_LENGTH[AreaLevel.DISTRICT]]])
    with transaction.atomic(), duty("keep_gate", ranges=district, cause=str(cause_id)):
        title = known_item.title.zh if known_item else item
        same = Admission.objects.filter(cause_kind=cause_kind, cause_id=cause_id, title=title)
        known = same.select_for_update(of=("self",)).first()
        if known is not None:
            _widen(known, codes, now)
            return known
        admission = Admission.objects.create(
            area_code=common_area(codes),
            title=title,
            list_item=item if known_item else "",
            asked_by_id=asked_by_id,
            basis=basis,
            minutes=minutes,
            frequency=Frequency.ONCE,
            state=AdmissionState.ADMITTED,
            requested_at=now,
            starts_on=day_of(now),
            ends_on=ends_on,
            is_emergency=True,
            cause_kind=cause_kind,
            cause_id=cause_id,
            review_due_at=now + timedelta(minutes=gate().review_minutes),
        )
        _address(admission, codes)
        note_step(admission, "admit_emergency", now)
    return admission


def _widen(admission: Admission, codes: Iterable[str], now: datetime) -> None:
    """Add areas to an emergency in force; what was reviewed before did not know them, so it is again."""
    new = sorted({*codes} - {*admission.addressed.values_list("area_code", flat=True)})
    if not new or admission.state != AdmissionState.ADMITTED:
        return
    _address(admission, new)
    admission.area_code = common_area([admission.area_code, *new])
    if admission.reviewed_at is not None:
        admission.reviewed_at = admission.review_late_at = admission.escalated_to = None
        admission.review_due_at = now + timedelta(minutes=gate().review_minutes)
    admission.version += 1
    admission.save()
    note_step(admission, "widen", now)


def end_emergencies(*, actor: Actor, cause_kind: str, cause_id: UUID, reason: str, now: datetime) -> int:
    """End every emergency admission in force that rests on a cause that is over; return how many.

    The caller has proved the right to end the cause; what was asked of communities ends with it.
    """
    caused = Admission.objects.filter(
        cause_kind=cause_kind, cause_id=cause_id, is_emergency=True, state=AdmissionState.ADMITTED
    )
    codes = list(caused.values_list("area_code", flat=True))
    if not codes:
        return 0
    with (
        scope(actor),
        transaction.atomic(),
        duty("keep_gate", ranges=AreaRanges.of(codes), cause=str(cause_id)),
    ):
        rows = list(caused.select_for_update(of=("self",)))
        for admission in rows:
            admission.state, admission.reason, admission.ended_at = AdmissionState.ENDED, reason, now
            admission.ends_on = min(admission.ends_on, day_of(now))
            admission.version += 1
            admission.save(update_fields=["state", "reason", "ended_at", "ends_on", "version"])
            note_step(admission, "end", now, note=reason)
            publish(AdmissionEnded(admission_id=admission.pk, area_code=admission.area_code, occurred_at=now))
    return len(rows)


def _address(admission: Admission, codes: Iterable[str]) -> None:
    AddressedArea.objects.bulk_create(AddressedArea(area_code=code, admission=admission) for code in codes)


def _communities(ranges: AreaRanges, codes: Iterable[str], now: datetime) -> list[str]:
    """Return the communities (or grids) that these areas stand for; raise NoCommunity."""
    chosen = set(codes)
    if not chosen or not all(code.isdigit() and ranges.covers(code) for code in chosen):
        raise NoCommunity(fields={"areas": NoCommunity.sentence})
    found = {code for code in chosen if is_of_community(code)}
    for wide in chosen - found:
        below = Area.objects.filter(in_force(now), level=AreaLevel.COMMUNITY, code__startswith=wide)
        found.update(below.values_list("code", flat=True))
    real = set(Area.objects.filter(in_force(now), code__in=found).values_list("code", flat=True))
    if not real or real != found or not common_area(found):
        raise NoCommunity(fields={"areas": NoCommunity.sentence})
    return sorted(found)
