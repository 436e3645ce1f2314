"""Give each name of an expression its meaning, or say why it has none here."""

import ast
import math

import numpy as np

from ceasefire.case.evaluate import evaluate
from ceasefire.case.expressions import (
    FUNCTIONS,
    Binary,
    Call,
    Choice,
    Compare,
    Expression,
    Logic,
    Member,
    Name,
    Node,
    Number,
    Unary,
    Word,
    walk,
)
from ceasefire.case.model import Variable
from ceasefire.case.near import closest
from ceasefire.case.parse import parse_python, shorten
from ceasefire.case.place import NOWHERE, Place
from ceasefire.case.scope import GRAMMAR, Scope, nameless, unreadable, way_out
from ceasefire.errors import ExpressionError, Problem

_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%"}
_COMPARE = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def bind(
    text: str | ast.AST, scope: Scope, place: Place = NOWHERE, target: Variable | None = None
) -> Expression:
    """Bind a text, or a part of Python's tree, to the names of a case.

    target  the variable that is set to the value, whose words it may use

    Raises ExpressionError with every problem of the expression; with none if all that is wrong
    is that it reads a broken name.

    >>> mood = Variable(kind="word", values=("gone", "engaged"), start="gone")
    >>> bind("mood == engaged", Scope(variables={"mood": mood})).tree
    Compare(first=Name(kind='variable', id='mood'), rest=(('==', Word(text='engaged', code=1)),))
    """
    tree: ast.AST = parse_python(text, place) if isinstance(text, str) else text
    if isinstance(tree, ast.Expression):
        tree = tree.body
    binder = _Binder(scope, place)
    words = target.values if target is not None and target.kind == "word" else None
    node = binder.bind(tree, tuple(str(word) for word in words) if words else None)
    if binder.problems or binder.broken:
        raise ExpressionError(binder.problems)
    names: set[str] = set()
    for part in walk(node):
        if isinstance(part, Name):
            condition = part.kind == "condition"
            names |= scope.conditions[part.id].names if condition else {part.id}
    return Expression(
        text if isinstance(text, str) else ast.unparse(tree), node, frozenset(names), place
    )


Words = tuple[str, ...] | None
MOST_PROBLEMS = 100  # of one expression


