"""What can a coalition secure without a bound on time? Two bounds that hold.

After the last change of rules every period is the same. That last phase of the game, together
with the formula's automaton, is a graph with cycles on which one side maximises and the other
minimises. The formula
settles: in each strongly connected part of the automaton every state accepts or none does, and
play stays in some part for ever. Parts are solved from the last to the first. Where staying is
failure the value is the least fixed point; where it is success, the same is asked of the others.

From below, iteration climbs to the least fixed point. From above it may stay too high on cycles
that the maximiser alone would keep up, so wherever the minimiser can hold play in an end
component its value is lowered to the best exit that a maximiser has there: the bounds hold
however early one stops, and meet in the limit. Where that limit is far, as where little happens
in a period, strategies are improved until none is better (see `strategy_iteration`); in too large a
game the two bounds then stay apart.

Source: Kelmendi, Krämer, Křetínský & Weininger (2018), Value iteration for simple stochastic
games: stopping criterion and learning algorithm, CAV; Hoffman & Karp (1966), On nonterminating
stochastic games, Management Science 12.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.coalitions.kernels import (
    CHANCE_NODE,
    FIXED_NODE,
    MAXIMISER_NODE,
    MINIMISER_NODE,
    StochasticGame,
    sweep_values,
)
from ceasefire.coalitions.maxmin import (
    Floats,
    coalition_mask,
    secured_in_period,
    values_at_period_start,
)
from ceasefire.coalitions.strategy_iteration import Bools, Ints, solve_stochastic_game
from ceasefire.errors import QuestionError, SolveError
from ceasefire.game.graph import CHANCE, DECISION, END, Automaton, Game
from ceasefire.game.parameters import GameParameters

# indexed by the kind of a node
SIDES_SWAPPED = np.array([FIXED_NODE, CHANCE_NODE, MINIMISER_NODE, MAXIMISER_NODE], dtype=np.int8)
BOUND_WIDTH = 1e-9  # the bounds have met
EXIT_SLACK = 1e-12  # a minimiser loses nothing by a branch that is worse by no more
SWEEPS_PER_ROUND = 50
MOST_BOUND_ROUNDS = 400
STRATEGY_ITERATION_ROUND = 2  # after this round strategies are improved, once


@dataclass(frozen=True, eq=False)
class ProductGame:
    """The last phase together with the automaton: node n in automaton state q is n Q + q.

    kind       (N Q,) FIXED_NODE, CHANCE_NODE, MAXIMISER_NODE or MINIMISER_NODE
    first      (N Q + 1,) where each node's branches begin
    successor  (B,) node that a branch leads to
    chance     (B,) probability of a chance branch, 1 elsewhere
    component  (N Q,) strongly connected part of the automaton that a node lies in
    staying_succeeds  (components,) whether play that stays there for ever satisfies the formula
    """

    kind: npt.NDArray[np.int8]
    first: Ints
    successor: Ints
    chance: Floats
    component: Ints
    staying_succeeds: Bools


def is_closed_game(game: Game) -> bool:
    """Whether play in the last phase never leaves the states that the game knows."""
    graph = game.graphs[-1]
    known = graph.step_entry[0] >= 0
    reached = np.zeros(graph.node_count, dtype=np.bool_)
    reached[graph.step_entry[0][known]] = True
    for slot in range(graph.node_count - 1, len(game.states) - 1, -1):
        if reached[slot]:
            reached[graph.successor[graph.first_branch[slot] : graph.first_branch[slot + 1]]] = True
    return bool(known[reached[: len(game.states)]].all())


def secured_forever_bounds(
    game: Game,
    parameters: GameParameters,
    coalition: Collection[str],
    automaton: Automaton,
    start: int = 0,
) -> tuple[float, float]:
    """Two bounds on the probability that a coalition can secure a formula, if play never ends.

    The game must be closed (see `is_closed_game`). The members maximise it together, all others
    minimise it; what the rules of the last phase allow is allowed for ever.

    parameters  the numbers of one world
    coalition   names of its members
    automaton   the formula's automaton, expanded to the public states
    start       public state in which play begins

    Raises QuestionError for a formula that never settles, as `at_end(...)`, SolveError for a game
    that is not closed.

    Each period a coin decides whether a's attempt works; without end it works in the end:

    >>> from ceasefire.game import build, game_parameters
    >>> from ceasefire.case import loads
    >>> from ceasefire.query import read_question
    >>> from ceasefire.query.automata import automaton_over_states
    >>> game = build(loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}}
    ... state: {done: {}}
    ... moves: {attempt: {by: a, when: not done, outcomes: [{chance: 0.5, set: {done: true}}]}}
    ... '''))
    >>> formula = read_question(game.case, "P(eventually(done))").quantities[0].formula
    >>> done = automaton_over_states(game, [formula], {})
    >>> low, high = secured_forever_bounds(game, game_parameters(game), ["a"], done)
    >>> low > 1 - 1e-8, high
    (True, 1.0)
    """
    if not is_closed_game(game):
        raise SolveError("the game does not know all states that play without end can reach")
    return bounds_in_product_game(
        game,
        parameters,
        coalition,
        automaton,
        build_product_game(game, parameters, coalition, automaton),
        start,
    )


def bounds_in_product_game(
    game: Game,
    parameters: GameParameters,
    coalition: Collection[str],
    automaton: Automaton,
    product: ProductGame,
    start: int,
) -> tuple[float, float]:
    """The two bounds, from the product game of the last phase."""
    low, high = np.zeros(len(product.kind)), np.ones(len(product.kind))
    for component in range(len(product.staying_succeeds)):
        _bound_component_values(product, component, low, high)
    bounds = []
    for values in (low, high):
        graph = game.graphs[-1]
        secured = values_at_period_start(graph, values.reshape(graph.node_count, -1))
        for period in range(graph.first_period - 1, -1, -1):
            _, secured = secured_in_period(game, parameters, coalition, automaton, period, secured)
        bounds.append(float(secured[start, automaton.initial_state[start]]))
    return bounds[0], bounds[1]


def build_product_game(
    game: Game, parameters: GameParameters, coalition: Collection[str], automaton: Automaton
) -> ProductGame:
    """The product of the last phase and the automaton.

    coalition   parties that maximise; all others minimise
    automaton   the formula's automaton, expanded to the public states

    Raises QuestionError for a formula that never settles.
    """
    graph, size = game.graphs[-1], automaton.state_count
    inside = coalition_mask(game, coalition)
    kind = np.full(graph.node_count, CHANCE_NODE, dtype=np.int8)
    decides = graph.node_kind == DECISION
    kind[decides] = np.where(inside[graph.mover[decides]], MAXIMISER_NODE, MINIMISER_NODE)
    chance = np.where(
        np.repeat(graph.node_kind == CHANCE, np.diff(graph.first_branch)),
        parameters.by_graph[-1].chance,
        1.0,
    )
    entry = graph.step_entry[0].astype(np.int64)
    ends = np.flatnonzero(graph.node_kind == END)
    next_period = np.where(
        entry[ends, None] >= 0, entry[ends, None] * size + automaton.period_end_transition[ends], -1
    )
    within_period = (
        graph.successor[:, None].astype(np.int64) * size + automaton.label_transition[graph.label]
    )
    successors, chances, counts = [], [], []
    for slot in range(graph.node_count):
        if graph.node_kind[slot] == END:
            targets, odds = next_period[slot][:, None], np.ones((size, 1))
        else:
            rows = slice(int(graph.first_branch[slot]), int(graph.first_branch[slot + 1]))
            targets = within_period[rows].T
            odds = np.broadcast_to(chance[rows], targets.shape)
        kept = (odds > 0) & (targets >= 0)
        successors.append(targets[kept])
        chances.append(odds[kept])
        counts.append(kept.sum(axis=1))
    first = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    component, staying_succeeds = _automaton_components(automaton)
    return ProductGame(
        kind=np.repeat(kind, size),
        first=first,
        successor=np.concatenate(successors),
        chance=np.concatenate(chances),
        component=np.tile(component, graph.node_count),
        staying_succeeds=staying_succeeds,
    )


def _automaton_components(automaton: Automaton) -> tuple[Ints, Bools]:
    """(Q,) the component of each automaton state, numbered so that successors come first.

    Also (components,) whether staying in each satisfies the formula.
    """
    size = automaton.state_count
    targets = np.concatenate([automaton.label_transition, automaton.period_end_transition])
    source, target = np.tile(np.arange(size), len(targets)), targets.ravel()
    count, block = _strong_components(source, target, size)
    follows = {(a, b) for a, b in zip(block[source], block[target], strict=True) if a != b}
    order: list[int] = []
    while len(order) < count:
        order += [
            a
            for a in range(count)
            if a not in order and all(b in order for c, b in follows if c == a)
        ]
    staying_succeeds = np.zeros(count, dtype=np.bool_)
    for number, a in enumerate(order):
        accepts = automaton.accepts()[block == a]
        if accepts.any() and not accepts.all():
            raise QuestionError(
                "without an end in time the formula never settles: at_end(...) needs a horizon"
            )
        staying_succeeds[number] = bool(accepts.all())
    return np.array([order.index(a) for a in block], dtype=np.int64), staying_succeeds


def _bound_component_values(
    product: ProductGame, component: int, low: Floats, high: Floats
) -> None:
    """Fill in the bounds of one component, those of its successors being known."""
    here = np.flatnonzero(product.component == component)
    kind = node_kinds_in_component(product, component)
    succeeds = product.staying_succeeds[component]
    lower, upper = (1.0 - high, 1.0 - low) if succeeds else (low, high)
    lower[here], upper[here] = 0.0, 1.0
    choice = np.full(len(kind), -1, dtype=np.int64)
    arena = StochasticGame(kind, product.first, product.successor, product.chance)
    for number in range(MOST_BOUND_ROUNDS):
        sweep_values(arena, lower, choice, SWEEPS_PER_ROUND, 0.0)
        sweep_values(arena, upper, choice, SWEEPS_PER_ROUND, 0.0)
        _deflate_end_components(product, kind, lower, upper)
        if number == STRATEGY_ITERATION_ROUND:
            _tighten_by_strategy_iteration(arena, lower, upper, choice)
        if (upper[here] - lower[here]).max(initial=0.0) <= BOUND_WIDTH:
            break
    if succeeds:
        low[here], high[here] = 1.0 - upper[here], 1.0 - lower[here]


def node_kinds_in_component(product: ProductGame, component: int) -> npt.NDArray[np.int8]:
    """(n,) kinds with all but one component fixed; the sides swap where staying succeeds."""
    kind = np.where(product.component == component, product.kind, FIXED_NODE).astype(np.int8)
    return SIDES_SWAPPED[kind] if product.staying_succeeds[component] else kind


def _tighten_by_strategy_iteration(
    arena: StochasticGame, lower_values: Floats, upper_values: Floats, choice: Ints
) -> None:
    """Draw the bounds together by strategy improvement, where it comes to rest."""
    for values, sign in ((lower_values, -1.0), (upper_values, 1.0)):
        guess = np.where(arena.kind == FIXED_NODE, values, lower_values)
        found = solve_stochastic_game(arena, guess, choice)
        if found is not None:
            bound = np.clip(found.value + sign * found.rounding_error, 0.0, 1.0)
            inner = arena.kind != FIXED_NODE
            nearer = np.maximum if sign < 0 else np.minimum
            values[inner] = nearer(values[inner], bound[inner])


def _strong_components(source: Ints, target: Ints, size: int) -> tuple[int, Ints]:
    """How many components a graph has in which all lead to all, and (size,) that of each node."""
    from scipy.sparse import csr_array  # slow to import, and needed without a bound on time only
    from scipy.sparse.csgraph import connected_components

    edges = csr_array((np.ones(len(source)), (source, target)), shape=(size, size))
    count, block = connected_components(edges, directed=True, connection="strong")
    return int(count), block


def _deflate_end_components(
    product: ProductGame, kind: npt.NDArray[np.int8], lower_values: Floats, upper_values: Floats
) -> None:
    """Lower each end component the minimiser can hold to the best exit a maximiser has."""
    source = np.repeat(np.arange(len(kind)), np.diff(product.first))
    target = product.successor
    held, block = _end_components(kind, source, target, lower_values)
    if not held.any():
        return
    component = np.full(len(kind), -1, dtype=np.int64)
    component[source[held]] = block[source[held]]
    exits = (
        (kind[source] == MAXIMISER_NODE)
        & (component[source] >= 0)
        & (component[source] != component[target])
    )
    best = np.zeros(int(block.max()) + 1)
    np.maximum.at(best, component[source[exits]], upper_values[target[exits]])
    inside = component >= 0
    upper_values[inside] = np.minimum(upper_values[inside], best[component[inside]])


def _end_components(
    kind: npt.NDArray[np.int8], source: Ints, target: Ints, lower_values: Floats
) -> tuple[Bools, Ints]:
    """(B,) branches inside end components that the minimiser can hold, and (n,) their numbers.

    The minimiser takes no branch by which it would lose.
    """
    free = kind != FIXED_NODE
    losing_branch = (kind[source] == MINIMISER_NODE) & (
        lower_values[target] > lower_values[source] + EXIT_SLACK
    )
    held = free[source] & free[target] & ~losing_branch
    while True:
        _, block = _strong_components(source[held], target[held], len(kind))
        stays = held & (block[source] == block[target])
        leaves = np.zeros(len(kind), dtype=np.bool_)
        leaves[source[(kind[source] == CHANCE_NODE) & ~stays]] = True
        stuck = np.ones(len(kind), dtype=np.bool_)
        stuck[source[stays]] = False
        outside = leaves | stuck
        kept = stays & ~outside[source] & ~outside[target]
        if kept.sum() == held.sum():
            return held, block
        held = kept
