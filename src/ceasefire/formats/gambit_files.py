"""How Gambit's files are read: game trees (`.efg`) and strategic games (`.nfg`), both as trees.

Source of the formats: The Gambit Project, "The extensive game (.efg) file format" and "The
strategic game (.nfg) file format".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import NamedTuple, NoReturn

from ceasefire.case.model import BOUNDED_RANGE_TEXT, LARGEST_MAGNITUDE
from ceasefire.diagnostics import Diagnostics, TextLocation
from ceasefire.errors import CaseError

_EFG_TOKEN = re.compile(r'\s+|"(?:\\.|[^"\\])*"|[{},]|[^\s{},"]+')
_EFG_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?|[+-]?\d+/\d+")


LARGER_UNIT = "choose a larger unit of payoff"


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
    rescaled whether chances missed a sum of 1 by their rounding
    """

    title: str
    comment: str
    players: list[str]
    nodes: list[EfgNode]
    payoffs: dict[int, tuple[Fraction, ...]]
    rescaled: bool = False


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


def line_diagnostics(file: str) -> Diagnostics[int]:
    """The collector of problems that are known by their line."""
    return Diagnostics(CaseError, lambda line: TextLocation.on_line(file, line))


class _EfgParser:
    """One pass over the tokens; the first that does not fit ends it."""

    def __init__(self, text: str, file: str, max_nodes: int) -> None:
        self.diagnostics, self.max_nodes = line_diagnostics(file), max_nodes
        self.tokens = list(self._tokenize(text))
        self.position = 0
        self.last_line = text.count("\n") + 1
        self.information_sets: dict[tuple[int, int], tuple[list[str], list[Fraction]]] = {}
        self.payoffs: dict[int, tuple[Fraction, ...]] = {}
        self.rescaled = False

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
        return EfgTree(title, comment, players, nodes, self.payoffs, self.rescaled)

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
                self._fail_size(nodes[-1].line)
            parent.children.append(len(nodes) - 1)
            if nodes[-1].kind != "t":
                unfinished.append(len(nodes) - 1)
        return nodes

    def _fail_size(self, line: int) -> NoReturn:
        self._fail(
            line,
            "the game is too large",
            allowed=f"{self.max_nodes:,} nodes",
            help="a case of more takes minutes to load and to solve; cut the game, or ask Gambit",
        )

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
        if node.kind == "c" and (whole := sum(node.probabilities)) != 1:
            node.probabilities = [chance / whole for chance in node.probabilities]
            self.rescaled = True

    def _payoffs(self, player_count: int) -> tuple[Fraction, ...]:
        line = self._expect("{")
        paid = []
        while self._peek() != "}":
            if self._peek() == ",":
                self.position += 1
            else:
                paid.append(self._payoff())
        self._expect("}")
        if len(paid) != player_count:
            self._fail(line, "one payoff for each player", f"{len(paid)}", f"{player_count}")
        return tuple(paid)

    def _payoff(self) -> Fraction:
        line = self._line()
        value = self._number("a payoff")
        if abs(value) > LARGEST_MAGNITUDE:
            found = f"{float(value):.6g}"
            self._fail(line, "a payoff is out of range", found, BOUNDED_RANGE_TEXT, LARGER_UNIT)
        return value

    def _line(self) -> int:
        return self.tokens[self.position].line if self._peek() else self.last_line

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


def parse_nfg(text: str, file: str, max_nodes: int) -> EfgTree:
    """Read the text of a `.nfg` file as a tree in which the players choose unseen, one by one.

    text       the text of the file, with payoffs or with outcomes
    file       its name in problems
    max_nodes  most nodes that the tree may have

    Raises CaseError, with the line, where the file stops being a strategic game, and for a larger
    one.

    >>> text = 'NFG 1 R "" { "A" "B" } { 1 2 } 1 2 3 4'
    >>> tree = parse_nfg(text, "a.nfg", 10)
    >>> [node.kind for node in tree.nodes], tree.nodes[1].actions, tree.payoffs[2]
    (['p', 'p', 't', 't'], ['1', '2'], (Fraction(3, 1), Fraction(4, 1)))
    """
    return _NfgParser(text, file, max_nodes).parse()


