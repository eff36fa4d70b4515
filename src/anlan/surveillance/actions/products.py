"""A warning product from its template to its signature: form, write into its places, sign, withdraw."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import SHANGHAI
from anlan.foundation.errors import Conflict, Invalid, NotAllowed
from anlan.foundation.outbox import publish
from anlan.surveillance.actions.steps import add_step, locked, move
from anlan.surveillance.announcing import tell_pages
from anlan.surveillance.assessing import grade_named
from anlan.surveillance.events import WarningSigned
from anlan.surveillance.models import Signal, WarningProduct
from anlan.surveillance.notices import hand_over, pass_on_to_new_areas
from anlan.surveillance.pack import RiskGrade
from anlan.surveillance.queries import (
    WIDE_PLACES,
    access_product,
    disease_for_area_staff,
    may_sign,
    may_write,
    names_closed_to_area_staff,
    product_clock,
    product_kind,
)
from anlan.surveillance.rules import PLACE_WORDS, ProductState, SignalAct, SignalState, open_places
from anlan.surveillance.wording import filled, must_not_be_said

SUBJECT = "surveillance.WarningProduct"
TEXT_LIMIT = 2000
PLACE_LIMIT = 500


class BlanksLeft(Invalid):
    """A notice goes out only when every open place of its template is written in."""

    code = "blanks_left"
    sentence = _("正文还有«待填»的内容，请填好后再签发。")


class MustNotSay(Invalid):
    """A product says something no product of its kind may say."""

    code = "must_not_say"
    sentence = _("正文含有不得写出的内容，请修改后再签发。")


class ProductMoved(Conflict):
    """Somebody changed or signed the product first."""

    code = "product_moved"
    sentence = _("该预警产品已被修改或签发，请刷新后再看。")


def form_product(
    *, actor: Actor, signal_id: UUID, kind: str, now: datetime, expected_version: int
) -> WarningProduct:
    """Form one more product of an assessed signal; Conflict where its grade has none such or it is there."""
    with transaction.atomic():
        signal = locked(actor, signal_id, SignalAct.FORM, expected_version)
        grade = grade_named(signal.grade)
        there = signal.products.filter(kind=kind).exclude(state=ProductState.WITHDRAWN).exists()
        if grade is None or kind not in grade.products or there:
            raise Conflict(_("这一等级没有该产品，或已经形成。"), code="not_to_be_formed")
        if actor.role not in product_kind(kind).formed_by:
            raise NotAllowed
        product = form(signal, kind, grade, actor, now)
        move(signal, SignalAct.FORM, signal.state, actor, now, note=kind)
        return product


def form(signal: Signal, kind: str, grade: RiskGrade, actor: Actor, now: datetime) -> WarningProduct:
    """Write a product as far as the signal tells; what it does not stays open. Keeps one that is there."""
    known = {
        "场所类别": PLACE_WORDS.get(signal.place_kind, "场所"),
        "疾病": disease_for_area_staff(signal.condition),
        "等级": grade.title.zh,
        "时限": f"{(now + timedelta(days=1)).astimezone(SHANGHAI):%m月%d日 %H:%M}",
        "任务": "提醒学校和养老机构，留意症状，核对物资，确定联系人",
        "症状": "类似症状",
        "去处": "就近的社区卫生服务中心",
        "联系人": "社区卫生服务中心防疫专干",
        "电话": "区疾控中心值班电话",
    }
    minutes = _sign_minutes(signal, now)
    fresh = {
        "area_code": signal.area_code,
        "state": ProductState.FORMED,
        **_texts(kind, known),
        "formed_at": now,
        "formed_by_title": actor.post_title,
        "formed_by_name": actor.member_name,
        "sign_due_at": now + timedelta(minutes=minutes) if minutes else None,
    }
    product, is_new = WarningProduct.objects.get_or_create(signal=signal, kind=kind, defaults=fresh)
    if not is_new and product.state == ProductState.WITHDRAWN:
        WarningProduct.objects.filter(pk=product.pk).update(**fresh)
        product.refresh_from_db()
    return product


def _texts(kind: str, places: Mapping[str, str]) -> dict[str, object]:
    template = product_kind(kind).template
    return {
        "places": dict(places),
        "text": filled(template.plain.zh, places),
        "text_large": filled(template.large_type.zh, places),
        "text_broadcast": filled(template.broadcast.zh, places),
    }


def _sign_minutes(signal: Signal, now: datetime) -> int | None:
    clock = product_clock("sign")
    is_two_hour = signal.urgency == "two_hour"
    return clock.limit_minutes(is_night=clock.is_night(now), is_two_hour=is_two_hour) if clock else None


def withdraw_unsigned(signal: Signal) -> int:
    """Withdraw the products that nobody has signed yet; return how many."""
    return signal.products.filter(state=ProductState.FORMED).update(state=ProductState.WITHDRAWN)


def write_product(
    *, actor: Actor, product_id: UUID, places: Mapping[str, str], now: datetime, expected_version: int
) -> WarningProduct:
    """Write words into the places of an unsigned product; all three versions are made anew from them."""
    with transaction.atomic():
        product = _locked_product(actor, product_id, expected_version)
        if not may_write(actor, product):
            raise NotAllowed
        known = product.places | {name: words.strip()[:PLACE_LIMIT] for name, words in places.items()}
        for name, value in _texts(product.kind, known).items():
            setattr(product, name, value)
        product.version += 1
        product.save()
        audit.record("write_product", SUBJECT, [product.pk], area_code=product.area_code)
        tell_pages(product.signal)
    return product


def sign_product(
    *,
    actor: Actor,
    product_id: UUID,
    text: str,
    now: datetime,
    expected_version: int,
    text_large: str | None = None,
    text_broadcast: str | None = None,
) -> WarningProduct:
    """Sign a product and hand it to its receivers; the first one signed takes its signal to `warned`.

    Versions not given stay as they were written. Raises BlanksLeft, MustNotSay, ProductMoved, NotAllowed.
    """
    with transaction.atomic():
        product = _locked_product(actor, product_id, expected_version)
        if not may_sign(actor, product):
            raise NotAllowed
        signal = Signal.objects.select_for_update().get(pk=product.signal_id)
        product.text = text.strip()
        product.text_large = product.text_large if text_large is None else text_large.strip()
        product.text_broadcast = product.text_broadcast if text_broadcast is None else text_broadcast.strip()
        _check_words(product, signal)
        minutes = product_kind(product.kind).answer_minutes
        product.state, product.signed_at, product.late_at = ProductState.PASSED_ON, now, None
        product.signed_by_id, product.signer_name = actor.post_id, actor.member_name
        product.answer_due_at = now + timedelta(minutes=minutes) if minutes else None
        product.version += 1
        product.save()
        told = hand_over(signal, product, now)
        if not told:  # nobody has to answer: the public, or a place without neighbours
            product.state, product.answered_at = ProductState.ANSWERED, now
            product.save(update_fields=["state", "answered_at"])
        publish(
            WarningSigned(
                product_id=product.pk, signal_id=signal.pk, area_code=signal.area_code, occurred_at=now
            )
        )
        state = SignalState.WARNED if signal.state == SignalState.ASSESSED else signal.state
        note = f"{product.kind} {told}"
        if signal.state in {SignalState.ASSESSED, SignalState.WARNED}:
            move(signal, "sign", state, actor, now, note=note)
        else:
            add_step(signal, "sign", now, actor=actor, note=note)
            tell_pages(signal)
    return product


def pass_on_product(*, product_id: UUID, further: Mapping[str, str], now: datetime) -> int:
    """Hand a signed notification to further areas, each with why; return how many were told now."""
    with transaction.atomic():
        product = WarningProduct.objects.select_for_update().select_related("signal").get(pk=product_id)
        return pass_on_to_new_areas(product.signal, now, further)


def _check_words(product: WarningProduct, signal: Signal) -> None:
    versions = {
        "text": product.text,
        "text_large": product.text_large,
        "text_broadcast": product.text_broadcast,
    }
    if not product.text:
        raise BlanksLeft(fields={"text": BlanksLeft.sentence})
    blank = {name: BlanksLeft.sentence for name, text in versions.items() if open_places(text)}
    if blank:
        raise BlanksLeft(fields=blank)
    names = names_to_keep_out(signal)
    said: dict[str, str | Promise] = {}
    for name, text in versions.items():
        wrong = must_not_be_said(text, names)
        if wrong or len(text) > TEXT_LIMIT:
            said[name] = wrong[0] if wrong else MustNotSay.sentence
    if said:
        raise MustNotSay(fields=said)


def names_to_keep_out(signal: Signal) -> dict[str, str | Promise]:
    """Return the words no product of this signal may hold: its very place, a diagnosis not open to all."""
    place = _("不得写出具体的班级、单位或住处。")
    is_area = signal.place_kind in {"grid", *WIDE_PLACES}
    parts = [] if is_area else signal.place_name.split(maxsplit=1)  # unit and class, building and stair
    words: dict[str, str | Promise] = dict.fromkeys([signal.place_name, *parts], place)
    closed = _("该病种不得对基层写出病名。")
    words |= dict.fromkeys(names_closed_to_area_staff(signal.condition), closed)
    return words


def _locked_product(actor: Actor, product_id: UUID, expected_version: int) -> WarningProduct:
    access_product(actor, product_id)
    product = WarningProduct.objects.select_for_update().get(pk=product_id)
    if product.state != ProductState.FORMED or product.version != expected_version:
        raise ProductMoved
    return product
