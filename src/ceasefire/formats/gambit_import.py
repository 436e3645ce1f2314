"""How a game of Gambit, a tree (`.efg`) or a strategic game (`.nfg`), becomes a case.

Source of the formats: The Gambit Project, "The extensive game (.efg) file format".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import prod

from ceasefire.case.model import BOUNDED_RANGE_TEXT, LARGEST_MAGNITUDE
from ceasefire.formats.case_writer import (
    ConvertedFile,
    UniqueIdentifiers,
    case_to_yaml,
    decode_import,
    format_fraction,
)
from ceasefire.formats.gambit_files import (
    LARGER_UNIT,
    EfgTree,
    line_diagnostics,
    parse_efg,
    parse_nfg,
)
from ceasefire.formats.public_tree import Place, PublicTree, find_public_places

MOST_IMPORTED_NODES = 20_000
DEFAULT_PRECISION = 20


def from_efg(content: bytes, file: str = "<efg>") -> ConvertedFile:
    """Turn a Gambit game tree into a case; the notes say what is assumed and what is left out.

    content  the bytes of the file
    file     its name in problems

    Raises CaseError, with the line, where the file is not an extensive game, and for what is hidden
    in it otherwise than by a moment, by a type, or from everybody.

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
    return _convert(parse_efg(decode_import(content, file), file, MOST_IMPORTED_NODES), file)


def from_nfg(content: bytes, file: str = "<nfg>") -> ConvertedFile:
    """Turn a strategic game of Gambit into a case of one moment.

    content  the bytes of the file, with payoffs or with outcomes
    file     its name in problems

    Raises CaseError, with the line, where the file is not a strategic game.

    >>> pennies = b'NFG 1 R "Pennies" { "A" "B" } { { "H" "T" } { "H" "T" } } 1 -1 -1 1 -1 1 1 -1'
    >>> print(from_nfg(pennies).text.split("moves:")[1])
    <BLANKLINE>
      a.h: {by: a, when: node == 0, set: {node: node + 1}}
      a.t: {by: a, when: node == 0, set: {node: node + 3}}
      b.h: {by: b, when: node == 0 or 1 <= node <= 4, set: {node: node}}
      b.t: {by: b, when: node == 0 or 1 <= node <= 4, set: {node: node + 1}}
    order:
    - - {a: [h, t]}
      - {b: [h, t]}
    <BLANKLINE>
    """
    return _convert(parse_nfg(decode_import(content, file), file, MOST_IMPORTED_NODES), file)


def _convert(tree: EfgTree, file: str) -> ConvertedFile:
    public = find_public_places(tree, file)
    _check_payoffs(tree, public, file)
    document = _CaseOfPlaces(tree, public).document()
    return ConvertedFile(case_to_yaml(document), tuple(_import_notes(tree, public)))


def _check_payoffs(tree: EfgTree, public: PublicTree, file: str) -> None:
    """Refuse sums of outcomes that no case can have as a payoff."""
    largest = max(
        (abs(x) for place in public.places for paid in place.payoffs.values() for x in paid),
        default=Fraction(0),
    )
    if largest > LARGEST_MAGNITUDE:
        line_diagnostics(file).fail(
            tree.nodes[0].line,
            "payoffs on one way of play add up to too much",
            found=f"{float(largest):.6g}",
            allowed=BOUNDED_RANGE_TEXT,
            help=LARGER_UNIT,
        )


@dataclass(frozen=True)
class _Run:
    """Places side by side that offer the same, and where what follows the first of them begins."""

    first: int
    count: int
    place: Place
    after: int

    @property
    def branches(self) -> int:
        """How many places follow each."""
        return len(self.place.children)

    @property
    def condition(self) -> str:
        """Whether play stands in one of these places, as an expression."""
        return _range_test(self.first, self.first + self.count - 1)

    def target(self, branch: int) -> int | str:
        """Where a branch leads, as a number or as an expression."""
        if self.count == 1:
            return self.after + branch
        shift = self.after + branch - self.branches * self.first
        factor = f"{self.branches} * node" if self.branches > 1 else "node"
        return _shifted(factor, shift)


def _range_test(first: int, last: int) -> str:
    return f"node == {first}" if first == last else f"{first} <= node <= {last}"


def _shifted(expression: str, by: int) -> str:
    return expression if by == 0 else f"{expression} {'+' if by > 0 else '-'} {abs(by)}"


