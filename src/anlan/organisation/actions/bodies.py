"""Found a body at an area, say who sits in it, and end it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_change
from anlan.foundation.pack_store import pack_in_force
from anlan.organisation.models import Area, Body, CallUp, Post, Seat
from anlan.organisation.pack import BodyTemplate, Slot
from anlan.organisation.queries import access_area_of, access_member, access_post, live_appointments
from anlan.organisation.queries.bodies import (
    access_body,
    access_seat,
    body_templates,
    fits_area,
    lives_for_an_event,
    may_seat,
    post_is_near,
    template_of,
)
from anlan.organisation.rules import is_in_force

SUBJECT = "organisation.Body"
BODIES = "bodies"  # live topic
NAME_LIMIT = 60
REASON_LIMIT = 300


class BodyInvalid(Invalid):
    """A body of this template cannot be founded there."""

    code = "body_invalid"


class AlreadyFounded(Conflict):
    """The area has a body of this template and name."""

    code = "already_founded"
    sentence = _("这里已有同名的组织，请换一个名称或打开已有的。")


class BodyChanged(Conflict):
    """Somebody changed the body first, or it has ended."""

    code = "body_changed"
    sentence = _("这个组织刚被别人改过或已经结束，请刷新后再看。")


class SeatInvalid(Invalid):
    """This post or person cannot sit there."""

    code = "seat_invalid"


class SeatTakenAlready(Conflict):
    """The same post or person has this seat."""

    code = "seat_taken"
    sentence = _("该岗位或人员已在这个席位上。")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBody:
    """What is wanted: a template at an area; the name is the template's where none is given."""

    template: str
    area_code: str
    name: str = ""
    reason: str = ""
    cause_kind: str = ""
    cause_id: UUID | None = None
    body_id: UUID | None = None  # made by the form: a second sending is the same body


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeat:
    """Who sits in which slot: through a post, as one holder of it, or as a person."""

    body_id: UUID
    slot: str
    post_id: UUID | None = None
    member_id: UUID | None = None
    is_lead: bool = False
    seat_id: UUID | None = None  # made by the form: a second sending is the same seat


def found_body(*, actor: Actor, wanted: NewBody, now: datetime) -> Body:
    """Found a body with the slots its template has now.

    Raises NotFound for an area that is absent, NotAllowed, BodyInvalid, AlreadyFounded.
    """
    with transaction.atomic():
        area = access_area_of(actor, wanted.area_code, now=now)
        if not may_seat(actor, area.code):
            raise NotAllowed
        earlier = Body.objects.filter(pk=wanted.body_id).first() if wanted.body_id else None
        if earlier is not None:
            return _same_body(earlier, wanted)
        template = _fitting(wanted, area)
        body = _create(template, wanted, now)
        audit.record(
            "found_body", SUBJECT, [body.pk], area_code=area.code, why=body.reason,
            detail={"template": template.key},
        )  # fmt: skip
        announce_body(body)
    return body


def _same_body(earlier: Body, wanted: NewBody) -> Body:
    kept = earlier.template, earlier.area_code, earlier.cause_id
    if kept != (wanted.template, wanted.area_code, wanted.cause_id):
        raise AlreadyFounded
    return earlier


def _fitting(wanted: NewBody, area: Area) -> BodyTemplate:
    template = body_templates().get(wanted.template)
    if template is None or not fits_area(template, area.level, area.kind):
        raise BodyInvalid(fields={"template": _("这个区域不设这种组织。")})
    if lives_for_an_event(template) and not wanted.reason.strip():
        raise BodyInvalid(fields={"reason": _("随事件成立的组织须写明原因。")})
    return template


def _create(template: BodyTemplate, wanted: NewBody, now: datetime) -> Body:
    try:
        with transaction.atomic():
            return Body.objects.create(
                id=wanted.body_id or new_id(),
                area_code=wanted.area_code,
                template=template.key,
                pack_version=pack_in_force().version,
                name=wanted.name.strip()[:NAME_LIMIT] or template.title.zh,
                starts_at=now,
                reason=wanted.reason.strip()[:REASON_LIMIT],
                cause_kind=wanted.cause_kind,
                cause_id=wanted.cause_id,
            )
    except IntegrityError as error:
        raise AlreadyFounded from error


def seat_member(*, actor: Actor, wanted: NewSeat, now: datetime) -> Seat:
    """Give somebody a seat; a new lead takes over from the one before.

    Raises NotFound, NotAllowed, SeatInvalid, SeatTakenAlready, BodyChanged.
    """
    with transaction.atomic():
        body = held_body(actor, wanted.body_id)
        earlier = Seat.objects.filter(pk=wanted.seat_id).first() if wanted.seat_id else None
        if earlier is not None:
            if (earlier.body_id, earlier.slot) != (body.pk, wanted.slot):
                raise SeatTakenAlready
            return earlier
        if body.ends_at is not None:
            raise BodyChanged
        template = template_of(body)
        _check_seat(actor, body, template, wanted, now)
        if wanted.is_lead:
            Seat.objects.filter(body=body, is_lead=True, ends_at=None).update(is_lead=False)
        seat = _sit(body, wanted, now)
        _changed(body)
        ids = [body.pk, *(one for one in (wanted.post_id, wanted.member_id) if one)]
        detail = {"slot": wanted.slot, "is_lead": wanted.is_lead}
        audit.record("seat_member", SUBJECT, ids, area_code=body.area_code, detail=detail)
        announce_body(body)
    return seat


