"""How is the text of an expression parsed, and what is its value, in every state at once?

Python's grammar is used within limits, and nothing is ever executed. Questions are parsed alike.

Arithmetic is IEEE double precision. A number that is not finite (1/0, log(-1), 9**9**9) becomes
nan, and nan spreads through everything that uses it, comparisons too: a result is nan exactly in
the states in which something impossible was evaluated. Branches that are not taken (`if`, `and`,
`or`, the rest of a chain) are not evaluated, so `1 / x if x > 0 else 0` is safe.
"""

import ast
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ceasefire.diagnostics import UNKNOWN_LOCATION, TextLocation, shorten_text
from ceasefire.errors import ExpressionError, Problem

LONGEST_EXPRESSION_CHARACTERS = 10_000
DEEPEST_EXPRESSION_LEVELS = 100
LONGEST_OPERATOR_CHAIN = 300
PASS_PLACEHOLDER: Final = "____"  # noqa: S105 - Python keeps `pass` for itself

_OPENING_BRACKETS = {")": "(", "]": "[", "}": "{"}
_FORBIDDEN_CHARACTER_ADVICE = {
    "#": "a comment cannot stand inside an expression",
    "\\": "",
    ";": "",
    "`": "",
    "$": "",
    "?": "write `a if condition else b`",
    "@": "",
    "!": "write `not x`, or `!=`",
    "&": "write `and`",
    "|": "write `or`",
    "^": "a power is written `**`",
    "~": "write `not x`",
    "'": "words are written without quotes: `attention == engaged`",
    '"': "words are written without quotes: `attention == engaged`",
}
_LOOKALIKE_REPLACEMENTS = {
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "*",
    "·": "*",
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "“": "no quotes",
    "”": "no quotes",
    "‘": "no quotes",
    "’": "no quotes",
    "\u00a0": "a plain space",
}


def parse_expression_ast(text: str, location: TextLocation = UNKNOWN_LOCATION) -> ast.Expression:
    """Parse an expression of at most 10,000 characters and 100 levels into Python's own tree.

    Offsets (`col_offset`) count characters of `text`. A flat chain such as a + b + c is one level.
    A whole number too large for a float stands there as infinity.

    Raises ExpressionError, whose problem points at the character at fault.

    >>> ast.unparse(parse_expression_ast("force >= 3"))
    'force >= 3'
    >>> parse_expression_ast("(force")
    Traceback (most recent call last):
    ceasefire.errors.ExpressionError: bracket is not closed, found (; ...
    """
    _check_characters(text, location)
    spaced = re.sub(r"\s", " ", text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(spaced.lstrip(), mode="eval")
    except SyntaxError as error:
        shift = len(spaced) - len(spaced.lstrip())
        raise ExpressionError([_syntax_problem(error, text, shift, location)]) from None
    except (ValueError, MemoryError, RecursionError, OverflowError):
        raise ExpressionError([_nesting_problem(location, 0)]) from None
    shift = len(spaced) - len(spaced.lstrip())
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword):
            node.col_offset += shift
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            node.value = _float_or_infinity(node.value)
    _check_nesting(tree, location)
    return tree


NO_EXPRESSION_MESSAGE = "is not an expression"


def parse_question_ast(text: str, location: TextLocation = UNKNOWN_LOCATION) -> ast.Expression:
    """Parse a question that may name a party's `pass`: it stands there as PASS_PLACEHOLDER.

    Raises ExpressionError, whose problem points at the character at fault.

    >>> ast.unparse(parse_question_ast("plays(russia.pass)"))
    'plays(russia.____)'
    """
    return parse_expression_ast(re.sub(r"(\.\s*)pass\b", rf"\1{PASS_PLACEHOLDER}", text), location)


_OPTIONS_HEAD = "_("


