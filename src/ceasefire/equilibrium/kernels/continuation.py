"""How is the principal branch of one signalling decision followed by arclength?

The path is {(r, s): F(r, s q) = 0} from r = 0 at s = 0 to s = 1; the last coordinate is s times
`scale`, so that both move alike. A step is taken only if the bordered Jacobian keeps the sign of
its determinant, and no two eigenvalues of J have crossed zero at once, else it is shortened;
where the sign changes at every step size the path has met a branch point and goes straight on.

Values are smooth only within a cell of the grid, so the path is followed cell by cell: values are
read as if the cell went on, and where a record leaves it the path is met exactly at the border.
There only one column of the Jacobian changes, hence the record goes on in the direction it came.

z stands for (r, scale s), M (K + 1, K + 1) for the Jacobian bordered by a direction; `problem`,
`q`, `record` and `response` are those of `newton`.

Source: Turocy (2005), Games and Economic Behavior 51, section 3; Allgower & Georg (1990),
Numerical Continuation Methods, for the predictor and the corrector.
"""

import math
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.kernels.newton import (
    ACCEPTED_RESIDUAL,
    CONVERGED,
    FINAL_ITERATIONS,
    PASSED_BRANCH_POINT,
    SOLUTION_RESIDUAL,
    UNRESOLVED,
    evaluate_residuals,
    jacobian_term,
    solve_newton,
)
from ceasefire.equilibrium.kernels.structures import CELL_OF_RECORD
from ceasefire.game.states import Floats

CORRECTOR_TOLERANCE = 1e-7
DIVERGED_RESIDUAL = 1e8
STEP_ITERATIONS, BORDER_ITERATIONS, CHECK_ITERATIONS = 6.0, 12.0, 5.0  # see NEWTON_ITERATIONS
MIN_ARCLENGTH_STEP = 1e-9
SMALL_STEP = 1e-4  # a step so small may turn, and one beyond a branch point begins so
LONGEST_STEP = 0.5
CELL_BORDER_TOLERANCE = 1e-6
NO_BORDER, ANY_CELL_BORDER = -1, -2
BORDER_CROSSED, BORDER_MISSED, PATH_LOST = range(3)
MAX_ARCLENGTH_STEPS = 4000


class PathScratch(NamedTuple):
    """A path on its way, in n = K + 1 coordinates."""

    point: Floats
    trial: Floats  # the point that is tried next
    direction: Floats  # unit tangent at `point`
    tangent: Floats  # unit tangent at `trial`
    plane: Floats  # normal of the plane in which a border is met
    jacobian: Floats  # (n, n) bordered Jacobian
    start: Floats  # where the corrector began
    correction: Floats
    saved_cell: npt.NDArray[np.int64]  # (K,)


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
def fill_bordered_jacobian(problem, q, record, scale, response, z, along, M):
    """Response at z = (r, scale s), and the Jacobian bordered by `along` into M."""
    K = len(z) - 1
    sigma, slope, value = response.choice, response.slope, response.value
    evaluate_residuals(problem, z[K] / scale * q, record, z[:K], response)
    mean = 0.0
    for b in range(K):
        d, v = jacobian_term(sigma, slope, b)
        for a in range(K):
            M[a, b] = v
        M[b, b] += d
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
def correct_onto_path(problem, q, record, scale, response, z, plane, path, max_iterations):
    """Back to the path from z, within the plane through z at right angles to `plane`.

    z in place, path.jacobian bordered there. Whether the path was reached.
    """
    F, M = response.residual, path.jacobian
    n = len(z)
    start, y = path.start, path.correction
    for j in range(n):
        start[j] = z[j]
    for _ in range(int(max_iterations)):
        fill_bordered_jacobian(problem, q, record, scale, response, z, plane, M)
        size, off = 0.0, 0.0
        for a in range(n - 1):
            y[a] = F[a]
            size = max(size, abs(F[a]))
        for j in range(n):
            off += plane[j] * (z[j] - start[j])
        y[n - 1] = off
        if not size < DIVERGED_RESIDUAL:
            return False
        if size <= CORRECTOR_TOLERANCE and abs(off) <= CORRECTOR_TOLERANCE:
            return True
        if solve_linear_system(M, y) == 0.0:
            return False
        for j in range(n):
            z[j] -= y[j]
    return False


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
def follow_principal_branch(problem, q, record, s, r, response):
    """Follow the branch from its point r (K,) at the fraction s of q to s = 1; r in place.

    Returns CONVERGED, PASSED_BRANCH_POINT or UNRESOLVED. A path that is lost is followed again
    from s = 0, at last with shorter steps.
    """
    status = UNRESOLVED
    longest = LONGEST_STEP
    for _ in range(4 if s > 0.0 else 3):
        if s == 0.0:
            r[:] = 0.0
        status = follow_branch_once(problem, q, record, s, r, response, longest)
        response.cell[:] = CELL_OF_RECORD
        if status != UNRESOLVED:
            break
        if s == 0.0:
            longest *= 0.1
        s = 0.0
    return status


