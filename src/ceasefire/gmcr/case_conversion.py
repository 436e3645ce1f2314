"""A case as a conflict in option form, for GMCR+ (`.gmcr`).

A fact that moves or deals change becomes options: one for a boolean, one for each value but the
lowest of a number (`force >= 2`), one for each word but the first met. An option has one owner:
the party that changes the fact most often by itself, or, where only deals do, of those who sign.
The states that the case reaches are the feasible ones. The moves of the file then follow from
the options, and wherever they are not those of the case, a note says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import PurePath
from typing import Literal

import numpy as np

from ceasefire.case import Case, FrozenMapping
from ceasefire.errors import CaseError, GameError, Problem
from ceasefire.formats.case_writer import (
    ConvertedFile,
    UniqueIdentifiers,
    case_to_yaml,
    decode_import,
)
from ceasefire.gmcr.case_graph import CaseGraph, build_case_graph
from ceasefire.gmcr.conflict import (
    MOST_OPTIONS,
    Conflict,
    ConflictOption,
    OptionPattern,
    OptionStatement,
)
from ceasefire.gmcr.file_format import conflict_to_gmcr, parse_gmcr
from ceasefire.gmcr.solution_concepts import stability
from ceasefire.gmcr.state_graph import Bools, Ints, Longs, StateGraph

MOST_STATES_COMPARED = 20_000
MOST_STATES_LISTED, MOST_OPTIONS_PER_MOVE, MOST_PREFERENCE_STATEMENTS, HORIZON_PERIODS = (
    200,
    5,
    29,
    12,
)


@dataclass(frozen=True)
class _CaseIdentifiers:
    """Names that a case takes for parties and options, each by its place in the conflict."""

    parties: tuple[str, ...]
    options: tuple[str, ...]

    def pattern_as_expression(self, pattern: OptionPattern) -> str:
        """A pattern as an expression."""
        said = [self.options[o] if yes else f"not {self.options[o]}" for o, yes in pattern]
        return " and ".join(said) or "true"


def gmcr_to_case(content: bytes, file: str = "<gmcr>") -> ConvertedFile:
    """Write a conflict in option form as a case; the notes say what is read into it and left out.

    A party's move sets all its options at once, to any combination that is feasible.

    Raises CaseError for what is wrong with the file, and where it holds more than a case can list.

    >>> chicken = b\'\'\'{"options": [{"name": "Swerve"}, {"name": "Swerve"}],
    ...   "decisionMakers": [
    ...     {"name": "Driver 1", "options": [0], "preferenceRanking": [3, 4, 2, 1]},
    ...     {"name": "Driver 2", "options": [1], "preferenceRanking": [2, 4, 3, 1]}],
    ...   "infeasibles": [], "useManualPreferenceRanking": true}\'\'\'
    >>> print(gmcr_to_case(chicken).text.split("payoffs:")[0].split("conditions:")[1].strip())
    s1: not swerve and not swerve_2
    s2: swerve and not swerve_2
    s3: not swerve and swerve_2
    s4: swerve and swerve_2
    """
    conflict = parse_gmcr(decode_import(content, file), file)
    _check_conflict_size(conflict, file)
    names = UniqueIdentifiers()
    named = _CaseIdentifiers(
        tuple(names.allocate(party, "party") for party in conflict.parties),
        tuple(names.allocate(option.name, "option") for option in conflict.options),
    )
    return ConvertedFile(
        case_to_yaml(_case_document(conflict, named, names)),
        tuple(_gmcr_to_case_notes(conflict, named)),
    )


def _check_conflict_size(conflict: Conflict, file: str) -> None:
    if len(conflict.codes) <= MOST_STATES_LISTED:
        return
    help = "rule out more states, or analyse the file itself: ceasefire stability FILE"
    if conflict.rankings is not None:
        found = f"{len(conflict.codes):,} states ranked by hand"
        raise CaseError(
            [Problem("is too large", file, found=found, allowed=f"{MOST_STATES_LISTED}", help=help)]
        )
    for party, wants in conflict.preference_statements.items():
        if len(wants) > MOST_PREFERENCE_STATEMENTS:
            found = f"{len(wants)} statements of {party}"
            allowed = f"{MOST_PREFERENCE_STATEMENTS}, or at most {MOST_STATES_LISTED} states"
            raise CaseError(
                [Problem("is too large", file, found=found, allowed=allowed, help=help)]
            )


def _case_document(
    conflict: Conflict, identifiers: _CaseIdentifiers, names: UniqueIdentifiers
) -> dict[str, object]:
    listed = len(conflict.codes) <= MOST_STATES_LISTED
    places = [names.allocate(f"s{n + 1}", "state") for n in range(len(conflict.codes))] * listed
    start = int(conflict.codes[0])
    document: dict[str, object] = {
        "ceasefire": 1,
        "title": PurePath(conflict.title).stem or "A conflict",
        "horizon": HORIZON_PERIODS,
        "parties": {
            name: {"name": party}
            for name, party in zip(identifiers.parties, conflict.parties, strict=True)
        },
        "state": {
            name: {"start": bool(start >> o & 1), "about": f"{option.name}: {option.party}"}
            for o, (name, option) in enumerate(
                zip(identifiers.options, conflict.options, strict=True)
            )
        },
    }
    if listed:
        document["conditions"] = {
            place: identifiers.pattern_as_expression(
                tuple((o, bool(code >> o & 1)) for o in _option_numbers(conflict))
            )
            for place, code in zip(places, conflict.codes.tolist(), strict=True)
        }
    payoffs = {
        name: {"preference": worth}
        for name, party in zip(identifiers.parties, conflict.parties, strict=True)
        if (worth := _ranking_as_payoff(conflict, party, identifiers, places))
    }
    moves = {
        f"{who}.{move}": rules
        for who, party in zip(identifiers.parties, conflict.parties, strict=True)
        for move, rules in _moves_of_party(conflict, party, who, identifiers)
    }
    document |= {key: value for key, value in (("payoffs", payoffs), ("moves", moves)) if value}
    return document


def _option_numbers(conflict: Conflict) -> range:
    return range(len(conflict.options))


def _ranking_as_payoff(
    conflict: Conflict, party: str, identifiers: _CaseIdentifiers, places: list[str]
) -> str:
    """The ranking as a payoff from 0 to 1; empty if all states are equally good."""
    if places:
        rank = conflict.rank_states(party)
        top = int(rank.max())
        terms = []
        for level in range(top, 0, -1):
            those = [places[s] for s in np.flatnonzero(rank == level)]
            said = " + ".join(those) if len(those) == 1 else f"({' + '.join(those)})"
            terms.append(said if level == top else f"{level} / {top} * {said}")
        return " + ".join(terms)
    wants = conflict.preference_statements.get(party, ())
    whole = 2 ** len(wants) - 1
    return " + ".join(
        f"{2 ** (len(wants) - 1 - n)} / {whole} * ({_statement_as_expression(want, identifiers)})"
        for n, want in enumerate(wants)
    )


def _statement_as_expression(statement: OptionStatement, identifiers: _CaseIdentifiers) -> str:
    return " or ".join(f"({identifiers.pattern_as_expression(pattern)})" for pattern in statement)


def _moves_of_party(
    conflict: Conflict, party: str, who: str, identifiers: _CaseIdentifiers
) -> Iterator[tuple[str, dict[str, object]]]:
    """Every change of a party's own options, with where it can be made."""
    own = [o for o, option in enumerate(conflict.options) if option.party == party]
    moves = UniqueIdentifiers([who])
    if len(own) > MOST_OPTIONS_PER_MOVE:
        targets: list[OptionPattern] = [((o, yes),) for o in own for yes in (True, False)]
    else:
        targets = [
            tuple(zip(own, taken, strict=True)) for taken in product((False, True), repeat=len(own))
        ]
    for target in targets if own else []:
        when = _move_condition(conflict, target, identifiers)
        if when is None:
            continue
        taken = [identifiers.options[o] for o, yes in target if yes]
        label = "_and_".join(taken) or f"drop_{'_'.join(identifiers.options[o] for o, _ in target)}"
        if taken:
            label = f"take_{label}"
        yield (
            moves.allocate(label, "move"),
            {
                "by": who,
                "when": when,
                "set": {identifiers.options[o]: yes for o, yes in target},
            },
        )


