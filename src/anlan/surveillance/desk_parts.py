"""The parts of the desks: ranked signals with their evidence, legal clocks, the shift, what waits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.health.presenting import ReportLine, report_lines
from anlan.health.queries import awaiting_card, replies_owed
from anlan.organisation.queries import area_names
from anlan.surveillance.clocks import ClockLine, clocks_of_products, event_clock
from anlan.surveillance.gauge import readings
from anlan.surveillance.handover import silent
from anlan.surveillance.models import Signal, SignalStep, WarningProduct
from anlan.surveillance.presenting import SignalLine, condition_name, own_language, signal_lines
from anlan.surveillance.product_parts import ProductLine, product_lines
from anlan.surveillance.queries import (
    acts_of,
    open_signals,
    products_to_sign,
    products_unanswered,
    products_unsigned,
    visible_handovers,
)
from anlan.surveillance.rules import FROM_STATES, SignalAct, SignalState
from anlan.surveillance.signal_parts import GaugeLine, gauge_lines, record_words, source_words, sources_of
from anlan.surveillance.verdicts import held_findings, rule_records
from anlan.surveillance.words import own_words
from anlan.workorders.rules import REPLY_WITHIN

SHOWN = 20
CARDS_SHOWN = 6
NAMED = 8  # silent reporters by name, of each form
HELD_FOR, HELD_SHOWN = timedelta(days=7), 6
REPLIES_SHOWN = 4
OWED_FOR = timedelta(days=14)  # how far back reporters are still told
URGENCY_RANK = {"two_hour": 0, "same_day": 1}


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A signal at the desk: as in a list, with the nearest line of its gauge."""

    line: SignalLine
    gauge: GaugeLine | None
    event: ClockLine | None  # the legal clock to report it as an event, while it runs
    sources: str
    record: str  # how often the rule that spoke first was right
    next_act: str
    next_href: str


def cdc_parts(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what the CDC's duty desk shows now."""
    signals = list(open_signals(actor).prefetch_related("reasons")[: SHOWN * 3])
    ranked = sorted(signals, key=_rank)[:SHOWN]
    cards, rows = awaiting_card(actor), desk_lines(actor, ranked, now)
    return {
        "shift": visible_handovers(actor).filter(area_code=actor.area_code).first(),
        "own_member": actor.member_id,
        "signals": rows,
        "figures": {
            "raised": sum(signal.state == SignalState.RAISED for signal in signals),
            "verifying": sum(signal.state == SignalState.VERIFYING for signal in signals),
            "late": sum(signal.due_at is not None and signal.due_at < now for signal in signals),
            "cards": cards.count(),
            "cards_late": cards.filter(card_due_at__lt=now).count(),
        },
        "cards": _cards(report_lines(cards.select_related("facility", "group")[:CARDS_SHOWN], now), now),
        "silent": silent_lines(actor, now),
        "unanswered": _products(actor, products_unanswered(actor)[:SHOWN], now),
        "unsigned": _products(actor, products_unsigned(actor)[:SHOWN], now),
        "events": [row for row in rows if row.event],
        "held": held_lines(actor, now),
        "replies": _replies(actor, now),
        "now": now,
    }


def held_lines(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Return what the alert budget held back lately: nobody was rung for it, the desk may read it."""
    recent = held_findings(actor).filter(on__gt=day_of(now) - HELD_FOR)[:HELD_SHOWN]
    return [
        {"on": row.on, "place": row.place_name, "words": own_language(row.words_zh, row.words_en)}
        for row in recent
    ]


def _replies(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return how many reporters wait for word, how many for more than a day, and the longest waiting."""
    owed = replies_owed(actor, since=now - OWED_FOR)
    late = owed.filter(reported_at__lt=now - REPLY_WITHIN)
    first = list(owed[:REPLIES_SHOWN])
    names = area_names({row.area_code for row in first}, now=now)
    rows = [
        (row, row.place_name or names.get(row.area_code, row.area_code), row.reported_at + REPLY_WITHIN)
        for row in first
    ]
    return {"count": owed.count(), "late": late.count(), "rows": rows}


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
    if not signals:
        return []
    own = acts_of(actor)
    gauges, came = readings(actor, signals), sources_of(actor, signals)
    records = {record.rule: record for record in rule_records(actor)}
    reported = SignalStep.objects.filter(signal__in=signals, act=SignalAct.EVENT)
    steps: dict[UUID, list[SignalStep]] = {}
    for step in reported:
        steps.setdefault(step.signal_id, []).append(step)
    found = []
    for line in signal_lines(signals, now):
        signal = line.signal
        gauge = gauge_lines(gauges[signal.pk])
        event = event_clock(signal, gauges[signal.pk], steps.get(signal.pk, []), now)
        rule = next((reason.rule for reason in signal.reasons.all()), "")
        found.append(
            DeskLine(
                line,
                gauge[0] if gauge and gauge[0].is_known else None,
                event if event and event.done_at is None else None,
                source_words(came[signal.pk]),
                record_words(records.get(rule)),
                *next_step(signal, own),
            )
        )
    return found


def next_step(signal: Signal, own: frozenset[SignalAct]) -> tuple[str, str]:
    """Return what the post with these acts does next about a signal, and where; nothing in another's turn."""
    page = reverse("signal", args=[signal.pk]) + "#acts"
    turn = {act for act in own if signal.state in FROM_STATES[act]}
    if SignalAct.ACKNOWLEDGE in turn:
        return _("响应"), page
    if SignalAct.VERIFY in turn:
        return _("核实或排除"), page
    if SignalAct.ASSESS in turn and not signal.grade:
        return _("评估"), reverse("signal_assess", args=[signal.pk])
    return "", ""


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
