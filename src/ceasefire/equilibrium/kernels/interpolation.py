"""How is a value read between the grid points of a record?"""

import math

import numba


@numba.njit(cache=True, error_model="numpy", inline="always")
def locate_segment(record, low, step, size):
    """Cell k of an axis that holds a record, and the record clamped to the grid.

    low, step, size   lowest record, distance of grid points and their number
    """
    top = low + step * (size - 1)
    if record >= top:
        return size - 2, top
    if not record > low:
        return 0, low
    k = int((record - low) / step)
    if k > size - 2:
        k = size - 2
    return k, record


@numba.njit(cache=True, error_model="numpy", inline="always")
def interpolation_weight(record, k, logit, belief):
    """Weight of grid point k + 1 when read linearly in belief.

    logit, belief (size,)   log odds of the prior, and the belief at each grid point
    """
    b = 1.0 / (1.0 + math.exp(-(logit + record)))
    f = (b - belief[k]) / (belief[k + 1] - belief[k])
    if f < 0.0:
        return 0.0
    if f > 1.0:
        return 1.0
    return f
