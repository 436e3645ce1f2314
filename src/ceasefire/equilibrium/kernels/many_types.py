"""What is the fixed point of a signalling decision of a party with more than two types?

A mover of type k = 0, …, K - 1 with options a at the belief c plays

    s_k(a) = w_a exp(q W_k,a(c after a)) / S_k,    r_k,a = log s_0(a) - log s_k(a),
    c_k after a proportional to c_k exp(-r_k,a),   r_0,a = 0,

where q is the precision and W_k,a the value of option a to type k as a function of the belief that
it leaves. The unknowns are r_k,a for k >= 1, in all n = (K - 1) A; the equations

    F_k,a = r_k,a - (log s_0(a) - log s_k(a)) = 0.

With G_k,m,a the derivative of q W_k,a in r_m,a, the Jacobian is

    dF_k,a / dr_m,b = [k = m, a = b] - [a = b] (G_0,m,a - G_k,m,a)
                      + s_0(b) G_0,m,b - s_k(b) G_k,m,b.

Values are read in cells of a simplex (`simplex`), so that G jumps from cell to cell: the path of
fixed points from precision 0 has kinks there. It is followed by the sign of the bordered
determinant, which is the same along a path through all its cells and changes only where the path
meets another.

Source: Turocy (2005), Games and Economic Behavior 51, section 3; Allgower & Georg (1990), Numerical
continuation methods, chapters 2 and 12, for the orientation of a path, smooth or with kinks;
Farrell, Birkisson & Funke (2015), SIAM Journal on Scientific Computing 37, for the deflation.
"""

import math
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.kernels.continuation import solve_linear_system
from ceasefire.equilibrium.kernels.simplex import (
    LEAST_LOG_BELIEF,
    locate_in_simplex,
    point_number,
)
from ceasefire.game.states import Floats

ACCURACY, ACCEPTED = 1e-11, 1e-8  # residuals in log odds, in units of 1 plus the largest of them
NEWTON_STEPS, CORRECTOR_STEPS, SEARCH_STEPS = 60, 8, 80
MAPPED_FIRST = 3  # how often shifts are mapped where that brings them nearer
CONVERGED, PASSED_BRANCH_POINT, NOT_FOUND = 0, 1, 2
FIRST_STEP, LONGEST_STEP, SMALL_STEP, SMALLEST_STEP = 0.1, 2.0, 1e-5, 1e-9
MOST_STEPS = 4000
LEAST_COSINE = 0.9  # between the directions of two steps
MOST_TURNS = 3  # at one kink, beyond which the path's direction is that of the next cell
LONGEST_NEWTON_STEP = 8.0  # of log odds
CONTRACTION = 0.95  # what counts as a contraction
BOX_ROUNDS = 4  # how often a box is narrowed
LEAST_SHARE_TRIED = 0.2  # of the precision, at which a box is still looked at
LIKELY, SURE = 4.0, 30.0  # log odds of the options that a search starts from
MOST_ANSWERS = 12  # to shifts, before Newton's method
MOST_STARTS = 256  # joint assignments of options to types from which fixed points are looked for
MOST_FIXED_POINTS = 24
DIFFERENT = 1e-6  # choices that differ by more are of different fixed points


class ManyTypeProblem(NamedTuple):
    """One signalling decision along one line of the grid: what each option is worth."""

    values: Floats  # (K, A, M) value of each option to each type at each grid point
    log_weight: Floats  # (A,)
    density: Floats  # (M,) density of the reader at each grid point
    ratio: Floats  # (K,) the reader's prior over the reference prior
    steep: Floats  # (K, A, M) greatest slope in the cells above a grid point
    extremes: Floats  # (3, K, A) least and greatest value anywhere, and greatest slope
    parts: int  # parts of an edge


class ManyTypeResponse(NamedTuple):
    """What all types choose at one belief if the options move it."""

    residual: Floats  # (n,) F
    choice: Floats  # (K, A)
    value: Floats  # (K, A)
    slope: Floats  # (K, K, A) G
    cell: npt.NDArray[np.int64]  # (A,) a number of the cell in which each option is read
    after: Floats  # (K,)
    point: npt.NDArray[np.int64]  # (K,)
    weight: Floats  # (K,)
    raised: npt.NDArray[np.int64]  # (K,)
    read: Floats  # (K,)
    gradient: Floats  # (K,)
    jacobian: Floats  # (n + 1, n + 1)
    move: Floats  # (n + 1,)


