"""Where may a solved game stand, with which exact records, given what is known to have happened?

A particle is a public state with its exact records and its probability mass. Every choice and draw
of chance splits a particle; particles that meet again at the same node with the same records are
merged. While they are no more than `max_particles` nothing is sampled. Beyond that they are
thinned: of M particles with masses m the threshold c solves sum min(m / c, 1) = max_particles,
particles above c stay as they are, and of the others some are drawn systematically, each with
probability m / c, and weigh c. The expected mass of every particle is what it was, so the total is
an unbiased estimate.

Source: Fearnhead & Clifford (2003), On-line inference for hidden Markov models via particle
filters, JRSS B 65, for the thinning; Doucet et al. (2000), Rao-Blackwellised particle filtering
for dynamic Bayesian networks, UAI, for carrying the types' odds instead of drawing types.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.kernels.many_types_induction import SimplexArrays
from ceasefire.equilibrium.kernels.many_types_paths import (
    PathReaderArrays,
    advance_exact_paths_of_many_types,
    advance_particles_of_many_types,
)
from ceasefire.equilibrium.kernels.path_propagation import (
    CAPACITY_EXCEEDED,
    NOT_KNOWN,
    STACK_EXCEEDED,
    advance_exact_paths,
    advance_particles,
    fill_feasible_futures,
    mark_constrained_reach,
)
from ceasefire.equilibrium.kernels.structures import (
    ConstraintArrays,
    PathArrays,
    graph_arrays,
    grid_arrays,
    period_policy,
)
from ceasefire.equilibrium.many_types import ManyTypeEquilibrium, path_reader_arrays
from ceasefire.equilibrium.solution import Equilibrium, ObserverMeasure
from ceasefire.errors import SolveError
from ceasefire.game.graph import PeriodGraph
from ceasefire.game.states import Floats, Ints
from ceasefire.stopping import interruptible

FactBits = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

RECORD_TOLERANCE = 1e-9
MAX_PARTICLES_PER_STEP = 2**24  # particles that one step may lead to before they are thinned
MIN_CAPACITY, PARTICLES_PER_PARTICLE, CAPACITY_GROWTH = 4096, 32, 8
MAX_EXACT_PATHS = 100_000
PATHS_BEFORE_MERGING = 10  # times as many may come out of a period before equal ones are merged
MEMORY_SHIFT, HEARD_SHIFT = 32, 16  # where a particle's number has what else it carries
MOST_FACTS, MOST_HEARD = 2**HEARD_SHIFT - 1, 2**16 - 1
SEED_STRIDE = 1_000_003  # between the seeds of two periods


@dataclass(frozen=True, eq=False)
class ParticleSet:
    """Where the game may stand when a period begins.

    states   (n,) public states
    records  (n, D) log-likelihood ratios of each party with types
    mass     (n,) probability of each particle and of all that is known to have happened before
    memory   (n,) what each has come through, as a `PathMemory` numbers it; 0 where nobody asks
    """

    states: Ints
    records: Floats
    mass: Floats
    memory: FactBits = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Particles of which nothing is remembered all have memory 0."""
        if not len(self.memory):
            object.__setattr__(self, "memory", np.zeros(len(self.mass), dtype=np.int64))

    def __len__(self) -> int:
        """Number of particles."""
        return len(self.mass)

    @property
    def total_mass(self) -> float:
        """The mass of all particles."""
        return float(self.mass.sum())

    def scaled(self, factor: float) -> "ParticleSet":
        """The same particles, every mass times a factor."""
        return replace(self, mass=self.mass * factor)


