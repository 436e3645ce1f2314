"""What is to be expected from every state and record at once, by playing a solved game backwards.

`trace` carries one beginning forwards; this carries one question backwards, and answers it for
all beginnings. Both are exact on the grid and give the same numbers.
"""

from collections.abc import Mapping

import numpy as np

from ceasefire.game.states import Floats
from ceasefire.solve._back import retreat
from ceasefire.solve.play import Play
from ceasefire.solve.trace import Monitor, always
from ceasefire.solve.viewer import Viewer


def backward(
    play: Play,
    periods: int,
    *,
    rewards: Mapping[int, Floats],
    factors: Mapping[int, Floats] | None = None,
    monitor: Monitor | None = None,
    viewer: Viewer | None = None,
) -> Floats:
    """(X, L) expected sum of rewards from each state and record at the beginning of period 0.

    rewards  what being somewhere after n periods is worth, by n: an array that fits (X, Q, L)
    factors  what all that is worth from there on is multiplied by after n periods, likewise
    monitor  automaton that runs beside the game from the start; none has one state
    viewer   whose probabilities are counted, the analyst's by default

    Only states and records that play can begin in have a meaning.

    >>> from ceasefire.game import build
    >>> from ceasefire.solve import solve
    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... ending: nothing
    ... parties: {a: {precision: 1}}
    ... state: {done: {}}
    ... payoffs: {a: {gain: done}}
    ... moves: {act: {by: a, set: {done: true}}}
    ... ''')
    >>> play = solve(build(case))
    >>> done = play.game.states[:, 0].astype(float)[:, None, None]
    >>> float(backward(play, 1, rewards={1: done})[0, 0].round(3))  # 1 / (1 + exp(-1))
    0.731
    """
    game, grid = play.game, play.records
    states = len(game.states)
    viewer = play.viewer() if viewer is None else viewer
    monitor = always(states, len(game.labels)) if monitor is None else monitor
    size, lanes = len(monitor.accept), grid.lanes
    every = np.arange(states)
    worth = np.zeros((states, size, lanes))
    buffer = np.zeros((max(graph.nodes for graph in game.graphs), size, lanes))
    for n in range(periods, -1, -1):
        if n < periods:
            number = game.graph_number(n)
            graph = game.graphs[number]
            moving = buffer[: graph.nodes]
            moving[:states] = worth[every[:, None], monitor.on_end]
            retreat(
                graph.kind, graph.mover, graph.first, graph.successor, graph.label,
                play.offsets[number], play.chance(number), play.policies[n], game.axis_of,
                grid.low, grid.step, grid.size, grid.strides,
                viewer.weight, viewer.coordinate, viewer.logit, monitor.on_label, moving,
            )  # fmt: skip
            worth = np.where((graph.entry[0] >= 0)[:, None, None], moving[graph.entry[0]], 0.0)
        worth = worth + rewards.get(n, 0.0)
        if factors is not None and n in factors:
            worth = worth * factors[n]
    begun: Floats = worth[every, monitor.start]
    return begun