@numba.njit(cache=True, error_model="numpy")
def allocate_many_type_response(K, A):
    """Room for a decision of K types and A options."""
    n = (K - 1) * A
    return ManyTypeResponse(
        np.empty(n), np.empty((K, A)), np.empty((K, A)), np.zeros((K, K, A)),
        np.empty(A, np.int64), np.empty(K), np.empty(K, np.int64), np.empty(K),
        np.empty(K, np.int64), np.empty(K), np.empty(K), np.empty((n + 1, n + 1)),
        np.empty(n + 1),
    )  # fmt: skip


@numba.njit(cache=True, error_model="numpy")
def read_option(problem, c, r, a, response):
    """What option a is worth to each type and the derivatives G, at the belief c moved by r."""
    values, density, ratio = problem.values, problem.density, problem.ratio
    K, A, n = values.shape[0], values.shape[1], problem.parts
    after, point, weight = response.after, response.point, response.weight
    raised, gradient = response.raised, response.gradient
    top = -np.inf
    for k in range(K):
        after[k] = math.log(c[k]) - (r[(k - 1) * A + a] if k > 0 else 0.0)
        top = max(top, after[k])
    total = 0.0
    for k in range(K):
        after[k] = math.exp(max(after[k] - top, LEAST_LOG_BELIEF))
        total += after[k]
    for k in range(K):
        after[k] /= total
    locate_in_simplex(after, n, point, weight, raised)
    number = point[0]
    for m in range(1, K):
        number = number * 4 + raised[m]
    response.cell[a] = number
    below = 0.0
    for m in range(K):
        below += weight[m] * density[point[m]]
    for k in range(K):
        above = 0.0
        for m in range(K):
            above += weight[m] * density[point[m]] * values[k, a, point[m]]
        value = above / below
        response.value[k, a] = value
        for m in range(K):
            gradient[m] = 0.0
        for m in range(1, K):
            gradient[raised[m]] = n * (
                density[point[m]] * values[k, a, point[m]]
                - density[point[m - 1]] * values[k, a, point[m - 1]]
            )
        for m in range(1, K):
            gradient[m] += gradient[m - 1]
        mean = 0.0
        for m in range(K):
            gradient[m] = (gradient[m] - value * ratio[m]) / below
            mean += after[m] * gradient[m]
        for m in range(1, K):
            response.slope[k, m, a] = after[m] * (mean - gradient[m])


@numba.njit(cache=True, error_model="numpy")
def evaluate_many_types(problem, q, c, r, response):
    """What all types choose if the options move the belief c by r, and the residuals F."""
    K, A = problem.values.shape[0], problem.values.shape[1]
    sigma, F = response.choice, response.residual
    for a in range(A):
        read_option(problem, c, r, a, response)
    for k in range(K):
        top = -np.inf
        for a in range(A):
            sigma[k, a] = problem.log_weight[a] + q * response.value[k, a]
            top = max(top, sigma[k, a])
        total = 0.0
        for a in range(A):
            total += math.exp(sigma[k, a] - top)
        log_total = top + math.log(total)
        for a in range(A):
            sigma[k, a] -= log_total
    for k in range(1, K):
        for a in range(A):
            F[(k - 1) * A + a] = r[(k - 1) * A + a] - sigma[0, a] + sigma[k, a]
    for k in range(K):
        for a in range(A):
            sigma[k, a] = math.exp(sigma[k, a])


@numba.njit(cache=True, error_model="numpy")
def fill_jacobian(problem, q, response):
    """The Jacobian into the first n rows and columns of response.jacobian."""
    K, A = problem.values.shape[0], problem.values.shape[1]
    J, G, sigma = response.jacobian, response.slope, response.choice
    for k in range(1, K):
        for a in range(A):
            row = (k - 1) * A + a
            for m in range(1, K):
                for b in range(A):
                    J[row, (m - 1) * A + b] = q * (
                        sigma[0, b] * G[0, m, b] - sigma[k, b] * G[k, m, b]
                    )
                J[row, (m - 1) * A + a] -= q * (G[0, m, a] - G[k, m, a])
            J[row, row] += 1.0


