"""What does everyone do in a game, and expect of it? Its logit Markov equilibrium.

Solved by backward induction, one period after another from the last.

At each decision the mover i of type t plays option a, of weight w_a, with probability

    s(a) = w_a exp(q_i Q_i(a)) / sum_b w_b exp(q_i Q_i(b)),
    Q_i(a) = -cost(a) + expected value to i after a, everyone having updated on a,

q_i being i's precision. Where a party with types chooses among several options, what its choice
shows depends on the choice itself: a fixed point, taken on the principal branch (see
`kernels.newton`).

Where parties choose at one moment, each expects the others to choose as they do: a fixed point as
well, on its own principal branch (see `kernels.moments`).

Source: McKelvey & Palfrey (1998), Experimental Economics 1, for the equilibrium; Turocy (2005),
Games and Economic Behavior 51, for the branch.
"""

import operator
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.case import LARGEST_MAGNITUDE, POSITIVE_RANGE_TEXT
from ceasefire.equilibrium.kernels.induction import (
    mark_reachable_nodes,
    solve_period,
    solve_period_untyped,
)
from ceasefire.equilibrium.kernels.many_types_induction import solve_period_many_types
from ceasefire.equilibrium.kernels.period_boundary import (
    collect_period_start_values,
    fill_period_end_values,
)
from ceasefire.equilibrium.kernels.structures import (
    BRANCH_POINT_COUNT,
    CONTINUED_COUNT,
    DECISION_COUNT,
    PRINCIPAL,
    PRINCIPAL_AND_COUNT,
    RESIDUAL,
    SILENT,
    STATS_SIZE,
    TELLING,
    UNRESOLVED_COUNT,
    PeriodPolicy,
    graph_arrays,
    grid_arrays,
    payoff_arrays,
    player_type_arrays,
)
from ceasefire.equilibrium.many_types import ManyTypeEquilibrium
from ceasefire.equilibrium.simplex_grid import (
    SimplexGrid,
    build_simplex_grid,
    point_count_of_simplex_grid,
)
from ceasefire.equilibrium.solution import (
    SELECTIONS,
    BeliefGrid,
    Equilibrium,
    FixedPointCertificate,
    FlaggedDecisions,
    build_belief_grid,
    point_beliefs,
    policy_layout,
)
from ceasefire.equilibrium.whole_branch import solve_on_whole_branch
from ceasefire.errors import SolveError
from ceasefire.game.graph import Game, PeriodGraph
from ceasefire.game.histories import check_followed_as_whole
from ceasefire.game.parameters import (
    GameParameters,
    GraphParameters,
    game_parameters,
    weights_of_type_combinations,
)
from ceasefire.game.states import Floats
from ceasefire.settings import SolveSettings
from ceasefire.stopping import interruptible, stop_if_asked

GRAPH_STRUCTURE_FIELDS = (
    "step_entry", "node_kind", "mover", "first_branch", "successor", "step", "state", "axis",
    "moment",
    "renewed",
)  # fmt: skip
GRAPH_PARAMETER_FIELDS = (
    "chance", "chance_by_type", "cost", "log_weight", "payment_by_type", "renewal_record",
)  # fmt: skip
GAME_PARAMETER_FIELDS = (
    "payoff", "payoff_by_types", "patience", "precision", "prior_by_type",
)  # fmt: skip

SELECTION_CODES = {
    "principal": PRINCIPAL,
    "telling": TELLING,
    "silent": SILENT,
    "whole": PRINCIPAL,  # where no party has types
}

MAX_GRID_CELLS = 4e6
GRID_SIZES_BY_TYPED_PARTIES = {
    0: (3,),
    1: (257, 129, 65, 33, 17),
    2: (33, 25, 17, 13, 9),
    3: (13, 9),
}
SMALL_GAME_GRID_SIZE, SMALL_GAME_CELLS = 257, 5e5  # a grid so fine where it costs next to nothing
MAX_CHOSEN_GRID_SIZE = 1025
# a decision of a party with many types takes longer at every grid point, and there are more of them
MAX_SIMPLEX_CELLS = 1e5
SIMPLEX_GRID_SIZES = (65, 33, 17, 9)


