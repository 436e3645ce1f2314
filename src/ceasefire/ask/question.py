"""What a question is once it has been read: an expression over quantities.

A `Quantity` is one number asked of the game; its `Variant` says which game it is asked of, so
that all quantities of one variant are answered by one solve. The expression around them is a
small tree that knows nothing of games: `ask/expression.py` works it out.
"""

from dataclasses import dataclass, field, replace

from ceasefire.case import Expression

Start = tuple[tuple[str, bool | int | str], ...]


@dataclass(frozen=True)
class Belief:
    """`believes(observer, party.type)`: what an observer believes at that moment.

    `column` is the name under which a state expression reads it.
    """

    observer: str
    party: str
    type: str
    column: str


@dataclass(frozen=True)
class State:
    """A condition on the state at the end of a period: it holds where it is not 0."""

    expression: Expression
    beliefs: tuple[Belief, ...] = ()


@dataclass(frozen=True)
class Happening:
    """A condition on what happens: one of these events occurs."""

    events: frozenset[str]


Condition = State | Happening


@dataclass(frozen=True)
class Atom:
    """One formula: `kind` is its name, `count` the n of `lasting`."""

    kind: str
    conditions: tuple[Condition, ...]
    count: int = 0


@dataclass(frozen=True)
class Junction:
    """Formulas joined by `and` or `or`, or one turned round by `not`."""

    operator: str
    parts: "tuple[Formula, ...]"


Formula = Atom | Junction


def conditions(formula: Formula) -> tuple[Condition, ...]:
    """Every condition that a formula looks at, from left to right."""
    if isinstance(formula, Atom):
        return formula.conditions
    return tuple(found for part in formula.parts for found in conditions(part))


def beliefs(formula: Formula) -> tuple[Belief, ...]:
    """Every belief that a formula reads, each once."""
    found = [b for c in conditions(formula) if isinstance(c, State) for b in c.beliefs]
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Variant:
    """Which game is asked: what is left out or closed, which unknowns are given, how sharp."""

    without: frozenset[str] = frozenset()
    closed: tuple[tuple[str, int], ...] = ()
    given: tuple[tuple[str, float], ...] = ()
    sharper: float = 1.0


@dataclass(frozen=True)
class Quantity:
    """One number asked of a game.

    text       as the analyst wrote it
    kind       P, E, time, value, plays, signs, belief, can or kept
    subject    the party, the promise, or the `party.move` or `table.deal` it is about
    party      who signs, whose payoff, whose type is believed
    observer   who believes; `analyst` unless `by=` says otherwise
    periods    how many periods are looked at; None for the horizon
    at         after how many periods, for E and belief
    """

    text: str = field(compare=False)
    kind: str
    variant: Variant = Variant()
    start: Start = ()
    types: tuple[tuple[str, str], ...] = ()
    periods: int | None = None
    subject: str = ""
    party: str = ""
    type: str | None = None
    observer: str | None = None
    at: int | None = None
    after: tuple[str, ...] = ()
    coalition: tuple[str, ...] = ()
    formula: Formula | None = None
    provided: Formula | None = None
    expression: Expression | None = None
    condition: Condition | None = None

    def at_state(self, name: str, value: bool | int | str, text: str = "") -> "Quantity":
        """The same quantity from a start where `name` has this value."""
        start = dict(sorted({**dict(self.start), name: value}.items()))
        return replace(self, start=tuple(start.items()), text=text or self.text)


@dataclass(frozen=True)
class Constant:
    """A number written in the question; booleans for `true` and `false`."""

    value: float | bool


@dataclass(frozen=True)
class Asked:
    """The place of a quantity in the expression: `Question.quantities[index]`."""

    index: int


@dataclass(frozen=True)
class Least:
    """`least(variable, test)`: the test once for each value, smallest first."""

    variable: str
    text: str
    tests: "tuple[tuple[int, Node], ...]"


@dataclass(frozen=True)
class Operation:
    """An operator or function over parts; `operator` as in Python, `if` for a choice."""

    operator: str
    parts: "tuple[Node, ...]"


Node = Constant | Asked | Least | Operation


@dataclass(frozen=True)
class Question:
    """A question as read: its text, its expression, and every quantity in it, each once."""

    text: str
    tree: Node
    quantities: tuple[Quantity, ...] = field(repr=False)

    @property
    def is_test(self) -> bool:
        """True if the answer is true or false rather than a number."""
        return is_test(self.tree)


TESTS = frozenset({"==", "!=", "<", "<=", ">", ">=", "not"})


def is_test(node: Node) -> bool:
    """True if this part of a question is true or false rather than a number."""
    if isinstance(node, Constant):
        return isinstance(node.value, bool)
    if not isinstance(node, Operation):
        return False
    if node.operator in ("and", "or"):
        return all(is_test(part) for part in node.parts)
    if node.operator == "if":
        return all(is_test(part) for part in node.parts[1:])
    return node.operator in TESTS
