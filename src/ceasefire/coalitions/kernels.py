"""Max-min over one period beside an automaton, and for ever (kernels)."""

import numba
import numpy as np

ANY_BRANCH = -1


@numba.njit(cache=True, error_model="numpy", nogil=True)
def fill_maxmin_values(kind, mover, first, successor, label, chance, member, on_label, V):
    """Fill V (N, Q) from the period's ends upwards: members maximise, all others minimise."""
    N, Q = V.shape
    for n in range(N):
        if kind[n] == 0:
            continue
        for q in range(Q):
            total, most, least = 0.0, -np.inf, np.inf
            for b in range(first[n], first[n + 1]):
                y = V[successor[b], on_label[label[b], q]]
                if kind[n] == 1:
                    total += chance[b] * y
                else:
                    total = y
                most, least = max(most, y), min(least, y)
            if kind[n] == 2:
                V[n, q] = most if member[mover[n]] else least
            else:
                V[n, q] = total


@numba.njit(cache=True, nogil=True)
def fill_maxmin_choices(
    kind, mover, first, successor, label, chance, on_label, V, member, led, same, reached, choice
):
    """Play one period downwards from reached (N, Q), every side by V where it chooses.

    Fills choice (N, Q) with the branch taken, FREE where no option does worse than another;
    sides that are not `led` (P,) may take any option, and so may all where they are free.
    """
    N, Q = V.shape
    for n in range(N - 1, -1, -1):
        for q in range(Q):
            if not reached[n, q] or kind[n] == 0:
                continue
            most, least, best, worst = -np.inf, np.inf, ANY_BRANCH, ANY_BRANCH
            for b in range(first[n], first[n + 1]):
                y = V[successor[b], on_label[label[b], q]]
                if y >= most - same:
                    best = b
                if y <= least + same:
                    worst = b
                most, least = max(most, y), min(least, y)
            choice[n, q] = ANY_BRANCH
            if kind[n] == 2 and led[mover[n]] and most - least > same:
                choice[n, q] = best if member[mover[n]] else worst
            for b in range(first[n], first[n + 1]):
                if choice[n, q] != ANY_BRANCH and choice[n, q] != b:
                    continue
                if kind[n] != 1 or chance[b] > 0:
                    reached[successor[b], on_label[label[b], q]] = True


@numba.njit(cache=True, error_model="numpy", nogil=True)
def sweep_values(kind, first, successor, chance, value, choice, sweeps, width):
    """Sweep value (n,) towards the least fixed point from below, or the greatest from above.

    kind 0 holds still, 1 is an average, 2 maximises, 3 minimises. choice keeps the branch by
    which a maximiser last gained. Gives the largest change of the last sweep.
    """
    change = 0.0
    for _ in range(sweeps):
        change = 0.0
        for n in range(len(kind)):
            if kind[n] == 0:
                continue
            total, most, least, best = 0.0, -np.inf, np.inf, -1
            for b in range(first[n], first[n + 1]):
                y = value[successor[b]]
                total += chance[b] * y
                if y > most:
                    most, best = y, b
                least = min(least, y)
            new = total if kind[n] == 1 else most if kind[n] == 2 else least
            if kind[n] == 2 and new > value[n] + 1e-15:
                choice[n] = best
            change = max(change, abs(new - value[n]))
            value[n] = new
        if change <= width:
            break
    return change


@numba.njit(cache=True, nogil=True)
def unavoidable_value_nodes(kind, first, successor, chance, value, choice):
    """(n,) where something of value may be reached whatever a minimiser does.

    kind as in `settle`; a maximiser takes choice (n,).
    """
    found = (kind == 0) & (value > 0)
    changed = True
    while changed:
        changed = False
        for n in range(len(kind)):
            if found[n] or kind[n] == 0:
                continue
            some, every = False, True
            for b in range(first[n], first[n + 1]):
                if kind[n] == 2 and b != choice[n]:
                    continue
                there = found[successor[b]] and chance[b] > 0
                some, every = some or there, every and there
            if (every and some) if kind[n] == 3 else some:
                found[n] = True
                changed = True
    return found


@numba.njit(cache=True, nogil=True)
def switch_to_better_branches(kind, first, successor, value, choice, who, sign, gain):
    """Let `who` switch to a branch that is better by more than `gain`; gives how many do."""
    switched = 0
    for n in range(len(kind)):
        if kind[n] != who:
            continue
        best = choice[n]
        for b in range(first[n], first[n + 1]):
            if sign * (value[successor[b]] - value[successor[best]]) > gain:
                best = b
        if best != choice[n]:
            choice[n] = best
            switched += 1
    return switched
