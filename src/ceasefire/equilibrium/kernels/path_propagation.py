"""Where do paths with their exact records lead in one period?

A path splits at every choice and every draw of chance. Choices are read between grid points in the
analyst's belief. Arrays are those of `structures`.
"""

import math

import numba
import numpy as np

from ceasefire.equilibrium.kernels.interpolation import interpolation_weight, locate_segment
from ceasefire.equilibrium.kernels.structures import (
    MAX_CORNERS,
    MAX_RECORD,
    PathArrays,
    type_after_renewal,
)
from ceasefire.game.graph import CHANCE, DECISION, END, RENEWAL

MAX_PARTICLE_STACK = 4096
MAX_PATH_STACK = 100_000
CAPACITY_EXCEEDED, STACK_EXCEEDED = -1, -2
NOT_KNOWN = -1.0  # of a type's probability: it goes by the record


@numba.njit(cache=True, error_model="numpy", nogil=True)
def fill_feasible_futures(graph, required, excluded, allowed_ends, facts_ahead, can_end):
    """What can still happen from each node, in place.

    graph (GraphArrays)
    required (B,)       bits of the facts that a branch shows
    excluded (B,)       branches not taken
    allowed_ends (N,)   ends allowed
    facts_ahead (N,)    filled with the bits that can still be shown
    can_end (N,)        filled with whether an allowed end can be reached
    """
    kind, first, successor = graph.kind, graph.first, graph.successor
    for n in range(len(kind)):
        if kind[n] == END:
            facts_ahead[n], can_end[n] = 0, allowed_ends[n]
            continue
        facts_ahead[n], can_end[n] = 0, False
        for b in range(first[n], first[n + 1]):
            s = successor[b]
            if excluded[b] or not can_end[s]:
                continue
            facts_ahead[n] |= required[b] | facts_ahead[s]
            can_end[n] = True


@numba.njit(cache=True, error_model="numpy", nogil=True)
def mark_constrained_reach(graph, constraints, all_facts, reached):
    """Which nodes can be come to, by the bits shown on the way: reached (N, bits), in place.

    constraints (ConstraintArrays); all_facts, the bits that must all be shown
    """
    first, successor = graph.first, graph.successor
    for n in range(len(reached) - 1, -1, -1):
        for shown in range(reached.shape[1]):
            if not reached[n, shown]:
                continue
            for b in range(first[n], first[n + 1]):
                after = shown | constraints.required[b]
                if is_feasible(constraints, b, successor[b], after, all_facts):
                    reached[successor[b], after] = True


@numba.njit(cache=True, error_model="numpy")
def is_feasible(constraints, b, s, shown, all_facts):
    """Whether branch b to node s, past which `shown` has been shown, agrees with what is known."""
    if constraints.excluded[b] or not constraints.can_end[s]:
        return False
    return (shown | constraints.facts_ahead[s]) & all_facts == all_facts


@numba.njit(cache=True, error_model="numpy")
def allocate_paths(like, count):
    """Room for `count` paths with automaton states or facts of the same type as in `like`."""
    return PathArrays(
        np.zeros(count, np.int32),
        np.zeros(count, like.state.dtype),
        np.zeros((count, like.record.shape[1])),
        np.zeros(count),
    )


@numba.njit(cache=True, error_model="numpy")
def put_path(paths, at, node, state, record, mass):
    """Write a path with its record (H,) at a place."""
    paths.node[at], paths.state[at], paths.mass[at] = node, state, mass
    paths.record[at] = record


@numba.njit(cache=True, error_model="numpy")
def push_path(stack, depth, node, state, record, axis, shift, mass):
    """Put a path on the stack, its record moved by `shift` on one axis."""
    put_path(stack, depth, node, state, record, mass)
    if shift != 0.0:
        stack.record[depth, axis] = min(max(record[axis] + shift, -MAX_RECORD), MAX_RECORD)


@numba.njit(cache=True, error_model="numpy")
def first_paths(paths, count):
    """The first `count` of some paths."""
    return PathArrays(
        paths.node[:count], paths.state[:count], paths.record[:count], paths.mass[:count]
    )


@numba.njit(cache=True, error_model="numpy")
def fill_interpolation_corners(record, grid, size, corners, weights):
    """The 2**H grid points around a record and their weights in the analyst's belief, in place."""
    corners[0], weights[0] = 0, 1.0
    count = 1
    for h in range(len(grid.low)):
        k, y = locate_segment(record[h], grid.low[h], grid.step[h], size)
        f = interpolation_weight(y, k, grid.logit[h, 0], grid.belief[h, 0])
        for c in range(count):
            corners[count + c] = corners[c] + (k + 1) * grid.strides[h]
            weights[count + c] = weights[c] * f
            corners[c] += k * grid.strides[h]
            weights[c] *= 1.0 - f
        count *= 2


