"""Reads Gambit's extensive games (`.efg`) as a tree, with the line of everything in it.

Source of the format: The Gambit Project, "The extensive game (.efg) file format".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from ceasefire.errors import CaseError, Problem

_TOKEN = re.compile(r'\s+|"(?:\\.|[^"\\])*"|[{},]|[^\s{},"]+')
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?|[+-]?\d+/\d+")


class Token(NamedTuple):
    """A piece of the file: its text, quotes included, and its line."""

    text: str
    line: int


@dataclass
class TreeNode:
    """A node: `kind` is c, p or t; player and information set count from 1."""

    kind: str
    line: int
    label: str
    player: int = 0
    infoset: int = 0
    actions: list[str] = field(default_factory=list)
    chances: list[Fraction] = field(default_factory=list)
    outcome: int = 0
    children: list[int] = field(default_factory=list)


@dataclass
class Tree:
    """An extensive game: players, nodes in the order of the file, payoffs of each outcome."""

    title: str
    comment: str
    players: list[str]
    nodes: list[TreeNode]
    payoffs: dict[int, tuple[Fraction, ...]]


def read_efg(text: str, file: str, most: int) -> Tree:
    """Read a tree.

    Raises CaseError naming the line at which the file stops being an extensive game, and for one
    of more than `most` nodes.

    >>> tree = read_efg('EFG 2 R "" { "A" } p "" 1 1 "" { "l" "r" } 0 t "" 1 "" { 1 } t "" 0',
    ...                 "a.efg", 10)
    >>> [node.kind for node in tree.nodes], tree.nodes[0].children
    (['p', 't', 't'], [1, 2])
    """
    return _Reader(text, file, most).tree()


class _Reader:
    """One pass over the tokens; the first that does not fit ends it."""

    def __init__(self, text: str, file: str, most: int) -> None:
        self.file, self.most = file, most
        self.tokens = list(self._split(text))
        self.at = 0
        self.last = text.count("\n") + 1
        self.sets: dict[tuple[int, int], tuple[list[str], list[Fraction]]] = {}
        self.payoffs: dict[int, tuple[Fraction, ...]] = {}

    def _split(self, text: str) -> Iterator[Token]:
        line, position = 1, 0
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise self._wrong(line, "text is not closed", text[position : position + 20], '"')
            if not found[0].isspace():
                yield Token(found[0], line)
            line += found[0].count("\n")
            position = found.end()

    def _wrong(self, line: int, message: str, found: str = "", allowed: str = "") -> CaseError:
        way = "is the file complete? Gambit writes such files with File, Save"
        raise CaseError([Problem(message, self.file, line, found=found, allowed=allowed, help=way)])

    def tree(self) -> Tree:
        """The whole file."""
        for wanted in (("EFG",), ("2",), ("R", "D")):
            token = self._next(" or ".join(wanted))
            if token.text not in wanted:
                raise self._wrong(
                    token.line, "is no extensive game", token.text[:40], "EFG 2 R, as Gambit writes"
                )
        title, players = self._quoted("the title"), self._players()
        comment = self._quoted("") if self._peek().startswith('"') else ""
        nodes = self._nodes(players)
        if self.at < len(self.tokens):
            token = self.tokens[self.at]
            raise self._wrong(
                token.line, "the tree is complete here", token.text[:40], "nothing more"
            )
        for node in nodes:
            if node.outcome and node.outcome not in self.payoffs:
                raise self._wrong(
                    node.line, "no payoffs", f"outcome {node.outcome}", "defined somewhere"
                )
        return Tree(title, comment, players, nodes, self.payoffs)

    def _nodes(self, players: list[str]) -> list[TreeNode]:
        nodes = [self._node(players)]
        open_ = [0] if nodes[0].actions else []
        while open_:
            parent = nodes[open_[-1]]
            if len(parent.children) == len(parent.actions):
                open_.pop()
                continue
            nodes.append(self._node(players))
            if len(nodes) > self.most:
                raise self._wrong(
                    nodes[-1].line, "the tree is too large", "", f"{self.most:,} nodes"
                )
            parent.children.append(len(nodes) - 1)
            if nodes[-1].kind != "t":
                open_.append(len(nodes) - 1)
        return nodes

    def _node(self, players: list[str]) -> TreeNode:
        token = self._next("a node: c, p or t")
        if token.text not in ("c", "p", "t"):
            raise self._wrong(token.line, "a node is missing", token.text[:40], "c, p or t")
        node = TreeNode(token.text, token.line, self._quoted("the node's label"))
        if node.kind != "t":
            if node.kind == "p":
                node.player = self._whole("the player", 1, len(players))
            node.infoset = self._whole("the information set", 1, 10**9)
            key = (node.player, node.infoset)
            if self._peek().startswith('"'):
                self._quoted("the information set's label")
            if self._peek() == "{":
                self._actions(node)
                known = self.sets.setdefault(key, (node.actions, node.chances))
                if known != (node.actions, node.chances):
                    raise self._wrong(
                        node.line, "an information set has one list of actions", "another"
                    )
            elif key not in self.sets:
                raise self._wrong(node.line, "the actions are missing", "", '{ "left" "right" }')
            node.actions, node.chances = self.sets[key]
        node.outcome = self._whole("the outcome", 0, 10**9)
        if self._peek().startswith('"'):
            self._quoted("the outcome's label")
        if self._peek() == "{":
            if not node.outcome:
                raise self._wrong(node.line, "payoffs need an outcome above 0", "outcome 0")
            paid = self._paid(len(players))
            if self.payoffs.setdefault(node.outcome, paid) != paid:
                raise self._wrong(node.line, "an outcome has one list of payoffs", "another")
        return node

    def _players(self) -> list[str]:
        self._sign("{")
        players = []
        while self._peek() != "}":
            players.append(self._quoted("a player's name"))
        line = self._sign("}")
        if not 1 <= len(players) <= 100:
            raise self._wrong(line, "how many players", str(len(players)), "1 to 100")
        return players

    def _actions(self, node: TreeNode) -> None:
        self._sign("{")
        while self._peek() != "}":
            node.actions.append(self._quoted("an action"))
            if node.kind == "c":
                node.chances.append(self._number("a probability"))
        line = self._sign("}")
        if not node.actions:
            raise self._wrong(line, "the actions are missing", "{ }", "one or more")
        if node.kind == "c" and (min(node.chances) < 0 or abs(float(sum(node.chances)) - 1) > 1e-6):
            total = float(sum(node.chances))
            raise self._wrong(line, "must be probabilities that sum to 1", f"a sum of {total:g}")

    def _paid(self, players: int) -> tuple[Fraction, ...]:
        line = self._sign("{")
        paid = []
        while self._peek() != "}":
            if self._peek() == ",":
                self.at += 1
            else:
                paid.append(self._number("a payoff"))
        self._sign("}")
        if len(paid) != players:
            raise self._wrong(line, "one payoff for each player", f"{len(paid)}", f"{players}")
        return tuple(paid)

    def _peek(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _next(self, what: str) -> Token:
        if self.at >= len(self.tokens):
            raise self._wrong(self.last, "the file ends too early", "", what)
        self.at += 1
        return self.tokens[self.at - 1]

    def _sign(self, sign: str) -> int:
        token = self._next(sign)
        if token.text != sign:
            raise self._wrong(token.line, "is out of place", token.text[:40], sign)
        return token.line

    def _quoted(self, what: str) -> str:
        token = self._next(what)
        if not token.text.startswith('"'):
            raise self._wrong(token.line, f"{what} must stand in quotes", token.text[:40])
        return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)

    def _number(self, what: str) -> Fraction:
        token = self._next(what)
        zero = re.search(r"/0+$", token.text)
        if _NUMBER.fullmatch(token.text) and not zero and len(token.text) <= 400:
            return Fraction(token.text)
        raise self._wrong(token.line, f"{what} must be a number", token.text[:40], "1, 0.25 or 1/4")

    def _whole(self, what: str, low: int, high: int) -> int:
        token = self._next(what)
        if token.text.isdecimal() and token.text.isascii() and len(token.text) < 11:
            number = int(token.text)
            if low <= number <= high:
                return number
        raise self._wrong(
            token.line, f"{what} must be a whole number", token.text[:40], f"{low} or more"
        )
