"""The fixed point of a signalling decision, against slow and simple ways to find it."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from ceasefire.equilibrium.kernels.continuation import (
    count_negative_eigenvalues,
    follow_principal_branch,
    solve_linear_system,
)
from ceasefire.equilibrium.kernels.newton import (
    CONVERGED,
    continue_in_precision,
    evaluate_residuals,
    has_no_negative_eigenvalue,
    solve_newton,
)
from ceasefire.equilibrium.kernels.structures import (
    DecisionProblem,
    Response,
    UniquenessScratch,
    allocate_response,
    allocate_uniqueness_scratch,
)
from ceasefire.equilibrium.kernels.uniqueness import (
    fill_value_bounds,
    is_unique_everywhere,
    prove_unique_in_box,
    unique_precision_fraction,
)

Make = Callable[[int], tuple[np.ndarray, np.ndarray, float, float]]
NODES = 17
DECISIONS = 150
TOP = 9.2


def rooms(options: int) -> tuple[Response, UniquenessScratch]:
    """What the kernels write into, its boxes without bounds."""
    return allocate_response(options), allocate_uniqueness_scratch(options)


def problem(
    values: np.ndarray,
    weight: np.ndarray,
    where: tuple[float, float, float],
    belief: np.ndarray,
) -> DecisionProblem:
    """A decision whose options have these values (2, K, N) on a grid of low, step and logit."""
    return DecisionProblem(values, weight, belief, *where)


def grid() -> tuple[tuple[float, float, float], np.ndarray, np.ndarray]:
    record = np.linspace(-TOP, TOP, NODES)
    return (-TOP, record[1] - record[0], 0.0), record, 1.0 / (1.0 + np.exp(-record))


def decision(seed: int) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Values that rise or fall smoothly with the belief they leave, as continuations do."""
    rng = np.random.default_rng(seed)
    _, record, belief = grid()
    options = int(rng.integers(2, 5))
    values = np.zeros((2, options, NODES))
    for a in range(options):
        for t in range(2):
            steep, middle, height = rng.uniform(1, 12), rng.uniform(0.1, 0.9), rng.normal()
            values[t, a] = rng.normal() / 3 + height / (1 + np.exp(-steep * (belief - middle)))
    return values, np.zeros(options), rng.uniform(1, 12), float(record[rng.integers(1, NODES - 1)])


def crossed(seed: int) -> tuple[np.ndarray, np.ndarray, float, float]:
    """The first type likes its option less the more it is believed, the second its own more.

    No single response is steep the wrong way, and yet there may be several fixed points.
    """
    rng = np.random.default_rng(seed)
    _, record, belief = grid()
    values, height, steep = np.zeros((2, 2, NODES)), rng.uniform(0.5, 3), rng.uniform(5, 40)
    values[0, 0] = -height / (1 + np.exp(-steep * (belief - rng.uniform(0.2, 0.8))))
    values[1, 1] = height / (1 + np.exp(-steep * (belief - rng.uniform(0.2, 0.8))))
    values[0, 1] -= height * rng.uniform(0, 1)
    values[1, 0] += height * rng.uniform(0, 1)
    return values, np.zeros(2), rng.uniform(4, 20), float(record[rng.integers(2, NODES - 2)])


def alike(seed: int) -> tuple[np.ndarray, float, float]:
    """Options of nearly the same value, which differ by as little as 1e-9."""
    rng = np.random.default_rng(seed)
    _, record, belief = grid()
    options = int(rng.integers(3, 6))
    values = np.zeros((2, options, NODES))
    height, steep, middle = rng.uniform(0.5, 4), rng.uniform(1, 15), rng.uniform(0.2, 0.8)
    values[0] = height / (1 + np.exp(-steep * (belief - middle)))
    turned = rng.uniform(-1, 1) * height
    values[1] = turned / (1 + np.exp(-rng.uniform(1, 15) * (belief - rng.uniform(0.2, 0.8))))
    hair = 10.0 ** rng.uniform(-9, -1.5)
    values += hair * rng.normal(size=(2, options, 1))
    if rng.random() < 0.3:
        values[:, -1] += 0.3 * rng.normal(size=(2, 1))
    return values, rng.uniform(2, 15), float(record[rng.integers(1, NODES - 1)])


