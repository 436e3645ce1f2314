"""What do parties choose at one moment, given what each joint choice is worth to them?

A party whose type others do not know is a player for each of its two types; it comes last. With
option 0 of each player as its reference, z holds the log odds of every other option of every
player, one player after another, n in all. At precision s q the fixed points are the zeros of

    F(z, s)_ia = z_ia - log(w_ia / w_i0) - s q_i (U_ia(z) - U_i0(z)),

U_ia being what player i expects after its option a, the others choosing by z; of a party with types
each expects the mean of what the two types choose, as it believes. An option a of such a party
moves its record by log s_A(a) - log s_B(a), and all that follows is worth what it is worth there.
The principal branch is the path of zeros from s = 0, where z is the log odds of the weights; it is
followed by arclength to s = 1. Without types there is one zero only where every player's z moves by
less than the others' move it.

Source: McKelvey & Palfrey (1995), Games and Economic Behavior 10, for the equilibrium; Turocy
(2005), Games and Economic Behavior 51, for the branch.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from ceasefire.equilibrium.kernels.continuation import solve_linear_system
from ceasefire.equilibrium.kernels.interpolation import locate_segment
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
)
from ceasefire.game.states import Floats, Ints

ACCURACY = 1e-11  # of log odds, and of as much of their size
MAX_NEWTON_STEPS, MAX_STEPS_ON_PATH = 40, 6
FIRST_STEP, SMALLEST_STEP, SMALL_STEP, LONGEST_STEP = 0.05, 1e-9, 1e-4, 2.0
MOST_STEPS = 5000
LEAST_COSINE = 0.95  # between the directions of two steps
DIFFERENT = 1e-6  # choices that differ by more are of different fixed points
MOST_STARTS = 256  # joint choices from which other fixed points are looked for
NEARLY_CERTAIN = 30.0  # log odds of an option that is as good as chosen
SMALLEST_CHOICE = 1e-300


class MomentProblem(NamedTuple):
    """One moment at one grid point: T joint choices, those of the first party changing slowest.

    Where the last of M parties has types, the last two of P players are its types, else P is M.
    """

    worth: Floats  # (P, T) what a joint choice is worth to each player
    digit: Ints  # (M, T) the option of each party
    party: Ints  # (P,) which of the M parties each player is
    options: Ints  # (P,)
    first: Ints  # (P + 1,) where the options of each player begin among all S
    cost: Floats  # (S,)
    log_weight: Floats  # (S,)
    precision: Floats  # (P,)
    share: Floats  # (P,) how likely a type is to the analyst, 1 for a party without types
    along: Floats  # (P, T, N) what a joint choice is worth along the axis; (0, 0, 0) without types
    turn: Floats  # (P, T) slope of `worth` in the shift of the record
    reads: Floats  # (P, N) each player's belief in the first type along the axis
    odds: Floats  # (P,) its log odds where nothing has been shown
    axis: Floats  # (3,) lowest record of the axis, distance of records, and the record here


class MomentScratch(NamedTuple):
    """What is worked out at z."""

    choice: Floats  # (S,)
    log_choice: Floats  # (S,)
    expected: Floats  # (S,) U
    slope: Floats  # (S, S) of U in the others' probabilities
    residual: Floats  # (n,)
    jacobian: Floats  # (n + 1, n + 1)


@numba.njit(cache=True, error_model="numpy")
def allocate_moment_scratch(problem):
    """Room for what is worked out at z."""
    S, P = problem.first[-1], len(problem.options)
    return MomentScratch(
        np.empty(S), np.empty(S), np.empty(S), np.empty((S, S)), np.empty(S - P),
        np.empty((S - P + 1, S - P + 1)),
    )  # fmt: skip


@numba.njit(cache=True, error_model="numpy")
def find_moment_equilibrium(problem, z, scratch, stats, selection):
    """The choices (in scratch) at one grid point; bits of what was found."""
    flag = 0
    fill_log_odds_of_weights(problem, z)
    proved = not has_types(problem) and is_only_fixed_point(problem)
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
    best, kept = total_worth(problem, scratch), z.copy()
    several = False
    for t in range(min(joint_choice_count(problem), MOST_STARTS)):
        if has_types(problem):
            fill_answers_of_types(problem, t, z, scratch)
        else:
            fill_answers_to_joint_choice(problem, t, z)
        if not solve_at(problem, z, scratch):
            continue
        if largest(scratch.choice - principal) <= DIFFERENT:
            continue
        several = True
        worth = total_worth(problem, scratch)
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
def total_worth(problem, scratch):
    """The sum of what the parties expect, as the analyst believes."""
    total = 0.0
    for i in range(len(problem.options)):
        for k in range(problem.first[i], problem.first[i + 1]):
            total += problem.share[i] * scratch.choice[k] * scratch.expected[k]
    return total


@numba.njit(cache=True, error_model="numpy")
def has_types(problem):
    """Whether the last party is of a type that others do not know."""
    return len(problem.options) > len(problem.digit)


@numba.njit(cache=True, error_model="numpy")
def joint_choice_count(problem):
    """The number of joint choices of all players."""
    return problem.worth.shape[1] * (problem.options[-1] if has_types(problem) else 1)


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
def fill_answers_of_types(problem, t, z, scratch):
    """The same for all players, types among them, each nearly certain of what it chooses."""
    P, rest = len(problem.options), t
    past = len(z)
    for i in range(P - 1, -1, -1):
        K = problem.options[i]
        chosen, rest = rest % K, rest // K
        past -= K - 1
        for a in range(1, K):
            z[past + a - 1] = NEARLY_CERTAIN * ((a == chosen) - 1.0 * (chosen == 0))
    evaluate_moment(problem, z, 1.0, scratch)
    z -= scratch.residual


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
    fill_choices(problem, z, scratch)
    if has_types(problem):
        read_worth_at_shifts(problem, scratch)
    fill_expectations(problem, scratch)
    c = 0
    for i in range(len(problem.options)):
        begin = problem.first[i]
        for k in range(begin + 1, problem.first[i + 1]):
            gain = scratch.expected[k] - scratch.expected[begin]
            weights = problem.log_weight[k] - problem.log_weight[begin]
            scratch.residual[c] = z[c] - weights - s * problem.precision[i] * gain
            c += 1


@numba.njit(cache=True, error_model="numpy")
def fill_choices(problem, z, scratch):
    """What each player chooses at these log odds."""
    choice, c = scratch.choice, 0
    for i in range(len(problem.options)):
        begin, past = problem.first[i], problem.first[i + 1]
        top = 0.0
        for a in range(past - begin - 1):
            top = max(top, z[c + a])
        choice[begin] = math.exp(-top)
        total = choice[begin]
        scratch.log_choice[begin] = -top
        for a in range(past - begin - 1):
            scratch.log_choice[begin + 1 + a] = z[c + a] - top
            choice[begin + 1 + a] = math.exp(z[c + a] - top)
            total += choice[begin + 1 + a]
        for k in range(begin, past):
            choice[k] /= total
            scratch.log_choice[k] -= math.log(total)
        c += past - begin - 1


@numba.njit(cache=True, error_model="numpy")
def shift_of_record(problem, scratch, a):
    """By how much option a of the party with types moves its record."""
    P = len(problem.options)
    of_first = scratch.log_choice[problem.first[P - 2] + a]
    return of_first - scratch.log_choice[problem.first[P - 1] + a]


@numba.njit(cache=True, error_model="numpy")
def read_worth_at_shifts(problem, scratch):
    """What joint choices are worth where they leave the record, linear in each player's belief."""
    P, T, N = problem.along.shape
    low, step = problem.axis[0], problem.axis[1]
    last = len(problem.digit) - 1
    for a in range(problem.options[P - 1]):
        record = problem.axis[2] + shift_of_record(problem, scratch, a)
        k, held = locate_segment(record, low, step, N)
        for i in range(P):
            reads = problem.reads[i]
            b = 1.0 / (1.0 + math.exp(-(problem.odds[i] + held)))
            width = reads[k + 1] - reads[k]
            f = min(max((b - reads[k]) / width, 0.0), 1.0)
            rate = b * (1.0 - b) / width if held == record else 0.0
            for t in range(T):
                if problem.digit[last, t] == a:
                    gap = problem.along[i, t, k + 1] - problem.along[i, t, k]
                    problem.worth[i, t] = problem.along[i, t, k] + f * gap
                    problem.turn[i, t] = rate * gap


