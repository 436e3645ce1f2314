"""An expression of the case as a small tree of frozen values.

Booleans count 0 and 1; the values of a word variable count by their index in its list, and
`type` is 0 for a party's first type and 1 for its second.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ceasefire.case.place import NOWHERE, Place

Kind = Literal["variable", "unknown", "condition", "type"]


@dataclass(frozen=True)
class Number:
    """A finite number; true is 1 and false is 0."""

    value: float


@dataclass(frozen=True)
class Name:
    """A name that stands for a number in each state and world; promises are variables."""

    kind: Kind
    id: str


@dataclass(frozen=True)
class Word:
    """A value of a word variable; code is its index among the variable's values."""

    text: str
    code: int


@dataclass(frozen=True)
class Unary:
    """`-x`, `+x` or `not x`."""

    op: str
    operand: "Node"


@dataclass(frozen=True)
class Binary:
    """Arithmetic between two numbers: + - * / ** %."""

    op: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Compare:
    """A comparison, perhaps chained: `0 < x <= 2` is first 0, rest ((<, x), (<=, 2))."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True)
class Logic:
    """`and` or `or`: the value is that of the operand that decides, as in Python."""

    op: str
    operands: tuple["Node", ...]


@dataclass(frozen=True)
class Choice:
    """`yes if condition else no`."""

    condition: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True)
class Member:
    """`item in (options)`."""

    item: "Node"
    options: tuple["Node", ...]


@dataclass(frozen=True)
class Call:
    """One of min max abs exp log sqrt."""

    function: str
    arguments: tuple["Node", ...]


Node = Number | Name | Word | Unary | Binary | Compare | Logic | Choice | Member | Call

FUNCTIONS = ("min", "max", "abs", "exp", "log", "sqrt")


@dataclass(frozen=True)
class Expression:
    """What the analyst wrote and what it means; two are equal if text and meaning are.

    names  the variables, promises and unknowns it reads, conditions followed; `type` if it does
    """

    text: str
    tree: Node
    names: frozenset[str] = field(default=frozenset(), compare=False)
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    @property
    def line(self) -> int | None:
        """The line in the file."""
        return self.place.line

    @property
    def column(self) -> int | None:
        """The column in the file."""
        return self.place.column

    @property
    def path(self) -> str:
        """The path in the file, such as `moves.attack.cost`."""
        return self.place.path

    @property
    def constant(self) -> bool:
        """Whether it is the same number in every state, world and type."""
        return not self.names


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, in reading order.

    >>> children(Binary("+", Number(1.0), Name("variable", "force")))
    (Number(value=1.0), Name(kind='variable', id='force'))
    """
    match node:
        case Unary(_, operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Compare(first, rest):
            return (first, *(part for _, part in rest))
        case Logic(_, operands):
            return operands
        case Choice(condition, yes, no):
            return (condition, yes, no)
        case Member(item, options):
            return (item, *options)
        case Call(_, arguments):
            return arguments
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all that is in it."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current))
