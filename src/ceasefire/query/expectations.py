"""What is to be expected of play from a distribution over where it stands?

Everything is one sum: the reward that an automaton beside the game gives after some periods, times
a feature of how things stood after one of them. It is counted forwards from each version of the
distribution, or backwards once for all of them.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

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
)
from ceasefire.errors import Problem, QuestionError
from ceasefire.game import Automaton, Game, GameParameters, game_parameters
from ceasefire.game.automaton import Bools
from ceasefire.game.states import Floats
from ceasefire.query.ast import Formula, Quantity, belief_terms_of_formula
from ceasefire.query.automata import BeliefFormulaAutomaton, automaton_over_states
from ceasefire.query.grid_edge_error import GridEdgeErrorBound
from ceasefire.query.state_distribution import (
    DistributionInGame,
    StateDistribution,
    TypesByParty,
)
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings


class WorldSolution:
    """One game in one world, solved when first needed; what reads formulas in it is kept.

    game      the game
    world     value of every unknown
    settings  how large the solution, or a formula's automaton, may be
    halvings, sharper, keep  as `solve` reads them
    reuse     the game with no table closed, whose solution is taken over where both agree
    """

    def __init__(
        self,
        game: Game,
        world: Mapping[str, float],
        settings: SolveSettings = DEFAULT_SETTINGS,
        *,
        halvings: int = 0,
        sharper: float = 1.0,
        keep: frozenset[int] = frozenset(),
        reuse: "WorldSolution | None" = None,
    ) -> None:
        self.game, self.world, self.settings = game, dict(world), settings
        self.refined = halvings > 0
        self._halvings, self._sharper = halvings, sharper
        self._periods_kept, self._reuse = keep, reuse
        self._automata: dict[Sequence[Formula], Automaton | BeliefFormulaAutomaton] = {}
        self.fields: dict[object, Floats] = {}

    @property
    def solved(self) -> bool:
        """Whether anything asked so far needed the solution."""
        return "equilibrium" in self.__dict__

    @cached_property
    def equilibrium(self) -> Equilibrium:
        """The game solved."""
        return solve(
            self.game,
            self.world,
            grid=self.settings.grid,
            halvings=self._halvings,
            sharper=self._sharper,
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
        self.solution, self.distribution = solution, distribution
        self.points = DistributionInGame(distribution, solution.game, lambda: solution.equilibrium)
        self.backward = distribution.version_count > 1 if backward is None else backward
        self._runs: dict[object, AutomatonDistribution] = {}

    def periods(self, quantity: Quantity) -> int:
        """How many periods a quantity looks ahead."""
        return self.solution.game.case.horizon if quantity.periods is None else quantity.periods

    def expect(
        self,
        quantity: Quantity,
        formulas: tuple[Formula, ...],
        reward: Floats | Bools,
        times: Sequence[int],
        *,
        feature: Floats | None = None,
        feature_time: int = 0,
    ) -> list[float]:
        """In each version the expected sum of a reward, among plays with the quantity's types.

        formulas      what the automaton beside the game reads; one state if there are none
        reward        (Q,) in each of its states
        times         after how many periods the reward is given
        feature       broadcasts to (X, L): factor on the sum
        feature_time  after how many periods, no more than any of `times`, the feature is read
        """
        reads_beliefs = any(belief_terms_of_formula(formula) for formula in formulas)
        if self.backward and not reads_beliefs:
            return self._expect_backward(quantity, formulas, reward, times, feature, feature_time)
        versions = range(self.distribution.version_count)
        if feature is not None:
            assert not reads_beliefs
            features = feature, feature_time
            return [
                self._expect_feature(quantity, formulas, reward, times, *features, version)
                for version in versions
            ]
        runs = [self._run(quantity, formulas, version) for version in versions]
        return [float(np.sum([run.automaton_mass[n] @ reward for n in times])) for run in runs]

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
        times: Sequence[int],
        feature: Floats,
        feature_time: int,
        version: int,
    ) -> float:
        """The same forwards in one version: the measure is weighed once the feature is read."""
        automaton, observer = (
            self.solution.automaton_without_beliefs(formulas),
            self._observer(quantity),
        )
        before = propagate_forward(
            self.solution.equilibrium,
            automaton=automaton,
            observer=observer,
            periods=feature_time,
            initial_measure=self.initial_measure(quantity, quantity.types, version, automaton),
        ).final_measure
        if automaton is None:
            return float((before[:, 0] * feature).sum())
        after = propagate_forward(
            self.solution.equilibrium,
            automaton=automaton,
            observer=observer,
            periods=max(times) - feature_time,
            first_period=feature_time,
            initial_measure=before * feature[:, None, :],
        )
        return float(np.sum([after.automaton_mass[n - feature_time] @ reward for n in times]))

    def _run(
        self, quantity: Quantity, formulas: tuple[Formula, ...], version: int
    ) -> AutomatonDistribution:
        """How formulas stand after each period in one version; what was run once is kept."""
        types, periods = quantity.types, self.periods(quantity)
        key = (formulas, quantity.start, types, periods, version)
        if key not in self._runs:
            automaton = self.solution.automaton(formulas)
            if isinstance(automaton, BeliefFormulaAutomaton):
                weights = self.points.weights_given(types)[version]
                there = weights > 0
                states = self.points.states(quantity.start)[there]
                self._runs[key] = propagate_exact_records(
                    self.solution.equilibrium,
                    ParticleSet(states, self.distribution.records[there], weights[there]),
                    automaton,
                    observer=self._observer(quantity),
                    periods=periods,
                )
            else:
                found = propagate_forward(
                    self.solution.equilibrium,
                    automaton=automaton,
                    observer=self._observer(quantity),
                    periods=periods,
                    initial_measure=self.initial_measure(quantity, types, version, automaton),
                )
                self._runs[key] = AutomatonDistribution(found.automaton_mass, None)
        return self._runs[key]

    def _observer(self, quantity: Quantity) -> ObserverMeasure:
        return self.solution.equilibrium.observer_measure(types=dict(quantity.types))

    def initial_measure(
        self,
        quantity: Quantity,
        types: TypesByParty,
        version: int,
        automaton: Automaton | None = None,
    ) -> Floats:
        """(X, Q, L) where plays with these types begin in one version."""
        equilibrium, states = self.solution.equilibrium, self.points.states(quantity.start)
        observer = equilibrium.observer_measure(types=dict(types))
        points, parts = equilibrium.interpolate_batch(self.distribution.records, observer)
        automaton_states = np.zeros_like(states) if automaton is None else automaton.initial_state
        size = 1 if automaton is None else automaton.state_count
        measure = np.zeros(
            (len(self.solution.game.states), size, equilibrium.belief_grid.point_count)
        )
        if automaton is not None:
            automaton_states = automaton_states[states]
        weights = self.points.weights_given(types)[version]
        np.add.at(
            measure,
            (states[:, None], automaton_states[:, None], points),
            weights[:, None] * parts,
        )
        return measure

    def belief_runs(
        self, quantity: Quantity, formulas: tuple[Formula, ...]
    ) -> list[AutomatonDistribution | None]:
        """The runs that may have been drawn, for standard errors; None where none was."""
        versions = range(self.distribution.version_count)
        if isinstance(self.solution.automaton(formulas), Automaton):
            return [None for _ in versions]
        return [self._run(quantity, formulas, version) for version in versions]
