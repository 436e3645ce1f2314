"""What a measure of plays is worth, carried backwards over one period (kernel)."""

import math

import numba
import numpy as np

from ceasefire.solve._record import segment, share


@numba.njit(cache=True, error_model="numpy", nogil=True)
def retreat(
    kind, mover, first, successor, label, offset, chance, policy, axis_of,
    low, step, size, strides, weight, coordinate, logit, on_label, G,
):  # fmt: skip
    """From worths G (N, Q, L) at the period's ends to those at every node, in place.

    The transpose of `advance`: each node is worth what its branches lead to, by their chances.
    """
    N, Q, L = G.shape
    seg, near = np.zeros(L, np.int64), np.zeros(L)
    rate = np.zeros(L)
    for n in range(N):
        if kind[n] == 0:
            continue
        for q in range(Q):
            for x in range(L):
                G[n, q, x] = 0.0
        start = first[n]
        K = first[n + 1] - start
        axis = axis_of[mover[n]] if kind[n] == 2 else -1
        for a in range(K):
            b = start + a
            s, here = successor[b], label[b]
            if kind[n] == 1 and chance[b] == 0.0:
                continue
            if kind[n] != 2:
                y = chance[b] if kind[n] == 1 else 1.0
                for q in range(Q):
                    p = on_label[here, q]
                    for x in range(L):
                        G[n, q, x] += y * G[s, p, x]
            elif axis < 0 or K == 1:
                at = offset[n] + a * L
                for q in range(Q):
                    p = on_label[here, q]
                    for x in range(L):
                        G[n, q, x] += policy[at + x] * G[s, p, x]
            else:
                stride = strides[axis]
                at_first, at_second = offset[n] + a * L, offset[n] + (K + a) * L
                for x in range(L):
                    k = (x // stride) % size
                    s_a, s_b = policy[at_first + x], policy[at_second + x]
                    rate[x] = weight[axis, k] * s_a + (1.0 - weight[axis, k]) * s_b
                    seg[x], near[x] = x, 0.0
                    if rate[x] == 0.0 or s_a == s_b:
                        continue
                    record = low[axis] + step[axis] * k
                    if s_b == 0.0:
                        record = np.inf
                    elif s_a == 0.0:
                        record = -np.inf
                    else:
                        record += math.log(s_a / s_b)
                    to, record = segment(record, low[axis], step[axis], size)
                    near[x] = share(record, to, logit[axis], coordinate[axis])
                    seg[x] = x + (to - k) * stride
                for q in range(Q):
                    p = on_label[here, q]
                    for x in range(L):
                        f = near[x]
                        value = G[s, p, seg[x]]
                        if f > 0.0:
                            value += f * (G[s, p, seg[x] + stride] - value)
                        G[n, q, x] += rate[x] * value
