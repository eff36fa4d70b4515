"""The parts of the desks: ranked signals with their evidence, legal clocks, the shift, what waits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.foundation.actor import Actor
from anlan.health.presenting import ReportLine, report_lines
from anlan.health.queries import awaiting_card
from anlan.organisation.queries import area_names
from anlan.surveillance.clocks import clocks_of_products
from anlan.surveillance.gauge import readings
from anlan.surveillance.handover import silent
from anlan.surveillance.models import Signal, WarningProduct
from anlan.surveillance.presenting import SignalLine, condition_name, signal_lines
from anlan.surveillance.product_parts import ProductLine, product_lines
from anlan.surveillance.queries import (
    open_signals,
    products_to_sign,
    products_unanswered,
    products_unsigned,
    visible_handovers,
)
from anlan.surveillance.rules import SignalState
from anlan.surveillance.signal_parts import GaugeLine, gauge_lines
from anlan.surveillance.words import own_words

SHOWN = 20
CARDS_SHOWN = 6
NAMED = 8  # silent reporters by name, of each form
URGENCY_RANK = {"two_hour": 0, "same_day": 1}


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A signal at the desk: as in a list, with the nearest line of its gauge."""

    line: SignalLine
    gauge: GaugeLine | None


def cdc_parts(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what the CDC's duty desk shows now."""
    signals = list(open_signals(actor).prefetch_related("reasons")[: SHOWN * 3])
    ranked = sorted(signals, key=_rank)[:SHOWN]
    cards = awaiting_card(actor)
    return {
        "shift": visible_handovers(actor).filter(area_code=actor.area_code).first(),
        "own_member": actor.member_id,
        "signals": desk_lines(actor, ranked, now),
        "figures": {
            "raised": sum(signal.state == SignalState.RAISED for signal in signals),
            "verifying": sum(signal.state == SignalState.VERIFYING for signal in signals),
            "late": sum(signal.due_at is not None and signal.due_at < now for signal in signals),
            "cards": cards.count(),
            "cards_late": cards.filter(card_due_at__lt=now).count(),
        },
        "cards": _cards(report_lines(cards.select_related("facility", "group")[:CARDS_SHOWN]), now),
        "silent": silent_lines(actor, now),
        "unanswered": _products(actor, products_unanswered(actor)[:SHOWN], now),
        "unsigned": _products(actor, products_unsigned(actor)[:SHOWN], now),
        "now": now,
    }


def _cards(lines: list[ReportLine], now: datetime) -> list[tuple[ReportLine, str]]:
    """Return each report with its place by name."""
    names = area_names({line.report.area_code for line in lines}, now=now)
    return [(line, names.get(line.place, line.place)) for line in lines]


def silent_lines(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Return, for each form due today, how many have not sent it and the first of them by name."""
    return [
        {
            "name": own_words(title),
            "count": len(names),
            "where": "、".join(names[:NAMED]) + (" …" if len(names) > NAMED else ""),
        }
        for title, names in silent(actor, now)
    ]


def _rank(signal: Signal) -> tuple[int, float, float]:
    """Two-hour diseases first, then by the running clock, then the newest."""
    due = signal.due_at.timestamp() if signal.due_at else float("inf")
    return URGENCY_RANK.get(signal.urgency, 2), due, -signal.raised_at.timestamp()


def desk_lines(actor: Actor, signals: list[Signal], now: datetime) -> list[DeskLine]:
    """Return signals as the desk shows them, in the order given."""
    gauges = readings(actor, signals) if signals else {}
    found = []
    for line in signal_lines(signals, now):
        gauge = gauge_lines(gauges[line.signal.pk])
        found.append(DeskLine(line, gauge[0] if gauge and gauge[0].is_known else None))
    return found


def control_parts(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what the disease-control department's desk shows now."""
    escalated = open_signals(actor).filter(escalated_to=actor.role).prefetch_related("reasons")[:SHOWN]
    signals = open_signals(actor).prefetch_related("reasons")[:SHOWN]
    return {
        "to_sign": _products(actor, products_to_sign(actor)[:SHOWN], now),
        "unanswered": _products(actor, products_unanswered(actor)[:SHOWN], now),
        "escalated": desk_lines(actor, list(escalated), now),
        "signals": desk_lines(actor, list(signals), now),
        "now": now,
    }


@dataclass(frozen=True, slots=True)
class ProductAtDesk:
    """A product at the desk, with the condition and place of its signal."""

    line: ProductLine
    condition: str
    place: str


def _products(actor: Actor, products: Iterable[WarningProduct], now: datetime) -> list[ProductAtDesk]:
    rows = list(products)
    pairs = [pair for row in rows for pair in clocks_of_products(row.signal, [row], now)]
    return [
        ProductAtDesk(
            line,
            condition_name(actor, line.product.signal.condition),
            line.product.signal.place_name,
        )
        for line in product_lines(actor, pairs)
    ]


def sheet_parts(actor: Actor, sheet: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sheet in the words of the page."""
    lines = [
        {
            **row,
            "condition": condition_name(actor, row["condition"]),
            "state": SignalState(row["state"]).label,
            "due_at": datetime.fromisoformat(row["due_at"]) if row["due_at"] else None,
        }
        for row in sheet["signals"]
    ]
    return {"sheet": sheet, "lines": lines}