@dataclass(frozen=True, eq=False)
class BranchConstraints:
    """What is known of one period, laid on the branches and ends of its graph.

    required_facts     (B,) bits of the facts that a branch shows; each must be shown at least once
    excluded_branches  (B,) branches that are known not to have been taken
    allowed_ends       (X,) states in which the period may have ended
    all_facts          all bits
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
        """(N,) bits that can still be shown from each node, and whether an allowed end is ahead."""
        facts_ahead = np.zeros(graph.node_count, dtype=np.int64)
        can_end = np.zeros(graph.node_count, dtype=np.bool_)
        allowed_ends = np.zeros(graph.node_count, dtype=np.bool_)
        allowed_ends[: len(self.allowed_ends)] = self.allowed_ends
        fill_feasible_futures(
            graph_arrays(graph),
            self.required_facts,
            self.excluded_branches,
            allowed_ends,
            facts_ahead,
            can_end,
        )
        return facts_ahead, can_end

    def arrays(self, graph: PeriodGraph) -> ConstraintArrays:
        """The same with what can still happen from each node, for the compiled loops."""
        return ConstraintArrays(
            self.required_facts, self.excluded_branches, *self.feasible_futures(graph)
        )

    def reached_nodes(self, graph: PeriodGraph, states: Ints) -> Bools:
        """(N, bits) whether each node can be come to from these states with these bits shown.

        states (n,)   public states in which the period may begin
        """
        constraints = self.arrays(graph)
        reached = np.zeros((graph.node_count, self.all_facts + 1), dtype=np.bool_)
        node = graph.step_entry[0, states]
        reached[node[_can_satisfy(constraints, node, self.all_facts)], 0] = True
        mark_constrained_reach(graph_arrays(graph), constraints, self.all_facts, reached)
        return reached


class PathMemory(Protocol):
    """What is remembered of the way to a particle, as a number."""

    listened: Ints  # (labels,) number from 1 of what is heard on branches with a label, 0 nothing

    def after_step(self, memory: FactBits, heard: FactBits) -> FactBits:
        """(n,) what is remembered once this was heard in a step."""


def _can_satisfy(constraints: ConstraintArrays, node: Ints, all_facts: int) -> Bools:
    """(n,) whether all facts can still be shown from these nodes, and an allowed end reached."""
    shown: Bools = (constraints.facts_ahead[node] & all_facts) == all_facts
    return constraints.can_end[node] & shown


def initial_particle(equilibrium: Equilibrium, state: int) -> ParticleSet:
    """The only particle before anything has happened: a public state at the prior record."""
    records = np.array([equilibrium.prior_record], dtype=np.float64).reshape(
        1, equilibrium.game.record_size
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
    memory: PathMemory | None = None,
) -> tuple[ParticleSet, bool]:
    """Play one period from some particles, as far as it agrees with what is known of it.

    points         the particles at the period's beginning
    constraints    what is known of the period, nothing by default
    max_particles  how many particles may be kept; beyond that they are thinned
    rng            draws which are kept
    memory         what particles remember of the way, nothing by default

    Returns the particles at the period's end, whose mass is that of the particles before times the
    probability of what is known, and whether they are exact.

    Raises SolveError where one step leads to more than 16 million points.
    """
    game, grid = equilibrium.game, equilibrium.belief_grid
    number = game.graph_index(period)
    graph = game.graphs[number]
    constraints = BranchConstraints.unconstrained(graph) if constraints is None else constraints
    if memory is not None:
        heard = memory.listened[graph.label].astype(np.int64) << HEARD_SHIFT
        constraints = replace(constraints, required_facts=constraints.required_facts | heard)
    known, arrays = constraints.arrays(graph), graph_arrays(graph)
    filled = equilibrium.parameters.by_graph[number]
    node = graph.step_entry[0, points.states]
    possible = _can_satisfy(known, node, constraints.all_facts)
    particles = PathArrays(
        node[possible],
        points.memory[possible] << MEMORY_SHIFT,
        points.records[possible],
        points.mass[possible],
    )
    exact = True
    for k in range(len(graph.step_entry) - 1):
        if not (graph.step[particles.node] == k).any():
            continue
        capacity = PARTICLES_PER_PARTICLE * len(particles.node) + MIN_CAPACITY
        done = CAPACITY_EXCEEDED
        while done < 0:
            if capacity > MAX_PARTICLES_PER_STEP or done == STACK_EXCEEDED:
                raise SolveError(f"step {k} of period {period} has too many ways to be followed")
            if isinstance(equilibrium, ManyTypeEquilibrium):
                moved, done = advance_particles_of_many_types(
                    arrays, period_policy(equilibrium, period), filled.chance,
                    *_arrays_on_simplex(equilibrium, equilibrium.observer_measure()),
                    known, constraints.all_facts, k, particles, capacity,
                )  # fmt: skip
            else:
                moved, done = advance_particles(
                    arrays, period_policy(equilibrium, period), filled.chance,
                    filled.renewal_record, grid_arrays(grid), grid.axis_size, known,
                    constraints.all_facts, k, particles, capacity,
                )  # fmt: skip
            capacity *= CAPACITY_GROWTH
        if memory is not None:
            moved = moved._replace(state=_state_with_memory(moved.state, memory))
        particles = _merge_equal_particles(moved)
        if len(particles.mass) > max_particles:
            kept, mass = thin_particles(particles.mass, max_particles, rng)
            node, shown, record, _ = particles
            particles, exact = PathArrays(node[kept], shown[kept], record[kept], mass), False
    last = particles.node.astype(np.int32), particles.record, particles.mass
    return ParticleSet(*last, particles.state >> MEMORY_SHIFT), exact


def _state_with_memory(state: FactBits, memory: PathMemory) -> FactBits:
    """Facts shown and memory, once the memory has taken in what was heard in a step."""
    heard = (state >> HEARD_SHIFT) & MOST_HEARD
    remembered = memory.after_step(state >> MEMORY_SHIFT, heard)
    together: FactBits = (state & MOST_FACTS) | (remembered << MEMORY_SHIFT)
    return together


def merge_equal_particles(points: ParticleSet) -> ParticleSet:
    """Particles of one state, memory and record as one.

    points  particles at the beginning of a period
    """
    arrays = PathArrays(points.states, points.memory, points.records, points.mass)
    states, memory, records, mass = _merge_equal_particles(arrays)
    return ParticleSet(states, records, mass, memory)


def thin_particles(
    mass: Floats, max_particles: int, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Which of M particles are kept and what they weigh: at most `max_particles`, same total.

    mass (M,)      mass of each particle
    max_particles  how many may be kept
    rng            draws among the small ones

    Source: Fearnhead & Clifford (2003), JRSS B 65, section 3.

    >>> masses = np.array([0.5, 0.125, 0.25, 0.125])
    >>> kept, mass = thin_particles(masses, 2, np.random.default_rng(0))
    >>> int(kept[0]), len(kept), mass.tolist()
    (0, 2, [0.5, 0.5])
    """
    falling = np.sort(mass)[::-1]
    tail_mass = np.cumsum(falling[::-1])[::-1]  # mass from each rank on
    ranks = np.arange(min(max_particles, len(mass)))
    exact_count = int(np.argmax(tail_mass[ranks] >= falling[ranks] * (max_particles - ranks)))
    threshold = tail_mass[exact_count] / (max_particles - exact_count)
    share = np.minimum(mass / threshold, 1.0)
    certain = share >= 1.0
    small = np.flatnonzero(~certain)
    cumulated = np.cumsum(share[small])
    draw_points = np.arange(rng.random(), cumulated[-1] if len(small) else 0.0, 1.0)
    drawn = small[np.searchsorted(cumulated, draw_points, side="right").clip(max=len(small) - 1)]
    kept = np.sort(np.concatenate([np.flatnonzero(certain), drawn])).astype(np.int32)
    return kept, np.where(certain[kept], mass[kept], threshold)


