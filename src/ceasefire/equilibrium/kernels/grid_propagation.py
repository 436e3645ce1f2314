"""Where does probability on the grid of records move in one period, and what is it worth there?

Probability moves beside an automaton. What a choice shows is the same in every state of the
automaton: how likely it is and where it takes each record is worked out once, then applied to each
of them. Arrays are those of `structures`; Q counts the automaton's states, those of each of the C
combinations of known types following each other.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.interpolation import interpolation_weight, locate_segment
from ceasefire.equilibrium.kernels.structures import fill_axis_coordinates, type_after_renewal
from ceasefire.equilibrium.kernels.vector_math import (
    ROUND_TO_INTEGER,
    vectorisable_exp,
    vectorisable_log,
)
from ceasefire.game.graph import CHANCE, DECISION, END, PAYMENT, RENEWAL

MAX_ODDS = 1e300  # odds beyond every grid
MIN_PROBABILITY = 1e-307  # a probability that counts as none


@numba.njit(cache=True, error_model="numpy", nogil=True)
def advance_grid_measure(
    graph, policy, chance, renewal_record, grid, size, observer, label_transition, costs,
    M, active, label_probability,
):  # fmt: skip
    """Move the probability in M (N, Q, L) from where it stands to the period's ends, in place.

    graph (GraphArrays), policy (PeriodPolicy), chance (B,) of the period
    renewal_record (N,)          record with which a party begins whose type a node draws anew
    grid (GridArrays), size      the records; grid points on each axis
    observer (ObserverArrays)    whose probabilities are counted
    label_transition (labels, Q)   next automaton state when a branch's label is read
    costs (PayerCosts)           what is counted as paid
    active (N,)                  nodes that hold probability; cleared on the way
    label_probability (labels,)  probability of each label, added to in place

    Returns the expected sum of what is paid.
    """
    kind, successor, label, choices = graph.kind, graph.successor, graph.label, policy.choices
    N, Q, L = M.shape
    H, C = len(grid.low), len(observer.weight)
    states = Q // C
    paid = 0.0
    held = np.empty(Q, np.int64)
    rate, share, mass, to = np.empty(L), np.empty(L), np.empty(L), np.empty(L, np.int64)
    node, base = np.empty((H, L), np.int64), np.empty((H, L), np.int64)
    fill_axis_coordinates(grid.strides, size, node, base)
    place = node.astype(np.float64)
    for n in range(N - 1, -1, -1):
        if kind[n] == END or not active[n]:
            continue
        active[n] = False
        start, K = graph.first[n], graph.first[n + 1] - graph.first[n]
        axis = graph.axis[n]
        count = occupied_states(M[n], held)
        if kind[n] == PAYMENT:
            for c in range(count):
                paid += costs.node[held[c] // states, n] * total_mass(M[n, held[c]])
        if kind[n] == RENEWAL:
            active[successor[start]] = True
            h = graph.renewed[n]
            renew_mass(
                M[n], M[successor[start]], held[:count], label_transition[label[start]],
                renewal_record[n], h, grid, size, observer, base[h],
            )  # fmt: skip
            K = 0
        for a in range(K):
            b = start + a
            s, here = successor[b], label[b]
            if kind[n] == CHANCE and chance[b] == 0.0:
                continue
            active[s] = True
            at = policy.offset[n] + a * L
            if axis < 0 and kind[n] == DECISION:
                rate[:] = choices[at : at + L]
            elif axis < 0:
                rate[:] = chance[b] if kind[n] == CHANCE else 1.0
            first = 0
            for combination in range(C):
                last = first
                while last < count and held[last] // states == combination:
                    last += 1
                if last == first:
                    continue
                if axis >= 0:
                    locate_revealed_records(
                        choices[at : at + L], choices[at + K * L : at + K * L + L],
                        (grid.low[axis], grid.step[axis], observer.logit[axis], grid.strides[axis]),
                        place[axis], node[axis], base[axis],
                        observer.weight[combination, axis], observer.belief[axis], rate, to, share,
                    )  # fmt: skip
                mass[:] = 0.0
                for c in range(first, last):
                    q = held[c]
                    p = label_transition[here, q]
                    if axis >= 0:
                        move_mass_revealing(
                            M[n, q], M[s, p], rate, to, share, grid.strides[axis], mass
                        )
                    else:
                        move_mass(M[n, q], M[s, p], rate, mass)
                moved = total_mass(mass)
                label_probability[here] += moved
                if kind[n] == DECISION:
                    paid += moved * costs.branch[combination, b]
                first = last
        for c in range(count):
            M[n, held[c]] = 0.0
    return paid


@numba.njit(cache=True, error_model="numpy")
def renew_mass(source, target, held, transition, drawn_at, h, grid, size, observer, base):
    """Move probability (Q, L) to where the party of axis h begins anew.

    held          automaton states with any probability
    transition (Q,)   next automaton state
    drawn_at      the record with which it begins
    base (L,)     first point of the line of axis h through each point

    A party whose type is known is then of either type, as likely as the observer believes.
    """
    k, record = locate_segment(drawn_at, grid.low[h], grid.step[h], size)
    f = interpolation_weight(record, k, observer.logit[h], observer.belief[h])
    first = 1.0 / (1.0 + math.exp(-(observer.logit[h] + drawn_at)))
    bit, states = observer.known_bit[h], len(source) // len(observer.weight)
    stride = grid.strides[h]
    for q in held:
        for second in range(2 if bit else 1):
            likely, to = type_after_renewal(second, first, q, transition[q], bit, states)
            for x in range(source.shape[1]):
                y = likely * source[q, x]
                z = base[x] + k * stride
                target[to, z] += y - f * y
                target[to, z + stride] += f * y


@numba.njit(cache=True, error_model="numpy")
def occupied_states(rows, held):
    """The automaton states with any probability among rows (Q, L), into held (Q,); their number."""
    count = 0
    for q in range(len(rows)):
        if has_any_mass(rows[q]):
            held[count] = q
            count += 1
    return count


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
    """How likely a choice is at each grid point, and where it takes the record from there.

    first, second (L,)  probability that each type chooses so
    grid                lowest record, distance and logit of the mover's axis, and its stride
    place, node (L,)    the point's place on its line, twice: the plain conversion is no vector
                        instruction; base (L,) the line's first point
    weight, coordinate (size,)   the observer's probability of the first type, and belief
    rate (L,)           filled with the probability as the observer counts it
    to, share (L,)      filled with the grid point below the new record, and the share of that above
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
    graph, policy, chance, renewal_record, grid, size, observer, label_transition, G
):
    """From worths G (N, Q, L) at the period's ends to those at every node, in place.

    The transpose of `advance_grid_measure`, which explains the arguments: each node is worth what
    its branches lead to, by their probabilities.
    """
    kind, successor, label = graph.kind, graph.successor, graph.label
    choices = policy.choices
    N, Q, L = G.shape
    C = len(observer.weight)
    states = Q // C
    cell, share = np.zeros(L, np.int64), np.zeros(L)
    rate = np.zeros(L)
    for n in range(N):
        if kind[n] == END:
            continue
        for q in range(Q):
            for x in range(L):
                G[n, q, x] = 0.0
        start, K = graph.first[n], graph.first[n + 1] - graph.first[n]
        axis = graph.axis[n]
        if kind[n] == RENEWAL:
            pull_back_renewal(
                G[n], G[successor[start]], label_transition[label[start]],
                renewal_record[n], graph.renewed[n], grid, size, observer,
            )  # fmt: skip
            K = 0
        for a in range(K):
            b = start + a
            s, here = successor[b], label[b]
            if kind[n] == CHANCE and chance[b] == 0.0:
                continue
            at = policy.offset[n] + a * L
            if axis >= 0:
                stride = grid.strides[axis]
                for q in range(Q):
                    if q % states == 0:
                        find_revealed_points(
                            choices[at : at + L], choices[at + K * L : at + K * L + L],
                            grid.low[axis], grid.step[axis], size, stride, observer.logit[axis],
                            observer.weight[q // states, axis], observer.belief[axis],
                            rate, cell, share,
                        )  # fmt: skip
                    p = label_transition[here, q]
                    for x in range(L):
                        f = share[x]
                        value = G[s, p, cell[x]]
                        if f > 0.0:
                            value += f * (G[s, p, cell[x] + stride] - value)
                        G[n, q, x] += rate[x] * value
            elif kind[n] == DECISION:
                for q in range(Q):
                    p = label_transition[here, q]
                    for x in range(L):
                        G[n, q, x] += choices[at + x] * G[s, p, x]
            else:
                y = chance[b] if kind[n] == CHANCE else 1.0
                for q in range(Q):
                    p = label_transition[here, q]
                    for x in range(L):
                        G[n, q, x] += y * G[s, p, x]


@numba.njit(cache=True, error_model="numpy")
def pull_back_renewal(worth, after, transition, drawn_at, h, grid, size, observer):
    """The transpose of `renew_mass`, which explains the arguments: worth (Q, L) before it."""
    k, record = locate_segment(drawn_at, grid.low[h], grid.step[h], size)
    f = interpolation_weight(record, k, observer.logit[h], observer.belief[h])
    first = 1.0 / (1.0 + math.exp(-(observer.logit[h] + drawn_at)))
    bit, states = observer.known_bit[h], len(worth) // len(observer.weight)
    stride = grid.strides[h]
    for q in range(len(worth)):
        for second in range(2 if bit else 1):
            likely, to = type_after_renewal(second, first, q, transition[q], bit, states)
            for x in range(worth.shape[1]):
                z = x + (k - (x // stride) % size) * stride
                worth[q, x] += likely * (after[to, z] + f * (after[to, z + stride] - after[to, z]))


@numba.njit(cache=True, error_model="numpy")
def find_revealed_points(
    first, second, low, step, size, stride, logit, weight, belief, rate, cell, share
):
    """How likely a choice is at each grid point, and where it takes the record from there.

    first, second (L,)   probability that each type chooses so
    weight, belief (size,), logit   the observer's along the mover's axis
    rate (L,)    filled with the probability as the observer counts it
    cell, share (L,)   filled with the grid point below the new record, and the share of that above
    """
    for x in range(len(rate)):
        k = (x // stride) % size
        s_a, s_b = first[x], second[x]
        rate[x] = weight[k] * s_a + (1.0 - weight[k]) * s_b
        cell[x], share[x] = x, 0.0
        if rate[x] == 0.0 or s_a == s_b:
            continue
        record = low + step * k
        if s_b == 0.0:
            record = np.inf
        elif s_a == 0.0:
            record = -np.inf
        else:
            record += math.log(s_a / s_b)
        to, record = locate_segment(record, low, step, size)
        share[x] = interpolation_weight(record, to, logit, belief)
        cell[x] = x + (to - k) * stride
