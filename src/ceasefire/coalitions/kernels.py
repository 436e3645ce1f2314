"""What does each node of a game secure, if some maximise and all others minimise (kernels)?

One period together with an automaton, N nodes and Q automaton states; or a stochastic game
without end, n nodes.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from ceasefire.game.graph import CHANCE, DECISION, END

ANY_BRANCH = -1
FIXED_NODE, CHANCE_NODE, MAXIMISER_NODE, MINIMISER_NODE = range(4)
SWEEP_GAIN = 1e-15  # by how much a maximiser must gain for its branch to be noted


class PeriodBranches(NamedTuple):
    """One period: node n leads to `successor[first[n] : first[n + 1]]`, a smaller node.

    kind      (N,) END, CHANCE, DECISION, PAYMENT or RENEWAL
    mover     (N,) party that decides, -1 elsewhere
    first     (N + 1,) where each node's branches begin
    successor (B,) node that a branch leads to
    label     (B,) label set of what happens on a branch
    chance    (B,) probability of a chance branch
    on_label  (L, Q) next automaton state when a label is read
    """

    kind: npt.NDArray[np.int8]
    mover: npt.NDArray[np.int8]
    first: npt.NDArray[np.int64]
    successor: npt.NDArray[np.int32]
    label: npt.NDArray[np.int32]
    chance: npt.NDArray[np.float64]
    on_label: npt.NDArray[np.int32]


class StochasticGame(NamedTuple):
    """A game without end: node n leads to `successor[first[n] : first[n + 1]]`.

    Every node has a branch, except a FIXED_NODE.

    kind      (n,) FIXED_NODE, CHANCE_NODE, MAXIMISER_NODE or MINIMISER_NODE
    first     (n + 1,) where each node's branches begin
    successor (b,) node that a branch leads to
    chance    (b,) probability of a branch of a CHANCE_NODE
    """

    kind: npt.NDArray[np.int8]
    first: npt.NDArray[np.int64]
    successor: npt.NDArray[np.int64]
    chance: npt.NDArray[np.float64]


@numba.njit(cache=True, error_model="numpy", nogil=True)
def fill_maxmin_values(period, member, V):
    """Fill V (N, Q) from the period's ends upwards: members maximise, all others minimise."""
    kind, mover, first, successor, label, chance, on_label = period
    N, Q = V.shape
    for n in range(N):
        if kind[n] == END:
            continue
        for q in range(Q):
            total, most, least = 0.0, -np.inf, np.inf
            for b in range(first[n], first[n + 1]):
                y = V[successor[b], on_label[label[b], q]]
                if kind[n] == CHANCE:
                    total += chance[b] * y
                else:
                    total = y
                most, least = max(most, y), min(least, y)
            if kind[n] == DECISION:
                V[n, q] = most if member[mover[n]] else least
            else:
                V[n, q] = total


@numba.njit(cache=True, nogil=True)
def fill_maxmin_choices(period, V, member, described, same, reached, choice):
    """Play one period downwards from reached (N, Q), every party by V where it chooses.

    Fills choice (N, Q) with the branch taken, ANY_BRANCH where no option does worse than another
    by more than `same`; parties that are not `described` (P,) may take any option, and so may all
    where no option does worse.
    """
    kind, mover, first, successor, label, chance, on_label = period
    N, Q = V.shape
    for n in range(N - 1, -1, -1):
        for q in range(Q):
            if not reached[n, q] or kind[n] == END:
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
            if kind[n] == DECISION and described[mover[n]] and most - least > same:
                choice[n, q] = best if member[mover[n]] else worst
            for b in range(first[n], first[n + 1]):
                if choice[n, q] != ANY_BRANCH and choice[n, q] != b:
                    continue
                if kind[n] != CHANCE or chance[b] > 0:
                    reached[successor[b], on_label[label[b], q]] = True


@numba.njit(cache=True, error_model="numpy", nogil=True)
def sweep_values(game, value, choice, sweeps, width):
    """Sweep value (n,) towards the least fixed point from below, or the greatest from above.

    choice (n,) keeps the branch by which a maximiser last gained. Stops once no value changes by
    more than `width`; gives the largest change of the last sweep.
    """
    kind, first, successor, chance = game
    change = 0.0
    for _ in range(sweeps):
        change = 0.0
        for n in range(len(kind)):
            if kind[n] == FIXED_NODE:
                continue
            total, most, least, best = 0.0, -np.inf, np.inf, -1
            for b in range(first[n], first[n + 1]):
                y = value[successor[b]]
                total += chance[b] * y
                if y > most:
                    most, best = y, b
                least = min(least, y)
            new = total if kind[n] == CHANCE_NODE else most if kind[n] == MAXIMISER_NODE else least
            if kind[n] == MAXIMISER_NODE and new > value[n] + SWEEP_GAIN:
                choice[n] = best
            change = max(change, abs(new - value[n]))
            value[n] = new
        if change <= width:
            break
    return change


@numba.njit(cache=True, nogil=True)
def unavoidable_value_nodes(game, value, choice):
    """(n,) where something of value may be reached whatever a minimiser does.

    A maximiser takes choice (n,).
    """
    kind, first, successor, chance = game
    found = (kind == FIXED_NODE) & (value > 0)
    changed = True
    while changed:
        changed = False
        for n in range(len(kind)):
            if found[n] or kind[n] == FIXED_NODE:
                continue
            some, every = False, True
            for b in range(first[n], first[n + 1]):
                if kind[n] == MAXIMISER_NODE and b != choice[n]:
                    continue
                there = found[successor[b]] and chance[b] > 0
                some, every = some or there, every and there
            if (every and some) if kind[n] == MINIMISER_NODE else some:
                found[n] = True
                changed = True
    return found


@numba.njit(cache=True, nogil=True)
def switch_to_better_branches(game, value, choice, who, sign, gain):
    """Let the nodes of one kind switch to a branch better by more than `gain`; gives how many do.

    who   MAXIMISER_NODE, with sign 1.0, or MINIMISER_NODE, with sign -1.0
    """
    kind, first, successor, _ = game
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
