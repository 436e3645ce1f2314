"""What does a case declare? Variables, conditions, what nobody knows, and who the parties are."""

import ast
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from ceasefire.case.expression_binding import NameScope
from ceasefire.case.expressions import (
    ConditionalExpression,
    Expression,
    ExpressionNode,
    NameReference,
    WordLiteral,
    child_nodes,
    parse_expression_ast,
)
from ceasefire.case.file_schema import (
    TYPE_COUNTS,
    WrittenParty,
    WrittenUnknown,
    WrittenVariable,
)
from ceasefire.case.judgements import (
    Judgement,
    judgement_of_quantiles,
    judgement_of_range,
    pooled_quantiles,
)
from ceasefire.case.model import (
    EMPTY_MAPPING,
    LARGEST_MAGNITUDE,
    POSITIVE_RANGE_TEXT,
    Expert,
    FrozenMapping,
    Party,
    Role,
    Unknown,
    Variable,
    VariableValue,
)
from ceasefire.case.resolution_context import (
    FAULTY_EXPRESSION,
    ResolutionContext,
    key_node,
    scalar_text,
)
from ceasefire.case.yaml_nodes import (
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    expression_text,
    locate_node,
    order_of_writing,
)
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
        found[name] = replace(found[name], labels=_resolve_labels(context, written, found[name]))
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
    start = values[0] if start is None else start
    return Variable(kind=kind, values=values, start=start, **notes)  # type: ignore[arg-type]


def _resolve_labels(
    context: ResolutionContext, written: WrittenVariable, variable: Variable
) -> FrozenMapping[str]:
    """What people call values of a variable; each must be one that it can take."""
    known = [str(v).lower() if isinstance(v, bool) else str(v) for v in variable.values]
    found = {}
    block = written.value_node("labels")
    for value, scalar in (written.labels or {}).items():
        if value not in known:
            context.diagnostics.report(
                key_node(block, value),
                "is not one of the values",
                found=value,
                allowed=join_names(known),
                help=suggest_closest_name(value, known),
            )
        elif label := scalar_text(scalar):
            found[value] = label
    return FrozenMapping(found)


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


def resolve_whole_range(
    context: ResolutionContext, scalar: YamlScalar, forms: str, most: int
) -> tuple[int, ...]:
    """The whole numbers of `a..b`, or () after reporting what is wrong.

    forms  what may be written there
    most   how many numbers there may be
    """
    diagnostics = context.diagnostics
    found = re.fullmatch(r"\s*([-+]?\d{1,15})\s*\.\.\s*([-+]?\d{1,15})\s*", scalar.text, re.ASCII)
    if not found:
        decimals = re.fullmatch(r"[-+\d. ]+\.\.[-+\d. ]+", scalar.text, re.ASCII)
        help = "count in steps: 0..100 for hundredths, divided by 100 where they are read"
        diagnostics.report(
            scalar, "values cannot be read", allowed=forms, help=help if decimals else ""
        )
        return ()
    low, high = int(found[1]), int(found[2])
    if high < low:
        diagnostics.report(scalar, "values end before they begin", allowed="a..b with a <= b")
        return ()
    if high - low >= most:
        diagnostics.report(scalar, "has too many values", allowed=f"at most {most:,}")
        return ()
    return tuple(range(low, high + 1))


def _resolve_value_list(
    context: ResolutionContext, written: WrittenVariable
) -> tuple[VariableValue, ...]:
    """The values as written, or () after reporting what is wrong with them."""
    node, diagnostics = written.values, context.diagnostics
    forms = "a..b, a list of whole numbers, or a list of words"
    if isinstance(node, YamlScalar):
        return resolve_whole_range(context, node, forms, MOST_VARIABLE_VALUES)
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


DistributionKind = Literal["range", "triangle", "normal", "lognormal", "oneof"]
EXPERTS_ONLY_KEYS = ("is", "least", "most")
DISTRIBUTION_PARAMETER_COUNTS: dict[DistributionKind, int] = {
    "range": 2,
    "triangle": 3,
    "normal": 2,
    "lognormal": 2,
    "oneof": 0,
}
DISTRIBUTION_KEYS = (*DISTRIBUTION_PARAMETER_COUNTS, "experts", *EXPERTS_ONLY_KEYS)
_DISTRIBUTION_FORMS = {
    "range": "[lo, hi] with lo < hi",
    "triangle": "[lo, mode, hi] with lo <= mode <= hi and lo < hi",
    "normal": "[mean, sd] with sd > 0",
    "lognormal": "[median, gsd] with median > 0 and gsd > 1",
    "oneof": "[v, ...]",
}


