"""Fused scores stay calibrated, find what no single source shows, and say what they are made of."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from early_warning.budget import choose_warnings, discoveries
from early_warning.count_tails import mid_p_z
from early_warning.fusion import fuse
from early_warning.pooling import Evidence, Scope, bordering_pairs, level, pool, single, surroundings
from early_warning.source_sum import SourceNull, estimate_correlation, sum_sources

NAN = np.nan
ROW = [[1], [0, 2], [1, 3], [2]]  # four grids along a street


def quiet(
    seed: int, sources: int = 3, series: int = 200, periods: int = 60, mean: float = 4.0
) -> list[Evidence]:
    random = np.random.default_rng(seed)
    return [
        Evidence.build(
            f"source {number}", random.poisson(mean, (series, periods)), np.full((series, periods), mean)
        )
        for number in range(sources)
    ]


def with_count(evidence: Evidence, series: int, period: int, count: float) -> Evidence:
    observed = evidence.observed.copy()
    observed[series, period] = count
    return dataclasses.replace(evidence, observed=observed)


def test_z_of_small_counts_by_hand() -> None:
    none, some = np.exp(-0.05), 0.05 * np.exp(-0.05)

    found = mid_p_z([0, 1], 0.05)

    by_hand = stats.norm.isf([1 - none / 2, 1 - none - some / 2])
    np.testing.assert_allclose(found, by_hand, rtol=1e-9)


def test_z_equals_the_tail_of_the_negative_binomial() -> None:
    random = np.random.default_rng(0)
    mean, dispersion = random.gamma(1, 10, 500) + 0.01, 1 + random.gamma(1, 2, 500)
    count = random.poisson(mean)
    law = stats.nbinom(mean / (dispersion - 1), 1 / dispersion)

    expected = stats.norm.isf(law.sf(count) + law.pmf(count) / 2)

    np.testing.assert_allclose(mid_p_z(count, mean, dispersion), expected, rtol=1e-7, atol=1e-7)


def test_z_of_the_unusual_is_defined() -> None:
    found = mid_p_z([0, 3, NAN, 1e9, 5], [0, 0, 1, 1, 1e12])

    assert found[0] == 0
    assert found[1] == found[3] == pytest.approx(37, abs=0.1)
    assert np.isnan(found[2])
    assert found[4] < -30


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-4, 1e5), st.floats(1, 20), st.integers(0, 10**6), st.integers(1, 1000))
def test_more_cases_never_lower_z(mean: float, dispersion: float, count: int, more: int) -> None:
    assert mid_p_z(count + more, mean, dispersion) >= mid_p_z(count, mean, dispersion)


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_pooled_counts_are_scored_by_the_law_of_their_sum(dispersion: float) -> None:
    evidence = Evidence.build(
        "clinic", [[1, 0, 3], [2, 1, 0], [9, 9, 9]], np.array([[0.5] * 3, [0.7] * 3, [9] * 3]), dispersion
    )

    found = pool(evidence, level([0, 0, -1], "community"), 2)

    assert found.observed.tolist() == [[3, 4, 4]]
    np.testing.assert_allclose(found.expected, [[1.2, 2.4, 2.4]])
    np.testing.assert_allclose(found.z, mid_p_z([[3, 4, 4]], [[1.2, 2.4, 2.4]], dispersion))


def test_missing_is_left_out_on_both_sides_and_is_not_zero() -> None:
    evidence = Evidence.build("clinic", [[4.0, NAN], [NAN, NAN]], [[2.0, 2.0], [3.0, 3.0]])

    alone, pair = pool(evidence, single(2), 1), pool(evidence, level([0, 0], "community"), 1)

    assert np.isnan(alone.z).tolist() == [[False, True], [True, True]]
    assert pair.expected.tolist() == [[2.0, 0.0]]
    assert np.isnan(pair.z).tolist() == [[False, True]]
    assert np.isnan(pool(evidence, single(2), 2).z[1]).all()
    zero = Evidence.build("clinic", [[4.0, 0.0], [NAN, NAN]], [[2.0, 2.0], [3.0, 3.0]])
    assert pool(zero, single(2), 1).z[0, 1] < 0


def test_scopes_hold_the_right_series() -> None:
    def groups(scope: Scope) -> list[tuple[int, ...]]:
        return [scope.members(number) for number in range(scope.groups.shape[0])]

    assert groups(bordering_pairs(ROW)) == [(0, 1), (1, 2), (2, 3)]
    assert groups(surroundings(ROW)) == [(0, 1), (0, 1, 2), (1, 2, 3), (2, 3)]
    assert groups(level([7, 7, -1, 3], "community")) == [(3,), (0, 1)]
    assert groups(single(2)) == [(0,), (1,)]


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_alarm_rate_is_as_stated_when_nothing_goes_on(correlation: float) -> None:
    random = np.random.default_rng(3)
    shared = random.standard_normal((400, 100))
    evidence = []
    for number in range(4):
        noise = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * random.standard_normal((400, 100))
        evidence.append(
            Evidence.build(str(number), stats.poisson.ppf(stats.norm.cdf(noise), 6), np.full((400, 100), 6.0))
        )

    fusion = fuse(evidence, spans=(1, 2))

    estimated = fusion.nulls["area", 1].correlation[np.triu_indices(4, 1)]
    np.testing.assert_allclose(estimated, correlation, atol=0.04)
    assert 0.007 <= (fusion.p < 0.01).mean() <= 0.013


def test_outbreaks_in_the_past_do_not_pass_for_correlation() -> None:
    random = np.random.default_rng(5)
    z = random.standard_normal((3, 200, 100))
    z[:, :, 50] += 4

    assert estimate_correlation(z)[np.triu_indices(3, 1)].max() < 0.06
    first, second, _third = z.reshape(3, -1)
    assert np.asarray(np.corrcoef(first, second))[0, 1] > 0.12


def test_a_missing_source_drops_out_of_the_sum() -> None:
    correlation = np.array([[1.0, 0.5], [0.5, 1.0]])

    found = sum_sources(np.array([[2.0, 2.0, NAN], [1.0, NAN, NAN]]), correlation)

    np.testing.assert_allclose(found, [3 / np.sqrt(3), 2.0, NAN])


def test_weak_signs_in_three_sources_make_one_warning_that_names_them() -> None:
    evidence = [with_count(source, 17, 40, 8) for source in quiet(1)]
    evidence[2] = with_count(evidence[2], 17, 40, 9)

    fusion = fuse(evidence, spans=(1,))
    warning = fusion.warning(17, 40)

    assert all(mid_p_z(source.observed[17, 40], 4.0) < 2.33 for source in evidence)
    assert warning.p < 0.001
    assert warning.scope == "area"
    assert warning.members == (17,)
    assert [part.source for part in warning.contributions] == ["source 2", "source 0", "source 1"]
    assert (warning.contributions[0].observed, warning.contributions[0].expected) == (9.0, 4.0)
    assert sum(part.share for part in warning.contributions) == pytest.approx(1)
    assert warning.z == pytest.approx(stats.norm.isf(warning.p))


def test_single_cases_on_both_sides_of_a_border_are_seen_together() -> None:
    evidence = Evidence.build("clinic", np.zeros((4, 10)), np.full((4, 10), 0.05))
    observed = evidence.observed.copy()
    observed[1, 9] = observed[2, 8] = 1

    fusion = fuse(
        [dataclasses.replace(evidence, observed=observed)],
        scopes=[single(4), bordering_pairs(ROW)],
        spans=(1, 2),
    )
    warning = fusion.warning(1, 9)

    assert (warning.scope, warning.members, warning.span) == ("bordering pair", (1, 2), 2)
    assert warning.contributions[0].observed == 2
    assert fusion.z[1, 9] > fusion.z[0, 9]


def test_more_ways_to_look_do_not_mean_more_alarms() -> None:
    evidence = quiet(4, sources=1, series=900)
    scopes = [
        single(900),
        level(np.arange(900) // 3, "community"),
        level(np.arange(900) // 30, "subdistrict"),
    ]

    p = fuse(evidence, scopes=scopes, spans=(1, 2, 3)).p

    assert 0.006 <= (p < 0.01).mean() <= 0.012


def test_one_fused_warning_for_two_grids_that_share_it_and_each_worker_gets_no_more_than_the_budget() -> None:
    observed = np.zeros((4, 3))
    observed[:, 2] = [3, 3, 0, 4]
    evidence = [Evidence.build("clinic", observed, np.full((4, 3), 0.1))]
    fusion = fuse(evidence, scopes=[single(4), bordering_pairs(ROW)], spans=(1,))

    each = choose_warnings(fusion, 2)
    limited = choose_warnings(fusion, 2, workers=["Wang"] * 4, per_worker=1)
    two_workers = choose_warnings(fusion, 2, workers=["Wang", "Wang", "Li", "Li"], per_worker=1)

    assert [warning.members for warning in each] == [(0, 1), (3,)]
    assert [warning.members for warning in limited] == [(0, 1)]
    assert [warning.members for warning in two_workers] == [(0, 1), (3,)]
    assert choose_warnings(fusion, 0) == []


def test_discoveries_by_hand() -> None:
    p = np.array([0.001, NAN, 0.2, 0.028, 0.011])

    assert discoveries(p, 0.05).tolist() == [True, False, False, True, True]
    assert discoveries(p, 0.03).tolist() == [True, False, False, False, True]
    assert discoveries([NAN, NAN], 0.05).tolist() == [False, False]


def test_discoveries_are_false_no_more_often_than_stated() -> None:
    random = np.random.default_rng(2)
    shares = []
    for _ in range(200):
        z = random.standard_normal(1000)
        z[:50] += 3.5
        chosen = discoveries(stats.norm.sf(z), 0.1)
        shares.append(chosen[50:].sum() / max(chosen.sum(), 1))

    assert 0.07 <= np.mean(shares) <= 0.11


def test_fusion_refuses_sources_that_do_not_fit() -> None:
    one, other = quiet(0, sources=1, series=3)[0], quiet(0, sources=1, series=4)[0]

    with pytest.raises(ValueError, match="same series"):
        fuse([one, other])
    with pytest.raises(ValueError, match="at least one source"):
        fuse([])
    with pytest.raises(ValueError, match="not negative"):
        Evidence.build("clinic", [[-1.0]], [[1.0]])
    with pytest.raises(ValueError, match="no source reported"):
        fuse([Evidence.build("clinic", [[NAN]], [[1.0]])]).warning(0, 0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 10_000))
def test_more_cases_never_lower_a_fused_score_and_order_of_series_is_free(seed: int, more: int) -> None:
    random = np.random.default_rng(seed)
    mean = random.gamma(0.5, 2, (6, 8)) + 0.01
    evidence = [Evidence.build(str(number), random.poisson(mean), mean, 1.5) for number in range(2)]
    evidence[1].observed[random.random((6, 8)) < 0.2] = NAN
    alone = {(name, span): SourceNull(np.eye(2)) for name in ("area", "block") for span in (1, 2)}
    block = np.array([0, 0, 1, 1, 1, 0])
    order = random.permutation(6)

    def run(sources: list[Evidence], parents: np.ndarray) -> np.ndarray:
        return fuse(sources, scopes=[single(6), level(parents, "block")], nulls=alone).z

    plain = run(evidence, block)
    raised = run([with_count(evidence[0], 2, 5, evidence[0].observed[2, 5] + more), evidence[1]], block)
    turned = run(
        [
            Evidence.build(
                e.source, e.observed[order], e.expected[order], e.dispersion[order], e.error[order]
            )
            for e in evidence
        ],
        block[order],
    )

    assert (raised >= plain - 1e-12).all()
    np.testing.assert_allclose(turned, plain[order], rtol=1e-9, atol=1e-9)
