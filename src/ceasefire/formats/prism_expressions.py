"""Expressions of a case in the words of the PRISM language.

Booleans count 0 and 1 in a case but are a type of their own in PRISM, and so are whole numbers
and reals; each translation knows which of the three it is.

Source: Kwiatkowska, Norman & Parker (2011), PRISM 4.0, CAV 2011, LNCS 6806, for the language.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from ceasefire.case import (
    BinaryOperation,
    Case,
    Comparison,
    ConditionalExpression,
    Expression,
    ExpressionNode,
    FunctionCall,
    LogicalOperation,
    MembershipTest,
    NameReference,
    NumberLiteral,
    UnaryOperation,
    Variable,
    WordLiteral,
)

PrismType = Literal["bool", "int", "double"]
EULER_NUMBER = "2.718281828459045"
_PRISM_KEYWORDS = """
    A bool ceil clock const csg ctmc C double dtmc E endinit endinvariant endmodule
    endobservables endplayer endrewards endsystem F false filter floor formula func G global I
    idtmc imdp init int invariant label log max mdp min mod module nondeterministic observable
    observables of P Pmax Pmin player pomdp popta pow prob probabilistic pta R rate rewards Rmax
    Rmin round S smg stochastic system tptg true U W X atMost atLeast e
"""


class PrismExpression(NamedTuple):
    """A piece of PRISM text and its type there."""

    text: str
    kind: PrismType


SubstitutedValues = Mapping[
    str, PrismExpression
]  # what variables stand for that have been changed already


class PrismNames:
    """Names that PRISM knows, each once; a name that is taken or a keyword gets a `_`."""

    def __init__(self) -> None:
        self.taken: set[str] = set(_PRISM_KEYWORDS.split())
        self.renamed: dict[str, str] = {}

    def new(self, wanted: str) -> str:
        """A name as near as possible to the one that is wanted."""
        name = wanted
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        if name != wanted:
            self.renamed[wanted] = name
        return name


class PrismTranslator:
    """Translates the expressions of one case, once its names have been given."""

    def __init__(self, case: Case, names: PrismNames) -> None:
        self.case = case
        listed = (*case.variables, *case.unknowns, *case.conditions)
        self.name = {name: names.new(name) for name in listed}
        self._kinds: dict[str, PrismType] = {}

    def number(
        self, expression: Expression, standing: SubstitutedValues | None = None
    ) -> PrismExpression:
        """An expression as a number."""
        return self._number(expression.tree, standing or {})

    def truth(self, expression: Expression, standing: SubstitutedValues | None = None) -> str:
        """An expression as true or false: whether it is not 0."""
        return self._truth(expression.tree, standing or {})

    def value(
        self, expression: Expression, variable: Variable, standing: SubstitutedValues
    ) -> PrismExpression:
        """An expression as the new value of a variable."""
        if variable.kind == "boolean":
            return PrismExpression(self._truth(expression.tree, standing), "bool")
        text, kind = self._number(expression.tree, standing)
        return PrismExpression(text if kind == "int" else f"floor({text} + 0.5)", "int")

    def condition(self, name: str) -> str:
        """The text of a condition, true or false or a number as it is written."""
        tree = self.case.conditions[name].tree
        return self._truth(tree, {}) if self._true(tree) else self._number(tree, {}).text

    def _true(self, node: ExpressionNode) -> bool:
        """Whether a node can only be 0 or 1 and is true or false in PRISM."""
        match node:
            case NameReference("variable", name):
                return self.case.variables[name].kind == "boolean"
            case NameReference("condition", name):
                return self._true(self.case.conditions[name].tree)
            case Comparison() | MembershipTest() | UnaryOperation("not"):
                return True
            case LogicalOperation(_, operands):
                return all(self._true(operand) for operand in operands)
            case ConditionalExpression(_, yes, no):
                return self._true(yes) and self._true(no)
        return False

    def _truth(self, node: ExpressionNode, standing: SubstitutedValues) -> str:
        match node:
            case NumberLiteral(value):
                return "true" if value else "false"
            case UnaryOperation("not", operand):
                inner = self._truth(operand, standing)
                return f"!({inner})" if inner.startswith("!") else f"!{inner}"
            case Comparison(first, rest):
                nodes = (first, *(side for _, side in rest))
                sides = [self._number(side, standing).text for side in nodes]
                links = [
                    f"{sides[i]} {'=' if op == '==' else op} {sides[i + 1]}"
                    for i, (op, _) in enumerate(rest)
                ]
                return f"({' & '.join(links)})"
            case MembershipTest(item, options):
                one = self._number(item, standing).text
                hits = [f"{one} = {self._number(option, standing).text}" for option in options]
                return f"({' | '.join(hits)})"
            case LogicalOperation(op, operands):
                parts = [self._truth(operand, standing) for operand in operands]
                return f"({(' & ' if op == 'and' else ' | ').join(parts)})"
            case ConditionalExpression(condition, yes, no) if self._true(node):
                test = self._truth(condition, standing)
                return f"({test} ? {self._truth(yes, standing)} : {self._truth(no, standing)})"
            case NameReference() if self._true(node):
                return self._named(node, standing).text
        return f"({self._number(node, standing).text} != 0)"

    def _number(self, node: ExpressionNode, standing: SubstitutedValues) -> PrismExpression:
        if self._true(node):
            return PrismExpression(f"({self._truth(node, standing)} ? 1 : 0)", "int")
        match node:
            case NumberLiteral(value):
                whole = value == int(value) and abs(value) < 2**31
                return (
                    PrismExpression(str(int(value)), "int")
                    if whole
                    else PrismExpression(repr(value), "double")
                )
            case WordLiteral(_, code):
                return PrismExpression(str(code), "int")
            case NameReference():
                return self._named(node, standing)
            case UnaryOperation(op, operand):
                text, kind = self._number(operand, standing)
                return PrismExpression(f"(-{text})" if op == "-" else text, kind)
            case BinaryOperation(op, left, right):
                return _binary_operation(
                    op, self._number(left, standing), self._number(right, standing)
                )
            case LogicalOperation(op, (*before, last)):
                said = self._number(last, standing)
                for operand in reversed(before):
                    own, test = self._number(operand, standing), self._truth(operand, standing)
                    yes, no = (said, PrismExpression("0", "int")) if op == "and" else (own, said)
                    said = PrismExpression(
                        f"({test} ? {yes.text} : {no.text})", _common_type(yes, no)
                    )
                return said
            case ConditionalExpression(condition, yes, no):
                test = self._truth(condition, standing)
                one, two = self._number(yes, standing), self._number(no, standing)
                return PrismExpression(
                    f"({test} ? {one.text} : {two.text})", _common_type(one, two)
                )
            case FunctionCall(function, arguments):
                return _function_call(
                    function, [self._number(part, standing) for part in arguments]
                )
        raise AssertionError(f"no such node: {node!r}")

    def _named(self, node: NameReference, standing: SubstitutedValues) -> PrismExpression:
        if node.kind == "variable":
            if node.id in standing:
                return standing[node.id]
            kind: PrismType = "bool" if self.case.variables[node.id].kind == "boolean" else "int"
            return PrismExpression(self.name[node.id], kind)
        if node.kind == "unknown":
            return PrismExpression(self.name[node.id], "double")
        expression = self.case.conditions[node.id]
        if expression.names & set(standing):
            if self._true(expression.tree):
                return PrismExpression(self._truth(expression.tree, standing), "bool")
            return self._number(expression.tree, standing)
        if self._true(expression.tree):
            return PrismExpression(self.name[node.id], "bool")
        if node.id not in self._kinds:
            self._kinds[node.id] = self._number(expression.tree, {}).kind
        return PrismExpression(self.name[node.id], self._kinds[node.id])


def _common_type(*said: PrismExpression) -> PrismType:
    return "double" if any(one.kind == "double" for one in said) else "int"


def _binary_operation(op: str, left: PrismExpression, right: PrismExpression) -> PrismExpression:
    a, b = left.text, right.text
    if op == "/":
        return PrismExpression(f"({a} / {b})", "double")
    if op == "**":
        return PrismExpression(f"pow(1.0 * {a}, {b})", "double")
    if op == "%":  # as in Python: the result has the sign of the divisor
        return PrismExpression(f"({a} - {b} * floor({a} / {b}))", _common_type(left, right))
    return PrismExpression(f"({a} {op} {b})", _common_type(left, right))


def _function_call(function: str, said: list[PrismExpression]) -> PrismExpression:
    first = said[0].text
    match function:
        case "min" | "max":
            return PrismExpression(
                f"{function}({', '.join(one.text for one in said)})", _common_type(*said)
            )
        case "abs":
            return PrismExpression(f"max({first}, -{first})", said[0].kind)
        case "exp":
            return PrismExpression(f"pow({EULER_NUMBER}, {first})", "double")
        case "log":
            return PrismExpression(f"log({first}, {EULER_NUMBER})", "double")
    return PrismExpression(f"pow(1.0 * {first}, 0.5)", "double")
