"""The logit Markov equilibrium of a game, by backward induction.

At each decision the mover i of type t plays option a, of weight w_a, with probability

    s(a) = w_a exp(q_i Q_i(a)) / sum_b w_b exp(q_i Q_i(b)),
    Q_i(a) = -cost(a) + expected value to i after a, everyone having updated on a,

q_i being i's precision. Where a party with types chooses among several options, what its choice
shows depends on the choice itself: a fixed point, taken on the principal branch (see `_signal`).

Source: McKelvey & Palfrey (1998), Experimental Economics 1, for the equilibrium; Turocy (2005),
Games and Economic Behavior 51, for the branch.
"""

import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.case import LARGEST_MAGNITUDE, POSITIVE_RANGE_TEXT
from ceasefire.equilibrium.belief_grid import BeliefGrid, build_belief_grid, check_grid_size
from ceasefire.equilibrium.kernels.induction import (
    mark_reachable_nodes,
    solve_period,
    solve_period_untyped,
)
from ceasefire.equilibrium.kernels.period_boundary import (
    collect_period_start_values,
    fill_period_end_values,
)
from ceasefire.equilibrium.solution import Equilibrium, FixedPointCertificate
from ceasefire.errors import SolveError
from ceasefire.game.graph import DECISION, Game, PeriodGraph
from ceasefire.game.parameters import GameParameters, GraphParameters, game_parameters
from ceasefire.game.states import Floats, Ints

GRAPH_STRUCTURE_FIELDS = (
    "step_entry", "node_kind", "mover", "first_branch", "successor", "step", "state"
)  # fmt: skip
GRAPH_PARAMETER_FIELDS = ("chance", "cost", "log_weight", "payment_by_type")
GAME_PARAMETER_FIELDS = ("payoff", "patience", "precision", "prior")


def first_identical_period(game: Game, parameters: GameParameters, other: Equilibrium) -> int:
    """The first period from which a solved game is this one too, whatever came before.

    `other` must have kept what everyone expects there; `game.periods` if it is no such game.
    """
    if game.periods != other.game.periods or not np.array_equal(game.states, other.game.states):
        return game.periods
    if not all(
        np.array_equal(getattr(parameters, x), getattr(other.parameters, x))
        for x in GAME_PARAMETER_FIELDS
    ):
        return game.periods
    first = game.periods
    for number in reversed(range(len(game.graphs))):
        graph = game.graphs[number]
        same = other.game.graph_index(graph.first_period)
        twin = other.game.graphs[same]
        if twin.past_last_period != graph.past_last_period or not _is_same_graph(
            graph, twin, parameters, other.parameters, number, same
        ):
            break
        if graph.first_period not in other.values_at or not _covers_reached_states(
            game, other.game, graph.first_period
        ):
            break
        first = graph.first_period
    return first


def _is_same_graph(
    graph: PeriodGraph,
    twin: PeriodGraph,
    parameters: GameParameters,
    its: GameParameters,
    number: int,
    same: int,
) -> bool:
    filled: tuple[GraphParameters, GraphParameters] = (
        parameters.by_graph[number],
        its.by_graph[same],
    )
    shape = all(np.array_equal(getattr(graph, x), getattr(twin, x)) for x in GRAPH_STRUCTURE_FIELDS)
    return shape and all(
        np.array_equal(getattr(filled[0], x), getattr(filled[1], x)) for x in GRAPH_PARAMETER_FIELDS
    )


def _covers_reached_states(game: Game, other: Game, first: int) -> bool:
    """Whether every state that play can reach was reached in the other game as well."""
    return all(
        np.isin(game.reached_states[period], other.reached_states[period]).all()
        for period in range(first, game.periods)
    )


MAX_GRID_CELLS = 4e6
GRID_SIZES_BY_TYPED_PARTIES = {0: (3,), 1: (129, 65, 33, 17), 2: (33, 25, 17, 13, 9), 3: (13, 9)}


@dataclass(frozen=True, eq=False)
class _PlayerTypeTables:
    """Index tables that the kernels share."""

    player_type_party: Ints
    player_type_index: Ints
    first_player_type: Ints
    type_axis: Ints


