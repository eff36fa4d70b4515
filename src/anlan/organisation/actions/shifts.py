"""Plan who of a post's holders is on duty when, move a shift, swap two, withdraw one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_change
from anlan.organisation.models import Appointment, Post, Shift
from anlan.organisation.queries import access_post, access_shift, may_manage_post

SUBJECT = "organisation.Shift"
LONGEST = timedelta(hours=48)  # longer is no shift but an appointment


class ShiftInvalid(Invalid):
    """Say what is wrong with a shift."""

    code = "shift_invalid"


class ShiftChanged(Conflict):
    """Somebody changed the shift first, or it is over."""

    code = "shift_changed"
    sentence = _("这一班刚被别人改过或已经结束，请刷新后再看。")


@dataclass(frozen=True, slots=True)
class Hours:
    """Who is on duty from when to when."""

    member_id: UUID
    starts_at: datetime
    ends_at: datetime


def plan_shift(
    *, actor: Actor, post_id: UUID, hours: Hours, now: datetime, shift_id: UUID | None = None
) -> Shift:
    """Put one of the post's holders on duty; a second call with the same `shift_id` is the same act.

    Raises NotFound, NotAllowed, ShiftInvalid.
    """
    with transaction.atomic():
        post = _managed(actor, post_id)
        earlier = Shift.objects.filter(pk=shift_id, post=post).first() if shift_id else None
        if earlier is not None:
            return earlier
        if hours.starts_at < now:
            raise ShiftInvalid(fields={"starts_at": _("不能排在过去。")})
        _check(post, hours)
        shift = Shift.objects.create(
            id=shift_id or new_id(),
            post=post,
            member_id=hours.member_id,
            starts_at=hours.starts_at,
            ends_at=hours.ends_at,
        )
        _note("plan_shift", shift, None)
    return shift


def move_shift(*, actor: Actor, shift_id: UUID, hours: Hours, expected_version: int, now: datetime) -> Shift:
    """Give a shift other hours or another holder; of one that runs only the end may still change.

    Raises NotFound, NotAllowed, ShiftInvalid, ShiftChanged.
    """
    with transaction.atomic():
        shift = _changeable(actor, shift_id, expected_version, now)
        before = Hours(shift.member_id, shift.starts_at, shift.ends_at)
        if shift.starts_at <= now:
            hours = _only_its_end(before, hours)
        elif hours.starts_at < now:
            raise ShiftInvalid(fields={"starts_at": _("不能排在过去。")})
        if hours.ends_at < now:
            raise ShiftInvalid(fields={"ends_at": _("结束时间不能早于现在。")})
        _check(shift.post, hours, shift.pk)
        _set(shift, hours)
        _note("move_shift", shift, before)
    return shift


def swap_shifts(
    *, actor: Actor, shift_id: UUID, other_id: UUID, expected_version: int, now: datetime
) -> tuple[Shift, Shift]:
    """Let the members of two shifts of one post that have not begun take each other's.

    Raises NotFound, NotAllowed, ShiftInvalid, ShiftChanged.
    """
    with transaction.atomic():
        one = _changeable(actor, shift_id, expected_version, now)
        other = Shift.objects.select_for_update().filter(pk=other_id, post=one.post).first()
        if other is None or other.ends_at <= now:
            raise ShiftChanged
        if min(one.starts_at, other.starts_at) <= now:
            raise ShiftInvalid(_("已经开始的班不能互换。"))
        mine = Hours(other.member_id, one.starts_at, one.ends_at)
        theirs = Hours(one.member_id, other.starts_at, other.ends_at)
        for hours in (mine, theirs):
            _check(one.post, hours, one.pk, other.pk)
        for shift, hours in ((one, mine), (other, theirs)):
            before = Hours(shift.member_id, shift.starts_at, shift.ends_at)
            _set(shift, hours)
            _note("swap_shift", shift, before)
    return one, other


def withdraw_shift(*, actor: Actor, shift_id: UUID, expected_version: int, now: datetime) -> None:
    """Take a shift back; one that runs ends now. Raises NotFound, NotAllowed, ShiftChanged."""
    with transaction.atomic():
        shift = _changeable(actor, shift_id, expected_version, now)
        before = Hours(shift.member_id, shift.starts_at, shift.ends_at)
        _note("withdraw_shift", shift, before)
        if shift.starts_at < now:
            _set(shift, Hours(shift.member_id, shift.starts_at, now))
        else:
            shift.delete()


def _managed(actor: Actor, post_id: UUID) -> Post:
    """Return the post, locked, so that its shifts are weighed together."""
    if not may_manage_post(actor, access_post(actor, post_id)):
        raise NotAllowed
    return Post.objects.select_for_update().get(pk=post_id)


def _changeable(actor: Actor, shift_id: UUID, expected_version: int, now: datetime) -> Shift:
    post = _managed(actor, access_shift(actor, shift_id).post_id)
    shift = Shift.objects.select_for_update().filter(pk=shift_id).first()
    if shift is None or shift.version != expected_version or shift.ends_at <= now:
        raise ShiftChanged
    shift.post = post
    return shift


def _only_its_end(before: Hours, hours: Hours) -> Hours:
    """Return the hours of a shift that runs: holder and beginning stand (a form says it to the minute)."""
    same_start = abs(hours.starts_at - before.starts_at) < timedelta(minutes=1)
    if hours.member_id != before.member_id or not same_start:
        words = _("这一班已经开始，只能改结束时间；换人请先撤班，再另排一班。")
        raise ShiftInvalid(fields={"starts_at": words})
    return Hours(before.member_id, before.starts_at, hours.ends_at)


def _check(post: Post, hours: Hours, *own: UUID) -> None:
    """Refuse hours that are none, a person who does not hold the post then, or one on duty already."""
    if not hours.starts_at < hours.ends_at <= hours.starts_at + LONGEST:
        raise ShiftInvalid(fields={"ends_at": _("结束须晚于开始，一班最长 48 小时。")})
    held = Appointment.objects.filter(post=post, member_id=hours.member_id, starts_at__lte=hours.starts_at)
    if not any(row.ends_at is None or row.ends_at >= hours.ends_at for row in held):
        raise ShiftInvalid(fields={"member": _("这名人员在整班时间内须担任本岗位，请另选人员或先任命。")})
    others = Shift.objects.filter(post=post, member_id=hours.member_id).exclude(pk__in=own)
    if others.filter(starts_at__lt=hours.ends_at, ends_at__gt=hours.starts_at).exists():
        raise ShiftInvalid(fields={"member": _("这名人员在这段时间已有一班，请换人或换时间。")})


def _set(shift: Shift, hours: Hours) -> None:
    shift.member_id, shift.starts_at, shift.ends_at = hours.member_id, hours.starts_at, hours.ends_at
    shift.version += 1
    shift.save(update_fields=["member", "starts_at", "ends_at", "version"])


def _note(verb: str, shift: Shift, before: Hours | None) -> None:
    post = shift.post
    detail = {"after": _as_detail(Hours(shift.member_id, shift.starts_at, shift.ends_at))}
    if before is not None:
        detail["before"] = _as_detail(before)
    audit.record(verb, SUBJECT, [shift.pk, shift.member_id], area_code=post.area_code, detail=detail)
    announce_change("posts", post.area_code)
    announce_change(f"posts:{post.pk}", post.area_code)


def _as_detail(hours: Hours) -> dict[str, str]:
    return {
        "member": str(hours.member_id),
        "starts_at": hours.starts_at.isoformat(),
        "ends_at": hours.ends_at.isoformat(),
    }
