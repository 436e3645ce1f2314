"""Which names, numbers, conditions and formulas does a question contain?

Every fault is kept, with its column, what was found, what is allowed and a way out; nothing is
raised before the whole question has been read.
"""

import ast
import copy
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ceasefire.case import (
    EXPRESSION_FUNCTIONS,
    PASS_PLACEHOLDER,
    Case,
    Expression,
    Variable,
    bind_expression,
    parse_question_ast,
    question_scope,
)
from ceasefire.diagnostics import (
    MOST_NAMES_COMPARED,
    Diagnostics,
    TextLocation,
    fold_families,
    shorten_text,
    suggest_closest_name,
)
from ceasefire.errors import ExpressionError, QuestionError
from ceasefire.query.ast import (
    AtomicFormula,
    BeliefTerm,
    CompoundFormula,
    Constant,
    EventCondition,
    Formula,
    FormulaCondition,
    Operation,
    QuestionNode,
    StateCondition,
    evaluate_question,
)

MOST_QUESTION_PROBLEMS: Final = 100
QUESTION_LOCATION: Final = TextLocation(path="question", line_starts=((0, 1, 1),))


class QuestionContext:
    """The names a case knows, and the faults found so far in one question about it."""

    def __init__(self, case: Case, location: TextLocation = QUESTION_LOCATION) -> None:
        self.case = case
        self.location = location
        self.diagnostics = Diagnostics[ast.AST](
            QuestionError,
            lambda node: location.at_offset(getattr(node, "col_offset", 0)),
            describe=lambda node: shorten_text(self.text_of(node)),
            most=MOST_QUESTION_PROBLEMS,
        )

    def for_coding(self, options: Mapping[str, str]) -> "QuestionContext":
        """The names that the case has with these options; faults go to the same place."""
        other = copy.copy(self)
        other.case = self.case.coding(options)
        return other

    @property
    def deal_names(self) -> tuple[str, ...]:
        """Every deal, as `table.deal`."""
        return tuple(f"{t}.{d}" for t, table in self.case.tables.items() for d in table.deals)

    def text_of(self, node: ast.AST) -> str:
        """A part of the question as it would be written."""
        if isinstance(node, ast.keyword):
            return f"{node.arg}={self.text_of(node.value)}"
        return ast.unparse(node).replace(PASS_PLACEHOLDER, PASS_OPTION)

    def dotted_name(self, node: ast.expr) -> str | None:
        """`a`, `a.b` or `a.b.c` as text; None for anything else."""
        if isinstance(node, ast.Name):
            return PASS_OPTION if node.id == PASS_PLACEHOLDER else node.id
        if isinstance(node, ast.Attribute):
            owner = self.dotted_name(node.value)
            name = PASS_OPTION if node.attr == PASS_PLACEHOLDER else node.attr
            return None if owner is None else f"{owner}.{name}"
        if isinstance(node, ast.Subscript):
            family, value = self.dotted_name(node.value), constant_value(node.slice)
            return None if family is None or value is None else f"{family}[{value:.15g}]"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        return None

    def read_name(self, node: ast.expr, known: Collection[str], what: str) -> str | None:
        """A name among those known, or a fault that offers the nearest."""
        name = self.dotted_name(node)
        if name is not None and name in known:
            return name
        allowed = format_name_list(known) if known else f"nothing: the case has no {what}"
        self.diagnostics.report(
            node, f"is no {what}", allowed=allowed, help=suggest_nearest_name(name or "", known)
        )
        return None

    def read_party(
        self, node: ast.expr, what: str = "party", others: Sequence[str] = ()
    ) -> str | None:
        """The name of a party, or of one of the others; a fault that says who holds a role."""
        role, known = self.case.roles.get(self.dotted_name(node) or ""), self.case.parties
        if role is None:
            return self.read_name(node, (*others, *known), what)
        self.diagnostics.report(
            node, "is a role, which has no payoffs, beliefs or powers of its own",
            allowed=format_name_list((*others, *known)),
            help=f"ask of whoever may hold it: {' or '.join(role.holders)}",
        )  # fmt: skip
        return None

    def knows_type(self, observer: str, party: str) -> bool:
        """Whether an observer knows the type of a party, its own or another's."""
        return observer in self.case.parties and self.case.party_known_to(observer) == party

    def read_party_type(self, node: ast.expr) -> tuple[str, str] | None:
        """`party.type` of a party with types."""
        known = [f"{p}.{t}" for p, party in self.case.parties.items() for t in party.types]
        name = self.read_name(node, known, "type of a party")
        if name is None:
            return None
        party, kind = name.split(".")
        return party, kind

    def read_number(self, node: ast.expr, what: str) -> float | None:
        """A finite number, written out or as arithmetic of numbers: `2/3`."""
        name = self.dotted_name(node)
        if name in ("true", "false"):
            return float(name == "true")
        value = constant_value(node)
        if value is not None and math.isfinite(value):
            return float(value)
        allowed = "a finite number, or arithmetic of numbers: 2/3"
        self.diagnostics.report(node, f"{what} is no number", allowed=allowed)
        return None

    def read_integer(self, node: ast.expr, what: str, low: int, high: int) -> int | None:
        """A whole number from low to high, written out or as arithmetic of numbers: `2*4`."""
        value = None if _is_boolean(node) else constant_value(node)
        if value is not None and low <= value <= high and value == int(value):
            return int(value)
        help = "the horizon of the case is the limit" if high == self.case.horizon else ""
        allowed = f"a whole number from {low} to {high}"
        self.diagnostics.report(node, f"{what} cannot be this", allowed=allowed, help=help)
        return None

    def read_variable_value(self, node: ast.expr, variable: str) -> bool | int | str | None:
        """A value that a variable can take."""
        facts = self.case.variables_and_promises[variable]
        found: object = self.dotted_name(node)
        if facts.kind == "boolean":
            found = {"true": True, "false": False}.get(str(found), found)
        if isinstance(node, ast.Constant):
            found = node.value
        for value in facts.values:
            if value == found and (facts.kind == "word" or not isinstance(found, str)):
                return value
        names = [str(v).lower() if facts.kind == "boolean" else str(v) for v in facts.values]
        help = suggest_nearest_name(str(found), names)
        self.diagnostics.report(
            node, f"is no value of {variable}", allowed=format_name_list(names), help=help
        )
        return None


