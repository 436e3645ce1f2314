"""Drivers stand out from chance and dummies do not; a planted box is found and measured afresh."""

from dataclasses import replace

import numpy as np
import pytest

from ceasefire.case import Claim, loads
from ceasefire.ensemble import check
from ceasefire.ensemble.rules import find_claim_rule
from ceasefire.ensemble.sensitivity import chance_influence, find_drivers, pawn_influences
from ceasefire.render.console import output_console
from ceasefire.render.tables_check import turning_point_table

TEXT = """
ceasefire: 1
horizon: 1
unknowns:
  cause: {range: [0, 1]}
  other: {range: [0, 1]}
  dummy: {range: [0, 1]}
  level: {oneof: [1, 2, 3, 4]}
parties: {a: {}}
state: {war: {start: true}}
payoffs: {a: {w: -cause * other * dummy * level * war}}
"""


def checked(test: str, text: str = TEXT, worlds: int = 128):
    case = replace(loads(text), claims={"claim": Claim(says=None, test=test)})
    return case, check(case, worlds, workers=1, flips=False)


def driving(test: str) -> list[str]:
    (verdict,) = checked(test)[1].claim_checks
    assert verdict.drivers is not None
    return [driver.unknown for driver in verdict.drivers.drivers]


def uniform(worlds: int, unknowns: int, seed: int = 0):
    return np.random.default_rng(seed).random((worlds, unknowns))


def test_deciding_unknown_is_a_driver_and_a_dummy_is_not():
    assert driving("E(cause) > 0.3") == ["cause"]
    assert sorted(driving("E(cause + other) > 1")) == ["cause", "other"]


def test_a_driver_that_works_at_both_ends_is_seen():
    assert driving("abs(E(cause) - 0.5) > 0.25") == ["cause"]


def test_discrete_unknown_is_cut_by_value():
    """True only at 4: three quarters depart by 1/4, one by 3/4."""
    level = np.repeat([1.0, 2.0, 3.0, 4.0], 16)[:, None]
    assert pawn_influences(level, level[:, 0] == 4) == pytest.approx([0.375])


def test_a_claim_that_never_changes_has_no_driver():
    (verdict,) = checked("E(cause) >= 0")[1].claim_checks
    assert verdict.drivers is not None
    assert verdict.drivers.drivers == ()
    assert verdict.rule is None


def test_influence_is_the_mean_departure_of_the_quarters():
    """Eight of 16 are true, all in the upper half: each quarter departs by 1/2."""
    column = np.arange(16.0)[:, None]
    assert pawn_influences(column, column[:, 0] >= 8) == pytest.approx([0.5])


def test_dummies_are_taken_for_drivers_as_rarely_as_said():
    """In 60 claims that 12 dummies cannot decide, some 3 are to have a driver."""
    false = 0
    for seed in range(60):
        values = uniform(64, 13, seed)
        found = find_drivers(
            [f"d{u}" for u in range(12)], values[:, :12], list(values[:, 12] > 0.5)
        )
        assert found is not None
        false += bool(found.drivers)
    assert 1 <= false <= 8


def test_noise_threshold_shrinks_with_worlds_and_grows_with_unknowns():
    assert (
        chance_influence(512, 1024, 60)
        < chance_influence(128, 256, 60)
        < chance_influence(32, 64, 60)
    )
    assert chance_influence(128, 256, 1) < chance_influence(128, 256, 60)


def test_too_few_worlds_give_no_driver():
    values = uniform(15, 1)
    assert find_drivers(["x"], values, list(values[:, 0] > 0.5)) is None


def test_worlds_without_an_answer_are_left_out():
    values = uniform(200, 2)
    truths = [bool(row[0] > 0.5) for row in values]
    holes = [None if n % 5 == 0 else truth for n, truth in enumerate(truths)]
    found = find_drivers(["cause", "dummy"], values, holes)
    kept = [n for n in range(200) if n % 5]
    assert found == find_drivers(["cause", "dummy"], values[kept], [truths[n] for n in kept])


