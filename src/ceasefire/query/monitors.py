"""Runs formulas beside a solved game, and counts the plays that satisfy them."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from ceasefire.case import evaluate
from ceasefire.equilibrium import (
    Equilibrium,
    propagate_exact_records,
    propagate_forward,
)
from ceasefire.errors import Problem, QuestionError, SolveError
from ceasefire.game import Automaton, Game
from ceasefire.game.settings import DEFAULT_SETTINGS, SolveSettings
from ceasefire.query.ast import Formula, StateCondition, belief_terms_of_formula
from ceasefire.query.automata import build_formula_automaton, list_state_conditions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
World = dict[str, float]

PROBABILITY_ROUNDING = 1e-7
BELIEF_DECIMALS = 9


@dataclass(frozen=True, eq=False)
class FormulaProbabilities:
    """How F formulas stand after 0, 1, …, n periods.

    mass    (n + 1, Q) probability of each automaton state
    accept  (Q, F) in which of them each formula is satisfied
    paths   (n + 1, N) automaton state of each sampled play, None where all was counted exactly
    """

    mass: Floats
    accept: Bools
    paths: Ints | None = None

    def probability(self, periods: int, formula: int = 0) -> float:
        """Probability of a formula if one stops looking after so many periods."""
        return clip_probability(float(self.mass[periods] @ self.accept[:, formula]))

    def both(self, periods: int) -> float:
        """Probability of the first formula and the second together."""
        return clip_probability(float(self.mass[periods] @ (self.accept[:, 0] & self.accept[:, 1])))

    def error(self, periods: int, given: int | None = None) -> float | None:
        """Standard error of the first formula's probability, given another or not."""
        if self.paths is None:
            return None
        ends = self.paths[periods]
        counted = ends if given is None else ends[self.accept[ends, given]]
        if not len(counted):
            return None
        found = float(self.accept[counted, 0].mean())
        return float(np.sqrt(found * (1.0 - found) / len(counted)))

    def waiting(self, periods: int) -> tuple[float, float | None]:
        """Expected number of periods that pass before the first formula, and its standard error."""
        passed = ~self.accept[:, 0]
        expected = float((self.mass[:periods] @ passed).sum())
        if self.paths is None:
            return expected, None
        times = passed[self.paths[:periods]].sum(axis=0)
        return expected, float(times.std() / np.sqrt(len(times))) if len(times) else None


def clip_probability(probability: float) -> float:
    """A probability freed of rounding; SolveError if it is off by more than that."""
    if not -PROBABILITY_ROUNDING <= probability <= 1.0 + PROBABILITY_ROUNDING:
        raise SolveError(f"a probability came out as {probability!r}")
    return min(1.0, max(0.0, probability))


def states_satisfying(game: Game, condition: StateCondition, world: World) -> Bools:
    """(X,) in which states a condition holds.

    Raises QuestionError where it is no number, naming such a state.
    """
    values = game.evaluate_in_states(condition.expression, world)
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise undefined_expression_error(game, condition.expression.text, int(np.argmax(wrong)))
    holds: Bools = values != 0
    return holds


def undefined_expression_error(game: Game, text: str, state: int) -> QuestionError:
    """The complaint about an expression that is no number in some state."""
    return QuestionError(
        [
            Problem(
                "a condition is no finite number",
                file=game.case.file or None,
                path="question",
                found=f"{text} in the state {game.describe(state)}",
                allowed="a finite number, or true or false",
                help="guard the division or root, as in `1 / x if x > 0 else 0`",
            )
        ]
    )


def automaton_with_classes(
    game: Game, formulas: Sequence[Formula], world: World
) -> tuple[Automaton, Ints]:
    """The automaton of formulas that read no beliefs, and (X,) the class of each public state.

    world  {unknown: value}, read by conditions on the state

    Raises QuestionError where a condition is no finite number.
    """
    conditions = list_state_conditions(formulas)
    holds = np.zeros((len(game.states), len(conditions)), dtype=np.bool_)
    for m, condition in enumerate(conditions):
        holds[:, m] = states_satisfying(game, condition, world)
    classes = np.unique(holds, axis=0) if conditions else holds[:1]
    automaton = build_formula_automaton(formulas, game.labels, classes)
    return automaton, automaton.classes_of_states(holds)


def automaton_over_states(game: Game, formulas: Sequence[Formula], world: World) -> Automaton:
    """The automaton of formulas that read no beliefs, expanded to the public states of a game.

    world  {unknown: value}; an automaton whose conditions read no unknown is the same in all
           worlds, and made once

    Raises QuestionError where a condition is no finite number.
    """
    unknowns = game.case.unknowns.keys()
    key = tuple(formulas)
    known = _AUTOMATA_BY_GAME.setdefault(game, {})
    if key in known:
        return known[key]
    automaton, class_of_state = automaton_with_classes(game, formulas, world)
    expanded = automaton.expand(class_of_state)
    if not any(condition.names_read & unknowns for condition in automaton.conditions):
        known[key] = expanded
    return expanded


