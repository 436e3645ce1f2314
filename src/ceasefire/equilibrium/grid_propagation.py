"""A solved game played forwards: the exact probability of what happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.kernels.grid_propagation import advance_grid_measure, pull_back_rewards
from ceasefire.equilibrium.kernels.period_boundary import (
    accumulate_expectations,
    close_period,
    enter_period,
)
from ceasefire.equilibrium.solution import Equilibrium, ObserverMeasure
from ceasefire.game.graph import PeriodGraph
from ceasefire.game.states import Floats, Ints


@dataclass(frozen=True, eq=False)
class MonitorAutomaton:
    """A small deterministic automaton that runs beside the game.

    start     (X,) its state after reading the state play starts in
    on_label  (labels, Q) next state when a branch with that label is taken
    on_end    (X, Q) next state at a period's end in state x
    accept    (Q,) whether the formula holds if one stops looking now
    """

    start: Ints
    on_label: Ints
    on_end: Ints
    accept: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ForwardDistribution:
    """What is expected after 0, 1, …, n periods; Q counts the automaton's states.

    mass     (n + 1, Q) probability of each automaton state
    observe  (n + 1, Q, m) expected features, where the automaton is in that state
    belief   (n + 1, Q, P + 1, H) expected belief of each party, the analyst last, in the first
             type of each party with types
    events   (n, labels) probability of each label in each period
    paid     (n,) what the payer is expected to pay for its moves and deals in each period
    ends     (n + 1, X) probability of each public state
    standing (X, Q, L) probability of state, automaton state and record after the last period
    """

    mass: Floats
    observe: Floats
    belief: Floats
    events: Floats
    paid: Floats
    ends: Floats
    standing: Floats


def propagate_forward(
    play: Equilibrium,
    start: int = 0,
    *,
    monitor: MonitorAutomaton | None = None,
    viewer: ObserverMeasure | None = None,
    periods: int | None = None,
    observe: Floats | None = None,
    payer: tuple[str, int] | None = None,
    slot: int | None = None,
    record: Sequence[float] | None = None,
    began: int = 0,
    standing: Floats | None = None,
) -> ForwardDistribution:
    """Play forwards from a state, or from a node in the midst of a period.

    start    public state in which the first period begins
    monitor  automaton to run beside the game; none has one state that accepts
    viewer   whose probabilities are counted, the analyst's by default
    periods  how many periods to play, the case's horizon by default
    observe  (X, m) features of the public state
    payer    (party, type index) whose costs are counted
    slot     node of the first period at which to begin instead of its start
    record   public record at which to begin, the prior one by default
    began    number of the first period
    standing (X, Q, L) measure to begin with instead of a state; it need not sum to 1

    >>> from ceasefire.game import build
    >>> from ceasefire.equilibrium import solve
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
    >>> propagate_forward(solve(build(case))).ends.round(3)  # at first nobody, then 1 / (1 + e^-1)
    array([[1.   , 0.   ],
           [0.269, 0.731]])
    """
    game, grid = play.game, play.records
    viewer = play.viewer() if viewer is None else viewer
    monitor = (
        always_accepting_automaton(game.states.shape[0], len(game.labels))
        if monitor is None
        else monitor
    )
    count = game.case.horizon if periods is None else periods
    shape = len(game.states), len(monitor.accept), grid.lanes
    states, size, lanes_in_all = shape
    features = np.zeros((states, 0)) if observe is None else observe
    beliefs = play.lane_beliefs
    axis_of = game.axis_of
    room = max(graph.nodes for graph in game.graphs)
    moving = np.zeros((room, size, lanes_in_all))
    busy = np.zeros(room, dtype=np.bool_)
    result = ForwardDistribution(
        mass=np.zeros((count + 1, size)),
        observe=np.zeros((count + 1, size, features.shape[1])),
        belief=np.zeros((count + 1, size, *beliefs.shape[:2])),
        events=np.zeros((count, len(game.labels))),
        paid=np.zeros(count),
        ends=np.zeros((count + 1, states)),
        standing=np.zeros(shape),
    )
    stands = result.standing
    lanes, weights = play.lanes(play.prior_record if record is None else tuple(record), viewer)
    if standing is None:
        stands[start, monitor.start[start], lanes] = weights
    else:
        stands[:] = standing

    def note(n: int) -> None:
        accumulate_expectations(
            stands, features, beliefs,
            result.mass[n], result.ends[n], result.observe[n], result.belief[n],
        )  # fmt: skip

    paid: dict[int, tuple[Floats, Floats]] = {}
    note(0)
    for n in range(count):
        number = game.graph_number(began + n)
        graph = game.graphs[number]
        if n == 0 and slot is not None:
            moving[slot, monitor.start[start], lanes] = weights
            busy[slot] = True
        else:
            enter_period(stands, graph.entry[0], moving, busy)
        if number not in paid:
            paid[number] = _payer_costs(play, number, payer)
        branch_paid, node_paid = paid[number]
        result.paid[n] = advance_grid_measure(
            graph.kind, graph.mover, graph.first, graph.successor, graph.label,
            play.offsets[number], play.chance(number), play.policies[began + n], axis_of,
            grid.low, grid.step, grid.size, grid.strides,
            viewer.weight, viewer.coordinate, viewer.logit,
            monitor.on_label, branch_paid, node_paid,
            moving[: graph.nodes], busy[: graph.nodes], result.events[n],
        )  # fmt: skip
        close_period(moving, busy, monitor.on_end, stands)
        note(n + 1)
    return result


def always_accepting_automaton(states: int, labels: int) -> MonitorAutomaton:
    """The automaton with one state, which accepts."""
    return MonitorAutomaton(
        start=np.zeros(states, dtype=np.int32),
        on_label=np.zeros((labels, 1), dtype=np.int32),
        on_end=np.zeros((states, 1), dtype=np.int32),
        accept=np.ones(1, dtype=np.bool_),
    )


def _payer_costs(
    play: Equilibrium, number: int, payer: tuple[str, int] | None
) -> tuple[Floats, Floats]:
    graph: PeriodGraph = play.game.graphs[number]
    if payer is None:
        return np.zeros(len(graph.successor)), np.zeros(graph.nodes)
    filled = play.numbers.graphs[number]
    party = play.game.parties.index(payer[0])
    moves = np.repeat(graph.mover == party, np.diff(graph.first))
    cost: Floats = np.where(moves, filled.cost[:, payer[1]], 0.0)
    return cost, filled.payment[:, play.game.readers.index(payer)]


def expected_rewards_to_go(
    play: Equilibrium,
    periods: int,
    *,
    rewards: Mapping[int, Floats],
    factors: Mapping[int, Floats] | None = None,
    monitor: MonitorAutomaton | None = None,
    viewer: ObserverMeasure | None = None,
) -> Floats:
    """(X, L) expected sum of rewards from each state and record at the beginning of period 0.

    rewards  what being somewhere after n periods is worth, by n: an array that fits (X, Q, L)
    factors  what all that is worth from there on is multiplied by after n periods, likewise
    monitor  automaton that runs beside the game from the start; none has one state
    viewer   whose probabilities are counted, the analyst's by default

    Only states and records that play can begin in have a meaning.

    >>> from ceasefire.game import build
    >>> from ceasefire.equilibrium import solve
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
    >>> reached = expected_rewards_to_go(play, 1, rewards={1: done})[0, 0]
    >>> float(reached.round(3))  # 1 / (1 + exp(-1))
    0.731
    """
    game, grid = play.game, play.records
    states = len(game.states)
    viewer = play.viewer() if viewer is None else viewer
    monitor = always_accepting_automaton(states, len(game.labels)) if monitor is None else monitor
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
            pull_back_rewards(
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
