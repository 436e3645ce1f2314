"""What does nobody know, and who are the parties? Distributions, patience, types and payoffs."""

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np

from ceasefire.case.expression_binding import NameScope
from ceasefire.case.expressions import Expression
from ceasefire.case.file_schema import WrittenParty, WrittenUnknown
from ceasefire.case.model import (
    EMPTY_MAPPING,
    LARGEST_MAGNITUDE,
    POSITIVE_RANGE_TEXT,
    FrozenMapping,
    Party,
    Unknown,
)
from ceasefire.case.resolution_context import FAULTY_EXPRESSION, ResolutionContext, key_node
from ceasefire.case.yaml_nodes import (
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    order_of_writing,
)
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
        believed_by=_resolve_observer_priors(context, name, written, types),
        **context.documentation(written),
    )


def _resolve_types(context: ResolutionContext, written: WrittenParty) -> FrozenMapping[Expression]:
    block = written.value_node("types")
    if written.types is None or not isinstance(block, YamlMapping):
        return EMPTY_MAPPING
    if len(block.entries) != 2:
        context.diagnostics.report(
            block, "a party has exactly two types or none", found=join_names(block.entries) or "{}"
        )
        return EMPTY_MAPPING
    return _resolve_priors(context, block, written.types)


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
                priors = _resolve_priors(context, value, beliefs)
                found[observer] = FrozenMapping({one: priors[one] for one in types})
    return FrozenMapping(found)


def _resolve_priors(
    context: ResolutionContext, block: YamlMapping, written: Mapping[str, YamlScalar | None]
) -> FrozenMapping[Expression]:
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


def resolve_payoffs(
    context: ResolutionContext, parties: Mapping[str, Party]
) -> FrozenMapping[Mapping[str, Expression]]:
    """What each party receives at a period's end, term by term."""
    found: dict[str, Mapping[str, Expression]] = dict.fromkeys(parties, EMPTY_MAPPING)
    block = context.written.value_node("payoffs")
    for name, terms in (context.written.payoffs or {}).items():
        known = context.check_key(block, name, parties, "party")
        scope = context.party_scope("a payoff term", name if known else None)
        bound = context.bind_expressions(terms, scope)
        if known:
            found[name] = bound
    return FrozenMapping(found)
