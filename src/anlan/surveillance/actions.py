"""What people do to signals: acknowledge, verify, exclude, assess, sign, acknowledge a notice, close."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.surveillance.events import (
    SignalClosed,
    SignalExcluded,
    SignalVerified,
    WarningAcknowledged,
    WarningSigned,
)
from anlan.surveillance.models import RiskAssessment, Signal, SignalStep, WarningProduct, WarningReceipt
from anlan.surveillance.notices import form_notification, hand_over
from anlan.surveillance.queries import (
    NOTIFICATION,
    access_receipt,
    access_signal,
    due_at,
    grades,
    may,
    may_acknowledge,
    product_kind,
)
from anlan.surveillance.rules import (
    FROM_STATES,
    LEADERS_SEE,
    ProductState,
    SignalAct,
    SignalState,
    open_places,
)
from anlan.workorders.queries import orders_about
from anlan.workorders.rules import OPEN_STAGES

SUBJECT = "surveillance.Signal"
NOTE_LIMIT = 2000
SCORE_RANGE = range(1, 6)


class SignalMoved(Conflict):
    """Somebody took the signal a step further first."""

    code = "signal_moved"
    sentence = _("信号已进入下一步，请刷新后再看。")


class WordsNeeded(Invalid):
    """The act needs a reason or evidence in words."""

    code = "words_needed"
    sentence = _("请写明依据（1 到 2000 字）。")


class BlanksLeft(Invalid):
    """A notice goes out only when every open place of its template is written in."""

    code = "blanks_left"
    sentence = _("通报正文还有«待填»的内容，请填好后再签发。")


class OrdersStillOpen(Conflict):
    """A signal closes after the orders about it."""

    code = "orders_still_open"
    sentence = _("该信号还有未结案的工单，请先核查结案。")


class NoticesUnanswered(Conflict):
    """A signal closes after those who were warned have answered."""

    code = "notices_unanswered"
    sentence = _("还有接收方没有应答警示信息，暂不能关闭。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The risk assessment as the officer filled it in; scores from 1 to 5."""

    grade: str
    likelihood: int
    impact: int
    vulnerability: int
    evidence: str
    uncertainty: str = ""


def acknowledge_signal(*, actor: Actor, signal_id: UUID, now: datetime, expected_version: int) -> Signal:
    """Take a signal up: from now on somebody verifies it."""
    with transaction.atomic():
        signal = _locked(actor, signal_id, SignalAct.ACKNOWLEDGE, expected_version)
        return _move(signal, SignalAct.ACKNOWLEDGE, SignalState.VERIFYING, actor, now)


def verify_signal(
    *, actor: Actor, signal_id: UUID, holds: bool, note: str, now: datetime, expected_version: int
) -> Signal:
    """Say whether the suspicion holds, and on what grounds. Raises WordsNeeded without grounds."""
    act = SignalAct.VERIFY if holds else SignalAct.EXCLUDE
    _check_words(note)
    with transaction.atomic():
        signal = _locked(actor, signal_id, act, expected_version)
        state = SignalState.VERIFIED if holds else SignalState.EXCLUDED
        signal = _move(signal, act, state, actor, now, note=note)
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


def assess_signal(
    *, actor: Actor, signal_id: UUID, assessment: Assessment, now: datetime, expected_version: int
) -> Signal:
    """Grade the risk; at a grade that asks for a product, form the notice that is then to be signed."""
    _check_words(assessment.evidence)
    grade = next((item for item in grades() if item.key == assessment.grade), None)
    scores = (assessment.likelihood, assessment.impact, assessment.vulnerability)
    if grade is None or any(score not in SCORE_RANGE for score in scores):
        raise Invalid(_("请选择风险等级，并给三项各打 1 到 5 分。"), code="grade_needed")
    with transaction.atomic():
        signal = _locked(actor, signal_id, SignalAct.ASSESS, expected_version)
        RiskAssessment.objects.create(
            signal=signal,
            area_code=signal.area_code,
            grade=grade.key,
            likelihood=assessment.likelihood,
            impact=assessment.impact,
            vulnerability=assessment.vulnerability,
            evidence=assessment.evidence.strip(),
            uncertainty=assessment.uncertainty.strip(),
            assessed_at=now,
            post_title=actor.post_title,
            member_name=actor.member_name,
        )
        signal.grade = grade.key
        if NOTIFICATION in grade.products:
            form_notification(signal, grade, now)
        return _move(signal, SignalAct.ASSESS, SignalState.ASSESSED, actor, now, note=grade.key)


def sign_warning(*, actor: Actor, signal_id: UUID, text: str, now: datetime, expected_version: int) -> Signal:
    """Sign the notice and hand it to every area that borders on the place or is declared linked.

    Raises BlanksLeft while the template's open places are not written in, Conflict where no notice
    was formed (the grade asked for none).
    """
    _check_words(text)
    if open_places(text):
        raise BlanksLeft(fields={"text": BlanksLeft.sentence})
    with transaction.atomic():
        signal = _locked(actor, signal_id, SignalAct.SIGN, expected_version)
        product = signal.products.select_for_update().filter(kind=NOTIFICATION, signed_at=None).first()
        if product is None:
            raise Conflict(_("没有待签发的警示信息通报。"), code="nothing_to_sign")
        minutes = product_kind(NOTIFICATION).answer_minutes
        product.state, product.signed_at, product.text = ProductState.PASSED_ON, now, text.strip()
        product.signed_by_id, product.signer_name = actor.post_id, actor.member_name
        product.answer_due_at = now + timedelta(minutes=minutes) if minutes else None
        product.version += 1
        product.save()
        told = hand_over(signal, product, now)
        if not told:
            product.state = ProductState.ANSWERED
            product.save(update_fields=["state"])
        publish(
            WarningSigned(
                product_id=product.pk, signal_id=signal.pk, area_code=signal.area_code, occurred_at=now
            )
        )
        return _move(signal, SignalAct.SIGN, SignalState.WARNED, actor, now, note=str(told))


