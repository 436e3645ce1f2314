"""From a file to a case, or to the list of everything that is wrong with it."""

from dataclasses import replace
from pathlib import Path

from ceasefire.case.actions import resolve_chance, resolve_moves, resolve_promises, resolve_tables
from ceasefire.case.checks import check_case
from ceasefire.case.desk import Desk
from ceasefire.case.document import Block, Source, decode, normal, read
from ceasefire.case.extends import flatten
from ceasefire.case.facts import resolve_conditions, resolve_state
from ceasefire.case.foresight import resolve_forecasts
from ceasefire.case.frozen import Frozen
from ceasefire.case.head import resolve_head, resolve_sources
from ceasefire.case.model import Case, Variable
from ceasefire.case.names import check_names
from ceasefire.case.numbers import resolve_together, resolve_unknowns
from ceasefire.case.people import resolve_parties, resolve_payoffs
from ceasefire.case.reading import Reading
from ceasefire.case.scope import Scope
from ceasefire.case.sequel import resolve_claims, resolve_events, resolve_order
from ceasefire.case.written import WrittenCase
from ceasefire.errors import CaseError


def load(path: str | Path) -> Case:
    """Read a case file.

    Raises CaseError with every problem of the file, each with its line.
    """
    return _load(read(path))


def loads(text: str | bytes, file: str = "<text>", within: Path | None = None) -> Case:
    """Read a case from a text or its bytes; `extends` is relative to the folder of `file`.

    within  a folder that no case it extends may lie outside of; anything may be read if None

    Raises CaseError with every problem of the text, each with its line.

    >>> case = loads("{ceasefire: 1, horizon: 3, parties: {us: {}}, state: {war: {start: true}}}")
    >>> case.period, case.parties["us"].patience.text, case.state["war"].start
    ('month', '0.98', True)
    """
    source = decode(text, file) if isinstance(text, bytes) else normal(text, file)
    return _load(source, within)


def _load(source: Source, within: Path | None = None) -> Case:
    tree, sources, problems, warnings = flatten(source, within)
    if tree is None:
        raise CaseError(problems)
    reading = Reading(tree, sources)
    reading.problems.extend(problems)
    reading.warnings.extend(warnings)
    written = WrittenCase.model_validate(tree, context=reading)
    if not isinstance(tree, Block):
        raise CaseError(reading.problems)
    desk = Desk(reading, written, check_names(reading, written))
    case = _resolve(desk, source.file)
    check_case(desk, case)
    if reading.problems:
        raise CaseError(reading.sorted(reading.problems))
    return replace(case, warnings=tuple(reading.sorted(reading.warnings)))


def _resolve(desk: Desk, file: str) -> Case:
    written = desk.written
    head = resolve_head(desk, file)
    desk.last = head.horizon + head.tail - 1
    state, broken = resolve_state(desk)
    promised = dict.fromkeys(written.promises or {}, _PROMISED)
    types = {
        name: tuple(party.types) for name, party in (written.parties or {}).items() if party.types
    }
    desk.types = {name: pair for name, pair in types.items() if len(pair) == 2}
    desk.scope = Scope(
        variables=Frozen({**state, **promised}),
        unknowns=frozenset(written.unknowns or {}),
        others=Frozen({name: what for name, what in desk.names.items() if what in _NO_VALUE}),
        all_types=frozenset(one for pair in desk.types.values() for one in pair),
        broken=frozenset(broken),
    )
    unknowns = resolve_unknowns(desk)
    desk.best = {name: unknown.best for name, unknown in unknowns.items()}
    conditions, broken = resolve_conditions(desk)
    desk.scope = replace(desk.scope, conditions=conditions, broken=desk.scope.broken | broken)
    parties = resolve_parties(desk)
    moves = resolve_moves(desk)
    tables = resolve_tables(desk)
    chance = resolve_chance(desk)
    return replace(
        head,
        sources=resolve_sources(desk),
        unknowns=unknowns,
        together=resolve_together(desk, unknowns),
        parties=parties,
        state=state,
        conditions=conditions,
        payoffs=resolve_payoffs(desk, parties),
        moves=moves,
        promises=resolve_promises(desk, moves),
        tables=tables,
        chance=chance,
        order=resolve_order(desk, moves),
        claims=resolve_claims(desk),
        forecasts=resolve_forecasts(desk),
        events=resolve_events(desk, moves, tables, chance),
    )


def question_scope(case: Case) -> Scope:
    """Which names a question about a case may read: state, promises, conditions and unknowns."""
    return Scope(
        variables=Frozen(case.variables),
        unknowns=frozenset(case.unknowns),
        conditions=case.conditions,
        where="a formula",
        others=Frozen(
            {
                **dict.fromkeys(case.parties, "a party"),
                **dict.fromkeys(case.tables, "a table"),
                **dict.fromkeys(case.chance, "a chance"),
            }
        ),
        all_types=frozenset(one for party in case.parties.values() for one in party.types),
    )


_PROMISED = Variable(kind="boolean", values=(False, True), start=False)
_NO_VALUE = ("a party", "a table", "a chance")
