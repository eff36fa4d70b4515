"""A district of grids and ten indicators with weekday, season, holidays and gaps; five years of history."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.surveillance.scoring import Counts, days_needed

Floats = NDArray[np.float64]

FIRST = date(2026, 1, 1)  # of the scored year
DAYS, YEARS_BEFORE = 365, 5
ACROSS = 40  # grids lie in rows of so many
GRIDS_A_COMMUNITY, COMMUNITIES_A_SUBDISTRICT = 10, 10
# indicator: mean a grid and day, height of the season, weekends, dispersion, share of grids that report
SOURCES = {
    "school_gastro": (0.5, 0.5, None, 1.3, 0.3),
    "pharmacy_gastro": (1.2, 0.3, 0.8, 1.5, 0.5),
    "clinic_gastro": (0.8, 0.4, 0.6, 1.2, 0.6),
    "reported_gastro": (0.05, 0.4, 0.7, 1.0, 1.0),
    "school_fever": (0.9, 0.8, None, 1.5, 0.3),
    "pharmacy_respiratory": (2.0, 0.6, 0.8, 1.6, 0.5),
    "clinic_respiratory": (1.5, 0.7, 0.6, 1.3, 0.6),
    "reported_respiratory": (0.08, 0.7, 0.7, 1.0, 1.0),
    "school_rash": (0.1, 0.3, None, 1.1, 0.3),
    "clinic_rash": (0.15, 0.3, 0.6, 1.0, 0.6),
}
FAMILIES = {"gastro": (0, 1, 2, 3), "respiratory": (4, 5, 6, 7), "rash": (8, 9)}
HOLIDAYS = (
    (1, 1, 3),
    (2, 15, 8),
    (4, 4, 3),
    (5, 1, 5),
    (6, 19, 3),
    (9, 25, 3),
    (10, 1, 7),
)  # month, day, days
GAP = 0.03  # of reports that never come
CASES, SPREAD_DAYS = (8, 20), 7  # an outbreak: so many cases, seen by all sources of its family


@dataclass(frozen=True)
class Outbreak:
    """Cases injected into one grid."""

    family: str
    grid: int
    starts: int  # day of the scored year
    cases: int


@dataclass(frozen=True)
class Year:
    """Five years and the scored one: (indicators, grids, days), NaN where no report came."""

    areas: tuple[str, ...]
    counts: Floats
    holidays: NDArray[np.bool_]
    outbreaks: tuple[Outbreak, ...] = ()

    def until(self, day: int) -> Counts:
        """Return what was known at the end of a day of the scored year, in the form the runs read."""
        end = self.counts.shape[2] - DAYS + day + 1
        subdistricts = tuple(sorted({code[:9] for code in self.areas}))
        place = np.array([subdistricts.index(code[:9]) for code in self.areas])
        known = ~np.isnan(self.counts[:, :, :end])
        seen = np.where(known, self.counts[:, :, :end], 0.0)
        shape = (len(SOURCES), len(subdistricts), end)
        wide, reporters = np.zeros(shape), np.zeros(shape)
        for number in range(len(subdistricts)):
            wide[:, number] = seen[:, place == number].sum(axis=1)
            reporters[:, number] = known[:, place == number].sum(axis=1)
        flags = self.holidays[:end]
        return Counts(
            FIRST + timedelta(days=day), tuple(SOURCES), self.areas,
            self.counts[:, :, max(0, end - days_needed(BLOCK)) : end], subdistricts,
            np.where(reporters > 0, wide, np.nan), reporters, flags, np.zeros_like(flags),
            neighbours_of(len(self.areas)),
        )  # fmt: skip


BLOCK = 73  # days scored in one go; the decisions stay day by day


def neighbours_of(grids: int) -> tuple[tuple[int, ...], ...]:
    """Return the grids above, below, left and right of each."""
    beside = []
    for grid in range(grids):
        near = [grid - ACROSS, grid + ACROSS]
        near += [grid - 1] if grid % ACROSS else []
        near += [grid + 1] if grid % ACROSS != ACROSS - 1 else []
        beside.append(tuple(sorted(one for one in near if 0 <= one < grids)))
    return tuple(beside)


def area_codes(grids: int) -> tuple[str, ...]:
    """Return grid codes: ten grids a community, ten communities a subdistrict."""
    codes = []
    for grid in range(grids):
        community, number = divmod(grid, GRIDS_A_COMMUNITY)
        subdistrict, community = divmod(community, COMMUNITIES_A_SUBDISTRICT)
        codes.append(f"330199{subdistrict + 1:03d}{community + 1:03d}{number + 1:03d}")
    return tuple(codes)


def synthetic_year(grids: int, seed: int) -> Year:
    """Make the quiet district."""
    random = np.random.default_rng(seed)
    first = date(FIRST.year - YEARS_BEFORE, 1, 1)
    days = [first + timedelta(days=n) for n in range((FIRST - first).days + DAYS)]
    weekday = np.array([day.weekday() for day in days])
    angle = 2 * np.pi * np.array([day.timetuple().tm_yday for day in days]) / 365.25
    holiday = np.array([is_holiday(day) for day in days])
    counts = np.full((len(SOURCES), grids, len(days)), np.nan)
    size = random.gamma(4.0, 0.25, grids)
    for row, (mean, height, weekend, dispersion, share) in enumerate(SOURCES.values()):
        rhythm = np.exp(height * np.cos(angle - 0.3 * row)) * np.where(holiday, 0.6, 1.0)
        rhythm = rhythm * np.where(weekday >= 5, weekend if weekend is not None else 1.0, 1.0)
        weather = np.exp(0.05 * random.standard_normal(len(days)))  # moves all grids of a source together
        reporting = random.random(grids) < share
        due = mean * np.outer(size * random.gamma(6.0, 1 / 6, grids), rhythm * weather)
        drawn = random.poisson(due) if dispersion == 1.0 else negative_binomial(random, due, dispersion)
        closed = (weekday >= 5) | holiday if weekend is None else np.zeros(len(days), bool)
        came = (
            reporting[:, None] & ~closed[None, :] & (random.random(due.shape) >= (GAP if share < 1 else 0.0))
        )
        counts[row] = np.where(came, drawn, np.nan)
    return Year(area_codes(grids), counts, holiday)


def negative_binomial(random: np.random.Generator, mean: Floats, dispersion: float) -> Floats:
    """Draw counts of variance `dispersion` times their mean."""
    return random.negative_binomial(mean / (dispersion - 1.0) + 1e-9, 1.0 / dispersion).astype(float)


def is_holiday(day: date) -> bool:
    """Say whether a day is one of the year's public holidays."""
    return any(
        timedelta(0) <= day - date(day.year, month, number) < timedelta(days=long)
        for month, number, long in HOLIDAYS
    )


def struck(year: Year, outbreaks: int, seed: int) -> Year:
    """Inject outbreaks: each source of a family that the grid has sees the cases, some days apart."""
    random = np.random.default_rng(seed)
    counts, base = year.counts.copy(), year.counts.shape[2] - DAYS
    made, used = list[Outbreak](), set[int]()
    while len(made) < outbreaks:
        family = str(random.choice(list(FAMILIES)))
        rows, grid = FAMILIES[family], int(random.integers(len(year.areas)))
        heard = [row for row in rows if np.isfinite(counts[row, grid, -DAYS:]).any()]
        if len(heard) < 2 or grid in used:
            continue
        used.add(grid)
        starts, cases = int(random.integers(5, DAYS - 14)), int(random.integers(*CASES))
        for row in heard:
            for delay in np.minimum(random.gamma(2.0, 1.2, random.binomial(cases, 0.6)), SPREAD_DAYS):
                day = base + starts + int(delay)
                counts[row, grid, day] += 1.0  # a day without a report stays without
        made.append(Outbreak(family, grid, starts, cases))
    return Year(year.areas, counts, year.holidays, tuple(made))
