"""Max-min over one period beside an automaton (kernel)."""

import numba
import numpy as np


@numba.njit(cache=True, error_model="numpy", nogil=True)
def secure_period(kind, mover, first, successor, label, chance, member, on_label, V):
    """Fill V (N, Q) from the period's ends upwards: members maximise, all others minimise."""
    N, Q = V.shape
    for n in range(N):
        if kind[n] == 0:
            continue
        for q in range(Q):
            total, most, least = 0.0, -np.inf, np.inf
            for b in range(first[n], first[n + 1]):
                y = V[successor[b], on_label[label[b], q]]
                if kind[n] == 1:
                    total += chance[b] * y
                else:
                    total = y
                most, least = max(most, y), min(least, y)
            if kind[n] == 2:
                V[n, q] = most if member[mover[n]] else least
            else:
                V[n, q] = total
