"""Wilson's interval against an independent one, verdicts at their edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from ceasefire.ensemble import (
    VERDICTS,
    ShareOfWorlds,
    count_true_worlds,
    verdict_of_share,
    wilson_interval,
    world_quantiles,
)
from ceasefire.ensemble.sampling import Floats, draw_block
from ceasefire.ensemble.statistics import LatinBlockVariance


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_is_wilsons(counts):
    true, worlds = counts
    known = binomtest(true, worlds).proportion_ci(0.95, method="wilson")
    assert wilson_interval(true, worlds) == pytest.approx((known.low, known.high), abs=1e-12)


@given(st.floats(0, 1))
def test_verdicts_partition_the_shares_in_order(share):
    assert verdict_of_share(share) in VERDICTS
    assert VERDICTS.index(verdict_of_share(share)) >= VERDICTS.index(
        verdict_of_share(min(1.0, share + 0.1))
    )


def test_verdicts_at_the_edges():
    below = 1e-12
    assert verdict_of_share(0.95 - below) == "mostly holds"
    assert verdict_of_share(2 / 3 - below) == "depends"
    assert verdict_of_share(1 / 3 + below) == "depends"
    assert verdict_of_share(0.05 + below) == "mostly fails"


def test_failed_worlds_count_in_neither_part_of_the_share():
    found = count_true_worlds([True, None, None, False])
    assert (found.share, found.failed, found.verdict) == (0.5, 2, "depends")


def test_no_world_no_verdict():
    found = count_true_worlds([None])
    assert (found.share, found.interval, found.verdict) == (None, (0.0, 1.0), None)


def test_spread_keeps_infinite_answers_at_their_end():
    found = world_quantiles([1.0] * 19 + [float("inf")])
    assert (found.p05, found.p50, found.p95) == (1.0, 1.0, 1.0)
    assert found.mean == float("inf")
    assert world_quantiles([None]).mean is None


def blocks(seed: int, worlds: int, unknowns: int = 10) -> Floats:
    """The points of whole Latin blocks."""
    numbers = range(worlds // 64)
    return np.concatenate([draw_block(seed, n, unknowns).points for n in numbers])


def test_a_test_of_single_unknowns_varies_less_over_latin_blocks():
    points = blocks(0, 128)
    even = LatinBlockVariance(points)
    linear = even.ratio((points[:, 0] < 0.5).tolist())
    assert 0.3 < linear < 0.5  # 1 - 2 / pi of the variance is not linear in normal scores
    mixed = even.ratio((points[:, 0] + points[:, 1] < 0.8).tolist())
    assert 0.3 < mixed < 0.7
    odd = even.ratio(((points[:, :3] < 0.5).sum(axis=1) % 2 == 1).tolist())
    assert 0.9 < odd <= 1.0


def test_noise_is_not_taken_for_evenness():
    rng = np.random.default_rng(5)
    even = [LatinBlockVariance(blocks(seed, 64, 60)) for seed in range(20)]
    ratios = [one.ratio((rng.random(64) < 0.4).tolist()) for one in even]
    assert np.mean(ratios) > 0.93


def test_only_whole_blocks_are_even():
    points = blocks(0, 128)
    truths = (points[:, 0] < 0.5).tolist()
    assert LatinBlockVariance(points[:63]).ratio(truths[:63]) == 1.0
    whole, more = (LatinBlockVariance(points[:n]).ratio(truths[:n]) for n in (64, 96))
    assert more == pytest.approx((64 * whole + 32) / 96, abs=0.1)
    assert LatinBlockVariance(points).ratio([True] * 128) == 1.0
    assert LatinBlockVariance(np.ones((64, 1))).ratio(truths[:64]) == 1.0
    assert LatinBlockVariance(np.empty((64, 0))).ratio(truths[:64]) == 1.0


def test_worlds_without_an_answer_count_as_neither():
    points = blocks(0, 64)
    truths = [bool(u < 0.5) if u < 0.9 else None for u in points[:, 0]]
    assert 0.2 < LatinBlockVariance(points).ratio(truths) < 0.7


def test_unknowns_that_always_go_together_do_not_matter():
    points = blocks(0, 64, 2)
    truths = (points[:, 0] < 0.5).tolist()
    twice = LatinBlockVariance(np.hstack([points, points])).ratio(truths)
    assert twice == pytest.approx(LatinBlockVariance(points).ratio(truths), rel=0.1)


def test_the_interval_is_that_of_more_independent_worlds():
    share = ShareOfWorlds(32, 64, variance_ratio=0.5)
    assert share.interval == wilson_interval(64, 128)
    assert share.share == 0.5
