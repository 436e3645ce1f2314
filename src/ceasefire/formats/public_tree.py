"""How a game tree with information sets becomes one of public places.

A place is all that has happened in everybody's sight. What is not seen is of three kinds: a choice
that is made at one moment with others, a draw that some players see from the start (a type), and a
draw that nobody sees, whose outcome stands at the end. A tree in which something else is hidden is
refused, with the information set that hides it.

A node of the file stands in a place with what has been drawn on the way, as an `UnseenCase`; the
nodes of a place differ by that alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Literal, NamedTuple

from ceasefire.case.file_schema import MOMENT_SIZES, TYPE_COUNTS
from ceasefire.formats.gambit_files import EfgNode, EfgTree, line_diagnostics

MOST_TYPES = TYPE_COUNTS[1]  # outcomes of a draw that a player may see alone
MOST_HIDDEN_DRAWS = 3  # draws that are types of different players
WAY_OUT = "write the case by hand, or analyse the file with Gambit"


class UnseenCase(NamedTuple):
    """One of the nodes at which play may stand in a place.

    types   which outcome of each hidden draw
    weight  how likely these draws are, along with those that nobody sees
    drawn   labels of draws that nobody has seen so far
    node    the node
    """

    types: tuple[int, ...]
    weight: Fraction
    drawn: tuple[str, ...]
    node: int


class HiddenDraw(NamedTuple):
    """A draw that some players see from the start: the type of the first of them.

    players  who sees it, numbered from 1
    labels   of its outcomes
    chances  of its outcomes
    """

    players: tuple[int, ...]
    labels: tuple[str, ...]
    chances: tuple[Fraction, ...]


@dataclass
class Place:
    """A public place.

    kind      chance, moves of one player or of several at one moment, or an end
    level     how many places lie before it
    movers    who moves there, by number from 1
    actions   the actions of each mover; of chance the labels of its branches, as the only entry
    chances   of chance: for each branch its probability {types: probability}
    payoffs   of an end: {types: a payoff for each player}
    children  the places that follow: the last mover's action changes fastest
    label     of a draw that all see, its label in the file
    """

    kind: Literal["chance", "moves", "end"]
    level: int
    movers: tuple[int, ...] = ()
    actions: tuple[tuple[str, ...], ...] = ()
    chances: list[dict[tuple[int, ...], Fraction]] = field(default_factory=list)
    payoffs: dict[tuple[int, ...], tuple[Fraction, ...]] = field(default_factory=dict)
    children: list[int] = field(default_factory=list)
    label: str = ""


@dataclass
class PublicTree:
    """The places, level by level and siblings side by side, and what is hidden in them.

    places      the first is the root
    draws       the draws that are types
    nodes       for each place of moves, one information set of each case of types and each mover:
                {types: nodes of the file, one for each mover}
    """

    places: list[Place]
    draws: tuple[HiddenDraw, ...]
    nodes: dict[int, dict[tuple[int, ...], tuple[int, ...]]]


def find_public_places(tree: EfgTree, file: str) -> PublicTree:
    """Turn a tree with information sets into one of public places.

    tree  the tree
    file  its name in problems

    Raises CaseError, with the line, for everything that is hidden in another way.

    >>> from ceasefire.formats.gambit_files import parse_efg
    >>> tree = parse_efg('''EFG 2 R "pennies" { "A" "B" }
    ... p "" 1 1 "" { "H" "T" } 0
    ... p "" 2 1 "" { "h" "t" } 0
    ... t "" 1 "" { 1 -1 } t "" 2 "" { -1 1 }
    ... p "" 2 1 "" { "h" "t" } 0
    ... t "" 2 t "" 1''', "pennies.efg", 20)
    >>> [(place.kind, place.movers) for place in find_public_places(tree, "pennies.efg").places]
    [('moves', (1, 2)), ('end', ()), ('end', ()), ('end', ()), ('end', ())]
    """
    return _PlaceFinder(tree, file).find()


class _UnplacedError(Exception):
    """What is reported cannot be a place."""


Cluster = list[UnseenCase]


class _PlaceFinder:
    """Builds one place after another; what is below a fault is left out."""

    def __init__(self, tree: EfgTree, file: str) -> None:
        self.tree, self.nodes = tree, tree.nodes
        self.diagnostics = line_diagnostics(file)
        self.places: list[Place] = []
        self.place_nodes: dict[int, dict[tuple[int, ...], tuple[int, ...]]] = {}
        self.draws: tuple[HiddenDraw, ...] | None = None
        self._bit: dict[tuple[int, int], int] = {}
        self._first: dict[tuple[int, int], int] = {}
        self.below = self._information_sets_below()
        self._own = dict.fromkeys(range(1, len(tree.players) + 1), 0)
        for (player, _), bit in self._bit.items():
            self._own[player] |= 1 << bit
        self.totals = self._payoffs_on_the_way()

    def find(self) -> PublicTree:
        """The whole tree of places."""
        self._refuse_absent_minds()
        self.diagnostics.raise_any()
        root = UnseenCase((), Fraction(1), (), 0)
        queue: list[tuple[Cluster, int, int, frozenset[int]]] = [([root], 0, -1, frozenset())]
        for cluster, level, parent, before in queue:  # grows as places are found
            try:
                place, after = self._place_of(cluster, level, before)
            except _UnplacedError:
                continue
            if parent >= 0:
                self.places[parent].children.append(len(self.places))
            self.places.append(place)
            movers = before | set(place.movers)
            queue += [(child, level + 1, len(self.places) - 1, movers) for child in after]
        self.diagnostics.raise_any()
        return PublicTree(self.places, self.draws or (), self.place_nodes)

    def _information_sets_below(self) -> list[int]:
        """For each node, the information sets from it on, as bits."""
        below = [0] * len(self.nodes)
        for number in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[number]
            for child in node.children:
                below[number] |= below[child]
            if node.kind == "p":
                key = (node.player, node.infoset)
                self._first[key] = number
                below[number] |= 1 << self._bit.setdefault(key, len(self._bit))
        return below

    def _payoffs_on_the_way(self) -> list[tuple[Fraction, ...]]:
        nothing = (Fraction(0),) * len(self.tree.players)
        totals = [nothing] * len(self.nodes)
        for number, node in enumerate(self.nodes):
            if node.outcome:
                paid = self.tree.payoffs[node.outcome]
                totals[number] = tuple(a + b for a, b in zip(totals[number], paid, strict=True))
            for child in node.children:
                totals[child] = totals[number]
        return totals

    def _refuse_absent_minds(self) -> None:
        """Report information sets that one way of play passes twice."""
        above = [0] * len(self.nodes)
        for number, node in enumerate(self.nodes):
            bit = 0
            if node.kind == "p":
                bit = 1 << self._bit[node.player, node.infoset]
                if above[number] & bit:
                    self._report(
                        node,
                        "absent-mindedness: one way of play passes this information set twice",
                        "a party that knows that it has moved",
                    )
            for child in node.children:
                above[child] = above[number] | bit

    def _report(self, node: EfgNode, message: str, allowed: str, help: str = WAY_OUT) -> None:
        """Report what an information set, or a draw, hides; each once."""
        found = "a draw"
        if node.kind == "p":
            first = self.nodes[self._first[node.player, node.infoset]].line
            name = self.tree.players[node.player - 1] or f"player {node.player}"
            found = f"information set {node.infoset} of {name}, first on line {first}"
        key = (node.player, node.infoset) if node.kind == "p" else node.line
        self.diagnostics.report(
            node.line, message, found=found, allowed=allowed, help=help, key=key
        )

    def _refuse(self, node: EfgNode, message: str, allowed: str, help: str = WAY_OUT) -> None:
        self._report(node, message, allowed, help)
        raise _UnplacedError

    def _place_of(
        self, cluster: Cluster, level: int, before: frozenset[int]
    ) -> tuple[Place, list[Cluster]]:
        """The next place that these nodes are in, and the nodes behind each of its branches."""
        while True:
            kinds = {self.nodes[case.node].kind for case in cluster}
            if kinds == {"t"}:
                return self._end(cluster, level)
            unseen = "c" in kinds and (kinds != {"c"} or self._is_hidden_draw(cluster))
            if unseen:
                cluster = self._with_draws_made(cluster)
                continue
            groups = self._groups_apart(cluster)
            if len(groups) > 1 and not (cluster[0].types and self._fits(cluster)):
                return self._revelation(groups, level)
            if kinds == {"c"}:
                return self._public_draw(cluster, level)
            if len(cluster) > 1 and not cluster[0].types:
                typed = self._with_types(cluster, before)
                if typed != cluster:
                    cluster = typed
                    continue
            return self._moves(cluster, level)

    def _is_hidden_draw(self, cluster: Cluster) -> bool:
        """Whether some information set lies behind several branches, or the draws differ."""
        nodes = [self.nodes[case.node] for case in cluster]
        if len({len(node.children) for node in nodes}) > 1:
            return True
        branches = zip(*(node.children for node in nodes), strict=True)
        return _overlap([self._any_below(branch) for branch in branches]) is not None

    def _any_below(self, nodes: Iterable[int]) -> int:
        found = 0
        for node in nodes:
            found |= self.below[node]
        return found

    def _with_draws_made(self, cluster: Cluster) -> Cluster:
        """The nodes behind every draw, which nobody has seen."""
        found = []
        for case in cluster:
            node = self.nodes[case.node]
            if node.kind != "c":
                found.append(case)
                continue
            for label, chance, child in zip(
                node.actions, node.probabilities, node.children, strict=True
            ):
                if chance > 0:
                    drawn = (*case.drawn, label)
                    found.append(UnseenCase(case.types, case.weight * chance, drawn, child))
        return found

    def _groups_apart(self, cluster: Cluster) -> list[Cluster]:
        """The nodes by which of them some later information set joins; ends are together."""
        groups: list[tuple[int, Cluster]] = []
        for case in cluster:
            mask, joined = self.below[case.node], [case]
            apart = []
            for other_mask, members in groups:
                if mask & other_mask or (mask == 0 and other_mask == 0):
                    mask, joined = mask | other_mask, members + joined
                else:
                    apart.append((other_mask, members))
            groups = [*apart, (mask, joined)]
        return [members for _, members in groups]

    def _fits(self, cluster: Cluster) -> bool:
        """Whether one player moves in all nodes and sees no more than its type, or chance does."""
        nodes = [self.nodes[case.node] for case in cluster]
        if {node.kind for node in nodes} == {"c"}:
            return True
        if len({(node.kind, node.player, len(node.actions)) for node in nodes}) > 1:
            return False
        sets = self._sets_by_knowledge(cluster, nodes[0].player)
        return all(len(infosets) == 1 for infosets in sets.values())

    def _sets_by_knowledge(self, cases: Cluster, player: int) -> dict[tuple[int, ...], set[int]]:
        """Which information sets a player is in, by what it has seen of the draws."""
        knows = [d for d, draw in enumerate(self.draws or ()) if player in draw.players]
        sets: dict[tuple[int, ...], set[int]] = {}
        for case in cases:
            key = tuple(case.types[d] for d in knows) if case.types else ()
            sets.setdefault(key, set()).add(self.nodes[case.node].infoset)
        return sets

    def _revelation(self, groups: list[Cluster], level: int) -> tuple[Place, list[Cluster]]:
        """A place in which everybody learns which of these groups it is."""
        every = [case for group in groups for case in group]
        total = _weights(every)
        chances = [
            {types: _weights(group).get(types, Fraction(0)) / total[types] for types in total}
            for group in groups
        ]
        labels = tuple(map(_common_label, groups))
        return Place("chance", level, (), (labels,), chances), [_seen(group) for group in groups]

    def _first_move(self, cluster: Cluster) -> EfgNode:
        moves = [self.nodes[c.node] for c in cluster if self.nodes[c.node].kind == "p"]
        return moves[0] if moves else self.nodes[cluster[0].node]

    def _public_draw(self, cluster: Cluster, level: int) -> tuple[Place, list[Cluster]]:
        node = self.nodes[cluster[0].node]
        total = _weights(cluster)
        chances: list[dict[tuple[int, ...], Fraction]] = []
        after: list[Cluster] = []
        for place in range(len(node.children)):
            behind = [
                case._replace(
                    weight=case.weight * self.nodes[case.node].probabilities[place],
                    node=self.nodes[case.node].children[place],
                )
                for case in cluster
            ]
            there = _weights(behind)
            chances.append({types: there[types] / total[types] for types in total})
            possible = [case for case in behind if case.weight > 0]
            after.append(possible or [case._replace(weight=Fraction(1)) for case in behind])
            if len(_weights(after[-1])) < len(total):
                self._refuse(
                    node,
                    "a draw that all see rules out what was drawn in secret",
                    "chances above 0, whatever was drawn before",
                )
        actions = (tuple(node.actions),)
        return Place("chance", level, (), actions, chances, label=node.label), after

    def _with_types(self, cluster: Cluster, before: frozenset[int]) -> Cluster:
        """The nodes with what each player has seen of the draws; as they are if nobody has."""
        partitions: dict[tuple[int, ...], list[int]] = {}
        for player in range(1, len(self.tree.players) + 1):
            seen = self._seen_by(player, cluster)
            if max(seen) > 0:
                partitions.setdefault(seen, []).append(player)
        if not partitions:
            return cluster
        self._check_draws(cluster, partitions, before)
        total = sum(case.weight for case in cluster)
        draws = []
        for seen, players in partitions.items():
            members = [
                [case for case, k in zip(cluster, seen, strict=True) if k == kind]
                for kind in range(max(seen) + 1)
            ]
            labels = tuple(map(_common_label, members))
            chances = tuple(sum((c.weight for c in m), Fraction(0)) / total for m in members)
            draws.append(HiddenDraw(tuple(players), labels, chances))
        known = [(draw.players, draw.chances) for draw in draws]
        if self.draws is None:
            self.draws = tuple(draws)
        elif known != [(draw.players, draw.chances) for draw in self.draws]:
            self._refuse(
                self._first_move(cluster),
                "what is drawn in secret differs from what is elsewhere in the tree",
                "the same secret draws, with the same chances, wherever there are some",
            )
        return [
            case._replace(types=tuple(seen[n] for seen in partitions))
            for n, case in enumerate(cluster)
        ]

    def _seen_by(self, player: int, cluster: Cluster) -> tuple[int, ...]:
        """For each node, which of the classes that the player can tell apart it is in."""
        own = self._own[player]
        classes: list[int] = []
        for case in cluster:
            mask, apart = self.below[case.node] & own, []
            for other in classes:
                if mask & other:
                    mask |= other
                else:
                    apart.append(other)
            classes = [*apart, mask] if mask else apart
        order: dict[int, int] = {}
        found = []
        for case in cluster:
            mask = self.below[case.node] & own
            place = next((n for n, m in enumerate(classes) if m & mask), 0)
            found.append(order.setdefault(place, len(order)))
        return tuple(found)

    def _check_draws(
        self, cluster: Cluster, partitions: dict[tuple[int, ...], list[int]], before: frozenset[int]
    ) -> None:
        """Refuse what types cannot carry."""
        node = self._first_move(cluster)
        for seen, players in partitions.items():
            name = self.tree.players[players[0] - 1] or f"player {players[0]}"
            if max(seen) >= MOST_TYPES:
                self._refuse(
                    node,
                    f"{name} alone sees a draw of {max(seen) + 1} outcomes",
                    f"{MOST_TYPES} at most: they become types of a party",
                )
            if before & set(players):
                self._refuse(
                    node,
                    f"{name} moves before it sees a draw that is hidden from others",
                    "secret draws before the first move of whoever sees them",
                )
        if len(partitions) > MOST_HIDDEN_DRAWS:
            allowed = f"{MOST_HIDDEN_DRAWS} at most: they become types of parties"
            self._refuse(node, f"{len(partitions)} draws are hidden from others", allowed)
        if not _independent(cluster, list(partitions)):
            self._refuse(
                node,
                "what players see of the draws is not independent",
                "secret draws that say nothing of one another",
            )

    def _moves(self, cluster: Cluster, level: int) -> tuple[Place, list[Cluster]]:
        """Moves of one player, or of several as long as no later player sees what came before."""
        movers: list[int] = []
        actions: list[tuple[str, ...]] = []
        met: dict[tuple[int, ...], tuple[int, ...]] = {}
        clusters = [cluster]
        while True:
            player, labels = self._mover_of(clusters, movers)
            movers.append(player)
            actions.append(labels)
            for case in clusters[0]:
                met[case.types] = (*met.get(case.types, ()), case.node)[: len(movers)]
            clusters = [
                [case._replace(node=self.nodes[case.node].children[action]) for case in one]
                for one in clusters
                for action in range(len(labels))
            ]
            masks = [self._any_below(case.node for case in one) for one in clusters]
            if _overlap(masks) is None:
                break
            clusters = [
                self._with_draws_made(one)
                if any(self.nodes[case.node].kind == "c" for case in one)
                else one
                for one in clusters
            ]
        self._check_moment(cluster, movers)
        self.place_nodes[len(self.places)] = met
        return Place("moves", level, tuple(movers), tuple(actions)), clusters

    def _check_moment(self, cluster: Cluster, movers: Sequence[int]) -> None:
        """Refuse what cannot be one moment."""
        node = self._first_move(cluster)
        if len(movers) > MOMENT_SIZES[1]:
            self._refuse(
                node,
                f"{len(movers)} players move without seeing each other's move",
                f"{MOMENT_SIZES[1]} at most: they choose at one moment",
            )
        informed = {player for draw in self.draws or () for player in draw.players}
        if len(movers) > 1 and informed & set(movers):
            self._refuse(
                node,
                "players move without seeing each other's move, and one of them has seen a draw "
                "that is hidden from others",
                "secret draws, or moves at one moment, but not both at one place",
            )

    def _mover_of(self, clusters: list[Cluster], movers: list[int]) -> tuple[int, tuple[str, ...]]:
        """Who moves next in all these nodes, seeing nothing but its type, and its actions."""
        cases = [case for cluster in clusters for case in cluster]
        nodes = [self.nodes[case.node] for case in cases]
        first = next((node for node in nodes if node.kind == "p"), nodes[0])
        if movers and any((n.kind, n.player) != ("p", first.player) for n in nodes):
            self._refuse_unseen(clusters, movers)
        for node in nodes:
            if (node.kind, node.player) != ("p", first.player):
                self._refuse(
                    first,
                    "who moves next depends on what was drawn in secret",
                    "the same player, whatever was drawn",
                )
            if len(node.actions) != len(first.actions):
                self._refuse(
                    node,
                    "how many actions there are depends on what was drawn in secret",
                    "as many, whatever was drawn",
                )
        if first.player in movers:
            self._refuse(
                first,
                "the player has forgotten what it did or knew itself",
                "players who remember their own moves",
            )
        sets = self._sets_by_knowledge(cases, first.player)
        if any(len(infosets) > 1 for infosets in sets.values()):
            if movers:
                self._refuse_unseen(clusters, movers)
            self._refuse(
                first,
                "the player learns here of a draw that others do not see",
                "secret draws that are seen from the start, or by nobody",
            )
        if len(set().union(*sets.values())) < len(sets):
            self._refuse(
                first,
                "the player no longer knows what it has seen drawn",
                "players who remember what they knew",
            )
        return first.player, tuple(first.actions)

    def _refuse_unseen(self, clusters: list[Cluster], movers: Sequence[int]) -> None:
        """Say which information set hides what one of the movers did."""
        masks = [self._any_below(case.node for case in one) for one in clusters]
        bit = _overlap(masks)
        key = next((key for key, b in self._bit.items() if b == bit), None)
        node = self._first_move(clusters[0]) if key is None else self.nodes[self._first[key]]
        names = ", ".join(self.tree.players[m - 1] or f"player {m}" for m in movers)
        if node.player in movers:
            self._refuse(
                node,
                "the player has forgotten what it did itself, or does not see what others did "
                "before its earlier move became known",
                "players who remember their own moves, and moves seen by all once all have moved",
            )
        self._refuse(
            node,
            f"does not see all that was done by {names}, and yet is not at one moment with it",
            "moves that nobody sees until all have moved, each once, or that everybody sees",
        )

    def _end(self, cluster: Cluster, level: int) -> tuple[Place, list[Cluster]]:
        """The end of play, or the draws that nobody saw and that still make a difference."""
        by_payoff: dict[tuple[Fraction, ...], Cluster] = {}
        for case in cluster:
            by_payoff.setdefault(self.totals[case.node], []).append(case)
        total = _weights(cluster)
        if len(by_payoff) > 1 and total.keys() == {()}:
            groups = list(by_payoff.values())
            labels = tuple(map(_common_label, groups))
            chances: list[dict[tuple[int, ...], Fraction]] = [
                {(): _weights(group)[()] / total[()]} for group in groups
            ]
            return Place("chance", level, (), (labels,), chances), [_seen(g) for g in groups]
        paid = {types: [Fraction(0)] * len(self.tree.players) for types in total}
        for case in cluster:
            for player, payoff in enumerate(self.totals[case.node]):
                paid[case.types][player] += case.weight / total[case.types] * payoff
        payoffs = {types: tuple(values) for types, values in paid.items()}
        return Place("end", level, payoffs=payoffs), []


def _weights(cluster: Cluster) -> dict[tuple[int, ...], Fraction]:
    """How likely each case of types is among these nodes."""
    found: dict[tuple[int, ...], Fraction] = {}
    for case in cluster:
        found[case.types] = found.get(case.types, Fraction(0)) + case.weight
    return found


def _label(case: UnseenCase) -> str:
    return " ".join(case.drawn) or "as drawn"


def _common_label(cluster: Cluster) -> str:
    """What was drawn in all these nodes; where there is no such draw, what was drawn in each."""
    draws = zip(*(case.drawn for case in cluster), strict=False)
    common = [each[0] for each in draws if len(set(each)) == 1]
    return " ".join(common) or " or ".join(dict.fromkeys(map(_label, cluster)))


def _seen(cluster: Cluster) -> Cluster:
    """These nodes once what is common to them has been seen by all."""
    common = 0
    while all(len(case.drawn) > common for case in cluster) and (
        len({case.drawn[common] for case in cluster}) == 1
    ):
        common += 1
    return [case._replace(drawn=case.drawn[common:]) for case in cluster]


def _overlap(masks: Sequence[int]) -> int | None:
    """The number of a bit that two of these have, None if no two have one."""
    known = 0
    for mask in masks:
        if both := known & mask:
            return both.bit_length() - 1
        known |= mask
    return None


def _independent(cluster: Cluster, partitions: Sequence[tuple[int, ...]]) -> bool:
    """Whether the classes of these partitions are drawn independently."""
    total = sum((case.weight for case in cluster), Fraction(0))
    joint: dict[tuple[int, ...], Fraction] = {}
    alone: list[dict[int, Fraction]] = [{} for _ in partitions]
    for n, case in enumerate(cluster):
        key = tuple(seen[n] for seen in partitions)
        joint[key] = joint.get(key, Fraction(0)) + case.weight / total
        for one, kind in zip(alone, key, strict=True):
            one[kind] = one.get(kind, Fraction(0)) + case.weight / total
    for key in product(*alone):
        expected = Fraction(1)
        for one, kind in zip(alone, key, strict=True):
            expected *= one[kind]
        if joint.get(key, Fraction(0)) != expected:
            return False
    return True
