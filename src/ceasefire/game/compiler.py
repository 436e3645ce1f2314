"""From a case to its game: explore what can be reached, then lay it out as arrays."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

import numpy as np

from ceasefire.case import Case, Table
from ceasefire.case.model import Effects
from ceasefire.game.graph import Game, PeriodGraph
from ceasefire.game.graph_builder import GraphBuilder, NameNumbering
from ceasefire.game.states import Ints, StateTable
from ceasefire.game.step_compiler import StepCompiler, steps_in_period

COARSEST_GRID_NODES = 9
BRANCH_BYTES = 60  # its arrays in the graph and, in a world, in the graph's numbers


def build(
    case: Case,
    *,
    starts: Sequence[Mapping[str, object]] = (),
    without: Collection[str] = (),
    closed: Mapping[str, int] | None = None,
    tail: int | None = None,
    passes: Collection[str] = (),
    direct: bool = False,
    skips: bool = False,
    memory: float = 4e9,
    like: Game | None = None,
) -> Game:
    """Lay a case out as a game over the states that can be reached, and no others.

    starts   states to start from besides the case's own, as {variable: value}
    without  tables, deals (`table.deal`), moves (`party.move`) and chances that do not exist
    closed   {table: n}: the table does not meet in periods 0 to n - 1
    tail     periods of unobserved play after the horizon, the case's own if None
    passes   parties whose passing is kept as an event even where they can do nothing else
    direct   every step of period 0 may also begin in a start state
    skips    every step may be left out
    memory   bytes that it may take, with what is known beforehand of its solution
    like     a game of this case whose states keep their numbers, so that the two can be compared

    Raises GameError for a value outside its variable's values, a `when` that is no number (each
    naming one state in which it would happen), and a game too large for `memory`.

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
    >>> [game.describe(state) for state in range(len(game.states))]
    ['done=false', 'done=true']
    """
    periods = case.horizon + (case.tail if tail is None else tail)
    table = _empty_state_table(case, periods, memory)
    for row in () if like is None else like.states:
        table.add_states(row[None])
    roots = ({}, *starts)
    start = np.unique(np.concatenate([table.add_states(table.start_codes(root)) for root in roots]))
    explored: list[tuple[int, int, list[StepCompiler]]] = []
    reached: list[Ints] = []
    now = start
    for begins, ends in _periods_of_same_rules(case, periods, closed or {}):
        steps = steps_in_period(case, table, begins, frozenset(without), closed or {}, passes)
        for period in range(begins, ends):
            reached.append(now)
            later = now
            for layer in steps:
                if direct and period == 0:
                    later = np.union1d(later, start)
                image = layer.next_states(later)
                later = np.union1d(image, later) if skips else image
            settled = np.array_equal(later, now)
            now = later
            if settled:
                reached += [now] * (ends - period - 1)
                break
        explored.append((begins, ends, steps))
    names = NameNumbering([f"{t}.{d}" for t, rules in case.tables.items() for d in rules.deals])
    graphs = tuple(_compile_period_graph(table, names, *stretch) for stretch in explored)
    return Game(
        case=case,
        periods=periods,
        state_table=table,
        starts=tuple(roots),
        graphs=graphs,
        options=tuple(names.options),
        labels=tuple(names.labels),
        deals=names.deals,
        reached_states=tuple(reached),
        enters_any_step=direct,
        may_skip_steps=skips,
    )


def _compile_period_graph(
    state_table: StateTable,
    numbering: NameNumbering,
    first_period: int,
    past_last_period: int,
    steps: list[StepCompiler],
) -> PeriodGraph:
    nodes = GraphBuilder(numbering, len(state_table))
    entry = [np.arange(len(state_table), dtype=np.int32)]
    for layer in reversed(steps):
        before = nodes.branch_count
        entry.append(layer.compile_nodes(nodes, entry[-1]))
        state_table.reserve_bytes(BRANCH_BYTES * (nodes.branch_count - before))
    return nodes.finish(first_period, past_last_period, np.stack(entry[::-1]))


def _periods_of_same_rules(
    case: Case, periods: int, closed: Mapping[str, int]
) -> list[tuple[int, int]]:
    """Stretches of periods, first and one past the last, in which the same things are due."""
    things: list[Effects | Table] = [
        *case.moves.values(),
        *case.chance.values(),
        *case.tables.values(),
    ]
    things += [deal for rules in case.tables.values() for deal in rules.deals.values()]
    cuts = {0, periods, *closed.values()}
    for thing in things:
        if thing.during is not None:
            cuts |= {thing.during[0], thing.during[1] + 1}
    inside = sorted(cut for cut in cuts if 0 <= cut <= periods)
    return list(pairwise(inside))


def _empty_state_table(case: Case, periods: int, memory: float) -> StateTable:
    """No states yet, and room for as many as can be solved in `memory`."""
    hidden = sum(bool(party.types) for party in case.parties.values())
    lanes = COARSEST_GRID_NODES**hidden
    each = 8 * lanes * (len(case.order) * (len(case.parties) + hidden) + 2 * periods)
    return StateTable(case, memory, each, f", times {periods} periods and {lanes} belief nodes")
