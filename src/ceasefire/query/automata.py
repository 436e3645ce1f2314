"""Formulas as small deterministic automata that run beside the game.

An automaton reads play as it goes: the start state, then in every period the events of each step
and the state at the period's end. Each formula alone has a handful of states:

    eventually, always, at_end   no, yes
    until(c, d)                  waiting, yes, no
    before(a, b)                 waiting, yes, no
    lasting(c, n)                0 to n period ends in a row

Formulas joined by `and`, `or`, `not` run side by side: their joint states that can be reached,
merged where nothing that may follow tells them apart. Play accepted in a state satisfies the
formula if one stops looking there, which is what `within=` does.

Source: De Giacomo & Vardi (2013), Linear temporal logic and linear dynamic logic on finite
traces, for formulas on finite traces; Moore (1956), Gedanken-experiments, for the merging.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from ceasefire.errors import Problem, QuestionError
from ceasefire.query.ast import (
    AtomicFormula,
    EventCondition,
    Formula,
    StateCondition,
    conditions_of_formula,
)

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]

ConditionBits = tuple[bool, ...]
JointState = tuple[int, ...]

FORMULA_FALSE, FORMULA_TRUE, FORMULA_OPEN = 0, 1, 2
MOST_STATE_CONDITIONS, MOST_CONDITIONS_WITH_BELIEFS, MOST_STATES_MINIMISED = 20, 8, 500


@dataclass(frozen=True, eq=False)
class FormulaAutomaton:
    """F formulas side by side: Q automaton states, C classes of states, L label sets.

    States of the game are told apart only by which conditions hold in them: `classes_of_states`
    turns
    that into a class, and the tables below are by class.
    """

    conditions: tuple[StateCondition, ...]
    classes: Bools  # (C, M) which of the M conditions hold in a class
    initial_state: Ints  # (C,) automaton state after the start state has been read
    label_transition: Ints  # (L, Q)
    period_end_transition: Ints  # (C, Q)
    accepting: Bools  # (Q, F)

    @property
    def state_count(self) -> int:
        """Number of automaton states."""
        return len(self.accepting)

    def classes_of_states(self, holds: Bools) -> Ints:
        """(X,) the class of each row of `holds` (X, M).

        Raises KeyError for a row that is no class of this automaton.
        """
        weights = 1 << np.arange(len(self.conditions), dtype=np.int64)
        known = self.classes @ weights
        found = np.full(1 << len(self.conditions), -1, dtype=np.int32)
        found[known] = np.arange(len(known), dtype=np.int32)
        classes: Ints = found[holds.astype(np.bool_) @ weights]
        if (classes < 0).any():
            raise KeyError(f"no such class: {holds[int(np.argmin(classes))].tolist()}")
        return classes


def build_formula_automaton(
    formulas: Sequence[Formula],
    labels: Sequence[frozenset[str]],
    classes: Bools | None = None,
) -> FormulaAutomaton:
    """Let these formulas run side by side.

    labels   the label sets of the game: `labels[l]` is what happens at one moment
    classes  (C, M) combinations of the M state conditions that occur, in the order of
             `state_conditions(formulas)`; all 2^M if left out

    Raises QuestionError for more conditions than automata of a sensible size can tell apart.

    >>> from ceasefire.query.ast import AtomicFormula, EventCondition
    >>> attack = EventCondition(frozenset({"russia.attack"}))
    >>> once = AtomicFormula("eventually", (attack,))
    >>> one = build_formula_automaton([once], [frozenset(), frozenset({"russia.attack"})])
    >>> one.state_count, one.label_transition[0].tolist(), one.label_transition[1].tolist()
    (2, [0, 1], [1, 1])
    """
    seen = list_state_conditions(formulas)
    if len(seen) > MOST_STATE_CONDITIONS or (
        classes is None and len(seen) > MOST_CONDITIONS_WITH_BELIEFS
    ):
        most = MOST_CONDITIONS_WITH_BELIEFS if classes is None else MOST_STATE_CONDITIONS
        raise QuestionError(
            [
                Problem(
                    "reads too many conditions",
                    path="question",
                    found=f"{len(seen)} different ones",
                    allowed=f"at most {most}" + (" where beliefs are read" * (classes is None)),
                    help="join conditions on the state into one: (a or b) and c",
                )
            ]
        )
    atoms = tuple(
        dict.fromkeys(atom for formula in formulas for atom in _atomic_formulas_of(formula))
    )
    if classes is None:
        every = list(product((False, True), repeat=len(seen)))
        classes = np.array(every, dtype=np.bool_).reshape(len(every), len(seen))
    runners = [_AtomicAutomaton(atom, seen) for atom in atoms]
    ends: list[ConditionBits] = [tuple(row) for row in classes.tolist()]
    starts = [tuple(runner.start_state(bits) for runner in runners) for bits in ends]
    kinds = list(dict.fromkeys(starts))
    happenings = list(
        dict.fromkeys(tuple(r.matching_events(label) for r in runners) for label in labels)
    )
    numbers: dict[JointState, int] = {joint: n for n, joint in enumerate(kinds)}
    on_end: list[list[int]] = []
    on_label: list[list[int]] = []
    for joint in kinds:  # grows while it is walked through
        following: list[int] = []
        for step in [*ends, *happenings]:
            at_end = len(following) < len(ends)
            to = tuple(
                runner.after_period_end(q, step) if at_end else runner.after_events(q, step[i])  # type: ignore[arg-type]
                for i, (runner, q) in enumerate(zip(runners, joint, strict=True))
            )
            if to not in numbers:
                numbers[to] = len(kinds)
                kinds.append(to)
            following.append(numbers[to])
        on_end.append(following[: len(ends)])
        on_label.append(following[len(ends) :])
    accept = np.array(
        [
            [_accepts_formula(formula, atoms, runners, joint) for formula in formulas]
            for joint in kinds
        ]
    ).reshape(len(kinds), len(formulas))
    following_all = np.array([e + s for e, s in zip(on_end, on_label, strict=True)])
    alone = len(formulas) == 1 and isinstance(formulas[0], AtomicFormula)
    merges = not alone and len(kinds) <= MOST_STATES_MINIMISED
    merged = _merge_equivalent_states(accept, following_all) if merges else np.arange(len(kinds))
    one_of = np.unique(merged, return_index=True)[1]
    place = {kind: n for n, kind in enumerate(happenings)}
    label_kind = [place[tuple(r.matching_events(label) for r in runners)] for label in labels]
    return FormulaAutomaton(
        conditions=seen,
        classes=classes,
        initial_state=merged[[numbers[joint] for joint in starts]].astype(np.int32),
        label_transition=merged[np.array(on_label)[one_of].T[label_kind]].astype(np.int32),
        period_end_transition=merged[np.array(on_end)[one_of].T].astype(np.int32),
        accepting=accept[one_of],
    )


def list_state_conditions(formulas: Sequence[Formula]) -> tuple[StateCondition, ...]:
    """The conditions on the state that these formulas read, each once."""
    found = [
        c
        for formula in formulas
        for c in conditions_of_formula(formula)
        if isinstance(c, StateCondition)
    ]
    return tuple(dict.fromkeys(found))


def _atomic_formulas_of(formula: Formula) -> tuple[AtomicFormula, ...]:
    if isinstance(formula, AtomicFormula):
        return (formula,)
    return tuple(atom for part in formula.parts for atom in _atomic_formulas_of(part))


def _accepts_formula(
    formula: Formula,
    atoms: tuple[AtomicFormula, ...],
    runners: "Sequence[_AtomicAutomaton]",
    joint: JointState,
) -> bool:
    if isinstance(formula, AtomicFormula):
        place = atoms.index(formula)
        return joint[place] == runners[place].accepting_state
    parts = [_accepts_formula(part, atoms, runners, joint) for part in formula.parts]
    if formula.operator == "not":
        return not parts[0]
    return all(parts) if formula.operator == "and" else any(parts)


def _merge_equivalent_states(
    accept: Bools, following: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """(Q,) a block for each joint state, the same for two that nothing tells apart."""
    blocks = np.unique(accept, axis=0, return_inverse=True)[1].reshape(-1)
    while True:
        signature = np.column_stack([blocks, blocks[following]])
        finer = np.unique(signature, axis=0, return_inverse=True)[1].reshape(-1)
        if finer.max() == blocks.max():
            return finer.astype(np.int64)
        blocks = finer


class _AtomicAutomaton:
    """One formula: what it starts in, and where a moment takes it."""

    def __init__(self, atom: AtomicFormula, seen: tuple[StateCondition, ...]) -> None:
        self.kind = atom.kind
        self.count = atom.count
        self.accepting_state = atom.count if atom.kind == "lasting" else FORMULA_TRUE
        self.places = [
            seen.index(c) if isinstance(c, StateCondition) else None for c in atom.conditions
        ]
        listened = [
            c.events if isinstance(c, EventCondition) else frozenset() for c in atom.conditions
        ]
        self.events: list[frozenset[str]] = listened
        self.step: Callable[[int, list[bool]], int] = getattr(self, f"_{atom.kind}")

    def _holds(self, bits: ConditionBits) -> list[bool]:
        return [place is not None and bits[place] for place in self.places]

    def start_state(self, bits: ConditionBits) -> int:
        first = {"always": FORMULA_TRUE, "until": FORMULA_OPEN, "before": FORMULA_OPEN}.get(
            self.kind, FORMULA_FALSE
        )
        return first if self.kind == "lasting" else self.step(first, self._holds(bits))

    def after_period_end(self, q: int, bits: ConditionBits) -> int:
        return self.step(q, self._holds(bits))

    def matching_events(self, label: frozenset[str]) -> tuple[bool, ...]:
        return tuple(bool(label & events) for events in self.events)

    def after_events(self, q: int, happening: Sequence[bool]) -> int:
        """Only formulas that may read events listen to them; the others wait for the end."""
        return self.step(q, list(happening)) if any(happening) else q

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
