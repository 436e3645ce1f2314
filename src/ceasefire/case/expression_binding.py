"""What does each name of an expression mean, or why may it not be read there?"""

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeGuard

import numpy as np

from ceasefire.case.expressions import (
    EXPRESSION_FUNCTIONS,
    BinaryOperation,
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
    WordLiteral,
    evaluate,
    parse_expression_ast,
    type_of_party,
    walk_expression,
)
from ceasefire.case.model import EMPTY_MAPPING, Variable
from ceasefire.diagnostics import (
    UNKNOWN_LOCATION,
    Diagnostics,
    TextLocation,
    shorten_text,
    suggest_closest_name,
)
from ceasefire.errors import ExpressionError

EXPRESSION_GRAMMAR_TEXT = (
    "numbers, names, + - * / ** %, comparisons, and or not, a if c else b, in (...), "
    + " ".join(EXPRESSION_FUNCTIONS)
)


@dataclass(frozen=True)
class NameScope:
    """Which names an expression may read, and what every other name of the case is.

    variables            state and promises
    types                the types that `type` may be; empty where `type` has no meaning
    types_by_party       party -> its types, where `type(party)` may be read; else empty
    constants            the number of a family of moves or deals, and its value for one of them
    state_allowed        whether the state may be read here; `unknowns_allowed` likewise
    place_text           the key in words, for messages
    names_without_value  name -> what it is ("a party"), for names no expression can read
    faulty_names         names whose own definition is at fault; reading them is no second problem
    """

    variables: Mapping[str, Variable] = field(default_factory=lambda: EMPTY_MAPPING)
    unknowns: frozenset[str] = frozenset()
    conditions: Mapping[str, Expression] = field(default_factory=lambda: EMPTY_MAPPING)
    types: tuple[str, ...] = ()
    types_by_party: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY_MAPPING)
    constants: Mapping[str, int] = field(default_factory=lambda: EMPTY_MAPPING)
    state_allowed: bool = True
    unknowns_allowed: bool = True
    place_text: str = "an expression"
    names_without_value: Mapping[str, str] = field(default_factory=lambda: EMPTY_MAPPING)
    faulty_names: frozenset[str] = frozenset()
    all_type_names: frozenset[str] = frozenset()

    def for_place(
        self,
        place_text: str,
        *,
        state_allowed: bool,
        unknowns_allowed: bool,
        types: Iterable[str] = (),
        types_by_party: Mapping[str, tuple[str, ...]] = EMPTY_MAPPING,
    ) -> "NameScope":
        """The same names, read from another kind of place."""
        return replace(
            self,
            place_text=place_text,
            state_allowed=state_allowed,
            unknowns_allowed=unknowns_allowed,
            types=tuple(types),
            types_by_party=types_by_party,
        )


NameRefusal = tuple[str, str, str]


def explain_unreadable_name(scope: NameScope, what: str) -> NameRefusal:
    """Message, what is allowed, and a way out for a name that exists and may not be read here."""
    may = {"state and promises": scope.state_allowed, "unknowns": scope.unknowns_allowed}
    may |= {"type": bool(scope.types), "type(party)": bool(scope.types_by_party)}
    allowed = [word for word, yes in may.items() if yes]
    help = ""
    if scope.place_text in ("`patience`", "`precision`") and what.startswith("the state"):
        help = "write two parties, and under `roles` which of them acts in which state"
    return f"{scope.place_text} cannot read {what}", ", ".join(allowed) or "numbers only", help


