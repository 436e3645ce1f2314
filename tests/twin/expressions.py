"""What an expression of a case or a question is worth in one public state.

The text is read with Python's own parser and walked node by node, so that nothing of the package's
expressions is used. Booleans count 0 and 1; a name that means nothing else is a word and stands for
itself. Source: DESIGN section 2.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Value = float | int | bool | str
Look = Callable[[str], Value]

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, options: item in options,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
}
Call = Callable[[ast.Call], Value]
PASS, SPELLED = r"\.pass\b", ".pass__"


class TwinError(Exception):
    """The twin met something that the case or the question should not have."""


@cache
def parse(text: str) -> ast.expr:
    """The syntax tree of one expression; line breaks inside it mean nothing.

    `pass` is a word of Python's, so `party.pass` goes by another spelling inside.
    """
    return ast.parse(f"({re.sub(PASS, SPELLED, text.strip())}\n)", mode="eval").body


def unparse(node: ast.expr) -> str:
    """The text of a part of an expression, in one spelling."""
    return ast.unparse(node).replace(SPELLED, ".pass")


def walk(node: ast.expr, look: Look, call: Call | None = None) -> Any:
    """The value of a tree, each name read by `look` and each unknown function by `call`.

    >>> walk(parse("2 + force if force in (1, 2) else 0"), {"force": 1}.__getitem__)
    3
    """
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id="true"):
            return True
        case ast.Name(id="false"):
            return False
        case ast.Name(id=name):
            return look(name)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return [walk(item, look, call) for item in items]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not walk(operand, look, call)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -walk(operand, look, call)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return +walk(operand, look, call)
        case ast.BinOp(left=left, op=op, right=right):
            return BINARY[type(op)](walk(left, look, call), walk(right, look, call))
        case ast.BoolOp(op=op, values=parts):
            return _logic(isinstance(op, ast.And), parts, look, call)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return walk(body if walk(test, look, call) else orelse, look, call)
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _compare(left, list(zip(ops, others, strict=True)), look, call)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in FUNCTIONS:
            return FUNCTIONS[name](*(walk(argument, look, call) for argument in arguments))
        case ast.Call() if call is not None:
            return call(node)
    raise TwinError(f"cannot read {ast.dump(node)}")


def _logic(conjunction: bool, parts: list[ast.expr], look: Look, call: Call | None) -> Any:
    """The value of the part that decides, as in Python."""
    value: Any = conjunction
    for part in parts:
        value = walk(part, look, call)
        if bool(value) != conjunction:
            return value
    return value


def _compare(
    left: ast.expr, rest: list[tuple[ast.cmpop, ast.expr]], look: Look, call: Call | None
) -> bool:
    """A chain of comparisons: every neighbouring pair must hold."""
    before = walk(left, look, call)
    for op, node in rest:
        after = walk(node, look, call)
        if isinstance(op, ast.NotIn):
            holds = before not in after
        else:
            holds = COMPARE[type(op)](before, after)
        if not holds:
            return False
        before = after
    return True


def scope(*layers: Mapping[str, Value], conditions: Mapping[str, str] | None = None) -> Look:
    """A way to read names: the layers in turn, then conditions by their text, then as a word."""
    texts = conditions or {}

    def look(name: str) -> Value:
        for layer in layers:
            if name in layer:
                return layer[name]
        if name in texts:
            result: Value = walk(parse(texts[name]), look)
            return result
        return name

    return look
