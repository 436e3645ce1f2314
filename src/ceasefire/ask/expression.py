"""Works out a question from the numbers of its quantities.

Arithmetic is Python's, with one addition: a quantity may have no value (a condition of
probability 0), and what needs it then has none either. Nothing is guessed: a division by zero or
an overflow gives no value and a warning.
"""

import math
from collections.abc import Callable, Sequence

from ceasefire.ask.question import Asked, Constant, Least, Node, Operation

Value = float | bool | None


def work_out(tree: Node, numbers: Sequence[float | None]) -> tuple[Value, tuple[str, ...]]:
    """The value of a question, and what should be said about how it came about.

    tree     the expression of a Question
    numbers  one per quantity of the question, in order; None where there is no value

    >>> tree = Operation(">", (Operation("-", (Asked(0), Asked(1))), Constant(0.25)))
    >>> work_out(tree, [0.8, 0.5])
    (True, ())
    >>> work_out(tree, [0.8, None])
    (None, ())
    >>> work_out(Operation("/", (Asked(0), Asked(1))), [0.8, 0.0])
    (None, ('division by zero: no value',))
    """
    warnings: list[str] = []
    value = _Worker(numbers, warnings).value(tree)
    return value, tuple(dict.fromkeys(warnings))


class _Worker:
    def __init__(self, numbers: Sequence[float | None], warnings: list[str]) -> None:
        self.numbers = numbers
        self.warnings = warnings

    def value(self, node: Node) -> Value:
        if isinstance(node, Constant):
            return node.value
        if isinstance(node, Asked):
            return self.numbers[node.index]
        if isinstance(node, Least):
            return self._least(node)
        if node.operator in ("and", "or"):
            return self._logic(node)
        if node.operator == "if":
            condition = self.value(node.parts[0])
            return None if condition is None else self.value(node.parts[1 if condition else 2])
        parts = [self.value(part) for part in node.parts]
        known = [float(part) for part in parts if part is not None]
        return self._apply(node.operator, known) if len(known) == len(parts) else None

    def _logic(self, node: Operation) -> Value:
        """The first part that decides, as in Python; one without a value leaves numbers open."""
        deciding = node.operator == "or"
        parts = [self.value(part) for part in node.parts]
        for place, part in enumerate(parts):
            if part is not None and bool(part) is deciding:
                certain = isinstance(part, bool) or None not in parts[:place]
                return part if certain else None
        return None if None in parts else parts[-1]

    def _apply(self, operator: str, parts: list[float]) -> Value:
        if operator == "not":
            return not parts[0]
        if operator in COMPARISONS:
            return COMPARISONS[operator](*parts)
        try:
            result = FUNCTIONS[operator](*parts)
        except ZeroDivisionError:
            self.warnings.append("division by zero: no value")
            return None
        except (OverflowError, ValueError):
            result = math.nan
        fine = not isinstance(result, complex) and not math.isnan(result)
        if not fine or (math.isinf(result) and all(map(math.isfinite, parts))):
            of = ", ".join(f"{part:g}" for part in parts)
            self.warnings.append(f"{operator} of {of}: no value")
            return None
        return float(result)

    def _least(self, node: Least) -> Value:
        """The smallest value of the variable at which the test holds, inf if none."""
        results = [(value, self.value(test)) for value, test in node.tests]
        unknown = [value for value, result in results if result is None]
        if unknown:
            self.warnings.append(f"{node.text}: the test has no value at {_values(node, unknown)}")
            return None
        holding = [value for value, result in results if result]
        if not holding:
            return math.inf
        failing = [value for value, result in results if value > holding[0] and not result]
        if failing:
            self.warnings.append(
                f"{node.text}: the test holds at {node.variable}={holding[0]} "
                f"but fails again at {_values(node, failing)}"
            )
        return float(holding[0])


def _values(node: Least, values: list[int]) -> str:
    return " and ".join(f"{node.variable}={value}" for value in values)


COMPARISONS: dict[str, Callable[..., bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

FUNCTIONS: dict[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "%": lambda a, b: a % b,
    "negative": lambda a: -a,
    "positive": lambda a: a,
    "min": min,
    "max": max,
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
}
