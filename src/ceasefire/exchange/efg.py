"""A game tree from Gambit (`.efg`) as a case, if everyone knows all that has happened.

One variable, `node`, says where play stands; an action is a move that leads to the next node.
Play takes one period and pays at its end, so nothing is discounted. A step of the period is one
level of the tree: who is to move there moves, and nobody may pass.
"""

from collections import Counter
from fractions import Fraction

from ceasefire.errors import CaseError, Problem
from ceasefire.exchange.efg_reader import Tree, TreeNode, read_efg
from ceasefire.exchange.exported import Exported
from ceasefire.exchange.writing import Identifiers, as_yaml, exact, plain_text

MOST_NODES = 1_000
PRECISION = 20


def from_efg(content: bytes, file: str = "<efg>") -> Exported:
    """Write a game tree as a case; the notes say what is read into it and what is left out.

    Raises CaseError, with the line, where the file is no extensive game, and for every
    information set of more than one node: in a case all that has happened is public.

    >>> tree = b'''EFG 2 R "Enter?" { "Entrant" "Incumbent" }
    ... p "" 1 1 "" { "out" "in" } 0
    ... t "" 1 "" { 0, 2 }
    ... p "" 2 1 "" { "fight" "yield" } 0
    ... t "" 2 "" { -1, 0 }
    ... t "" 3 "" { 1, 1 }'''
    >>> print(from_efg(tree).text.split("moves:")[1])
    <BLANKLINE>
      entrant.out: {by: entrant, when: node == 0, set: {node: 1}}
      entrant.in_: {by: entrant, when: node == 0, set: {node: 2}}
      incumbent.fight: {by: incumbent, when: node == 2, set: {node: 3}}
      incumbent.yield_: {by: incumbent, when: node == 2, set: {node: 4}}
    order:
    - {entrant: [out, in_]}
    - {incumbent: [fight, yield_]}
    <BLANKLINE>
    """
    tree = read_efg(plain_text(content, file), file, MOST_NODES)
    _perfect(tree, file)
    return Exported(as_yaml(_case(tree)), tuple(_notes(tree)))


def _perfect(tree: Tree, file: str) -> None:
    """Refuse information sets of more than one node, each with the line of its second."""
    first: dict[tuple[int, int], TreeNode] = {}
    problems: dict[tuple[int, int], Problem] = {}
    for node in tree.nodes:
        key = (node.player, node.infoset)
        if node.kind == "p" and first.setdefault(key, node) is not node:
            problems.setdefault(
                key,
                Problem(
                    "cannot be told apart from an earlier node",
                    file,
                    node.line,
                    found=(
                        f"information set {node.infoset} of {tree.players[node.player - 1]}, "
                        f"first on line {first[key].line}"
                    ),
                    allowed="information sets of one node",
                    help="hidden knowledge is written as `types` of a party in a case of your own",
                ),
            )
    if problems:
        raise CaseError(list(problems.values()))


def _case(tree: Tree) -> dict[str, object]:
    names = Identifiers(["node"])
    parties = [names.new(player, f"player_{i}") for i, player in enumerate(tree.players, start=1)]
    moves: dict[str, object] = {}
    chance: dict[str, object] = {}
    steps: dict[int, dict[str, list[str]]] = {}
    own = [Identifiers() for _ in parties]
    depth = {0: 0}
    for number, node in enumerate(tree.nodes):
        here = steps.setdefault(depth[number], {})
        for child in node.children:
            depth[child] = depth[number] + 1
        if node.kind == "p":
            party = parties[node.player - 1]
            for label, child in zip(node.actions, node.children, strict=True):
                name = own[node.player - 1].new(label, "action")
                there = {"when": f"node == {number}", "set": {"node": child}}
                moves[f"{party}.{name}"] = {"by": party, **there}
                here.setdefault(party, []).append(name)
        elif node.kind == "c":
            label = names.new(node.label or f"chance {number}", "chance")
            chance[label] = {"when": f"node == {number}", "outcomes": _outcomes(node)}
            here.setdefault(label, [])
    order = [
        {name: listed} if listed else name
        for level in sorted(steps)
        for name, listed in sorted(steps[level].items(), key=lambda item: bool(item[1]))
    ]
    about = " ".join(tree.comment.split())
    return {
        "ceasefire": 1,
        "title": tree.title.strip() or "A game tree",
        **({"about": about} if about else {}),
        "horizon": 1,
        "ending": "nothing",
        "parties": {
            name: {"name": player or name, "patience": 0, "precision": PRECISION}
            for name, player in zip(parties, tree.players, strict=True)
        },
        "state": {"node": {"values": f"0..{len(tree.nodes) - 1}", "start": 0}},
        "payoffs": dict(zip(parties, _payoffs(tree), strict=True)),
        **({"moves": moves} if moves else {}),
        **({"chance": chance} if chance else {}),
        "order": order,
    }


def _outcomes(node: TreeNode) -> list[dict[str, object]]:
    names = Identifiers()
    return [
        {"name": names.new(label, "outcome"), "chance": exact(chance), "set": {"node": child}}
        for label, chance, child in zip(node.actions, node.chances, node.children, strict=True)
    ]


def _payoffs(tree: Tree) -> list[dict[str, str]]:
    """For each player, the sum of the outcomes on the way to each end, ends of one value joined."""
    nothing = (Fraction(0),) * len(tree.players)
    total = {0: nothing}
    ends: list[dict[Fraction, list[int]]] = [{} for _ in tree.players]
    for number, node in enumerate(tree.nodes):
        paid = tree.payoffs.get(node.outcome, nothing) if node.outcome else nothing
        sums = tuple(a + b for a, b in zip(total.pop(number), paid, strict=True))
        for child in node.children:
            total[child] = sums
        if node.kind == "t":
            for player, value in enumerate(sums):
                ends[player].setdefault(value, []).append(number)
    found = []
    for of_player in ends:
        terms: dict[str, str] = {}
        for value, numbers in sorted(of_player.items()):
            for begin in range(0, len(numbers), 200) if value else ():
                listed = ", ".join(str(n) for n in numbers[begin : begin + 200])
                test = f"node == {listed}" if "," not in listed else f"node in ({listed})"
                terms[f"gets_{len(terms) + 1}"] = f"{exact(value)} * ({test})"
        found.append(terms)
    return found


def _notes(tree: Tree) -> list[str]:
    kinds = Counter(node.kind for node in tree.nodes)
    notes = [
        f"Precision is not in the file: every party has {PRECISION}; choose your own.",
        "Play is one period that pays at its end: patience is 0 and counts for nothing.",
        "The tree says nothing of time: all its levels are steps of this period.",
        f"`node` numbers the {len(tree.nodes)} nodes as they stand in the file, from 0.",
        "The case makes no claims: write your own, or ask.",
    ]
    if kinds["t"] and any(n.outcome and n.kind != "t" for n in tree.nodes):
        notes.append("Outcomes before the end are added to the payoffs of the ends behind them.")
    if any(node.label for node in tree.nodes if node.kind != "c"):
        notes.append("Labels of nodes and information sets are left out.")
    if any(
        player not in {n.player for n in tree.nodes} for player in range(1, len(tree.players) + 1)
    ):
        notes.append("A player who never moves is a party without moves.")
    return notes