@numba.njit(cache=True, error_model="numpy")
def believed_choice(problem, choice, i, j, t):
    """How likely party j is to choose as in joint choice t, as player i believes."""
    a = problem.digit[j, t]
    if j == len(problem.digit) - 1 and has_types(problem):
        P = len(problem.options)
        b = 1.0 / (1.0 + math.exp(-(problem.odds[i] + problem.axis[2])))
        of_first, of_second = choice[problem.first[P - 2] + a], choice[problem.first[P - 1] + a]
        return b * of_first + (1.0 - b) * of_second
    return choice[problem.first[j] + a]


@numba.njit(cache=True, error_model="numpy")
def fill_expectations(problem, scratch):
    """What each player expects of each option, and its slopes in the others' probabilities.

    What an option expects by way of the record that it leaves counts as slopes in the two types'
    own probabilities, of whose ratio the shift of the record is the logarithm.
    """
    (P, T), M = problem.worth.shape, len(problem.digit)
    choice, expected, slope = scratch.choice, scratch.expected, scratch.slope
    typed, first, second = has_types(problem), problem.first[P - 2], problem.first[P - 1]
    for k in range(len(choice)):
        expected[k] = -problem.cost[k]
        for m in range(len(choice)):
            slope[k, m] = 0.0
    for t in range(T):
        for i in range(P):
            mine = problem.party[i]
            k, others = problem.first[i] + problem.digit[mine, t], 1.0
            for j in range(M):
                if j != mine:
                    others *= believed_choice(problem, choice, i, j, t)
            expected[k] += others * problem.worth[i, t]
            for j in range(M):
                if j == mine:
                    continue
                rest, a = 1.0, problem.digit[j, t]
                for h in range(M):
                    if h != mine and h != j:
                        rest *= believed_choice(problem, choice, i, h, t)
                if typed and j == M - 1:
                    b = 1.0 / (1.0 + math.exp(-(problem.odds[i] + problem.axis[2])))
                    slope[k, first + a] += b * rest * problem.worth[i, t]
                    slope[k, second + a] += (1.0 - b) * rest * problem.worth[i, t]
                else:
                    slope[k, problem.first[j] + a] += rest * problem.worth[i, t]
            if typed:
                a = problem.digit[M - 1, t]
                turn = others * problem.turn[i, t]
                slope[k, first + a] += turn / max(choice[first + a], SMALLEST_CHOICE)
                slope[k, second + a] -= turn / max(choice[second + a], SMALLEST_CHOICE)


