"""Single decisions of the sweep, by hand: choices that show nothing, and options that are equal.

Games without types have a kernel of their own, which must give the same to the last bit.
"""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from ceasefire.case import load, loads
from ceasefire.equilibrium import solve
from ceasefire.equilibrium.kernels.induction import (
    fill_unrevealing_choices,
    reply_as_at_neighbours,
    solve_period,
    solve_period_untyped,
)
from ceasefire.equilibrium.kernels.newton_batched import fill_unrevealing_values
from ceasefire.equilibrium.kernels.signalling import merge_equal_options
from ceasefire.equilibrium.kernels.structures import (
    DECISION_COUNT,
    PRINCIPAL,
    GraphArrays,
    PayoffArrays,
    PeriodPolicy,
    PlayerTypeArrays,
    grid_arrays,
)
from ceasefire.equilibrium.solution import build_belief_grid
from ceasefire.game import build
from ceasefire.game.graph import DECISION, END
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
TYPES = PlayerTypeArrays(
    np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([0, 1]), np.array([-1, 0])
)


def one_decision(mover: int, cost: np.ndarray, log_weight: np.ndarray):
    """A period in which a party chooses at its only node, the last, among all ends."""
    options, ends = len(cost), len(cost)
    kind = np.array([END] * ends + [DECISION], dtype=np.int8)
    graph = GraphArrays(
        kind, np.full(ends + 1, mover, dtype=np.int8), np.array([0] * (ends + 1) + [options]),
        np.arange(options, dtype=np.int32), np.zeros(options, dtype=np.int32),
        np.zeros(ends + 1, dtype=np.int16), np.full(ends + 1, -1, dtype=np.int8),
        np.full(ends + 1, -1, dtype=np.int8),
    )  # fmt: skip
    payments = np.zeros((ends + 1, 3))
    return graph, PayoffArrays(
        np.zeros(options), np.zeros((0, 2)), cost, log_weight, payments, np.zeros(0)
    )


def test_untyped_choice_is_logit() -> None:
    """Party 0 has three options; party 1 has types, and does not pay for it."""
    rng = np.random.default_rng(0)
    values, policy = rng.normal(size=(4, 3, LANES)), np.zeros(3 * LANES)
    cost, weight, q = rng.uniform(size=(3, 2)), rng.normal(size=3), 1.7
    after = values[:3].copy()
    graph, payoffs = one_decision(0, cost, weight)
    fill_unrevealing_choices(3, graph, payoffs, TYPES, q, values, policy, 0)
    fill_unrevealing_values(3, graph, payoffs, TYPES, values, policy, 0)
    worth = after[:, 0] - cost[:, :1]
    chosen = np.exp(weight[:, None] + q * worth)
    chosen /= chosen.sum(axis=0)
    assert policy.reshape(3, LANES) == pytest.approx(chosen)
    assert values[3, 0] == pytest.approx((chosen * worth).sum(axis=0))
    assert values[3, 1:] == pytest.approx((chosen[:, None] * after[:, 1:]).sum(axis=0))


def test_what_must_be_done_is_paid_for_by_each_type() -> None:
    values, policy = np.ones((2, 3, LANES)), np.zeros(2 * LANES)
    cost, weight = np.array([[0.1, 0.6]]), np.zeros(1)
    graph, payoffs = one_decision(1, cost, weight)
    fill_unrevealing_choices(1, graph, payoffs, TYPES, 2.0, values, policy, 0)
    fill_unrevealing_values(1, graph, payoffs, TYPES, values, policy, 0)
    assert (policy == 1.0).all()
    assert values[1] == pytest.approx(np.repeat([[1.0], [0.9], [0.4]], LANES, axis=1))


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("shift", [1, -1])
def test_steep_replies_are_those_of_the_next_point_and_others_stay(shift: int, stride: int) -> None:
    """Log odds of 0.4 from point to point are read well; 8 from the third to the fourth are not."""
    odds = np.array([-1.2, -0.8, -0.4, 7.6, 8.0, 8.4])
    place = np.repeat(np.arange(6), stride)
    yes = 1.0 / (1.0 + np.exp(-odds[place]))
    reply = np.stack([1.0 - yes, yes])[None]
    record = (place - 1.0) * 0.5
    reply_as_at_neighbours(reply, record, place, 6, stride, shift)
    expected = odds.copy()
    turning, like = (2, 3) if shift == 1 else (3, 2)
    expected[turning] = odds[like]
    assert reply[0, 1] == pytest.approx(1.0 / (1.0 + np.exp(-expected[place])))
    assert reply.sum(axis=1) == pytest.approx(1.0)
    nothing_shown = np.stack([1.0 - yes, yes])[None]
    reply_as_at_neighbours(
        nothing_shown, np.where(place == turning, 0.0, 1.0), place, 6, stride, shift
    )
    assert nothing_shown[0, 1] == pytest.approx(yes)


def test_equal_options_act_as_one_with_summed_weight() -> None:
    values = np.random.default_rng(1).normal(size=(2, 3, 5))
    values[:, 2] = values[:, 0]
    given = np.log([1.0, 4.0, 2.0])
    same, weight = np.zeros(3, dtype=np.int64), np.zeros(3)
    assert merge_equal_options(values.copy(), given, 3.0, same, weight) == 2
    assert same.tolist() == [0, 1, 0]
    assert np.exp(weight[:2]) == pytest.approx([3.0, 4.0])


AT_ONCE = ("{a: [arm]}, {a: [stop, pass]}, b]", "[{a: [arm, pass]}, b], {a: [stop, pass]}]")


@pytest.mark.parametrize("name", ["bargain", "oped", "everything", "moment"])
def test_typed_kernel_equals_untyped_at_one_record(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values, choices and the number of decisions, period by period, in a game without types."""
    written = {"everything": EVERYTHING, "moment": EVERYTHING.replace(*AT_ONCE)}
    case = loads(written[name]) if name in written else load(str(CASES / f"{name}.yaml"))
    game = build(case)
    assert not game.parties_with_types
    belief_grid = build_belief_grid(game, game_parameters(game, game.case.best_estimates), 3, 0)
    grid = grid_arrays(belief_grid)
    seen = []

    def both(
        graph, payoffs, moment, types, reachable, precision, values, policy, stats, flags, selection
    ):
        assert (moment is None) is (name != "moment"), "moments compiled where there are none"
        again, counted = values[:, :, None].copy(), stats.copy()
        chosen = PeriodPolicy(policy.offset, policy.choices.copy())
        solve_period_untyped(
            graph, payoffs, moment, types, reachable, precision, values, policy, stats, flags,
            selection,
        )  # fmt: skip
        solve_period(
            graph, payoffs, moment, types, grid, belief_grid.axis_size, belief_grid.prior_kind,
            reachable, precision, again, chosen, np.zeros(0), counted,
            np.zeros((len(again), 1), dtype=np.int8), PRINCIPAL, 0,
        )  # fmt: skip
        assert np.array_equal(values[reachable], again[reachable, :, 0])
        assert np.array_equal(policy.choices, chosen.choices)
        assert np.array_equal(stats, counted)
        seen.append(stats[DECISION_COUNT])

    monkeypatch.setattr(equilibrium, "solve_period_untyped", both)
    solve(game)
    assert seen[-1] > 0
