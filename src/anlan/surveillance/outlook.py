"""What the coming week of a running event may bring: a forecast with its range, and Rt; or why there is none.

Counted are the reports behind the event by the day they came, so that no late report is missing from the last
days. See docs/detectors/forecast.md and reproduction.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.scope import duty
from anlan.health.pack import Disease, SerialInterval
from anlan.health.queries import condition_named, visible_reports
from anlan.surveillance.models import Signal
from early_warning.forecast import forecast
from early_warning.reproduction import estimate_reproduction, serial_interval

WEEK = 7
WEEKS = 12  # of the past that the forecast learns from; before the first report they are true zeros
LEAST_WEEKS = 2  # since the first report
LEAST_REPORTS = 10
LEAST_IN_WINDOW = 11  # cases in a window below which Rt says little (Cori et al. 2013)
LEVELS = (0.1, 0.5, 0.9)


class WhyNot(StrEnum):
    """Why nothing is forecast."""

    NO_REPORTS = "no_reports"  # known by counts alone
    TOO_SHORT = "too_short"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Rt of the last seven whole days, with its 95 % interval, and the serial interval it was made with."""

    mean: float
    low: float
    high: float
    condition: str
    interval: SerialInterval
    is_checked: bool  # somebody has compared the pack's interval with its paper


@dataclass(frozen=True, slots=True)
class Outlook:
    """The last seven whole days and the coming seven of an event; `why_not` where these are not forecast.

    `low` to `high` holds the coming week's reports four times out of five.
    """

    last_week: int
    why_not: WhyNot | None = None
    low: int = 0
    middle: int = 0
    high: int = 0
    reproduction: Reproduction | None = None


def outlooks(actor: Actor, signals: Sequence[Signal], now: datetime) -> dict[UUID, Outlook]:
    """Return the outlook of each of these signals, which the actor sees; no report is handed out."""
    behind = {report for signal in signals for report in signal.report_ids}
    with duty("foresee", ranges=actor.ranges, cause="outlook"):
        rows = visible_reports(actor).filter(pk__in=behind)
        came = {key: day_of(at) for key, at in rows.values_list("pk", "reported_at")}
    today = day_of(now)
    return {signal.pk: _outlook(signal, came, today) for signal in signals}


def _outlook(signal: Signal, came: Mapping[UUID, date], today: date) -> Outlook:
    days = [came[key] for key in signal.report_ids if key in came and came[key] < today]
    counts = by_day(days, until=today)
    last_week = int(counts[-WEEK:].sum())
    why_not = _why_not(signal, days, today)
    if why_not is not None:
        return Outlook(last_week, why_not)
    weeks = counts.reshape(WEEKS, WEEK).sum(axis=1)
    low, middle, high = forecast(weeks, 1, levels=LEVELS).quantiles[:, 0, 0]
    return Outlook(
        last_week, None, int(np.floor(low)), round(middle), int(np.ceil(high)), _reproduction(signal, counts)
    )


def by_day(days: Iterable[date], *, until: date) -> NDArray[np.float64]:
    """Return how many of these days fall on each of the last twelve weeks' days, `until` excluded."""
    counted = Counter(days)
    return np.array([counted[until - timedelta(days=back)] for back in range(WEEKS * WEEK, 0, -1)], float)


def _why_not(signal: Signal, days: Sequence[date], today: date) -> WhyNot | None:
    if not signal.report_ids:
        return WhyNot.NO_REPORTS
    if not days or (today - min(days)).days < LEAST_WEEKS * WEEK:
        return WhyNot.TOO_SHORT
    return WhyNot.TOO_FEW if len(days) < LEAST_REPORTS else None


def _reproduction(signal: Signal, counts: NDArray[np.float64]) -> Reproduction | None:
    """Return Rt where the pack knows the disease's serial interval and the week had cases enough."""
    disease = condition_named(signal.condition)
    interval = disease.serial_interval if isinstance(disease, Disease) else None
    if disease is None or interval is None or counts[-WEEK:].sum() < LEAST_IN_WINDOW:
        return None
    weights = serial_interval(interval.mean_days, interval.sd_days, counts.size)
    found = estimate_reproduction(counts, weights, window=WEEK)
    low, _middle, high = found.quantiles[:, 0, -1]
    mean = found.mean[0, -1]
    return Reproduction(
        mean=round(float(mean), 1),
        low=round(float(low), 1),
        high=round(float(high), 1),
        condition=signal.condition,
        interval=interval,
        is_checked=not disease.check_before_use,
    )
