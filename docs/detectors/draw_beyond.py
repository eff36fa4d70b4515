"""Draw the pictures of the pages beyond one series: fusion, scan, Rt, growth, nowcast, forecast.

Run from the project's root: PYTHONPATH=src python docs/detectors/draw_beyond.py
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from early_warning.forecast import forecast
from early_warning.fusion import fuse
from early_warning.growth import growth
from early_warning.nowcast import nowcast
from early_warning.pooling import Evidence
from early_warning.reproduction import estimate_reproduction, serial_interval
from early_warning.space import circles, poisson_scan

FOLDER = Path(__file__).resolve().parent
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 720, 40, 8, 26, 20
NAMESPACE = "http://www.w3.org/2000/svg"  # the name of the format, nothing to fetch
COUNT, LINE, BOUND, ALARM, BAND = "#9db8b0", "#2f5d62", "#c08a3e", "#b3392f", "#e4ecea"
THRESHOLD = 3.0


@dataclass
class Picture:
    """Panels of one width under each other, over a row of labels."""

    height: int
    parts: list[str] = field(default_factory=list)

    def labels(self, *named: tuple[str, str]) -> None:
        """Write the legend along the top."""
        for place, (colour, text) in enumerate(named):
            left = LEFT + 165 * place
            self.parts.append(f'<rect x="{left}" y="8" width="12" height="8" fill="{colour}"/>')
            self.text(left + 17, 16, text, anchor="start")

    def text(self, x: float, y: float, text: str, anchor: str = "end") -> None:
        """Write a word."""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#444">{text}</text>')

    def save(self, name: str) -> None:
        """Write the file beside its page."""
        head = f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {WIDTH} {self.height}" font-family="sans-serif" '
        body = [f'{head}font-size="11">', f'<rect width="{WIDTH}" height="{self.height}" fill="#fff"/>']
        FOLDER.joinpath(f"{name}.svg").write_text("\n".join([*body, *self.parts, "</svg>", ""]))


@dataclass
class Axes:
    """One panel: `number` places along, values from `low` to `high` between the heights `top` and `base`."""

    picture: Picture
    number: int
    top: float
    base: float
    low: float
    high: float

    def x(self, place: float) -> float:
        """Return where a place lies."""
        return LEFT + (place + 0.5) * (WIDTH - LEFT - RIGHT) / self.number

    def y(self, value: float) -> float:
        """Return how high a value lies."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.base - share * (self.base - self.top)

    def bars(self, values: Sequence[float], red: Sequence[bool] = (), colour: str = COUNT) -> None:
        """Draw a bar a place."""
        wide = 0.8 * (WIDTH - LEFT - RIGHT) / self.number
        for place, value in enumerate(values):
            fill = ALARM if len(red) and red[place] else colour
            self.picture.parts.append(
                f'<rect x="{self.x(place) - wide / 2:.1f}" y="{self.y(value):.1f}" width="{wide:.1f}" '
                f'height="{self.base - self.y(value):.1f}" fill="{fill}"/>'
            )

    def line(self, values: Sequence[float], colour: str, dashed: bool = False) -> None:
        """Draw a line through the values that exist."""
        points = " ".join(f"{self.x(i):.1f},{self.y(v):.1f}" for i, v in enumerate(values) if np.isfinite(v))
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.picture.parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"{dash}/>'
        )

    def band(self, low: Sequence[float], high: Sequence[float]) -> None:
        """Shade between two lines where both exist."""
        known = [i for i in range(len(low)) if np.isfinite(low[i]) and np.isfinite(high[i])]
        there = [f"{self.x(i):.1f},{self.y(high[i]):.1f}" for i in known]
        back = [f"{self.x(i):.1f},{self.y(low[i]):.1f}" for i in reversed(known)]
        self.picture.parts.append(f'<polygon points="{" ".join(there + back)}" fill="{BAND}"/>')

    def dots(self, values: Sequence[float], shown: Sequence[bool]) -> None:
        """Mark the places that are shown."""
        for place in np.flatnonzero(shown):
            where = f'cx="{self.x(place):.1f}" cy="{self.y(values[place]):.1f}"'
            self.picture.parts.append(f'<circle {where} r="3.2" fill="{ALARM}"/>')

    def ticks(self, *values: float) -> None:
        """Write values at the left edge."""
        for value in values:
            self.picture.text(LEFT - 6, self.y(value) + 4, f"{value:g}")


