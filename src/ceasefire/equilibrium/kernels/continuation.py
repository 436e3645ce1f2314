"""Following the principal branch of one signalling decision by arclength (kernels).

The path is {(r, s): F(r, s q) = 0} from r = 0 at s = 0 to s = 1; the last coordinate is s times
`scale`, so that both move alike. A step is taken only if the bordered Jacobian keeps the sign of
its determinant, and no two eigenvalues of J have crossed zero at once, else it is shortened;
where the sign changes at every step size the path has met a branch point and goes straight on.

Values are smooth only within a cell of the grid, so the path is followed cell by cell: values are
read as if the cell went on, and where a record leaves it the path is met exactly at the border.
There only one column of the Jacobian changes, hence the record goes on in the direction it came.

`game` stands for (W, log_weight, q, record, scale, grid, belief, out), the last as in `respond`.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.newton import (
    CELL_OF_RECORD,
    CONVERGED,
    PASSED_BRANCH_POINT,
    SOLUTION_RESIDUAL,
    UNRESOLVED,
    evaluate_residuals,
    solve_newton,
)

CORRECTOR_TOLERANCE = 1e-7


@numba.njit(cache=True, error_model="numpy")
def solve_linear_system(M, y):
    """Solve M z = y in place (y becomes z); the sign of det M, 0 if singular."""
    n = len(y)
    sign = 1.0
    for c in range(n):
        p = c
        for i in range(c + 1, n):
            if abs(M[i, c]) > abs(M[p, c]):
                p = i
        if M[p, c] == 0.0:
            return 0.0
        if p != c:
            for j in range(n):
                M[c, j], M[p, j] = M[p, j], M[c, j]
            y[c], y[p] = y[p], y[c]
            sign = -sign
        if M[c, c] < 0.0:
            sign = -sign
        for i in range(c + 1, n):
            f = M[i, c] / M[c, c]
            if f != 0.0:
                for j in range(c, n):
                    M[i, j] -= f * M[c, j]
                y[i] -= f * y[c]
    for c in range(n - 1, -1, -1):
        for j in range(c + 1, n):
            y[c] -= M[c, j] * y[j]
        y[c] /= M[c, c]
    return sign


@numba.njit(cache=True, error_model="numpy")
def fill_bordered_jacobian(game, z, along, M):
    """Residuals at z = (r, scale s) into `out`, the Jacobian bordered by `along` into M."""
    W, log_weight, q, record, scale, grid, belief, out = game
    K = W.shape[1]
    sigma, slope, value = out[1], out[2], out[3]
    evaluate_residuals(W, log_weight, z[K] / scale * q, record, z[:K], grid, belief, out)
    mean = 0.0
    for b in range(K):
        column = sigma[0, b] * slope[0, b] - sigma[1, b] * slope[1, b]
        for a in range(K):
            M[a, b] = column
        M[b, b] += 1.0 - slope[0, b] + slope[1, b]
        mean += sigma[0, b] * value[0, b] - sigma[1, b] * value[1, b]
    for a in range(K):
        M[a, K] = (mean - value[0, a] + value[1, a]) * q / scale
    for j in range(K + 1):
        M[K, j] = along[j]


@numba.njit(cache=True, error_model="numpy")
def count_negative_eigenvalues(M):
    """How many eigenvalues of J, the inner block of a bordered Jacobian, lie left of zero.

    By the sign changes in Routh's column of det(x + J), which for J = diag(d) + 1 v' is
    prod (x + d) + sum v_a prod (x + d_b), b other than a.
    """
    K = len(M) - 1
    scale = 0.0
    for a in range(K):
        scale = max(scale, abs(M[a, a]))
    scale = scale if scale > 0.0 else 1.0
    whole, part = np.zeros(K + 1), np.zeros(K + 1)
    whole[0] = 1.0
    for a in range(K):
        v = M[(a + 1) % K, a] / scale
        d = M[a, a] / scale - v
        for j in range(a + 1, -1, -1):
            before = j > 0
            part[j] = part[j] + v * whole[j - 1] + d * part[j - 1] if before else 0.0
            whole[j] = whole[j] + d * whole[j - 1] if before else 1.0
    # Routh's rows: every other coefficient of whole + part, the highest power first
    upper, lower = np.zeros(K + 2), np.zeros(K + 2)
    for j in range(K + 1):
        if j % 2 == 0:
            upper[j // 2] = whole[j] + part[j]
        else:
            lower[j // 2] = whole[j] + part[j]
    count, last = 0, upper[0]
    for _ in range(K):
        if lower[0] == 0.0:
            lower[0] = 1e-30
        if (lower[0] < 0.0) != (last < 0.0):
            count += 1
        last, ratio = lower[0], upper[0] / lower[0]
        for j in range(K + 1):
            upper[j] = upper[j + 1] - ratio * lower[j + 1]
        upper, lower = lower, upper
    return count


@numba.njit(cache=True, error_model="numpy")
def fill_unit_tangent(M, tangent):
    """Unit tangent from a bordered Jacobian, which is used up; the sign of its determinant."""
    n = len(tangent)
    for j in range(n - 1):
        tangent[j] = 0.0
    tangent[n - 1] = 1.0
    sign = solve_linear_system(M, tangent)
    if sign == 0.0:
        return 0.0
    norm = 0.0
    for j in range(n):
        norm += tangent[j] * tangent[j]
    norm = math.sqrt(norm)
    for j in range(n):
        tangent[j] /= norm
    return sign


@numba.njit(cache=True, error_model="numpy")
def correct_onto_path(game, z, plane, M, work, most):
    """Back to the path from z, within the plane through z at right angles to `plane`.

    z in place, M bordered there. Whether the path was reached.
    """
    F = game[7][0]
    n = len(z)
    start, y = work
    for j in range(n):
        start[j] = z[j]
    for _ in range(int(most)):
        fill_bordered_jacobian(game, z, plane, M)
        size, off = 0.0, 0.0
        for a in range(n - 1):
            y[a] = F[a]
            size = max(size, abs(F[a]))
        for j in range(n):
            off += plane[j] * (z[j] - start[j])
        y[n - 1] = off
        if not size < 1e8:
            return False
        if size <= CORRECTOR_TOLERANCE and abs(off) <= CORRECTOR_TOLERANCE:
            return True
        if solve_linear_system(M, y) == 0.0:
            return False
        for j in range(n):
            z[j] -= y[j]
    return False


MIN_ARCLENGTH_STEP = 1e-9
CELL_BORDER_TOLERANCE = 1e-6
ANY_CELL_BORDER = -2
MAX_ARCLENGTH_STEPS = 4000


@numba.njit(cache=True, error_model="numpy")
def cell_overshoot(cell, a, x, low, step, size):
    """By how much a record has left its cell, upwards or downwards (negative), else 0.

    A hair's breadth is none: the record of an option that is nearly sure stands on a border.
    """
    if cell[a] < size - 1 and x > low + step * (cell[a] + 1) + CELL_BORDER_TOLERANCE:
        return x - low - step * (cell[a] + 1)
    if cell[a] >= 0 and x < low + step * cell[a] - CELL_BORDER_TOLERANCE:
        return x - low - step * cell[a]
    return 0.0


@numba.njit(cache=True, error_model="numpy")
def follow_principal_branch(W, log_weight, q, record, s, r, grid, belief, out):
    """Follow the branch from its point r (K,) at s to s = 1; r in place.

    CONVERGED, BRANCHED or UNRESOLVED. A path that is lost is followed again from s = 0, at last
    with shorter steps.
    """
    status = UNRESOLVED
    longest = 0.5
    for _ in range(4 if s > 0.0 else 3):
        if s == 0.0:
            r[:] = 0.0
        status = follow_branch_once(W, log_weight, q, record, s, r, grid, belief, out, longest)
        out[4][:] = CELL_OF_RECORD
        if status != UNRESOLVED:
            break
        if s == 0.0:
            longest *= 0.1
        s = 0.0
    return status


@numba.njit(cache=True, error_model="numpy")
def follow_branch_once(W, log_weight, q, record, s, r, grid, belief, out, longest):
    """Follow the branch with steps of at most `longest` times the path's scale."""
    K, N = W.shape[1], W.shape[2]
    low, step, _ = grid
    cell = out[4]
    M = np.empty((K + 1, K + 1))
    z, trial = np.empty(K + 1), np.empty(K + 1)
    along, tangent, plane = np.zeros(K + 1), np.empty(K + 1), np.zeros(K + 1)
    work, stays = (np.empty(K + 1), np.empty(K + 1)), np.empty(K, np.int64)
    for a in range(K):
        z[a] = r[a]
        cell[a] = min(max(int(np.floor((record + r[a] - low) / step + 1e-9)), -1), N - 1)
    z[K] = s
    along[K] = 1.0
    fill_bordered_jacobian((W, log_weight, q, record, 1.0, grid, belief, out), z, along, M)
    scale = 1.0
    for a in range(K):
        scale += abs(M[a, K])
    z[K] = s * scale
    game = (W, log_weight, q, record, scale, grid, belief, out)
    fill_bordered_jacobian(game, z, along, M)
    sign = fill_unit_tangent(M, tangent)
    # a record that starts on a border goes into the cell it moves to
    crossed = -1
    for a in range(K):
        node = int(np.rint((record + r[a] - low) / step))
        if 0 <= node < N and abs(low + step * node - record - r[a]) < CELL_BORDER_TOLERANCE:
            cell[a] = node if tangent[a] > 0.0 else node - 1
            crossed = ANY_CELL_BORDER
    fill_bordered_jacobian(game, z, along, M)
    below = count_negative_eigenvalues(M) if K > 2 else 0
    fill_unit_tangent(M, tangent)
    along[:] = tangent
    h, status = 0.5 * longest * scale, CONVERGED
    for _ in range(MAX_ARCLENGTH_STEPS):
        for j in range(K + 1):
            trial[j] = z[j] + h * along[j]
        # no further than a little beyond the first border
        for a in range(K):
            over = cell_overshoot(cell, a, record + trial[a], low, step, N)
            if abs(over) > 0.3 * step and along[a] != 0.0:
                h = max(
                    min(h, h * (1.0 - (abs(over) - 0.2 * step) / abs(h * along[a]))),
                    MIN_ARCLENGTH_STEP,
                )
        for j in range(K + 1):
            trial[j] = z[j] + h * along[j]
        fine = correct_onto_path(game, trial, along, M, work, 6.0)
        turned, same, drift = 0.0, 0.0, 0.0
        left = below
        if fine:
            if K > 2:
                left = count_negative_eigenvalues(M)
            turned = fill_unit_tangent(M, tangent)
            for j in range(K + 1):
                drift = max(drift, abs(trial[j] - z[j] - h * along[j]))
                same += tangent[j] * along[j]
            if turned == sign and not ((same > 0.8 and drift < 0.5 * h) or h < 1e-4):
                fine = False
            # two eigenvalues that cross zero together leave the sign as it was
            if abs(left - below) > 1 and h > 1e-7 * scale:
                fine = False
            # a fold within the step may reach beyond s = 1, where the path would have ended
            if tangent[K] < 0.0 < along[K] and h > MIN_ARCLENGTH_STEP:
                part = (trial[K] - z[K] - h * tangent[K]) / (along[K] - tangent[K])
                fine = fine and z[K] + part * along[K] < scale
        if not fine or turned != sign:
            if h > MIN_ARCLENGTH_STEP:
                h *= 0.25
                continue
            if not fine:
                break
            status, sign, below = PASSED_BRANCH_POINT, -sign, left
            for j in range(K + 1):
                z[j], along[j] = trial[j], tangent[j]
            h = 1e-4
            continue
        first, part = -1, 1.0
        for a in range(K):
            over = cell_overshoot(cell, a, record + trial[a], low, step, N)
            if over != 0.0:
                f = 1.0 - over / (trial[a] - z[a])
                if f < part:
                    first, part = a, f
        if trial[K] >= scale and (scale - z[K]) / (trial[K] - z[K]) <= part:
            if finish_at_full_precision(game, z, trial, r, h, stays):
                return status
            if h < MIN_ARCLENGTH_STEP:
                break
            h *= 0.25
            continue
        if first >= 0 and (first == crossed or crossed == ANY_CELL_BORDER) and part < 0.01:
            # the path bends back to the border it stands on: look closer
            if h < MIN_ARCLENGTH_STEP:
                break
            h *= 0.25
            continue
        if first >= 0:
            over = cell_overshoot(cell, first, record + trial[first], low, step, N)
            edge = trial[first] - over
            for j in range(K + 1):
                trial[j] = z[j] + part * (trial[j] - z[j])
                plane[j] = 0.0
            trial[first] = edge
            plane[first] = 1.0
            if not correct_onto_path(game, trial, plane, M, work, 12.0) or other_record_left_cell(
                cell, first, record, trial, low, step, N
            ):
                if h < MIN_ARCLENGTH_STEP:
                    break
                h *= 0.25
                continue
            trial[first] = edge
            cell[first] += 1 if over > 0.0 else -1
            fill_bordered_jacobian(game, trial, along, M)
            turned = fill_unit_tangent(M, tangent)
            if turned == 0.0:
                break
            if (tangent[first] > 0.0) != (over > 0.0):
                for j in range(K + 1):
                    tangent[j] = -tangent[j]
            fill_bordered_jacobian(game, trial, tangent, M)
            if K > 2:
                below = count_negative_eigenvalues(M)
            for j in range(K + 1):
                z[j], along[j] = trial[j], tangent[j]
            sign, crossed = fill_unit_tangent(M, tangent), first
            h = min(max(h, 0.05 * step), longest * scale)
            continue
        for j in range(K + 1):
            z[j], along[j] = trial[j], tangent[j]
        crossed, below = -1, left
        if z[K] < -0.01 * scale:
            break
        h *= 3.0 if same > 0.97 else 1.5
        h = min(h, longest * scale)
    return UNRESOLVED