@numba.njit(cache=True, error_model="numpy")
def fill_derivative_in_precision(problem, q, response):
    """dF / ds at the precision s q, into the last column of response.jacobian."""
    K, A = problem.values.shape[0], problem.values.shape[1]
    J, n = response.jacobian, (K - 1) * A
    first = 0.0
    for b in range(A):
        first += response.choice[0, b] * response.value[0, b]
    for k in range(1, K):
        mean = 0.0
        for b in range(A):
            mean += response.choice[k, b] * response.value[k, b]
        for a in range(A):
            J[(k - 1) * A + a, n] = -q * (
                response.value[0, a] - first - response.value[k, a] + mean
            )


@numba.njit(cache=True, error_model="numpy")
def largest_entry(values, count):
    """The largest absolute value among the first entries."""
    most = 0.0
    for i in range(count):
        most = max(most, abs(values[i]))
    return most


@numba.njit(cache=True, error_model="numpy")
def newton_many_types(problem, q, c, r, response, steps):
    """Solve F = 0 from r by damped Newton; r in place. The residual left, in units of its size."""
    n = len(r)
    J, move = response.jacobian, response.move[:n]
    before, tried = r.copy(), 1.0
    size = np.inf
    for _ in range(steps):
        evaluate_many_types(problem, q, c, r, response)
        now = largest_entry(response.residual, n) / (1.0 + largest_entry(r, n))
        if now <= ACCURACY:
            return now
        if not now < size and tried > 1e-3:
            tried *= 0.5
            for i in range(n):
                r[i] = before[i] - tried * move[i]
            continue
        if not now < np.inf:
            return np.inf
        size, tried = now, 1.0
        before[:] = r
        fill_jacobian(problem, q, response)
        M = J[:n, :n].copy()
        for i in range(n):
            move[i] = response.residual[i]
        if solve_linear_system(M, move) == 0.0:
            return size
        longest = largest_entry(move, n)
        if not longest < np.inf:
            return size
        if longest > LONGEST_NEWTON_STEP:
            for i in range(n):
                move[i] *= LONGEST_NEWTON_STEP / longest
        for i in range(n):
            r[i] = before[i] - move[i]
    evaluate_many_types(problem, q, c, r, response)
    return largest_entry(response.residual, n) / (1.0 + largest_entry(r, n))


@numba.njit(cache=True, error_model="numpy")
def solve_contraction(problem, q, c, r, response):
    """The fixed point where the map of shifts is a contraction; r in place. The residual left.

    Shifts may be hundreds: the map itself comes near them at once, and Newton's method ends there.
    """
    for _ in range(2):
        for _ in range(MAPPED_FIRST):
            evaluate_many_types(problem, q, c, r, response)
            for i in range(len(r)):
                r[i] -= response.residual[i]
        left = newton_many_types(problem, q, c, r, response, NEWTON_STEPS)
        if left <= ACCEPTED:
            return left
        r[:] = 0.0
    return np.inf


@numba.njit(cache=True, error_model="numpy")
def fill_steepness(values, density, ratio, corner, steep):
    """The greatest difference of the slopes of each option's value within the cells above a point.

    values (K, A, M), density (M,), ratio (K,)   as in ManyTypeProblem
    corner (C, K + K)   the cells: numbers of the corners, then which coordinate is raised to each
    steep (K, A, M)     filled, at the first corner of each cell

    The slope of a value V = N / D along type i less that along type j is
    ((N_i - N_j) - V (D_i - D_j)) / D, V and D being between their least and greatest in the cell.
    """
    K, A, _ = values.shape
    slope = np.zeros(K)
    steep[:] = 0.0
    for cell in range(len(corner)):
        least = np.inf
        for m in range(K):
            least = min(least, density[corner[cell, m]])
        for k in range(K):
            for a in range(A):
                low, high = np.inf, -np.inf
                slope[:] = 0.0
                for m in range(K):
                    v = values[k, a, corner[cell, m]]
                    low, high = min(low, v), max(high, v)
                    if m > 0:
                        before = corner[cell, m - 1]
                        slope[corner[cell, K + m]] = (
                            density[corner[cell, m]] * v - density[before] * values[k, a, before]
                        )
                for m in range(1, K):
                    slope[m] += slope[m - 1]
                parts = corner[cell, K]
                most = 0.0
                for i in range(K):
                    for j in range(i):
                        for v in (low, high):
                            apart = parts * (slope[i] - slope[j]) - v * (ratio[i] - ratio[j])
                            most = max(most, abs(apart))
                first = corner[cell, 0]
                steep[k, a, first] = max(steep[k, a, first], most / least)


