"""What is the fixed point of one signalling decision at one record?

A mover of type A or B with options 1..K at record l plays

    s_t(a) = w_a exp(q W_t,a(l + r_a)) / S_t,     r_a = log s_A(a) - log s_B(a),

where q is the precision and W_t,a the value of option a to type t as a function of the record
that it leaves. In the unknowns r this is F_a = r_a - q D_a + log S_A - log S_B = 0 with
D = W_A - W_B. Its Jacobian is diagonal plus rank one: J = diag(d) + 1 v', where
d_a = 1 - q D'_a and v_b = q (s_A(b) W'_A,b - s_B(b) W'_B,b), so
det J = prod d (1 + sum v / d).

`problem` is a DecisionProblem, `response` a Response, `record` the record l before the decision,
`r` (K,) the shifts of the record.

Source: Turocy (2005), Games and Economic Behavior 51, section 3.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.structures import CELL_OF_RECORD

SOLUTION_RESIDUAL = 1e-11
ACCEPTED_RESIDUAL = SOLUTION_RESIDUAL * 100  # of a solution that rounding keeps from being exact
CONTINUATION_RESIDUAL = 1e-8  # residual of a point on the way
CONVERGED, PASSED_BRANCH_POINT, UNRESOLVED = 0, 1, 2
MIN_DIAGONAL = 1e-12  # smallest divisor in the inverse of the Jacobian
MIN_DAMPING = 1e-4

# numbers of iterations are floats: each integer literal would be compiled as a type of its own
NEWTON_ITERATIONS = 40.0
FINAL_ITERATIONS = 30.0
CONTINUATION_ITERATIONS = 6.0

# a step in precision is taken if no belief is predicted worse than so, and none moves further
MAX_PREDICTION_ERROR = 0.03
GOOD_PREDICTION_ERROR = 0.01
MAX_BELIEF_MOVE = 0.15
FIRST_PRECISION_STEP = 0.25
MIN_PRECISION_STEP = 1.0 / 200.0


@numba.njit(cache=True, error_model="numpy")
def evaluate_residuals(problem, q, record, r, response):
    """What the two types choose if the records move by r, and how far that is from r.

    response.cell (K,) is the cell of the grid to read each option's values in and beyond, -1 below
    and size - 1 above the grid, CELL_OF_RECORD for the one that holds the record. All other arrays
    of `response` are filled.
    """
    W, log_weight, belief = problem.values, problem.log_weight, problem.belief
    low, step, logit = problem.low, problem.step, problem.logit
    F, sigma, slope = response.residual, response.choice, response.slope
    value, cell = response.value, response.cell
    K, N = W.shape[1], W.shape[2]
    for a in range(K):
        x = record + r[a]
        k = cell[a]
        if k == CELL_OF_RECORD:
            if x >= low + step * (N - 1):
                k = N - 1
            elif x > low:
                k = min(int((x - low) / step), N - 2)
            else:
                k = -1
        f, rate = 0.0, 0.0
        if k < 0:
            k = 0
        elif k == N - 1:
            k, f = N - 2, 1.0
        else:
            b = 1.0 / (1.0 + math.exp(-(logit + x)))
            width = belief[k + 1] - belief[k]
            f, rate = (b - belief[k]) / width, b * (1.0 - b) / width
        for t in range(2):
            gap = W[t, a, k + 1] - W[t, a, k]
            value[t, a] = W[t, a, k] + f * gap
            sigma[t, a] = log_weight[a] + q * value[t, a]
            slope[t, a] = q * gap * rate
    log_sum = 0.0
    for a in range(K):
        F[a] = r[a]
    for t in range(2):
        sign = 1.0 - 2.0 * t
        top = sigma[t, 0]
        for a in range(1, K):
            top = max(top, sigma[t, a])
        total = 0.0
        for a in range(K):
            F[a] -= sign * sigma[t, a]
            sigma[t, a] = math.exp(sigma[t, a] - top)
            total += sigma[t, a]
        for a in range(K):
            sigma[t, a] /= total
        log_sum += sign * (top + math.log(total))
    for a in range(K):
        F[a] += log_sum


@numba.njit(cache=True, error_model="numpy", inline="always")
def jacobian_term(sigma, slope, a):
    """Entries d_a and v_a of the Jacobian diag(d) + 1 v'."""
    d = 1.0 - slope[0, a] + slope[1, a]
    v = sigma[0, a] * slope[0, a] - sigma[1, a] * slope[1, a]
    return d, v


@numba.njit(cache=True, error_model="numpy")
def largest_residual(response):
    """The largest |F_a|."""
    largest = 0.0
    for a in range(len(response.residual)):
        largest = max(largest, abs(response.residual[a]))
    return largest


