"""Drivers stand out from chance, bystanders do not; a planted rule is found and measured afresh."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from ceasefire.case import Claim, loads
from ceasefire.ensemble import check
from ceasefire.ensemble.polynomial_chaos import (
    PolynomialBasis,
    fit_chaos,
    least_angle_order,
    orthonormal_polynomials,
)
from ceasefire.ensemble.rules import find_claim_rule
from ceasefire.ensemble.sensitivity import MIN_Q2, find_drivers, rank_scores
from ceasefire.render.console import output_console
from ceasefire.render.tables_check import describe_drivers, describe_rule, turning_point_table
from verification.sensitivity_families import families, family_rows

TEXT = """
ceasefire: 1
horizon: 1
unknowns:
  cause: {range: [0, 1]}
  other: {range: [0, 1]}
  dummy: {range: [0, 1]}
  level: {oneof: [1, 2, 3, 4]}
  switch: {oneof: [0, 1]}
parties: {a: {}}
state: {war: {start: true}}
payoffs: {a: {w: -cause * other * dummy * level * switch * war}}
"""
NAMES = [f"x{number}" for number in range(42)]


def checked(test: str, text: str = TEXT, worlds: int = 128):
    case = replace(loads(text), claims={"claim": Claim(says=None, test=test)})
    return case, check(case, worlds, workers=1, flips=False)


def driving(test: str) -> list[str]:
    (verdict,) = checked(test)[1].claim_checks
    assert verdict.drivers is not None
    return [driver.unknown for driver in verdict.drivers.drivers]


def uniform(worlds: int, unknowns: int, seed: int = 0):
    """A Latin hypercube, as worlds are: each unknown has one value in each Nth of its range."""
    draw = np.random.default_rng(seed)
    cells = draw.permuted(np.tile(np.arange(worlds)[:, None], unknowns), axis=0)
    return (cells + draw.random(cells.shape)) / worlds


def half_explained(worlds, seed, noise=0.25):
    """Margins of which two unknowns explain three fifths, and chance the rest."""
    chance = np.random.default_rng(1000 + seed).standard_normal(len(worlds))
    return worlds[:, 0] + worlds[:, 1] / 2 + noise * chance


def named(analysis) -> dict[str, float]:
    assert analysis is not None
    return {driver.unknown: driver.influence for driver in analysis.drivers}


def test_deciding_unknown_is_a_driver_and_a_bystander_is_not():
    assert driving("E(cause) > 0.3") == ["cause"]
    assert sorted(driving("E(cause + other) > 1")) == ["cause", "other"]


def test_a_driver_that_works_at_both_ends_is_seen():
    assert driving("abs(E(cause) - 0.5) > 0.25") == ["cause"]


def test_unknowns_that_work_only_together_are_seen():
    assert sorted(driving("E((cause - 0.5) * (other - 0.5)) > 0")) == ["cause", "other"]


@pytest.mark.parametrize("seed", range(6))
def test_influence_is_the_total_index_of_the_closed_form(seed: int) -> None:
    """Of a b + c / 4, uniform: V = 7/144 + 1/192, and T_a = (1/48 * 4/3 + ...) in closed form."""
    worlds = uniform(128, 42, seed)
    found = named(find_drivers(NAMES, worlds, worlds[:, 0] * worlds[:, 1] + worlds[:, 2] / 4))
    whole = 7 / 144 + 1 / 192
    assert set(found) == {"x0", "x1", "x2"}
    assert found["x0"] == pytest.approx((1 / 48 + 1 / 144) / whole, abs=0.05)
    assert found["x2"] == pytest.approx(1 / 192 / whole, abs=0.05)


def test_no_bystander_is_taken_for_a_driver():
    """In claims that none of 42 unknowns decides, and in claims that two decide in part."""
    false = set()
    for seed in range(12):
        worlds, chance = uniform(64, 42, seed), np.random.default_rng(1000 + seed)
        false |= set(named(find_drivers(NAMES, worlds, chance.standard_normal(64))))
        false |= set(named(find_drivers(NAMES, worlds, half_explained(worlds, seed)))) - {
            "x0",
            "x1",
        }
    assert false == set()


def test_q2_is_of_worlds_not_fitted_to():
    """A margin of chance alone can be fitted, and predicts nothing."""
    worlds, chance = uniform(64, 42), np.random.default_rng(1).standard_normal(64)
    found = find_drivers(NAMES, worlds, chance)
    assert found.q2 < 0.15
    assert not found.enough_worlds
    assert found.drivers == ()
    said = describe_drivers(found)
    assert said.startswith(f"not enough worlds to tell what decides it (Q2 {found.q2:.2f} at 64")


def test_what_predicts_too_little_is_not_named_though_it_is_there():
    """An unknown with a fifth of the variance, found again in every sample."""
    worlds, chance = uniform(256, 5), np.random.default_rng(2).standard_normal(256)
    found = find_drivers(NAMES[:5], worlds, worlds[:, 0] + 2 * 12**-0.5 * chance)
    assert 0.1 < found.q2 < MIN_Q2
    assert found.drivers == ()


def test_the_worlds_that_would_do_are_foretold_from_the_learning_curve():
    worlds = uniform(512, 42, 9)
    margins = half_explained(worlds, 9, noise=0.4)
    few = [find_drivers(NAMES, worlds[: n + 32], margins[: n + 32]) for n in (0, 8, 16)]
    assert all(found.q2 < MIN_Q2 for found in few)
    assert all(
        found.worlds_needed in (None, *(found.worlds * k for k in (2, 4, 8))) for found in few
    )
    assert any(found.worlds_needed for found in few)
    enough = find_drivers(NAMES, worlds, margins)
    assert enough.enough_worlds
    assert enough.worlds_needed is None


def test_a_claim_whose_margin_never_changes_has_no_driver():
    (verdict,) = checked("E(3) >= 0")[1].claim_checks
    assert verdict.drivers is not None
    assert verdict.drivers.drivers == ()
    assert verdict.drivers.constant
    assert "the margin is the same in every world" in describe_drivers(verdict.drivers)
    assert verdict.rule is None


def test_rounding_is_not_explained():
    worlds = uniform(64, 3)
    margins = 1e15 * (1.0 + 1e-16 * np.random.default_rng(0).integers(-4, 4, 64))
    assert np.ptp(margins) > 0
    assert find_drivers(NAMES[:3], worlds, margins).constant


def test_a_claim_true_everywhere_still_has_a_margin_that_something_decides():
    (verdict,) = checked("E(cause) >= 0")[1].claim_checks
    assert named(verdict.drivers) == {"cause": pytest.approx(1.0)}
    said = describe_drivers(verdict.drivers, verdict.share)
    assert said.startswith("true in every world, by a margin decided by cause (100 %, 100 to 100)")


def test_a_margin_near_its_limits_is_fitted_by_its_order():
    """A probability that is 0 or 1 in most worlds: its normal scores are predicted better."""
    worlds = uniform(64, 42, 3)
    margins = 1 / (1 + np.exp(20 * (worlds[:, 0] + worlds[:, 1] / 2 - 0.35))) - 0.5
    found = find_drivers(NAMES, worlds, margins)
    assert found.expansion.scores is not None
    assert found.q2 > 0.85
    assert list(named(found)) == ["x0", "x1"]
    predicted = found.expansion.predict(worlds)
    assert ((predicted > 0) == (margins > 0)).mean() > 0.95
    assert predicted.min() >= margins.min()
    assert predicted.max() <= margins.max()


def test_infinite_margins_are_taken_by_their_order():
    worlds = uniform(64, 3)
    margins = np.where(worlds[:, 0] > 0.9, np.inf, worlds[:, 0] - 0.5)
    found = find_drivers(NAMES[:3], worlds, margins)
    assert list(named(found)) == ["x0"]
    assert np.isfinite(found.expansion.predict(worlds)).all()


def test_equal_margins_share_a_normal_score():
    scores = rank_scores(np.array([2.0, 1.0, 1.0, 0.0]))
    assert scores[1] == scores[2] == pytest.approx(0.0)
    assert scores[0] == -scores[3] > 0


def test_a_compound_test_is_fitted_comparison_by_comparison():
    """The least of four has kinks, its parts are straight."""
    worlds = uniform(64, 42, 5)
    parts = np.stack([worlds[:, k] - 0.15 * (k + 1) for k in range(4)], axis=1)
    margins = parts.min(axis=1)

    def compose(each):
        return each.min(axis=1)

    plain = find_drivers(NAMES, worlds, margins)
    found = find_drivers(NAMES, worlds, margins, comparisons=parts, compose=compose)
    assert plain.q2 < 0.9
    assert found.q2 == pytest.approx(1.0)
    more = uniform(4096, 42, 6)
    truth = np.stack([more[:, k] - 0.15 * (k + 1) for k in range(4)], axis=1).min(axis=1)
    assert found.expansion.predict(more) == pytest.approx(truth)
    moved = more.copy()
    moved[:, 3] = uniform(4096, 42, 7)[:, 3]
    other = np.stack([moved[:, k] - 0.15 * (k + 1) for k in range(4)], axis=1).min(axis=1)
    assert named(found)["x3"] == pytest.approx(
        ((truth - other) ** 2).mean() / 2 / truth.var(), abs=0.05
    )


def test_an_expansion_predicts_after_it_was_sent_elsewhere():
    (verdict,) = checked("E(cause * other) > 0.3")[1].claim_checks
    sent = pickle.loads(pickle.dumps(verdict.drivers.expansion))
    at = {"cause": 0.5, "other": 0.8}
    values = np.array([[at.get(name, 1.0) for name in sent.unknowns]])
    deviation = verdict.margins.deviations[0]
    assert sent.predict(values) == pytest.approx([(0.4 - 0.3) / deviation], abs=1e-6)


def test_an_interval_holds_the_index_it_is_of():
    """Of a + b / 2 and noise, T_b = 1/5 of what can be predicted."""
    held = 0
    for seed in range(10):
        worlds = uniform(128, 10, seed)
        analysis = find_drivers(NAMES[:10], worlds, half_explained(worlds, seed))
        found = {driver.unknown: driver for driver in analysis.drivers}
        assert found["x1"].low <= found["x1"].influence <= found["x1"].high
        held += found["x1"].low <= 0.2 <= found["x1"].high
    assert held >= 8


def test_too_few_worlds_give_no_driver():
    values = uniform(15, 1)
    assert find_drivers(["x"], values, values[:, 0] - 0.5) is None
    assert find_drivers([], values[:, :0], values[:, 0] - 0.5) is None


def test_worlds_without_an_answer_are_left_out():
    values = uniform(200, 2)
    margins = values[:, 0] - 0.5
    margins[::5] = np.nan
    kept = ~np.isnan(margins)
    found = find_drivers(["cause", "dummy"], values, margins)
    assert found == find_drivers(["cause", "dummy"], values[kept], margins[kept])
    assert found.worlds == 160


def test_unknowns_drawn_together_are_told_apart():
    case, found = checked("E(cause) > 0.5", TEXT + "together: [[cause, other, 0.9]]\n")
    (verdict,) = found.claim_checks
    assert list(named(verdict.drivers)) == ["cause"]
    console = output_console()
    with console.capture() as shown:
        console.print(turning_point_table(case, found))
    assert "each has the influence that it would have alone" in " ".join(shown.get().split())
    alone, apart = checked("E(cause) > 0.5")
    with console.capture() as shown:
        console.print(turning_point_table(alone, apart))
    assert "drawn together" not in " ".join(shown.get().split())


def test_a_family_with_known_indices_is_told_from_its_bystanders():
    linear = next(family for family in families() if family.name == "linear")
    found = list(family_rows(linear, seeds=1))
    assert len(found) == 7
    assert all(row.ok for row in found)


# the expansion


def test_polynomials_of_a_normal_unknown_are_hermites():
    scores = rank_scores(np.arange(20_001.0))
    polynomials = orthonormal_polynomials(scores, 3)
    x = np.array([-1.0, 0.0, 2.0])
    hermite = np.stack([x, (x**2 - 1) / np.sqrt(2), (x**3 - 3 * x) / np.sqrt(6)], axis=1)
    assert polynomials.evaluate(x)[:, 1:] == pytest.approx(hermite, abs=0.02)
    taken = orthonormal_polynomials(np.exp(scores), 3, logarithmic=True)
    assert taken.evaluate(np.exp(x)) == pytest.approx(polynomials.evaluate(x))


def test_an_unknown_of_m_values_has_m_less_one_polynomials():
    three = np.repeat([0.0, 1.0, 5.0], 10)
    polynomials = orthonormal_polynomials(three, 6)
    assert polynomials.degree == 2
    table = polynomials.evaluate(three)
    assert table.T @ table / 30 == pytest.approx(np.eye(3))
    assert orthonormal_polynomials(np.full(8, 3.0), 2).degree == 0


def test_a_function_of_few_unknowns_is_followed_to_higher_degrees():
    """Ishigami's function, whose indices are known in closed form."""
    angles = (2 * uniform(128, 3, 1) - 1) * np.pi
    x1, x2, x3 = angles.T
    fit = fit_chaos(
        PolynomialBasis(angles), np.sin(x1) + 7 * np.sin(x2) ** 2 + x3**4 * np.sin(x1) / 10
    )
    assert fit.expansion.total_indices() == pytest.approx([0.558, 0.442, 0.244], abs=0.05)


