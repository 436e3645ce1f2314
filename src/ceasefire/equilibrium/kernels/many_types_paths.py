"""Where do paths with exact records lead in a period, where a party has more than two types?

As in `path_propagation`. A record is the log-likelihood ratios of each party with types, its first
type against each other; those of axis h stand from place[h] on. Arrays are those of `structures`,
`SimplexArrays` and `PathReaderArrays`.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from ceasefire.equilibrium.kernels.path_propagation import (
    CAPACITY_EXCEEDED,
    MAX_PARTICLE_STACK,
    MAX_PATH_STACK,
    STACK_EXCEEDED,
    allocate_paths,
    first_paths,
    interpolate_policy,
    is_feasible,
    put_path,
)
from ceasefire.equilibrium.kernels.simplex import locate_in_simplex, weigh_for_reader
from ceasefire.game.graph import CHANCE, DECISION, END
from ceasefire.game.states import Floats, Ints

RULED_OUT = 1e5  # the log of how much less likely a type is that something rules out


class PathReaderArrays(NamedTuple):
    """Where records stand, and who counts probabilities."""

    place: Ints  # (H + 1,) where the ratios of each axis begin
    reference: Floats  # (H, T) reference prior of the grid
    prior: Floats  # (H, T) the reader's prior
    known: Ints  # (H,) the type that the reader knows, -1 if it goes by the record


@numba.njit(cache=True, error_model="numpy")
def fill_beliefs_at_record(prior, shown, belief):
    """Belief in each type, from a prior (T,) and a record (T - 1,), into belief (T,)."""
    top = math.log(prior[0])
    for k in range(1, len(prior)):
        top = max(top, math.log(prior[k]) - shown[k - 1])
    total = 0.0
    for k in range(len(prior)):
        belief[k] = math.exp(math.log(prior[k]) - (shown[k - 1] if k > 0 else 0.0) - top)
        total += belief[k]
    for k in range(len(prior)):
        belief[k] /= total


@numba.njit(cache=True, error_model="numpy")
def fill_simplex_corners(record, simplex, reader, corners, weights):
    """The grid points around a record and their weights in the analyst's belief; their number."""
    corners[0], weights[0] = 0, 1.0
    count = 1
    for h in range(len(simplex.types)):
        T = simplex.types[h]
        belief, share = np.empty(T), np.empty(T)
        point, weight, raised = np.empty(T, np.int64), np.empty(T), np.empty(T, np.int64)
        shown = record[reader.place[h] : reader.place[h + 1]]
        fill_beliefs_at_record(reader.reference[h, :T], shown, belief)
        locate_in_simplex(belief, simplex.parts[h], point, weight, raised)
        weigh_for_reader(weight, point, simplex.density[h, 0], share)
        for k in range(T - 1, -1, -1):
            for c in range(count):
                corners[k * count + c] = corners[c] + point[k] * simplex.strides[h]
                weights[k * count + c] = weights[c] * share[k]
        count *= T
    return count


@numba.njit(cache=True, error_model="numpy")
def log_or_ruled_out(probability):
    """The log of a probability; a number below all others for 0."""
    return math.log(probability) if probability > 0.0 else -RULED_OUT


@numba.njit(cache=True, error_model="numpy")
def read_telling_option(choices, at, A, a, L, around, count, belief, by_type):
    """How likely an option is to a reader, and to each type, into by_type (T,).

    at      where the choices of the node begin
    around  the grid points around the record, and their weights
    """
    corners, weights = around
    total = 0.0
    for k in range(len(belief)):
        by_type[k] = interpolate_policy(choices, at + (k * A + a) * L, corners, weights, count)
        total += belief[k] * by_type[k]
    return total


@numba.njit(cache=True, error_model="numpy")
def push_shown(stack, depth, node, state, record, first, by_type, mass):
    """Put a path on the stack, its record moved from place `first` on by what was shown."""
    put_path(stack, depth, node, state, record, mass)
    own = log_or_ruled_out(by_type[0])
    for k in range(1, len(by_type)):
        stack.record[depth, first + k - 1] += own - log_or_ruled_out(by_type[k])


