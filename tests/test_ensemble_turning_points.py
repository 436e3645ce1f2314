"""Flips where they can be worked out by hand; what is not read does not count; Ctrl-C."""

import math
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from ceasefire.case import Case, Claim, load, loads
from ceasefire.ensemble import (
    ClaimCheck,
    JointTurningPoint,
    ask,
    check,
    joint_changes,
    range_scan,
)
from ceasefire.ensemble.range_scan import (
    MarginForecast,
    TurningBracket,
    TurningSearch,
    shown_digits,
)
from ceasefire.ensemble.sampling import find_unknown_ranges
from ceasefire.ensemble.turning_points import (
    TurningPoints,
    find_turning_points,
    read_turning_points,
)
from ceasefire.query import plan_questions, read_claims
from ceasefire.query.comparisons import margin_of_test
from ceasefire.render.tables_check import no_turning_point
from ceasefire.settings import SolveSettings

TEXT = """
ceasefire: 1
horizon: 1
unknowns:
  x: {best: 0.5, range: [0, 1]}
  y: {best: 0.4, range: [0, 1]}
  n: {normal: [0, 1]}
  level: {best: 2, oneof: [1, 2, 3, 7]}
  odds: {best: 0.5, range: [0, 2]}
  fixed: {best: 1}
  idle: {range: [0, 1]}
parties: {a: {}}
state: {war: {start: true}}
payoffs: {a: {w: -x * y * n * level * fixed * war}}
chance: {end: {when: war, outcomes: [{chance: odds, set: {war: false}}]}}
"""


def case_of(*tests: str) -> Case:
    claims = {f"c{n}": Claim(says=None, test=test) for n, test in enumerate(tests)}
    return replace(loads(TEXT), claims=claims)


def turned(*tests: str) -> list[ClaimCheck]:
    return list(check(case_of(*tests), 0, workers=1).claim_checks)


def flips(test: str) -> dict[str, float]:
    (verdict,) = turned(test)
    assert verdict.turning_points is not None
    return {flip.unknown: flip.value for flip in verdict.turning_points}


@pytest.mark.parametrize(
    ("test", "shown"),
    [
        ("E(x) > 0.3", "0.3"),
        ("E(x) < 0.7094", "0.709"),
        ("E(x) * E(x) < 0.6", "0.775"),
        ("E(exp(40 * (x - 0.7))) < 0.02", "0.602"),
        ("E(x) > 0.012345", "0.0123"),
        ("E(x > 0.3)  > 0.5", "0.3"),
        ("E(x < 0.8177) > 0.5", "0.818"),
        ("E(3000 * x) < 1977 and E(x) < 1", "0.659"),
    ],
)
def test_the_three_digits_of_a_turning_point_are_right(test, shown):
    """With a margin that is straight, bent, steep at the end, or a step; never many readings."""
    found = check(case_of(test), 0, workers=1)
    (flip,) = found.claim_checks[0].turning_points
    assert flip.unknown == "x"
    assert f"{flip.value:.3g}" == shown
    assert found.turning_points.evaluations - scanned_values() <= 14


def scanned_values() -> int:
    """How many values a scan of x reads, which alone can matter to these claims."""
    ranges = {axis.name: axis for axis in find_unknown_ranges(plan_questions(case_of(), ()))}
    return sum(len(ranges["x"].scan_values(side)) for side in (-1, 1))


def test_claims_that_turn_in_the_same_gap_are_read_together():
    tests = [f"E(x * x * x) > {at}**3" for at in (0.3, 0.31, 0.32)]
    alone = sum(
        check(case_of(test), 0, workers=1).turning_points.evaluations - scanned_values()
        for test in tests
    )
    together = check(case_of(*tests), 0, workers=1)
    assert [f"{c.turning_points[0].value:.3g}" for c in together.claim_checks] == [
        "0.3", "0.31", "0.32"
    ]  # fmt: skip
    assert together.turning_points.evaluations - scanned_values() < alone


