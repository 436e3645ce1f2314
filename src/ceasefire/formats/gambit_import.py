"""How a Gambit game tree (`.efg`) is read, and how it becomes a case.

Source of the format: The Gambit Project, "The extensive game (.efg) file format".
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, NoReturn

from ceasefire.diagnostics import Diagnostics, TextLocation
from ceasefire.errors import CaseError
from ceasefire.formats.case_writer import (
    ConvertedFile,
    UniqueIdentifiers,
    case_to_yaml,
    decode_import,
    format_fraction,
)

_EFG_TOKEN = re.compile(r'\s+|"(?:\\.|[^"\\])*"|[{},]|[^\s{},"]+')
_EFG_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?|[+-]?\d+/\d+")


class EfgToken(NamedTuple):
    """A piece of the file: its text, quotes included, and its line."""

    text: str
    line: int


@dataclass
class EfgNode:
    """A node of the file.

    kind           c for chance, p for a player, t for an end
    line           its line in the file
    label          its label
    player         the number of the player from 1; 0 for chance and ends
    infoset        the number of the information set from 1; 0 for ends
    actions        labels of the branches
    probabilities  of the branches of chance
    outcome        the number of the outcome reached there; 0 for none
    children       positions of the nodes that follow, in the order of the branches
    """

    kind: str
    line: int
    label: str
    player: int = 0
    infoset: int = 0
    actions: list[str] = field(default_factory=list)
    probabilities: list[Fraction] = field(default_factory=list)
    outcome: int = 0
    children: list[int] = field(default_factory=list)


@dataclass
class EfgTree:
    """An extensive game.

    title    its title
    comment  the text below the title
    players  their names
    nodes    in the order of the file, the root first
    payoffs  {outcome: a payoff for each player}
    """

    title: str
    comment: str
    players: list[str]
    nodes: list[EfgNode]
    payoffs: dict[int, tuple[Fraction, ...]]


def parse_efg(text: str, file: str, max_nodes: int) -> EfgTree:
    """Read the text of a `.efg` file as a tree.

    text       the text of the file
    file       its name in problems
    max_nodes  most nodes that the tree may have

    Raises CaseError, with the line, where the file stops being an extensive game, and for a tree
    of more nodes.

    >>> tree = parse_efg('EFG 2 R "" { "A" } p "" 1 1 "" { "l" "r" } 0 t "" 1 "" { 1 } t "" 0',
    ...                 "a.efg", 10)
    >>> [node.kind for node in tree.nodes], tree.nodes[0].children
    (['p', 't', 't'], [1, 2])
    """
    return _EfgParser(text, file, max_nodes).parse()


def _line_diagnostics(file: str) -> Diagnostics[int]:
    """The collector of problems that are known by their line."""
    return Diagnostics(CaseError, lambda line: TextLocation.on_line(file, line))


class _EfgParser:
    """One pass over the tokens; the first that does not fit ends it."""

    def __init__(self, text: str, file: str, max_nodes: int) -> None:
        self.diagnostics, self.max_nodes = _line_diagnostics(file), max_nodes
        self.tokens = list(self._tokenize(text))
        self.position = 0
        self.last_line = text.count("\n") + 1
        self.information_sets: dict[tuple[int, int], tuple[list[str], list[Fraction]]] = {}
        self.payoffs: dict[int, tuple[Fraction, ...]] = {}

    def _tokenize(self, text: str) -> Iterator[EfgToken]:
        line, position = 1, 0
        while position < len(text):
            found = _EFG_TOKEN.match(text, position)
            if found is None:
                self._fail(line, "text is not closed", text[position : position + 20], '"')
            if not found[0].isspace():
                yield EfgToken(found[0], line)
            line += found[0].count("\n")
            position = found.end()

    def _fail(
        self, line: int, message: str, found: str = "", allowed: str = "", help: str = ""
    ) -> NoReturn:
        help = help or "is the file complete? Gambit writes such files with File, Save"
        self.diagnostics.fail(line, message, found=found, allowed=allowed, help=help)

    def parse(self) -> EfgTree:
        """The whole file."""
        for wanted in (("EFG",), ("2",), ("R", "D")):
            token = self._next(" or ".join(wanted))
            if token.text not in wanted:
                self._fail(
                    token.line, "is no extensive game", token.text[:40], "EFG 2 R, as Gambit writes"
                )
        title, players = self._quoted("the title"), self._players()
        comment = self._quoted("") if self._peek().startswith('"') else ""
        nodes = self._nodes(players)
        if self.position < len(self.tokens):
            token = self.tokens[self.position]
            self._fail(token.line, "the tree is complete here", token.text[:40], "nothing more")
        for node in nodes:
            if node.outcome and node.outcome not in self.payoffs:
                self._fail(node.line, "no payoffs", f"outcome {node.outcome}", "defined somewhere")
        return EfgTree(title, comment, players, nodes, self.payoffs)

    def _nodes(self, players: list[str]) -> list[EfgNode]:
        nodes = [self._node(players)]
        unfinished = [0] if nodes[0].actions else []
        while unfinished:
            parent = nodes[unfinished[-1]]
            if len(parent.children) == len(parent.actions):
                unfinished.pop()
                continue
            nodes.append(self._node(players))
            if len(nodes) > self.max_nodes:
                self._fail(nodes[-1].line, "the tree is too large", "", f"{self.max_nodes:,} nodes")
            parent.children.append(len(nodes) - 1)
            if nodes[-1].kind != "t":
                unfinished.append(len(nodes) - 1)
        return nodes

    def _node(self, players: list[str]) -> EfgNode:
        token = self._next("a node: c, p or t")
        if token.text not in ("c", "p", "t"):
            self._fail(token.line, "a node is missing", token.text[:40], "c, p or t")
        node = EfgNode(token.text, token.line, self._quoted("the node's label"))
        if node.kind != "t":
            if node.kind == "p":
                node.player = self._integer("the player", 1, len(players))
            node.infoset = self._integer("the information set", 1, 10**9)
            key = (node.player, node.infoset)
            if self._peek().startswith('"'):
                self._quoted("the information set's label")
            if self._peek() == "{":
                self._actions(node)
                known = self.information_sets.setdefault(key, (node.actions, node.probabilities))
                if known != (node.actions, node.probabilities):
                    self._fail(node.line, "an information set has one list of actions", "another")
            elif key not in self.information_sets:
                self._fail(node.line, "the actions are missing", "", '{ "left" "right" }')
            node.actions, node.probabilities = self.information_sets[key]
        node.outcome = self._integer("the outcome", 0, 10**9)
        if self._peek().startswith('"'):
            self._quoted("the outcome's label")
        if self._peek() == "{":
            if not node.outcome:
                self._fail(node.line, "payoffs need an outcome above 0", "outcome 0")
            paid = self._payoffs(len(players))
            if self.payoffs.setdefault(node.outcome, paid) != paid:
                self._fail(node.line, "an outcome has one list of payoffs", "another")
        return node

    def _players(self) -> list[str]:
        self._expect("{")
        players = []
        while self._peek() != "}":
            players.append(self._quoted("a player's name"))
        line = self._expect("}")
        if not 1 <= len(players) <= 100:
            self._fail(line, "how many players", str(len(players)), "1 to 100")
        return players

    def _actions(self, node: EfgNode) -> None:
        self._expect("{")
        while self._peek() != "}":
            node.actions.append(self._quoted("an action"))
            if node.kind == "c":
                node.probabilities.append(self._number("a probability"))
        line = self._expect("}")
        if not node.actions:
            self._fail(line, "the actions are missing", "{ }", "one or more")
        if node.kind == "c" and (
            min(node.probabilities) < 0
            or abs(sum(node.probabilities, Fraction(-1))) > Fraction(1, 10**6)
        ):
            total = float(sum(node.probabilities))
            amiss = "much" if total > 1 else "little"
            self._fail(
                line,
                "must be probabilities that sum to 1",
                f"a sum of {total:.10g}, {abs(total - 1):.3g} too {amiss}",
                help="write shares that no decimal holds as fractions, such as 1/3",
            )

    def _payoffs(self, player_count: int) -> tuple[Fraction, ...]:
        line = self._expect("{")
        paid = []
        while self._peek() != "}":
            if self._peek() == ",":
                self.position += 1
            else:
                paid.append(self._number("a payoff"))
        self._expect("}")
        if len(paid) != player_count:
            self._fail(line, "one payoff for each player", f"{len(paid)}", f"{player_count}")
        return tuple(paid)

    def _peek(self) -> str:
        return self.tokens[self.position].text if self.position < len(self.tokens) else ""

    def _next(self, what: str) -> EfgToken:
        if self.position >= len(self.tokens):
            self._fail(self.last_line, "the file ends too early", "", what)
        self.position += 1
        return self.tokens[self.position - 1]

    def _expect(self, sign: str) -> int:
        token = self._next(sign)
        if token.text != sign:
            self._fail(token.line, "is out of place", token.text[:40], sign)
        return token.line

    def _quoted(self, what: str) -> str:
        token = self._next(what)
        if not token.text.startswith('"'):
            self._fail(token.line, f"{what} must stand in quotes", token.text[:40])
        return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)

    def _number(self, what: str) -> Fraction:
        token = self._next(what)
        zero = re.search(r"/0+$", token.text)
        if not _EFG_NUMBER.fullmatch(token.text) or zero or len(token.text) > 400:
            self._fail(token.line, f"{what} must be a number", token.text[:40], "1, 0.25 or 1/4")
        return Fraction(token.text)

    def _integer(self, what: str, low: int, high: int) -> int:
        token = self._next(what)
        whole = token.text.isdecimal() and token.text.isascii() and len(token.text) < 11
        if not whole or not low <= int(token.text) <= high:
            self._fail(
                token.line, f"{what} must be a whole number", token.text[:40], f"{low} or more"
            )
        return int(token.text)


MOST_IMPORTED_NODES = 1_000
DEFAULT_PRECISION = 20


def from_efg(content: bytes, file: str = "<efg>") -> ConvertedFile:
    """Turn a Gambit game tree into a case; the notes say what is assumed and what is left out.

    content  the bytes of the file
    file     its name in problems

    Raises CaseError, with the line, where the file is not an extensive game, and for every
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
    tree = parse_efg(decode_import(content, file), file, MOST_IMPORTED_NODES)
    _require_perfect_information(tree, file)
    return ConvertedFile(case_to_yaml(_case_document(tree)), tuple(_import_notes(tree)))


