"""Are there enough worlds: the repetition, and runs that end when intervals are narrow."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.case import Claim, loads
from ceasefire.ensemble import Replication, ShareOfWorlds, check, wilson_interval
from ceasefire.ensemble.statistics import (
    SAMPLE_SIZE_STEP,
    compare_replication,
    interval_width,
    next_sample_size,
)
from ceasefire.render.console import output_console
from ceasefire.render.tables_check import verdict_table

CASE = replace(
    loads("""
ceasefire: 1
horizon: 1
unknowns: {x: {range: [0, 1]}, y: {range: [0, 1]}}
parties: {a: {}}
state: {war: {start: true}}
payoffs: {a: {w: -x * y * war}}
"""),
    claims={
        "half": Claim(says=None, test="E(x) > 0.5"),
        "rare": Claim(says=None, test="E(x * y) > 0.9"),
    },
)


def text_of(checked) -> str:
    console = output_console()
    with console.capture() as shown:
        console.print(verdict_table(checked))
    return " ".join(shown.get().split())


def test_difference_interval_is_newcombes():
    """56 of 70 and 48 of 80, table II of the paper: 0.0524 to 0.3339 about 0.2."""
    found = compare_replication(ShareOfWorlds(56, 70), ShareOfWorlds(48, 80), claims=1)
    assert found.difference == pytest.approx(-0.2)
    assert found.allowed == pytest.approx(0.2 - 0.0524, abs=5e-5)
    turned = compare_replication(ShareOfWorlds(48, 80), ShareOfWorlds(56, 70), claims=1)
    assert turned.allowed == pytest.approx(found.allowed)


def test_tolerance_grows_with_the_number_of_claims():
    one, many = (
        compare_replication(ShareOfWorlds(50, 100), ShareOfWorlds(30, 50), claims=n)
        for n in (1, 26)
    )
    assert many.allowed > one.allowed


def test_deviating_share_is_outside_the_tolerance():
    assert not compare_replication(ShareOfWorlds(90, 100), ShareOfWorlds(20, 50), claims=26).within
    assert compare_replication(ShareOfWorlds(0, 0), ShareOfWorlds(20, 50), claims=1) is None


def test_replicate_has_half_the_worlds_and_the_next_seed():
    found = check(CASE, 64, seed=3, workers=1, flips=False)
    assert (found.fresh_run_stats.seed, found.fresh_run_stats.computed) == (4, 32)
    alone = check(CASE, 32, seed=4, workers=1, flips=False)
    shares = [verdict.replication.share for verdict in found.claim_checks]
    assert shares == [verdict.share for verdict in alone.claim_checks]
    assert found.unreplicated == ()
    assert not found.marked
    assert "32 fresh worlds from seed 4 give shares at most" in text_of(found)


def test_deviating_replicate_marks_the_result():
    found = check(CASE, 64, workers=1, flips=False)
    off = Replication(ShareOfWorlds(2, 32), -0.44, 0.2)
    first, *rest = found.claim_checks
    doubtful = replace(found, claim_checks=(replace(first, replication=off), *rest))
    assert doubtful.marked
    assert "half: true in 6% of the fresh worlds, further away than chance" in text_of(doubtful)


@given(st.integers(0, 64), st.sampled_from([0.3, 0.1, 0.05, 0.02]))
def test_the_next_batch_is_just_large_enough_if_the_share_stays(true, until):
    share = ShareOfWorlds(true, 64)
    size = next_sample_size([share], 64, 10**6, until)
    if interval_width(share) <= until:
        assert size == 64
        return
    assert (size % SAMPLE_SIZE_STEP, size > 64) == (0, True)
    assert _width(true / 64, size) <= until + 1e-6
    if size > 2 * SAMPLE_SIZE_STEP:
        assert _width(true / 64, size - SAMPLE_SIZE_STEP) > until


def _width(share: float, worlds: int) -> float:
    """Wilson's width at a share that need not be a whole number of worlds."""
    z2 = 1.959964**2
    return 2 * (z2 / (worlds + z2) ** 2 * (share * (1 - share) * worlds + z2 / 4)) ** 0.5


def test_until_adds_worlds_till_every_interval_is_narrow():
    found = check(CASE, 4096, workers=1, flips=False, until=0.1)
    half, rare = (verdict.share for verdict in found.claim_checks)
    assert interval_width(half) <= 0.1
    assert interval_width(rare) <= 0.1
    assert half.worlds == 384 == found.run_stats.requested == found.run_stats.computed
    assert not found.marked
    plain = check(CASE, 384, workers=1, flips=False)
    assert [v.share for v in plain.claim_checks] == [half, rare]


def test_until_ends_at_the_most_worlds_allowed_and_says_so():
    found = check(CASE, 100, workers=1, flips=False, until=0.05)
    assert found.run_stats.computed == 100
    low, high = wilson_interval(found.claim_checks[0].share.true, 100)
    assert found.widest_interval_over_limit == pytest.approx(high - low)
    assert found.marked
    assert "wider than the 0.05 asked for: allow more worlds" in text_of(found)


def test_progress_reaches_its_end_when_worlds_are_added():
    seen = []
    check(CASE, 512, workers=1, flips=False, until=0.2, progress=lambda *at: seen.append(at))
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert seen[-1][0] == seen[-1][1]


def test_ctrl_c_during_the_replicate_keeps_its_worlds():
    def stop(done, total):
        if done == 70:
            raise KeyboardInterrupt

    found = check(CASE, 64, workers=1, progress=stop)
    assert found.run_stats.computed == 64
    assert not found.run_stats.interrupted
    assert found.fresh_run_stats.interrupted
    assert 0 < found.fresh_run_stats.computed < 32
    assert found.turning_points is None
    assert "in fresh worlds: ended early" in text_of(found)