def test_unknowns_drawn_together_are_said_to_share_their_influence():
    case, found = checked("E(cause) > 0.5", TEXT + "together: [[cause, other, 0.9]]\n")
    (verdict,) = found.claim_checks
    assert [driver.unknown for driver in verdict.drivers.drivers] == ["cause", "other"]
    console = output_console()
    with console.capture() as shown:
        console.print(turning_point_table(case, found))
    assert "one may be listed for the effect of another" in " ".join(shown.get().split())
    alone, apart = checked("E(cause) > 0.5")
    with console.capture() as shown:
        console.print(turning_point_table(alone, apart))
    assert "the effect of another" not in " ".join(shown.get().split())


def planted(values):
    return (values[:, 0] < 0.4) & (values[:, 1] > 0.5)


def test_planted_rule_is_found():
    seen, fresh = uniform(256, 3, 1), uniform(128, 3, 2)
    found = find_claim_rule(
        ["a", "b", "c"], (seen, list(planted(seen))), (fresh, list(planted(fresh)))
    )
    assert found is not None
    assert found.verdict is True
    rule = {bound.unknown: (bound.low, bound.high) for bound in found.bounds}
    assert set(rule) == {"a", "b"}
    assert rule["a"][0] is None
    assert rule["a"][1] == pytest.approx(0.4, abs=0.05)
    assert rule["b"][1] is None
    assert rule["b"][0] == pytest.approx(0.5, abs=0.05)
    assert found.density > 0.85
    assert found.coverage > 0.85


def test_density_and_coverage_are_counted_in_fresh_worlds():
    seen, fresh = uniform(256, 2, 1), uniform(128, 2, 2)
    found = find_claim_rule(["a", "b"], (seen, list(planted(seen))), (fresh, list(planted(fresh))))
    inside = np.ones(128, dtype=bool)
    for bound in found.bounds:
        column = fresh[:, "ab".index(bound.unknown)]
        inside &= (column >= (bound.low or 0)) & (column <= (bound.high or 1))
    assert found.worlds_inside == inside.sum()
    assert found.density == (inside & planted(fresh)).sum() / inside.sum()
    assert found.coverage == (inside & planted(fresh)).sum() / planted(fresh).sum()


def test_a_box_that_does_not_hold_up_in_fresh_worlds_is_dropped():
    seen, fresh = uniform(256, 2, 1), uniform(128, 2, 2)
    elsewhere = list(fresh[:, 0] > 0.8)
    assert find_claim_rule(["a", "b"], (seen, list(planted(seen))), (fresh, elsewhere)) is None


def test_the_rarer_verdict_is_described():
    seen, fresh = uniform(256, 1, 1), uniform(128, 1, 2)
    found = find_claim_rule(["a"], (seen, list(seen[:, 0] > 0.2)), (fresh, list(fresh[:, 0] > 0.2)))
    assert found.verdict is False
    assert found.bounds[0].high == pytest.approx(0.2, abs=0.05)


def test_one_of_a_few_values_is_cut_between_them():
    (verdict,) = checked("E(level) > 2.5 and E(cause) > 0.5")[1].claim_checks
    rule = {bound.unknown: (bound.low, bound.high) for bound in verdict.rule.bounds}
    assert rule["level"] == (3.0, None)
    assert verdict.rule.density > 0.85


def test_unknown_names_do_not_clash_with_the_workbench():
    seen, fresh = uniform(256, 2, 1), uniform(128, 2, 2)
    names = ["scenario", "policy"]
    found = find_claim_rule(names, (seen, list(planted(seen))), (fresh, list(planted(fresh))))
    assert {bound.unknown for bound in found.bounds} == set(names)


def test_no_rule_without_unknowns_or_with_few_worlds():
    seen = uniform(256, 1)
    few = list(seen[:, 0] < 0.01)
    assert find_claim_rule(["a"], (seen, few), (seen, few)) is None
    assert find_claim_rule([], (seen[:, :0], list(seen[:, 0] < 0.5)), (seen[:, :0], few)) is None


@pytest.mark.parametrize("worlds", [64, 180, 181, 256])
def test_two_adjacent_worlds_make_no_rule(worlds: int) -> None:
    values = np.tile(np.arange(float(worlds))[:, None], 64)
    truths = [world not in (0, 1) for world in range(worlds)]
    found = find_drivers([f"x{u}" for u in range(64)], values, truths)
    assert found is not None
    assert not found.drivers
