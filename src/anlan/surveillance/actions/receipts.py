"""What receivers do with a product, and what the clock does about those who have not answered."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Conflict, NotAllowed
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.scope import duty
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.surveillance.actions.products import ProductMoved
from anlan.surveillance.actions.steps import add_step, check_words
from anlan.surveillance.announcing import tell_pages
from anlan.surveillance.events import ProductOverdue, WarningAcknowledged, WarningFedBack
from anlan.surveillance.models import WarningProduct, WarningReceipt
from anlan.surveillance.queries import (
    access_product,
    access_receipt,
    answers_for,
    may_acknowledge,
    may_remind,
    product_clock,
)
from anlan.surveillance.rules import REMIND_AT, ProductState

SUBJECT = "surveillance.WarningReceipt"
AT_ONCE = 500


def acknowledge_warning(*, actor: Actor, receipt_id: UUID, now: datetime) -> WarningReceipt:
    """Answer a notice for one's area or unit. Twice is once: the first answer stands."""
    with transaction.atomic():
        access_receipt(actor, receipt_id)
        receipt = WarningReceipt.objects.select_for_update().get(pk=receipt_id)
        if receipt.acknowledged_at is not None:
            return receipt
        if not may_acknowledge(actor, receipt):
            raise NotAllowed
        _answer(receipt, actor, now)
        receipt.save()
        audit.record("acknowledge_warning", SUBJECT, [receipt.pk], area_code=receipt.area_code)
        publish(
            WarningAcknowledged(product_id=receipt.product_id, area_code=receipt.area_code, occurred_at=now)
        )
        announce_change("warnings", receipt.area_code)
    return receipt


def _answer(receipt: WarningReceipt, actor: Actor, now: datetime) -> None:
    receipt.acknowledged_at, receipt.acknowledged_by = now, actor.member_name
    receipt.post_title = actor.post_title
    receipt.version += 1


def feed_back_warning(*, actor: Actor, receipt_id: UUID, words: str, now: datetime) -> WarningReceipt:
    """Say what was done about a notice; who feeds back has answered. The first feedback stands (Conflict)."""
    check_words(words)
    with transaction.atomic():
        access_receipt(actor, receipt_id)
        receipt = WarningReceipt.objects.select_for_update().get(pk=receipt_id)
        if not answers_for(actor, receipt):
            raise NotAllowed
        if receipt.fed_back_at is not None:
            raise Conflict
        if receipt.acknowledged_at is None:
            _answer(receipt, actor, now)
        receipt.feedback, receipt.fed_back_at, receipt.fed_back_by = words.strip(), now, actor.member_name
        receipt.version += 1
        receipt.save()
        audit.record("feed_back_warning", SUBJECT, [receipt.pk], area_code=receipt.area_code)
        publish(WarningFedBack(product_id=receipt.product_id, area_code=receipt.area_code, occurred_at=now))
        announce_change("warnings", receipt.area_code)
    return receipt


def settle_product(*, product_id: UUID, now: datetime) -> bool:
    """Mark a product answered, then fed back, once every receiver is; return whether all have answered.

    A consequence of an answer or a feedback; safe to run twice.
    """
    with transaction.atomic():
        product = WarningProduct.objects.select_for_update().select_related("signal").get(pk=product_id)
        receipts = WarningReceipt.objects.filter(product_id=product_id)
        if receipts.filter(acknowledged_at=None).exists():
            return False
        if product.state == ProductState.PASSED_ON:
            _enter(product, ProductState.ANSWERED, now)
        if product.state == ProductState.ANSWERED and not receipts.filter(fed_back_at=None).exists():
            _enter(product, ProductState.FED_BACK, now)
    return True


def _enter(product: WarningProduct, state: ProductState, now: datetime) -> None:
    product.state, product.late_at = state, None
    if state == ProductState.ANSWERED:
        product.answered_at = now
    else:
        product.fed_back_at = now
    product.version += 1
    product.save()
    add_step(product.signal, state.value, now, note=product.kind)
    tell_pages(product.signal)


def remind_receivers(*, actor: Actor, product_id: UUID, now: datetime) -> int:
    """Remind everybody who has not answered a product; return how many were reminded."""
    with transaction.atomic():
        product = access_product(actor, product_id)
        if not may_remind(actor, product):
            raise NotAllowed
        if product.state != ProductState.PASSED_ON:
            raise ProductMoved
        count = _remind(product, Q(acknowledged_at=None), now)
        add_step(product.signal, "reminded", now, actor=actor, note=f"{product.kind} {count}")
        tell_pages(product.signal)
        audit.record(
            "remind_receivers", "surveillance.WarningProduct", [product.pk], area_code=product.area_code
        )
    return count


def _remind(product: WarningProduct, which: Q, now: datetime) -> int:
    district = AreaRanges.of([product.area_code[: CODE_LENGTH[AreaLevel.DISTRICT]]])
    with duty("notify_neighbours", ranges=district, cause=str(product.pk)):
        rows = WarningReceipt.objects.filter(which, product_id=product.pk)
        codes = set(rows.values_list("area_code", flat=True))
        count = rows.update(reminders=F("reminders") + 1, reminded_at=now)
    for code in codes:
        announce_change("warnings", code)
    return count


def mind_product_clocks(*, now: datetime) -> int:
    """Remind receivers whose time is nearly over, mark what is late; return how much. Run by the clock."""
    with transaction.atomic():
        done = 0
        unsigned = Q(state=ProductState.FORMED, sign_due_at__lt=now)
        unanswered = Q(state=ProductState.PASSED_ON, answer_due_at__lt=now)
        late = WarningProduct.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            unsigned | unanswered, late_at=None
        )
        for product in late.select_related("signal")[:AT_ONCE]:
            done += _mark(product, now)
        waiting = WarningProduct.objects.filter(state=ProductState.PASSED_ON, answer_due_at__isnull=False)
        for product in waiting.select_related("signal")[:AT_ONCE]:
            if product.signed_at is None or product.answer_due_at is None:
                continue
            if now >= product.signed_at + REMIND_AT * (product.answer_due_at - product.signed_at):
                done += _remind(product, Q(acknowledged_at=None, reminders=0), now)
        return done


def _mark(product: WarningProduct, now: datetime) -> int:
    is_unsigned = product.state == ProductState.FORMED
    clock = product_clock("sign" if is_unsigned else "answer")
    product.late_at = now
    product.save(update_fields=["late_at"])
    act = "unsigned" if is_unsigned else "unanswered"
    add_step(product.signal, act, now, note=product.kind, was_late=True)
    publish(
        ProductOverdue(
            product_id=product.pk,
            step="sign" if is_unsigned else "answer",
            told=(clock.then or "") if clock else "",
            area_code=product.area_code,
            occurred_at=now,
        )
    )
    tell_pages(product.signal)
    if not is_unsigned:
        _remind(product, Q(acknowledged_at=None), now)
    return 1
