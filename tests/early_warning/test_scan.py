"""The scans find the reference's cluster, agree with brute force, and refuse what they cannot use."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from early_warning.space import (
    Cluster,
    ScanResult,
    circles,
    connected,
    expectation_scan,
    permutation_scan,
    poisson_scan,
    scan,
)

VECTORS = json.loads((Path(__file__).parents[1] / "baselines" / "scan_kulldorff.json").read_text())["cases"]


def town(seed: int = 3, areas: int = 30) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.random(areas), random.random(areas), random.integers(200, 3000, areas)


def plain_score(cases: float, expected: float, total: float) -> float:
    if cases <= expected:
        return 0.0
    outside = total - cases
    return float(
        cases * np.log(cases / expected)
        + (outside * np.log(outside / (total - expected)) if outside > 0 else 0.0)
    )


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_poisson_scan_finds_the_cluster_of_the_reference(case: dict[str, Any]) -> None:
    windows = circles(case["x"], case["y"], case["population"], max_share=case["pop_upper_bound"])

    found = poisson_scan(case["cases"], case["population"], windows, replicates=case["n_sim"], seed=7)

    strongest = found.clusters[0]
    p = case["p_value_mc"]
    assert strongest.score == pytest.approx(case["llr"], rel=1e-7)
    assert set(strongest.members) == {member - 1 for member in case["members_1based"]}
    assert abs(strongest.p_monte_carlo - p) <= 3 * np.sqrt(2 * p * (1 - p) / case["n_sim"]) + 0.001


def test_replicate_maxima_equal_a_scan_by_brute_force() -> None:
    x, y, people = town()
    windows = circles(x, y, people)
    cases = np.random.default_rng(1).poisson(people * 0.004)
    total = int(cases.sum())

    found = poisson_scan(cases, people, windows, replicates=70, seed=5)

    share = people / people.sum()
    for number, largest in enumerate(found.replicate_maxima):
        replicate = np.random.default_rng([5, number]).multinomial(total, np.append(share, 0.0))[:-1]
        by_hand = max(
            plain_score(replicate[members].sum(), share[members].sum() * total, total)
            for row, length in zip(windows.order, windows.length, strict=True)
            for members in (row[: size + 1] for size in range(length))
        )
        assert largest == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_results_do_not_depend_on_the_batch(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, people = town()
    windows = circles(x, y, people)
    table = np.random.default_rng(2).poisson(people[:, None] * 0.001, size=(30, 20))
    scans: list[Callable[[], ScanResult]] = [
        lambda: poisson_scan(table, people, windows, max_days=5, replicates=50),
        lambda: expectation_scan(table, people * 0.001, windows, max_days=5, replicates=50),
        lambda: permutation_scan(table, windows, max_days=5, replicates=50),
    ]
    before = [run() for run in scans]

    monkeypatch.setattr(scan, "REPLICATES_AT_ONCE", batch)

    for run, first in zip(scans, before, strict=True):
        again = run()
        assert again.clusters == first.clusters
        assert np.array_equal(again.replicate_maxima, first.replicate_maxima)


def strongest(clusters: tuple[Cluster, ...]) -> Cluster:
    assert clusters
    return clusters[0]


def test_space_time_scan_names_the_place_and_the_days() -> None:
    x, y, people = town(areas=60)
    windows = circles(x, y, people, max_areas=10)
    table = np.random.default_rng(4).poisson(0.3, size=(60, 30))
    hit = list(windows.members(11, 4))
    table[hit, -3:] += 3

    by_permutation = strongest(permutation_scan(table, windows, max_days=7, replicates=199).clusters)
    by_expectation = strongest(
        expectation_scan(table, np.full(60, 0.3), windows, max_days=7, replicates=199).clusters
    )

    for cluster in (by_permutation, by_expectation):
        assert set(cluster.members) == set(hit)
        assert cluster.days == 3
        assert cluster.p_monte_carlo == 1 / 200
        assert cluster.recurrence > 365


def test_a_day_busy_everywhere_is_no_cluster_of_the_permutation_scan() -> None:
    x, y, people = town(areas=40)
    windows = circles(x, y, people, max_areas=10)
    table = np.full((40, 10), 2)
    table[:, -1] *= 10

    assert permutation_scan(table, windows, max_days=3, replicates=19).clusters == ()


def test_bordering_pairs_are_windows_of_the_graph() -> None:
    windows = connected([[1], [2], [], []], max_areas=3)
    pairs = {
        frozenset(windows.members(row, 2)) for row in range(len(windows.length)) if windows.length[row] > 1
    }

    assert pairs == {frozenset({0, 1}), frozenset({1, 2})}
    assert {windows.members(row, 1)[0] for row in range(len(windows.length))} == {0, 1, 2, 3}


def test_clusters_do_not_overlap_and_come_strongest_first() -> None:
    x, y, people = town(areas=60)
    cases = np.random.default_rng(9).poisson(people * 0.003)

    clusters = poisson_scan(cases, people, circles(x, y, people), replicates=9, max_clusters=4).clusters

    members = [member for cluster in clusters for member in cluster.members]
    assert len(members) == len(set(members))
    assert [cluster.score for cluster in clusters] == sorted((c.score for c in clusters), reverse=True)


def test_gumbel_tail_agrees_with_many_replicates() -> None:
    x, y, people = town(areas=60)
    windows = circles(x, y, people)
    cases = np.random.default_rng(9).poisson(people * 0.003)
    many = poisson_scan(cases, people, windows, replicates=9999, seed=1).replicate_maxima
    few = poisson_scan(cases, people, windows, replicates=199, seed=2).replicate_maxima

    score = float(np.quantile(many, 0.99))

    assert scan.gumbel_tail(few, score) == pytest.approx(0.01, rel=0.6)


def test_no_case_anywhere_gives_no_cluster() -> None:
    x, y, people = town()

    assert poisson_scan(np.zeros(30), people, circles(x, y, people), replicates=9).clusters == ()
    assert permutation_scan(np.zeros((30, 4)), circles(x, y, people), replicates=9).clusters == ()


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        ([np.nan] * 30, "missing"),
        ([-1.0] * 30, "not negative"),
        ([0.5] * 30, "whole"),
        ([1.0] * 29, "cover 30 areas"),
        (np.zeros((30, 0)), "cover 30 areas"),
    ],
)
def test_a_scan_refuses_counts_it_cannot_use(cases: Any, words: str) -> None:
    x, y, people = town()

    with pytest.raises(ValueError, match=words):
        poisson_scan(cases, people, circles(x, y, people), replicates=9)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=12, max_size=12), st.permutations(range(12)), st.integers(1, 500)
)
def test_order_of_areas_does_not_matter_and_more_cases_never_lower_the_expectation_score(
    cases: list[int], order: list[int], extra: int
) -> None:
    x, y, people = town(areas=12)
    counts, chosen = np.array(cases), np.array(order)
    expected = people * 0.002
    plain = expectation_scan(counts, expected, circles(x, y, people), replicates=1)
    turned = expectation_scan(
        counts[chosen], expected[chosen], circles(x[chosen], y[chosen], people[chosen]), replicates=1
    )
    more = counts.copy()
    more[3] += extra
    raised = expectation_scan(more, expected, circles(x, y, people), replicates=1)

    def top(result: scan.ScanResult) -> float:
        return result.clusters[0].score if result.clusters else 0.0

    assert top(turned) == pytest.approx(top(plain), rel=1e-9)
    assert top(raised) >= top(plain)