@numba.njit(cache=True, error_model="numpy")
def is_only_fixed_point_in_box(problem, q, c):
    """Whether bounds on what can be chosen at the belief c leave one fixed point only.

    Bounds on the shifts bound the beliefs after each option, these its value, and this the choices
    and so the shifts. Where the map of shifts is a contraction within what is left, there is one
    fixed point, since all of them are there.
    """
    K, A, _ = problem.values.shape
    n = problem.parts
    low, high = np.full((K, A), -1e5), np.full((K, A), 1e5)
    low[0], high[0] = 0.0, 0.0
    value, steep = problem.extremes[:2].copy(), problem.extremes[2].copy()
    most, log_most, log_least = np.zeros((K, A)), np.zeros((K, A)), np.zeros((K, A))
    first, last = np.empty(K, np.int64), np.empty(K, np.int64)
    logs = np.log(c)
    for narrowed in range(BOX_ROUNDS):
        for a in range(A if narrowed > 0 else 0):
            for i in range(1, K):
                first[i] = math.floor(n * upper_share(logs, high[:, a], low[:, a], i) - 1e-9)
                last[i] = math.floor(n * upper_share(logs, low[:, a], high[:, a], i) + 1e-9)
                first[i] = min(max(first[i], 0), n - 1)
                last[i] = min(max(last[i], 0), n - 1)
            bound_values_in_box(problem, a, first, last, value, steep)
        bound_choices(problem.log_weight, q, value, log_least, log_most)
        narrower = False
        for k in range(1, K):
            for a in range(A):
                lowest = log_least[0, a] - log_most[k, a]
                highest = log_most[0, a] - log_least[k, a]
                narrower = narrower or lowest > low[k, a] + 0.1 or highest < high[k, a] - 0.1
                low[k, a], high[k, a] = max(low[k, a], lowest), min(high[k, a], highest)
        for k in range(K):
            for a in range(A):
                most[k, a] = math.exp(min(log_most[k, a], 0.0))
        if rate_of_contraction(q, steep, most) < CONTRACTION:
            return True
        if not narrower:
            return False
    return False


@numba.njit(cache=True, error_model="numpy")
def fill_extremes(values, steep, extremes):
    """The least and greatest value of each option anywhere, and its greatest slope: (3, K, A)."""
    K, A, M = values.shape
    for k in range(K):
        for a in range(A):
            low, high, most = np.inf, -np.inf, 0.0
            for point in range(M):
                low, high = min(low, values[k, a, point]), max(high, values[k, a, point])
                most = max(most, steep[k, a, point])
            extremes[0, k, a], extremes[1, k, a], extremes[2, k, a] = low, high, most


@numba.njit(cache=True, error_model="numpy")
def bound_values_in_box(problem, a, first, last, value, steep):
    """The least and greatest value (2, K, A) of option a and its steepness (K, A) in some cells.

    first, last (K,)   whole coordinates, from place 1 on, of the first corners of the cells
    """
    K = problem.values.shape[0]
    for k in range(K):
        value[0, k, a], value[1, k, a], steep[k, a] = np.inf, -np.inf, 0.0
    y = first[1:].copy()
    while True:
        ordered, inside = True, True
        for i in range(K - 1):
            ordered = ordered and (i == 0 or y[i] <= y[i - 1])
            inside = inside and y[i] <= last[i + 1]
        if ordered:
            point = point_number(y)
            for k in range(K):
                v = problem.values[k, a, point]
                value[0, k, a] = min(value[0, k, a], v)
                value[1, k, a] = max(value[1, k, a], v)
                if inside:
                    steep[k, a] = max(steep[k, a], problem.steep[k, a, point])
        i = K - 2
        while i >= 0 and y[i] == last[i + 1] + 1:
            y[i] = first[i + 1]
            i -= 1
        if i < 0:
            return
        y[i] += 1


