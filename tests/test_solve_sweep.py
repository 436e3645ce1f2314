"""Single decisions of the sweep, by hand: choices that show nothing, and options that are equal."""

import numpy as np
import pytest

from ceasefire.solve._sweep import choose, join

LANES = 3
PARTY, TYPE, OF = np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([0, 1])


def test_a_choice_without_types_is_logit() -> None:
    """Party 0 has three options; party 1 has types, and does not pay for it."""
    rng = np.random.default_rng(0)
    values, policy = rng.normal(size=(4, 3, LANES)), np.zeros(3 * LANES)
    cost, weight, q = rng.uniform(size=(3, 2)), rng.normal(size=3), 1.7
    after = values[:3].copy()
    options = np.arange(3)
    choose(3, 0, 3, 0, False, options, cost, weight, q, PARTY, TYPE, OF, values, policy, 0)
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
    choose(1, 0, 1, 1, True, first, cost, weight, 2.0, PARTY, TYPE, OF, values, policy, 0)
    assert (policy == 1.0).all()
    assert values[1] == pytest.approx(np.repeat([[1.0], [0.9], [0.4]], LANES, axis=1))


def test_options_of_equal_value_are_one_of_their_weights_together() -> None:
    values = np.random.default_rng(1).normal(size=(2, 3, 5))
    values[:, 2] = values[:, 0]
    given = np.log([1.0, 4.0, 2.0])
    same, weight = np.zeros(3, dtype=np.int64), np.zeros(3)
    assert join(values.copy(), given, 3.0, same, weight) == 2
    assert same.tolist() == [0, 1, 0]
    assert np.exp(weight[:2]) == pytest.approx([3.0, 4.0])
