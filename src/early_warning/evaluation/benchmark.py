"""The benchmark: detectors at equal false-positive rates, fused sources, sparse towns, forecasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ..fusion import fuse
from ..panel import Calendar, Panel, Step
from ..pooling import Evidence
from .daily import DAYS, EVALUATED_WEEKS, daily_benchmark
from .forecasts import score_forecasts
from .measures import RATES, Measures, measure
from .methods import FARRINGTON, HARMONIC, Method, daily_methods, sparse_methods, weekly_methods
from .oracle import oracle_score
from .sparse import HISTORY_DAYS, SCORED_DAYS, SPANS, SparseMeasure, SparseTown, measure_sparse, pooled_scores
from .sparse import sparse_town as simulate_town
from .weekly import Benchmark, weekly_benchmark

Floats = NDArray[np.float64]
Progress = Callable[[str], None]

ORACLE = "oracle"
TWO_WEEKS = (1, 2)
SOURCES = (1, 2, 3, 5)
CORRELATION = 0.3
STATED_RATE = 0.01
SPARSE_RATES = (0.001, 0.005, 0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Result:
    """One method at one equal false-positive rate."""

    method: str
    rate: float
    measures: Measures


@dataclass(frozen=True, slots=True)
class FusedResult:
    """Fused sources of one detector: `measures` at FPR .01, `stated` where .01 is what is asked for."""

    method: str
    sources: int
    spans: tuple[int, ...]
    correlation: float
    measures: Measures
    stated: Measures


def run_weekly(
    *, seed: int, replicates: int, progress: Progress
) -> tuple[list[Result], dict[str, Floats], Benchmark]:
    """Run every weekly detector, single and with two-week sums; also return the scores for plots."""
    truth = weekly_benchmark(seed=seed, replicates=replicates)
    panel = Panel.of(truth.counts[0], Calendar(Step.ISO_WEEK))
    scored = panel.period_count - truth.evaluated_from
    scores: dict[str, Floats] = {}
    for name, method in weekly_methods().items():
        progress(name)
        detection = method(panel, scored + 1)
        scores[name] = detection.z[:, 1:]
        if name in {FARRINGTON, HARMONIC}:
            evidence = [Evidence.of(name, panel, detection)]
            scores[f"{name}, 1+2 weeks"] = fuse(evidence, spans=TWO_WEEKS).z[:, 1:]
    progress(ORACLE)
    scores[ORACLE] = oracle_score(truth)
    scores[f"{ORACLE}, 1+2 weeks"] = oracle_score(truth, spans=TWO_WEEKS)
    return _at_all_rates(truth, scores), scores, truth


def run_fusion(*, seed: int, replicates: int, progress: Progress) -> list[FusedResult]:
    """Fuse 1, 2, 3 and 5 sources, independent and with correlated noise, one week and two weeks."""
    results: list[FusedResult] = []
    for correlation in (0.0, CORRELATION):
        truth = weekly_benchmark(
            seed=seed, replicates=replicates, sources=max(SOURCES), correlation=correlation
        )
        for name in (FARRINGTON, HARMONIC):
            evidence: list[Evidence] = []
            for counts in truth.counts:
                progress(f"{name}, {len(evidence) + 1} sources, correlation {correlation}")
                panel = Panel.of(counts, Calendar(Step.ISO_WEEK))
                scored = panel.period_count - truth.evaluated_from
                found = weekly_methods()[name](panel, scored + 1)
                evidence.append(Evidence.of(f"source {len(evidence) + 1}", panel, found))
            results += _fused(name, truth, evidence, correlation)
        progress(f"{ORACLE}, correlation {correlation}")
        for sources in SOURCES:
            part = first_sources(truth, sources)
            for spans in ((1,), TWO_WEEKS):
                results.append(
                    _fused_result(ORACLE, part, oracle_score(part, spans=spans), spans, correlation)
                )
    return results


def run_daily(*, seed: int, replicates: int, progress: Progress) -> list[Result]:
    """Run the daily detectors on the 16 signals; the delay is in days."""
    truth, panel, holidays = daily_benchmark(seed=seed, replicates=replicates)
    scores: dict[str, Floats] = {}
    for name, method in daily_methods(holidays).items():
        progress(f"daily: {name}")
        scores[name] = method(panel, 7 * EVALUATED_WEEKS).z
    assert truth.counts.shape[2] == DAYS
    return _at_all_rates(truth, scores)


def run_sparse(*, seed: int, towns: int, progress: Progress) -> dict[str, dict[float, SparseMeasure]]:
    """Score pooling against each detector that looks at one grid at a time, over several towns."""
    collected: dict[str, list[dict[float, SparseMeasure]]] = {}
    for number in range(towns):
        town = simulate_town(seed=seed * 1000 + number)
        methods = sparse_methods(town.communities)
        for name, method in methods.items():
            progress(f"sparse town {number + 1}: {name}")
            quiet, struck = (method(panel, SCORED_DAYS).z for panel in (town.quiet, town.struck))
            collected.setdefault(name, []).append(dict(measure_sparse(town, quiet, struck, SPARSE_RATES)))
        exact = methods["exact test, shrunken"]
        for name, pooled in (("exact, pooled over days", False), ("exact, pooled over days and pairs", True)):
            progress(f"sparse town {number + 1}: {name}")
            quiet, struck = (_pooled(town, panel, exact, pairs=pooled) for panel in (town.quiet, town.struck))
            collected.setdefault(name, []).append(dict(measure_sparse(town, quiet, struck, SPARSE_RATES)))
    return {name: _averaged(found) for name, found in collected.items()}


def run_forecasts(*, seed: int, progress: Progress) -> list[list[str]]:
    """Return the rows of the forecast table."""
    progress("forecasts")
    return [
        [
            score.method, str(score.ahead), f"{score.wis:.2f}", f"{score.wis_error:.2f}", f"{score.crps:.2f}",
            f"{score.coverage_50:.2f}", f"{score.coverage_95:.2f}",
        ]
        for score in score_forecasts(seed=seed)
    ]  # fmt: skip


def first_sources(truth: Benchmark, sources: int) -> Benchmark:
    """Return the benchmark as seen by its first sources alone."""
    return replace(
        truth,
        counts=truth.counts[:sources],
        mean=truth.mean[:sources],
        outbreak=truth.outbreak[:sources],
    )


def _at_all_rates(truth: Benchmark, scores: dict[str, Floats]) -> list[Result]:
    return [
        Result(name, rate, measure(truth, score, rate=rate))
        for name, score in scores.items()
        for rate in RATES
    ]


def _fused(
    name: str, truth: Benchmark, evidence: Sequence[Evidence], correlation: float
) -> list[FusedResult]:
    return [
        _fused_result(
            name,
            first_sources(truth, sources),
            fuse(evidence[:sources], spans=spans).z[:, 1:],
            spans,
            correlation,
        )
        for sources in SOURCES
        for spans in ((1,), TWO_WEEKS)
    ]


def _fused_result(
    name: str, truth: Benchmark, score: Floats, spans: tuple[int, ...], correlation: float
) -> FusedResult:
    stated = measure(truth, score, threshold=float(-ndtri(STATED_RATE)))
    equal = measure(truth, score, rate=STATED_RATE)
    return FusedResult(name, len(truth.counts), spans, correlation, equal, stated)


def _pooled(town: SparseTown, panel: Panel, method: Method, *, pairs: bool) -> Floats:
    detection = method(panel, SCORED_DAYS + max(SPANS) - 1)
    assert panel.period_count == HISTORY_DAYS + SCORED_DAYS
    evidence = Evidence.of("clinic", panel, detection)
    if not pairs:
        return fuse([evidence], spans=SPANS).z
    return pooled_scores(town, evidence)


def _averaged(found: Sequence[dict[float, SparseMeasure]]) -> dict[float, SparseMeasure]:
    """Average over towns; the standard error is over towns."""
    answer: dict[float, SparseMeasure] = {}
    for rate in SPARSE_RATES:
        shares = np.array([one[rate].detected for one in found])
        delays = np.array([one[rate].delay for one in found])
        error = (
            shares.std(ddof=1) / np.sqrt(len(shares)) if len(shares) > 1 else found[0][rate].detected_error
        )
        answer[rate] = SparseMeasure(rate, float(shares.mean()), float(error), float(np.nanmean(delays)))
    return answer