def test_a_search_takes_at_most_one_reading_more_than_halving():
    """Whatever the margins are: here they say nothing of where the verdict changes."""
    for at in (0.5001, 0.637, 0.9998):
        search = TurningSearch(TurningBracket(0.5, 1.0), (1e-9, -1e9), lambda place: (place,))
        readings = 0
        while not search.settled:
            place = search.next_place()
            flipped = place > at
            search.read(place, -1e9 if flipped else 1e-9, flipped=flipped, own=True)
            readings += 1
        assert shown_digits(search.gap.outside) == shown_digits(at) or (
            search.gap.inside <= at <= search.gap.outside
        )
        assert readings <= math.ceil(math.log2(0.5 / 1e-4)) + 1


def test_verdict_is_reversed_at_the_turning_point():
    for test, turned in (("E(x) > 0.3", "x"), ("E(x) < 0.777", "x"), ("E(x + y) < 1.3", "xy")):
        found = flips(test)
        assert set(found) == set(turned)
        for unknown, at in found.items():
            world = {"x": 0.5, "y": 0.4, unknown: at}
            assert eval(test.replace("E", ""), {}, world) is False


@pytest.mark.parametrize(
    ("test", "at"), [("abs(E(x) - 0.55) < 0.2", 0.35), ("abs(E(x) - 0.45) < 0.2", 0.65)]
)
def test_nearer_of_two_turning_points_is_reported(test, at):
    assert flips(test)["x"] == pytest.approx(at, abs=0.01)


def test_a_verdict_that_comes_back_at_the_end_of_the_range_is_not_missed():
    """True up to 0.6 and from 0.85 on: both ends agree with best, the quarter between does not."""
    assert flips("E(x) < 0.6 or E(x) > 0.85")["x"] == pytest.approx(0.6, abs=0.01)


def test_discrete_unknown_turns_at_the_nearest_value():
    assert flips("E(level) < 2.5") == {"level": 3.0}
    assert flips("E(level) != 1 and E(level) != 3") in ({"level": 1.0}, {"level": 3.0})


def test_a_normal_unknown_is_followed_to_its_99_percent_quantile():
    assert flips("E(n) < 2")["n"] == pytest.approx(2.0, abs=0.05)
    assert flips("E(n) < 2.4") == {}


def test_unknowns_that_cannot_matter_are_not_searched():
    found = check(case_of("E(x) > 0.3", "value(a) < 9"), 0, workers=1).turning_points
    assert found is not None
    assert set(found.scanned) == {"x", "y", "n", "level", "odds"}
    assert found.unknown_count == 5
    alone = check(case_of("E(x) > 0.3"), 0, workers=1).turning_points
    assert alone is not None
    assert alone.scanned == ("x",)


def test_impossible_value_is_no_turning_point_and_is_reported():
    found = check(case_of("P(at_end(not war)) < 0.9", "P(at_end(not war)) < 1.1"), 0, workers=1)
    first, second = found.claim_checks
    (flip,) = first.turning_points or ()
    assert flip.value == pytest.approx(0.9, abs=0.02)
    assert flip.value >= 0.9
    assert second.turning_points == ()
    assert found.turning_points is not None
    assert {(name, at > 1) for name, at, _ in found.turning_points.failed} == {("odds", True)}


def test_missing_answer_is_no_turning_point():
    """At odds of 1 the war is over for certain, and what is provided never holds."""
    (verdict,) = turned("P(at_end(not war), provided=at_end(war)) < 0.5")
    assert verdict.turning_points == ()


def test_a_claim_without_an_answer_at_best_has_no_flips():
    never = "P(at_end(war), provided=at_end(war and not war)) > 0.5"
    first, second = turned(never, "E(x) > 0.3")
    assert first.turning_points is None
    assert second.turning_points


def nearest_by_hand(holds) -> float:
    """The least distance in normal scores, from x = 0.5 and y = 0.4, of a point that turns it."""
    across = np.linspace(0.001, 0.999, 1500)
    x, y = np.meshgrid(across, across)
    distances = np.hypot(ndtri(x), ndtri(y) - ndtri(0.4))
    return float(distances[~holds(x, y)].min())