def test_least_angle_regression_takes_no_column_that_does_not_vary():
    design = uniform(64, 5)
    design[:, 1] = 2.0
    assert 1 not in least_angle_order(design, design[:, 0] + design[:, 2], 5)
    assert least_angle_order(design, np.ones(64), 5) == []


# rules


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


def test_a_switch_is_read_as_a_value():
    (verdict,) = checked("E(switch + cause / 2) > 0.8")[1].claim_checks
    (bound,) = (bound for bound in verdict.rule.bounds if bound.unknown == "switch")
    assert (bound.low, bound.high) in {(0.0, 0.0), (1.0, 1.0)}
    assert f"switch = {bound.low:g}" in describe_rule(verdict.rule, {"switch"})


def test_a_rule_has_two_bounds_at_most():
    seen, fresh = uniform(256, 3, 1), uniform(128, 3, 2)

    def corner(values):
        return list((values > 0.4).all(axis=1))

    found = find_claim_rule(["a", "b", "c"], (seen, corner(seen)), (fresh, corner(fresh)))
    assert len(found.bounds) == 2


def test_a_second_bound_has_to_earn_its_place():
    seen, fresh = uniform(256, 2, 1), uniform(128, 2, 2)
    one = [list((each[:, 0] > 0.7) & (each[:, 1] > 0.03)) for each in (seen, fresh)]
    found = find_claim_rule(["a", "b"], (seen, one[0]), (fresh, one[1]))
    assert [bound.unknown for bound in found.bounds] == ["a"]


def test_both_ends_of_one_unknown_are_one_bound_between():
    seen, fresh = uniform(256, 1, 1), uniform(128, 1, 2)

    def middle(values):
        return list(abs(values[:, 0] - 0.5) < 0.15)

    (bound,) = find_claim_rule(["a"], (seen, middle(seen)), (fresh, middle(fresh))).bounds
    assert bound.low == pytest.approx(0.35, abs=0.05)
    assert bound.high == pytest.approx(0.65, abs=0.05)


def test_no_rule_without_unknowns_or_with_few_worlds():
    seen = uniform(256, 1)
    few = list(seen[:, 0] < 0.01)
    assert find_claim_rule(["a"], (seen, few), (seen, few)) is None
    assert find_claim_rule([], (seen[:, :0], list(seen[:, 0] < 0.5)), (seen[:, :0], few)) is None