def explain_unknown_name(scope: NameScope, name: str) -> NameRefusal:
    """Message, what is allowed, and a way out for a name that stands for no number here."""
    if name == "type":
        help = "only payoff terms, cost and breach of a party with types read it"
        if scope.types_by_party:
            help = f"say whose type: write {type_of_party(next(iter(scope.types_by_party)))}"
        return f"`type` has no meaning in {scope.place_text}", "", help
    for holder, variable in scope.variables.items():
        if variable.kind == "word" and name in variable.values:
            return f"is a value of {holder}, not a number", "", f"write {holder} == {name}"
    if name in scope.all_type_names:
        holders = (party for party, types in scope.types_by_party.items() if name in types)
        read = "type" if scope.types else next(map(type_of_party, holders), "type")
        return "is the name of a type", "", f"write {read} == {name}, where `type` may be read"
    if name in scope.names_without_value:
        return f"is {scope.names_without_value[name]}, which has no value", "", ""
    if name in EXPRESSION_FUNCTIONS:
        return "is a function", "", f"write {name}(...)"
    if name == "period":
        help = "rules do not read the date: use `during: [first, last]`, or count in a variable"
        return "has no value in an expression", "", help
    if name.lower() in ("yes", "on", "no", "off"):
        better = "true" if name.lower() in ("yes", "on") else "false"
        return "no such name", "", f"write {better}: yes, no, on and off are words in YAML 1.2"
    names = (scope.variables, scope.unknowns, scope.conditions, scope.constants)
    known = [*(name for each in names for name in each), "true", "false"]
    return "no such name", "", suggest_closest_name(name, known)


def suggest_valid_syntax(tree: ast.AST) -> str:
    """What to write instead of something that Python knows and this language does not."""
    match tree:
        case ast.Call(func=ast.Name(id="payoff" | "payoffs" | "value")):
            return "write the other party's terms here again, weighed as they count here"
        case ast.Call(func=ast.Name(id=function)):
            return suggest_closest_name(function, EXPRESSION_FUNCTIONS)
        case ast.BinOp(op=ast.FloorDiv()):
            return "there is no //; write /"
        case ast.Dict() | ast.Set():
            return "in YAML, {...} begins a mapping: quote the expression"
        case ast.Tuple(elts=[ast.Constant(), *_]):
            return "a decimal is written with a point: 0.5"
        case ast.Tuple():
            return "a comma stands only inside the brackets of a function or of `in (...)`"
    return ""


_BINARY_SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Mod: "%",
}
_COMPARISON_SIGNS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def bind_expression(
    text: str | ast.AST,
    scope: NameScope,
    location: TextLocation = UNKNOWN_LOCATION,
    target: Variable | None = None,
) -> Expression:
    """Bind a text, or a part of Python's tree, to the names of a case.

    target  the variable that is set to the value, whose words it may use

    Raises ExpressionError with every problem of the expression; with none if all that is wrong
    is that it reads a broken name.

    >>> mood = Variable(kind="word", values=("gone", "engaged"), start="gone")
    >>> bind_expression("mood == engaged", NameScope(variables={"mood": mood})).tree.rest
    (('==', WordLiteral(text='engaged', code=1)),)
    """
    tree: ast.AST = parse_expression_ast(text, location) if isinstance(text, str) else text
    if isinstance(tree, ast.Expression):
        tree = tree.body
    binder = _ExpressionBinder(scope, location)
    words = target.values if target is not None and target.kind == "word" else None
    node = binder.bind(tree, tuple(str(word) for word in words) if words else None)
    binder.diagnostics.raise_any()
    if binder.reads_faulty_name:
        raise ExpressionError([])
    names: set[str] = set()
    for part in walk_expression(node):
        if isinstance(part, NameReference):
            condition = part.kind == "condition"
            names |= scope.conditions[part.id].names_read if condition else {part.id}
    return Expression(
        text if isinstance(text, str) else ast.unparse(tree), node, frozenset(names), location
    )


def _is_type_call(tree: ast.AST) -> TypeGuard[ast.Call]:
    """Whether a tree is `type(…)`."""
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "type"


WordValues = tuple[str, ...] | None
MOST_EXPRESSION_PROBLEMS = 100  # of one expression


