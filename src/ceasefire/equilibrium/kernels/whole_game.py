"""How are the choices of a whole unrolled game written as one system of equations?

With u(a) the log odds of option a against the first, weights aside, the system is

    E(a) = u(a) - s q (Q(a) - Q(first)) = 0,    choice(a) ~ weight(a) exp(u(a)),

for each type of each mover, s being the share of everybody's precision q. The values Q and the
records are functions of u: values from the end backwards, records from the start onwards. Its
Jacobian is wanted with values V and records l as unknowns of their own, where it is sparse:

    (u, s, V, l) -> (E, border, V - f(u, V, l), l - g(u, l)).

Eliminating V and l leaves the Jacobian of E in u, with the same determinant.

Letters: G places of all periods, each after all that follow it; B branches; n unknown log odds; S
histories; R player types; H parties with types.
"""

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from ceasefire.game.graph import CHANCE, DECISION, END
from ceasefire.game.states import Floats, Ints

CERTAIN_RECORD = 1e6  # of news that rules a type out; no choice shows so much


class WholeGameArrays(NamedTuple):
    """An unrolled game in one world, all periods in one."""

    kind: npt.NDArray[np.int8]  # (G,) END, CHANCE, DECISION or PAYMENT
    mover: Ints  # (G,) who decides, -1 where nobody
    axis: Ints  # (G,) of which party with types the place tells, -1 if of none
    history: Ints  # (G,)
    first: npt.NDArray[np.int64]  # (G + 1,) first branch of each place
    successor: npt.NDArray[np.int64]  # (B,) at an end, where the next period begins
    chance: Floats  # (B,)
    cost: Floats  # (B, 2) what the mover of each type pays
    log_weight: Floats  # (B,)
    gain: Floats  # (G, R) what each player type gets at an end, or minus what it pays
    gain_by_types: Floats  # (C, G, R) besides, at an end, by the types of all; (0, G, R) if nothing
    unknown: npt.NDArray[np.int64]  # (G,) first unknown of a decision, -1 where there is none
    choice: npt.NDArray[np.int64]  # (G,) first (type, option) of a decision or of news, or -1
    before: Ints  # (S,) the history before the last choice of each, the first one aside
    shown_at: npt.NDArray[np.int64]  # (S,) the place of that choice
    shown_option: Ints  # (S,) which option
    shown_axis: Ints  # (S,) which party with types


class WholeGamePlayers(NamedTuple):
    """Who plays an unrolled game in one world."""

    axis: Ints  # (P,) of which party with types each knows the type, -1 for none
    own: Ints  # (P,) the first player type of each party
    party: Ints  # (R,)
    type_index: Ints  # (R,)
    logit: Floats  # (P, H) log odds of what each party believes at the start
    patience: Floats  # (R,)
    precision: Floats  # (P,)


class WholeGameValues(NamedTuple):
    """What follows from the unknowns."""

    log_choice: Floats  # (C,) log probability of every option
    record: Floats  # (S, H) log-likelihood ratio of what each history has shown
    value: Floats  # (G, R)
    residual: Floats  # (n,) E
    slope: Floats  # (n,) derivative of E in s


@numba.njit(cache=True, error_model="numpy")
def type_count(game, g):
    """How many types choose at a place, each in its own way."""
    return 2 if game.axis[g] >= 0 else 1


@numba.njit(cache=True, error_model="numpy")
def knows_type(game, players, g, r):
    """Whether a player type knows the type of which a place tells."""
    return game.axis[g] >= 0 and players.axis[players.party[r]] == game.axis[g]


@numba.njit(cache=True, error_model="numpy")
def first_type_belief(players, record, r, axis):
    """What a player type believes of a party's first type, and the derivative in the record."""
    odds = players.logit[players.party[r], axis] + record[axis]
    if odds >= 0.0:
        z = np.exp(-odds)
        return 1.0 / (1.0 + z), z / (1.0 + z) ** 2
    z = np.exp(odds)
    return z / (1.0 + z), z / (1.0 + z) ** 2


@numba.njit(cache=True, error_model="numpy")
def combination_weight(players, record, r, combination, by):
    """What a player type believes of a combination of types, or its derivative in the record `by`.

    by   which party with types; -1 for the belief itself
    """
    H, weight = len(record), 1.0
    for h in range(H):
        belief, turn = first_type_belief(players, record, r, h)
        first = (combination >> (H - 1 - h)) & 1 == 0
        if h == by:
            weight *= turn if first else -turn
        else:
            weight *= belief if first else 1.0 - belief
    return weight


@numba.njit(cache=True, error_model="numpy")
def evaluate_whole_game(game, players, u, s, out):
    """Choices, records, values and residuals (`out`) at the unknowns u (n,) and the share s."""
    fill_log_choices(game, u, out.log_choice)
    fill_records(game, out)
    for g in range(len(game.kind)):
        fill_place_values(game, players, g, out)
        if game.unknown[g] >= 0:
            fill_place_residuals(game, players, g, u, s, out)


