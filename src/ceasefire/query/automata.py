"""Which automaton reads a formula beside a game (see `game.graph`)?

Each formula alone has a handful of states:

    eventually, always, at_end   no, yes
    until(c, d)                  waiting, yes, no
    before(a, b)                 waiting, yes, no
    lasting(c, n)                0 to n period ends in a row

Formulas joined by `and`, `or`, `not` run side by side: their joint states that can be reached,
merged where nothing that may follow tells them apart. Play accepted in a state satisfies the
formula if one stops looking there, which is what `within=` does.

Source: De Giacomo & Vardi (2013), Linear temporal logic and linear dynamic logic on finite
traces, for formulas on finite traces; Moore (1956), Gedanken-experiments, for the merging.

Conditions on the state are looked up once for every public state of a game. Beliefs vary from
path to path, so conditions that read them are evaluated along the way.
"""

from collections.abc import Callable, Sequence
from itertools import product
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from ceasefire.case import evaluate
from ceasefire.errors import Problem, QuestionError
from ceasefire.game import Game
from ceasefire.game.graph import Automaton, Bools
from ceasefire.game.states import Floats, Ints
from ceasefire.query.ast import (
    AtomicFormula,
    EventCondition,
    Formula,
    StateCondition,
    atomic_formulas_of,
    conditions_of_formula,
)

ConditionBits = tuple[bool, ...]
JointState = tuple[int, ...]
World = dict[str, float]
LabelEvents = tuple[tuple[bool, ...], ...]  # for each atomic formula, which conditions happen

FORMULA_FALSE, FORMULA_TRUE, FORMULA_OPEN = 0, 1, 2
MOST_STATE_CONDITIONS = 20
MOST_CONDITIONS_WITH_BELIEFS = 8
MOST_STATES_MINIMISED = 500
BELIEF_DECIMALS = 9


def build_formula_automaton(
    formulas: Sequence[Formula],
    labels: Sequence[frozenset[str]],
    classes: Bools | None = None,
) -> Automaton:
    """Build the automaton that reads formulas side by side.

    formulas  the F formulas
    labels    the L label sets of the game: `labels[l]` is what happens at one moment
    classes   (C, M) combinations of the M state conditions that occur, in the order of
              `list_state_conditions(formulas)`; all 2^M if left out

    Gives an automaton with the fewest states where several formulas, or a compound one, are read;
    larger ones than MOST_STATES_MINIMISED keep all states that can be reached.

    Raises QuestionError for more conditions than automata of a sensible size can tell apart.

    >>> from ceasefire.query.ast import AtomicFormula, EventCondition
    >>> attack = EventCondition(frozenset({"russia.attack"}))
    >>> once = AtomicFormula("eventually", (attack,))
    >>> one = build_formula_automaton([once], [frozenset(), frozenset({"russia.attack"})])
    >>> one.state_count, one.label_transition[0].tolist(), one.label_transition[1].tolist()
    (2, [0, 1], [1, 1])
    """
    conditions = list_state_conditions(formulas)
    _check_condition_count(len(conditions), beliefs_read=classes is None)
    if classes is None:
        every = list(product((False, True), repeat=len(conditions)))
        classes = np.array(every, dtype=np.bool_).reshape(len(every), len(conditions))
    atoms = tuple(
        dict.fromkeys(atom for formula in formulas for atom in atomic_formulas_of(formula))
    )
    runners = [AtomicAutomaton(atom, conditions) for atom in atoms]
    ends: list[ConditionBits] = [tuple(row) for row in classes.tolist()]
    starts = [tuple(runner.start_state(bits) for runner in runners) for bits in ends]
    events_of_label = [tuple(r.matching_events(label) for r in runners) for label in labels]
    events = list(dict.fromkeys(events_of_label))
    numbers, targets = _explore_joint_states(runners, starts, ends, events)
    accepting = np.array(
        [
            [_accepts_formula(formula, atoms, runners, joint) for formula in formulas]
            for joint in numbers
        ]
    ).reshape(len(numbers), len(formulas))
    alone = len(formulas) == 1 and isinstance(formulas[0], AtomicFormula)
    merges = not alone and len(numbers) <= MOST_STATES_MINIMISED
    merged = _merge_equivalent_states(accepting, targets) if merges else np.arange(len(numbers))
    representative = np.unique(merged, return_index=True)[1]
    target_of_block = np.ascontiguousarray(merged[targets[representative].T], dtype=np.int32)
    columns = [len(ends) + events.index(happening) for happening in events_of_label]
    return Automaton(
        conditions=tuple(condition.expression for condition in conditions),
        classes=classes,
        initial_state=merged[[numbers[joint] for joint in starts]].astype(np.int32),
        label_transition=target_of_block[columns],
        period_end_transition=target_of_block[: len(ends)],
        accepting=accepting[representative],
    )