def parse_options_ast(
    text: str, location: TextLocation = UNKNOWN_LOCATION
) -> tuple[ast.keyword, ...]:
    """Parse options of questions, joined by commas; offsets count characters of `text`.

    Raises ExpressionError, whose problem points at the character at fault.

    >>> [option.arg for option in parse_options_ast("start={force: 3}, without=talks")]
    ['start', 'without']
    >>> parse_options_ast("force = 3 + ")
    Traceback (most recent call last):
    ceasefire.errors.ExpressionError: is no list of options, found force = 3 +; ...
    """
    starts = tuple(
        (at + len(_OPTIONS_HEAD), line, column) for at, line, column in location.line_starts
    )
    inside = TextLocation(location.file, location.path, starts)
    _check_characters(text, location)
    try:
        tree = parse_question_ast(f"{_OPTIONS_HEAD}{text})", inside).body
    except ExpressionError as error:
        problem = error.problems[0]
        if problem.message != NO_EXPRESSION_MESSAGE:
            raise
        raise _no_options_error(text, location, problem.line, problem.column) from None
    written_otherwise = (
        not isinstance(tree, ast.Call)
        or not isinstance(tree.func, ast.Name)
        or tree.args
        or not all(option.arg for option in tree.keywords)
    )
    if written_otherwise:
        raise _no_options_error(text, location, location.line, location.column)
    assert isinstance(tree, ast.Call)
    for node in (part for option in tree.keywords for part in ast.walk(option)):
        if isinstance(node, ast.expr | ast.keyword):
            node.col_offset -= len(_OPTIONS_HEAD)
    return tuple(tree.keywords)


def _no_options_error(
    text: str, location: TextLocation, line: int | None, column: int | None
) -> ExpressionError:
    problem = location.problem(
        "is no list of options",
        found=shorten_text(text),
        allowed="options with their values, joined by commas",
        help="such as start={force: 3}, without=talks",
    )
    return ExpressionError([replace(problem, line=line, column=column)])


def _check_characters(text: str, location: TextLocation) -> None:
    """Refuse what Python's tokens would hide: comments, odd characters, open brackets."""
    if len(text) > LONGEST_EXPRESSION_CHARACTERS:
        raise _expression_error(
            location,
            0,
            "expression is too long",
            f"{len(text):,} characters",
            f"at most {LONGEST_EXPRESSION_CHARACTERS:,}",
            "name its parts as conditions",
        )
    if not text.strip():
        raise _expression_error(location, 0, "expression is empty", "nothing", "an expression", "")
    open_brackets: list[tuple[str, int]] = []
    for offset, letter in enumerate(text):
        if (
            not letter.isascii()
            or (ord(letter) < 32 and letter not in "\t\n\r")
            or letter == "\x7f"
        ):
            better = _LOOKALIKE_REPLACEMENTS.get(letter)
            way = f"write {better}" if better else "names and signs are plain ASCII"
            raise _expression_error(
                location, offset, "character is not allowed", _show_character(letter), "", way
            )
        if letter in _FORBIDDEN_CHARACTER_ADVICE and text[offset : offset + 2] != "!=":
            raise _expression_error(
                location,
                offset,
                "character is not allowed",
                letter,
                "",
                _FORBIDDEN_CHARACTER_ADVICE[letter],
            )
        if letter in "([{":
            open_brackets.append((letter, offset))
            if len(open_brackets) > DEEPEST_EXPRESSION_LEVELS:
                raise ExpressionError([_nesting_problem(location, offset)])
        elif letter in _OPENING_BRACKETS and (
            not open_brackets or open_brackets.pop()[0] != _OPENING_BRACKETS[letter]
        ):
            raise _expression_error(location, offset, "bracket closes nothing", letter, "", "")
    if open_brackets:
        raise _expression_error(
            location,
            open_brackets[-1][1],
            "bracket is not closed",
            open_brackets[-1][0],
            "",
            "in YAML, quote an expression with a comma inside {...} or [...]",
        )


def _float_or_infinity(value: int) -> float:
    """A number; infinity for one that no float holds, which Python may refuse even to print."""
    try:
        return value if math.isfinite(value) else math.inf
    except OverflowError:
        return math.inf


def _check_nesting(tree: ast.Expression, location: TextLocation) -> None:
    waiting: list[tuple[ast.AST, int, int]] = [(tree.body, 0, 0)]
    while waiting:
        node, level, depth = waiting.pop()
        if level > DEEPEST_EXPRESSION_LEVELS or depth > LONGEST_OPERATOR_CHAIN:
            raise ExpressionError([_nesting_problem(location, getattr(node, "col_offset", 0))])
        for child in _child_expressions(node):
            flat = isinstance(node, ast.BinOp) and isinstance(child, ast.BinOp)
            flat = flat and child is node.left  # type: ignore[attr-defined]
            waiting.append((child, level if flat else level + 1, depth + 1))


