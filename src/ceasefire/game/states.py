"""Which public states have been reached, and which does a move, a deal or a chance lead to?"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, Chance, Deal, Expression, Move, evaluate
from ceasefire.case.expressions import type_of_party
from ceasefire.case.model import EMPTY_MAPPING
from ceasefire.errors import GameError, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


STATE_INDEX_BYTES = 150  # of a state's number in the dictionary


class StateTable:
    """A growing table of public states; row x of `codes` is the state numbered x.

    A code is the index of a value among the variable's values. States are told apart by their
    codes read as one number in mixed radix, which may be larger than any machine integer.

    memory_bytes      bytes that the states, and all that `reserve_bytes` counts, may need
    bytes_per_state   bytes that a state needs beside its row and its number
    size_explanation  what a state is multiplied by, for the problem that says it is too much
    """

    def __init__(
        self,
        case: Case,
        memory_bytes: float = math.inf,
        bytes_per_state: float = 0.0,
        size_explanation: str = "",
    ) -> None:
        self.case = case
        self._memory_bytes, self._reserved_bytes, self._size_explanation = (
            memory_bytes,
            0.0,
            size_explanation,
        )
        self.names = tuple(case.variables_and_promises)
        self._variables = tuple(case.variables_and_promises.values())
        self._sizes = [len(variable.values) for variable in self._variables]
        self._bytes_per_state = bytes_per_state + STATE_INDEX_BYTES + 8 * len(self.names)
        self.possible_states = math.prod(self._sizes)
        kind = np.int64 if self.possible_states < 2**62 else object
        self._radix = np.array(
            [math.prod(self._sizes[v + 1 :]) for v in range(len(self._sizes))], dtype=kind
        )
        self._value_tables = [
            np.arange(len(variable.values), dtype=np.float64)
            if variable.kind == "word"
            else np.array([float(value) for value in variable.values])
            for variable in self._variables
        ]
        self._number_by_key: dict[int, int] = {}
        self._code_rows: Ints = np.zeros((64, len(self.names)), dtype=np.int32)

    def __len__(self) -> int:
        return len(self._number_by_key)

    @property
    def codes(self) -> Ints:
        """(X, V) index of each variable's value in each state."""
        return self._code_rows[: len(self._number_by_key)]

    def reserve_bytes(self, size: float) -> None:
        """Count bytes that are taken; GameError if they are more than there are."""
        self._reserved_bytes += size
        if self._reserved_bytes > self._memory_bytes:
            raise GameError([self._too_large()])

    def _too_large(self) -> Problem:
        sizes = sorted(zip(self._sizes, self.names, strict=True), reverse=True)
        largest = ", ".join(f"{name} ({size} values)" for size, name in sizes[:3])
        found = f"{len(self):,} reachable states and more, of {self.possible_states:,} in all"
        return Problem(
            message="the game is too large",
            file=self.case.file,
            path="state",
            found=found + self._size_explanation,
            allowed=f"what fits in {self._memory_bytes / 1e9:g} GB",
            help=f"give the largest factors fewer values: {largest}; or raise --memory",
        )

    def _keys(self, codes: Ints) -> npt.NDArray[np.generic]:
        keys: npt.NDArray[np.generic] = codes.astype(self._radix.dtype) @ self._radix
        return keys

    def add_states(self, codes: Ints) -> Ints:
        """Number these (n, V) states, the new ones with the next free numbers.

        Raises GameError where they need more memory than there is.
        """
        if not len(codes):
            return np.zeros(0, dtype=np.int32)
        keys, where, back = np.unique(self._keys(codes), return_index=True, return_inverse=True)
        fresh = [i for i, key in enumerate(keys) if int(key) not in self._number_by_key]
        before, after = len(self._number_by_key), len(self._number_by_key) + len(fresh)
        self.reserve_bytes(len(fresh) * self._bytes_per_state)
        while after > len(self._code_rows):
            self._code_rows = np.concatenate([self._code_rows, np.zeros_like(self._code_rows)])
        self._code_rows[before:after] = codes[where[fresh]]
        for i in fresh:
            self._number_by_key[int(keys[i])] = len(self._number_by_key)
        numbers = np.array([self._number_by_key[int(key)] for key in keys], dtype=np.int32)
        found: Ints = numbers[back.reshape(-1)]
        return found

    def start_codes(self, override: Mapping[str, object]) -> Ints:
        """(1, V) codes of the case's start with some variables set otherwise."""
        known = self.case.with_clocks_set(override)
        row = [
            variable.values.index(known.get(name, variable.start))
            for name, variable in zip(self.names, self._variables, strict=True)
        ]
        return np.array([row], dtype=np.int32)

    def find_start(self, override: Mapping[str, object]) -> int:
        """The number of such a start state, KeyError if it was never reached."""
        return self._number_by_key[int(self._keys(self.start_codes(override))[0])]

    def find_states(self, codes: Ints) -> Ints:
        """(n,) the numbers of these (n, V) states, -1 for those never reached."""
        keys, back = np.unique(self._keys(codes), return_inverse=True)
        numbers = [self._number_by_key.get(int(key), -1) for key in keys]
        found: Ints = np.array(numbers, dtype=np.int32)[back.reshape(-1)]
        return found

    def variable_values(self, rows: Ints, names: Iterable[str] | None = None) -> dict[str, Floats]:
        """What expressions read in (n, V) rows: a number's value, 0 or 1, or a word's index."""
        wanted = self.names if names is None else names
        return {
            name: self._value_tables[v][rows[:, v]]
            for v, name in enumerate(self.names)
            if name in wanted
        }

    def evaluate(
        self,
        expression: Expression,
        rows: Ints,
        world: Mapping[str, float],
        kind: int = 0,
        types: Mapping[str, int] = EMPTY_MAPPING,
    ) -> Floats:
        """(n,) an expression in each of these rows.

        kind   the type of the party concerned: of the one that pays, is paid or is told of
        types  the types of other parties, which payoffs may read
        """
        columns: dict[str, float | Floats] = {**world, "type": float(kind)}
        for party in expression.parties_told_of:
            columns[type_of_party(party)] = float(types.get(party, kind))
        columns.update(self.variable_values(rows, expression.names_read))
        return evaluate(expression, columns, self.case.conditions, len(rows))

    def set_promise(self, codes: Ints, promise: str, where: Bools | slice, *, value: bool) -> None:
        """Put a promise in force in some of these (n, V) rows, or out of it, and set its clock."""
        codes[where, self.names.index(promise)] = value
        clock = self.case.clocks.get(promise)
        if clock is not None:
            left = self.case.promises[promise].within + 1 if value else 0
            codes[where, self.names.index(clock)] = left

    def holders(self, actor: str, rows: Ints) -> Ints:
        """(n,) the party, by its number, that acts as a party or role in each of these rows."""
        role = self.case.roles.get(actor)
        if role is None:
            return np.full(len(rows), list(self.case.parties).index(actor), dtype=np.int32)
        return self.evaluate(role.holder, rows, {}).astype(np.int32)

    def encode_values(self, name: str, values: Floats) -> Ints:
        """(n,) codes of these values of a variable, -1 for one it cannot take."""
        meaning = self._value_tables[self.names.index(name)]
        codes = np.full(len(values), -1, dtype=np.int32)
        for code, value in enumerate(meaning):
            codes[values == value] = code
        return codes

    def describe(self, row: Ints) -> str:
        """A row of codes in words: `fighting=true, force=2`."""
        words = []
        for name, variable, code in zip(self.names, self._variables, row, strict=True):
            value = variable.values[int(code)]
            words.append(f"{name}={str(value).lower() if variable.kind == 'boolean' else value}")
        return ", ".join(words)


