"""Are there enough worlds: the repetition, and runs that end when intervals are narrow."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.case import Claim, loads
from ceasefire.ensemble import Replication, ShareOfWorlds, check
from ceasefire.ensemble.statistics import (
    SETTLED,
    compare_replication,
    interval_width,
    is_settled,
    likely_sample_size,
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


@given(st.integers(0, 64), st.sampled_from([0.3, 0.1, 0.05, 0.02]), st.sampled_from([1.0, 0.4]))
def test_the_likely_size_is_just_large_enough_if_the_share_stays(true, until, ratio):
    share = ShareOfWorlds(true, 64, variance_ratio=ratio)
    size = likely_sample_size([share], 64, 10**6, until)
    if interval_width(share) <= until:
        assert size == 64
        return
    assert (size % 64, size > 64) == (0, True)
    assert _width(true / 64, size / ratio) <= until + 1e-6
    if size > 2 * 64:
        assert _width(true / 64, (size - 64) / ratio) > until


def _width(share: float, worlds: float) -> float:
    """Wilson's width at a share that need not be a whole number of worlds."""
    z2 = 1.959964**2
    return 2 * (z2 / (worlds + z2) ** 2 * (share * (1 - share) * worlds + z2 / 4)) ** 0.5


@pytest.mark.parametrize(
    ("true", "worlds", "settled"),
    [(32, 64, True), (42, 64, False), (50, 64, False), (54, 64, True), (61, 64, False),
     (64, 64, False), (77, 77, True), (0, 77, True), (12, 64, True)],
)  # fmt: skip
def test_a_verdict_is_settled_if_its_interval_has_no_other(true, worlds, settled):
    share = ShareOfWorlds(true, worlds)
    assert is_settled(share) is settled
    assert is_settled(ShareOfWorlds(worlds - true, worlds)) is settled


def test_worlds_are_added_by_halves_until_verdicts_are_settled():
    share = ShareOfWorlds(39, 64)
    likely = likely_sample_size([share], 64, 16384, SETTLED)
    assert likely == 320
    sizes = [64]
    while sizes[-1] < likely:
        sizes.append(next_sample_size(sizes[-1], likely, SETTLED))
    assert sizes == [64, 128, 192, 320]
    assert likely_sample_size([ShareOfWorlds(32, 64)], 64, 16384, SETTLED) == 64
    assert likely_sample_size([share], 64, 100, SETTLED) == 100


def test_a_share_on_the_border_of_two_verdicts_ends_too():
    for share in (ShareOfWorlds(2000, 3000), ShareOfWorlds(950, 1000)):
        assert not is_settled(share)
        assert likely_sample_size([share], share.worlds, 10**6, SETTLED) == share.worlds


def test_until_adds_worlds_till_every_interval_is_narrow():
    found = check(CASE, 4096, workers=1, flips=False, until=0.1)
    half, rare = (verdict.share for verdict in found.claim_checks)
    assert interval_width(half) <= 0.1
    assert interval_width(rare) <= 0.1
    assert half.worlds == 192 == found.run_stats.requested == found.run_stats.computed
    assert half.variance_ratio < 0.5
    assert not found.marked
    plain = check(CASE, 192, workers=1, flips=False)
    assert [v.share for v in plain.claim_checks] == [half, rare]


def test_until_settled_ends_as_soon_as_no_verdict_is_in_doubt():
    found = check(CASE, 4096, workers=1, flips=False, until=SETTLED)
    assert [v.share.verdict for v in found.claim_checks] == ["depends", "fails"]
    assert found.run_stats.computed in (64, 128)
    assert all(is_settled(verdict.share) for verdict in found.claim_checks)
    assert not found.marked
    assert found.as_json()["run"]["until"] == SETTLED
    assert "border" not in text_of(found)


def test_until_settled_names_what_stays_between_two_verdicts():
    border = replace(CASE, claims={"two_thirds": Claim(says=None, test="E(x) > 0.334")})
    found = check(border, 4096, workers=1, flips=False, until=SETTLED)
    (claim,) = found.claim_checks
    assert interval_width(claim.share) <= 0.05
    assert found.run_stats.computed % 64 == 0
    assert not found.marked
    assert "border between two verdicts: two_thirds (depends or mostly holds)" in text_of(found)
    low, high = claim.share.interval
    assert f"(95 % interval {100 * low:.0f} to {100 * high:.0f} %)" in found.headline
    few = check(border, 128, workers=1, flips=False, until=SETTLED)
    assert few.marked
    assert "not settled after all these worlds: two_thirds" in text_of(few)


def test_until_ends_at_the_most_worlds_allowed_and_says_so():
    found = check(CASE, 100, workers=1, flips=False, until=0.05)
    assert found.run_stats.computed == 100
    assert [claim.id for claim in found.unsettled] == ["half"]
    assert found.marked
    width = interval_width(found.claim_checks[0].share)
    said = f"the widest interval is {width:.3f}, wider than the 0.05 asked for: allow more worlds"
    assert said in text_of(found)


def counts_of_each_part(seen):
    """Progress begins anew with each part of the work: while the grid is chosen, then worlds."""
    parts = []
    for done, total in seen:
        if done == 1:
            parts.append([])
        parts[-1].append((done, total))
    return parts


@pytest.mark.parametrize("until", [0.2, SETTLED])
def test_progress_reaches_its_end_when_worlds_are_added(until):
    seen = []
    check(CASE, 512, workers=1, flips=False, until=until, progress=lambda *at: seen.append(at))
    for part in counts_of_each_part(seen):
        assert [done for done, _ in part] == list(range(1, len(part) + 1))
        assert part[-1][0] == part[-1][1]


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