@pytest.mark.parametrize(
    ("test", "holds"),
    [
        ("E(x + y) < 1.3111", lambda x, y: x + y < 1.3111),
        ("E(x + y) < 1.7", lambda x, y: x + y < 1.7),
        ("E(x - y) < 0.7", lambda x, y: x - y < 0.7),
        ("not E(x + y) >= 1.3", lambda x, y: x + y < 1.3),
    ],
)
def test_the_smallest_joint_change_is_that_of_a_search_of_the_whole_plane(test, holds):
    (verdict,) = turned(test)
    found = verdict.joint_turning_point
    assert found is not None
    assert found.distance == pytest.approx(nearest_by_hand(holds), rel=0.01)
    at = dict(zip(found.unknowns, found.values, strict=True))
    assert set(at) == {"x", "y"}
    assert not holds(at["x"], at["y"])
    inside = {name: value - 0.002 * (1 if value > 0.45 else -1) for name, value in at.items()}
    assert holds(inside["x"], inside["y"])


def test_a_joint_change_is_found_where_no_unknown_turns_alone():
    (verdict,) = turned("E(x + y) > 1.7")
    assert verdict.turning_points == ()
    assert isinstance(verdict.joint_turning_point, JointTurningPoint)
    pair = verdict.as_json()["pair"]
    assert pair is not None
    assert pair["unknowns"] == list(verdict.joint_turning_point.unknowns)
    (only,) = verdict.as_json()["together"]
    assert [change["best"] for change in only["changes"]] in ([0.5, 0.4], [0.4, 0.5])


def test_as_few_unknowns_are_changed_as_come_within_a_tenth():
    assert set(turned("E(x + y + 0.05 * n) > 1.3")[0].joint_turning_point.unknowns) == {"x", "y"}
    three = turned("E(x + y + 0.3 * n) > 1.5")[0]
    assert set(three.joint_turning_point.unknowns) == {"x", "y", "n"}
    assert three.as_json()["pair"] is None


def test_a_joint_change_hardly_smaller_than_one_alone_is_not_reported():
    assert turned("E(x + 0.05 * y) > 0.9")[0].joint_turning_point is None
    assert turned("E(x) > 0.3")[0].joint_turning_point is None
    assert turned("E(x) > 0.3")[0].as_json()["together"] == []


def forecast_of(predict, names=("x", "y", "n"), best=(0.5, 0.4, 0.0), error=0.0, at_best=0.1):
    return MarginForecast(names, predict, np.array(best), at_best > 0, at_best, error)


def turning_points_by(predict, test: str, **rest) -> TurningPoints:
    case = case_of(test)
    plan = plan_questions(case, tuple(read_claims(case).values()))
    forecast = forecast_of(predict, **rest)
    return find_turning_points(plan, plan.evaluate_world(), {0: forecast}, workers=1)


def test_a_right_forecast_finds_the_same_turning_points_with_half_the_readings():
    def sum_of_two(values):
        return values[:, 0] + values[:, 1] - 1.3

    test = "E(x + y + 0.0001 * n) > 1.3"
    case = case_of(test)
    (plain,) = check(case, 0, workers=1).claim_checks
    found = turning_points_by(sum_of_two, test, at_best=-0.4)
    expected = {flip.unknown: flip.value for flip in plain.turning_points}
    assert {flip.unknown: flip.value for flip in found.points_by_claim[0]} == pytest.approx(
        expected, abs=0.0005
    )
    assert found.joint_by_claim[0].distance == pytest.approx(
        plain.joint_turning_point.distance, rel=0.01
    )
    assert found.unsearched_by_claim[0] == ("n",)
    plan = plan_questions(case, tuple(read_claims(case).values()))
    everywhere = find_turning_points(plan, plan.evaluate_world(), workers=1)
    assert found.evaluations < everywhere.evaluations / 2


def test_a_wrong_forecast_names_no_turning_point_that_no_reading_confirms():
    def wrong(values):
        return 0.2 - values[:, 2] + 0.5 - values[:, 0]

    found = turning_points_by(wrong, "E(n) > -9", at_best=9.0)
    assert (found.points_by_claim[0], found.joint_by_claim) == ((), {})


def test_a_forecast_is_not_trusted_further_than_its_error():
    """All along y it foresees that the claim holds, by less than it is usually wrong by."""

    def without_y(values):
        return 0.8 - values[:, 0]

    found = turning_points_by(without_y, "E(x) < 0.8 and E(y) < 0.7", at_best=0.3, error=0.31)
    assert {flip.unknown for flip in found.points_by_claim[0]} == {"x", "y"}
    blind = turning_points_by(without_y, "E(x) < 0.8 and E(y) < 0.7", at_best=0.3, error=0.29)
    assert {flip.unknown for flip in blind.points_by_claim[0]} == {"x"}
    assert "y" in blind.unsearched_by_claim[0]