def _require_perfect_information(tree: EfgTree, file: str) -> None:
    """Refuse information sets of more than one node, each with the line of its second."""
    first: dict[tuple[int, int], EfgNode] = {}
    diagnostics = _line_diagnostics(file)
    for node in tree.nodes:
        key = (node.player, node.infoset)
        if node.kind == "p" and first.setdefault(key, node) is not node:
            diagnostics.report(
                node.line,
                "cannot be told apart from an earlier node",
                found=(
                    f"information set {node.infoset} of {tree.players[node.player - 1]}, "
                    f"first on line {first[key].line}"
                ),
                allowed="information sets of one node",
                help="hidden knowledge is written as `types` of a party in a case of your own",
                key=key,
            )
    diagnostics.raise_any()


def _case_document(tree: EfgTree) -> dict[str, object]:
    names = UniqueIdentifiers(["node"])
    parties = [
        names.allocate(player, f"player_{i}") for i, player in enumerate(tree.players, start=1)
    ]
    moves: dict[str, object] = {}
    chance: dict[str, object] = {}
    steps: dict[int, dict[str, list[str]]] = {}
    own = [UniqueIdentifiers() for _ in parties]
    depth = {0: 0}
    for number, node in enumerate(tree.nodes):
        here = steps.setdefault(depth[number], {})
        for child in node.children:
            depth[child] = depth[number] + 1
        if node.kind == "p":
            party = parties[node.player - 1]
            for label, child in zip(node.actions, node.children, strict=True):
                name = own[node.player - 1].allocate(label, "action")
                there = {"when": f"node == {number}", "set": {"node": child}}
                moves[f"{party}.{name}"] = {"by": party, **there}
                here.setdefault(party, []).append(name)
        elif node.kind == "c":
            label = names.allocate(node.label or f"chance {number}", "chance")
            chance[label] = {"when": f"node == {number}", "outcomes": _chance_outcomes(node)}
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
        "ending": "final",
        "parties": {
            name: {"name": player or name, "patience": 0, "precision": DEFAULT_PRECISION}
            for name, player in zip(parties, tree.players, strict=True)
        },
        "state": {"node": {"values": f"0..{len(tree.nodes) - 1}", "start": 0}},
        "payoffs": dict(zip(parties, _payoff_terms(tree), strict=True)),
        **({"moves": moves} if moves else {}),
        **({"chance": chance} if chance else {}),
        "order": order,
    }


def _chance_outcomes(node: EfgNode) -> list[dict[str, object]]:
    names = UniqueIdentifiers()
    return [
        {
            "name": names.allocate(label, "outcome"),
            "chance": format_fraction(chance),
            "set": {"node": child},
        }
        for label, chance, child in zip(
            node.actions, node.probabilities, node.children, strict=True
        )
    ]


def _payoff_terms(tree: EfgTree) -> list[dict[str, str]]:
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
    terms_by_player = []
    for of_player in ends:
        terms: dict[str, str] = {}
        for value, numbers in sorted(of_player.items()):
            for begin in range(0, len(numbers), 200) if value else ():
                listed = ", ".join(str(n) for n in numbers[begin : begin + 200])
                test = f"node == {listed}" if "," not in listed else f"node in ({listed})"
                terms[f"gets_{len(terms) + 1}"] = f"{format_fraction(value)} * ({test})"
        terms_by_player.append(terms)
    return terms_by_player


def _import_notes(tree: EfgTree) -> list[str]:
    kinds = Counter(node.kind for node in tree.nodes)
    notes = [
        f"Precision is not in the file: every party has {DEFAULT_PRECISION}; choose your own.",
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
