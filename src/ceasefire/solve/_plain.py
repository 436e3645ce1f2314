"""Backward induction over one period where nobody has types (kernel).

What `_sweep` does at one record, without its loops over records.
"""

import numba
import numpy as np

from ceasefire.solve._elementary import exponential


@numba.njit(cache=True, error_model="numpy", nogil=True)
def plain(
    kind, mover, first, successor, live, offset,
    chance, cost, log_weight, payment, precision, V, policy, tally,
):  # fmt: skip
    """Values and choices of every live node of a period, from those of its end.

    V (N, R)      values of each party before each node, the period's ends filled in; in place
    policy (Z,)   choices, node n's from offset[n]; modified in place
    tally (5,)    its fourth, the number of decisions, is added to
    """
    N, R = V.shape
    for n in range(N):
        if kind[n] == 0 or not live[n]:
            continue
        start, stop = first[n], first[n + 1]
        if kind[n] == 1:
            for r in range(R):
                V[n, r] = 0.0
            for b in range(start, stop):
                p, s = chance[b], successor[b]
                if p == 0.0:
                    continue
                for r in range(R):
                    V[n, r] += p * V[s, r]
        elif kind[n] == 3:
            s = successor[start]
            for r in range(R):
                V[n, r] = V[s, r] - payment[n, r]
        else:
            i, at = mover[n], offset[n]
            if stop - start == 1:
                policy[at] = 1.0
                for r in range(R):
                    V[n, r] = V[successor[start], r]
                V[n, i] -= cost[start, 0]
                continue
            top, total = -np.inf, 0.0
            for b in range(start, stop):
                y = log_weight[b] + precision[i] * (V[successor[b], i] - cost[b, 0])
                policy[at + b - start] = y
                top = max(top, y)
            for k in range(at, at + stop - start):
                policy[k] = exponential(policy[k] - top)
                total += policy[k]
            for r in range(R):
                V[n, r] = 0.0
            total = 1.0 / total
            for b in range(start, stop):
                p, s = policy[at + b - start] * total, successor[b]
                policy[at + b - start] = p
                V[n, i] -= p * cost[b, 0]
                for r in range(R):
                    V[n, r] += p * V[s, r]
            tally[3] += 1
