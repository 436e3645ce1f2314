"""A test with its numbers filled in, so that one sees by how much it holds."""

from collections.abc import Sequence

from ceasefire.ask import Question
from ceasefire.ask.expression import work_out
from ceasefire.ask.question import Asked, Constant, Least, Node
from ceasefire.show.words import number

BINDING = {
    "if": 0, "or": 1, "and": 2, "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "negative": 7, "positive": 7, "**": 8,
}  # fmt: skip
TIGHTEST = 9


def in_numbers(question: Question, values: Sequence[float | None]) -> str:
    """The expression of a question with a number in place of each quantity.

    values  one per quantity of the question, in order

    >>> from ceasefire.ask.question import Operation
    >>> tree = Operation(">", (Operation("-", (Asked(0), Asked(1))), Constant(0.25)))
    >>> in_numbers(Question("P(...) - P(...) > 0.25", tree, ()), [0.8125, 0.5])
    '0.812 - 0.500 > 0.25'
    """
    return _written(question.tree, values)


def _written(node: Node, values: Sequence[float | None], around: int = 0) -> str:
    if isinstance(node, Constant):
        return number(node.value) if isinstance(node.value, bool) else f"{node.value:g}"
    if isinstance(node, Asked):
        return number(values[node.index])
    if isinstance(node, Least):
        return number(work_out(node, values)[0])
    binds = BINDING.get(node.operator, TIGHTEST)
    parts = node.parts
    if node.operator == "if":
        test, yes, no = (_written(part, values, 1) for part in parts)
        text = f"{yes} if {test} else {no}"
    elif node.operator not in BINDING:
        return f"{node.operator}({', '.join(_written(part, values) for part in parts)})"
    elif len(parts) == 1:
        sign = {"not": "not ", "negative": "-", "positive": "+"}[node.operator]
        text = sign + _written(parts[0], values, binds)
    else:
        shown = [_written(part, values, binds + (place > 0)) for place, part in enumerate(parts)]
        text = f" {node.operator} ".join(shown)
    return f"({text})" if binds < around else text