def _child_expressions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.keyword):
            yield child.value
        elif isinstance(child, ast.expr):
            yield child


def _syntax_problem(error: SyntaxError, text: str, shift: int, location: TextLocation) -> Problem:
    offset = min(max(0, (error.offset or 1) - 1) + shift, len(text) - 1)
    message, help = NO_EXPRESSION_MESSAGE, ""
    reason = error.msg
    if arrow := re.search("=>|=<", text):
        help = f"write {arrow[0][::-1]}"
    elif re.search(r"(?<![=!<>:])=(?!=)", text):
        help = "to compare, write =="
    elif percent := re.search(r"([0-9]+(?:\.[0-9]+)?)\s*%\s*(?=$|[-)+*/<>=])", text):
        help = f"write {float(percent[1]) / 100:.12g}: a share of 1, not per cent"
    elif "leading zeros" in reason:
        help = "write the number without leading zeros"
    elif "limit" in reason and "digit" in reason:
        return location.problem(
            "number is not finite",
            offset,
            found="a number of over 4,300 digits",
            allowed="a finite number",
        )
    elif word := re.search(r"\b(AND|OR|NOT|If|Else)\b", text):
        help = f"write {word[0].lower()}"
    elif "forgot a comma" in reason or "invalid syntax" in reason:
        help = "is an operator missing, or a YAML quote?"
    else:
        help = reason
    return location.problem(message, offset, found=shorten_text(text), help=help)


def _nesting_problem(location: TextLocation, offset: int) -> Problem:
    return location.problem(
        "expression is nested too deeply",
        offset,
        allowed=f"{DEEPEST_EXPRESSION_LEVELS} levels",
        help="name its parts as conditions",
    )


def _expression_error(
    location: TextLocation, offset: int, message: str, found: str, allowed: str, help: str
) -> ExpressionError:
    return ExpressionError(
        [location.problem(message, offset, found=found, allowed=allowed, help=help)]
    )


def _show_character(letter: str) -> str:
    return f"{letter} (U+{ord(letter):04X})" if letter.isprintable() else f"U+{ord(letter):04X}"


NameKind = Literal["variable", "unknown", "condition", "type"]
_TYPE_OF_PARTY = re.compile(r"type\((.*)\)")


def type_of_party(party: str) -> str:
    """The name by which an expression reads the type of a party.

    >>> type_of_party("russia")
    'type(russia)'
    """
    return f"type({party})"


@dataclass(frozen=True)
class NumberLiteral:
    """A finite number; true is 1 and false is 0."""

    value: float


@dataclass(frozen=True)
class NameReference:
    """A name that stands for a number in each state and world; promises are variables."""

    kind: NameKind
    id: str


@dataclass(frozen=True)
class WordLiteral:
    """A value of a word variable; code is its index among the variable's values."""

    text: str
    code: int


@dataclass(frozen=True)
class UnaryOperation:
    """`-x`, `+x` or `not x`."""

    op: str
    operand: "ExpressionNode"


@dataclass(frozen=True)
class BinaryOperation:
    """Arithmetic between two numbers: + - * / ** %."""

    op: str
    left: "ExpressionNode"
    right: "ExpressionNode"


@dataclass(frozen=True)
class Comparison:
    """A comparison, perhaps chained: `0 < x <= 2` is first 0, rest ((<, x), (<=, 2))."""

    first: "ExpressionNode"
    rest: tuple[tuple[str, "ExpressionNode"], ...]


@dataclass(frozen=True)
class LogicalOperation:
    """`and` or `or`: the value is that of the operand that decides, as in Python."""

    op: str
    operands: tuple["ExpressionNode", ...]


@dataclass(frozen=True)
class ConditionalExpression:
    """`yes if condition else no`."""

    condition: "ExpressionNode"
    yes: "ExpressionNode"
    no: "ExpressionNode"


@dataclass(frozen=True)
class MembershipTest:
    """`item in (options)`."""

    item: "ExpressionNode"
    options: tuple["ExpressionNode", ...]


@dataclass(frozen=True)
class FunctionCall:
    """One of min max abs exp log sqrt."""

    function: str
    arguments: tuple["ExpressionNode", ...]