@numba.njit(cache=True, error_model="numpy")
def allocate_path_scratch(K):
    """Room for a path in the space of K shifts and the precision."""
    n = K + 1
    return PathScratch(
        np.empty(n), np.empty(n), np.zeros(n), np.empty(n), np.zeros(n), np.empty((n, n)),
        np.empty(n), np.empty(n), np.empty(K, np.int64),
    )  # fmt: skip


@numba.njit(cache=True, error_model="numpy")
def start_on_path(problem, q, record, s, r, response, path):
    """Put the path's point and direction at r (K,), the branch's point at the fraction s of q.

    Returns the scale, the sign of the bordered determinant, how many eigenvalues of J lie left of
    zero, and whether the path starts on a border of cells.
    """
    K, N = problem.values.shape[1], problem.values.shape[2]
    low, step = problem.low, problem.step
    cell, z, along = response.cell, path.point, path.direction
    M, tangent = path.jacobian, path.tangent
    for a in range(K):
        z[a] = r[a]
        cell[a] = min(max(int(np.floor((record + r[a] - low) / step + 1e-9)), -1), N - 1)
    z[K] = s
    along[:] = 0.0
    along[K] = 1.0
    fill_bordered_jacobian(problem, q, record, 1.0, response, z, along, M)
    scale = 1.0
    for a in range(K):
        scale += abs(M[a, K])
    z[K] = s * scale
    fill_bordered_jacobian(problem, q, record, scale, response, z, along, M)
    sign = fill_unit_tangent(M, tangent)
    # a record that starts on a border goes into the cell it moves to
    crossed = NO_BORDER
    for a in range(K):
        node = int(np.rint((record + r[a] - low) / step))
        if 0 <= node < N and abs(low + step * node - record - r[a]) < CELL_BORDER_TOLERANCE:
            cell[a] = node if tangent[a] > 0.0 else node - 1
            crossed = ANY_CELL_BORDER
    fill_bordered_jacobian(problem, q, record, scale, response, z, along, M)
    negative_before = count_negative_eigenvalues(M) if K > 2 else 0
    fill_unit_tangent(M, tangent)
    along[:] = tangent
    return scale, sign, negative_before, crossed


@numba.njit(cache=True, error_model="numpy")
def shorten_to_first_border(problem, record, cell, path, h):
    """A step of at most h that goes no further than a little beyond the first border."""
    low, step, N = problem.low, problem.step, problem.values.shape[2]
    z, along, trial = path.point, path.direction, path.trial
    for j in range(len(z)):
        trial[j] = z[j] + h * along[j]
    for a in range(len(z) - 1):
        over = cell_overshoot(cell, a, record + trial[a], low, step, N)
        if abs(over) > 0.3 * step and along[a] != 0.0:
            h = max(
                min(h, h * (1.0 - (abs(over) - 0.2 * step) / abs(h * along[a]))),
                MIN_ARCLENGTH_STEP,
            )
    return h


