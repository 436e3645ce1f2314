"""Wilson's interval against an independent one, verdicts at their edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from ceasefire.ask import Sheet
from ceasefire.worlds import VERDICTS, shared, spread, verdict, wilson
from ceasefire.worlds.across import across_question


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_is_wilsons(counts):
    true, worlds = counts
    known = binomtest(true, worlds).proportion_ci(0.95, method="wilson")
    assert wilson(true, worlds) == pytest.approx((known.low, known.high), abs=1e-12)


@given(st.floats(0, 1))
def test_verdicts_partition_the_shares_in_order(share):
    assert verdict(share) in VERDICTS
    assert VERDICTS.index(verdict(share)) >= VERDICTS.index(verdict(min(1.0, share + 0.1)))


def test_verdicts_at_the_edges():
    below = 1e-12
    assert verdict(0.95 - below) == "mostly holds"
    assert verdict(2 / 3 - below) == "depends"
    assert verdict(1 / 3 + below) == "depends"
    assert verdict(0.05 + below) == "mostly fails"


def test_failed_worlds_count_in_neither_part_of_the_share():
    found = shared([True, None, None, False])
    assert (found.share, found.failed, found.verdict) == (0.5, 2, "depends")


def test_no_world_no_verdict():
    found = shared([None])
    assert (found.share, found.interval, found.verdict) == (None, (0.0, 1.0), None)


def test_spread_keeps_infinite_answers_at_their_end():
    found = spread([1.0] * 19 + [float("inf")])
    assert (found.p05, found.p50, found.p95) == (1.0, 1.0, 1.0)
    assert found.mean == float("inf")
    assert spread([None]).mean is None


def test_worlds_that_failed_are_counted_beside_those_without_an_answer() -> None:
    sheets = [Sheet((truth,), ((),), ((),), 0.0, 0, 0, None) for truth in (True, None)]
    share = across_question(sheets, 0, test=True, failed=2).share
    assert share is not None
    assert (share.true, share.worlds, share.failed) == (1, 1, 3)