def points_at_ends(case: Case, **settings) -> TurningPoints:
    plan = plan_questions(case, tuple(read_claims(case).values()), SolveSettings(**settings))
    every = range(len(plan.questions))
    return find_turning_points(plan, plan.evaluate_world(), at_ends_only=every, workers=1)


def test_a_claim_of_which_worlds_tell_too_little_is_read_at_the_ends_alone():
    test = "E(x + y + 0.0001 * n) > 1.3"
    case = case_of(test, "abs(E(x) - 0.75) > 0.1", "E(level) < 3")
    found = points_at_ends(case)
    assert {flip.unknown: round(flip.value, 2) for flip in found.points_by_claim[0]} == {
        "x": 0.9,
        "y": 0.8,
    }
    assert found.ends_only_by_claim == {0: ("x", "y", "n"), 1: ("x",), 2: ()}
    assert found.unsearched_by_claim == {0: (), 1: (), 2: ()}
    assert found.points_by_claim[1] == ()
    assert [flip.value for flip in found.points_by_claim[2]] == [3]
    assert found.joint_by_claim == {}
    assert set(flips("abs(E(x) - 0.75) > 0.1")) == {"x"}


SIGNAL = """
ceasefire: 1
horizon: 1
ending: nothing
unknowns:
  gain: {best: 0.5, range: [0, 1]}
  cost: {best: 0.3, range: [0, 0.6]}
  trifle: {best: 0.01, range: [0, 0.02]}
parties: {a: {types: {firm: 0.5, soft: 0.5}, precision: 6}, b: {precision: 6}}
state: {armed: {}, left: {}}
payoffs: {a: {left: gain * left}, b: {left: -0.5 * left}}
moves:
  arm: {by: a, set: {armed: true}, cost: 0 if type == firm else cost + trifle}
  leave: {by: b, set: {left: true}, cost: -0.8 if armed else 0}
order: [a, b]
claims: {shows: {test: "belief(a.firm, after=a.arm) > 0.6"}}
"""


def test_a_coarser_grid_says_which_ends_are_worth_a_reading(monkeypatch):
    asked = []
    read = range_scan.ClaimTruthReader.read

    def counted(self, world, claims):
        asked.extend(world)
        return read(self, world, claims)

    monkeypatch.setattr(range_scan.ClaimTruthReader, "read", counted)
    case = loads(SIGNAL)
    found = points_at_ends(case, grid=17)
    assert "cost" in asked
    assert "trifle" not in asked
    everywhere = check(case, 0, grid=17, workers=1).claim_checks[0].turning_points
    expected = {point.unknown: point.value for point in everywhere}
    at_ends = {point.unknown: point.value for point in found.points_by_claim[0]}
    assert "cost" in expected
    assert at_ends == pytest.approx(expected, abs=5e-4)
    assert found.ends_only_by_claim[0] == ("gain", "cost", "trifle")


@pytest.mark.parametrize("holds", [-0.5, 0.5])
def test_what_only_a_coarser_grid_says_of_an_end_turns_nothing(monkeypatch, holds):
    """Said to turn for sure, it is read on the right grid; said to hold for sure, it is not."""

    def wrong(self, world, claims):
        return {claim: range_scan.CoarseReading(holds, 0.1, 0.05) for claim in claims}

    case = loads(SIGNAL)
    right = {
        point.unknown: point.value for point in points_at_ends(case, grid=17).points_by_claim[0]
    }
    monkeypatch.setattr(range_scan.ClaimTruthReader, "read_coarsely", wrong)
    found = points_at_ends(case, grid=17)
    read = {point.unknown: point.value for point in found.points_by_claim[0]}
    assert read == (pytest.approx(right, abs=5e-4) if holds < 0 else {})


