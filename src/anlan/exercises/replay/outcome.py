"""What a replay showed: one line a day, and the table at its end."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from anlan.exercises.replay.ground import Ground, practising
from anlan.exercises.replay.line_list import LineList
from anlan.foundation.clock import SHANGHAI, day_of
from anlan.health.models import CaseReport
from anlan.surveillance.models import Signal, SignalReason, WarningReceipt
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import Stage


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of the replay."""

    day: date
    reports: int
    reports_so_far: int
    signals_opened: int
    signals_open: int
    orders_opened: int
    orders_closed: int


@dataclass(slots=True)
class Outcome:
    """The figures of the table."""

    district: str
    rows: int = 0
    cases_stored: int = 0
    rows_refused: int = 0
    first_report: date | None = None
    first_signal_at: datetime | None = None
    first_signal_rule: str = ""
    first_signal_words: str = ""
    cases_known_then: int = 0
    signals: int = 0
    signals_closed: int = 0
    areas_warned: int = 0
    areas_answered: int = 0
    orders_opened: int = 0
    orders_closed: int = 0
    last_report: date | None = None
    all_closed_on: date | None = None
    borders: int = 0
    days: list[DayLine] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the outcome with dates as text."""
        return asdict(self)


def measure(ground: Ground, listed: LineList, days: list[DayLine]) -> Outcome:
    """Count what the practice district holds now; every figure is read from its rows."""
    outcome = Outcome(ground.code, days=days, borders=ground.border_count)
    outcome.rows = len(listed.cases) + len(listed.bad_rows)
    outcome.rows_refused = len(listed.bad_rows)
    own = {"area_code__startswith": ground.code}
    with practising(ground):
        reports = CaseReport.objects.filter(**own).order_by("reported_at")
        signals = Signal.objects.filter(**own).order_by("raised_at", "id")
        orders = WorkOrder.objects.filter(**own)
        receipts = WarningReceipt.objects.filter(**own, role="")  # areas; posts told besides are not counted
        outcome.cases_stored = reports.count()
        outcome.signals, outcome.orders_opened = signals.count(), orders.count()
        outcome.signals_closed = signals.filter(closed_at__isnull=False).count()
        outcome.orders_closed = orders.filter(stage=Stage.CLOSED).count()
        outcome.areas_warned = receipts.values("area_code").distinct().count()
        outcome.areas_answered = (
            receipts.filter(acknowledged_at__isnull=False).values("area_code").distinct().count()
        )
        _first_things(outcome, list(reports), signals.first())
        last_closed = signals.filter(closed_at__isnull=False).order_by("-closed_at").first()
        if outcome.signals_closed == outcome.signals and last_closed is not None:
            outcome.all_closed_on = day_of(last_closed.closed_at or last_closed.raised_at)
    return outcome


def _first_things(outcome: Outcome, reports: list[CaseReport], signal: Signal | None) -> None:
    if reports:
        outcome.first_report = day_of(reports[0].reported_at)
        outcome.last_report = day_of(reports[-1].reported_at)
    if signal is None:
        return
    outcome.first_signal_at = signal.raised_at
    reason = SignalReason.objects.filter(signal=signal).order_by("at", "id").first()
    raised = signal.steps.filter(act="raise").first()
    outcome.first_signal_rule = reason.rule if reason else ""
    outcome.first_signal_words = raised.note if raised else ""
    outcome.cases_known_then = sum(report.reported_at <= signal.raised_at for report in reports)


def table(outcome: Outcome) -> str:
    """Return the table at the end, in Chinese and English, as Markdown."""
    moment = outcome.first_signal_at
    rows = [
        ("第一份报告 first report", outcome.first_report),
        ("第一条信号 first signal", f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else "—"),
        ("其规则 its rule", f"{outcome.first_signal_rule}：{outcome.first_signal_words}"),
        ("当时已知病例 cases known by then", outcome.cases_known_then),
        ("病例总数 cases in all", outcome.cases_stored),
        ("信号总数 signals in all", f"{outcome.signals}（已关闭 closed {outcome.signals_closed}）"),
        (
            "被通报的网格 neighbours warned",
            f"{outcome.areas_warned}（已应答 answered {outcome.areas_answered}）",
        ),
        (
            "工单 orders opened and closed",
            f"{outcome.orders_opened} / {outcome.orders_closed}",
        ),
        ("最后一份报告 last report", outcome.last_report),
        ("全部关闭 all closed on", outcome.all_closed_on or "—"),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])