@numba.njit(cache=True, error_model="numpy")
def upper_share(logs, of_these, of_others, i):
    """The belief in types i and above whose shifts are `of_these`, the others' `of_others`."""
    K = len(logs)
    top = -np.inf
    for k in range(K):
        top = max(top, logs[k] - (of_these[k] if k >= i else of_others[k]))
    above, total = 0.0, 0.0
    for k in range(K):
        part = math.exp(max(logs[k] - (of_these[k] if k >= i else of_others[k]) - top, -745.0))
        total += part
        if k >= i:
            above += part
    return above / total


@numba.njit(cache=True, error_model="numpy")
def bound_choices(log_weight, q, value, log_least, log_most):
    """Bounds on the log of each choice (K, A) from bounds on values (2, K, A)."""
    _, K, A = value.shape
    for k in range(K):
        for a in range(A):
            for side in range(2):
                own = log_weight[a] + q * value[side, k, a]
                total = 1.0
                for b in range(A):
                    if b != a:
                        rival = log_weight[b] + q * value[1 - side, k, b]
                        total += math.exp(min(rival - own, 700.0))
                if side == 0:
                    log_least[k, a] = -math.log(total)
                else:
                    log_most[k, a] = -math.log(total)


@numba.njit(cache=True, error_model="numpy")
def rate_of_contraction(q, steep, most):
    """How much further apart than two shifts their images may be, at the most.

    steep (K, A)   greatest difference of slopes; |dW / dr| summed over types is at most half of it
    most (K, A)    greatest probability of each option
    """
    K, A = steep.shape
    rate = 0.0
    for k in range(1, K):
        own, shared = 0.0, 0.0
        for a in range(A):
            own = max(own, steep[0, a] + steep[k, a])
            shared += most[0, a] * steep[0, a] + most[k, a] * steep[k, a]
        rate = max(rate, 0.5 * q * (own + shared))
    return rate


@numba.njit(cache=True, error_model="numpy")
def share_of_precision_with_one(problem, q, c):
    """A share s of the precision q up to which there is one fixed point at the belief c."""
    K, A, _ = problem.values.shape
    steep, most = problem.extremes[2], 0.0
    for k in range(1, K):
        own, first, other = 0.0, 0.0, 0.0
        for a in range(A):
            own = max(own, steep[0, a] + steep[k, a])
            first, other = max(first, steep[0, a]), max(other, steep[k, a])
        most = max(most, 0.5 * q * (own + first + other))
    safe = 1.0 if most <= CONTRACTION else CONTRACTION / most
    s = 0.6
    while s > max(2.0 * safe, LEAST_SHARE_TRIED):
        if is_only_fixed_point_in_box(problem, s * q, c):
            return s
        s *= 0.6
    return safe


@numba.njit(cache=True, error_model="numpy")
def correct_onto_path(problem, q, c, z, direction, response):
    """Newton from z = (r, s) onto the path, at right angles to a direction; z in place.

    Whether it converged to a point no further away than half the step that led there would allow
    is for the caller to see.
    """
    n = len(z) - 1
    for _ in range(CORRECTOR_STEPS):
        evaluate_many_types(problem, z[n] * q, c, z[:n], response)
        size = largest_entry(response.residual, n)
        if size <= 1e-10 * (1.0 + largest_entry(z, n)):
            return True
        if not size < 1e6:
            return False
        fill_path_jacobian(problem, q, z[n], response)
        M = response.jacobian.copy()
        for i in range(n + 1):
            M[n, i] = direction[i]
        for i in range(n):
            response.move[i] = response.residual[i]
        response.move[n] = 0.0
        if solve_linear_system(M, response.move) == 0.0:
            return False
        for i in range(n + 1):
            z[i] -= response.move[i]
    evaluate_many_types(problem, z[n] * q, c, z[:n], response)
    return largest_entry(response.residual, n) <= 1e-9 * (1.0 + largest_entry(z, n))


