"""Play run forwards over one period, beside an automaton (kernel)."""

import math

import numba
import numpy as np

from ceasefire.solve._record import segment, share


@numba.njit(cache=True, error_model="numpy", nogil=True)
def advance(
    kind, mover, first, successor, label, offset, chance, policy, axis_of,
    low, step, size, strides, weight, coordinate, logit,
    on_label, branch_paid, node_paid, M, busy, events,
):  # fmt: skip
    """Move the probability in M (N, Q, L) from where it stands to the period's ends, in place.

    on_label (labels, Q)   next automaton state when a branch's label is read
    branch_paid (B,)       what the viewer pays on a branch; node_paid (N,) at a payment
    busy (N,)              nodes that hold probability; cleared on the way
    events (labels,)       probability of each label, added to in place
    Returns what the viewer is expected to pay.
    """
    N, Q, L = M.shape
    paid = 0.0
    for n in range(N - 1, -1, -1):
        if kind[n] == 0 or not busy[n]:
            continue
        busy[n] = False
        start, stop = first[n], first[n + 1]
        K = stop - start
        axis = axis_of[mover[n]] if kind[n] == 2 else -1
        if kind[n] == 3:
            for q in range(Q):
                for x in range(L):
                    paid += node_paid[n] * M[n, q, x]
        for a in range(K):
            b = start + a
            s, here = successor[b], label[b]
            if kind[n] == 1 and chance[b] == 0.0:
                continue
            busy[s] = True
            for q in range(Q):
                p = on_label[here, q]
                moved = 0.0
                if kind[n] != 2:
                    rate = chance[b] if kind[n] == 1 else 1.0
                    for x in range(L):
                        y = rate * M[n, q, x]
                        M[s, p, x] += y
                        moved += y
                elif axis < 0 or K == 1:
                    at = offset[n] + a * L
                    for x in range(L):
                        y = policy[at + x] * M[n, q, x]
                        M[s, p, x] += y
                        moved += y
                else:
                    moved = shift(
                        M[n, q], M[s, p], policy, offset[n] + a * L, offset[n] + (K + a) * L,
                        low[axis], step[axis], size, strides[axis],
                        weight[axis], coordinate[axis], logit[axis],
                    )  # fmt: skip
                events[here] += moved
                if kind[n] == 2:
                    paid += moved * branch_paid[b]
        for q in range(Q):
            for x in range(L):
                M[n, q, x] = 0.0
    return paid


@numba.njit(cache=True, error_model="numpy")
def shift(
    source, target, policy, at_first, at_second, low, step, size, stride, weight, coordinate, logit
):
    """Move probability along a choice that shows a type; the amount moved."""
    moved = 0.0
    for x in range(len(source)):
        if source[x] == 0.0:
            continue
        k = (x // stride) % size
        s_a, s_b = policy[at_first + x], policy[at_second + x]
        y = source[x] * (weight[k] * s_a + (1.0 - weight[k]) * s_b)
        if y == 0.0:
            continue
        moved += y
        if s_a == s_b:
            target[x] += y
            continue
        record = low + step * k
        if s_b == 0.0:
            record = np.inf
        elif s_a == 0.0:
            record = -np.inf
        else:
            record += math.log(s_a / s_b)
        seg, record = segment(record, low, step, size)
        f = share(record, seg, logit, coordinate)
        base = x - k * stride
        target[base + seg * stride] += (1.0 - f) * y
        target[base + (seg + 1) * stride] += f * y
    return moved