def _check_condition_count(count: int, *, beliefs_read: bool) -> None:
    most = MOST_CONDITIONS_WITH_BELIEFS if beliefs_read else MOST_STATE_CONDITIONS
    if count > most:
        raise QuestionError(
            [
                Problem(
                    "reads too many conditions",
                    path="question",
                    found=f"{count} different ones",
                    allowed=f"at most {most}" + (" where beliefs are read" * beliefs_read),
                    help="join conditions on the state into one: (a or b) and c",
                )
            ]
        )


def _explore_joint_states(
    runners: "Sequence[AtomicAutomaton]",
    starts: Sequence[JointState],
    ends: Sequence[ConditionBits],
    events: Sequence[LabelEvents],
) -> tuple[dict[JointState, int], npt.NDArray[np.int64]]:
    """All joint states that can be reached, by number, and (Q, C + E) where each moment leads."""
    numbers = {joint: n for n, joint in enumerate(dict.fromkeys(starts))}
    found = list(numbers)
    rows = []
    for joint in found:  # grows while it is walked through
        targets = [
            tuple(r.after_period_end(q, bits) for r, q in zip(runners, joint, strict=True))
            for bits in ends
        ]
        targets += [
            tuple(r.after_events(q, e) for r, q, e in zip(runners, joint, happening, strict=True))
            for happening in events
        ]
        for target in targets:
            if target not in numbers:
                numbers[target] = len(found)
                found.append(target)
        rows.append([numbers[target] for target in targets])
    return numbers, np.array(rows, dtype=np.int64)


def list_state_conditions(formulas: Sequence[Formula]) -> tuple[StateCondition, ...]:
    """The conditions on the state that these formulas read, each once."""
    conditions = [
        condition
        for formula in formulas
        for condition in conditions_of_formula(formula)
        if isinstance(condition, StateCondition)
    ]
    return tuple(dict.fromkeys(conditions))


def _accepts_formula(
    formula: Formula,
    atoms: tuple[AtomicFormula, ...],
    runners: "Sequence[AtomicAutomaton]",
    joint: JointState,
) -> bool:
    if isinstance(formula, AtomicFormula):
        number = atoms.index(formula)
        return joint[number] == runners[number].accepting_state
    parts = [_accepts_formula(part, atoms, runners, joint) for part in formula.parts]
    if formula.operator == "not":
        return not parts[0]
    return all(parts) if formula.operator == "and" else any(parts)