@interruptible
def solve(
    game: Game,
    world: Mapping[str, float] | None = None,
    *,
    grid: int | None = None,
    halvings: int = 0,
    sharper: float = 1.0,
    selection: str = "principal",
    count_fixed_points: bool = False,
    reply_shift: int = 0,
    memory: float = 4e9,
    keep: Collection[int] = (),
    after: Equilibrium | None = None,
) -> Equilibrium:
    """Solve a game in one world: what everyone does in every state, period and record.

    world     {unknown: value}, the best estimates if None
    grid      grid points on the axis of each party with types, odd; None chooses by the size of
              the game
    halvings  how often the distance of grid points is halved after that
    sharper   factor on every party's precision
    selection  which fixed point is played at a decision that has several: the one on the
              `principal` branch, or the one in which the types' choices differ most (`telling`) or
              least (`silent`); or that of the branch followed for the `whole` game, which must be
              unrolled if a party has types (`unroll_histories`), on no grid
    count_fixed_points  whether to look for all fixed points, and flag decisions with several
    reply_shift  1 or -1: a reply that is steep in a record, and so known at the grid points but
              hardly between them, is given as at the next grid point above or below; what that
              changes bounds what is not known
    memory    bytes that the solution may take
    keep      periods at whose beginning everyone's values are kept
    after     a solution in the same world of a game that may be the same from some period on: what
              it kept there is taken over, and its certificate speaks for those periods

    Returns the equilibrium, with a certificate of how well its fixed points were found.

    Raises WorldError for a world whose numbers are impossible, SolveError for an even grid, a
    factor that is not above 0, an unknown selection, or a solution larger than `memory`.

    Source: McKelvey & Palfrey (1998), Experimental Economics 1.

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
    settings = SolveSettings(grid, memory)
    if not 0 < sharper <= LARGEST_MAGNITUDE:
        raise SolveError(f"sharper must be {POSITIVE_RANGE_TEXT}, got {sharper}")
    if selection not in SELECTIONS:
        raise SolveError(f"selection must be one of {', '.join(SELECTIONS)}, got {selection}")
    parameters = game_parameters(game, world)
    if selection == "whole":
        check_followed_as_whole(game)
    if selection == "whole" and game.parties_with_types:
        if game.unrolled is None:
            raise SolveError("one branch for the whole game needs the game unrolled")
        return solve_on_whole_branch(game, parameters, sharper)
    size = default_grid_size(game) if settings.grid is None else settings.grid
    refined = (size - 1) * 2.0**halvings + 1
    belief_grid: BeliefGrid
    if game.has_many_types:
        points = point_count_of_simplex_grid(game, refined)
        _check_memory(game, points, len(keep), settings)
        belief_grid = build_simplex_grid(game, parameters, size, halvings)
    else:
        _check_memory(game, refined ** len(game.parties_with_types), len(keep), settings)
        belief_grid = build_belief_grid(game, parameters, size, halvings)
    _check_memory(game, belief_grid.point_count, len(keep), settings)
    rule = SELECTION_CODES[selection]
    if rule == PRINCIPAL and count_fixed_points:
        rule = PRINCIPAL_AND_COUNT
    solver = _PeriodSolver(game, parameters, belief_grid, sharper, rule, reply_shift)
    policies: list[Floats] = [np.zeros(0)] * game.periods
    values_at: dict[int, Floats] = {}
    flagged: dict[int, FlaggedDecisions] = {}
    values = solver.values_after_last_period()
    if after is not None and (
        (after.selection, after.reply_shift) != (selection, reply_shift) or count_fixed_points
    ):
        after = None
    reused_from = _first_reused_period(game, parameters, belief_grid, sharper, after)
    if after is not None and reused_from < game.periods:
        policies[reused_from:] = after.policies[reused_from:]
        values = after.values_at[reused_from]
        flagged = {p: found for p, found in after.flagged.items() if p >= reused_from}
    for period in range(reused_from - 1, -1, -1):
        stop_if_asked()
        policies[period], values = solver.solve(period, values, flagged)
        if period in keep:
            values_at[period] = values
    found_by = ManyTypeEquilibrium if game.has_many_types else Equilibrium
    return found_by(
        game=game,
        parameters=parameters,
        belief_grid=belief_grid,
        precision_factor=sharper,
        selection=selection,
        reply_shift=reply_shift,
        certificate=_certificate(solver.stats),
        policies=tuple(policies),
        policy_offsets=tuple(solver.offsets),
        values=values,
        values_at=values_at,
        flagged=flagged,
    )


def _certificate(stats: Floats) -> FixedPointCertificate:
    return FixedPointCertificate(
        residual=float(stats[RESIDUAL]),
        unresolved=int(stats[UNRESOLVED_COUNT]),
        branch_points=int(stats[BRANCH_POINT_COUNT]),
        decision_count=int(stats[DECISION_COUNT]),
        continued_by_arclength=int(stats[CONTINUED_COUNT]),
    )


class _PeriodSolver:
    """What the periods of one solution share: arrays of the game, room for values, statistics."""

    def __init__(
        self,
        game: Game,
        parameters: GameParameters,
        belief_grid: BeliefGrid,
        precision_factor: float,
        selection: int,
        reply_shift: int,
    ) -> None:
        self.game, self.parameters, self.belief_grid = game, parameters, belief_grid
        self.types, self.grid = player_type_arrays(game), grid_arrays(belief_grid)
        self._simplex = belief_grid.arrays if isinstance(belief_grid, SimplexGrid) else None
        self.patience = parameters.patience[self.types.party]
        self.precision = parameters.precision * precision_factor
        self.selection, self.reply_shift = selection, reply_shift
        layouts = [policy_layout(graph, game) for graph in game.graphs]
        self.offsets = [offset * belief_grid.point_count for offset, _ in layouts]
        self.policy_sizes = [int(sizes.sum()) * belief_grid.point_count for _, sizes in layouts]
        self.stats = np.zeros(STATS_SIZE)
        self._reachable = _ReachableNodes(game)
        self._payoff_on_grid = self._believed_payoff()
        most_nodes = max(graph.node_count for graph in game.graphs)
        self._node_values = np.zeros((most_nodes, len(game.player_types), belief_grid.point_count))
        self._shift_guess, self._guess_graph = np.zeros(0), -1

    def values_after_last_period(self) -> Floats:
        """(X, R, L) values once play has ended, before discounting."""
        payoff = self._payoff_on_grid
        forever = payoff / (1.0 - self.patience[:, None])
        ending = forever if self.game.case.ending == "lasts" else 0 * payoff
        return np.repeat(ending, self.belief_grid.point_count // ending.shape[2], axis=2)

    def _believed_payoff(self) -> Floats:
        """(X, R, L) payoffs as each reader believes; (X, R, 1) where none reads another's type."""
        by_types = self.parameters.payoff_by_types
        if not len(by_types):
            return self.parameters.payoff[:, :, None]
        grid = self.belief_grid
        beliefs = beliefs_by_type(grid)
        believed = np.empty((*by_types.shape[1:], grid.point_count))
        for r, party in enumerate(self.types.party):
            believed[:, r] = by_types[:, :, r].T @ weights_of_type_combinations(beliefs[party])
        return believed

    def solve(
        self, period: int, next_values: Floats, flagged: dict[int, FlaggedDecisions]
    ) -> tuple[Floats, Floats]:
        """Choices of a period, and values (X, R, L) at its beginning from those of the next.

        flagged   decisions of the period whose fixed point is in doubt are put in
        """
        number = self.game.graph_index(period)
        graph, policy_size = self.game.graphs[number], self.policy_sizes[number]
        policy = PeriodPolicy(self.offsets[number], np.zeros(policy_size))
        if number != self._guess_graph:
            self._shift_guess, self._guess_graph = np.zeros(policy_size), number
        node_values = self._node_values[: graph.node_count]
        if len(self.parameters.payoff_by_types):
            ends = self._payoff_on_grid + self.patience[:, None] * next_values
            node_values[: len(ends)] = ends
        else:
            fill_period_end_values(self.parameters.payoff, self.patience, next_values, node_values)
        arrays = graph_arrays(graph)
        payoffs = payoff_arrays(self.parameters.by_graph[number])
        moment = graph.moment if self.game.has_moments else None
        reachable = self._reachable.in_period(period)
        flags = np.zeros((graph.node_count, self.belief_grid.point_count), dtype=np.int8)
        if self._simplex is not None:
            solve_period_many_types(
                arrays, payoffs, moment, self.types, self._simplex,
                self.belief_grid.prior_kind, reachable, self.precision, node_values, policy,
                self._shift_guess, self.stats, flags, self.selection, self.reply_shift,
            )  # fmt: skip
        elif self.game.parties_with_types:
            solve_period(
                arrays, payoffs, moment, self.types, self.grid,
                self.belief_grid.axis_size, self.belief_grid.prior_kind,
                reachable, self.precision, node_values, policy, self._shift_guess, self.stats,
                flags, self.selection, self.reply_shift,
                True if self.game.tells_at_moments else None,
            )  # fmt: skip
        else:
            solve_period_untyped(
                arrays, payoffs, moment, self.types, reachable, self.precision,
                node_values[:, :, 0], policy, self.stats, flags, self.selection,
            )  # fmt: skip
        if flags.any():
            node, point = np.nonzero(flags)
            flagged[period] = FlaggedDecisions(node, point, flags[node, point])
        values = np.empty_like(next_values)
        collect_period_start_values(node_values, graph.step_entry[0], values)
        return policy.choices, values


