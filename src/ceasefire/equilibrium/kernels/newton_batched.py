"""One signalling decision at every record at once (kernels).

A lane is one node of the record grid; all lanes of a decision are solved by Newton together where
the fixed point is known to be the only one. Loops over lanes are innermost and hold nothing but
arithmetic, so that the compiler makes vector instructions of them. Names are those of `_signal`.

line = (record, base, node, stride) says how lanes lie along the mover's own axis: the record at
each lane, the lane of the line's first node, the node's number, and the distance of neighbours.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.newton import SOLUTION_RESIDUAL
from ceasefire.equilibrium.kernels.vector_math import (
    ROUND_TO_INTEGER,
    vectorisable_exp,
    vectorisable_log,
)

MAX_NEWTON_ITERATIONS = 12  # turns of Newton, of which four are usual
UNSOLVED_POINTS_ONE_IN = 16  # one lane in so many may be left over
DIVERGED_SHIFT = 1e12


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def allocate_decision_scratch(K, M, L):
    """Room for one decision of K options, read with M different priors, at L lanes."""
    return (
        np.empty((2, K, L)), np.empty((2, K, L)), np.empty((4, K, L)), np.empty((K, L), np.int64),
        np.empty((9, L)), np.empty((2 * M, L)), np.empty(L, np.int64),
    )  # fmt: skip


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def raise_steepest_slope(row, node, stride, factor, steep):
    """How fast values change with the record, at most, above each node; the largest so far."""
    for x in range(len(steep) - stride):
        steep[x] = max(steep[x], abs(row[x + stride] - row[x]) * factor[node[x]])


@numba.njit(inline="always", cache=True, error_model="numpy", fastmath={"contract"})
def integral_float_to_int(x):
    """A whole number as an integer, by its bits: the plain conversion is no vector instruction."""
    return np.float64(x + ROUND_TO_INTEGER).view(np.int64) - np.float64(ROUND_TO_INTEGER).view(
        np.int64
    )


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def locate_moved_records(line, r, grid, belief, inverse, at, cell, share, rate):
    """Where an option's values are read if it moves the records by r.

    at, share  lane below, and weight of the lane above it; rate, how fast that weight grows
    """
    record, base, _, stride = line
    low, step, logit = grid
    last, apart = float(len(belief) - 2), float(stride)
    high, nearness = low + step * (last + 1), 1.0 / step
    for x in range(len(at)):
        z = record[x] + r[x]
        y = min(max(z, low), high)
        k = min(np.floor((y - low) * nearness), last)
        b = 1.0 / (1.0 + vectorisable_exp(-(logit + y)))
        share[x] = b
        rate[x] = b * (1.0 - b) if low < z < high else 0.0
        cell[x] = integral_float_to_int(k)
        at[x] = base[x] + integral_float_to_int(k * apart)
    for x in range(len(at)):
        narrow = inverse[cell[x]]
        share[x] = min(max((share[x] - belief[cell[x]]) * narrow, 0.0), 1.0)
        rate[x] *= narrow


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def fill_option_utility(row, at, stride, share, rate, cost, log_weight, q, utility, slope):
    """An option's utility q (value - cost) + log weight at each lane, and its slope in r."""
    for x in range(len(utility)):
        here = row[at[x]]
        gap = row[at[x] + stride] - here
        utility[x] = log_weight + q * (here + share[x] * gap - cost)
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
    V, own, successor, cost, log_weight, q, line, grid, belief, inverse, r, sigma, room
):
    """Solve F = 0 by Newton from r (K, L), in place, at all lanes or nearly all.

    room[4][1] (L,) is 1 at the lanes that are to be solved, 0 at those that may come out anyhow;
    room[4][0] (L,), filled, is the residual left at each lane that was to be solved.
    """
    K, L = r.shape
    stride = line[3]
    slope, at = room[1], room[3]
    # an array taken apart by assignment would no longer be known to lie in one piece
    F, inverse_d, v, share = room[2][0], room[2][1], room[2][2], room[2][3]
    worst, wanted, shift = room[4][0], room[4][1], room[4][6]
    top_a, top_b, all_a, all_b = room[4][2], room[4][3], room[4][4], room[4][5]
    above, below, rate = room[4][7], room[4][8], shift
    for turn in range(MAX_NEWTON_ITERATIONS):
        for a in range(K):
            locate_moved_records(line, r[a], grid, belief, inverse, at[a], room[6], share[a], rate)
            for t in range(2):
                fill_option_utility(
                    V[successor[a], own + t], at[a], stride, share[a], rate, cost[a, t],
                    log_weight[a], q, sigma[t, a], slope[t, a],
                )  # fmt: skip
            for x in range(L):
                F[a, x] = r[a, x] - (sigma[0, a, x] - sigma[1, a, x])
        fill_softmax_terms(sigma[0], top_a, all_a)
        fill_softmax_terms(sigma[1], top_b, all_b)
        for x in range(L):
            shift[x] = top_a[x] - top_b[x] + vectorisable_log(all_a[x] / all_b[x])
            all_a[x] = 1.0 / all_a[x]
            all_b[x] = 1.0 / all_b[x]
            worst[x] = 0.0
            above[x] = 0.0
            below[x] = 1.0
        for a in range(K):
            for x in range(L):
                F[a, x] += shift[x]
                worst[x] = max(worst[x], abs(F[a, x]) * wanted[x])
                sigma[0, a, x] *= all_a[x]
                sigma[1, a, x] *= all_b[x]
        left = 0
        for x in range(L):
            left += 0 if worst[x] <= SOLUTION_RESIDUAL else 1
        if left * UNSOLVED_POINTS_ONE_IN <= L or turn == MAX_NEWTON_ITERATIONS - 1:
            break
        for a in range(K):
            for x in range(L):
                d = 1.0 - slope[0, a, x] + slope[1, a, x]
                inverse_d[a, x] = 1.0 / (d if abs(d) > 1e-12 else 1e-12)
                v[a, x] = sigma[0, a, x] * slope[0, a, x] - sigma[1, a, x] * slope[1, a, x]
                above[x] += v[a, x] * F[a, x] * inverse_d[a, x]
                below[x] += v[a, x] * inverse_d[a, x]
        for x in range(L):
            above[x] /= below[x] if abs(below[x]) > 1e-12 else 1e-12
        for a in range(K):
            for x in range(L):
                y = r[a, x] - (F[a, x] - above[x]) * inverse_d[a, x]
                r[a, x] = y if abs(y) < DIVERGED_SHIFT else 0.0


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def locate_for_all_priors(line, r, grid, logit, belief, inverse, at, odds, cell, share):
    """Where records moved by r are read, with each prior: lane below, weight of that above."""
    record, base, _, stride = line
    low, step, _ = grid
    M, N = belief.shape
    last, apart = float(N - 2), float(stride)
    high, nearness = low + step * (N - 1), 1.0 / step
    for x in range(len(at)):
        y = min(max(record[x] + r[x], low), high)
        k = min(np.floor((y - low) * nearness), last)
        odds[x] = vectorisable_exp(-(logit[0] + y))
        cell[x] = integral_float_to_int(k)
        at[x] = base[x] + integral_float_to_int(k * apart)
    for m in range(M):
        ratio = math.exp(logit[0] - logit[m])
        for x in range(len(at)):
            f = (1.0 / (1.0 + ratio * odds[x]) - belief[m, cell[x]]) * inverse[m, cell[x]]
            share[m, x] = min(max(f, 0.0), 1.0)


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def add_mover_value(row, at, stride, share, sigma, cost, total):
    """Add what an option is worth to its mover, times its probability."""
    for x in range(len(total)):
        here = row[at[x]]
        total[x] += sigma[x] * (here + share[x] * (row[at[x] + stride] - here) - cost)


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def add_observer_value(row, at, stride, share, believed, total):
    """Add what an option is worth to somebody else, times its probability as believed."""
    for x in range(len(total)):
        here = row[at[x]]
        total[x] += believed[x] * (here + share[x] * (row[at[x] + stride] - here))


