"""Form a notice from an assessed signal, find whom it concerns, and hand each a row of their own."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import SHANGHAI
from anlan.foundation.live import announce_change
from anlan.foundation.scope import duty
from anlan.health.queries import grids_of_reports
from anlan.organisation.queries import area_names, neighbours_of
from anlan.surveillance.models import Signal, SignalStep, WarningProduct, WarningReceipt
from anlan.surveillance.pack import RiskGrade
from anlan.surveillance.queries import NOTIFICATION, disease_for_area_staff, product_kind
from anlan.surveillance.rules import PLACE_WORDS, ProductState, fill

HOME = "home"  # a receiver because people behind the signal live there
SHARED_PLACES = frozenset({"class", "dormitory", "unit"})
WIDE_PLACES = frozenset({"community", "subdistrict", "district"})


def form_notification(signal: Signal, grade: RiskGrade, now: datetime) -> None:
    """Write the notice as far as the signal tells; what it does not stays open for the signer."""
    known = {
        "场所类别": PLACE_WORDS.get(signal.place_kind, "场所"),
        "疾病": disease_for_area_staff(signal.condition),
        "等级": grade.title.zh,
        "时限": f"{(now + timedelta(days=1)).astimezone(SHANGHAI):%m月%d日 %H:%M}",
        "任务": "提醒学校和养老机构，留意症状，核对物资，确定联系人",
        "症状": "类似症状",
        "联系人": "社区卫生服务中心防疫专干",
        "电话": "区疾控中心值班电话",
    }
    WarningProduct.objects.get_or_create(
        signal=signal,
        kind=NOTIFICATION,
        defaults={
            "area_code": signal.area_code,
            "text": fill(product_kind(NOTIFICATION).template.plain.zh, known),
            "formed_at": now,
        },
    )


def concerned_areas(signal: Signal, now: datetime) -> dict[str, str]:
    """Return the areas a signal concerns, each with why: a border, a declared link, or homes.

    A place inside one grid concerns that grid's neighbours; a class or unit also the grids where its people
    live; a signal over a whole community or more, the grids with cases and their neighbours.
    """
    homes = grids_of_reports(signal.report_ids)
    if signal.place_kind in WIDE_PLACES:
        around = [pair for home in homes for pair in neighbours_of(home, now=now)]
    else:
        around = neighbours_of(signal.area_code, now=now)
    concerned = dict(around)
    if signal.place_kind in SHARED_PLACES | WIDE_PLACES:
        concerned.update(dict.fromkeys(homes, HOME))
    concerned.pop(signal.area_code, None)
    return concerned


def hand_over(signal: Signal, product: WarningProduct, now: datetime) -> int:
    """Give each concerned area that has not been told a row of its own; return how many were told now."""
    concerned = concerned_areas(signal, now)
    known = AreaRanges.of([*concerned, signal.area_code])
    with duty("notify_neighbours", ranges=known, cause=str(signal.pk)):
        told = set(WarningReceipt.objects.filter(product_id=product.pk).values_list("area_code", flat=True))
        new = {code: kind for code, kind in concerned.items() if code not in told}
        _write(signal, product, new, now)
    return len(new)


def pass_on_to_new_areas(signal: Signal, now: datetime) -> int:
    """Hand a signed notice to areas the signal has come to concern since; return how many."""
    product = signal.products.filter(kind=NOTIFICATION, signed_at__isnull=False).first()
    if product is None:
        return 0
    count = hand_over(signal, product, now)
    if count:
        product.state = ProductState.PASSED_ON
        product.save(update_fields=["state"])
        SignalStep.objects.create(
            signal=signal, area_code=signal.area_code, act="passed_on", at=now, note=str(count)
        )
    return count


def _write(signal: Signal, product: WarningProduct, new: dict[str, str], now: datetime) -> None:
    own_name = area_names([signal.area_code], now=now).get(signal.area_code, "")
    minutes = product_kind(product.kind).answer_minutes
    rows = [
        WarningReceipt(
            area_code=code,
            product_id=product.pk,
            kind=product.kind,
            text=product.text,
            from_area=own_name,
            link_kind=kind,
            sent_at=now,
            due_at=now + timedelta(minutes=minutes) if minutes else None,
        )
        for code, kind in sorted(new.items())
    ]
    WarningReceipt.objects.bulk_create(rows)
    _announce(new)
    audit.record(
        "pass_on_warning",
        "surveillance.WarningReceipt",
        [row.pk for row in rows],
        area_code=signal.area_code,
    )


def _announce(codes: Iterable[str]) -> None:
    for code in codes:
        announce_change("warnings", code)
