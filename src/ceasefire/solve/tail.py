"""Games that are the same from some period on need to be solved there only once."""

import numpy as np

from ceasefire.game.model import Game, Graph
from ceasefire.game.numbers import GraphNumbers, Numbers
from ceasefire.solve.play import Play

SHAPE = ("entry", "kind", "mover", "first", "successor", "step", "state")
FILLED = ("chance", "cost", "log_weight", "payment")
COMMON = ("payoff", "patience", "precision", "prior")


def same_from(game: Game, given: Numbers, other: Play) -> int:
    """The first period from which a solved game is this one too, whatever came before.

    `other` must have kept what everyone expects there; `game.periods` if it is no such game.
    """
    if game.periods != other.game.periods or not np.array_equal(game.states, other.game.states):
        return game.periods
    if not all(np.array_equal(getattr(given, x), getattr(other.numbers, x)) for x in COMMON):
        return game.periods
    first = game.periods
    for number in reversed(range(len(game.graphs))):
        graph = game.graphs[number]
        same = other.game.graph_number(graph.begins)
        twin = other.game.graphs[same]
        if twin.ends != graph.ends or not _alike(graph, twin, given, other.numbers, number, same):
            break
        if graph.begins not in other.kept or not _covered(game, other.game, graph.begins):
            break
        first = graph.begins
    return first


def _alike(graph: Graph, twin: Graph, given: Numbers, its: Numbers, number: int, same: int) -> bool:
    filled: tuple[GraphNumbers, GraphNumbers] = (given.graphs[number], its.graphs[same])
    shape = all(np.array_equal(getattr(graph, x), getattr(twin, x)) for x in SHAPE)
    return shape and all(
        np.array_equal(getattr(filled[0], x), getattr(filled[1], x)) for x in FILLED
    )


def _covered(game: Game, other: Game, first: int) -> bool:
    """Whether every state that play can reach was reached in the other game as well."""
    return all(
        np.isin(game.reached[period], other.reached[period]).all()
        for period in range(first, game.periods)
    )