StateEffect = Move | Deal | Chance
FORBIDDEN, IMPOSSIBLE = -1, -2


@dataclass(frozen=True, eq=False)
class AppliedEffect:
    """An effect in n states: where it leads before its outcomes, and where each outcome leads.

    codes_before_outcomes       (n, V) the state after everything but the outcomes
    targets    (n, M + 1) state numbers, the last for 'nothing more'; FORBIDDEN where a variable
               would leave its values, IMPOSSIBLE where no world gives the branch a chance
    """

    states: Ints
    codes_before_outcomes: Ints
    targets: Ints


def apply_effect(
    state_table: StateTable,
    effect: StateEffect,
    states: Ints,
    broken: Mapping[str, npt.NDArray[np.bool_]],
) -> AppliedEffect:
    """Apply an effect: breach or what is owed, `set`, `releases`, `promises`, then the outcomes.

    broken  for each promise, in which of the states this breaks it

    Raises GameError, naming the state, where a variable would leave its values.
    """
    rows = state_table.codes[states]
    for promise, where in broken.items():
        state_table.set_promise(rows, promise, where, value=False)
    for promise in fulfilled_by(state_table.case, effect):
        state_table.set_promise(rows, promise, slice(None), value=False)
    after, bad = assign_variables(state_table, effect.set, rows)
    if bad:
        raise GameError(bad)
    for promise in effect.releases:
        state_table.set_promise(after, promise, slice(None), value=False)
    for promise in effect.promises:
        state_table.set_promise(after, promise, slice(None), value=True)
    targets = np.full((len(states), len(effect.outcomes) + 1), IMPOSSIBLE, dtype=np.int32)
    chance, left = _known_chances(state_table, effect, after)
    problems: list[Problem] = []
    for m, outcome in enumerate(effect.outcomes):
        possible = ~(chance[:, m] == 0)
        reached, bad = assign_variables(state_table, outcome.set, after[possible])
        fine = (reached >= 0).all(axis=1)
        certain = chance[possible, m] > 0  # nan where the world decides
        if bad and (~fine & certain).any():
            problems += bad
        numbers = np.full(len(reached), FORBIDDEN, dtype=np.int32)
        numbers[fine] = state_table.add_states(reached[fine])
        targets[possible, m] = numbers
    if problems:
        raise GameError(problems)
    stays = ~(left <= 1e-12)
    targets[stays, -1] = state_table.add_states(after[stays])
    return AppliedEffect(states, after, targets)


