"""Play run forwards over one period with the exact record of each path (kernels)."""

import math

import numba
import numpy as np

from ceasefire.solve._record import segment, share

STACK = 100_000


@numba.njit(cache=True, error_model="numpy")
def corners(record, low, step, size, strides, logit, belief, lanes, weights):
    """The 2**H nodes around a record and their weights in the analyst's belief, in place."""
    lanes[0], weights[0] = 0, 1.0
    count = 1
    for h in range(len(low)):
        k, y = segment(record[h], low[h], step[h], size)
        f = share(y, k, logit[h, 0], belief[h, 0])
        for c in range(count):
            lanes[count + c] = lanes[c] + (k + 1) * strides[h]
            weights[count + c] = weights[c] * f
            lanes[c] += k * strides[h]
            weights[c] *= 1.0 - f
        count *= 2


@numba.njit(cache=True, error_model="numpy")
def read(policy, at, lanes, weights, count):
    """A choice read between the nodes of the record."""
    total = 0.0
    for c in range(count):
        total += weights[c] * policy[at + lanes[c]]
    return total


@numba.njit(cache=True, error_model="numpy")
def walk(
    kind, mover, first, successor, label, offset, chance, policy, axis_of,
    low, step, size, strides, logit, belief, known, odds, on_label,
    slot, q, record, mass, draws, room, seed,
):  # fmt: skip
    """Move n paths to the period's end, each splitting at every choice, or drawing if `draws`.

    known (H,)  chance that the viewer knows the first type with, -1 where it goes by the record
    odds (H,)   log odds of the viewer's prior
    Returns states, automaton states, records and probabilities at the end; their number is -1 if
    more than `room` would be needed.
    """
    H, L = len(low), size ** len(low)
    if draws:
        np.random.seed(seed)
    lanes, weights = np.zeros(8, np.int64), np.zeros(8)
    end_slot, end_q = np.zeros(room, np.int32), np.zeros(room, np.int32)
    end_record, end_mass = np.zeros((room, H)), np.zeros(room)
    st_slot, st_q = np.zeros(STACK, np.int32), np.zeros(STACK, np.int32)
    st_record, st_mass = np.zeros((STACK, H)), np.zeros(STACK)
    done = 0
    now = np.zeros(H)
    for i in range(len(slot)):
        st_slot[0], st_q[0], st_mass[0] = slot[i], q[i], mass[i]
        st_record[0] = record[i]
        depth = 1
        while depth > 0:
            depth -= 1
            n, state, p = st_slot[depth], st_q[depth], st_mass[depth]
            now[:] = st_record[depth]
            if kind[n] == 0:
                if done == room:
                    return end_slot, end_q, end_record, end_mass, -1
                end_slot[done], end_q[done], end_mass[done] = n, state, p
                end_record[done] = now
                done += 1
                continue
            start = first[n]
            K = first[n + 1] - start
            axis = axis_of[mover[n]] if kind[n] == 2 else -1
            types = 2 if axis >= 0 else 1
            if kind[n] == 2:
                corners(now, low, step, size, strides, logit, belief, lanes, weights)
            u = np.random.random() if draws else 0.0
            passed = 0.0
            for a in range(K):
                b = start + a
                moved = 0.0
                if kind[n] == 1:
                    y = chance[b]
                elif kind[n] == 3:
                    y = 1.0
                else:
                    at = offset[n] + a * L
                    y = read(policy, at, lanes, weights, 2**H)
                    if types == 2 and K > 1:
                        s_a, s_b = y, read(policy, at + K * L, lanes, weights, 2**H)
                        w = known[axis]
                        if w < 0.0:
                            w = 1.0 / (1.0 + math.exp(-(odds[axis] + now[axis])))
                        y = w * s_a + (1.0 - w) * s_b
                        if s_b == 0.0:
                            moved = np.inf
                        elif s_a == 0.0:
                            moved = -np.inf
                        else:
                            moved = math.log(s_a) - math.log(s_b)
                if y <= 0.0:
                    continue
                passed += y
                if draws and u >= passed and a < K - 1:
                    continue
                if depth == STACK:
                    return end_slot, end_q, end_record, end_mass, -1
                st_slot[depth], st_q[depth] = successor[b], on_label[label[b], state]
                st_mass[depth] = p if draws else p * y
                st_record[depth] = now
                if moved != 0.0:
                    value = min(max(now[axis] + moved, -700.0), 700.0)
                    st_record[depth, axis] = value
                depth += 1
                if draws:
                    break
    return end_slot[:done], end_q[:done], end_record[:done], end_mass[:done], done