def acknowledge_warning(*, actor: Actor, receipt_id: UUID, now: datetime) -> WarningReceipt:
    """Answer a notice for one's area. Twice is once: the first answer stands."""
    with transaction.atomic():
        access_receipt(actor, receipt_id)
        receipt = WarningReceipt.objects.select_for_update().get(pk=receipt_id)
        if receipt.acknowledged_at is not None:
            return receipt
        if not may_acknowledge(actor, receipt):
            raise NotAllowed
        receipt.acknowledged_at, receipt.acknowledged_by = now, actor.member_name
        receipt.post_title = actor.post_title
        receipt.version += 1
        receipt.save()
        audit.record(
            "acknowledge_warning", "surveillance.WarningReceipt", [receipt.pk], area_code=receipt.area_code
        )
        publish(
            WarningAcknowledged(product_id=receipt.product_id, area_code=receipt.area_code, occurred_at=now)
        )
        announce_change("warnings", receipt.area_code)
    return receipt


def settle_product(*, product_id: UUID, now: datetime) -> bool:
    """Mark a product answered once every receiver has answered; return whether it is. A consequence."""
    with transaction.atomic():
        product = WarningProduct.objects.select_for_update().select_related("signal").get(pk=product_id)
        waiting = WarningReceipt.objects.filter(product_id=product_id, acknowledged_at=None).exists()
        if waiting or product.state != ProductState.PASSED_ON:
            return not waiting
        product.state = ProductState.ANSWERED
        product.version += 1
        product.save(update_fields=["state", "version"])
        signal = product.signal
        SignalStep.objects.create(signal=signal, area_code=signal.area_code, act="answered", at=now)
        announce_change(f"signals:{signal.pk}", signal.area_code)
        announce_change("signals", signal.area_code)
    return True


def close_signal(*, actor: Actor, signal_id: UUID, note: str, now: datetime, expected_version: int) -> Signal:
    """End a signal whose orders are closed and notices answered; else OrdersStillOpen, NoticesUnanswered."""
    _check_words(note)
    with transaction.atomic():
        signal = _locked(actor, signal_id, SignalAct.CLOSE, expected_version)
        if orders_about(actor, signal.pk).filter(stage__in=OPEN_STAGES).exists():
            raise OrdersStillOpen
        unsettled = signal.products.exclude(state__in=(ProductState.ANSWERED, ProductState.FED_BACK))
        if unsettled.exists():
            raise NoticesUnanswered
        signal.products.update(state=ProductState.FED_BACK)
        signal.closed_at = now
        signal = _move(signal, SignalAct.CLOSE, SignalState.CLOSED, actor, now, note=note)
        publish(SignalClosed(signal_id=signal.pk, area_code=signal.area_code, occurred_at=now))
        return signal


def mark_overdue_signals(*, now: datetime) -> int:
    """Let leaders see signals whose clock has run out; return how many. Run by the clock."""
    with transaction.atomic():
        late = Signal.objects.select_for_update(skip_locked=True).filter(
            due_at__lt=now, seen_by_leaders=False, closed_at=None
        )[:500]
        for signal in late:
            signal.seen_by_leaders = True
            signal.save(update_fields=["seen_by_leaders"])
            SignalStep.objects.create(
                signal=signal, area_code=signal.area_code, act="overdue", at=now, was_late=True
            )
            announce_change("signals", signal.area_code)
        return len(late)


def _check_words(text: str) -> None:
    if not 1 <= len(text.strip()) <= NOTE_LIMIT:
        raise WordsNeeded(fields={"note": WordsNeeded.sentence})


def _locked(actor: Actor, signal_id: UUID, act: SignalAct, expected_version: int) -> Signal:
    access_signal(actor, signal_id)
    signal = Signal.objects.select_for_update().get(pk=signal_id)
    if signal.state not in FROM_STATES[act] or signal.version != expected_version:
        raise SignalMoved
    if not may(actor, act, signal):
        raise NotAllowed
    return signal


def _move(
    signal: Signal, act: SignalAct, state: SignalState, actor: Actor, now: datetime, *, note: str = ""
) -> Signal:
    was_late = signal.due_at is not None and now > signal.due_at
    signal.state, signal.state_entered_at = state, now
    signal.due_at = due_at(state, signal.urgency, now)
    signal.seen_by_leaders = signal.seen_by_leaders or state in LEADERS_SEE
    signal.version += 1
    signal.save()
    SignalStep.objects.create(
        signal=signal,
        area_code=signal.area_code,
        act=act.value,
        at=now,
        was_late=was_late,
        post_title=actor.post_title,
        member_name=actor.member_name,
        note=note.strip(),
    )
    audit.record(f"{act.value}_signal", SUBJECT, [signal.pk], area_code=signal.area_code)
    announce_change("signals", signal.area_code)
    announce_change(f"signals:{signal.pk}", signal.area_code)
    return signal