@numba.njit(cache=True, error_model="numpy")
def fill_log_choices(game, u, log_choice):
    """The log probability of every option."""
    for g in range(len(game.kind)):
        if game.unknown[g] < 0:
            continue
        b, K = game.first[g], game.first[g + 1] - game.first[g]
        for t in range(type_count(game, g)):
            at, j = game.choice[g] + t * K, game.unknown[g] + t * (K - 1)
            top = -np.inf
            for a in range(K):
                log_choice[at + a] = game.log_weight[b + a] + (u[j + a - 1] if a > 0 else 0.0)
                top = max(top, log_choice[at + a])
            total = 0.0
            for a in range(K):
                total += np.exp(log_choice[at + a] - top)
            total = top + np.log(total)
            for a in range(K):
                log_choice[at + a] -= total


@numba.njit(cache=True, error_model="numpy")
def fill_records(game, out):
    """What each history has shown; a history comes after the one before its last choice."""
    out.record[0] = 0.0
    for k in range(1, len(game.before)):
        g = game.shown_at[k]
        K, at = game.first[g + 1] - game.first[g], game.choice[g] + game.shown_option[k]
        out.record[k] = out.record[game.before[k]]
        first, second = out.log_choice[at], out.log_choice[at + K]
        if first == -np.inf or second == -np.inf:  # news that rules a type out
            out.record[k, game.shown_axis[k]] = (
                -CERTAIN_RECORD if first < second else CERTAIN_RECORD
            )
        elif abs(out.record[k, game.shown_axis[k]]) < CERTAIN_RECORD:
            out.record[k, game.shown_axis[k]] += first - second


@numba.njit(cache=True, error_model="numpy")
def fill_place_values(game, players, g, out):
    """What every player type expects at a place, from what it expects after it."""
    V, first, past = out.value, game.first[g], game.first[g + 1]
    for r in range(V.shape[1]):
        V[g, r] = game.gain[g, r]
        for c in range(len(game.gain_by_types) if game.kind[g] == END else 0):
            weight = combination_weight(players, out.record[game.history[g]], r, c, -1)
            V[g, r] += weight * game.gain_by_types[c, g, r]
    if game.kind[g] != DECISION and game.axis[g] < 0:
        for b in range(first, past):
            p = game.chance[b] if game.kind[g] == CHANCE else 1.0
            for r in range(V.shape[1]):
                worth = players.patience[r] if game.kind[g] == END else p
                V[g, r] += worth * V[game.successor[b], r]
        return
    i, K = game.mover[g], past - first
    for r in range(V.shape[1]):
        mine, knows = players.party[r] == i, knows_type(game, players, g, r)
        for t in range(type_count(game, g)):
            if knows and t != players.type_index[r]:
                continue
            kind, weight = (players.type_index[r] if K == 1 else t), 1.0
            if not knows and game.axis[g] >= 0:
                belief, _ = first_type_belief(players, out.record[game.history[g]], r, game.axis[g])
                weight = belief if t == 0 else 1.0 - belief
            for a in range(K):
                p = np.exp(out.log_choice[game.choice[g] + t * K + a]) if K > 1 else 1.0
                paid = game.cost[first + a, kind] if mine else 0.0
                V[g, r] += weight * p * (V[game.successor[first + a], r] - paid)


@numba.njit(cache=True, error_model="numpy")
def fill_place_residuals(game, players, g, u, s, out):
    """The equations of a decision, and their derivative in the share of precision."""
    i, first = game.mover[g], game.first[g]
    K = game.first[g + 1] - first
    for t in range(type_count(game, g)):
        r, j = players.own[i] + t, game.unknown[g] + t * (K - 1)
        base = out.value[game.successor[first], r] - game.cost[first, t]
        for a in range(1, K):
            gain = out.value[game.successor[first + a], r] - game.cost[first + a, t] - base
            out.slope[j + a - 1] = -players.precision[i] * gain
            out.residual[j + a - 1] = u[j + a - 1] - s * players.precision[i] * gain


class JacobianEntries(NamedTuple):
    """A sparse matrix as a list of entries; those at one place add up."""

    row: Ints
    column: Ints
    entry: Floats


@numba.njit(cache=True, error_model="numpy")
def put(into, count, row, column, entry):
    """Add an entry; how many there are."""
    into.row[count], into.column[count], into.entry[count] = row, column, entry
    return count + 1


@numba.njit(cache=True, error_model="numpy")
def put_record_equations(game, out, scale, into, count):
    """Entries of what has been shown after each node that shows something; how many now."""
    (G, R), H, V = out.value.shape, out.record.shape[1], len(scale) + 1
    L = V + G * R
    for k in range(len(game.before)):
        for h in range(H):
            count = put(into, count, L + k * H + h, L + k * H + h, 1.0)
            held = h == game.shown_axis[k] and abs(out.record[k, h]) >= CERTAIN_RECORD
            if k > 0 and not held:
                count = put(into, count, L + k * H + h, L + game.before[k] * H + h, -1.0)
        if k == 0 or game.unknown[game.shown_at[k]] < 0:
            continue
        if abs(out.record[game.before[k], game.shown_axis[k]]) >= CERTAIN_RECORD:
            continue
        g, row = game.shown_at[k], L + k * H + game.shown_axis[k]
        K = game.first[g + 1] - game.first[g]
        for t in range(2):
            at, j = game.choice[g] + t * K, game.unknown[g] + t * (K - 1)
            for a in range(1, K):
                moved = (1.0 if a == game.shown_option[k] else 0.0) - np.exp(out.log_choice[at + a])
                moved *= scale[j + a - 1]
                count = put(into, count, row, j + a - 1, -moved if t == 0 else moved)
    return count


