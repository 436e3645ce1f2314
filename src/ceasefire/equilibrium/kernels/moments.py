"""Where parties choose at one moment, what do all of them choose at every grid point?

The choices of a moment are nodes one after another. Only a party that chooses last may have types,
so that nobody's choice is read at a record that another's has moved; see `moment_equilibrium`.
"""

import numba
import numpy as np

from ceasefire.equilibrium.kernels.moment_equilibrium import (
    MomentProblem,
    allocate_moment_scratch,
    find_moment_equilibrium,
    shift_of_record,
)
from ceasefire.equilibrium.kernels.newton_batched import (
    fill_signalling_values,
    fill_unrevealing_values,
)
from ceasefire.equilibrium.kernels.structures import DECISION_COUNT


@numba.njit(cache=True, error_model="numpy")
def solve_moment(n, graph, payoffs, moment, types, precision, V, policy, stats, flags, selection):
    """Choices of all parties of the moment that begins with node n, and V at its nodes, in place.

    graph (GraphArrays), payoffs (PayoffArrays), types (PlayerTypeArrays); precision (P,)
    moment (N,)      the first choice of the moment that a choice belongs to, -1 if to none
    V (N, R, L)      values; those after the choices are read
    policy (PeriodPolicy)   choices of the moment's nodes are filled
    stats            numbers of the certificate, added to
    flags (N, L)     bits of what was found are set at node n
    selection        PRINCIPAL, PRINCIPAL_AND_COUNT, TELLING or SILENT: of several fixed points
                     the one with the highest, or lowest, sum of what the parties expect
    """
    L = V.shape[2]
    nodes, level = nodes_of_moment(n, graph, moment)
    problem, leaf = describe_moment(nodes, level, graph, payoffs, precision, 0)
    scratch, M = allocate_moment_scratch(problem), len(level) - 1
    z = np.zeros(len(scratch.residual))
    for x in range(L):
        for i in range(M):
            own = types.first[graph.mover[nodes[level[i]]]]
            for t in range(len(leaf)):
                problem.worth[i, t] = V[leaf[t], own, x]
        flags[n, x] |= find_moment_equilibrium(problem, z, scratch, stats, selection)
        for i in range(M):
            write_choices(nodes, level, i, 0, policy, problem, scratch, x, L, i)
            if problem.options[i] == 1 and types.axis[graph.mover[nodes[level[i]]]] >= 0:
                write_choices(nodes, level, i, 1, policy, problem, scratch, x, L, i)
    for place in range(len(nodes) - 1, -1, -1):
        fill_unrevealing_values(
            nodes[place], graph, payoffs, types, V, policy.choices, policy.offset[nodes[place]]
        )
    stats[DECISION_COUNT] += M * L


@numba.njit(cache=True, error_model="numpy")
def solve_moment_of_types(
    n, graph, payoffs, moment, types, precision, V, policy, shift_guess, stats, flags, selection,
    line, axis, grid, belief, inverse, logit, prior_kind, room,
):  # fmt: skip
    """The same where the party that chooses last has types, or knows one; arguments as above, and

    shift_guess      by how much choices move records, laid out like the choices; filled
    line (AxisLine)  the axis of its record; axis which it is; grid (AxisGrid)
    belief (M, size), inverse (M, size - 1), logit (M,)   the priors about the type
    prior_kind (P + 1,)   which of them each party goes by
    room (DecisionScratch)
    """
    L, N = V.shape[2], belief.shape[1]
    nodes, level = nodes_of_moment(n, graph, moment)
    problem, leaf = describe_moment(nodes, level, graph, payoffs, precision, N)
    scratch, M = allocate_moment_scratch(problem), len(level) - 1
    z = np.zeros(len(scratch.residual))
    K = problem.options[M]
    row = np.empty(M + 1, np.int64)
    for i in range(M + 1):
        mover = graph.mover[nodes[level[problem.party[i]]]]
        kind = prior_kind[mover]
        row[i] = types.first[mover] + (1 if i == M else 0)
        problem.reads[i], problem.odds[i] = belief[kind], logit[kind]
    problem.axis[0], problem.axis[1] = grid.low, grid.step
    for start in range(L):
        if line.base[start] != start:
            continue
        for i in range(M + 1):
            for t in range(len(leaf)):
                for k in range(N):
                    problem.along[i, t, k] = V[leaf[t], row[i], start + k * line.stride]
        for k in range(N):
            x = start + k * line.stride
            problem.axis[2] = line.record[x]
            problem.share[M - 1], problem.share[M] = belief[0, k], 1.0 - belief[0, k]
            flags[n, x] |= find_moment_equilibrium(problem, z, scratch, stats, selection)
            for i in range(M + 1):
                write_choices(
                    nodes, level, problem.party[i], i - problem.party[i], policy, problem, scratch,
                    x, L, i,
                )  # fmt: skip
            for place in range(level[M - 1], level[M]):
                at = policy.offset[nodes[place]]
                for a in range(K):
                    shift_guess[at + a * L + x] = shift_of_record(problem, scratch, a)
    i = graph.mover[nodes[level[M - 1]]]
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        at, begin, past = policy.offset[node], graph.first[node], graph.first[node + 1]
        if place < level[M - 1]:
            fill_unrevealing_values(node, graph, payoffs, types, V, policy.choices, at)
            continue
        fill_signalling_values(
            node, i, axis, graph.successor[begin:past], payoffs.cost[begin:past], line, grid,
            logit, belief, inverse, shift_guess[at : at + K * L].reshape(K, L),
            policy.choices[at : at + 2 * K * L].reshape(2, K, L), types, prior_kind, V, room,
        )  # fmt: skip
    stats[DECISION_COUNT] += M * L


