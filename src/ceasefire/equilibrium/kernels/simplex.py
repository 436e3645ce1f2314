"""Where in a triangulated simplex of beliefs does a belief lie, and how is a value read there?

A belief c over K types has the coordinates y_i = n (c_i + … + c_(K-1)), i from 1 to K - 1, where n
is the number of parts of an edge: n >= y_1 >= … >= y_(K-1) >= 0. Grid points are where all are
whole. The cell of y is that of Freudenthal's triangulation: from the point below, one coordinate
after another is raised by 1, that with the largest fraction first.

Beliefs are those of a reference prior under which a record of 0 is a grid point. A reader with
another prior gives the corners of the cell other weights: for q_k the ratio of its prior to that
one, corner d weighs in proportion to its weight there times the density sum_k q_k c_k(d). Lines
stay lines, so that what is linear in the reader's own belief is read without error.

Source: Freudenthal (1942), Annals of Mathematics 43; Eaves (1984), A course in triangulations for
solving equations with deformations, for the numbering of points.
"""

import math

import numba
import numpy as np

MOST_TYPES = 4
LEAST_LOG_BELIEF = -700.0


@numba.njit(cache=True, error_model="numpy")
def point_number(y):
    """The number of the grid point with whole coordinates y, n >= y_1 >= … >= y_d >= 0.

    >>> point_number(np.array([2, 1]))
    4
    """
    d, number = len(y), 0
    for i in range(d):
        number += ways_to_choose(y[i] + d - 1 - i, d - i)
    return number


@numba.njit(cache=True, error_model="numpy")
def ways_to_choose(n, k):
    """The number of ways to choose k of n things.

    >>> ways_to_choose(4, 2)
    6
    """
    found = 1
    for i in range(k):
        found = found * (n - i) // (i + 1)
    return found


@numba.njit(cache=True, error_model="numpy")
def locate_in_simplex(c, n, point, weight, raised):
    """The corners of the cell that holds a belief c (K,), and their weights.

    n            parts of an edge
    point (K,)   filled with the numbers of the corners
    weight (K,)  filled with their weights, which sum to 1
    raised (K,)  filled, from place 1 on, with the coordinate i >= 1 that is raised from the corner
                 before
    """
    K = len(c)
    base, part = np.empty(K - 1, np.int64), np.empty(K - 1)
    above = 0.0
    for i in range(K - 1, 0, -1):
        above += c[i]
        y = min(max(n * above, 0.0), float(n))
        near = 1.0 * math.floor(y + 0.5)
        if abs(y - near) < 1e-12 * n:
            y = near
        whole = min(int(y), n - 1)
        base[i - 1], part[i - 1] = whole, y - whole
    for m in range(1, K):
        raised[m] = m
    for m in range(2, K):  # by insertion, so that equal fractions keep their order
        moved = raised[m]
        k = m
        while k > 1 and part[raised[k - 1] - 1] < part[moved - 1]:
            raised[k] = raised[k - 1]
            k -= 1
        raised[k] = moved
    left = 1.0
    for m in range(K):
        if m > 0:
            base[raised[m] - 1] += 1
        point[m] = point_number(base)
        following = part[raised[m + 1] - 1] if m + 1 < K else 0.0
        weight[m] = left - following
        left = following


@numba.njit(cache=True, error_model="numpy")
def belief_after(c, sigma, a, x, after):
    """The belief, into after (K,), once option a was chosen where types choose sigma (K, A, L).

    c (K,)   the belief before; the probability of the option as believed is returned, 0 if no
             type that is thought possible chooses it: then nothing changes
    """
    total = 0.0
    for k in range(len(c)):
        after[k] = c[k] * sigma[k, a, x]
        total += after[k]
    for k in range(len(c)):
        after[k] = after[k] / total if total > 0.0 else c[k]
    return total


@numba.njit(cache=True, error_model="numpy")
def weigh_for_reader(weight, point, density, read):
    """Weights of a cell's corners to a reader, into read (K,).

    weight, point (K,)   of `locate_in_simplex`
    density (M,)         the reader's density at each grid point
    """
    total = 0.0
    for m in range(len(point)):
        read[m] = weight[m] * density[point[m]]
        total += read[m]
    for m in range(len(point)):
        read[m] /= total