def resolve_experts(context: ResolutionContext) -> FrozenMapping[Expert]:
    """Everybody who says what unknowns may be, with name and weight filled in."""
    found = {}
    for name, written in (context.written.experts or {}).items():
        weight = 1.0 if written.weight is None else written.weight.number or 0.0
        if not 0 < weight <= LARGEST_MAGNITUDE:
            context.diagnostics.report(
                written.value_node("weight"),
                "weight of an expert is impossible",
                allowed=POSITIVE_RANGE_TEXT,
                help="leave out an expert who does not count",
            )
            weight = 1.0
        shown = written.name.text if written.name is not None else name
        found[name] = Expert(name=shown, weight=weight, **context.documentation(written))
    return FrozenMapping(found)


def resolve_unknowns(
    context: ResolutionContext, experts: Mapping[str, Expert]
) -> FrozenMapping[Unknown]:
    """Every unknown with its best estimate filled in."""
    return FrozenMapping(
        {
            name: _resolve_unknown(context, one, experts)
            for name, one in (context.written.unknowns or {}).items()
        }
    )


def _resolve_unknown(
    context: ResolutionContext, written: WrittenUnknown, experts: Mapping[str, Expert]
) -> Unknown:
    notes = context.documentation(written)
    given = [kind for kind in DISTRIBUTION_PARAMETER_COUNTS if getattr(written, kind) is not None]
    if "experts" in getattr(written.node, "entries", {}):
        return _resolve_judged_unknown(context, written, experts, given)
    for key in EXPERTS_ONLY_KEYS:
        if key in getattr(written.node, "entries", {}):
            context.diagnostics.report(
                key_node(written.node, key),
                "goes with `experts` only",
                found=key,
                help="remove it, or write what experts say",
            )
    best = written.best.number if written.best is not None else None
    if len(given) > 1:
        later = max(
            (written.value_node(kind) for kind in given),
            key=lambda node: order_of_writing(context.diagnostics, node),
        )
        context.diagnostics.report(
            later,
            "has two distributions",
            found=join_names(given),
            allowed="one of them",
            help="remove the others",
        )
        return Unknown(best=best or 0.0, **notes)
    if not given:
        if written.best is None and "best" not in getattr(written.node, "entries", {"best": 0}):
            context.diagnostics.report(
                written.node,
                "needs `best` or a distribution",
                found=join_names(written.node.entries) or "{}",
                allowed=join_names(DISTRIBUTION_PARAMETER_COUNTS),
            )
        return Unknown(best=best or 0.0, **notes)
    kind = given[0]
    values = _resolve_parameters(context, kind, getattr(written, kind), written.value_node(kind))
    if values is None:
        return Unknown(best=best or 0.0, **notes)
    if best is None:
        best = (
            (values[0] + values[1]) / 2
            if kind == "range"
            else values[1 if kind == "triangle" else 0]
        )
    elif not _is_in_support(kind, values, best):
        context.diagnostics.report(
            written.value_node("best"),
            f"`best` lies outside its {kind}",
            allowed=_support_text(kind, values),
        )
    return Unknown(best=best, kind=kind, parameters=values, **notes)