def _merge_equal_particles(particles: PathArrays) -> PathArrays:
    """Particles at the same node with the same facts and records, as one."""
    node, shown, record, mass = particles
    if len(node) < 2:
        return particles
    rounded = np.round(record / RECORD_TOLERANCE).astype(np.int64)
    keys = (*rounded.T[::-1], shown, node.astype(np.int64))
    order = np.lexsort(keys)
    new = np.zeros(len(order), dtype=np.bool_)
    new[0] = True
    for key in keys:
        row = key[order]
        new[1:] |= row[1:] != row[:-1]
    first = np.flatnonzero(new)
    kept = order[first]
    total = np.add.reduceat(mass[order], first)
    return PathArrays(node[kept], shown[kept], record[kept], total)


class BeliefReadingAutomaton(Protocol):
    """An automaton that may read beliefs; beliefs are (n, P + 1, H), the analyst's last."""

    label_transition: Ints  # (labels, Q)

    def initial_states(self, states: Ints, beliefs: Floats) -> Ints:
        """(n,) its state after reading the states play starts in."""

    def states_after_period(self, states: Ints, beliefs: Floats, before: Ints) -> Ints:
        """(n,) its next state at a period's end."""


@dataclass(frozen=True, eq=False)
class AutomatonDistribution:
    """In which state the automaton is after 0, 1, …, n periods.

    automaton_mass  (n + 1, Q) probability of each of its states
    sampled_states  (n + 1, N) its state on each sampled path, None where every record was followed
    """

    automaton_mass: Floats
    sampled_states: npt.NDArray[np.int32] | None


@interruptible
def propagate_exact_records(
    equilibrium: Equilibrium,
    start: int | ParticleSet,
    automaton: BeliefReadingAutomaton,
    *,
    observer: ObserverMeasure | None = None,
    periods: int | None = None,
    first_period: int = 0,
    start_nodes: Ints | None = None,
    seed: int = 0,
) -> AutomatonDistribution:
    """Follow every record that play can leave, deciding between grid nodes by interpolation.

    start         a public state in which nothing has been shown, or particles
    automaton     the automaton that reads labels, states and beliefs along the way
    observer      whose probabilities are counted, the analyst's by default
    periods       how many periods to play, the case's horizon by default
    first_period  number of the first period
    start_nodes   (n,) node of the first period at which each particle stands in its midst; None
                  where the period begins
    seed          of the draws, where there are any

    Records are exact; paths that meet in the same state and record are merged. Beyond 100,000 of
    them 100,000 paths are drawn instead (`sampled_states` is then given, for the standard error).
    """
    count = equilibrium.game.case.horizon if periods is None else periods
    observer = equilibrium.observer_measure() if observer is None else observer
    begin = start if isinstance(start, ParticleSet) else initial_particle(equilibrium, start)
    where = first_period, count, start_nodes
    exact = _propagate_paths(equilibrium, begin, automaton, observer, *where, None)
    if exact is not None:
        return exact
    sampled = _propagate_paths(equilibrium, begin, automaton, observer, *where, seed)
    if sampled is None:
        raise AssertionError("a sampled path always ends")
    return sampled


