"""Quantities asked from where things may stand: any mixture of states and records.

Almost everything is linear in the mixture. So each quantity is worked out once for every state
and record (by playing backwards) or once for every point, and a mixture is a weighted sum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.coalitions import secured_probability
from ceasefire.equilibrium import (
    Equilibrium,
    ObserverMeasure,
    ParticleSet,
    expected_rewards_to_go,
    propagate_exact_records,
    propagate_forward,
    solve,
)
from ceasefire.game import Game, GameParameters, game_parameters
from ceasefire.game.settings import DEFAULT_SETTINGS, SolveSettings
from ceasefire.game.states import Floats, Ints, StateTable
from ceasefire.query.ast import (
    AtomicFormula,
    EventCondition,
    Formula,
    Quantity,
    StartOverrides,
    belief_terms_of_formula,
)
from ceasefire.query.decisions import (
    BeliefAndWarnings,
    PathExplorer,
    PlayPath,
    belief_after_choices,
    choice_probability,
    consent_and_proposal,
    consent_probability,
)
from ceasefire.query.monitors import (
    BeliefFormulaAutomaton,
    FormulaEvaluator,
    FormulaProbabilities,
    automaton_over_states,
    clip_probability,
    undefined_expression_error,
)


@dataclass(frozen=True)
class QuantityValue:
    """The number that a quantity has in one world.

    value     None where it has none, such as a condition of probability 0
    error     standard error, None where nothing was sampled
    scale     what a change of the value is compared with: 1 for a probability
    given     probability of the condition that the value is asked provided of
    """

    value: float | None
    error: float | None = None
    warnings: tuple[str, ...] = ()
    scale: float = 1.0
    given: float = 1.0


class Evaluator:
    """Answers quantities about one game in one world; it is solved when first needed."""

    def __init__(
        self,
        game: Game,
        world: Mapping[str, float],
        settings: SolveSettings = DEFAULT_SETTINGS,
        *,
        halvings: int = 0,
        sharper: float = 1.0,
        keep: frozenset[int] = frozenset(),
        reuse: "Evaluator | None" = None,
    ) -> None:
        self.game = game
        self._periods_kept, self._reuse = keep, reuse
        self.world = dict(world)
        self._settings, self._halvings, self._sharper = settings, halvings, sharper

    @cached_property
    def parameters(self) -> GameParameters:
        """What this world puts on the game."""
        return (
            self.equilibrium.parameters if self.solved else game_parameters(self.game, self.world)
        )

    @cached_property
    def equilibrium(self) -> Equilibrium:
        """The game solved."""
        after = None if self._reuse is None else self._reuse.equilibrium
        return solve(
            self.game,
            self.world,
            grid=self._settings.grid,
            halvings=self._halvings,
            sharper=self._sharper,
            memory=self._settings.memory,
            keep=self._periods_kept,
            after=after,
        )

    @property
    def solved(self) -> bool:
        """Whether anything asked so far needed the solution."""
        return "equilibrium" in self.__dict__

    @cached_property
    def _watcher(self) -> FormulaEvaluator:
        return FormulaEvaluator(self.equilibrium, self._settings)

    def value_of(self, quantity: Quantity) -> QuantityValue:
        """The number that a quantity has here."""
        return _EVALUATOR_METHODS[quantity.kind](
            self, quantity, self.game.start_state(dict(quantity.start))
        )

    def _periods(self, quantity: Quantity) -> int:
        return self.game.case.horizon if quantity.periods is None else quantity.periods

    def _probability(self, quantity: Quantity, start: int) -> QuantityValue:
        assert quantity.formula is not None
        periods, types = self._periods(quantity), quantity.types
        if quantity.provided is None:
            seen = self._watcher.see([quantity.formula], start, types, periods)
            return QuantityValue(seen.probability(periods), seen.error(periods))
        pair = [quantity.formula, quantity.provided]
        seen = self._watcher.see(pair, start, types, periods)
        condition = seen.probability(periods, 1)
        if not condition > 0:
            return QuantityValue(None, None, (CONDITION_NEVER_HOLDS,))
        value = clip_probability(seen.both(periods) / condition)
        return QuantityValue(value, seen.error(periods, given=1), given=condition)

    def _time(self, quantity: Quantity, start: int) -> QuantityValue:
        assert quantity.condition is not None
        periods = self._periods(quantity)
        formula = AtomicFormula("eventually", (quantity.condition,))
        seen = self._watcher.see([formula], start, quantity.types, periods)
        expected, error = seen.waiting(periods)
        return QuantityValue(expected, error, (), float(max(1, periods)))

    def _promise_kept(self, quantity: Quantity, start: int) -> QuantityValue:
        promise, periods = quantity.subject, self._periods(quantity)
        broken = AtomicFormula("eventually", (EventCondition(frozenset({f"broken:{promise}"})),))
        seen = self._watcher.see([broken], start, quantity.types, periods)
        case = self.game.case
        possible = [
            key
            for key in case.promises[promise].forbids
            if key not in quantity.modification.without
            and self.game.evaluate_in_states(case.moves[key].when, self.world)[start] != 0
        ]
        where = self.game.describe(start)
        warning = f"nothing that {promise} forbids is possible in {where}"
        return QuantityValue(1.0 - seen.probability(periods), None, () if possible else (warning,))

    def _can(self, quantity: Quantity, start: int) -> QuantityValue:
        assert quantity.formula is not None
        automaton = automaton_over_states(self.game, [quantity.formula], self.world)
        periods = self._periods(quantity)
        return QuantityValue(
            secured_probability(
                self.game, self.parameters, quantity.coalition, automaton, start, periods
            )
        )

    def _expectation(self, quantity: Quantity, start: int) -> QuantityValue:
        assert quantity.expression is not None
        values = self.game.evaluate_in_states(quantity.expression, self.world)
        wrong = ~np.isfinite(values)
        if wrong.any():
            raise undefined_expression_error(
                self.game, quantity.expression.text, int(np.argmax(wrong))
            )
        spread = float(np.ptp(values)) or 1.0
        lanes = np.ones(self.equilibrium.belief_grid.point_count)
        return self._conditional(quantity, start, values[:, None] * lanes, spread)

    def _conditional(
        self, quantity: Quantity, start: int, feature: Floats, scale: float = 1.0
    ) -> QuantityValue:
        """Expected value of a (X, L) feature after `at` periods, provided a formula holds."""
        play, periods = self.equilibrium, self._periods(quantity)
        at = periods if quantity.after_periods is None else quantity.after_periods
        viewer = play.observer_measure(types=dict(quantity.types))
        if quantity.provided is None:
            standing = propagate_forward(play, start, observer=viewer, periods=at).final_measure
            return QuantityValue(float((standing.sum(axis=1) * feature).sum()), scale=scale)
        automaton = automaton_over_states(self.game, [quantity.provided], self.world)
        before = propagate_forward(
            play, start, automaton=automaton, observer=viewer, periods=at
        ).final_measure
        sums = []
        for weight in (feature, np.ones_like(feature)):
            after = propagate_forward(
                play,
                automaton=automaton,
                observer=viewer,
                periods=periods - at,
                first_period=at,
                initial_measure=before * weight[:, None, :],
            )
            sums.append(float(after.automaton_mass[-1] @ automaton.accepts()))
        if not sums[1] > 0:
            return QuantityValue(None, None, (CONDITION_NEVER_HOLDS,), scale)
        return QuantityValue(sums[0] / sums[1], scale=scale, given=sums[1])

    def _value(self, quantity: Quantity, start: int) -> QuantityValue:
        party = quantity.party
        if quantity.observer != "analyst":
            value = self.equilibrium.value(party, quantity.type, start)
        else:
            types = dict(quantity.types)
            known = list(self.game.case.parties[party].types)
            if quantity.type is not None:
                types[party] = quantity.type
            if not known:
                value = self.analyst_payoff(party, 0, types, start)
            elif party in types:
                value = self.analyst_payoff(party, known.index(types[party]), types, start)
            else:
                first = self.equilibrium.prior("analyst", party)
                value = sum(
                    weight * self.analyst_payoff(party, kind, {**types, party: known[kind]}, start)
                    for kind, weight in ((0, first), (1, 1.0 - first))
                )
        return QuantityValue(value, None, (), max(1.0, abs(value)))

    def analyst_payoff(
        self,
        party: str,
        type_index: int,
        types: dict[str, str],
        start: int,
        initial_measure: Floats | None = None,
    ) -> float:
        """What the analyst expects a party of this type to get, to the end of play."""
        play, game = self.equilibrium, self.game
        reader = game.player_types.index((party, type_index))
        payoff = play.parameters.payoff[:, reader]
        patience = float(play.parameters.patience[game.parties.index(party)])
        seen = propagate_forward(
            play,
            start,
            observer=play.observer_measure(types=types),
            periods=game.periods,
            state_features=payoff[:, None],
            payer=(party, type_index),
            initial_measure=initial_measure,
        )
        discount = patience ** np.arange(game.periods)
        income = seen.expected_features[1:, :, 0].sum(axis=1)
        total = float(discount @ (income - seen.expected_costs))
        if game.case.ending == "lasts":
            total += patience**game.periods * float(income[-1]) / (1.0 - patience)
        return total

    def _local(self, quantity: Quantity, start: int) -> QuantityValue:
        walker = PathExplorer(self.equilibrium, dict(quantity.types))
        ask = choice_probability if quantity.kind == "plays" else consent_probability
        value, warnings = ask(walker, quantity, start)
        return QuantityValue(clip_probability(value), None, warnings)

    def _belief(self, quantity: Quantity, start: int) -> QuantityValue:
        play, party = self.equilibrium, quantity.party
        observer = quantity.observer or "analyst"
        second = list(self.game.case.parties[party].types).index(str(quantity.type)) == 1

        def believe(path: PlayPath) -> float:
            first: float = play.belief(observer, party, path.record)
            return 1.0 - first if second else first

        walker = PathExplorer(play, dict(quantity.types))
        if quantity.after_periods is None:
            return QuantityValue(
                *_as_value_arguments(belief_after_choices(walker, quantity, start, believe))
            )
        row = -1 if observer == "analyst" else self.game.parties.index(observer)
        first = play.point_beliefs[row, self.game.parties_with_types.index(party)]
        lane = 1.0 - first if second else first
        return self._conditional(quantity, start, np.tile(lane, (len(self.game.states), 1)))


# beside the class, since an oracle that held its own methods would outlive its last use, and its
# solution with it, until the garbage collector came by
_EVALUATOR_METHODS: Mapping[str, Callable[[Evaluator, Quantity, int], QuantityValue]] = {
    "P": Evaluator._probability,
    "E": Evaluator._expectation,
    "time": Evaluator._time,
    "value": Evaluator._value,
    "plays": Evaluator._local,
    "signs": Evaluator._local,
    "belief": Evaluator._belief,
    "can": Evaluator._can,
    "kept": Evaluator._promise_kept,
}

CONDITION_NEVER_HOLDS = "the condition has probability 0: no value"


def _as_value_arguments(found: BeliefAndWarnings) -> tuple[float | None, None, tuple[str, ...]]:
    return found[0], None, found[1]


KINDS_WEIGHED_BY_BELIEF = ("P", "E", "time", "kept", "value")  # besides beliefs at a time

FieldMean = Callable[[Floats, ObserverMeasure], float]


class GridEdgeErrorBound:
    """What rounding may do to the quantities that one solved game answers."""

    def __init__(self, oracle: Evaluator) -> None:
        self.oracle, self.game = oracle, oracle.game
        self._fields: dict[object, tuple[Floats, ObserverMeasure]] = {}

    def bound(self, quantity: Quantity, reading: QuantityValue, mean: FieldMean) -> float:
        """By how much an answer may be off, in units of its scale.

        mean  gives what a (X, L) field is where the quantity is asked from, as a viewer reads it

        A probability moves by no more than what came back; a value by that much of what separates
        the best from the worst that the party can expect anywhere. Of what is asked provided that
        a condition holds, both the condition and the rest may move.
        """
        if reading.value is None or (
            quantity.kind not in KINDS_WEIGHED_BY_BELIEF and quantity.after_periods is None
        ):
            return 0.0
        if quantity.kind == "value":
            off = self._of_value(quantity, mean)
            return off / reading.scale
        at = quantity.after_periods if quantity.provided is None else None
        periods = self.game.case.horizon if quantity.periods is None else quantity.periods
        off = self._came_back(mean, periods if at is None else at, types=quantity.types)
        if quantity.provided is None or off == 0.0:
            return off
        return min(1.0, 2.0 * off / (reading.given - off)) if reading.given > off else 1.0

    def _of_value(self, quantity: Quantity, mean: FieldMean) -> float:
        party, game, play = quantity.party, self.game, self.oracle.equilibrium
        kinds: list[str | None] = [*game.case.parties[party].types] or [None]
        asked = [quantity.type] if quantity.type is not None else kinds
        readers = [game.player_types.index((party, kinds.index(kind))) for kind in asked]
        spread = float(np.ptp(play.values[:, readers]))
        patience = float(play.parameters.patience[game.parties.index(party)])
        if quantity.observer == "analyst":
            own = () if quantity.type is None else ((party, quantity.type),)
            types = (*quantity.types, *own)
            return spread * self._came_back(mean, game.periods, patience, types=types)
        each = [self._came_back(mean, game.periods, patience, (party, kind)) for kind in asked]
        return spread * max(each)

    def _came_back(
        self,
        mean: FieldMean,
        periods: int,
        patience: float = 1.0,
        party: tuple[str, str | None] | None = None,
        types: tuple[tuple[str, str], ...] = (),
    ) -> float:
        """What may come back, each period weighed by patience, as a viewer counts plays."""
        key = (periods, patience, party, types)
        if key not in self._fields:
            play = self.oracle.equilibrium
            viewer = (
                play.observer_measure(*party)
                if party is not None
                else play.observer_measure(types=dict(types))
            )
            ends = viewer.edge_leakage
            rewards = {n: ends * patience**n for n in range(periods)}
            nothing = np.zeros((len(self.game.states), len(ends)))
            field = (
                expected_rewards_to_go(play, periods, rewards=rewards, observer=viewer)
                if ends.any()
                else nothing
            )
            self._fields[key] = field, viewer
        coarser = 2.0 * float(np.exp(self.oracle.equilibrium.belief_grid.spacing.max(initial=0.0)))
        return coarser * mean(*self._fields[key])


TypesByParty = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class StateDistribution:
    """Where things may stand: n points, and how likely each of them is in S versions.

    state_table    the states that `states` counts
    states   (n,) public states
    records  (n, H) record of each party with types
    weights  (S, n) probability of each point, one row for each version
    """

    state_table: StateTable
    states: Ints
    records: Floats
    weights: Floats

    def __len__(self) -> int:
        """How many versions there are."""
        return len(self.weights)


class DistributionInGame:
    """Where things may stand in one game, which is solved when records are first read."""

    def __init__(self, oracle: Evaluator, standing: StateDistribution) -> None:
        self.oracle, self.standing, self.game = oracle, standing, oracle.game
        self._weights: dict[TypesByParty, Floats] = {}
        self._places: dict[StartOverrides, Ints] = {}

    def states(self, start: StartOverrides) -> Ints:
        """(n,) the states of this game in which the points are, once `start=` has its way."""
        if start not in self._places:
            table, standing = self.game.state_table, self.standing
            codes = standing.state_table.codes.copy()
            for name, value in start:
                variable = self.game.case.variables_and_promises[name]
                codes[:, table.names.index(name)] = variable.values.index(value)
            self._places[start] = table.find_states(codes)[standing.states]
        return self._places[start]

    def weighed(self, types: TypesByParty) -> Floats:
        """(S, n) weights of the points among plays with these types."""
        if types not in self._weights:
            weights = self.standing.weights
            for party, kind in types:
                first = self.belief(party)
                known = list(self.game.case.parties[party].types).index(kind)
                weights = weights * (first if known == 0 else 1.0 - first)
            total = weights.sum(axis=1, keepdims=True)
            self._weights[types] = weights / np.where(total > 0, total, 1.0)
        return self._weights[types]

    def belief(self, party: str) -> Floats:
        """(n,) what the analyst believes of a party's first type at each point."""
        return np.asarray(
            self.oracle.equilibrium.belief("analyst", party, tuple(self.standing.records.T))
        )

    def at(self, field: Floats, states: Ints, viewer: ObserverMeasure) -> Floats:
        """(n,) a (X, L) field at the points, between the nodes in the viewer's belief."""
        lanes, weights = self.oracle.equilibrium.interpolate_batch(self.standing.records, viewer)
        found: Floats = (field[states[:, None], lanes] * weights).sum(axis=1)
        return found

    def mean(
        self, values: Floats, types: TypesByParty, given: Floats | None = None
    ) -> list[float | None]:
        """In each version the mean of values (n,), or the ratio of two means."""
        weights = self.weighed(types)
        means = weights @ np.broadcast_to(values, len(weights.T))
        if given is None:
            return [float(mean) for mean in means]
        parts = weights @ np.broadcast_to(given, len(weights.T))
        return [float(a / b) if b > 0 else None for a, b in zip(means, parts, strict=True)]

    def lacks(
        self, lacking: npt.NDArray[np.bool_], types: TypesByParty, said: str
    ) -> list[tuple[str, ...]]:
        """A warning in each version in which something is lacking at some points."""
        missing = self.mean(lacking.astype(np.float64), types)
        return [
            (f"{said} in {require_value(part):.0%} of where things may stand",)
            if require_value(part) > 5e-3
            else ()
            for part in missing
        ]


