"""Reads formulas and the conditions in them: what should hold, or happen, and when."""

import ast
import copy
from collections.abc import Callable
from typing import Final

from ceasefire.ask.binding import bind_state
from ceasefire.ask.question import Atom, Belief, Condition, Formula, Happening, Junction, State
from ceasefire.ask.reader import PASS, Reader

FORMULAS: Final = ("eventually", "always", "at_end", "until", "before", "lasting")
WITH_EVENTS: Final = ("eventually", "before", "time")
EVENTS: Final = ("happens", "broken")
QUANTITIES: Final = (
    "P", "E", "time", "value", "plays", "signs", "belief", "can", "kept", "least",
)  # fmt: skip


def called(node: ast.AST) -> str | None:
    """The name of the function that is called at this place, if one is."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return None


def calls(node: ast.AST, names: tuple[str, ...]) -> list[ast.AST]:
    """All calls of these functions at this place and below it."""
    return [part for part in ast.walk(node) if called(part) in names]


class Clauses:
    """Formulas of one question; `believing` is False where `believes` has no place."""

    def __init__(self, reader: Reader, *, believing: bool = True, why_not: str = "") -> None:
        self.reader = reader
        self.believing = believing
        self.why_not = why_not

    def formula(self, node: ast.expr) -> Formula | None:
        """A formula, or formulas joined by and, or, not; None after a fault."""
        name = called(node)
        if name in FORMULAS:
            return self._atom(node, str(name))
        formulas = calls(node, FORMULAS)
        if isinstance(node, ast.BoolOp) and formulas:
            parts = [self.formula(part) for part in node.values]
            operator = "and" if isinstance(node.op, ast.And) else "or"
            return _joined(operator, parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and formulas:
            return _joined("not", [self.formula(node.operand)])
        self._no_formula(node, combined=bool(formulas))
        return None

    def _no_formula(self, node: ast.expr, *, combined: bool) -> None:
        written = self.reader.written(node)
        quantities = calls(node, QUANTITIES)
        if quantities:
            name = called(quantities[0])
            message, way = f"{name}(...) is a number, not a formula", "take it out of the formula"
        elif combined:
            message = "formulas are joined as if they were numbers"
            way = "join formulas with and, or, not"
        elif calls(node, EVENTS):
            message = "an event is no formula: before what should it happen?"
            way = f"write eventually({written}), or before(...)"
        else:
            message = "a condition is no formula: when should it hold?"
            way = f"write eventually({written}), always({written}) or at_end({written})"
        self.reader.fault(node, message, allowed="a formula: " + ", ".join(FORMULAS), way=way)

    def _atom(self, node: ast.expr, name: str) -> Formula | None:
        assert isinstance(node, ast.Call)
        two = name in ("until", "before", "lasting")
        if len(node.args) != 1 + two or node.keywords:
            shape = f"{name}(c, n)" if name == "lasting" else f"{name}(c{', d' * two})"
            way = "options belong to P(...), not to formulas" if node.keywords else ""
            self.reader.fault(node, f"{name} is written otherwise", allowed=shape, way=way)
            return None
        count: int | None = 0
        stated = node.args
        if name == "lasting":
            count = self.reader.whole(node.args[1], "periods", 0, self.reader.case.horizon)
            stated = node.args[:1]
        found = [self.condition(part, name) for part in stated]
        read = tuple(part for part in found if part is not None)
        return Atom(name, read, count) if count is not None and len(read) == len(found) else None

    def condition(self, node: ast.expr, where: str) -> Condition | None:
        """What a formula looks at: events, or an expression over the state, not both."""
        asked = calls(node, QUANTITIES)
        if asked:
            self.reader.fault(
                asked[0],
                f"{called(asked[0])}(...) asks about the whole game, not about a moment of it",
                allowed="an expression over the state, conditions and unknowns, or an event",
                way="what a party believes at a moment is believes(observer, party.type)",
            )
            return None
        nested = calls(node, FORMULAS)
        if nested:
            self.reader.fault(
                nested[0],
                f"formulas do not nest: {called(nested[0])}(...) inside {where}(...)",
                allowed="a condition on the state, or an event",
                way="join whole formulas with and, or, not outside",
            )
            return None
        if not calls(node, EVENTS):
            return self._state(node)
        if where not in WITH_EVENTS:
            self.reader.fault(
                node,
                f"an event has no place in {where}(...)",
                allowed="events in " + ", ".join(WITH_EVENTS),
                way="name a state: events happen at a moment, they do not hold",
            )
            return None
        return self._events(node)

    def _events(self, node: ast.expr) -> Happening | None:
        if called(node) in EVENTS:
            return self._event(node)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            if all(calls(part, EVENTS) for part in node.values):
                found = [self._events(part) for part in node.values]
                read = [part.events for part in found if part is not None]
                return Happening(frozenset().union(*read)) if len(read) == len(found) else None
            message = "one condition is events or an expression over the state, not both"
            way = "write two formulas: eventually(happens(...)) or eventually(...)"
        else:
            message = "events are joined by `or` only"
            way = "use and, not between formulas: not eventually(happens(...))"
        allowed = "happens(...), broken(...), joined by or"
        self.reader.fault(node, message, allowed=allowed, way=way)
        return None

    def _event(self, node: ast.expr) -> Happening | None:
        assert isinstance(node, ast.Call)
        reader, name = self.reader, called(node)
        if len(node.args) != 1 or node.keywords:
            reader.fault(node, f"{name} takes one name", allowed=f"{name}(name)")
            return None
        if name == "broken":
            promise = reader.one_of(node.args[0], reader.case.promises, "promise")
            return None if promise is None else Happening(frozenset({f"broken:{promise}"}))
        event = reader.one_of(node.args[0], happenings(reader), "event")
        return None if event is None else Happening(frozenset({event}))

    def _state(self, node: ast.expr) -> State | None:
        """An expression over the state, in which `believes(...)` stands for a number."""
        reader, found = self.reader, dict[str, Belief]()
        faults = len(reader.problems)
        swapped = _Swap(self._belief, found).visit(copy.deepcopy(node))
        if len(reader.problems) > faults:
            return None
        expression = bind_state(reader, swapped, tuple(found))
        return None if expression is None else State(expression, tuple(found.values()))

    def _belief(self, node: ast.Call) -> Belief | None:
        reader = self.reader
        if not self.believing:
            allowed = "an expression over the state"
            reader.fault(node, "has no place here", allowed=allowed, way=self.why_not)
            return None
        if len(node.args) != 2 or node.keywords:
            reader.fault(node, "is written otherwise", allowed="believes(observer, party.type)")
            return None
        observer = reader.one_of(node.args[0], ("analyst", *reader.case.parties), "observer")
        known = reader.party_type(node.args[1])
        if observer is None or known is None:
            return None
        party, kind = known
        if observer == party:
            allowed = "an observer who cannot see the type: another party, or analyst"
            reader.fault(node, f"{party} knows its own type", allowed=allowed)
            return None
        return Belief(observer, party, kind, f"believes_{observer}_{party}_{kind}")


class _Swap(ast.NodeTransformer):
    """Puts a name in the place of every `believes(...)`."""

    def __init__(self, read: Callable[[ast.Call], Belief | None], found: dict[str, Belief]) -> None:
        self.read = read
        self.found = found

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if called(node) != "believes":
            return self.generic_visit(node)
        belief = self.read(node)
        if belief is None:
            return node
        self.found[belief.column] = belief
        return ast.copy_location(ast.Name(belief.column, ast.Load()), node)


def _joined(operator: str, parts: list[Formula | None]) -> Formula | None:
    read = tuple(part for part in parts if part is not None)
    return Junction(operator, read) if len(read) == len(parts) else None


def happenings(reader: Reader) -> list[str]:
    """Everything that `happens(...)` may name, in the order of the file."""
    case = reader.case
    events: list[str] = []
    for key, move in case.moves.items():
        events += [key, *(f"{key}.{o.name}" for o in move.outcomes if o.name)]
    events += [f"{party}.{PASS}" for party in case.parties]
    for table_name, table in case.tables.items():
        for deal_name, deal in table.deals.items():
            key = f"{table_name}.{deal_name}"
            events += [key, *(f"{key}.{o.name}" for o in deal.outcomes if o.name)]
    for key, chance in case.chance.items():
        events += [key, *(f"{key}.{o.name}" for o in chance.outcomes if o.name)]
    return events
