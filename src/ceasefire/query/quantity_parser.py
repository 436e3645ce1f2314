"""Reads one quantity with its options, and checks that the two go together."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from ceasefire.case import LARGEST_MAGNITUDE, POSITIVE_RANGE_TEXT
from ceasefire.query.ast import (
    Formula,
    GameModification,
    Quantity,
    StartOverrides,
    belief_terms_of_formula,
)
from ceasefire.query.formula_parser import FormulaParser, bind_state_expression
from ceasefire.query.name_resolver import (
    PASS_OPTION,
    QuestionContext,
    format_name_list,
    suggest_nearest_name,
)

GAME_OPTION_NAMES: Final = ("start", "without", "closed", "given", "sharper")
OPTIONS_BY_QUANTITY: Final = {
    "P": (*GAME_OPTION_NAMES, "types", "within", "provided"),
    "E": (*GAME_OPTION_NAMES, "types", "within", "at", "provided"),
    "time": (*GAME_OPTION_NAMES, "types", "within"),
    "value": (*GAME_OPTION_NAMES, "types", "by", "type"),
    "plays": (*GAME_OPTION_NAMES, "types"),
    "signs": (*GAME_OPTION_NAMES, "types"),
    "belief": (*GAME_OPTION_NAMES, "types", "by", "after", "at", "provided", "within"),
    "can": ("start", "without", "closed", "given", "within"),
    "kept": (*GAME_OPTION_NAMES, "types"),
    "least": GAME_OPTION_NAMES,
}


@dataclass(frozen=True)
class QuantityOptions:
    """The options of one quantity as read; `named` are those that were written."""

    named: frozenset[str] = frozenset()
    start: StartOverrides = ()
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
    def variant(self) -> GameModification:
        """The game that these options ask about."""
        return GameModification(self.without, self.closed, self.given, self.sharper)

    def under(self, outer: "QuantityOptions") -> "QuantityOptions":
        """These options inside `least(..., outer)`: what is named here goes first."""
        inherited = {
            n: getattr(outer, n) for n in GAME_OPTION_NAMES if n in outer.named - self.named
        }
        if "start" in self.named and "start" in outer.named:
            inherited["start"] = tuple({**dict(outer.start), **dict(self.start)}.items())
        return replace(self, named=self.named | set(inherited), **inherited)


def read_quantity_options(
    reader: QuestionContext, call: ast.Call, quantity: str
) -> QuantityOptions:
    """Read the keywords of a quantity; faults go to the reader."""
    allowed = OPTIONS_BY_QUANTITY[quantity]
    every = dict.fromkeys(name for names in OPTIONS_BY_QUANTITY.values() for name in names)
    found: dict[str, object] = {}
    nodes: dict[str, ast.expr] = {}
    readers = _OptionReaders(reader)
    for keyword in call.keywords:
        name = keyword.arg or "**"
        if name not in every:
            way = suggest_nearest_name(name, allowed)
            reader.fault(keyword, "is no option", allowed=format_name_list(allowed), way=way)
        elif name not in allowed:
            message = f"{name}= has no meaning for {quantity}(...)"
            way = MISPLACED_OPTION_ADVICE.get(name, "")
            reader.fault(keyword, message, allowed=format_name_list(allowed), way=way)
        else:
            nodes[name] = keyword.value
            value = readers.by_name[name](keyword.value)
            if value is not None:
                found[name] = value
    return QuantityOptions(named=frozenset(found), nodes=nodes, **found)  # type: ignore[arg-type]


MISPLACED_OPTION_ADVICE: Final = {
    "within": "it says how many periods a formula looks at",
    "at": "to look at a later moment, ask P(at_end(...), within=n) or E(..., at=n)",
    "by": "only value and belief have a beholder",
    "after": "only a belief changes by what is seen",
    "type": "to count only plays with a type, write types={party: type}",
    "types": "leave it out",
    "provided": "only P, E and belief(..., at=n) can be made conditional",
    "sharper": "precision plays no part in it",
}


def read_mapping_items(
    reader: QuestionContext, node: ast.expr, what: str
) -> list[tuple[ast.expr, ast.expr]]:
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


def read_start_overrides(reader: QuestionContext, node: ast.expr) -> StartOverrides:
    """The variables that `{variable: value}` sets, promises among them."""
    found = []
    for key, value in read_mapping_items(reader, node, "variable: value"):
        name = reader.one_of(key, reader.case.variables, "variable or promise")
        known = reader.value_of(value, name) if name is not None else None
        if name is not None and known is not None:
            found.append((name, known))
    return tuple(found)


class _OptionReaders:
    """One way of reading for each option."""

    def __init__(self, reader: QuestionContext) -> None:
        self.reader = reader
        self.by_name: dict[str, Callable[[ast.expr], object]] = {
            "start": lambda node: read_start_overrides(reader, node),
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
            "provided": FormulaParser(reader).formula,
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
        for key, value in read_mapping_items(self.reader, node, "table: periods"):
            name = self.reader.one_of(key, case.tables, "table")
            periods = self.reader.whole(value, "periods", 0, case.horizon + case.tail)
            if name is not None and periods is not None:
                found[name] = periods
        return tuple(sorted(found.items()))

    def given(self, node: ast.expr) -> tuple[tuple[str, float], ...]:
        found = {}
        for key, value in read_mapping_items(self.reader, node, "unknown: number"):
            name = self.reader.one_of(key, self.reader.case.unknowns, "unknown")
            number = self.reader.number(value, "the value of an unknown")
            if name is not None and number is not None:
                found[name] = number
        return tuple(sorted(found.items()))

    def sharper(self, node: ast.expr) -> float | None:
        number = self.reader.number(node, "sharper=")
        if number is not None and not 0 < number <= LARGEST_MAGNITUDE:
            way = "2 makes every party twice as precise"
            self.reader.fault(node, "sharper= cannot be this", allowed=POSITIVE_RANGE_TEXT, way=way)
            return None
        return number

    def types(self, node: ast.expr) -> tuple[tuple[str, str], ...]:
        case, found = self.reader.case, {}
        hidden = [name for name, party in case.parties.items() if party.types]
        for key, value in read_mapping_items(self.reader, node, "party: type"):
            name = self.reader.one_of(key, hidden, "party with types")
            if name is None:
                continue
            kind = self.reader.one_of(value, tuple(case.parties[name].types), f"type of {name}")
            if kind is not None:
                found[name] = kind
        return tuple(sorted(found.items()))

    def after(self, node: ast.expr) -> tuple[str, ...] | None:
        case = self.reader.case
        known = [
            *case.moves,
            *(f"{party}.{PASS_OPTION}" for party in case.parties),
            *self.reader.deals,
        ]
        each = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
        names = [self.reader.one_of(e, known, "party.move or table.deal") for e in each]
        read = tuple(name for name in names if name is not None)
        return read if len(read) == len(names) else None


QUANTITY_SYNTAX: Final = {
    "P": "P(formula)",
    "E": "E(expression)",
    "time": "time(condition or event)",
    "value": "value(party)",
    "plays": "plays(party.move) or plays(table.deal)",
    "signs": "signs(party, table.deal)",
    "belief": "belief(party.type)",
    "can": "can([party, ...], formula)",
    "kept": "kept(promise, n)",
}


class QuantityParser:
    """Reads what stands in the brackets of one quantity, its options having been read."""

    def __init__(self, reader: QuestionContext, options: QuantityOptions, call: ast.Call) -> None:
        self.reader = reader
        self.options = options
        self.call = call
        self.by_name: Final[dict[str, Callable[[ast.Call], Quantity | None]]] = {
            "P": self._probability,
            "E": self._expectation,
            "time": self._time,
            "value": self._value,
            "plays": self._plays,
            "signs": self._signs,
            "belief": self._belief,
            "can": self._can,
            "kept": self._kept,
        }

    def quantity(self, call: ast.Call, name: str) -> Quantity | None:
        """The quantity, or None after a fault."""
        wanted = 2 if name in ("signs", "can", "kept") else 1
        if len(call.args) != wanted or any(isinstance(a, ast.Starred) for a in call.args):
            self.reader.fault(call, f"{name} is written otherwise", allowed=QUANTITY_SYNTAX[name])
            return None
        faults = len(self.reader.problems)
        provided = self.options.provided
        if name != "P" and provided is not None and belief_terms_of_formula(provided):
            way = "name a state or an event"
            self._fault("provided", "believes(...) in provided= conditions P only", way=way)
        found = self.by_name[name](call)
        return found if len(self.reader.problems) == faults else None

    def _made(self, call: ast.Call, kind: str, **more: object) -> Quantity:
        options = self.options
        return Quantity(
            text=self.reader.written(call),
            kind=kind,
            variant=options.variant,
            start=tuple(sorted(options.start)),
            types=options.types,
            **more,  # type: ignore[arg-type]
        )

    def _fault(self, option: str, message: str, **more: str) -> None:
        self.reader.fault(self.options.nodes.get(option, self.call), message, **more)

    def _probability(self, call: ast.Call) -> Quantity | None:
        formula = FormulaParser(self.reader).formula(call.args[0])
        options = self.options
        return self._made(
            call, "P", formula=formula, provided=options.provided, periods=options.within
        )

    def _expectation(self, call: ast.Call) -> Quantity | None:
        expression = bind_state_expression(self.reader, call.args[0])
        options = self.options
        if options.at is not None and options.within is not None and options.at > options.within:
            self._fault("at", "at= lies after within=", allowed=f"0 to {options.within}")
        return self._made(
            call,
            "E",
            expression=expression,
            provided=options.provided,
            periods=options.within,
            at=options.at,
        )

    def _time(self, call: ast.Call) -> Quantity | None:
        condition = FormulaParser(self.reader).condition(call.args[0], "time")
        return self._made(call, "time", condition=condition, periods=self.options.within)

    def _value(self, call: ast.Call) -> Quantity | None:
        reader, options = self.reader, self.options
        party = reader.party(call.args[0])
        if options.by is not None and options.by != "analyst":
            self._fault("by", "value(...) is by the party itself, or by=analyst", allowed="analyst")
        if options.types and options.by != "analyst":
            way = "write type= for the party's own type, or by=analyst to count plays"
            self._fault("types", "a party values the game by its own beliefs", way=way)
        if party is None:
            return None
        known = reader.case.parties[party].types
        if options.type is not None and options.type not in known:
            reader.one_of(options.nodes["type"], tuple(known), f"type of {party}")
        counted = dict(options.types).get(party, options.type)
        if options.type is not None and counted != options.type:
            self._fault("types", f"type= already says which type {party} is")
        return self._made(call, "value", party=party, type=options.type, observer=options.by)

    def _choice(self, node: ast.expr) -> str | None:
        case = self.reader.case
        moves = [*case.moves, *(f"{party}.{PASS_OPTION}" for party in case.parties)]
        return self.reader.one_of(node, [*moves, *self.reader.deals], "party.move or table.deal")

    def _plays(self, call: ast.Call) -> Quantity | None:
        subject = self._choice(call.args[0])
        return None if subject is None else self._made(call, "plays", subject=subject)

    def _signs(self, call: ast.Call) -> Quantity | None:
        reader = self.reader
        party = reader.party(call.args[0])
        deal = reader.one_of(call.args[1], reader.deals, "table.deal")
        if party is None or deal is None:
            return None
        seats = reader.case.tables[deal.split(".")[0]].seats
        if party not in seats:
            allowed = "a seat of the table: " + ", ".join(seats)
            reader.fault(call.args[0], f"has no seat where {deal} is made", allowed=allowed)
            return None
        return self._made(call, "signs", party=party, subject=deal)

    def _belief(self, call: ast.Call) -> Quantity | None:
        options, known = self.options, self.reader.party_type(call.args[0])
        if "after" in options.nodes and "at" in options.nodes:
            way = "after= starts from the prior; at= from play as a whole"
            self._fault("after", "after= and at= exclude each other", way=way)
        if "at" not in options.nodes:
            for option in ("provided", "within"):
                if option in options.nodes:
                    way = "write at=n, with provided=formula"
                    self._fault(option, f"{option}= needs at=", way=way)
            if "after" not in options.nodes:
                for option in ("start", "without", "closed", "sharper", "types"):
                    if option in options.nodes:
                        way = "write after= or at=: before play a belief is the prior"
                        self._fault(option, f"{option}= has no meaning for a prior", way=way)
        elif "within" in options.nodes and "provided" not in options.nodes:
            way = "at=n says when the belief is held"
            self._fault("within", "within= needs provided=", way=way)
        if options.at is not None and options.within is not None and options.at > options.within:
            self._fault("at", "at= lies after within=", allowed=f"0 to {options.within}")
        if known is None:
            return None
        party, kind = known
        if options.by == party:
            allowed = "another party, or analyst"
            self._fault("by", f"{party} knows its own type", allowed=allowed)
        return self._made(
            call,
            "belief",
            party=party,
            type=kind,
            observer=options.by or "analyst",
            at=options.at,
            after=options.after,
            provided=options.provided,
            periods=options.within,
        )

    def _can(self, call: ast.Call) -> Quantity | None:
        node, reader = call.args[0], self.reader
        each = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
        members = [reader.party(member) for member in each]
        clauses = FormulaParser(
            reader, believing=False, why_not="in can(...) types and beliefs play no part"
        )
        formula = clauses.formula(call.args[1])
        named = [member for member in members if member is not None]
        for member in dict.fromkeys(named):
            if named.count(member) > 1:
                reader.fault(node, f"{member} stands twice", allowed="each party once")
        return self._made(
            call, "can", coalition=tuple(named), formula=formula, periods=self.options.within
        )

    def _kept(self, call: ast.Call) -> Quantity | None:
        reader = self.reader
        promise = reader.one_of(call.args[0], reader.case.promises, "promise")
        periods = reader.whole(call.args[1], "n", 0, reader.case.horizon)
        if promise is None or periods is None:
            return None
        if dict(self.options.start).get(promise) is False:
            way = f"leave {promise} out of start=: kept(...) puts it in force"
            self._fault("start", f"kept({promise}, ...) has the promise in force", way=way)
        made = self._made(call, "kept", subject=promise, periods=periods)
        return made.at_state(promise, value=True)
