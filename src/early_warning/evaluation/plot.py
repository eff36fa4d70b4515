"""The picture of the benchmark: detection against false alarms, and delay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .measures import measure
from .weekly import Benchmark

Floats = NDArray[np.float64]

CURVE = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
DELAY_RATE = 0.01
SIZE_INCHES = (9.0, 4.2)
DOTS_PER_INCH = 75  # keeps the file small


def draw_benchmark(truth: Benchmark, scores: Mapping[str, Floats], path: Path) -> None:
    """Write a PNG: left POD against FPR of every method, right the mean delay at FPR .01."""
    figure = Figure(figsize=SIZE_INCHES)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    colours = colormaps["tab20"](np.linspace(0, 1, max(len(scores), 2)))
    delays: list[float] = []
    for (name, score), colour in zip(scores.items(), colours, strict=False):
        found = [measure(truth, score, rate=rate) for rate in CURVE]
        dashed = "--" if name.startswith("oracle") else "-"
        left.plot(
            [one.false_positive_rate for one in found],
            [one.detected for one in found],
            dashed,
            color=colour,
        )
        delays.append(found[CURVE.index(DELAY_RATE)].delay)
    left.set(
        xscale="log", xlabel="false-positive rate a week", ylabel="outbreaks detected (POD)", ylim=(0, 1)
    )
    left.grid(alpha=0.3)
    left.set_title("detection (colours as on the right; dashed: the oracle)", fontsize=8)
    places = np.arange(len(scores))
    right.barh(places, delays, color=colours[: len(scores)])
    right.set_yticks(places, list(scores), fontsize=8)
    right.invert_yaxis()
    right.set_title("delay of what is detected", fontsize=8)
    right.set(xlabel=f"weeks to detection at FPR {DELAY_RATE}")
    figure.tight_layout()
    figure.savefig(path, dpi=DOTS_PER_INCH)