class _ExpressionBinder:
    def __init__(self, scope: NameScope, location: TextLocation) -> None:
        self.scope = scope
        self.diagnostics = Diagnostics[ast.AST](
            ExpressionError,
            lambda node: location.at_offset(getattr(node, "col_offset", 0)),
            most=MOST_EXPRESSION_PROBLEMS,
        )
        self.literal_values: dict[
            int, tuple[ExpressionNode, float]
        ] = {}  # nodes are kept: an id is used again
        self.family_values: list[ExpressionNode] = []  # may be guarded: 1 / share if share > 0
        self.reads_faulty_name = False

    def fault(
        self, at: ast.AST, message: str, found: str = "", allowed: str = "", help: str = ""
    ) -> ExpressionNode:
        self.diagnostics.report(at, message, found=found, allowed=allowed, help=help)
        return NumberLiteral(np.nan)

    def bind(self, tree: ast.AST, words: WordValues = None) -> ExpressionNode:
        """Bind a tree; `words` are the words of the variable it is compared with or set to."""
        if isinstance(tree, ast.Name):
            return self.bind_name(tree, words)
        if _is_type_call(tree):
            return self.bind_type_of_party(tree, words)
        if isinstance(tree, ast.IfExp):
            return ConditionalExpression(
                self.bind(tree.test), self.bind(tree.body, words), self.bind(tree.orelse, words)
            )
        if words is not None:
            return self.fault(
                tree,
                "is compared with or set to a word",
                shorten_text(ast.unparse(tree)),
                ", ".join(words),
                "words know only ==, != and in",
            )
        match tree:
            case ast.Constant():
                return self.bind_constant(tree)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return UnaryOperation("not", self.bind(operand))
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() as op, operand=operand):
                return UnaryOperation("-" if isinstance(op, ast.USub) else "+", self.bind(operand))
            case ast.BinOp(op=op) if type(op) in _BINARY_SIGNS:
                return self.bind_arithmetic(tree)
            case ast.BoolOp(op=op, values=values):
                names = tuple(self.bind(value) for value in values)
                return LogicalOperation("and" if isinstance(op, ast.And) else "or", names)
            case ast.Compare():
                return self.bind_comparison(tree)
            case ast.Call(func=ast.Name(id=function)) if function in EXPRESSION_FUNCTIONS:
                return self.bind_call(tree, function)
        return self.reject(tree)

    def bind_name(self, tree: ast.Name, words: WordValues) -> ExpressionNode:
        scope, name = self.scope, tree.id
        if words is not None and name in words:
            return WordLiteral(name, words.index(name))
        if name in scope.faulty_names:
            self.reads_faulty_name = True
            return NumberLiteral(np.nan)
        if name in scope.constants and words is None:
            self.family_values.append(NumberLiteral(float(scope.constants[name])))
            return self.family_values[-1]
        own = self.allowed_words(tree)
        if own is not None and name != "type" and not scope.state_allowed:
            return self.report_refusal(tree, explain_unreadable_name(scope, "the state"))
        if words is not None:
            if own is None:
                close = suggest_closest_name(name, words)
                return self.fault(tree, "is not one of the words", name, ", ".join(words), close)
            if own != words:
                return self.fault(
                    tree, "has other words than what it is compared with or set to", name
                )
            return NameReference("type" if name == "type" else "variable", name)
        if own is not None:
            return self.fault(
                tree,
                "is a word, not a number",
                name,
                f"{name} == {own[0]}",
                "words know only ==, != and in",
            )
        if name in ("true", "false"):
            return NumberLiteral(float(name == "true"))
        if name in scope.variables:
            if not scope.state_allowed:
                return self.report_refusal(tree, explain_unreadable_name(scope, "the state"))
            return NameReference("variable", name)
        if name in scope.unknowns:
            if not scope.unknowns_allowed:
                return self.report_refusal(tree, explain_unreadable_name(scope, "unknowns"))
            return NameReference("unknown", name)
        if name in scope.conditions:
            return self.bind_condition(tree)
        return self.report_refusal(tree, explain_unknown_name(scope, name))

    def bind_type_of_party(self, tree: ast.Call, words: WordValues) -> ExpressionNode:
        """Bind `type(party)`, which like a word is only compared with words."""
        scope, text = self.scope, shorten_text(ast.unparse(tree))
        known = ", ".join(map(type_of_party, scope.types_by_party))
        party = self.party_of_type_call(tree)
        if party is None:
            return self.fault(tree, "type takes the name of one party", text, known)
        if party not in scope.types_by_party:
            if scope.types_by_party:
                help = suggest_closest_name(party, scope.types_by_party)
                return self.fault(tree, "is no party with types", party, known, help)
            return self.fault(
                tree,
                f"{scope.place_text} cannot read the type of a party",
                text,
                "",
                "only a `chance` reads it, and payoff terms",
            )
        own = scope.types_by_party[party]
        if words is None:
            message, allowed = "is a word, not a number", f"{text} == {own[0]}"
            return self.fault(tree, message, text, allowed, "words know only ==, != and in")
        if own != words:
            return self.fault(tree, "has other words than what it is compared with or set to", text)
        return NameReference("type", type_of_party(party))

    def party_of_type_call(self, tree: ast.Call) -> str | None:
        """The party that `type(party)` names; None where it is written otherwise."""
        match tree:
            case ast.Call(args=[ast.Name(id=party)], keywords=[]):
                return party
        return None

    def bind_condition(self, tree: ast.Name) -> ExpressionNode:
        scope, names = self.scope, self.scope.conditions[tree.id].names_read
        if not scope.state_allowed and (read := sorted(names & set(scope.variables))):
            return self.report_refusal(
                tree, explain_unreadable_name(scope, f"the state, here `{read[0]}`")
            )
        if not scope.unknowns_allowed and (read := sorted(names & scope.unknowns)):
            return self.report_refusal(
                tree, explain_unreadable_name(scope, f"unknowns, here `{read[0]}`")
            )
        return NameReference("condition", tree.id)

    def report_refusal(self, tree: ast.Name, why: tuple[str, str, str]) -> ExpressionNode:
        message, allowed, help = why
        return self.fault(tree, message, tree.id, allowed, help)

    def allowed_words(self, tree: ast.AST) -> WordValues:
        """The words of a word variable or of `type`, also behind a choice; else None."""
        if isinstance(tree, ast.IfExp):
            return self.allowed_words(tree.body) or self.allowed_words(tree.orelse)
        if _is_type_call(tree):
            return self.scope.types_by_party.get(self.party_of_type_call(tree) or "")
        if isinstance(tree, ast.Name):
            if tree.id == "type" and self.scope.types:
                return self.scope.types
            variable = self.scope.variables.get(tree.id)
            if variable is not None and variable.kind == "word":
                return tuple(str(word) for word in variable.values)
        return None

    def bind_comparison(self, tree: ast.Compare) -> ExpressionNode:
        ops = [type(op) for op in tree.ops]
        if ast.In in ops or ast.NotIn in ops:
            return self.bind_membership(tree)
        sides = [tree.left, *tree.comparators]
        if (type_ := self.type_without_party(sides)) is not None:
            return self.bind(type_)
        words = next((found for side in sides if (found := self.allowed_words(side))), None)
        if words is not None and not set(ops) <= {ast.Eq, ast.NotEq}:
            return self.fault(
                tree, "compares words by size", shorten_text(ast.unparse(tree)), "== != in"
            )
        if not set(ops) <= set(_COMPARISON_SIGNS):
            return self.reject(tree)
        parts = [self.bind(side, words) for side in sides]
        signs = [_COMPARISON_SIGNS[op] for op in ops]
        return Comparison(parts[0], tuple(zip(signs, parts[1:], strict=True)))

    def bind_membership(self, tree: ast.Compare) -> ExpressionNode:
        options = tree.comparators[0]
        if len(tree.ops) > 1:
            return self.fault(
                tree,
                "`in` cannot be chained",
                shorten_text(ast.unparse(tree)),
                "",
                "join with `and`",
            )
        if not isinstance(options, ast.Tuple) or not options.elts:
            return self.fault(
                options,
                "`in` needs a list in round brackets",
                shorten_text(ast.unparse(options)),
                "in (a, b)",
                "for one value write ==",
            )
        sides = [tree.left, *options.elts]
        if (type_ := self.type_without_party(sides)) is not None:
            return self.bind(type_)
        words = next((found for side in sides if (found := self.allowed_words(side))), None)
        item, *rest = (self.bind(side, words) for side in sides)
        inside = MembershipTest(item, tuple(rest))
        return inside if isinstance(tree.ops[0], ast.In) else UnaryOperation("not", inside)

    def type_without_party(self, sides: list[ast.expr]) -> ast.expr | None:
        """`type` among what is compared, where it has no meaning: its words have none either."""
        for side in sides:
            if isinstance(side, ast.Name) and side.id == "type" and not self.scope.types:
                return side
            if _is_type_call(side) and self.allowed_words(side) is None:
                return side
        return None

    def bind_constant(self, tree: ast.Constant) -> ExpressionNode:
        value = tree.value
        if isinstance(value, bool) or value is None:
            word = str(value).lower()
            help = "" if value is None else f"write {word}"
            return self.fault(tree, "is no name of this language", str(value), "true, false", help)
        if not isinstance(value, int | float):
            return self.reject(tree)
        if not math.isfinite(value):
            return self.fault(
                tree, "number is not finite", "a number beyond 1.8e308", "a finite number"
            )
        return NumberLiteral(float(value))

    def bind_arithmetic(self, tree: ast.BinOp) -> ExpressionNode:
        chain: list[ast.BinOp] = [tree]
        while isinstance(chain[-1].left, ast.BinOp) and type(chain[-1].left.op) in _BINARY_SIGNS:
            chain.append(chain[-1].left)
        node = self.bind(chain[-1].left)
        for part in reversed(chain):
            parts = node, self.bind(part.right)
            node = self.check_finite(
                part, BinaryOperation(_BINARY_SIGNS[type(part.op)], *parts), parts
            )
        return node

    def bind_call(self, tree: ast.Call, function: str) -> ExpressionNode:
        wanted = "two or more" if function in ("min", "max") else "one"
        count = len(tree.args)
        if tree.keywords or (count < 2 if wanted == "two or more" else count != 1):
            message = f"{function} takes {wanted} number{'s' * (wanted != 'one')}"
            return self.fault(tree, message, shorten_text(ast.unparse(tree)))
        arguments = tuple(self.bind(argument) for argument in tree.args)
        return self.check_finite(tree, FunctionCall(function, arguments), arguments)

    def check_finite(
        self, tree: ast.AST, node: BinaryOperation | FunctionCall, parts: tuple[ExpressionNode, ...]
    ) -> ExpressionNode:
        """Refuse arithmetic between plain numbers that is impossible, such as 1/0 and 9**9**9."""
        plain = [one for part in parts if (one := self.literal_value(part)) is not None]
        if len(plain) < len(parts) or np.isnan(plain).any():
            return node
        flat = tuple(NumberLiteral(value) for value in plain)
        known = (
            FunctionCall(node.function, flat)
            if isinstance(node, FunctionCall)
            else BinaryOperation(node.op, *flat)
        )
        value = float(evaluate(known, {}, {}, 1)[0])
        self.literal_values[id(node)] = node, value
        if np.isnan(value):
            found = shorten_text(ast.unparse(tree))
            return self.fault(tree, "number is not finite", found, "a finite number")
        return node

    def literal_value(self, node: ExpressionNode) -> float | None:
        """The value of a number, a sign before one, or arithmetic on them; else None."""
        if isinstance(node, UnaryOperation) and node.op != "not":
            value = self.literal_value(node.operand)
            return -value if value is not None and node.op == "-" else value
        if isinstance(node, NumberLiteral):
            return None if any(node is value for value in self.family_values) else node.value
        return self.literal_values[id(node)][1] if id(node) in self.literal_values else None

    def reject(self, tree: ast.AST) -> ExpressionNode:
        text = shorten_text(ast.unparse(tree))
        return self.fault(
            tree,
            "does not belong in an expression",
            text,
            EXPRESSION_GRAMMAR_TEXT,
            suggest_valid_syntax(tree),
        )
