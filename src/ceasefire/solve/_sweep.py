"""Backward induction over one period (kernel)."""

import math

import numba
import numpy as np

from ceasefire.solve._branch import follow
from ceasefire.solve._elementary import exponential
from ceasefire.solve._enclose import alone, certain, enclose, narrow, sharpest
from ceasefire.solve._lanes import mix, scratch, steepest, together
from ceasefire.solve._signal import (
    ANYWHERE,
    CONVERGED,
    RESIDUAL,
    UNRESOLVED,
    ascend,
    newton,
)

GENTLE = 0.24  # det J > 0 wherever every slope is less


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
    room = scratch(most, M, L)
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
                choose(
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
                signal(
                    successor[start:stop], cost[start:stop], log_weight[start:stop], precision[i],
                    reader_of[i], line, grid, belief[axis, 0], inverse[axis, 0],
                    V, r, sigma, room, tally,
                )  # fmt: skip
                mix(
                    n, i, successor[start:stop], cost[start:stop], line, grid,
                    logit[axis], belief[axis], inverse[axis], r, sigma,
                    reader_party, reader_type, reader_kind[:, axis], observer_kind[:, axis],
                    V, room,
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
            y = exponential(policy[at + a * L + x] - top[x])
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
    successor, cost, log_weight, q, own, line, grid, belief, inverse, V, r, sigma, room, tally
):  # fmt: skip
    """Choices sigma (2, K, L) of a party with types, and how they move its record, r (K, L).

    Records at which the fixed point is the only one are solved together, the others one by one.
    """
    K, L = r.shape
    base, stride, N = line[1], line[3], len(belief)
    worst, only = room[4][0], room[4][1]
    steep = worst
    steep[:] = 0.0
    factor = np.zeros(N)
    for k in range(N - 1):
        factor[k] = q * sharpest(belief, k) * inverse[k]
    for a in range(K):
        for t in range(2):
            steepest(V[successor[a], own + t], line[2], stride, factor, steep)
    W = np.empty((2, K, N))
    some = False
    for x in range(L):
        if base[x] != x:
            continue
        most = 0.0
        for k in range(N):
            most = max(most, steep[x + k * stride])
        sure = most < GENTLE
        if not sure:
            gather(W, V, successor, cost, own, x, stride)
            sure = alone(W, log_weight, q, grid, belief)
        for k in range(N):
            only[x + k * stride] = 1.0 if sure else 0.0
        if not sure:
            sure = single_out(W, log_weight, q, grid, belief, x, stride, only)
        some = some or sure
    if some:
        together(
            V, own, successor, cost, log_weight, q, line, grid, belief, inverse, r, sigma, room
        )
    for x in range(L):
        if base[x] != x:
            continue
        done = True
        for k in range(N):
            lane = x + k * stride
            done = done and only[lane] > 0.0 and worst[lane] <= RESIDUAL
        if done:
            for k in range(N):
                tally[0] = max(tally[0], worst[x + k * stride])
            continue
        gather(W, V, successor, cost, own, x, stride)
        along(W, log_weight, q, grid, belief, x, stride, worst, only, r, sigma, tally)


@numba.njit(cache=True, error_model="numpy")
def gather(W, V, successor, cost, own, base, stride):
    """What each option is worth to both types along one line: W (2, K, N), in place."""
    _, K, N = W.shape
    for a in range(K):
        for t in range(2):
            for k in range(N):
                W[t, a, k] = V[successor[a], own + t, base + k * stride] - cost[a, t]


@numba.njit(cache=True, error_model="numpy")
def rooms(K):
    """Room for one record: out of `respond`; the widest box, a box, its bounds, and choices."""
    out = (
        np.empty(K), np.empty((2, K)), np.empty((2, K)), np.empty((2, K)), np.full(K, ANYWHERE)
    )  # fmt: skip
    return out, (np.empty((2, K)), np.empty((2, K)), np.empty((K, 6)), np.empty((2, K)))


@numba.njit(cache=True, error_model="numpy")
def widest(W, weight, q, grid, belief, room):
    """The box that holds every fixed point at every record, into room[0]."""
    room[0][0], room[0][1] = -np.inf, np.inf
    narrow(W, weight, q, 0.0, grid, belief, room[0], room[2], room[3])


@numba.njit(cache=True, error_model="numpy")
def single_out(W, log_weight, q, grid, belief, base, stride, only):
    """Mark in `only` (L,) the records of a line with one fixed point; whether there are any.

    Not where options are equal: there the choice that treats them equally is the one wanted.
    """
    _, K, N = W.shape
    low, step, _ = grid
    same, weight = np.empty(K, np.int64), np.empty(K)
    if join(W, log_weight, q, same, weight) < K:
        return False
    _, room = rooms(K)
    everywhere, box, bounds, most = room
    widest(W, log_weight, q, grid, belief, room)
    some = False
    for k in range(N):
        box[:] = everywhere
        if enclose(W, log_weight, q, low + step * k, grid, belief, box, bounds, most):
            only[base + k * stride] = 1.0
            some = True
    return some


@numba.njit(cache=True, error_model="numpy")
def along(W, log_weight, q, grid, belief, base, stride, worst, only, r, sigma, tally):
    """Choices along one line, record by record; W (2, K, N) is used up.

    What has been solved already is left as it is: worst (L,) is the residual where `only` says
    that there is but one fixed point.
    """
    _, K, N = W.shape
    low, step, _ = grid
    out, _ = rooms(K)
    here = np.empty(K)
    left = 0
    for k in range(N):
        lane = base + k * stride
        if only[lane] > 0.0 and worst[lane] > RESIDUAL:
            here[:] = r[:, lane]
            worst[lane] = newton(
                W, log_weight, q, low + step * k, here, grid, belief, out, 40.0, RESIDUAL
            )
            r[:, lane] = here
            sigma[:, :, lane] = out[1]
        if only[lane] > 0.0 and worst[lane] <= RESIDUAL * 100:
            tally[0] = max(tally[0], worst[lane])
        else:
            only[lane] = 0.0
            left += 1
    if left == 0:
        return
    same, weight = np.empty(K, np.int64), np.empty(K)
    J = join(W, log_weight, q, same, weight)
    U, joint, merged = W[:, :J].copy(), np.zeros(J), weight[:J].copy()
    out, room = rooms(J)
    widest(U, merged, q, grid, belief, room)
    part = certain(U, merged, q, grid, belief)
    for k in range(N):
        lane = base + k * stride
        if only[lane] > 0.0:
            continue
        settle(U, merged, q, low + step * k, part, joint, grid, belief, out, room, tally)
        for a in range(K):
            j = same[a]
            f = math.exp(log_weight[a] - merged[j])
            r[a, lane] = joint[j]
            sigma[0, a, lane], sigma[1, a, lane] = f * out[1][0, j], f * out[1][1, j]


@numba.njit(cache=True, error_model="numpy")
def join(W, log_weight, q, same, weight):
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
            weight[J] = log_weight[a]
            found = J
            J += 1
        else:
            x, y = weight[found], log_weight[a]
            weight[found] = max(x, y) + math.log1p(math.exp(-abs(x - y)))
        same[a] = found
    return J


@numba.njit(cache=True, error_model="numpy")
def settle(W, weight, q, record, part, r, grid, belief, out, room, tally):
    """The fixed point at one record: Newton where it is the only one, else along the branch.

    part  of q at which there is one fixed point only, whatever the record
    """
    K = len(r)
    everywhere, box, bounds, most = room
    box[:] = everywhere
    if enclose(W, weight, q, record, grid, belief, box, bounds, most):
        for a in range(K):
            r[a] = 0.5 * (box[0, a] + box[1, a])
        left = newton(W, weight, q, record, r, grid, belief, out, 40.0, RESIDUAL)
        if left <= RESIDUAL * 100:
            tally[0] = max(tally[0], left)
            return
    reached = ascend(W, weight, q, record, part, r, grid, belief, out)
    if reached == 1.0:
        return
    tally[4] += 1
    status = follow(W, weight, q, record, reached, r, grid, belief, out)
    left = newton(W, weight, q, record, r, grid, belief, out, 1.0, RESIDUAL)
    tally[0] = max(tally[0], left)
    if status == UNRESOLVED:
        tally[1] += 1
    elif status != CONVERGED:
        tally[2] += 1
