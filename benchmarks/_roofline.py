"""What this machine can do at most (kernels)."""

import numba

from ceasefire.equilibrium.kernels.vector_math import vectorisable_exp


@numba.njit(cache=True, fastmath={"contract"})
def triad(a, b, c, s):
    """Two numbers read and one written for every element."""
    for x in range(len(a)):
        a[x] = b[x] + s * c[x]


@numba.njit(cache=True, fastmath={"contract"})
def exponentials(a, b, times):
    """b = exp(a), so many times, as the solver's own exponential does it."""
    for _ in range(times):
        for x in range(len(a)):
            b[x] = vectorisable_exp(a[x])


@numba.njit(cache=True, fastmath={"contract"})
def additions(a, s, times):
    """Sixteen multiplications with addition for every element, so many times."""
    for _ in range(times):
        for x in range(len(a)):
            y = a[x]
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            y = y * s + 0.5
            a[x] = y * s + 0.5
