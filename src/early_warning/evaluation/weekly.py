"""The 42 weekly scenarios of Noufaily et al. 2013, regenerated from a seed (docs/detectors/benchmark.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

WEEKS = 624
BASELINE_FROM = 312  # weeks before are training; the current outbreak falls in the last 49
EVALUATED_FROM = 575
LATEST_START = 622  # so that an outbreak has a second week inside the evaluated span
PAST_OUTBREAKS = 4
PAST_SIZES = (2, 3, 5, 10)
SPREAD = 0.5  # of the lognormal delay of a case, in log weeks
# theta, beta, gamma1, gamma2, phi: Noufaily 2013, table 1
PARAMETER_SETS = (
    (0.1, 0.0025, 0.6, 0.6, 1.5),
    (-2.0, 0.005, 0.1, 0.3, 2.0),
    (1.5, 0.003, 0.2, -0.4, 1.0),
    (0.5, 0.002, 0.5, 0.5, 5.0),
    (2.5, 0.001, 1.0, 0.1, 3.0),
    (3.75, 0.001, 0.1, -0.1, 1.1),
    (5.0, 0.0001, 0.05, 0.01, 1.2),
)
SCENARIOS = tuple(
    (number, trend, waves) for number in range(len(PARAMETER_SETS)) for trend in (0, 1) for waves in (0, 1, 2)
)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Simulated counts with the truth beside them.

    counts          (sources, series, periods): what is seen
    mean, outbreak  the same shape: the mean without outbreak, the injected cases of the current one
    dispersion      (series,): variance over mean
    start           (series,): period in which the current outbreak begins
    strength        (series,): its size in standard deviations
    scenario        (series,): 0-based scenario number
    evaluated_from  first period that is scored
    """

    counts: Floats
    mean: Floats
    outbreak: Floats
    dispersion: Floats
    start: NDArray[np.int64]
    strength: NDArray[np.int64]
    scenario: NDArray[np.int64]
    evaluated_from: int

    @property
    def outbreak_periods(self) -> NDArray[np.bool_]:
        """Return where, in the scored periods, any source holds outbreak cases: (series, scored periods)."""
        return np.asarray((self.outbreak[:, :, self.evaluated_from :] > 0).any(axis=0))


def scenario_mean(scenario: int) -> tuple[Floats, float]:
    """Return the weekly mean of a scenario (0-based) and its dispersion."""
    number, trend, waves = SCENARIOS[scenario]
    theta, beta, gamma1, gamma2, phi = PARAMETER_SETS[number]
    week = np.arange(1, WEEKS + 1, dtype=float)
    log_mean = theta + beta * trend * week
    for wave in range(1, waves + 1):
        angle = 2 * np.pi * wave * week / 52
        log_mean += gamma1 * np.cos(angle) + gamma2 * np.sin(angle)
    return np.exp(log_mean), phi


def weekly_benchmark(
    *, seed: int, replicates: int = 100, sources: int = 1, correlation: float = 0.0
) -> Benchmark:
    """Simulate `replicates` of each scenario in `sources` that share the current outbreak's time and k.

    `correlation` joins the sources' noise (Gaussian copula). A replicate is the same however many there are.
    """
    parts = [
        _replicate(scenario, np.random.default_rng([seed, scenario, replicate]), sources, correlation)
        for scenario in range(len(SCENARIOS))
        for replicate in range(replicates)
    ]
    counts, mean, outbreak, dispersion, start, strength = (
        np.array(column) for column in zip(*parts, strict=True)
    )
    return Benchmark(
        counts=np.ascontiguousarray(counts.swapaxes(0, 1)),
        mean=np.ascontiguousarray(np.broadcast_to(mean, (sources, *mean.shape))),
        outbreak=np.ascontiguousarray(outbreak.swapaxes(0, 1)),
        dispersion=dispersion,
        start=start,
        strength=strength,
        scenario=np.repeat(np.arange(len(SCENARIOS)), replicates),
        evaluated_from=EVALUATED_FROM,
    )


def _replicate(
    scenario: int, random: np.random.Generator, sources: int, correlation: float
) -> tuple[Floats, Floats, Floats, float, int, int]:
    mean, phi = scenario_mean(scenario)
    start = int(random.integers(EVALUATED_FROM, LATEST_START))
    strength = int(random.integers(1, 11))
    shared = random.standard_normal(WEEKS)
    counts, injected = np.empty((sources, WEEKS)), np.zeros((sources, WEEKS))
    for source in range(sources):
        own = random.standard_normal(WEEKS)
        noise = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
        counts[source] = draw_counts(ndtr(noise), mean, phi)
        past = np.zeros(WEEKS)
        for _ in range(PAST_OUTBREAKS):
            begins = int(random.integers(BASELINE_FROM, EVALUATED_FROM))
            _inject(past, begins, int(random.choice(PAST_SIZES)), mean, phi, random)
        past[EVALUATED_FROM:] = 0  # the tail of a late one would count as a second outbreak
        _inject(injected[source], start, strength, mean, phi, random)
        counts[source] += past + injected[source]
    return counts, mean, injected, phi, start, strength


def _inject(  # noqa: PLR0917 (all that an outbreak is)
    cases: Floats, start: int, strength: int, mean: Floats, phi: float, random: np.random.Generator
) -> None:
    size = random.poisson(strength * np.sqrt(phi * mean[start]))
    when = start + np.floor(random.lognormal(0.0, SPREAD, size)).astype(int)
    np.add.at(cases, when[when < len(cases)], 1.0)


@njit(cache=True, nogil=True)
def draw_counts(level: Floats, mean: Floats, phi: float) -> Floats:
    """Return the negative-binomial (Poisson at phi = 1) counts at the given probability levels."""
    drawn = np.empty(len(level))
    for place in range(len(level)):
        average = mean[place]
        count = 0
        if phi <= 1.0:
            chance = np.exp(-average)
        else:
            size = average / (phi - 1.0)
            chance = np.exp(-size * np.log(phi))
        upto = chance
        while upto < level[place] and count < 100_000:
            if phi <= 1.0:
                chance *= average / (count + 1)
            else:
                chance *= (size + count) / (count + 1) * (1.0 - 1.0 / phi)
            count += 1
            upto += chance
            if chance < 1e-18 and count > average:
                break
        drawn[place] = count
    return drawn