def _move_condition(
    conflict: Conflict, target: OptionPattern, identifiers: _CaseIdentifiers
) -> str | None:
    """Where a party may set these options of its own; None if nowhere."""
    sets = dict(target)
    parts = [f"not ({identifiers.pattern_as_expression(target)})"]
    if len(target) == 1:
        parts = [identifiers.pattern_as_expression(((target[0][0], not target[0][1]),))]
    for option, yes in target:
        way = conflict.options[option].direction
        if (way == "fwd" and not yes) or (way == "back" and yes):
            if len(target) == 1:
                return None
            parts.append(identifiers.pattern_as_expression(((option, yes),)))
    for statement in conflict.infeasible:
        for pattern in statement:
            own = any(o in sets for o, _ in pattern)
            if not own or any(sets.get(o, yes) != yes for o, yes in pattern):
                continue
            rest = tuple((o, yes) for o, yes in pattern if o not in sets)
            if not rest:
                return None
            parts.append(f"not ({identifiers.pattern_as_expression(rest)})")
    return " and ".join(dict.fromkeys(parts))


def _gmcr_to_case_notes(conflict: Conflict, identifiers: _CaseIdentifiers) -> Iterator[str]:
    states = len(conflict.codes)
    first = conflict.state_label(int(conflict.codes[0]))
    yield f"No status quo is in the file: the case starts in state 1, {first}; change `start`."
    if lost := states - _count_reachable_states(conflict):
        yield f"{lost} of {states} feasible states cannot be reached from there by moves."
    yield "Preferences are an order only: payoffs go from 0 to 1 in equal steps a period."
    if states > MOST_STATES_LISTED:
        yield "Of more than 200 states the payoff weighs statements by halves, not equal steps."
    yield (
        f"Time is not in the file: {HORIZON_PERIODS} periods of a month, "
        "parties in the file's order."
    )
    yield "Patience and precision are not in the file: the case takes 0.98 and 20."
    for party in conflict.parties:
        if sum(option.party == party for option in conflict.options) > MOST_OPTIONS_PER_MOVE:
            yield f"{party} has too many options to change several in one move: one at a time."
    for party, unseen in conflict.misperceived.items():
        yield f"{party} does not know of some states ({len(unseen)} statements): left out."
    if conflict.coalition_structure:
        groups = " | ".join(" + ".join(block) for block in conflict.coalition_structure)
        yield f"The coalition structure is left out: {groups}."
    for warning in conflict.warnings:
        yield f"Not read: {warning.path}."
    for old, new in zip((o.name for o in conflict.options), identifiers.options, strict=True):
        if old.lower().replace(" ", "_") != new:
            yield f"Option {old!r} is called {new}."


