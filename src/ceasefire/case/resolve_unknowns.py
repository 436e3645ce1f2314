"""What nobody knows: best estimates, distributions, and how they hang together."""

import math
from typing import Literal

import numpy as np

from ceasefire.case.file_schema import WrittenUnknown
from ceasefire.case.model import FrozenMapping, Unknown
from ceasefire.case.resolution_context import ResolutionContext
from ceasefire.case.yaml_nodes import YamlNode, YamlScalar, YamlSequence, order_of_writing
from ceasefire.diagnostics import join_names, suggest_closest_name

DistributionKind = Literal["range", "triangle", "normal", "lognormal", "oneof"]
DISTRIBUTION_PARAMETER_COUNTS: dict[DistributionKind, int] = {
    "range": 2,
    "triangle": 3,
    "normal": 2,
    "lognormal": 2,
    "oneof": 0,
}
_DISTRIBUTION_FORMS = {
    "range": "[lo, hi] with lo < hi",
    "triangle": "[lo, mode, hi] with lo <= mode <= hi and lo < hi",
    "normal": "[mean, sd] with sd > 0",
    "lognormal": "[median, gsd] with median > 0 and gsd > 1",
    "oneof": "[v, ...]",
}


def resolve_unknowns(context: ResolutionContext) -> FrozenMapping[Unknown]:
    """Every unknown with its best estimate filled in."""
    return FrozenMapping(
        {
            name: _resolve_unknown(context, one)
            for name, one in (context.written.unknowns or {}).items()
        }
    )


def _resolve_unknown(context: ResolutionContext, written: WrittenUnknown) -> Unknown:
    notes = context.documentation(written)
    given = [kind for kind in DISTRIBUTION_PARAMETER_COUNTS if getattr(written, kind) is not None]
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
        )
        return None
    if not _are_parameters_valid(kind, values):
        shown = "[" + ", ".join(f"{value:g}" for value in values) + "]"
        context.diagnostics.report(
            node, f"`{kind}` is impossible", found=shown, allowed=_DISTRIBUTION_FORMS[kind]
        )
        return None
    return values


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