class _CaseOfPlaces:
    """Writes the places of a tree as a case, in which `node` is the number of the place."""

    def __init__(self, tree: EfgTree, public: PublicTree) -> None:
        self.tree, self.public = tree, public
        self.names = UniqueIdentifiers(["node"])
        self.parties = [
            self.names.allocate(player, f"player_{i}")
            for i, player in enumerate(tree.players, start=1)
        ]
        self.types = [
            [self.names.allocate(label, "kind") for label in draw.labels] for draw in public.draws
        ]
        self.own = [UniqueIdentifiers() for _ in self.parties]
        self.moves: dict[str, object] = {}
        self.chance: dict[str, object] = {}
        self.order: list[object] = []

    def document(self) -> dict[str, object]:
        """The whole case."""
        levels: dict[int, list[_Run]] = {}
        for run in self._runs():
            levels.setdefault(run.place.level, []).append(run)
        for level in sorted(levels):
            self._add_level(levels[level])
        about = " ".join(self.tree.comment.split())
        return {
            "ceasefire": 1,
            "title": " ".join(self.tree.title.split()) or "A game of Gambit",
            **({"about": about} if about else {}),
            "horizon": 1,
            "ending": "final",
            "parties": {name: self._party(p) for p, name in enumerate(self.parties)},
            "state": {"node": {"values": f"0..{len(self.public.places) - 1}", "start": 0}},
            "payoffs": {
                name: terms
                for p, name in enumerate(self.parties)
                if (terms := self._payoff_terms(p))
            },
            **({"moves": self.moves} if self.moves else {}),
            **({"chance": self.chance} if self.chance else {}),
            "order": self.order,
        }

    def _party(self, p: int) -> dict[str, object]:
        found: dict[str, object] = {
            "name": self.tree.players[p] or self.parties[p],
            "patience": 0,
            "precision": DEFAULT_PRECISION,
        }
        for draw, kinds in zip(self.public.draws, self.types, strict=True):
            owner, *knowing = draw.players
            if owner == p + 1:
                chances = map(format_fraction, draw.chances)
                found["types"] = dict(zip(kinds, chances, strict=True))
            elif p + 1 in knowing:
                found["knows"] = [self.parties[owner - 1]]
        return found

    def _runs(self) -> Iterator[_Run]:
        def offer(number: int) -> object:
            place = self.public.places[number]
            offered = place.movers, place.actions, place.chances
            return place.level, place.kind, place.label, offered

        for _, numbers in groupby(range(len(self.public.places)), key=offer):
            run = list(numbers)
            place = self.public.places[run[0]]
            if place.kind != "end":
                yield _Run(run[0], len(run), place, place.children[0])

    def _add_level(self, runs: Sequence[_Run]) -> None:
        """The moves and draws of one level, and its steps."""
        offered: dict[tuple[int, ...], list[list[str]]] = {}
        for run in runs:
            if run.place.kind == "chance":
                self.order.append(self._add_chance(run))
                continue
            listed = offered.setdefault(run.place.movers, [[] for _ in run.place.movers])
            for k, names in enumerate(listed):
                names += self._add_moves(run, k)
        for movers, listed in offered.items():
            steps = [{self.parties[m - 1]: x} for m, x in zip(movers, listed, strict=True)]
            self.order.append(steps if len(steps) > 1 else steps[0])

    def _add_moves(self, run: _Run, k: int) -> list[str]:
        """The moves of the k-th mover of a moment, each on from where those before it led."""
        mover, labels = run.place.movers[k], run.place.actions[k]
        party, stride = self.parties[mover - 1], prod(map(len, run.place.actions[k + 1 :]))
        when = run.condition
        if k > 0:
            last = run.after + run.count * run.branches - 1
            when += f" or {_range_test(run.after, last)}"
        names = []
        for action, label in enumerate(labels):
            name = self.own[mover - 1].allocate(label, "action")
            target: int | str = run.target(action * stride)
            if k > 0 or (len(run.place.movers) > 1 and run.count == 1):
                start = run.after if k == 0 else 0
                target = _shifted("node", start - run.first * (k == 0) + action * stride)
            self.moves[f"{party}.{name}"] = {"by": party, "when": when, "set": {"node": target}}
            names.append(name)
        return names

    def _add_chance(self, run: _Run) -> str:
        label = run.place.label or f"chance {run.first}"
        name = self.names.allocate(label, "chance")
        outcomes = UniqueIdentifiers()
        self.chance[name] = {
            "when": run.condition,
            "outcomes": [
                {
                    "name": outcomes.allocate(text, "outcome"),
                    "chance": self._by_type(chances, None),
                    "set": {"node": run.target(branch)},
                }
                for branch, (text, chances) in enumerate(
                    zip(run.place.actions[0], run.place.chances, strict=True)
                )
            ],
        }
        return name

    def _by_type(self, values: dict[tuple[int, ...], Fraction], reader: int | None) -> str:
        """A number that may differ by type, as an expression that a party, or anybody, may read."""
        return self._by_draw(dict(values), 0, reader)

    def _by_draw(
        self, values: dict[tuple[int, ...], Fraction], draw: int, reader: int | None
    ) -> str:
        distinct = set(values.values())
        if len(distinct) == 1:
            return format_fraction(distinct.pop())
        owner = self.public.draws[draw].players[0]
        asked = "type" if reader == owner - 1 else f"type({self.parties[owner - 1]})"
        parts = []
        for kind in sorted({types[draw] for types in values}):
            those = {types: value for types, value in values.items() if types[draw] == kind}
            parts.append((kind, self._by_draw(those, draw + 1, reader)))
        text = parts[-1][1]
        for kind, part in reversed(parts[:-1]):
            if part != text:
                text = f"({part} if {asked} == {self.types[draw][kind]} else {text})"
        return text

    def _payoff_terms(self, p: int) -> dict[str, str]:
        """What a player gets at the ends, those of one value joined."""
        ends: dict[tuple[tuple[tuple[int, ...], Fraction], ...], list[int]] = {}
        for number, place in enumerate(self.public.places):
            if place.kind == "end":
                values = tuple((types, paid[p]) for types, paid in sorted(place.payoffs.items()))
                ends.setdefault(values, []).append(number)
        terms: dict[str, str] = {}
        for values, numbers in sorted(ends.items(), key=lambda item: [v for _, v in item[0]]):
            value = self._by_type(dict(values), p)
            for begin in range(0, len(numbers), 200) if value != "0" else ():
                test = _one_of(numbers[begin : begin + 200])
                terms[f"gets_{len(terms) + 1}"] = f"{value} * ({test})"
        return terms


