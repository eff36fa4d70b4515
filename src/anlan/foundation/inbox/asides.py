"""Envelopes set aside: who sees them, and the two ways out, to try again or not to use them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.calling import ENVELOPES, call_worker
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from anlan.foundation.models import Envelope
from anlan.foundation.scope import duty, within

SUBJECT = "foundation.Envelope"
SET_ASIDE = (Envelope.State.REVIEW, Envelope.State.POISONED)
REVIEWERS = "org"  # the purpose that decides what becomes of an envelope
REASON_LIMIT = 500
TOLD_DAYS = 7  # so long is a phone told that something it sent was set aside
TOLD_AT_MOST = 50
PROBLEMS: dict[str, str | Promise] = {
    "appointment_ended": _("发送时任职已结束"),
    "outside_the_post": _("地点不在发送岗位的范围内"),
    "source_unknown": _("系统不再受理这一来源"),
    "not_found": _("所指的记录没有找到，或不在发送岗位的范围内"),
    "not_allowed": _("发送岗位没有这项权限"),
    "invalid": _("填写的内容有误"),
    "order_moved": _("工单已进入下一环节，或已转给别的岗位"),
    "items_open": _("清单还有未答的项"),
    "conflict": _("与已有的记录冲突"),
}


class NoLongerSetAside(Conflict):
    """Somebody decided on the envelope first."""

    code = "no_longer_set_aside"
    sentence = _("这一件已经处理过，请刷新后再看。")


class ReasonMissing(Invalid):
    """An envelope is not left unused without saying why."""

    code = "reason_missing"
    sentence = _("请写明不采用的理由。")


def code_of(row: Envelope) -> str:
    """Return the code of an envelope's problem; after it stand field names, or a place in the code."""
    return row.problem.partition(" ")[0]


def problem_words(row: Envelope) -> str | Promise:
    """Return in words why an envelope was set aside."""
    broken = _("处理时出错，请联系系统管理员")
    unknown = broken if row.state == Envelope.State.POISONED else _("内容没有通过检查")
    return PROBLEMS.get(code_of(row), unknown)


def asides_of_sender(account_id: UUID, now: datetime) -> list[Envelope]:
    """Return what this account sent lately and the house could not use, whatever post it was sent through."""
    with transaction.atomic(), duty("tell_sender", ranges=AreaRanges.everywhere(), cause="phone"):
        own = Envelope.objects.filter(account_id=account_id, state__in=(*SET_ASIDE, Envelope.State.DISMISSED))
        recent = own.filter(received_at__gte=now - timedelta(days=TOLD_DAYS)).order_by("-id")
        return list(recent.defer("body", "body_hash")[:TOLD_AT_MOST])


def visible_asides(actor: Actor) -> QuerySet[Envelope]:
    """Return what was set aside in the actor's ranges: all of it for org and system, else the post's own."""
    rows = Envelope.objects.filter(within(actor.ranges), state__in=SET_ASIDE)
    if not actor.has_purpose(REVIEWERS, "system"):
        rows = rows.filter(post_id=actor.post_id)
    return rows.defer("body", "body_hash")


def retry_envelope(*, actor: Actor, envelope_id: int) -> Envelope:
    """Let the worker try an envelope anew. Raises NotAllowed, NotFound, NoLongerSetAside."""
    with transaction.atomic():
        row = _taken(actor, envelope_id)
        audit.record(
            "retry_envelope",
            SUBJECT,
            [row.record_id],
            area_code=row.area_code,
            detail={"state": row.state, "tries": row.tries},
        )
        row.state, row.tries, row.due_at, row.problem = Envelope.State.WAITING, 0, None, ""
        row.save(update_fields=["state", "tries", "due_at", "problem"])
        call_worker(ENVELOPES)
    return row


def dismiss_envelope(*, actor: Actor, envelope_id: int, reason: str) -> Envelope:
    """Leave an envelope unused, and say why; it stays stored. Raises as retry_envelope, and ReasonMissing."""
    why = reason.strip()[:REASON_LIMIT]
    with transaction.atomic():
        row = _taken(actor, envelope_id)
        if not why:
            raise ReasonMissing
        audit.record(
            "dismiss_envelope",
            SUBJECT,
            [row.record_id],
            area_code=row.area_code,
            why=why,
            detail={"state": row.state},
        )
        row.state = Envelope.State.DISMISSED
        row.save(update_fields=["state"])
    return row


def _taken(actor: Actor, envelope_id: int) -> Envelope:
    """Return the envelope, locked, if the actor decides on it and it still waits for somebody."""
    if not actor.has_purpose(REVIEWERS):
        raise NotAllowed
    rows = Envelope.objects.select_for_update().filter(within(actor.ranges), pk=envelope_id)
    row = rows.defer("body", "body_hash").first()
    if row is None:
        raise NotFound
    if row.state not in SET_ASIDE:
        raise NoLongerSetAside
    return row
