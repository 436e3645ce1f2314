"""A solved game played on from many points at once, given what is known to have happened.

A point is a public state with its exact records and its probability mass. Every choice and chance
splits a point; points that meet again in the same place with the same records are joined. While
they are no more than `most` nothing is sampled. Beyond that they are thinned: of M points with
masses m the threshold c solves sum min(m / c, 1) = most, points above c stay as they are, and of
the others some are drawn systematically, each with probability m / c, and weigh c. The expected
mass of every point is what it was, so the total is an unbiased estimate.

Source: Fearnhead & Clifford (2003), On-line inference for hidden Markov models via particle
filters, JRSS B 65, for the thinning; Doucet et al. (2000), Rao-Blackwellised particle filtering
for dynamic Bayesian networks, UAI, for carrying the types' odds instead of drawing types.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.kernels.path_propagation import (
    advance_exact_paths,
    advance_particles,
    fill_feasible_futures,
    mark_constrained_reach,
)
from ceasefire.equilibrium.solution import Equilibrium, ObserverMeasure
from ceasefire.errors import SolveError
from ceasefire.game.graph import PeriodGraph
from ceasefire.game.states import Floats, Ints

FactBits = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

RECORD_TOLERANCE = 1e-9
MAX_PARTICLES_PER_STEP = 2**24  # points that one step may lead to before they are thinned


@dataclass(frozen=True, eq=False)
class ParticleSet:
    """Where things may stand when a period begins.

    states   (n,) public states
    records  (n, H) record of each party with types
    mass     (n,) probability of each point and of all that is known to have happened before
    """

    states: Ints
    records: Floats
    mass: Floats

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.mass)

    @property
    def total_mass(self) -> float:
        """The mass of all points."""
        return float(self.mass.sum())

    def scaled(self, factor: float) -> "ParticleSet":
        """The same points, every mass times a factor."""
        return ParticleSet(self.states, self.records, self.mass * factor)


@dataclass(frozen=True, eq=False)
class BranchConstraints:
    """What is known of one period, laid on the branches and ends of its graph.

    required_facts    (B,) bits of the facts that a branch shows; each must be shown at least once
    excluded_branches  (B,) branches that are known not to have been taken
    allowed_ends    (X,) states in which the period may have ended
    all_facts    all bits
    """

    required_facts: FactBits
    excluded_branches: Bools
    allowed_ends: Bools
    all_facts: int

    @classmethod
    def unconstrained(cls, graph: PeriodGraph) -> "BranchConstraints":
        """Nothing is known."""
        branches, states = len(graph.successor), graph.step_entry.shape[1]
        return cls(
            np.zeros(branches, dtype=np.int64),
            np.zeros(branches, dtype=np.bool_),
            np.ones(states, dtype=np.bool_),
            0,
        )

    def feasible_futures(self, graph: PeriodGraph) -> tuple[FactBits, Bools]:
        """(N,) bits that can still be shown from each node, and whether it leads anywhere."""
        ahead = np.zeros(graph.node_count, dtype=np.int64)
        leads = np.zeros(graph.node_count, dtype=np.bool_)
        fits = np.zeros(graph.node_count, dtype=np.bool_)
        fits[: len(self.allowed_ends)] = self.allowed_ends
        fill_feasible_futures(
            graph.node_kind,
            graph.first_branch,
            graph.successor,
            self.required_facts,
            self.excluded_branches,
            fits,
            ahead,
            leads,
        )
        return ahead, leads

    def reached_nodes(self, graph: PeriodGraph, states: Ints) -> Bools:
        """(N, bits) which nodes can be come to from these states, by the bits shown on the way."""
        ahead, leads = self.feasible_futures(graph)
        met = np.zeros((graph.node_count, self.all_facts + 1), dtype=np.bool_)
        slot = graph.step_entry[0, states]
        met[slot[leads[slot] & ((ahead[slot] & self.all_facts) == self.all_facts)], 0] = True
        mark_constrained_reach(
            graph.first_branch,
            graph.successor,
            self.required_facts,
            self.excluded_branches,
            ahead,
            leads,
            self.all_facts,
            met,
        )
        return met


def initial_particle(equilibrium: Equilibrium, state: int) -> ParticleSet:
    """The only point there is before anything has happened."""
    records = np.array([equilibrium.prior_record], dtype=np.float64).reshape(
        1, len(equilibrium.parties_with_types)
    )
    return ParticleSet(np.array([state], dtype=np.int32), records, np.ones(1))


def propagate_particles(
    equilibrium: Equilibrium,
    period: int,
    points: ParticleSet,
    constraints: BranchConstraints | None = None,
    *,
    max_particles: int,
    rng: np.random.Generator,
) -> tuple[ParticleSet, bool]:
    """Play one period on from some points, as far as it agrees with what is known of it.

    max_particles  how many points may be kept; beyond that they are thinned

    Returns the points at the period's end, whose mass is that of the points before times the
    probability of what is known, and whether they are exact.

    Raises SolveError where one step leads to more than 16 million points.
    """
    game, grid = equilibrium.game, equilibrium.belief_grid
    number = game.graph_index(period)
    graph = game.graphs[number]
    constraints = BranchConstraints.unconstrained(graph) if constraints is None else constraints
    ahead, leads = constraints.feasible_futures(graph)
    slot = graph.step_entry[0, points.states]
    possible = leads[slot] & ((ahead[slot] & constraints.all_facts) == constraints.all_facts)
    slot, records, mass = slot[possible], points.records[possible], points.mass[possible]
    bits, exact = np.zeros(len(slot), dtype=np.int64), True
    for k in range(len(graph.step_entry) - 1):
        if not (graph.step[slot] == k).any():
            continue
        room, done = 32 * len(slot) + 4096, -1
        while done < 0:
            if room > MAX_PARTICLES_PER_STEP or done == -2:
                raise SolveError(f"step {k} of period {period} has too many ways to be followed")
            moved = advance_particles(
                graph.node_kind, graph.mover, graph.first_branch, graph.successor, graph.step,
                equilibrium.policy_offsets[number], equilibrium.chance_probabilities(number),
                equilibrium.policies[period], game.type_axis,
                grid.lowest_record, grid.spacing, grid.axis_size, grid.strides,
                grid.prior_logit, grid.belief,
                constraints.required_facts, constraints.excluded_branches, ahead,
                leads, constraints.all_facts, k,
                slot, bits, records, mass, room,
            )  # fmt: skip
            room, done = 8 * room, moved[-1]
        slot, bits, records, mass = _merge_equal_particles(*moved[:-1])
        if len(mass) > max_particles:
            kept, mass = thin_particles(mass, max_particles, rng)
            slot, bits, records, exact = slot[kept], bits[kept], records[kept], False
    return ParticleSet(slot.astype(np.int32), records, mass), exact


def thin_particles(
    mass: Floats, max_particles: int, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Which of M points are kept and what they weigh: at most `max_particles`, same total.

    >>> masses = np.array([0.5, 0.125, 0.25, 0.125])
    >>> kept, mass = thin_particles(masses, 2, np.random.default_rng(0))
    >>> int(kept[0]), len(kept), mass.tolist()
    (0, 2, [0.5, 0.5])
    """
    falling = np.sort(mass)[::-1]
    rest = np.cumsum(falling[::-1])[::-1]  # mass from each place on
    places = np.arange(min(max_particles, len(mass)))
    large = int(np.argmax(rest[places] >= falling[places] * (max_particles - places)))
    threshold = rest[large] / (max_particles - large)
    share = np.minimum(mass / threshold, 1.0)
    certain = share >= 1.0
    small = np.flatnonzero(~certain)
    cumulated = np.cumsum(share[small])
    ticks = np.arange(rng.random(), cumulated[-1] if len(small) else 0.0, 1.0)
    drawn = small[np.searchsorted(cumulated, ticks, side="right").clip(max=len(small) - 1)]
    kept = np.sort(np.concatenate([np.flatnonzero(certain), drawn])).astype(np.int32)
    return kept, np.where(certain[kept], mass[kept], threshold)


