"""Points and tangents of the path that a branch is followed on (kernels).

`game` stands for (W, log_weight, q, record, scale, grid, belief, out), the last as in `respond`;
z = (r, scale s) is a point in records and in the part s of the precision.
"""

import math

import numba
import numpy as np

from ceasefire.solve._signal import respond

ON_PATH = 1e-7


@numba.njit(cache=True, error_model="numpy")
def eliminate(M, y):
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
def border(game, z, along, M):
    """Residuals at z = (r, scale s) into `out`, the Jacobian bordered by `along` into M."""
    W, log_weight, q, record, scale, grid, belief, out = game
    K = W.shape[1]
    sigma, slope, value = out[1], out[2], out[3]
    respond(W, log_weight, z[K] / scale * q, record, z[:K], grid, belief, out)
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
def negative(M):
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
def turn(M, tangent):
    """Unit tangent from a bordered Jacobian, which is used up; the sign of its determinant."""
    n = len(tangent)
    for j in range(n - 1):
        tangent[j] = 0.0
    tangent[n - 1] = 1.0
    sign = eliminate(M, tangent)
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
def correct(game, z, plane, M, work, most):
    """Back to the path from z, within the plane through z at right angles to `plane`.

    z in place, M bordered there. Whether the path was reached.
    """
    F = game[7][0]
    n = len(z)
    start, y = work
    for j in range(n):
        start[j] = z[j]
    for _ in range(int(most)):
        border(game, z, plane, M)
        size, off = 0.0, 0.0
        for a in range(n - 1):
            y[a] = F[a]
            size = max(size, abs(F[a]))
        for j in range(n):
            off += plane[j] * (z[j] - start[j])
        y[n - 1] = off
        if not size < 1e8:
            return False
        if size <= ON_PATH and abs(off) <= ON_PATH:
            return True
        if eliminate(M, y) == 0.0:
            return False
        for j in range(n):
            z[j] -= y[j]
    return False
