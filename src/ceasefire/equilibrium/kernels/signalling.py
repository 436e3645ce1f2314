"""How is one signalling decision solved at every grid point: together, one by one, or along a path?

Grid points where the fixed point is known to be the only one are solved together; the others by
themselves, by continuation from precision 0. Arrays are those of `structures`, equations those of
`newton`.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.continuation import follow_principal_branch
from ceasefire.equilibrium.kernels.multiplicity import (
    BOXES,
    BOXES_BEFORE_FOLLOWING,
    SINGLE,
    allocate_fixed_point_search,
    choose_fixed_point,
    find_fixed_points,
    include_fixed_point,
    narrow_until_single,
    nearest_fixed_point,
)
from ceasefire.equilibrium.kernels.newton import (
    ACCEPTED_RESIDUAL,
    CONVERGED,
    NEWTON_ITERATIONS,
    SOLUTION_RESIDUAL,
    UNRESOLVED,
    continue_in_precision,
    solve_newton,
)
from ceasefire.equilibrium.kernels.newton_batched import (
    raise_steepest_slope,
    solve_newton_all_points,
)
from ceasefire.equilibrium.kernels.structures import (
    BRANCH_POINT_COUNT,
    BRANCH_POINT_FLAG,
    CONTINUED_COUNT,
    PRINCIPAL,
    PRINCIPAL_AND_COUNT,
    RESIDUAL,
    SEVERAL_FLAG,
    TELLING,
    UNPROVED_FLAG,
    UNRESOLVED_COUNT,
    UNRESOLVED_FLAG,
    DecisionProblem,
    allocate_response,
)
from ceasefire.equilibrium.kernels.uniqueness import (
    fill_widest_box,
    is_determinant_positive,
    is_unique_everywhere,
    max_belief_slope,
    prove_unique_in_box,
    unique_precision_fraction,
)

MAX_SLOPE_FOR_UNIQUENESS = 0.24  # det J > 0 wherever every slope is less
EQUAL_OPTION_GAP = 1e-10  # difference in utility below which options count as equal
ONE_ITERATION = 1.0
UNKNOWN = -1.0  # a fraction of the precision that has not been worked out
UNIQUE, NOT_SHOWN, UNIQUE_UNSOLVED = 1.0, 0.0, -1.0  # what `wanted` says of a grid point


@numba.njit(cache=True, error_model="numpy")
def solve_signalling_decision(
    successor, cost, log_weight, q, own, line, grid, belief, inverse, V, r, sigma, scratch, stats,
    flags, selection,
):  # fmt: skip
    """Choices sigma (2, K, L) of a party with types, and how they move its record, r (K, L).

    successor, log_weight (K,), cost (K, 2)   its options
    q, own           its precision and its first player type
    line (AxisLine), grid (AxisGrid), belief (size,), inverse (size - 1,)   its axis, as the analyst
                     believes; inverse is 1 / the difference of neighbouring beliefs
    V (N, R, L)      values; those after the options are read
    r                the guess to start from; r and sigma are modified in place
    scratch (DecisionScratch), stats   filled, added to
    flags (L,)       bits of what was found at each grid point are set
    selection        PRINCIPAL, PRINCIPAL_AND_COUNT, TELLING or SILENT
    """
    K, L = r.shape
    base, stride, N = line.base, line.stride, len(belief)
    worst, wanted = scratch.worst, scratch.wanted
    W = np.empty((2, K, N))
    problem = DecisionProblem(W, log_weight, belief, grid.low, grid.step, grid.logit)
    if mark_unique(problem, successor, cost, q, own, line, inverse, V, scratch):
        solve_newton_all_points(
            V, own, successor, cost, log_weight, q, line, grid, belief, inverse, r, sigma, scratch
        )
    for x in range(L):
        if base[x] != x:
            continue
        done = True
        for k in range(N):
            point = x + k * stride
            done = done and wanted[point] > 0.0 and worst[point] <= SOLUTION_RESIDUAL
        if done:
            for k in range(N):
                stats[RESIDUAL] = max(stats[RESIDUAL], worst[x + k * stride])
            continue
        gather_option_values(W, V, successor, cost, own, x, stride)
        solve_grid_line(problem, q, x, stride, worst, wanted, r, sigma, stats, flags, selection)


@numba.njit(cache=True, error_model="numpy")
def mark_unique(problem, successor, cost, q, own, line, inverse, V, scratch):
    """Mark in scratch.wanted the grid points with one fixed point; whether there are any.

    problem.values is used up.
    """
    W, belief, base, stride = problem.values, problem.belief, line.base, line.stride
    _, K, N = W.shape
    wanted, steepest = scratch.wanted, scratch.worst
    steepest[:] = 0.0
    slope_factor = np.zeros(N)
    for k in range(N - 1):
        slope_factor[k] = q * max_belief_slope(belief, k) * inverse[k]
    for a in range(K):
        for t in range(2):
            raise_steepest_slope(
                V[successor[a], own + t], line.node, stride, slope_factor, steepest
            )
    most = 0.0
    for x in range(len(steepest)):
        most = max(most, steepest[x])
    if most < MAX_SLOPE_FOR_UNIQUENESS:
        wanted[:] = UNIQUE
        return True
    search = allocate_fixed_point_search(K)
    any_unique = False
    for x in range(len(steepest)):
        if base[x] != x:
            continue
        most = 0.0
        for k in range(N):
            most = max(most, steepest[x + k * stride])
        unique = most < MAX_SLOPE_FOR_UNIQUENESS
        if not unique:
            gather_option_values(W, V, successor, cost, own, x, stride)
            unique = is_unique_everywhere(problem, q, search.bounds)
        for k in range(N):
            wanted[x + k * stride] = UNIQUE if unique else NOT_SHOWN
        if not unique:
            unique = mark_unique_grid_points(problem, q, x, stride, wanted, search)
        any_unique = any_unique or unique
    return any_unique


@numba.njit(cache=True, error_model="numpy")
def gather_option_values(W, V, successor, cost, own, base, stride):
    """What each option is worth to both types along one line: W (2, K, N), in place."""
    _, K, N = W.shape
    for a in range(K):
        for t in range(2):
            for k in range(N):
                W[t, a, k] = V[successor[a], own + t, base + k * stride] - cost[a, t]


@numba.njit(cache=True, error_model="numpy")
def mark_unique_grid_points(problem, q, base, stride, wanted, search):
    """Mark in `wanted` (L,) the points of a line with one fixed point; whether there are any.

    Not where options are equal: there the choice that treats them equally is the one wanted.
    """
    _, K, N = problem.values.shape
    merged_index, weight = np.empty(K, np.int64), np.empty(K)
    if merge_equal_options(problem.values, problem.log_weight, q, merged_index, weight) < K:
        return False
    fill_widest_box(problem, q, search.bounds)
    any_unique = False
    for k in range(N):
        if prove_unique(problem, q, problem.low + problem.step * k, search):
            wanted[base + k * stride] = UNIQUE
            any_unique = True
    return any_unique


@numba.njit(cache=True, error_model="numpy")
def prove_unique(problem, q, record, search):
    """Narrow the widest box of the search, at one record, until it holds one fixed point only.

    Returns whether it was shown: by bounds of values at all records, then of those that can be
    reached, then by Bayes's rule as well.
    """
    bounds = search.bounds
    bounds.box[:] = bounds.widest_box
    if is_determinant_positive(problem, q, record, bounds.box, bounds.widest_choice):
        return True
    if prove_unique_in_box(problem, q, record, bounds):
        return True
    search.common[0], search.common[1] = -np.inf, np.inf
    return narrow_until_single(problem, q, record, search) == SINGLE


@numba.njit(cache=True, error_model="numpy")
def solve_grid_line(problem, q, base, stride, worst, wanted, r, sigma, stats, flags, selection):
    """Choices along one line, point by point; problem.values (2, K, N) is used up.

    What has been solved already is left as it is: worst (L,) is the residual where `wanted` (L,)
    says that there is but one fixed point. flags (L,) is set where a point is solved alone.
    """
    W, log_weight = problem.values, problem.log_weight
    low, step = problem.low, problem.step
    _, K, N = W.shape
    response = allocate_response(K)
    here = np.empty(K)
    unsolved = 0
    for k in range(N):
        x = base + k * stride
        if wanted[x] > 0.0 and worst[x] > SOLUTION_RESIDUAL:
            here[:] = r[:, x]
            worst[x] = solve_newton(
                problem, q, low + step * k, here, response, NEWTON_ITERATIONS, SOLUTION_RESIDUAL
            )
            r[:, x] = here
            sigma[:, :, x] = response.choice
        if wanted[x] > 0.0 and worst[x] <= ACCEPTED_RESIDUAL:
            stats[RESIDUAL] = max(stats[RESIDUAL], worst[x])
        else:
            wanted[x] = UNIQUE_UNSOLVED if wanted[x] > 0.0 else NOT_SHOWN
            unsolved += 1
    if unsolved == 0:
        return
    every_option = problem
    if selection != PRINCIPAL:
        every_option = DecisionProblem(
            W.copy(), log_weight, problem.belief, low, step, problem.logit
        )
    merged_index, weight = np.empty(K, np.int64), np.empty(K)
    J = merge_equal_options(W, log_weight, q, merged_index, weight)
    merged_weight, merged_r = weight[:J].copy(), np.zeros(J)
    merged = DecisionProblem(
        W[:, :J].copy(), merged_weight, problem.belief, low, step, problem.logit
    )
    response, search = allocate_response(J), allocate_fixed_point_search(J)
    fill_widest_box(merged, q, search.bounds)
    fraction = UNKNOWN
    for k in range(N):
        x = base + k * stride
        if wanted[x] > 0.0:
            continue
        # what was not shown before merging options is not shown where there were none to merge
        if not (
            (J < K or wanted[x] == UNIQUE_UNSOLVED)
            and solve_unique_point(merged, q, low + step * k, merged_r, response, search, stats)
        ):
            if fraction == UNKNOWN:
                fraction = unique_precision_fraction(merged, q)
            flags[x] |= solve_on_branch(
                merged, q, low + step * k, fraction, merged_r, response, search, stats
            )
        for a in range(K):
            j = merged_index[a]
            f = math.exp(log_weight[a] - merged_weight[j])
            r[a, x] = merged_r[j]
            sigma[0, a, x], sigma[1, a, x] = f * response.choice[0, j], f * response.choice[1, j]
    if selection != PRINCIPAL:
        select_fixed_points(every_option, q, base, stride, wanted, r, sigma, flags, selection)


@numba.njit(cache=True, error_model="numpy")
def select_fixed_points(problem, q, base, stride, wanted, r, sigma, flags, selection):
    """Look for all fixed points along one line, and play the one that `selection` says.

    Where `wanted` (L,) says that there is but one there is nothing to look for. r and sigma hold
    the principal ones; they and flags (L,) are modified in place. Options of equal value are
    kept apart: treating them equally is one fixed point of several.
    """
    _, K, N = problem.values.shape
    response, search = allocate_response(K), allocate_fixed_point_search(K)
    fill_widest_box(problem, q, search.bounds)
    for k in range(N):
        x = base + k * stride
        if wanted[x] > 0.0:
            continue
        record = problem.low + problem.step * k
        if prove_unique(problem, q, record, search):
            continue
        found, complete = find_fixed_points(problem, q, record, response, search, BOXES)
        found = include_fixed_point(search, found, r[:, x], sigma[:, :, x])
        if not complete:
            flags[x] |= UNPROVED_FLAG
        if found > 1:
            flags[x] |= SEVERAL_FLAG
        if selection != PRINCIPAL_AND_COUNT:
            chosen = choose_fixed_point(search, found, selection == TELLING)
            r[:, x] = search.shift[chosen]
            sigma[:, :, x] = search.choice[chosen]


@numba.njit(cache=True, error_model="numpy")
def merge_equal_options(W, log_weight, q, merged_index, weight):
    """Put options of equal value to all types together, so that equals are treated equally.

    W (T, K, N) keeps one of each in front, merged_index (K,) says which, weight (K,) its log
    weight; all are modified in place. The number of different options.
    """
    T, K, N = W.shape
    J = 0
    for a in range(K):
        found = -1
        for j in range(J):
            gap = 0.0
            for t in range(T):
                for k in range(N):
                    gap = max(gap, abs(W[t, a, k] - W[t, j, k]))
            if q * gap < EQUAL_OPTION_GAP:
                found = j
                break
        if found < 0:
            for t in range(T):
                for k in range(N):
                    W[t, J, k] = W[t, a, k]
            weight[J] = log_weight[a]
            found = J
            J += 1
        else:
            x, y = weight[found], log_weight[a]
            weight[found] = max(x, y) + math.log1p(math.exp(-abs(x - y)))
        merged_index[a] = found
    return J


@numba.njit(cache=True, error_model="numpy")
def solve_unique_point(problem, q, record, r, response, search, stats):
    """Fill r (K,) with the fixed point at one record if it is shown to be the only one.

    Returns whether it was shown and found.
    """
    if not prove_unique(problem, q, record, search):
        return False
    box = search.bounds.box
    for a in range(len(r)):
        r[a] = 0.5 * (box[0, a] + box[1, a])
    residual = solve_newton(problem, q, record, r, response, NEWTON_ITERATIONS, SOLUTION_RESIDUAL)
    if residual > ACCEPTED_RESIDUAL:
        return False
    stats[RESIDUAL] = max(stats[RESIDUAL], residual)
    return True


@numba.njit(cache=True, error_model="numpy")
def solve_on_branch(problem, q, record, fraction, r, response, search, stats):
    """The fixed point at one record where the branch from precision 0 ends, or the only one.

    fraction   of q at which there is one fixed point only, whatever the record
    r (K,)     filled

    Bits of what was found, 0 if all is well.
    """
    reached = continue_in_precision(problem, q, record, fraction, r, response)
    if reached == 1.0:
        return 0
    found, complete = find_fixed_points(
        problem, q, record, response, search, BOXES_BEFORE_FOLLOWING
    )
    if complete and found == 1:
        r[:] = search.shift[0]
        residual = solve_newton(
            problem, q, record, r, response, NEWTON_ITERATIONS, SOLUTION_RESIDUAL
        )
        stats[RESIDUAL] = max(stats[RESIDUAL], residual)
        return 0
    stats[CONTINUED_COUNT] += 1
    status = follow_principal_branch(problem, q, record, reached, r, response)
    if status == UNRESOLVED and found > 0:
        r[:] = search.shift[nearest_fixed_point(search, found, r)]
    residual = solve_newton(problem, q, record, r, response, ONE_ITERATION, SOLUTION_RESIDUAL)
    stats[RESIDUAL] = max(stats[RESIDUAL], residual)
    if status == UNRESOLVED:
        stats[UNRESOLVED_COUNT] += 1
        return UNRESOLVED_FLAG
    if status != CONVERGED:
        stats[BRANCH_POINT_COUNT] += 1
        return BRANCH_POINT_FLAG
    return 0
