"""Changes of who holds which post."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.organisation.events import AppointmentEnded, AppointmentStarted
from anlan.organisation.models import Appointment, Member, Post
from anlan.organisation.queries import in_force

APPOINTMENTS = "appointments"  # the live topic: streams look at their own rights when they hear it


class EndsBeforeItStarts(Invalid):
    """Refuse an end before the beginning."""

    code = "ends_before_it_starts"
    sentence = _("任期的结束不能早于开始。")


def appoint(
    *, actor: Actor, post_id: UUID, member_id: UUID, starts_at: datetime, now: datetime, reason: str = ""
) -> Appointment:
    """Let a member hold a post of the actor's area from a moment on."""
    _may_appoint(actor)
    post = _own_post(actor, post_id, now)
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        raise NotFound
    row = Appointment.objects.create(post=post, member=member, starts_at=starts_at, reason=reason)
    audit.record("appoint", "organisation.Appointment", [row.pk], area_code=post.area_code, why=reason)
    started = AppointmentStarted(
        area_code=post.area_code,
        occurred_at=now,
        appointment_id=row.pk,
        post_id=post.pk,
        member_id=member.pk,
    )
    publish(started)
    announce_change(APPOINTMENTS, post.area_code)
    return row


def end_appointment(
    *, actor: Actor, appointment_id: UUID, ends_at: datetime, now: datetime, expected_version: int
) -> Appointment:
    """End an appointment at a moment; its rights on pages, streams and the inbox end with it."""
    _may_appoint(actor)
    row = Appointment.objects.select_for_update().select_related("post").filter(pk=appointment_id).first()
    if row is None or not actor.ranges.covers(row.post.area_code):
        raise NotFound
    if row.version != expected_version:
        raise Conflict
    if ends_at < row.starts_at:
        raise EndsBeforeItStarts
    row.ends_at = ends_at
    row.version += 1
    row.save(update_fields=["ends_at", "version"])
    audit.record(
        "end_appointment",
        "organisation.Appointment",
        [row.pk],
        area_code=row.post.area_code,
        detail={"ends_at": ends_at.isoformat()},
    )
    ended = AppointmentEnded(
        area_code=row.post.area_code,
        occurred_at=now,
        appointment_id=row.pk,
        post_id=row.post_id,
        member_id=row.member_id,
    )
    publish(ended)
    announce_change(APPOINTMENTS, row.post.area_code)
    return row


def _may_appoint(actor: Actor) -> None:
    if not actor.has_purpose("org"):
        raise NotAllowed


def _own_post(actor: Actor, post_id: UUID, now: datetime) -> Post:
    post = Post.objects.filter(in_force(now), pk=post_id).first()
    if post is None or not actor.ranges.covers(post.area_code):
        raise NotFound
    return post