@numba.njit(cache=True, error_model="numpy")
def fill_path_jacobian(problem, q, s, response):
    """The Jacobian in r at the precision s q, and in s, into response.jacobian."""
    fill_jacobian(problem, s * q, response)
    fill_derivative_in_precision(problem, q, response)


@numba.njit(cache=True, error_model="numpy")
def follow_branch_of_many_types(problem, q, c, share, r, response):
    """Follow the branch from the share of the precision at which there is one fixed point to all.

    r   the fixed point there; the one at precision q when it returns

    CONVERGED, PASSED_BRANCH_POINT or NOT_FOUND.
    """
    n, A = len(r), problem.values.shape[1]
    z, tried = np.empty(n + 1), np.empty(n + 1)
    direction, following = np.zeros(n + 1), np.empty(n + 1)
    cell = np.empty(A, np.int64)
    z[:n], z[n] = r, share
    evaluate_many_types(problem, share * q, c, r, response)
    cell[:] = response.cell
    fill_path_jacobian(problem, q, share, response)
    direction[n] = 1.0
    orientation = path_direction(response, direction, 1.0, following)
    if orientation == 0.0 or following[n] <= 0.0:
        return NOT_FOUND
    direction[:] = following
    step, status, turns = FIRST_STEP, CONVERGED, 0
    for _ in range(MOST_STEPS):
        for i in range(n + 1):
            tried[i] = z[i] + step * direction[i]
        fits = correct_onto_path(problem, q, c, tried, direction, response)
        apart = 0.0
        for i in range(n + 1):
            apart = max(apart, abs(tried[i] - z[i] - step * direction[i]))
        fits = fits and apart <= 0.5 * step
        same_cells = True
        for a in range(A):
            same_cells = same_cells and response.cell[a] == cell[a]
        sign, cosine = 0.0, -1.0
        if fits:
            fill_path_jacobian(problem, q, tried[n], response)
            sign = path_direction(response, direction, orientation, following)
            fits = sign != 0.0
        if fits:
            cosine = 0.0
            for i in range(n + 1):
                cosine += direction[i] * following[i]
        if fits and cosine < LEAST_COSINE:
            if step > SMALL_STEP:
                fits = False
            elif same_cells and cosine < 0.0:  # it met another path, and goes straight on
                status, orientation = PASSED_BRANCH_POINT, -orientation
                for i in range(n + 1):
                    following[i] = -following[i]
        if fits and tried[n] >= 1.0:
            if ends_on_path(problem, q, c, z, tried, step, response):
                r[:] = tried[:n]
                return status
            fits = step <= SMALLEST_STEP
        if not fits:
            step *= 0.5
            if step < SMALL_STEP and turns < MOST_TURNS:
                for i in range(n + 1):
                    tried[i] = z[i] + 4.0 * SMALL_STEP * direction[i]
                evaluate_many_types(problem, tried[n] * q, c, tried[:n], response)
                fill_path_jacobian(problem, q, tried[n], response)
                if path_direction(response, direction, orientation, following) != 0.0:
                    turns, step = turns + 1, 4.0 * SMALL_STEP
                    direction[:], cell[:] = following, response.cell
            if step < SMALLEST_STEP:
                return NOT_FOUND
            continue
        turns = 0
        z[:], direction[:] = tried, following
        cell[:] = response.cell
        if cosine > 0.97:
            step = min(step * 1.6, LONGEST_STEP)
        elif cosine < LEAST_COSINE:
            step = max(step, 10.0 * SMALL_STEP)
        if not z[n] > 0.0:
            return NOT_FOUND
    return NOT_FOUND


