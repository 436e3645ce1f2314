"""How is one signalling decision solved at all grid points at once?

All grid points of a decision are solved by Newton together where the fixed point is known to be
the only one. Loops over grid points are innermost and hold nothing but arithmetic, so that the
compiler makes vector instructions of them. The equations are those of `newton`, the arrays those
of `structures`: `line` is an AxisLine, `grid` an AxisGrid, `scratch` a DecisionScratch, and
`inverse` (size - 1,) is 1 / the difference of neighbouring beliefs.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.newton import MIN_DIAGONAL, SOLUTION_RESIDUAL
from ceasefire.equilibrium.kernels.vector_math import (
    ROUND_TO_INTEGER,
    vectorisable_exp,
    vectorisable_log,
)

MAX_BATCHED_ITERATIONS = 12  # of which four are usual
UNSOLVED_POINTS_ONE_IN = 16  # one grid point in so many may be left over
DIVERGED_SHIFT = 1e12


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def raise_steepest_slope(row, node, stride, slope_factor, steepest):
    """How fast values change with the record above each grid point; the largest so far."""
    for x in range(len(steepest) - stride):
        steepest[x] = max(steepest[x], abs(row[x + stride] - row[x]) * slope_factor[node[x]])


@numba.njit(inline="always", cache=True, error_model="numpy", fastmath={"contract"})
def integral_float_to_int(x):
    """A whole number as an integer, by its bits: the plain conversion is no vector instruction."""
    return np.float64(x + ROUND_TO_INTEGER).view(np.int64) - np.float64(ROUND_TO_INTEGER).view(
        np.int64
    )


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def locate_moved_records(line, r, grid, belief, inverse, point_below, cell, weight, rate):
    """Where an option's values are read if it moves the records by r.

    point_below, weight (L,) the grid point below, and the weight of the one above it; rate (L,) how
    fast that weight grows with r; cell (L,) the cell of the axis. All are filled.
    """
    record, base, low, step, logit = line.record, line.base, grid.low, grid.step, grid.logit
    last, apart = float(len(belief) - 2), float(line.stride)
    high, nearness = low + step * (last + 1), 1.0 / step
    for x in range(len(point_below)):
        z = record[x] + r[x]
        y = min(max(z, low), high)
        k = min(np.floor((y - low) * nearness), last)
        b = 1.0 / (1.0 + vectorisable_exp(-(logit + y)))
        weight[x] = b
        rate[x] = b * (1.0 - b) if low < z < high else 0.0
        cell[x] = integral_float_to_int(k)
        point_below[x] = base[x] + integral_float_to_int(k * apart)
    for x in range(len(point_below)):
        narrow = inverse[cell[x]]
        weight[x] = min(max((weight[x] - belief[cell[x]]) * narrow, 0.0), 1.0)
        rate[x] *= narrow


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def fill_option_utility(
    row, point_below, stride, weight, rate, cost, log_weight, q, utility, slope
):
    """An option's utility q (value - cost) + log weight at each grid point, and its slope in r."""
    for x in range(len(utility)):
        here = row[point_below[x]]
        gap = row[point_below[x] + stride] - here
        utility[x] = log_weight + q * (here + weight[x] * gap - cost)
        slope[x] = q * gap * rate[x]


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def fill_softmax_terms(utility, top, total):
    """Utilities (K, L) become exp(utility - top) in place; their sums go into `total`."""
    K, L = utility.shape
    for x in range(L):
        top[x] = utility[0, x]
        total[x] = 0.0
    for a in range(1, K):
        for x in range(L):
            top[x] = max(top[x], utility[a, x])
    for a in range(K):
        for x in range(L):
            utility[a, x] = vectorisable_exp(utility[a, x] - top[x])
            total[x] += utility[a, x]


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def solve_newton_all_points(
    V, own, successor, cost, log_weight, q, line, grid, belief, inverse, r, sigma, scratch
):
    """Solve F = 0 by Newton from r (K, L), in place, at all grid points or nearly all.

    V (N, R, L) values; own, the mover's first player type; successor, log_weight (K,) and cost
    (K, 2) of its options; q, its precision. sigma (2, K, L) is filled with the choices.
    scratch.wanted is 1 where the fixed point is to be found, 0 where anything may come out;
    scratch.worst, filled, is the residual left wherever it was to be found.
    """
    K, L = r.shape
    stride = line.stride
    slope, point_below, cell = scratch.slope, scratch.point_below, scratch.cell
    F, inverse_d, v, weight = (
        scratch.residual, scratch.inverse_d, scratch.rank_one, scratch.weight
    )  # fmt: skip
    worst, wanted, shift = scratch.worst, scratch.wanted, scratch.shift
    top_a, top_b, total_a, total_b = (
        scratch.top_a, scratch.top_b, scratch.total_a, scratch.total_b
    )  # fmt: skip
    above, below, rate = scratch.above, scratch.below, shift
    for iteration in range(MAX_BATCHED_ITERATIONS):
        for a in range(K):
            locate_moved_records(
                line, r[a], grid, belief, inverse, point_below[a], cell, weight[a], rate
            )
            for t in range(2):
                fill_option_utility(
                    V[successor[a], own + t], point_below[a], stride, weight[a], rate, cost[a, t],
                    log_weight[a], q, sigma[t, a], slope[t, a],
                )  # fmt: skip
            for x in range(L):
                F[a, x] = r[a, x] - (sigma[0, a, x] - sigma[1, a, x])
        fill_softmax_terms(sigma[0], top_a, total_a)
        fill_softmax_terms(sigma[1], top_b, total_b)
        for x in range(L):
            shift[x] = top_a[x] - top_b[x] + vectorisable_log(total_a[x] / total_b[x])
            total_a[x] = 1.0 / total_a[x]
            total_b[x] = 1.0 / total_b[x]
            worst[x] = 0.0
            above[x] = 0.0
            below[x] = 1.0
        for a in range(K):
            for x in range(L):
                F[a, x] += shift[x]
                worst[x] = max(worst[x], abs(F[a, x]) * wanted[x])
                sigma[0, a, x] *= total_a[x]
                sigma[1, a, x] *= total_b[x]
        unsolved = 0
        for x in range(L):
            unsolved += 0 if worst[x] <= SOLUTION_RESIDUAL else 1
        if unsolved * UNSOLVED_POINTS_ONE_IN <= L or iteration == MAX_BATCHED_ITERATIONS - 1:
            break
        for a in range(K):
            for x in range(L):
                d = 1.0 - slope[0, a, x] + slope[1, a, x]
                inverse_d[a, x] = 1.0 / (d if abs(d) > MIN_DIAGONAL else MIN_DIAGONAL)
                v[a, x] = sigma[0, a, x] * slope[0, a, x] - sigma[1, a, x] * slope[1, a, x]
                above[x] += v[a, x] * F[a, x] * inverse_d[a, x]
                below[x] += v[a, x] * inverse_d[a, x]
        for x in range(L):
            above[x] /= below[x] if abs(below[x]) > MIN_DIAGONAL else MIN_DIAGONAL
        for a in range(K):
            for x in range(L):
                y = r[a, x] - (F[a, x] - above[x]) * inverse_d[a, x]
                r[a, x] = y if abs(y) < DIVERGED_SHIFT else 0.0


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def locate_for_all_priors(line, r, grid, logit, belief, inverse, point_below, odds, cell, weight):
    """Where records moved by r are read: the grid point below, and with each of M priors the weight
    (M, L) of the one above; odds and cell (L,) are filled as well.
    """
    record, base, low, step = line.record, line.base, grid.low, grid.step
    M, N = belief.shape
    last, apart = float(N - 2), float(line.stride)
    high, nearness = low + step * (N - 1), 1.0 / step
    for x in range(len(point_below)):
        y = min(max(record[x] + r[x], low), high)
        k = min(np.floor((y - low) * nearness), last)
        odds[x] = vectorisable_exp(-(logit[0] + y))
        cell[x] = integral_float_to_int(k)
        point_below[x] = base[x] + integral_float_to_int(k * apart)
    for m in range(M):
        ratio = math.exp(logit[0] - logit[m])
        for x in range(len(point_below)):
            f = (1.0 / (1.0 + ratio * odds[x]) - belief[m, cell[x]]) * inverse[m, cell[x]]
            weight[m, x] = min(max(f, 0.0), 1.0)


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def add_mover_value(row, point_below, stride, weight, sigma, cost, total):
    """Add what an option is worth to its mover, times its probability."""
    for x in range(len(total)):
        here = row[point_below[x]]
        total[x] += sigma[x] * (here + weight[x] * (row[point_below[x] + stride] - here) - cost)


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def add_observer_value(row, point_below, stride, weight, believed, total):
    """Add what an option is worth to somebody else, times its probability as believed."""
    for x in range(len(total)):
        here = row[point_below[x]]
        total[x] += believed[x] * (here + weight[x] * (row[point_below[x] + stride] - here))


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def fill_signalling_values(
    n, i, axis, successor, cost, line, grid, logit, belief, inverse, r, sigma,
    types, prior_kind, V, scratch,
):  # fmt: skip
    """Values V[n] (R, L) before what tells of a type, from those after it.

    i is the party that chooses and pays cost (K, 2), -1 for chance; axis that of the party whose
    type shows: parties that know it, i among them, weigh the options as that type chooses.
    r (K, L) and sigma (2, K, L) are the record shifts and choices; logit (M,), belief (M, size)
    and inverse (M, size - 1) the priors about it; prior_kind (P + 1,) which of them each party
    goes by; types (PlayerTypeArrays).
    """
    K, L = r.shape
    M, R = len(logit), len(types.party)
    node, stride = line.node, line.stride
    point_below, odds, cell = scratch.point_below[0], scratch.top_a, scratch.cell
    weight, believed = scratch.prior_weight[:M], scratch.believed[:M]
    for j in range(R):
        V[n, j] = 0.0
    for a in range(K):
        locate_for_all_priors(
            line, r[a], grid, logit, belief, inverse, point_below, odds, cell, weight
        )
        for m in range(M):
            for x in range(L):
                b = belief[m, node[x]]
                believed[m, x] = b * sigma[0, a, x] + (1.0 - b) * sigma[1, a, x]
        for j in range(R):
            p = types.party[j]
            row, f = V[successor[a], j], weight[prior_kind[p]]
            if types.axis[p] == axis:
                t = types.type_index[j]
                paid = cost[a, t] if p == i else 0.0
                add_mover_value(row, point_below, stride, f, sigma[t, a], paid, V[n, j])
            else:
                add_observer_value(row, point_below, stride, f, believed[prior_kind[p]], V[n, j])


@numba.njit(cache=True, error_model="numpy")
def fill_unrevealing_values(n, graph, payoffs, types, V, choices, at):
    """Values V[n] before a decision that moves no record, from its choices."""
    cost, successor = payoffs.cost, graph.successor
    start, i = graph.first[n], graph.mover[n]
    K = graph.first[n + 1] - start
    _, R, L = V.shape
    own = types.first[i]
    if K == 1:
        for r in range(R):
            paid = cost[start, types.type_index[r]] if types.party[r] == i else 0.0
            for x in range(L):
                V[n, r, x] = V[successor[start], r, x] - paid
        return
    for r in range(R):
        for x in range(L):
            V[n, r, x] = 0.0
    for a in range(K):
        s = successor[start + a]
        for x in range(L):
            V[n, own, x] -= choices[at + a * L + x] * cost[start + a, 0]
        for r in range(R):
            for x in range(L):
                V[n, r, x] += choices[at + a * L + x] * V[s, r, x]
