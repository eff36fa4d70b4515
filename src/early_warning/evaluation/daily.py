"""The 16 daily signals of Noufaily et al. 2019, regenerated from a seed (docs/detectors/benchmark.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..panel import Calendar, Panel, Step
from .weekly import SPREAD, Benchmark, draw_counts

Floats = NDArray[np.float64]

YEARS = 7
WEEKS = 52 * YEARS
DAYS = 7 * WEEKS
EVALUATED_WEEKS = 49
STARTS_ON = date(2007, 1, 1)  # a Monday
STRENGTHS = (2, 3, 5, 10)
BIN = 0.25  # of the lognormal delay: one bin is one day
AFTER_HOLIDAY = 1.5
# (week of the year, weekday) of eight bank holidays in a year of 52 weeks
HOLIDAYS = ((0, 0), (14, 4), (15, 0), (18, 0), (21, 0), (34, 0), (51, 0), (51, 1))
WEIGHTS = {7: (1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0), 5: (1.5, 1.1, 1.0, 1.0, 1.1)}


@dataclass(frozen=True, slots=True)
class Signal:
    """One syndromic system: `days` a week, year and week harmonics, and a yearly outbreak of its own."""

    days: int
    waves: tuple[int, int]
    alpha: float
    beta: float
    year: tuple[float, float]
    week: tuple[float, float]
    phi: float
    shift: int
    divisor: int = 1
    seasonal: tuple[int, int, int] | None = None  # size in standard deviations, first and last start day


SIGNALS = (
    Signal(7, (1, 2), 6, 0, (0.2, 0.2), (0.5, 0.4), 2, 29),
    Signal(7, (1, 2), 0.5, 0, (1.5, 1.4), (0.5, 0.4), 1, -167),
    Signal(7, (0, 2), 5.5, 0, (0, 0), (0.3, 0.25), 1, 1),
    Signal(7, (0, 2), 2, 0, (0, 0), (0.3, 0.25), 1, 1),
    Signal(5, (1, 1), 6, 0, (0.3, 2), (0.3, 0.5), 1.5, -50, 10, (3 * 5 * 80, 1, 20)),
    Signal(5, (1, 1), 1, 0, (0.1, 2), (0.05, 0.05), 1, -50, 1, (3 * 5 * 50, 1, 20)),
    Signal(5, (0, 1), 6, 0.0001, (0, 0), (0.6, 0.9), 1.5, 0, 10),
    Signal(5, (1, 1), 3, 0, (1.5, 0.1), (0.2, 0.3), 1, -150),
    Signal(5, (1, 1), 3, 0, (0.2, 0.1), (0.05, 0.15), 1, -200),
    Signal(5, (1, 1), 5, 0, (0.2, 0.1), (0.05, 0.1), 1, 0),
    Signal(5, (2, 1), 0.5, 0, (0.4, 0), (0.05, 0.15), 1, 0),
    Signal(5, (1, 1), 9, 0, (0.5, 0.2), (0.2, 0.5), 1, 0, 100),
    Signal(7, (1, 2), 2, 0.0005, (0.8, 0.8), (0.8, 0.4), 4, 57),
    Signal(7, (4, 1), 1.5, 0, (0.1, 0.1), (1.8, 0.1), 1, -85),
    Signal(7, (1, 2), 3, 0, (0.8, 0.6), (0.8, 0.4), 4, 29, 1, (3 * 7 * 150, 210, 230)),
    Signal(7, (0, 2), 6, 0, (0, 0), (0.8, 0.4), 4, 1),
)


def daily_benchmark(*, seed: int, replicates: int = 20) -> tuple[Benchmark, Panel, NDArray[np.bool_]]:
    """Simulate the 16 signals; return the truth, the panel a detector sees, and which days are holidays.

    A day on which a five-day system is closed is a missing report, not a count of zero.
    """
    parts = [
        _replicate(signal, np.random.default_rng([seed, number, replicate]))
        for number, signal in enumerate(SIGNALS)
        for replicate in range(replicates)
    ]
    counts, mean, outbreak, start, strength = (np.array(column) for column in zip(*parts, strict=True))
    truth = Benchmark(
        counts=counts[None],
        mean=mean[None],
        outbreak=outbreak[None],
        dispersion=np.repeat([signal.phi for signal in SIGNALS], replicates),
        start=start,
        strength=strength,
        scenario=np.repeat(np.arange(len(SIGNALS)), replicates),
        evaluated_from=DAYS - 7 * EVALUATED_WEEKS,
    )
    return truth, Panel.of(counts, Calendar(Step.DAY, STARTS_ON)), _holidays()


def _holidays() -> NDArray[np.bool_]:
    holiday = np.zeros(DAYS, bool)
    for year in range(YEARS):
        for week, weekday in HOLIDAYS:
            holiday[(year * 52 + week) * 7 + weekday] = True
    return holiday


def _mean(signal: Signal) -> Floats:
    """Return the mean of each working day of the system."""
    time = np.arange(1, signal.days * WEEKS + 1, dtype=float) + signal.shift
    log_mean = signal.alpha + signal.beta * time
    for (cosine, sine), waves, length in (
        (signal.year, signal.waves[0], 52 * signal.days),
        (signal.week, signal.waves[1], signal.days),
    ):
        for wave in range(1, waves + 1):
            angle = 2 * np.pi * wave * time / length
            log_mean += cosine * np.cos(angle) + sine * np.sin(angle)
    return np.exp(log_mean)


def _replicate(signal: Signal, random: np.random.Generator) -> tuple[Floats, Floats, Floats, int, int]:
    working = (np.arange(DAYS) % 7) < signal.days
    mean = _mean(signal)
    seen = draw_counts(ndtr(random.standard_normal(len(mean))), mean, signal.phi)
    if signal.seasonal is not None:
        size, first, last = signal.seasonal
        for year in range(YEARS):
            start = year * 52 * signal.days + int(random.integers(first, last + 1)) * signal.days // 7
            seen += _outbreak(signal, mean, start, random.poisson(size), random)
    strength = int(random.choice(STRENGTHS))
    from_day = (WEEKS - EVALUATED_WEEKS) * signal.days
    start = int(random.integers(from_day, len(mean) - 2 * signal.days))
    deviation = float(np.sqrt(signal.phi * mean[start]))
    injected = _outbreak(signal, mean, start, random.poisson(strength * signal.days * deviation), random)
    holiday = _holidays()[working]
    visible = seen + injected
    visible[1:][holiday[:-1]] *= AFTER_HOLIDAY
    visible[holiday] = 0
    counts, due, extra = np.full(DAYS, np.nan), np.zeros(DAYS), np.zeros(DAYS)
    counts[working] = np.floor(visible / signal.divisor)
    due[working] = mean / signal.divisor
    extra[working] = np.where(holiday, 0.0, np.floor(injected / signal.divisor))
    return counts, due, extra, int(np.flatnonzero(working)[start]), strength


def _outbreak(signal: Signal, mean: Floats, start: int, size: int, random: np.random.Generator) -> Floats:
    """Spread cases over the days after `start`, heavier on the days on which people come."""
    cases = np.zeros(len(mean))
    when = start + np.floor(random.lognormal(0.0, SPREAD, size) / BIN).astype(int)
    np.add.at(cases, when[when < len(mean)], 1.0)
    weights = np.array(WEIGHTS[signal.days])[np.arange(len(mean)) % signal.days]
    return np.asarray(np.rint(cases * weights))
