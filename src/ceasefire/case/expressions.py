"""What is the value of an expression, in every state at once?

Arithmetic is IEEE double precision. A number that is not finite (1/0, log(-1), 9**9**9) becomes
nan, and nan spreads through everything that uses it, comparisons too: a result is nan exactly in
the states in which something impossible was evaluated. Branches that are not taken (`if`, `and`,
`or`, the rest of a chain) are not evaluated, so `1 / x if x > 0 else 0` is safe.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ceasefire.diagnostics import UNKNOWN_LOCATION, TextLocation

NameKind = Literal["variable", "unknown", "condition", "type"]


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

    names_read  the variables, promises and unknowns it reads, conditions followed; `type` if it
                does
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

    columns     name of variable, promise, unknown or `type` -> one number, or (size,) numbers
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