def _resolve_judged_unknown(
    context: ResolutionContext,
    written: WrittenUnknown,
    experts: Mapping[str, Expert],
    distributions: Sequence[str],
) -> Unknown:
    """An unknown of which experts say what it may be."""
    diagnostics, notes = context.diagnostics, context.documentation(written)
    best = written.best.number if written.best is not None else None
    for kind in distributions:
        diagnostics.report(
            written.value_node(kind),
            "has a distribution and experts",
            found=f"{kind} and experts",
            allowed="one of them",
            help="what cannot be at all goes into `least` and `most`"
            if kind == "range"
            else f"remove `{kind}`, or the experts",
        )
    points_are: Literal["quantiles", "range"] = "quantiles"
    if written.points_are is not None and written.points_are.text == "range":
        points_are = "range"
    least = written.least.number if written.least is not None else None
    most = written.most.number if written.most is not None else None
    if least is not None and most is not None and least >= most:
        diagnostics.report(
            written.value_node("most"), "must lie above `least`", allowed=f"above {least:g}"
        )
        least = most = None
    block, judgements = written.value_node("experts"), dict[str, Judgement]()
    for name, points in (written.experts or {}).items():
        node = block.entries[name][1] if isinstance(block, YamlMapping) else block
        declare = f"declare it: `experts: {{{name}: {{}}}}` at the top of the case"
        context.check_key(block, name, experts, "expert", declare)
        values = _resolve_points(context, points, node, points_are, (least, most))
        if values is not None and name in experts:
            weight = experts[name].weight
            judgements[name] = (
                judgement_of_range(values, weight)
                if points_are == "range"
                else judgement_of_quantiles(values, weight, least, most)
            )
    if isinstance(block, YamlMapping) and not block.entries:
        diagnostics.report(block, "needs an expert", found="{}", allowed="{expert: [a, b, c]}")
    if not judgements:
        return Unknown(best=best or 0.0, **notes)
    low = min(one.edges[0] for one in judgements.values())
    high = max(one.edges[-1] for one in judgements.values())
    if best is None:
        best = float(pooled_quantiles(judgements.values(), np.array([0.5]))[0])
    elif not low <= best <= high:
        diagnostics.report(
            written.value_node("best"),
            "`best` lies outside what the experts say",
            allowed=f"{low:g} to {high:g}",
        )
    return Unknown(
        best=best,
        kind="experts",
        parameters=(low, high),
        experts=FrozenMapping(judgements),
        points_are=points_are,
        least=least,
        most=most,
        **notes,
    )


def _resolve_points(
    context: ResolutionContext,
    written: list[YamlScalar | None],
    node: YamlNode,
    points_are: str,
    bounds: tuple[float | None, float | None],
) -> tuple[float, ...] | None:
    """The three points of an expert, or None after reporting what is wrong with them."""
    if not isinstance(node, YamlSequence) or len(written) != len(node.items) or None in written:
        return None
    values = tuple(scalar.number or 0.0 for scalar in written if scalar is not None)
    form = "[low, best, high]" if points_are == "range" else "[5 %, 50 %, 95 % point]"
    if len(values) != 3:
        context.diagnostics.report(
            node,
            "an expert gives three numbers",
            found=f"{len(values)} of them",
            allowed=form,
            help=_decimal_comma_advice(written, 3),
        )
        return None
    shown = "[" + ", ".join(f"{value:g}" for value in values) + "]"
    if not values[0] < values[1] < values[2]:
        context.diagnostics.report(
            node,
            "numbers of an expert must increase",
            found=shown,
            allowed=f"{form}, each above the one before",
            help="leave the unknown out if the expert says nothing of it",
        )
        return None
    least, most = bounds
    low_ok = least is None or least < values[0] or (points_are == "range" and least == values[0])
    high_ok = most is None or values[2] < most or (points_are == "range" and most == values[2])
    if not (low_ok and high_ok):
        form = "at {0} {1:g}" if points_are == "range" else "{0} {1:g}"
        sides = ("least", "most") if points_are == "range" else ("above", "below")
        bounds_text = " and ".join(
            form.format(side, bound)
            for side, bound in zip(sides, bounds, strict=True)
            if bound is not None
        )
        context.diagnostics.report(
            node,
            "numbers of an expert lie outside `least` and `most`",
            found=shown,
            allowed=bounds_text,
            help="" if points_are == "range" else "5 % of the probability lies beyond each end",
        )
        return None
    return values