@numba.njit(cache=True, error_model="numpy")
def try_step(problem, q, record, scale, response, path, h, sign, negative_before):
    """Predict along the path's direction by h and correct; path.trial and path.tangent are filled.

    Returns whether the step may be taken, the sign of the bordered determinant and the number of
    negative eigenvalues there, and the cosine of the angle between the directions.
    """
    K = len(path.point) - 1
    z, along, trial = path.point, path.direction, path.trial
    M, tangent = path.jacobian, path.tangent
    for j in range(K + 1):
        trial[j] = z[j] + h * along[j]
    fine = correct_onto_path(
        problem, q, record, scale, response, trial, along, path, STEP_ITERATIONS
    )
    new_sign, cosine, drift = 0.0, 0.0, 0.0
    negative_now = negative_before
    if fine:
        if K > 2:
            negative_now = count_negative_eigenvalues(M)
        new_sign = fill_unit_tangent(M, tangent)
        for j in range(K + 1):
            drift = max(drift, abs(trial[j] - z[j] - h * along[j]))
            cosine += tangent[j] * along[j]
        if new_sign == sign and not ((cosine > 0.8 and drift < 0.5 * h) or h < SMALL_STEP):
            fine = False
        # two eigenvalues that cross zero together leave the sign as it was
        if abs(negative_now - negative_before) > 1 and h > 1e-7 * scale:
            fine = False
        # a fold within the step may reach beyond s = 1, where the path would have ended
        if tangent[K] < 0.0 < along[K] and h > MIN_ARCLENGTH_STEP:
            part = (trial[K] - z[K] - h * tangent[K]) / (along[K] - tangent[K])
            fine = fine and z[K] + part * along[K] < scale
    return fine, new_sign, negative_now, cosine


@numba.njit(cache=True, error_model="numpy")
def first_border(problem, record, cell, path):
    """The first record to leave its cell between two points, NO_BORDER if none; and the part."""
    low, step, N = problem.low, problem.step, problem.values.shape[2]
    z, trial = path.point, path.trial
    first, part = NO_BORDER, 1.0
    for a in range(len(z) - 1):
        over = cell_overshoot(cell, a, record + trial[a], low, step, N)
        if over != 0.0:
            f = 1.0 - over / (trial[a] - z[a])
            if f < part:
                first, part = a, f
    return first, part


@numba.njit(cache=True, error_model="numpy")
def cross_cell_border(problem, q, record, scale, response, path, first, part, negative_before):
    """Meet the path where the record of option `first` leaves its cell, and enter the next.

    Returns BORDER_CROSSED, BORDER_MISSED (a shorter step may meet it) or PATH_LOST, the sign of
    the bordered determinant, and the number of negative eigenvalues.
    """
    K, N = problem.values.shape[1], problem.values.shape[2]
    low, step, cell = problem.low, problem.step, response.cell
    z, along, trial = path.point, path.direction, path.trial
    M, tangent, plane = path.jacobian, path.tangent, path.plane
    over = cell_overshoot(cell, first, record + trial[first], low, step, N)
    edge = trial[first] - over
    for j in range(K + 1):
        trial[j] = z[j] + part * (trial[j] - z[j])
        plane[j] = 0.0
    trial[first] = edge
    plane[first] = 1.0
    if not correct_onto_path(
        problem, q, record, scale, response, trial, plane, path, BORDER_ITERATIONS
    ) or other_record_left_cell(cell, first, record, trial, low, step, N):
        return BORDER_MISSED, 0.0, negative_before
    trial[first] = edge
    cell[first] += 1 if over > 0.0 else -1
    fill_bordered_jacobian(problem, q, record, scale, response, trial, along, M)
    if fill_unit_tangent(M, tangent) == 0.0:
        return PATH_LOST, 0.0, negative_before
    if (tangent[first] > 0.0) != (over > 0.0):
        for j in range(K + 1):
            tangent[j] = -tangent[j]
    fill_bordered_jacobian(problem, q, record, scale, response, trial, tangent, M)
    if K > 2:
        negative_before = count_negative_eigenvalues(M)
    take_step(path)
    return BORDER_CROSSED, fill_unit_tangent(M, tangent), negative_before


