"""What a coalition can secure against everyone else, and how."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.coalitions.kernels import ANY_BRANCH, fill_maxmin_choices, fill_maxmin_values
from ceasefire.game.automaton import Automaton
from ceasefire.game.graph import NODE_ROLES, Game
from ceasefire.game.parameters import GameParameters

SECURED_TIE_TOLERANCE = 1e-9
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class StrategyChoice:
    """One decision of a strategy: who decides on what, where, from which options, and which one.

    subject  the deal an answer is about, `""` for moves and offers
    """

    period: int
    state: int
    party: str
    role: str
    subject: str
    options: tuple[str, ...]
    option: str


def secured_probability(
    game: Game,
    parameters: GameParameters,
    coalition: Collection[str],
    automaton: Automaton,
    start: int = 0,
    periods: int | None = None,
) -> float:
    """The probability that a coalition can secure a formula, whatever all others do.

    Its members maximise it together, everyone else minimises it, chance is chance; costs,
    payoffs and types play no part. Backward induction over `periods` periods (the case's horizon
    if None) on the public game beside the formula's automaton.

    Alone against nobody, a can have it done or not as it likes:

    >>> from ceasefire.game import build, game_parameters
    >>> from ceasefire.case import loads
    >>> from ceasefire.query import read_question
    >>> from ceasefire.query.monitors import automaton_over_states
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
    >>> formula = read_question(game.case, "P(eventually(done))").quantities[0].formula
    >>> done = automaton_over_states(game, [formula], {})
    >>> world = game_parameters(game)
    >>> [secured_probability(game, world, coalition, done) for coalition in (["a"], [])]
    [1.0, 0.0]
    """
    count = game.case.horizon if periods is None else periods
    secured = acceptance_values(game, automaton)
    for period in range(count - 1, -1, -1):
        _, secured = secured_in_period(game, parameters, coalition, automaton, period, secured)
    return float(secured[start, automaton.initial_state[start]])


def maxmin_strategy(
    game: Game,
    parameters: GameParameters,
    coalition: Collection[str],
    automaton: Automaton,
    start: int = 0,
    periods: int | None = None,
    *,
    described: Collection[str] | None = None,
) -> tuple[StrategyChoice, ...]:
    """How a coalition secures what it can: its choices wherever some option does worse.

    described  whose choices are followed and told, the members' if None; those of others are the
               ones
         that keep the coalition lowest. Parties that are not led may do anything.
    """
    count = game.case.horizon if periods is None else periods
    told = coalition if described is None else described
    secured = [acceptance_values(game, automaton)]
    for period in range(count - 1, -1, -1):
        secured.append(
            secured_in_period(game, parameters, coalition, automaton, period, secured[-1])[1]
        )
    standing = np.zeros(secured[0].shape, dtype=np.bool_)
    standing[start, automaton.initial_state[start]] = True
    found: list[StrategyChoice] = []
    for period in range(count):
        values, _ = secured_in_period(
            game, parameters, coalition, automaton, period, secured[count - period - 1]
        )
        standing, choices = follow_strategy_one_period(
            game, parameters, coalition, automaton, period, values, standing, told
        )
        found += choices
    return tuple(found)


def acceptance_values(game: Game, automaton: Automaton) -> Floats:
    """(X, Q) 1 where play that stops satisfies the formula."""
    shape = (len(game.states), automaton.state_count)
    return np.broadcast_to(automaton.accepts().astype(np.float64), shape).copy()


def secured_in_period(
    game: Game,
    parameters: GameParameters,
    coalition: Collection[str],
    automaton: Automaton,
    period: int,
    next_values: Floats,
) -> tuple[Floats, Floats]:
    """What is secured at the nodes (N, Q) of a period, and at its beginning (X, Q)."""
    number = game.graph_index(period)
    graph = game.graphs[number]
    values = np.zeros((graph.node_count, automaton.state_count))
    rows = np.arange(len(game.states))[:, None]
    values[: len(game.states)] = next_values[rows, automaton.period_end_transition]
    fill_maxmin_values(
        graph.node_kind, graph.mover, graph.first_branch, graph.successor, graph.label,
        parameters.by_graph[number].chance, coalition_mask(game, coalition),
        automaton.label_transition, values,
    )  # fmt: skip
    begin = graph.step_entry[0]
    begins = np.zeros_like(next_values)
    begins[begin >= 0] = values[begin[begin >= 0]]
    return values, begins


def coalition_mask(game: Game, coalition: Collection[str]) -> Bools:
    """(P,) who is in a coalition."""
    return np.array([party in coalition for party in game.parties])


def follow_strategy_one_period(
    game: Game,
    parameters: GameParameters,
    coalition: Collection[str],
    automaton: Automaton,
    period: int,
    values: Floats,
    reachable: Bools,
    described: Collection[str],
) -> tuple[Bools, list[StrategyChoice]]:
    """Where the next period may begin, and the choices on the way."""
    number = game.graph_index(period)
    graph = game.graphs[number]
    reached = np.zeros(values.shape, dtype=np.bool_)
    states, kinds = np.nonzero(reachable)
    reached[graph.step_entry[0][states], kinds] = True
    choice = np.full(values.shape, ANY_BRANCH, dtype=np.int64)
    fill_maxmin_choices(
        graph.node_kind, graph.mover, graph.first_branch, graph.successor, graph.label,
        parameters.by_graph[number].chance, automaton.label_transition, values,
        coalition_mask(game, coalition),
        coalition_mask(game, described), SECURED_TIE_TOLERANCE, reached, choice,
    )  # fmt: skip
    after = np.zeros_like(reachable)
    states, kinds = np.nonzero(reached[: len(game.states)])
    after[states, automaton.period_end_transition[states, kinds]] = True
    return after, list(list_strategy_choices(game, period, choice))


def list_strategy_choices(
    game: Game, period: int, choice: npt.NDArray[np.int64]
) -> Iterator[StrategyChoice]:
    """The decisions of one period in words, each once."""
    graph = game.graph_of(period)
    seen = set()
    for slot, kind in zip(*np.nonzero(choice != ANY_BRANCH), strict=True):
        branches = range(int(graph.first_branch[slot]), int(graph.first_branch[slot + 1]))
        deal = int(graph.deal[slot])
        found = StrategyChoice(
            period=period,
            state=int(graph.state[slot]),
            party=game.parties[graph.mover[slot]],
            role=NODE_ROLES[graph.node_role[slot]],
            subject=game.deals[deal] if deal >= 0 else "",
            options=tuple(game.options[graph.option[b]] for b in branches),
            option=game.options[graph.option[choice[slot, kind]]],
        )
        if found not in seen:
            seen.add(found)
            yield found