def crawl(
    values: np.ndarray, weight: np.ndarray, q: float, record: float, steps: int = 4000
) -> np.ndarray | None:
    """Follow the branch in q by tiny steps; None once it folds or jumps."""
    where, _, belief = grid()
    out, _ = rooms(values.shape[1])
    r = np.zeros(values.shape[1])
    for s in np.linspace(0, 1, steps + 1)[1:]:
        before = 1.0 / (1.0 + np.exp(-record - r))
        if solve_newton(problem(values, weight, where, belief), s * q, record, r, out, 50.0) > 1e-9:
            return None
        if np.abs(1.0 / (1.0 + np.exp(-record - r)) - before).max() > 0.01:
            return None
    return r


def test_choices_are_weighted_logit() -> None:
    """Three options whose values no belief moves: logit by hand, and what the records lack."""
    values = np.repeat([[[0.5], [0.0], [-1.0]], [[0.0], [0.25], [0.0]]], NODES, axis=2)
    weight, q = np.log([1.0, 3.0, 0.5]), 2.0
    where, _, belief = grid()
    out, _ = rooms(3)
    known = np.exp(weight + q * values[:, :, 0])
    known /= known.sum(axis=1, keepdims=True)
    records = np.array([0.3, -0.2, 1.0])
    evaluate_residuals(problem(values, weight, where, belief), q, 0.4, records, out)
    assert out.choice == pytest.approx(known, abs=1e-14)
    assert out.residual == pytest.approx(records - np.log(known[0] / known[1]), abs=1e-14)


def test_slopes_match_finite_differences() -> None:
    """Against differences, well within a cell of the grid."""
    values, weight, q, _ = decision(3)
    where, record, belief = grid()
    middle, hair = 0.5 * (record[6] + record[7]), 1e-5
    found = []
    for step in (-hair, hair, 0.0):
        out, _ = rooms(len(weight))
        shifts = np.full(len(weight), step)
        evaluate_residuals(problem(values, weight, where, belief), q, middle, shifts, out)
        found.append(out)
    below, above, here = found
    assert here.slope == pytest.approx(q * (above.value - below.value) / (2 * hair), rel=1e-6)


@pytest.mark.parametrize(("low", "high"), [(-20.0, 20.0), (-4.0, 3.9), (0.1, 0.2), (-1.0, 30.0)])
def test_interval_bounds_are_tight_over_the_segment(low: float, high: float) -> None:
    """And are taken: no wider than the least and greatest at the nodes and the two ends."""
    where, record, belief = grid()
    for seed in range(10):
        values = np.random.default_rng(seed).normal(size=(2, 1, NODES))
        found = np.zeros(6)
        fill_value_bounds(problem(values, np.zeros(1), where, belief), 0, low, high, found)
        inside = np.clip([low, high, *record[(record > low) & (record < high)]], -TOP, TOP)
        believed = 1.0 / (1.0 + np.exp(-inside))
        first, second = (np.interp(believed, belief, values[t, 0]) for t in range(2))
        rows = np.stack([first, second, first - second])
        assert found == pytest.approx([*rows.min(axis=1), *rows.max(axis=1)], abs=1e-12)


@cache
def crawled(seed: int) -> np.ndarray | None:
    """Where tiny steps lead for a decision; None if they do not say."""
    return crawl(*decision(seed))


