"""What is a conflict in option form? Options, what cannot be, preferences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from ceasefire.case.model import EMPTY_MAPPING
from ceasefire.errors import GameError, Problem
from ceasefire.gmcr.kernels import count_option_moves, fill_option_moves
from ceasefire.gmcr.state_graph import Bools, Ints, Longs, OptionEncoding, StateGraph, rank_values

MOST_OPTIONS = 62  # bits of a code
MOST_FEASIBLE_STATES = 1 << 24
OPTION_MOVE_BYTES = 8

OptionPattern = tuple[tuple[int, bool], ...]
OptionStatement = tuple[OptionPattern, ...]
StateRanking = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class ConflictOption:
    """One option: whose it is and whether it can be taken only, dropped only, or both."""

    name: str
    party: str
    direction: Literal["both", "fwd", "back"] = "both"


@dataclass(frozen=True)
class Conflict:
    """Parties with options; a state says of each option whether it is taken.

    A pattern lists options by number with taken or not, and fits the states in which all of
    them stand so; a statement lists patterns and holds where one of them fits.

    infeasible    statements that never hold
    misperceived  of each party, statements about states it does not know of
    preference_statements  of each party, what it wants, the most important first: of two states
                  that one is better in which the first statement holds that divides them
    rankings      of each party, groups of equally good states, the best first, as codes; where
                  given they prevail over the statements
    coalition_structure  how the parties are grouped, if they are

    >>> from ceasefire.case import FrozenMapping
    >>> dilemma = Conflict(
    ...     parties=("a", "b"),
    ...     options=(ConflictOption("defect", "a"), ConflictOption("defect", "b")),
    ...     rankings=FrozenMapping({"a": ((1,), (0,), (3,), (2,)), "b": ((2,), (0,), (3,), (1,))}),
    ... )
    >>> [dilemma.state_label(code) for code in dilemma.codes.tolist()]
    ['NN', 'YN', 'NY', 'YY']
    >>> dilemma.state_graph().targets_from(0, 2)
    [3]
    """

    parties: tuple[str, ...]
    options: tuple[ConflictOption, ...]
    infeasible: tuple[OptionStatement, ...] = ()
    misperceived: Mapping[str, tuple[OptionStatement, ...]] = EMPTY_MAPPING
    preference_statements: Mapping[str, tuple[OptionStatement, ...]] = EMPTY_MAPPING
    rankings: Mapping[str, StateRanking] | None = None
    coalition_structure: tuple[tuple[str, ...], ...] = ()
    title: str = field(default="", compare=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def codes(self) -> Longs:
        """(S,) the feasible states in increasing order, the first option as the lowest bit.

        Raises GameError if there are none, or more than fit.
        """
        codes = np.zeros(1, dtype=np.int64)
        last = [
            max((o for p in statement for o, _ in p), default=-1)
            for statement in self._infeasible_patterns
        ]
        for option in range(len(self.options)):
            codes = np.concatenate([codes, codes | np.int64(1) << option])
            for statement, at in zip(self._infeasible_patterns, last, strict=True):
                if at == option:
                    codes = codes[~statement_holds(statement, codes)]
            if len(codes) > MOST_FEASIBLE_STATES:
                self._raise_cannot_analyse(
                    f"more than {MOST_FEASIBLE_STATES:,} feasible states", "rule out more"
                )
        if -1 in last or not len(codes):
            self._raise_cannot_analyse("no feasible state", "rule out less")
        return codes

    @property
    def _infeasible_patterns(self) -> list[OptionStatement]:
        """What is infeasible, pattern by pattern."""
        return [(pattern,) for statement in self.infeasible for pattern in statement]

    def _raise_cannot_analyse(self, found: str, way_out: str) -> None:
        raise GameError([Problem("cannot be analysed", self.title, found=found, help=way_out)])

    def state_label(self, code: int) -> str:
        """A state as one letter an option, in order: Y taken, N not."""
        return "".join("Y" if code >> o & 1 else "N" for o in range(len(self.options)))

    def rank_states(self, party: str) -> Ints:
        """(S,) rank of each state for a party."""
        if self.rankings is not None:
            groups = self.rankings[party]
            codes = np.array([c for group in groups for c in group], dtype=np.int64)
            worth = np.repeat(np.arange(len(groups), 0, -1), [len(group) for group in groups])
            order = np.argsort(codes)
            return rank_values(worth[order])
        worth = np.zeros(len(self.codes), dtype=np.int64)
        for number, statement in enumerate(self.preference_statements.get(party, ()), 1):
            worth = 2 * worth + statement_holds(statement, self.codes)
            if number % 32 == 0:
                worth = rank_values(worth).astype(np.int64)
        return rank_values(worth)

    def state_graph(self, memory: float = 4e9) -> StateGraph:
        """The conflict as a graph: a party may change its own options at once, within directions.

        Raises GameError if the moves need more than `memory` bytes.
        """
        codes = self.codes
        owned = np.array([self._option_mask(party) for party in self.parties], dtype=np.int64)
        kept, barred = (
            sum(1 << o for o, option in enumerate(self.options) if option.direction == direction)
            for direction in ("fwd", "back")
        )
        cells = [_UnilateralMoves(codes, int(mask), kept, barred) for mask in owned]
        if OPTION_MOVE_BYTES * sum(cell.move_bound for cell in cells) > memory:
            most = f"up to {sum(cell.move_bound for cell in cells):,} moves"
            self._raise_cannot_analyse(
                most, "rule out more states, give parties fewer options, or --memory"
            )
        first = np.zeros((len(cells), len(codes) + 1), dtype=np.int64)
        total = 0
        for p, cell in enumerate(cells):
            first[p, 1:] = np.cumsum(cell.counts())
            first[p] += total
            total = int(first[p, -1])
        target = np.empty(total, dtype=np.int32)
        for p, cell in enumerate(cells):
            cell.fill(first[p], target)
        return StateGraph(
            parties=self.parties,
            mover_bits=np.int64(1) << np.arange(len(cells), dtype=np.int64),
            first_move=first,
            target=target,
            rank=np.stack([self.rank_states(party) for party in self.parties]),
            known=np.stack([self._known_states(party) for party in self.parties]),
            state_name=lambda state: self.state_label(int(codes[state])),
            encoding=OptionEncoding(codes, owned),
        )

    def _option_mask(self, party: str) -> int:
        return sum(1 << o for o, choice in enumerate(self.options) if choice.party == party)

    def _known_states(self, party: str) -> Bools:
        known = np.ones(len(self.codes), dtype=np.bool_)
        for statement in self.misperceived.get(party, ()):
            known &= ~statement_holds(statement, self.codes)
        return known


def statement_holds(statement: OptionStatement, codes: Longs) -> Bools:
    """(n,) in which of these states a statement holds."""
    found = np.zeros(len(codes), dtype=np.bool_)
    for pattern in statement:
        taken = sum(1 << option for option, yes in pattern if yes)
        named = sum({1 << option for option, _ in pattern})
        found |= (codes & named) == taken
    return found


class _UnilateralMoves:
    """States that differ in one party's options only: it moves within these cells."""

    def __init__(self, codes: Longs, mask: int, kept_bits: int, barred_bits: int) -> None:
        rest = codes & ~np.int64(mask)
        self.order = np.argsort(rest, kind="stable").astype(np.int32)
        self.others_options = rest[self.order]
        self.codes = codes[self.order]
        self.kept_bits, self.barred_bits = np.int64(kept_bits & mask), np.int64(barred_bits & mask)
        sizes = np.unique(self.others_options, return_counts=True)[1].astype(np.int64)
        self.move_bound = int((sizes * (sizes - 1)).sum())

    def counts(self) -> Longs:
        """(S,) number of moves from each state."""
        found = np.zeros(len(self.codes), dtype=np.int64)
        count_option_moves(
            self.others_options, self.codes, self.order, self.kept_bits, self.barred_bits, found
        )
        return found

    def fill(self, first: Longs, target: Ints) -> None:
        """Write each state's moves behind `first`."""
        fill_option_moves(
            self.others_options,
            self.codes,
            self.order,
            self.kept_bits,
            self.barred_bits,
            first,
            target,
        )
