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

    Of three by the sign changes in Routh's column of det(x + J) = x^3 + a x^2 + b x + c.
    """
    if len(M) == 4:
        a = M[0, 0] + M[1, 1] + M[2, 2]
        c = 0.0
        b = 0.0
        for i in range(3):
            j, k = (i + 1) % 3, (i + 2) % 3
            minor = M[j, j] * M[k, k] - M[j, k] * M[k, j]
            b += minor
            c += M[0, i] * (M[1, j] * M[2, k] - M[1, k] * M[2, j])
        if a == 0.0:
            a = 1e-30
        middle = (a * b - c) / a
        return int(a < 0.0) + int((a < 0.0) != (middle < 0.0)) + int((middle < 0.0) != (c < 0.0))
    values = np.linalg.eigvals(M[:-1, :-1].astype(np.complex128))
    count = 0
    for value in values:
        if value.real < 0.0:
            count += 1
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
