"""How does a file become a case? Read with all that it extends, resolved, and checked for oddities.

A case that extends another is merged with it key by key: null removes, lists replace.
"""

import ast
import itertools
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ceasefire.case.alternatives import (
    WrittenCoding,
    codings_to_check,
    deviating_options,
    resolve_alternatives,
    sections_as_written,
    told_at_patch,
    too_many_codings,
    warnings_of_codings,
    written_options,
)
from ceasefire.case.expression_binding import NameScope
from ceasefire.case.expressions import NO_EXPRESSION_MESSAGE
from ceasefire.case.file_schema import TYPE_COUNTS, UNCHANGED_BY_OPTIONS, WrittenCase
from ceasefire.case.model import Case, FrozenMapping, Variable
from ceasefire.case.resolution_context import (
    RESERVED_NAME_MESSAGE,
    ResolutionContext,
    check_case_names,
    key_node,
)
from ceasefire.case.resolve_actions import (
    resolve_chance,
    resolve_moves,
    resolve_order,
    resolve_promises,
    resolve_tables,
    written_clocks,
)
from ceasefire.case.resolve_claims_events import (
    resolve_case_header,
    resolve_claims,
    resolve_events,
    resolve_forecasts,
    resolve_levers,
    resolve_sources,
)
from ceasefire.case.resolve_declarations import (
    DISTRIBUTION_KEYS,
    DISTRIBUTION_PARAMETER_COUNTS,
    EXPERTS_ONLY_KEYS,
    resolve_conditions,
    resolve_correlations,
    resolve_experts,
    resolve_parties,
    resolve_payoffs,
    resolve_roles,
    resolve_unknowns,
    resolve_variables,
)
from ceasefire.case.yaml_nodes import (
    FileText,
    YamlMapping,
    YamlNode,
    YamlScalar,
    case_diagnostics,
    decode_file_text,
    locate_node,
    normalise_text,
    read_file_text,
)
from ceasefire.case.yaml_parser import parse_yaml, repair_cut_expressions
from ceasefire.diagnostics import Diagnostics, join_names, suggest_closest_name
from ceasefire.errors import CaseError, ExpressionError, Problem

LONGEST_EXTENDS_CHAIN = 100
FlattenedTree = tuple[YamlNode | None, list[FileText], list[Problem]]


def resolve_extends(file_text: FileText, within: Path | None = None) -> FlattenedTree:
    """The tree of a case with everything it extends, its sources base first, and problems.

    Values keep the place where they were written, in whichever file that is. With `within`, no
    file outside that folder is opened.
    """
    trees, sources, problems = list[YamlNode](), list[FileText](), list[Problem]()
    seen: list[Path] = []
    current: FileText | None = file_text
    while current is not None:
        sources.insert(0, current)
        seen.append(Path(current.file).resolve())
        tree, found = parse_yaml(current)
        problems.extend(found)
        if tree is None or (isinstance(tree, YamlScalar) and tree.is_null):
            if not found:
                problems.append(
                    Problem(
                        "file is empty",
                        current.file,
                        1,
                        1,
                        found="nothing",
                        help="`ceasefire new` writes a first case",
                    )
                )
            return None, sources, problems
        problems.extend(repair_cut_expressions(tree))
        trees.insert(0, tree)
        before = len(problems)
        current = _read_extended_file(current, tree, seen, problems, within)
        if len(problems) > before:
            return None, sources, problems
    merged = trees[0]
    for tree in trees[1:]:
        if isinstance(merged, YamlMapping) and isinstance(tree, YamlMapping):
            merged = merge_mappings(merged, tree, (), problems)
        else:
            merged = tree
    return merged, sources, problems