BINARY_OPERATORS: Final = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%",
}  # fmt: skip
UNARY_OPERATORS: Final = {ast.Not: "not", ast.USub: "negative", ast.UAdd: "positive"}


def constant_value(node: ast.expr) -> float | None:
    """The value of arithmetic of numbers alone; None for anything else, or without a value.

    >>> constant_value(ast.parse("2 / 4", mode="eval").body)
    0.5
    >>> constant_value(ast.parse("9 ** 9 ** 9", mode="eval").body) is None
    True
    """
    tree = _constant_tree(node)
    value = None if tree is None else evaluate_question(tree, ())[0]
    return None if value is None else float(value)


def _constant_tree(node: ast.expr) -> QuestionNode | None:
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return Constant(value)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            operation, parts = UNARY_OPERATORS[type(sign)], [_constant_tree(operand)]
        case ast.BinOp(op=op, left=left, right=right) if type(op) in BINARY_OPERATORS:
            operation = BINARY_OPERATORS[type(op)]
            parts = [_constant_tree(left), _constant_tree(right)]
        case _:
            return None
    known = tuple(part for part in parts if part is not None)
    return Operation(operation, known) if len(known) == len(parts) else None


def _is_boolean(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


PASS_OPTION: Final = "pass"  # noqa: S105 - not a password


def parse_question_tree(text: str, location: TextLocation) -> ast.expr:
    """The question as Python's own tree, `russia.pass` included.

    Raises QuestionError where it is no expression.
    """
    try:
        return parse_question_ast(text, location).body
    except ExpressionError as error:
        raise QuestionError(error.problems) from None


def suggest_nearest_name(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?`, or nothing where no name is near."""
    every = list(known)
    found = suggest_closest_name(name, every)
    if found or not name or len(every) > MOST_NAMES_COMPARED:
        return found
    return next(
        (f"did you mean {k}?" for k in every if name in (k.split(".")[-1], k.split(".")[0])), ""
    )


def format_name_list(names: Iterable[str]) -> str:
    """Names in a row, at most twelve of them."""
    every = fold_families(names)
    more = f" and {len(every) - 12} more" if len(every) > 12 else ""
    return ", ".join(every[:12]) + more


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
            message, help = f"{name}(...) is a number, not a formula", "take it out of the formula"
        elif (name := called_function_name(node)) not in (None, *NAMES_OF_OTHER_CALLS):
            message = f"there is no formula {name}(...)"
            help = suggest_nearest_name(str(name), TEMPORAL_OPERATORS)
        elif combined:
            message = "formulas are joined as if they were numbers"
            help = "join formulas with and, or, not"
        elif find_calls(node, EVENT_FUNCTION_NAMES):
            message = "an event is no formula: before what should it happen?"
            help = f"write eventually({written}), or before(...)"
        else:
            message = "a condition is no formula: when should it hold?"
            help = f"write eventually({written}), always({written}) or at_end({written})"
        self.reader.diagnostics.report(
            node, message, allowed="a formula: " + ", ".join(TEMPORAL_OPERATORS), help=help
        )

    def _atom(self, node: ast.expr, name: str) -> Formula | None:
        assert isinstance(node, ast.Call)
        two = name in ("until", "before", "lasting")
        if len(node.args) != 1 + two or node.keywords:
            shape = f"{name}(c, n)" if name == "lasting" else f"{name}(c{', d' * two})"
            help = "options belong to P(...), not to formulas" if node.keywords else ""
            self.reader.diagnostics.report(
                node, f"{name} is written otherwise", allowed=shape, help=help
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
            help = "write two formulas: eventually(happens(...)) or eventually(...)"
        else:
            message = "events are joined by `or` only"
            help = "use and, not between formulas: not eventually(happens(...))"
        allowed = "happens(...), broken(...), joined by or"
        self.reader.diagnostics.report(node, message, allowed=allowed, help=help)
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
        families, known = list_event_families(reader.case), list_event_names(reader)
        event = reader.read_name(node.args[0], [*families, *known], "event")
        return None if event is None else EventCondition(frozenset(families.get(event, {event})))

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
        if reader.knows_type(observer, party):
            allowed = "an observer who cannot see the type: another party, or analyst"
            own = "its own type" if observer == party else f"the type of {party}"
            reader.diagnostics.report(node, f"{observer} knows {own}", allowed=allowed)
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


def list_event_families(case: Case) -> dict[str, list[str]]:
    """The events of each family of moves and deals, and of each outcome of such a family."""
    found: dict[str, list[str]] = {}
    for family, members in case.families.items():
        owner, _, name = members[0].partition(".")
        effects = case.moves.get(members[0]) or case.tables[owner].deals[name]
        for suffix in ("", *(f".{name}" for name in effects.outcome_names)):
            found[f"{family}{suffix}"] = [f"{member}{suffix}" for member in members]
    return found


def list_event_names(reader: QuestionContext) -> list[str]:
    """Everything that `happens(...)` may name, in the order of the file."""
    case = reader.case
    events: list[str] = []
    for key, move in case.moves.items():
        events += [key, *(f"{key}.{name}" for name in move.outcome_names)]
    events += [f"{actor}.{PASS_OPTION}" for actor in case.actors]
    for table_name, table in case.tables.items():
        for deal_name, deal in table.deals.items():
            key = f"{table_name}.{deal_name}"
            events += [key, *(f"{key}.{name}" for name in deal.outcome_names)]
    for key, chance in case.chance.items():
        events += [key, *(f"{key}.{name}" for name in chance.outcome_names)]
    return events
