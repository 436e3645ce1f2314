"""What do parties choose that move at one moment, none seeing another's choice?

With option 0 of each party as its reference, z holds the log odds of every other option of every
party, one party after another, n in all. At precision s q the fixed points are the zeros of

    F(z, s)_ia = z_ia - log(w_ia / w_i0) - s q_i (U_ia(z) - U_i0(z)),

U_ia being what party i expects after its option a, the others choosing by z. The principal branch
is the path of zeros from s = 0, where z is the log odds of the weights; it is followed by arclength
to s = 1. Where every party's z moves by less than the others' move it, there is one zero only.

Source: McKelvey & Palfrey (1995), Games and Economic Behavior 10, for the equilibrium; Turocy
(2005), Games and Economic Behavior 51, for the branch.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from ceasefire.equilibrium.kernels.continuation import solve_linear_system
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
from ceasefire.game.states import Floats, Ints

ACCURACY = 1e-11  # of log odds, and of as much of their size
MAX_NEWTON_STEPS, MAX_STEPS_ON_PATH, MAX_DAMPED_STEPS = 40, 6, 200
LONGEST_DAMPED_STEP = 5.0  # of log odds
FIRST_STEP, SMALLEST_STEP, SMALL_STEP, LONGEST_STEP = 0.05, 1e-9, 1e-4, 2.0
MOST_STEPS = 5000
LEAST_COSINE = 0.95  # between the directions of two steps
DIFFERENT = 1e-6  # choices that differ by more are of different fixed points
MOST_STARTS = 256  # joint choices from which other fixed points are looked for


class MomentProblem(NamedTuple):
    """One moment at one grid point: T joint choices, those of the first party changing slowest."""

    worth: Floats  # (M, T) what a joint choice is worth to each party
    digit: Ints  # (M, T) the option of each party
    options: Ints  # (M,)
    first: Ints  # (M + 1,) where the options of each party begin among all S
    cost: Floats  # (S,)
    log_weight: Floats  # (S,)
    precision: Floats  # (M,)


class MomentScratch(NamedTuple):
    """What is worked out at z."""

    choice: Floats  # (S,)
    expected: Floats  # (S,) U
    slope: Floats  # (S, S) of U in the others' probabilities
    residual: Floats  # (n,)
    jacobian: Floats  # (n + 1, n + 1)


@numba.njit(cache=True, error_model="numpy")
def solve_moment(n, graph, payoffs, moment, types, precision, V, policy, stats, flags, selection):
    """Choices of all parties of the moment that begins with node n, and V at its nodes, in place.

    graph (GraphArrays), payoffs (PayoffArrays), types (PlayerTypeArrays); precision (P,)
    moment (N,)      the first choice of the moment that a choice belongs to, -1 if to none
    V (N, R, L)      values; those after the choices are read
    policy (PeriodPolicy)   choices of the moment's nodes are filled
    stats            numbers of the certificate, added to
    flags (N, L)     bits of what was found are set at node n
    selection        PRINCIPAL, PRINCIPAL_AND_COUNT, TELLING or SILENT: of several fixed points
                     the one with the highest, or lowest, sum of what the parties expect
    """
    L = V.shape[2]
    nodes, level = nodes_of_moment(n, graph, moment)
    M = len(level) - 1
    problem, leaf = describe_moment(nodes, level, graph, payoffs, precision)
    S = problem.first[M]
    scratch = MomentScratch(
        np.empty(S),
        np.empty(S),
        np.empty((S, S)),
        np.empty(S - M),
        np.empty((S - M + 1, S - M + 1)),
    )
    z, choices = np.zeros(S - M), policy.choices
    for x in range(L):
        for i in range(M):
            own = types.first[graph.mover[nodes[level[i]]]]
            for t in range(len(leaf)):
                problem.worth[i, t] = V[leaf[t], own, x]
        flag = find_moment_equilibrium(problem, z, scratch, stats, selection)
        flags[n, x] |= flag
        for i in range(M):
            for place in range(level[i], level[i + 1]):
                for a in range(problem.options[i]):
                    choices[policy.offset[nodes[place]] + a * L + x] = scratch.choice[
                        problem.first[i] + a
                    ]
    for place in range(len(nodes) - 1, -1, -1):
        fill_values_before_choice(nodes[place], graph, payoffs, types, policy, V)
    stats[DECISION_COUNT] += M * L


@numba.njit(cache=True, error_model="numpy")
def nodes_of_moment(n, graph, moment):
    """The nodes of a moment, party after party, and where those of each begin (M + 1,)."""
    count, parties, now, most = 1, 0, n, 1
    while moment[now] == n:
        parties += 1
        count *= graph.first[now + 1] - graph.first[now]
        most += count
        now = graph.successor[graph.first[now]]
    nodes, level = np.empty(most, np.int64), np.zeros(parties + 1, np.int64)
    nodes[0], done, level[1] = n, 1, 1
    for i in range(1, parties):
        for place in range(level[i - 1], level[i]):
            for b in range(graph.first[nodes[place]], graph.first[nodes[place] + 1]):
                nodes[done] = graph.successor[b]
                done += 1
        level[i + 1] = done
    return nodes[:done], level


@numba.njit(cache=True, error_model="numpy")
def describe_moment(nodes, level, graph, payoffs, precision):
    """The problem without what joint choices are worth, and the node (T,) to which each leads."""
    M = len(level) - 1
    options, first = np.empty(M, np.int32), np.zeros(M + 1, np.int32)
    q = np.empty(M)
    T = 1
    for i in range(M):
        node = nodes[level[i]]
        options[i] = graph.first[node + 1] - graph.first[node]
        first[i + 1] = first[i] + options[i]
        q[i] = precision[graph.mover[node]]
        T *= options[i]
    cost, log_weight = np.empty(first[M]), np.empty(first[M])
    for i in range(M):
        begin = graph.first[nodes[level[i]]]
        for a in range(options[i]):
            cost[first[i] + a] = payoffs.cost[begin + a, 0]
            log_weight[first[i] + a] = payoffs.log_weight[begin + a]
    leaf, digit = np.empty(T, np.int64), np.empty((M, T), np.int32)
    t = 0
    for place in range(level[M - 1], level[M]):
        for b in range(graph.first[nodes[place]], graph.first[nodes[place] + 1]):
            leaf[t] = graph.successor[b]
            t += 1
    for t in range(T):
        rest = t
        for i in range(M - 1, -1, -1):
            digit[i, t] = rest % options[i]
            rest //= options[i]
    return MomentProblem(np.empty((M, T)), digit, options, first, cost, log_weight, q), leaf


@numba.njit(cache=True, error_model="numpy")
def fill_values_before_choice(n, graph, payoffs, types, policy, V):
    """V at a choice whose probabilities are known and move no record."""
    _, R, L = V.shape
    start, own = graph.first[n], types.first[graph.mover[n]]
    at = policy.offset[n]
    for r in range(R):
        for x in range(L):
            V[n, r, x] = 0.0
    for b in range(start, graph.first[n + 1]):
        s, cost = graph.successor[b], payoffs.cost[b, 0]
        for x in range(L):
            p = policy.choices[at + (b - start) * L + x]
            for r in range(R):
                V[n, r, x] += p * V[s, r, x]
            V[n, own, x] -= p * cost


@numba.njit(cache=True, error_model="numpy")
def find_moment_equilibrium(problem, z, scratch, stats, selection):
    """The choices (in scratch) at one grid point; bits of what was found."""
    flag = 0
    fill_log_odds_of_weights(problem, z)
    proved = is_only_fixed_point(problem)
    if not (proved and solve_at(problem, z, scratch)):
        stats[CONTINUED_COUNT] += 1
        found, branch_points = follow_moment_branch(problem, z, scratch)
        stats[BRANCH_POINT_COUNT] += 1 if branch_points > 0 else 0
        flag |= BRANCH_POINT_FLAG if branch_points > 0 else 0
        if not found:
            stats[UNRESOLVED_COUNT] += 1
            flag |= UNRESOLVED_FLAG
    evaluate_moment(problem, z, 1.0, scratch)
    left = largest(scratch.residual)
    stats[RESIDUAL] = max(stats[RESIDUAL], left / (1.0 + largest(z)))
    if selection == PRINCIPAL or proved:
        return flag
    principal = scratch.choice.copy()
    best, kept = total_worth(scratch), z.copy()
    several = False
    for t in range(min(problem.worth.shape[1], MOST_STARTS)):
        fill_answers_to_joint_choice(problem, t, z)
        if not solve_at(problem, z, scratch):
            continue
        if largest(scratch.choice - principal) <= DIFFERENT:
            continue
        several = True
        worth = total_worth(scratch)
        if selection != PRINCIPAL_AND_COUNT and (worth > best) == (selection == TELLING):
            best = worth
            kept[:] = z
    z[:] = kept
    evaluate_moment(problem, z, 1.0, scratch)
    return flag | (SEVERAL_FLAG if several else UNPROVED_FLAG)


@numba.njit(cache=True, error_model="numpy")
def largest(values):
    """The largest absolute value, 0 if there is none."""
    most = 0.0
    for value in values:
        most = max(most, abs(value))
    return most


@numba.njit(cache=True, error_model="numpy")
def total_worth(scratch):
    """The sum of what the parties expect."""
    total = 0.0
    for k in range(len(scratch.choice)):
        total += scratch.choice[k] * scratch.expected[k]
    return total


@numba.njit(cache=True, error_model="numpy")
def fill_log_odds_of_weights(problem, z):
    """z at precision 0."""
    c = 0
    for i in range(len(problem.options)):
        for k in range(problem.first[i] + 1, problem.first[i + 1]):
            z[c] = problem.log_weight[k] - problem.log_weight[problem.first[i]]
            c += 1


@numba.njit(cache=True, error_model="numpy")
def fill_answers_to_joint_choice(problem, t, z):
    """z if every party answers the others' options in a joint choice."""
    M, c, step = len(problem.options), 0, 1
    strides = np.ones(M, np.int64)
    for i in range(M - 1, -1, -1):
        strides[i] = step
        step *= problem.options[i]
    for i in range(M):
        base = t - problem.digit[i, t] * strides[i]
        first = problem.first[i]
        for a in range(1, problem.options[i]):
            gain = problem.worth[i, base + a * strides[i]] - problem.worth[i, base]
            gain -= problem.cost[first + a] - problem.cost[first]
            weights = problem.log_weight[first + a] - problem.log_weight[first]
            z[c] = weights + problem.precision[i] * gain
            c += 1


