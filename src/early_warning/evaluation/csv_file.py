"""`detect`: read counts from a CSV file, fuse its sources, and print the alarms with their reasons."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..budget import choose_warnings
from ..detection import Detection
from ..detectors import daily_regression, ears, harmonic
from ..fusion import FusedWarning, fuse
from ..panel import MONDAY, SUNDAY, Calendar, Panel, Step
from ..pooling import Evidence, level, single

Floats = NDArray[np.float64]

SPANS = {Step.DAY: (1, 3, 7), Step.ISO_WEEK: (1, 2), Step.EPI_WEEK: (1, 2)}
WEEKS_FOR_REGRESSION = 112  # two years beside the weeks that the harmonic regression leaves out
DAYS_FOR_REGRESSION = 84
LEARNT_FROM = 56  # periods before the printed ones from which the sources' correlation is learnt
ONLY_SOURCE = "counts"


class UnreadableFile(ValueError):
    """The CSV file lacks a column or holds a value that is none; the message names the line."""


@dataclass(frozen=True, eq=False)
class CountsFile:
    """What a file holds: one panel a source, over the same areas and calendar."""

    areas: tuple[str, ...]
    calendar: Calendar
    panels: dict[str, Panel]


def run(arguments: argparse.Namespace) -> int:
    """Print the alarms of the last periods, strongest first; 0 also when there are none."""
    try:
        read = read_counts(arguments.file)
    except (UnreadableFile, OSError) as error:
        print(f"cannot read {arguments.file}: {error}")
        return 2
    for line in alarm_lines(read, last=arguments.last, largest_p=arguments.largest_p):
        print(line)
    return 0


def read_counts(path: Path) -> CountsFile:
    """Read columns date, area, count[, population, source]; a row that is absent is a missing report."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        lacking = {"date", "area", "count"} - set(reader.fieldnames or ())
        if lacking:
            raise UnreadableFile(f"no column {', '.join(sorted(lacking))}")
        rows = [_row(number, row) for number, row in enumerate(reader, start=2)]
    if not rows:
        raise UnreadableFile("no rows")
    areas = tuple(sorted({area for _, area, *_ in rows}))
    calendar, length = _calendar({day for day, *_ in rows})
    step = 1 if calendar.step is Step.DAY else 7
    place = {area: number for number, area in enumerate(areas)}
    start = min(day for day, *_ in rows)
    panels: dict[str, Panel] = {}
    for source in sorted({row[4] for row in rows}):
        counts, people = np.full((len(areas), length), np.nan), np.full((len(areas), length), np.nan)
        for day, area, count, population, of_source in rows:
            if of_source == source:
                where = place[area], (day - start).days // step
                counts[where] = np.nansum([counts[where], count])
                people[where] = population
        known = None if np.isnan(people).all() else people
        panels[source] = Panel.of(counts, calendar, known, areas)
    return CountsFile(areas, calendar, panels)


def alarm_lines(read: CountsFile, *, last: int, largest_p: float) -> Iterable[str]:
    """Yield one line a warning of each of the `last` periods, and a closing line."""
    spans = SPANS[read.calendar.step]
    length = next(iter(read.panels.values())).period_count
    monitored = min(LEARNT_FROM + max(spans) - 1, length) if last <= LEARNT_FROM else length
    evidence = []
    for source, panel in read.panels.items():
        detection = _detect(panel, monitored, last)
        yield f"{source}: {detection.method}"
        evidence.append(Evidence.of(source, panel, detection))
    areas = len(read.areas)
    scopes = [single(areas)]
    if areas > 1:
        scopes.append(level(np.zeros(areas, int), "all areas"))
    fusion = fuse(evidence, scopes=scopes, spans=spans)
    days = read.calendar.dates(length)[-monitored:]
    alarms = 0
    for period in range(max(0, monitored - last), monitored):
        for warning in choose_warnings(fusion, period, largest_p=largest_p):
            alarms += 1
            yield f"{days[period]}  {_sentence(warning, read)}"
    yield f"{alarms} alarms in {areas} areas over the last {last} {read.calendar.step}s at p <= {largest_p}"


def _detect(panel: Panel, monitored: int, last: int) -> Detection:
    """Choose the detector that the length of the history before the `last` periods allows."""
    history = panel.period_count - last
    if panel.calendar.step is not Step.DAY and history >= WEEKS_FOR_REGRESSION:
        return harmonic.harmonic(panel, last=monitored)
    if panel.calendar.step is Step.DAY and history >= DAYS_FOR_REGRESSION:
        return daily_regression.detect(panel, last=monitored)
    return ears.c2(panel, ears.EarsOptions(min_sigma=1.0), monitored)


def _sentence(warning: FusedWarning, read: CountsFile) -> str:
    where = read.areas[warning.members[0]] if len(warning.members) == 1 else warning.scope
    unit = "day" if read.calendar.step is Step.DAY else "week"
    when = f"last {warning.span} {unit}s" if warning.span > 1 else f"this {unit}"
    parts = "; ".join(
        f"{part.source} {part.observed:g} against {part.expected:.1f} expected"
        + (f" ({part.share:.0%} of the score)" if len(warning.contributions) > 1 else "")
        for part in warning.contributions
    )
    return f"{where}, {when}: {parts}; z {warning.z:.1f}, p {warning.p:.1g}"


def _row(number: int, row: dict[str, str]) -> tuple[date, str, float, float, str]:
    try:
        population = row.get("population") or "nan"
        count = float(row["count"]) if row["count"].strip() else np.nan
        return (
            date.fromisoformat(row["date"].strip()),
            row["area"].strip(),
            count,
            float(population),
            (row.get("source") or ONLY_SOURCE).strip(),
        )
    except (ValueError, AttributeError) as error:
        raise UnreadableFile(f"line {number}: {error}") from error


def _calendar(days: set[date]) -> tuple[Calendar, int]:
    """Tell weeks from days: all dates on one Monday or Sunday rhythm, and more than one of them."""
    first, last = min(days), max(days)
    weekly = len(days) > 1 and all((day - first).days % 7 == 0 for day in days)
    if weekly and first.weekday() in {MONDAY, SUNDAY}:
        step = Step.ISO_WEEK if first.weekday() == MONDAY else Step.EPI_WEEK
        return Calendar(step, first), (last - first).days // 7 + 1
    return Calendar(Step.DAY, first), (last - first).days + 1