@numba.njit(cache=True, error_model="numpy")
def write_choices(nodes, level, i, t, policy, problem, scratch, x, L, player):
    """Write what a player chooses at grid point x into all nodes of its party i, as of type t."""
    K, first = problem.options[player], problem.first[player]
    for place in range(level[i], level[i + 1]):
        at = policy.offset[nodes[place]] + t * K * L
        for a in range(K):
            policy.choices[at + a * L + x] = scratch.choice[first + a]


@numba.njit(cache=True, error_model="numpy")
def moment_axis(n, graph, moment):
    """The axis of the party with types that chooses last at the moment of node n, -1 if none."""
    now = n
    while moment[graph.successor[graph.first[now]]] == n:
        now = graph.successor[graph.first[now]]
    return graph.axis[now]


@numba.njit(cache=True, error_model="numpy")
def nodes_of_moment(n, graph, moment):
    """The nodes of a moment, party after party, and where those of each begin (M + 1,)."""
    count, parties, now, most = 1, 0, n, 1
    while moment[now] == n:
        parties += 1
        count *= graph.first[now + 1] - graph.first[now]
        most += count
        now = graph.successor[graph.first[now]]
    nodes, level = np.empty(most, np.int64), np.zeros(parties + 1, np.int64)
    nodes[0], done, level[1] = n, 1, 1
    for i in range(1, parties):
        for place in range(level[i - 1], level[i]):
            for b in range(graph.first[nodes[place]], graph.first[nodes[place] + 1]):
                nodes[done] = graph.successor[b]
                done += 1
        level[i + 1] = done
    return nodes[:done], level


@numba.njit(cache=True, error_model="numpy")
def describe_moment(nodes, level, graph, payoffs, precision, size):
    """The problem without what joint choices are worth, and the node (T,) to which each leads.

    size   grid points along the axis of the last party's type, 0 if it has none
    """
    M = len(level) - 1
    P = M + 1 if size > 0 else M
    party, options = np.empty(P, np.int32), np.empty(P, np.int32)
    first, q = np.zeros(P + 1, np.int32), np.empty(P)
    T = 1
    for i in range(P):
        party[i] = min(i, M - 1)
        node = nodes[level[party[i]]]
        options[i] = graph.first[node + 1] - graph.first[node]
        first[i + 1] = first[i] + options[i]
        q[i] = precision[graph.mover[node]]
        T *= options[i] if i < M else 1
    cost, log_weight = np.empty(first[P]), np.empty(first[P])
    for i in range(P):
        begin = graph.first[nodes[level[party[i]]]]
        for a in range(options[i]):
            cost[first[i] + a] = payoffs.cost[begin + a, i - party[i]]
            log_weight[first[i] + a] = payoffs.log_weight[begin + a]
    leaf, digit = np.empty(T, np.int64), np.empty((M, T), np.int32)
    t = 0
    for place in range(level[M - 1], level[M]):
        for b in range(graph.first[nodes[place]], graph.first[nodes[place] + 1]):
            leaf[t] = graph.successor[b]
            t += 1
    for t in range(T):
        rest = t
        for i in range(M - 1, -1, -1):
            digit[i, t] = rest % options[i]
            rest //= options[i]
    along = np.empty((P if size > 0 else 0, T if size > 0 else 0, size))
    problem = MomentProblem(
        np.zeros((P, T)), digit, party, options, first, cost, log_weight, q, np.ones(P), along,
        np.zeros((P, T)), np.empty((P, size)), np.zeros(P), np.zeros(3),
    )  # fmt: skip
    return problem, leaf
