"""Reads names and numbers in a question, and says what is wrong with those it cannot read.

Every fault is kept, with its column, what was found, what is allowed and a way out; nothing is
raised before the whole question has been read.
"""

import ast
import math
import operator
from collections.abc import Callable, Collection, Iterable
from typing import Final

from ceasefire.case import PASS_PLACEHOLDER, Case, parse_question_ast
from ceasefire.diagnostics import (
    MOST_NAMES_COMPARED,
    Diagnostics,
    TextLocation,
    shorten_text,
    suggest_closest_name,
)
from ceasefire.errors import ExpressionError, QuestionError

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
        self.deal_names = tuple(f"{t}.{d}" for t, table in case.tables.items() for d in table.deals)

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

    def read_party(self, node: ast.expr) -> str | None:
        """The name of a party."""
        return self.read_name(node, self.case.parties, "party")

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
        way = "the horizon of the case is the limit" if high == self.case.horizon else ""
        allowed = f"a whole number from {low} to {high}"
        self.diagnostics.report(node, f"{what} cannot be this", allowed=allowed, help=way)
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
        way = suggest_nearest_name(str(found), names)
        self.diagnostics.report(
            node, f"is no value of {variable}", allowed=format_name_list(names), help=way
        )
        return None


CONSTANT_OPERATORS: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow, ast.Mod: operator.mod,
}  # fmt: skip


def constant_value(node: ast.expr) -> float | None:
    """The value of arithmetic of numbers alone; None for anything else, or without a value.

    >>> constant_value(ast.parse("2 / 4", mode="eval").body)
    0.5
    >>> constant_value(ast.parse("9 ** 9 ** 9", mode="eval").body) is None
    True
    """
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            try:
                return float(value)
            except OverflowError:
                return None
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            inner = constant_value(operand)
            negative = isinstance(sign, ast.USub)
            return -inner if negative and inner is not None else inner
        case ast.BinOp(op=op, left=left, right=right) if type(op) in CONSTANT_OPERATORS:
            first, second = constant_value(left), constant_value(right)
            if first is None or second is None:
                return None
            try:
                result = CONSTANT_OPERATORS[type(op)](first, second)
            except (ZeroDivisionError, OverflowError):
                return None
            return result if isinstance(result, float) else None
    return None


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
    every = list(names)
    more = f" and {len(every) - 12} more" if len(every) > 12 else ""
    return ", ".join(every[:12]) + more