@numba.njit(cache=True, error_model="numpy")
def interpolate_policy(choices, at, corners, weights, count):
    """A choice read between grid points."""
    total = 0.0
    for c in range(count):
        total += weights[c] * choices[at + corners[c]]
    return total


@numba.njit(cache=True, error_model="numpy")
def belief_at_record(known, logit, record):
    """The probability of the first type: `known` unless that is NOT_KNOWN, else by the record."""
    if known < 0.0:
        return 1.0 / (1.0 + math.exp(-(logit + record)))
    return known


@numba.njit(cache=True, error_model="numpy", inline="always")
def choice_and_shift(choices, at, second_at, corners, weights, count, reveals, belief):
    """Probability of an option, and by how much choosing it moves the record.

    at, second_at   where the choices of the first and of the second type begin
    reveals         whether the choice moves the record; else the first alone counts
    belief          probability of the first type
    """
    s_a = interpolate_policy(choices, at, corners, weights, count)
    probability, shift = s_a, 0.0
    if reveals:
        s_b = interpolate_policy(choices, second_at, corners, weights, count)
        probability = belief * s_a + (1.0 - belief) * s_b
        if s_b == 0.0:
            shift = np.inf
        elif s_a == 0.0:
            shift = -np.inf
        else:
            shift = math.log(s_a) - math.log(s_b)
    return probability, shift


@numba.njit(cache=True, error_model="numpy", nogil=True)
def advance_particles(
    graph, policy, chance, renewal_record, grid, size, constraints, all_facts, step_number,
    particles, capacity,
):  # fmt: skip
    """Move particles through one step of a period; those that are past it stay where they are.

    graph (GraphArrays), policy (PeriodPolicy), chance (B,) of the period
    renewal_record (N,)       record with which a party begins whose type a node draws anew
    grid (GridArrays), size   the records; grid points on each axis
    constraints (ConstraintArrays), all_facts   what is known, and the bits that must be shown
    particles (PathArrays)    their state is the facts shown so far

    A choice counts with its probability to the analyst, who goes by the record. Ways on which not
    all facts can be shown any more, or that end where they must not, are left.
    Returns particles and their number: CAPACITY_EXCEEDED if more than `capacity` are needed,
    STACK_EXCEEDED if one particle leads to too many.
    """
    kind, first, successor = graph.kind, graph.first, graph.successor
    H, L = len(grid.low), size ** len(grid.low)
    corners, weights = np.zeros(MAX_CORNERS, np.int64), np.zeros(MAX_CORNERS)
    moved, stack = (
        allocate_paths(particles, capacity),
        allocate_paths(particles, MAX_PARTICLE_STACK),
    )
    now = np.zeros(H)
    done = 0
    for i in range(len(particles.node)):
        put_path(
            stack, 0, particles.node[i], particles.state[i], particles.record[i], particles.mass[i]
        )
        depth = 1
        while depth > 0:
            depth -= 1
            n, shown, p = stack.node[depth], stack.state[depth], stack.mass[depth]
            now[:] = stack.record[depth]
            if graph.step[n] != step_number:
                if done == capacity:
                    return moved, CAPACITY_EXCEEDED
                put_path(moved, done, n, shown, now, p)
                done += 1
                continue
            start, K = first[n], first[n + 1] - first[n]
            axis = graph.axis[n]
            if kind[n] == RENEWAL:
                now[graph.renewed[n]] = renewal_record[n]
            belief = 1.0
            if axis >= 0:
                belief = belief_at_record(NOT_KNOWN, grid.logit[axis, 0], now[axis])
            if kind[n] == DECISION or axis >= 0:
                fill_interpolation_corners(now, grid, size, corners, weights)
            for a in range(K):
                b = start + a
                after = shown | constraints.required[b]
                if not is_feasible(constraints, b, successor[b], after, all_facts):
                    continue
                probability, shift = 1.0, 0.0
                if kind[n] == CHANCE and axis < 0:
                    probability = chance[b]
                elif kind[n] == DECISION or axis >= 0:
                    at = policy.offset[n] + a * L
                    probability, shift = choice_and_shift(
                        policy.choices, at, at + K * L, corners, weights, 2**H, axis >= 0, belief
                    )
                if probability <= 0.0:
                    continue
                if depth == MAX_PARTICLE_STACK:
                    return moved, STACK_EXCEEDED
                push_path(stack, depth, successor[b], after, now, axis, shift, p * probability)
                depth += 1
    return first_paths(moved, done), done


