"""The public facts and the names for expressions over them."""

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

from ceasefire.case.desk import FAULTY, Desk
from ceasefire.case.document import Items, Scalar, place
from ceasefire.case.expressions import Expression, Name, Node, children
from ceasefire.case.frozen import Frozen
from ceasefire.case.model import Value, Variable
from ceasefire.case.near import closest
from ceasefire.case.parse import parse_python
from ceasefire.case.reading import listing, text_of
from ceasefire.case.written import WrittenVariable
from ceasefire.errors import ExpressionError

MOST_VALUES = 1_000_000
DEEPEST_CONDITION = 300


def resolve_state(desk: Desk) -> tuple[Frozen[Variable], set[str]]:
    """Every variable, and the names of those whose definition is at fault."""
    found, broken = {}, set()
    for name, written in (desk.written.state or {}).items():
        before = len(desk.reading.problems)
        found[name] = _variable(desk, written)
        if len(desk.reading.problems) > before or written.node is None:
            broken.add(name)
    return Frozen(found), broken


def _variable(desk: Desk, written: WrittenVariable) -> Variable:
    notes = desk.notes(written)
    values = (False, True) if written.values is None else _values(desk, written)
    kind = "boolean" if written.values is None else "word" if written.words() else "number"
    if not values:
        return Variable(kind="boolean", values=(False, True), start=False, **notes)
    if written.start is None:
        if kind != "boolean" and "start" not in written.node.entries:
            desk.reading.fault(
                written.node,
                "a variable with `values` needs `start`",
                found=listing(written.node.entries),
                allowed=listing(values),
            )
        return Variable(kind=kind, values=values, start=values[0], **notes)  # type: ignore[arg-type]
    start = value_of(desk, kind, values, written.start)
    return Variable(kind=kind, values=values, start=values[0] if start is None else start, **notes)  # type: ignore[arg-type]


def value_of(desk: Desk, kind: str, values: tuple[Value, ...], scalar: Scalar) -> Value | None:
    """The value a scalar stands for, or None after reporting that the variable cannot have it."""
    value: Value | None = scalar.text
    advice = ""
    if kind == "boolean":
        value = scalar.boolean
        if value is None and scalar.text.lower() in (
            "yes",
            "no",
            "on",
            "off",
            "1",
            "0",
            "true",
            "false",
        ):
            advice = (
                "write true or false, without quotes; yes, no, on and off are words in YAML 1.2"
            )
    elif kind == "number":
        value = scalar.whole
    else:
        advice = closest(scalar.text, [str(word) for word in values])
    if value is None or value not in values:
        allowed = "true, false" if kind == "boolean" else listing(values)
        desk.reading.fault(scalar, "is not one of the values", allowed=allowed, advice=advice)
        return None
    return value


def true_or_false(desk: Desk, scalar: Scalar | None) -> bool | None:
    """What a scalar says, or None after reporting that it says neither."""
    value = None if scalar is None else value_of(desk, "boolean", (False, True), scalar)
    return value if isinstance(value, bool) else None


def fits(desk: Desk, bound: Expression, scalar: Scalar, variable: Variable) -> None:
    """Report a plain value that a variable is set to and cannot have."""
    if bound is FAULTY or not bound.constant or variable.kind == "word":
        return
    value = desk.at_best(bound)
    if value is not None and value not in {float(one) for one in variable.values}:
        allowed = "true, false" if variable.kind == "boolean" else listing(variable.values)
        desk.reading.fault(scalar, "is not one of the values", found=f"{value:g}", allowed=allowed)