def beliefs_by_type(grid: BeliefGrid) -> list[list[Floats]]:
    """For each party, the analyst last, and each axis: (K, L) its belief in each type."""
    if isinstance(grid, SimplexGrid):
        return [
            [grid.beliefs(h, kinds[h])[:, grid.axis_points(h)] for h in range(grid.axes)]
            for kinds in grid.prior_kind
        ]
    return [[np.stack([first, 1.0 - first]) for first in each] for each in point_beliefs(grid)]


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
    """Grid points per party with types: as many as keep the work of one solve within bounds."""
    nodes = _node_count(game)
    if game.has_many_types:
        fit = (
            size
            for size in SIMPLEX_GRID_SIZES
            if nodes * point_count_of_simplex_grid(game, size) <= MAX_SIMPLEX_CELLS
        )
        return next(fit, SIMPLEX_GRID_SIZES[-1])
    sizes = GRID_SIZES_BY_TYPED_PARTIES[len(game.parties_with_types)]
    for size in sizes:
        most = SMALL_GAME_CELLS if size >= SMALL_GAME_GRID_SIZE else MAX_GRID_CELLS
        if nodes * size ** len(game.parties_with_types) <= most:
            return size
    return sizes[-1]


def first_grid_size(game: Game) -> int:
    """Grid points per party with types with which a search for a fine enough grid begins.

    With one such party it is coarser than the default in all but small games, since the search
    refines the grid where that is needed; with more the default is coarse already.
    """
    if len(game.parties_with_types) != 1 or game.has_many_types:
        return default_grid_size(game)
    sizes, nodes = GRID_SIZES_BY_TYPED_PARTIES[1], _node_count(game)
    return next((size for size in sizes if nodes * size <= SMALL_GAME_CELLS), sizes[-1])


