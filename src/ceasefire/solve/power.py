"""What a coalition can secure against everyone else."""

from collections.abc import Collection

import numpy as np

from ceasefire.game.model import Game
from ceasefire.game.numbers import Numbers
from ceasefire.solve._power import secure_period
from ceasefire.solve.trace import Monitor


def secure(
    game: Game,
    world: Numbers,
    coalition: Collection[str],
    monitor: Monitor,
    start: int = 0,
    periods: int | None = None,
) -> float:
    """The probability that a coalition can secure a formula, whatever all others do.

    Its members maximise it together, everyone else minimises it, chance is chance; costs,
    payoffs and types play no part. Backward induction over `periods` periods (the case's horizon
    if None) on the public game beside the formula's automaton.

    Alone against nobody, a can have it done or not as it likes:

    >>> from ceasefire.game import build, numbers
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
    >>> game = build(case)
    >>> done = Monitor(
    ...     start=np.array([0, 1]),
    ...     on_label=np.zeros((len(game.labels), 2), dtype=int),
    ...     on_end=np.array([[0, 0], [1, 1]]),
    ...     accept=np.array([False, True]),
    ... )
    >>> [secure(game, numbers(game), coalition, done) for coalition in (["a"], [])]
    [1.0, 0.0]
    """
    count = game.case.horizon if periods is None else periods
    member = np.array([party in coalition for party in game.parties])
    secured = np.broadcast_to(
        monitor.accept.astype(np.float64), (len(game.states), len(monitor.accept))
    ).copy()
    rows = np.arange(len(game.states))[:, None]
    for period in range(count - 1, -1, -1):
        number = game.graph_number(period)
        graph = game.graphs[number]
        values = np.zeros((graph.nodes, len(monitor.accept)))
        values[: len(game.states)] = secured[rows, monitor.on_end]
        secure_period(
            graph.kind, graph.mover, graph.first, graph.successor, graph.label,
            world.graphs[number].chance, member, monitor.on_label, values,
        )  # fmt: skip
        begin = graph.entry[0]
        secured = np.zeros_like(secured)
        secured[begin >= 0] = values[begin[begin >= 0]]
    return float(secured[start, monitor.start[start]])