def _count_reachable_states(conflict: Conflict) -> int:
    """How many states moves lead to from the first."""
    graph = conflict.state_graph()
    known, todo = {0}, [0]
    while todo:
        here = todo.pop()
        movers = range(len(graph.mover_bits))
        fresh = {t for m in movers for t in graph.targets_from(m, here)} - known
        known |= fresh
        todo += fresh
    return len(known)


OptionDirection = Literal["both", "fwd", "back"]
OMITTED_CASE_PARTS = "claims, unknowns, sources, promises as such and events"


@dataclass(frozen=True)
class _VariableOption:
    """An option: which values of a variable, by their places, mean that it is taken."""

    name: str
    variable: int
    values: tuple[int, ...]
    owner: int


def case_to_gmcr(
    case: Case, types: Mapping[str, str] | None = None, *, earlier: bool = False
) -> ConvertedFile:
    """Write a case as a `.gmcr` file; the notes say, line by line, what it does not carry.

    types    the type of parties with types, the likelier one where not given
    earlier  with the keys of the earlier generation

    Raises GameError if it takes more options than fit, or none.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}, b: {}}
    ... state: {armed: {}, war: {start: true}}
    ... payoffs: {a: {war: -war}, b: {war: -war, fear: -armed}}
    ... moves: {arm: {by: a, when: not armed, set: {armed: true}}}
    ... tables: {talks: {seats: [a, b], deals: {truce: {when: war, set: {war: false}}}}}
    ... ''')
    >>> print(case_to_gmcr(case).notes[2])
    Deal talks.truce is a move of a and b together; in the file a alone can make it.
    """
    laid = build_case_graph(case, types)
    conflict, place = _conflict_of_case(case, laid)
    notes = [f"{note[0].upper()}{note[1:]}." for note in laid.graph.notes]
    notes.append(
        f"Not in the file: {OMITTED_CASE_PARTS}; of payoffs only the order they put states in."
    )
    return ConvertedFile(
        conflict_to_gmcr(conflict, earlier=earlier),
        (*notes, *_case_to_gmcr_notes(case, laid, conflict, place)),
    )