@numba.njit(cache=True, error_model="numpy", fastmath={"contract"})
def fill_signalling_values(
    n, i, successor, cost, line, grid, logit, belief, inverse, r, sigma,
    reader_party, reader_type, reader_kind, observer_kind, V, room,
):  # fmt: skip
    """Values before a decision from those after it, the choices and what they show."""
    K, L = r.shape
    M, R = len(logit), len(reader_party)
    node, stride = line[2], line[3]
    at, odds, cell = room[3][0], room[4][2], room[6]
    share, believed = room[5][:M], room[5][M:]
    for j in range(R):
        V[n, j] = 0.0
    for a in range(K):
        locate_for_all_priors(line, r[a], grid, logit, belief, inverse, at, odds, cell, share)
        for m in range(M):
            for x in range(L):
                b = belief[m, node[x]]
                believed[m, x] = b * sigma[0, a, x] + (1.0 - b) * sigma[1, a, x]
        for j in range(R):
            p, row, f = reader_party[j], V[successor[a], j], share[reader_kind[j]]
            if p == i:
                t = reader_type[j]
                add_mover_value(row, at, stride, f, sigma[t, a], cost[a, t], V[n, j])
            else:
                add_observer_value(row, at, stride, f, believed[observer_kind[p]], V[n, j])
