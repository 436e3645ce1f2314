"""The value of an expression in every state at once.

Arithmetic is IEEE double precision. A number that is not finite (1/0, log(-1), 9**9**9) becomes
nan, and nan spreads through everything that uses it, comparisons too: a result is nan exactly in
the states in which something impossible was evaluated. Branches that are not taken (`if`, `and`,
`or`, the rest of a chain) are not evaluated, so `1 / x if x > 0 else 0` is safe.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ceasefire.case.expressions import (
    Binary,
    Call,
    Choice,
    Compare,
    Expression,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Unary,
    Word,
)

Floats = NDArray[np.float64]

_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "%": np.mod,
}
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
}


def evaluate(
    expression: Expression | Node,
    columns: Mapping[str, "float | NDArray[Any]"],
    conditions: Mapping[str, Expression],
    size: int,
) -> Floats:
    """Value an expression in each of `size` states; nan where it is impossible.

    columns     name of variable, promise, unknown or `type` -> one number, or (size,) numbers
    conditions  the case's conditions, for the names that stand for them

    >>> x = np.array([0.0, 4.0])
    >>> tree = Binary("/", Number(1.0), Name("variable", "x"))
    >>> evaluate(tree, {"x": x}, {}, 2)
    array([ nan, 0.25])
    >>> evaluate(Choice(Name("variable", "x"), tree, Number(9.0)), {"x": x}, {}, 2)
    array([9.  , 0.25])
    """
    tree = expression.tree if isinstance(expression, Expression) else expression
    with np.errstate(all="ignore"):
        value = _value(tree, _Frame(columns, conditions))
    return np.array(np.broadcast_to(value, (size,)), dtype=np.float64)


class _Frame:
    """The states an expression is evaluated in: all of them, or those of one branch."""

    def __init__(
        self,
        columns: Mapping[str, "float | NDArray[Any]"],
        conditions: Mapping[str, Expression],
        parent: "_Frame | None" = None,
        chosen: NDArray[np.bool_] | None = None,
    ) -> None:
        self.columns, self.conditions = columns, conditions
        self.parent, self.chosen = parent, chosen
        self.known: dict[tuple[str, str], Floats] = {}

    def name(self, node: Name) -> Floats:
        key = (node.kind, node.id)
        value = self.remembered(key)
        if value is None:
            if node.kind == "condition":
                value = _value(self.conditions[node.id].tree, self)
            else:
                value = _finite(np.asarray(self.columns[node.id], dtype=np.float64))
            self.known[key] = value
        return value

    def remembered(self, key: tuple[str, str]) -> Floats | None:
        if key in self.known:
            return self.known[key]
        if self.parent is None:
            return None
        if key[0] != "condition":
            value: Floats | None = self.parent.name(Name(key[0], key[1]))  # type: ignore[arg-type]
        else:
            value = self.parent.remembered(key)
        if value is not None:
            value = value if value.ndim == 0 else value[self.chosen]
            self.known[key] = value
        return value

    def replace(self, value: Floats, go: NDArray[np.bool_], node: Node) -> Floats:
        """`value`, but the value of `node` where `go`; elsewhere `node` is not evaluated."""
        if go.all():
            return _value(node, self)
        if not go.any():
            return value
        part = _value(node, _Frame(self.columns, self.conditions, self, go))
        result = np.array(np.broadcast_to(value, go.shape))
        result[go] = part
        return result


def _value(node: Node, frame: _Frame) -> Floats:
    match node:
        case Number(number):
            return _finite(np.asarray(number, dtype=np.float64))
        case Word(_, code):
            return np.asarray(code, dtype=np.float64)
        case Name():
            return frame.name(node)
        case Unary("not", operand):
            value = _value(operand, frame)
            return _unless_nan(value == 0, value)
        case Unary(op, operand):
            value = _value(operand, frame)
            return -value if op == "-" else value
        case Binary(op, left, right):
            return _finite(_ARITHMETIC[op](_value(left, frame), _value(right, frame)))
        case Compare(first, ((op, second),)):
            return _compare(op, _value(first, frame), _value(second, frame))
        case Compare(first, rest):
            sides = (first, *(side for _, side in rest))
            pairs = zip(sides[:-1], rest, strict=True)
            return _value(Logic("and", tuple(Compare(a, (b,)) for a, b in pairs)), frame)
        case Logic(op, operands):
            value = _value(operands[0], frame)
            for operand in operands[1:]:
                go = (value != 0) & ~np.isnan(value) if op == "and" else value == 0
                value = frame.replace(value, np.asarray(go), operand)
            return value
        case Choice(condition, yes, no):
            test = _value(condition, frame)
            value = np.full_like(test, np.nan)
            value = frame.replace(value, np.asarray((test != 0) & ~np.isnan(test)), yes)
            return frame.replace(value, np.asarray(test == 0), no)
        case Member(item, options):
            value = _value(item, frame)
            hits = [_compare("==", value, _value(option, frame)) for option in options]
            return _over(np.maximum, hits)
        case Call(function, arguments):
            values = [_value(argument, frame) for argument in arguments]
            if function in ("min", "max"):
                return _over(np.minimum if function == "min" else np.maximum, values)
            return _finite(_FUNCTIONS[function](values[0]))


def _over(pick: Callable[[Floats, Floats], Floats], values: list[Floats]) -> Floats:
    result = values[0]
    for value in values[1:]:
        result = pick(result, value)
    return result


def _finite(value: Floats) -> Floats:
    return np.where(np.isfinite(value), value, np.nan)


def _unless_nan(truth: NDArray[np.bool_], value: Floats) -> Floats:
    return np.where(np.isnan(value), np.nan, truth)


def _compare(op: str, left: Floats, right: Floats) -> Floats:
    return _unless_nan(_COMPARISONS[op](left, right), left + right)
