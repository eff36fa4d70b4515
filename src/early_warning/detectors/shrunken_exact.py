"""Exact test for tiny counts: a grid's expectation leans on its community, subdistrict and district.

See docs/detectors/shrunken_exact.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from early_warning.count_tails import mid_p_z, upper_quantile
from early_warning.detection import Detection
from early_warning.panel import FloatArray, Panel, WrongShape

WEEK = 7
PRIOR_CASES = 0.5  # half a case added to the whole, so that nowhere expects exactly none
LEAST_SHAPE, MOST_SHAPE = 0.2, 1e4  # bounds of the estimated gamma shape: at most this unlike, this alike


@dataclass(frozen=True)
class ShrinkageOptions:
    """`baseline` periods ending `gap` periods before the window; `window` periods are tested together.

    `alpha` is the alarm's tail probability. `shapes` fixes the gamma shapes instead of estimating them: that
    of the series about its finest area, then of each level of areas about the next (large: lean on it).
    `weekly_pattern` lets the whole panel's weekday pattern shape the expectation.
    """

    baseline: int = 182
    gap: int = 2
    window: int = 1
    alpha: float = 0.001
    shapes: tuple[float, ...] | None = None
    weekly_pattern: bool = False


def detect(
    panel: Panel,
    parents: Sequence[ArrayLike],
    options: ShrinkageOptions | None = None,
    last: int | None = None,
) -> Detection:
    """Test each series' count against the gamma-Poisson prediction of its own past and of the areas above it.

    `parents` gives, finest level first (community, subdistrict …), the number of each series' area. The
    panel's populations are the exposure, one person-period each if there are none. A missing report takes its
    exposure out. At least half the baseline must lie in the panel. `details["shape"]` is how many cases the
    expectation rests on.
    """
    chosen = options or ShrinkageOptions()
    levels = [_labels(labels, panel.series_count) for labels in parents]
    if chosen.shapes is not None and len(chosen.shapes) != len(levels) + 1:
        raise WrongShape(f"{len(chosen.shapes)} shapes for series and {len(levels)} levels")
    first = panel.first_monitored(last)
    reported = ~np.isnan(panel.counts)
    people = panel.populations if panel.populations is not None else np.ones_like(panel.counts)
    cases = _running(np.where(reported, panel.counts, 0.0))
    plain = np.where(reported, people, 0.0)
    shape = (panel.series_count, panel.period_count - first)
    expected, support, now = (np.full(shape, np.nan) for _ in range(3))
    for column in range(shape[1]):
        end = first + column + 1
        start = end - chosen.window
        stop = start - chosen.gap
        begin = max(stop - chosen.baseline, 0)
        if start < 0 or stop - begin < (chosen.baseline + 1) // 2:
            continue
        factors = _pattern(panel.counts, (begin, stop, end), chosen.weekly_pattern)
        past = np.sum(plain[:, begin:stop] * factors[: stop - begin], axis=1)
        present = np.sum(plain[:, start:end] * factors[start - begin :], axis=1)
        a, b = posterior(cases[:, stop] - cases[:, begin], past, levels, chosen.shapes)
        known = reported[:, end - 1] & (present > 0.0)
        expected[:, column] = np.where(known, a / b * present, np.nan)
        support[:, column] = a
        now[:, column] = np.where(known, cases[:, end] - cases[:, start], np.nan)
    dispersion = 1.0 + expected / support
    upper = upper_quantile(chosen.alpha, expected, dispersion)
    with np.errstate(invalid="ignore"):
        alarm = now > upper
    z = mid_p_z(now, expected, dispersion)
    return Detection(
        "shrunken_exact", expected, upper, z, alarm, first, {"shape": support, "window_count": now}
    )


def posterior(
    cases: FloatArray,
    exposure: FloatArray,
    levels: Sequence[NDArray[np.intp]],
    shapes: Sequence[float] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return shape and rate of each series' gamma posterior, shrunk level by level from the whole down.

    At each level an area's rate has a gamma prior with its parent's rate as mean; the prior's shape is
    estimated from how much more the areas differ than Poisson counts would (moments), or given.
    """
    total = float(exposure.sum())
    above = np.full(cases.size, (float(cases.sum()) + PRIOR_CASES) / total if total > 0.0 else np.nan)
    for place in range(len(levels) - 1, -1, -1):
        labels = levels[place]
        area_cases = np.bincount(labels, weights=cases).astype(np.float64)
        area_exposure = np.bincount(labels, weights=exposure).astype(np.float64)
        area_above = np.zeros(area_cases.size)
        area_above[labels] = above
        if place == len(levels) - 1 and area_cases.size == 1:
            continue
        given = None if shapes is None else shapes[place + 1]
        shape = _prior_shape(area_cases, area_exposure * area_above) if given is None else given
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = (shape + area_cases) / (shape / area_above + area_exposure)
        above = rates[labels]
    shape = _prior_shape(cases, exposure * above) if shapes is None else shapes[0]
    return shape + cases, shape / above + exposure


def _prior_shape(cases: FloatArray, means: FloatArray) -> float:
    excess = float(np.sum((cases - means) ** 2 - means))
    squares = float(np.sum(means**2))
    if excess <= 0.0 or squares <= 0.0:
        return MOST_SHAPE
    return min(max(squares / excess, LEAST_SHAPE), MOST_SHAPE)


def _labels(values: ArrayLike, count: int) -> NDArray[np.intp]:
    labels = np.asarray(values)
    if labels.shape != (count,) or labels.dtype.kind not in "iu" or (count and labels.min() < 0):
        raise WrongShape("parents are one whole number from 0 a series")
    return labels.astype(np.intp)


def _pattern(counts: FloatArray, span: tuple[int, int, int], weekly: bool) -> FloatArray:
    """Return each period's factor: the panel's past cases on that weekday against its average day.

    Learnt from the periods `begin` … `stop` alone, so that today's cases cannot raise their own expectation.
    """
    begin, stop, end = span
    if not weekly:
        return np.ones(end - begin)
    totals = np.nansum(counts[:, begin:stop], axis=0)
    days = np.arange(begin, end) % WEEK
    learnt = days[: stop - begin]
    number = np.bincount(learnt, minlength=WEEK)
    level = (np.bincount(learnt, weights=totals, minlength=WEEK) + 1.0) / np.maximum(number, 1)
    factors: FloatArray = (level / np.mean(level))[days]
    return factors


def _running(values: FloatArray) -> FloatArray:
    return np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