def _conflict_of_case(case: Case, case_graph: CaseGraph) -> tuple[Conflict, Longs]:
    """The conflict, and (S,) the number there of each state of the case."""
    options = _options_of_case(case, case_graph)
    if not options:
        help = "a .gmcr file holds what parties can change: start the case where somebody can move"
        fault = "no move or deal changes anything from the start"
        raise GameError([Problem(fault, case.file, path="state", help=help)])
    if len(options) > MOST_OPTIONS:
        help = "give variables fewer values, or leave some out in a smaller case"
        raise GameError(
            [
                Problem(
                    "takes too many options", case.file, path="state",
                    found=f"{len(options)}", allowed=f"{MOST_OPTIONS}", help=help,
                )
            ]
        )  # fmt: skip
    code = np.zeros(case_graph.graph.states, dtype=np.int64)
    for o, option in enumerate(options):
        code |= (
            np.isin(case_graph.state_codes[:, option.variable], option.values).astype(np.int64) << o
        )
    order = np.argsort(code)
    parties = tuple(case.parties)
    conflict = Conflict(
        parties=parties,
        options=tuple(
            ConflictOption(option.name, parties[option.owner], direction)
            for option, direction in zip(
                options, _option_directions(case_graph, options, code), strict=True
            )
        ),
        infeasible=tuple((pattern,) for pattern in _unreached_patterns(code[order], len(options))),
        rankings=FrozenMapping(
            {
                party: tuple(
                    tuple(sorted(code[case_graph.graph.rank[p] == rank].tolist()))
                    for rank in range(int(case_graph.graph.rank[p].max()), -1, -1)
                )
                for p, party in enumerate(parties)
            }
        ),
        title=case.title,
    )
    place = np.empty(len(code), dtype=np.int64)
    place[order] = np.arange(len(code))
    return conflict, place


def _options_of_case(case: Case, case_graph: CaseGraph) -> list[_VariableOption]:
    found = []
    for v, (name, variable) in enumerate(case.variables_and_promises.items()):
        met = sorted(set(case_graph.state_codes[:, v].tolist()))
        if len(met) == 1:
            continue
        owner = _owner_of_variable(case, case_graph, v)
        if variable.kind == "boolean":
            found.append(_VariableOption(name, v, (variable.values.index(True),), owner))
        elif variable.kind == "word":
            none = int(case_graph.state_codes[0, v])
            others = [place for place in met if place != none]
            found += [
                _VariableOption(f"{name} = {variable.values[x]}", v, (x,), owner) for x in others
            ]
        else:
            ranked = sorted(met, key=lambda place: float(variable.values[place]))
            found += [
                _VariableOption(f"{name} >= {variable.values[place]}", v, tuple(ranked[n:]), owner)
                for n, place in enumerate(ranked)
                if n
            ]
    return found