@numba.njit(cache=True, error_model="numpy")
def is_only_fixed_point(problem):
    """Whether the answers to each other's choices contract, so that they meet in one point.

    Moving the log odds of party j by no more than d (the range over its options) moves what another
    gains by one option over another by no more than d / 4 times the most that a change of j's
    option changes that gain.
    """
    M, T = problem.worth.shape
    stride = np.ones(M, np.int64)
    for i in range(M - 2, -1, -1):
        stride[i] = stride[i + 1] * problem.options[i + 1]
    for i in range(M):
        total = 0.0
        for j in range(M):
            most = 0.0
            for t in range(T if j != i else 0):
                for a in range(problem.digit[i, t] + 1, problem.options[i]):
                    u = t + (a - problem.digit[i, t]) * stride[i]
                    for b in range(problem.digit[j, t] + 1, problem.options[j]):
                        shift = (b - problem.digit[j, t]) * stride[j]
                        before = problem.worth[i, u] - problem.worth[i, t]
                        after = problem.worth[i, u + shift] - problem.worth[i, t + shift]
                        most = max(most, abs(after - before))
            total += most
        if problem.precision[i] * total >= 4.0 * (1.0 - 1e-9):
            return False
    return True


@numba.njit(cache=True, error_model="numpy")
def evaluate_moment(problem, z, s, scratch):
    """Choices, what is expected, its slopes and the residual F at z and precision s q."""
    M, T = problem.worth.shape
    choice, expected, slope = scratch.choice, scratch.expected, scratch.slope
    c = 0
    for i in range(M):
        begin, past = problem.first[i], problem.first[i + 1]
        top = 0.0
        for a in range(past - begin - 1):
            top = max(top, z[c + a])
        choice[begin] = math.exp(-top)
        total = choice[begin]
        for a in range(past - begin - 1):
            choice[begin + 1 + a] = math.exp(z[c + a] - top)
            total += choice[begin + 1 + a]
        for k in range(begin, past):
            choice[k] /= total
        c += past - begin - 1
    for k in range(len(choice)):
        expected[k] = -problem.cost[k]
        for m in range(len(choice)):
            slope[k, m] = 0.0
    for t in range(T):
        for i in range(M):
            k, others = problem.first[i] + problem.digit[i, t], 1.0
            for j in range(M):
                if j != i:
                    others *= choice[problem.first[j] + problem.digit[j, t]]
            expected[k] += others * problem.worth[i, t]
            for j in range(M):
                if j == i:
                    continue
                rest = 1.0
                for h in range(M):
                    if h != i and h != j:
                        rest *= choice[problem.first[h] + problem.digit[h, t]]
                slope[k, problem.first[j] + problem.digit[j, t]] += rest * problem.worth[i, t]
    c = 0
    for i in range(M):
        begin = problem.first[i]
        for k in range(begin + 1, problem.first[i + 1]):
            gain = expected[k] - expected[begin]
            weights = problem.log_weight[k] - problem.log_weight[begin]
            scratch.residual[c] = z[c] - weights - s * problem.precision[i] * gain
            c += 1


