"""Play run forwards over one period with the exact record of each path (kernels)."""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.interpolation import interpolation_weight, locate_segment

MAX_PARTICLE_STACK = 4096


@numba.njit(cache=True, error_model="numpy", nogil=True)
def fill_feasible_futures(kind, first, successor, need, barred, fits, ahead, open_):
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
def advance_particles(
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
    st_slot, st_bits = (
        np.zeros(MAX_PARTICLE_STACK, np.int32),
        np.zeros(MAX_PARTICLE_STACK, np.int64),
    )
    st_record, st_mass = np.zeros((MAX_PARTICLE_STACK, H)), np.zeros(MAX_PARTICLE_STACK)
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
                fill_interpolation_corners(
                    now, low, width, size, strides, logit, belief, lanes, weights
                )
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
                    y = interpolate_policy(policy, at, lanes, weights, 2**H)
                    if axis >= 0 and K > 1:
                        s_a, s_b = y, interpolate_policy(policy, at + K * L, lanes, weights, 2**H)
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
                if depth == MAX_PARTICLE_STACK:
                    return to_slot, to_bits, to_record, to_mass, -2
                st_slot[depth], st_bits[depth], st_mass[depth] = s, after, p * y
                st_record[depth] = now
                if moved != 0.0:
                    st_record[depth, axis] = min(max(now[axis] + moved, -700.0), 700.0)
                depth += 1
    return to_slot[:done], to_bits[:done], to_record[:done], to_mass[:done], done


@numba.njit(cache=True, error_model="numpy", nogil=True)
def mark_constrained_reach(first, successor, need, barred, ahead, open_, full, met):
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


MAX_PATH_STACK = 100_000


@numba.njit(cache=True, error_model="numpy")
def fill_interpolation_corners(record, low, step, size, strides, logit, belief, lanes, weights):
    """The 2**H nodes around a record and their weights in the analyst's belief, in place."""
    lanes[0], weights[0] = 0, 1.0
    count = 1
    for h in range(len(low)):
        k, y = locate_segment(record[h], low[h], step[h], size)
        f = interpolation_weight(y, k, logit[h, 0], belief[h, 0])
        for c in range(count):
            lanes[count + c] = lanes[c] + (k + 1) * strides[h]
            weights[count + c] = weights[c] * f
            lanes[c] += k * strides[h]
            weights[c] *= 1.0 - f
        count *= 2


@numba.njit(cache=True, error_model="numpy")
def interpolate_policy(policy, at, lanes, weights, count):
    """A choice read between the nodes of the record."""
    total = 0.0
    for c in range(count):
        total += weights[c] * policy[at + lanes[c]]
    return total


@numba.njit(cache=True, error_model="numpy")
def advance_exact_paths(
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
    st_slot, st_q = np.zeros(MAX_PATH_STACK, np.int32), np.zeros(MAX_PATH_STACK, np.int32)
    st_record, st_mass = np.zeros((MAX_PATH_STACK, H)), np.zeros(MAX_PATH_STACK)
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
                fill_interpolation_corners(
                    now, low, step, size, strides, logit, belief, lanes, weights
                )
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
                    y = interpolate_policy(policy, at, lanes, weights, 2**H)
                    if types == 2 and K > 1:
                        s_a, s_b = y, interpolate_policy(policy, at + K * L, lanes, weights, 2**H)
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
                if depth == MAX_PATH_STACK:
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
