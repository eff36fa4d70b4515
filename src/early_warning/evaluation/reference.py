"""`check`: compare a folder of reference vectors (series, scans, Rt) with what this library computes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..golden import Comparison, compare_series
from ..reproduction import estimate_reproduction, serial_interval
from ..space import circles, poisson_scan

Floats = NDArray[np.float64]

SCORE_TOLERANCE = 1e-7
MEAN_TOLERANCE = 1e-6
QUANTILE_TOLERANCE = 1e-5
INTERVAL_TOLERANCE = 1e-7
SCAN_REPLICATES = 9_999  # more than the reference's, so that the reference's own noise is all there is
SCAN_SEED = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One method of one file: how many numbers were compared, how many missed, and the worst deviation."""

    method: str
    file: str
    compared: int
    missed: int
    worst: float
    misses: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Return whether something was compared and nothing missed."""
        return self.compared > 0 and self.missed == 0

    def __str__(self) -> str:
        """Return the line as printed by `check`."""
        state = "ok  " if self.passed else "MISS"
        line = (
            f"{state} {self.file:<24} {self.compared:>6} compared {self.missed:>4} missed  "
            f"worst {self.worst:.0e}  {self.method}"
        )
        return "\n".join([line, *(f"       {miss}" for miss in self.misses)])


def run(arguments: argparse.Namespace) -> int:
    """Print a line per method and file; 1 if anything missed or nothing was there, else 0."""
    paths = sorted(arguments.folder.glob("*.json"))
    lines = [line for path in paths for line in check_file(path)]
    for line in lines:
        print(line)
    missed = sum(not line.passed for line in lines)
    print(f"{len(lines)} comparisons in {len(paths)} files, {missed} missed")
    return 1 if missed or not lines else 0


def check_file(path: Path) -> list[Line]:
    """Compare one file with the tolerances of its kind; a file of no known kind is a miss."""
    document = json.loads(path.read_text())
    if "results" in document:
        return [_series_line(path, found) for found in compare_series(document)]
    case = (document.get("cases") or [{}])[0]
    if "llr" in case:
        return check_scan(path)
    if "incidence" in case:
        return check_reproduction(path)
    return [Line("unknown kind of file", path.name, 0, 0, 0.0)]


def check_scan(path: Path) -> list[Line]:
    """Compare the most likely cluster of each case: score, members, Monte Carlo p."""
    scores, members, chances = [], [], []
    for case in _cases(path):
        windows = circles(case["x"], case["y"], case["population"], max_share=case["pop_upper_bound"])
        found = poisson_scan(
            case["cases"], case["population"], windows, replicates=SCAN_REPLICATES, seed=SCAN_SEED
        ).clusters[0]
        scores.append(abs(found.score / case["llr"] - 1) / SCORE_TOLERANCE)
        members.append(2.0 * ({place + 1 for place in found.members} != set(case["members_1based"])))
        p = case["p_value_mc"]
        room = 3 * np.sqrt(p * (1 - p) / case["n_sim"]) + 0.001
        chances.append(abs(found.p_monte_carlo - p) / room)
    return [
        _line("Poisson scan, LLR", path, np.array(scores), SCORE_TOLERANCE),
        _line("Poisson scan, members", path, np.array(members), 1.0),
        _line("Poisson scan, Monte Carlo p (in tolerances)", path, np.array(chances), 1.0),
    ]


def check_reproduction(path: Path) -> list[Line]:
    """Compare Rt's posterior mean, sd and quantiles, and the serial interval."""
    ratios: dict[str, list[Floats]] = {"mean": [], "sd": [], "quantiles": [], "serial interval": []}
    for case in _cases(path):
        found = estimate_reproduction(
            case["incidence"], case["si"], window=case["window"],
            prior_mean=case["mean_prior"], prior_sd=case["std_prior"],
        )  # fmt: skip
        ours = {"mean": found.mean[0], "sd": found.sd[0]}
        ours |= dict(zip(("q025", "q500", "q975"), found.quantiles[:, 0], strict=True))
        places = np.array(case["t_end"]) - 1 - found.first_day
        for name, values in ours.items():
            kind = name if name in ratios else "quantiles"
            tolerance = MEAN_TOLERANCE if name in ratios else QUANTILE_TOLERANCE
            theirs = np.array(case[name], float)
            given = ~np.isnan(theirs)
            ratios[kind].append(np.abs(values[places][given] / theirs[given] - 1) / tolerance)
        weights = serial_interval(case["mean_si"], case["std_si"], len(case["si"]))
        ratios["serial interval"].append(np.abs(weights - np.array(case["si"])) / INTERVAL_TOLERANCE)
    scales = {"mean": MEAN_TOLERANCE, "sd": MEAN_TOLERANCE, "quantiles": QUANTILE_TOLERANCE}
    return [
        _line(f"Rt, {kind}", path, np.concatenate(values), scales.get(kind, INTERVAL_TOLERANCE))
        for kind, values in ratios.items()
    ]


def _series_line(path: Path, found: Comparison) -> Line:
    return Line(
        method=f"{found.method} {found.control}",
        file=path.name,
        compared=found.points,
        missed=len(found.misses),
        worst=max(found.worst.values(), default=0.0),
        misses=found.misses,
    )


def _cases(path: Path) -> list[Mapping[str, Any]]:
    cases: list[Mapping[str, Any]] = json.loads(path.read_text())["cases"]
    return cases


def _line(method: str, path: Path, in_tolerances: Floats, tolerance: float) -> Line:
    missed = int((~(in_tolerances <= 1)).sum())
    worst = float(np.nanmax(in_tolerances, initial=0.0)) * tolerance
    return Line(method, path.name, len(in_tolerances), missed, worst)
