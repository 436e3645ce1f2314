"""How a coalition secures a goal without a bound on time: choices that never look at the clock.

In games of chance without end both sides have optimal strategies that choose by where play
stands alone, but not every best choice belongs to one: who may act now or as well later may wait
for ever. So a period's delay is made to cost one part in `DELAY`, the strategy best under that
is taken, and what it secures without the cost is found by playing it against everyone else.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from ceasefire.errors import SolveError
from ceasefire.game.model import END, Game
from ceasefire.game.numbers import Numbers
from ceasefire.solve._power import FREE
from ceasefire.solve.forever import Field, at_start, bounds_of, field_of, part_kinds
from ceasefire.solve.improvement import AVERAGE, FIXED, MAX, Arena, Bools, Floats, Ints, improve
from ceasefire.solve.power import Choice, before, members, played_on, told_choices
from ceasefire.solve.trace import Monitor

DELAY, SAME = 1e-5, 1e-10


def lasting_strategy(
    game: Game,
    world: Numbers,
    coalition: Collection[str],
    monitor: Monitor,
    start: int = 0,
    *,
    led: Collection[str] | None = None,
) -> tuple[tuple[Choice, ...], float]:
    """What the members choose wherever some option does worse, and what that secures.

    Choices in periods before the rules last change are told for their period; those of the first
    period after it hold from then on.

    led  whose choices are told, the members' if None; those of others are the ones that keep the
         coalition lowest

    Raises SolveError for a game too large for it.

    a tries until it works, and never has to look at the clock:

    >>> from ceasefire.game import build, numbers
    >>> from ceasefire.case import loads
    >>> game = build(loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}, b: {}}
    ... state: {done: {}}
    ... moves: {attempt: {by: a, when: not done, outcomes: [{chance: 0.5, set: {done: true}}]}}
    ... '''))
    >>> done = Monitor(
    ...     start=np.array([0, 1]),
    ...     on_label=np.tile([0, 1], (len(game.labels), 1)),
    ...     on_end=np.array([[0, 1], [1, 1]]),
    ...     accept=np.array([False, True]),
    ... )
    >>> choices, value = lasting_strategy(game, numbers(game), ["a"], done)
    >>> [(c.period, c.party, c.option) for c in choices], round(value, 6)
    ([(0, 'a', 'a.attempt')], 1.0)
    """
    field = field_of(game, world, coalition, monitor)
    values, choice = _hurried(game, monitor, field)
    told = coalition if led is None else led
    bound = _played(field, choice)
    secured = bounds_of(game, world, coalition, monitor, bound, start)[0]
    graph = game.graphs[-1]
    standing = np.zeros((len(game.states), len(monitor.accept)), dtype=np.bool_)
    standing[start, monitor.start[start]] = True
    found: list[Choice] = []
    ahead = [at_start(game, values.reshape(graph.nodes, -1))]
    for period in range(graph.begins - 1, -1, -1):
        ahead.append(before(game, world, coalition, monitor, period, ahead[-1])[1])
    for period in range(graph.begins):
        nodes, _ = before(game, world, coalition, monitor, period, ahead[-2 - period])
        standing, choices = played_on(
            game, world, coalition, monitor, period, nodes, standing, told
        )
        found += choices
    shown = _reached(game, field, values, choice, standing, members(game, told))
    return (*found, *told_choices(game, graph.begins, shown)), secured


def _hurried(game: Game, monitor: Monitor, field: Field) -> tuple[Floats, Ints]:
    """Values where every period costs a little, and the branch each node then takes."""
    graph, size = game.graphs[-1], len(monitor.accept)
    source = np.repeat(np.arange(len(field.kind)), np.diff(field.first))
    ends = np.repeat(graph.kind == END, size)[source]
    slower = np.where(ends, (1.0 - DELAY) * field.chance, field.chance)
    values = np.zeros(len(field.kind))
    choice = np.full(len(field.kind), -1, dtype=np.int64)
    for part in range(len(field.good)):
        kind = part_kinds(field, part)
        turned = 1.0 - values if field.good[part] else values
        arena = Arena(kind, field.first, field.successor, slower)
        found = improve(arena, np.where(kind == FIXED, turned, 0.0), np.full_like(choice, -1))
        if found is None:
            raise SolveError("the game is too large for a strategy without end: give --within")
        here = kind != FIXED
        values[here] = 1.0 - found.value[here] if field.good[part] else found.value[here]
        choice[here] = found.choice[here]
    return values, choice


def _played(field: Field, choice: Ints) -> Field:
    """The game in which the maximiser plays by `choice`."""
    counts = np.diff(field.first)
    source = np.repeat(np.arange(len(field.kind)), counts)
    kept = (field.kind[source] != MAX) | (choice[source] == np.arange(len(source)))
    first = np.concatenate([[0], np.cumsum(np.bincount(source[kept], minlength=len(counts)))])
    return replace(
        field,
        kind=np.where(field.kind == MAX, AVERAGE, field.kind).astype(np.int8),
        first=first,
        successor=field.successor[kept],
        chance=field.chance[kept],
    )


def _reached(
    game: Game, field: Field, values: Floats, choice: Ints, standing: Bools, led: Bools
) -> Ints:
    """(N, Q) the branch taken where play may come and some option does worse, else FREE."""
    graph, size = game.graphs[-1], standing.shape[1]
    states, kinds = np.nonzero(standing)
    todo = [int(n) for n in graph.entry[0][states].astype(np.int64) * size + kinds]
    known = set(todo)
    shown = np.full(len(field.kind), FREE, dtype=np.int64)
    while todo:
        n = todo.pop()
        ways = np.arange(field.first[n], field.first[n + 1])
        worth = values[field.successor[ways]]
        decides = field.kind[n] != AVERAGE and led[graph.mover[n // size]]
        if decides and worth.max() - worth.min() > SAME:
            shown[n] = graph.first[n // size] + choice[n] - field.first[n]
            ways = choice[n : n + 1]
        fresh = {int(t) for t in field.successor[ways]} - known
        known |= fresh
        todo += fresh
    return shown.reshape(graph.nodes, size)
