"""Short forecasts with intervals, beside the two baselines to beat (docs/detectors/forecast.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from early_warning.count_tails import upper_quantile

Floats = NDArray[np.float64]

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
MEMORY = (0.25, 0.45, 0.7, 0.9)  # weight of the newest period; the best over past forecasts is taken
DAMPING = (0.0, 0.6, 0.85)  # share of the growth that lasts one more period; 0 = no growth
SEASON_REACH = 3  # periods either side that share one place in the season
LARGEST_GROWTH = 0.7  # log scale, a period: a doubling
PRIOR_ERRORS = 8.0  # how many pooled errors a series' own dispersion leans on


@dataclass(frozen=True, slots=True)
class Forecast:
    """Quantiles of the counts 1 … horizon periods ahead: (levels, series, horizon)."""

    method: str
    levels: tuple[float, ...]
    quantiles: Floats

    @property
    def median(self) -> Floats:
        """Return the middle forecast."""
        return np.asarray(self.quantiles[self.levels.index(0.5)])


def forecast(
    counts: ArrayLike, horizon: int, *, season: int | None = None, levels: Sequence[float] = LEVELS
) -> Forecast:
    """Forecast (series, periods) counts: recent level × season × damped growth, negative-binomial intervals.

    Memory and damping are those that did best in forecasts of the last year (or third) of the panel; the
    spread comes from the same past errors, horizon by horizon. NaN is a missing report.
    """
    table = _checked(counts, horizon)
    profile = _season_profile(table, season, table.shape[1] + horizon)
    origins = np.arange(
        max(2, table.shape[1] - (season or max(table.shape[1] // 3, horizon + 1))), table.shape[1]
    )
    best: tuple[float, Floats, Floats] | None = None
    for memory, damping in product(MEMORY, DAMPING):
        means = _projections(table, profile, horizon, memory, damping)
        error, excess = _past_errors(table, means, origins)
        if best is None or error < best[0]:
            best = error, means[:, -1], excess
    assert best is not None
    return Forecast("level, season and growth", tuple(levels), _quantiles(best[1], best[2], levels))


def last_value_forecast(counts: ArrayLike, horizon: int, *, levels: Sequence[float] = LEVELS) -> Forecast:
    """Forecast the last value again; intervals from the series' own past changes over the same horizon."""
    table = _checked(counts, horizon)
    filled = _last_known(table)
    means = np.repeat(filled[:, :, None], horizon, axis=2)
    _, excess = _past_errors(table, means, np.arange(table.shape[1] // 2, table.shape[1]))
    return Forecast("last value", tuple(levels), _quantiles(means[:, -1], excess, levels))


def seasonal_forecast(
    counts: ArrayLike, horizon: int, *, season: int, levels: Sequence[float] = LEVELS
) -> Forecast:
    """Forecast the quantiles of the same weeks (two either side) of earlier years."""
    table = _checked(counts, horizon)
    if table.shape[1] < season:
        raise ValueError(f"a seasonal forecast needs at least one season of {season} periods")
    answer = np.empty((len(levels), table.shape[0], horizon))
    for ahead in range(horizon):
        place = table.shape[1] + ahead
        years = range(1, place // season + 1)
        chosen = [place - year * season + near for year in years for near in range(-2, 3)]
        chosen = [when for when in chosen if 0 <= when < table.shape[1]]
        answer[:, :, ahead] = np.nanquantile(table[:, chosen], levels, axis=1)
    return Forecast("same weeks of earlier years", tuple(levels), answer)


def _checked(counts: ArrayLike, horizon: int) -> Floats:
    table = np.atleast_2d(np.asarray(counts, float))
    if table.ndim != 2 or horizon < 1 or table.shape[1] < 2 * horizon + 4:
        raise ValueError(
            f"a forecast {horizon} ahead needs counts of shape (series, at least {2 * horizon + 4})"
        )
    if np.isinf(table).any() or (table < 0).any():
        raise ValueError("counts must be finite and not negative; use NaN for a missing report")
    return table


def _season_profile(table: Floats, season: int | None, length: int) -> Floats:
    """Return each period's usual ratio to the series' mean, smoothed round the year, (series, length)."""
    if season is None or table.shape[1] < 2 * season:
        return np.ones((table.shape[0], length))
    places = np.arange(table.shape[1]) % season
    totals = np.zeros((table.shape[0], season))
    reports = np.zeros((table.shape[0], season))
    np.add.at(totals.T, places, np.nan_to_num(table).T)
    np.add.at(reports.T, places, (~np.isnan(table)).T.astype(float))
    near = range(-SEASON_REACH, SEASON_REACH + 1)
    kernel = [SEASON_REACH + 1 - abs(step) for step in near]
    smooth_totals = sum(w * np.roll(totals, step, axis=1) for w, step in zip(kernel, near, strict=True))
    smooth_reports = sum(w * np.roll(reports, step, axis=1) for w, step in zip(kernel, near, strict=True))
    mean = totals.sum(axis=1, keepdims=True) / np.maximum(reports.sum(axis=1, keepdims=True), 1.0)
    # one more expected case everywhere keeps a place without cases from being called impossible
    ratio = (smooth_totals + 1.0) / (smooth_reports * mean + 1.0)
    return np.asarray(ratio[:, np.arange(length) % season])


def _projections(table: Floats, profile: Floats, horizon: int, memory: float, damping: float) -> Floats:
    """Return the mean forecast from every origin: (series, origins, horizon)."""
    known = ~np.isnan(table)
    cases, due = np.where(known, table, 0.0), np.where(known, profile[:, : table.shape[1]], 0.0)
    fast, slow = memory, memory / 3
    level, before = (_level(cases, due, weight) for weight in (fast, slow))
    lag = 1 / slow - 1 / fast
    growth = np.clip(np.log((level + 0.05) / (before + 0.05)) / lag, -LARGEST_GROWTH, LARGEST_GROWTH)
    means = np.empty((*table.shape, horizon))
    for ahead in range(1, horizon + 1):
        lasting = sum(damping**step for step in range(1, ahead + 1)) + (damping > 0) * (1 / fast - 1)
        when = np.arange(table.shape[1]) + ahead
        means[:, :, ahead - 1] = level * np.exp(growth * lasting) * profile[:, when]
    return np.maximum(means, 0.01)


def _level(cases: Floats, due: Floats, weight: float) -> Floats:
    return _fading_sums(cases, 1 - weight) / np.maximum(_fading_sums(due, 1 - weight), 1e-9)


def _fading_sums(values: Floats, keep: float) -> Floats:
    """Return the running sum of each row, of which each further period keeps this share."""
    sums = values.copy()
    for period in range(1, values.shape[1]):
        sums[:, period] += keep * sums[:, period - 1]
    return sums


def _past_errors(table: Floats, means: Floats, origins: NDArray[np.int_]) -> tuple[float, Floats]:
    """Return the mean error over past origins and the excess variance by series and horizon.

    Variance = mean + excess × mean²: a forecast of an epidemic errs in proportion to its size.
    """
    series, periods = table.shape
    horizon = means.shape[2]
    excess = np.zeros((series, horizon))
    errors: list[float] = []
    for ahead in range(1, horizon + 1):
        froms = origins[origins + ahead < periods]
        if len(froms) == 0:
            continue
        mean, came = means[:, froms, ahead - 1], table[:, froms + ahead]
        beyond = np.nansum((came - mean) ** 2 - mean, axis=1)
        scale = (mean**2 * ~np.isnan(came)).sum(axis=1)
        pooled = beyond.sum() / max(float(scale.sum()), 1e-9)
        lean = PRIOR_ERRORS * float((mean**2).mean())
        excess[:, ahead - 1] = np.maximum((beyond + lean * pooled) / (scale + lean), 0.0)
        errors.append(float(np.nanmean(np.abs(np.sqrt(came + 0.375) - np.sqrt(mean + 0.375)))))
    return float(np.mean(errors)) if errors else 0.0, excess


def _quantiles(mean: Floats, excess: Floats, levels: Sequence[float]) -> Floats:
    least = np.maximum(mean, 1e-3)
    return np.stack([upper_quantile(1.0 - level, least, 1.0 + least * excess) for level in levels])


def _last_known(table: Floats) -> Floats:
    places = np.where(np.isnan(table), 0, np.arange(table.shape[1]))
    newest = np.maximum.accumulate(places, axis=1)
    return np.nan_to_num(np.take_along_axis(table, newest, axis=1))
