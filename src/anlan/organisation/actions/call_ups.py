"""Call up all who sit in a body in one act, take their answers, and mark who is late."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.ids import new_id
from anlan.foundation.live import announce_changes
from anlan.foundation.scope import Scope, duty
from anlan.organisation.actions.bodies import announce_body
from anlan.organisation.models import Body, CallUp, CallUpReceipt
from anlan.organisation.queries.bodies import (
    SeatHeld,
    access_body,
    access_call,
    access_call_made,
    late_calls,
    may_call,
    members_of,
    seats_of,
    template_of,
)
from anlan.organisation.rules.bodies import LONGEST_CALL_MINUTES, CallAnswer

SUBJECT = "organisation.CallUp"
CALLS = "call_ups"  # live topic: told where each called post or member is
TEXT_LIMIT = 500
REASON_LIMIT = 300
AT_ONCE = 500


class CallInvalid(Invalid):
    """Say what is wrong with a call, or with an answer."""

    code = "call_invalid"


class NobodySeated(Conflict):
    """Nobody but the caller sits in the body."""

    code = "nobody_seated"
    sentence = _("还没有其他成员在席，请先安排席位再召集。")


class CallMoved(Conflict):
    """The call is closed, or was answered otherwise, or the body has ended."""

    code = "call_moved"
    sentence = _("这次召集已经结束，或已作过别的应答，请刷新后再看。")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """What is called for; `minutes` to answer in are the template's where none are given."""

    body_id: UUID
    text: str
    place: str = ""
    minutes: int | None = None
    call_id: UUID | None = None  # made by the form: a second sending is the same call


def call_up(*, actor: Actor, call: NewCall, now: datetime) -> CallUp:
    """Call everybody who sits in a body but the caller; each is told and has the same time to answer.

    Raises NotFound, NotAllowed, CallInvalid, NobodySeated, CallMoved.
    """
    with transaction.atomic():
        body = Body.objects.select_for_update().get(pk=access_body(actor, call.body_id).pk)
        held = seats_of(body, now=now)
        if not may_call(actor, body, held):
            raise NotAllowed
        earlier = CallUp.objects.filter(pk=call.call_id).first() if call.call_id else None
        if earlier is not None:
            if earlier.body_id != body.pk:
                raise CallMoved
            return earlier
        if body.ends_at is not None:
            raise CallMoved
        called = {pk: row for pk, row in members_of(held).items() if pk != actor.member_id}
        made = _create(actor, body, call, _checked_minutes(body, call), now)
        _tell(made, called, now)
        audit.record(
            "call_up", SUBJECT, [made.pk, body.pk], area_code=body.area_code,
            detail={"called": len(called), "minutes": made.minutes},
        )  # fmt: skip
        announce_body(body)
    return made


def _checked_minutes(body: Body, call: NewCall) -> int:
    if not call.text.strip() or len(call.text) > TEXT_LIMIT:
        raise CallInvalid(fields={"text": _("请写明召集什么（1 到 500 字）。")})
    minutes = template_of(body).call_up_minutes if call.minutes is None else call.minutes
    if not 1 <= minutes <= LONGEST_CALL_MINUTES:
        raise CallInvalid(fields={"minutes": _("应答时限为 1 到 1440 分钟。")})
    return minutes


def _create(actor: Actor, body: Body, call: NewCall, minutes: int, now: datetime) -> CallUp:
    return CallUp.objects.create(
        id=call.call_id or new_id(),
        area_code=body.area_code,
        body=body,
        text=call.text.strip(),
        place=call.place.strip()[:REASON_LIMIT],
        minutes=minutes,
        asked_at=now,
        asked_by_id=actor.post_id,
        asked_by_name=actor.member_name,
        due_at=now + timedelta(minutes=minutes),
    )


def _tell(made: CallUp, called: dict[UUID, SeatHeld], now: datetime) -> None:
    """Write a receipt for each called member and tell the pages where their posts are."""
    if not called:
        raise NobodySeated
    CallUpReceipt.objects.bulk_create(
        CallUpReceipt(
            area_code=made.area_code,
            call_up=made,
            seat=row.seat,
            member_id=member_id,
            post=row.seat.post,
            due_at=made.due_at,
            told_at=now,
        )
        for member_id, row in called.items()
    )
    places = {
        row.seat.post.area_code if row.seat.post else member.area_code
        for row in called.values()
        for member in row.holders
    }
    announce_changes(CALLS, places)


def answer_call_up(
    *, actor: Actor, receipt_id: UUID, answer: str, reason: str = "", now: datetime
) -> CallUpReceipt:
    """Say whether one comes; the same answer twice is one. Closes the call when everybody has answered.

    Raises NotFound for another's call, CallInvalid, CallMoved.
    """
    receipt, words = access_call(actor, receipt_id), reason.strip()[:REASON_LIMIT]
    if answer not in CallAnswer.values:
        raise CallInvalid(fields={"answer": _("请选择能到或不能到。")})
    if answer == CallAnswer.CANNOT and not words:
        raise CallInvalid(fields={"reason": _("不能到请写明原因。")})
    with transaction.atomic(), _where_it_lies(receipt):
        call = CallUp.objects.select_for_update().select_related("body").get(pk=receipt.call_up_id)
        row = CallUpReceipt.objects.select_for_update().get(pk=receipt_id)
        if row.answered_at is not None and row.answer == answer:
            return row
        if row.answered_at is not None or call.closed_at is not None:
            raise CallMoved
        row.answered_at, row.answer, row.reason = now, answer, words
        row.save(update_fields=["answered_at", "answer", "reason"])
        if not call.receipts.filter(answered_at=None).exists():
            _close(call, now)
        audit.record("answer_call_up", SUBJECT, [call.pk], area_code=row.area_code, detail={"answer": answer})
        announce_body(call.body)
    return row


def close_call_up(*, actor: Actor, call_id: UUID, now: datetime) -> CallUp:
    """End a call before all have answered; twice is once. Raises NotFound, NotAllowed."""
    with transaction.atomic():
        body = access_call_made(actor, call_id).body
        if not may_call(actor, body, seats_of(body, now=now)):
            raise NotAllowed
        call = CallUp.objects.select_for_update().get(pk=call_id)
        if call.closed_at is None:
            _close(call, now)
            audit.record("close_call_up", SUBJECT, [call.pk], area_code=call.area_code)
            announce_body(body)
    return call


def mark_late_call_ups(*, now: datetime) -> int:
    """Mark who has not answered a call in time and tell the pages of the body; return how many."""
    with transaction.atomic():
        rows = late_calls(now).select_related("call_up__body")
        late = list(rows.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
        CallUpReceipt.objects.filter(pk__in=[row.pk for row in late]).update(late_at=now)
        for body in {row.call_up.body_id: row.call_up.body for row in late}.values():
            announce_body(body)
    return len(late)


def _close(call: CallUp, now: datetime) -> None:
    call.closed_at = now
    call.save(update_fields=["closed_at"])


def _where_it_lies(receipt: CallUpReceipt) -> AbstractContextManager[Scope]:
    return duty("serve_body", ranges=AreaRanges.of([receipt.area_code]), cause=str(receipt.call_up_id))