@numba.njit(cache=True, error_model="numpy")
def take_step(path):
    """Go on from path.trial in the direction of path.tangent."""
    for j in range(len(path.point)):
        path.point[j], path.direction[j] = path.trial[j], path.tangent[j]


@numba.njit(cache=True, error_model="numpy")
def follow_branch_once(problem, q, record, s, r, response, longest):
    """Follow the branch with steps of at most `longest` times the path's scale; its status."""
    K, cell = len(r), response.cell
    path = allocate_path_scratch(K)
    z, trial = path.point, path.trial
    scale, sign, negative_before, crossed = start_on_path(problem, q, record, s, r, response, path)
    h, status = 0.5 * longest * scale, CONVERGED
    for _ in range(MAX_ARCLENGTH_STEPS):
        h = shorten_to_first_border(problem, record, cell, path, h)
        fine, new_sign, negative_now, cosine = try_step(
            problem, q, record, scale, response, path, h, sign, negative_before
        )
        if not fine or new_sign != sign:
            if h > MIN_ARCLENGTH_STEP:
                h *= 0.25
                continue
            if not fine:
                break
            status, sign, negative_before = PASSED_BRANCH_POINT, -sign, negative_now
            take_step(path)
            h = SMALL_STEP
            continue
        first, part = first_border(problem, record, cell, path)
        if trial[K] >= scale and (scale - z[K]) / (trial[K] - z[K]) <= part:
            if finish_at_full_precision(problem, q, record, scale, response, path, r, h):
                return status
            if h < MIN_ARCLENGTH_STEP:
                break
            h *= 0.25
            continue
        if first < 0:
            take_step(path)
            crossed, negative_before = NO_BORDER, negative_now
            if z[K] < -0.01 * scale:
                break
            h = min(h * (3.0 if cosine > 0.97 else 1.5), longest * scale)
            continue
        border = BORDER_MISSED
        # a path that bends back to the border it stands on wants a closer look
        if not ((first == crossed or crossed == ANY_CELL_BORDER) and part < 0.01):
            border, new_sign, negative_before = cross_cell_border(
                problem, q, record, scale, response, path, first, part, negative_before
            )
        if border == PATH_LOST or (border == BORDER_MISSED and h < MIN_ARCLENGTH_STEP):
            break
        if border == BORDER_MISSED:
            h *= 0.25
            continue
        sign, crossed = new_sign, first
        h = min(max(h, 0.05 * problem.step), longest * scale)
    return UNRESOLVED


@numba.njit(cache=True, error_model="numpy")
def other_record_left_cell(cell, first, record, z, low, step, size):
    """Whether another record than the one at its border has left its cell."""
    for a in range(len(z) - 1):
        if a != first and abs(cell_overshoot(cell, a, record + z[a], low, step, size)) > (
            CELL_BORDER_TOLERANCE
        ):
            return True
    return False


@numba.njit(cache=True, error_model="numpy")
def finish_at_full_precision(problem, q, record, scale, response, path, r, h):
    """Stop at s = 1 between two points of the path; whether the branch's own point was met.

    The cells are as they were where it was not met.
    """
    K = len(r)
    z, trial, saved_cell, cell = path.point, path.trial, path.saved_cell, response.cell
    f = (scale - z[K]) / (trial[K] - z[K])
    for a in range(K):
        r[a] = z[a] + f * (trial[a] - z[a])
        saved_cell[a] = cell[a]
    for pass_number in range(2):
        iterations = FINAL_ITERATIONS if pass_number == 0 else CHECK_ITERATIONS
        residual = solve_newton(problem, q, record, r, response, iterations, SOLUTION_RESIDUAL)
        away = 0.0
        for a in range(K):
            away = max(away, abs(r[a] - z[a] - f * (trial[a] - z[a])))
        if not (residual <= ACCEPTED_RESIDUAL and away <= max(0.5 * h, 1e-6)):
            break
        if pass_number == 1:
            return True
        cell[:] = CELL_OF_RECORD
    cell[:] = saved_cell
    return False
