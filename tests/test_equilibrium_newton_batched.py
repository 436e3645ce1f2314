"""All records of a decision at once, against one record at a time; exp and log against NumPy."""

import numba
import numpy as np
import pytest

from ceasefire.equilibrium.kernels.interpolation import interpolation_weight, locate_segment
from ceasefire.equilibrium.kernels.newton import solve_newton
from ceasefire.equilibrium.kernels.newton_batched import (
    fill_signalling_values,
    solve_newton_all_points,
)
from ceasefire.equilibrium.kernels.structures import (
    AxisGrid,
    AxisLine,
    DecisionProblem,
    PlayerTypeArrays,
    allocate_decision_scratch,
    allocate_response,
)
from ceasefire.equilibrium.kernels.vector_math import vectorisable_exp, vectorisable_log

SIZE, OTHER, OPTIONS, OWN = 7, 3, 3, 1
LANES = SIZE * OTHER


@numba.njit
def over(function, values):  # type: ignore[no-untyped-def]
    """A kernel at each of many values."""
    found = np.empty_like(values)
    for x in range(len(values)):
        found[x] = function(values[x])
    return found


def test_exponential_and_logarithm_are_right_to_the_last_digits() -> None:
    rng = np.random.default_rng(0)
    for width in (1e-3, 1.0, 700.0):
        x = rng.uniform(-width, width, 20000)
        assert over(vectorisable_exp, x) == pytest.approx(np.exp(x), rel=5e-16, abs=0)
    y = np.exp(rng.uniform(-50, 50, 20000))
    assert over(vectorisable_log, y) == pytest.approx(np.log(y), rel=5e-16, abs=1e-16)
    near = 1.0 + rng.uniform(-1e-3, 1e-3, 20000)
    assert over(vectorisable_log, near) == pytest.approx(np.log(near), rel=1e-14, abs=1e-18)


def test_exponential_underflows_to_zero() -> None:
    assert over(vectorisable_exp, np.array([-708.5, -1e300, -np.inf])).tolist() == [0.0, 0.0, 0.0]
    assert over(vectorisable_exp, np.array([710.0, np.inf])) == pytest.approx(
        np.exp(709.0), rel=1e-15
    )


class Drawn:
    """A random decision whose values change gently with two records; the mover's is axis 0."""

    def __init__(self, seed: int, axis: int) -> None:
        rng = np.random.default_rng(seed)
        self.q = 2.0
        self.stride = OTHER if axis == 0 else 1
        lanes = np.arange(LANES)
        node = lanes // self.stride % SIZE
        self.low, self.step = -6.0, 2.0
        record = self.low + self.step * node
        self.line = AxisLine(record, lanes - node * self.stride, node, self.stride)
        self.logit = np.array([0.3, -0.8])
        nodes = self.low + self.step * np.arange(SIZE)
        self.belief = 1 / (1 + np.exp(-(self.logit[:, None] + nodes)))
        self.inverse = 1 / np.diff(self.belief)
        self.grid = AxisGrid(self.low, self.step, self.logit[0])
        self.V = np.zeros((OPTIONS + 1, 4, LANES))
        self.V[1:] = rng.normal(size=(OPTIONS, 4, 1)) + 0.1 * rng.normal(size=(OPTIONS, 4, LANES))
        self.successor = np.arange(1, OPTIONS + 1)
        self.cost = rng.uniform(size=(OPTIONS, 2))
        self.weight = rng.normal(size=OPTIONS)
        self.r, self.sigma = np.zeros((OPTIONS, LANES)), np.zeros((2, OPTIONS, LANES))
        self.scratch = allocate_decision_scratch(OPTIONS, 2, LANES)

    def solve(self) -> None:
        self.scratch.wanted[:] = 1.0
        solve_newton_all_points(
            self.V, OWN, self.successor, self.cost, self.weight, self.q, self.line, self.grid,
            self.belief[0], self.inverse[0], self.r, self.sigma, self.scratch,
        )  # fmt: skip


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("seed", range(5))
def test_batched_newton_equals_single_newton(seed: int, axis: int) -> None:
    drawn = Drawn(seed, axis)
    drawn.solve()
    solved = np.flatnonzero(drawn.scratch.worst <= 1e-11)
    assert len(solved) > 0.9 * LANES
    record, base, _, stride = drawn.line
    out = allocate_response(OPTIONS)
    for lane in solved:
        row = base[lane] + stride * np.arange(SIZE)
        values = drawn.V[1:, OWN : OWN + 2][:, :, row].transpose(1, 0, 2)
        values = np.ascontiguousarray(values - drawn.cost.T[:, :, None])
        r = np.zeros(OPTIONS)
        decided = DecisionProblem(values, drawn.weight, drawn.belief[0], *drawn.grid)
        solve_newton(decided, drawn.q, record[lane], r, out, 50.0)
        assert drawn.r[:, lane] == pytest.approx(r, abs=1e-9)
        assert drawn.sigma[:, :, lane] == pytest.approx(out.choice, abs=1e-9)
        shown = np.log(drawn.sigma[0, :, lane] / drawn.sigma[1, :, lane])
        assert shown == pytest.approx(r, abs=1e-9)


@pytest.mark.parametrize("axis", [0, 1])
def test_values_are_mixed_by_each_observers_belief(axis: int) -> None:
    drawn = Drawn(9, axis)
    drawn.solve()
    mover, party = 1, np.array([0, 1, 1, 2])
    kinds = np.array([1, 0, 0])
    types = PlayerTypeArrays(
        party, np.array([0, 0, 1, 0]), np.array([0, 1, 3]), np.array([-1, 0, -1])
    )
    fill_signalling_values(
        0, mover, 0, drawn.successor, drawn.cost, drawn.line, drawn.grid, drawn.logit,
        drawn.belief, drawn.inverse, drawn.r, drawn.sigma, types, kinds,
        drawn.V, drawn.scratch,
    )  # fmt: skip
    record, base, node, stride = drawn.line
    for lane in range(LANES):
        expected = np.zeros(4)
        for a in range(OPTIONS):
            k, y = locate_segment(record[lane] + drawn.r[a, lane], drawn.low, drawn.step, SIZE)
            at = base[lane] + k * stride
            chosen = drawn.sigma[:, a, lane]
            for j in range(4):
                m = kinds[party[j]]
                f = interpolation_weight(y, k, drawn.logit[m], drawn.belief[m])
                value = (1 - f) * drawn.V[a + 1, j, at] + f * drawn.V[a + 1, j, at + stride]
                if party[j] == mover:
                    expected[j] += chosen[j - 1] * (value - drawn.cost[a, j - 1])
                else:
                    b = drawn.belief[kinds[party[j]], node[lane]]
                    expected[j] += (b * chosen[0] + (1 - b) * chosen[1]) * value
        assert drawn.V[0, :, lane] == pytest.approx(expected, abs=1e-12)
