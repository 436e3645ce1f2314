"""What happens in a solved game with which probability, and what is to be expected from a state?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ceasefire.equilibrium.kernels.grid_propagation import advance_grid_measure, pull_back_rewards
from ceasefire.equilibrium.kernels.many_types_induction import SimplexArrays
from ceasefire.equilibrium.kernels.many_types_propagation import (
    TypeReaderArrays,
    advance_simplex_measure,
    pull_back_simplex_rewards,
)
from ceasefire.equilibrium.kernels.period_boundary import (
    accumulate_expectations,
    close_period,
    enter_period,
)
from ceasefire.equilibrium.kernels.structures import (
    PayerCosts,
    graph_arrays,
    grid_arrays,
    observer_arrays,
    period_policy,
)
from ceasefire.equilibrium.many_types import ManyTypeEquilibrium, type_reader_arrays
from ceasefire.equilibrium.solution import Equilibrium, ObserverMeasure
from ceasefire.game.graph import Automaton
from ceasefire.game.states import Floats
from ceasefire.stopping import interruptible


@dataclass(frozen=True, eq=False)
class ForwardDistribution:
    """What is expected after 0, 1, …, n periods; Q counts the automaton's states.

    automaton_mass     (n + 1, Q) probability of each automaton state
    expected_features  (n + 1, Q, m) expected features, where the automaton is in that state
    expected_beliefs   (n + 1, Q, P + 1, H) expected belief of each party, the analyst last, in the
                       first type of each party with types, where the automaton is in that state
    label_probability  (n, labels) probability of each label in each period
    expected_costs     (n,) what the payer is expected to pay for its moves and deals in each period
    state_probability  (n + 1, X) probability of each public state
    final_measure      (X, C * Q, L) probability of state, automaton state and record after the
                       last period, automaton states once for each of the observer's C combinations
                       of known types
    """

    automaton_mass: Floats
    expected_features: Floats
    expected_beliefs: Floats
    label_probability: Floats
    expected_costs: Floats
    state_probability: Floats
    final_measure: Floats


@interruptible
def propagate_forward(
    equilibrium: Equilibrium,
    start_state: int = 0,
    *,
    automaton: Automaton | None = None,
    observer: ObserverMeasure | None = None,
    periods: int | None = None,
    state_features: Floats | Sequence[Floats] | None = None,
    payer: tuple[str, int] | None = None,
    start_node: int | None = None,
    start_record: Sequence[float] | None = None,
    first_period: int = 0,
    initial_measure: Floats | None = None,
    node_measure: Mapping[int, Floats] | None = None,
) -> ForwardDistribution:
    """Play forwards from a state, or from a node in the midst of a period.

    start_state      public state in which the first period begins
    automaton        automaton to run beside the game; one state that accepts by default
    observer         whose probabilities are counted, the analyst's by default
    periods          how many periods to play, the case's horizon by default
    state_features   (X, m) features of the public state whose expectation is taken, or (X, m, L)
                     if they depend on the record; one such array for each combination of known
                     types where they depend on these
    payer            (party, type index) whose costs are counted, of whichever type it then is
    start_node       node of the first period at which to begin instead of its start
    start_record     public record at which to begin, the prior one by default
    first_period     number of the first period
    initial_measure  (X, Q, L) measure to begin with instead of a state, or (X, C * Q, L); it need
                     not sum to 1
    node_measure     {node: (Q, L) measure, or (C * Q, L)} nodes of the first period from which the
                     same measure goes on, where it stands in the midst of that period

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
    game = equilibrium.game
    observer = equilibrium.observer_measure() if observer is None else observer
    automaton = automaton or Automaton.always_accepting(len(game.states), len(game.labels))
    count = game.case.horizon if periods is None else periods
    features = np.zeros((len(game.states), 0)) if state_features is None else state_features
    if isinstance(features, np.ndarray):
        features = (features,) * observer.combination_count
    forward = _ForwardPropagation(equilibrium, automaton, observer, features, payer, count)
    points, weights = equilibrium.interpolate(
        equilibrium.prior_record if start_record is None else tuple(start_record), observer
    )
    automaton_state = automaton.initial_state[start_state] + forward.first_automaton_state
    if initial_measure is None:
        forward.measure[start_state, automaton_state, points] = weights
    else:
        forward.place(forward.measure, initial_measure)
    forward.record_expectations(0)
    for n in range(count):
        if n == 0 and start_node is not None:
            forward.node_mass[start_node, automaton_state, points] = weights
            forward.node_active[start_node] = True
        elif n == 0 and node_measure is not None:
            for node, measure in node_measure.items():
                forward.place(forward.node_mass[node][None], measure[None])
                forward.node_active[node] = True
        else:
            forward.enter_period(first_period + n)
        forward.finish_period(n, first_period + n)
    return forward.result


