"""Wilson's interval against an independent one, verdicts at their edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from ceasefire.ensemble import (
    VERDICTS,
    count_true_worlds,
    verdict_of_share,
    wilson_interval,
    world_quantiles,
)
from ceasefire.ensemble.statistics import summarise_question_over_worlds
from ceasefire.query import WorldResult


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


def test_worlds_that_failed_are_counted_beside_those_without_an_answer() -> None:
    sheets = [WorldResult((truth,), ((),), ((),), 0.0, 0, 0, None) for truth in (True, None)]
    share = summarise_question_over_worlds(sheets, 0, is_test=True, failed=2).share
    assert share is not None
    assert (share.true, share.worlds, share.failed) == (1, 1, 3)
