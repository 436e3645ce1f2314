"""What happened, moment by moment, and whether a formula is true of it.

A history is a tuple of (time, what was true or happened). Times are (period, step) for a step's
events and (period, END) for a period's end; the start is the end of period -1. Only what the
formulas ask about is kept. Source: DESIGN section 4, table of formulas.
"""

import ast
import math
from collections.abc import Callable, Iterator

from twin.expressions import TwinError, unparse

END = math.inf
START = (-1, END)
Time = tuple[int, float]
History = tuple[tuple[Time, frozenset[str]], ...]
FORMULAS = {"eventually", "always", "at_end", "until", "before", "lasting"}


def label(node: ast.expr) -> str:
    """A dotted name as text: `russia.attack`.

    >>> label(ast.parse("table.deal.done", mode="eval").body)
    'table.deal.done'
    """
    return unparse(node)


def events_of(node: ast.expr) -> frozenset[str] | None:
    """The labels of `happens(...)`, `broken(...)` or several joined by or; None for a state."""
    match node:
        case ast.Call(func=ast.Name(id="happens"), args=[target]):
            return frozenset({label(target)})
        case ast.Call(func=ast.Name(id="broken"), args=[target]):
            return frozenset({f"broken({label(target)})"})
        case ast.BoolOp(op=ast.Or(), values=parts):
            found = [events_of(part) for part in parts]
            kept = [labels for labels in found if labels is not None]
            if len(kept) == len(found):
                return frozenset().union(*kept)
    return None


def conditions_in(formula: ast.expr) -> Iterator[ast.expr]:
    """Every c that a formula asks about."""
    match formula:
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from conditions_in(part)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from conditions_in(operand)
        case ast.Call(func=ast.Name(id=("lasting")), args=[c, _]):
            yield c
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in FORMULAS:
            yield from arguments
        case _:
            raise TwinError(f"not a formula: {unparse(formula)}")


def ends(history: History, c: ast.expr) -> list[bool]:
    """Whether c held at each period's end, the start first."""
    return [unparse(c) in true for (_, step), true in history if step == END]


def times(history: History, c: ast.expr) -> list[Time]:
    """When c held at a period's end, or occurred."""
    return [time for time, true in history if unparse(c) in true]


def first(history: History, c: ast.expr) -> Time:
    """The first time of c, after everything if there is none."""
    return min(times(history, c), default=(10**9, END))


def holds(formula: ast.expr, history: History) -> bool:
    """Whether a formula is true of a whole history.

    >>> history = ((START, frozenset()), ((0, END), frozenset({"peace"})))
    >>> holds(ast.parse("eventually(peace) and not always(peace)", mode="eval").body, history)
    True
    """
    match formula:
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(holds(part, history) for part in parts)
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(holds(part, history) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not holds(operand, history)
        case ast.Call(func=ast.Name(id=name), args=[c, *rest]):
            return TESTS[name](history, c, *rest)
    raise TwinError(f"not a formula: {unparse(formula)}")


def _until(history: History, c: ast.expr, d: ast.expr) -> bool:
    """d at some period's end, c at every one before it."""
    held = list(zip(ends(history, c), ends(history, d), strict=True))
    return any(
        d_here and all(c_then for c_then, _ in held[:n]) for n, (_, d_here) in enumerate(held)
    )


def _before(history: History, a: ast.expr, b: ast.expr) -> bool:
    return bool(times(history, a)) and first(history, a) < first(history, b)


def _lasting(history: History, c: ast.expr, length: ast.expr) -> bool:
    n = ast.literal_eval(length)
    held = ends(history, c)[1:]
    return any(all(held[at : at + n]) for at in range(len(held) - n + 1))


TESTS: dict[str, Callable[..., bool]] = {
    "eventually": lambda history, c: bool(times(history, c)),
    "always": lambda history, c: all(ends(history, c)),
    "at_end": lambda history, c: ends(history, c)[-1],
    "until": _until,
    "before": _before,
    "lasting": _lasting,
}