def _resolve_parameters(
    context: ResolutionContext,
    kind: DistributionKind,
    written: list[YamlScalar | None],
    node: YamlNode,
) -> tuple[float, ...] | None:
    """The parameters, or None after reporting what is wrong with them."""
    if not isinstance(node, YamlSequence) or len(written) != len(node.items) or None in written:
        return None
    values = tuple(scalar.number or 0.0 for scalar in written if scalar is not None)
    wanted = DISTRIBUTION_PARAMETER_COUNTS[kind]
    if (wanted and len(values) != wanted) or not values:
        context.diagnostics.report(
            node,
            f"`{kind}` takes other numbers",
            found=f"{len(values)} of them",
            allowed=_DISTRIBUTION_FORMS[kind],
            help=_decimal_comma_advice(written, wanted),
        )
        return None
    if not _are_parameters_valid(kind, values):
        shown = "[" + ", ".join(f"{value:g}" for value in values) + "]"
        context.diagnostics.report(
            node, f"`{kind}` is impossible", found=shown, allowed=_DISTRIBUTION_FORMS[kind]
        )
        return None
    return values


def _decimal_comma_advice(written: list[YamlScalar | None], wanted: int | None) -> str:
    """What to write where commas of decimals cut the numbers: twice as many, all of them whole."""
    texts = [scalar.text for scalar in written if scalar is not None and scalar.integer is not None]
    if not wanted or len(texts) != len(written) or len(texts) != 2 * wanted:
        return ""
    pairs = zip(texts[::2], texts[1::2], strict=True)
    return f"write decimals with a point: [{', '.join(f'{a}.{b}' for a, b in pairs)}]"


def _are_parameters_valid(kind: str, values: tuple[float, ...]) -> bool:
    if kind == "normal":
        return values[1] > 0
    if kind == "lognormal":
        return values[0] > 0 and values[1] > 1
    return kind == "oneof" or (list(values) == sorted(values) and values[0] < values[-1])


def _is_in_support(kind: str, values: tuple[float, ...], best: float) -> bool:
    if kind == "oneof":
        return best in values
    if kind in ("range", "triangle"):
        return values[0] <= best <= values[-1]
    return kind == "normal" or best > 0


def _support_text(kind: str, values: tuple[float, ...]) -> str:
    if kind == "oneof":
        return "one of " + ", ".join(f"{value:g}" for value in values)
    return "above 0" if kind == "lognormal" else f"{values[0]:g} to {values[-1]:g}"


def resolve_correlations(
    context: ResolutionContext, unknowns: FrozenMapping[Unknown]
) -> tuple[tuple[str, str, float], ...]:
    """The rank correlations; together they must be possible."""
    found: dict[frozenset[str], tuple[str, str, float]] = {}
    for entry in context.written.together or []:
        if not isinstance(entry, YamlSequence) or len(entry.items) != 3:
            context.diagnostics.report(
                entry, "must be two unknowns and a correlation", allowed="[a, b, 0.6]"
            )
            continue
        pair = _resolve_correlation(context, entry, unknowns)
        if pair is None:
            continue
        if frozenset(pair[:2]) in found:
            context.diagnostics.report(
                entry,
                "pair stands twice",
                found=f"{pair[0]}, {pair[1]}",
                help="remove one of them",
            )
        found[frozenset(pair[:2])] = pair
    together = tuple(found.values())
    names = sorted({name for pair in together for name in pair[:2]})
    matrix = np.eye(len(names))
    for a, b, rank in together:
        i, j = names.index(a), names.index(b)
        matrix[i, j] = matrix[j, i] = 2 * math.sin(math.pi / 6 * rank)
    if len(names) and float(np.linalg.eigvalsh(matrix).min()) < -1e-9:
        context.diagnostics.report(
            context.written.value_node("together"),
            "these correlations cannot hold at once",
            found=join_names(names),
            help="bring some of them nearer to 0",
        )
    return together


def _resolve_correlation(
    context: ResolutionContext, entry: YamlSequence, unknowns: FrozenMapping[Unknown]
) -> tuple[str, str, float] | None:
    first, second, rank = entry.items
    names = []
    for item in (first, second):
        if not isinstance(item, YamlScalar) or item.text not in unknowns:
            help = suggest_closest_name(item.text, unknowns) if isinstance(item, YamlScalar) else ""
            context.diagnostics.report(
                item,
                "no such unknown",
                allowed=join_names(unknowns) or "none is defined",
                help=help,
            )
        elif unknowns[item.text].kind is None and item.text not in context.scope.faulty_names:
            context.diagnostics.report(
                item, "is fixed, it has no distribution", help="give it a range"
            )
        else:
            names.append(item.text)
    value = rank.number if isinstance(rank, YamlScalar) else None
    if value is None or not -1 < value < 1:
        context.diagnostics.report(
            rank, "must be a correlation", allowed="between -1 and 1, both excluded"
        )
        return None
    if len(names) == 2 and names[0] == names[1]:
        context.diagnostics.report(entry, "needs two different unknowns", found=names[0])
        return None
    return (names[0], names[1], value) if len(names) == 2 else None