def solve(
    game: Game,
    world: Mapping[str, float] | None = None,
    *,
    grid: int | None = None,
    halvings: int = 0,
    sharper: float = 1.0,
    memory: float = 4e9,
    keep: Collection[int] = (),
    after: Equilibrium | None = None,
) -> Equilibrium:
    """Solve a game in one world: what everyone does in every state, period and record.

    world     {unknown: value}, the best estimates if None
    grid      belief nodes per party with types, odd; None chooses by the size of the game
    halvings  how often the distance of the nodes is halved after that
    sharper   factor on every party's precision
    memory    bytes that the solution may take
    keep      periods at whose beginning what everyone expects is kept
    after     a solution in the same world of a game that may be the same from some period on: what
              it kept there is taken over, and its certificate speaks for those periods

    Raises WorldError for a world whose numbers are impossible, SolveError for an even grid, a
    factor that is not above 0, or a solution larger than `memory`.

    With precision 1 a gain of 1 is taken with probability 1 / (1 + exp(-1)):

    >>> from ceasefire.game import build
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
    >>> round(solve(build(case)).value("a"), 6)
    0.731059
    >>> round(solve(build(case), sharper=4).value("a"), 6)
    0.982014
    """
    if not 0 < sharper <= LARGEST_MAGNITUDE:
        raise SolveError(f"sharper must be {POSITIVE_RANGE_TEXT}, got {sharper}")
    full = {**game.case.best_estimates, **(world or {})}
    given = game_parameters(game, full)
    size = default_grid_size(game) if grid is None else grid
    tables = _player_type_tables(game)
    check_grid_size(size)
    _check_memory(
        game,
        tables,
        ((size - 1) * 2.0**halvings + 1) ** len(game.parties_with_types),
        len(keep),
        memory,
    )
    records = build_belief_grid(game, given, size, halvings)
    _check_memory(game, tables, records.point_count, len(keep), memory)
    offsets = [_policy_offsets(graph, tables, records.point_count) for graph in game.graphs]
    policies: list[Floats] = [np.zeros(0)] * game.periods
    tally = np.zeros(5)
    room = max(graph.node_count for graph in game.graphs)
    buffer = np.zeros((room, len(game.player_types), records.point_count))
    patience, precision = given.patience[tables.player_type_party], given.precision * sharper
    ending = given.payoff / (1.0 - patience) if game.case.ending == "lasts" else 0 * given.payoff
    ahead = np.repeat(ending[:, :, None], records.point_count, axis=2)
    alive = _ReachableNodes(game)
    moved, before = np.zeros(0), -1
    kept: dict[int, Floats] = {}
    until = _first_reused_period(game, given, records, sharper, after)
    if after is not None and until < game.periods:
        policies[until:] = after.policies[until:]
        ahead = after.values_at[until]
    for period in range(until - 1, -1, -1):
        number = game.graph_index(period)
        graph, filled, (offset, total) = (
            game.graphs[number],
            given.by_graph[number],
            offsets[number],
        )
        values = buffer[: graph.node_count]
        fill_period_end_values(given.payoff, patience, ahead, values)
        policies[period] = np.zeros(total)
        if number != before:
            moved, before = np.zeros(total), number
        shape = (
            graph.node_kind,
            graph.mover,
            graph.first_branch,
            graph.successor,
            alive.in_period(period),
            offset,
        )
        worths = (filled.chance, filled.cost, filled.log_weight, filled.payment_by_type, precision)
        if game.parties_with_types:
            solve_period(
                *shape, *worths,
                tables.player_type_party, tables.player_type_index,
                tables.first_player_type, tables.type_axis,
                records.lowest_record, records.spacing, records.axis_size, records.strides,
                records.prior_logit, records.belief,
                records.prior_kind[tables.player_type_party], records.prior_kind,
                values, policies[period], moved, tally,
            )  # fmt: skip
        else:
            solve_period_untyped(*shape, *worths, values[:, :, 0], policies[period], tally)
        ahead = np.empty_like(ahead)
        collect_period_start_values(values, graph.step_entry[0], ahead)
        if period in keep:
            kept[period] = ahead
    certificate = FixedPointCertificate(
        residual=float(tally[0]),
        unresolved=int(tally[1]),
        branch_points=int(tally[2]),
        decision_count=int(tally[3]),
        continued_by_arclength=int(tally[4]),
    )
    return Equilibrium(
        game=game,
        parameters=given,
        belief_grid=records,
        precision_factor=sharper,
        certificate=certificate,
        policies=tuple(policies),
        policy_offsets=tuple(offset for offset, _ in offsets),
        values=ahead,
        values_at=kept,
    )


