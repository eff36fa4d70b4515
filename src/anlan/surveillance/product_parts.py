"""How warning products are put before people: a line, the four stages, the receivers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from anlan.foundation.actor import Actor
from anlan.surveillance.clocks import ClockLine
from anlan.surveillance.forms import PlacesForm, SignForm
from anlan.surveillance.models import WarningProduct, WarningReceipt
from anlan.surveillance.queries import (
    may_remind,
    may_sign,
    may_write,
    product_kind,
    receipts_of,
)
from anlan.surveillance.rules import ProductState, open_places
from anlan.surveillance.wording import places_of
from anlan.surveillance.words import own_words

ORDER = (ProductState.FORMED, ProductState.PASSED_ON, ProductState.ANSWERED, ProductState.FED_BACK)


@dataclass(frozen=True, slots=True)
class ProductLine:
    """One product as a row of a list."""

    product: WarningProduct
    title: str
    state: str
    state_kind: str
    due_at: datetime | None
    told: int
    answered: int
    fed_back: int


def product_lines(
    actor: Actor, products: Iterable[tuple[WarningProduct, list[ClockLine]]]
) -> list[ProductLine]:
    """Return the rows of a list of products, each with how many receivers have done what."""
    pairs = list(products)
    by_product: dict[object, list[WarningReceipt]] = {}
    for receipt in receipts_of(actor, [product for product, _clocks in pairs]):
        by_product.setdefault(receipt.product_id, []).append(receipt)
    return [_line(product, clocks, by_product.get(product.pk, [])) for product, clocks in pairs]


def _line(product: WarningProduct, clocks: list[ClockLine], receipts: list[WarningReceipt]) -> ProductLine:
    running = next((clock for clock in clocks if clock.done_at is None), None)
    done = product.state in {ProductState.ANSWERED, ProductState.FED_BACK, ProductState.WITHDRAWN}
    late = running is not None and running.is_late and not done
    return ProductLine(
        product=product,
        title=own_words(product_kind(product.kind).title),
        state=str(ProductState(product.state).label),
        state_kind="done" if done else "overdue" if late else "working",
        due_at=running.due_at if running and not done else None,
        told=len(receipts),
        answered=sum(row.acknowledged_at is not None for row in receipts),
        fed_back=sum(row.fed_back_at is not None for row in receipts),
    )


def stages(product: WarningProduct, receipts: Iterable[WarningReceipt]) -> list[dict[str, Any]]:
    """Return 形成 → 传递 → 应答 → 反馈, each with when and who."""
    rows = list(receipts)
    answers = sorted((row for row in rows if row.acknowledged_at), key=lambda row: row.acknowledged_at or 0)
    told = [row for row in rows if row.fed_back_at]
    signer = f"{product.signed_by.title if product.signed_by else ''} {product.signer_name}".strip()
    who = {
        ProductState.FORMED: f"{product.formed_by_title} {product.formed_by_name}".strip(),
        ProductState.PASSED_ON: signer,
        ProductState.ANSWERED: f"{len(answers)}/{len(rows)}" if rows else "",
        ProductState.FED_BACK: f"{len(told)}/{len(rows)}" if rows else "",
    }
    when = {
        ProductState.FORMED: product.formed_at,
        ProductState.PASSED_ON: product.signed_at,
        ProductState.ANSWERED: product.answered_at,
        ProductState.FED_BACK: product.fed_back_at,
    }
    return [
        {"label": stage.label, "when": when[stage], "who": who[stage], "state": _state(stage, when, product)}
        for stage in ORDER
    ]


def _state(stage: ProductState, when: Mapping[ProductState, datetime | None], product: WarningProduct) -> str:
    if when[stage] is not None:
        return "done"
    waiting = next((one for one in ORDER if when[one] is None), None)
    if stage is not waiting:
        return "ahead"
    return "late" if product.late_at else "now"


def receiver_lines(
    receipts: Iterable[WarningReceipt], names: Mapping[str, str], now: datetime
) -> list[dict[str, Any]]:
    """Return who was told, by name, with answer and feedback, those who have not answered first."""
    lines = [
        {
            "row": row,
            "name": row.receiver or names.get(row.area_code, row.area_code),
            "is_late": row.acknowledged_at is None and row.due_at is not None and row.due_at < now,
        }
        for row in receipts
    ]
    return sorted(lines, key=lambda line: line["row"].acknowledged_at is not None)


def places_form(actor: Actor, product: WarningProduct, sent: Any = None) -> PlacesForm | None:
    """Return the form for the places of a product, where this post may write it."""
    if not may_write(actor, product):
        return None
    template = product_kind(product.kind).template
    names = places_of([template.plain.zh, template.large_type.zh, template.broadcast.zh])
    return PlacesForm(
        sent, names=names, known=product.places, initial={"version": product.version}, auto_id="places-%s"
    )


def sign_form(actor: Actor, product: WarningProduct, sent: Any = None) -> SignForm | None:
    """Return the form to sign a product, where this post may."""
    if not may_sign(actor, product):
        return None
    fields = ("version", "text", "text_large", "text_broadcast")
    initial = {name: getattr(product, name) for name in fields}
    must_say = product_kind(product.kind).must_say
    return SignForm(sent, must_say=must_say, initial=initial, auto_id="sign-%s")


def product_parts(
    actor: Actor,
    product: WarningProduct,
    names: Mapping[str, str],
    now: datetime,
    forms_sent: Mapping[str, forms.Form],
) -> dict[str, Any]:
    """Return what the page shows of a product to this reader."""
    kind = product_kind(product.kind)
    receipts = list(receipts_of(actor, [product]))
    waiting = product.state == ProductState.PASSED_ON
    return {
        "product": product,
        "title": own_words(kind.title),
        "audience": own_words(kind.audience),
        "state": str(ProductState(product.state).label),
        "versions": versions(product),
        "must_say": [own_words(point) for point in kind.must_say],
        "must_not_say": [own_words(point) for point in kind.must_not_say],
        "is_open": any(open_places(version["text"]) for version in versions(product)),
        "stages": stages(product, receipts),
        "receivers": receiver_lines(receipts, names, now),
        "places_form": forms_sent.get("write") or places_form(actor, product),
        "sign_form": forms_sent.get("sign") or sign_form(actor, product),
        "may_remind": waiting and may_remind(actor, product),
    }


def versions(product: WarningProduct) -> list[dict[str, str]]:
    """Return the three versions of a product: key and words."""
    texts = {"plain": product.text, "large": product.text_large, "broadcast": product.text_broadcast}
    return [{"key": key, "text": text} for key, text in texts.items() if text]
