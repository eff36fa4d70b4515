"""`benchmark`: run everything from a seed, print the tables, draw the picture."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from tqdm import tqdm

from .benchmark import (
    SPARSE_RATES,
    FusedResult,
    Progress,
    Result,
    run_daily,
    run_forecasts,
    run_fusion,
    run_sparse,
    run_weekly,
)
from .measures import RATES
from .plot import draw_benchmark
from .sparse import SparseMeasure
from .tables import HEADINGS, measures_row, text_table

DAILY_REPLICATES = 20  # of each of the 16 signals, for 100 of the weekly scenarios
SPARSE_TOWNS = 10
FUSED_HEADINGS = (
    "fused",
    "sources",
    "weeks",
    "correlation",
    "POD",
    "(se)",
    "POD 1st",
    "k 1-3",
    "alarm rate",
    "(se)",
)
FORECAST_HEADINGS = ("forecast", "ahead", "WIS", "(se)", "CRPS", "in 50 %", "in 95 %")
STEPS = {"weekly": 11, "fusion": 22, "daily": 5, "sparse": 9 * SPARSE_TOWNS, "forecasts": 1}


def run(arguments: argparse.Namespace) -> int:
    """Run the parts asked for (all by default), each under a progress bar, and print each when it is done."""
    parts = arguments.only or list(STEPS)
    print(f"seed {arguments.seed}, {arguments.replicates} replicates of 42 scenarios")
    with tqdm(total=sum(STEPS[part] for part in parts), unit="step") as bar:

        def progress(step: str) -> None:
            bar.set_description(step)
            bar.update()

        for part in parts:
            for text in PARTS[part](arguments, progress):
                tqdm.write(f"\n{text}")
    return 0


def _weekly(arguments: argparse.Namespace, progress: Progress) -> Iterable[str]:
    results, scores, truth = run_weekly(
        seed=arguments.seed, replicates=arguments.replicates, progress=progress
    )
    yield from _rate_tables("42 weekly scenarios", results)
    draw_benchmark(truth, scores, arguments.picture)
    yield f"picture: {arguments.picture}"


def _fusion(arguments: argparse.Namespace, progress: Progress) -> Iterable[str]:
    results = run_fusion(seed=arguments.seed, replicates=arguments.replicates, progress=progress)
    yield (
        "Fused sources: POD at equal FPR .01; alarm rate in quiet weeks when .01 is asked for\n"
        + text_table(FUSED_HEADINGS, (_fused_row(one) for one in results))
    )


def _daily(arguments: argparse.Namespace, progress: Progress) -> Iterable[str]:
    replicates = max(1, arguments.replicates * DAILY_REPLICATES // 100)
    results = run_daily(seed=arguments.seed, replicates=replicates, progress=progress)
    yield from _rate_tables(f"16 daily signals, {replicates} replicates (strengths 2, 3 | 5 | 10)", results)


def _sparse(arguments: argparse.Namespace, progress: Progress) -> Iterable[str]:
    found = run_sparse(seed=arguments.seed, towns=SPARSE_TOWNS, progress=progress)
    headings = ("1,000 grids, 0.05 a day", *(f"POD at {rate}" for rate in SPARSE_RATES), "(se) .01",
                *(f"days at {rate}" for rate in SPARSE_RATES))  # fmt: skip
    yield text_table(headings, (_sparse_row(name, rates) for name, rates in found.items()))


def _forecasts(arguments: argparse.Namespace, progress: Progress) -> Iterable[str]:
    yield text_table(FORECAST_HEADINGS, run_forecasts(seed=arguments.seed, progress=progress))


def _rate_tables(title: str, results: list[Result]) -> Iterable[str]:
    for rate in RATES:
        rows = [measures_row(one.method, one.measures) for one in results if one.rate == rate]
        yield f"{title}, at equal FPR {rate}\n{text_table(HEADINGS, rows)}"


def _fused_row(one: FusedResult) -> list[str]:
    return [
        one.method,
        str(one.sources),
        "1" if one.spans == (1,) else "1+2",
        str(one.correlation),
        f"{one.measures.detected:.3f}",
        f"{one.measures.detected_error:.3f}",
        f"{one.measures.detected_first:.3f}",
        f"{one.measures.by_strength['k 1-3']:.3f}",
        f"{one.stated.false_positive_rate:.4f}",
        f"{one.stated.false_positive_error:.4f}",
    ]


def _sparse_row(name: str, rates: dict[float, SparseMeasure]) -> list[str]:
    return [
        name,
        *(f"{rates[rate].detected:.3f}" for rate in SPARSE_RATES),
        f"{rates[0.01].detected_error:.3f}",
        *(f"{rates[rate].delay:.2f}" for rate in SPARSE_RATES),
    ]


PARTS: dict[str, Callable[[argparse.Namespace, Progress], Iterable[str]]] = {
    "weekly": _weekly,
    "fusion": _fusion,
    "daily": _daily,
    "sparse": _sparse,
    "forecasts": _forecasts,
}