def _values(desk: Desk, written: WrittenVariable) -> tuple[Value, ...]:
    """The values as written, or () after reporting what is wrong with them."""
    node, reading = written.values, desk.reading
    forms = "a..b, a list of whole numbers, or a list of words"
    if isinstance(node, Scalar):
        found = re.fullmatch(r"\s*([-+]?\d{1,15})\s*\.\.\s*([-+]?\d{1,15})\s*", node.text, re.ASCII)
        if not found:
            reading.fault(node, "values cannot be read", allowed=forms)
            return ()
        low, high = int(found[1]), int(found[2])
        if high < low:
            reading.fault(node, "values end before they begin", allowed="a..b with a <= b")
            return ()
        if high - low >= MOST_VALUES:
            reading.fault(node, "has too many values", allowed=f"at most {MOST_VALUES:,}")
            return ()
        return tuple(range(low, high + 1))
    if not isinstance(node, Items) or not node.items:
        reading.fault(written.at("values"), "values cannot be read", allowed=forms)
        return ()
    values: dict[Value, None] = {}
    wanted = "a word" if written.words() else "a whole number"
    for item in node.items:
        value: Value | None = None
        if isinstance(item, Scalar) and not item.null:
            value = item.text if wanted == "a word" else item.whole
        if value is None or (isinstance(value, int) and abs(value) > 10**15):
            reading.fault(
                item, f"must be {wanted}", allowed=forms, advice="do not mix words and numbers"
            )
        elif isinstance(item, Scalar) and item.boolean is not None:
            reading.fault(
                item, "a variable that is true or false has no `values`", advice="remove `values`"
            )
            break
        elif value in values:
            reading.fault(item, "value stands twice", advice="remove one of them")
        else:
            values[value] = None
    return tuple(values) if len(values) == len(node.items) else ()


def resolve_conditions(desk: Desk) -> tuple[Frozen[Expression], set[str]]:
    """Every condition bound, those it uses first; a circle of conditions is refused."""
    written = {name: scalar for name, scalar in (desk.written.conditions or {}).items() if scalar}
    uses = {name: _uses(scalar, written) for name, scalar in written.items()}
    order, circles = _sorted(uses)
    for name in circles:
        desk.reading.fault(
            written[name],
            "condition is defined by itself",
            advice="name what it should be from the state",
        )
    bound: dict[str, Expression] = {}
    levels: dict[str, int] = {}
    broken = set(desk.written.conditions or {}) - set(written) | set(circles)
    for name in order:
        scope = desk.scope.reading("a condition", state=True, unknowns=True)
        scope = replace(scope, conditions=bound, broken=scope.broken | broken)
        expression = desk.expression(written[name], scope)
        if expression is FAULTY:
            broken.add(name)
            continue
        levels[name] = _levels(expression.tree, levels)
        if levels[name] > DEEPEST_CONDITION:
            desk.reading.fault(
                written[name],
                "conditions are nested too deeply",
                allowed=f"{DEEPEST_CONDITION} levels",
            )
            broken.add(name)
            continue
        bound[name] = expression
    return Frozen({name: bound[name] for name in written if name in bound}), broken


def _uses(scalar: Scalar, names: Mapping[str, object]) -> list[str]:
    try:
        tree = parse_python(text_of(scalar), place(scalar, ""))
    except ExpressionError:
        return []
    read = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
    return sorted(name for name in read if name in names)


def _sorted(uses: Mapping[str, list[str]]) -> tuple[list[str], list[str]]:
    """Names in an order in which what is used comes first; and those that lie on a circle."""
    waiting = {name: set(used) for name, used in uses.items()}
    users: dict[str, list[str]] = {}
    for name, used in uses.items():
        for other in used:
            users.setdefault(other, []).append(name)
    ready = [name for name, used in waiting.items() if not used]
    order: list[str] = []
    for name in ready:
        order.append(name)
        for user in users.get(name, []):
            waiting[user].discard(name)
            if not waiting[user]:
                ready.append(user)
    left = {name: set(used) for name, used in waiting.items() if used}
    ends = [name for name in left if not set(users.get(name, [])) & set(left)]
    behind = list(ends)
    for name in behind:
        for other in left.pop(name):
            users[other].remove(name)
            if other in left and not set(users[other]) & set(left):
                behind.append(other)
    return order + behind[::-1], list(left)


def _levels(tree: Node, levels: Mapping[str, int]) -> int:
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        if isinstance(node, Name) and node.kind == "condition":
            level += levels.get(node.id, 0)
        deepest = max(deepest, level)
        waiting.extend((child, level + 1) for child in children(node))
    return deepest