def _read_extended_file(
    file_text: FileText,
    tree: YamlNode,
    seen: list[Path],
    problems: list[Problem],
    within: Path | None,
) -> FileText | None:
    """The file that this one extends, if it does and can."""
    if not isinstance(tree, YamlMapping) or "extends" not in tree.entries:
        return None
    _, value = tree.entries["extends"]
    where = locate_node(value, "extends")
    if not isinstance(value, YamlScalar) or value.is_null or not value.text.strip():
        problems.append(where.problem("must be the path of a case", found="no path"))
        del tree.entries["extends"]
        return None
    del tree.entries["extends"]
    path = Path(file_text.file).parent / value.text
    try:
        if within is not None and not path.resolve().is_relative_to(within.resolve()):
            problems.append(
                where.problem(
                    "leads out of the folder of cases",
                    found=value.text,
                    allowed="a case in the same folder or below it",
                )
            )
        elif path.resolve() in seen:
            problems.append(where.problem("cases extend each other in a circle", found=value.text))
        elif len(seen) >= LONGEST_EXTENDS_CHAIN:
            problems.append(
                where.problem(
                    "too many cases extend each other", allowed=f"{LONGEST_EXTENDS_CHAIN}"
                )
            )
        else:
            return read_file_text(path)
    except (CaseError, ValueError, OSError) as error:
        first = error.problems[0] if isinstance(error, CaseError) else Problem(str(error))
        if first.line is not None:
            problems.append(first)
        else:
            reason = f"{value.text}: {first.found or first.message}"
            problems.append(
                where.problem(
                    "case to start from cannot be read",
                    found=reason,
                    help="the path is relative to this file",
                )
            )
    return None


def merge_mappings(
    base: YamlMapping, overriding: YamlMapping, path: tuple[str, ...], problems: list[Problem]
) -> YamlMapping:
    """The entries of `base` changed by those of `overriding`; new keys go last.

    The option of an alternative is replaced as a whole, for a null in it is a part of it.
    """
    entries = dict(base.entries)
    if len(path) == 2 and path[0] == "unknowns":
        if any(_has_value(overriding, kind) for kind in DISTRIBUTION_PARAMETER_COUNTS):
            for kind in DISTRIBUTION_KEYS:
                entries.pop(kind, None)
        elif _has_value(overriding, "experts") and "experts" not in base.entries:
            for kind in (*DISTRIBUTION_PARAMETER_COUNTS, "best"):
                entries.pop(kind, None)
        elif "experts" in overriding.entries and not _has_value(overriding, "experts"):
            for kind in EXPERTS_ONLY_KEYS:
                entries.pop(kind, None)
    for name, (key, value) in overriding.entries.items():
        inner = (*path, name)
        before = base.entries.get(name)
        if isinstance(value, YamlScalar) and value.is_null:
            if before is None:
                problem = locate_node(value, ".".join(inner)).problem(
                    "is empty, and there is nothing to remove",
                    found="nothing (null)",
                    allowed=join_names(base.entries),
                    help=suggest_closest_name(name, base.entries)
                    or "for an empty mapping write {}",
                )
                problems.append(problem)
            entries.pop(name, None)
        elif (
            before is not None
            and isinstance(value, YamlMapping)
            and isinstance(before[1], YamlMapping)
            and not (len(inner) == 4 and (inner[0], inner[2]) == ("alternatives", "options"))
        ):
            entries[name] = (key, merge_mappings(before[1], value, inner, problems))
        else:
            entries[name] = (key, value)
    return YamlMapping(overriding.file_text, overriding.start, entries)


def _has_value(block: YamlMapping, kind: str) -> bool:
    if kind not in block.entries:
        return False
    value = block.entries[kind][1]
    return not (isinstance(value, YamlScalar) and value.is_null)


def load(path: str | Path) -> Case:
    """Read a case file.

    path  the file, in YAML

    Raises CaseError with every problem of the file, each with its line.
    """
    return _load_file_text(read_file_text(path))


def loads(text: str | bytes, file: str = "<text>", within: Path | None = None) -> Case:
    """Read a case from a text or its bytes; `extends` is relative to the folder of `file`.

    within  a folder that no case it extends may lie outside of; anything may be read if None

    Raises CaseError with every problem of the text, each with its line.

    >>> case = loads("{ceasefire: 1, horizon: 3, parties: {us: {}}, state: {war: {start: true}}}")
    >>> case.period, case.parties["us"].patience.text, case.state["war"].start
    ('month', '0.98', True)
    """
    source = decode_file_text(text, file) if isinstance(text, bytes) else normalise_text(text, file)
    return _load_file_text(source, within)


def _load_file_text(file_text: FileText, within: Path | None = None) -> Case:
    tree, sources, problems = resolve_extends(file_text, within)
    if tree is None:
        raise CaseError(problems)
    alternatives = written_options(tree) if isinstance(tree, YamlMapping) else ()
    if alternatives and isinstance(tree, YamlMapping):
        return _load_codings(tree, sources, problems, file_text.file, alternatives)
    diagnostics = case_diagnostics(tree, sources)
    diagnostics.extend(problems)
    return _load_tree(tree, diagnostics, file_text.file)


