"""What is the graph of a conflict? Its states, who can move from where to where, what each prefers.

Row p of every (P, …) array is party p, row m of every (M, …) array a mover: the parties in
order, each moving alone, then groups of parties that can only move together. From state s mover
m can go to `target[first_move[m, s] : first_move[m, s + 1]]`, so memory is linear in the moves.

Source: Fang, Hipel & Kilgour (1993), Interactive Decision Making: The Graph Model for Conflict
Resolution.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class OptionEncoding:
    """States as combinations of options, each a bit that one party sets.

    codes         (S,) options taken in each state, the first option as the lowest bit; increasing
    option_masks  (P,) the bits of each party's options
    """

    codes: Longs
    option_masks: Longs


@dataclass(frozen=True, eq=False)
class StateGraph:
    """S states, P parties and M movers; a higher rank is better, an equal one as good.

    mover_bits  (M,) the parties of each mover as bits: party p is 1 << p
    first_move  (M, S + 1) where each state's moves begin in `target`
    target      (A,) the state each move leads to, never the one it starts from
    rank        (P, S) rank of each state for each party
    known       (P, S) which states each party knows of
    state_name  a state in words
    encoding    None where states are no combinations of options
    notes       what the graph leaves out
    """

    parties: tuple[str, ...]
    mover_bits: Longs
    first_move: Longs
    target: Ints
    rank: Ints
    known: Bools
    state_name: Callable[[int], str]
    encoding: OptionEncoding | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def states(self) -> int:
        """Number of states."""
        return int(self.rank.shape[1])

    def targets_from(self, mover: int, state: int) -> list[int]:
        """Where a mover can go from a state."""
        begin, end = self.first_move[mover, state], self.first_move[mover, state + 1]
        return [int(to) for to in self.target[begin:end]]

    def coalition_bits(self, members: tuple[str, ...]) -> int:
        """Some parties as bits."""
        return sum(1 << self.parties.index(name) for name in members)

    def parties_in(self, bits: int) -> tuple[str, ...]:
        """Bits as parties."""
        return tuple(name for p, name in enumerate(self.parties) if bits >> p & 1)


def rank_values(values: npt.NDArray[np.float64] | Longs, tolerance: float = 0.0) -> Ints:
    """Rank values from 0 upwards; neighbours no further apart than `tolerance` rank the same.

    >>> rank_values(np.array([0.5, 2.0, 0.5 + 1e-12, -1.0]), 1e-9)
    array([1, 2, 1, 0], dtype=int32)
    """
    order = np.argsort(values, kind="stable")
    steps = np.diff(values[order], prepend=values[order[:1]]) > tolerance
    found = np.empty(len(values), dtype=np.int32)
    found[order] = np.cumsum(steps)
    return found