@numba.njit(cache=True, error_model="numpy")
def path_direction(response, before, orientation, direction):
    """The direction (n + 1,) of the path by response.jacobian, of length 1.

    before        a direction to border the Jacobian with
    orientation   the sign of the determinant bordered by the path's own direction

    That sign, 0 if the Jacobian bordered by `before` is singular.
    """
    n = len(before) - 1
    M = response.jacobian.copy()
    for i in range(n + 1):
        direction[i], M[n, i] = 0.0, before[i]
    direction[n] = 1.0
    sign = solve_linear_system(M, direction)
    if sign == 0.0:
        return 0.0
    length = 0.0
    for i in range(n + 1):
        length += direction[i] * direction[i]
    length = math.sqrt(length)
    turned = 1.0 if sign == orientation else -1.0
    for i in range(n + 1):
        direction[i] *= turned / length
    return orientation


@numba.njit(cache=True, error_model="numpy")
def ends_on_path(problem, q, c, z, tried, step, response):
    """Whether the path between z and `tried`, beyond s = 1, has an end there; put into `tried`."""
    n = len(z) - 1
    share = (1.0 - z[n]) / (tried[n] - z[n])
    guess = np.empty(n)
    for i in range(n):
        guess[i] = z[i] + share * (tried[i] - z[i])
    found = guess.copy()
    left = newton_many_types(problem, q, c, found, response, NEWTON_STEPS)
    apart = 0.0
    for i in range(n):
        apart = max(apart, abs(found[i] - guess[i]))
    if left > ACCEPTED or apart > 0.5 * step:
        return False
    for i in range(n):
        tried[i] = found[i]
    return True


@numba.njit(cache=True, error_model="numpy")
def solve_many_types_at(problem, q, c, r, response):
    """The fixed point at the belief c: by Newton's method where it is the only one, else along the
    branch from precision 0.

    r   a guess; the shifts found when it returns. The response is evaluated there.

    What was found (CONVERGED, PASSED_BRANCH_POINT, NOT_FOUND), whether it is proved to be the only
    one, and the residual.
    """
    n = len(r)
    if is_only_fixed_point_in_box(problem, q, c):
        left = solve_contraction(problem, q, c, r, response)
        if left <= ACCEPTED:
            return CONVERGED, True, left
    share = share_of_precision_with_one(problem, q, c)
    r[:] = 0.0
    left = solve_contraction(problem, share * q, c, r, response)
    status = NOT_FOUND
    if left <= ACCEPTED:
        status = follow_branch_of_many_types(problem, q, c, share, r, response)
    if status == NOT_FOUND:
        kept = r.copy()
        left = newton_many_types(problem, q, c, r, response, NEWTON_STEPS)
        if left > ACCEPTED:
            r[:] = kept
    evaluate_many_types(problem, q, c, r, response)
    left = largest_entry(response.residual, n) / (1.0 + largest_entry(r, n))
    return status, False, left


