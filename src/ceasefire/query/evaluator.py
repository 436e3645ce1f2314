"""What number does a quantity have in one game and one world, from where play may stand?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ceasefire.coalitions import secured_probability
from ceasefire.equilibrium import AutomatonDistribution, Equilibrium, ObserverMeasure
from ceasefire.errors import SolveError
from ceasefire.game.graph import Bools
from ceasefire.game.states import Floats, Ints
from ceasefire.query.ast import AtomicFormula, EventCondition, Quantity
from ceasefire.query.automata import automaton_over_states, undefined_expression_error
from ceasefire.query.decisions import (
    PathExplorer,
    PlayPath,
    belief_after_choices,
    choice_probability,
    consent_and_proposal,
    note_on_start,
)
from ceasefire.query.expectations import (
    Beginning,
    Continuation,
    Expectations,
    PlayStart,
    WorldSolution,
)
from ceasefire.query.state_distribution import (
    LEAST_SHARE_TO_WARN_OF,
    DistributionInGame,
    StateDistribution,
    depends_on_grid_edge,
)
from ceasefire.results import format_count

AFTER_IN_ONE_STEP = ("plays", "signs")  # besides beliefs, asked at a step and not of play
CONDITION_NEVER_HOLDS = "the condition has probability 0: no value"
PROBABILITY_ROUNDING = 1e-7
LEAST_CONDITION_PROBABILITY = 1e-6  # less may be rounding, or interpolation between beliefs


@dataclass(frozen=True)
class QuantityValue:
    """The number that a quantity has in one world.

    value           None where it has none, such as a condition of probability 0
    error           standard error, None where nothing was sampled
    warnings        what should be said about it
    scale           what a change of the value is compared with: 1 for a probability
    given           probability of the condition that the value is asked provided of, None if of
                    none
    edge_error      by how much the value may be off because beliefs near certainty are read at the
                    grid's edge, in units of its scale; 0 where the grid was not refined
    censored        of a time, probability that it has not come by the last period that is looked at
    expr            in a result: the quantity as the analyst wrote it
    grid_change     in a result: by how much the value may be off because beliefs stand on a grid,
                    None if that was not asked
    horizon_change  in a result: by how much it moves with longer tails, None if it was not asked
    asked           of a consent, probability that it is asked for; else None
    """

    value: float | None
    error: float | None = None
    warnings: tuple[str, ...] = ()
    scale: float = 1.0
    given: float | None = None
    edge_error: float = 0.0
    censored: float | None = None
    expr: str = ""
    grid_change: float | None = None
    horizon_change: float | None = None
    asked: float | None = None

    @property
    def details(self) -> dict[str, float]:
        """What `--json` prints besides the number: `provided` and `censored`, where asked for."""
        known = {"provided": self.given, "censored": self.censored}
        return {key: value for key, value in known.items() if value is not None}

    @property
    def has_improbable_condition(self) -> bool:
        """Whether it is conditional on something as improbable as numerical error."""
        if self.value is None or self.given is None:
            return False
        return self.given < LEAST_CONDITION_PROBABILITY


class Evaluator:
    """Answers quantities about one game in one world, which is solved when first needed.

    solution      the game in one world, built with every start that is asked
    distribution  where play may stand; the case's own start if None
    backward      whether expectations are counted backwards, once for all versions, or forwards
                  from each; None counts one version forwards, several backwards

    >>> from ceasefire.case import loads
    >>> from ceasefire.game import build
    >>> from ceasefire.query import read_question
    >>> from ceasefire.query.expectations import WorldSolution
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: 0.5, set: {war: false}}]}}
    ... ''')
    >>> (quantity,) = read_question(case, "P(eventually(not war))").quantities
    >>> Evaluator(WorldSolution(build(case), {})).value_of(quantity).value
    0.75
    """

    def __init__(
        self,
        solution: WorldSolution,
        distribution: StateDistribution | None = None,
        *,
        backward: bool | None = None,
    ) -> None:
        self.solution, self.game, self.world = solution, solution.game, solution.world
        start = StateDistribution.at_start(solution.game) if distribution is None else distribution
        self._expectations = Expectations(solution, start, backward)

    def at(self, distribution: StateDistribution, *, backward: bool | None = None) -> "Evaluator":
        """The same solution, solved once for both, read from another distribution.

        distribution, backward  as for the evaluator itself
        """
        return Evaluator(self.solution, distribution, backward=backward)

    @property
    def equilibrium(self) -> Equilibrium:
        """The game solved."""
        return self.solution.equilibrium

    def value_of(self, quantity: Quantity) -> QuantityValue:
        """The number that a quantity has in the only version."""
        (found,) = self.values_of(quantity)
        return found

    def values_of(self, quantity: Quantity) -> tuple[QuantityValue, ...]:
        """The number that a quantity has in each version; edge errors are of the first alone.

        Raises QuestionError for an expression that is no number in some state, and for a formula
        whose automaton does not fit in memory.
        """
        plain = not quantity.after or quantity.kind in AFTER_IN_ONE_STEP
        plain = plain or (quantity.kind == "belief" and quantity.after_periods is None)
        continuation = None if plain else self._continuation(quantity)
        if continuation is not None and continuation.unknown:
            return (QuantityValue(None, None, continuation.said),) * len(self._versions)
        found = _METHODS[quantity.kind](self, quantity)
        if continuation is not None:
            told = self._warnings_of_continuation(quantity, continuation)
            found = [
                replace(value, warnings=(*more, *value.warnings))
                for value, more in zip(found, told, strict=True)
            ]
        noted = note_on_start(self.game, quantity) if quantity.start else ()
        first, *others = (replace(each, warnings=(*each.warnings, *noted)) for each in found)
        if self.solution.refined and first.value is not None and depends_on_grid_edge(quantity):
            first = replace(first, edge_error=self._edge_error(quantity, first))
        return first, *others

    def masses_given(self, types: Iterable[tuple[str, str]]) -> Floats:
        """(V,) how much of each version's weight is on plays with these types.

        types  (party, type) pairs
        """
        return self._points.masses_given(tuple(types))

    def starts_of(self, quantity: Quantity) -> list[PlayStart]:
        """Where play begins for a quantity, and for how long it is looked at."""
        return self._expectations.starts(quantity)

    @property
    def _points(self) -> DistributionInGame:
        return self._expectations.points

    @property
    def _versions(self) -> range:
        return range(self._expectations.distribution.version_count)

    def _edge_error(self, quantity: Quantity, found: QuantityValue) -> float:
        def mean(field: Floats, observer: ObserverMeasure) -> float:
            at_points = self._points.field_at_points(field, quantity.start, observer)
            return float(self._points.means(at_points, quantity.types)[0])

        def after(observer: ObserverMeasure, periods: int, patience: float) -> float:
            return self._expectations.edge_mass(quantity, observer, periods, patience)

        return self.solution.edge_error_bound.bound(
            quantity, found.scale, found.given or 0.0, mean, after if quantity.after else None
        )

    def _continuation(self, quantity: Quantity) -> Continuation:
        """From where a quantity is asked; a value of one type is that in its plays."""
        types = dict(quantity.types)
        if quantity.kind == "value" and quantity.type is not None:
            types[quantity.party] = quantity.type
        return self._expectations.continuation(quantity, tuple(sorted(types.items())))

    def _warnings_of_continuation(
        self, quantity: Quantity, continuation: Continuation
    ) -> list[tuple[str, ...]]:
        """Choices of `after=` that are not offered, and periods that lie past the horizon."""
        said = f"{' or '.join(quantity.after)} is not offered"
        told = self._warnings(quantity, continuation.lacking, said, continuation.said)
        asked = max(quantity.periods or 0, quantity.after_periods or 0)
        left = self.game.case.horizon - max(each.period for each in continuation.beginnings)
        cut = (f"{asked} periods from there go past the horizon: it looks at {left}",)
        return [(*each, *(cut if asked > left else ())) for each in told]

    def _probability(self, quantity: Quantity) -> list[QuantityValue]:
        assert quantity.formula is not None
        provided = quantity.provided
        formulas = (quantity.formula,) if provided is None else (quantity.formula, provided)
        accepting = self.solution.accepting(formulas)
        both: Bools = np.logical_and.reduce(accepting, axis=1)
        found = self._expectations.expect(quantity, formulas, both)
        errors = [
            _largest_error(_share_error(run, accepting) for run in runs)
            for runs in self._expectations.belief_runs(quantity, formulas)
        ]
        parts = [clip_probability(part) for part in found]
        if provided is None:
            return [QuantityValue(*each) for each in zip(parts, errors, strict=True)]
        given = self._expectations.expect(quantity, formulas, accepting[:, 1])
        return [
            replace(value, value=clip_probability(value.value), error=error)
            if value.value is not None
            else value
            for value, error in zip(
                _ratios(parts, [clip_probability(whole) for whole in given]), errors, strict=True
            )
        ]

    def _time(self, quantity: Quantity) -> list[QuantityValue]:
        assert quantity.condition is not None
        periods = self._expectations.periods(quantity)
        formulas = (AtomicFormula("eventually", (quantity.condition,)),)
        waiting = ~self.solution.accepting(formulas)[:, 0]
        found = self._expectations.expect(quantity, formulas, waiting, each_period=True)
        errors = [
            _largest_error(_waiting_error(run, waiting) for run in runs)
            for runs in self._expectations.belief_runs(quantity, formulas)
        ]
        left = self._expectations.expect(quantity, formulas, waiting)
        scale = float(max(1, periods))
        return [
            QuantityValue(value, error, (), scale, censored=clip_probability(never))
            for value, error, never in zip(found, errors, left, strict=True)
        ]

    def _promise_kept(self, quantity: Quantity) -> list[QuantityValue]:
        broken = EventCondition(frozenset({f"broken:{quantity.subject}"}))
        formulas = (AtomicFormula("eventually", (broken,)),)
        accepting = self.solution.accepting(formulas)
        found = self._expectations.expect(quantity, formulas, accepting[:, 0])
        possible, said = self._where_promise_can_break(quantity)
        if quantity.after:
            warnings = self._warnings_of_promise(quantity, possible, said)
        else:
            states = self._points.states(quantity.start)
            closed = ~possible[states]
            exact = (f"{said} in {self.game.describe(int(states[0]))}",) if closed[0] else ()
            warnings = self._warnings(quantity, closed, said, exact)
        return [
            QuantityValue(1.0 - clip_probability(value), None, warning)
            for value, warning in zip(found, warnings, strict=True)
        ]

    def _where_promise_can_break(self, quantity: Quantity) -> tuple[Bools, str]:
        """(X,) the states in which a promise can be broken, and what to say of the others."""
        promise, case = quantity.subject, self.game.case
        if clock := case.clocks.get(promise):
            left = self.game.state_table.variable_values(self.game.states, [clock])[clock]
            periods = self._expectations.periods(quantity)
            said = f"{promise} does not fall due within {format_count(periods, 'period')}"
            return left <= periods, said
        possible = np.zeros(len(self.game.states), dtype=np.bool_)
        for key in case.promises[promise].forbids:
            if key not in quantity.modification.without:
                open_to = self.game.evaluate_in_states(case.moves[key].when, self.world)
                possible |= open_to != 0
        return possible, f"nothing that {promise} forbids is possible"

    def _warnings_of_promise(
        self, quantity: Quantity, possible: Bools, said: str
    ) -> list[tuple[str, ...]]:
        """Whether a promise can be broken, and is in force at all, once choices were made."""
        variables = self.game.state_table.variable_values(self.game.states)
        in_force = np.asarray(variables[quantity.subject]) != 0
        seen = f"after {', '.join(quantity.after)}"
        told: list[tuple[str, ...]] = []
        for version in self._versions:
            share = {said: 0.0, f"{quantity.subject} is not in force": 0.0}
            for each in self._expectations.continuation(quantity).beginnings:
                weights = each.weights[version]
                for name, lacking in zip(share, (~possible, ~in_force), strict=True):
                    share[name] += float(weights @ lacking[each.states])
            told.append(
                tuple(
                    f"{name} {seen}" + ("" if part > 0.995 else f" in {part:.0%} of plays")
                    for name, part in share.items()
                    if part > LEAST_SHARE_TO_WARN_OF
                )
            )
        return told

    def _warnings(
        self, quantity: Quantity, lacking: Bools, said: str, at_one_point: Sequence[str] | None
    ) -> list[tuple[str, ...]]:
        """What to say of points at which something is lacking; of a single point, which it is."""
        if len(lacking) == 1:
            return [tuple(at_one_point or ()) for _ in self._versions]
        return self._points.warnings_where(lacking, quantity.types, said)

    def _can(self, quantity: Quantity) -> list[QuantityValue]:
        assert quantity.formula is not None
        automaton = automaton_over_states(self.game, [quantity.formula], self.world)
        found = np.zeros(len(self._versions))
        for beginning in self._expectations.continuation(quantity).beginnings:
            places = beginning.states if beginning.nodes is None else beginning.nodes
            _, first, place = np.unique(places, return_index=True, return_inverse=True)
            secured = [
                secured_probability(
                    self.game,
                    self.solution.parameters,
                    quantity.coalition,
                    automaton,
                    int(beginning.states[n]),
                    self._expectations.periods_from(quantity, beginning),
                    first_period=beginning.period,
                    start_node=None if beginning.nodes is None else int(beginning.nodes[n]),
                )
                for n in first
            ]
            found += beginning.weights @ np.array(secured)[place]
        return [QuantityValue(float(value)) for value in found]

    def _expectation(self, quantity: Quantity) -> list[QuantityValue]:
        assert quantity.expression is not None
        values = self.game.evaluate_in_states(quantity.expression, self.world)
        if quantity.provided is None and np.isfinite(values[0]) and not np.ptp(values):
            return [QuantityValue(float(values[0]))] * len(self._versions)
        wrong = ~np.isfinite(values)
        if not wrong.any():
            return self._feature_mean(quantity, values[:, None], float(np.ptp(values)) or 1.0)
        met = self._state_met(quantity, np.flatnonzero(wrong).astype(np.int32))
        if met is not None:
            raise undefined_expression_error(self.game, quantity.expression.text, met)
        known = np.where(wrong, 0.0, values)
        scale = float(np.ptp(values[~wrong])) if not wrong.all() else 1.0
        return self._feature_mean(quantity, known[:, None], scale or 1.0)

    def _state_met(self, quantity: Quantity, states: Ints) -> int | None:
        """One of these states in which play may be when an expectation is read; None if none is."""
        there = np.isin(np.arange(len(self.game.states)), states).astype(np.float64)
        if not any(found.value for found in self._feature_mean(quantity, there[:, None])):
            return None
        if len(states) == 1:
            return int(states[0])
        first, second = np.array_split(states, 2)
        met = self._state_met(quantity, first)
        return met if met is not None else self._state_met(quantity, second)

    def _feature_mean(
        self, quantity: Quantity, feature: Floats, scale: float = 1.0
    ) -> list[QuantityValue]:
        """Expected value of a feature after `at=` periods, provided a formula holds at the end."""
        periods = self._expectations.periods(quantity)
        at = periods if quantity.after_periods is None else quantity.after_periods
        if quantity.provided is None:
            found = self._expectations.expect(
                quantity, (), np.ones(1), feature=feature, feature_time=at
            )
            return [QuantityValue(value, scale=scale) for value in found]
        formulas = (quantity.provided,)
        accepting = self.solution.accepting(formulas)[:, 0]
        parts = self._expectations.expect(
            quantity, formulas, accepting, feature=feature, feature_time=at
        )
        return _ratios(parts, self._expectations.expect(quantity, formulas, accepting), scale)

    def _value(self, quantity: Quantity) -> list[QuantityValue]:
        party, points, case = quantity.party, self._points, self.game.case
        kinds, known = case.types_known_to(party), case.party_known_to(party)
        if quantity.observer == "analyst":
            found = [self._analyst_value(quantity, version) for version in self._versions]
        elif quantity.after:
            found = [self._own_value_after(quantity, version) for version in self._versions]
        else:
            if kinds and quantity.type is None:
                first: Any = sum(
                    points.analyst_belief(known, number) * self._own_value(quantity, kind)
                    for number, kind in enumerate(kinds)
                )
            else:
                first = self._own_value(quantity, quantity.type)
            types = () if quantity.type is None else ((known, quantity.type),)
            found = [float(mean) for mean in points.means(first, types)]
        return [QuantityValue(value, None, (), max(1.0, abs(value))) for value in found]

    def _own_value(self, quantity: Quantity, kind: str | None) -> Floats:
        """(n,) what a party of this type expects at each point, by its own beliefs."""
        party, equilibrium = quantity.party, self.equilibrium
        number = 0 if kind is None else self.game.case.types_known_to(party).index(kind)
        field = equilibrium.values[:, self.game.player_types.index((party, number))]
        observer = equilibrium.observer_measure(party, kind)
        return self._points.field_at_points(field, quantity.start, observer)

    def _own_value_after(self, quantity: Quantity, version: int) -> float:
        """What a party expects once choices were made, by its own beliefs from there on."""
        party = quantity.party
        kinds: list[str | None] = [*self.game.case.types_known_to(party)] or [None]
        known = self.game.case.party_known_to(party)
        total = 0.0
        for beginning in self._continuation(quantity).beginnings:
            for number, kind in enumerate(kinds):
                weights = beginning.weights[version]
                if quantity.type is None and kind is not None:
                    weights = weights * self._belief_in_type(beginning, known, number)
                if quantity.type in (None, kind):
                    observer = self.equilibrium.observer_measure(party, kind)
                    payer = (party, number)
                    total += self._expectations.payoff(beginning, weights, observer, payer)
        return total

    def _belief_in_type(self, beginning: Beginning, party: str, number: int) -> Floats:
        """(m,) what the analyst believes of one type of a party at each point of a beginning."""
        believed = self.equilibrium.beliefs("analyst", party, tuple(beginning.records.T))
        return np.asarray(believed[number])

    def _analyst_value(self, quantity: Quantity, version: int) -> float:
        """What the analyst expects a party to get, its types weighed by what is believed."""
        party, types, case = quantity.party, dict(quantity.types), self.game.case
        kinds, known = case.types_known_to(party), case.party_known_to(party)
        if quantity.type is not None:
            types[known] = quantity.type
        if not kinds or known in types:
            kind = kinds.index(types[known]) if kinds else 0
            return self._analyst_payoff(quantity, version, kind, types)
        shares = [0.0] * len(kinds)
        for beginning in self._expectations.continuation(quantity).beginnings:
            for kind in range(len(kinds)):
                believed = self._belief_in_type(beginning, known, kind)
                shares[kind] += float(beginning.weights[version] @ believed)
        return sum(
            share * self._analyst_payoff(quantity, version, kind, {**types, known: kinds[kind]})
            for kind, share in enumerate(shares)
            if share > 0
        )

    def _analyst_payoff(
        self, quantity: Quantity, version: int, type_index: int, types: Mapping[str, str]
    ) -> float:
        """What the analyst expects a party of this type to get, to the end of play."""
        observer = self.equilibrium.observer_measure(types=types)
        return sum(
            self._expectations.payoff(
                beginning, beginning.weights[version], observer, (quantity.party, type_index)
            )
            for beginning in self._expectations.continuation(
                quantity, tuple(types.items())
            ).beginnings
        )

    def _at_decisions(
        self,
        quantity: Quantity,
        ask: Callable[[PathExplorer, Quantity, int], tuple[Any, ...]],
        count: int,
    ) -> tuple[list[Floats], Bools, list[str]]:
        """`count` arrays (n,), asked of all points of a state at once; where it warned, of what."""
        states, records = self._points.states(quantity.start), self._points.distribution.records
        found = [np.zeros(len(states)) for _ in range(count)]
        lacking, said = np.zeros(len(states), dtype=np.bool_), dict[str, None]()
        for state in np.unique(states):
            here = states == state
            shown = records[here] if records[here].any() else None
            explorer = PathExplorer(self.equilibrium, dict(quantity.types), shown)
            *numbers, warnings = ask(explorer, quantity, int(state))
            for array, number in zip(found, numbers, strict=True):
                array[here] = np.nan if number is None else number
            if warnings:
                lacking[here] = True
                said |= dict.fromkeys(warnings)
        return found, lacking, list(said)

    def _choice(self, quantity: Quantity) -> list[QuantityValue]:
        (values,), lacking, said = self._at_decisions(quantity, choice_probability, 1)
        if np.isnan(values).any():
            return self._no_value(said)
        asked = " or ".join((*quantity.after, quantity.subject))
        warned = self._warnings(quantity, lacking, f"{asked} is not offered", said)
        return [
            QuantityValue(clip_probability(float(value)), None, warnings)
            for value, warnings in zip(
                self._points.means(values, quantity.types), warned, strict=True
            )
        ]

    def _no_value(self, said: Iterable[str]) -> list[QuantityValue]:
        return [QuantityValue(None, None, tuple(sorted(said)))] * len(self._versions)

    def _consent(self, quantity: Quantity) -> list[QuantityValue]:
        (agreed, asked), lacking, said = self._at_decisions(quantity, consent_and_proposal, 2)
        if np.isnan(asked).any():
            return self._no_value(said)
        missing = f"{quantity.party} is not asked about {quantity.subject}"
        warned = self._warnings(quantity, lacking, missing, said)
        parts, wholes = (self._points.means(values, quantity.types) for values in (agreed, asked))
        return [
            QuantityValue(
                clip_probability(float(a / b)) if b > 0 else 0.0, None, warnings, asked=float(b)
            )
            for a, b, warnings in zip(parts, wholes, warned, strict=True)
        ]

    def _belief(self, quantity: Quantity) -> list[QuantityValue]:
        equilibrium, party = self.equilibrium, quantity.party
        observer = quantity.observer or "analyst"
        number = list(self.game.case.parties[party].types).index(str(quantity.type))
        if quantity.after_periods is not None:
            return self._feature_mean(quantity, equilibrium.type_beliefs(observer, party)[number])

        def believe(path: PlayPath) -> Any:
            return equilibrium.beliefs(observer, party, path.record)[number]

        def ask(explorer: PathExplorer, quantity: Quantity, state: int) -> tuple[Any, ...]:
            return belief_after_choices(explorer, quantity, state, believe)

        (values,), lacking, said = self._at_decisions(quantity, ask, 1)
        if np.isnan(values).any():
            return self._no_value(said)
        warned = self._warnings(
            quantity, lacking, f"{' or '.join(quantity.after)} is not offered", said
        )
        return [
            QuantityValue(float(value), None, warnings)
            for value, warnings in zip(
                self._points.means(values, quantity.types), warned, strict=True
            )
        ]


# beside the class, since an evaluator that held its own methods would outlive its last use, and
# its solution with it, until the garbage collector came by
_METHODS: Mapping[str, Callable[[Evaluator, Quantity], list[QuantityValue]]] = {
    "P": Evaluator._probability,
    "E": Evaluator._expectation,
    "time": Evaluator._time,
    "value": Evaluator._value,
    "plays": Evaluator._choice,
    "signs": Evaluator._consent,
    "belief": Evaluator._belief,
    "can": Evaluator._can,
    "kept": Evaluator._promise_kept,
}


def clip_probability(probability: float) -> float:
    """A probability freed of rounding; SolveError if it is off by more than that."""
    if not -PROBABILITY_ROUNDING <= probability <= 1.0 + PROBABILITY_ROUNDING:
        raise SolveError(f"a probability came out as {probability!r}")
    return min(1.0, max(0.0, probability))


def _doubt_of_condition(probability: float) -> tuple[str, ...]:
    """What to say of a condition that is too improbable for what is conditional on it."""
    if probability >= LEAST_CONDITION_PROBABILITY:
        return ()
    said = f"the condition has probability {probability:.0e}"
    return (f"{said}, which may be numerical error alone: then this number means nothing",)


def _ratios(
    parts: Sequence[float], wholes: Sequence[float], scale: float = 1.0
) -> list[QuantityValue]:
    """In each version what is expected provided that a condition holds."""
    return [
        QuantityValue(part / whole, None, _doubt_of_condition(whole), scale, given=whole)
        if whole > 0
        else QuantityValue(None, None, (CONDITION_NEVER_HOLDS,), scale, given=0.0)
        for part, whole in zip(parts, wholes, strict=True)
    ]


def _largest_error(errors: Iterable[float | None]) -> float | None:
    """No less than the standard error of a mean over beginnings; None where none was drawn."""
    return max((error for error in errors if error is not None), default=None)


def _share_error(run: AutomatonDistribution, accepting: Bools) -> float | None:
    """Standard error of the first formula's probability, given the second if there is one."""
    assert run.sampled_states is not None
    ends = run.sampled_states[-1]
    counted = ends[accepting[ends, 1:].all(axis=1)]
    if not len(counted):
        return None
    found = float(accepting[counted, 0].mean())
    return float(np.sqrt(found * (1.0 - found) / len(counted)))


def _waiting_error(run: AutomatonDistribution, waiting: Bools) -> float | None:
    """Standard error of the number of periods spent waiting."""
    assert run.sampled_states is not None
    times = waiting[run.sampled_states[:-1]].sum(axis=0)
    return float(times.std() / np.sqrt(len(times))) if len(times) else None
