"""Which variables does a case have, and which conditions over them have names?"""

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

from ceasefire.case.expression_parser import parse_expression_ast
from ceasefire.case.expressions import Expression, ExpressionNode, NameReference, child_nodes
from ceasefire.case.file_schema import WrittenVariable
from ceasefire.case.model import FrozenMapping, Variable, VariableValue
from ceasefire.case.resolution_context import FAULTY_EXPRESSION, ResolutionContext
from ceasefire.case.yaml_nodes import YamlScalar, YamlSequence, expression_text, locate_node
from ceasefire.diagnostics import join_names, suggest_closest_name
from ceasefire.errors import ExpressionError

MOST_VARIABLE_VALUES = 1_000_000
DEEPEST_CONDITION_LEVELS = 300


def resolve_variables(context: ResolutionContext) -> tuple[FrozenMapping[Variable], set[str]]:
    """Every variable, and the names of those whose definition is at fault."""
    found, broken = {}, set()
    for name, written in (context.written.state or {}).items():
        before = len(context.diagnostics.problems)
        found[name] = _resolve_variable(context, written)
        if len(context.diagnostics.problems) > before or written.node is None:
            broken.add(name)
    return FrozenMapping(found), broken


def _resolve_variable(context: ResolutionContext, written: WrittenVariable) -> Variable:
    notes = context.documentation(written)
    values = (False, True) if written.values is None else _resolve_value_list(context, written)
    kind = "boolean" if written.values is None else "word" if written.word_values() else "number"
    if not values:
        return Variable(kind="boolean", values=(False, True), start=False, **notes)
    if written.start is None:
        if kind != "boolean" and "start" not in written.node.entries:
            context.diagnostics.report(
                written.node,
                "a variable with `values` needs `start`",
                found=join_names(written.node.entries),
                allowed=join_names(values),
            )
        return Variable(kind=kind, values=values, start=values[0], **notes)  # type: ignore[arg-type]
    start = resolve_variable_value(context, kind, values, written.start)
    return Variable(kind=kind, values=values, start=values[0] if start is None else start, **notes)  # type: ignore[arg-type]


def resolve_variable_value(
    context: ResolutionContext, kind: str, values: tuple[VariableValue, ...], scalar: YamlScalar
) -> VariableValue | None:
    """The value a scalar stands for, or None after reporting that the variable cannot have it."""
    value: VariableValue | None = scalar.text
    help = ""
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
            help = "write true or false, without quotes; yes, no, on and off are words in YAML 1.2"
    elif kind == "number":
        value = scalar.integer
    else:
        help = suggest_closest_name(scalar.text, [str(word) for word in values])
    if value is None or value not in values:
        allowed = "true, false" if kind == "boolean" else join_names(values)
        context.diagnostics.report(scalar, "is not one of the values", allowed=allowed, help=help)
        return None
    return value


def resolve_boolean(context: ResolutionContext, scalar: YamlScalar | None) -> bool | None:
    """What a scalar says, or None after reporting that it says neither."""
    value = (
        None
        if scalar is None
        else resolve_variable_value(context, "boolean", (False, True), scalar)
    )
    return value if isinstance(value, bool) else None


def check_assigned_value(
    context: ResolutionContext, bound: Expression, scalar: YamlScalar, variable: Variable
) -> None:
    """Report a plain value that a variable is set to and cannot have."""
    if bound is FAULTY_EXPRESSION or not bound.is_constant or variable.kind == "word":
        return
    value = context.value_at_best(bound)
    if value is not None and value not in {float(one) for one in variable.values}:
        allowed = "true, false" if variable.kind == "boolean" else join_names(variable.values)
        context.diagnostics.report(
            scalar, "is not one of the values", found=f"{value:g}", allowed=allowed
        )