@numba.njit(cache=True, error_model="numpy")
def find_other_fixed_points(problem, q, c, r, response, found, choice):
    """Look for fixed points besides that at r: from assignments of options to types, by deflation.

    found (F, n)        filled with the shifts of each, that at r first
    choice (F, K, A)    filled with the choices

    How many there are at least.
    """
    K, A = problem.values.shape[0], problem.values.shape[1]
    n = len(r)
    found[0] = r
    evaluate_many_types(problem, q, c, r, response)
    choice[0] = response.choice
    count = 1
    starts = min(A**K, MOST_STARTS)
    apart = max(1, A**K // starts)
    while math.gcd(apart, A) > 1:
        apart += 1
    now = np.empty(n)
    for start in range(starts):
        chosen = start * apart % A**K
        shift_as_assigned(chosen, A, SURE, now)
        if settle_on_fixed_point(problem, q, c, now, response):
            count = keep_if_new(now, response.choice, found, choice, count)
        shift_as_assigned(chosen, A, LIKELY, now)
        if deflated_newton(problem, q, c, now, response, found, count):
            count = keep_if_new(now, response.choice, found, choice, count)
    return count


@numba.njit(cache=True, error_model="numpy")
def shift_as_assigned(number, A, odds, r):
    """The shifts r (n,) where each type chooses the option that is its digit of a number.

    odds   by how much in log odds that option is likelier than the others
    """
    first = number % A
    for k in range(1, len(r) // A + 1):
        number //= A
        own = number % A
        for a in range(A):
            r[(k - 1) * A + a] = odds * ((a == first) - 1.0 * (a == own))


@numba.njit(cache=True, error_model="numpy")
def settle_on_fixed_point(problem, q, c, r, response):
    """Answer r as often as brings the answers nearer, then Newton's method; whether it arrived.

    Where every type has an option that is best by far, answers to such shifts are such shifts:
    nothing is kept away from anything here, as it would be by deflation.
    """
    n, size = len(r), np.inf
    for _ in range(MOST_ANSWERS):
        evaluate_many_types(problem, q, c, r, response)
        now = largest_entry(response.residual, n)
        if not now < size:
            break
        size = now
        for i in range(n):
            r[i] -= response.residual[i]
    return newton_many_types(problem, q, c, r, response, NEWTON_STEPS) <= ACCURACY * 100.0


@numba.njit(cache=True, error_model="numpy")
def keep_if_new(r, chosen, found, choice, count):
    """Add shifts and choices to those found unless they are there; how many there are then."""
    if count == len(found):
        return count
    for other in range(count):
        gap = 0.0
        for k in range(chosen.shape[0]):
            for a in range(chosen.shape[1]):
                gap = max(gap, abs(choice[other, k, a] - chosen[k, a]))
        if gap <= DIFFERENT:
            return count
    found[count], choice[count] = r, chosen
    return count + 1


@numba.njit(cache=True, error_model="numpy")
def deflated_newton(problem, q, c, r, response, found, count):
    """Newton's method from r, kept away from the fixed points that are known; whether it found one.

    F is multiplied by prod (1 + 1 / |r - r_f|^2), which takes them out; the step is Newton's own,
    made longer or shorter, or turned round.
    """
    n = len(r)
    move = response.move[:n]
    for _ in range(SEARCH_STEPS):
        evaluate_many_types(problem, q, c, r, response)
        if largest_entry(response.residual, n) <= ACCURACY * (1.0 + largest_entry(r, n)):
            return True
        fill_jacobian(problem, q, response)
        M = response.jacobian[:n, :n].copy()
        for i in range(n):
            move[i] = -response.residual[i]
        if solve_linear_system(M, move) == 0.0:
            return False
        rate = 0.0
        for f in range(count):
            square, along = 0.0, 0.0
            for i in range(n):
                gap = r[i] - found[f, i]
                square += gap * gap
                along += gap * move[i]
            if square == 0.0:
                return False
            rate -= 2.0 * along / (square * (square + 1.0))
        factor = 1.0 / (1.0 - rate) if rate != 1.0 else 1.0
        longest = largest_entry(move, n) * abs(factor)
        if not longest < np.inf:
            return False
        if longest > LONGEST_NEWTON_STEP:
            factor *= LONGEST_NEWTON_STEP / longest
        for i in range(n):
            r[i] += factor * move[i]
    left = newton_many_types(problem, q, c, r, response, NEWTON_STEPS)
    return left <= ACCURACY * 100.0


@numba.njit(cache=True, error_model="numpy")
def choose_among_many(choice, count, most_telling):
    """The fixed point in which the types' choices differ most, or least; the first of equals.

    choice (F, K, A)   of `find_other_fixed_points`

    How much they differ is the mean over pairs of types of half the sum of what their choices
    differ by. Equals are ordered by how likely the first type's first options are.
    """
    _, K, A = choice.shape
    best, difference = 0, 0.0
    for f in range(count):
        apart = 0.0
        for k in range(K):
            for m in range(k):
                for a in range(A):
                    apart += abs(choice[f, k, a] - choice[f, m, a])
        apart /= K * (K - 1)
        gain = apart - difference if most_telling else difference - apart
        if f == 0 or gain > DIFFERENT:
            best, difference = f, apart
        elif gain > -DIFFERENT:
            for a in range(A):
                ahead = choice[f, 0, a] - choice[best, 0, a]
                if abs(ahead) > DIFFERENT:
                    if ahead > 0.0:
                        best, difference = f, apart
                    break
    return best
