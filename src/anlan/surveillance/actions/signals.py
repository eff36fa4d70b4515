"""A signal from being taken up to its end: acknowledge, verify or exclude, visit, close; its clocks."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict
from anlan.foundation.outbox import publish
from anlan.surveillance.actions.steps import add_step, check_words, locked, move
from anlan.surveillance.announcing import tell_pages
from anlan.surveillance.events import SignalClosed, SignalExcluded, SignalOverdue, SignalVerified
from anlan.surveillance.models import Signal
from anlan.surveillance.queries import clock_of, is_closed_to_leaders
from anlan.surveillance.rules import CLOCK_OF, OPEN_STATES, SETTLED, SignalAct, SignalState
from anlan.workorders.queries import orders_about
from anlan.workorders.rules import OPEN_STAGES

MARKED_AT_ONCE = 500


class StillOpen(Conflict):
    """Something that a signal waits for before it closes."""


class OrdersStillOpen(StillOpen):
    """A signal closes after the orders about it."""

    code = "orders_still_open"
    sentence = _("该信号还有未结案的工单，请先核查结案。")


class NoticesUnanswered(StillOpen):
    """A signal closes after those who were warned have answered."""

    code = "notices_unanswered"
    sentence = _("还有预警产品没有签发，或接收方没有应答，暂不能关闭。")


class ResponseRuns(StillOpen):
    """A signal closes after its response was lifted."""

    code = "response_runs"
    sentence = _("该信号的响应还没有解除，请先解除响应。")


def acknowledge_signal(*, actor: Actor, signal_id: UUID, now: datetime, expected_version: int) -> Signal:
    """Take a signal up: from now on somebody verifies it, and the clock of the look on the spot runs."""
    with transaction.atomic():
        signal = locked(actor, signal_id, SignalAct.ACKNOWLEDGE, expected_version)
        clock = clock_of(SignalAct.FIELD)
        is_two_hour = signal.urgency == "two_hour"
        if clock is not None:
            minutes = clock.limit_minutes(is_night=clock.is_night(now), is_two_hour=is_two_hour)
            signal.field_due_at = now + timedelta(minutes=minutes)
        return move(signal, SignalAct.ACKNOWLEDGE, SignalState.VERIFYING, actor, now)


def verify_signal(
    *, actor: Actor, signal_id: UUID, holds: bool, note: str, now: datetime, expected_version: int
) -> Signal:
    """Say whether the suspicion holds, and on what grounds. Raises WordsNeeded without grounds."""
    act = SignalAct.VERIFY if holds else SignalAct.EXCLUDE
    check_words(note)
    with transaction.atomic():
        signal = locked(actor, signal_id, act, expected_version)
        if holds:
            signal.verified_at = now
        else:
            signal.field_due_at = None
        state = SignalState.VERIFIED if holds else SignalState.EXCLUDED
        signal = move(signal, act, state, actor, now, note=note)
        happened = SignalVerified if holds else SignalExcluded
        publish(
            happened(
                signal_id=signal.pk,
                report_ids=tuple(signal.report_ids),
                area_code=signal.area_code,
                occurred_at=now,
            )
        )
        return signal


def record_field_visit(
    *, actor: Actor, signal_id: UUID, note: str, now: datetime, expected_version: int
) -> Signal:
    """Write down what a look on the spot found. Raises WordsNeeded without words."""
    check_words(note)
    with transaction.atomic():
        signal = locked(actor, signal_id, SignalAct.FIELD, expected_version)
        is_late = signal.field_due_at is not None and now > signal.field_due_at
        signal.field_due_at = None
        signal.version += 1
        signal.save(update_fields=["field_due_at", "version"])
        add_step(signal, SignalAct.FIELD, now, actor=actor, note=note, was_late=is_late)
        tell_pages(signal)
        return signal


def record_event_report(
    *, actor: Actor, signal_id: UUID, note: str, now: datetime, expected_version: int
) -> Signal:
    """Write down that the happening was reported as an event, with its number. Raises WordsNeeded without."""
    check_words(note)
    with transaction.atomic():
        signal = locked(actor, signal_id, SignalAct.EVENT, expected_version)
        signal.version += 1
        signal.save(update_fields=["version"])
        add_step(signal, SignalAct.EVENT, now, actor=actor, note=note)
        tell_pages(signal)
        return signal


def note_field_visit(*, signal_id: UUID, now: datetime) -> bool:
    """Stop the clock of the visit: the order to verify was fed back. A consequence; twice is once."""
    with transaction.atomic():
        signal = Signal.objects.select_for_update().filter(pk=signal_id, field_due_at__isnull=False).first()
        if signal is None:
            return False
        is_late = signal.field_due_at is not None and now > signal.field_due_at
        signal.field_due_at = None
        signal.save(update_fields=["field_due_at"])  # not the version: nobody decides on this clock
        add_step(signal, SignalAct.FIELD, now, was_late=is_late)
        tell_pages(signal)
        return True


def close_signal(*, actor: Actor, signal_id: UUID, note: str, now: datetime, expected_version: int) -> Signal:
    """End a signal; raises the first of what still holds it open (StillOpen)."""
    check_words(note)
    with transaction.atomic():
        signal = locked(actor, signal_id, SignalAct.CLOSE, expected_version)
        for reason in holds_open(actor, signal):
            raise reason
        signal.closed_at, signal.field_due_at = now, None
        signal = move(signal, SignalAct.CLOSE, SignalState.CLOSED, actor, now, note=note)
        publish(SignalClosed(signal_id=signal.pk, area_code=signal.area_code, occurred_at=now))
        return signal


def holds_open(actor: Actor, signal: Signal) -> list[type[StillOpen]]:
    """Return what a signal waits for before it may close: open orders, unanswered notices, its response."""
    found = {
        OrdersStillOpen: orders_about(actor, signal.pk).filter(stage__in=OPEN_STAGES).exists(),
        NoticesUnanswered: signal.products.exclude(state__in=SETTLED).exists(),
        ResponseRuns: signal.responding_since is not None,
    }
    return [reason for reason, holds in found.items() if holds]


def note_response(*, signal_id: UUID, since: datetime | None) -> None:
    """Note that a response to a signal runs since a moment, or with None that it was lifted.

    Runs in the transaction that activates or lifts, under its duty.
    """
    signal = Signal.objects.select_for_update().get(pk=signal_id)
    signal.responding_since = since
    signal.save(update_fields=["responding_since"])
    tell_pages(signal)


def mark_overdue_signals(*, now: datetime) -> int:
    """Tell the next in line of signals whose clock has run out, once a clock; return how many clocks.

    Leaders see such a signal from now on, except where the disease is for health posts alone.
    """
    with transaction.atomic():
        late = Signal.objects.select_for_update(skip_locked=True).filter(
            Q(due_at__lt=now, overdue_at=None) | Q(field_due_at__lt=now), state__in=OPEN_STATES
        )[:MARKED_AT_ONCE]
        return sum(_mark(signal, now) for signal in late)


def _mark(signal: Signal, now: datetime) -> int:
    marked = 0
    if signal.due_at is not None and signal.due_at < now and signal.overdue_at is None:
        signal.overdue_at = now
        marked += _escalate(signal, CLOCK_OF.get(signal.state, SignalAct.CLOSE), now)
    if signal.field_due_at is not None and signal.field_due_at < now:
        signal.field_due_at = None
        marked += _escalate(signal, SignalAct.FIELD, now)
    signal.save(update_fields=["overdue_at", "escalated_to", "seen_by_leaders", "field_due_at"])
    tell_pages(signal)
    return marked


def _escalate(signal: Signal, step: str, now: datetime) -> int:
    clock = clock_of(step)
    signal.escalated_to = (clock.then or "") if clock else ""
    signal.seen_by_leaders = signal.seen_by_leaders or not is_closed_to_leaders(signal.condition)
    add_step(signal, "overdue", now, note=step, was_late=True)
    publish(
        SignalOverdue(
            signal_id=signal.pk,
            step=step,
            told=signal.escalated_to,
            area_code=signal.area_code,
            occurred_at=now,
        )
    )
    return 1