@numba.njit(cache=True, error_model="numpy")
def fill_moment_jacobian(problem, s, scratch):
    """The derivative of F in z at the point last evaluated, into scratch.jacobian[:n, :n]."""
    P = len(problem.options)
    choice, slope, J = scratch.choice, scratch.slope, scratch.jacobian
    row = 0
    for i in range(P):
        begin = problem.first[i]
        for k in range(begin + 1, problem.first[i + 1]):
            column = 0
            for j in range(P):
                first, past = problem.first[j], problem.first[j + 1]
                mean = 0.0
                for m in range(first, past):
                    mean += choice[m] * (slope[k, m] - slope[begin, m])
                for m in range(first + 1, past):
                    change = slope[k, m] - slope[begin, m] - mean
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
def range_of_worth(problem, i):
    """By how much joint choices differ for a player."""
    if has_types(problem):
        return problem.along[i].max() - problem.along[i].min()
    return problem.worth[i].max() - problem.worth[i].min()


@numba.njit(cache=True, error_model="numpy")
def follow_moment_branch(problem, z, scratch):
    """Follow the principal branch from z at precision 0 to the parties' precision, z in place.

    Returns whether it arrived, and how many branch points it passed straight on.
    """
    n = len(z)
    scale = 1.0
    for i in range(len(problem.options)):
        scale = max(scale, problem.precision[i] * range_of_worth(problem, i))
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
                kink = has_types(problem) and turned == sign
                good = (kink or turned != sign) and length <= SMALL_STEP
                if good and not kink:
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
