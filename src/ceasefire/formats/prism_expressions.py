"""How the expressions of a case are written in the PRISM language.

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
    A bool ceil clock const csg ctmc ctmdp C double dtmc E endinit endinvariant endmodule
    endobservables endplayer endrewards endsystem F false filter floor formula func G global I
    idtmc imdp init int invariant label log ma max mdp min mod module nondeterministic observable
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
    """Hands out names for a model; one that is taken, or a keyword, gets a `_`."""

    def __init__(self) -> None:
        self.taken: set[str] = set(_PRISM_KEYWORDS.split())
        self.renamed: dict[str, str] = {}

    def allocate(self, preferred: str) -> str:
        """A free name as close as possible to the preferred one; it is taken from then on."""
        name = preferred.replace("endmodule", "end_module")  # Storm's parser stops at it
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        if name != preferred:
            self.renamed[preferred] = name
        return name


class PrismTranslator:
    """Translates the expressions of one case, once its names have been given."""

    def __init__(self, case: Case, names: PrismNames) -> None:
        self.case = case
        listed = (*case.variables_and_promises, *case.unknowns, *case.conditions)
        self.prism_name = {name: names.allocate(name) for name in listed}
        self._condition_types: dict[str, PrismType] = {}

    def translate_number(
        self, expression: Expression, substituted: SubstitutedValues | None = None
    ) -> PrismExpression:
        """An expression as a number."""
        return self._numeric_expression(expression.tree, substituted or {})

    def translate_boolean(
        self, expression: Expression, substituted: SubstitutedValues | None = None
    ) -> str:
        """An expression as true or false: whether it is not 0."""
        return self._boolean_text(expression.tree, substituted or {})

    def translate_assignment(
        self, expression: Expression, variable: Variable, substituted: SubstitutedValues
    ) -> PrismExpression:
        """An expression as the new value of a variable."""
        if variable.kind == "boolean":
            return PrismExpression(self._boolean_text(expression.tree, substituted), "bool")
        text, kind = self._numeric_expression(expression.tree, substituted)
        return PrismExpression(text if kind == "int" else f"floor({text} + 0.5)", "int")

    def translate_condition(self, name: str) -> str:
        """The text of a condition, true or false or a number as it is written."""
        tree = self.case.conditions[name].tree
        return (
            self._boolean_text(tree, {})
            if self.case.is_truth(tree)
            else self._numeric_expression(tree, {}).text
        )

    def _boolean_text(self, node: ExpressionNode, substituted: SubstitutedValues) -> str:
        match node:
            case NumberLiteral(value):
                return "true" if value else "false"
            case UnaryOperation("not", operand):
                inner = self._boolean_text(operand, substituted)
                return f"!({inner})" if inner.startswith("!") else f"!{inner}"
            case Comparison(first, rest):
                nodes = (first, *(side for _, side in rest))
                sides = [self._numeric_expression(side, substituted).text for side in nodes]
                links = [
                    f"{sides[i]} {'=' if op == '==' else op} {sides[i + 1]}"
                    for i, (op, _) in enumerate(rest)
                ]
                return f"({' & '.join(links)})"
            case MembershipTest(item, options):
                one = self._numeric_expression(item, substituted).text
                hits = [
                    f"{one} = {self._numeric_expression(option, substituted).text}"
                    for option in options
                ]
                return f"({' | '.join(hits)})"
            case LogicalOperation(op, operands):
                parts = [self._boolean_text(operand, substituted) for operand in operands]
                return f"({(' & ' if op == 'and' else ' | ').join(parts)})"
            case ConditionalExpression(condition, yes, no) if self.case.is_truth(node):
                test = self._boolean_text(condition, substituted)
                one, other = (self._boolean_text(each, substituted) for each in (yes, no))
                return f"({test} ? {one} : {other})"
            case NameReference() if self.case.is_truth(node):
                return self._translate_name(node, substituted).text
        return f"({self._numeric_expression(node, substituted).text} != 0)"

    def _numeric_expression(
        self, node: ExpressionNode, substituted: SubstitutedValues
    ) -> PrismExpression:
        if self.case.is_truth(node):
            return PrismExpression(f"({self._boolean_text(node, substituted)} ? 1 : 0)", "int")
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
                return self._translate_name(node, substituted)
            case UnaryOperation(op, operand):
                text, kind = self._numeric_expression(operand, substituted)
                return PrismExpression(f"(-{text})" if op == "-" else text, kind)
            case BinaryOperation(op, left, right):
                return _binary_operation(
                    op,
                    self._numeric_expression(left, substituted),
                    self._numeric_expression(right, substituted),
                )
            case LogicalOperation(op, (*before, last)):
                said = self._numeric_expression(last, substituted)
                for operand in reversed(before):
                    own, test = (
                        self._numeric_expression(operand, substituted),
                        self._boolean_text(operand, substituted),
                    )
                    yes, no = (said, PrismExpression("0", "int")) if op == "and" else (own, said)
                    said = PrismExpression(
                        f"({test} ? {yes.text} : {no.text})", _common_type(yes, no)
                    )
                return said
            case ConditionalExpression(condition, yes, no):
                test = self._boolean_text(condition, substituted)
                one, two = (
                    self._numeric_expression(yes, substituted),
                    self._numeric_expression(no, substituted),
                )
                return PrismExpression(
                    f"({test} ? {one.text} : {two.text})", _common_type(one, two)
                )
            case FunctionCall(function, arguments):
                return _function_call(
                    function, [self._numeric_expression(part, substituted) for part in arguments]
                )
        raise AssertionError(f"no such node: {node!r}")

    def _translate_name(
        self, node: NameReference, substituted: SubstitutedValues
    ) -> PrismExpression:
        if node.id in substituted:
            return substituted[node.id]
        if node.kind == "variable":
            kind: PrismType = (
                "bool" if self.case.variables_and_promises[node.id].kind == "boolean" else "int"
            )
            return PrismExpression(self.prism_name[node.id], kind)
        if node.kind == "unknown":
            return PrismExpression(self.prism_name[node.id], "double")
        expression = self.case.conditions[node.id]
        if expression.names_read & set(substituted):
            if self.case.is_truth(expression.tree):
                return PrismExpression(self._boolean_text(expression.tree, substituted), "bool")
            return self._numeric_expression(expression.tree, substituted)
        if self.case.is_truth(expression.tree):
            return PrismExpression(self.prism_name[node.id], "bool")
        if node.id not in self._condition_types:
            self._condition_types[node.id] = self._numeric_expression(expression.tree, {}).kind
        return PrismExpression(self.prism_name[node.id], self._condition_types[node.id])


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


def _function_call(function: str, arguments: list[PrismExpression]) -> PrismExpression:
    first = arguments[0].text
    match function:
        case "min" | "max":
            return PrismExpression(
                f"{function}({', '.join(one.text for one in arguments)})", _common_type(*arguments)
            )
        case "abs":
            return PrismExpression(f"max({first}, -{first})", arguments[0].kind)
        case "exp":
            return PrismExpression(f"pow({EULER_NUMBER}, {first})", "double")
        case "log":
            return PrismExpression(f"log({first}, {EULER_NUMBER})", "double")
    return PrismExpression(f"pow(1.0 * {first}, 0.5)", "double")