_AUTOMATA_BY_GAME: WeakKeyDictionary[Game, dict[tuple[Formula, ...], Automaton]] = (
    WeakKeyDictionary()
)


class BeliefFormulaAutomaton:
    """The automaton of formulas that read beliefs, which vary from path to path."""

    def __init__(self, game: Game, formulas: Sequence[Formula], world: World) -> None:
        self.game, self.world = game, world
        self.automaton: Automaton = build_formula_automaton(formulas, game.labels)
        self._conditions = list_state_conditions(formulas)
        self.label_transition = self.automaton.label_transition
        self._columns = game.expression_values(world)
        self._fixed = {
            condition: states_satisfying(game, condition, world)
            for condition in self._conditions
            if not condition.belief_terms
        }
        read = {b.column: b for formula in formulas for b in belief_terms_of_formula(formula)}
        self._read = list(read.values())

    def _belief_columns(self, believed: Floats) -> dict[str, Floats]:
        """Each belief that is read, from (n, P + 1, H) beliefs in first types."""
        parties, hidden, columns = self.game.parties, self.game.parties_with_types, {}
        for belief in self._read:
            row = -1 if belief.observer == "analyst" else parties.index(belief.observer)
            # rounded, so that a belief nothing has moved is the prior that was written
            first = np.round(believed[:, row, hidden.index(belief.party)], BELIEF_DECIMALS)
            types = list(self.game.case.parties[belief.party].types)
            second = np.round(1.0 - first, BELIEF_DECIMALS)
            columns[belief.column] = first if types[0] == belief.type else second
        return columns

    def _classes_at(self, states: Ints, believed: Floats) -> Ints:
        found = self._belief_columns(believed)
        columns = {
            name: values[states] if isinstance(values, np.ndarray) else values
            for name, values in self._columns.items()
        }
        holds = np.zeros((len(states), len(self._conditions)), dtype=np.bool_)
        for m, condition in enumerate(self._conditions):
            if condition in self._fixed:
                holds[:, m] = self._fixed[condition][states]
                continue
            values = evaluate(
                condition.expression, {**columns, **found}, self.game.case.conditions, len(states)
            )
            wrong = ~np.isfinite(values)
            if wrong.any():
                state = int(states[int(np.argmax(wrong))])
                raise undefined_expression_error(self.game, condition.expression.text, state)
            holds[:, m] = values != 0
        return self.automaton.classes_of_states(holds)

    def initial_states(self, states: Ints, beliefs: Floats) -> Ints:
        """(n,) automaton state after reading the states play starts in."""
        started: Ints = self.automaton.initial_state[self._classes_at(states, beliefs)]
        return started

    def states_after_period(self, states: Ints, beliefs: Floats, before: Ints) -> Ints:
        """(n,) automaton state after a period's end in these states, with these beliefs."""
        ended: Ints = self.automaton.period_end_transition[
            self._classes_at(states, beliefs), before
        ]
        return ended


class FormulaEvaluator:
    """Counts plays of one solved game; what has been counted once is kept."""

    def __init__(self, play: Equilibrium, settings: SolveSettings = DEFAULT_SETTINGS) -> None:
        self.play = play
        self.settings = settings
        self._seen: dict[object, FormulaProbabilities] = {}

    def see(
        self,
        formulas: Sequence[Formula],
        start: int,
        types: tuple[tuple[str, str], ...],
        periods: int,
    ) -> FormulaProbabilities:
        """How formulas stand after every period, from a start, in plays with these types."""
        key = (tuple(formulas), start, types, periods)
        if key not in self._seen:
            self._seen[key] = self._look(formulas, start, dict(types), periods)
        return self._seen[key]

    def _fits(self, states: int) -> None:
        """Refuse a formula whose automaton beside the game would not fit in memory."""
        play = self.play
        nodes = max(graph.node_count for graph in play.game.graphs) + 2 * len(play.game.states)
        need = 8.0 * nodes * play.belief_grid.point_count * states
        if need > self.settings.memory:
            raise QuestionError(
                [
                    Problem(
                        "a formula needs too much memory",
                        path="question",
                        found=f"{states:,} automaton states, {need / 1e9:.1f} GB",
                        allowed=f"{self.settings.memory / 1e9:g} GB",
                        help="let lasting(...) count fewer periods, or raise --memory",
                    )
                ]
            )

    def _look(
        self, formulas: Sequence[Formula], start: int, types: dict[str, str], periods: int
    ) -> FormulaProbabilities:
        play, world = self.play, dict(self.play.world)
        viewer = play.observer_measure(types=types)
        if any(belief_terms_of_formula(formula) for formula in formulas):
            reader = BeliefFormulaAutomaton(play.game, formulas, world)
            followed = propagate_exact_records(
                play, start, reader, observer=viewer, periods=periods
            )
            return FormulaProbabilities(
                followed.automaton_mass, reader.automaton.accepting, followed.sampled_states
            )
        automaton = automaton_over_states(play.game, formulas, world)
        self._fits(automaton.state_count)
        seen = propagate_forward(play, start, automaton=automaton, observer=viewer, periods=periods)
        return FormulaProbabilities(seen.automaton_mass, automaton.accepting)
