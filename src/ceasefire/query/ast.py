"""What a question is once it has been read: an expression over quantities.

A `Quantity` is one number asked of the game; its `GameModification` says which game it is asked
of, so
that all quantities of one variant are answered by one solve. The expression around them is a
small tree that knows nothing of games: `query/arithmetic.py` works it out.
"""

from dataclasses import dataclass, field, replace

from ceasefire.case import Expression

StartOverrides = tuple[tuple[str, bool | int | str], ...]


@dataclass(frozen=True)
class BeliefTerm:
    """`believes(observer, party.type)`: what an observer believes at that moment.

    `column` is the name under which a state expression reads it.
    """

    observer: str
    party: str
    type: str
    column: str


@dataclass(frozen=True)
class StateCondition:
    """A condition on the state at the end of a period: it holds where it is not 0."""

    expression: Expression
    belief_terms: tuple[BeliefTerm, ...] = ()


@dataclass(frozen=True)
class EventCondition:
    """A condition on what happens: one of these events occurs."""

    events: frozenset[str]


FormulaCondition = StateCondition | EventCondition


@dataclass(frozen=True)
class AtomicFormula:
    """One formula: `kind` is its name, `count` the n of `lasting`."""

    kind: str
    conditions: tuple[FormulaCondition, ...]
    count: int = 0


@dataclass(frozen=True)
class CompoundFormula:
    """Formulas joined by `and` or `or`, or one turned round by `not`."""

    operator: str
    parts: "tuple[Formula, ...]"


Formula = AtomicFormula | CompoundFormula


def conditions_of_formula(formula: Formula) -> tuple[FormulaCondition, ...]:
    """Every condition that a formula looks at, from left to right."""
    if isinstance(formula, AtomicFormula):
        return formula.conditions
    return tuple(found for part in formula.parts for found in conditions_of_formula(part))


def belief_terms_of_formula(formula: Formula) -> tuple[BeliefTerm, ...]:
    """Every belief that a formula reads, each once."""
    found = [
        b
        for c in conditions_of_formula(formula)
        if isinstance(c, StateCondition)
        for b in c.belief_terms
    ]
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class GameModification:
    """Which game is asked: what is left out or closed, which unknowns are given, how sharp."""

    without: frozenset[str] = frozenset()
    closed: tuple[tuple[str, int], ...] = ()
    given: tuple[tuple[str, float], ...] = ()
    precision_factor: float = 1.0


@dataclass(frozen=True)
class Quantity:
    """One number asked of a game.

    text       as the analyst wrote it
    kind       P, E, time, value, plays, signs, belief, can or kept
    subject    the party, the promise, or the `party.move` or `table.deal` it is about
    party      who signs, whose payoff, whose type is believed
    observer   who believes; `analyst` unless `by=` says otherwise
    periods    how many periods are looked at; None for the horizon
    after_periods         after how many periods, for E and belief
    """

    text: str = field(compare=False)
    kind: str
    modification: GameModification = GameModification()
    start: StartOverrides = ()
    types: tuple[tuple[str, str], ...] = ()
    periods: int | None = None
    subject: str = ""
    party: str = ""
    type: str | None = None
    observer: str | None = None
    after_periods: int | None = None
    after: tuple[str, ...] = ()
    coalition: tuple[str, ...] = ()
    formula: Formula | None = None
    provided: Formula | None = None
    expression: Expression | None = None
    condition: FormulaCondition | None = None

    def with_start_value(self, name: str, value: bool | int | str, text: str = "") -> "Quantity":
        """The same quantity from a start where `name` has this value."""
        start = dict(sorted({**dict(self.start), name: value}.items()))
        return replace(self, start=tuple(start.items()), text=text or self.text)


@dataclass(frozen=True)
class Constant:
    """A number written in the question; booleans for `true` and `false`."""

    value: float | bool


@dataclass(frozen=True)
class QuantityRef:
    """The place of a quantity in the expression: `Question.quantities[index]`."""

    index: int


@dataclass(frozen=True)
class LeastValueSearch:
    """`least(variable, test)`: the test once for each value, smallest first."""

    variable: str
    text: str
    tests_by_value: "tuple[tuple[int, QuestionNode], ...]"


@dataclass(frozen=True)
class Operation:
    """An operator or function over parts; `operator` as in Python, `if` for a choice."""

    operator: str
    parts: "tuple[QuestionNode, ...]"


QuestionNode = Constant | QuantityRef | LeastValueSearch | Operation


@dataclass(frozen=True)
class Question:
    """A question as read: its text, its expression, and every quantity in it, each once."""

    text: str
    expression: QuestionNode
    quantities: tuple[Quantity, ...] = field(repr=False)

    @property
    def is_test(self) -> bool:
        """True if the answer is true or false rather than a number."""
        return is_test_node(self.expression)


TEST_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">=", "not"})


def is_test_node(node: QuestionNode) -> bool:
    """True if this part of a question is true or false rather than a number."""
    if isinstance(node, Constant):
        return isinstance(node.value, bool)
    if not isinstance(node, Operation):
        return False
    if node.operator in ("and", "or"):
        return all(is_test_node(part) for part in node.parts)
    if node.operator == "if":
        return all(is_test_node(part) for part in node.parts[1:])
    return node.operator in TEST_OPERATORS
