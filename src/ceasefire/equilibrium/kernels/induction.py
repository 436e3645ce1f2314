"""What is everyone's value before each node of a period, given the values at its end?

One pass upwards over the slots: a branch always leads to a smaller slot. Arrays are those of
`structures`; V (N, R, L) holds the value of each player type before each node at each grid point.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.interpolation import interpolation_weight, locate_segment
from ceasefire.equilibrium.kernels.moments import (
    moment_axis,
    solve_moment,
    solve_moment_of_types,
)
from ceasefire.equilibrium.kernels.newton_batched import (
    fill_signalling_values,
    fill_unrevealing_values,
)
from ceasefire.equilibrium.kernels.signalling import solve_signalling_decision
from ceasefire.equilibrium.kernels.structures import (
    DECISION_COUNT,
    AxisGrid,
    AxisLine,
    allocate_decision_scratch,
    fill_axis_coordinates,
    log_odds_of_types,
)
from ceasefire.equilibrium.kernels.vector_math import vectorisable_exp
from ceasefire.game.graph import CHANCE, END, PAYMENT, RENEWAL

MIN_REPLY = 1e-3  # an option that is less likely than this is not what a reply is steep in
MIN_PROBABILITY = 1e-30
STEPS_WELL_READ, STEPS_BADLY_READ = 1.0, 3.0  # changes of log probability from point to point


@numba.njit(cache=True, error_model="numpy", nogil=True)
def solve_period_untyped(
    graph, payoffs, moment, types, reachable, precision, V, policy, stats, flags, selection
):
    """Values and choices of every reachable node of a period of a game without types.

    graph (GraphArrays), payoffs (PayoffArrays), types (PlayerTypeArrays)
    moment (N,)      the first choice of the moment that a choice belongs to, -1 if to none; None
                     for a game without moments: what they need is then not compiled
    reachable (N,)   nodes that can be met
    precision (P,)   precision of each party
    V (N, R)         values before each node, the period's ends filled in; modified in place
    policy (PeriodPolicy)   its choices are filled
    stats            decisions are added to stats[DECISION_COUNT]
    flags (N, 1)     bits of what was found of each moment are set at its first node
    selection        PRINCIPAL, PRINCIPAL_AND_COUNT, TELLING or SILENT, of moments
    """
    kind, mover, first, successor = graph.kind, graph.mover, graph.first, graph.successor
    chance, cost, log_weight, payment = (
        payoffs.chance, payoffs.cost, payoffs.log_weight, payoffs.payment
    )  # fmt: skip
    choices = policy.choices
    N, R = V.shape
    for n in range(N):
        if kind[n] == END or not reachable[n]:
            continue
        if moment is not None and moment[n] >= 0:
            if moment[n] == n:
                solve_moment(
                    n, graph, payoffs, moment, types, precision, V.reshape(N, R, 1), policy, stats,
                    flags, selection,
                )  # fmt: skip
            continue
        start, stop = first[n], first[n + 1]
        if kind[n] == CHANCE:
            for r in range(R):
                V[n, r] = 0.0
            for b in range(start, stop):
                p, s = chance[b], successor[b]
                if p == 0.0:
                    continue
                for r in range(R):
                    V[n, r] += p * V[s, r]
        elif kind[n] == PAYMENT:
            s = successor[start]
            for r in range(R):
                V[n, r] = V[s, r] - payment[n, r]
        else:
            i, at = mover[n], policy.offset[n]
            if stop - start == 1:
                choices[at] = 1.0
                for r in range(R):
                    V[n, r] = V[successor[start], r]
                V[n, i] -= cost[start, 0]
                continue
            top, total = -np.inf, 0.0
            for b in range(start, stop):
                y = log_weight[b] + precision[i] * (V[successor[b], i] - cost[b, 0])
                choices[at + b - start] = y
                top = max(top, y)
            for k in range(at, at + stop - start):
                choices[k] = vectorisable_exp(choices[k] - top)
                total += choices[k]
            for r in range(R):
                V[n, r] = 0.0
            total = 1.0 / total
            for b in range(start, stop):
                p, s = choices[at + b - start] * total, successor[b]
                choices[at + b - start] = p
                V[n, i] -= p * cost[b, 0]
                for r in range(R):
                    V[n, r] += p * V[s, r]
            stats[DECISION_COUNT] += 1


@numba.njit(cache=True, error_model="numpy")
def mark_reachable_nodes(graph, state, step_entry, next_step, reachable, may_skip_steps):
    """Mark the nodes that can be met from those already marked; `reachable` (N,) in place.

    graph (GraphArrays); state (N,) the state in which each node's step began
    step_entry (steps + 1, X)   slot at which a step begins in a state, -1 where it does not
    next_step (steps,)          the step after each, -1 where several may come next
    may_skip_steps   whether the next step may also be entered from wherever a step began
    """
    first, successor, step = graph.first, graph.successor, graph.step
    for n in range(len(reachable) - 1, -1, -1):
        if not reachable[n]:
            continue
        for b in range(first[n], first[n + 1]):
            reachable[successor[b]] = True
        if may_skip_steps and step[n] >= 0 and next_step[step[n]] >= 0:
            slot = step_entry[next_step[step[n]], state[n]]
            if slot >= 0:
                reachable[slot] = True


@numba.njit(cache=True, error_model="numpy", nogil=True)
def solve_period(
    graph, payoffs, moment, types, grid, size, prior_kind, reachable, precision,
    V, policy, shift_guess, stats, flags, selection, reply_shift, moment_of_types=None,
):  # fmt: skip
    """Values and choices of every reachable node of a period, from those of its end.

    graph (GraphArrays), payoffs (PayoffArrays), types (PlayerTypeArrays), grid (GridArrays)
    moment (N,)          the first choice of the moment that a choice belongs to, -1 if to none;
                         None for a game without moments: what they need is then not compiled
    size                 grid points on each axis
    prior_kind (P + 1, H)   which prior each party goes by about each axis, the analyst last
    reachable (N,)       nodes that can be met
    precision (P,)       precision of each party
    V (N, R, L)          values before each node, the period's ends filled in; modified in place
    policy (PeriodPolicy)   its choices are filled
    shift_guess          by how much choices moved records, laid out like the choices: the guess to
                         start from; modified in place
    stats (STATS_SIZE,)  numbers of the certificate, added to
    flags (N, L)         bits of what was found of each decision at each grid point are set
    selection            PRINCIPAL, PRINCIPAL_AND_COUNT, TELLING or SILENT
    reply_shift          1 or -1 where steep replies are to be those at the grid point above or
                         below; else 0
    moment_of_types      None where no party that knows a type chooses at a moment: what such
                         moments need is then not compiled
    """
    kind, mover, first, successor = graph.kind, graph.mover, graph.first, graph.successor
    cost, log_weight, choices = payoffs.cost, payoffs.log_weight, policy.choices
    L, H = V.shape[2], len(grid.low)
    M = grid.logit.shape[1] if H else 0
    scratch = allocate_decision_scratch(most_telling_options(graph), M, L)
    record, node = np.empty((H, L)), np.empty((H, L), np.int64)
    base = np.empty((H, L), np.int64)
    fill_axis_coordinates(grid.strides, size, node, base)
    for h in range(H):
        for x in range(L):
            record[h, x] = grid.low[h] + grid.step[h] * node[h, x]
    inverse = 1.0 / (grid.belief[:, :, 1:] - grid.belief[:, :, :-1])
    for n in range(len(V)):
        if kind[n] == END or not reachable[n]:
            continue
        if moment is not None and moment[n] >= 0:
            if moment[n] != n:
                continue
            if moment_of_types is not None:
                axis = moment_axis(n, graph, moment)
                if axis >= 0:
                    solve_moment_of_types(
                        n, graph, payoffs, moment, types, precision, V, policy, shift_guess,
                        stats, flags, selection,
                        AxisLine(record[axis], base[axis], node[axis], grid.strides[axis]), axis,
                        AxisGrid(grid.low[axis], grid.step[axis], grid.logit[axis, 0]),
                        grid.belief[axis], inverse[axis], grid.logit[axis], prior_kind[:, axis],
                        scratch,
                    )  # fmt: skip
                    continue
            solve_moment(
                n, graph, payoffs, moment, types, precision, V, policy, stats, flags, selection
            )
            continue
        i, axis, start, stop = mover[n], graph.axis[n], first[n], first[n + 1]
        if kind[n] == CHANCE and axis < 0:
            fill_chance_values(n, graph, payoffs.chance, V)
            continue
        if kind[n] == PAYMENT:
            fill_payment_values(n, graph, payoffs.payment, V)
            continue
        if kind[n] == RENEWAL:
            h = graph.renewed[n]
            fill_renewal_values(
                n, h, successor[start], payoffs.renewal_record[n], grid, size, base[h],
                types, prior_kind[:, h], V,
            )  # fmt: skip
            continue
        K, at = stop - start, policy.offset[n]
        if axis < 0:
            fill_unrevealing_choices(n, graph, payoffs, types, precision[i], V, choices, at)
            if reply_shift != 0 and K > 1:
                reply = choices[at : at + K * L].reshape(1, K, L)
                for h in range(H):
                    reply_as_at_neighbours(
                        reply, record[h], node[h], size, grid.strides[h], reply_shift
                    )
            fill_unrevealing_values(n, graph, payoffs, types, V, choices, at)
            if K > 1:
                stats[DECISION_COUNT] += L
            continue
        r = shift_guess[at : at + K * L].reshape(K, L)
        sigma = choices[at : at + 2 * K * L].reshape(2, K, L)
        line = AxisLine(record[axis], base[axis], node[axis], grid.strides[axis])
        axis_grid = AxisGrid(grid.low[axis], grid.step[axis], grid.logit[axis, 0])
        if kind[n] == CHANCE:
            fill_news(payoffs.chance_by_type[start:stop], r, sigma)
        else:
            solve_signalling_decision(
                successor[start:stop], cost[start:stop], log_weight[start:stop], precision[i],
                types.first[i], line, axis_grid, grid.belief[axis, 0], inverse[axis, 0],
                V, r, sigma, scratch, stats, flags[n], selection,
            )  # fmt: skip
            if reply_shift != 0 and H > 1:
                for h in range(H):
                    if h != axis:
                        reply_as_at_neighbours(
                            sigma, record[h], node[h], size, grid.strides[h], reply_shift
                        )
                fill_shifts_of_choices(sigma, r)
            stats[DECISION_COUNT] += L
        fill_signalling_values(
            n, i, axis, successor[start:stop], cost[start:stop], line, axis_grid,
            grid.logit[axis], grid.belief[axis], inverse[axis], r, sigma,
            types, prior_kind[:, axis], V, scratch,
        )  # fmt: skip


@numba.njit(cache=True, error_model="numpy")
def most_telling_options(graph):
    """The greatest number of branches of a node that tells of a type, at least 1."""
    most = 1
    for n in range(len(graph.kind)):
        if graph.axis[n] >= 0:
            most = max(most, graph.first[n + 1] - graph.first[n])
    return most


@numba.njit(cache=True, error_model="numpy")
def fill_news(chance, r, sigma):
    """What outcomes of chance (K, 2) tell: sigma (2, K, L) like choices, and the shifts r (K, L).

    An outcome that one type rules out moves the record to where no record can come back from.
    """
    K, L = r.shape
    for a in range(K):
        shift = log_odds_of_types(chance[a, 0], chance[a, 1])
        for x in range(L):
            sigma[0, a, x], sigma[1, a, x], r[a, x] = chance[a, 0], chance[a, 1], shift


@numba.njit(cache=True, error_model="numpy")
def fill_chance_values(n, graph, chance, V):
    """Values before a draw of chance: the mean of those after it."""
    _, R, L = V.shape
    for r in range(R):
        for x in range(L):
            V[n, r, x] = 0.0
    for b in range(graph.first[n], graph.first[n + 1]):
        p, s = chance[b], graph.successor[b]
        if p == 0.0:
            continue
        for r in range(R):
            for x in range(L):
                V[n, r, x] += p * V[s, r, x]


@numba.njit(cache=True, error_model="numpy")
def fill_payment_values(n, graph, payment, V):
    """Values before a payment: those after it less what each player type pays."""
    _, R, L = V.shape
    s = graph.successor[graph.first[n]]
    for r in range(R):
        for x in range(L):
            V[n, r, x] = V[s, r, x] - payment[n, r]


@numba.njit(cache=True, error_model="numpy")
def fill_renewal_values(n, h, s, drawn_at, grid, size, base, types, prior_kind, V):
    """Values before the type of the party of axis h is drawn anew, which all then know nothing of.

    s          the node after it
    drawn_at   the record with which the party begins anew
    base (L,)  first point of the line of axis h through each point
    prior_kind (P + 1,)   which prior each party goes by about it

    Who knows its type expects to be of, or to know, either type as the analyst does.
    """
    _, R, L = V.shape
    stride = grid.strides[h]
    k, record = locate_segment(drawn_at, grid.low[h], grid.step[h], size)
    for r in range(R):
        i, m = types.party[r], prior_kind[types.party[r]]
        f = interpolation_weight(record, k, grid.logit[h, m], grid.belief[h, m])
        first = 1.0 / (1.0 + math.exp(-(grid.logit[h, m] + drawn_at)))
        knows = types.axis[i] == h
        a = types.first[i] if knows else r
        for x in range(L):
            z = base[x] + k * stride
            value = (1.0 - f) * V[s, a, z] + f * V[s, a, z + stride]
            if knows:
                other = (1.0 - f) * V[s, a + 1, z] + f * V[s, a + 1, z + stride]
                value = first * value + (1.0 - first) * other
            V[n, r, x] = value


@numba.njit(cache=True, error_model="numpy")
def fill_unrevealing_choices(n, graph, payoffs, types, q, V, choices, at):
    """Choices that move no record, from `at` on: logit with precision q at every grid point.

    The mover has no types, or one option only.
    """
    cost, log_weight, successor = payoffs.cost, payoffs.log_weight, graph.successor
    start, i = graph.first[n], graph.mover[n]
    K = graph.first[n + 1] - start
    L = V.shape[2]
    own = types.first[i]
    if K == 1:
        for t in range(2 if types.axis[i] >= 0 else 1):
            for x in range(L):
                choices[at + t * L + x] = 1.0
        return
    top = np.full(L, -np.inf)
    total = np.zeros(L)
    for a in range(K):
        for x in range(L):
            y = log_weight[start + a] + q * (V[successor[start + a], own, x] - cost[start + a, 0])
            choices[at + a * L + x] = y
            top[x] = max(top[x], y)
    for a in range(K):
        for x in range(L):
            y = vectorisable_exp(choices[at + a * L + x] - top[x])
            choices[at + a * L + x] = y
            total[x] += y
    for x in range(L):
        total[x] = 1.0 / total[x]
    for a in range(K):
        for x in range(L):
            choices[at + a * L + x] *= total[x]


@numba.njit(cache=True, error_model="numpy")
def reply_as_at_neighbours(choices, record, node, size, stride, reply_shift):
    """Replace replies that are steep in a record by those at the next grid point, in place.

    choices (types, K, L)   probability of each option
    record, node (L,)       the record along one axis, and its place there; where the record is 0,
                            nothing has been shown, and the reply is read at a grid point
    reply_shift             1 for the next grid point above, -1 for that below

    What counts is by how much the log of a probability changes: a line between two grid points is
    right where that is little, and may be wrong by all of the change where it is much.
    """
    types, K, L = choices.shape
    before = choices.copy()
    for x in range(L):
        if record[x] == 0.0 or not 0 <= node[x] + reply_shift < size:
            continue
        y = x + reply_shift * stride
        steepest = 0.0
        for t in range(types):
            for a in range(K):
                here, there = before[t, a, x], before[t, a, y]
                if max(here, there) > MIN_REPLY:
                    ratio = max(here, MIN_PROBABILITY) / max(there, MIN_PROBABILITY)
                    steepest = max(steepest, abs(math.log(ratio)))
        share = (steepest - STEPS_WELL_READ) / (STEPS_BADLY_READ - STEPS_WELL_READ)
        share = min(max(share, 0.0), 1.0)
        for t in range(types):
            for a in range(K):
                choices[t, a, x] += share * (before[t, a, y] - choices[t, a, x])


@numba.njit(cache=True, error_model="numpy")
def fill_shifts_of_choices(sigma, r):
    """By how much choices (2, K, L) move the record, into r (K, L) where neither is 0."""
    K, L = r.shape
    for a in range(K):
        for x in range(L):
            if sigma[0, a, x] > 0.0 and sigma[1, a, x] > 0.0:
                r[a, x] = log_odds_of_types(sigma[0, a, x], sigma[1, a, x])
