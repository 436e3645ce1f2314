"""What is played, in a case read from a file of Gambit, at the information sets of that file.

Every information set is looked up in our play by following the places of the case. Where types are
hidden, one branch is followed for the whole game, as Gambit does.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

from ceasefire.case import Case, loads
from ceasefire.equilibrium import Equilibrium, solve
from ceasefire.formats import from_efg, from_nfg
from ceasefire.formats.gambit_files import EfgTree, parse_efg, parse_nfg
from ceasefire.formats.gambit_import import MOST_IMPORTED_NODES
from ceasefire.formats.public_tree import PublicTree, find_public_places
from ceasefire.game import build, unroll_histories
from verification.walk import Walk

PRECISION = 0.7
InformationSet = tuple[int, int]  # player and number, as in the file
Strategy = dict[InformationSet, list[float]]
Way = Sequence[tuple[int, Mapping[tuple[int, ...], Fraction]]]  # branches, and chances by types


def read_game(text: str, suffix: str) -> tuple[EfgTree, PublicTree]:
    """The tree of a file, and its public places."""
    tree = (parse_efg if suffix == ".efg" else parse_nfg)(text, "game", MOST_IMPORTED_NODES)
    return tree, find_public_places(tree, "game")


def imported_case(text: str, suffix: str, precision: float = PRECISION) -> Case:
    """The case that a file becomes, of another precision."""
    written = (from_efg if suffix == ".efg" else from_nfg)(text.encode()).text
    return loads(written.replace("precision: 20", f"precision: {precision}"))


def our_strategy(
    text: str, suffix: str, precision: float = PRECISION, grid: int | None = None
) -> Strategy:
    """What is played at each information set with two actions or more, in our play.

    grid  belief nodes where a party has more than two types; others are followed as a whole
    """
    _, public = read_game(text, suffix)
    case = imported_case(text, suffix, precision)
    game = build(case)
    whole = bool(public.draws) and not game.has_many_types
    play = solve(unroll_histories(game), selection="whole") if whole else solve(game, grid=grid)
    if play.certificate.unresolved:
        raise AssertionError(f"unresolved: {play.certificate}")
    return strategy_of(play, text, suffix)


def strategy_of(play: Equilibrium, text: str, suffix: str) -> Strategy:
    """The choices of a solved case at the information sets of the file that it was read from."""
    tree, public = read_game(text, suffix)
    hidden = [(name, list(p.types)) for name, p in play.game.case.parties.items() if p.types]
    ways = _ways(public)
    found: Strategy = {}
    for number, by_types in public.nodes.items():
        place = public.places[number]
        for types, nodes in by_types.items():
            drawn = _drawn_types(play.game.case, public, types, hidden)
            for k, node in enumerate(nodes):
                walk = Walk(play, drawn)
                _follow(walk, ways[number], types)
                _follow(walk, [(0, {}) for labels in place.actions[:k] if len(labels) > 1], types)
                if len(place.actions[k]) > 1:
                    key = (tree.nodes[node].player, tree.nodes[node].infoset)
                    found[key] = list(walk.choice().values())
    return found


def _drawn_types(
    case: Case,
    public: PublicTree,
    types: Sequence[int],
    hidden: Sequence[tuple[str, Sequence[str]]],
) -> Mapping[str, str]:
    """{party: type}, the first where the draw has not been made yet."""
    owners = [list(case.parties)[draw.players[0] - 1] for draw in public.draws]
    chosen = dict(zip(owners, types, strict=True)) if types else {}
    return {name: kinds[chosen.get(name, 0)] for name, kinds in hidden}


def _ways(public: PublicTree) -> list[Way]:
    """For each place the branches that lead to it, without those that are the only one."""
    ways: list[Way] = [()] * len(public.places)
    for number, place in enumerate(public.places):
        branches = product(*(range(len(labels)) for labels in place.actions))
        for which, (child, branch) in enumerate(
            zip(place.children, branches, strict=bool(place.children))
        ):
            chance = place.chances[which] if place.chances else {}
            sizes = map(len, place.actions)
            steps = [(b, chance) for b, size in zip(branch, sizes, strict=True) if size > 1]
            ways[child] = (*ways[number], *steps)
    return ways


def _follow(walk: Walk, way: Way, types: tuple[int, ...]) -> None:
    """Take branches by their number; what is certain our play has passed over."""
    for branch, chances in way:
        if chances.get(types, chances.get((), Fraction(0))) != 1:
            walk.take(walk.options()[branch])


def logit_residual(text: str, suffix: str, strategy: Strategy, precision: float) -> float:
    """How far choices are from logit responses to each other, computed on the file's own tree.

    At each information set an action's worth is the mover's expected payoff once it is there.
    """
    tree, _ = read_game(text, suffix)
    nodes, players = tree.nodes, range(len(tree.players))
    totals = [[0.0 for _ in players] for _ in nodes]
    reach = [1.0] * len(nodes)
    for number, node in enumerate(nodes):
        if node.outcome:
            paid = tree.payoffs[node.outcome]
            totals[number] = [a + float(b) for a, b in zip(totals[number], paid, strict=True)]
        for chance, child in zip(_chances(tree, number, strategy), node.children, strict=True):
            totals[child], reach[child] = list(totals[number]), reach[number] * chance
    worth = [list(total) for total in totals]
    for number in range(len(nodes) - 1, -1, -1):
        if nodes[number].children:
            shares = list(_chances(tree, number, strategy))
            worth[number] = [
                sum(s * worth[c][p] for s, c in zip(shares, nodes[number].children, strict=True))
                for p in players
            ]
    off = 0.0
    for (player, infoset), chances in strategy.items():
        members = [
            n for n, node in enumerate(nodes) if (node.player, node.infoset) == (player, infoset)
        ]
        whole = sum(reach[n] for n in members)
        values = [
            sum(reach[n] * worth[nodes[n].children[a]][player - 1] for n in members) / whole
            for a in range(len(chances))
        ]
        odds = [math.exp(precision * (value - max(values))) for value in values]
        off = max(off, *(abs(c - o / sum(odds)) for c, o in zip(chances, odds, strict=True)))
    return off


def _chances(tree: EfgTree, number: int, strategy: Strategy) -> Sequence[float]:
    node = tree.nodes[number]
    if node.kind == "c":
        return [float(chance) for chance in node.probabilities]
    if len(node.actions) < 2:
        return [1.0] * len(node.actions)
    return strategy[node.player, node.infoset]