def _merge_equal_particles(
    slot: Ints, bits: FactBits, records: Floats, mass: Floats
) -> tuple[Ints, FactBits, Floats, Floats]:
    """Points in the same place with the same records, as one."""
    if len(slot) < 2:
        return slot, bits, records, mass
    rounded = np.round(records / RECORD_TOLERANCE).astype(np.int64)
    keys = (*rounded.T[::-1], bits, slot.astype(np.int64))
    order = np.lexsort(keys)
    new = np.zeros(len(order), dtype=np.bool_)
    new[0] = True
    for key in keys:
        row = key[order]
        new[1:] |= row[1:] != row[:-1]
    first = np.flatnonzero(new)
    kept = order[first]
    return slot[kept], bits[kept], records[kept], np.add.reduceat(mass[order], first)


MAX_EXACT_PATHS = 100_000


class BeliefReadingAutomaton(Protocol):
    """An automaton that may read beliefs; beliefs are (n, P + 1, H), the analyst's last."""

    label_transition: Ints  # (labels, Q)

    def initial_states(self, states: Ints, beliefs: Floats) -> Ints:
        """(n,) its state after reading the states play starts in."""

    def states_after_period(self, states: Ints, beliefs: Floats, before: Ints) -> Ints:
        """(n,) its next state at a period's end."""