def require_value(value: float | None) -> float:
    """A mean, which always has a value; a ratio may have none."""
    assert value is not None
    return value


class MixtureEvaluator:
    """Answers quantities about one game in one world from where things may stand."""

    def __init__(self, oracle: Evaluator, standing: StateDistribution) -> None:
        self.oracle, self.standing, self.game = oracle, standing, oracle.game
        self.mixture = DistributionInGame(oracle, standing)
        self.rounding = GridEdgeErrorBound(oracle)
        self._fields: dict[object, Floats] = {}

    def read(self, quantity: Quantity) -> list[QuantityValue]:
        """The number that a quantity has in each version."""
        return _MIXTURE_METHODS[quantity.kind](self, quantity)

    def bound(self, quantity: Quantity, reading: QuantityValue, version: int) -> float:
        """What rounding beliefs near certainty may do to a version's reading, in its scale."""

        def mean(field: Floats, viewer: ObserverMeasure) -> float:
            at = self.mixture.at(field, self.mixture.states(quantity.start), viewer)
            return require_value(self.mixture.mean(at, quantity.types)[version])

        return self.rounding.bound(quantity, reading, mean)

    def _periods(self, quantity: Quantity) -> int:
        return self.game.case.horizon if quantity.periods is None else quantity.periods

    def _viewer(self, quantity: Quantity) -> ObserverMeasure:
        return self.oracle.equilibrium.observer_measure(types=dict(quantity.types))

    def _accepted(
        self, formulas: Sequence[Formula], quantity: Quantity, waiting: bool = False
    ) -> Floats:
        """(n,) probability that all formulas hold, or the time until the first does."""
        periods, viewer = self._periods(quantity), self._viewer(quantity)
        key = (tuple(formulas), quantity.types, periods, waiting)
        if key not in self._fields:
            automaton = automaton_over_states(self.game, formulas, self.oracle.world)
            holds = np.asarray(automaton.accepting.all(axis=1), dtype=np.float64)[:, None]
            rewards = {periods: holds}
            if waiting:
                rewards = dict.fromkeys(range(periods), 1.0 - holds)
            self._fields[key] = expected_rewards_to_go(
                self.oracle.equilibrium,
                periods,
                rewards=rewards,
                automaton=automaton,
                observer=viewer,
            )
        return self.mixture.at(self._fields[key], self.mixture.states(quantity.start), viewer)

    def _followed(
        self, formulas: Sequence[Formula], quantity: Quantity
    ) -> list[FormulaProbabilities]:
        """How formulas that read beliefs stand, in each version."""
        play, states = self.oracle.equilibrium, self.mixture.states(quantity.start)
        seen = []
        for weights in self.mixture.weighed(quantity.types):
            there = weights > 0
            points = ParticleSet(states[there], self.standing.records[there], weights[there])
            reader = BeliefFormulaAutomaton(self.game, formulas, dict(play.world))
            found = propagate_exact_records(
                play,
                points,
                reader,
                observer=self._viewer(quantity),
                periods=self._periods(quantity),
            )
            seen.append(
                FormulaProbabilities(
                    found.automaton_mass, reader.automaton.accepting, found.sampled_states
                )
            )
        return seen

    def _probability(self, quantity: Quantity) -> list[QuantityValue]:
        assert quantity.formula is not None
        formula, provided = quantity.formula, quantity.provided
        formulas = [formula] if provided is None else [formula, provided]
        if any(belief_terms_of_formula(each) for each in formulas):
            return self._believed(quantity, formulas)
        both = self._accepted(formulas, quantity)
        if provided is None:
            return [_probability_value(value) for value in self.mixture.mean(both, quantity.types)]
        given = self._accepted([provided], quantity)
        found = self.mixture.mean(both, quantity.types, given)
        parts = self.mixture.mean(given, quantity.types)
        return [_probability_value(*pair) for pair in zip(found, parts, strict=True)]

    def _believed(self, quantity: Quantity, formulas: Sequence[Formula]) -> list[QuantityValue]:
        periods, readings = self._periods(quantity), []
        for seen in self._followed(formulas, quantity):
            if len(formulas) == 1:
                readings.append(QuantityValue(seen.probability(periods), seen.error(periods)))
                continue
            condition = seen.probability(periods, 1)
            if condition > 0:
                value = clip_probability(seen.both(periods) / condition)
                error = seen.error(periods, given=1)
                readings.append(QuantityValue(value, error, given=condition))
            else:
                readings.append(QuantityValue(None, None, (CONDITION_NEVER_HOLDS,)))
        return readings

    def _time(self, quantity: Quantity) -> list[QuantityValue]:
        assert quantity.condition is not None
        formula = AtomicFormula("eventually", (quantity.condition,))
        scale = float(max(1, self._periods(quantity)))
        if belief_terms_of_formula(formula):
            seen = self._followed([formula], quantity)
            found = [each.waiting(self._periods(quantity)) for each in seen]
            return [QuantityValue(value, error, (), scale) for value, error in found]
        values = self._accepted([formula], quantity, waiting=True)
        return [
            QuantityValue(value, None, (), scale)
            for value in self.mixture.mean(values, quantity.types)
        ]

    def _kept(self, quantity: Quantity) -> list[QuantityValue]:
        promise, case = quantity.subject, self.game.case
        broken = AtomicFormula("eventually", (EventCondition(frozenset({f"broken:{promise}"})),))
        values = self._accepted([broken], quantity)
        states, possible = (
            self.mixture.states(quantity.start),
            np.zeros(len(self.standing.states), dtype=bool),
        )
        for key in case.promises[promise].forbids:
            if key not in quantity.modification.without:
                possible |= (
                    self.game.evaluate_in_states(case.moves[key].when, self.oracle.world)[states]
                    != 0
                )
        said = f"nothing that {promise} forbids is possible"
        found = self.mixture.mean(values, quantity.types)
        return [
            QuantityValue(1.0 - require_value(value), None, warnings)
            for value, warnings in zip(
                found, self.mixture.lacks(~possible, quantity.types, said), strict=True
            )
        ]

    def _expectation(self, quantity: Quantity) -> list[QuantityValue]:
        assert quantity.expression is not None
        values = self.game.evaluate_in_states(quantity.expression, self.oracle.world)
        wrong = ~np.isfinite(values)
        if wrong.any():
            raise undefined_expression_error(
                self.game, quantity.expression.text, int(np.argmax(wrong))
            )
        spread = float(np.ptp(values)) or 1.0
        return self._conditional(quantity, values[:, None, None], spread)

    def _conditional(
        self, quantity: Quantity, feature: Floats, scale: float = 1.0
    ) -> list[QuantityValue]:
        """Expected value of a feature after `at` periods, provided a formula holds."""
        play, periods, viewer = (
            self.oracle.equilibrium,
            self._periods(quantity),
            self._viewer(quantity),
        )
        at = periods if quantity.after_periods is None else quantity.after_periods
        states = self.mixture.states(quantity.start)
        if quantity.provided is None:
            field = expected_rewards_to_go(play, at, rewards={at: feature}, observer=viewer)
            means = self.mixture.mean(self.mixture.at(field, states, viewer), quantity.types)
            return [QuantityValue(value, scale=scale) for value in means]
        automaton = automaton_over_states(self.game, [quantity.provided], self.oracle.world)
        parts = [
            expected_rewards_to_go(
                play,
                periods,
                rewards={periods: automaton.accepts().astype(np.float64)[:, None]},
                factors={at: factor},
                automaton=automaton,
                observer=viewer,
            )
            for factor in (feature, np.ones(1))
        ]
        both, given = (self.mixture.at(field, states, viewer) for field in parts)
        found = self.mixture.mean(both, quantity.types, given)
        chances = self.mixture.mean(given, quantity.types)
        return [
            _conditional_value(value, scale, part)
            for value, part in zip(found, chances, strict=True)
        ]

    def _value(self, quantity: Quantity) -> list[QuantityValue]:
        party = quantity.party
        kinds = list(self.game.case.parties[party].types)
        if quantity.observer == "analyst":
            found = [self._earned(quantity, version) for version in range(len(self.standing))]
        else:
            own = quantity.type or (None if not kinds else kinds[0])
            states = self.mixture.states(quantity.start)
            first = self._valued(party, own, states)
            if kinds and quantity.type is None:
                believed = self.mixture.belief(party)
                first = believed * first + (1.0 - believed) * self._valued(party, kinds[1], states)
            types = () if quantity.type is None else ((party, quantity.type),)
            found = [require_value(value) for value in self.mixture.mean(first, types)]
        return [QuantityValue(value, None, (), max(1.0, abs(value))) for value in found]

    def _valued(self, party: str, kind: str | None, states: Ints) -> Floats:
        """(n,) what a party of this type expects at each point, by its own beliefs."""
        play = self.oracle.equilibrium
        number = 0 if kind is None else list(self.game.case.parties[party].types).index(kind)
        field = play.values[:, self.game.player_types.index((party, number))]
        return self.mixture.at(field, states, play.observer_measure(party, kind))

    def _earned(self, quantity: Quantity, version: int) -> float:
        """What the analyst expects a party to get, its types weighed by what is believed."""
        party, types = quantity.party, dict(quantity.types)
        kinds = list(self.game.case.parties[party].types)
        if quantity.type is not None:
            types[party] = quantity.type
        if not kinds or party in types:
            kind = kinds.index(types[party]) if kinds else 0
            return self._earned_by(quantity, version, kind, types)
        first = self.mixture.belief(party)
        share_first = float(self.mixture.weighed(tuple(types.items()))[version] @ first)
        return sum(
            weight * self._earned_by(quantity, version, kind, {**types, party: kinds[kind]})
            for kind, weight in ((0, share_first), (1, 1.0 - share_first))
            if weight > 0
        )

    def _earned_by(
        self, quantity: Quantity, version: int, kind: int, types: dict[str, str]
    ) -> float:
        play = self.oracle.equilibrium
        weights = self.mixture.weighed(tuple(types.items()))[version]
        lanes, parts = play.interpolate_batch(
            self.standing.records, play.observer_measure(types=types)
        )
        measure = np.zeros((len(self.game.states), 1, play.belief_grid.point_count))
        states = self.mixture.states(quantity.start)
        np.add.at(measure[:, 0], (states[:, None], lanes), weights[:, None] * parts)
        return self.oracle.analyst_payoff(quantity.party, kind, types, 0, measure)

    def _locally(
        self,
        quantity: Quantity,
        ask: Callable[[PathExplorer, Quantity, int], tuple[Any, ...]],
        count: int,
    ) -> tuple[list[Floats], npt.NDArray[np.bool_], set[str]]:
        """`count` arrays (n,), asked of all points of a state at once; where it warned, of what."""
        states, records = self.mixture.states(quantity.start), self.standing.records
        types = dict(quantity.types)
        found = [np.zeros(len(states)) for _ in range(count)]
        lacking, said = np.zeros(len(states), dtype=np.bool_), set()
        for state in np.unique(states):
            here = states == state
            *numbers, warnings = ask(
                PathExplorer(self.oracle.equilibrium, types, records[here]), quantity, int(state)
            )
            for array, number in zip(found, numbers, strict=True):
                array[here] = np.nan if number is None else number
            if warnings:
                lacking[here] = True
                said |= set(warnings)
        return found, lacking, said

    def _plays(self, quantity: Quantity) -> list[QuantityValue]:
        (values,), lacking, _ = self._locally(quantity, choice_probability, 1)
        warned = self.mixture.lacks(lacking, quantity.types, f"{quantity.subject} is not offered")
        found = self.mixture.mean(values, quantity.types)
        return [
            QuantityValue(clip_probability(require_value(v)), None, w)
            for v, w in zip(found, warned, strict=True)
        ]

    def _signs(self, quantity: Quantity) -> list[QuantityValue]:
        (agreed, asked), lacking, _ = self._locally(quantity, consent_and_proposal, 2)
        said = f"{quantity.party} is not asked about {quantity.subject}"
        warned = self.mixture.lacks(lacking, quantity.types, said)
        found = self.mixture.mean(agreed, quantity.types, asked)
        return [
            QuantityValue(0.0 if value is None else clip_probability(value), None, warnings)
            for value, warnings in zip(found, warned, strict=True)
        ]

    def _belief(self, quantity: Quantity) -> list[QuantityValue]:
        play, party = self.oracle.equilibrium, quantity.party
        observer = quantity.observer or "analyst"
        second = list(self.game.case.parties[party].types).index(str(quantity.type)) == 1

        def believe(path: PlayPath) -> Floats:
            first = play.belief(observer, party, path.record)
            return np.asarray(1.0 - first if second else first)

        if quantity.after_periods is not None:
            row = -1 if observer == "analyst" else self.game.parties.index(observer)
            first = play.point_beliefs[row, self.game.parties_with_types.index(party)]
            lane = 1.0 - first if second else first
            return self._conditional(quantity, lane[None, None])

        def ask(walker: PathExplorer, quantity: Quantity, state: int) -> tuple[Any, ...]:
            return belief_after_choices(walker, quantity, state, believe)

        (values,), lacking, said = self._locally(quantity, ask, 1)
        if np.isnan(values).any():
            return [QuantityValue(None, None, tuple(sorted(said))) for _ in self.standing.weights]
        seen = " or ".join(quantity.after)
        warned = self.mixture.lacks(lacking, quantity.types, f"{seen} is not offered")
        found = self.mixture.mean(values, quantity.types)
        return [QuantityValue(v, None, w) for v, w in zip(found, warned, strict=True)]

    def _can(self, quantity: Quantity) -> list[QuantityValue]:
        assert quantity.formula is not None
        automaton = automaton_over_states(self.game, [quantity.formula], self.oracle.world)
        states, periods = self.mixture.states(quantity.start), self._periods(quantity)
        distinct, place = np.unique(states, return_inverse=True)
        secured = [
            secured_probability(
                self.game, self.oracle.parameters, quantity.coalition, automaton, int(s), periods
            )
            for s in distinct
        ]
        return [QuantityValue(value) for value in self.mixture.mean(np.array(secured)[place], ())]


# beside the class, for the reason that `reading` gives
_MIXTURE_METHODS: Mapping[str, Callable[[MixtureEvaluator, Quantity], list[QuantityValue]]] = {
    "P": MixtureEvaluator._probability,
    "E": MixtureEvaluator._expectation,
    "time": MixtureEvaluator._time,
    "value": MixtureEvaluator._value,
    "plays": MixtureEvaluator._plays,
    "signs": MixtureEvaluator._signs,
    "belief": MixtureEvaluator._belief,
    "can": MixtureEvaluator._can,
    "kept": MixtureEvaluator._kept,
}


def _probability_value(value: float | None, given: float | None = 1.0) -> QuantityValue:
    return _conditional_value(None if value is None else clip_probability(value), 1.0, given)


def _conditional_value(value: float | None, scale: float, given: float | None) -> QuantityValue:
    if value is None:
        return QuantityValue(None, None, (CONDITION_NEVER_HOLDS,), scale)
    return QuantityValue(value, scale=scale, given=require_value(given))
