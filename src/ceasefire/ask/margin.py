"""By how much a test holds: a number that is above 0 where it is true, below where it is false.

    a > b, a >= b   a - b          a == b   -|a - b|      a and b   the smaller of the two
    a < b, a <= b   b - a          a != b    |a - b|      a or b    the larger
    not a           minus that of a                       true      +inf, false -inf

It says which way a test is going before its verdict changes. Margins of different tests are not
comparable: one may be a difference of probabilities, another one of payoffs. At 0 the verdict is
that of the test itself.

Source: the robustness of Fainekos & Pappas (2009), Robustness of temporal logic specifications
for continuous-time signals, Theoretical Computer Science 410, for tests without time.
"""

import math
from collections.abc import Callable, Sequence

from ceasefire.ask.expression import work_out
from ceasefire.ask.question import Node, Operation


def margin(tree: Node, numbers: Sequence[float | None]) -> float | None:
    """By how much a test holds (above 0) or fails (below 0); None where a number is missing.

    tree     the expression of a Question that is a test
    numbers  one per quantity of the question, in order

    >>> from ceasefire.ask.question import Asked, Constant
    >>> high = Operation(">", (Asked(0), Constant(0.5)))
    >>> low = Operation("<", (Asked(0), Constant(1.0)))
    >>> margin(high, [0.75]), margin(Operation("and", (high, low)), [0.9])
    (0.25, 0.09999999999999998)
    """
    if not isinstance(tree, Operation):
        value, _ = work_out(tree, numbers)
        return None if value is None else math.inf if value else -math.inf
    if tree.operator == "if":
        condition, _ = work_out(tree.parts[0], numbers)
        return None if condition is None else margin(tree.parts[1 if condition else 2], numbers)
    if tree.operator in COMPARED:
        left, right = (work_out(part, numbers)[0] for part in tree.parts)
        return None if left is None or right is None else _compared(tree.operator, left, right)
    parts = [margin(part, numbers) for part in tree.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return -known[0] if tree.operator == "not" else JOINED[tree.operator](known)


def _compared(operator: str, left: float, right: float) -> float:
    """Equal infinities are apart by nothing."""
    apart = 0.0 if left == right else float(left) - float(right)
    return COMPARED[operator](apart)


COMPARED: dict[str, Callable[[float], float]] = {
    ">": lambda apart: apart,
    ">=": lambda apart: apart,
    "<": lambda apart: -apart,
    "<=": lambda apart: -apart,
    "==": lambda apart: -abs(apart),
    "!=": abs,
}
JOINED: dict[str, Callable[[Sequence[float]], float]] = {"and": min, "or": max}