ExpressionNode = (
    NumberLiteral
    | NameReference
    | WordLiteral
    | UnaryOperation
    | BinaryOperation
    | Comparison
    | LogicalOperation
    | ConditionalExpression
    | MembershipTest
    | FunctionCall
)

EXPRESSION_FUNCTIONS = ("min", "max", "abs", "exp", "log", "sqrt")


@dataclass(frozen=True)
class Expression:
    """What the analyst wrote and what it means; two are equal if text and meaning are.

    names_read  the variables, promises and unknowns it reads, conditions followed; `type` and
                `type(party)` if it does
    """

    text: str
    tree: ExpressionNode
    names_read: frozenset[str] = field(default=frozenset(), compare=False)
    location: TextLocation = field(default=UNKNOWN_LOCATION, compare=False, repr=False)

    @property
    def line(self) -> int | None:
        """The line in the file."""
        return self.location.line

    @property
    def column(self) -> int | None:
        """The column in the file."""
        return self.location.column

    @property
    def path(self) -> str:
        """The path in the file, such as `moves.attack.cost`."""
        return self.location.path

    @property
    def parties_told_of(self) -> tuple[str, ...]:
        """The parties whose type it reads by `type(party)`, in alphabetical order."""
        found = (_TYPE_OF_PARTY.fullmatch(name) for name in sorted(self.names_read))
        return tuple(match[1] for match in found if match is not None)

    @property
    def is_constant(self) -> bool:
        """Whether it is the same number in every state, world and type."""
        return not self.names_read


def child_nodes(node: ExpressionNode) -> tuple[ExpressionNode, ...]:
    """The parts of a node, in reading order.

    >>> child_nodes(BinaryOperation("+", NumberLiteral(1.0), NameReference("variable", "force")))
    (NumberLiteral(value=1.0), NameReference(kind='variable', id='force'))
    """
    match node:
        case UnaryOperation(_, operand):
            return (operand,)
        case BinaryOperation(_, left, right):
            return (left, right)
        case Comparison(first, rest):
            return (first, *(part for _, part in rest))
        case LogicalOperation(_, operands):
            return operands
        case ConditionalExpression(condition, yes, no):
            return (condition, yes, no)
        case MembershipTest(item, options):
            return (item, *options)
        case FunctionCall(_, arguments):
            return arguments
    return ()


