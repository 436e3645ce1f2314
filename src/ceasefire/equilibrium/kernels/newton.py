"""The fixed point of one signalling decision, on the principal branch (kernels).

A mover of type A or B with options 1..K at record l plays

    s_t(a) = w_a exp(q W_t,a(l + r_a)) / S_t,     r_a = log s_A(a) - log s_B(a),

where q is the precision and W_t,a the value of option a to type t as a function of the record
that it leaves. In the unknowns r this is F_a = r_a - q D_a + log S_A - log S_B = 0 with
D = W_A - W_B. Its Jacobian is diagonal plus rank one: J = diag(d) + 1 v', where
d_a = 1 - q D'_a and v_b = q (s_A(b) W'_A,b - s_B(b) W'_B,b), so
det J = prod d (1 + sum v / d).

Source: Turocy (2005), Games and Economic Behavior 51, section 3.
"""

import math

import numba
import numpy as np

SOLUTION_RESIDUAL = 1e-11
CONTINUATION_RESIDUAL = 1e-8  # residual of a point on the way
CONVERGED, PASSED_BRANCH_POINT, UNRESOLVED = 0, 1, 2
CELL_OF_RECORD = -9


@numba.njit(cache=True, error_model="numpy")
def evaluate_residuals(W, log_weight, q, record, r, grid, belief, out):
    """What the two types choose if the records move by r, and how far that is from r.

    W (2, K, N); grid = (low, step, logit); belief (N,). out, modified in place, is
    F (K,) residuals, sigma (2, K) choices, slope (2, K) of q W, value (2, K), W itself, and
    cell (K,), the segment of the grid to read each option's values in and beyond, -1 below and
    N - 1 above the grid; ANYWHERE for the one that holds the record.
    """
    F, sigma, slope, value, cell = out
    low, step, logit = grid
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


@numba.njit(cache=True, error_model="numpy")
def solve_newton(W, log_weight, q, record, r, grid, belief, out, most, enough=SOLUTION_RESIDUAL):
    """Solve F = 0 from r by damped Newton; r is modified in place. The largest residual left.

    Kernels say how many turns there may be `most` as a float: each whole number that they wrote
    would be a type of its own, and compiled by itself.
    """
    K = W.shape[1]
    F, sigma, slope = out[0], out[1], out[2]
    size = np.inf
    before = r.copy()
    move = np.zeros(K)
    damp = 1.0
    for _ in range(int(most)):
        evaluate_residuals(W, log_weight, q, record, r, grid, belief, out)
        now = 0.0
        for a in range(K):
            now = max(now, abs(F[a]))
        if not now < size and size < np.inf:
            damp *= 0.5
            if damp < 1e-4:
                for a in range(K):
                    r[a] = before[a]
                return size
            for a in range(K):
                r[a] = before[a] - damp * move[a]
            continue
        size, damp = now, 1.0
        if size <= enough:
            return size
        top, bottom = 0.0, 1.0
        for a in range(K):
            d = 1.0 - slope[0, a] + slope[1, a]
            if abs(d) < 1e-12:
                d = 1e-12
            v = sigma[0, a] * slope[0, a] - sigma[1, a] * slope[1, a]
            top += v * F[a] / d
            bottom += v / d
        if abs(bottom) < 1e-12:
            bottom = 1e-12
        for a in range(K):
            d = 1.0 - slope[0, a] + slope[1, a]
            if abs(d) < 1e-12:
                d = 1e-12
            before[a] = r[a]
            move[a] = (F[a] - top / bottom) / d
            r[a] -= move[a]
    evaluate_residuals(W, log_weight, q, record, r, grid, belief, out)
    now = 0.0
    for a in range(K):
        now = max(now, abs(F[a]))
    if now < size:
        return now
    for a in range(K):
        r[a] = before[a]
    evaluate_residuals(W, log_weight, q, record, r, grid, belief, out)
    return size


