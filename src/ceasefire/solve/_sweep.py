"""Backward induction over one period (kernel)."""

import math

import numba
import numpy as np

from ceasefire.solve._branch import follow
from ceasefire.solve._enclose import enclose, narrow
from ceasefire.solve._record import segment, share
from ceasefire.solve._signal import (
    ANYWHERE,
    CONVERGED,
    RESIDUAL,
    UNRESOLVED,
    ascend,
    newton,
    respond,
)


@numba.njit(cache=True, error_model="numpy")
def mark(first, successor, step, state, entry, live, skips):
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
def sweep(
    kind, mover, first, successor, live, offset,
    chance, cost, log_weight, payment, precision,
    reader_party, reader_type, reader_of, axis_of,
    low, step, size, strides, logit, belief, reader_kind, observer_kind,
    V, policy, tally,
):  # fmt: skip
    """Values and choices of every live node of a period, from those of its end.

    V (N, R, L)      values before each node, the period's ends filled in; modified in place
    policy (Z,)      choices, node n's from offset[n] as (type, option, lane); modified in place
    tally (4,)       largest residual, unresolved, branch points, decisions; added to in place
    """
    N, R, L = V.shape
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
                choose(
                    n, start, K, i, axis >= 0, successor, cost, log_weight, precision[i],
                    reader_party, reader_type, reader_of, V, policy, offset[n],
                )  # fmt: skip
                if axis < 0 and K > 1:
                    tally[3] += L
            else:
                signal(
                    n, start, K, i, successor, cost, log_weight, precision[i],
                    reader_party, reader_type, reader_of,
                    low[axis], step[axis], size, strides[axis], logit[axis], belief[axis],
                    reader_kind[:, axis], observer_kind[:, axis],
                    V, policy, offset[n], tally,
                )  # fmt: skip
                tally[3] += L


@numba.njit(cache=True, error_model="numpy")
def choose(
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
            y = math.exp(policy[at + a * L + x] - top[x])
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


@numba.njit(cache=True, error_model="numpy")
def signal(
    n, start, K, i, successor, cost, log_weight, q,
    reader_party, reader_type, reader_of,
    low, step, size, stride, logit, belief, reader_kind, observer_kind,
    V, policy, at, tally,
):  # fmt: skip
    """A choice of a party with types, line by line along its own record."""
    _, R, L = V.shape
    own = reader_of[i]
    W = np.empty((2, K, size))
    same = np.empty(K, np.int64)
    weight, r = np.empty(K), np.empty(K)
    sigma = np.empty((2, K))
    grid = (low, step, logit[0])
    M = len(logit)
    f = np.empty(M)
    for base in range(L):
        if (base // stride) % size != 0:
            continue
        spread = 0.0
        for a in range(K):
            s = successor[start + a]
            for t in range(2):
                for k in range(size):
                    W[t, a, k] = V[s, own + t, base + k * stride] - cost[start + a, t]
                    spread = max(spread, abs(W[t, a, k] - W[t, a, 0]))
        flat = q * spread < 1e-13
        J = join(W, log_weight, start, q, same, weight)
        out = (
            np.empty(J), np.empty((2, J)), np.empty((2, J)), np.empty((2, J)), np.full(J, ANYWHERE)
        )  # fmt: skip
        room = (np.empty((2, J)), np.empty((2, J)), np.empty((J, 6)), np.empty((2, J)))
        U, joint = W[:, :J], np.zeros(J)
        room[0][0], room[0][1] = -np.inf, np.inf
        narrow(U, weight[:J], q, 0.0, grid, belief[0], room[0], room[2], room[3])
        for k in range(size):
            record = low + step * k
            if flat:
                joint[:] = 0.0
                respond(U, weight[:J], q, record, joint, grid, belief[0], out)
                for a in range(J):
                    joint[a] -= out[0][a]
            else:
                settle(U, weight[:J], q, record, joint, grid, belief[0], out, room, tally)
            lane = base + k * stride
            for a in range(K):
                j = same[a]
                part = math.exp(log_weight[start + a] - weight[j])
                r[a] = joint[j]
                sigma[0, a], sigma[1, a] = part * out[1][0, j], part * out[1][1, j]
            for t in range(2):
                for a in range(K):
                    policy[at + (t * K + a) * L + lane] = sigma[t, a]
            for j in range(R):
                V[n, j, lane] = 0.0
            for a in range(K):
                s = successor[start + a]
                seg, y = segment(record + r[a], low, step, size)
                for m in range(M):
                    f[m] = share(y, seg, logit[m], belief[m])
                here, there = base + seg * stride, base + (seg + 1) * stride
                for j in range(R):
                    p = reader_party[j]
                    g = f[reader_kind[j]]
                    read = (1.0 - g) * V[s, j, here] + g * V[s, j, there]
                    if p == i:
                        t = reader_type[j]
                        V[n, j, lane] += sigma[t, a] * (read - cost[start + a, t])
                    else:
                        b = belief[observer_kind[p], k]
                        V[n, j, lane] += (b * sigma[0, a] + (1.0 - b) * sigma[1, a]) * read


@numba.njit(cache=True, error_model="numpy")
def join(W, log_weight, start, q, same, weight):
    """Put options of equal value to both types together, so that equals are treated equally.

    W (2, K, N) keeps one of each in front, same (K,) says which, weight its log weight; all are
    modified in place. The number of different options.
    """
    K, N = W.shape[1], W.shape[2]
    J = 0
    for a in range(K):
        found = -1
        for j in range(J):
            gap = 0.0
            for t in range(2):
                for k in range(N):
                    gap = max(gap, abs(W[t, a, k] - W[t, j, k]))
            if q * gap < 1e-10:
                found = j
                break
        if found < 0:
            for t in range(2):
                for k in range(N):
                    W[t, J, k] = W[t, a, k]
            weight[J] = log_weight[start + a]
            found = J
            J += 1
        else:
            x, y = weight[found], log_weight[start + a]
            weight[found] = max(x, y) + math.log1p(math.exp(-abs(x - y)))
        same[a] = found
    return J


@numba.njit(cache=True, error_model="numpy")
def settle(W, weight, q, record, r, grid, belief, out, room, tally):
    """The fixed point at one record: Newton where it is the only one, else along the branch."""
    K = len(r)
    everywhere, box, bounds, most = room
    box[:] = everywhere
    if enclose(W, weight, q, record, grid, belief, box, bounds, most):
        for a in range(K):
            r[a] = 0.5 * (box[0, a] + box[1, a])
        left = newton(W, weight, q, record, r, grid, belief, out, 40)
        if left <= RESIDUAL * 100:
            tally[0] = max(tally[0], left)
            return
    if ascend(W, weight, q, record, r, grid, belief, out):
        tally[5] += 1
        return
    tally[4] += 1
    status = follow(W, weight, q, record, r, grid, belief, out)
    left = newton(W, weight, q, record, r, grid, belief, out, 1)
    tally[0] = max(tally[0], left)
    if status == UNRESOLVED:
        tally[1] += 1
    elif status != CONVERGED:
        tally[2] += 1