def _load_tree(tree: YamlNode, diagnostics: Diagnostics[YamlNode], file: str) -> Case:
    """The case of one tree, to which no further patch applies."""
    written = WrittenCase.model_validate(tree, context=diagnostics)
    if not isinstance(tree, YamlMapping):
        raise CaseError(diagnostics.problems)
    context = ResolutionContext(diagnostics, written, check_case_names(diagnostics, written))
    case = _resolve_case(context, file)
    lint_case(context, case)
    diagnostics.problems[:] = _without_consequences(diagnostics.problems)
    diagnostics.raise_any()
    return replace(case, warnings=tuple(diagnostics.sort(diagnostics.warnings)))


def _load_codings(
    tree: YamlMapping,
    sources: list[FileText],
    problems: list[Problem],
    file: str,
    alternatives: tuple[WrittenCoding, ...],
) -> Case:
    """The case with all its codings; the problems of all of them at once."""
    collected = case_diagnostics(tree, sources)
    collected.extend([*problems, *too_many_codings(tree, alternatives)])
    found: dict[WrittenCoding, Case] = {}
    known = set(collected.problems)
    if any(options[0].patch.entries for options in alternatives):
        known_without = set(_read_coding(tree, sources, file, ())[1])
    else:
        known_without = None
    for coding in codings_to_check(alternatives):
        case, wrong = _read_coding(tree, sources, file, coding)
        if case is not None:
            found[coding] = case
        blamed = deviating_options(coding, alternatives)
        if not blamed and known_without is not None:
            blamed = [option for option in coding if option.patch.entries]
        for problem in wrong:
            if problem not in known:
                own = not blamed or (known_without is not None and problem in known_without)
                collected.extend([problem if own else told_at_patch(problem, coding, blamed)])
        known.update(wrong)
    collected.raise_any()
    warned = warnings_of_codings(alternatives, {c: one.warnings for c, one in found.items()})
    warnings = tuple(collected.sort(warned))
    sections = sections_as_written(tree, alternatives)
    codings = tuple(
        replace(
            found[coding],
            chosen=FrozenMapping({option.alternative: option.name for option in coding}),
            as_written=sections,
            warnings=warnings,
        )
        for coding in itertools.product(*alternatives)
    )
    return replace(codings[0], codings=codings)


def _read_coding(
    tree: YamlMapping, sources: list[FileText], file: str, coding: WrittenCoding
) -> tuple[Case | None, tuple[Problem, ...]]:
    """The case with these options, and its problems; None if there are any."""
    merged, problems = tree, list[Problem]()
    for option in coding:
        allowed = {k: v for k, v in option.patch.entries.items() if k not in UNCHANGED_BY_OPTIONS}
        found: list[Problem] = []
        merged = merge_mappings(merged, replace(option.patch, entries=allowed), (), found)
        problems += [replace(one, path=f"{option.path}.{one.path}") for one in found]
    diagnostics = case_diagnostics(merged, sources, paths_from=tree)
    diagnostics.extend(problems)
    try:
        return _load_tree(merged, diagnostics, file), ()
    except CaseError as error:
        return None, error.problems


def _without_consequences(problems: Sequence[Problem]) -> list[Problem]:
    """The problems without those expressions that are none only because of a name in them.

    A name that the language uses is refused where it is given; every expression that reads it
    would be refused once more, as no expression.
    """
    reserved = {p.found for p in problems if p.message.endswith(RESERVED_NAME_MESSAGE)}
    return [
        problem
        for problem in problems
        if problem.message != NO_EXPRESSION_MESSAGE
        or not reserved & set(re.findall(r"\w+", problem.found))
    ]


