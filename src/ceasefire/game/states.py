"""The public states that have been reached, numbered in the order of discovery."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, Expression, evaluate
from ceasefire.errors import GameError, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


STATE_INDEX_BYTES = 150  # of a state's number in the dictionary


class StateTable:
    """A growing table of public states; row x of `codes` is the state numbered x.

    A code is the index of a value among the variable's values. States are told apart by their
    codes read as one number in mixed radix, which may be larger than any machine integer.

    memory  bytes that the states, and all that `take` counts, may need
    each    bytes that a state needs beside its row and its number
    times   what a state is multiplied by, for the problem that says it is too much
    """

    def __init__(
        self, case: Case, memory: float = math.inf, each: float = 0.0, times: str = ""
    ) -> None:
        self.case = case
        self._memory, self._taken, self._times = memory, 0.0, times
        self.names = tuple(case.variables)
        self._variables = tuple(case.variables.values())
        self._sizes = [len(variable.values) for variable in self._variables]
        self._each = each + STATE_INDEX_BYTES + 8 * len(self.names)
        self.product = math.prod(self._sizes)
        kind = np.int64 if self.product < 2**62 else object
        self._radix = np.array(
            [math.prod(self._sizes[v + 1 :]) for v in range(len(self._sizes))], dtype=kind
        )
        self._meaning = [
            np.arange(len(variable.values), dtype=np.float64)
            if variable.kind == "word"
            else np.array([float(value) for value in variable.values])
            for variable in self._variables
        ]
        self._number: dict[int, int] = {}
        self._rows: Ints = np.zeros((64, len(self.names)), dtype=np.int32)

    def __len__(self) -> int:
        return len(self._number)

    @property
    def codes(self) -> Ints:
        """(X, V) index of each variable's value in each state."""
        return self._rows[: len(self._number)]

    def take(self, size: float) -> None:
        """Count bytes that are taken; GameError if they are more than there are."""
        self._taken += size
        if self._taken > self._memory:
            raise GameError([self._too_large()])

    def _too_large(self) -> Problem:
        sizes = sorted(zip(self._sizes, self.names, strict=True), reverse=True)
        largest = ", ".join(f"{name} ({size} values)" for size, name in sizes[:3])
        found = f"{len(self):,} reachable states and more, of {self.product:,} in all"
        return Problem(
            message="the game is too large",
            file=self.case.file,
            path="state",
            found=found + self._times,
            allowed=f"what fits in {self._memory / 1e9:g} GB",
            help=f"give the largest factors fewer values: {largest}; or raise --memory",
        )

    def _keys(self, codes: Ints) -> npt.NDArray[np.generic]:
        keys: npt.NDArray[np.generic] = codes.astype(self._radix.dtype) @ self._radix
        return keys

    def add(self, codes: Ints) -> Ints:
        """Number these (n, V) states, the new ones with the next free numbers.

        Raises GameError where they need more memory than there is.
        """
        if not len(codes):
            return np.zeros(0, dtype=np.int32)
        keys, where, back = np.unique(self._keys(codes), return_index=True, return_inverse=True)
        fresh = [i for i, key in enumerate(keys) if int(key) not in self._number]
        before, after = len(self._number), len(self._number) + len(fresh)
        self.take(len(fresh) * self._each)
        while after > len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[before:after] = codes[where[fresh]]
        for i in fresh:
            self._number[int(keys[i])] = len(self._number)
        numbers = np.array([self._number[int(key)] for key in keys], dtype=np.int32)
        found: Ints = numbers[back.reshape(-1)]
        return found

    def start(self, override: Mapping[str, object]) -> Ints:
        """(1, V) codes of the case's start with some variables set otherwise."""
        row = [
            variable.values.index(override.get(name, variable.start))
            for name, variable in zip(self.names, self._variables, strict=True)
        ]
        return np.array([row], dtype=np.int32)

    def find(self, override: Mapping[str, object]) -> int:
        """The number of such a start state, KeyError if it was never reached."""
        return self._number[int(self._keys(self.start(override))[0])]

    def numbers(self, codes: Ints) -> Ints:
        """(n,) the numbers of these (n, V) states, -1 for those never reached."""
        found = [self._number.get(int(key), -1) for key in self._keys(codes)]
        return np.array(found, dtype=np.int32)

    def columns(self, rows: Ints, names: Iterable[str] | None = None) -> dict[str, Floats]:
        """What expressions read in (n, V) rows: a number's value, 0 or 1, or a word's index."""
        wanted = self.names if names is None else names
        return {
            name: self._meaning[v][rows[:, v]]
            for v, name in enumerate(self.names)
            if name in wanted
        }

    def evaluate(
        self, expression: Expression, rows: Ints, world: Mapping[str, float], kind: int = 0
    ) -> Floats:
        """(n,) an expression in each of these rows; `kind` is the type of the party concerned."""
        columns: dict[str, float | Floats] = {**world, "type": float(kind)}
        columns.update(self.columns(rows, expression.names))
        return evaluate(expression, columns, self.case.conditions, len(rows))

    def encode(self, name: str, values: Floats) -> Ints:
        """(n,) codes of these values of a variable, -1 for one it cannot take."""
        meaning = self._meaning[self.names.index(name)]
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