class _NfgParser(_EfgParser):
    """One pass over the tokens of a strategic game."""

    def parse(self) -> EfgTree:
        """The whole file."""
        for wanted in (("NFG",), ("1",), ("R", "D")):
            token = self._next(" or ".join(wanted))
            if token.text not in wanted:
                found, allowed = token.text[:40], "NFG 1 R, as Gambit writes"
                self._fail(token.line, "is no strategic game", found, allowed)
        title, players = self._quoted("the title"), self._players()
        strategies = self._strategies(len(players))
        comment = self._quoted("") if self._peek().startswith('"') else ""
        sizes = [len(of_player) for of_player in strategies]
        nodes = sum(prod(sizes[:k]) for k in range(len(sizes) + 1))
        if nodes > self.max_nodes:
            self._fail_size(self._line())
        line = self._line()
        by_cell = (
            self._outcomes(len(players), prod(sizes))
            if self._peek() == "{"
            else self._payoff_list(len(players), prod(sizes))
        )
        if self.position < len(self.tokens):
            token = self.tokens[self.position]
            self._fail(token.line, "the game is complete here", token.text[:40], "nothing more")
        return _tree_of_strategic_game(title, comment, players, strategies, by_cell, line)

    def _strategies(self, players: int) -> list[list[str]]:
        line = self._expect("{")
        found: list[list[str]] = []
        while self._peek() != "}":
            if self._peek() == "{":
                self._expect("{")
                labels = []
                while self._peek() != "}":
                    labels.append(self._quoted("a strategy"))
                self._expect("}")
                found.append(labels)
            else:
                count = self._integer("how many strategies", 1, 20_000)
                found.append([str(number) for number in range(1, count + 1)])
        self._expect("}")
        if len(found) != players or not all(found):
            allowed = "one or more for each player"
            self._fail(line, "the strategies are missing", f"of {len(found)} players", allowed)
        return found

    def _payoff_list(self, players: int, cells: int) -> list[tuple[Fraction, ...]]:
        return [tuple(self._listed_payoff() for _ in range(players)) for _ in range(cells)]

    def _listed_payoff(self) -> Fraction:
        while self._peek() == ",":
            self.position += 1
        return self._payoff()

    def _outcomes(self, players: int, cells: int) -> list[tuple[Fraction, ...]]:
        self._expect("{")
        outcomes = [(Fraction(0),) * players]
        while self._peek() != "}":
            self._expect("{")
            self._quoted("an outcome")
            outcomes.append(tuple(self._listed_payoff() for _ in range(players)))
            while self._peek() == ",":
                self.position += 1
            self._expect("}")
        self._expect("}")
        found = []
        for _ in range(cells):
            line = self._line()
            number = self._integer("the outcome", 0, 10**9)
            if number >= len(outcomes):
                self._fail(line, "no payoffs", f"outcome {number}", f"0 to {len(outcomes) - 1}")
            found.append(outcomes[number])
        return found


def _tree_of_strategic_game(
    title: str,
    comment: str,
    players: list[str],
    strategies: list[list[str]],
    by_cell: list[tuple[Fraction, ...]],
    line: int,
) -> EfgTree:
    """A tree with one information set for each player; cells have the first player go fastest."""
    nodes: list[EfgNode] = []
    payoffs: dict[int, tuple[Fraction, ...]] = {}
    strides = [prod(len(s) for s in strategies[:player]) for player in range(len(players))]

    def grow(player: int, cell: int) -> int:
        number = len(nodes)
        if player == len(players):
            payoffs[cell + 1] = by_cell[cell]
            nodes.append(EfgNode("t", line, "", outcome=cell + 1))
            return number
        node = EfgNode("p", line, "", player + 1, 1, strategies[player])
        nodes.append(node)
        for place in range(len(strategies[player])):
            node.children.append(grow(player + 1, cell + place * strides[player]))
        return number

    grow(0, 0)
    return EfgTree(title, comment, players, nodes, payoffs)
