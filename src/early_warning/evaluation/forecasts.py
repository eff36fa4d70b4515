"""Forecasts scored on simulated seasons: weighted interval score, CRPS and coverage, by scoringrules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scoringrules
from numpy.typing import NDArray

from ..forecast import LEVELS, Forecast, forecast, last_value_forecast, seasonal_forecast

Floats = NDArray[np.float64]

SEASON = 52
YEARS = 6
HORIZON = 4
STEP = 4  # periods between the origins that are scored
OFFSET, PEAK_HEIGHT, PEAK_WIDTH, PEAK_WEEK = 4.0, 50.0, 4.0, 26.0
UNEVEN_HEIGHT, UNEVEN_WEEK = 0.4, 3.0  # log sd of a season's height, sd of its peak week
DISPERSION = 1.5
FINE_LEVELS = tuple(sorted({*LEVELS, *(percent / 100 for percent in range(1, 100))}))  # for the CRPS


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """Mean scores of one method at one horizon; coverage of its 50 % and 95 % intervals."""

    method: str
    ahead: int
    wis: float
    wis_error: float
    crps: float
    coverage_50: float
    coverage_95: float


def simulated_seasons(*, seed: int, series: int) -> Floats:
    """Simulate weekly counts with one wave a year of uneven height and time, (series, 6 years)."""
    random = np.random.default_rng(seed)
    week = np.arange(SEASON * YEARS)
    height = np.exp(random.normal(0, UNEVEN_HEIGHT, (series, YEARS)))[:, week // SEASON]
    peak = PEAK_WEEK + random.normal(0, UNEVEN_WEEK, (series, YEARS))[:, week // SEASON]
    mean = OFFSET + PEAK_HEIGHT * height * np.exp(-(((week % SEASON) - peak) ** 2) / (2 * PEAK_WIDTH**2))
    return random.negative_binomial(mean / (DISPERSION - 1), 1 / DISPERSION).astype(float)


def score_forecasts(*, seed: int, series: int = 100) -> list[ForecastScore]:
    """Score our forecast and both baselines over the last year, from every fourth week."""
    counts = simulated_seasons(seed=seed, series=series)
    made: dict[str, list[tuple[Forecast, Floats]]] = {}
    for origin in range(SEASON * (YEARS - 1), SEASON * YEARS - HORIZON, STEP):
        past, came = counts[:, :origin], counts[:, origin : origin + HORIZON]
        for one in (
            forecast(past, HORIZON, season=SEASON, levels=FINE_LEVELS),
            last_value_forecast(past, HORIZON, levels=FINE_LEVELS),
            seasonal_forecast(past, HORIZON, season=SEASON, levels=FINE_LEVELS),
        ):
            made.setdefault(one.method, []).append((one, came))
    return [_score(method, pairs, ahead) for method, pairs in made.items() for ahead in range(HORIZON)]


def _score(method: str, pairs: list[tuple[Forecast, Floats]], ahead: int) -> ForecastScore:
    fine = np.concatenate([made.quantiles[:, :, ahead] for made, _ in pairs], axis=1)
    came = np.concatenate([seen[:, ahead] for _, seen in pairs])
    crps = np.asarray(scoringrules.crps_quantile(came, fine.T, np.array(FINE_LEVELS)))
    quantiles = fine[[FINE_LEVELS.index(level) for level in LEVELS]]
    half = len(LEVELS) // 2
    lower, upper = quantiles[:half][::-1].T, quantiles[half + 1 :].T
    alphas = 2 * np.array(LEVELS[:half][::-1])
    wis = np.asarray(scoringrules.weighted_interval_score(came, quantiles[half], lower, upper, alphas))
    return ForecastScore(
        method=method,
        ahead=ahead + 1,
        wis=float(wis.mean()),
        wis_error=float(wis.std() / np.sqrt(len(wis))),
        crps=float(crps.mean()),
        coverage_50=float(((quantiles[half - 1] <= came) & (came <= quantiles[half + 1])).mean()),
        coverage_95=float(((quantiles[0] <= came) & (came <= quantiles[-1])).mean()),
    )