def _owner_of_variable(case: Case, case_graph: CaseGraph, variable: int) -> int:
    """The party that changes a variable most often alone, else as one of those who sign."""
    alone = np.zeros(len(case.parties), dtype=np.int64)
    together = np.zeros_like(alone)
    for way in case_graph.moves:
        changed = (
            case_graph.state_codes[way.sources, variable]
            != case_graph.state_codes[way.targets, variable]
        )
        members = [p for p in range(len(alone)) if way.mover_bits >> p & 1]
        counts = alone if len(members) == 1 else together
        counts[members] += np.count_nonzero(changed)
    return int(np.argmax(alone if alone.any() else together))


def _option_directions(
    case_graph: CaseGraph, options: list[_VariableOption], code: Longs
) -> list[OptionDirection]:
    """Which way each option goes in the moves that the file can hold.

    These are the moves its owner takes part in that change options of the owner only; where none
    of them changes the option, all of its owner's count, and where none does, everybody's.
    """
    masks = _masks_by_owner(options)
    rises, falls = np.zeros((2, 3, len(options)), dtype=np.bool_)
    for way in case_graph.moves:
        before, after = code[way.sources], code[way.targets]
        for o, option in enumerate(options):
            own = bool(way.mover_bits >> option.owner & 1)
            kept = ((before ^ after) & ~masks[option.owner]) == 0
            change = (after >> o & 1) - (before >> o & 1)
            for tier, counted in enumerate((kept & own, own, True)):
                rises[tier, o] |= bool(((change > 0) & counted).any())
                falls[tier, o] |= bool(((change < 0) & counted).any())
    directions: list[OptionDirection] = []
    for o in range(len(options)):
        tier = int(np.argmax(rises[:, o] | falls[:, o]))
        up, down = rises[tier, o], falls[tier, o]
        directions.append("both" if up and down else "fwd" if up else "back")
    return directions


def _masks_by_owner(options: list[_VariableOption]) -> dict[int, int]:
    """The bits of the options of each owner."""
    masks: dict[int, int] = {}
    for o, option in enumerate(options):
        masks[option.owner] = masks.get(option.owner, 0) | 1 << o
    return masks


def _unreached_patterns(codes: Longs, options: int) -> list[OptionPattern]:
    """Patterns that fit every combination but these, each as short as it can be."""
    found: list[OptionPattern] = []

    def fits(pattern: OptionPattern, those: Longs) -> Bools:
        fitting = np.ones(len(those), dtype=np.bool_)
        for option, yes in pattern:
            fitting &= (those >> option & 1) == yes
        return fitting

    def split(pattern: OptionPattern, inside: Longs, option: int) -> None:
        if not len(inside):
            short = pattern
            for literal in pattern:
                fewer = tuple(one for one in short if one != literal)
                if fewer and not fits(fewer, codes).any():
                    short = fewer
            if short not in found:
                found.append(short)
            return
        if option == options:
            return
        for yes in (False, True):
            split((*pattern, (option, yes)), inside[(inside >> option & 1) == yes], option + 1)

    split((), codes, 0)
    return found