def fulfilled_by(case: Case, effect: StateEffect) -> tuple[str, ...]:
    """The promises that owe this move, and are over once it is made."""
    if not isinstance(effect, Move):
        return ()
    key = f"{effect.party}.{effect.name}"
    return tuple(name for name, promise in case.promises.items() if key in promise.owes)


def assign_variables(
    state_table: StateTable, changes: Mapping[str, Expression], rows: Ints
) -> tuple[Ints, list[Problem]]:
    """All assignments at once from the old values; -1 and a problem where one is out of range."""
    after = rows.copy()
    problems = []
    for name, expression in changes.items():
        values = state_table.evaluate(expression, rows, {})
        after[:, state_table.names.index(name)] = codes = state_table.encode_values(name, values)
        if (codes < 0).any():
            x = int(np.argmin(codes))
            variable = state_table.case.variables_and_promises[name]
            problems.append(
                expression.location.problem(
                    f"{name} would leave its values",
                    found=f"{values[x]:g} in the state {state_table.describe(rows[x])}",
                    allowed=", ".join(str(value).lower() for value in variable.values[:12]),
                    help="narrow its `when`, or keep the value in range with min(…) or max(…)",
                )
            )
    return after, problems


def _known_chances(
    state_table: StateTable, effect: StateEffect, rows: Ints
) -> tuple[Floats, Floats]:
    """(n, M) chances that no unknown changes, nan elsewhere, and (n,) what they leave over.

    The greatest for any type of the party that they tell of, if they do.
    """
    unknowns = set(state_table.case.unknowns)
    types = types_told_of(state_table.case, [outcome.chance for outcome in effect.outcomes])
    chance = np.full((max(1, types), len(rows), len(effect.outcomes)), np.nan)
    for m, outcome in enumerate(effect.outcomes):
        if not outcome.chance.names_read & unknowns:
            for kind, chances in enumerate(chance):
                chances[:, m] = state_table.evaluate(outcome.chance, rows, {}, kind)
    return chance.max(axis=0), (1.0 - chance.sum(axis=2)).max(axis=0)


def types_told_of(case: Case, chances: Iterable[Expression]) -> int:
    """How many types the party has of which these chances tell; 0 if they tell of none."""
    party = party_told_of(chances)
    return len(case.parties[party].types) if party else 0


def party_told_of(chances: Iterable[Expression]) -> str:
    """The one party whose type the chances of some outcomes read; empty if they read none."""
    return next((party for chance in chances for party in chance.parties_told_of), "")


def reads_unknowns(case: Case, expression: Expression) -> bool:
    """Whether an expression reads an unknown, so that its value differs between worlds."""
    return bool(expression.names_read & set(case.unknowns))
