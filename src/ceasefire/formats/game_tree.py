"""A game unrolled: every public history from the start, once for each profile of types.

The arrays of a game join histories that lead to the same state; programs that read game trees
want them apart. Chance draws the types at the root, by the analyst's prior; what is drawn is seen
by its party alone. A node with one possible branch is passed over, its costs counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from ceasefire.errors import GameError, Problem
from ceasefire.game import Game, GameParameters
from ceasefire.game.graph import DECISION, END, NODE_ROLES, PAYMENT, PeriodGraph
from ceasefire.game.states import Floats


@dataclass(frozen=True)
class ChanceNode:
    """A chance node: its branches, and how likely each is."""

    labels: tuple[str, ...]
    chances: tuple[float, ...]


@dataclass(frozen=True)
class DecisionNode:
    """A party chooses: who, of which type, when, and what it has seen.

    seen  number of the public history; nodes alike in `seen` and `type` look alike to the party
    """

    party: str
    type: str
    period: int
    step: int
    seen: int
    role: str
    state: str
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TerminalNode:
    """The end of play.

    worth   (periods, P) what each party gets from each period on, as valued in that period
    chosen  for each decision on the way (party, period, step) and the log weight of what it took
    """

    worth: Floats
    chosen: tuple[tuple[tuple[str, int, int], float], ...]


GameTreeNode = ChanceNode | DecisionNode | TerminalNode


@dataclass(frozen=True, eq=False)
class _TreePosition:
    """Where a walk stands, and what has been paid on the way."""

    types: tuple[int, ...]  # type of each party, 0 for one without types
    period: int
    slot: int
    seen: int
    flow: Floats  # (P,) of this period so far
    flows: tuple[Floats, ...]  # of the periods before
    chosen: tuple[tuple[tuple[str, int, int], float], ...] = ()


def unroll_game_tree(game: Game, given: GameParameters, most: int) -> Iterator[GameTreeNode]:
    """Every node of the tree, a node before what follows it and branches in their order.

    Raises GameError once there are more than `most` nodes.
    """
    walk = _TreeUnroller(game, given)
    root, places = walk.roots()
    if root is not None:
        yield root
    count, stack = int(root is not None), places[::-1]
    while stack:
        node, after = walk.open(stack.pop())
        stack += after[::-1]
        count += 1
        if count > most:
            raise _tree_too_large(game, most)
        yield node


class _TreeUnroller:
    """Opens one node after another, and numbers public histories as they come up."""

    def __init__(self, game: Game, given: GameParameters) -> None:
        self.game, self.given = game, given
        self._seen: dict[tuple[int, int], int] = {}
        readers = [party for party, _ in game.readers]
        self._reader = np.array([readers.index(party) for party in game.parties])
        self._nothing_more = [
            {int(b) for fill in graph.chances for b in fill.branches[:, -1]}
            for graph in game.graphs
        ]

    def roots(self) -> tuple[ChanceNode | None, list[_TreePosition]]:
        """The draw of types, None where nobody has any, and where each profile begins."""
        game = self.game
        kinds = [range(max(1, len(p.types))) for p in game.case.parties.values()]
        profiles = list(product(*kinds))
        start = int(game.graph_of(0).entry[0, game.index({})])
        nothing = np.zeros(len(game.parties))
        places = [_TreePosition(profile, 0, start, 0, nothing, ()) for profile in profiles]
        if len(profiles) == 1:
            return None, places
        labels, chances = [], []
        for profile in profiles:
            drawn = [(game.parties.index(name), name) for name in game.hidden]
            labels.append(", ".join(self._type(name, profile[p]) for p, name in drawn))
            first = [self.given.prior[-1, p] for p, _ in drawn]
            odds = [b if profile[p] == 0 else 1 - b for (p, _), b in zip(drawn, first, strict=True)]
            chances.append(float(np.prod(odds)))
        return ChanceNode(tuple(labels), tuple(chances)), places

    def open(self, place: _TreePosition) -> tuple[GameTreeNode, list[_TreePosition]]:
        """The next node with more than one branch, or the end of play, and what follows it."""
        while place.period < self.game.periods:
            graph = self.game.graph_of(place.period)
            if graph.kind[place.slot] == END:
                place = self._next_period(place)
                continue
            branches = self._branches(place, graph)
            after = [self._take(place, graph, b) for b in branches]
            if len(branches) > 1:
                return self._node(place, graph, branches), after
            place = after[0]
        return TerminalNode(self._worth(place), place.chosen), []

    def _branches(self, place: _TreePosition, graph: PeriodGraph) -> list[int]:
        first, last = graph.first[place.slot], graph.first[place.slot + 1]
        chance = self.given.graphs[self.game.graph_number(place.period)].chance
        certain = graph.kind[place.slot] in (DECISION, PAYMENT)
        return [b for b in range(first, last) if certain or chance[b] > 0]

    def _take(self, place: _TreePosition, graph: PeriodGraph, b: int) -> _TreePosition:
        numbers = self.given.graphs[self.game.graph_number(place.period)]
        flow, chosen = place.flow, place.chosen
        if graph.kind[place.slot] == PAYMENT:
            flow = flow - numbers.payment[place.slot, self._reader + place.types]
        elif graph.kind[place.slot] == DECISION:
            mover = int(graph.mover[place.slot])
            flow = flow.copy()
            flow[mover] -= numbers.cost[b, place.types[mover]]
            who = (self.game.parties[mover], place.period, int(graph.step[place.slot]))
            chosen = (*chosen, (who, float(numbers.log_weight[b])))
        seen = self._seen.setdefault((place.seen, b), len(self._seen) + 1)
        return replace(place, slot=int(graph.successor[b]), seen=seen, flow=flow, chosen=chosen)

    def _next_period(self, place: _TreePosition) -> _TreePosition:
        state, period = place.slot, place.period + 1
        paid = place.flow + self.given.payoff[state, self._reader + place.types]
        last = period == self.game.periods
        slot = state if last else int(self.game.graph_of(period).entry[0, state])
        nothing = np.zeros_like(paid)
        return replace(place, period=period, slot=slot, flow=nothing, flows=(*place.flows, paid))

    def _worth(self, place: _TreePosition) -> Floats:
        patience = self.given.patience
        later = np.zeros(len(patience))
        if self.game.case.ending == "lasts":
            later = self.given.payoff[place.slot, self._reader + place.types] / (1 - patience)
        worth = np.zeros((len(place.flows), len(patience)))
        for period in range(len(place.flows) - 1, -1, -1):
            worth[period] = later = place.flows[period] + patience * later
        return worth

    def _node(self, place: _TreePosition, graph: PeriodGraph, branches: list[int]) -> GameTreeNode:
        game = self.game
        labels = tuple(
            game.options[graph.option[b]] or self._unnamed(place.period, b, i)
            for i, b in enumerate(branches, start=1)
        )
        if graph.kind[place.slot] != DECISION:
            chance = self.given.graphs[game.graph_number(place.period)].chance[branches]
            return ChanceNode(labels, tuple(chance / chance.sum()))
        mover = int(graph.mover[place.slot])
        party = game.parties[mover]
        role = NODE_ROLES[graph.role[place.slot]]
        if role == "answer":
            role = f"answer to {game.deals[graph.deal[place.slot]]}"
        return DecisionNode(
            party=party,
            type=self._type(party, place.types[mover]),
            period=place.period,
            step=int(graph.step[place.slot]),
            seen=place.seen,
            role=role,
            state=game.describe(int(graph.state[place.slot])),
            labels=labels,
        )

    def _unnamed(self, period: int, b: int, position: int) -> str:
        rest = b in self._nothing_more[self.game.graph_number(period)]
        return "nothing more" if rest else f"outcome {position}"

    def _type(self, party: str, kind: int) -> str:
        types = list(self.game.case.parties[party].types)
        return types[kind] if types else ""


def _tree_too_large(game: Game, most: int) -> GameError:
    return GameError(
        [
            Problem(
                message="the game tree is too large",
                file=game.case.file,
                path="horizon",
                found=f"more than {most:,} nodes in {game.periods} periods",
                allowed="a tree that holds every history apart",
                help="shorten the horizon or tail, or leave moves, deals or tables out",
            )
        ]
    )
