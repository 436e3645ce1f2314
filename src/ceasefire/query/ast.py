"""What does a question ask, and what is its value once its quantities are known?

A `Quantity` is one number asked of the game; its `GameModification` says which game it is asked
of, so that all quantities of one variant are answered by one solve. The expression around them is
a small tree that knows nothing of games. Its arithmetic is Python's, with one addition: a quantity
may have no value (a condition of probability 0), and what needs it then has none either. A
division by zero or an overflow gives no value and a warning.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ceasefire.case import Coding, Expression

StartOverrides = tuple[tuple[str, bool | int | str], ...]


def format_refusal(deal: str, party: str) -> str:
    """How the refusal of a deal by a party is written among the choices of `after=`."""
    return f"refused({deal}, by={party})"


class SeenChoice(NamedTuple):
    """One of the things that `after=` names.

    subject  the move, deal or outcome of chance that is offered
    refuser  who says no to it; None if nobody does
    outcome  what comes of it, as in `talks.truce.holds`; None if that is left open

    >>> SeenChoice.read("refused(talks.truce, by=south)")
    SeenChoice(subject='talks.truce', refuser='south', outcome=None)
    >>> SeenChoice.read("south.attack.wins")
    SeenChoice(subject='south.attack', refuser=None, outcome='south.attack.wins')
    """

    subject: str
    refuser: str | None = None
    outcome: str | None = None

    @classmethod
    def read(cls, event: str) -> "SeenChoice":
        """What is written as this."""
        if event.startswith("refused("):
            deal, party = event.removeprefix("refused(").removesuffix(")").split(", by=")
            return cls(deal, refuser=party)
        act = event.rpartition(".")[0]
        return cls(act, outcome=event) if "." in act else cls(event)


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
    """One formula: `kind` is its name, `count` the n of `lasting`.

    begun   the state of its automaton in which it goes on; None where it begins
    """

    kind: str
    conditions: tuple[FormulaCondition, ...]
    count: int = 0
    begun: int | None = None


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


def atomic_formulas_of(formula: Formula) -> tuple[AtomicFormula, ...]:
    """The formulas that a formula joins, from left to right."""
    if isinstance(formula, AtomicFormula):
        return (formula,)
    return tuple(atom for part in formula.parts for atom in atomic_formulas_of(part))


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
    """Which game is asked: what is left out or closed, which unknowns are given, how sharp.

    selection   which fixed point is played at a decision with several; None as the plan says
    coding      the option of some alternatives; that of the others is as the world has it
    """

    without: frozenset[str] = frozenset()
    closed: tuple[tuple[str, int], ...] = ()
    given: tuple[tuple[str, float], ...] = ()
    precision_factor: float = 1.0
    selection: str | None = None
    coding: Coding = ()


@dataclass(frozen=True)
class Quantity:
    """One number asked of a game.

    text           as the analyst wrote it
    kind           P, E, time, value, plays, signs, belief, can or kept
    subject        the party, the promise, or the `party.move` or `table.deal` it is about
    party          who signs, whose payoff, whose type is believed
    observer       who believes; `analyst` unless `by=` says otherwise
    periods        how many periods are looked at; None for the horizon
    after_periods  after how many periods, for E and belief
    after          choices that were made, in order, before the moment from which it is asked
    remembers      how many periods that are over count in its formulas, where it is asked after
                   events; None where they begin when it is asked
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
    remembers: int | None = None

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
    """A question as read: its text, its expression, and every quantity in it, each once.

    readings  how it is read under codings of the case under which it reads otherwise
    """

    text: str
    expression: QuestionNode
    quantities: tuple[Quantity, ...] = field(repr=False)
    readings: "tuple[tuple[Coding, Question], ...]" = field(default=(), repr=False)

    def under(self, coding: Coding) -> "Question":
        """The question as it is read under a coding of the case, given in full."""
        return dict(self.readings).get(coding, self)

    def with_quantities(self, change: "Callable[[Quantity], Quantity]") -> "Question":
        """The same question with every quantity changed, under all codings."""
        return replace(
            self,
            quantities=tuple(map(change, self.quantities)),
            readings=tuple((c, one.with_quantities(change)) for c, one in self.readings),
        )

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


