"""Reads formulas and the conditions in them: what should hold, or happen, and when."""

import ast
import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ceasefire.case import (
    EXPRESSION_FUNCTIONS,
    Expression,
    Variable,
    bind_expression,
    question_scope,
)
from ceasefire.errors import ExpressionError
from ceasefire.query.ast import (
    AtomicFormula,
    BeliefTerm,
    CompoundFormula,
    EventCondition,
    Formula,
    FormulaCondition,
    StateCondition,
)
from ceasefire.query.name_resolver import PASS_OPTION, QuestionContext, suggest_nearest_name


def bind_state_expression(
    reader: QuestionContext, node: ast.AST, believed: tuple[str, ...] = ()
) -> Expression | None:
    """Bind an expression over the state, conditions and unknowns; None after a fault.

    believed  names that stand for a belief, a number between 0 and 1
    """
    scope = question_scope(reader.case)
    beliefs = {name: Variable(kind="number", values=(0, 1), start=0) for name in believed}
    scope = replace(scope, variables={**scope.variables, **beliefs})
    try:
        return bind_expression(node, scope, reader.location)
    except ExpressionError as error:
        reader.diagnostics.extend(error.problems)
        return None


TEMPORAL_OPERATORS: Final = ("eventually", "always", "at_end", "until", "before", "lasting")
NAMES_TAKING_EVENTS: Final = ("eventually", "before", "time")
EVENT_FUNCTION_NAMES: Final = ("happens", "broken")
NAMES_OF_OTHER_CALLS: Final = (*EVENT_FUNCTION_NAMES, *EXPRESSION_FUNCTIONS, "believes")
QUANTITY_NAMES: Final = (
    "P", "E", "time", "value", "plays", "signs", "belief", "can", "kept", "least",
)  # fmt: skip