@numba.njit(cache=True, error_model="numpy")
def solve_newton(problem, q, record, r, response, max_iterations, enough=SOLUTION_RESIDUAL):
    """Solve F = 0 from r by damped Newton; r is modified in place. The largest residual left.

    max_iterations   a float; see NEWTON_ITERATIONS
    enough           residual at which to stop
    """
    K = len(r)
    F, sigma, slope = response.residual, response.choice, response.slope
    size = np.inf
    before, move = response.before, response.move
    for a in range(K):
        before[a] = r[a]
    damping = 1.0
    for _ in range(int(max_iterations)):
        evaluate_residuals(problem, q, record, r, response)
        now = largest_residual(response)
        if not now < size and size < np.inf:
            damping *= 0.5
            if damping < MIN_DAMPING:
                for a in range(K):
                    r[a] = before[a]
                return size
            for a in range(K):
                r[a] = before[a] - damping * move[a]
            continue
        size, damping = now, 1.0
        if size <= enough:
            return size
        top, bottom = 0.0, 1.0
        for a in range(K):
            d, v = jacobian_term(sigma, slope, a)
            if abs(d) < MIN_DIAGONAL:
                d = MIN_DIAGONAL
            top += v * F[a] / d
            bottom += v / d
        if abs(bottom) < MIN_DIAGONAL:
            bottom = MIN_DIAGONAL
        for a in range(K):
            d, _v = jacobian_term(sigma, slope, a)
            if abs(d) < MIN_DIAGONAL:
                d = MIN_DIAGONAL
            before[a] = r[a]
            move[a] = (F[a] - top / bottom) / d
            r[a] -= move[a]
    evaluate_residuals(problem, q, record, r, response)
    now = largest_residual(response)
    if now < size:
        return now
    for a in range(K):
        r[a] = before[a]
    evaluate_residuals(problem, q, record, r, response)
    return size


@numba.njit(cache=True, error_model="numpy")
def has_no_negative_eigenvalue(sigma, slope):
    """Whether J has no eigenvalue left of zero; sigma, slope (2, K) are those of a Response.

    Where every d is positive with det J, none has crossed zero on the way from diag(d) to J. Of
    two and three eigenvalues the coefficients of det(x + J) tell it by Routh's criterion.
    """
    K = sigma.shape[1]
    least, total, product, trace = np.inf, 1.0, 1.0, 0.0
    for a in range(K):
        d, v = jacobian_term(sigma, slope, a)
        least = min(least, d)
        total += v / d
        product *= d
        trace += d + v
    if least > 0.0 or K > 3:
        return least > 0.0 and total > 0.0
    if not (product * total > 0.0 and trace > 0.0):
        return False
    if K == 2:
        return True
    minors = 0.0
    for a in range(K):
        d_b, v_b = jacobian_term(sigma, slope, (a + 1) % K)
        d_c, v_c = jacobian_term(sigma, slope, (a + 2) % K)
        minors += d_b * d_c + v_b * d_c + v_c * d_b
    return trace * minors > product * total


@numba.njit(cache=True, error_model="numpy")
def fill_precision_tangent(q, response, tangent):
    """How fast the fixed point moves with the fraction s of the precision: dr / ds (K,)."""
    sigma, slope, value = response.choice, response.slope, response.value
    K = len(tangent)
    top, bottom, mean = 0.0, 1.0, 0.0
    for a in range(K):
        mean += sigma[0, a] * value[0, a] - sigma[1, a] * value[1, a]
    for a in range(K):
        d, v = jacobian_term(sigma, slope, a)
        tangent[a] = q * (value[0, a] - value[1, a] - mean)
        top += v * tangent[a] / d
        bottom += v / d
    for a in range(K):
        d, _ = jacobian_term(sigma, slope, a)
        tangent[a] = (tangent[a] - top / bottom) / d


@numba.njit(cache=True, error_model="numpy")
def continue_in_precision(problem, q, record, fraction, r, response):
    """Follow the branch in q alone, r (K,) in place, as far as it neither folds nor is too steep.

    It starts from `fraction` of q, at which there is known to be one fixed point only, and gives
    the fraction that was reached, r being the branch's own point there: 1 if the whole of q, 0 if
    none.

    A step is taken if Newton ends near the tangent's prediction, no belief moves far, and J has
    no eigenvalue left of zero before and after: none has crossed it, alone or in pairs.
    """
    sigma, slope, logit, s = response.choice, response.slope, problem.logit, fraction
    K = len(r)
    r[:] = 0.0
    if (
        solve_newton(problem, s * q, record, r, response, NEWTON_ITERATIONS, SOLUTION_RESIDUAL)
        > ACCEPTED_RESIDUAL
    ):
        r[:] = 0.0
        return 0.0
    tangent, before, believed = np.empty(K), np.empty(K), np.empty(K)
    h = FIRST_PRECISION_STEP
    while s < 1.0:
        fill_precision_tangent(q, response, tangent)
        for a in range(K):
            before[a] = r[a]
            believed[a] = 1.0 / (1.0 + math.exp(-(logit + record + r[a])))
        while True:
            h = min(h, 1.0 - s)
            for a in range(K):
                r[a] = before[a] + h * tangent[a]
            residual = solve_newton(
                problem, (s + h) * q, record, r, response,
                CONTINUATION_ITERATIONS, CONTINUATION_RESIDUAL,
            )  # fmt: skip
            off, moved = 0.0, 0.0
            for a in range(K):
                here = 1.0 / (1.0 + math.exp(-(logit + record + r[a])))
                x = logit + record + before[a] + h * tangent[a]
                off = max(off, abs(here - 1.0 / (1.0 + math.exp(-x))))
                moved = max(moved, abs(here - believed[a]))
            if (
                residual <= CONTINUATION_RESIDUAL
                and off <= MAX_PREDICTION_ERROR
                and moved <= MAX_BELIEF_MOVE
                and has_no_negative_eigenvalue(sigma, slope)
            ):
                break
            h *= 0.4
            if h < MIN_PRECISION_STEP:
                for a in range(K):
                    r[a] = before[a]
                return s
        s += h
        h *= 2.5 if off < GOOD_PREDICTION_ERROR else 1.3
        if s > 1.0 - 1e-12:
            s = 1.0
    residual = solve_newton(problem, q, record, r, response, FINAL_ITERATIONS, SOLUTION_RESIDUAL)
    return 1.0 if residual <= ACCEPTED_RESIDUAL else 0.0
