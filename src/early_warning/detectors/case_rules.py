"""Fixed rules for diseases where single cases matter. See docs/detectors/case_rules.md."""

from __future__ import annotations

import numpy as np

from early_warning.count_tails import mid_p_z
from early_warning.detection import BoolArray, Detection
from early_warning.panel import FloatArray, Panel, WrongShape

PRIOR_CASES = 0.5  # half a case added to the past, so that a place without cases expects few, not none


def single_case(panel: Panel, least: int = 1, last: int | None = None) -> Detection:
    """Alarm on every period with at least `least` cases; nothing needs to be known of the past."""
    found = cases_in_periods(panel, least, 1, last)
    return Detection("single_case", found.expected, found.upper, found.z, found.alarm, found.first_period)


def cases_in_periods(panel: Panel, cases: int, periods: int, last: int | None = None) -> Detection:
    """Alarm where the last `periods` periods together have at least `cases` cases (k in d days).

    Missing reports in them add nothing, so that cases already known still alarm; today must have reported.
    `upper` is `cases` - 1; `expected` and the score compare with the series' own mean before the window.
    """
    if cases < 1 or periods < 1:
        raise WrongShape(f"no rule of {cases} cases in {periods} periods")
    first = panel.first_monitored(last)
    reported = ~np.isnan(panel.counts)
    totals = _running(np.where(reported, panel.counts, 0.0))
    reports = _running(reported.astype(np.float64))
    ends = np.arange(first, panel.period_count) + 1
    starts = np.maximum(ends - periods, 0)
    known: BoolArray = reported[:, first:]
    now = np.where(known, totals[:, ends] - totals[:, starts], np.nan)
    number = reports[:, ends] - reports[:, starts]
    shape = totals[:, starts] + PRIOR_CASES
    expected = number * shape / np.maximum(reports[:, starts], 1.0)
    expected = np.where(reports[:, starts] > 0.0, expected, np.nan)
    z = mid_p_z(now, expected, 1.0 + expected / shape)
    upper = np.where(known, float(cases - 1), np.nan)
    with np.errstate(invalid="ignore"):
        alarm = now >= cases
    return Detection("cases_in_periods", expected, upper, z, alarm, first, {"window_count": now})


def _running(values: FloatArray) -> FloatArray:
    """Return sums of everything before each period, one column more than the panel."""
    return np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