def called_function_name(node: ast.AST) -> str | None:
    """The name of the function that is called at this place, if one is."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return None


def find_calls(node: ast.AST, names: tuple[str, ...]) -> list[ast.AST]:
    """All calls of these functions at this place and below it."""
    return [part for part in ast.walk(node) if called_function_name(part) in names]


class FormulaParser:
    """Formulas of one question; `allow_beliefs` is False where `believes` has no place."""

    def __init__(
        self, reader: QuestionContext, *, allow_beliefs: bool = True, beliefs_advice: str = ""
    ) -> None:
        self.reader = reader
        self.allow_beliefs = allow_beliefs
        self.beliefs_advice = beliefs_advice

    def parse_formula(self, node: ast.expr) -> Formula | None:
        """A formula, or formulas joined by and, or, not; None after a fault."""
        name = called_function_name(node)
        if name in TEMPORAL_OPERATORS:
            return self._atom(node, str(name))
        formulas = find_calls(node, TEMPORAL_OPERATORS)
        if isinstance(node, ast.BoolOp) and formulas:
            parts = [self.parse_formula(part) for part in node.values]
            operator = "and" if isinstance(node.op, ast.And) else "or"
            return _combine_formulas(operator, parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and formulas:
            return _combine_formulas("not", [self.parse_formula(node.operand)])
        self._fault_no_formula(node, combined=bool(formulas))
        return None

    def _fault_no_formula(self, node: ast.expr, *, combined: bool) -> None:
        written = self.reader.text_of(node)
        quantities = find_calls(node, QUANTITY_NAMES)
        if quantities:
            name = called_function_name(quantities[0])
            message, way = f"{name}(...) is a number, not a formula", "take it out of the formula"
        elif (name := called_function_name(node)) not in (None, *NAMES_OF_OTHER_CALLS):
            message = f"there is no formula {name}(...)"
            way = suggest_nearest_name(str(name), TEMPORAL_OPERATORS)
        elif combined:
            message = "formulas are joined as if they were numbers"
            way = "join formulas with and, or, not"
        elif find_calls(node, EVENT_FUNCTION_NAMES):
            message = "an event is no formula: before what should it happen?"
            way = f"write eventually({written}), or before(...)"
        else:
            message = "a condition is no formula: when should it hold?"
            way = f"write eventually({written}), always({written}) or at_end({written})"
        self.reader.diagnostics.report(
            node, message, allowed="a formula: " + ", ".join(TEMPORAL_OPERATORS), help=way
        )

    def _atom(self, node: ast.expr, name: str) -> Formula | None:
        assert isinstance(node, ast.Call)
        two = name in ("until", "before", "lasting")
        if len(node.args) != 1 + two or node.keywords:
            shape = f"{name}(c, n)" if name == "lasting" else f"{name}(c{', d' * two})"
            way = "options belong to P(...), not to formulas" if node.keywords else ""
            self.reader.diagnostics.report(
                node, f"{name} is written otherwise", allowed=shape, help=way
            )
            return None
        count: int | None = 0
        stated = node.args
        if name == "lasting":
            count = self.reader.read_integer(node.args[1], "periods", 0, self.reader.case.horizon)
            stated = node.args[:1]
        found = [self.parse_condition(part, name) for part in stated]
        read = tuple(part for part in found if part is not None)
        return (
            AtomicFormula(name, read, count)
            if count is not None and len(read) == len(found)
            else None
        )

    def parse_condition(self, node: ast.expr, where: str) -> FormulaCondition | None:
        """What a formula looks at: events, or an expression over the state, not both."""
        asked = find_calls(node, QUANTITY_NAMES)
        if asked:
            self.reader.diagnostics.report(
                asked[0],
                f"{called_function_name(asked[0])}(...) asks about the whole game, not about a "
                "moment of it",
                allowed="an expression over the state, conditions and unknowns, or an event",
                help="what a party believes at a moment is believes(observer, party.type)",
            )
            return None
        nested = find_calls(node, TEMPORAL_OPERATORS)
        if nested:
            self.reader.diagnostics.report(
                nested[0],
                f"formulas do not nest: {called_function_name(nested[0])}(...) inside {where}(...)",
                allowed="a condition on the state, or an event",
                help="join whole formulas with and, or, not outside",
            )
            return None
        if not find_calls(node, EVENT_FUNCTION_NAMES):
            return self._state(node)
        if where not in NAMES_TAKING_EVENTS:
            self.reader.diagnostics.report(
                node,
                f"an event has no place in {where}(...)",
                allowed="events in " + ", ".join(NAMES_TAKING_EVENTS),
                help="name a state: events happen at a moment, they do not hold",
            )
            return None
        return self._events(node)

    def _events(self, node: ast.expr) -> EventCondition | None:
        if called_function_name(node) in EVENT_FUNCTION_NAMES:
            return self._event(node)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            if all(find_calls(part, EVENT_FUNCTION_NAMES) for part in node.values):
                found = [self._events(part) for part in node.values]
                read = [part.events for part in found if part is not None]
                return EventCondition(frozenset().union(*read)) if len(read) == len(found) else None
            message = "one condition is events or an expression over the state, not both"
            way = "write two formulas: eventually(happens(...)) or eventually(...)"
        else:
            message = "events are joined by `or` only"
            way = "use and, not between formulas: not eventually(happens(...))"
        allowed = "happens(...), broken(...), joined by or"
        self.reader.diagnostics.report(node, message, allowed=allowed, help=way)
        return None

    def _event(self, node: ast.expr) -> EventCondition | None:
        assert isinstance(node, ast.Call)
        reader, name = self.reader, called_function_name(node)
        if len(node.args) != 1 or node.keywords:
            reader.diagnostics.report(node, f"{name} takes one name", allowed=f"{name}(name)")
            return None
        if name == "broken":
            promise = reader.read_name(node.args[0], reader.case.promises, "promise")
            return None if promise is None else EventCondition(frozenset({f"broken:{promise}"}))
        event = reader.read_name(node.args[0], list_event_names(reader), "event")
        return None if event is None else EventCondition(frozenset({event}))

    def _state(self, node: ast.expr) -> StateCondition | None:
        """An expression over the state, in which `believes(...)` stands for a number."""
        reader, found = self.reader, dict[str, BeliefTerm]()
        faults = len(reader.diagnostics.problems)
        swapped = _BeliefTermReplacer(self._belief, found).visit(copy.deepcopy(node))
        if len(reader.diagnostics.problems) > faults:
            return None
        expression = bind_state_expression(reader, swapped, tuple(found))
        return None if expression is None else StateCondition(expression, tuple(found.values()))

    def _belief(self, node: ast.Call) -> BeliefTerm | None:
        reader = self.reader
        if not self.allow_beliefs:
            allowed = "an expression over the state"
            reader.diagnostics.report(
                node, "has no place here", allowed=allowed, help=self.beliefs_advice
            )
            return None
        if len(node.args) != 2 or node.keywords:
            reader.diagnostics.report(
                node, "is written otherwise", allowed="believes(observer, party.type)"
            )
            return None
        observer = reader.read_name(node.args[0], ("analyst", *reader.case.parties), "observer")
        known = reader.read_party_type(node.args[1])
        if observer is None or known is None:
            return None
        party, kind = known
        if observer == party:
            allowed = "an observer who cannot see the type: another party, or analyst"
            reader.diagnostics.report(node, f"{party} knows its own type", allowed=allowed)
            return None
        return BeliefTerm(observer, party, kind, f"believes_{observer}_{party}_{kind}")


class _BeliefTermReplacer(ast.NodeTransformer):
    """Puts a name in the place of every `believes(...)`."""

    def __init__(
        self, read: Callable[[ast.Call], BeliefTerm | None], found: dict[str, BeliefTerm]
    ) -> None:
        self.read = read
        self.found = found

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if called_function_name(node) != "believes":
            return self.generic_visit(node)
        belief = self.read(node)
        if belief is None:
            return node
        self.found[belief.column] = belief
        return ast.copy_location(ast.Name(belief.column, ast.Load()), node)


def _combine_formulas(operator: str, parts: list[Formula | None]) -> Formula | None:
    read = tuple(part for part in parts if part is not None)
    return CompoundFormula(operator, read) if len(read) == len(parts) else None


def list_event_names(reader: QuestionContext) -> list[str]:
    """Everything that `happens(...)` may name, in the order of the file."""
    case = reader.case
    events: list[str] = []
    for key, move in case.moves.items():
        events += [key, *(f"{key}.{o.name}" for o in move.outcomes if o.name)]
    events += [f"{party}.{PASS_OPTION}" for party in case.parties]
    for table_name, table in case.tables.items():
        for deal_name, deal in table.deals.items():
            key = f"{table_name}.{deal_name}"
            events += [key, *(f"{key}.{o.name}" for o in deal.outcomes if o.name)]
    for key, chance in case.chance.items():
        events += [key, *(f"{key}.{o.name}" for o in chance.outcomes if o.name)]
    return events