def test_half_the_way_is_read_where_an_end_changes_more_than_the_margin(monkeypatch):
    """The belief is outside of a band at best and at the end, and inside it halfway."""
    case = loads(SIGNAL)
    at = [
        ask(case, f"belief(a.firm, after=a.arm, given={{cost: {cost}}})", grid=17, workers=1)
        for cost in (0.3, 0.6)
    ]
    low, high = (one.answers[0].best for one in at)
    edge = low + 0.1 * (high - low), low + 0.75 * (high - low)
    band = f"belief(a.firm, after=a.arm) < {edge[0]} or belief(a.firm, after=a.arm) > {edge[1]}"
    asked = []
    read = range_scan.ClaimTruthReader.read_coarsely

    def counted(self, world, claims):
        asked.append(world)
        return read(self, world, claims)

    monkeypatch.setattr(range_scan.ClaimTruthReader, "read_coarsely", counted)
    claims = {"outside": Claim(says=None, test=band)}
    found = points_at_ends(replace(case, claims=claims), grid=17)
    points = {point.unknown: point.value for point in found.points_by_claim[0]}
    assert 0.3 < points["cost"] < 0.45
    assert {round(world["cost"], 3) for world in asked if "cost" in world} == {0.0, 0.15, 0.45, 0.6}
    assert all(world in ({"trifle": 0.0}, {"trifle": 0.02}) for world in asked if "trifle" in world)


def test_claims_that_need_other_solutions_wait_for_their_own_places():
    tests = ["E(x * x * x) > 0.027", "E(x * x * x) > 0.028", "E(x * x * x, sharper=2) > 0.03"]
    case = case_of(*tests)
    plan = plan_questions(case, tuple(read_claims(case).values()))
    truths = range_scan.ClaimTruthReader(plan, plan.evaluate_world())
    assert truths.are_read_with(0, (0, 1, 2)) == [0, 1]
    assert truths.are_read_with(2, (0, 1, 2)) == [2]
    asked = []
    read = range_scan.ClaimTruthReader.read

    def counted(self, world, claims):
        asked.append((world["x"], tuple(claims)))
        return read(self, world, claims)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(range_scan.ClaimTruthReader, "read", counted)
        find_turning_points(plan, plan.evaluate_world(), workers=1)
    inside = [claims for value, claims in asked if 0.25 < value < 0.5]
    assert (0, 1) in inside
    assert all(claims == (2,) or 2 not in claims for claims in inside)


@pytest.mark.parametrize("steep", [0.01, 0.3, 3.0, 30.0])
def test_a_curve_is_followed_in_few_readings(steep):
    """Both ends of the values that show the right digits are read once it is known well enough."""
    most = {0.01: 4, 0.3: 4, 3.0: 8, 30.0: 15}[steep]
    for at in (0.2003, 0.4567, 0.7009):
        search = TurningSearch(
            TurningBracket(0.1, 0.9),
            (1.0 - math.exp(steep * (0.1 - at)), 1.0 - math.exp(steep * (0.9 - at))),
            lambda place: (place,),
        )
        readings = 0
        while not search.settled:
            place = search.next_place()
            holds = 1.0 - math.exp(steep * (place - at))
            search.read(place, holds, flipped=holds < 0.0, own=True)
            readings += 1
        assert shown_digits(search.gap.outside) == shown_digits(at)
        assert readings <= most


def test_workers_change_nothing():
    tests = ("E(x + y) > 1.3", "E(level) < 2.5")
    one, two = (check(case_of(*tests), 0, workers=workers) for workers in (1, 2))
    assert one.as_json() == two.as_json()


def test_ctrl_c_keeps_the_unknowns_that_are_done():
    done = []

    def stop(count, total):
        done.append((count, total))
        if done[-2:] == [(1, 6), (2, 6)]:
            raise KeyboardInterrupt

    test = "E(x) > 0.3 and value(a) < 9"
    found = check(case_of(test), 0, workers=1, progress=stop)
    assert found.turning_points is not None
    assert found.turning_points.interrupted
    assert found.turning_points.scanned == ("x", "y")
    assert [flip.unknown for flip in found.claim_checks[0].turning_points or ()] == ["x"]


def test_turning_points_can_be_switched_off():
    found = check(case_of("E(x) > 0.3"), 0, workers=1, flips=False)
    assert found.turning_points is None
    assert found.claim_checks[0].turning_points is None
    assert found.as_json()["claims"][0]["flips"] is None


