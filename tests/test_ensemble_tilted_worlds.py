"""Worlds tilted towards the premises tell whether a conclusion follows, and are weighted right."""

import numpy as np
import pytest

import ceasefire as cf
from ceasefire.case import loads
from ceasefire.ensemble.sampling import draw_worlds
from ceasefire.ensemble.tilted_worlds import ScoreSpace

RARE = """
ceasefire: 1
horizon: 1
unknowns:
  u: {range: [0, 1]}
  v: {label: second number, normal: [0, 1]}
  w: {range: [0, 1]}
  x: {triangle: [0, 1, 2]}
parties: {a: {}}
state: {war: {start: true}}
claims:
  one: {test: u > 0.98}
  two: {test: v > 1.6449}
  thesis: {test: w < 0.7, because: [one, two]}
"""
EVERY_KIND = """
ceasefire: 1
horizon: 1
experts: {ann: {weight: 2}, bob: {}, eve: {}}
unknowns:
  even: {range: [2, 6]}
  three: {triangle: [0, 1, 4]}
  normal: {normal: [1, 3]}
  ratio: {lognormal: [2, 1.5]}
  few: {oneof: [1, 1, 3, 8]}
  said: {experts: {ann: [0, 1, 4], bob: [1, 2, 3]}}
  fixed: {best: 7}
together: [[even, normal, 0.6], [normal, said, -0.3]]
parties: {a: {}}
state: {war: {start: true}}
payoffs: {a: {war: -war * (even + three + normal + ratio + few + said + fixed)}}
"""


def tilted_of(result, name="thesis"):
    claim = next(claim for claim in result.claim_checks if claim.id == name)
    return claim.argument.tilted


def test_a_conclusion_follows_as_often_as_is_known_where_its_premises_hold_in_one_of_1000():
    result = cf.check(loads(RARE), 64, flips=False, workers=1, tilt=256)
    argument, found = result.claim_checks[2].argument, tilted_of(result)
    assert argument.reading == "never put to the test"
    assert argument.worlds_granted == 0
    assert found.premises == pytest.approx(0.001, rel=0.3)
    low, high = found.follows.interval
    assert low < 0.7 < high < 0.9
    assert 16 < found.granted == found.follows.worlds <= 64
    assert set(found.towards) == {"u", "v"}, "what no premise reads stays where it is"
    document = argument.as_json()
    assert document["follows"] is None
    assert document["tilted"] == {
        "worlds": 256,
        "effective": found.granted,
        "premises": found.premises,
        "follows": found.follows.share,
        "interval": [low, high],
        "towards": [{"unknown": name, "shift": by} for name, by in found.towards.items()],
        "given_up": None,
    }
    assert f"is true in {100 * found.follows.share:.0f} % of those" in result.headline
    assert "In 256 worlds tilted towards them (higher u and higher second number) the thesis" in (
        result.headline
    )
    assert f"(95 % interval {100 * low:.0f} to {100 * high:.0f} %)" in result.headline


def test_tilted_worlds_end_with_enough_of_them():
    """With the premises in 1 of 20 worlds, some of the drawn ones count, too."""
    case = loads(RARE.replace("0.98", "0.7").replace("1.6449", "1"))
    found = tilted_of(cf.check(case, 64, flips=False, workers=1, tilt=512))
    assert found.worlds in (64, 96, 128)
    assert found.granted >= 32
    assert found.premises == pytest.approx(0.3 * 0.1587, rel=0.3)
    assert not found.given_up


def test_no_more_worlds_are_tilted_than_may_be_and_none_if_none_may():
    case = loads(RARE)
    assert tilted_of(cf.check(case, 64, flips=False, workers=1, tilt=0)) is None
    few = cf.check(case, 64, flips=False, workers=1, tilt=20)
    assert tilted_of(few).worlds == 20
    assert tilted_of(few).as_json()["follows"] is None
    assert "they all hold in too few to tell" in few.headline
    assert tilted_of(cf.check(case, 64, flips=False, workers=1)).worlds == 64


@pytest.mark.parametrize(
    ("old", "new", "worlds", "why"),
    [
        ("u > 0.98", "u > 2", 64, "none was found in which they all hold"),
        ("u > 0.98", "P(eventually(war)) < 1", 64, "one is false whatever the unknowns are"),
        ("u > 0.98", "u > 0.98", 8, "too few worlds to see where the premises might hold"),
    ],
    ids=["outside the range", "never", "few worlds"],
)
def test_it_is_given_up_where_no_world_is_to_be_expected(old, new, worlds, why):
    found = tilted_of(cf.check(loads(RARE.replace(old, new)), worlds, flips=False, workers=1))
    assert found.given_up == why
    assert found.worlds <= 32
    assert found.as_json()["follows"] is None


def test_what_was_put_to_the_test_or_has_no_test_is_left_alone():
    case = loads(
        RARE.replace("u > 0.98", "u > 0.5").replace("1.6449", "-1")
        + "  sum: {because: [one, two]}\n"
    )
    result = cf.check(case, 64, flips=False, workers=1)
    assert tilted_of(result) is None
    assert tilted_of(result, "sum") is None


@pytest.mark.parametrize("moved", ["even", "three", "normal", "ratio", "said", "all", "few"])
def test_weights_make_up_for_the_tilt(moved):
    """The mean of anything over tilted worlds, weighted by 1 / r, is that over all worlds."""
    text = EVERY_KIND if moved != "few" else EVERY_KIND.replace("even, normal", "three, normal")
    case = loads(text)
    space = ScoreSpace(case)
    shifts = np.array([0.6 * (moved in (name, "all")) for name in space.names])
    drawn = draw_worlds(case, 64 * 60)
    tilted = space.tilt(drawn, shifts, np.random.default_rng(0))
    weights = np.exp(-space.log_ratio(tilted, shifts))
    assert weights.mean() == pytest.approx(1.0, abs=0.05)
    assert np.exp(space.log_ratio(drawn, shifts)).mean() == pytest.approx(1.0, abs=0.08)
    assert (tilted.values[0] == drawn.values[0]).all()
    for name in space.names:
        column, other = (worlds.values[1:, drawn.names.index(name)] for worlds in (tilted, drawn))
        assert other.min() - 1e-9 <= column.min() or name in ("normal", "ratio", "said")
        spread = other.std()
        means = np.average(column, weights=weights), other.mean()
        assert means[0] == pytest.approx(means[1], abs=0.12 * spread), name
        if moved in (name, "all"):
            assert column.mean() > other.mean() + 0.3 * spread
            np.testing.assert_array_less(0.0, weights)
        else:
            assert (column == other).all()


def test_unknowns_drawn_together_with_one_of_a_few_values_stay_where_they_are():
    case = loads(EVERY_KIND.replace("[normal, said, -0.3]", "[normal, few, 0.3]"))
    assert ScoreSpace(case).names == ("three", "ratio", "said")
    assert "few" in ScoreSpace(loads(EVERY_KIND)).names


def test_what_follows_the_worlds_is_said_with_its_progress() -> None:
    """Nobody sits in the dark while worlds are tilted and claims are asked again."""
    begun: list[str] = []
    counted: dict[str, list[tuple[int, int]]] = {}

    def count(done: int, total: int) -> None:
        counted.setdefault(begun[-1] if begun else "", []).append((done, total))

    cf.check(loads(RARE), 64, workers=1, flips=False, on_stage=begun.append, progress=count)
    tilted = "worlds tilted towards premises that no drawn world has"
    assert begun[:2] == ["what decides each claim", tilted]
    assert begun[-1] == "drawn worlds asked again with another equilibrium"
    assert counted[tilted][-1][0] <= 64
