"""Give a member a post, and end it: rights begin and end to the second."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.practice import is_practice
from anlan.foundation.scope import require_scope, within
from anlan.organisation.events import AppointmentEnded, AppointmentStarted
from anlan.organisation.models import Appointment, Member, Post
from anlan.organisation.queries import (
    access_appointment,
    access_member,
    access_post,
    may_manage_post,
    post_role,
)
from anlan.organisation.rules import APART, is_in_force, widens

SUBJECT = "organisation.Appointment"
RIGHTS_CHANGED = "appointments"  # live topic: open streams look at their own rights when they hear it
REASON_LIMIT = 500
AT_ONCE = 500  # ended appointments of one run


class AlreadyHolds(Conflict):
    """The member holds this post in that period."""

    code = "already_holds"
    sentence = _("这名人员在所选时间内已担任该岗位。")


class OnlyForDemonstration(Invalid):
    """A printed sign-in of the demonstration stays in its district."""

    code = "only_for_demonstration"
    sentence = _("这是演示区的账号，只能在演示区内任职。请另行登记人员并发给账号。")


class AppointmentChanged(Conflict):
    """Somebody changed the appointment first."""

    code = "appointment_changed"
    sentence = _("这项任职刚被别人改过，请刷新后再看。")


class NotTogether(Invalid):
    """Two duties that one person must not hold at a time (三员分立)."""

    code = "not_together"


class OwnRightsWider(Invalid):
    """Nobody gives himself more than he has."""

    code = "own_rights_wider"
    sentence = _("不能任命自己担任范围更大或权限更多的岗位，请由另一位负责人任命。")


class PeriodInvalid(Invalid):
    """The period of an appointment cannot be."""

    code = "period_invalid"


def appoint(
    *,
    actor: Actor,
    post_id: UUID,
    member_id: UUID,
    now: datetime,
    reason: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    appointment_id: UUID | None = None,
) -> Appointment:
    """Let a member hold a post from a moment (now where none is given) to another, end excluded.

    A second call with the same `appointment_id` is the same act. Raises NotFound, NotAllowed, AlreadyHolds,
    NotTogether, OwnRightsWider, OnlyForDemonstration, PeriodInvalid.
    """
    with transaction.atomic():
        post = access_post(actor, post_id)
        if not may_manage_post(actor, post):
            raise NotAllowed
        access_member(actor, member_id)
        member = Member.objects.select_for_update().get(pk=member_id)  # its duties are weighed together
        earlier = Appointment.objects.filter(pk=appointment_id).first() if appointment_id else None
        if earlier is not None:
            return _same_act(earlier, post, member)
        begin = starts_at or now
        _check_period(post, begin, ends_at, now)
        _check_own_rights(actor, post, member)
        _check_demonstration(post, member)
        _check_other_duties(post, member, begin, ends_at)
        made = Appointment.objects.create(
            id=appointment_id or new_id(),
            post=post,
            member=member,
            starts_at=begin,
            ends_at=ends_at,
            reason=reason.strip()[:REASON_LIMIT],
        )
        audit.record("appoint", SUBJECT, [made.pk, member.pk], area_code=post.area_code, why=made.reason)
        publish(
            AppointmentStarted(
                appointment_id=made.pk,
                post_id=post.pk,
                member_id=member.pk,
                area_code=post.area_code,
                occurred_at=begin,
            )
        )
        _announce(post)
    return made


def end_appointment(
    *,
    actor: Actor,
    appointment_id: UUID,
    now: datetime,
    expected_version: int,
    ends_at: datetime | None = None,
    reason: str = "",
) -> Appointment:
    """End an appointment at once, or at a later moment; one that never began is taken back whole.

    The same form sent twice ends it once. Raises NotFound, NotAllowed, AppointmentChanged, PeriodInvalid.
    """
    with transaction.atomic():
        post = access_post(actor, access_appointment(actor, appointment_id).post_id)
        if not may_manage_post(actor, post):
            raise NotAllowed
        row = Appointment.objects.select_for_update().get(pk=appointment_id)
        if row.ends_at is not None and row.ends_at <= now and row.version == expected_version + 1:
            return row  # the same form sent twice
        if row.version != expected_version or (row.ends_at is not None and row.ends_at <= now):
            raise AppointmentChanged
        end = _checked_end(row, ends_at or now, now)
        row.end_reason = reason.strip()[:REASON_LIMIT]
        row.ends_at, row.version = end, row.version + 1
        row.end_announced_at = now if end <= now else None
        row.save(update_fields=["ends_at", "end_reason", "end_announced_at", "version"])
        audit.record("end_appointment", SUBJECT, [row.pk], area_code=post.area_code, why=row.end_reason)
        _publish_end(row, post, end)
        _announce(post)
    return row


def announce_ended_appointments(*, now: datetime) -> int:
    """Tell open pages of appointments whose end has come, each once; return how many. Run by the clock."""
    ranges = require_scope().ranges
    if all(is_practice(code) for code in ranges.codes):
        now = utc_now()  # rights end in real time everywhere
    over = Appointment.objects.filter(
        within(ranges, "post__area_code"), ends_at__lte=now, end_announced_at=None
    )
    with transaction.atomic():
        rows = over.select_related("post").select_for_update(of=("self",), skip_locked=True)
        ended = list(rows.order_by("ends_at", "pk")[:AT_ONCE])
        Appointment.objects.filter(pk__in=[row.pk for row in ended]).update(end_announced_at=now)
        for post in {row.post_id: row.post for row in ended}.values():
            _announce(post)
    return len(ended)


def _checked_end(row: Appointment, end: datetime, now: datetime) -> datetime:
    if end < now:
        words = _("结束时间不能早于现在。")
        raise PeriodInvalid(words, fields={"ends_at": words})
    if row.ends_at is not None and end > row.ends_at:
        words = _("不能晚于原定的结束时间；延长请重新任命。")
        raise PeriodInvalid(words, fields={"ends_at": words})
    return max(end, row.starts_at)


def _publish_end(row: Appointment, post: Post, end: datetime) -> None:
    publish(
        AppointmentEnded(
            appointment_id=row.pk,
            post_id=post.pk,
            member_id=row.member_id,
            area_code=post.area_code,
            occurred_at=end,
        )
    )


def _same_act(earlier: Appointment, post: Post, member: Member) -> Appointment:
    if earlier.post_id != post.pk or earlier.member_id != member.pk:
        raise AppointmentChanged
    return earlier


def _check_period(post: Post, begin: datetime, end: datetime | None, now: datetime) -> None:
    if begin < now:
        words = _("任职不能从过去开始；不填即从现在开始。")
        raise PeriodInvalid(words, fields={"starts_at": words})
    if end is not None and end <= begin:
        words = _("结束时间须晚于开始时间。")
        raise PeriodInvalid(words, fields={"ends_at": words})
    if not is_in_force(post.starts_at, post.ends_at, begin):
        raise PeriodInvalid(_("该岗位在所选时间内不存在或已撤销。"))
    role = post_role(post.role)
    longest = role.longest_appointment_days if role else None
    if longest is not None and (end is None or end > begin + timedelta(days=longest)):
        until = gettext("这是有期限的授权：请写明结束时间，最长 %(days)s 天；到期可重新任命。")
        raise PeriodInvalid(until % {"days": longest}, fields={"ends_at": until % {"days": longest}})


def _check_own_rights(actor: Actor, post: Post, member: Member) -> None:
    if actor.member_id != member.pk:
        return
    codes = [row.code for row in post.post_ranges.all()]
    if widens(own_codes=actor.ranges.codes, own_purposes=actor.purposes, codes=codes, purposes=post.purposes):
        raise OwnRightsWider


def _check_demonstration(post: Post, member: Member) -> None:
    """Keep a sign-in that need not change its printed password inside the synthetic district."""
    district = member.account.demonstration_district if member.account else ""
    codes = [post.area_code, *post.post_ranges.values_list("code", flat=True)]
    if district and not all(code.startswith(district) for code in codes):
        raise OnlyForDemonstration


def _check_other_duties(post: Post, member: Member, begin: datetime, end: datetime | None) -> None:
    at_that_time = Q(ends_at=None) | Q(ends_at__gt=begin)
    if end is not None:
        at_that_time &= Q(starts_at__lt=end)
    for other in Appointment.objects.filter(at_that_time, member=member).select_related("post"):
        if other.post_id == post.pk:
            raise AlreadyHolds
        if _must_be_apart(post, other.post):
            words = gettext(
                "%(name)s已担任“%(held)s”，不能同时担任“%(wanted)s”（三员分立）。请先结束原任职，或另选人员。"
            )
            raise NotTogether(words % {"name": member.name, "held": other.post.title, "wanted": post.title})


def _must_be_apart(one: Post, other: Post) -> bool:
    if not APART.isdisjoint([*one.purposes, *other.purposes]):
        return True
    first, second = post_role(one.role), post_role(other.role)
    return bool(
        (first and other.role in first.not_together_with) or (second and one.role in second.not_together_with)
    )


def _announce(post: Post) -> None:
    announce_change("posts", post.area_code)
    announce_change(f"posts:{post.pk}", post.area_code)
    announce_change(RIGHTS_CHANGED, post.area_code)
