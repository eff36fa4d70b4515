"""Draw the picture of each detector's page: a simulated series with an outbreak, as a small SVG beside it.

Run from the project's root: PYTHONPATH=src python docs/detectors/draw.py, and draw_beyond.py for the
pages that look beyond one series.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from early_warning.detection import Detection
from early_warning.detectors import (
    case_rules,
    cusum,
    daily_regression,
    ears,
    farrington,
    glr,
    harmonic,
    moving_percentile,
    shrunken_exact,
)
from early_warning.panel import Calendar, FloatArray, Panel, Step

FOLDER = Path(__file__).resolve().parent
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 240, 34, 26, 28
SEED = 13
NAMESPACE = "http://www.w3.org/2000/svg"  # the name of the format, nothing to fetch
COUNT, EXPECTED, UPPER, ALARM = "#9db8b0", "#2f5d62", "#c08a3e", "#b3392f"


def weekly(last: int) -> tuple[Panel, int]:
    """Return six years of seasonal weekly counts with an outbreak near the end."""
    random = np.random.default_rng(SEED)
    weeks = np.arange(6 * 52)
    means = np.exp(1.6 + 0.6 * np.cos(2 * np.pi * weeks / 52))
    counts = random.negative_binomial(means, 0.5).astype(float)
    counts[-14:-9] += [6, 13, 17, 9, 4]
    return Panel.of(counts, Calendar(Step.ISO_WEEK, date(2018, 1, 1))), last


def daily(
    last: int, level: float = 6.0, outbreak: tuple[int, ...] = (4, 8, 11, 9, 6, 3)
) -> tuple[Panel, int]:
    """Return three years of daily counts with quiet weekends and an outbreak near the end."""
    random = np.random.default_rng(SEED)
    days = np.arange(3 * 365)
    means = level * np.where(days % 7 >= 5, 0.5, 1.0)
    counts = random.poisson(means).astype(float)
    counts[-24 : -24 + len(outbreak)] += outbreak
    return Panel.of(counts, Calendar(Step.DAY, date(2021, 1, 4))), last


def sparse(last: int) -> tuple[Panel, int]:
    """Return twenty grids of one community with a case every few weeks, and three in a week near the end."""
    random = np.random.default_rng(SEED)
    counts = random.poisson(0.04, (20, 365)).astype(float)
    counts[0, -24:-17] += [1, 0, 0, 1, 0, 1, 0]
    return Panel.of(counts, Calendar(Step.DAY, date(2024, 1, 1))), last


def pictures() -> dict[str, tuple[Panel, Detection]]:
    """Return each page's panel and what its detector makes of it."""
    year, quarter = weekly(78), daily(90)
    grids, months = sparse(120)
    runs: dict[str, tuple[tuple[Panel, int], Callable[[Panel, int], Detection]]] = {
        "farrington": (year, lambda panel, last: farrington.flexible(panel, None, min(last, 48))),
        "harmonic": (year, lambda panel, last: harmonic.harmonic(panel, None, last)),
        "ears": (quarter, lambda panel, last: ears.c2(panel, None, last)),
        "cusum": (
            year,
            lambda panel, last: cusum.detect(panel, cusum.CusumOptions(seasonal_harmonics=1), last),
        ),
        "moving_percentile": (year, lambda panel, last: moving_percentile.detect(panel, None, min(last, 48))),
        "daily_regression": (quarter, lambda panel, last: daily_regression.detect(panel, last=last)),
        "glr": (year, lambda panel, last: glr.detect(panel, None, last)),
        "shrunken_exact": (
            (grids, months),
            lambda panel, last: shrunken_exact.detect(
                panel, [np.zeros(20, dtype=int)], shrunken_exact.ShrinkageOptions(window=7, alpha=0.005), last
            ),
        ),
        "case_rules": (
            (grids, months),
            lambda panel, last: case_rules.cases_in_periods(panel, cases=3, periods=7, last=last),
        ),
    }
    return {name: (panel, run(panel, last)) for name, ((panel, last), run) in runs.items()}


def svg(panel: Panel, found: Detection) -> str:
    """Return the picture of the first series."""
    counts = found.details.get("window_count", panel.counts[:, found.first_period :])[0]
    number = counts.size
    top = 1.1 * float(np.nanmax(np.concatenate([counts, found.upper[0], found.expected[0], [2.0]])))
    step = (WIDTH - LEFT - 8) / number

    def x(place: float) -> float:
        return LEFT + (place + 0.5) * step

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - value / top)

    base = y(0.0)
    parts = [
        f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for place in range(number):
        if not np.isnan(counts[place]):
            colour = ALARM if found.alarm[0, place] else COUNT
            parts.append(
                f'<rect x="{x(place) - 0.4 * step:.1f}" y="{y(counts[place]):.1f}" width="{0.8 * step:.1f}" '
                f'height="{base - y(counts[place]):.1f}" fill="{colour}"/>'
            )
    for values, colour in ((found.expected[0], EXPECTED), (np.maximum(found.upper[0], 0.0), UPPER)):
        parts.append(line(values, colour, x, y))
    for value in (0, int(top / 2.2), int(top / 1.1)):
        parts.append(
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" fill="#555">{value}</text>'
        )
    labels = (
        (COUNT, "病例 cases"),
        (EXPECTED, "预期 expected"),
        (UPPER, "上限 upper bound"),
        (ALARM, "报警 alarm"),
    )
    for place, (colour, label) in enumerate(labels):
        left = LEFT + 150 * place
        parts.append(f'<rect x="{left}" y="8" width="12" height="8" fill="{colour}"/>')
        parts.append(f'<text x="{left + 17}" y="16" fill="#333">{label}</text>')
    return "\n".join([*parts, "</svg>", ""])


def line(values: FloatArray, colour: str, x: Callable[[float], float], y: Callable[[float], float]) -> str:
    """Return a line through the values that exist."""
    points = " ".join(f"{x(i):.1f},{y(v):.1f}" for i, v in enumerate(values) if np.isfinite(v))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>'


if __name__ == "__main__":
    for name, (panel, found) in pictures().items():
        FOLDER.joinpath(f"{name}.svg").write_text(svg(panel, found))
        print(name, int(found.alarm[0].sum()), "alarms")