@numba.njit(cache=True, error_model="numpy", nogil=True)
def advance_particles_of_many_types(
    graph, policy, chance, simplex, reader, constraints, all_facts, step_number, particles, capacity
):
    """Move particles through one step of a period; see `path_propagation.advance_particles`.

    simplex (SimplexArrays), reader (PathReaderArrays)
    """
    kind, first, successor = graph.kind, graph.first, graph.successor
    L, most = simplex.sizes.prod(), simplex.types.prod()
    corners, weights = np.zeros(most, np.int64), np.zeros(most)
    moved, stack = (
        allocate_paths(particles, capacity),
        allocate_paths(particles, MAX_PARTICLE_STACK),
    )
    now = np.zeros(particles.record.shape[1])
    belief, by_type = np.empty(simplex.nodes.shape[2]), np.empty(simplex.nodes.shape[2])
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
            start, A, axis = first[n], first[n + 1] - first[n], graph.axis[n]
            T, count, begin = 1, 0, 0
            if kind[n] == DECISION or axis >= 0:
                count = fill_simplex_corners(now, simplex, reader, corners, weights)
            if axis >= 0:
                T, begin = simplex.types[axis], reader.place[axis]
                fill_reader_beliefs(reader, axis, now, belief[:T])
            for a in range(A):
                b = start + a
                after = shown | constraints.required[b]
                if not is_feasible(constraints, b, successor[b], after, all_facts):
                    continue
                likely = option_probability(
                    kind[n], axis, chance[b], policy.choices, policy.offset[n], A, a, L,
                    (corners, weights), count, belief[:T], by_type[:T],
                )  # fmt: skip
                if likely <= 0.0:
                    continue
                if depth == MAX_PARTICLE_STACK:
                    return moved, STACK_EXCEEDED
                if axis >= 0:
                    push_shown(
                        stack, depth, successor[b], after, now, begin, by_type[:T], p * likely
                    )
                else:
                    put_path(stack, depth, successor[b], after, now, p * likely)
                depth += 1
    return first_paths(moved, done), done


@numba.njit(cache=True, error_model="numpy")
def fill_reader_beliefs(reader, axis, record, belief):
    """What a reader believes of the types of an axis at a record, into belief (T,)."""
    if reader.known[axis] >= 0:
        belief[:] = 0.0
        belief[reader.known[axis]] = 1.0
    else:
        shown = record[reader.place[axis] : reader.place[axis + 1]]
        fill_beliefs_at_record(reader.prior[axis, : len(belief)], shown, belief)


@numba.njit(cache=True, error_model="numpy")
def option_probability(kind, axis, chance, choices, at, A, a, L, around, count, belief, by_type):
    """How likely a branch of a node is to a reader; what it is to each type goes into by_type."""
    if axis >= 0:
        return read_telling_option(choices, at, A, a, L, around, count, belief, by_type)
    if kind == DECISION:
        return interpolate_policy(choices, at + a * L, around[0], around[1], count)
    return chance if kind == CHANCE else 1.0


@numba.njit(cache=True, error_model="numpy")
def advance_exact_paths_of_many_types(
    graph, policy, chance, simplex, reader, label_transition, paths, draws, capacity, seed
):
    """Move paths to the period's end, each splitting at every choice, or drawing if `draws`.

    See `path_propagation.advance_exact_paths`; simplex (SimplexArrays), reader (PathReaderArrays).
    """
    kind, first, successor, label = graph.kind, graph.first, graph.successor, graph.label
    L, most = simplex.sizes.prod(), simplex.types.prod()
    if draws:
        np.random.seed(seed)
    corners, weights = np.zeros(most, np.int64), np.zeros(most)
    ends, stack = allocate_paths(paths, capacity), allocate_paths(paths, MAX_PATH_STACK)
    now = np.zeros(paths.record.shape[1])
    belief, by_type = np.empty(simplex.nodes.shape[2]), np.empty(simplex.nodes.shape[2])
    done = 0
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
            start, A, axis = first[n], first[n + 1] - first[n], graph.axis[n]
            T, count, begin = 1, 0, 0
            if kind[n] == DECISION or axis >= 0:
                count = fill_simplex_corners(now, simplex, reader, corners, weights)
            if axis >= 0:
                T, begin = simplex.types[axis], reader.place[axis]
                fill_reader_beliefs(reader, axis, now, belief[:T])
            u = np.random.random() if draws else 0.0
            passed = 0.0
            for a in range(A):
                b = start + a
                likely = option_probability(
                    kind[n], axis, chance[b], policy.choices, policy.offset[n], A, a, L,
                    (corners, weights), count, belief[:T], by_type[:T],
                )  # fmt: skip
                if likely <= 0.0:
                    continue
                passed += likely
                if draws and u >= passed and a < A - 1:
                    continue
                if depth == MAX_PATH_STACK:
                    return ends, STACK_EXCEEDED
                mass = p if draws else p * likely
                to = label_transition[label[b], state]
                if axis >= 0:
                    push_shown(stack, depth, successor[b], to, now, begin, by_type[:T], mass)
                else:
                    put_path(stack, depth, successor[b], to, now, mass)
                depth += 1
                if draws:
                    break
    return first_paths(ends, done), done
