"""Single plays of a solved game, drawn one choice after another (kernel)."""

import math

import numba
import numpy as np


@numba.njit(cache=True, error_model="numpy")
def between(low, step, logit, belief, record):
    """The node below a record and the weight of the one above it, linear in the belief."""
    size = len(belief)
    record = min(max(record, low), low + step * (size - 1))
    below = min(int((record - low) / step), size - 2)
    b = 1.0 / (1.0 + math.exp(-(logit + record)))
    return below, min(max((b - belief[below]) / (belief[below + 1] - belief[below]), 0.0), 1.0)


@numba.njit(cache=True, error_model="numpy")
def choice(policy, at, size, axes, below, share):
    """Probability of one option to one type at a record, read between the nodes around it."""
    if axes == 0:
        return policy[at]
    total = 0.0
    for corner in range(2**axes):
        lane, weight = 0, 1.0
        for h in range(axes):
            up = (corner >> h) & 1
            lane = lane * size + below[h] + up
            weight *= share[h] if up else 1.0 - share[h]
        total += weight * policy[at + lane]
    return total


@numba.njit(cache=True, error_model="numpy")
def play_period(
    kind, axis_at, first, successor, label, offset, chance, policy,
    low, step, logit, belief, listened,
    slot, types, record, began, seen, renewed, begins_at,
):  # fmt: skip
    """Play one period on every path from `slot` (N,) to its end, drawing every choice.

    axis_at (nodes,) of which party with types a node tells, -1 if of none
    types (N, H)     0 or 1, which type each party with types is of on this path; modified in place
    record (N, H)    its log-likelihood ratio, modified in place
    listened (C, labels)  what each of C conditions on events listens to
    seen (C, N)      moment of its first occurrence, modified in place
    renewed (nodes,)   of which party with types a node draws the type anew, -1 if of none
    begins_at (nodes,) the record with which it then begins
    Returns the states (N,) at the end.
    """
    H = record.shape[1]
    size = belief.shape[1]
    lanes = size**H
    ends = np.empty(len(slot), np.int64)
    below, share = np.zeros(H + 1, np.int64), np.zeros(H + 1)
    for i in range(len(slot)):
        n = slot[i]
        moment = began
        while kind[n] != 0:
            K = first[n + 1] - first[n]
            draw, passed, taken = np.random.random(), 0.0, -1
            axis = axis_at[n]
            if kind[n] == 4:
                h = renewed[n]
                record[i, h] = begins_at[n]
                of_first = 1.0 / (1.0 + math.exp(-(logit[h] + record[i, h])))
                types[i, h] = 0 if draw < of_first else 1
            if kind[n] == 2 or axis >= 0:
                for h in range(H):
                    below[h], share[h] = between(low[h], step[h], logit[h], belief[h], record[i, h])
            for a in range(K):
                if kind[n] == 1 and axis < 0:
                    p = chance[first[n] + a]
                elif kind[n] >= 3:
                    p = 1.0
                else:
                    row = types[i, axis] * K + a if axis >= 0 else a
                    p = choice(policy, offset[n] + row * lanes, size, H, below, share)
                passed += p
                if p > 0.0:
                    taken = a
                if draw < passed:
                    break
            if axis >= 0:
                at = offset[n] + taken * lanes
                one = choice(policy, at, size, H, below, share)
                two = choice(policy, at + K * lanes, size, H, below, share)
                record[i, axis] += math.log(max(one, 1e-300)) - math.log(max(two, 1e-300))
            b = first[n] + taken
            moment += 1
            for c in range(len(listened)):
                if listened[c, label[b]] and seen[c, i] < 0:
                    seen[c, i] = moment
            n = successor[b]
        ends[i] = n
    return ends


@numba.njit(cache=True)
def reseed(seed):
    """Begin the draws of this process's kernels anew."""
    np.random.seed(seed)