def _resolve_value_list(
    context: ResolutionContext, written: WrittenVariable
) -> tuple[VariableValue, ...]:
    """The values as written, or () after reporting what is wrong with them."""
    node, diagnostics = written.values, context.diagnostics
    forms = "a..b, a list of whole numbers, or a list of words"
    if isinstance(node, YamlScalar):
        found = re.fullmatch(r"\s*([-+]?\d{1,15})\s*\.\.\s*([-+]?\d{1,15})\s*", node.text, re.ASCII)
        if not found:
            diagnostics.report(node, "values cannot be read", allowed=forms)
            return ()
        low, high = int(found[1]), int(found[2])
        if high < low:
            diagnostics.report(node, "values end before they begin", allowed="a..b with a <= b")
            return ()
        if high - low >= MOST_VARIABLE_VALUES:
            diagnostics.report(
                node, "has too many values", allowed=f"at most {MOST_VARIABLE_VALUES:,}"
            )
            return ()
        return tuple(range(low, high + 1))
    if not isinstance(node, YamlSequence) or not node.items:
        diagnostics.report(written.value_node("values"), "values cannot be read", allowed=forms)
        return ()
    values: dict[VariableValue, None] = {}
    wanted = "a word" if written.word_values() else "a whole number"
    for item in node.items:
        value: VariableValue | None = None
        if isinstance(item, YamlScalar) and not item.is_null:
            value = item.text if wanted == "a word" else item.integer
        if value is None or (isinstance(value, int) and abs(value) > 10**15):
            diagnostics.report(
                item, f"must be {wanted}", allowed=forms, help="do not mix words and numbers"
            )
        elif isinstance(item, YamlScalar) and item.boolean is not None:
            diagnostics.report(
                item, "a variable that is true or false has no `values`", help="remove `values`"
            )
            break
        elif value in values:
            diagnostics.report(item, "value stands twice", help="remove one of them")
        else:
            values[value] = None
    return tuple(values) if len(values) == len(node.items) else ()


def resolve_conditions(context: ResolutionContext) -> tuple[FrozenMapping[Expression], set[str]]:
    """Every condition bound, those it uses first; a circle of conditions is refused."""
    written = {
        name: scalar for name, scalar in (context.written.conditions or {}).items() if scalar
    }
    uses = {name: _condition_names_read(scalar, written) for name, scalar in written.items()}
    order, circles = _sort_by_dependency(uses)
    for name in circles:
        context.diagnostics.report(
            written[name],
            "condition is defined by itself",
            help="name what it should be from the state",
        )
    bound: dict[str, Expression] = {}
    levels: dict[str, int] = {}
    broken = set(context.written.conditions or {}) - set(written) | set(circles)
    for name in order:
        scope = context.scope.for_place("a condition", state_allowed=True, unknowns_allowed=True)
        scope = replace(scope, conditions=bound, faulty_names=scope.faulty_names | broken)
        expression = context.bind_expression(written[name], scope)
        if expression is FAULTY_EXPRESSION:
            broken.add(name)
            continue
        levels[name] = _condition_nesting_levels(expression.tree, levels)
        if levels[name] > DEEPEST_CONDITION_LEVELS:
            context.diagnostics.report(
                written[name],
                "conditions are nested too deeply",
                allowed=f"{DEEPEST_CONDITION_LEVELS} levels",
            )
            broken.add(name)
            continue
        bound[name] = expression
    return FrozenMapping({name: bound[name] for name in written if name in bound}), broken


def _condition_names_read(scalar: YamlScalar, names: Mapping[str, object]) -> list[str]:
    try:
        tree = parse_expression_ast(expression_text(scalar), locate_node(scalar, ""))
    except ExpressionError:
        return []
    read = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
    return sorted(name for name in read if name in names)


def _sort_by_dependency(uses: Mapping[str, list[str]]) -> tuple[list[str], list[str]]:
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


def _condition_nesting_levels(tree: ExpressionNode, levels: Mapping[str, int]) -> int:
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        if isinstance(node, NameReference) and node.kind == "condition":
            level += levels.get(node.id, 0)
        deepest = max(deepest, level)
        waiting.extend((child, level + 1) for child in child_nodes(node))
    return deepest