class _ForwardPropagation:
    """The measure as it moves from period to period, and what has been expected so far."""

    def __init__(
        self,
        equilibrium: Equilibrium,
        automaton: Automaton,
        observer: ObserverMeasure,
        features: Sequence[Floats],
        payer: tuple[str, int] | None,
        periods: int,
    ) -> None:
        game = equilibrium.game
        self.equilibrium, self.automaton, self.payer = equilibrium, automaton, payer
        self.features, self.beliefs = features, equilibrium.point_beliefs
        self._public_features = [each if each.ndim == 2 else each[:, :0, 0] for each in features]
        self._known = observer
        self._on_simplex = _arrays_on_simplex(equilibrium, observer)
        self._label_transition = observer.transitions_by_combination(automaton.label_transition)
        self._period_end_transition = observer.transitions_by_combination(
            automaton.period_end_transition
        )
        states, size = len(game.states), len(automaton.accepting)
        points = equilibrium.belief_grid.point_count
        moving = size * observer.combination_count
        most_nodes = max(graph.node_count for graph in game.graphs)
        self.node_mass = np.zeros((most_nodes, moving, points))
        self.node_active = np.zeros(most_nodes, dtype=np.bool_)
        self.measure = np.zeros((states, moving, points))
        self.result = ForwardDistribution(
            automaton_mass=np.zeros((periods + 1, size)),
            expected_features=np.zeros((periods + 1, size, features[0].shape[1])),
            expected_beliefs=np.zeros((periods + 1, size, *self.beliefs.shape[:2])),
            label_probability=np.zeros((periods, len(game.labels))),
            expected_costs=np.zeros(periods),
            state_probability=np.zeros((periods + 1, states)),
            final_measure=self.measure,
        )
        self._costs_by_graph: dict[int, PayerCosts] = {}

    def record_expectations(self, n: int) -> None:
        """Fill the entries of the result for the time after n periods."""
        result, size = self.result, len(self.automaton.accepting)
        for number, features in enumerate(self.features):
            measure = np.ascontiguousarray(self.measure[:, size * number : size * (number + 1)])
            accumulate_expectations(
                measure, self._public_features[number], self.beliefs,
                result.automaton_mass[n], result.state_probability[n], result.expected_features[n],
                result.expected_beliefs[n],
            )  # fmt: skip
            if features.ndim == 3:
                result.expected_features[n] += np.einsum("xql,xml->qm", measure, features)

    @property
    def first_automaton_state(self) -> int:
        """The number of the automaton's first state in the combination of types known at first."""
        return self._known.first_combination * len(self.automaton.accepting)

    def place(self, target: Floats, measure: Floats) -> None:
        """Begin with a measure (n, Q, L) of the types known at first, or with (n, C * Q, L)."""
        first = self.first_automaton_state if measure.shape[1] < target.shape[1] else 0
        target[:, first : first + measure.shape[1]] = measure

    def enter_period(self, period: int) -> None:
        """Put what stands in each state at the node where the period begins in it."""
        entry = self.equilibrium.game.graph_of(period).step_entry[0]
        enter_period(self.measure, entry, self.node_mass, self.node_active)

    def finish_period(self, n: int, period: int) -> None:
        """Move what has entered the period, the n-th that is played, to its end."""
        equilibrium, game = self.equilibrium, self.equilibrium.game
        number = game.graph_index(period)
        graph = game.graphs[number]
        if number not in self._costs_by_graph:
            self._costs_by_graph[number] = _payer_costs(
                equilibrium, number, self.payer, self._known
            )
        moved = (
            self.node_mass[: graph.node_count], self.node_active[: graph.node_count],
            self.result.label_probability[n],
        )  # fmt: skip
        if self._on_simplex is not None:
            self.result.expected_costs[n] = advance_simplex_measure(
                graph_arrays(graph), period_policy(equilibrium, period),
                equilibrium.chance_probabilities(number), *self._on_simplex,
                self._label_transition, self._costs_by_graph[number], *moved,
            )  # fmt: skip
        else:
            self.result.expected_costs[n] = advance_grid_measure(
                graph_arrays(graph), period_policy(equilibrium, period),
                equilibrium.chance_probabilities(number),
                equilibrium.parameters.by_graph[number].renewal_record,
                grid_arrays(equilibrium.belief_grid), equilibrium.grid_size,
                observer_arrays(self._known), self._label_transition,
                self._costs_by_graph[number], *moved,
            )  # fmt: skip
        close_period(self.node_mass, self.node_active, self._period_end_transition, self.measure)
        self.record_expectations(n + 1)


