"""How a game becomes a tree: every public history, once for each combination of types.

The arrays of a game join histories that lead to the same state; programs that read game trees
want them apart. Chance draws the types at the root, by the analyst's prior; what is drawn is seen
by its party alone. A node with one possible branch is passed over, its costs counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ceasefire.errors import GameError, Problem
from ceasefire.game import Game, GameParameters
from ceasefire.game.graph import DECISION, END, NODE_ROLES, PAYMENT, PeriodGraph
from ceasefire.game.states import Floats


@dataclass(frozen=True)
class ChanceNode:
    """A draw by chance.

    labels         the branches, in order
    probabilities  of each branch
    """

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class DecisionNode:
    """A choice of a party.

    party    who chooses
    type     the hidden type that it knows, its own or another's; empty if it knows none
    period   from 0
    step     number of the step within the period, from 0
    history  number of the public history: the party cannot tell nodes of one history and type apart
    role     what it decides, such as "move" or "answer to" a deal
    state    the state in words
    labels   the options, one for each branch
    """

    party: str
    type: str
    period: int
    step: int
    history: int
    role: str
    state: str
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TerminalNode:
    """The end of play.

    payoff_from_period  (periods, P) what each party gets from each period on, discounted to it
    choices             for each decision on the way (party, period, step), and the log weight of
                        the option it took
    """

    payoff_from_period: Floats
    choices: tuple[tuple[tuple[str, int, int], float], ...]


GameTreeNode = ChanceNode | DecisionNode | TerminalNode


@dataclass(frozen=True, eq=False)
class _TreePosition:
    """Where a walk stands, and what has been paid on the way."""

    types: tuple[int, ...]  # the type that each party knows, 0 for one that knows none
    period: int
    node: int
    history: int
    period_payoff: Floats  # (P,) of this period so far
    past_payoffs: tuple[Floats, ...]  # of the periods before
    choices: tuple[tuple[tuple[str, int, int], float], ...] = ()
    unseen: tuple[int, ...] = ()  # branches taken at this moment, which nobody has seen yet


def unroll_game_tree(
    game: Game, parameters: GameParameters, max_nodes: int
) -> Iterator[GameTreeNode]:
    """Yield every node of the tree, each before what follows it, branches in order.

    game        the game
    parameters  its numbers in one world
    max_nodes   most nodes that the tree may have

    Raises GameError once there are more, and for a game in which types are drawn anew.
    """
    refuse_renewals(game, "a game tree draws every type once, at its root")
    walk = _TreeUnroller(game, parameters)
    root, places = walk.roots()
    if root is not None:
        yield root
    count, stack = int(root is not None), places[::-1]
    while stack:
        node, after = walk.expand(stack.pop())
        stack += after[::-1]
        count += 1
        if count > max_nodes:
            raise _tree_too_large(game, max_nodes)
        yield node


class _TreeUnroller:
    """Expands one node after another, and numbers public histories as they come up."""

    def __init__(self, game: Game, parameters: GameParameters) -> None:
        self.game, self.parameters = game, parameters
        self._history_numbers: dict[tuple[int, int], int] = {}
        readers = [party for party, _ in game.player_types]
        self._first_player_type = np.array([readers.index(party) for party in game.parties])
        self._remainder_branches = [
            {int(b) for fill in graph.chance_expressions for b in fill.branches[:, -1]}
            for graph in game.graphs
        ]

    def roots(self) -> tuple[ChanceNode | None, list[_TreePosition]]:
        """The draw of types, None where nobody has any, and where each profile begins."""
        game = self.game
        profiles = []
        for types in game.type_combinations:
            known = (game.case.party_known_to(party) for party in game.parties)
            profiles.append(tuple(types.get(party, 0) for party in known))
        start = int(game.graph_of(0).step_entry[0, game.start_state({})])
        nothing = np.zeros(len(game.parties))
        places = [_TreePosition(profile, 0, start, 0, nothing, ()) for profile in profiles]
        if len(profiles) == 1:
            return None, places
        labels, chances = [], []
        for profile in profiles:
            drawn = [(game.parties.index(name), name) for name in game.parties_with_types]
            labels.append(", ".join(self._type_name(name, profile[p]) for p, name in drawn))
            odds = [self.parameters.prior_by_type[-1, p, profile[p]] for p, _ in drawn]
            chances.append(float(np.prod(odds)))
        return ChanceNode(tuple(labels), tuple(chances)), places

    def expand(self, position: _TreePosition) -> tuple[GameTreeNode, list[_TreePosition]]:
        """The next node with more than one branch, or the end of play, and what follows it."""
        while position.period < self.game.periods:
            graph = self.game.graph_of(position.period)
            if graph.node_kind[position.node] == END:
                position = self._next_period(position)
                continue
            branches = self._branches(position, graph)
            after = [self._follow_branch(position, graph, b) for b in branches]
            if len(branches) > 1:
                return self._make_node(position, graph, branches), after
            position = after[0]
        return TerminalNode(self._discounted_payoffs(position), position.choices), []

    def _branches(self, position: _TreePosition, graph: PeriodGraph) -> list[int]:
        first, last = graph.first_branch[position.node], graph.first_branch[position.node + 1]
        certain = graph.node_kind[position.node] in (DECISION, PAYMENT)
        chance = self._chances(position, graph, slice(first, last))
        return [first + k for k, likely in enumerate(chance) if certain or likely > 0]

    def _chances(self, position: _TreePosition, graph: PeriodGraph, branches: slice) -> Floats:
        """The probability of branches of chance, to the types that were drawn."""
        numbers = self.parameters.by_graph[self.game.graph_index(position.period)]
        axis = graph.axis[position.node]
        if axis < 0 or graph.node_kind[position.node] == DECISION:
            return numbers.chance[branches]
        party = self.game.parties.index(self.game.parties_with_types[axis])
        by_type: Floats = numbers.chance_by_type[branches, position.types[party]]
        return by_type

    def _follow_branch(self, position: _TreePosition, graph: PeriodGraph, b: int) -> _TreePosition:
        numbers = self.parameters.by_graph[self.game.graph_index(position.period)]
        period_payoff, choices = position.period_payoff, position.choices
        if graph.node_kind[position.node] == PAYMENT:
            player_types = self._first_player_type + position.types
            period_payoff = period_payoff - numbers.payment_by_type[position.node, player_types]
        elif graph.node_kind[position.node] == DECISION:
            mover = int(graph.mover[position.node])
            period_payoff = period_payoff.copy()
            period_payoff[mover] -= numbers.cost[b, position.types[mover]]
            who = (self.game.parties[mover], position.period, int(graph.step[position.node]))
            choices = (*choices, (who, float(numbers.log_weight[b])))
        node, history, unseen = int(graph.successor[b]), position.history, (*position.unseen, b)
        if graph.moment[node] < 0 or graph.moment[node] == node:
            for shown in unseen:
                history = self._history_numbers.setdefault(
                    (history, shown), len(self._history_numbers) + 1
                )
            unseen = ()
        return replace(
            position,
            node=node,
            history=history,
            unseen=unseen,
            period_payoff=period_payoff,
            choices=choices,
        )

    def _next_period(self, position: _TreePosition) -> _TreePosition:
        state, period = position.node, position.period + 1
        paid = position.period_payoff + self._payoffs(position, state)
        last = period == self.game.periods
        node = state if last else int(self.game.graph_of(period).step_entry[0, state])
        return replace(
            position,
            period=period,
            node=node,
            period_payoff=np.zeros_like(paid),
            past_payoffs=(*position.past_payoffs, paid),
        )

    def _payoffs(self, position: _TreePosition, state: int) -> Floats:
        """(P,) what each party receives at a period's end in a state, the types being drawn."""
        readers, every = self._first_player_type + position.types, self.parameters.payoff
        if len(self.parameters.payoff_by_types):
            parties = self.game.case.parties
            drawn = {p: k for p, k in zip(parties, position.types, strict=True) if parties[p].types}
            every = self.parameters.payoff_by_types[self.game.type_combinations.index(drawn)]
        paid: Floats = every[state, readers]
        return paid

    def _discounted_payoffs(self, position: _TreePosition) -> Floats:
        """(periods, P) payoffs from each period on, discounted to that period."""
        patience = self.parameters.patience
        later = np.zeros(len(patience))
        if self.game.case.ending == "lasts":
            later = self._payoffs(position, position.node) / (1 - patience)
        discounted = np.zeros((len(position.past_payoffs), len(patience)))
        for period in range(len(position.past_payoffs) - 1, -1, -1):
            discounted[period] = later = position.past_payoffs[period] + patience * later
        return discounted

    def _make_node(
        self, position: _TreePosition, graph: PeriodGraph, branches: list[int]
    ) -> GameTreeNode:
        game = self.game
        labels = tuple(
            game.options[graph.option[b]] or self._default_label(position.period, b, i)
            for i, b in enumerate(branches, start=1)
        )
        if graph.node_kind[position.node] != DECISION:
            first, last = branches[0], branches[-1] + 1
            likely = self._chances(position, graph, slice(first, last))
            chance = likely[[b - first for b in branches]]
            return ChanceNode(labels, tuple(chance / chance.sum()))
        mover = int(graph.mover[position.node])
        party = game.parties[mover]
        role = NODE_ROLES[graph.node_role[position.node]]
        if role == "answer":
            role = f"answer to {game.deals[graph.deal[position.node]]}"
        return DecisionNode(
            party=party,
            type=self._type_name(party, position.types[mover]),
            period=position.period,
            step=int(graph.step[position.node]),
            history=position.history,
            role=role,
            state=game.describe(int(graph.state[position.node])),
            labels=labels,
        )

    def _default_label(self, period: int, b: int, position: int) -> str:
        rest = b in self._remainder_branches[self.game.graph_index(period)]
        return "nothing more" if rest else f"outcome {position}"

    def _type_name(self, party: str, type_index: int) -> str:
        types = self.game.case.types_known_to(party)
        return types[type_index] if types else ""


def refuse_renewals(game: Game, message: str) -> None:
    """Raise GameError for a game in which some event draws a type anew, for this reason."""
    if game.renewed_parties:
        raise GameError(
            [
                Problem(
                    message=message,
                    file=game.case.file,
                    found=f"renews: {', '.join(game.renewed_parties)}",
                    help="leave the renewal out, or what brings it about",
                )
            ]
        )


def _tree_too_large(game: Game, max_nodes: int) -> GameError:
    return GameError(
        [
            Problem(
                message="the game tree is too large",
                file=game.case.file,
                path="horizon",
                found=f"more than {max_nodes:,} nodes in {game.periods} periods",
                allowed="a tree that holds every history apart",
                help="shorten the horizon or tail, or leave moves, deals or tables out",
            )
        ]
    )
