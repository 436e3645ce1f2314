"""What is to be expected of play from a distribution over where it stands?

Everything is one sum: the reward that an automaton beside the game gives after some periods, times
a feature of how things stood after one of them. It is counted forwards from each version of the
distribution, or backwards once for all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ceasefire.equilibrium import (
    AutomatonDistribution,
    Equilibrium,
    ObserverMeasure,
    ParticleSet,
    expected_rewards_to_go,
    propagate_exact_records,
    propagate_forward,
    solve,
    type_in_combination,
)
from ceasefire.equilibrium.kernels.structures import SEVERAL_FLAG
from ceasefire.errors import Problem, QuestionError
from ceasefire.game import Automaton, Game, GameParameters, game_parameters
from ceasefire.game.graph import Bools
from ceasefire.game.states import Floats, Ints
from ceasefire.query.ast import Formula, Quantity, belief_terms_of_formula
from ceasefire.query.automata import BeliefFormulaAutomaton, automaton_over_states
from ceasefire.query.decisions import PathExplorer, branches_after_choices
from ceasefire.query.state_distribution import (
    DistributionInGame,
    GridEdgeErrorBound,
    StateDistribution,
    TypesByParty,
)
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings


class WorldSolution:
    """One game in one world, solved when first needed; what reads formulas in it is kept.

    game      the game
    world     value of every unknown
    settings  how large the solution, or a formula's automaton, may be
    halvings, reply_shift, sharper, selection, keep  as `solve` reads them
    count_fixed_points  whether to look for decisions with several fixed points
    reuse     the game with no table closed, whose solution is taken over where both agree
    """

    def __init__(
        self,
        game: Game,
        world: Mapping[str, float],
        settings: SolveSettings = DEFAULT_SETTINGS,
        *,
        halvings: int = 0,
        reply_shift: int = 0,
        sharper: float = 1.0,
        selection: str = "principal",
        count_fixed_points: bool = False,
        keep: frozenset[int] = frozenset(),
        reuse: "WorldSolution | None" = None,
    ) -> None:
        self.game, self.world, self.settings = game, dict(world), settings
        self.refined = halvings > 0 and game.unrolled is None
        self._halvings, self._reply_shift, self._sharper = halvings, reply_shift, sharper
        self._selection, self._count_fixed_points = selection, count_fixed_points
        self._periods_kept, self._reuse = keep, reuse
        self._automata: dict[Sequence[Formula], Automaton | BeliefFormulaAutomaton] = {}
        self.fields: dict[object, Floats] = {}

    @property
    def solved(self) -> bool:
        """Whether anything asked so far needed the solution."""
        return "equilibrium" in self.__dict__

    @property
    def has_several(self) -> bool:
        """Whether a decision with several fixed points was found, if they were looked for."""
        if not self.solved:
            return False
        return any((each.flag & SEVERAL_FLAG).any() for each in self.equilibrium.flagged.values())

    @cached_property
    def equilibrium(self) -> Equilibrium:
        """The game solved."""
        return solve(
            self.game,
            self.world,
            grid=self.settings.grid,
            halvings=self._halvings,
            reply_shift=self._reply_shift,
            sharper=self._sharper,
            selection=self._selection,
            count_fixed_points=self._count_fixed_points,
            memory=self.settings.memory,
            keep=self._periods_kept,
            after=None if self._reuse is None else self._reuse.equilibrium,
        )

    @cached_property
    def edge_error_bound(self) -> GridEdgeErrorBound:
        """What the grid's edge may do to quantities of this solution."""
        return GridEdgeErrorBound(self.equilibrium)

    @cached_property
    def parameters(self) -> GameParameters:
        """What this world puts on the game."""
        if self.solved:
            return self.equilibrium.parameters
        return game_parameters(self.game, self.world)

    def automaton(self, formulas: tuple[Formula, ...]) -> Automaton | BeliefFormulaAutomaton:
        """What reads formulas in this world; QuestionError where it does not fit in memory."""
        if formulas not in self._automata:
            if any(belief_terms_of_formula(formula) for formula in formulas):
                self._automata[formulas] = BeliefFormulaAutomaton(self.game, formulas, self.world)
            else:
                automaton = automaton_over_states(self.game, formulas, self.world)
                self._check_memory(automaton.state_count)
                self._automata[formulas] = automaton
        return self._automata[formulas]

    def automaton_without_beliefs(self, formulas: tuple[Formula, ...]) -> Automaton | None:
        """What reads formulas without beliefs; None for no formulas."""
        if not formulas:
            return None
        automaton = self.automaton(formulas)
        assert isinstance(automaton, Automaton)
        return automaton

    def accepting(self, formulas: tuple[Formula, ...]) -> Bools:
        """(Q, F) in which states of the automaton each formula is satisfied."""
        automaton = self.automaton(formulas)
        if isinstance(automaton, BeliefFormulaAutomaton):
            return automaton.automaton.accepting
        return automaton.accepting

    def _check_memory(self, states: int) -> None:
        """Refuse a formula whose automaton beside the game would not fit in memory."""
        memory = self.settings.memory
        nodes = max(graph.node_count for graph in self.game.graphs) + 2 * len(self.game.states)
        need = 8.0 * nodes * self.equilibrium.belief_grid.point_count * states
        if need > memory:
            raise QuestionError(
                [
                    Problem(
                        "a formula needs too much memory",
                        path="question",
                        found=f"{states:,} automaton states, {need / 1e9:.1f} GB",
                        allowed=f"{memory / 1e9:g} GB",
                        help="let lasting(...) count fewer periods, or raise --memory",
                    )
                ]
            )