def walk_expression(node: ExpressionNode) -> Iterator[ExpressionNode]:
    """A node and all that is in it."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(child_nodes(current))


Floats = NDArray[np.float64]

_ARITHMETIC_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "%": np.mod,
}
_COMPARISON_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_ONE_ARGUMENT_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
}


def evaluate(
    expression: Expression | ExpressionNode,
    columns: Mapping[str, "float | NDArray[Any]"],
    conditions: Mapping[str, Expression],
    size: int,
) -> Floats:
    """Value an expression in each of `size` states; nan where it is impossible.

    columns     name of variable, promise, unknown, `type` or `type(party)` -> one number, or
                (size,) numbers
    conditions  the case's conditions, for the names that stand for them

    >>> x = np.array([0.0, 4.0])
    >>> tree = BinaryOperation("/", NumberLiteral(1.0), NameReference("variable", "x"))
    >>> evaluate(tree, {"x": x}, {}, 2)
    array([ nan, 0.25])
    >>> choice = ConditionalExpression(NameReference("variable", "x"), tree, NumberLiteral(9.0))
    >>> evaluate(choice, {"x": x}, {}, 2)
    array([9.  , 0.25])
    """
    tree = expression.tree if isinstance(expression, Expression) else expression
    with np.errstate(all="ignore"):
        value = _evaluate_node(tree, _EvaluationFrame(columns, conditions))
    return np.array(np.broadcast_to(value, (size,)), dtype=np.float64)


class _EvaluationFrame:
    """The states an expression is evaluated in: all of them, or those of one branch."""

    def __init__(
        self,
        columns: Mapping[str, "float | NDArray[Any]"],
        conditions: Mapping[str, Expression],
        parent: "_EvaluationFrame | None" = None,
        mask: NDArray[np.bool_] | None = None,
    ) -> None:
        self.columns, self.conditions = columns, conditions
        self.parent, self.mask = parent, mask
        self.cache: dict[tuple[str, str], Floats] = {}

    def lookup(self, node: NameReference) -> Floats:
        key = (node.kind, node.id)
        value = self.cached_value(key)
        if value is None:
            if node.kind == "condition":
                value = _evaluate_node(self.conditions[node.id].tree, self)
            else:
                value = _nan_unless_finite(np.asarray(self.columns[node.id], dtype=np.float64))
            self.cache[key] = value
        return value

    def cached_value(self, key: tuple[str, str]) -> Floats | None:
        if key in self.cache:
            return self.cache[key]
        if self.parent is None:
            return None
        if key[0] != "condition":
            value: Floats | None = self.parent.lookup(NameReference(key[0], key[1]))  # type: ignore[arg-type]
        else:
            value = self.parent.cached_value(key)
        if value is not None:
            value = value if value.ndim == 0 else value[self.mask]
            self.cache[key] = value
        return value

    def evaluate_where(
        self, value: Floats, mask: NDArray[np.bool_], node: ExpressionNode
    ) -> Floats:
        """`value`, but the value of `node` where `mask`; elsewhere `node` is not evaluated."""
        if mask.all():
            return _evaluate_node(node, self)
        if not mask.any():
            return value
        part = _evaluate_node(node, _EvaluationFrame(self.columns, self.conditions, self, mask))
        result = np.array(np.broadcast_to(value, mask.shape))
        result[mask] = part
        return result


def _evaluate_node(node: ExpressionNode, frame: _EvaluationFrame) -> Floats:
    match node:
        case NumberLiteral(number):
            return _nan_unless_finite(np.asarray(number, dtype=np.float64))
        case WordLiteral(_, code):
            return np.asarray(code, dtype=np.float64)
        case NameReference():
            return frame.lookup(node)
        case UnaryOperation("not", operand):
            value = _evaluate_node(operand, frame)
            return _propagate_nan(value == 0, value)
        case UnaryOperation(op, operand):
            value = _evaluate_node(operand, frame)
            return -value if op == "-" else value
        case BinaryOperation(op, left, right):
            return _nan_unless_finite(
                _ARITHMETIC_OPERATORS[op](_evaluate_node(left, frame), _evaluate_node(right, frame))
            )
        case Comparison(first, ((op, second),)):
            return _compare_values(op, _evaluate_node(first, frame), _evaluate_node(second, frame))
        case Comparison(first, rest):
            sides = (first, *(side for _, side in rest))
            pairs = zip(sides[:-1], rest, strict=True)
            return _evaluate_node(
                LogicalOperation("and", tuple(Comparison(a, (b,)) for a, b in pairs)), frame
            )
        case LogicalOperation(op, operands):
            value = _evaluate_node(operands[0], frame)
            for operand in operands[1:]:
                go = (value != 0) & ~np.isnan(value) if op == "and" else value == 0
                value = frame.evaluate_where(value, np.asarray(go), operand)
            return value
        case ConditionalExpression(condition, yes, no):
            test = _evaluate_node(condition, frame)
            value = np.full_like(test, np.nan)
            value = frame.evaluate_where(value, np.asarray((test != 0) & ~np.isnan(test)), yes)
            return frame.evaluate_where(value, np.asarray(test == 0), no)
        case MembershipTest(item, options):
            value = _evaluate_node(item, frame)
            hits = [
                _compare_values("==", value, _evaluate_node(option, frame)) for option in options
            ]
            return _reduce_pairwise(np.maximum, hits)
        case FunctionCall(function, arguments):
            values = [_evaluate_node(argument, frame) for argument in arguments]
            if function in ("min", "max"):
                return _reduce_pairwise(np.minimum if function == "min" else np.maximum, values)
            return _nan_unless_finite(_ONE_ARGUMENT_FUNCTIONS[function](values[0]))


def _reduce_pairwise(pick: Callable[[Floats, Floats], Floats], values: list[Floats]) -> Floats:
    result = values[0]
    for value in values[1:]:
        result = pick(result, value)
    return result


def _nan_unless_finite(value: Floats) -> Floats:
    return np.where(np.isfinite(value), value, np.nan)


def _propagate_nan(truth: NDArray[np.bool_], value: Floats) -> Floats:
    return np.where(np.isnan(value), np.nan, truth)


def _compare_values(op: str, left: Floats, right: Floats) -> Floats:
    return _propagate_nan(_COMPARISON_OPERATORS[op](left, right), left + right)
