"""A solved game played forwards: the exact probability of what happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ceasefire.equilibrium.kernels.grid_propagation import advance_grid_measure, pull_back_rewards
from ceasefire.equilibrium.kernels.period_boundary import (
    accumulate_expectations,
    close_period,
    enter_period,
)
from ceasefire.equilibrium.solution import Equilibrium, ObserverMeasure
from ceasefire.game.automaton import Automaton
from ceasefire.game.graph import PeriodGraph
from ceasefire.game.states import Floats


@dataclass(frozen=True, eq=False)
class ForwardDistribution:
    """What is expected after 0, 1, …, n periods; Q counts the automaton's states.

    automaton_mass     (n + 1, Q) probability of each automaton state
    expected_features  (n + 1, Q, m) expected features, where the automaton is in that state
    expected_beliefs   (n + 1, Q, P + 1, H) expected belief of each party, the analyst last, in the
                       first
             type of each party with types
    label_probability   (n, labels) probability of each label in each period
    expected_costs     (n,) what the payer is expected to pay for its moves and deals in each period
    state_probability     (n + 1, X) probability of each public state
    standing (X, Q, L) probability of state, automaton state and record after the last period
    """

    automaton_mass: Floats
    expected_features: Floats
    expected_beliefs: Floats
    label_probability: Floats
    expected_costs: Floats
    state_probability: Floats
    final_measure: Floats


def propagate_forward(
    equilibrium: Equilibrium,
    start_state: int = 0,
    *,
    automaton: Automaton | None = None,
    observer: ObserverMeasure | None = None,
    periods: int | None = None,
    state_features: Floats | None = None,
    payer: tuple[str, int] | None = None,
    start_node: int | None = None,
    start_record: Sequence[float] | None = None,
    first_period: int = 0,
    initial_measure: Floats | None = None,
) -> ForwardDistribution:
    """Play forwards from a state, or from a node in the midst of a period.

    start_state    public state in which the first period begins
    automaton  automaton to run beside the game; none has one state that accepts
    observer   whose probabilities are counted, the analyst's by default
    periods  how many periods to play, the case's horizon by default
    state_features  (X, m) features of the public state
    payer    (party, type index) whose costs are counted
    start_node     node of the first period at which to begin instead of its start
    start_record   public record at which to begin, the prior one by default
    first_period    number of the first period
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
    >>> equilibrium = solve(build(case))
    >>> propagate_forward(equilibrium).state_probability.round(3)  # at first 0, then 1 / (1 + e^-1)
    array([[1.   , 0.   ],
           [0.269, 0.731]])
    """
    game, grid = equilibrium.game, equilibrium.belief_grid
    observer = equilibrium.observer_measure() if observer is None else observer
    automaton = (
        Automaton.always_accepting(game.states.shape[0], len(game.labels))
        if automaton is None
        else automaton
    )
    count = game.case.horizon if periods is None else periods
    shape = len(game.states), len(automaton.accepting), grid.point_count
    states, size, lanes_in_all = shape
    features = np.zeros((states, 0)) if state_features is None else state_features
    beliefs = equilibrium.point_beliefs
    axis_of = game.type_axis
    room = max(graph.node_count for graph in game.graphs)
    moving = np.zeros((room, size, lanes_in_all))
    busy = np.zeros(room, dtype=np.bool_)
    result = ForwardDistribution(
        automaton_mass=np.zeros((count + 1, size)),
        expected_features=np.zeros((count + 1, size, features.shape[1])),
        expected_beliefs=np.zeros((count + 1, size, *beliefs.shape[:2])),
        label_probability=np.zeros((count, len(game.labels))),
        expected_costs=np.zeros(count),
        state_probability=np.zeros((count + 1, states)),
        final_measure=np.zeros(shape),
    )
    stands = result.final_measure
    lanes, weights = equilibrium.interpolate(
        equilibrium.prior_record if start_record is None else tuple(start_record), observer
    )
    if initial_measure is None:
        stands[start_state, automaton.initial_state[start_state], lanes] = weights
    else:
        stands[:] = initial_measure

    def note(n: int) -> None:
        accumulate_expectations(
            stands, features, beliefs,
            result.automaton_mass[n], result.state_probability[n], result.expected_features[n],
            result.expected_beliefs[n],
        )  # fmt: skip

    paid: dict[int, tuple[Floats, Floats]] = {}
    note(0)
    for n in range(count):
        number = game.graph_index(first_period + n)
        graph = game.graphs[number]
        if n == 0 and start_node is not None:
            moving[start_node, automaton.initial_state[start_state], lanes] = weights
            busy[start_node] = True
        else:
            enter_period(stands, graph.step_entry[0], moving, busy)
        if number not in paid:
            paid[number] = _payer_costs(equilibrium, number, payer)
        branch_paid, node_paid = paid[number]
        result.expected_costs[n] = advance_grid_measure(
            graph.node_kind, graph.mover, graph.first_branch, graph.successor, graph.label,
            equilibrium.policy_offsets[number], equilibrium.chance_probabilities(number),
            equilibrium.policies[first_period + n], axis_of,
            grid.lowest_record, grid.spacing, grid.axis_size, grid.strides,
            observer.first_type_probability, observer.interpolation_belief, observer.prior_logit,
            automaton.label_transition, branch_paid, node_paid,
            moving[: graph.node_count], busy[: graph.node_count], result.label_probability[n],
        )  # fmt: skip
        close_period(moving, busy, automaton.period_end_transition, stands)
        note(n + 1)
    return result


def _payer_costs(
    equilibrium: Equilibrium, number: int, payer: tuple[str, int] | None
) -> tuple[Floats, Floats]:
    graph: PeriodGraph = equilibrium.game.graphs[number]
    if payer is None:
        return np.zeros(len(graph.successor)), np.zeros(graph.node_count)
    filled = equilibrium.parameters.by_graph[number]
    party = equilibrium.game.parties.index(payer[0])
    moves = np.repeat(graph.mover == party, np.diff(graph.first_branch))
    cost: Floats = np.where(moves, filled.cost[:, payer[1]], 0.0)
    return cost, filled.payment_by_type[:, equilibrium.game.player_types.index(payer)]


def expected_rewards_to_go(
    equilibrium: Equilibrium,
    periods: int,
    *,
    rewards: Mapping[int, Floats],
    factors: Mapping[int, Floats] | None = None,
    automaton: Automaton | None = None,
    observer: ObserverMeasure | None = None,
) -> Floats:
    """(X, L) expected sum of rewards from each state and record at the beginning of period 0.

    rewards  what being somewhere after n periods is worth, by n: an array that fits (X, Q, L)
    factors  what all that is worth from there on is multiplied by after n periods, likewise
    automaton  automaton that runs beside the game from the start; none has one state
    observer   whose probabilities are counted, the analyst's by default

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
    game, grid = equilibrium.game, equilibrium.belief_grid
    states = len(game.states)
    observer = equilibrium.observer_measure() if observer is None else observer
    automaton = (
        Automaton.always_accepting(states, len(game.labels)) if automaton is None else automaton
    )
    size, lanes = len(automaton.accepting), grid.point_count
    every = np.arange(states)
    worth = np.zeros((states, size, lanes))
    buffer = np.zeros((max(graph.node_count for graph in game.graphs), size, lanes))
    for n in range(periods, -1, -1):
        if n < periods:
            number = game.graph_index(n)
            graph = game.graphs[number]
            moving = buffer[: graph.node_count]
            moving[:states] = worth[every[:, None], automaton.period_end_transition]
            pull_back_rewards(
                graph.node_kind, graph.mover, graph.first_branch, graph.successor, graph.label,
                equilibrium.policy_offsets[number], equilibrium.chance_probabilities(number),
                equilibrium.policies[n], game.type_axis,
                grid.lowest_record, grid.spacing, grid.axis_size, grid.strides,
                observer.first_type_probability, observer.interpolation_belief,
                observer.prior_logit, automaton.label_transition, moving,
            )  # fmt: skip
            worth = np.where(
                (graph.step_entry[0] >= 0)[:, None, None], moving[graph.step_entry[0]], 0.0
            )
        worth = worth + rewards.get(n, 0.0)
        if factors is not None and n in factors:
            worth = worth * factors[n]
    begun: Floats = worth[every, automaton.initial_state]
    return begun