def _one_of(numbers: Sequence[int]) -> str:
    """Whether `node` is one of these, in increasing order, as an expression."""
    if len(numbers) == 1:
        return f"node == {numbers[0]}"
    if numbers[-1] - numbers[0] == len(numbers) - 1 and len(numbers) > 2:
        return _range_test(numbers[0], numbers[-1])
    return f"node in ({', '.join(map(str, numbers))})"


def _import_notes(tree: EfgTree, public: PublicTree) -> Iterator[str]:
    moments = any(len(place.movers) > 1 for place in public.places)
    ends = sum(node.kind == "t" for node in tree.nodes)
    yield f"Precision is not in the file: every party has {DEFAULT_PRECISION}; choose your own."
    yield "Play is one period that pays at its end: patience is 0 and counts for nothing."
    yield "The file says nothing of time: all that can happen one after another are steps."
    yield (
        f"`node` is how far play has come: {len(public.places)} places, numbered level by level, "
        f"for the {len(tree.nodes)} nodes of the game."
    )
    if moments:
        yield "Moves that the later mover does not see are made at one moment."
    for draw in public.draws:
        seen = ", ".join(tree.players[p - 1] or f"player {p}" for p in draw.players)
        yield (
            f"A draw that only {seen} {'sees' if len(draw.players) == 1 else 'see'} is a type: "
            f"{', '.join(draw.labels)}."
        )
    if tree.rescaled:
        yield "Chances that miss a sum of 1 by their rounding are divided by their sum."
    yield "The case makes no claims: write your own, or ask."
    if ends and any(n.outcome and n.kind != "t" for n in tree.nodes):
        yield "Outcomes before the end are added to the payoffs of the ends behind them."
    if any(node.label for node in tree.nodes if node.kind != "c"):
        yield "Labels of nodes and information sets are left out."
    if {n.player for n in tree.nodes} < {0, *range(1, len(tree.players) + 1)} - {0}:
        yield "A player who never moves is a party without moves."
