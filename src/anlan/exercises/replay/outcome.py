"""What a replay showed: one line a day, and every figure of the table, read from the district's rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from anlan.affairs.models import Admission, GateEntry
from anlan.affairs.rules import Outcome as AtGate
from anlan.exercises.replay.count_list import CountList
from anlan.exercises.replay.ground import Ground, practising
from anlan.exercises.replay.read import Listed
from anlan.exercises.replay.rows import BadRow
from anlan.exercises.replay.script_orders import CO_RESPONSE
from anlan.exercises.replay.sending import Delivery, Parcel
from anlan.foundation.clock import day_of
from anlan.foundation.models import Envelope
from anlan.health.models import CaseReport, CountLine
from anlan.response.models import LiftingNotice, PlanProposal
from anlan.surveillance.models import HeldFinding, Signal, SignalReason, WarningProduct, WarningReceipt
from anlan.surveillance.rules import OPEN_STATES
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import OPEN_STAGES


class RowsLost(RuntimeError):
    """The house holds fewer reports or numbers than it took: the sum of rows would be a lie."""


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of the replay."""

    day: date
    reports: int
    reports_so_far: int
    counted: int
    signals_opened: int
    signals_open: int
    orders_opened: int
    orders_closed: int


@dataclass(slots=True)
class Outcome:
    """The figures of the table; rows = rows_stored + rows_rejected + rows_duplicate."""

    district: str
    kind: str = "line_list"  # or daily_counts
    rows: int = 0
    rows_stored: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    cases_stored: int = 0
    numbers_stored: int = 0
    counted_in_all: int = 0
    first_report: date | None = None  # of a file of counts: the first day with a count above none
    first_signal_at: datetime | None = None
    first_signal_rule: str = ""
    first_signal_words: str = ""
    first_signal_count: int | None = None  # what its rule had counted when it was raised
    cases_known_then: int = 0
    signals: int = 0
    signals_closed: int = 0
    signals_open: int = 0
    findings_held: int = 0  # by the alert budget
    products_signed: int = 0
    products_answered: int = 0
    areas_warned: int = 0
    areas_answered: int = 0
    posts_told: int = 0
    plans_proposed: int = 0
    plans_activated: int = 0
    plans_lifted: int = 0
    lifting_told: int = 0
    lifting_answered: int = 0
    orders_opened: int = 0
    orders_closed: int = 0
    orders_open: int = 0
    orders_withdrawn: int = 0
    co_responses: int = 0
    co_responses_done: int = 0
    gate_passed: int = 0
    gate_held: int = 0
    emergencies: int = 0
    emergencies_reviewed: int = 0
    last_report: date | None = None
    all_closed_on: date | None = None
    borders: int = 0
    borders_are_made_up: bool = False
    days: list[DayLine] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the outcome with dates as text."""
        return asdict(self)


def measure(ground: Ground, listed: Listed, sent: Sequence[Delivery], days: list[DayLine]) -> Outcome:
    """Count what the practice district holds now."""
    outcome = Outcome(ground.code, days=days, borders=ground.border_count)
    outcome.kind = "daily_counts" if isinstance(listed, CountList) else "line_list"
    outcome.borders_are_made_up = ground.borders_are_made_up
    own = {"area_code__startswith": ground.code}
    with practising(ground):
        _rows(outcome, listed, [parcel for delivery in sent for parcel in delivery.parcels], own)
        _signals(outcome, own)
        _answers(outcome, own)
        _orders(outcome, own)
    return outcome


def _rows(outcome: Outcome, listed: Listed, parcels: Sequence[Parcel], own: dict[str, str]) -> None:
    """Say of every row what became of it; raise RowsLost where the house has less than it took."""
    outcome.rows = listed.row_count
    states = {
        key: (state, why)
        for key, state, why in Envelope.objects.filter(**own).values_list("key", "state", "problem")
    }
    bad = {row.row: row for row in listed.bad_rows}
    taken: list[Parcel] = []
    for parcel in parcels:
        state, why = states.get(parcel.key, ("", ""))
        if state == Envelope.State.APPLIED:
            taken.append(parcel)
            continue
        reason = f"收件箱未入账 / the inbox did not apply it: {state} {why}".rstrip(": ")
        bad |= {row: BadRow(row, reason) for row in parcel.rows}
    outcome.bad_rows = [bad[row] for row in sorted(bad)]
    outcome.rows_duplicate = sum(row.outcome == "duplicate" for row in outcome.bad_rows)
    outcome.rows_rejected = len(outcome.bad_rows) - outcome.rows_duplicate
    outcome.rows_stored = outcome.rows - len(outcome.bad_rows)
    reports = CaseReport.objects.filter(**own)
    outcome.cases_stored = reports.count()
    numbers = CountLine.objects.filter(**own)
    outcome.numbers_stored = numbers.count()
    wanted = sum(one.reports for one in taken), sum(one.lines for one in taken)
    if outcome.cases_stored < wanted[0] or outcome.numbers_stored < wanted[1]:
        raise RowsLost(f"{outcome.cases_stored} reports, {outcome.numbers_stored} numbers of {wanted}")
    outcome.counted_in_all = sum(numbers.values_list("count", flat=True)) + outcome.cases_stored
    seen = [day_of(at) for at in reports.order_by("reported_at").values_list("reported_at", flat=True)]
    seen += numbers.filter(count__gt=0).order_by("sheet__on").values_list("sheet__on", flat=True)
    outcome.first_report, outcome.last_report = min(seen, default=None), max(seen, default=None)


def _signals(outcome: Outcome, own: dict[str, str]) -> None:
    signals = Signal.objects.filter(**own).order_by("raised_at", "id")
    outcome.signals, outcome.signals_open = signals.count(), signals.filter(state__in=OPEN_STATES).count()
    ended = signals.filter(closed_at__isnull=False)
    outcome.signals_closed = ended.count()
    outcome.findings_held = HeldFinding.objects.filter(signal_id=None, **own).count()
    _first_signal(outcome, signals.first(), own)
    last_closed = ended.order_by("-closed_at").values_list("closed_at", flat=True).first()
    if outcome.signals_closed == outcome.signals and last_closed is not None:
        outcome.all_closed_on = day_of(last_closed)


def _first_signal(outcome: Outcome, signal: Signal | None, own: dict[str, str]) -> None:
    if signal is None:
        return
    outcome.first_signal_at = at = signal.raised_at
    reason = SignalReason.objects.filter(signal=signal).order_by("at", "id").first()
    raised = signal.steps.filter(act="raise").first()
    outcome.first_signal_rule = reason.rule if reason else ""
    outcome.first_signal_words = raised.note if raised else ""
    outcome.cases_known_then = CaseReport.objects.filter(reported_at__lte=at, **own).count()


def _answers(outcome: Outcome, own: dict[str, str]) -> None:
    products = WarningProduct.objects.filter(signed_at__isnull=False, **own)
    outcome.products_signed = products.count()
    outcome.products_answered = products.filter(answered_at__isnull=False).count()
    receipts = WarningReceipt.objects.filter(**own)
    areas = receipts.filter(role="")  # posts told besides are counted apart
    outcome.areas_warned = _different(areas)
    outcome.areas_answered = _different(areas.filter(acknowledged_at__isnull=False))
    outcome.posts_told = receipts.exclude(role="").values("area_code", "role").distinct().count()
    plans = PlanProposal.objects.filter(**own)
    outcome.plans_proposed = plans.count()
    outcome.plans_activated = plans.filter(state__in=("running", "lifted")).count()
    outcome.plans_lifted = plans.filter(lifted_at__isnull=False).count()
    told = LiftingNotice.objects.filter(**own)
    outcome.lifting_told = told.count()
    outcome.lifting_answered = told.filter(acknowledged_at__isnull=False).count()


def _different(receipts: QuerySet[WarningReceipt]) -> int:
    return receipts.values("area_code").distinct().count()


def _orders(outcome: Outcome, own: dict[str, str]) -> None:
    orders = WorkOrder.objects.filter(**own)
    outcome.orders_opened = orders.count()
    outcome.orders_open = orders.filter(stage__in=OPEN_STAGES).count()
    outcome.orders_withdrawn = orders.filter(steps__act="withdraw").distinct().count()
    outcome.orders_closed = outcome.orders_opened - outcome.orders_open
    asked = orders.filter(kind=CO_RESPONSE)
    outcome.co_responses = asked.count()
    outcome.co_responses_done = asked.filter(steps__act="feed_back").distinct().count()
    entries = GateEntry.objects.filter(**own)
    outcome.gate_passed = entries.filter(outcome=AtGate.PASSED).count()
    outcome.gate_held = entries.filter(outcome=AtGate.HELD).count()
    emergencies = Admission.objects.filter(is_emergency=True, **own)
    outcome.emergencies = emergencies.count()
    outcome.emergencies_reviewed = emergencies.filter(reviewed_at__isnull=False).count()
