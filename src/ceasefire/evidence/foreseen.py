"""Which probability does a claim give to what its sentence says?

A test as `P(truce) > 0.3` holds or fails; what can be scored is a probability. Where a test
compares one probability with a number, that probability is the claim's: of `P(f) > c` it is P(f),
of `P(f) < c`, by which the sentence says that f does not come about, 1 - P(f). Over worlds it is
the mean, for a world is a guess at what is so, and the probability of an event is the mean of what
each guess gives it. The share of worlds in which the test is true is something else, and scored
nowhere: a sentence may hold in all worlds, with a probability of 0.31 in each.

`plays`, `signs` and `kept` are probabilities too. A claim about another game (`without`, `closed`,
`given`, `sharper`), about a type that nobody sees, or that compares two numbers says nothing that
could be seen to happen, and has no such probability.
"""

from dataclasses import dataclass
from typing import Final

from ceasefire.ask import Question
from ceasefire.ask.question import Asked, Constant, Node, Operation, Variant

PROBABILITIES: Final = ("P", "plays", "signs", "kept")
ABOVE, BELOW = (">", ">="), ("<", "<=")


@dataclass(frozen=True)
class Foreseen:
    """What a claim says will be seen: a quantity, or that it will not be (`turned`).

    expr   the quantity as written
    place  which of the question's quantities it is
    """

    expr: str
    place: int
    turned: bool

    def probability(self, value: float | None) -> float | None:
        """The probability of the claim's sentence, from that of the quantity."""
        return None if value is None else 1.0 - value if self.turned else value

    def __str__(self) -> str:
        return f"not {self.expr}" if self.turned else self.expr


def foreseen(question: Question) -> Foreseen | str:
    """The event that a test is about, or why there is none that could be scored."""
    tree = question.tree
    if not isinstance(tree, Operation) or tree.operator not in (*ABOVE, *BELOW):
        return "its test does not compare one probability with a number"
    left, right = tree.parts
    if isinstance(left, Asked) and _fixed(right):
        place, turned = left.index, tree.operator in BELOW
    elif isinstance(right, Asked) and _fixed(left):
        place, turned = right.index, tree.operator in ABOVE
    else:
        return "its test does not compare one probability with a number"
    quantity = question.quantities[place]
    if quantity.kind not in PROBABILITIES:
        return f"{quantity.kind}(...) is not the probability of something that is seen to happen"
    if quantity.variant != Variant():
        return "it asks about a game that is not the one that was played"
    if quantity.types:
        return "it asks about a type, which nobody sees"
    return Foreseen(quantity.text, place, turned)


def _fixed(node: Node) -> bool:
    """Whether a part of a test is a number whatever the game, such as 1 / 3."""
    if isinstance(node, Operation):
        return all(_fixed(part) for part in node.parts)
    return isinstance(node, Constant)