def _propagate_paths(
    equilibrium: Equilibrium,
    begin: ParticleSet,
    automaton: BeliefReadingAutomaton,
    observer: ObserverMeasure,
    first_period: int,
    periods: int,
    start_nodes: Ints | None,
    seed: int | None,
) -> AutomatonDistribution | None:
    """All paths, or MAX_EXACT_PATHS drawn if there is a seed; None if they become too many."""
    game, grid = equilibrium.game, equilibrium.belief_grid
    believe = belief_function(equilibrium)
    label_transition = observer.transitions_by_combination(automaton.label_transition)
    states, record, mass = begin.states, begin.records, begin.mass
    if seed is not None:
        ticks = (np.arange(MAX_EXACT_PATHS) + 0.5) / MAX_EXACT_PATHS
        drawn = np.searchsorted(np.cumsum(mass), ticks * mass.sum()).clip(max=len(mass) - 1)
        states, record = states[drawn], record[drawn]
        start_nodes = None if start_nodes is None else start_nodes[drawn]
        mass = np.full(MAX_EXACT_PATHS, mass.sum() / MAX_EXACT_PATHS)
    size = automaton.label_transition.shape[1]
    q = automaton.initial_states(states, believe(record))
    known = np.full(len(q), observer.first_combination)
    automaton_mass, automaton_states = [np.bincount(q, mass, size)], [q]
    capacity = MAX_EXACT_PATHS * (PATHS_BEFORE_MERGING if seed is None else 1)
    for period in range(first_period, first_period + periods):
        number = game.graph_index(period)
        graph = game.graphs[number]
        nodes = graph.step_entry[0, states] if start_nodes is None else start_nodes
        start_nodes = None
        paths = PathArrays(nodes, (known * size + q).astype(np.int32), record, mass)
        drawing = seed is not None, capacity, (seed or 0) + SEED_STRIDE * period
        if isinstance(equilibrium, ManyTypeEquilibrium):
            ends, done = advance_exact_paths_of_many_types(
                graph_arrays(graph), period_policy(equilibrium, period),
                equilibrium.chance_probabilities(number),
                *_arrays_on_simplex(equilibrium, observer), label_transition, paths, *drawing,
            )  # fmt: skip
        else:
            ends, done = advance_exact_paths(
                graph_arrays(graph), period_policy(equilibrium, period),
                equilibrium.chance_probabilities(number),
                equilibrium.parameters.by_graph[number].renewal_record,
                grid_arrays(grid), grid.axis_size, _known_probability(observer, grid.axes),
                observer.known_bits, observer.prior_logit, label_transition, paths, *drawing,
            )  # fmt: skip
        if done < 0:
            return None
        states, combined, record, mass = ends
        known = combined // size
        q = automaton.states_after_period(states, believe(record), combined % size)
        if seed is None:
            states, combined, record, mass = _merge_equal_paths(
                states, known * size + q, record, mass
            )
            known, q = combined // size, combined % size
            if len(states) > MAX_EXACT_PATHS:
                return None
        automaton_mass.append(np.bincount(q, mass, size))
        automaton_states.append(q)
    return AutomatonDistribution(
        np.array(automaton_mass), None if seed is None else np.array(automaton_states)
    )


def _known_probability(observer: ObserverMeasure, axes: int) -> Floats:
    """(C, H) probability of each first type to an observer who knows it, else NOT_KNOWN."""
    return np.array(
        [
            [w[0] if w[0] == w[-1] else NOT_KNOWN for w in first]
            for first in observer.first_type_probability_by_combination
        ]
    ).reshape(observer.combination_count, axes)


def _arrays_on_simplex(
    equilibrium: ManyTypeEquilibrium, observer: ObserverMeasure
) -> tuple[SimplexArrays, PathReaderArrays]:
    """The grid, and a reader of exact records."""
    grid = equilibrium.simplex
    return grid.arrays, path_reader_arrays(observer, equilibrium.game, grid)


def belief_function(equilibrium: Equilibrium) -> Callable[[Floats], Floats]:
    """What gives (n, P + 1, B) beliefs in `believed_types`, the analyst last, of (n, D) records.

    equilibrium  how the parties play
    """
    if isinstance(equilibrium, ManyTypeEquilibrium):
        return equilibrium.beliefs_of_all
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