MOST_PARTIES_WITH_TYPES = 3


def resolve_parties(context: ResolutionContext) -> FrozenMapping[Party]:
    """Every party with its defaults; at most three of them have types."""
    found, hidden = {}, 0
    for name, written in (context.written.parties or {}).items():
        party = _resolve_party(context, name, written)
        found[name] = party
        hidden += bool(party.types)
        if party.types and hidden == MOST_PARTIES_WITH_TYPES + 1:
            context.diagnostics.report(
                written.value_node("types"),
                "too many parties have types",
                found="a fourth",
                allowed="three",
                help="leave out the types that matter least",
            )
    if not found and isinstance(context.written.value_node("parties"), YamlMapping):
        block = context.written.value_node("parties")
        if block is not context.written.node and not getattr(block, "entries", {}):
            context.diagnostics.report(block, "a case needs a party", found="none")
    return FrozenMapping(found)


def _resolve_party(context: ResolutionContext, name: str, written: WrittenParty) -> Party:
    numbers = context.scope.for_place("`patience`", state_allowed=False, unknowns_allowed=True)
    patience = context.bind_expression(written.patience, numbers, "0.98")
    context.check_range(patience, written.patience, "0 <= patience < 1", 0, 1, open_high=True)
    numbers = context.scope.for_place("`precision`", state_allowed=False, unknowns_allowed=True)
    precision = context.bind_expression(written.precision, numbers, "20")
    context.check_range(
        precision, written.precision, POSITIVE_RANGE_TEXT, 0, LARGEST_MAGNITUDE, open_low=True
    )
    types = _resolve_types(context, written)
    return Party(
        name=written.name.text if written.name is not None else name,
        patience=patience,
        precision=precision,
        types=types,
        knows=_resolve_knows(context, name, written),
        believed_by=_resolve_observer_priors(context, name, written, types),
        **context.documentation(written),
    )


def _resolve_types(context: ResolutionContext, written: WrittenParty) -> FrozenMapping[Expression]:
    block = written.value_node("types")
    if written.types is None or not isinstance(block, YamlMapping):
        return EMPTY_MAPPING
    if not TYPE_COUNTS[0] <= len(block.entries) <= TYPE_COUNTS[1]:
        context.diagnostics.report(
            block,
            "a party has two to four types or none",
            found=join_names(block.entries) or "{}",
            help="leave `types` out, or join types that act alike",
        )
        return EMPTY_MAPPING
    return resolve_priors(context, block, written.types)


def _resolve_knows(context: ResolutionContext, name: str, written: WrittenParty) -> tuple[str, ...]:
    """The party whose type it knows; none, or one with types if it has none itself."""
    if written.knows is None:
        return ()
    at = written.value_node("knows")
    if "types" in written.node.entries:
        context.diagnostics.report(
            at,
            "only a party without types knows those of another",
            found=f"{name} has types",
            help="leave out `knows`, or `types`",
        )
        return ()
    known = context.resolve_references(written.knows, context.types_by_party, "party with types")
    if len(known) > 1:
        context.diagnostics.report(
            at,
            "a party knows the type of one other",
            found=join_names(known),
            allowed="one party",
            help="what it does would show two types at once: leave out the one that matters less",
        )
    return known