@dataclass(frozen=True, eq=False)
class Beginning:
    """Points of one period from which play goes on, with their probability in V versions.

    period   the period in which they stand
    nodes    (m,) nodes at which they stand in its midst; None where it begins
    states   (m,) public states
    records  (m, H) record of each party with types
    weights  (V, m) probability of each point among plays with the types that are counted
    """

    period: int
    nodes: Ints | None
    states: Ints
    records: Floats
    weights: Floats


@dataclass(frozen=True, eq=False)
class Continuation:
    """From where a quantity is asked: one beginning for each period in which play may stand.

    lacking  (n,) points of the distribution at which a choice of `after=` is not offered
    said     what was said of them
    unknown  whether what the choices show is unknown, so that there are no beginnings
    """

    beginnings: tuple[Beginning, ...]
    lacking: Bools
    said: tuple[str, ...] = ()
    unknown: bool = False


class PlayStart(NamedTuple):
    """From where play is followed forwards.

    first_period  number of the first period
    periods       how many periods are looked at
    measure       (X, Q, L) probability of each state and record
    nodes         the same by node (Q, L), where it stands in the midst of a period, else None
    """

    first_period: int
    periods: int
    measure: Floats
    nodes: Mapping[int, Floats] | None = None


class Expectations:
    """What is expected in one solution from one distribution; what has been counted is kept.

    solution      the game in one world
    distribution  where play may stand
    backward      whether to count backwards; None counts one version forwards, several backwards
    """

    def __init__(
        self,
        solution: WorldSolution,
        distribution: StateDistribution,
        backward: bool | None = None,
    ) -> None:
        if solution.game.unrolled is not None and distribution.records.any():
            raise QuestionError(
                [
                    Problem(
                        "one branch for the whole game begins where nothing was shown",
                        path="selection=whole",
                        found="choices that were seen before",
                        help="ask it of the case without events, or decision by decision",
                    )
                ]
            )
        self.solution, self.distribution = solution, distribution
        self.points = DistributionInGame(distribution, solution.game, lambda: solution.equilibrium)
        self.backward = distribution.version_count > 1 if backward is None else backward
        self._runs: dict[object, list[AutomatonDistribution]] = {}
        self._continuations: dict[object, Continuation] = {}

    def periods(self, quantity: Quantity) -> int:
        """How many periods a quantity looks ahead, unless the horizon comes first."""
        return self.solution.game.case.horizon if quantity.periods is None else quantity.periods

    def periods_from(self, quantity: Quantity, beginning: Beginning) -> int:
        """How many period ends a quantity looks at from a beginning; none lies past the horizon."""
        return min(self.periods(quantity), self.solution.game.case.horizon - beginning.period)

    def continuation(self, quantity: Quantity, types: TypesByParty | None = None) -> Continuation:
        """From where a quantity is asked, among plays with these types, its own if None."""
        types = quantity.types if types is None else types
        key = (quantity.start, quantity.after, types)
        if key not in self._continuations:
            self._continuations[key] = self._continue(replace(quantity, types=types))
        return self._continuations[key]

    def _continue(self, quantity: Quantity) -> Continuation:
        states, records = self.points.states(quantity.start), self.distribution.records
        weights = self.points.weights_given(quantity.types)
        lacking = np.zeros(len(states), dtype=np.bool_)
        if not quantity.after:
            return Continuation((Beginning(0, None, states, records, weights),), lacking)
        said = dict[str, None]()
        found: dict[int, list[tuple[Ints, Ints, Floats, Floats]]] = {}
        for state in np.unique(states):
            here = np.flatnonzero(states == state)
            shown = records[here] if records[here].any() else None
            explorer = PathExplorer(self.solution.equilibrium, dict(quantity.types), shown)
            branches, warnings = branches_after_choices(explorer, quantity, int(state))
            if not branches:
                return Continuation((), lacking, tuple(warnings), unknown=True)
            lacking[here] = bool(warnings)
            said |= dict.fromkeys(warnings)
            for branch in branches:
                path, count = branch.path, len(here)
                left = np.zeros((count, len(path.record)))
                for axis, record in enumerate(path.record):
                    left[:, axis] = record
                found.setdefault(path.period, []).append(
                    (
                        np.full(count, path.node, dtype=np.int32),
                        np.full(count, branch.state, dtype=np.int32),
                        left,
                        weights[:, here] * branch.weight,
                    )
                )
        beginnings = []
        for period, parts in sorted(found.items()):
            columns = list(zip(*parts, strict=True))
            nodes, there, left = (np.concatenate(column) for column in columns[:3])
            mass = np.concatenate(columns[3], axis=1)
            beginnings.append(Beginning(period, nodes, there, left, mass))
        return Continuation(tuple(beginnings), lacking, tuple(said))

    def expect(
        self,
        quantity: Quantity,
        formulas: tuple[Formula, ...],
        reward: Floats | Bools,
        *,
        each_period: bool = False,
        feature: Floats | None = None,
        feature_time: int = 0,
    ) -> list[float]:
        """In each version the expected sum of a reward, among plays with the quantity's types.

        formulas      what the automaton beside the game reads; one state if there are none
        reward        (Q,) in each of its states
        each_period   whether it is given at the start and after each period but the last that is
                      looked at; after the last alone if not
        feature       broadcasts to (X, L): factor on the sum
        feature_time  after how many periods, no more than are looked at, the feature is read
        """
        reads_beliefs = any(belief_terms_of_formula(formula) for formula in formulas)
        if self.backward and not reads_beliefs and not quantity.after:
            periods = feature_time if feature is not None and not formulas else None
            times = self._times(self.periods(quantity) if periods is None else periods, each_period)
            return self._expect_backward(quantity, formulas, reward, times, feature, feature_time)
        versions = range(self.distribution.version_count)
        if feature is not None:
            assert not reads_beliefs
            return [
                sum(
                    self._expect_feature(
                        quantity, formulas, reward, feature, feature_time, version, beginning
                    )
                    for beginning in self.continuation(quantity).beginnings
                )
                for version in versions
            ]
        return [
            float(
                np.sum(
                    [
                        run.automaton_mass[n] @ reward
                        for run in self._runs_from(quantity, formulas, version)
                        for n in self._times(len(run.automaton_mass) - 1, each_period)
                    ]
                )
            )
            for version in versions
        ]

    def _times(self, periods: int, each_period: bool) -> Sequence[int]:
        return range(periods) if each_period else (periods,)

    def _expect_backward(
        self,
        quantity: Quantity,
        formulas: tuple[Formula, ...],
        reward: Floats | Bools,
        times: Sequence[int],
        feature: Floats | None,
        feature_time: int,
    ) -> list[float]:
        """The same from the expected sum at each state and record; kept if it has no feature."""
        observer = self._observer(quantity)
        key = (formulas, quantity.types, times, reward.tobytes())
        field = self.solution.fields.get(key) if feature is None else None
        if field is None:
            field = expected_rewards_to_go(
                self.solution.equilibrium,
                max(times, default=0),
                rewards=dict.fromkeys(times, reward.astype(np.float64)[:, None]),
                factors=None if feature is None else {feature_time: feature[:, None, :]},
                automaton=self.solution.automaton_without_beliefs(formulas),
                observer=observer,
            )
            if feature is None:
                self.solution.fields[key] = field
        at_points = self.points.field_at_points(field, quantity.start, observer)
        return [float(mean) for mean in self.points.means(at_points, quantity.types)]

    def _expect_feature(
        self,
        quantity: Quantity,
        formulas: tuple[Formula, ...],
        reward: Floats | Bools,
        feature: Floats,
        feature_time: int,
        version: int,
        beginning: Beginning,
    ) -> float:
        """The same forwards in one version: the measure is weighed once the feature is read."""
        automaton = self.solution.automaton_without_beliefs(formulas)
        observer, first = self._observer(quantity), beginning.period
        left = self.periods_from(quantity, beginning)
        at = min(feature_time, left)
        initial, nodes = self._measures(beginning, quantity.types, version, automaton)
        before = propagate_forward(
            self.solution.equilibrium,
            automaton=automaton,
            observer=observer,
            periods=at,
            first_period=first,
            initial_measure=initial,
            node_measure=nodes,
        ).final_measure
        if automaton is None:
            return float((before.sum(axis=1) * feature).sum())
        if at == 0 and nodes is not None:
            graph = self.solution.game.graph_of(first)
            factor = np.broadcast_to(feature, (before.shape[0], before.shape[2]))
            nodes = {node: part * factor[graph.state[node]] for node, part in nodes.items()}
        after = propagate_forward(
            self.solution.equilibrium,
            automaton=automaton,
            observer=observer,
            periods=left - at,
            first_period=first + at,
            initial_measure=before * feature[:, None, :],
            node_measure=nodes if at == 0 else None,
        )
        return float(after.automaton_mass[left - at] @ reward)

    def _runs_from(
        self, quantity: Quantity, formulas: tuple[Formula, ...], version: int
    ) -> list[AutomatonDistribution]:
        """How formulas stand after each period in one version, from each beginning; kept."""
        types, periods = quantity.types, self.periods(quantity)
        key = (formulas, quantity.start, quantity.after, types, periods, version)
        if key not in self._runs:
            self._runs[key] = [
                self._run(quantity, formulas, version, beginning)
                for beginning in self.continuation(quantity).beginnings
            ]
        return self._runs[key]

    def _run(
        self,
        quantity: Quantity,
        formulas: tuple[Formula, ...],
        version: int,
        beginning: Beginning,
    ) -> AutomatonDistribution:
        automaton = self.solution.automaton(formulas)
        observer, periods = self._observer(quantity), self.periods_from(quantity, beginning)
        if isinstance(automaton, BeliefFormulaAutomaton):
            weights = beginning.weights[version]
            there = weights > 0
            particles = ParticleSet(
                beginning.states[there], beginning.records[there], weights[there]
            )
            return propagate_exact_records(
                self.solution.equilibrium,
                particles,
                automaton,
                observer=observer,
                periods=periods,
                first_period=beginning.period,
                start_nodes=None if beginning.nodes is None else beginning.nodes[there],
            )
        initial, nodes = self._measures(beginning, quantity.types, version, automaton)
        found = propagate_forward(
            self.solution.equilibrium,
            automaton=automaton,
            observer=observer,
            periods=periods,
            first_period=beginning.period,
            initial_measure=initial,
            node_measure=nodes,
        )
        return AutomatonDistribution(found.automaton_mass, None)

    def _observer(self, quantity: Quantity) -> ObserverMeasure:
        return self.solution.equilibrium.observer_measure(types=dict(quantity.types))

    def payoff(
        self,
        beginning: Beginning,
        weights: Floats,
        observer: ObserverMeasure,
        payer: tuple[str, int],
    ) -> float:
        """What a party of a type is expected to get from a beginning to the end of play.

        weights   (m,) probability of each point
        observer  whose expectation it is
        payer     party and index of its type
        """
        equilibrium, game = self.solution.equilibrium, self.solution.game
        parameters, features = equilibrium.parameters, []
        for number in range(observer.combination_count):
            kind = type_in_combination(equilibrium, payer, observer, number)
            reader = game.player_types.index((payer[0], kind))
            if len(parameters.payoff_by_types):
                here = observer.types_in(number)
                weights_of_types = here.weights_of_type_combinations(equilibrium.belief_grid)
                by_types = parameters.payoff_by_types[:, :, reader].T
                features.append((by_types @ weights_of_types)[:, None])
            else:
                features.append(parameters.payoff[:, reader, None])
        patience = float(equilibrium.parameters.patience[game.parties.index(payer[0])])
        initial, nodes = self._measure_of(beginning, weights, observer)
        periods = game.periods - beginning.period
        found = propagate_forward(
            equilibrium,
            observer=observer,
            periods=periods,
            state_features=features,
            payer=payer,
            first_period=beginning.period,
            initial_measure=initial,
            node_measure=nodes,
        )
        discount = patience ** np.arange(periods)
        income = found.expected_features[1:, :, 0].sum(axis=1)
        total = float(discount @ (income - found.expected_costs))
        if game.case.ending == "lasts":
            total += patience**periods * float(income[-1]) / (1.0 - patience)
        return total

    def starts(self, quantity: Quantity) -> list[PlayStart]:
        """Where play begins for a quantity in the first version, and how far it looks."""
        return [
            PlayStart(
                beginning.period,
                self.periods_from(quantity, beginning),
                *self._measures(beginning, quantity.types, 0, None),
            )
            for beginning in self.continuation(quantity).beginnings
        ]

    def edge_mass(
        self, quantity: Quantity, observer: ObserverMeasure, periods: int, patience: float
    ) -> float:
        """What leaks back at the grid's edge in so many periods, in the first version."""
        total, ends = 0.0, observer.edge_leakage
        if not ends.any():
            return 0.0
        for beginning in self.continuation(quantity).beginnings:
            measure, nodes = self._measure_of(beginning, beginning.weights[0], observer)
            for n in range(min(periods, self.solution.game.periods - beginning.period)):
                total += patience**n * float((measure.sum(axis=1) * ends).sum())
                measure = propagate_forward(
                    self.solution.equilibrium,
                    observer=observer,
                    periods=1,
                    first_period=beginning.period + n,
                    initial_measure=measure,
                    node_measure=nodes if n == 0 else None,
                ).final_measure
        return total

    def _measures(
        self,
        beginning: Beginning,
        types: TypesByParty,
        version: int,
        automaton: Automaton | None,
    ) -> tuple[Floats, dict[int, Floats] | None]:
        observer = self.solution.equilibrium.observer_measure(types=dict(types))
        return self._measure_of(beginning, beginning.weights[version], observer, automaton)

    def _measure_of(
        self,
        beginning: Beginning,
        weights: Floats,
        observer: ObserverMeasure,
        automaton: Automaton | None = None,
    ) -> tuple[Floats, dict[int, Floats] | None]:
        """(X, Q, L) where play stands, and by node where in the midst of a period it goes on."""
        equilibrium, states = self.solution.equilibrium, beginning.states
        points, parts = equilibrium.interpolate_batch(beginning.records, observer)
        automaton_states = np.zeros_like(states)
        size = 1 if automaton is None else automaton.state_count
        lanes = equilibrium.belief_grid.point_count
        if automaton is not None:
            automaton_states = automaton.initial_state[states]
        mass = weights[:, None] * parts
        measure = np.zeros((len(self.solution.game.states), size, lanes))
        np.add.at(measure, (states[:, None], automaton_states[:, None], points), mass)
        if beginning.nodes is None:
            return measure, None
        distinct, place = np.unique(beginning.nodes, return_inverse=True)
        by_node = np.zeros((len(distinct), size, lanes))
        np.add.at(by_node, (place[:, None], automaton_states[:, None], points), mass)
        return measure, dict(zip(distinct.tolist(), by_node, strict=True))

    def belief_runs(
        self, quantity: Quantity, formulas: tuple[Formula, ...]
    ) -> list[list[AutomatonDistribution]]:
        """In each version the runs that were drawn, for standard errors; none where none was."""
        versions = range(self.distribution.version_count)
        if isinstance(self.solution.automaton(formulas), Automaton):
            return [[] for _ in versions]
        runs = [self._runs_from(quantity, formulas, version) for version in versions]
        return [[run for run in each if run.sampled_states is not None] for each in runs]
