"""What formulas have read since period 0, along every way through the events.

A formula is read by a small automaton. Its state today says all that the formula still has to
know of the past, so that each particle carries one number: a row with the states of all automata.
From there a formula goes on as one that has begun (`AtomicFormula.begun`).

Source: Bacchus & Kabanza (1998), Planning for temporally extended goals, Annals of Mathematics and
Artificial Intelligence 22, for formulas that are carried on from moment to moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium import Equilibrium, ParticleSet, belief_function
from ceasefire.evidence.remaining_case import formulas_remembered
from ceasefire.game.states import Ints
from ceasefire.query.ast import (
    AtomicFormula,
    CompoundFormula,
    Formula,
    Quantity,
    atomic_formulas_of,
)
from ceasefire.query.automata import (
    FORMULA_TRUE,
    AtomicAutomaton,
    ConditionReader,
    list_state_conditions,
)

Rows = npt.NDArray[np.int64]


class FormulaMemory:
    """The automata of several quantities, carried along the particles of one solved game.

    equilibrium  how the parties play
    quantities   those that remember, as they are asked today (`Quantity.remembers`)
    """

    def __init__(self, equilibrium: Equilibrium, quantities: Sequence[Quantity]) -> None:
        self._equilibrium, self._believe = equilibrium, belief_function(equilibrium)
        self._until: list[int] = []
        self._atoms: list[AtomicFormula] = []
        self._counts_waiting: list[bool] = []
        self.columns: dict[Quantity, list[int]] = {}
        places: dict[tuple[AtomicFormula, int, bool], int] = {}
        for quantity in quantities:
            keys = [
                (atom, quantity.remembers or 0, False)
                for formula in formulas_remembered(quantity)
                for atom in atomic_formulas_of(formula)
            ]
            if quantity.kind == "time":
                keys.append((keys[0][0], quantity.remembers or 0, True))
            for key in keys:
                if key not in places:
                    places[key] = len(places)
                    self._atoms.append(key[0])
                    self._until.append(key[1])
                    self._counts_waiting.append(key[2])
            self.columns[quantity] = [places[key] for key in keys]
        conditions = list_state_conditions(self._atoms)
        self._reader = ConditionReader(equilibrium.game, conditions, dict(equilibrium.world))
        self._automata = [AtomicAutomaton(atom, conditions) for atom in self._atoms]
        self._numbers: dict[tuple[int, ...], int] = {}
        self._after_step: dict[tuple[int, int, int], int] = {}
        self._after_period: dict[tuple[int, int, bytes], int] = {}
        self._period = 0
        self._rows: list[tuple[int, ...]] = []
        self._table: Rows = np.zeros((0, 0), dtype=np.int64)
        self._heard: list[frozenset[str]] = [frozenset()]
        self.listened = self._find_listened()

    def _find_listened(self) -> Ints:
        """(labels,) which labels are heard differently by some automaton; 0 where none listens."""
        known: dict[tuple[tuple[bool, ...], ...], int] = {}
        listened = np.zeros(len(self._equilibrium.game.labels), dtype=np.int32)
        for number, label in enumerate(self._equilibrium.game.labels):
            heard = tuple(automaton.matching_events(label) for automaton in self._automata)
            if any(map(any, heard)):
                if heard not in known:
                    known[heard] = len(known) + 1
                    self._heard.append(label)
                listened[number] = known[heard]
        return listened

    @property
    def rows(self) -> Rows:
        """(n, M) the states of all automata, and the moments spent waiting, by memory."""
        if len(self._table) < len(self._rows):
            shape = len(self._rows), len(self._atoms)
            self._table = np.array(self._rows, dtype=np.int64).reshape(shape)
        return self._table

    def _number(self, row: tuple[int, ...]) -> int:
        if row not in self._numbers:
            self._numbers[row] = len(self._rows)
            self._rows.append(row)
        return self._numbers[row]

    def at_start(self, points: ParticleSet) -> ParticleSet:
        """The particles with which play begins, their state having been read.

        points  where play begins
        """
        holds = self._reader.holds(points.states, self._believe(points.records))
        memory = []
        for bits in holds.tolist():
            row = [automaton.start_state(tuple(bits)) for automaton in self._automata]
            memory.append(self._number(self._with_waiting(row, row, at=0)))
        return replace(points, memory=np.array(memory, dtype=np.int64))

    def _with_waiting(self, row: list[int], before: Sequence[int], at: int) -> tuple[int, ...]:
        """The row with one more moment spent waiting, wherever that still counts at this time."""
        waited = list(row)
        for m, counts in enumerate(self._counts_waiting):
            if counts:
                open_still = row[m - 1] != FORMULA_TRUE and at < self._until[m]
                waited[m] = (before[m] if at else 0) + open_still
        return tuple(waited)

    def begin_period(self, period: int) -> None:
        """Listen to this period from now on."""
        self._period = period

    def after_step(self, memory: Rows, heard: Rows) -> Rows:
        """(n,) what is remembered once something was heard in a step."""
        if not heard.any():
            return memory
        several = len(self._heard)
        pairs, place = np.unique(memory * several + heard, return_inverse=True)
        after = [self._after_hearing(*divmod(int(pair), several)) for pair in pairs]
        return np.array(after, dtype=np.int64)[place]

    def _after_hearing(self, memory: int, heard: int) -> int:
        key = (self._period, memory, heard)
        if not heard:
            return memory
        if key not in self._after_step:
            row, label = list(self._rows[memory]), self._heard[heard]
            for m, automaton in enumerate(self._automata):
                if self._period < self._until[m] and not self._counts_waiting[m]:
                    row[m] = automaton.after_events(row[m], automaton.matching_events(label))
            self._after_step[key] = self._number(tuple(row))
        return self._after_step[key]

    def after_period(self, points: ParticleSet) -> ParticleSet:
        """The particles of a period's end, once its states and beliefs have been read.

        points  where play stands at the end
        """
        if not len(points):
            return points
        holds = self._reader.holds(points.states, self._believe(points.records))
        kinds, kind = _distinct_rows(holds)
        pairs, place = np.unique(points.memory * len(kinds) + kind, return_inverse=True)
        after = [
            self._after_reading(int(pair) // len(kinds), tuple(kinds[int(pair) % len(kinds)]))
            for pair in pairs
        ]
        return replace(points, memory=np.array(after, dtype=np.int64)[place])

    def _after_reading(self, memory: int, bits: tuple[bool, ...]) -> int:
        key = (self._period, memory, bytes(bits))
        if key not in self._after_period:
            before, row = self._rows[memory], list(self._rows[memory])
            for m, automaton in enumerate(self._automata):
                if self._period < self._until[m] and not self._counts_waiting[m]:
                    row[m] = automaton.after_period_end(row[m], bits)
            self._after_period[key] = self._number(
                self._with_waiting(row, before, at=self._period + 1)
            )
        return self._after_period[key]

    def decided(self, quantity: Quantity, memory: int, left: int) -> bool:
        """Whether what a memory says of a quantity can no longer change.

        quantity  a quantity that remembers
        memory    what is remembered
        left      how many periods it still looks at
        """
        return all(
            self._automata[m].decided(self._rows[memory][m], left) is not None
            for m in self.columns[quantity]
            if not self._counts_waiting[m]
        )

    def truth(
        self, formula: Formula, states: Mapping[AtomicFormula, int], left: int
    ) -> bool | None:
        """Whether a formula is true whatever happens next; None if that decides.

        formula  a formula of a quantity that remembers
        states   the state of the automaton of each formula in it
        left     how many periods it still looks at
        """
        if isinstance(formula, AtomicFormula):
            automaton = self._automata[self._atoms.index(formula)]
            return automaton.decided(states[formula], left)
        parts = [self.truth(part, states, left) for part in formula.parts]
        if formula.operator == "not":
            return None if parts[0] is None else not parts[0]
        deciding = formula.operator == "or"
        if deciding in parts:
            return deciding
        return None if None in parts else not deciding


def _distinct_rows(holds: npt.NDArray[np.bool_]) -> tuple[list[list[bool]], Rows]:
    """The rows (n, M) that differ, and (n,) which of them each is."""
    known: dict[bytes, int] = {}
    packed = np.packbits(holds, axis=1) if holds.shape[1] else np.zeros((len(holds), 1), np.uint8)
    place = np.array([known.setdefault(row.tobytes(), len(known)) for row in packed])
    first = np.unique(place, return_index=True)[1]
    return holds[first].tolist(), place.astype(np.int64)


def formula_begun(formula: Formula, states: Mapping[AtomicFormula, int]) -> Formula:
    """A formula that goes on from what it has read.

    formula  the formula
    states   the state of the automaton of each formula in it

    >>> once = AtomicFormula("eventually", ())
    >>> formula_begun(CompoundFormula("not", (once,)), {once: 1}).parts[0].begun
    1
    """
    begin: Callable[[Formula], Formula] = lambda part: formula_begun(part, states)  # noqa: E731
    if isinstance(formula, AtomicFormula):
        return replace(formula, begun=states[formula])
    return CompoundFormula(formula.operator, tuple(map(begin, formula.parts)))
