"""By how much does a test hold, or fail?

A test is made of comparisons joined by `and`, `or`, `not` and `a if c else b`. Every comparison
has a value, the distance of its sides, above 0 where it is true and below 0 where it is false:

    a > b, a >= b    a - b              a == b    -|a - b|
    a < b, a <= b    b - a              a != b     |a - b|

and the margin of a test is composed of these values: of `and` the least, of `or` the greatest, of
`not` the negative, of `a if c else b` that of the branch taken. So the sign of the margin is the
verdict. At 0 the sides are equal: then `>`, `<` and `!=` are false, `>=`, `<=` and `==` true.

A chained comparison is the `and` of its links. A number that stands where a test is expected, as
in `not E(force)`, counts as the comparison of it with 0 by `!=`. `true` and `false` have the
margins inf and -inf, which leave `and` and `or` with the margin of what they join.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ceasefire.query.ast import (
    Constant,
    LeastValueSearch,
    Operation,
    Quantity,
    QuantityRef,
    QuestionNode,
    evaluate_question,
)

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

COMPARISON_VALUES: Final[Mapping[str, Callable[[float], float]]] = {
    ">": lambda apart: apart,
    ">=": lambda apart: apart,
    "<": lambda apart: -apart,
    "<=": lambda apart: -apart,
    "==": lambda apart: -abs(apart),
    "!=": abs,
}
TRUE_AT_EQUALITY: Final = frozenset({">=", "<=", "=="})
CONNECTIVES: Final = frozenset({"and", "or", "not", "if"})


def list_comparisons(expression: QuestionNode) -> tuple[QuestionNode, ...]:
    """The comparisons that a test is made of, each once, from left to right.

    expression  the expression of a Question that is a test

    >>> high = Operation(">", (QuantityRef(0), Constant(0.5)))
    >>> either = Operation("or", (Operation("not", (high,)), high))
    >>> list_comparisons(either) == (high,)
    True
    """
    if isinstance(expression, Constant):
        return ()
    if isinstance(expression, Operation) and expression.operator in CONNECTIVES:
        found = [c for part in expression.parts for c in list_comparisons(part)]
        return tuple(dict.fromkeys(found))
    return (expression,)


def comparison_values(
    expression: QuestionNode, numbers: Sequence[float | None]
) -> tuple[float, ...]:
    """The value of each comparison of a test in one world; NaN where a number is missing.

    expression  the expression of a Question that is a test
    numbers     one per quantity of the question, in order; None where there is no value

    >>> low = Operation("<", (QuantityRef(0), Constant(0.5)))
    >>> comparison_values(low, [0.25]), comparison_values(low, [None])
    ((0.25,), (nan,))
    """
    return tuple(_comparison_value(part, numbers) for part in list_comparisons(expression))


def _comparison_value(comparison: QuestionNode, numbers: Sequence[float | None]) -> float:
    operator, (left_side, right_side) = _as_comparison(comparison)
    left, right = (
        evaluate_question(left_side, numbers)[0],
        evaluate_question(right_side, numbers)[0],
    )
    if left is None or right is None:
        return math.nan
    apart = 0.0 if left == right else float(left) - float(right)  # infinities may be equal
    return COMPARISON_VALUES[operator](apart) + 0.0


def _as_comparison(part: QuestionNode) -> tuple[str, tuple[QuestionNode, ...]]:
    """The operator and the two sides of a comparison; a number is compared with 0."""
    if isinstance(part, Operation) and part.operator in COMPARISON_VALUES:
        return part.operator, part.parts
    return "!=", (part, Constant(0.0))


def compose_margins(expression: QuestionNode, values: Floats) -> Floats:
    """The margin (N,) of a test in each world, from the values (N, C) of its comparisons.

    expression  the expression of a Question that is a test
    values      a column for each of `list_comparisons(expression)`, in any unit that leaves their
                signs alone; NaN where a number is missing

    NaN where what is missing leaves the test without an answer: a part that is known to be false
    decides an `and`, one that is known to be true an `or`.

    >>> high = Operation(">", (QuantityRef(0), Constant(0.5)))
    >>> low = Operation("<", (QuantityRef(0), Constant(1.0)))
    >>> compose_margins(Operation("and", (high, low)), np.array([[0.3, 0.2], [-0.1, np.nan]]))
    array([ 0.2, -0.1])
    """
    columns = dict(zip(list_comparisons(expression), values.T, strict=True))
    margins, _ = _margins_and_truths(expression, columns, len(values))
    return margins


def _margins_and_truths(
    part: QuestionNode, columns: Mapping[QuestionNode, Floats], rows: int
) -> tuple[Floats, Booleans]:
    """Margins (N,) of a part of a test, and whether it is true; false where nothing is known."""
    if isinstance(part, Constant):
        sure = bool(part.value)
        return np.full(rows, math.inf if sure else -math.inf), np.full(rows, sure)
    if not (isinstance(part, Operation) and part.operator in CONNECTIVES):
        margins = columns[part]
        equal = _as_comparison(part)[0] in TRUE_AT_EQUALITY
        return margins, margins >= 0.0 if equal else margins > 0.0
    found = [_margins_and_truths(each, columns, rows) for each in part.parts]
    margins, truths = np.array([one for one, _ in found]), np.array([one for _, one in found])
    known = ~np.isnan(margins)
    if part.operator == "not":
        return -margins[0] + 0.0, known[0] & ~truths[0]
    if part.operator == "if":
        taken = np.where(truths[0], margins[1], margins[2])
        true = known[0] & np.where(truths[0], truths[1], truths[2])
        return np.where(known[0], taken, np.nan), np.asarray(true)
    joint = part.operator == "and"
    together = np.logical_and.reduce(truths) if joint else np.logical_or.reduce(truths)
    decided = (known & (~truths if joint else truths)).any(axis=0) | known.all(axis=0)
    margin = (np.fmin if joint else np.fmax).reduce(margins)
    return np.where(decided, margin, np.nan), together


def margin_of_test(expression: QuestionNode, numbers: Sequence[float | None]) -> float | None:
    """By how much a test holds (above 0) or fails (below 0); None where it has no answer.

    expression  the expression of a Question that is a test
    numbers     one per quantity of the question, in order

    >>> high = Operation(">", (QuantityRef(0), Constant(0.5)))
    >>> low = Operation("<", (QuantityRef(0), Constant(1.0)))
    >>> margin_of_test(high, [0.75]), margin_of_test(Operation("and", (high, low)), [0.9])
    (0.25, 0.09999999999999998)
    """
    values = np.array([comparison_values(expression, numbers)], dtype=np.float64)
    (margin,) = compose_margins(expression, values).tolist()
    return None if math.isnan(margin) else float(margin)


BINDING_STRENGTH: Final[Mapping[str, int]] = {
    "if": 0, "or": 1, "and": 2, "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "negative": 7, "positive": 7, "**": 8,
}  # fmt: skip
SIGNS: Final = {"negative": "-", "positive": "+", "not": "not "}
LEFT_ASSOCIATIVE: Final = frozenset({*SIGNS, "+", "-", "*", "/", "%", "and", "or"})


def format_question_part(part: QuestionNode, quantities: Sequence[Quantity]) -> str:
    """A part of a question as an analyst would write it.

    part        a part of the expression of a Question
    quantities  the quantities of that question

    >>> sum_twice = Operation("*", (Constant(2.0), Operation("+", (Constant(1.0), Constant(0.5)))))
    >>> format_question_part(Operation(">", (sum_twice, Constant(3.0))), ())
    '2 * (1 + 0.5) > 3'
    """
    return _format_part(part, quantities)[0]


def _format_part(part: QuestionNode, quantities: Sequence[Quantity]) -> tuple[str, int]:
    """The text of a part, and how tightly it binds."""
    atom = max(BINDING_STRENGTH.values()) + 1
    if isinstance(part, QuantityRef):
        return " ".join(quantities[part.index].text.split()), atom
    if isinstance(part, LeastValueSearch):
        return " ".join(part.text.split()), atom
    if isinstance(part, Constant):
        return str(part.value).lower().removesuffix(".0"), atom
    texts = [_format_part(each, quantities) for each in part.parts]
    if part.operator not in BINDING_STRENGTH:
        return f"{part.operator}({', '.join(text for text, _ in texts)})", atom
    strength = BINDING_STRENGTH[part.operator]
    leftmost = part.operator in LEFT_ASSOCIATIVE
    inside = [
        text if bound > strength or (bound == strength and leftmost and not place) else f"({text})"
        for place, (text, bound) in enumerate(texts)
    ]
    if part.operator in SIGNS:
        return f"{SIGNS[part.operator]}{inside[0]}", strength
    if part.operator == "if":
        return f"{inside[1]} if {inside[0]} else {inside[2]}", strength
    return f" {part.operator} ".join(inside), strength