@numba.njit(cache=True, error_model="numpy")
def put_decision_equations(game, players, s, out, scale, g, into, count):
    """Entries of a node where somebody chooses, or chance tells of a type; how many now."""
    (G, R), H, V = out.value.shape, out.record.shape[1], len(scale) + 1
    L = V + G * R
    first, i = game.first[g], game.mover[g]
    K = game.first[g + 1] - first
    axis, chosen = game.axis[g], game.unknown[g] >= 0
    for t in range(type_count(game, g)):
        at, j = game.choice[g] + t * K, game.unknown[g] + t * (K - 1)
        own = players.own[i] + t
        for a in range(1, K if chosen else 0):
            rate = s * players.precision[i] / scale[j + a - 1]
            count = put(into, count, j + a - 1, V + game.successor[first + a] * R + own, -rate)
            count = put(into, count, j + a - 1, V + game.successor[first] * R + own, rate)
        for r in range(R):
            mine, knows = players.party[r] == i, knows_type(game, players, g, r)
            if knows and t != players.type_index[r]:
                continue
            weight, turn = 1.0, 0.0
            if not knows and axis >= 0:
                belief, turn = first_type_belief(players, out.record[game.history[g]], r, axis)
                weight = belief if t == 0 else 1.0 - belief
                turn = turn if t == 0 else -turn
            mean = 0.0
            for a in range(K):
                p = np.exp(out.log_choice[at + a])
                paid = game.cost[first + a, t] if mine else 0.0
                mean += p * (out.value[game.successor[first + a], r] - paid)
                column = V + game.successor[first + a] * R + r
                count = put(into, count, V + g * R + r, column, -weight * p)
            for a in range(1, K if chosen else 0):
                p = np.exp(out.log_choice[at + a])
                paid = game.cost[first + a, t] if mine else 0.0
                more = out.value[game.successor[first + a], r] - paid - mean
                more *= scale[j + a - 1]
                count = put(into, count, V + g * R + r, j + a - 1, -weight * p * more)
            if turn != 0.0:
                column = L + game.history[g] * H + axis
                count = put(into, count, V + g * R + r, column, -turn * mean)
    return count


@numba.njit(cache=True, error_model="numpy")
def put_value_equations(game, players, s, out, scale, g, into, count):
    """Entries of what node g is worth, and of the odds of what is chosen there; how many now."""
    (G, R), H, V = out.value.shape, out.record.shape[1], len(scale) + 1
    L = V + G * R
    for r in range(R):
        count = put(into, count, V + g * R + r, V + g * R + r, 1.0)
    first, past = game.first[g], game.first[g + 1]
    if game.kind[g] == END and len(game.gain_by_types) > 0:
        for r in range(R):
            for h in range(H):
                turn = 0.0
                for c in range(len(game.gain_by_types)):
                    weight = combination_weight(players, out.record[game.history[g]], r, c, h)
                    turn += weight * game.gain_by_types[c, g, r]
                column = L + game.history[g] * H + h
                count = put(into, count, V + g * R + r, column, -turn)
    if (game.kind[g] != DECISION and game.axis[g] < 0) or past - first == 1:
        for b in range(first, past):
            for r in range(R):
                worth = 1.0
                if game.kind[g] == CHANCE:
                    worth = game.chance[b]
                elif game.kind[g] == END:
                    worth = players.patience[r]
                count = put(into, count, V + g * R + r, V + game.successor[b] * R + r, -worth)
        return count
    return put_decision_equations(game, players, s, out, scale, g, into, count)


@numba.njit(cache=True, error_model="numpy")
def fill_whole_jacobian(game, players, s, out, scale, along, into):
    """The Jacobian at values evaluated before, by places; how many entries there are.

    Unknowns are divided by `scale` (n,), and so are their equations; `along` (n + 1,) is the
    border. Order of rows and columns: n log odds, the share, G R values, S H records.
    """
    n, count = len(scale), 0
    for j in range(n):
        count = put(into, count, j, j, 1.0)
        count = put(into, count, j, n, out.slope[j] / scale[j])
    for j in range(n + 1):
        count = put(into, count, n, j, along[j])
    for g in range(len(out.value)):
        count = put_value_equations(game, players, s, out, scale, g, into, count)
    return put_record_equations(game, out, scale, into, count)


@numba.njit(cache=True)
def permutation_sign(order):
    """1.0 for an even permutation, -1.0 for an odd one."""
    seen = np.zeros(len(order), np.bool_)
    sign = 1.0
    for k in range(len(order)):
        if seen[k]:
            continue
        length, at = 0, k
        while not seen[at]:
            seen[at] = True
            at = order[at]
            length += 1
        if length % 2 == 0:
            sign = -sign
    return sign