@numba.njit(cache=True, error_model="numpy")
def advance_exact_paths(
    graph, policy, chance, renewal_record, grid, size, known_probability, known_bit, prior_logit,
    label_transition, paths, draws, capacity, seed,
):  # fmt: skip
    """Move paths to the period's end, each splitting at every choice, or drawing if `draws`.

    graph (GraphArrays), policy (PeriodPolicy), chance (B,) of the period
    renewal_record (N,)          record with which a party begins whose type a node draws anew
    grid (GridArrays), size      the records; grid points on each axis
    known_probability (C, H)     probability of the first type to an observer who knows it,
                                 NOT_KNOWN where the observer goes by the record
    known_bit (H,)               bit of a combination that says a known type, else 0
    prior_logit (H,)             log odds of the observer's prior
    label_transition (labels, Q)   next automaton state when a branch's label is read
    paths (PathArrays)           their state is that of the automaton, which has Q / C of them for
                                 each combination of known types
    seed                         of the draws

    Returns the paths at the end and their number: CAPACITY_EXCEEDED if more than `capacity` are
    needed, STACK_EXCEEDED if one path leads to too many.
    """
    kind, first, successor, label = graph.kind, graph.first, graph.successor, graph.label
    H, L = len(grid.low), size ** len(grid.low)
    if draws:
        np.random.seed(seed)
    states = label_transition.shape[1] // len(known_probability)
    corners, weights = np.zeros(MAX_CORNERS, np.int64), np.zeros(MAX_CORNERS)
    ends, stack = allocate_paths(paths, capacity), allocate_paths(paths, MAX_PATH_STACK)
    done = 0
    now = np.zeros(H)
    for i in range(len(paths.node)):
        put_path(stack, 0, paths.node[i], paths.state[i], paths.record[i], paths.mass[i])
        depth = 1
        while depth > 0:
            depth -= 1
            n, state, p = stack.node[depth], stack.state[depth], stack.mass[depth]
            now[:] = stack.record[depth]
            if kind[n] == END:
                if done == capacity:
                    return ends, CAPACITY_EXCEEDED
                put_path(ends, done, n, state, now, p)
                done += 1
                continue
            start, K = first[n], first[n + 1] - first[n]
            axis = graph.axis[n]
            belief = 1.0
            if axis >= 0:
                belief = belief_at_record(
                    known_probability[state // states, axis], prior_logit[axis], now[axis]
                )
            if kind[n] == DECISION or axis >= 0:
                fill_interpolation_corners(now, grid, size, corners, weights)
            u = np.random.random() if draws else 0.0
            if kind[n] == RENEWAL:
                h, to = graph.renewed[n], label_transition[label[start], state]
                now[h] = renewal_record[n]
                if depth + 1 >= MAX_PATH_STACK:
                    return ends, STACK_EXCEEDED
                of_first = belief_at_record(NOT_KNOWN, prior_logit[h], now[h])
                for second in range(2 if known_bit[h] else 1):
                    likely, after = type_after_renewal(
                        second, of_first, state, to, known_bit[h], states
                    )
                    if draws and known_bit[h] and (u < of_first) == (second == 1):
                        continue
                    push_path(
                        stack, depth, successor[start], after, now, h, 0.0,
                        p if draws else p * likely,
                    )  # fmt: skip
                    depth += 1
                continue
            passed = 0.0
            for a in range(K):
                b = start + a
                probability, shift = 1.0, 0.0
                if kind[n] == CHANCE and axis < 0:
                    probability = chance[b]
                elif kind[n] == DECISION or axis >= 0:
                    at = policy.offset[n] + a * L
                    probability, shift = choice_and_shift(
                        policy.choices, at, at + K * L, corners, weights, 2**H, axis >= 0, belief
                    )
                if probability <= 0.0:
                    continue
                passed += probability
                if draws and u >= passed and a < K - 1:
                    continue
                if depth == MAX_PATH_STACK:
                    return ends, STACK_EXCEEDED
                push_path(
                    stack, depth, successor[b], label_transition[label[b], state], now, axis, shift,
                    p if draws else p * probability,
                )  # fmt: skip
                depth += 1
                if draws:
                    break
    return first_paths(ends, done), done