class _Binder:
    def __init__(self, scope: Scope, place: Place) -> None:
        self.scope, self.place = scope, place
        self.problems: list[Problem] = []
        self.values: dict[int, tuple[Node, float]] = {}  # nodes are kept: an id is used again
        self.broken = False

    def fault(
        self, at: ast.AST, message: str, found: str = "", allowed: str = "", advice: str = ""
    ) -> Node:
        offset = getattr(at, "col_offset", 0)
        problem = self.place.problem(message, offset, found=found, allowed=allowed, advice=advice)
        self.problems.append(problem)
        if len(self.problems) >= MOST_PROBLEMS:
            raise ExpressionError(self.problems)
        return Number(np.nan)

    def bind(self, tree: ast.AST, words: Words = None) -> Node:
        """Bind a tree; `words` are the words of the variable it is compared with or set to."""
        if isinstance(tree, ast.Name):
            return self.name(tree, words)
        if isinstance(tree, ast.IfExp):
            return Choice(
                self.bind(tree.test), self.bind(tree.body, words), self.bind(tree.orelse, words)
            )
        if words is not None:
            return self.fault(
                tree,
                "is compared with or set to a word",
                shorten(ast.unparse(tree)),
                ", ".join(words),
                "words know only ==, != and in",
            )
        match tree:
            case ast.Constant():
                return self.constant(tree)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Unary("not", self.bind(operand))
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() as op, operand=operand):
                return Unary("-" if isinstance(op, ast.USub) else "+", self.bind(operand))
            case ast.BinOp(op=op) if type(op) in _BINARY:
                return self.arithmetic(tree)
            case ast.BoolOp(op=op, values=values):
                names = tuple(self.bind(value) for value in values)
                return Logic("and" if isinstance(op, ast.And) else "or", names)
            case ast.Compare():
                return self.compare(tree)
            case ast.Call(func=ast.Name(id=function)) if function in FUNCTIONS:
                return self.call(tree, function)
        return self.other(tree)

    def name(self, tree: ast.Name, words: Words) -> Node:
        scope, name = self.scope, tree.id
        if words is not None and name in words:
            return Word(name, words.index(name))
        if name in scope.broken:
            self.broken = True
            return Number(np.nan)
        own = self.words_of(tree)
        if own is not None and name != "type" and not scope.state:
            return self.refuse(tree, unreadable(scope, "the state"))
        if words is not None:
            if own is None:
                close = closest(name, words)
                return self.fault(tree, "is not one of the words", name, ", ".join(words), close)
            if own != words:
                return self.fault(
                    tree, "has other words than what it is compared with or set to", name
                )
            return Name("type" if name == "type" else "variable", name)
        if own is not None:
            return self.fault(
                tree,
                "is a word, not a number",
                name,
                f"{name} == {own[0]}",
                "words know only ==, != and in",
            )
        if name in ("true", "false"):
            return Number(float(name == "true"))
        if name in scope.variables:
            if not scope.state:
                return self.refuse(tree, unreadable(scope, "the state"))
            return Name("variable", name)
        if name in scope.unknowns:
            if not scope.unknowns_allowed:
                return self.refuse(tree, unreadable(scope, "unknowns"))
            return Name("unknown", name)
        if name in scope.conditions:
            return self.condition(tree)
        return self.refuse(tree, nameless(scope, name))

    def condition(self, tree: ast.Name) -> Node:
        scope, names = self.scope, self.scope.conditions[tree.id].names
        if not scope.state and (read := sorted(names & set(scope.variables))):
            return self.refuse(tree, unreadable(scope, f"the state, here `{read[0]}`"))
        if not scope.unknowns_allowed and (read := sorted(names & scope.unknowns)):
            return self.refuse(tree, unreadable(scope, f"unknowns, here `{read[0]}`"))
        return Name("condition", tree.id)

    def refuse(self, tree: ast.Name, why: tuple[str, str, str]) -> Node:
        message, allowed, advice = why
        return self.fault(tree, message, tree.id, allowed, advice)

    def words_of(self, tree: ast.AST) -> Words:
        """The words of a word variable or of `type`, also behind a choice; else None."""
        if isinstance(tree, ast.IfExp):
            return self.words_of(tree.body) or self.words_of(tree.orelse)
        if isinstance(tree, ast.Name):
            if tree.id == "type" and self.scope.types:
                return self.scope.types
            variable = self.scope.variables.get(tree.id)
            if variable is not None and variable.kind == "word":
                return tuple(str(word) for word in variable.values)
        return None

    def compare(self, tree: ast.Compare) -> Node:
        ops = [type(op) for op in tree.ops]
        if ast.In in ops or ast.NotIn in ops:
            return self.member(tree)
        sides = [tree.left, *tree.comparators]
        if (type_ := self.homeless_type(sides)) is not None:
            return self.bind(type_)
        words = next((found for side in sides if (found := self.words_of(side))), None)
        if words is not None and not set(ops) <= {ast.Eq, ast.NotEq}:
            return self.fault(
                tree, "compares words by size", shorten(ast.unparse(tree)), "== != in"
            )
        if not set(ops) <= set(_COMPARE):
            return self.other(tree)
        parts = [self.bind(side, words) for side in sides]
        signs = [_COMPARE[op] for op in ops]
        return Compare(parts[0], tuple(zip(signs, parts[1:], strict=True)))

    def member(self, tree: ast.Compare) -> Node:
        options = tree.comparators[0]
        if len(tree.ops) > 1:
            return self.fault(
                tree, "`in` cannot be chained", shorten(ast.unparse(tree)), "", "join with `and`"
            )
        if not isinstance(options, ast.Tuple) or not options.elts:
            return self.fault(
                options,
                "`in` needs a list in round brackets",
                shorten(ast.unparse(options)),
                "in (a, b)",
                "for one value write ==",
            )
        sides = [tree.left, *options.elts]
        if (type_ := self.homeless_type(sides)) is not None:
            return self.bind(type_)
        words = next((found for side in sides if (found := self.words_of(side))), None)
        item, *rest = (self.bind(side, words) for side in sides)
        inside = Member(item, tuple(rest))
        return inside if isinstance(tree.ops[0], ast.In) else Unary("not", inside)

    def homeless_type(self, sides: list[ast.expr]) -> ast.expr | None:
        """`type` among what is compared, where it has no meaning: its words have none either."""
        if self.scope.types:
            return None
        return next((s for s in sides if isinstance(s, ast.Name) and s.id == "type"), None)

    def constant(self, tree: ast.Constant) -> Node:
        value = tree.value
        if isinstance(value, bool) or value is None:
            word = str(value).lower()
            advice = "" if value is None else f"write {word}"
            return self.fault(
                tree, "is no name of this language", str(value), "true, false", advice
            )
        if not isinstance(value, int | float):
            return self.other(tree)
        if not math.isfinite(value):
            return self.fault(
                tree, "number is not finite", "a number beyond 1.8e308", "a finite number"
            )
        return Number(float(value))

    def arithmetic(self, tree: ast.BinOp) -> Node:
        chain: list[ast.BinOp] = [tree]
        while isinstance(chain[-1].left, ast.BinOp) and type(chain[-1].left.op) in _BINARY:
            chain.append(chain[-1].left)
        node = self.bind(chain[-1].left)
        for part in reversed(chain):
            parts = node, self.bind(part.right)
            node = self.finite(part, Binary(_BINARY[type(part.op)], *parts), parts)
        return node

    def call(self, tree: ast.Call, function: str) -> Node:
        wanted = "two or more" if function in ("min", "max") else "one"
        count = len(tree.args)
        if tree.keywords or (count < 2 if wanted == "two or more" else count != 1):
            message = f"{function} takes {wanted} number{'s' * (wanted != 'one')}"
            return self.fault(tree, message, shorten(ast.unparse(tree)))
        arguments = tuple(self.bind(argument) for argument in tree.args)
        return self.finite(tree, Call(function, arguments), arguments)

    def finite(self, tree: ast.AST, node: Binary | Call, parts: tuple[Node, ...]) -> Node:
        """Refuse arithmetic between plain numbers that is impossible, such as 1/0 and 9**9**9."""
        plain = [one for part in parts if (one := self.plain(part)) is not None]
        if len(plain) < len(parts) or np.isnan(plain).any():
            return node
        flat = tuple(Number(value) for value in plain)
        known = Call(node.function, flat) if isinstance(node, Call) else Binary(node.op, *flat)
        value = float(evaluate(known, {}, {}, 1)[0])
        self.values[id(node)] = node, value
        if np.isnan(value):
            found = shorten(ast.unparse(tree))
            return self.fault(tree, "number is not finite", found, "a finite number")
        return node

    def plain(self, node: Node) -> float | None:
        """The value of a number, a sign before one, or arithmetic on them; else None."""
        if isinstance(node, Unary) and node.op != "not":
            value = self.plain(node.operand)
            return -value if value is not None and node.op == "-" else value
        if isinstance(node, Number):
            return node.value
        return self.values[id(node)][1] if id(node) in self.values else None

    def other(self, tree: ast.AST) -> Node:
        text = shorten(ast.unparse(tree))
        return self.fault(tree, "does not belong in an expression", text, GRAMMAR, way_out(tree))