def _first_reused_period(
    game: Game,
    parameters: GameParameters,
    belief_grid: BeliefGrid,
    precision_factor: float,
    after: Equilibrium | None,
) -> int:
    """The first period that need not be solved, since it was in `after`."""
    if (
        after is None
        or after.precision_factor != precision_factor
        or after.belief_grid.axis_size != belief_grid.axis_size
    ):
        return game.periods
    return first_identical_period(game, parameters, after)


def default_grid_size(game: Game) -> int:
    """Belief nodes per party with types: as many as keep the work of one solve within bounds."""
    sizes = GRID_SIZES_BY_TYPED_PARTIES[len(game.parties_with_types)]
    nodes = sum(
        graph.node_count * (graph.past_last_period - graph.first_period) for graph in game.graphs
    )
    for size in sizes:
        if nodes * size ** len(game.parties_with_types) <= MAX_GRID_CELLS:
            return size
    return sizes[-1]


def _player_type_tables(game: Game) -> _PlayerTypeTables:
    parties = list(game.parties)
    reader_party = [parties.index(party) for party, _ in game.player_types]
    return _PlayerTypeTables(
        player_type_party=np.array(reader_party, dtype=np.int32),
        player_type_index=np.array([kind for _, kind in game.player_types], dtype=np.int32),
        first_player_type=np.array(
            [reader_party.index(i) for i in range(len(parties))], dtype=np.int32
        ),
        type_axis=game.type_axis,
    )


def _policy_offsets(
    graph: PeriodGraph, tables: _PlayerTypeTables, point_count: int
) -> tuple[npt.NDArray[Any], int]:
    """Where each decision's choices begin in a period's policy, and how many there are in all."""
    options = np.diff(graph.first_branch)
    types = np.where(tables.type_axis[graph.mover] >= 0, 2, 1)
    room = np.where(graph.node_kind == DECISION, options * types * point_count, 0).astype(np.int64)
    offset = np.concatenate([[0], np.cumsum(room)])
    return offset[:-1], int(offset[-1])


def _check_memory(
    game: Game, tables: _PlayerTypeTables, point_count: float, kept: int, memory: float
) -> None:
    """SolveError if a solution on so many belief nodes takes more than memory."""
    policies = [float(_policy_offsets(graph, tables, 1)[1]) for graph in game.graphs]
    periods = [graph.past_last_period - graph.first_period for graph in game.graphs]
    policy = sum(map(operator.mul, policies, periods)) + max(policies)
    nodes = max(graph.node_count for graph in game.graphs)
    values = (nodes + (3 + kept) * len(game.states)) * len(game.player_types)
    need = 8.0 * (policy + values) * point_count
    if need > memory:
        raise SolveError(
            f"the solution needs {need / 1e9:,.1f} GB ({game.periods} periods, {nodes:,} nodes a "
            f"period, {point_count:,.0f} belief nodes), more than the {memory / 1e9:g} GB allowed; "
            "shorten the horizon or tail, give the variables fewer values, take a coarser --grid, "
            "or raise --memory"
        )


class _ReachableNodes:
    """Which nodes can be met in a period; worked out once for periods that begin alike."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self._last: tuple[int, int] | None = None
        self._nodes = np.zeros(0, dtype=np.bool_)

    def in_period(self, period: int) -> npt.NDArray[Any]:
        """(N,) the nodes of the period's graph that can be met in it."""
        game = self.game
        number = game.graph_index(period)
        begin = game.reached_states[period]
        key = (number, id(begin)) if period else None
        if key is not None and key == self._last:
            return self._nodes
        graph = game.graphs[number]
        alive = np.zeros(graph.node_count, dtype=np.bool_)
        alive[graph.step_entry[0, begin]] = True
        if game.enters_any_step and period == 0:
            roots = [game.start_state(start) for start in game.starts]
            slots = graph.step_entry[:, roots].reshape(-1)
            alive[slots[slots >= 0]] = True
        mark_reachable_nodes(
            graph.first_branch,
            graph.successor,
            graph.step,
            graph.state,
            graph.step_entry,
            alive,
            game.may_skip_steps,
        )
        self._last, self._nodes = key, alive
        return alive
