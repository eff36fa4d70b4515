"""The clocks of a signal and of its products as the pack sets them: when each began, must end, and did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.foundation.pack_store import section
from anlan.foundation.packs import Text
from anlan.surveillance.gauge import Reading
from anlan.surveillance.models import Signal, SignalStep, WarningProduct
from anlan.surveillance.pack import Clock
from anlan.surveillance.queries import product_clock
from anlan.surveillance.rules import SignalAct

# step of the pack's clock: the act it is counted from (none: the raising), the acts that end it
RUNS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    SignalAct.ACKNOWLEDGE: (None, (SignalAct.ACKNOWLEDGE,)),
    SignalAct.VERIFY: (SignalAct.ACKNOWLEDGE, (SignalAct.VERIFY, SignalAct.EXCLUDE)),
    SignalAct.FIELD: (SignalAct.ACKNOWLEDGE, (SignalAct.FIELD, SignalAct.EXCLUDE)),
    SignalAct.ASSESS: (SignalAct.VERIFY, (SignalAct.ASSESS,)),
}


EVENT_TITLE = Text(zh="报告突发公共卫生事件", en="Report as a public health emergency event")


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock: running (`done_at` None) or ended; `told` is the role told when it has run out."""

    title: Text
    due_at: datetime
    done_at: datetime | None
    is_late: bool
    told: str


def clocks_of(signal: Signal, steps: Iterable[SignalStep], now: datetime) -> list[ClockLine]:
    """Return the clocks of a signal that have begun, in the pack's order."""
    first: dict[str, datetime] = {}
    for step in sorted(steps, key=lambda step: (step.at, step.pk)):
        first.setdefault(step.act, step.at)
    found = []
    for clock in section(Clock):
        if clock.of == "signal" and clock.step in RUNS:
            begins_with, ends_with = RUNS[clock.step]
            began = signal.raised_at if begins_with is None else first.get(begins_with)
            ended = min((first[act] for act in ends_with if act in first), default=signal.closed_at)
            if began is not None:
                found.append(_line(clock, signal, began, ended, now))
    return found


def event_clock(
    signal: Signal, found: Iterable[Reading], steps: Iterable[SignalStep], now: datetime
) -> ClockLine | None:
    """Return the legal clock to report the happening as an event, once a line of the gauge is reached.

    It runs from the report that reached the line to the step that says it was reported.
    """
    reached = [one.reached_at + timedelta(hours=one.gauge.report_hours) for one in found if one.reached_at]
    if not reached:
        return None
    due, done = min(reached), min((step.at for step in steps if step.act == SignalAct.EVENT), default=None)
    return ClockLine(EVENT_TITLE, due, done, (done or now) > due, "")


def clocks_of_products(
    signal: Signal, products: Iterable[WarningProduct], now: datetime
) -> list[tuple[WarningProduct, list[ClockLine]]]:
    """Return each product with its clocks to be signed and to be answered, as far as they have begun."""
    sign, answer = product_clock("sign"), product_clock("answer")
    found = []
    for product in products:
        lines = []
        if sign is not None:
            lines.append(_line(sign, signal, product.formed_at, product.signed_at, now))
        if answer is not None and product.signed_at and product.answer_due_at:
            is_late = (product.answered_at or now) > product.answer_due_at
            lines.append(
                ClockLine(
                    answer.title, product.answer_due_at, product.answered_at, is_late, answer.then or ""
                )
            )
        found.append((product, lines))
    return found


def _line(clock: Clock, signal: Signal, began: datetime, ended: datetime | None, now: datetime) -> ClockLine:
    is_two_hour = signal.urgency == "two_hour"
    due = began + timedelta(
        minutes=clock.limit_minutes(is_night=clock.is_night(began), is_two_hour=is_two_hour)
    )
    return ClockLine(clock.title, due, ended, (ended or now) > due, clock.then or "")
