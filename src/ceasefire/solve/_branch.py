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

import numba
import numpy as np

from ceasefire.solve._path import border, correct, negative, turn
from ceasefire.solve._signal import (
    ANYWHERE,
    BRANCHED,
    CONVERGED,
    RESIDUAL,
    UNRESOLVED,
    newton,
)

SHORTEST = 1e-9
HAIR = 1e-6
EVERY = -2
STEPS = 4000


@numba.njit(cache=True, error_model="numpy")
def leaves(cell, a, x, low, step, size):
    """By how much a record has left its cell, upwards or downwards (negative), else 0.

    A hair's breadth is none: the record of an option that is nearly sure stands on a border.
    """
    if cell[a] < size - 1 and x > low + step * (cell[a] + 1) + HAIR:
        return x - low - step * (cell[a] + 1)
    if cell[a] >= 0 and x < low + step * cell[a] - HAIR:
        return x - low - step * cell[a]
    return 0.0


@numba.njit(cache=True, error_model="numpy")
def follow(W, log_weight, q, record, s, r, grid, belief, out):
    """Follow the branch from its point r (K,) at s to s = 1; r in place.

    CONVERGED, BRANCHED or UNRESOLVED. A path that is lost is followed again from s = 0, at last
    with shorter steps.
    """
    status = UNRESOLVED
    longest = 0.5
    for _ in range(4 if s > 0.0 else 3):
        if s == 0.0:
            r[:] = 0.0
        status = attempt(W, log_weight, q, record, s, r, grid, belief, out, longest)
        out[4][:] = ANYWHERE
        if status != UNRESOLVED:
            break
        if s == 0.0:
            longest *= 0.1
        s = 0.0
    return status


@numba.njit(cache=True, error_model="numpy")
def attempt(W, log_weight, q, record, s, r, grid, belief, out, longest):
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
    border((W, log_weight, q, record, 1.0, grid, belief, out), z, along, M)
    scale = 1.0
    for a in range(K):
        scale += abs(M[a, K])
    z[K] = s * scale
    game = (W, log_weight, q, record, scale, grid, belief, out)
    border(game, z, along, M)
    sign = turn(M, tangent)
    # a record that starts on a border goes into the cell it moves to
    crossed = -1
    for a in range(K):
        node = int(np.rint((record + r[a] - low) / step))
        if 0 <= node < N and abs(low + step * node - record - r[a]) < HAIR:
            cell[a] = node if tangent[a] > 0.0 else node - 1
            crossed = EVERY
    border(game, z, along, M)
    below = negative(M) if K > 2 else 0
    turn(M, tangent)
    along[:] = tangent
    h, status = 0.5 * longest * scale, CONVERGED
    for _ in range(STEPS):
        for j in range(K + 1):
            trial[j] = z[j] + h * along[j]
        # no further than a little beyond the first border
        for a in range(K):
            over = leaves(cell, a, record + trial[a], low, step, N)
            if abs(over) > 0.3 * step and along[a] != 0.0:
                h = max(min(h, h * (1.0 - (abs(over) - 0.2 * step) / abs(h * along[a]))), SHORTEST)
        for j in range(K + 1):
            trial[j] = z[j] + h * along[j]
        fine = correct(game, trial, along, M, work, 6.0)
        turned, same, drift = 0.0, 0.0, 0.0
        left = below
        if fine:
            if K > 2:
                left = negative(M)
            turned = turn(M, tangent)
            for j in range(K + 1):
                drift = max(drift, abs(trial[j] - z[j] - h * along[j]))
                same += tangent[j] * along[j]
            if turned == sign and not ((same > 0.8 and drift < 0.5 * h) or h < 1e-4):
                fine = False
            # two eigenvalues that cross zero together leave the sign as it was
            if abs(left - below) > 1 and h > 1e-7 * scale:
                fine = False
            # a fold within the step may reach beyond s = 1, where the path would have ended
            if tangent[K] < 0.0 < along[K] and h > SHORTEST:
                part = (trial[K] - z[K] - h * tangent[K]) / (along[K] - tangent[K])
                fine = fine and z[K] + part * along[K] < scale
        if not fine or turned != sign:
            if h > SHORTEST:
                h *= 0.25
                continue
            if not fine:
                break
            status, sign, below = BRANCHED, -sign, left
            for j in range(K + 1):
                z[j], along[j] = trial[j], tangent[j]
            h = 1e-4
            continue
        first, part = -1, 1.0
        for a in range(K):
            over = leaves(cell, a, record + trial[a], low, step, N)
            if over != 0.0:
                f = 1.0 - over / (trial[a] - z[a])
                if f < part:
                    first, part = a, f
        if trial[K] >= scale and (scale - z[K]) / (trial[K] - z[K]) <= part:
            if arrive(game, z, trial, r, h, stays):
                return status
            if h < SHORTEST:
                break
            h *= 0.25
            continue
        if first >= 0 and (first == crossed or crossed == EVERY) and part < 0.01:
            # the path bends back to the border it stands on: look closer
            if h < SHORTEST:
                break
            h *= 0.25
            continue
        if first >= 0:
            over = leaves(cell, first, record + trial[first], low, step, N)
            edge = trial[first] - over
            for j in range(K + 1):
                trial[j] = z[j] + part * (trial[j] - z[j])
                plane[j] = 0.0
            trial[first] = edge
            plane[first] = 1.0
            if not correct(game, trial, plane, M, work, 12.0) or beyond(
                cell, first, record, trial, low, step, N
            ):
                if h < SHORTEST:
                    break
                h *= 0.25
                continue
            trial[first] = edge
            cell[first] += 1 if over > 0.0 else -1
            border(game, trial, along, M)
            turned = turn(M, tangent)
            if turned == 0.0:
                break
            if (tangent[first] > 0.0) != (over > 0.0):
                for j in range(K + 1):
                    tangent[j] = -tangent[j]
            border(game, trial, tangent, M)
            if K > 2:
                below = negative(M)
            for j in range(K + 1):
                z[j], along[j] = trial[j], tangent[j]
            sign, crossed = turn(M, tangent), first
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
def beyond(cell, first, record, z, low, step, size):
    """Whether another record than the one at its border has left its cell."""
    for a in range(len(z) - 1):
        if a != first and abs(leaves(cell, a, record + z[a], low, step, size)) > 1e-6:
            return True
    return False


@numba.njit(cache=True, error_model="numpy")
def arrive(game, z, trial, r, h, stays):
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
        left = newton(W, log_weight, q, record, r, grid, belief, out, most, RESIDUAL)
        away = 0.0
        for a in range(K):
            away = max(away, abs(r[a] - z[a] - f * (trial[a] - z[a])))
        if not (left <= RESIDUAL * 100 and away <= max(0.5 * h, 1e-6)):
            break
        if again == 1:
            return True
        cell[:] = ANYWHERE
    cell[:] = stays
    return False