def _merge_equivalent_states(
    accepting: Bools, targets: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """(Q,) a block for each joint state, the same for two that nothing tells apart."""
    blocks = np.unique(accepting, axis=0, return_inverse=True)[1].reshape(-1)
    while True:
        signature = np.column_stack([blocks, blocks[targets]])
        finer = np.unique(signature, axis=0, return_inverse=True)[1].reshape(-1)
        if finer.max() == blocks.max():
            return finer.astype(np.int64)
        blocks = finer


class AtomicAutomaton:
    """One formula: the state it starts in, and where a moment takes it.

    atom        the formula
    conditions  the conditions on the state that are told at a period's end, in this order
    """

    def __init__(self, atom: AtomicFormula, conditions: tuple[StateCondition, ...]) -> None:
        self.kind, self.begun = atom.kind, atom.begun
        self.count = atom.count
        self.accepting_state = atom.count if atom.kind == "lasting" else FORMULA_TRUE
        self.condition_numbers = [
            conditions.index(c) if isinstance(c, StateCondition) else None for c in atom.conditions
        ]
        self.events: list[frozenset[str]] = [
            c.events if isinstance(c, EventCondition) else frozenset() for c in atom.conditions
        ]
        self.step: Callable[[int, list[bool]], int] = getattr(self, f"_{atom.kind}")

    def _holds(self, bits: ConditionBits) -> list[bool]:
        return [m is not None and bits[m] for m in self.condition_numbers]

    def start_state(self, bits: ConditionBits) -> int:
        """Its state after the state that play starts in was read, unless it has begun before."""
        if self.begun is not None:
            return self.begun
        first = {"always": FORMULA_TRUE, "until": FORMULA_OPEN, "before": FORMULA_OPEN}.get(
            self.kind, FORMULA_FALSE
        )
        return first if self.kind == "lasting" else self.step(first, self._holds(bits))

    def after_period_end(self, q: int, bits: ConditionBits) -> int:
        """Its next state at a period's end."""
        return self.step(q, self._holds(bits))

    def matching_events(self, label: frozenset[str]) -> tuple[bool, ...]:
        """Which of its conditions happen where this happens."""
        return tuple(bool(label & events) for events in self.events)

    def after_events(self, q: int, happening: Sequence[bool]) -> int:
        """Only formulas that may read events listen to them; the others wait for the end."""
        return self.step(q, list(happening)) if any(happening) else q

    def decided(self, q: int, left: int) -> bool | None:
        """Whether the formula is true, whatever happens in the periods left; None if that decides.

        q     its state
        left  how many periods are still looked at
        """
        if left == 0 or (self.kind == "lasting" and self.count - q > left):
            return q == self.accepting_state
        lasting = {"always": (FORMULA_FALSE,), "at_end": ()}
        ends = lasting.get(self.kind, (FORMULA_TRUE,))
        if self.kind == "lasting":
            ends = (self.count,)
        elif self.kind in ("until", "before"):
            ends = (FORMULA_FALSE, FORMULA_TRUE)
        return q == self.accepting_state if q in ends else None

    def _eventually(self, q: int, holds: list[bool]) -> int:
        return FORMULA_TRUE if holds[0] else q

    def _always(self, q: int, holds: list[bool]) -> int:
        return q if holds[0] else FORMULA_FALSE

    def _at_end(self, _: int, holds: list[bool]) -> int:
        return FORMULA_TRUE if holds[0] else FORMULA_FALSE

    def _until(self, q: int, holds: list[bool]) -> int:
        if q != FORMULA_OPEN:
            return q
        return FORMULA_TRUE if holds[1] else FORMULA_OPEN if holds[0] else FORMULA_FALSE

    def _before(self, q: int, holds: list[bool]) -> int:
        if q != FORMULA_OPEN:
            return q
        return FORMULA_FALSE if holds[1] else FORMULA_TRUE if holds[0] else FORMULA_OPEN

    def _lasting(self, q: int, holds: list[bool]) -> int:
        if q == self.count:
            return q
        return q + 1 if holds[0] else 0


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


class ConditionReader:
    """Whether conditions on the state hold at moments of play, beliefs among them.

    conditions  what is read
    """

    def __init__(self, game: Game, conditions: Sequence[StateCondition], world: World) -> None:
        self.game, self.conditions = game, tuple(conditions)
        self._columns = game.expression_values(world)
        self._fixed = {
            condition: states_satisfying(game, condition, world)
            for condition in self.conditions
            if not condition.belief_terms
        }
        read = {b.column: b for condition in self.conditions for b in condition.belief_terms}
        self._read = list(read.values())

    def _belief_columns(self, believed: Floats) -> dict[str, Floats]:
        """Each belief that is read, from (n, P + 1, B) beliefs in the types that a game keeps.

        These are all types of each party where one has more than two, else the first of each.
        """
        parties, columns = self.game.parties, dict[str, Floats]()
        kept = [
            (party, kind)
            for party in self.game.parties_with_types
            for kind in list(self.game.case.parties[party].types)[: self.game.kept_beliefs]
        ]
        for belief in self._read:
            row = -1 if belief.observer == "analyst" else parties.index(belief.observer)
            # rounded, so that a belief nothing has moved is the prior that was written
            if (belief.party, belief.type) in kept:
                column = kept.index((belief.party, belief.type))
                columns[belief.column] = np.round(believed[:, row, column], BELIEF_DECIMALS)
                continue
            first = next(n for n, (party, _) in enumerate(kept) if party == belief.party)
            likely = np.round(believed[:, row, first], BELIEF_DECIMALS)
            columns[belief.column] = np.round(1.0 - likely, BELIEF_DECIMALS)
        return columns

    def holds(self, states: Ints, believed: Floats) -> Bools:
        """(n, M) which conditions hold in these states, with these (n, P + 1, H) beliefs."""
        found = self._belief_columns(believed)
        columns = {
            name: values[states] if isinstance(values, np.ndarray) else values
            for name, values in self._columns.items()
        }
        holds = np.zeros((len(states), len(self.conditions)), dtype=np.bool_)
        for m, condition in enumerate(self.conditions):
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
        return holds


class BeliefFormulaAutomaton:
    """The automaton of formulas that read beliefs, which vary from path to path."""

    def __init__(self, game: Game, formulas: Sequence[Formula], world: World) -> None:
        self.automaton: Automaton = build_formula_automaton(formulas, game.labels)
        self._reader = ConditionReader(game, list_state_conditions(formulas), world)
        self.label_transition = self.automaton.label_transition

    def _classes_at(self, states: Ints, believed: Floats) -> Ints:
        return self.automaton.classes_of_states(self._reader.holds(states, believed))

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
