"""Who can change what in a case? Its graph of moves, without time and chance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ceasefire.case import BOUNDED_RANGE_TEXT, LARGEST_MAGNITUDE, Case, Table
from ceasefire.errors import Problem, QuestionError
from ceasefire.game.states import Floats, StateEffect, StateTable, apply_effect
from ceasefire.game.step_compiler import evaluate_when
from ceasefire.gmcr.state_graph import Ints, Longs, StateGraph, rank_values

PAYOFF_TIE_TOLERANCE = 1e-9  # payoffs per period no further apart rank the same
CASE_STATE_BYTES = 250
CASE_MOVE_BYTES = 16


@dataclass(frozen=True)
class _CaseMove:
    """A move or deal: who makes it, where it is there, and what it does.

    held  the party that each party or role is whose move it is, where this is so
    """

    key: str
    mover_bits: int
    effect: StateEffect
    held: Mapping[str, str]
    table: Table | None = None
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class MoveTransitions:
    """One move or deal, laid out: who makes it together (as bits), from where, to where."""

    key: str
    mover_bits: int
    sources: Ints
    targets: Ints


@dataclass(frozen=True, eq=False)
class CaseGraph:
    """A case as a graph, with what each state and each move is in the case.

    graph        the graph itself
    state_codes  (S, V) index of each variable's value
    payoff       (P, S) payoff per period at the best estimates
    moves        every move and deal with the steps it makes
    """

    graph: StateGraph
    state_codes: Ints
    payoff: Floats
    moves: tuple[MoveTransitions, ...]


def case_state_graph(
    case: Case,
    types: Mapping[str, str] | None = None,
    start: Mapping[str, object] | None = None,
    memory: float = 4e9,
) -> StateGraph:
    """Lay a case out as a graph for stability analysis, over the states moves and deals reach.

    A move with outcomes leads to each of them; a deal is a move of its proposer and all it needs
    together; chance, time, costs and the order of steps are left out. A party ranks the states by
    its payoff there at the best estimates, payoffs within 1e-9 being the same.

    types   the type each party with types has; the one the analyst holds likelier where not given
    start   variables that stand otherwise at the start
    memory  bytes that the graph may take

    Raises GameError for a value outside its variable's values and a graph too large for `memory`,
    QuestionError for an unknown type.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... ending: nothing
    ... parties: {a: {precision: 1}}
    ... state: {done: {}}
    ... payoffs: {a: {gain: done}}
    ... moves: {act: {by: a, set: {done: true}}}
    ... ''')
    >>> graph = case_state_graph(case)
    >>> [graph.state_name(state) for state in range(graph.states)], graph.rank.tolist()
    (['done=false', 'done=true'], [[0, 1]])
    """
    return build_case_graph(case, types, start, memory).graph


def build_case_graph(
    case: Case,
    types: Mapping[str, str] | None = None,
    start: Mapping[str, object] | None = None,
    memory: float = 4e9,
) -> CaseGraph:
    """Lay a case out as `case_state_graph` does, and keep the case's own variables and moves.

    types   the type each party with types has; the one the analyst holds likelier where not given
    start   variables that stand otherwise at the start
    memory  bytes that the graph may take

    Raises GameError and QuestionError as `case_state_graph` does.
    """
    kinds = _chosen_types(case, types or {})
    moves = list(_moves_and_deals(case))
    state_table = StateTable(case, memory, CASE_STATE_BYTES + CASE_MOVE_BYTES * len(moves))
    laid_out = _explore_moves(state_table, moves, start or {})
    parties = tuple(case.parties)
    alone = [1 << p for p in range(len(parties))]
    movers = [*alone, *dict.fromkeys(m.mover_bits for m in moves if m.mover_bits not in alone)]
    lists = [
        _index_moves_by_source([m for m in laid_out if m.mover_bits == mover], len(state_table))
        for mover in movers
    ]
    payoff = np.stack([_payoff_by_state(state_table, party, kinds) for party in parties])
    sizes = np.cumsum([0, *(len(target) for _, target in lists)])
    graph = StateGraph(
        parties=parties,
        mover_bits=np.array(movers, dtype=np.int64),
        first_move=np.stack([first + size for (first, _), size in zip(lists, sizes, strict=False)]),
        target=np.concatenate([target for _, target in lists]),
        rank=np.stack([rank_values(row, PAYOFF_TIE_TOLERANCE) for row in payoff]),
        known=np.ones((len(parties), len(state_table)), dtype=np.bool_),
        state_name=lambda state: state_table.describe(state_table.codes[state]),
        notes=tuple(_graph_notes(case, kinds)),
    )
    return CaseGraph(graph, state_table.codes.copy(), payoff, laid_out)


def _explore_moves(
    state_table: StateTable, moves: list[_CaseMove], start: Mapping[str, object]
) -> tuple[MoveTransitions, ...]:
    """Every move in all states that moves can reach from the start; fills the table of states."""
    sources: list[list[Ints]] = [[] for _ in moves]
    targets: list[list[Ints]] = [[] for _ in moves]
    new = state_table.add_states(state_table.start_codes(start))
    while len(new):
        before = len(state_table)
        for number, move in enumerate(moves):
            source, target = _apply_case_move(state_table, move, new)
            sources[number].append(source)
            targets[number].append(target)
        new = np.arange(before, len(state_table), dtype=np.int32)
    return tuple(
        MoveTransitions(
            move.key, move.mover_bits, np.concatenate(sources[n]), np.concatenate(targets[n])
        )
        for n, move in enumerate(moves)
    )


def _moves_and_deals(case: Case) -> Iterator[_CaseMove]:
    """Every move and deal that some step of the order offers."""
    parties = list(case.parties)
    for key, move in case.moves.items():
        steps = [step for step in case.order if step.kind == "party" and step.id == move.party]
        if any(step.only is None or move.name in step.only for step in steps):
            breaks = tuple(p for p, promise in case.promises.items() if key in promise.forbids)
            for party in case.holders_of(move.party):
                held = {move.party: party}
                yield _CaseMove(key, 1 << parties.index(party), move, held, breaks=breaks)
    for name, rules in case.tables.items():
        if not any(step.kind == "table" and step.id == name for step in case.order):
            continue
        for key, deal in rules.deals.items():
            for proposer in rules.seats if rules.proposes == "any" else (rules.proposes,):
                together = sorted({proposer, *deal.needs})
                for holders in product(*map(case.holders_of, together)):
                    members = sum(1 << parties.index(p) for p in set(holders))
                    held = dict(zip(together, holders, strict=True))
                    yield _CaseMove(f"{name}.{key}", members, deal, held, rules)


def _apply_case_move(state_table: StateTable, move: _CaseMove, states: Ints) -> tuple[Ints, Ints]:
    """The moves out of these states, as sources and targets."""
    for when in (move.table.when if move.table else None, move.effect.when):
        if when is not None:
            states = states[evaluate_when(state_table, when, states)]
    for actor, party in move.held.items():
        if actor != party:
            holder = state_table.holders(actor, state_table.codes[states])
            states = states[holder == list(state_table.case.parties).index(party)]
    rows = state_table.codes[states]
    broken = {name: rows[:, state_table.names.index(name)] == 1 for name in move.breaks}
    applied = apply_effect(state_table, move.effect, states, broken)
    possible = (applied.targets >= 0) & (applied.targets != states[:, None])
    return np.broadcast_to(states[:, None], possible.shape)[possible], applied.targets[possible]


def _index_moves_by_source(moves: Sequence[MoveTransitions], states: int) -> tuple[Longs, Ints]:
    """(S + 1,) where the moves out of each state begin, and their targets, each once."""
    empty = np.zeros(0, dtype=np.int32)
    sources = np.concatenate([*(move.sources for move in moves), empty])
    targets = np.concatenate([*(move.targets for move in moves), empty])
    pairs = np.unique(np.stack([sources, targets], axis=1), axis=0)
    first = np.searchsorted(pairs[:, 0], np.arange(states + 1)).astype(np.int64)
    return first, np.ascontiguousarray(pairs[:, 1], dtype=np.int32)


def _payoff_by_state(state_table: StateTable, party: str, kinds: Mapping[str, int]) -> Floats:
    case, kind = state_table.case, kinds.get(party, 0)
    payoff = np.zeros(len(state_table))
    for term in case.payoffs.get(party, {}).values():
        values = state_table.evaluate(term, state_table.codes, case.best_estimates, kind, kinds)
        wrong = ~(np.abs(values) <= LARGEST_MAGNITUDE)
        if wrong.any():
            x = int(np.argmax(wrong))
            fault = term.location.problem(
                f"must be a finite number, {BOUNDED_RANGE_TEXT}",
                found=f"{values[x]:.6g} in the state {state_table.describe(state_table.codes[x])}",
                help="guard the division, root or power, or choose a larger unit",
            )
            raise QuestionError([fault])
        payoff += values
    return payoff


def _chosen_types(case: Case, types: Mapping[str, str]) -> dict[str, int]:
    """Which type each party with types has."""
    known = {name: list(party.types) for name, party in case.parties.items() if party.types}
    problems = []
    for party, chosen in types.items():
        if party not in known:
            allowed = ", ".join(known) or "none in this case"
            problems.append(Problem("has no types", path="--types", found=party, allowed=allowed))
        elif chosen not in known[party]:
            allowed = ", ".join(known[party])
            message = f"{party} has no such type"
            problems.append(Problem(message, path="--types", found=chosen, allowed=allowed))
    if problems:
        raise QuestionError(problems)
    return {
        party: names.index(types[party]) if party in types else _likelier_type(case, party)
        for party, names in known.items()
    }


def _likelier_type(case: Case, party: str) -> int:
    one_state = np.zeros((1, len(case.variables_and_promises)), dtype=np.int32)
    priors = [
        float(StateTable(case).evaluate(prior, one_state, case.best_estimates)[0])
        for prior in case.parties[party].types.values()
    ]
    return int(np.argmax(priors))


def _graph_notes(case: Case, kinds: Mapping[str, int]) -> Iterator[str]:
    yield "chance is left out, and so are time, costs and the order of steps"
    if case.chance:
        yield f"left out as chance: {', '.join(case.chance)}"
    deals = [
        (f"{name}.{key}", deal) for name, t in case.tables.items() for key, deal in t.deals.items()
    ]
    effects: list[tuple[str, StateEffect]] = [*case.moves.items(), *deals]
    sure = [key for key, effect in effects if effect.outcomes]
    if sure:
        yield f"each outcome taken as a move that can be made: {', '.join(sure)}"
    timed = [key for key, effect in effects if effect.during is not None]
    timed += [name for name, rules in case.tables.items() if rules.during is not None]
    if timed:
        yield f"taken as available at any time: {', '.join(timed)}"
    if kinds:
        named = [
            f"{party} {list(case.parties[party].types)[kind]}" for party, kind in kinds.items()
        ]
        yield f"types: {', '.join(named)}"
