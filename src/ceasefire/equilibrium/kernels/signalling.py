"""One signalling decision at every record (kernels): together, one by one, or along the branch."""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.continuation import follow_principal_branch
from ceasefire.equilibrium.kernels.newton import (
    CELL_OF_RECORD,
    CONVERGED,
    SOLUTION_RESIDUAL,
    UNRESOLVED,
    continue_in_precision,
    solve_newton,
)
from ceasefire.equilibrium.kernels.newton_batched import (
    raise_steepest_slope,
    solve_newton_all_points,
)
from ceasefire.equilibrium.kernels.uniqueness import (
    is_unique_everywhere,
    max_belief_slope,
    narrow_box,
    prove_unique_in_box,
    unique_precision_fraction,
)

MAX_SLOPE_FOR_UNIQUENESS = 0.24  # det J > 0 wherever every slope is less


@numba.njit(cache=True, error_model="numpy")
def solve_signalling_decision(
    successor, cost, log_weight, q, own, line, grid, belief, inverse, V, r, sigma, room, tally
):  # fmt: skip
    """Choices sigma (2, K, L) of a party with types, and how they move its record, r (K, L).

    Records at which the fixed point is the only one are solved together, the others one by one.
    """
    K, L = r.shape
    base, stride, N = line[1], line[3], len(belief)
    worst, only = room[4][0], room[4][1]
    steep = worst
    steep[:] = 0.0
    factor = np.zeros(N)
    for k in range(N - 1):
        factor[k] = q * max_belief_slope(belief, k) * inverse[k]
    for a in range(K):
        for t in range(2):
            raise_steepest_slope(V[successor[a], own + t], line[2], stride, factor, steep)
    W = np.empty((2, K, N))
    some = False
    for x in range(L):
        if base[x] != x:
            continue
        most = 0.0
        for k in range(N):
            most = max(most, steep[x + k * stride])
        sure = most < MAX_SLOPE_FOR_UNIQUENESS
        if not sure:
            gather_option_values(W, V, successor, cost, own, x, stride)
            sure = is_unique_everywhere(W, log_weight, q, grid, belief)
        for k in range(N):
            only[x + k * stride] = 1.0 if sure else 0.0
        if not sure:
            sure = mark_unique_grid_points(W, log_weight, q, grid, belief, x, stride, only)
        some = some or sure
    if some:
        solve_newton_all_points(
            V, own, successor, cost, log_weight, q, line, grid, belief, inverse, r, sigma, room
        )
    for x in range(L):
        if base[x] != x:
            continue
        done = True
        for k in range(N):
            lane = x + k * stride
            done = done and only[lane] > 0.0 and worst[lane] <= SOLUTION_RESIDUAL
        if done:
            for k in range(N):
                tally[0] = max(tally[0], worst[x + k * stride])
            continue
        gather_option_values(W, V, successor, cost, own, x, stride)
        solve_grid_line(W, log_weight, q, grid, belief, x, stride, worst, only, r, sigma, tally)


@numba.njit(cache=True, error_model="numpy")
def gather_option_values(W, V, successor, cost, own, base, stride):
    """What each option is worth to both types along one line: W (2, K, N), in place."""
    _, K, N = W.shape
    for a in range(K):
        for t in range(2):
            for k in range(N):
                W[t, a, k] = V[successor[a], own + t, base + k * stride] - cost[a, t]


@numba.njit(cache=True, error_model="numpy")
def allocate_record_scratch(K):
    """Room for one record: out of `respond`; the widest box, a box, its bounds, and choices."""
    out = (
        np.empty(K),
        np.empty((2, K)),
        np.empty((2, K)),
        np.empty((2, K)),
        np.full(K, CELL_OF_RECORD),
    )
    return out, (np.empty((2, K)), np.empty((2, K)), np.empty((K, 6)), np.empty((2, K)))


@numba.njit(cache=True, error_model="numpy")
def fill_widest_box(W, weight, q, grid, belief, room):
    """The box that holds every fixed point at every record, into room[0]."""
    room[0][0], room[0][1] = -np.inf, np.inf
    narrow_box(W, weight, q, 0.0, grid, belief, room[0], room[2], room[3])


@numba.njit(cache=True, error_model="numpy")
def mark_unique_grid_points(W, log_weight, q, grid, belief, base, stride, only):
    """Mark in `only` (L,) the records of a line with one fixed point; whether there are any.

    Not where options are equal: there the choice that treats them equally is the one wanted.
    """
    _, K, N = W.shape
    low, step, _ = grid
    same, weight = np.empty(K, np.int64), np.empty(K)
    if merge_equal_options(W, log_weight, q, same, weight) < K:
        return False
    _, room = allocate_record_scratch(K)
    everywhere, box, bounds, most = room
    fill_widest_box(W, log_weight, q, grid, belief, room)
    some = False
    for k in range(N):
        box[:] = everywhere
        if prove_unique_in_box(W, log_weight, q, low + step * k, grid, belief, box, bounds, most):
            only[base + k * stride] = 1.0
            some = True
    return some