def _case_to_gmcr_notes(
    case: Case, case_graph: CaseGraph, conflict: Conflict, state_number: Longs
) -> Iterator[str]:
    """What the moves of the file are not, or are besides."""
    parties, graph = list(case.parties), conflict.state_graph()
    for name in case.variables_and_promises:
        v = list(case.variables_and_promises).index(name)
        if len(set(case_graph.state_codes[:, v].tolist())) == 1:
            yield f"No move changes {name}: it is left out."
    pairs = [_move_pairs(graph, p) for p in range(len(parties))]
    known: list[set[tuple[int, int]]] = [set() for _ in parties]
    for way in case_graph.moves:
        moves = list(
            zip(state_number[way.sources].tolist(), state_number[way.targets].tolist(), strict=True)
        )
        if not moves:
            continue
        members = [p for p in range(len(parties)) if way.mover_bits >> p & 1]
        if len(members) == 1:
            known[members[0]].update(moves)
            lost = [move for move in moves if move not in pairs[members[0]]]
            if lost:
                yield (
                    f"Move {way.key} is left out in {len(lost)} of the {len(moves)} ways it can be "
                    f"made: it changes options of {_other_owners(conflict, lost, members[0])} too."
                )
            continue
        alone = [p for p in range(len(parties)) if all(move in pairs[p] for move in moves)]
        who = " and ".join(parties[p] for p in members)
        owners = _owners_of_changes(conflict, moves)
        if alone:
            told = f"in the file {parties[alone[0]]} alone can make it"
        elif len(owners) > 1:
            told = "in the file it is not one move, as its options have several owners"
        else:
            told = f"in the file it changes options of {owners[0]}, who never does so alone"
        yield f"Deal {way.key} is a move of {who} together; {told}."
    deals = [way for way in case_graph.moves if way.mover_bits & (way.mover_bits - 1)]
    signed = {
        move
        for way in deals
        for move in zip(
            state_number[way.sources].tolist(), state_number[way.targets].tolist(), strict=True
        )
    }
    for p, party in enumerate(parties):
        more = sorted(pairs[p] - known[p] - signed)
        if more:
            start, end = (conflict.state_label(int(conflict.codes[s])) for s in more[0])
            count = f"{len(more)} move{'s' if len(more) > 1 else ''}"
            yield (
                f"In the file {party} has {count} that the case does not have, "
                f"such as from {start} to {end}."
            )
    yield from _equilibrium_notes(case_graph.graph, graph, state_number)


def _equilibrium_notes(
    case_graph: StateGraph, file_graph: StateGraph, state_number: Longs
) -> Iterator[str]:
    """Which states are equilibria of the case but not of the file, or the other way round."""
    if case_graph.states > MOST_STATES_COMPARED:
        yield f"Equilibria are not compared: more than {MOST_STATES_COMPARED:,} states."
        return
    ours, theirs = stability(case_graph), stability(file_graph)
    for concept in ours.concepts:
        if concept not in theirs.concepts:
            continue
        of_case = {int(state_number[s]) for s in ours.equilibria(concept)}
        of_file = {int(s) for s in theirs.equilibria(concept)}
        lost, gained = sorted(of_case - of_file), sorted(of_file - of_case)
        if lost or gained:
            listed = [
                f"{word} {', '.join(file_graph.state_name(s) for s in those[:3])}"
                + (f" and {len(those) - 3} more" if len(those) > 3 else "")
                for word, those in (("lost", lost), ("new", gained))
                if those
            ]
            yield (
                f"{concept} equilibria differ: {len(of_case)} in the case, {len(of_file)} in the "
                f"file; {'; '.join(listed)}."
            )


def _other_owners(conflict: Conflict, moves: list[tuple[int, int]], mover: int) -> str:
    owners = _owners_of_changes(conflict, moves)
    names = [party for party in owners if party != conflict.parties[mover]]
    return " and ".join(names) or "its own that cannot be taken back"


def _owners_of_changes(conflict: Conflict, moves: list[tuple[int, int]]) -> list[str]:
    """Whose options these moves change."""
    codes = conflict.codes
    owners = {
        option.party
        for start, end in moves
        for o, option in enumerate(conflict.options)
        if (codes[start] ^ codes[end]) >> o & 1
    }
    return [party for party in conflict.parties if party in owners]


def _move_pairs(graph: StateGraph, mover: int) -> set[tuple[int, int]]:
    first: Longs = graph.first_move[mover]
    sources = np.repeat(np.arange(graph.states), np.diff(first))
    targets: Ints = graph.target[first[0] : first[-1]]
    return set(zip(sources.tolist(), targets.tolist(), strict=True))
