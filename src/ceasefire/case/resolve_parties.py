"""The parties: patience, precision, hidden types, and what each wants."""

from collections.abc import Mapping

from ceasefire.case.expression_binding import NameScope
from ceasefire.case.expressions import Expression
from ceasefire.case.file_schema import WrittenParty
from ceasefire.case.model import (
    EMPTY_MAPPING,
    LARGEST_MAGNITUDE,
    POSITIVE_RANGE_TEXT,
    FrozenMapping,
    Party,
)
from ceasefire.case.resolution_context import FAULTY_EXPRESSION, ResolutionContext, key_node
from ceasefire.case.yaml_nodes import YamlMapping, YamlScalar
from ceasefire.diagnostics import join_names, suggest_closest_name

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