def draw_fusion() -> str:
    """Three sources none of which alarms, and their fused score, which does."""
    random = np.random.default_rng(8)
    days, names, means = 60, ("诊所 clinic", "药店 pharmacy", "学校 school"), (6.0, 9.0, 4.0)
    evidence = []
    for name, mean in zip(names, means, strict=True):
        counts = random.poisson(mean, (400, days)).astype(float)  # 400 places; the picture shows the first
        counts[0, 45:49] += np.round(2.1 * np.sqrt(mean))
        evidence.append(Evidence.build(name, counts, np.full((400, days), mean)))
    fused = fuse(evidence, spans=(1, 3))
    alarm = fused.z[0] > THRESHOLD
    picture = Picture(TOP + 3 * 62 + 100 + BOTTOM)
    picture.labels(
        (COUNT, "病例 cases"), (LINE, "预期 expected"), (BOUND, "单源上限 bound"), (ALARM, "合并报警 alarm")
    )
    alone = 0
    for row, (one, name, mean) in enumerate(zip(evidence, names, means, strict=True)):
        z = fuse([one], spans=(1,)).z[0]
        alone += int((z > THRESHOLD).sum())
        top = TOP + 6 + 62 * row
        axes = Axes(picture, days, top, top + 52, 0, mean + 4.2 * np.sqrt(mean))
        axes.bars(one.observed[0], alarm)
        axes.line(np.full(days, mean), LINE)
        axes.line(np.full(days, mean + THRESHOLD * np.sqrt(mean)), BOUND)
        axes.ticks(0)
        picture.text(WIDTH - RIGHT, top + 6, name)
    score = Axes(picture, days, TOP + 200, TOP + 286, -3, 7)
    score.line(fused.z[0], LINE)
    score.line(np.full(days, THRESHOLD), BOUND, dashed=True)
    score.dots(fused.z[0], alarm)
    score.ticks(-3, 0, 3, 6)
    picture.text(WIDTH - RIGHT, TOP + 198, "合并分值 fused z")
    picture.save("fusion")
    return f"{int(alarm.sum())} fused alarms, {alone} by a source alone"


def draw_scan() -> str:
    """A town of 300 areas with more cases than due in one corner, and the circle the scan finds."""
    random = np.random.default_rng(5)
    x, y = random.random(300), random.random(300)
    people = random.integers(500, 3000, 300)
    risk = np.where(np.hypot(x - 0.7, y - 0.4) < 0.11, 3.0, 1.0)
    cases = random.poisson(people * 1.2e-3 * risk)
    found = poisson_scan(cases, people, circles(x, y, people, max_areas=60), replicates=999).clusters[0]
    height = 380
    picture = Picture(height)
    picture.labels((COUNT, "病例（点大小）cases"), (ALARM, "聚集区 cluster"))
    across, down = WIDTH - LEFT - RIGHT - 210, height - TOP - BOTTOM - 6
    inside = np.isin(np.arange(300), found.members)

    def at(area: int) -> tuple[float, float]:
        return LEFT + x[area] * across, TOP + 8 + y[area] * down

    for area in range(300):
        left, top = at(area)
        size = 1.4 + 1.5 * np.sqrt(cases[area])
        colour = ALARM if inside[area] else COUNT
        picture.parts.append(
            f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{size:.1f}" fill="{colour}" fill-opacity="0.75"/>'
        )
    centre = at(found.members[0])
    reach = [np.hypot(at(one)[0] - centre[0], at(one)[1] - centre[1]) for one in found.members]
    picture.parts.append(
        f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{max(reach) + 7:.1f}" fill="none" '
        f'stroke="{ALARM}" stroke-dasharray="5 4"/>'
    )
    words = (
        f"{len(found.members)} 个小区 areas",
        f"{found.observed:.0f} 例 cases",
        f"预期 expected {found.expected:.1f}",
        f"LLR {found.score:.1f}",
        f"p = {found.p_gumbel:.1g}",
        f"每 {1 / found.p_gumbel:,.0f} 次分析一次",
        "once in so many analyses",
    )
    for row, text in enumerate(words):
        picture.text(WIDTH - 195, TOP + 40 + 22 * row, text, anchor="start")
    picture.save("scan")
    true = int((risk[list(found.members)] > 1).sum())
    return f"p {found.p_gumbel:.1g}, {true} of {len(found.members)} areas truly raised"


def epidemic(seed: int, days: int = 80) -> np.ndarray:
    """Return the daily cases of one wave: growth, a turn, decline."""
    log_mean = np.concatenate([np.linspace(1.0, 4.0, 40), np.linspace(4.0, 2.2, days - 40)])
    return np.random.default_rng(seed).poisson(np.exp(log_mean)).astype(float)


