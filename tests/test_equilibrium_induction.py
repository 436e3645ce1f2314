"""Single decisions of the sweep, by hand: choices that show nothing, and options that are equal.

Games without types have a kernel of their own, which must give the same to the last bit.
"""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from ceasefire.case import load, loads
from ceasefire.equilibrium import solve
from ceasefire.equilibrium.belief_grid import build_belief_grid
from ceasefire.equilibrium.kernels.induction import (
    solve_period,
    solve_period_untyped,
    solve_unrevealing_decision,
)
from ceasefire.equilibrium.kernels.signalling import merge_equal_options
from ceasefire.game import build
from ceasefire.game.parameters import game_parameters

equilibrium = import_module("ceasefire.equilibrium.backward_induction")
CASES = Path(__file__).parent / "cases_small"

EVERYTHING = """
ceasefire: 1
horizon: 2
parties: {a: {precision: 4}, b: {precision: 3}}
state: {war: {start: true}, ready: {}}
payoffs: {a: {peace: not war}, b: {peace: -0.2 * (not war)}}
moves:
  arm: {by: a, set: {ready: true}, cost: 0.1}
  stop: {by: a, when: ready, weight: 2, outcomes: [{chance: 0.6, set: {war: false}}]}
  start: {by: b, when: not war, set: {war: true}, cost: 0.3}
promises: {calm: {by: b, forbids: [start], breach: 0.4}}
tables:
  talks:
    seats: [a, b]
    deals: {truce: {when: war, set: {war: false}, promises: [calm], cost: {b: 0.05}}}
order: [talks, {a: [arm]}, {a: [stop, pass]}, b]
"""
LANES = 3
PARTY, TYPE, OF = np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([0, 1])


def test_untyped_choice_is_logit() -> None:
    """Party 0 has three options; party 1 has types, and does not pay for it."""
    rng = np.random.default_rng(0)
    values, policy = rng.normal(size=(4, 3, LANES)), np.zeros(3 * LANES)
    cost, weight, q = rng.uniform(size=(3, 2)), rng.normal(size=3), 1.7
    after = values[:3].copy()
    options = np.arange(3)
    solve_unrevealing_decision(
        3, 0, 3, 0, False, options, cost, weight, q, PARTY, TYPE, OF, values, policy, 0
    )
    worth = after[:, 0] - cost[:, :1]
    chosen = np.exp(weight[:, None] + q * worth)
    chosen /= chosen.sum(axis=0)
    assert policy.reshape(3, LANES) == pytest.approx(chosen)
    assert values[3, 0] == pytest.approx((chosen * worth).sum(axis=0))
    assert values[3, 1:] == pytest.approx((chosen[:, None] * after[:, 1:]).sum(axis=0))


def test_what_must_be_done_is_paid_for_by_each_type() -> None:
    values, policy = np.ones((2, 3, LANES)), np.zeros(2 * LANES)
    cost, weight = np.array([[0.1, 0.6]]), np.zeros(1)
    first = np.zeros(1, dtype=np.int64)
    solve_unrevealing_decision(
        1, 0, 1, 1, True, first, cost, weight, 2.0, PARTY, TYPE, OF, values, policy, 0
    )
    assert (policy == 1.0).all()
    assert values[1] == pytest.approx(np.repeat([[1.0], [0.9], [0.4]], LANES, axis=1))


def test_equal_options_act_as_one_with_summed_weight() -> None:
    values = np.random.default_rng(1).normal(size=(2, 3, 5))
    values[:, 2] = values[:, 0]
    given = np.log([1.0, 4.0, 2.0])
    same, weight = np.zeros(3, dtype=np.int64), np.zeros(3)
    assert merge_equal_options(values.copy(), given, 3.0, same, weight) == 2
    assert same.tolist() == [0, 1, 0]
    assert np.exp(weight[:2]) == pytest.approx([3.0, 4.0])


@pytest.mark.parametrize("name", ["bargain", "oped", "everything"])
def test_typed_kernel_equals_untyped_at_one_record(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values, choices and the number of decisions, period by period, in a game without types."""
    case = loads(EVERYTHING) if name == "everything" else load(str(CASES / f"{name}.yaml"))
    game = build(case)
    assert not game.parties_with_types
    records = build_belief_grid(game, game_parameters(game, game.case.best_estimates), 3, 0)
    parties = np.arange(len(game.parties), dtype=np.int32)
    readers = (parties, np.zeros_like(parties), parties, game.type_axis)
    grid = (
        records.lowest_record,
        records.spacing,
        records.axis_size,
        records.strides,
        records.prior_logit,
    )
    kinds = (records.belief, np.zeros((len(parties), 0), np.int64), records.prior_kind)
    seen = []

    def both(*given):
        *shape, values, policy, tally = given
        again, chosen, counted = values[:, :, None].copy(), policy.copy(), tally.copy()
        solve_period_untyped(*given)
        solve_period(*shape, *readers, *grid, *kinds, again, chosen, np.zeros(0), counted)
        live = shape[4]
        assert np.array_equal(values[live], again[live, :, 0])
        assert np.array_equal(policy, chosen)
        assert np.array_equal(tally, counted)
        seen.append(tally[3])

    monkeypatch.setattr(equilibrium, "solve_period_untyped", both)
    solve(game)
    assert seen[-1] > 0
