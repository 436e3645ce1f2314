"""The order of a period, the claims, and the events since."""

from collections.abc import Mapping
from typing import Literal

from ceasefire.case.expression_parser import parse_question_ast
from ceasefire.case.file_schema import WrittenEvent
from ceasefire.case.model import (
    EMPTY_MAPPING,
    Chance,
    Claim,
    Event,
    FrozenMapping,
    Move,
    Step,
    Table,
    VariableValue,
)
from ceasefire.case.resolution_context import ResolutionContext
from ceasefire.case.resolve_metadata import resolve_claim_outcome
from ceasefire.case.resolve_state import resolve_boolean, resolve_variable_value
from ceasefire.case.yaml_nodes import (
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    expression_text,
)
from ceasefire.diagnostics import UNKNOWN_LOCATION, join_names, suggest_closest_name
from ceasefire.errors import ExpressionError

EventKind = Literal["move", "deal", "refused", "idle", "chance", "observed"]
EVENT_KINDS: tuple[EventKind, ...] = ("move", "deal", "refused", "idle", "chance", "observed")


def resolve_order(context: ResolutionContext, moves: Mapping[str, Move]) -> tuple[Step, ...]:
    """The steps of a period; left out: all chance, all tables, all parties, in file order."""
    written = context.written
    if written.order is None:
        return (
            *(Step("chance", name) for name in written.chance or {}),
            *(Step("table", name) for name in written.tables or {}),
            *(Step("party", name) for name in written.parties or {}),
        )
    steps = [_resolve_step(context, entry, moves) for entry in written.order]
    return tuple(step for step in steps if step is not None)


def _resolve_step(
    context: ResolutionContext, entry: YamlNode, moves: Mapping[str, Move]
) -> Step | None:
    written = context.written
    known = {
        **dict.fromkeys(written.chance or {}, "chance"),
        **dict.fromkeys(written.tables or {}, "table"),
        **dict.fromkeys(written.parties or {}, "party"),
    }
    if isinstance(entry, YamlScalar):
        if ":" in entry.text:
            context.diagnostics.report(
                entry, "YAML wants a space after the colon", allowed="`party: [moves]`"
            )
            return None
        name = context.resolve_reference(entry, known, "chance, table or party")
        return None if name is None else Step(known[name], name)  # type: ignore[arg-type]
    if not isinstance(entry, YamlMapping) or len(entry.entries) != 1:
        context.diagnostics.report(entry, "must be a chance, a table, a party, or `party: [moves]`")
        return None
    ((name, (key, items)),) = entry.entries.items()
    if name not in known:
        context.diagnostics.report(
            key,
            "no such party",
            found=name,
            allowed=join_names(written.parties or {}),
            help=suggest_closest_name(name, written.parties or {}),
        )
        return None
    if known[name] != "party":
        context.diagnostics.report(
            key,
            "only a party's step can be restricted",
            found=f"{name}, {context.shared_names.get(name)}",
            help=f"write {name} alone",
        )
        return None
    own = [move.name for move in moves.values() if move.party == name]
    only = _resolve_allowed_moves(context, items, [*own, "pass"], name)
    return None if only is None else Step("party", name, only)


def _resolve_allowed_moves(
    context: ResolutionContext, items: YamlNode, own: list[str], party: str
) -> tuple[str, ...] | None:
    if not isinstance(items, YamlSequence) or not items.items:
        context.diagnostics.report(
            items,
            "must be a list of moves",
            allowed=join_names(own),
            help=f"or write {party} alone",
        )
        return None
    scalars: list[YamlScalar | None] = []
    for item in items.items:
        if isinstance(item, YamlScalar):
            scalars.append(item)
        else:
            context.diagnostics.report(item, "must be the name of a move", allowed=join_names(own))
    return context.resolve_references(scalars, own, f"move of {party}")


def resolve_claims(context: ResolutionContext) -> FrozenMapping[Claim]:
    """Every claim; its test must parse, what it means is for whoever answers it."""
    found = {}
    for name, written in (context.written.claims or {}).items():
        test, where = "", UNKNOWN_LOCATION
        if written.test is not None:
            test = expression_text(written.test)
            where = context.diagnostics.locate(written.test)
            try:
                parse_question_ast(test, where)
            except ExpressionError as error:
                context.diagnostics.extend(error.problems)
        says = None if written.says is None else written.says.text
        text = None if written.where is None else written.where.text
        notes = context.documentation(written)
        known = resolve_claim_outcome(context, written)
        found[name] = Claim(says=says, test=test, where=text, location=where, **known, **notes)
    return FrozenMapping(found)