def _resolve_case(context: ResolutionContext, file: str) -> Case:
    written = context.written
    head = resolve_case_header(context, file)
    context.last_period = head.horizon + head.tail - 1
    state, broken = resolve_variables(context)
    promised = dict.fromkeys(written.promises or {}, _PROMISE_VARIABLE)
    types = {
        name: tuple(party.types) for name, party in (written.parties or {}).items() if party.types
    }
    context.types_by_party = {
        name: each for name, each in types.items() if TYPE_COUNTS[0] <= len(each) <= TYPE_COUNTS[1]
    }
    context.scope = NameScope(
        variables=FrozenMapping({**state, **promised, **written_clocks(written)}),
        unknowns=frozenset(written.unknowns or {}),
        names_without_value=FrozenMapping(
            {
                name: what
                for name, what in context.shared_names.items()
                if what in _KINDS_WITHOUT_VALUE
            }
        ),
        all_type_names=frozenset(one for pair in context.types_by_party.values() for one in pair),
        faulty_names=frozenset(broken),
    )
    experts = resolve_experts(context)
    unknowns = resolve_unknowns(context, experts)
    context.best_estimates = {name: unknown.best for name, unknown in unknowns.items()}
    conditions, broken = resolve_conditions(context)
    context.scope = replace(
        context.scope, conditions=conditions, faulty_names=context.scope.faulty_names | broken
    )
    parties = resolve_parties(context)
    moves = resolve_moves(context)
    tables = resolve_tables(context)
    chance = resolve_chance(context)
    promises = resolve_promises(context, moves)
    roles = resolve_roles(context)
    return replace(
        head,
        sources=resolve_sources(context),
        experts=experts,
        unknowns=unknowns,
        together=resolve_correlations(context, unknowns),
        parties=parties,
        state=state,
        conditions=conditions,
        roles=roles,
        payoffs=resolve_payoffs(context, parties),
        moves=moves,
        promises=promises,
        tables=tables,
        chance=chance,
        order=resolve_order(context, moves, promises),
        claims=resolve_claims(context),
        levers=resolve_levers(context),
        forecasts=resolve_forecasts(context),
        alternatives=resolve_alternatives(context),
        events=resolve_events(context, moves, tables, chance, promises, roles),
    )


def question_scope(case: Case) -> NameScope:
    """Which names a question about a case may read: state, promises, conditions and unknowns."""
    return NameScope(
        variables=FrozenMapping(case.variables_and_promises),
        unknowns=frozenset(case.unknowns),
        conditions=case.conditions,
        place_text="a formula",
        names_without_value=FrozenMapping(
            {
                **dict.fromkeys(case.parties, "a party"),
                **dict.fromkeys(case.roles, "a role"),
                **dict.fromkeys(case.tables, "a table"),
                **dict.fromkeys(case.chance, "a chance"),
            }
        ),
        all_type_names=frozenset(one for party in case.parties.values() for one in party.types),
    )


_PROMISE_VARIABLE = Variable(kind="boolean", values=(False, True), start=False)
_KINDS_WITHOUT_VALUE = ("a party", "a role", "a table", "a chance")


def lint_case(context: ResolutionContext, case: Case) -> None:
    """Warn of what nothing uses and of what can never happen."""
    used = (
        context.names_used
        | _names_in_claims_and_levers(case)
        | {name for pair in case.together for name in pair[:2]}
    )
    block = context.written.value_node("unknowns")
    for name in case.unknowns:
        if name not in used:
            context.diagnostics.warn(
                key_node(block, name), "unknown is not used", help="remove it, or use it"
            )
    heard = {name for unknown in case.unknowns.values() for name in unknown.experts}
    for name in case.experts:
        if name not in heard:
            context.diagnostics.warn(
                key_node(context.written.value_node("experts"), name),
                "expert says nothing of any unknown",
                help="worlds drawn from this expert come from the others: remove it",
            )
    _warn_unreachable_steps(context, case)
    _warn_unused_promises(context, case, used)
    _warn_promises_of_absent_parties(context, case)


def _names_in_claims_and_levers(case: Case) -> set[str]:
    trees: list[ast.AST] = []
    for claim in case.claims.values():
        with suppress(ExpressionError):
            trees.append(claim.syntax)
    for lever in case.levers.values():
        with suppress(ExpressionError):
            trees.extend(lever.syntax)
    parts = (part for tree in trees for part in ast.walk(tree))
    return {part.id for part in parts if isinstance(part, ast.Name)}


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
    written = context.written.tables or {}
    for name, table in case.tables.items():
        for deal_name, deal in table.deals.items():
            for promise in deal.promises:
                giver = case.promises[promise].by
                seated = {party for seat in table.seats for party in case.holders_of(seat)}
                if giver not in table.seats and seated.isdisjoint(case.holders_of(giver)):
                    deals = written[name].value_node("deals")
                    context.diagnostics.warn(
                        key_node(deals, deal_name),
                        f"{promise} binds {giver}, which has no seat at {name}",
                        help=f"give {giver} a seat, or leave the promise out",
                    )