def last_grid_size(game: Game, cells: float = MAX_GRID_CELLS) -> int:
    """Most grid points per party with types that such a search may come to.

    cells  most joint records times nodes of all periods
    """
    if game.has_many_types:
        size, nodes = SIMPLEX_GRID_SIZES[-1], _node_count(game)
        share = MAX_SIMPLEX_CELLS / MAX_GRID_CELLS
        while nodes * point_count_of_simplex_grid(game, 2 * size - 1) <= cells * share:
            size = 2 * size - 1
        return min(MAX_CHOSEN_GRID_SIZE, size)
    most = (cells / max(1, _node_count(game))) ** (1.0 / max(1, len(game.parties_with_types)))
    return min(MAX_CHOSEN_GRID_SIZE, int(most))


def _node_count(game: Game) -> int:
    """Nodes of all periods."""
    return sum(
        graph.node_count * (graph.past_last_period - graph.first_period) for graph in game.graphs
    )


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


def _check_memory(game: Game, point_count: float, kept: int, settings: SolveSettings) -> None:
    """SolveError if a solution on so many grid points takes more bytes than allowed.

    kept   number of periods whose values are kept
    """
    policies = [float(policy_layout(graph, game)[1].sum()) for graph in game.graphs]
    periods = [graph.past_last_period - graph.first_period for graph in game.graphs]
    policy = sum(map(operator.mul, policies, periods)) + max(policies)
    nodes = max(graph.node_count for graph in game.graphs)
    values = (nodes + (3 + kept) * len(game.states)) * len(game.player_types)
    need = 8.0 * (policy + values) * point_count
    if need > settings.memory:
        raise SolveError(
            f"the solution needs {need / 1e9:,.1f} GB ({game.periods} periods, {nodes:,} nodes a "
            f"period, {point_count:,.0f} belief nodes), more than the "
            f"{settings.memory / 1e9:g} GB allowed; "
            "shorten the horizon or tail, give the variables fewer values, take a coarser --grid, "
            "or raise --memory"
        )


class _ReachableNodes:
    """Which nodes can be met in a period; worked out once for periods that begin alike."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self._next_step = np.array(
            [step.following[0] if step.step is not None else -1 for step in game.steps],
            dtype=np.int32,
        )
        self._last: tuple[int, int] | None = None
        self._nodes = np.zeros(0, dtype=np.bool_)

    def in_period(self, period: int) -> npt.NDArray[Any]:
        """(N,) whether each node of the period's graph can be met in it."""
        game = self.game
        number = game.graph_index(period)
        begin = game.reached_states[period]
        # the game holds the array for good, so its id is not used again
        key = (number, id(begin)) if period else None
        if key is not None and key == self._last:
            return self._nodes
        graph = game.graphs[number]
        reachable = np.zeros(graph.node_count, dtype=np.bool_)
        reachable[graph.step_entry[0, begin]] = True
        if game.enters_any_step and period == 0:
            roots = [game.start_state(start) for start in game.starts]
            slots = graph.step_entry[:, roots].reshape(-1)
            reachable[slots[slots >= 0]] = True
        mark_reachable_nodes(
            graph_arrays(graph), graph.state, graph.step_entry, self._next_step,
            reachable, game.may_skip_steps,
        )  # fmt: skip
        self._last, self._nodes = key, reachable
        return reachable
