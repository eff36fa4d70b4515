"""Growth rate and doubling time of many series by a Poisson line (docs/detectors/growth.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]

STEPS = 25
LARGEST_RATE = 5.0  # e^5 a day: steeper than any epidemic; keeps a fit of one lone day finite


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth rate per period with standard error; each array (series,). NaN where nothing can be said.

    Positive `doubling` is the time to double, negative the time to halve.
    """

    rate: Floats
    standard_error: Floats

    @property
    def doubling(self) -> Floats:
        """Return ln 2 / rate."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(2) / self.rate)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return the lower and upper end of the rate."""
        reach = ndtri(0.5 + level / 2) * self.standard_error
        return self.rate - reach, self.rate + reach

    def is_growing(self, level: float = 0.95) -> NDArray[np.bool_]:
        """Tell which series grow beyond doubt (the whole interval above 0)."""
        return self.interval(level)[0] > 0


def growth(counts: ArrayLike, *, window: int = 14) -> Growth:
    """Fit log mean = level + rate × time to the last `window` periods of (series, periods) counts.

    Quasi-Poisson: the standard error grows with the scatter. A missing report (NaN) drops out. A series with
    fewer than 3 reports or with cases in fewer than 2 of them gives NaN.
    """
    table = np.atleast_2d(np.asarray(counts, float))
    if table.ndim != 2 or window < 3 or table.shape[1] < window:
        raise ValueError(f"growth over {window} periods needs counts of shape (series, at least {window})")
    if np.isinf(table).any() or (table < 0).any():
        raise ValueError("counts must be finite and not negative; use NaN for a missing report")
    cases = table[:, -window:]
    known = ~np.isnan(cases)
    cases = np.where(known, cases, 0.0)
    time = np.arange(window, dtype=float) - (window - 1)
    usable = (known.sum(axis=1) >= 3) & ((cases > 0).sum(axis=1) >= 2)
    level, rate = _fit(cases, known.astype(float), time)
    mean = np.exp(level[:, None] + rate[:, None] * time) * known
    _, centred = _centred(mean, time)
    information = (mean * centred**2).sum(axis=1)
    residual = ((cases - mean) ** 2 / np.maximum(mean, 1e-12) * known).sum(axis=1)
    dispersion = np.maximum(residual / np.maximum(known.sum(axis=1) - 2, 1), 1.0)
    error = np.sqrt(dispersion / np.maximum(information, 1e-300))
    return Growth(np.where(usable, rate, np.nan), np.where(usable, error, np.nan))


def _centred(mean: Floats, time: Floats) -> tuple[Floats, Floats]:
    centre = (mean @ time) / np.maximum(mean.sum(axis=1), 1e-300)
    return centre, time[None, :] - centre[:, None]


def _fit(cases: Floats, known: Floats, time: Floats) -> tuple[Floats, Floats]:
    """Solve for the rate by Newton steps; the level that fits the total follows from it in closed form."""
    total = cases.sum(axis=1)
    moment = cases @ time
    rate = np.zeros(len(cases))
    for _ in range(STEPS):
        shape = np.exp(rate[:, None] * time) * known
        share = shape / np.maximum(shape.sum(axis=1, keepdims=True), 1e-300)
        centre = share @ time
        spread = share @ time**2 - centre**2
        step = (moment / np.maximum(total, 1e-300) - centre) / np.maximum(spread, 1e-12)
        rate = np.clip(rate + np.clip(step, -1.0, 1.0), -LARGEST_RATE, LARGEST_RATE)
    shape = np.exp(rate[:, None] * time) * known
    level = np.log(np.maximum(total, 1e-300) / np.maximum(shape.sum(axis=1), 1e-300))
    return level, rate
