"""Play run forwards over one period, beside an automaton (kernel).

What a choice shows is the same in every state of the automaton: how likely it is and where it
takes each record is worked out once, then applied to each of them.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.interpolation import interpolation_weight, locate_segment
from ceasefire.equilibrium.kernels.vector_math import (
    ROUND_TO_INTEGER,
    vectorisable_exp,
    vectorisable_log,
)

MAX_ODDS, MIN_PROBABILITY = (
    1e300,
    1e-307,
)  # odds beyond every grid, and a probability that counts as none


@numba.njit(cache=True, error_model="numpy", nogil=True)
def advance_grid_measure(
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
    H = len(low)
    paid = 0.0
    held = np.empty(Q, np.int64)
    rate, share, mass, to = np.empty(L), np.empty(L), np.empty(L), np.empty(L, np.int64)
    node, base = np.empty((H, L), np.int64), np.empty((H, L), np.int64)
    place = np.empty((H, L))
    for h in range(H):
        for x in range(L):
            node[h, x] = (x // strides[h]) % size
            base[h, x] = x - node[h, x] * strides[h]
            place[h, x] = node[h, x]
    for n in range(N - 1, -1, -1):
        if kind[n] == 0 or not busy[n]:
            continue
        busy[n] = False
        start, stop = first[n], first[n + 1]
        K = stop - start
        axis = axis_of[mover[n]] if kind[n] == 2 else -1
        count = 0
        for q in range(Q):
            if has_any_mass(M[n, q]):
                held[count] = q
                count += 1
                if kind[n] == 3:
                    paid += node_paid[n] * total_mass(M[n, q])
        for a in range(K):
            b = start + a
            s, here = successor[b], label[b]
            if kind[n] == 1 and chance[b] == 0.0:
                continue
            busy[s] = True
            shows = kind[n] == 2 and axis >= 0 and K > 1
            at = offset[n] + a * L
            if shows:
                locate_revealed_records(
                    policy[at : at + L], policy[at + K * L : at + K * L + L],
                    (low[axis], step[axis], logit[axis], strides[axis]),
                    place[axis], node[axis], base[axis], weight[axis], coordinate[axis],
                    rate, to, share,
                )  # fmt: skip
            elif kind[n] == 2:
                rate[:] = policy[at : at + L]
            else:
                rate[:] = chance[b] if kind[n] == 1 else 1.0
            mass[:] = 0.0
            for c in range(count):
                q = held[c]
                p = on_label[here, q]
                if shows:
                    move_mass_revealing(M[n, q], M[s, p], rate, to, share, strides[axis], mass)
                else:
                    move_mass(M[n, q], M[s, p], rate, mass)
            moved = total_mass(mass)
            events[here] += moved
            if kind[n] == 2:
                paid += moved * branch_paid[b]
        for c in range(count):
            M[n, held[c]] = 0.0
    return paid


@numba.njit(cache=True, error_model="numpy")
def has_any_mass(row):
    """Whether there is any probability in a row."""
    x = 0
    while x < len(row) and row[x] == 0.0:
        x += 1
    return x < len(row)


@numba.njit(cache=True, error_model="numpy")
def total_mass(row):
    """All the probability in a row; four sums at once, since each addition waits for the last."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    whole = len(row) - len(row) % 4
    for x in range(0, whole, 4):
        a += row[x]
        b += row[x + 1]
        c += row[x + 2]
        d += row[x + 3]
    for x in range(whole, len(row)):
        a += row[x]
    return (a + b) + (c + d)


@numba.njit(cache=True, error_model="numpy")
def move_mass(source, target, rate, mass):
    """Move probability along a branch that shows nothing; what is moved is added to `mass`."""
    for x in range(len(source)):
        y = rate[x] * source[x]
        target[x] += y
        mass[x] += y


@numba.njit(cache=True, error_model="numpy")
def move_mass_revealing(source, target, rate, to, share, stride, mass):
    """Move probability along a choice that shows a type; what is moved is added to `mass`."""
    for x in range(len(source)):
        y = rate[x] * source[x]
        if y == 0.0:
            continue
        mass[x] += y
        z = share[x] * y
        target[to[x]] += y - z
        target[to[x] + stride] += z


@numba.njit(cache=True, error_model="numpy")
def locate_revealed_records(
    first, second, grid, place, node, base, weight, coordinate, rate, to, share
):
    """How likely each record's choice is, and where it takes that record, in place.

    first, second (L,)  how likely each type chooses so; rate (L,) as the viewer counts them
    place, node (L,)    the record's node, twice: the plain conversion is no vector instruction
    to, share (L,)      lane of the node below the new record, and the share of that above it
    """
    low, step, logit, stride = grid
    last, nearness = float(len(coordinate) - 2), 1.0 / step
    high = low + step * (last + 1)
    magic = np.float64(ROUND_TO_INTEGER).view(np.int64)
    for x in range(len(rate)):
        odds = min(max(first[x], MIN_PROBABILITY) / max(second[x], MIN_PROBABILITY), MAX_ODDS)
        y = min(max(low + step * place[x] + vectorisable_log(max(odds, 1.0 / MAX_ODDS)), low), high)
        k = np.floor((y - low) * nearness)
        k = min(place[x] if first[x] == second[x] else k, last)
        to[x] = np.float64(k + ROUND_TO_INTEGER).view(np.int64) - magic
        share[x] = 1.0 / (1.0 + vectorisable_exp(-(logit + y)))
    for x in range(len(rate)):
        k, m = to[x], node[x]
        here = coordinate[m] if first[x] == second[x] else share[x]
        f = (here - coordinate[k]) / (coordinate[k + 1] - coordinate[k])
        share[x] = min(max(f, 0.0), 1.0)
        rate[x] = weight[m] * first[x] + (1.0 - weight[m]) * second[x]
        to[x] = base[x] + k * stride


@numba.njit(cache=True, error_model="numpy", nogil=True)
def pull_back_rewards(
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
                    to, record = locate_segment(record, low[axis], step[axis], size)
                    near[x] = interpolation_weight(record, to, logit[axis], coordinate[axis])
                    seg[x] = x + (to - k) * stride
                for q in range(Q):
                    p = on_label[here, q]
                    for x in range(L):
                        f = near[x]
                        value = G[s, p, seg[x]]
                        if f > 0.0:
                            value += f * (G[s, p, seg[x] + stride] - value)
                        G[n, q, x] += rate[x] * value