def resolve_events(
    context: ResolutionContext,
    moves: Mapping[str, Move],
    tables: Mapping[str, Table],
    chance: Mapping[str, Chance],
) -> tuple[Event, ...]:
    """What has happened since."""
    passes = [f"{party}.pass" for party in context.written.parties or {}]
    deals = [f"{name}.{deal}" for name, table in tables.items() for deal in table.deals]
    outcomes = [
        f"{name}.{one.name}" for name, entry in chance.items() for one in entry.outcomes if one.name
    ]
    targets = {
        "move": [*moves, *passes],
        "deal": deals,
        "refused": deals,
        "idle": list(tables),
        "chance": outcomes,
    }
    found = [
        _resolve_event(context, written, targets, tables)
        for written in context.written.events or []
    ]
    return tuple(event for event in found if event is not None)


def _resolve_event(
    context: ResolutionContext,
    written: WrittenEvent,
    targets: Mapping[str, list[str]],
    tables: Mapping[str, Table],
) -> Event | None:
    if not isinstance(written.node, YamlMapping):
        return None
    diagnostics, period = (
        context.diagnostics,
        written.period.integer if written.period is not None else 0,
    )
    if written.period is not None and not 0 <= (period or 0) <= context.last_period:
        diagnostics.report(
            written.period, "is not a period of play", allowed=f"0 to {context.last_period}"
        )
    given = [kind for kind in EVENT_KINDS if kind in written.node.entries]
    if len(given) != 1:
        diagnostics.report(
            written.node,
            "an event is of exactly one kind",
            found=join_names(given) or "none",
            allowed=join_names(EVENT_KINDS),
        )
        return None
    kind, by, target = given[0], None, ""
    observed: Mapping[str, VariableValue] = EMPTY_MAPPING
    if kind == "observed":
        observed = _resolve_observed_values(context, written)
    else:
        target = (
            context.resolve_reference(
                getattr(written, kind), targets[kind], _EVENT_TARGET_TEXTS[kind]
            )
            or ""
        )
    if kind == "refused":
        if written.by is None:
            if "by" not in written.node.entries:
                diagnostics.report(
                    written.node, "`refused` needs `by`", found=join_names(written.node.entries)
                )
        elif target:
            table, deal = target.split(".")
            by = context.resolve_reference(
                written.by, tables[table].deals[deal].needs, f"seat whose consent {deal} takes"
            )
    elif "by" in written.node.entries:
        diagnostics.report(
            written.node.entries["by"][0],
            "`by` goes with `refused` only",
            found="by",
            help="remove it",
        )
    return Event(
        period=period or 0,
        kind=kind,
        target=target,
        by=by,
        observed=observed,
        confirmed=resolve_boolean(context, written.confirmed) is not False,
        location=diagnostics.locate(written.node),
        **context.documentation(written),
    )


_EVENT_TARGET_TEXTS = {
    "move": "move (write party.move)",
    "deal": "deal (write table.deal)",
    "refused": "deal (write table.deal)",
    "idle": "table",
    "chance": "outcome with a name (write chance.outcome)",
}


def _resolve_observed_values(
    context: ResolutionContext, written: WrittenEvent
) -> FrozenMapping[VariableValue]:
    block = written.value_node("observed")
    found: dict[str, VariableValue] = {}
    if isinstance(block, YamlMapping) and not block.entries:
        context.diagnostics.report(
            block, "observes nothing", found="{}", allowed="{variable: value}"
        )
    for name, scalar in (written.observed or {}).items():
        if (
            context.check_key(block, name, context.scope.variables, "variable")
            and scalar is not None
        ):
            variable = context.scope.variables[name]
            if name not in context.scope.faulty_names:
                value = resolve_variable_value(context, variable.kind, variable.values, scalar)
                if value is not None:
                    found[name] = value
    return FrozenMapping(found)