def test_no_turning_points_without_unknowns():
    case = loads(TEXT.replace("odds: {best: 0.5, range: [0, 2]}", "odds: {best: 0.5}"))
    fixed = {name: replace(u, kind=None, parameters=()) for name, u in case.unknowns.items()}
    claims = {"c": Claim(says=None, test="E(x) > 0.3")}
    found = check(replace(case, unknowns=fixed, claims=claims), 4, workers=1)
    assert found.claim_checks[0].turning_points == ()
    assert found.claim_checks[0].drivers is None


def test_unresolved_search_point_marks_the_result(monkeypatch):
    """Readings away from best are said to be unresolved: the document and the status tell."""
    case = case_of("E(x + y) > 1.7")
    plain = check(case, 0, workers=1)
    assert (plain.turning_points.doubtful_evaluations, plain.marked) == (0, False)
    for module in (range_scan, joint_changes):
        monkeypatch.setattr(module, "has_doubtful_solution", lambda sheet: True)
    found = check(case, 0, workers=1)
    readings = found.turning_points.evaluations + found.turning_points.joint_evaluations
    assert found.turning_points.joint_evaluations > 0
    assert found.turning_points.doubtful_evaluations == readings - len(found.turning_points.failed)
    assert found.marked


def test_data_frame_lists_every_turning_point():
    frame = check(case_of("E(x + y) > 1.3", "E(x) > 0.3"), 0, workers=1).turning_point_frame()
    assert sorted(zip(frame["id"], frame["unknown"], strict=True)) == [
        ("c0", "x"),
        ("c0", "y"),
        ("c1", "x"),
    ]


OPED = load(str(Path(__file__).parent / "cases_small" / "oped.yaml"))
PEACE = "P(at_end(signed == both and not attacked)) > 0.5"
HELD = {"kappa": 0.2, "war_u": 0.6, "peace_u": 0.3, "war_r": 0.101, "honour": 0.05}
HELD |= {"attack_cost": 6 / 22 - 0.101, "conquest": 0.401 * 22 / 6}


def test_op_ed_turning_points_match_its_inequalities():
    """Peace needs a force of 6 / (a + h) - 10 <= 12 that costs less than 1, and both to sign."""
    case = replace(OPED, claims={"peace": Claim(says=None, test=PEACE)})
    (verdict,) = check(case, 0, workers=1).claim_checks
    found = {flip.unknown: flip.value for flip in verdict.turning_points or ()}
    assert set(found) == set(HELD)
    for name, at in found.items():
        low, high = case.unknowns[name].parameters
        assert at == pytest.approx(HELD[name], abs=0.0101 * (high - low)), name


SIGNALS = loads("""
ceasefire: 1
horizon: 3
unknowns: {price: {best: 0.2, range: [0, 0.4]}}
parties:
  north: {types: {calm: 0.5, rash: 0.5}, precision: 6}
state: {hit: {}, far: {values: 0..9, start: 0}}
payoffs: {north: {loot: "hit * (0.1 if type == calm else 1)"}}
moves:
  strike: {by: north, when: not hit, set: {hit: true}, cost: 0.3}
  shout: {by: north, cost: "price if type == calm else 0.05"}
  go: {by: north, when: far < 9, set: {far: far + 1}}
claims:
  loud: {test: "P(eventually(happens(north.shout))) > 0.7"}
  bare: {test: "P(eventually(hit), without=[north.shout, north.go]) > 0.5"}
""")


