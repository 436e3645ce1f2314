"""What a coalition can secure without a bound on time, between two bounds that hold.

After the last change of rules every period is the same, and the game beside the formula's
automaton is a graph with cycles on which one side maximises and the other minimises. The formula
settles: in each strongly connected part of the automaton every state accepts or none does, and
play stays in some part for ever. Parts are solved from the last to the first. Where staying is
failure the value is the least fixed point; where it is success, the same is asked of the others.

From below, iteration climbs to the least fixed point. From above it may stay too high on cycles
that the maximiser alone would keep up, so wherever the minimiser can hold play in an end
component its value is lowered to the best exit that a maximiser has there: the bounds hold
however early one stops, and meet in the limit. Where that limit is far, as where little happens
in a period, strategies are improved until none is better (see `improvement`); in too large a
game the two bounds then stay apart.

Source: Kelmendi, Krämer, Křetínský & Weininger (2018), Value iteration for simple stochastic
games: stopping criterion and learning algorithm, CAV; Hoffman & Karp (1966), On nonterminating
stochastic games, Management Science 12.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.coalitions.kernels import sweep_values
from ceasefire.coalitions.maxmin import Floats, coalition_mask, secured_in_period
from ceasefire.coalitions.strategy_iteration import (
    CHANCE_NODE,
    FIXED_NODE,
    MAXIMISER_NODE,
    MINIMISER_NODE,
    Bools,
    Ints,
    StochasticGame,
    solve_stochastic_game,
)
from ceasefire.errors import QuestionError, SolveError
from ceasefire.game.automaton import Automaton
from ceasefire.game.graph import CHANCE, DECISION, END, Game
from ceasefire.game.parameters import GameParameters

SIDES_SWAPPED = np.array([FIXED_NODE, CHANCE_NODE, MINIMISER_NODE, MAXIMISER_NODE], dtype=np.int8)
BOUND_WIDTH, EXIT_SLACK, SWEEPS_PER_ROUND, MOST_BOUND_ROUNDS, STRATEGY_ITERATION_ROUND = (
    1e-9,
    1e-12,
    50,
    400,
    2,
)


@dataclass(frozen=True, eq=False)
class ProductGame:
    """The game beside the automaton in the last stretch: node n in automaton state q is n Q + q."""

    kind: npt.NDArray[np.int8]
    first: Ints
    successor: Ints
    chance: Floats
    component: Ints  # (N Q,) which part of the automaton
    staying_succeeds: Bools  # (parts,) whether staying in it is success


def is_closed_game(game: Game) -> bool:
    """Whether play of the last stretch never leaves the states that the game knows."""
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

    The game must be closed (see `closed`). Its members maximise it together, all others minimise
    it; what the last stretch of periods allows is allowed for ever.

    Raises QuestionError for a formula that never settles, as `at_end(...)`, SolveError for a game
    that is not closed.

    Each period a coin decides whether a's attempt works; without end it works in the end:

    >>> from ceasefire.game import build, game_parameters
    >>> from ceasefire.case import loads
    >>> from ceasefire.query import read_question
    >>> from ceasefire.query.monitors import automaton_over_states
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
    """The two bounds, from the game of the last stretch."""
    low, high = np.zeros(len(product.kind)), np.ones(len(product.kind))
    for part in range(len(product.staying_succeeds)):
        _bound_component_values(product, part, low, high)
    bounds = []
    for values in (low, high):
        graph = game.graphs[-1]
        secured = values_at_period_start(game, values.reshape(graph.node_count, -1))
        for period in range(graph.first_period - 1, -1, -1):
            _, secured = secured_in_period(game, parameters, coalition, automaton, period, secured)
        bounds.append(float(secured[start, automaton.initial_state[start]]))
    return bounds[0], bounds[1]


def values_at_period_start(game: Game, values: Floats) -> Floats:
    """(X, Q) values at the start of a period of the last stretch, from those of its nodes."""
    begin = game.graphs[-1].step_entry[0]
    found = np.zeros((len(game.states), values.shape[1]))
    found[begin >= 0] = values[begin[begin >= 0]]
    return found


def build_product_game(
    game: Game, parameters: GameParameters, coalition: Collection[str], automaton: Automaton
) -> ProductGame:
    """The game of the last stretch beside the automaton."""
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
    begin = graph.step_entry[0].astype(np.int64)
    ends = np.flatnonzero(graph.node_kind == END)
    onward = np.where(
        begin[ends, None] >= 0, begin[ends, None] * size + automaton.period_end_transition[ends], -1
    )
    inner = (
        graph.successor[:, None].astype(np.int64) * size + automaton.label_transition[graph.label]
    )
    lists, chances, counts = [], [], []
    for slot in range(graph.node_count):
        if graph.node_kind[slot] == END:
            steps, odds = onward[slot][:, None], np.ones((size, 1))
        else:
            rows = slice(int(graph.first_branch[slot]), int(graph.first_branch[slot + 1]))
            steps = inner[rows].T
            odds = np.broadcast_to(chance[rows], steps.shape)
        kept = (odds > 0) & (steps >= 0)
        lists.append(steps[kept])
        chances.append(odds[kept])
        counts.append(kept.sum(axis=1))
    first = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    part, good = _automaton_components(automaton)
    return ProductGame(
        kind=np.repeat(kind, size),
        first=first,
        successor=np.concatenate(lists),
        chance=np.concatenate(chances),
        component=np.tile(part, graph.node_count),
        staying_succeeds=good,
    )


def _automaton_components(automaton: Automaton) -> tuple[Ints, Bools]:
    """(Q,) the part each automaton state lies in, what follows before what leads there."""
    size = automaton.state_count
    steps = np.concatenate([automaton.label_transition, automaton.period_end_transition])
    source = np.tile(np.arange(size), len(steps))
    count, part = _strong_components(source, steps.ravel(), size)
    follows = {(a, b) for a, b in zip(part[source], part[steps.ravel()], strict=True) if a != b}
    order: list[int] = []
    while len(order) < count:
        order += [
            p
            for p in range(count)
            if p not in order and all(b in order for a, b in follows if a == p)
        ]
    good = np.zeros(count, dtype=np.bool_)
    for place, p in enumerate(order):
        accepts = automaton.accepts()[part == p]
        if accepts.any() and not accepts.all():
            raise QuestionError(
                "without an end in time the formula never settles: at_end(...) needs a horizon"
            )
        good[place] = bool(accepts.all())
    return np.array([order.index(p) for p in part], dtype=np.int64), good


def _bound_component_values(
    product: ProductGame, component: int, low: Floats, high: Floats
) -> None:
    """Fill in the bounds of one part, those that follow being known."""
    here = np.flatnonzero(product.component == component)
    kind = node_kinds_in_component(product, component)
    one, other = (1.0 - high, 1.0 - low) if product.staying_succeeds[component] else (low, high)
    one[here], other[here] = 0.0, 1.0
    choice = np.full(len(kind), -1, dtype=np.int64)
    arena = StochasticGame(kind, product.first, product.successor, product.chance)
    for number in range(MOST_BOUND_ROUNDS):
        sweep_values(*arena, one, choice, SWEEPS_PER_ROUND, 0.0)
        sweep_values(*arena, other, choice, SWEEPS_PER_ROUND, 0.0)
        _deflate_end_components(product, kind, one, other)
        if number == STRATEGY_ITERATION_ROUND:
            _tighten_by_strategy_iteration(arena, one, other, choice)
        if (other[here] - one[here]).max(initial=0.0) <= BOUND_WIDTH:
            break
    if product.staying_succeeds[component]:
        low[here], high[here] = 1.0 - other[here], 1.0 - one[here]


def node_kinds_in_component(product: ProductGame, component: int) -> npt.NDArray[np.int8]:
    """(n,) who decides where, all but one part being known; the two swap where staying is good."""
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
    """How many parts a graph has in which all lead to all, and (size,) which each node lies in."""
    from scipy.sparse import csr_array  # slow to import, and needed without a bound on time only
    from scipy.sparse.csgraph import connected_components

    edges = csr_array((np.ones(len(source)), (source, target)), shape=(size, size))
    count, part = connected_components(edges, directed=True, connection="strong")
    return int(count), part


def _deflate_end_components(
    product: ProductGame, kind: npt.NDArray[np.int8], lower_values: Floats, upper_values: Floats
) -> None:
    """Lower each end component the minimiser can hold to the best exit a maximiser has."""
    source = np.repeat(np.arange(len(kind)), np.diff(product.first))
    target = product.successor
    inside = kind != FIXED_NODE
    held = inside[source] & inside[target]
    poor = (kind[source] == MINIMISER_NODE) & (
        lower_values[target] > lower_values[source] + EXIT_SLACK
    )
    held &= ~poor
    while True:
        _, block = _strong_components(source[held], target[held], len(kind))
        stays = held & (block[source] == block[target])
        leaves = np.zeros(len(kind), dtype=np.bool_)
        leaves[source[(kind[source] == CHANCE_NODE) & ~stays]] = True
        stuck = np.ones(len(kind), dtype=np.bool_)
        stuck[source[stays]] = False
        bad = leaves | stuck
        kept = stays & ~bad[source] & ~bad[target]
        if kept.sum() == held.sum():
            break
        held = kept
    if not held.any():
        return
    part_of = np.full(len(kind), -1, dtype=np.int64)
    part_of[source[held]] = block[source[held]]
    exits = (
        (kind[source] == MAXIMISER_NODE)
        & (part_of[source] >= 0)
        & (part_of[source] != part_of[target])
    )
    best = np.zeros(int(block.max()) + 1)
    np.maximum.at(best, part_of[source[exits]], upper_values[target[exits]])
    lower = part_of >= 0
    upper_values[lower] = np.minimum(upper_values[lower], best[part_of[lower]])
