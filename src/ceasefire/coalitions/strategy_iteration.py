"""What is a stochastic game without end worth? One side's strategy is improved step by step.

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

from ceasefire.coalitions.kernels import (
    CHANCE_NODE,
    FIXED_NODE,
    MAXIMISER_NODE,
    MINIMISER_NODE,
    StochasticGame,
    switch_to_better_branches,
    unavoidable_value_nodes,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
SWITCH_GAIN = 1e-13  # probability that a branch must bring more to be switched to
MOST_SWITCH_ROUNDS = 200
MOST_GAME_NODES = 300_000


class StochasticGameSolution(NamedTuple):
    """What the maximiser can bring about, and how.

    value   (n,) attained by `branch`, and no more than that can be
    rounding_error   by how much rounding may falsify it
    branch  (n,) the branch that whoever decides takes, -1 where nobody does
    """

    value: Floats
    rounding_error: float
    branch: Ints


def solve_stochastic_game(
    game: StochasticGame, value: Floats, choice: Ints
) -> StochasticGameSolution | None:
    """Solve a stochastic game by strategy improvement.

    game   the game
    value   (n,) the value of each FIXED_NODE; for other nodes any guess, to begin with
    choice  (n,) branches to begin with, -1 where none is known

    Gives None if the game is too large, or the strategies do not come to rest.

    A coin may be tossed again and again; waiting brings nothing:

    >>> game = StochasticGame(
    ...     kind=np.array([MAXIMISER_NODE, CHANCE_NODE, FIXED_NODE, FIXED_NODE], dtype=np.int8),
    ...     first=np.array([0, 2, 5, 5, 5]),
    ...     successor=np.array([0, 1, 0, 2, 3]),
    ...     chance=np.array([1.0, 1.0, 0.5, 0.2, 0.3]),
    ... )
    >>> found = solve_stochastic_game(game, np.array([0.0, 0.0, 1.0, 0.0]), np.full(4, -1))
    >>> found.value.round(9).tolist(), found.branch.tolist()
    ([0.4, 0.4, 1.0, 0.0], [1, -1, -1, -1])
    """
    kind = game.kind
    if np.count_nonzero(kind) > MOST_GAME_NODES:
        return None
    decides = (kind == MAXIMISER_NODE) | (kind == MINIMISER_NODE)
    choice = np.where(decides, np.where(choice >= 0, choice, game.first[:-1]), -1)
    switch_to_better_branches(game, value, choice, MAXIMISER_NODE, 1.0, SWITCH_GAIN)
    switch_to_better_branches(game, value, choice, MINIMISER_NODE, -1.0, SWITCH_GAIN)
    for _ in range(MOST_SWITCH_ROUNDS):
        replied = _minimiser_reply(game, value, choice)
        if replied is None:
            return None
        value, rounding_error = replied
        if not switch_to_better_branches(game, value, choice, MAXIMISER_NODE, 1.0, SWITCH_GAIN):
            return StochasticGameSolution(value, rounding_error, choice)
    return None


def _minimiser_reply(
    game: StochasticGame, value: Floats, choice: Ints
) -> tuple[Floats, float] | None:
    """What remains if the minimiser answers the maximiser, its choices filled in; and rounding."""
    may_reach_value = unavoidable_value_nodes(game, value, choice)
    _avoid_valued_nodes(game, may_reach_value, choice)
    for _ in range(MOST_SWITCH_ROUNDS):
        found, rounding_error = _evaluate_fixed_choices(game, value, choice, may_reach_value)
        if not switch_to_better_branches(game, found, choice, MINIMISER_NODE, -1.0, SWITCH_GAIN):
            return found, rounding_error
    return None


def _avoid_valued_nodes(game: StochasticGame, may_reach_value: Bools, choice: Ints) -> None:
    """Where the minimiser can keep from everything of value, it does."""
    source = np.repeat(np.arange(len(game.kind)), np.diff(game.first))
    branches = np.flatnonzero(
        (game.kind[source] == MINIMISER_NODE)
        & ~may_reach_value[source]
        & ~may_reach_value[game.successor]
    )
    choice[source[branches]] = branches


def _evaluate_fixed_choices(
    game: StochasticGame, value: Floats, choice: Ints, may_reach_value: Bools
) -> tuple[Floats, float]:
    """The value of play by `choice`, 0 where nothing of value is reached, and its rounding."""
    from scipy.sparse import csc_array, eye_array  # slow to import
    from scipy.sparse.linalg import splu

    kind, first, successor, chance = game
    source = np.repeat(np.arange(len(kind)), np.diff(first))
    branch = np.arange(len(successor))
    taken = (kind[source] == CHANCE_NODE) | (choice[source] == branch)
    weight = np.where(kind[source] == CHANCE_NODE, chance, 1.0)
    found = np.where(kind == FIXED_NODE, value, 0.0)
    inside = may_reach_value & (kind != FIXED_NODE)
    equation = np.cumsum(inside) - 1
    size = int(inside.sum())
    if not size:
        return found, 0.0
    into = taken & inside[source]
    paid = into & (kind[successor] == FIXED_NODE)
    reward = np.zeros(size)
    np.add.at(reward, equation[source[paid]], weight[paid] * value[successor[paid]])
    stay = into & inside[successor]
    shape = (size, size)
    cells = (weight[stay], (equation[source[stay]], equation[successor[stay]]))
    solver = splu(csc_array(eye_array(size) - csc_array(cells, shape=shape)))
    found[inside] = np.clip(solver.solve(reward), 0.0, 1.0)
    steps = float(np.abs(solver.solve(np.ones(size))).max())
    return found, 2 * SWITCH_GAIN * steps
