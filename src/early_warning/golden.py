"""Compare the detectors with reference vectors: a document in, one comparison per method and control set out.

The format and the tolerances are those of the golden vectors' own README. Nothing is read from files here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from scipy.special import ndtri

from early_warning.detection import Detection
from early_warning.detectors import cusum, ears, farrington
from early_warning.panel import Calendar, FloatArray, Panel, Step

RELATIVE = {"upperbound": 1e-5, "expected": 1e-5, "mu0": 1e-5, "phi": 2e-4}
SMALLEST = 1e-9  # values below this are compared with this instead of with themselves: rounded zeros
STEPS = {365: Step.DAY, 52: Step.ISO_WEEK, 12: Step.MONTH}
EPI_START = 6  # weekday of a date that begins an epidemiological week: Sunday


class UnknownFormat(ValueError):
    """A document or control set of the reference vectors that this library cannot compare."""


@dataclass(frozen=True)
class Comparison:
    """What one method with one control set showed on one series.

    `worst` is the largest relative error by quantity; `misses` are sentences, empty where all agreed within
    tolerance; `points` is how many values were compared.
    """

    series: str
    method: str
    control: str
    points: int
    worst: Mapping[str, float]
    misses: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Return whether something was compared and all of it agreed."""
        return self.points > 0 and not self.misses


def compare_series(document: Mapping[str, Any]) -> list[Comparison]:
    """Run every method of a series document with its control set; return one comparison for each."""
    panel = _panel(document)
    first = int(document["range_first_1based"]) - 1
    stop = int(document["range_last_1based"])
    compared = []
    for result in document["results"]:
        method, control = str(result["method"]), dict(result["control"])
        try:
            found = _detected(panel.until(stop), method, control, first)
        except (UnknownFormat, ValueError, KeyError) as error:
            compared.append(
                Comparison(str(document["name"]), method, _label(control), 0, {}, (f"not compared: {error}",))
            )
            continue
        observed = panel.counts[0, first:stop]
        compared.append(_compare(str(document["name"]), method, result, found, observed))
    return compared


def _panel(document: Mapping[str, Any]) -> Panel:
    frequency = int(document["freq"])
    if frequency not in STEPS:
        raise UnknownFormat(f"a frequency of {frequency} periods a year")
    step = STEPS[frequency]
    starts_on = None
    if document.get("epoch_as_date"):
        starts_on = date.fromisoformat(str(document["epoch_first"]))
        if step is Step.ISO_WEEK and starts_on.weekday() == EPI_START:
            step = Step.EPI_WEEK
    return Panel.of(_numbers(document["observed"]), Calendar(step, starts_on))


def _numbers(values: Sequence[Any]) -> FloatArray:
    return np.array([np.nan if value is None else float(value) for value in values])


def _detected(panel: Panel, method: str, control: dict[str, Any], first: int) -> dict[str, FloatArray]:
    last = panel.period_count - first
    if method == "earsC":
        found = _ears(panel, control, last)
    elif method == "cusum":
        found = _cusum(panel, control, last)
    elif method == "farringtonFlexible":
        return _flexible(panel, control, last)
    elif method == "farrington":
        found = _original(panel, control, last)
    else:
        raise UnknownFormat(f"no detector here is called {method}")
    return {"upperbound": found.upper[0], "alarm": found.alarm[0].astype(float)}


def _ears(panel: Panel, control: Mapping[str, Any], last: int) -> Detection:
    baseline = int(control.get("baseline", 7))
    options = ears.EarsOptions(
        baseline=baseline,
        threshold=float(-ndtri(control["alpha"])),
        min_sigma=float(control.get("minSigma", 0.0)),
        at_least=baseline,
    )
    if control["method"] == "C1":
        return ears.c1(panel, options, last)
    if control["method"] == "C2":
        return ears.c2(panel, options, last)
    return ears.c3(panel, options, last, r_compat=True)


def _cusum(panel: Panel, control: Mapping[str, Any], last: int) -> Detection:
    transform = cusum.Transform(control.get("trans", "standard"))
    given = control.get("m")
    mean = None
    if given is not None and given != "glm":
        mean = tuple(float(m) for m in (given if isinstance(given, list) else [given]))
    options = cusum.CusumOptions(
        k=float(control.get("k", 1.04)),
        h=float(control.get("h", 2.26)),
        transform=transform,
        seasonal_harmonics=1 if given == "glm" else 0,
        mean=mean,
        overdispersion=float(control.get("alpha") or 0.0),
        whole_bounds=transform is cusum.Transform.STANDARD,
        r_compat=True,
    )
    return cusum.detect(panel, options, last)