AnswerValue = float | bool | None


def evaluate_question(
    expression: QuestionNode, numbers: Sequence[float | None]
) -> tuple[AnswerValue, tuple[str, ...]]:
    """The value of a question, and what should be said about how it came about.

    expression  the expression of a Question
    numbers     one per quantity of the question, in order; None where there is no value

    >>> tree = Operation(">", (Operation("-", (QuantityRef(0), QuantityRef(1))), Constant(0.25)))
    >>> evaluate_question(tree, [0.8, 0.5])
    (True, ())
    >>> evaluate_question(tree, [0.8, None])
    (None, ())
    >>> evaluate_question(Operation("/", (QuantityRef(0), QuantityRef(1))), [0.8, 0.0])
    (None, ('division by zero: no value',))
    """
    warnings: list[str] = []
    value = _QuestionEvaluator(numbers, warnings).value(expression)
    return value, tuple(dict.fromkeys(warnings))


class _QuestionEvaluator:
    def __init__(self, numbers: Sequence[float | None], warnings: list[str]) -> None:
        self.numbers = numbers
        self.warnings = warnings

    def value(self, node: QuestionNode) -> AnswerValue:
        if isinstance(node, Constant):
            return node.value
        if isinstance(node, QuantityRef):
            return self.numbers[node.index]
        if isinstance(node, LeastValueSearch):
            return self._least(node)
        if node.operator in ("and", "or"):
            return self._logic(node)
        if node.operator == "if":
            condition = self.value(node.parts[0])
            return None if condition is None else self.value(node.parts[1 if condition else 2])
        parts = [self.value(part) for part in node.parts]
        known = [float(part) for part in parts if part is not None]
        return self._apply(node.operator, known) if len(known) == len(parts) else None

    def _logic(self, node: Operation) -> AnswerValue:
        """The first part that decides, as in Python; one without a value leaves numbers open."""
        deciding = node.operator == "or"
        parts = [self.value(part) for part in node.parts]
        for place, part in enumerate(parts):
            if part is not None and bool(part) is deciding:
                certain = isinstance(part, bool) or None not in parts[:place]
                return part if certain else None
        return None if None in parts else parts[-1]

    def _apply(self, operator: str, parts: list[float]) -> AnswerValue:
        if operator == "not":
            return not parts[0]
        if operator in COMPARISON_FUNCTIONS:
            return COMPARISON_FUNCTIONS[operator](*parts)
        try:
            result = ARITHMETIC_FUNCTIONS[operator](*parts)
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

    def _least(self, node: LeastValueSearch) -> AnswerValue:
        """The smallest value of the variable at which the test holds, inf if none."""
        results = [(value, self.value(test)) for value, test in node.tests_by_value]
        unknown = [value for value, result in results if result is None]
        if unknown:
            self.warnings.append(
                f"{node.text}: the test has no value at {_format_assignments(node, unknown)}"
            )
            return None
        holding = [value for value, result in results if result]
        if not holding:
            return math.inf
        failing = [value for value, result in results if value > holding[0] and not result]
        if failing:
            self.warnings.append(
                f"{node.text}: the test holds at {node.variable}={holding[0]} "
                f"but fails again at {_format_assignments(node, failing)}"
            )
        return float(holding[0])


def _format_assignments(node: LeastValueSearch, values: list[int]) -> str:
    return " and ".join(f"{node.variable}={value}" for value in values)


COMPARISON_FUNCTIONS: dict[str, Callable[..., bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

ARITHMETIC_FUNCTIONS: dict[str, Callable[..., float]] = {
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
