"""Which names an expression may read, and what to say of every other."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ceasefire.case.expressions import FUNCTIONS, Expression
from ceasefire.case.frozen import NOTHING
from ceasefire.case.model import Variable
from ceasefire.case.near import closest

GRAMMAR = (
    "numbers, names, + - * / ** %, comparisons, and or not, a if c else b, in (...), "
    + " ".join(FUNCTIONS)
)


@dataclass(frozen=True)
class Scope:
    """Which names an expression may read, and what every other name of the case is.

    variables   state and promises
    types       the two types that `type` may be; empty where `type` has no meaning
    state       whether the state may be read here; `unknowns_allowed` likewise
    where       the key in words, for messages
    others      name -> what it is ("a party"), for names no expression can read
    broken      names whose own definition is at fault; reading them is no second problem
    """

    variables: Mapping[str, Variable] = field(default_factory=lambda: NOTHING)
    unknowns: frozenset[str] = frozenset()
    conditions: Mapping[str, Expression] = field(default_factory=lambda: NOTHING)
    types: tuple[str, ...] = ()
    state: bool = True
    unknowns_allowed: bool = True
    where: str = "an expression"
    others: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    broken: frozenset[str] = frozenset()
    all_types: frozenset[str] = frozenset()

    def reading(
        self, where: str, *, state: bool, unknowns: bool, types: Iterable[str] = ()
    ) -> "Scope":
        """The same names, read from another kind of place."""
        return replace(
            self, where=where, state=state, unknowns_allowed=unknowns, types=tuple(types)
        )


Why = tuple[str, str, str]


def unreadable(scope: Scope, what: str) -> Why:
    """Message, what is allowed, and a way out for a name that exists and may not be read here."""
    may = {"state and promises": scope.state, "unknowns": scope.unknowns_allowed}
    allowed = [word for word, yes in {**may, "type": bool(scope.types)}.items() if yes]
    return f"{scope.where} cannot read {what}", ", ".join(allowed) or "numbers only", ""


def nameless(scope: Scope, name: str) -> Why:
    """Message, what is allowed, and a way out for a name that stands for no number here."""
    if name == "type":
        advice = "only payoff terms, cost and breach of a party with types read it"
        return f"`type` has no meaning in {scope.where}", "", advice
    for holder, variable in scope.variables.items():
        if variable.kind == "word" and name in variable.values:
            return f"is a value of {holder}, not a number", "", f"write {holder} == {name}"
    if name in scope.all_types:
        return "is the name of a type", "", f"write type == {name}, where `type` may be read"
    if name in scope.others:
        return f"is {scope.others[name]}, which has no value", "", ""
    if name in FUNCTIONS:
        return "is a function", "", f"write {name}(...)"
    if name.lower() in ("yes", "on", "no", "off"):
        better = "true" if name.lower() in ("yes", "on") else "false"
        return "no such name", "", f"write {better}: yes, no, on and off are words in YAML 1.2"
    known = [*scope.variables, *scope.unknowns, *scope.conditions, "true", "false"]
    return "no such name", "", closest(name, known)


def way_out(tree: ast.AST) -> str:
    """What to write instead of something that Python knows and this language does not."""
    match tree:
        case ast.Call(func=ast.Name(id=function)):
            return closest(function, FUNCTIONS)
        case ast.BinOp(op=ast.FloorDiv()):
            return "there is no //; write /"
        case ast.Dict() | ast.Set():
            return "in YAML, {...} begins a mapping: quote the expression"
        case ast.Tuple(elts=[ast.Constant(), *_]):
            return "a decimal is written with a point: 0.5"
        case ast.Tuple():
            return "a comma stands only inside the brackets of a function or of `in (...)`"
    return ""