@pytest.mark.parametrize("seed", range(DECISIONS))
def test_principal_branch_starts_at_zero_precision(seed: int) -> None:
    values, weight, q, record = decision(seed)
    where, _, belief = grid()
    out, _ = rooms(len(weight))
    followed = np.zeros(len(weight))
    # two branches meet by chance alone: never where nothing is symmetric
    decided = problem(values, weight, where, belief)
    assert follow_principal_branch(decided, q, record, 0.0, followed, out) == CONVERGED
    slow = crawled(seed)
    if slow is not None:
        assert followed == pytest.approx(slow, abs=1e-6)
    risen = np.zeros(len(weight))
    for part in (0.0, unique_precision_fraction(decided, q)):
        if continue_in_precision(decided, q, record, part, risen, out) == 1.0:
            assert risen == pytest.approx(followed, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_elimination_solves_and_gives_the_sign_of_the_determinant(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, right = rng.normal(size=(4, 4)), rng.normal(size=4)
    solution = right.copy()
    assert solve_linear_system(matrix.copy(), solution) == np.sign(np.linalg.det(matrix))
    assert solution == pytest.approx(np.linalg.solve(matrix, right))


@pytest.mark.parametrize("size", [2, 3, 4, 5, 7])
def test_negative_eigenvalues_of_a_bordered_matrix_are_counted(size: int) -> None:
    """Of J = diag(d) + 1 v', against LAPACK; at least a few of each count that there may be."""
    rng, counts = np.random.default_rng(size), set()
    for _ in range(400):
        bordered = rng.normal(size=(size + 1, size + 1))
        shift = rng.uniform(-2, 2)
        jacobian = np.diag(rng.normal(size=size) + shift) + rng.normal(size=size)
        bordered[:size, :size] = jacobian
        known = int((np.linalg.eigvals(jacobian).real < 0).sum())
        assert count_negative_eigenvalues(bordered) == known
        counts.add(known)
    assert counts == set(range(size + 1))


def test_near_identity_jacobian_has_no_negative_eigenvalue() -> None:
    """LAPACK's complex routine gives up on this one, which play has met."""
    v = np.array([-2.01069120e-08, -2.01069120e-08] + [-4.40935341e-09] * 3)
    d = np.array([1.00000010e00, 1.00000010e00] + [1.00000002e00] * 3)
    bordered = np.ones((6, 6))
    bordered[:5, :5] = np.diag(d) + v
    assert count_negative_eigenvalues(bordered) == 0


def test_path_is_followed_through_a_double_eigenvalue_crossing() -> None:
    """Three options that differ by a hair: two directions turn at once, and the sign of det J not.

    Tiny steps in precision, without a jump, come to the same point.
    """
    values, q, record = alike(810)
    where, _, belief = grid()
    out, _ = rooms(3)
    r = np.zeros(3)
    decided = problem(values, np.zeros(3), where, belief)
    assert follow_principal_branch(decided, q, record, 0.0, r, out) == CONVERGED
    crawled = crawl(values, np.zeros(3), q, record, 20_000)
    assert crawled is not None
    assert r == pytest.approx(crawled, abs=1e-6)
    assert abs(r[0]) > 0.4


@pytest.mark.parametrize("options", [2, 3])
def test_no_negative_eigenvalues_test_matches_lapack(options: int) -> None:
    """Where every d is positive it is enough that the determinant is."""
    rng, found = np.random.default_rng(options), set()
    for _ in range(400):
        sigma = rng.dirichlet(np.ones(options), size=2)
        slope = rng.normal(size=(2, options)) * 2
        d = 1 - slope[0] + slope[1]
        jacobian = np.diag(d) + (sigma[0] * slope[0] - sigma[1] * slope[1])
        known = (np.linalg.eigvals(jacobian).real > 0).all()
        if (d > 0).all():
            known = np.linalg.det(jacobian) > 0
        assert has_no_negative_eigenvalue(sigma, slope) == known
        found.add((bool(known), bool((d > 0).all())))
    assert len(found) == 4


def test_path_that_folds_beyond_the_end_stops_at_the_end() -> None:
    """It ends at a record moved by -1.7; beyond s = 1 it turns, and comes by again at -5.7."""
    step, logit = 2.423968, 0.485630
    where, nodes = (-4 * step, step, logit), step * np.arange(-4, 5)
    belief = 1.0 / (1.0 + np.exp(-logit - nodes))
    values = np.array(
        [
            [4157, 5768, 8727, 10466, 10490, 10406, 9972, 9971, 9971],
            [0, 186, 344, 660, 5749, 9209, 9875, 9922, 9926],
            [17, 16, 10, 1, 0, 87, 581, 645, 649],
            [3822, 3822, 3822, 3819, 3945, 4402, 4657, 4667, 4667],
        ]
    ).reshape(2, 2, 9)
    out, _ = rooms(2)
    r, q = np.zeros(2), 6.139485
    decided = problem(values / 1e4, np.zeros(2), where, belief)
    known = r.copy()
    for s in np.linspace(0, 1, 2001)[1:]:
        before = known.copy()
        assert solve_newton(decided, s * q, nodes[5], known, out, 50.0) < 1e-9
        assert np.abs(known - before).max() < 0.05
    assert known[1] > -2
    assert follow_principal_branch(decided, q, nodes[5], 0.0, r, out) == CONVERGED
    assert r == pytest.approx(known, abs=1e-6)


def test_small_steps_check_most_decisions() -> None:
    """Of the decisions whose branch is compared with tiny steps, and with a rise from certainty."""
    assert sum(crawled(seed) is not None for seed in range(DECISIONS)) >= 130
    risen = 0
    for seed in range(DECISIONS):
        values, weight, q, record = decision(seed)
        where, _, belief = grid()
        out, _ = rooms(len(weight))
        decided = problem(values, weight, where, belief)
        part = unique_precision_fraction(decided, q)
        r = np.zeros(len(weight))
        risen += continue_in_precision(decided, q, record, part, r, out) == 1.0
    assert risen >= 120


@pytest.mark.parametrize("make", [decision, crossed])
@pytest.mark.parametrize("seed", range(60))
def test_interval_uniqueness_is_not_contradicted(seed: int, make: Make) -> None:
    values, weight, q, record = make(seed)
    where, _, belief = grid()
    out, scratch = rooms(len(weight))
    decided, box = problem(values, weight, where, belief), scratch.box
    only = prove_unique_in_box(decided, q, record, scratch)
    rng = np.random.default_rng(seed)
    found: list[np.ndarray] = []
    for _ in range(60):
        r = rng.normal(size=len(weight)) * rng.choice([1, 4, 12])
        if solve_newton(decided, q, record, r, out, 80.0) < 1e-9:
            assert (r >= box[0] - 1e-6).all()
            assert (r <= box[1] + 1e-6).all()
            if not any(np.abs(r - other).max() < 1e-6 for other in found):
                found.append(r)
    assert not only or len(found) == 1


@pytest.mark.parametrize(("make", "least"), [(decision, 15), (crossed, 3)])
def test_interval_uniqueness_is_often_shown(make: Make, least: int) -> None:
    """Neither answer of the enclosure is rare among the decisions that it is tried on."""
    shown = 0
    for seed in range(60):
        values, weight, q, record = make(seed)
        where, _, belief = grid()
        _, scratch = rooms(len(weight))
        decided = problem(values, weight, where, belief)
        shown += bool(prove_unique_in_box(decided, q, record, scratch))
    assert least <= shown < 60


@pytest.mark.parametrize("seed", range(60))
def test_certain_uniqueness_holds_at_every_record(seed: int) -> None:
    values, weight, q, _ = decision(seed)
    where, nodes, belief = grid()
    decided = problem(values, weight, where, belief)
    part = unique_precision_fraction(decided, q)
    assert 0.0 < part < 1.0 or is_unique_everywhere(decided, q, rooms(len(decided.log_weight))[1])
    out, _ = rooms(len(weight))
    rng = np.random.default_rng(seed)
    for record in nodes[:: len(nodes) // 4]:
        found: list[np.ndarray] = []
        for _ in range(30):
            r = rng.normal(size=len(weight)) * rng.choice([1, 4, 12])
            if solve_newton(decided, part * q, record, r, out, 80.0) < 1e-9:
                found.append(r)
        assert len(found) >= 10
        assert np.ptp(found, axis=0).max() < 1e-6


@pytest.mark.parametrize(
    ("cost", "belief_after"), [(0.001, 0.0212), (0.0, 0.5), (-0.001, 0.9788), (1e-6, 0.0212)]
)
def test_knife_edge_of_an_almost_free_message(cost: float, belief_after: float) -> None:
    """A word that costs one type a thousandth more moves the belief from a half to near certainty.

    The hearer acts on the belief with precision 4, each type wants to be taken for what it is.
    """
    where, record, belief = grid()
    act = 1.0 / (1.0 + np.exp(-4.0 * (2.0 * belief - 1.0)))
    values = np.stack([np.stack([act - cost, act]), np.stack([1.0 - act, 1.0 - act])])
    out, _ = rooms(2)
    r = np.zeros(2)
    middle = float(record[NODES // 2])
    decided = problem(values, np.zeros(2), where, belief)
    status = follow_principal_branch(decided, 4.0, middle, 0.0, r, out)
    assert 1.0 / (1.0 + np.exp(-r[0])) == pytest.approx(belief_after, abs=2e-3)
    assert status == (1 if cost == 0 else 0)
    if cost == 0:  # the uninformative path cannot be gone on along without meeting the other
        risen = np.zeros(2)
        reached = continue_in_precision(decided, 4.0, middle, 0.0, risen, out)
        assert 0.0 < reached < 1.0
        assert risen == pytest.approx(np.zeros(2), abs=1e-9)