@dataclass(frozen=True, eq=False)
class AutomatonDistribution:
    """Where the automaton stands after 0, 1, …, n periods.

    automaton_mass   (n + 1, Q) probability of each of its states
    sampled_states  (n + 1, N) its state on each sampled path, None where every record was followed
    """

    automaton_mass: Floats
    sampled_states: npt.NDArray[np.int32] | None


def propagate_exact_records(
    equilibrium: Equilibrium,
    start: int | ParticleSet,
    automaton: BeliefReadingAutomaton,
    *,
    observer: ObserverMeasure | None = None,
    periods: int | None = None,
    seed: int = 0,
) -> AutomatonDistribution:
    """Follow every record that play can leave, deciding between grid nodes by interpolation.

    start  a public state in which nothing has been shown, or points whose masses sum to 1

    Records are exact, paths that meet in the same state and record are joined. Beyond 100,000 of
    them 100,000 paths are drawn instead (`paths` is then given, for the standard error).
    """
    count = equilibrium.game.case.horizon if periods is None else periods
    observer = equilibrium.observer_measure() if observer is None else observer
    begin = start if isinstance(start, ParticleSet) else initial_particle(equilibrium, start)
    exact = _propagate_paths(equilibrium, begin, automaton, observer, count, None)
    if exact is not None:
        return exact
    sampled = _propagate_paths(equilibrium, begin, automaton, observer, count, seed)
    if sampled is None:
        raise AssertionError("a sampled path always ends")
    return sampled


def _propagate_paths(
    equilibrium: Equilibrium,
    begin: ParticleSet,
    automaton: BeliefReadingAutomaton,
    observer: ObserverMeasure,
    count: int,
    seed: int | None,
) -> AutomatonDistribution | None:
    game, grid = equilibrium.game, equilibrium.belief_grid
    believe = _belief_function(equilibrium)
    axis_of = game.type_axis
    known = np.array([w[0] if w[0] == w[-1] else -1.0 for w in observer.first_type_probability])
    states, record, mass = begin.states, begin.records, begin.mass
    if seed is not None:
        ticks = (np.arange(MAX_EXACT_PATHS) + 0.5) / MAX_EXACT_PATHS
        drawn = np.searchsorted(np.cumsum(mass), ticks * mass.sum()).clip(max=len(mass) - 1)
        states, record = states[drawn], record[drawn]
        mass = np.full(MAX_EXACT_PATHS, 1.0 / MAX_EXACT_PATHS)
    q = automaton.initial_states(states, believe(record))
    size = automaton.label_transition.shape[1]
    masses, paths = [np.bincount(q, mass, size)], [q]
    for period in range(count):
        number = game.graph_index(period)
        graph = game.graphs[number]
        ends, q, record, mass, done = advance_exact_paths(
            graph.node_kind, graph.mover, graph.first_branch, graph.successor, graph.label,
            equilibrium.policy_offsets[number], equilibrium.chance_probabilities(number),
            equilibrium.policies[period], axis_of,
            grid.lowest_record, grid.spacing, grid.axis_size, grid.strides,
            grid.prior_logit, grid.belief,
            known, observer.prior_logit, automaton.label_transition,
            graph.step_entry[0, states], q.astype(np.int32), record, mass,
            seed is not None, MAX_EXACT_PATHS * (10 if seed is None else 1),
            (seed or 0) + 1000003 * period,
        )  # fmt: skip
        if done < 0:
            return None
        states = ends
        q = automaton.states_after_period(states, believe(record), q)
        if seed is None:
            states, q, record, mass = _merge_equal_paths(states, q, record, mass)
            if len(states) > MAX_EXACT_PATHS:
                return None
        masses.append(np.bincount(q, mass, size))
        paths.append(q)
    return AutomatonDistribution(np.array(masses), None if seed is None else np.array(paths))


def _belief_function(equilibrium: Equilibrium) -> Callable[[Floats], Floats]:
    grid = equilibrium.belief_grid
    axes = np.arange(grid.axes)
    logit = np.array([grid.prior_logit[axes, kinds] for kinds in grid.prior_kind])

    def believe(record: Floats) -> Floats:
        with np.errstate(over="ignore"):  # what is beyond it is 0, as it should be
            believed: Floats = 1.0 / (1.0 + np.exp(-(logit + record[:, None, :])))
        return believed

    return believe


def _merge_equal_paths(
    states: Ints, q: Ints, record: Floats, mass: Floats
) -> tuple[Ints, Ints, Floats, Floats]:
    """Paths in the same public state, automaton state and record, as one."""
    rounded = np.round(record / RECORD_TOLERANCE).astype(np.int64)
    keys = np.column_stack([states, q, rounded])
    _, where, back = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    total: Floats = np.bincount(back.reshape(-1), mass).astype(np.float64)
    return states[where], q[where], record[where], total
