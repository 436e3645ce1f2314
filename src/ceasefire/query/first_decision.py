"""How likely does play come to a decision, and where does a party first have one?

Probabilities are those of the analyst. Within a period choices are read at one belief: that of
whoever has seen what the record says, and nothing of this period.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ceasefire.equilibrium import Equilibrium, propagate_forward
from ceasefire.equilibrium.solution import PublicRecord
from ceasefire.game import Game
from ceasefire.game.graph import CHANCE, DECISION
from ceasefire.game.states import Floats

LEAST_PROBABILITY = 1e-9  # of coming to a node: less is what the grid's edges let through


@dataclass(frozen=True)
class FirstDecision:
    """The state in which a party is likeliest to decide, in the first period in which it may.

    state        variables that are not as the case starts them, as questions write them
    period       in which period, 0 being the first
    probability  that play comes to a decision of the party there in this period
    """

    state: str
    period: int
    probability: float


def reach_of_nodes(
    equilibrium: Equilibrium, period: int, begin: Mapping[int, float], record: PublicRecord
) -> Floats:
    """How likely play is to come to each node of a period.

    equilibrium  the solved game
    period       the period
    begin        the nodes at which play enters the period, with their probabilities
    record       what has been shown until then
    """
    game, number = equilibrium.game, equilibrium.game.graph_index(period)
    graph, numbers = game.graphs[number], equilibrium.parameters.by_graph[number]
    mass = np.zeros(graph.node_count)
    for node, probability in begin.items():
        mass[node] += probability
    believed = {
        party: np.array([float(p) for p in equilibrium.beliefs("analyst", party, record)])
        for party in equilibrium.parties_with_types
    }
    for node in range(graph.node_count - 1, -1, -1):  # branches lead to lower nodes
        if mass[node] <= LEAST_PROBABILITY:
            continue
        first, last = int(graph.first_branch[node]), int(graph.first_branch[node + 1])
        rate, axis = np.ones(last - first), int(graph.axis[node])
        if graph.node_kind[node] == DECISION:
            policy = equilibrium.choice_probabilities(period, node, record)
            known = game.case.party_known_to(game.parties[graph.mover[node]])
            rate = believed[known] @ policy if known and len(policy) > 1 else policy[0]
        elif graph.node_kind[node] == CHANCE and axis >= 0:
            shares = believed[equilibrium.parties_with_types[axis]]
            rate = numbers.chance_by_type[first:last, : len(shares)] @ shares
        elif graph.node_kind[node] == CHANCE:
            rate = numbers.chance[first:last]
        np.add.at(mass, graph.successor[first:last], mass[node] * rate)
    return mass


def first_decision(equilibrium: Equilibrium, party: str, start: int) -> FirstDecision | None:
    """Where a party is likeliest to decide, in the first period in which it may decide at all.

    equilibrium  the solved game
    party        who decides
    start        the public state in which the first period begins

    Returns None where play comes to no decision of the party within the horizon.

    >>> from ceasefire.game import build
    >>> from ceasefire.equilibrium import solve
    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 4
    ... parties: {a: {precision: 1}}
    ... state: {called: {}, done: {}}
    ... chance: {call: {outcomes: [{name: come, chance: 0.25, set: {called: true}}]}}
    ... moves: {act: {by: a, when: called, set: {done: true}}}
    ... order: [call, a]
    ... ''')
    >>> first_decision(solve(build(case)), "a", 0)
    FirstDecision(state='called=true', period=0, probability=0.25)
    """
    game = equilibrium.game
    states = propagate_forward(equilibrium, start).state_probability
    mover = game.parties.index(party)
    for period in range(game.case.horizon):
        graph = game.graph_of(period)
        of_party = (graph.node_kind == DECISION) & (graph.mover == mover)
        if not of_party.any():
            continue
        begin = {
            int(graph.step_entry[0, state]): float(states[period, state])
            for state in np.flatnonzero(states[period] > LEAST_PROBABILITY)
        }
        reach = reach_of_nodes(equilibrium, period, begin, equilibrium.prior_record)
        found = _likeliest_state(game, period, np.where(of_party, reach, 0.0))
        if found is not None:
            return FirstDecision(_difference_from_start(game, found[0]), period, found[1])
    return None


def _likeliest_state(game: Game, period: int, reach: Floats) -> tuple[int, float] | None:
    """The state with the likeliest node, and how likely that is; None where none is reached.

    A party may decide several times in a period: what counts is one decision.
    """
    if reach.max(initial=0.0) <= LEAST_PROBABILITY:
        return None
    node = int(np.argmax(reach))
    return int(game.graph_of(period).state[node]), float(reach[node])


def _difference_from_start(game: Game, state: int) -> str:
    """The variables of a state that are not as the case starts them."""
    table = game.state_table
    start = table.describe(table.start_codes({})[0]).split(", ")
    here = game.describe(state).split(", ")
    return ", ".join(each for each, before in zip(here, start, strict=True) if each != before)