@numba.njit(cache=True, error_model="numpy")
def fill_moment_jacobian(problem, s, scratch):
    """The derivative of F in z at the point last evaluated, into scratch.jacobian[:n, :n]."""
    M = len(problem.options)
    choice, slope, J = scratch.choice, scratch.slope, scratch.jacobian
    row = 0
    for i in range(M):
        begin = problem.first[i]
        for k in range(begin + 1, problem.first[i + 1]):
            column = 0
            for j in range(M):
                first, past = problem.first[j], problem.first[j + 1]
                mean = 0.0
                for m in range(first, past):
                    mean += choice[m] * (slope[k, m] - slope[begin, m])
                for m in range(first + 1, past):
                    change = slope[k, m] - slope[begin, m] - mean if j != i else 0.0
                    J[row, column] = -s * problem.precision[i] * choice[m] * change
                    column += 1
            J[row, row] += 1.0
            row += 1


@numba.njit(cache=True, error_model="numpy")
def is_solved(residual, z):
    """Whether F is as near to 0 as numbers allow."""
    return np.all(np.abs(residual) <= ACCURACY * (1.0 + np.abs(z)))


@numba.njit(cache=True, error_model="numpy")
def solve_at(problem, z, scratch):
    """Solve F(z, 1) = 0 by Newton's steps from z, in place; steps that make F larger are halved."""
    n = len(z)
    trial, before = np.empty(n), 0.0
    evaluate_moment(problem, z, 1.0, scratch)
    for _ in range(MAX_NEWTON_STEPS):
        if is_solved(scratch.residual, z):
            return True
        before = largest(scratch.residual)
        fill_moment_jacobian(problem, 1.0, scratch)
        step = -scratch.residual
        if solve_linear_system(scratch.jacobian[:n, :n].copy(), step) == 0.0:
            return False
        length = 1.0
        while True:
            for c in range(n):
                trial[c] = z[c] + length * step[c]
            evaluate_moment(problem, trial, 1.0, scratch)
            if largest(scratch.residual) < before or length < 1e-4:
                break
            length *= 0.5
        z[:] = trial
    return is_solved(scratch.residual, z)


