"""The benchmark follows its recipe, scores as it says, and the oracle reaches the published figures."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy import stats

from early_warning.evaluation.daily import SIGNALS, daily_benchmark
from early_warning.evaluation.measures import measure, threshold_for
from early_warning.evaluation.oracle import oracle_score
from early_warning.evaluation.sparse import (
    HISTORY_DAYS,
    SCORED_DAYS,
    lattice_neighbours,
    measure_sparse,
    sparse_town,
)
from early_warning.evaluation.weekly import SCENARIOS, Benchmark, draw_counts, scenario_mean, weekly_benchmark


def three_weeks(outbreak: list[float], evaluated_from: int = 0) -> Benchmark:
    cases = np.array(outbreak, float)[None, None]
    return Benchmark(
        counts=cases, mean=np.ones_like(cases), outbreak=cases, dispersion=np.ones(1), start=np.zeros(1, int),
        strength=np.full(1, 5), scenario=np.zeros(1, int), evaluated_from=evaluated_from,
    )  # fmt: skip


def test_there_are_42_scenarios_and_the_first_mean_is_by_hand() -> None:
    mean, phi = scenario_mean(1)  # set 1, no trend, one wave

    assert len(SCENARIOS) == 42
    assert phi == 1.5
    angle = 2 * np.pi / 52
    assert mean[0] == pytest.approx(np.exp(0.1 + 0.6 * np.cos(angle) + 0.6 * np.sin(angle)))


@pytest.mark.parametrize("phi", [1.0, 2.5])
def test_drawn_counts_are_the_quantiles_of_their_law(phi: float) -> None:
    level, mean = np.random.default_rng(0).random(300), np.full(300, 7.3)

    law = stats.poisson(7.3) if phi == 1 else stats.nbinom(7.3 / (phi - 1), 1 / phi)

    assert np.array_equal(draw_counts(level, mean, phi), law.ppf(level))


def test_a_replicate_is_the_same_however_many_there_are() -> None:
    few, more = weekly_benchmark(seed=4, replicates=1), weekly_benchmark(seed=4, replicates=2)

    assert np.array_equal(few.counts[0], more.counts[0, ::2])
    assert not np.array_equal(few.counts, weekly_benchmark(seed=5, replicates=1).counts)


def test_correlation_joins_the_noise_of_sources_and_not_their_size() -> None:
    apart = weekly_benchmark(seed=1, replicates=1, sources=2)
    joined = weekly_benchmark(seed=1, replicates=1, sources=2, correlation=0.3)

    def correlation(truth: Benchmark) -> float:
        quiet = truth.counts[:, -6:, :312]  # set 7: many cases, and no outbreaks in the training weeks
        return float(
            np.mean(
                [
                    np.corrcoef(
                        quiet[0, s] - truth.mean[0, -6 + s, :312], quiet[1, s] - truth.mean[1, -6 + s, :312]
                    )[0, 1]
                    for s in range(6)
                ]
            )
        )

    assert abs(correlation(apart)) < 0.07
    assert correlation(joined) == pytest.approx(0.3, abs=0.07)


def test_the_oracle_reaches_its_known_figures() -> None:
    truth = weekly_benchmark(seed=11, replicates=12)

    one = measure(truth, oracle_score(truth), rate=0.01)
    two = measure(truth, oracle_score(truth, spans=(1, 2)), rate=0.01)

    assert abs(one.detected - 0.553) < 3 * one.detected_error
    assert abs(two.detected - 0.579) < 3 * two.detected_error
    assert measure(truth, oracle_score(truth), threshold=2.326).false_positive_rate == pytest.approx(
        0.0096, abs=0.0012
    )


def test_measures_by_hand() -> None:
    truth = three_weeks([0, 0, 3, 1, 0, 0])
    score = np.array([[9.0, 1.0, 1.0, 9.0, 9.0, np.nan]])

    found = measure(truth, score, threshold=5.0)

    assert found.false_positive_rate == pytest.approx(2 / 4)
    assert (found.detected, found.detected_first, found.delay) == (1.0, 0.0, 1.0)
    assert found.sensitivity == 0.5
    assert found.precision == pytest.approx(1 / 3)
    assert found.by_strength["k 4-6"] == 1.0


def test_an_outbreak_without_cases_is_none() -> None:
    truth = three_weeks([0, 0, 0])
    joined: dict[str, Any] = {
        name: np.concatenate(
            [getattr(truth, name), getattr(three_weeks([0, 2, 0]), name)],
            axis=-2 if name in {"counts", "mean", "outbreak"} else 0,
        )
        for name in ("counts", "mean", "outbreak", "dispersion", "start", "strength", "scenario")
    }
    both = dataclasses.replace(truth, **joined)

    assert measure(both, np.array([[9.0] * 3, [0.0] * 3]), threshold=5.0).detected == 0.0


def test_threshold_keeps_the_rate_even_among_ties() -> None:
    scores = np.array([0.0] * 90 + [1.0] * 8 + [2.0] * 2)

    assert (scores > threshold_for(scores, 0.05)).mean() == 0.02
    assert (scores > threshold_for(scores, 0.10)).mean() == 0.10
    assert (np.arange(100.0) > threshold_for(np.arange(100.0), 0.01)).sum() == 1


def test_daily_signals_follow_their_week_and_closed_days_are_missing() -> None:
    truth, panel, holidays = daily_benchmark(seed=1, replicates=1)

    assert panel.counts.shape == (len(SIGNALS), 7 * 52 * 7)
    days = [signal.days for signal in SIGNALS]
    closed = np.isnan(panel.counts).mean(axis=1)
    np.testing.assert_allclose(closed, [0 if number == 7 else 2 / 7 for number in days])
    assert holidays.sum() == 56
    assert np.nansum(panel.counts[:, holidays]) == 0
    assert (truth.outbreak_periods.any(axis=1)).all()
    monday = np.exp(
        SIGNALS[3].alpha
        + sum(
            0.3 * np.cos(2 * np.pi * wave * 2 / 7) + 0.25 * np.sin(2 * np.pi * wave * 2 / 7)
            for wave in (1, 2)
        )
    )
    assert truth.mean[0, 3, 0] == pytest.approx(monday)


def test_neighbours_touch() -> None:
    around = lattice_neighbours(3, 4)

    assert around[0] == (1, 4, 5)
    assert len(around[5]) == 8
    assert all(number in around[other] for number, others in enumerate(around) for other in others)


def test_sparse_outbreaks_lie_in_two_bordering_grids_and_a_seer_finds_them_at_once() -> None:
    town = sparse_town(seed=2)
    added = town.struck.counts - town.quiet.counts

    assert town.quiet.counts.shape == (1000, HISTORY_DAYS + SCORED_DAYS)
    assert town.quiet.counts.mean() == pytest.approx(0.05, rel=0.1)
    assert added.sum() == sum(outbreak.cases for outbreak in town.outbreaks)
    assert all(outbreak.grids[1] in town.neighbours[outbreak.grids[0]] for outbreak in town.outbreaks)

    found = measure_sparse(town, np.zeros_like(added), added, [0.01])[0.01]
    blind = measure_sparse(town, np.zeros_like(added), np.zeros_like(added), [0.01])[0.01]

    assert (found.detected, found.delay) == (1.0, 0.0)
    assert blind.detected < 0.25