def _arrays_on_simplex(
    equilibrium: Equilibrium, observer: ObserverMeasure
) -> tuple[SimplexArrays, TypeReaderArrays] | None:
    """The grid and the observer of a game in which a party has more than two types, else None."""
    if not isinstance(equilibrium, ManyTypeEquilibrium):
        return None
    grid = equilibrium.simplex
    return grid.arrays, type_reader_arrays(observer, grid)


def _payer_costs(
    equilibrium: Equilibrium,
    number: int,
    payer: tuple[str, int] | None,
    observer: ObserverMeasure,
) -> PayerCosts:
    """What a party pays in a graph by the combinations of known types; nothing without one."""
    graph, count = equilibrium.game.graphs[number], observer.combination_count
    if payer is None:
        return PayerCosts(
            np.zeros((count, len(graph.successor))), np.zeros((count, graph.node_count))
        )
    parameters = equilibrium.parameters.by_graph[number]
    party = equilibrium.game.parties.index(payer[0])
    moves = np.repeat(graph.mover == party, np.diff(graph.first_branch))
    kinds = [type_in_combination(equilibrium, payer, observer, each) for each in range(count)]
    players = [equilibrium.game.player_types.index((payer[0], kind)) for kind in kinds]
    return PayerCosts(
        np.array([np.where(moves, parameters.cost[:, kind], 0.0) for kind in kinds]),
        np.ascontiguousarray(parameters.payment_by_type[:, players].T),
    )


def type_in_combination(
    equilibrium: Equilibrium, player: tuple[str, int], observer: ObserverMeasure, combination: int
) -> int:
    """The type that a party is of, or knows, in a combination of the types that an observer knows.

    player  the party, and its type where the combination does not say it
    """
    game = equilibrium.game
    axis = int(game.type_axis[game.parties.index(player[0])])
    bit = int(observer.known_bits[axis]) if axis >= 0 else 0
    return int(combination & bit > 0) if bit else player[1]


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

    periods    how many periods to look ahead
    rewards    {n: reward after n periods}, each an array that broadcasts to (X, Q, L)
    factors    {n: factor on all rewards from then on}, likewise
    automaton  automaton that runs beside the game from the start; one state by default
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
    automaton = automaton or Automaton.always_accepting(states, len(game.labels))
    size, points = len(automaton.accepting), grid.point_count
    every = np.arange(states)
    moving = size * observer.combination_count
    label_transition = observer.transitions_by_combination(automaton.label_transition)
    end_transition = observer.transitions_by_combination(automaton.period_end_transition)
    value = np.zeros((states, moving, points))
    buffer = np.zeros((max(graph.node_count for graph in game.graphs), moving, points))

    on_simplex = _arrays_on_simplex(equilibrium, observer)

    def by_combination(given: Floats | float) -> Floats | float:
        each_state = isinstance(given, np.ndarray) and given.ndim > 1 and given.shape[-2] == size
        return (
            np.concatenate([given] * observer.combination_count, axis=-2) if each_state else given
        )

    for n in range(periods, -1, -1):
        if n < periods:
            number = game.graph_index(n)
            graph = game.graphs[number]
            node_value = buffer[: graph.node_count]
            node_value[:states] = value[every[:, None], end_transition]
            if on_simplex is not None:
                pull_back_simplex_rewards(
                    graph_arrays(graph), period_policy(equilibrium, n),
                    equilibrium.chance_probabilities(number), *on_simplex, label_transition,
                    node_value,
                )  # fmt: skip
            else:
                pull_back_rewards(
                    graph_arrays(graph), period_policy(equilibrium, n),
                    equilibrium.chance_probabilities(number),
                    equilibrium.parameters.by_graph[number].renewal_record, grid_arrays(grid),
                    grid.axis_size, observer_arrays(observer), label_transition, node_value,
                )  # fmt: skip
            value = np.where(
                (graph.step_entry[0] >= 0)[:, None, None], node_value[graph.step_entry[0]], 0.0
            )
        value = value + by_combination(rewards.get(n, 0.0))
        if factors is not None and n in factors:
            value = value * by_combination(factors[n])
    at_start: Floats = value[every, automaton.initial_state + size * observer.first_combination]
    return at_start
