"""Reads the options of a quantity, and refuses those that have no meaning for it."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from ceasefire.ask.clauses import Clauses
from ceasefire.ask.question import Formula, Start, Variant
from ceasefire.ask.reader import PASS, Reader, listed, nearest
from ceasefire.case import GREATEST, POSITIVE

GAME: Final = ("start", "without", "closed", "given", "sharper")
OPTIONS: Final = {
    "P": (*GAME, "types", "within", "provided"),
    "E": (*GAME, "types", "within", "at", "provided"),
    "time": (*GAME, "types", "within"),
    "value": (*GAME, "types", "by", "type"),
    "plays": (*GAME, "types"),
    "signs": (*GAME, "types"),
    "belief": (*GAME, "types", "by", "after", "at", "provided", "within"),
    "can": ("start", "without", "closed", "given", "within"),
    "kept": (*GAME, "types"),
    "least": GAME,
}


@dataclass(frozen=True)
class Options:
    """The options of one quantity as read; `named` are those that were written."""

    named: frozenset[str] = frozenset()
    start: Start = ()
    without: frozenset[str] = frozenset()
    closed: tuple[tuple[str, int], ...] = ()
    given: tuple[tuple[str, float], ...] = ()
    sharper: float = 1.0
    types: tuple[tuple[str, str], ...] = ()
    within: int | None = None
    at: int | None = None
    by: str | None = None
    type: str | None = None
    after: tuple[str, ...] = ()
    provided: Formula | None = None
    nodes: dict[str, ast.expr] = field(default_factory=dict, compare=False, repr=False)

    @property
    def variant(self) -> Variant:
        """The game that these options ask about."""
        return Variant(self.without, self.closed, self.given, self.sharper)

    def under(self, outer: "Options") -> "Options":
        """These options inside `least(..., outer)`: what is named here goes first."""
        inherited = {n: getattr(outer, n) for n in GAME if n in outer.named - self.named}
        if "start" in self.named and "start" in outer.named:
            inherited["start"] = tuple({**dict(outer.start), **dict(self.start)}.items())
        return replace(self, named=self.named | set(inherited), **inherited)


def read_options(reader: Reader, call: ast.Call, quantity: str) -> Options:
    """Read the keywords of a quantity; faults go to the reader."""
    allowed = OPTIONS[quantity]
    every = dict.fromkeys(name for names in OPTIONS.values() for name in names)
    found: dict[str, object] = {}
    nodes: dict[str, ast.expr] = {}
    readers = _Readers(reader)
    for keyword in call.keywords:
        name = keyword.arg or "**"
        if name not in every:
            way = nearest(name, allowed)
            reader.fault(keyword, "is no option", allowed=listed(allowed), way=way)
        elif name not in allowed:
            message = f"{name}= has no meaning for {quantity}(...)"
            way = WAYS_OUT.get(name, "")
            reader.fault(keyword, message, allowed=listed(allowed), way=way)
        else:
            nodes[name] = keyword.value
            value = readers.by_name[name](keyword.value)
            if value is not None:
                found[name] = value
    return Options(named=frozenset(found), nodes=nodes, **found)  # type: ignore[arg-type]


WAYS_OUT: Final = {
    "within": "it says how many periods a formula looks at",
    "at": "to look at a later moment, ask P(at_end(...), within=n) or E(..., at=n)",
    "by": "only value and belief have a beholder",
    "after": "only a belief changes by what is seen",
    "type": "to count only plays with a type, write types={party: type}",
    "types": "leave it out",
    "provided": "only P, E and belief(..., at=n) can be made conditional",
    "sharper": "precision plays no part in it",
}


def pairs(reader: Reader, node: ast.expr, what: str) -> list[tuple[ast.expr, ast.expr]]:
    """The items of `{name: value}`; a fault where it is none, or a name stands twice."""
    if not isinstance(node, ast.Dict) or None in node.keys:
        reader.fault(node, "stands without braces", allowed=f"{{{what}}}")
        return []
    items = [(k, v) for k, v in zip(node.keys, node.values, strict=True) if k is not None]
    names = [reader.dotted(key) for key, _ in items]
    for (key, _), name in zip(items, names, strict=True):
        if names.count(name) > 1:
            reader.fault(key, "stands twice", allowed="each name once")
            return []
    return items


def read_start(reader: Reader, node: ast.expr) -> Start:
    """The variables that `{variable: value}` sets, promises among them."""
    found = []
    for key, value in pairs(reader, node, "variable: value"):
        name = reader.one_of(key, reader.case.variables, "variable or promise")
        known = reader.value_of(value, name) if name is not None else None
        if name is not None and known is not None:
            found.append((name, known))
    return tuple(found)


class _Readers:
    """One way of reading for each option."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.by_name: dict[str, Callable[[ast.expr], object]] = {
            "start": lambda node: read_start(reader, node),
            "without": self.without,
            "closed": self.closed,
            "given": self.given,
            "sharper": self.sharper,
            "types": self.types,
            "within": lambda node: self.periods(node, "within="),
            "at": lambda node: self.periods(node, "at="),
            "by": lambda node: reader.one_of(node, ("analyst", *reader.case.parties), "beholder"),
            "type": reader.dotted,
            "after": self.after,
            "provided": Clauses(reader).formula,
        }

    def periods(self, node: ast.expr, what: str) -> int | None:
        return self.reader.whole(node, what, 0, self.reader.case.horizon)

    def without(self, node: ast.expr) -> frozenset[str]:
        case = self.reader.case
        known = [*case.tables, *self.reader.deals, *case.moves, *case.chance]
        each = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
        what = "table, table.deal, party.move or chance"
        names = [self.reader.one_of(e, known, what) for e in each]
        return frozenset(name for name in names if name is not None)

    def closed(self, node: ast.expr) -> tuple[tuple[str, int], ...]:
        case, found = self.reader.case, {}
        for key, value in pairs(self.reader, node, "table: periods"):
            name = self.reader.one_of(key, case.tables, "table")
            periods = self.reader.whole(value, "periods", 0, case.horizon + case.tail)
            if name is not None and periods is not None:
                found[name] = periods
        return tuple(sorted(found.items()))

    def given(self, node: ast.expr) -> tuple[tuple[str, float], ...]:
        found = {}
        for key, value in pairs(self.reader, node, "unknown: number"):
            name = self.reader.one_of(key, self.reader.case.unknowns, "unknown")
            number = self.reader.number(value, "the value of an unknown")
            if name is not None and number is not None:
                found[name] = number
        return tuple(sorted(found.items()))

    def sharper(self, node: ast.expr) -> float | None:
        number = self.reader.number(node, "sharper=")
        if number is not None and not 0 < number <= GREATEST:
            way = "2 makes every party twice as precise"
            self.reader.fault(node, "sharper= cannot be this", allowed=POSITIVE, way=way)
            return None
        return number

    def types(self, node: ast.expr) -> tuple[tuple[str, str], ...]:
        case, found = self.reader.case, {}
        hidden = [name for name, party in case.parties.items() if party.types]
        for key, value in pairs(self.reader, node, "party: type"):
            name = self.reader.one_of(key, hidden, "party with types")
            if name is None:
                continue
            kind = self.reader.one_of(value, tuple(case.parties[name].types), f"type of {name}")
            if kind is not None:
                found[name] = kind
        return tuple(sorted(found.items()))

    def after(self, node: ast.expr) -> tuple[str, ...] | None:
        case = self.reader.case
        known = [*case.moves, *(f"{party}.{PASS}" for party in case.parties), *self.reader.deals]
        each = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
        names = [self.reader.one_of(e, known, "party.move or table.deal") for e in each]
        read = tuple(name for name in names if name is not None)
        return read if len(read) == len(names) else None
