"""How does a case become a game? What can be reached is explored, then laid out as arrays."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ceasefire.case import Case, Table
from ceasefire.case.model import Effects
from ceasefire.game.graph import Game, GraphBuilder, NameNumbering, PeriodGraph, period_steps
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
    state_table = _empty_state_table(case, periods, memory)
    for row in () if like is None else like.states:
        state_table.add_states(row[None])
    roots = ({}, *starts)
    start_states = np.unique(
        np.concatenate([state_table.add_states(state_table.start_codes(root)) for root in roots])
    )
    closed_before = closed or {}
    phases = [
        Phase(
            first,
            end,
            steps_in_period(case, state_table, first, frozenset(without), closed_before, passes),
            tuple(step.following for step in period_steps(case.order)),
        )
        for first, end in _periods_of_same_rules(case, periods, closed_before)
    ]
    reached = _explore_periods(phases, start_states, enters_any_step=direct, may_skip_steps=skips)
    numbering = NameNumbering(
        [f"{name}.{deal}" for name, rules in case.tables.items() for deal in rules.deals]
    )
    graphs = tuple(_compile_period_graph(state_table, numbering, phase) for phase in phases)
    return Game(
        case=case,
        periods=periods,
        state_table=state_table,
        starts=tuple(roots),
        graphs=graphs,
        options=tuple(numbering.options),
        labels=tuple(numbering.labels),
        deals=numbering.deals,
        reached_states=tuple(reached),
        enters_any_step=direct,
        may_skip_steps=skips,
    )


class Phase(NamedTuple):
    """Periods with the same rules, from `first_period` to before `past_last_period`.

    following  which steps may come after each
    """

    first_period: int
    past_last_period: int
    steps: list[StepCompiler]
    following: tuple[tuple[int, ...], ...]


def _explore_periods(
    phases: Sequence[Phase], start_states: Ints, *, enters_any_step: bool, may_skip_steps: bool
) -> list[Ints]:
    """The states in which each period may begin; every step learns of those it may begin in."""
    reached: list[Ints] = []
    now, nowhere = start_states, np.zeros(0, dtype=np.int32)
    for first, end, steps, following in phases:
        for period in range(first, end):
            reached.append(now)
            begins = [now, *(nowhere for _ in steps)]
            for number, step in enumerate(steps):
                begin = begins[number]
                if enters_any_step and period == 0:
                    begin = np.union1d(begin, start_states)
                next_states = step.next_states(begin)
                later = np.union1d(next_states, begin) if may_skip_steps else next_states
                for after in following[number]:
                    begins[after] = (
                        np.union1d(begins[after], later) if len(begins[after]) else later
                    )
            later = begins[-1]
            settled = np.array_equal(later, now)
            now = later
            if settled:
                reached += [now] * (end - period - 1)
                break
    return reached


def _compile_period_graph(
    state_table: StateTable, numbering: NameNumbering, phase: Phase
) -> PeriodGraph:
    builder = GraphBuilder(state_table.case, numbering, len(state_table))
    ends = np.arange(len(state_table), dtype=np.int32)
    entry = [ends] * (len(phase.steps) + 1)
    for number in reversed(range(len(phase.steps))):
        before = builder.branch_count
        following = [entry[after] for after in phase.following[number]]
        entry[number] = phase.steps[number].compile_nodes(builder, following)
        state_table.reserve_bytes(BRANCH_BYTES * (builder.branch_count - before))
    return builder.finish(phase.first_period, phase.past_last_period, np.stack(entry))


def _periods_of_same_rules(
    case: Case, periods: int, closed: Mapping[str, int]
) -> list[tuple[int, int]]:
    """The first period of each phase and the one past its last."""
    dated: list[Effects | Table] = [
        *case.moves.values(),
        *case.chance.values(),
        *case.tables.values(),
    ]
    dated += [deal for rules in case.tables.values() for deal in rules.deals.values()]
    cuts = {0, periods, *closed.values()}
    for thing in dated:
        if thing.during is not None:
            cuts |= {thing.during[0], thing.during[1] + 1}
    inside = sorted(cut for cut in cuts if 0 <= cut <= periods)
    return list(pairwise(inside))


def _empty_state_table(case: Case, periods: int, memory: float) -> StateTable:
    """No states yet, and room for as many as can be solved in `memory`."""
    hidden = sum(bool(party.types) for party in case.parties.values())
    grid_nodes = COARSEST_GRID_NODES**hidden
    bytes_per_state = (
        8
        * grid_nodes
        * (len(period_steps(case.order)) * (len(case.parties) + hidden) + 2 * periods)
    )
    explanation = f", times {periods} periods and {grid_nodes} belief nodes"
    return StateTable(case, memory, bytes_per_state, explanation)
