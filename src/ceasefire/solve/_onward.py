"""Play of one step from many points, each splitting at every choice (kernels)."""

import math

import numba
import numpy as np

from ceasefire.solve._follow import corners, read

DEEPEST = 4096


@numba.njit(cache=True, error_model="numpy", nogil=True)
def lookahead(kind, first, successor, need, barred, fits, ahead, open_):
    """What can still happen from each node, in place: needed bits, and whether an end fits.

    need (B,) bits that a branch shows; barred (B,) branches not taken; fits (N,) ends allowed
    """
    for n in range(len(kind)):
        if kind[n] == 0:
            ahead[n], open_[n] = 0, fits[n]
            continue
        ahead[n], open_[n] = 0, False
        for b in range(first[n], first[n + 1]):
            s = successor[b]
            if barred[b] or not open_[s]:
                continue
            ahead[n] |= need[b] | ahead[s]
            open_[n] = True


@numba.njit(cache=True, error_model="numpy", nogil=True)
def through(
    kind, mover, first, successor, step, offset, chance, policy, axis_of,
    low, width, size, strides, logit, belief,
    need, barred, ahead, open_, full, k,
    slot, bits, record, mass, room,
):  # fmt: skip
    """Move n points through step k; those that are past it stay where they are.

    A choice counts with its probability to the analyst, who goes by the record. Ways on which not
    all of `full` can be shown any more, or that end where they must not, are left.
    Returns slots, bits, records and masses; their number is -1 if more than `room` are needed.
    """
    H, L = len(low), size ** len(low)
    lanes, weights = np.zeros(8, np.int64), np.zeros(8)
    to_slot, to_bits = np.zeros(room, np.int32), np.zeros(room, np.int64)
    to_record, to_mass = np.zeros((room, H)), np.zeros(room)
    st_slot, st_bits = np.zeros(DEEPEST, np.int32), np.zeros(DEEPEST, np.int64)
    st_record, st_mass = np.zeros((DEEPEST, H)), np.zeros(DEEPEST)
    now = np.zeros(H)
    done = 0
    for i in range(len(slot)):
        st_slot[0], st_bits[0], st_mass[0] = slot[i], bits[i], mass[i]
        st_record[0] = record[i]
        depth = 1
        while depth > 0:
            depth -= 1
            n, shown, p = st_slot[depth], st_bits[depth], st_mass[depth]
            now[:] = st_record[depth]
            if step[n] != k:
                if done == room:
                    return to_slot, to_bits, to_record, to_mass, -1
                to_slot[done], to_bits[done], to_mass[done] = n, shown, p
                to_record[done] = now
                done += 1
                continue
            start = first[n]
            K = first[n + 1] - start
            axis = axis_of[mover[n]] if kind[n] == 2 else -1
            if kind[n] == 2:
                corners(now, low, width, size, strides, logit, belief, lanes, weights)
            for a in range(K):
                b = start + a
                s = successor[b]
                after = shown | need[b]
                if barred[b] or not open_[s] or (after | ahead[s]) & full != full:
                    continue
                moved, y = 0.0, 1.0
                if kind[n] == 1:
                    y = chance[b]
                elif kind[n] == 2:
                    at = offset[n] + a * L
                    y = read(policy, at, lanes, weights, 2**H)
                    if axis >= 0 and K > 1:
                        s_a, s_b = y, read(policy, at + K * L, lanes, weights, 2**H)
                        w = 1.0 / (1.0 + math.exp(-(logit[axis, 0] + now[axis])))
                        y = w * s_a + (1.0 - w) * s_b
                        if s_b == 0.0:
                            moved = np.inf
                        elif s_a == 0.0:
                            moved = -np.inf
                        else:
                            moved = math.log(s_a) - math.log(s_b)
                if y <= 0.0:
                    continue
                if depth == DEEPEST:
                    return to_slot, to_bits, to_record, to_mass, -2
                st_slot[depth], st_bits[depth], st_mass[depth] = s, after, p * y
                st_record[depth] = now
                if moved != 0.0:
                    st_record[depth, axis] = min(max(now[axis] + moved, -700.0), 700.0)
                depth += 1
    return to_slot[:done], to_bits[:done], to_record[:done], to_mass[:done], done


@numba.njit(cache=True, error_model="numpy", nogil=True)
def reach(first, successor, need, barred, ahead, open_, full, met):
    """Which nodes can be come to, by the bits shown on the way: met (N, bits), in place."""
    for n in range(len(met) - 1, -1, -1):
        for shown in range(met.shape[1]):
            if not met[n, shown]:
                continue
            for b in range(first[n], first[n + 1]):
                s = successor[b]
                after = shown | need[b]
                if barred[b] or not open_[s] or (after | ahead[s]) & full != full:
                    continue
                met[s, after] = True
