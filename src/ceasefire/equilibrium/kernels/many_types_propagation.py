"""Where does probability on a simplex of beliefs move in one period, and what is it worth there?

As in `grid_propagation`, beside an automaton, where a party has more than two types. Arrays are
those of `structures`, `SimplexArrays` and `TypeReaderArrays`.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.kernels.grid_propagation import (
    move_mass,
    occupied_states,
    total_mass,
)
from ceasefire.equilibrium.kernels.simplex import (
    belief_after,
    locate_in_simplex,
    weigh_for_reader,
)
from ceasefire.game.graph import CHANCE, DECISION, END, PAYMENT
from ceasefire.game.states import Floats


class TypeReaderArrays(NamedTuple):
    """Whose probabilities are counted; see TypeReader."""

    probability: Floats  # (H, T, M) of each type at the grid points of each axis
    density: Floats  # (H, M)
    known: npt.NDArray[np.bool_]  # (H,)


@numba.njit(cache=True, error_model="numpy")
def locate_after_option(sigma, a, simplex, reader, axis, rate, to, share):
    """How likely option a is at each grid point, and where it takes the record from there.

    sigma (T, A, L)   choices of each type
    rate (L,)         filled with the probability as the reader counts it
    to, share (L, T)  filled with the corners of the cell of the new record, and their weights
    """
    T, _, L = sigma.shape
    M, stride = simplex.sizes[axis], simplex.strides[axis]
    after, raised = np.empty(T), np.empty(T, np.int64)
    point, weight = np.empty(T, np.int64), np.empty(T)
    for x in range(L):
        m = (x // stride) % M
        rate[x] = 0.0
        for k in range(T):
            rate[x] += reader.probability[axis, k, m] * sigma[k, a, x]
        c = simplex.near[axis, m, :T] if reader.known[axis] else simplex.nodes[axis, m, :T]
        if rate[x] == 0.0 or belief_after(c, sigma, a, x, after) == 0.0:
            rate[x] = 0.0
            to[x, :T], share[x, :T] = x, 0.0
            continue
        locate_in_simplex(after, simplex.parts[axis], point, weight, raised)
        weigh_for_reader(weight, point, reader.density[axis], share[x])
        for k in range(T):
            to[x, k] = x + (point[k] - m) * stride


@numba.njit(cache=True, error_model="numpy", nogil=True)
def advance_simplex_measure(
    graph, policy, chance, simplex, reader, label_transition, costs, M, active, label_probability
):
    """Move the probability in M (N, Q, L) from where it stands to the period's ends, in place.

    simplex (SimplexArrays), reader (TypeReaderArrays); all else as in `advance_grid_measure`.

    Returns the expected sum of what is paid.
    """
    kind, successor, label, choices = graph.kind, graph.successor, graph.label, policy.choices
    N, Q, L = M.shape
    most = simplex.nodes.shape[2]
    paid = 0.0
    held = np.empty(Q, np.int64)
    rate, mass = np.empty(L), np.empty(L)
    to, share = np.empty((L, most), np.int64), np.empty((L, most))
    for n in range(N - 1, -1, -1):
        if kind[n] == END or not active[n]:
            continue
        active[n] = False
        start, A = graph.first[n], graph.first[n + 1] - graph.first[n]
        axis, at = graph.axis[n], policy.offset[n]
        count = occupied_states(M[n], held)
        if kind[n] == PAYMENT:
            for c in range(count):
                paid += costs.node[0, n] * total_mass(M[n, held[c]])
        for a in range(A):
            b = start + a
            s, here = successor[b], label[b]
            if kind[n] == CHANCE and chance[b] == 0.0:
                continue
            active[s] = True
            T = simplex.types[axis] if axis >= 0 else 1
            if axis >= 0:
                sigma = choices[at : at + T * A * L].reshape(T, A, L)
                locate_after_option(sigma, a, simplex, reader, axis, rate, to, share)
            elif kind[n] == DECISION:
                rate[:] = choices[at + a * L : at + a * L + L]
            else:
                rate[:] = chance[b] if kind[n] == CHANCE else 1.0
            mass[:] = 0.0
            for c in range(count):
                q = held[c]
                p = label_transition[here, q]
                if axis < 0:
                    move_mass(M[n, q], M[s, p], rate, mass)
                    continue
                for x in range(L):
                    y = rate[x] * M[n, q, x]
                    if y == 0.0:
                        continue
                    mass[x] += y
                    for k in range(T):
                        M[s, p, to[x, k]] += share[x, k] * y
            moved = total_mass(mass)
            label_probability[here] += moved
            if kind[n] == DECISION:
                paid += moved * costs.branch[0, b]
        for c in range(count):
            M[n, held[c]] = 0.0
    return paid


@numba.njit(cache=True, error_model="numpy", nogil=True)
def pull_back_simplex_rewards(graph, policy, chance, simplex, reader, label_transition, G):
    """From worths G (N, Q, L) at the period's ends to those at every node, in place.

    The transpose of `advance_simplex_measure`, which explains the arguments.
    """
    kind, successor, label, choices = graph.kind, graph.successor, graph.label, policy.choices
    N, Q, L = G.shape
    most = simplex.nodes.shape[2]
    rate = np.empty(L)
    to, share = np.empty((L, most), np.int64), np.empty((L, most))
    for n in range(N):
        if kind[n] == END:
            continue
        G[n] = 0.0
        start, A = graph.first[n], graph.first[n + 1] - graph.first[n]
        axis, at = graph.axis[n], policy.offset[n]
        for a in range(A):
            b = start + a
            s, here = successor[b], label[b]
            if kind[n] == CHANCE and chance[b] == 0.0:
                continue
            T = simplex.types[axis] if axis >= 0 else 1
            if axis >= 0:
                sigma = choices[at : at + T * A * L].reshape(T, A, L)
                locate_after_option(sigma, a, simplex, reader, axis, rate, to, share)
            elif kind[n] == DECISION:
                rate[:] = choices[at + a * L : at + a * L + L]
            else:
                rate[:] = chance[b] if kind[n] == CHANCE else 1.0
            for q in range(Q):
                p = label_transition[here, q]
                for x in range(L):
                    if axis < 0:
                        G[n, q, x] += rate[x] * G[s, p, x]
                        continue
                    worth = 0.0
                    for k in range(T):
                        worth += share[x, k] * G[s, p, to[x, k]]
                    G[n, q, x] += rate[x] * worth
