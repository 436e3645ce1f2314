"""Which formulas does a play satisfy? Deterministic automata that read it along with the game.

An automaton reads the state that play starts in, then in every period the events of each step
and the state at the period's end. It tells public states apart only by which of its conditions
hold in them: such a combination is a class. Row c of every (C, …) array is the class c; once the
automaton is expanded for a game, it is the public state c.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from ceasefire.case import Expression

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Automaton:
    """F formulas read side by side by one automaton with Q states.

    conditions             the M conditions on the public state that it reads; none once expanded
    classes                (C, M) which of them hold in a class; (X, 0) once expanded
    initial_state          (C,) automaton state after the state that play starts in has been read
    label_transition       (L, Q) next automaton state when the events of a label happen together
    period_end_transition  (C, Q) next automaton state at a period's end
    accepting              (Q, F) whether a formula holds if one stops looking in an automaton state
    """

    conditions: tuple[Expression, ...]
    classes: Bools
    initial_state: Ints
    label_transition: Ints
    period_end_transition: Ints
    accepting: Bools

    @classmethod
    def always_accepting(cls, states: int, labels: int) -> Self:
        """The expanded automaton with one state, which accepts.

        states  X, number of public states
        labels  L, number of label sets

        >>> Automaton.always_accepting(2, 3).accepts().tolist()
        [True]
        """
        return cls(
            conditions=(),
            classes=np.zeros((states, 0), dtype=np.bool_),
            initial_state=np.zeros(states, dtype=np.int32),
            label_transition=np.zeros((labels, 1), dtype=np.int32),
            period_end_transition=np.zeros((states, 1), dtype=np.int32),
            accepting=np.ones((1, 1), dtype=np.bool_),
        )

    @property
    def state_count(self) -> int:
        """Q, the number of automaton states."""
        return len(self.accepting)

    def accepts(self, formula: int = 0) -> Bools:
        """(Q,) in which automaton states one of the formulas, by its number, holds."""
        column: Bools = self.accepting[:, formula]
        return column

    def classes_of_states(self, holds: Bools) -> Ints:
        """(X,) the class of each row of `holds` (X, M), which says what conditions hold there.

        Raises KeyError for a row that is no class of this automaton.
        """
        weights = 1 << np.arange(len(self.conditions), dtype=np.int64)
        known = self.classes @ weights
        class_of_bits = np.full(1 << len(self.conditions), -1, dtype=np.int32)
        class_of_bits[known] = np.arange(len(known), dtype=np.int32)
        classes: Ints = class_of_bits[holds.astype(np.bool_) @ weights]
        if (classes < 0).any():
            raise KeyError(f"no such class: {holds[int(np.argmin(classes))].tolist()}")
        return classes

    def expand(self, class_of_state: Ints) -> Self:
        """The same automaton with one class for each public state.

        class_of_state  (X,) the class of each public state
        """
        return replace(
            self,
            conditions=(),
            classes=np.zeros((len(class_of_state), 0), dtype=np.bool_),
            initial_state=self.initial_state[class_of_state],
            period_end_transition=self.period_end_transition[class_of_state],
        )
