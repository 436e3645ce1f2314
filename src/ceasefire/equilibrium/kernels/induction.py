"""Backward induction over one period (kernel)."""

import numba
import numpy as np

from ceasefire.equilibrium.kernels.newton_batched import (
    allocate_decision_scratch,
    fill_signalling_values,
)
from ceasefire.equilibrium.kernels.signalling import solve_signalling_decision
from ceasefire.equilibrium.kernels.vector_math import vectorisable_exp


@numba.njit(cache=True, error_model="numpy", nogil=True)
def solve_period_untyped(
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
                policy[k] = vectorisable_exp(policy[k] - top)
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


@numba.njit(cache=True, error_model="numpy")
def mark_reachable_nodes(first, successor, step, state, entry, live, skips):
    """Which nodes can be met, from those already marked in `live`, which is modified in place."""
    for n in range(len(live) - 1, -1, -1):
        if not live[n]:
            continue
        for b in range(first[n], first[n + 1]):
            live[successor[b]] = True
        if skips and step[n] >= 0:
            slot = entry[step[n] + 1, state[n]]
            if slot >= 0:
                live[slot] = True


@numba.njit(cache=True, error_model="numpy", nogil=True)
def solve_period(
    kind, mover, first, successor, live, offset,
    chance, cost, log_weight, payment, precision,
    reader_party, reader_type, reader_of, axis_of,
    low, step, size, strides, logit, belief, reader_kind, observer_kind,
    V, policy, moved, tally,
):  # fmt: skip
    """Values and choices of every live node of a period, from those of its end.

    V (N, R, L)      values before each node, the period's ends filled in; modified in place
    policy (Z,)      choices, node n's from offset[n] as (type, option, lane); modified in place
    moved (Z,)       by how much choices moved records, the guess to start from; modified in place
    tally (5,)       largest residual, unresolved, branch points, decisions, followed; added to
    """
    N, R, L = V.shape
    H, M, most = len(low), logit.shape[1] if len(low) else 0, 1
    for n in range(N):
        if kind[n] == 2 and axis_of[mover[n]] >= 0:
            most = max(most, first[n + 1] - first[n])
    room = allocate_decision_scratch(most, M, L)
    record, node = np.empty((H, L)), np.empty((H, L), np.int64)
    base = np.empty((H, L), np.int64)
    inverse = 1.0 / (belief[:, :, 1:] - belief[:, :, :-1])
    for h in range(H):
        for x in range(L):
            node[h, x] = (x // strides[h]) % size
            base[h, x] = x - node[h, x] * strides[h]
            record[h, x] = low[h] + step[h] * node[h, x]
    for n in range(N):
        if kind[n] == 0 or not live[n]:
            continue
        start, stop = first[n], first[n + 1]
        if kind[n] == 1:
            for r in range(R):
                for x in range(L):
                    V[n, r, x] = 0.0
            for b in range(start, stop):
                p = chance[b]
                if p == 0.0:
                    continue
                for r in range(R):
                    for x in range(L):
                        V[n, r, x] += p * V[successor[b], r, x]
        elif kind[n] == 3:
            for r in range(R):
                for x in range(L):
                    V[n, r, x] = V[successor[start], r, x] - payment[n, r]
        else:
            i = mover[n]
            K = stop - start
            axis = axis_of[i]
            if axis < 0 or K == 1:
                solve_unrevealing_decision(
                    n, start, K, i, axis >= 0, successor, cost, log_weight, precision[i],
                    reader_party, reader_type, reader_of, V, policy, offset[n],
                )  # fmt: skip
                if axis < 0 and K > 1:
                    tally[3] += L
            else:
                r = moved[offset[n] : offset[n] + K * L].reshape(K, L)
                sigma = policy[offset[n] : offset[n] + 2 * K * L].reshape(2, K, L)
                line = (record[axis], base[axis], node[axis], strides[axis])
                grid = (low[axis], step[axis], logit[axis, 0])
                solve_signalling_decision(
                    successor[start:stop], cost[start:stop], log_weight[start:stop], precision[i],
                    reader_of[i], line, grid, belief[axis, 0], inverse[axis, 0],
                    V, r, sigma, room, tally,
                )  # fmt: skip
                fill_signalling_values(
                    n, i, successor[start:stop], cost[start:stop], line, grid,
                    logit[axis], belief[axis], inverse[axis], r, sigma,
                    reader_party, reader_type, reader_kind[:, axis], observer_kind[:, axis],
                    V, room,
                )  # fmt: skip
                tally[3] += L


@numba.njit(cache=True, error_model="numpy")
def solve_unrevealing_decision(
    n, start, K, i, typed, successor, cost, log_weight, q,
    reader_party, reader_type, reader_of, V, policy, at,
):  # fmt: skip
    """A decision that moves no record: logit choice at every lane."""
    _, R, L = V.shape
    own = reader_of[i]
    if K == 1:
        for t in range(2 if typed else 1):
            for x in range(L):
                policy[at + t * L + x] = 1.0
        for r in range(R):
            paid = cost[start, reader_type[r]] if reader_party[r] == i else 0.0
            for x in range(L):
                V[n, r, x] = V[successor[start], r, x] - paid
        return
    top = np.full(L, -np.inf)
    total = np.zeros(L)
    for a in range(K):
        for x in range(L):
            y = log_weight[start + a] + q * (V[successor[start + a], own, x] - cost[start + a, 0])
            policy[at + a * L + x] = y
            top[x] = max(top[x], y)
    for a in range(K):
        for x in range(L):
            y = vectorisable_exp(policy[at + a * L + x] - top[x])
            policy[at + a * L + x] = y
            total[x] += y
    for r in range(R):
        for x in range(L):
            V[n, r, x] = 0.0
    for x in range(L):
        total[x] = 1.0 / total[x]
    for a in range(K):
        s = successor[start + a]
        for x in range(L):
            policy[at + a * L + x] *= total[x]
            V[n, own, x] -= policy[at + a * L + x] * cost[start + a, 0]
        for r in range(R):
            for x in range(L):
                V[n, r, x] += policy[at + a * L + x] * V[s, r, x]