@numba.njit(cache=True, error_model="numpy")
def other_record_left_cell(cell, first, record, z, low, step, size):
    """Whether another record than the one at its border has left its cell."""
    for a in range(len(z) - 1):
        if a != first and abs(cell_overshoot(cell, a, record + z[a], low, step, size)) > 1e-6:
            return True
    return False


@numba.njit(cache=True, error_model="numpy")
def finish_at_full_precision(game, z, trial, r, h, stays):
    """Stop at s = 1 between two points of the path; whether the branch's own point was met.

    stays (K,) keeps the cells, which are as they were where it was not met.
    """
    W, log_weight, q, record, scale, grid, belief, out = game
    K = len(r)
    cell = out[4]
    f = (scale - z[K]) / (trial[K] - z[K])
    for a in range(K):
        r[a] = z[a] + f * (trial[a] - z[a])
        stays[a] = cell[a]
    for again in range(2):
        most = 30.0 if again == 0 else 5.0
        left = solve_newton(W, log_weight, q, record, r, grid, belief, out, most, SOLUTION_RESIDUAL)
        away = 0.0
        for a in range(K):
            away = max(away, abs(r[a] - z[a] - f * (trial[a] - z[a])))
        if not (left <= SOLUTION_RESIDUAL * 100 and away <= max(0.5 * h, 1e-6)):
            break
        if again == 1:
            return True
        cell[:] = CELL_OF_RECORD
    cell[:] = stays
    return False