def _resolve_observer_priors(
    context: ResolutionContext, name: str, written: WrittenParty, types: FrozenMapping[Expression]
) -> Mapping[str, Mapping[str, Expression]]:
    block = written.value_node("believed_by")
    if written.believed_by is None or not isinstance(block, YamlMapping):
        return EMPTY_MAPPING
    if not types:
        if written.types is None and "types" not in written.node.entries:
            context.diagnostics.report(
                key_node(written.node, "believed_by"),
                "a party without `types` hides nothing",
                found="believed_by",
                help="add `types`",
            )
        return EMPTY_MAPPING
    found = {}
    parties = context.written.parties or {}
    for observer, beliefs in written.believed_by.items():
        key, value = block.entries[observer]
        if observer not in parties:
            help = (
                "the analyst's prior stands in `types`"
                if observer == "analyst"
                else suggest_closest_name(observer, parties)
            )
            context.diagnostics.report(
                key, "no such party", found=observer, allowed=join_names(parties), help=help
            )
        elif any(
            scalar is not None and scalar.text == name for scalar in parties[observer].knows or []
        ):
            context.diagnostics.report(
                key,
                "a party that knows the type has no prior of it",
                found=observer,
                help=f"leave it out here, or leave out `knows` of {observer}",
            )
        elif observer == name:
            context.diagnostics.report(
                key, "a party knows its own type", found=observer, allowed="another party"
            )
        elif isinstance(value, YamlMapping):
            if set(value.entries) != set(types):
                context.diagnostics.report(
                    value,
                    "must give a prior for each type",
                    found=join_names(value.entries) or "{}",
                    allowed=join_names(types),
                )
            else:
                priors = resolve_priors(context, value, beliefs)
                found[observer] = FrozenMapping({one: priors[one] for one in types})
    return FrozenMapping(found)


def resolve_priors(
    context: ResolutionContext, block: YamlMapping, written: Mapping[str, YamlScalar | None]
) -> FrozenMapping[Expression]:
    """How likely each type of a mapping is; what is no probability of its own is reported."""
    scope: NameScope = context.scope.for_place(
        "a prior", state_allowed=False, unknowns_allowed=True
    )
    priors = {}
    for name in block.entries:
        scalar = written.get(name)
        priors[name] = (
            context.bind_expression(scalar, scope) if scalar is not None else FAULTY_EXPRESSION
        )
        context.check_range(
            priors[name], scalar, "above 0, below 1", 0, 1, open_low=True, open_high=True
        )
    values = [context.value_at_best(prior) for prior in priors.values()]
    if all(value is not None and 0 < value < 1 for value in values):
        total = sum(value for value in values if value is not None)
        if not abs(total - 1) <= 1e-9:
            constant = all(prior.is_constant for prior in priors.values())
            shown = f"{total:g}" if constant else f"{total:g} at best"
            context.diagnostics.report(block, "priors must sum to 1", found=shown, allowed="1")
    return FrozenMapping(priors)


def resolve_roles(context: ResolutionContext) -> FrozenMapping[Role]:
    """Every role with the parties that may hold it."""
    parties = tuple(context.written.parties or {})
    if not parties:
        return EMPTY_MAPPING
    office = Variable(kind="word", values=parties, start=parties[0])
    scope = context.scope.for_place("a role", state_allowed=True, unknowns_allowed=False)
    found = {}
    for name, scalar in (context.written.roles or {}).items():
        if scalar is None:
            continue
        holder = context.bind_expression(scalar, scope, target=office)
        held_by = _words_given(holder.tree)
        found[name] = Role(holder=holder, holders=tuple(p for p in parties if p in held_by))
    return FrozenMapping(found)


def _words_given(tree: ExpressionNode) -> set[str]:
    """The words that an expression may come to."""
    if isinstance(tree, ConditionalExpression):
        return _words_given(tree.yes) | _words_given(tree.no)
    return {tree.text} if isinstance(tree, WordLiteral) else set()


def resolve_payoffs(
    context: ResolutionContext, parties: Mapping[str, Party]
) -> FrozenMapping[Mapping[str, Expression]]:
    """What each party receives at a period's end, term by term."""
    found: dict[str, Mapping[str, Expression]] = dict.fromkeys(parties, EMPTY_MAPPING)
    block = context.written.value_node("payoffs")
    for name, terms in (context.written.payoffs or {}).items():
        known = context.check_key(block, name, parties, "party")
        scope = context.party_scope("a payoff term", name if known else None, of_others=True)
        bound = context.bind_expressions(terms, scope)
        if known:
            found[name] = bound
    return FrozenMapping(found)