@numba.njit(cache=True, error_model="numpy")
def border_jacobian(problem, scale, scratch, s, along):
    """The Jacobian in (z, scale s) at the point last evaluated, with `along` as its last row."""
    J = scratch.jacobian
    n = len(scratch.residual)
    fill_moment_jacobian(problem, s, scratch)
    row = 0
    for i in range(len(problem.options)):
        begin = problem.first[i]
        for k in range(begin + 1, problem.first[i + 1]):
            J[row, n] = (
                -problem.precision[i] * (scratch.expected[k] - scratch.expected[begin]) / scale
            )
            row += 1
    for c in range(n + 1):
        J[n, c] = along[c]


@numba.njit(cache=True, error_model="numpy")
def follow_moment_branch(problem, z, scratch):
    """Follow the principal branch from z at precision 0 to the parties' precision, z in place.

    Returns whether it arrived, and how many branch points it passed straight on.
    """
    n = len(z)
    scale = 1.0
    for i in range(len(problem.options)):
        worth = problem.worth[i]
        scale = max(scale, problem.precision[i] * (worth.max() - worth.min()))
    point, trial, direction = np.zeros(n + 1), np.empty(n + 1), np.zeros(n + 1)
    tangent, last_row = np.empty(n + 1), np.zeros(n + 1)
    point[:n] = z
    direction[n] = 1.0
    evaluate_moment(problem, z, 0.0, scratch)
    border_jacobian(problem, scale, scratch, 0.0, direction)
    tangent[:] = 0.0
    tangent[n] = 1.0
    sign = solve_linear_system(scratch.jacobian.copy(), tangent)
    direction[:] = tangent / math.sqrt(np.sum(tangent * tangent))
    h, branch_points = FIRST_STEP, 0
    for _ in range(MOST_STEPS):
        if h < SMALLEST_STEP:
            break
        ends = point[n] + h * direction[n] >= scale
        length = (scale - point[n]) / direction[n] if ends else h
        last_row[:] = direction
        if ends:
            last_row[:] = 0.0
            last_row[n] = 1.0
        trial[:] = point + length * direction
        start = trial.copy()
        good, steps = False, 0
        while steps < MAX_STEPS_ON_PATH:
            evaluate_moment(problem, trial[:n], trial[n] / scale, scratch)
            if is_solved(scratch.residual, trial[:n]):
                good = True
                break
            border_jacobian(problem, scale, scratch, trial[n] / scale, last_row)
            step = np.zeros(n + 1)
            step[:n] = -scratch.residual
            if solve_linear_system(scratch.jacobian.copy(), step) == 0.0:
                break
            trial += step
            steps += 1
        moved = math.sqrt(np.sum((trial - start) ** 2))
        good = good and moved <= 0.3 * length and (ends or trial[n] <= scale)
        if good:
            border_jacobian(problem, scale, scratch, trial[n] / scale, direction)
            tangent[:] = 0.0
            tangent[n] = 1.0
            turned = solve_linear_system(scratch.jacobian.copy(), tangent)
            tangent /= math.sqrt(np.sum(tangent * tangent))
            cosine = np.sum(tangent * direction)
            if turned != sign and length > SMALL_STEP:
                good = False
            elif not cosine >= LEAST_COSINE:
                good = turned != sign and length <= SMALL_STEP
                if good:
                    tangent[:] = direction
            if good and turned != sign:
                branch_points += 1
                sign = turned
        if not good:
            h = 0.5 * length
            continue
        point[:] = trial
        direction[:] = tangent
        if ends:
            z[:] = point[:n]
            return True, branch_points
        h = min(2.0 * length, LONGEST_STEP * max(1.0, scale / 50.0)) if steps <= 3 else length
    z[:] = point[:n]
    solve_at(problem, z, scratch)
    return False, branch_points
