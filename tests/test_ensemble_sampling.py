"""Draws follow their distributions, keep their ranks together, and never depend on their number."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from ceasefire.case import Case, Unknown, loads
from ceasefire.ensemble import draw_worlds, unknown_quantiles
from ceasefire.errors import WorldError

HEAD = """
ceasefire: 1
horizon: 1
parties: {north: {}}
state: {war: {}}
payoffs: {north: {all: "%s"}}
unknowns:
"""


def case_of(unknowns: str, together: str = "[]") -> Case:
    names = [line.split(":")[0].strip() for line in unknowns.strip().splitlines()]
    text = HEAD % " + ".join(names) + unknowns
    return loads(text + f"\ntogether: {together}\n" if together != "[]" else text)


SHAPES = {
    "range": ((2.0, 6.0), stats.uniform(2, 4)),
    "triangle": ((1.0, 2.0, 5.0), stats.triang(0.25, 1, 4)),
    "normal": ((3.0, 0.5), stats.norm(3, 0.5)),
    "lognormal": ((2.0, 1.5), stats.lognorm(np.log(1.5), scale=2.0)),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_quantiles_are_those_of_the_distribution(kind):
    parameters, known = SHAPES[kind]
    u = np.array([1e-9, 0.1, 0.25, 0.5, 0.9, 1 - 1e-9])
    drawn = unknown_quantiles(Unknown(best=3.0, kind=kind, parameters=parameters), u)
    np.testing.assert_allclose(drawn, known.ppf(u), rtol=1e-6)


@pytest.mark.parametrize("mode", [0.0, 2.0])
def test_triangle_with_its_mode_at_an_end(mode):
    u = np.array([0.1, 0.5, 0.9])
    drawn = unknown_quantiles(Unknown(best=mode, kind="triangle", parameters=(0.0, mode, 2.0)), u)
    np.testing.assert_allclose(drawn, stats.triang(mode / 2, 0, 2).ppf(u), rtol=1e-12)


def test_oneof_takes_each_value_equally_often():
    worlds = draw_worlds(case_of("  a: {oneof: [5, 1, 3, 1]}"), 64)
    values, counts = np.unique(worlds.values[1:, 0], return_counts=True)
    assert dict(zip(values.tolist(), counts.tolist(), strict=True)) == {1.0: 32, 3.0: 16, 5.0: 16}


def test_world_0_is_the_best_estimate_and_constants_stay():
    worlds = draw_worlds(case_of("  a: {best: 0.2, range: [0, 1]}\n  b: {best: 7}"), 16)
    assert worlds[0] == {"a": 0.2, "b": 7.0}
    assert set(worlds.values[:, 1]) == {7.0}
    assert len(worlds) == 16
    assert len(list(worlds)) == 16


def test_a_world_is_the_same_however_many_are_drawn():
    case = case_of("  a: {range: [0, 1]}\n  b: {normal: [0, 1]}")
    few, many = draw_worlds(case, 5, seed=3), draw_worlds(case, 100, seed=3)
    np.testing.assert_array_equal(few.values, many.values[:6])


def test_the_seed_changes_the_worlds():
    case = case_of("  a: {range: [0, 1]}")
    assert draw_worlds(case, 4, seed=0)[1] != draw_worlds(case, 4, seed=1)[1]
    assert draw_worlds(case, 4, seed=1)[1] == draw_worlds(case, 4, seed=1)[1]


def test_sample_is_more_even_than_random():
    worlds = draw_worlds(case_of("  a: {range: [0, 1]}\n  b: {range: [0, 1]}"), 64)
    for column in worlds.values[1:].T:
        assert sorted((column * 64).astype(int)) == list(range(64))


def test_sample_points_are_cell_centred():
    worlds = draw_worlds(case_of("  a: {range: [0, 1]}"), 64)
    assert (worlds.values[1:, 0] * 2**31 % 2 == 1).all()


def test_oneof_is_correlated_by_value_not_by_its_place_in_the_list():
    unknowns = "  a: {oneof: [5, 1, 3]}\n  b: {range: [0, 1]}"
    worlds = draw_worlds(case_of(unknowns, "[[a, b, 0.9]]"), 1024)
    assert stats.spearmanr(worlds.values[1:]).statistic > 0.8


def test_no_draw_is_infinite():
    worlds = draw_worlds(case_of("  a: {normal: [0, 1]}\n  b: {lognormal: [1, 2]}"), 4096, seed=5)
    assert np.isfinite(worlds.values).all()
    assert (worlds.values[:, 1] > 0).all()


@pytest.mark.parametrize("rho", [0.6, -0.8])
def test_rank_correlation_is_the_one_asked_for(rho):
    unknowns = "  a: {range: [0, 1]}\n  b: {lognormal: [1, 2]}\n  c: {range: [0, 1]}"
    worlds = draw_worlds(case_of(unknowns, f"[[a, b, {rho}]]"), 4096)
    found = stats.spearmanr(worlds.values[1:]).statistic
    assert found[0, 1] == pytest.approx(rho, abs=0.01)
    assert found[0, 2] == pytest.approx(0.0, abs=0.02)


def test_correlation_leaves_each_distribution_as_it_is():
    worlds = draw_worlds(
        case_of("  a: {range: [0, 1]}\n  b: {range: [0, 1]}", "[[a, b, 0.7]]"), 4096
    )
    for column in worlds.values[1:].T:
        np.testing.assert_allclose(np.quantile(column, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.01)


def test_correlations_that_contradict_each_other_are_refused():
    unknowns = "  a: {range: [0, 1]}\n  b: {range: [0, 1]}\n  c: {range: [0, 1]}"
    together = (("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9))
    with pytest.raises(WorldError, match="cannot all hold at once"):
        draw_worlds(replace(case_of(unknowns), together=together), 4)


def test_values_cannot_be_changed():
    worlds = draw_worlds(case_of("  a: {range: [0, 1]}"), 4)
    with pytest.raises(ValueError, match="read-only"):
        worlds.values[0, 0] = 9.0
