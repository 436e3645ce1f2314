"""What is odd about a case though nothing forbids it."""

import ast

from ceasefire.case.expression_parser import parse_question_ast
from ceasefire.case.model import Case
from ceasefire.case.resolution_context import ResolutionContext, key_node
from ceasefire.case.yaml_nodes import YamlMapping, YamlNode
from ceasefire.errors import ExpressionError


def lint_case(context: ResolutionContext, case: Case) -> None:
    """Warn of what nothing uses and of what can never happen."""
    used = (
        context.names_used
        | _names_in_claims(case)
        | {name for pair in case.together for name in pair[:2]}
    )
    block = context.written.value_node("unknowns")
    for name in case.unknowns:
        if name not in used:
            context.diagnostics.warn(
                key_node(block, name), "unknown is not used", help="remove it, or use it"
            )
    _warn_unreachable_steps(context, case)
    _warn_unused_promises(context, case, used)
    _warn_promises_of_absent_parties(context, case)


def _names_in_claims(case: Case) -> set[str]:
    names: set[str] = set()
    for claim in case.claims.values():
        try:
            tree = parse_question_ast(claim.test)
        except ExpressionError:
            continue
        names |= {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
    return names


def _warn_unreachable_steps(context: ResolutionContext, case: Case) -> None:
    """Steps that no order contains."""
    steps = {step.id for step in case.order}
    for section, what in (("chance", "chance"), ("tables", "table")):
        block = context.written.value_node(section)
        for name in getattr(case, section):
            if name not in steps:
                context.diagnostics.warn(
                    key_node(block, name),
                    f"{what} is not in `order`",
                    help="it never takes place",
                )
    block = context.written.value_node("moves")
    for move in case.moves.values():
        own = [step for step in case.order if step.kind == "party" and step.id == move.party]
        key = (
            move.name if move.name in (context.written.moves or {}) else f"{move.party}.{move.name}"
        )
        if not any(step.only is None or move.name in step.only for step in own):
            why = (
                f"{move.party} has no step in `order`" if not own else "no step in `order` lists it"
            )
            context.diagnostics.warn(key_node(block, key), "move can never be made", help=why)


def _warn_unused_promises(context: ResolutionContext, case: Case, used: set[str]) -> None:
    given = {
        name
        for thing in (
            *case.moves.values(),
            *case.chance.values(),
            *(deal for table in case.tables.values() for deal in table.deals.values()),
        )
        for name in thing.promises
    }
    block = context.written.value_node("promises")
    for name in case.promises:
        if name not in given and name not in used:
            context.diagnostics.warn(
                key_node(block, name),
                "promise is never given",
                help="list it under `promises` of a deal or move",
            )


def _warn_promises_of_absent_parties(context: ResolutionContext, case: Case) -> None:
    """Promises that bind a party at a table where it has no seat."""
    tables = context.written.value_node("tables")
    for name, table in case.tables.items():
        for deal_name, deal in table.deals.items():
            for promise in deal.promises:
                giver = case.promises[promise].by
                if giver not in table.seats:
                    deals = _entry_value(_entry_value(tables, name), "deals")
                    context.diagnostics.warn(
                        key_node(deals, deal_name),
                        f"{promise} binds {giver}, which has no seat at {name}",
                        help=f"give {giver} a seat, or leave the promise out",
                    )


def _entry_value(block: YamlNode, name: str) -> YamlNode:
    """The value of an entry, or the mapping itself."""
    if isinstance(block, YamlMapping) and name in block.entries:
        return block.entries[name][1]
    return block
