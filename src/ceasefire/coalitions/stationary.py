"""How does a coalition secure a goal without a bound on time? By choices that ignore the clock.

In games of chance without end both sides have optimal strategies that choose by where play
stands alone, but not every best choice belongs to one: who may act now or as well later may wait
for ever. So a period's delay is made to cost the share `DELAY_COST`, the strategy best under that
is taken, and what it secures without the cost is found by playing it against everyone else.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from ceasefire.coalitions.kernels import (
    ANY_BRANCH,
    CHANCE_NODE,
    FIXED_NODE,
    MAXIMISER_NODE,
    StochasticGame,
)
from ceasefire.coalitions.maxmin import (
    StrategyChoice,
    coalition_mask,
    follow_strategy,
    list_strategy_choices,
    values_at_period_start,
)
from ceasefire.coalitions.reachability import (
    ProductGame,
    bounds_in_product_game,
    build_product_game,
    node_kinds_in_component,
)
from ceasefire.coalitions.strategy_iteration import Bools, Floats, Ints, solve_stochastic_game
from ceasefire.errors import SolveError
from ceasefire.game.graph import END, Automaton, Game
from ceasefire.game.parameters import GameParameters

DELAY_COST = 1e-5  # share of the value that a period's delay costs
CHOICE_TIE_TOLERANCE = 1e-10  # probabilities no further apart are equally good


def stationary_strategy(
    game: Game,
    parameters: GameParameters,
    coalition: Collection[str],
    automaton: Automaton,
    start: int = 0,
    *,
    described: Collection[str] | None = None,
) -> tuple[tuple[StrategyChoice, ...], float]:
    """What the members choose wherever some option does worse, and what that secures.

    Choices in periods before the rules last change are given for their period; those of the first
    period after it hold from then on.

    parameters  the numbers of one world
    coalition   names of its members
    automaton   the formula's automaton, expanded to the public states
    start       public state in which play begins
    described   parties whose choices are given, the members if None; those of others are the ones
                that keep the coalition lowest

    Raises SolveError for a game too large for it.

    a tries until it works, and never has to look at the clock:

    >>> from ceasefire.game import build, game_parameters
    >>> from ceasefire.case import loads
    >>> from ceasefire.query import read_question
    >>> from ceasefire.query.automata import automaton_over_states
    >>> game = build(loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}, b: {}}
    ... state: {done: {}}
    ... moves: {attempt: {by: a, when: not done, outcomes: [{chance: 0.5, set: {done: true}}]}}
    ... '''))
    >>> formula = read_question(game.case, "P(eventually(done))").quantities[0].formula
    >>> done = automaton_over_states(game, [formula], {})
    >>> choices, value = stationary_strategy(game, game_parameters(game), ["a"], done)
    >>> [(c.period, c.party, c.option) for c in choices], round(value, 6)
    ([(0, 'a', 'a.attempt')], 1.0)
    """
    product = build_product_game(game, parameters, coalition, automaton)
    values, choice = _solve_with_delay_cost(game, automaton, product)
    named = coalition if described is None else described
    played = _fix_maximiser_choices(product, choice)
    secured = bounds_in_product_game(game, parameters, coalition, automaton, played, start)[0]
    graph = game.graphs[-1]
    reachable = np.zeros((len(game.states), automaton.state_count), dtype=np.bool_)
    reachable[start, automaton.initial_state[start]] = True
    before, reachable = follow_strategy(
        game,
        parameters,
        coalition,
        automaton,
        values_at_period_start(graph, values.reshape(graph.node_count, -1)),
        reachable,
        periods=graph.first_period,
        described=named,
    )
    shown = _choices_reached(game, product, values, choice, reachable, coalition_mask(game, named))
    return (*before, *list_strategy_choices(game, graph.first_period, shown)), secured


def _solve_with_delay_cost(
    game: Game, automaton: Automaton, product: ProductGame
) -> tuple[Floats, Ints]:
    """Values where every period costs a little, and the branch each node then takes."""
    graph, size = game.graphs[-1], automaton.state_count
    source = np.repeat(np.arange(len(product.kind)), np.diff(product.first))
    ends = np.repeat(graph.node_kind == END, size)[source]
    slower = np.where(ends, (1.0 - DELAY_COST) * product.chance, product.chance)
    values = np.zeros(len(product.kind))
    choice = np.full(len(product.kind), -1, dtype=np.int64)
    for component, succeeds in enumerate(product.staying_succeeds.tolist()):
        kind = node_kinds_in_component(product, component)
        known = 1.0 - values if succeeds else values
        arena = StochasticGame(kind, product.first, product.successor, slower)
        found = solve_stochastic_game(
            arena, np.where(kind == FIXED_NODE, known, 0.0), np.full_like(choice, -1)
        )
        if found is None:
            raise SolveError("the game is too large for a strategy without end: give --within")
        here = kind != FIXED_NODE
        values[here] = 1.0 - found.value[here] if succeeds else found.value[here]
        choice[here] = found.branch[here]
    return values, choice


def _fix_maximiser_choices(product: ProductGame, choice: Ints) -> ProductGame:
    """The game in which the maximiser plays by `choice`."""
    counts = np.diff(product.first)
    source = np.repeat(np.arange(len(product.kind)), counts)
    kept = (product.kind[source] != MAXIMISER_NODE) | (choice[source] == np.arange(len(source)))
    first = np.concatenate([[0], np.cumsum(np.bincount(source[kept], minlength=len(counts)))])
    return replace(
        product,
        kind=np.where(product.kind == MAXIMISER_NODE, CHANCE_NODE, product.kind).astype(np.int8),
        first=first,
        successor=product.successor[kept],
        chance=product.chance[kept],
    )


def _choices_reached(
    game: Game,
    product: ProductGame,
    values: Floats,
    choice: Ints,
    reachable: Bools,
    described: Bools,
) -> Ints:
    """(N, Q) the branch taken where play may come and some option does worse, else ANY_BRANCH."""
    graph, size = game.graphs[-1], reachable.shape[1]
    states, automaton_states = np.nonzero(reachable)
    todo = [int(n) for n in graph.step_entry[0][states].astype(np.int64) * size + automaton_states]
    known = set(todo)
    shown = np.full(len(product.kind), ANY_BRANCH, dtype=np.int64)
    while todo:
        n = todo.pop()
        branches = np.arange(product.first[n], product.first[n + 1])
        secured = values[product.successor[branches]]
        decides = product.kind[n] != CHANCE_NODE and described[graph.mover[n // size]]
        if decides and secured.max() - secured.min() > CHOICE_TIE_TOLERANCE:
            shown[n] = graph.first_branch[n // size] + choice[n] - product.first[n]
            branches = choice[n : n + 1]
        fresh = {int(t) for t in product.successor[branches]} - known
        known |= fresh
        todo += fresh
    return shown.reshape(graph.node_count, size)
