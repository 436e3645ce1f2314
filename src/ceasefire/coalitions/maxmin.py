"""What can a coalition secure against everyone else in so many periods, and how?"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.coalitions.kernels import (
    ANY_BRANCH,
    PeriodBranches,
    fill_maxmin_choices,
    fill_maxmin_values,
)
from ceasefire.game.graph import NODE_ROLES, Automaton, Game, PeriodGraph
from ceasefire.game.parameters import GameParameters

SECURED_TIE_TOLERANCE = 1e-9  # probabilities no further apart are equally good
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class StrategyChoice:
    """One decision of a strategy: who decides on what, where, from which options, and which one.

    period   number of the period
    state    public state in which the step began
    role     what the decision is, one of NODE_ROLES
    subject  the deal an answer is about, `""` for moves and offers
    options  what there is to choose from
    option   what is chosen
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
    *,
    first_period: int = 0,
    start_node: int | None = None,
) -> float:
    """The probability with which a coalition can secure a formula, whatever all others do.

    Its members maximise it together, everyone else minimises it, chance is chance; costs,
    payoffs and types play no part. Backward induction on the public game together with the
    formula's automaton.

    parameters    the numbers of one world
    coalition     names of its members
    automaton     the formula's automaton, expanded to the public states
    start         public state in which play begins
    periods       how many periods are played, the case's horizon if None
    first_period  number of the first period
    start_node    node at which play stands in the midst of the first period; None where it begins

    Alone against nobody, a can have it done or not as it likes:

    >>> from ceasefire.game import build, game_parameters
    >>> from ceasefire.case import loads
    >>> from ceasefire.query import read_question
    >>> from ceasefire.query.automata import automaton_over_states
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
    at_nodes, begin = secured, start
    for period in range(first_period + count - 1, first_period - 1, -1):
        at_nodes, secured = secured_in_period(
            game, parameters, coalition, automaton, period, secured
        )
        begin = start if start_node is None else start_node
    found = secured if start_node is None else at_nodes
    return float(found[begin, automaton.initial_state[start]])


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

    parameters  the numbers of one world
    coalition   names of its members
    automaton   the formula's automaton, expanded to the public states
    start       public state in which play begins
    periods     how many periods are played, the case's horizon if None
    described   parties whose choices are followed and given, the members if None; those of others
                are the ones that keep the coalition lowest. All other parties may do anything.
    """
    count = game.case.horizon if periods is None else periods
    reachable = np.zeros((len(game.states), automaton.state_count), dtype=np.bool_)
    reachable[start, automaton.initial_state[start]] = True
    choices, _ = follow_strategy(
        game,
        parameters,
        coalition,
        automaton,
        acceptance_values(game, automaton),
        reachable,
        periods=count,
        described=coalition if described is None else described,
    )
    return choices


def follow_strategy(
    game: Game,
    parameters: GameParameters,
    coalition: Collection[str],
    automaton: Automaton,
    end_values: Floats,
    reachable: Bools,
    *,
    periods: int,
    described: Collection[str],
) -> tuple[tuple[StrategyChoice, ...], Bools]:
    """The choices of periods 0 to `periods` - 1, and (X, Q) where the period after may begin.

    end_values  (X, Q) what is secured once these periods are over
    reachable   (X, Q) where period 0 may begin
    described   parties whose choices are given
    """
    secured = [end_values]
    for period in range(periods - 1, -1, -1):
        secured.append(
            secured_in_period(game, parameters, coalition, automaton, period, secured[-1])[1]
        )
    found: list[StrategyChoice] = []
    for period in range(periods):
        values, _ = secured_in_period(
            game, parameters, coalition, automaton, period, secured[periods - period - 1]
        )
        reachable, choices = _follow_one_period(
            game, parameters, coalition, automaton, period, values, reachable, described
        )
        found += choices
    return tuple(found), reachable


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
    graph = game.graph_of(period)
    values = np.zeros((graph.node_count, automaton.state_count))
    rows = np.arange(len(game.states))[:, None]
    values[: len(game.states)] = next_values[rows, automaton.period_end_transition]
    branches = _period_branches(game, parameters, automaton, period)
    fill_maxmin_values(branches, coalition_mask(game, coalition), values)
    return values, values_at_period_start(graph, values)


def values_at_period_start(graph: PeriodGraph, values: Floats) -> Floats:
    """(X, Q) values at the start of a period from (N, Q) those of its nodes, 0 if none begins."""
    entry = graph.step_entry[0]
    found = np.zeros((len(entry), values.shape[1]))
    found[entry >= 0] = values[entry[entry >= 0]]
    return found


def _period_branches(
    game: Game, parameters: GameParameters, automaton: Automaton, period: int
) -> PeriodBranches:
    number = game.graph_index(period)
    graph = game.graphs[number]
    return PeriodBranches(
        kind=graph.node_kind,
        mover=graph.mover,
        first=graph.first_branch,
        successor=graph.successor,
        label=graph.label,
        chance=parameters.by_graph[number].chance,
        on_label=automaton.label_transition,
    )


def coalition_mask(game: Game, coalition: Collection[str]) -> Bools:
    """(P,) who is in a coalition."""
    return np.array([party in coalition for party in game.parties])


def _follow_one_period(
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
    graph = game.graph_of(period)
    reached = np.zeros(values.shape, dtype=np.bool_)
    states, automaton_states = np.nonzero(reachable)
    reached[graph.step_entry[0][states], automaton_states] = True
    choice = np.full(values.shape, ANY_BRANCH, dtype=np.int64)
    fill_maxmin_choices(
        _period_branches(game, parameters, automaton, period),
        values,
        coalition_mask(game, coalition),
        coalition_mask(game, described),
        SECURED_TIE_TOLERANCE,
        reached,
        choice,
    )
    after = np.zeros_like(reachable)
    states, automaton_states = np.nonzero(reached[: len(game.states)])
    after[states, automaton.period_end_transition[states, automaton_states]] = True
    return after, list(list_strategy_choices(game, period, choice))


def list_strategy_choices(
    game: Game, period: int, choice: npt.NDArray[np.int64]
) -> Iterator[StrategyChoice]:
    """The decisions of one period by name, each once.

    choice  (N, Q) the branch taken at each node, ANY_BRANCH where none is given
    """
    graph = game.graph_of(period)
    given = set()
    for slot, q in zip(*np.nonzero(choice != ANY_BRANCH), strict=True):
        branches = range(int(graph.first_branch[slot]), int(graph.first_branch[slot + 1]))
        deal = int(graph.deal[slot])
        found = StrategyChoice(
            period=period,
            state=int(graph.state[slot]),
            party=game.parties[graph.mover[slot]],
            role=NODE_ROLES[graph.node_role[slot]],
            subject=game.deals[deal] if deal >= 0 else "",
            options=tuple(game.options[graph.option[b]] for b in branches),
            option=game.options[graph.option[choice[slot, q]]],
        )
        if found not in given:
            given.add(found)
            yield found