@numba.njit(cache=True, error_model="numpy")
def solve_grid_line(W, log_weight, q, grid, belief, base, stride, worst, only, r, sigma, tally):
    """Choices along one line, record by record; W (2, K, N) is used up.

    What has been solved already is left as it is: worst (L,) is the residual where `only` says
    that there is but one fixed point.
    """
    _, K, N = W.shape
    low, step, _ = grid
    out, _ = allocate_record_scratch(K)
    here = np.empty(K)
    left = 0
    for k in range(N):
        lane = base + k * stride
        if only[lane] > 0.0 and worst[lane] > SOLUTION_RESIDUAL:
            here[:] = r[:, lane]
            worst[lane] = solve_newton(
                W, log_weight, q, low + step * k, here, grid, belief, out, 40.0, SOLUTION_RESIDUAL
            )
            r[:, lane] = here
            sigma[:, :, lane] = out[1]
        if only[lane] > 0.0 and worst[lane] <= SOLUTION_RESIDUAL * 100:
            tally[0] = max(tally[0], worst[lane])
        else:
            only[lane] = 0.0
            left += 1
    if left == 0:
        return
    same, weight = np.empty(K, np.int64), np.empty(K)
    J = merge_equal_options(W, log_weight, q, same, weight)
    U, joint, merged = W[:, :J].copy(), np.zeros(J), weight[:J].copy()
    out, room = allocate_record_scratch(J)
    fill_widest_box(U, merged, q, grid, belief, room)
    part = unique_precision_fraction(U, merged, q, grid, belief)
    for k in range(N):
        lane = base + k * stride
        if only[lane] > 0.0:
            continue
        solve_grid_point(U, merged, q, low + step * k, part, joint, grid, belief, out, room, tally)
        for a in range(K):
            j = same[a]
            f = math.exp(log_weight[a] - merged[j])
            r[a, lane] = joint[j]
            sigma[0, a, lane], sigma[1, a, lane] = f * out[1][0, j], f * out[1][1, j]


@numba.njit(cache=True, error_model="numpy")
def merge_equal_options(W, log_weight, q, same, weight):
    """Put options of equal value to both types together, so that equals are treated equally.

    W (2, K, N) keeps one of each in front, same (K,) says which, weight its log weight; all are
    modified in place. The number of different options.
    """
    K, N = W.shape[1], W.shape[2]
    J = 0
    for a in range(K):
        found = -1
        for j in range(J):
            gap = 0.0
            for t in range(2):
                for k in range(N):
                    gap = max(gap, abs(W[t, a, k] - W[t, j, k]))
            if q * gap < 1e-10:
                found = j
                break
        if found < 0:
            for t in range(2):
                for k in range(N):
                    W[t, J, k] = W[t, a, k]
            weight[J] = log_weight[a]
            found = J
            J += 1
        else:
            x, y = weight[found], log_weight[a]
            weight[found] = max(x, y) + math.log1p(math.exp(-abs(x - y)))
        same[a] = found
    return J


@numba.njit(cache=True, error_model="numpy")
def solve_grid_point(W, weight, q, record, part, r, grid, belief, out, room, tally):
    """The fixed point at one record: Newton where it is the only one, else along the branch.

    part  of q at which there is one fixed point only, whatever the record
    """
    K = len(r)
    everywhere, box, bounds, most = room
    box[:] = everywhere
    if prove_unique_in_box(W, weight, q, record, grid, belief, box, bounds, most):
        for a in range(K):
            r[a] = 0.5 * (box[0, a] + box[1, a])
        left = solve_newton(W, weight, q, record, r, grid, belief, out, 40.0, SOLUTION_RESIDUAL)
        if left <= SOLUTION_RESIDUAL * 100:
            tally[0] = max(tally[0], left)
            return
    reached = continue_in_precision(W, weight, q, record, part, r, grid, belief, out)
    if reached == 1.0:
        return
    tally[4] += 1
    status = follow_principal_branch(W, weight, q, record, reached, r, grid, belief, out)
    left = solve_newton(W, weight, q, record, r, grid, belief, out, 1.0, SOLUTION_RESIDUAL)
    tally[0] = max(tally[0], left)
    if status == UNRESOLVED:
        tally[1] += 1
    elif status != CONVERGED:
        tally[2] += 1
