"""Games of chance without end, solved by improving one side's strategy step by step.

On a graph of chance, a maximiser and a minimiser who reach for, or keep from, nodes of known
value. Against a fixed strategy of the maximiser the minimiser solves a decision process; what
that leaves is a lower bound, since a strategy attains it. Where no branch would be better for
the maximiser, the same values are an upper bound: the least fixed point is the least vector that
one more step does not raise. So the two bounds are one number, up to the rounding of the linear
systems solved on the way.

Both sides need only choose by where they are: optimal strategies without memory exist.

Source: Hoffman & Karp (1966), On nonterminating stochastic games, Management Science 12;
Condon (1992), The complexity of stochastic games, Information and Computation 96.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ceasefire.coalitions.kernels import switch_to_better_branches, unavoidable_value_nodes

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
FIXED_NODE, CHANCE_NODE, MAXIMISER_NODE, MINIMISER_NODE = range(4)
SWITCH_GAIN, MOST_SWITCH_ROUNDS, MOST_GAME_NODES = 1e-13, 200, 300_000


class StochasticGame(NamedTuple):
    """The graph: node n leads to `successor[first[n] : first[n + 1]]`, with `chance` if AVERAGE.

    Every node has a branch, except a FIXED one.
    """

    kind: npt.NDArray[np.int8]
    first: Ints
    successor: Ints
    chance: Floats


class StochasticGameSolution(NamedTuple):
    """What the maximiser can bring about, and how.

    value   (n,) attained by `choice`, and no more than that can be
    rounding_error   by how much rounding may falsify it
    choice  (n,) the branch that whoever decides takes, -1 where nobody does
    """

    value: Floats
    rounding_error: float
    branch: Ints


def solve_stochastic_game(
    arena: StochasticGame, value: Floats, choice: Ints
) -> StochasticGameSolution | None:
    """Solve the game by strategy improvement; None if it is too large or does not come to rest.

    value   (n,) the values of FIXED nodes; for others any guess, to begin with
    choice  (n,) branches to begin with, -1 where none is known

    A coin may be tossed again and again; waiting brings nothing:

    >>> arena = StochasticGame(
    ...     kind=np.array([MAXIMISER_NODE, CHANCE_NODE, FIXED_NODE, FIXED_NODE], dtype=np.int8),
    ...     first=np.array([0, 2, 5, 5, 5]),
    ...     successor=np.array([0, 1, 0, 2, 3]),
    ...     chance=np.array([1.0, 1.0, 0.5, 0.2, 0.3]),
    ... )
    >>> found = solve_stochastic_game(arena, np.array([0.0, 0.0, 1.0, 0.0]), np.full(4, -1))
    >>> found.value.round(9).tolist(), found.branch.tolist()
    ([0.4, 0.4, 1.0, 0.0], [1, -1, -1, -1])
    """
    kind, first = arena.kind, arena.first
    if np.count_nonzero(kind) > MOST_GAME_NODES:
        return None
    decides = (kind == MAXIMISER_NODE) | (kind == MINIMISER_NODE)
    choice = np.where(decides, np.where(choice >= 0, choice, first[:-1]), -1)
    switch_to_better_branches(
        kind, first, arena.successor, value, choice, MAXIMISER_NODE, 1.0, SWITCH_GAIN
    )
    switch_to_better_branches(
        kind, first, arena.successor, value, choice, MINIMISER_NODE, -1.0, SWITCH_GAIN
    )
    for _ in range(MOST_SWITCH_ROUNDS):
        replied = _minimiser_reply(arena, value, choice)
        if replied is None:
            return None
        value, width = replied
        if not switch_to_better_branches(
            kind, first, arena.successor, value, choice, MAXIMISER_NODE, 1.0, SWITCH_GAIN
        ):
            return StochasticGameSolution(value, width, choice)
    return None


def _minimiser_reply(
    arena: StochasticGame, value: Floats, choice: Ints
) -> tuple[Floats, float] | None:
    """What remains if the minimiser answers the maximiser's choices; fills in its own."""
    kind, first, successor, chance = arena
    open_ = unavoidable_value_nodes(kind, first, successor, chance, value, choice)
    _avoid_valued_nodes(arena, open_, choice)
    for _ in range(MOST_SWITCH_ROUNDS):
        found, width = _evaluate_fixed_choices(arena, value, choice, open_)
        if not switch_to_better_branches(
            kind, first, successor, found, choice, MINIMISER_NODE, -1.0, SWITCH_GAIN
        ):
            return found, width
    return None


def _avoid_valued_nodes(arena: StochasticGame, may_reach_value: Bools, choice: Ints) -> None:
    """Where the minimiser can keep from everything of value, it does."""
    source = np.repeat(np.arange(len(arena.kind)), np.diff(arena.first))
    ways = np.flatnonzero(
        (arena.kind[source] == MINIMISER_NODE)
        & ~may_reach_value[source]
        & ~may_reach_value[arena.successor]
    )
    choice[source[ways]] = ways


def _evaluate_fixed_choices(
    arena: StochasticGame, value: Floats, choice: Ints, may_reach_value: Bools
) -> tuple[Floats, float]:
    """The value of play by `choice`, 0 where nothing of value is reached, and its rounding."""
    from scipy.sparse import csc_array, eye_array  # slow to import
    from scipy.sparse.linalg import splu

    kind, first, successor, chance = arena
    source = np.repeat(np.arange(len(kind)), np.diff(first))
    branch = np.arange(len(successor))
    taken = (kind[source] == CHANCE_NODE) | (choice[source] == branch)
    weight = np.where(kind[source] == CHANCE_NODE, chance, 1.0)
    found = np.where(kind == FIXED_NODE, value, 0.0)
    inside = may_reach_value & (kind != FIXED_NODE)
    place = np.cumsum(inside) - 1
    size = int(inside.sum())
    if not size:
        return found, 0.0
    into = taken & inside[source]
    paid = into & (kind[successor] == FIXED_NODE)
    reward = np.zeros(size)
    np.add.at(reward, place[source[paid]], weight[paid] * value[successor[paid]])
    stay = into & inside[successor]
    shape = (size, size)
    cells = (weight[stay], (place[source[stay]], place[successor[stay]]))
    solver = splu(csc_array(eye_array(size) - csc_array(cells, shape=shape)))
    found[inside] = np.clip(solver.solve(reward), 0.0, 1.0)
    steps = float(np.abs(solver.solve(np.ones(size))).max())
    return found, 2 * SWITCH_GAIN * steps
