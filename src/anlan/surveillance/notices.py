"""Find whom a signed product concerns, and hand each receiver a row of their own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.live import announce_change
from anlan.foundation.pack_store import section
from anlan.foundation.scope import duty
from anlan.organisation.models import Facility
from anlan.organisation.pack import FacilityKind
from anlan.organisation.queries import (
    area_names,
    is_vacant,
    post_role,
    posts_covering_any,
)
from anlan.organisation.rules import CODE_LENGTH, AreaLevel
from anlan.surveillance.models import Signal, SignalStep, WarningProduct, WarningReceipt
from anlan.surveillance.pack import WarningProduct as ProductKind
from anlan.surveillance.queries import NOTIFICATION, concerned_areas, product_kind
from anlan.surveillance.rules import ProductState

NONE_FURTHER: Mapping[str, str] = {}
POST = "post"  # a receiver because of the post's duty
AREA_PURPOSE = "grid_work"  # posts of this purpose answer for their area; the area is told


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is told: an area (`role` empty), or a kind of post at an area."""

    area_code: str
    role: str
    link_kind: str
    name: str = ""


def receivers_of(
    signal: Signal, kind: ProductKind, now: datetime, further: Mapping[str, str] = NONE_FURTHER
) -> list[Receiver]:
    """Return whom a product of this kind is handed to: concerned areas, and held posts that serve them.

    `further` are areas beside those the signal itself concerns, each with why.
    """
    areas = {**concerned_areas(signal, now), **further}
    found: list[Receiver] = []
    for key in kind.sent_to:
        role = post_role(key)
        if role is None or not _is_told(key, kind, signal):
            continue
        if AREA_PURPOSE in role.purposes:
            names = area_names(areas, now=now)
            found += [Receiver(code, "", why, names.get(code, code)) for code, why in areas.items()]
        else:
            found += _posts(key, [signal.area_code, *areas], now)
    return list({(one.area_code, one.role): one for one in found}.values())


def _is_told(role: str, kind: ProductKind, signal: Signal) -> bool:
    """Say whether a post that is told only for certain units has one of them before it."""
    groups = kind.told_only_for.get(role)
    if groups is None:
        return True
    kinds = {row.key for row in section(FacilityKind) if row.group in groups}
    units = [place.removeprefix("unit:") for place in signal.places if place.startswith("unit:")]
    return Facility.objects.filter(pk__in=units, kind__in=kinds).exists()


def _posts(role: str, codes: Iterable[str], now: datetime) -> list[Receiver]:
    """Return the held posts of a role that serve any of these areas."""
    posts = posts_covering_any(role, codes, now=now).exclude(is_vacant(now=now))
    return [
        Receiver(
            post.area_code,
            role,
            POST,
            f"{post.facility.name if post.facility else ''} {post.title}".strip(),
        )
        for post in posts.select_related("facility")
    ]


def hand_over(
    signal: Signal, product: WarningProduct, now: datetime, further: Mapping[str, str] = NONE_FURTHER
) -> int:
    """Give each receiver that has not been told a row of its own; return how many were told now."""
    kind = product_kind(product.kind)
    receivers = receivers_of(signal, kind, now, further)
    known = AreaRanges.of([*(one.area_code for one in receivers), signal.area_code])
    with duty("notify_neighbours", ranges=known, cause=str(signal.pk)):
        told = set(WarningReceipt.objects.filter(product_id=product.pk).values_list("area_code", "role"))
        new = [one for one in receivers if (one.area_code, one.role) not in told]
        _write(signal, product, new, now)
    return len(new)


def pass_on_to_new_areas(signal: Signal, now: datetime, further: Mapping[str, str] = NONE_FURTHER) -> int:
    """Hand a signed notice to areas the signal has come to concern since; return how many."""
    product = signal.products.filter(kind=NOTIFICATION, signed_at__isnull=False).first()
    if product is None:
        return 0
    count = hand_over(signal, product, now, further)
    if count:
        product.state, product.answered_at, product.fed_back_at = ProductState.PASSED_ON, None, None
        product.save(update_fields=["state", "answered_at", "fed_back_at"])
        SignalStep.objects.create(
            signal=signal, area_code=signal.area_code, act="passed_on", at=now, note=str(count)
        )
    return count


def _write(signal: Signal, product: WarningProduct, new: list[Receiver], now: datetime) -> None:
    around = signal.area_code[: CODE_LENGTH[AreaLevel.COMMUNITY]]  # a special grid bears the name of its unit
    own_name = area_names([around], now=now).get(around, "")
    minutes = product_kind(product.kind).answer_minutes
    rows = [
        WarningReceipt(
            area_code=one.area_code,
            role=one.role,
            receiver=one.name,
            product_id=product.pk,
            kind=product.kind,
            text=product.text,
            from_area=own_name,
            link_kind=one.link_kind,
            sent_at=now,
            due_at=now + timedelta(minutes=minutes) if minutes else None,
        )
        for one in sorted(new, key=lambda one: (one.area_code, one.role))
    ]
    WarningReceipt.objects.bulk_create(rows)
    for code in {one.area_code for one in new}:
        announce_change("warnings", code)
    audit.record(
        "pass_on_warning",
        "surveillance.WarningReceipt",
        [row.pk for row in rows],
        area_code=signal.area_code,
    )
