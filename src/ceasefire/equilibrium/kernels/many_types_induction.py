"""What is everyone's value before each node of a period, where a party has more than two types?

One pass upwards over the slots, as in `induction`, on a simplex of beliefs instead of a line.
Arrays are those of `structures` and `SimplexArrays`; T counts the types of the party whose type a
node tells of, A its options, M the grid points on its axis.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from ceasefire.equilibrium.kernels.induction import (
    MIN_PROBABILITY,
    MIN_REPLY,
    STEPS_BADLY_READ,
    STEPS_WELL_READ,
    fill_chance_values,
    fill_payment_values,
    fill_unrevealing_choices,
)
from ceasefire.equilibrium.kernels.many_types import (
    ACCEPTED,
    CONTRACTION,
    CONVERGED,
    MOST_FIXED_POINTS,
    NOT_FOUND,
    ManyTypeProblem,
    allocate_many_type_response,
    choose_among_many,
    fill_extremes,
    fill_steepness,
    find_other_fixed_points,
    rate_of_contraction,
    solve_contraction,
    solve_many_types_at,
)
from ceasefire.equilibrium.kernels.moments import solve_moment
from ceasefire.equilibrium.kernels.newton_batched import fill_unrevealing_values
from ceasefire.equilibrium.kernels.signalling import merge_equal_options
from ceasefire.equilibrium.kernels.simplex import (
    belief_after,
    locate_in_simplex,
    weigh_for_reader,
)
from ceasefire.equilibrium.kernels.structures import (
    BRANCH_POINT_COUNT,
    BRANCH_POINT_FLAG,
    CONTINUED_COUNT,
    DECISION_COUNT,
    PRINCIPAL,
    PRINCIPAL_AND_COUNT,
    RESIDUAL,
    SEVERAL_FLAG,
    TELLING,
    UNPROVED_FLAG,
    UNRESOLVED_COUNT,
    UNRESOLVED_FLAG,
)
from ceasefire.game.graph import CHANCE, END, PAYMENT
from ceasefire.game.states import Floats, Ints


class SimplexArrays(NamedTuple):
    """The grid of beliefs; beyond what an axis has of its own, entries are 0."""

    types: Ints  # (H,)
    parts: Ints  # (H,) parts of an edge
    sizes: Ints  # (H,) grid points on each axis
    strides: Ints  # (H,)
    nodes: Floats  # (H, M, T) reference belief at each grid point
    near: Floats  # (H, M, T) the same, kept away from the edges
    density: Floats  # (H, kinds, M) density of each kind of reader
    ratio: Floats  # (H, kinds, T) each prior over the reference prior
    corners: Ints  # (C, 2 T) cells of all axes, one axis after another
    first_corner: Ints  # (H + 1,)
    neighbours: Ints  # (H, M, E, 2) grid points a step away on each edge
    prior: Ints  # (H,) the grid point at which nothing has been shown


@numba.njit(cache=True, error_model="numpy", nogil=True)
def solve_period_many_types(
    graph, payoffs, moment, types, simplex, prior_kind, reachable, precision, V, policy,
    shift_guess, stats, flags, selection, reply_shift,
):  # fmt: skip
    """Values and choices of every reachable node of a period, from those of its end.

    Arguments are those of `induction.solve_period`, with simplex (SimplexArrays) for its grid.
    """
    kind, mover, first, successor = graph.kind, graph.mover, graph.first, graph.successor
    cost, log_weight, choices = payoffs.cost, payoffs.log_weight, policy.choices
    L, H = V.shape[2], len(simplex.types)
    for n in range(len(V)):
        if kind[n] == END or not reachable[n]:
            continue
        if moment is not None and moment[n] >= 0:
            if moment[n] == n:
                solve_moment(
                    n, graph, payoffs, moment, types, precision, V, policy, stats, flags,
                    selection,
                )  # fmt: skip
            continue
        i, axis, start, stop = mover[n], graph.axis[n], first[n], first[n + 1]
        if kind[n] == CHANCE and axis < 0:
            fill_chance_values(n, graph, payoffs.chance, V)
            continue
        if kind[n] == PAYMENT:
            fill_payment_values(n, graph, payoffs.payment, V)
            continue
        A, at = stop - start, policy.offset[n]
        if axis < 0:
            if A == 1:
                known = simplex.types[types.axis[i]] if types.axis[i] >= 0 else 1
                choices[at : at + known * L] = 1.0
            else:
                fill_unrevealing_choices(n, graph, payoffs, types, precision[i], V, choices, at)
                stats[DECISION_COUNT] += L
                if reply_shift != 0:
                    reply = choices[at : at + A * L].reshape(1, A, L)
                    for h in range(H):
                        reply_as_at_simplex_neighbours(reply, simplex, h, reply_shift)
            fill_unrevealing_values(n, graph, payoffs, types, V, choices, at)
            continue
        T = simplex.types[axis]
        sigma = choices[at : at + T * A * L].reshape(T, A, L)
        if kind[n] == CHANCE:
            for a in range(A):
                for k in range(T):
                    sigma[k, a, :] = payoffs.chance_by_type[start + a, k]
        else:
            r = shift_guess[at : at + (T - 1) * A * L].reshape((T - 1) * A, L)
            solve_decision_of_many_types(
                successor[start:stop], cost[start:stop], log_weight[start:stop], precision[i],
                types.first[i], simplex, axis, V, r, sigma, stats, flags[n], selection,
            )  # fmt: skip
            if reply_shift != 0:
                for h in range(H):
                    if h != axis:
                        reply_as_at_simplex_neighbours(sigma, simplex, h, reply_shift)
            stats[DECISION_COUNT] += L
        fill_values_of_many_types(
            n, i, axis, successor[start:stop], cost[start:stop], simplex, sigma, types,
            prior_kind[:, axis], V,
        )  # fmt: skip


@numba.njit(cache=True, error_model="numpy")
def solve_decision_of_many_types(
    successor, cost, log_weight, q, own, simplex, axis, V, r, sigma, stats, flags, selection
):
    """Choices sigma (T, A, L) of a party with types, and how they move its record, r (n, L).

    successor, log_weight (A,), cost (A, T)   its options
    q, own      its precision and its first player type
    V (N, R, L)      values; those after the options are read
    r                the guess to start from; r and sigma are modified in place
    stats            added to
    flags (L,)       bits of what was found at each grid point are set
    selection        PRINCIPAL, PRINCIPAL_AND_COUNT, TELLING or SILENT
    """
    T, A, L = sigma.shape
    M, stride = simplex.sizes[axis], simplex.strides[axis]
    density, ratio = simplex.density[axis, 0, :M], simplex.ratio[axis, 0, :T]
    corner = simplex.corners[simplex.first_corner[axis] : simplex.first_corner[axis + 1]]
    W = np.empty((T, A, M))
    merged_index, weight = np.empty(A, np.int64), np.empty(A)
    steep, proved = np.empty((T, A, M)), np.empty(M, np.bool_)
    for base in range(L):
        if (base // stride) % M != 0:
            continue
        for k in range(T):
            for a in range(A):
                for m in range(M):
                    W[k, a, m] = V[successor[a], own + k, base + m * stride] - cost[a, k]
        fill_steepness(W, density, ratio, corner, steep)
        extremes = np.empty((3, T, A))
        fill_extremes(W, steep, extremes)
        problem = ManyTypeProblem(
            W.copy(), log_weight, density, ratio, steep, extremes, simplex.parts[axis]
        )
        if is_contraction_everywhere(q, extremes[2]) and solve_line_at_once(
            problem, q, simplex.near[axis, :M, :T], base, stride, r, sigma, stats
        ):
            continue
        B = merge_equal_options(W, log_weight, q, merged_index, weight)
        merged_steep, merged_extremes = np.empty((T, B, M)), np.empty((3, T, B))
        merged = ManyTypeProblem(
            W[:, :B].copy(), weight[:B].copy(), density, ratio, merged_steep, merged_extremes,
            simplex.parts[axis],
        )  # fmt: skip
        fill_steepness(merged.values, density, ratio, corner, merged_steep)
        fill_extremes(merged.values, merged_steep, merged_extremes)
        solve_line_point_by_point(
            merged, merged_index, log_weight, q, simplex.near[axis, :M, :T], base, stride, r,
            sigma, stats, flags, proved,
        )  # fmt: skip
        if selection != PRINCIPAL:
            select_among_many_types(
                problem, q, simplex.near[axis, :M, :T], base, stride, r, sigma, flags, proved,
                selection,
            )  # fmt: skip


@numba.njit(cache=True, error_model="numpy")
def is_contraction_everywhere(q, most):
    """Whether shifts are mapped to nearer ones wherever the record stands.

    most (T, A)   the greatest slope of each option
    """
    likely = np.zeros(most.shape)
    for k in range(len(most)):
        likely[k, most[k].argmax()] = 1.0
    return rate_of_contraction(q, most, likely) < CONTRACTION


@numba.njit(cache=True, error_model="numpy")
def solve_line_at_once(problem, q, near, base, stride, r, sigma, stats):
    """The fixed points along a line on which each point has but one; whether all were found."""
    T, A, M = problem.values.shape
    response = allocate_many_type_response(T, A)
    now = np.empty((T - 1) * A)
    worst = 0.0
    for m in range(M):
        x = base + m * stride
        now[:] = r[:, x]
        left = solve_contraction(problem, q, near[m], now, response)
        if left > ACCEPTED:
            return False
        worst = max(worst, left)
        r[:, x], sigma[:, :, x] = now, response.choice
    stats[RESIDUAL] = max(stats[RESIDUAL], worst)
    return True


@numba.njit(cache=True, error_model="numpy")
def solve_line_point_by_point(
    merged, merged_index, log_weight, q, near, base, stride, r, sigma, stats, flags, proved
):
    """Fixed points along one line, each by itself or along its branch; options of equal value are
    one option of `merged`, of which each has its share by weight. Into proved (M,) goes whether
    there is but one.
    """
    T, B, M = merged.values.shape
    A = len(merged_index)
    response = allocate_many_type_response(T, B)
    now = np.empty((T - 1) * B)
    for m in range(M):
        x = base + m * stride
        for a in range(A):
            for k in range(T - 1):
                now[k * B + merged_index[a]] = r[k * A + a, x]
        status, single, left = solve_many_types_at(merged, q, near[m], now, response)
        stats[RESIDUAL] = max(stats[RESIDUAL], left)
        stats[CONTINUED_COUNT] += 0 if single else 1
        proved[m] = single and B == A
        if status == NOT_FOUND:
            stats[UNRESOLVED_COUNT] += 1
            flags[x] |= UNRESOLVED_FLAG
        elif status != CONVERGED:
            stats[BRANCH_POINT_COUNT] += 1
            flags[x] |= BRANCH_POINT_FLAG
        for a in range(A):
            j = merged_index[a]
            f = math.exp(log_weight[a] - merged.log_weight[j])
            for k in range(T):
                sigma[k, a, x] = f * response.choice[k, j]
                if k > 0:
                    r[(k - 1) * A + a, x] = now[(k - 1) * B + j]


@numba.njit(cache=True, error_model="numpy")
def select_among_many_types(problem, q, near, base, stride, r, sigma, flags, proved, selection):
    """Look for other fixed points along one line, and play the one that `selection` says.

    Not where it is proved (M,) that there is but one. r and sigma hold the principal ones; they
    and flags (L,) are modified in place. Options of equal value are kept apart.
    """
    T, A, M = problem.values.shape
    n = (T - 1) * A
    response = allocate_many_type_response(T, A)
    found, choice = np.empty((MOST_FIXED_POINTS, n)), np.empty((MOST_FIXED_POINTS, T, A))
    for m in range(M):
        x = base + m * stride
        if proved[m]:
            continue
        flags[x] |= UNPROVED_FLAG
        principal = r[:, x].copy()
        count = find_other_fixed_points(problem, q, near[m], principal, response, found, choice)
        if count > 1:
            flags[x] |= SEVERAL_FLAG
        if selection != PRINCIPAL_AND_COUNT:
            chosen = choose_among_many(choice, count, selection == TELLING)
            r[:, x], sigma[:, :, x] = found[chosen], choice[chosen]


@numba.njit(cache=True, error_model="numpy")
def fill_values_of_many_types(n, i, axis, successor, cost, simplex, sigma, types, prior_kind, V):
    """Values V[n] (R, L) before what tells of a type, from those after it.

    i is the party that chooses and pays cost (A, T), -1 for chance; axis that of the party whose
    type shows. Who knows it weighs the options sigma (T, A, L) as that type chooses, and what
    follows in the analyst's belief, on an edge as near it; all others weigh both by their own.
    """
    T, A, L = sigma.shape
    M, stride, R = simplex.sizes[axis], simplex.strides[axis], len(types.party)
    after, read = np.empty(T), np.empty(T)
    point, weight, raised = np.empty(T, np.int64), np.empty(T), np.empty(T, np.int64)
    for j in range(R):
        V[n, j] = 0.0
    for a in range(A):
        s = successor[a]
        for x in range(L):
            m = (x // stride) % M
            base = x - m * stride
            c = simplex.nodes[axis, m, :T]
            likely = belief_after(c, sigma, a, x, after)
            if likely > 0.0:
                locate_in_simplex(after, simplex.parts[axis], point, weight, raised)
                for j in range(R):
                    p = types.party[j]
                    if types.axis[p] == axis:
                        continue
                    kind = prior_kind[p]
                    believed, total = 0.0, 0.0
                    for k in range(T):
                        part = c[k] * simplex.ratio[axis, kind, k]
                        believed += part * sigma[k, a, x]
                        total += part
                    weigh_for_reader(weight, point, simplex.density[axis, kind], read)
                    worth = 0.0
                    for k in range(T):
                        worth += read[k] * V[s, j, base + point[k] * stride]
                    V[n, j, x] += believed / total * worth
            c = simplex.near[axis, m, :T]
            if belief_after(c, sigma, a, x, after) == 0.0:
                continue
            locate_in_simplex(after, simplex.parts[axis], point, weight, raised)
            weigh_for_reader(weight, point, simplex.density[axis, 0], read)
            for j in range(R):
                p = types.party[j]
                if types.axis[p] != axis:
                    continue
                t = types.type_index[j]
                worth = -cost[a, t] if p == i else 0.0
                for k in range(T):
                    worth += read[k] * V[s, j, base + point[k] * stride]
                V[n, j, x] += sigma[t, a, x] * worth


@numba.njit(cache=True, error_model="numpy")
def reply_as_at_simplex_neighbours(choices, simplex, h, reply_shift):
    """Replace replies that are steep in the record of axis h by those at a next grid point.

    choices (rows, A, L)   probability of each option, modified in place
    reply_shift            1 or -1: which way along the edge on which the reply is steepest

    See `induction.reply_as_at_neighbours`.
    """
    rows, A, L = choices.shape
    M, stride, T = simplex.sizes[h], simplex.strides[h], simplex.types[h]
    edges, side = T * (T - 1) // 2, 0 if reply_shift > 0 else 1
    before = choices.copy()
    for x in range(L):
        m = (x // stride) % M
        if m == simplex.prior[h]:
            continue
        steepest, way = 0.0, -1
        for e in range(edges):
            there = simplex.neighbours[h, m, e, side]
            if there < 0:
                continue
            y = x + (there - m) * stride
            for t in range(rows):
                for a in range(A):
                    one, other = before[t, a, x], before[t, a, y]
                    if max(one, other) > MIN_REPLY:
                        ratio = max(one, MIN_PROBABILITY) / max(other, MIN_PROBABILITY)
                        if abs(math.log(ratio)) > steepest:
                            steepest, way = abs(math.log(ratio)), y
        share = (steepest - STEPS_WELL_READ) / (STEPS_BADLY_READ - STEPS_WELL_READ)
        if share <= 0.0 or way < 0:
            continue
        share = min(share, 1.0)
        for t in range(rows):
            for a in range(A):
                choices[t, a, x] += share * (before[t, a, way] - choices[t, a, x])