def _sit(body: Body, wanted: NewSeat, now: datetime) -> Seat:
    try:
        with transaction.atomic():
            return Seat.objects.create(
                id=wanted.seat_id or new_id(),
                area_code=body.area_code,
                body=body,
                slot=wanted.slot,
                post_id=wanted.post_id,
                member_id=wanted.member_id,
                is_lead=wanted.is_lead,
                starts_at=now,
            )
    except IntegrityError as error:
        raise SeatTakenAlready from error


def _check_seat(actor: Actor, body: Body, template: BodyTemplate, wanted: NewSeat, now: datetime) -> None:
    slot = next((one for one in template.slots if one.key == wanted.slot), None)
    if slot is None:
        raise SeatInvalid(fields={"slot": _("没有这个席位。")})
    post = access_post(actor, wanted.post_id) if wanted.post_id else None
    member = access_member(actor, wanted.member_id) if wanted.member_id else None
    if post is None and member is None:
        raise SeatInvalid(fields={"who": _("请选择岗位或人员。")})
    _check_post(body, slot, post, now)
    if post and member and not live_appointments(now).filter(post=post, member=member).exists():
        raise SeatInvalid(fields={"who": _("这名人员现在不在该岗位上。")})
    if wanted.is_lead and template.lead and (post is None or post.role != template.lead):
        raise SeatInvalid(fields={"is_lead": _("该组织的召集人由指定岗位担任。")})


def _check_post(body: Body, slot: Slot, post: Post | None, now: datetime) -> None:
    if slot.posts and (post is None or post.role not in slot.posts):
        raise SeatInvalid(fields={"who": _("这个席位只能由指定岗位担任。")})
    if post is None:
        return
    if not is_in_force(post.starts_at, post.ends_at, now) or not post_is_near(post, body.area_code):
        raise SeatInvalid(fields={"who": _("该岗位不服务于这个区域，或已撤销。")})


def leave_seat(*, actor: Actor, seat_id: UUID, now: datetime) -> Seat:
    """Take a seat back; twice is once. Raises NotFound, NotAllowed."""
    with transaction.atomic():
        body = held_body(actor, access_seat(actor, seat_id).body_id)
        seat = Seat.objects.select_for_update().get(pk=seat_id)
        if seat.ends_at is not None:
            return seat
        seat.ends_at = now
        seat.save(update_fields=["ends_at"])
        _changed(body)
        audit.record("leave_seat", SUBJECT, [body.pk, seat.pk], area_code=body.area_code)
        announce_body(body)
    return seat


def end_body(*, actor: Actor, body_id: UUID, reason: str, expected_version: int, now: datetime) -> Body:
    """End a body with its seats and open calls; the same form sent twice ends it once.

    Raises NotFound, NotAllowed, BodyInvalid, BodyChanged.
    """
    with transaction.atomic():
        body = held_body(actor, body_id)
        if body.ends_at is not None and body.version == expected_version + 1:
            return body
        if body.ends_at is not None or body.version != expected_version:
            raise BodyChanged
        words = reason.strip()[:REASON_LIMIT]
        if not words:
            raise BodyInvalid(fields={"reason": _("请写明结束原因。")})
        _end(body, words, now)
    return body


def end_bodies_of(*, cause_kind: str, cause_id: UUID, reason: str, now: datetime) -> int:
    """End every body that was founded for a cause which is over; return how many.

    The caller has proved the right to end the cause, and acts under the duty to end what rests on it.
    """
    with transaction.atomic():
        resting = Body.objects.filter(cause_kind=cause_kind, cause_id=cause_id, ends_at=None).order_by("pk")
        bodies = list(resting.select_for_update())
        for body in bodies:
            _end(body, reason.strip()[:REASON_LIMIT], now)
    return len(bodies)


def _end(body: Body, reason: str, now: datetime) -> None:
    body.ends_at, body.end_reason = now, reason
    body.save(update_fields=["ends_at", "end_reason"])
    Seat.objects.filter(body=body, ends_at=None).update(ends_at=now)
    CallUp.objects.filter(body=body, closed_at=None).update(closed_at=now)
    _changed(body)
    audit.record("end_body", SUBJECT, [body.pk], area_code=body.area_code, why=reason)
    announce_body(body)


def held_body(actor: Actor, body_id: UUID) -> Body:
    """Return a body, locked, whose seats the actor's post looks after; or raise NotFound, NotAllowed."""
    body = access_body(actor, body_id)
    if not may_seat(actor, body.area_code):
        raise NotAllowed
    return Body.objects.select_for_update().get(pk=body.pk)


def _changed(body: Body) -> None:
    body.version += 1
    body.save(update_fields=["version"])


def announce_body(body: Body) -> None:
    """Tell open pages of bodies."""
    announce_change(BODIES, body.area_code)
    announce_change(f"{BODIES}:{body.pk}", body.area_code)