def test_single_claim_gets_the_same_numbers_as_among_all(monkeypatch):
    """The grid is that of all games, though the smaller one of a claim alone allows a finer."""

    def coarse(game):
        return 17 if len(game.states) > 2 else 33

    monkeypatch.setattr(sys.modules[plan_questions.__module__], "default_grid_size", coarse)
    prepared = plan_questions(SIGNALS, tuple(read_claims(SIGNALS).values()))
    for world in ({"price": 0.1}, {"price": 0.33}):
        both = prepared.evaluate_world(world)
        for number in (0, 1):
            alone = prepared.restricted_to([number]).evaluate_world(world)
            assert alone.quantity_values[0] == both.quantity_values[number]
            assert alone.grid_size == both.grid_size


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("E(x) > 0.3", 0.2),
        ("E(x) <= 0.3", -0.2),
        ("not E(x) > 0.3", -0.2),
        ("E(x) > 0.3 and E(y) < 0.5", 0.1),
        ("E(x) < 0.3 or E(y) < 0.5", 0.1),
        ("E(x) == 0.3", -0.2),
        ("E(x) != 0.3", 0.2),
        ("0.3 < E(x) < 0.55", 0.05),
        ("E(x) > 0.9 if E(y) > 0.3 else E(x) > 0", -0.4),
    ],
)
def test_the_margin_of_a_test_says_by_how_much_it_holds(test, expected):
    case = case_of(test)
    (question,) = read_claims(case).values()
    sheet = plan_questions(case, (question,)).evaluate_world()
    numbers = [reading.value for reading in sheet.quantity_values[0]]
    found = margin_of_test(question.expression, numbers)
    assert found == pytest.approx(expected)
    assert (found > 0) is sheet.test_result(0)
    assert margin_of_test(question.expression, [None] * len(numbers)) is None


def test_scan_gaps_are_at_most_a_quarter_of_the_range():
    case = loads(TEXT.replace("best: 0.5, range: [0, 1]", "best: 0.1, range: [0, 1]"))
    case = replace(case, claims={"c": Claim(says=None, test="E(x) > 0.3")})
    found = list(find_unknown_ranges(plan_questions(case, tuple(read_claims(case).values()))))
    assert any(not axis.values for axis in found)
    for axis in found:
        values = [axis.best, *axis.scan_values(-1), *axis.scan_values(1)]
        assert len(set(values)) == len(values)
        if not axis.values:
            gaps = [b - a for a, b in pairwise(sorted(values))]
            assert max(gaps) <= 0.25 * axis.width + 1e-12
            assert (min(values), max(values)) == (axis.low, axis.high)


NOWHERE_FORESEEN = """
ceasefire: 1
horizon: 1
unknowns: {x: {best: 0.2, range: [0, 1]}, y: {best: 0.2, range: [0, 1]}}
parties: {a: {}}
state: {done: {}}
claims: {outside: {test: "E(1 - 2 * (0.55 < x and x < 0.65) + y) > 0"}}
"""


def test_ranges_are_read_whole_where_that_takes_no_more_readings_than_there_are_worlds():
    """True at both ends of the range, and so seldom false that the worlds tell nothing of it."""
    checked = check(loads(NOWHERE_FORESEEN), 64, workers=1)
    (claim,), searched = checked.claim_checks, checked.turning_points
    assert searched.read_whole
    assert searched.as_json()["read_whole"] is True
    (point,) = claim.turning_points
    assert point.unknown == "x"
    assert point.value == pytest.approx(0.55, abs=0.001)


def test_where_ranges_are_not_read_whole_it_is_not_said_that_nothing_turns_a_claim():
    case = loads(NOWHERE_FORESEEN)
    plan = plan_questions(case, list(read_claims(case).values()))
    searched = find_turning_points(plan, plan.evaluate_world(), at_ends_only=[0], workers=1)
    assert not searched.read_whole
    assert no_turning_point(searched).endswith("where the worlds say that it might")


@pytest.mark.parametrize("workers", [1, 2])
def test_turning_points_read_one_unknown_after_the_other_are_those_of_a_whole_search(workers):
    case = case_of("P(at_end(war)) < 0.7", "value(a) < 0.1", "P(at_end(war)) > 0.2")
    plan = plan_questions(case, tuple(read_claims(case).values()), SolveSettings())
    best = plan.evaluate_world()
    read = list(read_turning_points(plan, best, workers))
    assert [(place, count) for place, count, _ in read] == [
        (n, len(read)) for n in range(1, len(read) + 1)
    ]
    one_by_one: dict[int, list] = {}
    for _, _, points in read:
        for claim, point in points.items():
            one_by_one.setdefault(claim, []).append(point)
    whole = find_turning_points(plan, best, workers=1).points_by_claim
    nearest = {
        n: tuple(sorted(p, key=lambda q: q.relative_distance)) for n, p in one_by_one.items()
    }
    assert nearest == {claim: points for claim, points in whole.items() if points}
    assert len(nearest) > 1