def _original(panel: Panel, control: Mapping[str, Any], last: int) -> Detection:
    needed, within = control.get("limit54", (5, 4))
    half_width = int(control.get("w", 3))
    options = farrington.FarringtonOptions(
        years=int(control.get("b", 5)),
        half_width=half_width,
        levels=1,
        excluded=half_width,
        reweight_above=1.0 if control.get("reweight", True) else None,
        trend=bool(control.get("trend", True)),
        trend_below=0.05,
        threshold=farrington.Threshold.DELTA,
        alpha=float(control.get("alpha", 0.05)) / 2.0,
        power=farrington.Power(control.get("powertrans", "2/3")),
        cases_needed=float(needed),
        within_periods=int(within),
        r_compat=True,
    )
    return farrington.original(panel, options, last)


def _flexible(panel: Panel, control: Mapping[str, Any], last: int) -> dict[str, FloatArray]:
    needed, within = control.get("limit54", (5, 4))
    half_width = int(control.get("w", 3))
    excluded = control.get("pastWeeksNotIncluded")
    reweight = bool(control.get("reweight", True))
    options = farrington.FarringtonOptions(
        years=int(control.get("b", 5)),
        half_width=half_width,
        levels=int(control.get("noPeriods", 1)),
        excluded=half_width if excluded is None else int(excluded),
        reweight_above=float(control.get("weightsThreshold", 2.58)) if reweight else None,
        trend=bool(control.get("trend", True)),
        trend_below=float(control.get("pThresholdTrend", 0.05)),
        threshold=farrington.Threshold(control.get("thresholdMethod", "delta")),
        alpha=float(control.get("alpha", 0.05)),
        power=farrington.Power(control.get("powertrans", "2/3")),
        cases_needed=float(needed),
        within_periods=int(within),
        use_populations=bool(control.get("populationOffset", False)),
        r_compat=True,
    )
    found = farrington.flexible(panel, options, last)
    expected, error = found.expected[0], found.details["standard_error"][0]
    return {
        "upperbound": found.upper[0],
        "alarm": found.alarm[0].astype(float),
        "expected": expected,
        "mu0": _reported_mean(expected, error, options),
        "phi": found.details["dispersion"][0],
        "trend_used": found.details["trend_used"][0],
    }


def _reported_mean(
    expected: FloatArray, error: FloatArray, options: farrington.FarringtonOptions
) -> FloatArray:
    """Return what the vectors call mu0: by threshold method the mean, its upper limit, or exp of that."""
    if options.threshold is farrington.Threshold.NEGATIVE_BINOMIAL:
        return expected
    if options.threshold is farrington.Threshold.UPPER_MEAN:
        return farrington.upper_mean(expected, error, options.alpha)
    with np.errstate(over="ignore"):
        limit: FloatArray = np.exp(expected - ndtri(options.alpha) * error)
    return limit


def _compare(
    name: str, method: str, result: Mapping[str, Any], found: Mapping[str, FloatArray], observed: FloatArray
) -> Comparison:
    misses: list[str] = []
    worst: dict[str, float] = {}
    points = 0
    control = dict(result["control"])
    upper = _numbers(result["upperbound"])
    for quantity, ours in found.items():
        if quantity not in result:
            continue
        theirs = _numbers(result[quantity])
        both = ~np.isnan(theirs)
        points += int(both.sum())
        if quantity in RELATIVE:
            exact = quantity == "upperbound" and control.get("thresholdMethod") == "nbPlugin"
            error = np.abs(ours - theirs) / np.maximum(np.abs(theirs), SMALLEST)
            error = np.where(np.isnan(error), np.inf, error)[both]
            worst[quantity] = float(error.max(initial=0.0))
            wrong = int(np.sum(error > (0.0 if exact else RELATIVE[quantity])))
        else:
            near = np.abs(observed - upper) < 1e-5 * np.abs(upper)
            differ = both & (ours != theirs) & ~(near if quantity == "alarm" else np.zeros_like(near))
            wrong = int(differ.sum())
        if wrong:
            misses.append(f"{quantity}: {wrong} of {int(both.sum())} differ")
    return Comparison(name, method, _label(control), points, worst, tuple(misses))


def _label(control: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in control.items())