@numba.njit(cache=True, error_model="numpy")
def has_no_negative_eigenvalue(sigma, slope):
    """Whether J has no eigenvalue left of zero.

    Where every d is positive with det J, none has crossed zero on the way from diag(d) to J. Of
    two and three eigenvalues the coefficients of det(x + J) tell it by Routh's criterion.
    """
    K = sigma.shape[1]
    least, total, product, trace = np.inf, 1.0, 1.0, 0.0
    for a in range(K):
        d = 1.0 - slope[0, a] + slope[1, a]
        v = sigma[0, a] * slope[0, a] - sigma[1, a] * slope[1, a]
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
        b, c = (a + 1) % K, (a + 2) % K
        d_b, d_c = 1.0 - slope[0, b] + slope[1, b], 1.0 - slope[0, c] + slope[1, c]
        v_b = sigma[0, b] * slope[0, b] - sigma[1, b] * slope[1, b]
        v_c = sigma[0, c] * slope[0, c] - sigma[1, c] * slope[1, c]
        minors += d_b * d_c + v_b * d_c + v_c * d_b
    return trace * minors > product * total


@numba.njit(cache=True, error_model="numpy")
def continue_in_precision(W, log_weight, q, record, s, r, grid, belief, out):
    """Follow the branch in q alone, r (K,) in place, as far as it neither folds nor is too steep.

    It starts from the part s of q, at which there is known to be one fixed point only, and gives
    the part that was reached, r being the branch's own point there: 1 if the whole of it, 0 if
    none.

    A step is taken if Newton ends near the tangent's prediction, no belief moves far, and J has
    no eigenvalue left of zero before and after: none has crossed it, alone or in pairs.
    """
    sigma, slope, value = out[1], out[2], out[3]
    K = len(r)
    r[:] = 0.0
    if (
        solve_newton(W, log_weight, s * q, record, r, grid, belief, out, 40.0, SOLUTION_RESIDUAL)
        > SOLUTION_RESIDUAL * 100
    ):
        r[:] = 0.0
        return 0.0
    ahead, before = np.empty(K), np.empty(K)
    h = 0.25
    while s < 1.0:
        top, bottom, mean = 0.0, 1.0, 0.0
        for a in range(K):
            mean += sigma[0, a] * value[0, a] - sigma[1, a] * value[1, a]
        for a in range(K):
            d = 1.0 - slope[0, a] + slope[1, a]
            v = sigma[0, a] * slope[0, a] - sigma[1, a] * slope[1, a]
            ahead[a] = q * (value[0, a] - value[1, a] - mean)
            top += v * ahead[a] / d
            bottom += v / d
        for a in range(K):
            d = 1.0 - slope[0, a] + slope[1, a]
            ahead[a] = (ahead[a] - top / bottom) / d
            before[a] = r[a]
        while True:
            h = min(h, 1.0 - s)
            for a in range(K):
                r[a] = before[a] + h * ahead[a]
            left = solve_newton(
                W, log_weight, (s + h) * q, record, r, grid, belief, out, 6.0, CONTINUATION_RESIDUAL
            )
            off, moved = 0.0, 0.0
            for a in range(K):
                here = 1.0 / (1.0 + math.exp(-(grid[2] + record + r[a])))
                x = grid[2] + record + before[a] + h * ahead[a]
                off = max(off, abs(here - 1.0 / (1.0 + math.exp(-x))))
                there = 1.0 / (1.0 + math.exp(-(grid[2] + record + before[a])))
                moved = max(moved, abs(here - there))
            if (
                left <= CONTINUATION_RESIDUAL
                and off <= 0.03
                and moved <= 0.15
                and has_no_negative_eigenvalue(sigma, slope)
            ):
                break
            h *= 0.4
            if h < 1.0 / 200.0:
                for a in range(K):
                    r[a] = before[a]
                return s
        s += h
        h *= 2.5 if off < 0.01 else 1.3
        if s > 1.0 - 1e-12:
            s = 1.0
    left = solve_newton(W, log_weight, q, record, r, grid, belief, out, 30.0, SOLUTION_RESIDUAL)
    return 1.0 if left <= SOLUTION_RESIDUAL * 100 else 0.0