def draw_reproduction() -> str:
    """Cases of a wave, and Rt with its 95 % interval."""
    cases = epidemic(3)
    found = estimate_reproduction(cases, serial_interval(4.7, 2.9, 30))
    pad = np.full(found.first_day, np.nan)
    low, middle, high = (np.concatenate([pad, found.quantiles[level, 0]]) for level in range(3))
    picture = Picture(300)
    picture.labels((COUNT, "病例 cases"), (LINE, "Rt 中位数 median"), (BAND, "95 % 区间 interval"))
    upper = Axes(picture, cases.size, TOP + 6, 140, 0, float(cases.max()))
    upper.bars(cases)
    upper.ticks(0, 40)
    lower = Axes(picture, cases.size, 156, 284, 0, 4)
    lower.band(low, high)
    lower.line(middle, LINE)
    lower.line(np.ones(cases.size), BOUND, dashed=True)
    lower.ticks(0, 1, 2, 3)
    picture.save("reproduction")
    return f"Rt on the last day {middle[-1]:.2f}"


def draw_growth() -> str:
    """Cases of a wave, and the growth rate of the last 14 days with its 95 % interval."""
    cases = epidemic(4)
    ends = np.arange(14, cases.size + 1)
    found = growth(np.stack([cases[end - 14 : end] for end in ends]))
    pad = np.full(13, np.nan)
    rate, error = (np.concatenate([pad, values]) for values in (found.rate, found.standard_error))
    picture = Picture(300)
    picture.labels((COUNT, "病例 cases"), (LINE, "日增长率 rate a day"), (BAND, "95 % 区间 interval"))
    upper = Axes(picture, cases.size, TOP + 6, 140, 0, float(cases.max()))
    upper.bars(cases)
    upper.ticks(0, 40)
    lower = Axes(picture, cases.size, 156, 284, -0.15, 0.25)
    lower.band(rate - 1.96 * error, rate + 1.96 * error)
    lower.line(rate, LINE)
    lower.line(np.zeros(cases.size), BOUND, dashed=True)
    lower.ticks(-0.1, 0, 0.1, 0.2)
    picture.save("growth")
    return f"steepest {np.nanmax(rate):.3f} a day"


def draw_nowcast() -> str:
    """What is reported so far of each day, what is expected in the end, and what came in the end."""
    random = np.random.default_rng(6)
    days, delays = 50, 10
    share = 0.72 ** np.arange(delays) / (0.72 ** np.arange(delays)).sum()
    final = random.poisson(np.linspace(8, 26, days))
    triangle = np.stack([random.multinomial(number, share) for number in final]).astype(float)
    for day in range(days):
        triangle[day, days - day :] = np.nan
    found = nowcast(triangle[None])
    picture = Picture(240)
    picture.labels(
        (COUNT, "已报告 reported"), (LINE, "预计最终 nowcast"), (BAND, "95 %"), (ALARM, "实际最终 in the end")
    )
    axes = Axes(picture, days, TOP + 6, 240 - BOTTOM, 0, 1.15 * float(found.quantiles[2, 0].max()))
    axes.band(found.quantiles[0, 0], found.quantiles[2, 0])
    axes.bars(found.reported[0])
    axes.line(found.expected[0], LINE)
    axes.dots(final, np.arange(days) >= days - delays)
    axes.ticks(0, 20)
    picture.save("nowcast")
    within = (found.quantiles[0, 0] <= final) & (final <= found.quantiles[2, 0])
    return f"{int(within[-delays:].sum())} of the last {delays} days within"


def draw_forecast() -> str:
    """Three years of weeks, and a forecast of the next four beside what came."""
    random = np.random.default_rng(7)
    weeks = np.arange(160)
    means = np.exp(2.6 + 0.9 * np.cos(2 * np.pi * (weeks - 2) / 52))
    counts = random.negative_binomial(means, 0.5)
    known, shown = 152, 52
    found = forecast(counts[None, :known].astype(float), 4, season=52)
    picture = Picture(240)
    picture.labels((COUNT, "病例 cases"), (LINE, "预测 forecast"), (BAND, "95 %"), (ALARM, "实际 what came"))
    start = known - shown
    number = shown + 4
    axes = Axes(picture, number, TOP + 6, 240 - BOTTOM, 0, 1.2 * float(found.quantiles.max()))
    ahead = np.full((3, number), np.nan)
    ahead[:, shown:] = found.quantiles[[0, 3, 6], 0]
    axes.band(ahead[0], ahead[2])
    axes.bars(counts[start:known])
    axes.line(ahead[1], LINE)
    came = np.concatenate([np.zeros(shown), counts[known : known + 4]])
    axes.dots(came, np.arange(number) >= shown)
    axes.ticks(0, 20, 40)
    picture.save("forecast")
    return f"median {found.median[0]}, came {counts[known : known + 4]}"


if __name__ == "__main__":
    for draw in (draw_fusion, draw_scan, draw_reproduction, draw_growth, draw_nowcast, draw_forecast):
        print(f"{draw.__name__[5:]}: {draw()}")
