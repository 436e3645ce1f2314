"""A case as a conflict in option form, for GMCR+ (`.gmcr`).

A fact that moves or deals change becomes options: one for a boolean, one for each value but the
lowest of a number (`force >= 2`), one for each word but the first met. An option has one owner:
the party that changes the fact most often by itself, or, where only deals do, of those who sign.
The states that the case reaches are the feasible ones. The moves of the file then follow from
the options, and wherever they are not those of the case, a note says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ceasefire.case import Case, Frozen
from ceasefire.errors import GameError, Problem
from ceasefire.exchange.exported import Exported
from ceasefire.exchange.gmcr import to_gmcr
from ceasefire.game import Choice, Conflict, Outline, Pattern, StateGraph, lay_out
from ceasefire.game.conflict import MOST_OPTIONS
from ceasefire.game.graph import Bools, Ints, Longs

Direction = Literal["both", "fwd", "back"]
DELETED = "claims, unknowns, sources, promises as such and events"


@dataclass(frozen=True)
class _Option:
    """An option: which values of a variable, by their places, mean that it is taken."""

    name: str
    variable: int
    values: tuple[int, ...]
    owner: int


def case_to_gmcr(
    case: Case, types: Mapping[str, str] | None = None, *, earlier: bool = False
) -> Exported:
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
    laid = lay_out(case, types)
    conflict, place = _conflict(case, laid)
    notes = [f"{note[0].upper()}{note[1:]}." for note in laid.graph.notes]
    notes.append(f"Not in the file: {DELETED}; of payoffs only the order they put states in.")
    return Exported(
        to_gmcr(conflict, earlier=earlier), (*notes, *_losses(case, laid, conflict, place))
    )


def _conflict(case: Case, laid: Outline) -> tuple[Conflict, Longs]:
    """The conflict, and (S,) the number there of each state of the case."""
    options = _options(case, laid)
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
    code = np.zeros(laid.graph.states, dtype=np.int64)
    for o, option in enumerate(options):
        code |= np.isin(laid.codes[:, option.variable], option.values).astype(np.int64) << o
    order = np.argsort(code)
    parties = tuple(case.parties)
    conflict = Conflict(
        parties=parties,
        options=tuple(
            Choice(option.name, parties[option.owner], _direction(laid, code, o))
            for o, option in enumerate(options)
        ),
        infeasible=tuple((pattern,) for pattern in _unreached(code[order], len(options))),
        rankings=Frozen(
            {
                party: tuple(
                    tuple(sorted(code[laid.graph.rank[p] == rank].tolist()))
                    for rank in range(int(laid.graph.rank[p].max()), -1, -1)
                )
                for p, party in enumerate(parties)
            }
        ),
        title=case.title,
    )
    place = np.empty(len(code), dtype=np.int64)
    place[order] = np.arange(len(code))
    return conflict, place


def _options(case: Case, laid: Outline) -> list[_Option]:
    found = []
    for v, (name, variable) in enumerate(case.variables.items()):
        met = sorted(set(laid.codes[:, v].tolist()))
        if len(met) == 1:
            continue
        owner = _owner(case, laid, v)
        if variable.kind == "boolean":
            found.append(_Option(name, v, (variable.values.index(True),), owner))
        elif variable.kind == "word":
            none = int(laid.codes[0, v])
            others = [place for place in met if place != none]
            found += [_Option(f"{name} = {variable.values[x]}", v, (x,), owner) for x in others]
        else:
            ranked = sorted(met, key=lambda place: float(variable.values[place]))
            found += [
                _Option(f"{name} >= {variable.values[place]}", v, tuple(ranked[n:]), owner)
                for n, place in enumerate(ranked)
                if n
            ]
    return found


def _owner(case: Case, laid: Outline, variable: int) -> int:
    """The party that changes a variable most often alone, else as one of those who sign."""
    alone = np.zeros(len(case.parties), dtype=np.int64)
    together = np.zeros_like(alone)
    for way in laid.ways:
        changed = laid.codes[way.sources, variable] != laid.codes[way.targets, variable]
        members = [p for p in range(len(alone)) if way.members >> p & 1]
        counts = alone if len(members) == 1 else together
        counts[members] += np.count_nonzero(changed)
    return int(np.argmax(alone if alone.any() else together))


def _direction(laid: Outline, code: Longs, option: int) -> Direction:
    up = down = False
    for way in laid.ways:
        before, after = code[way.sources] >> option & 1, code[way.targets] >> option & 1
        up, down = up or bool((after > before).any()), down or bool((after < before).any())
    return "both" if up and down else "fwd" if up else "back"


def _unreached(codes: Longs, options: int) -> list[Pattern]:
    """Patterns that fit every combination but these, each as short as it can be."""
    found: list[Pattern] = []

    def fits(pattern: Pattern, those: Longs) -> Bools:
        fitting = np.ones(len(those), dtype=np.bool_)
        for option, yes in pattern:
            fitting &= (those >> option & 1) == yes
        return fitting

    def split(pattern: Pattern, inside: Longs, option: int) -> None:
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


def _losses(case: Case, laid: Outline, conflict: Conflict, place: Longs) -> Iterator[str]:
    """What the moves of the file are not, or are besides."""
    parties, graph = list(case.parties), conflict.graph()
    for name in case.variables:
        v = list(case.variables).index(name)
        if len(set(laid.codes[:, v].tolist())) == 1:
            yield f"No move changes {name}: it is left out."
    pairs = [_pairs(graph, p) for p in range(len(parties))]
    known: list[set[tuple[int, int]]] = [set() for _ in parties]
    for way in laid.ways:
        moves = list(zip(place[way.sources].tolist(), place[way.targets].tolist(), strict=True))
        if not moves:
            continue
        members = [p for p in range(len(parties)) if way.members >> p & 1]
        if len(members) == 1:
            known[members[0]].update(moves)
            lost = [move for move in moves if move not in pairs[members[0]]]
            if lost:
                yield (
                    f"Move {way.key} is left out in {len(lost)} of the {len(moves)} ways it can be "
                    f"made: it changes options of {_others(conflict, lost, members[0])} too."
                )
            continue
        alone = [p for p in range(len(parties)) if all(move in pairs[p] for move in moves)]
        who = " and ".join(parties[p] for p in members)
        told = f"in the file {parties[alone[0]]} alone can make it" if alone else (
            "in the file it is not one move, as its options have several owners"
        )  # fmt: skip
        yield f"Deal {way.key} is a move of {who} together; {told}."
    deals = [way for way in laid.ways if way.members & (way.members - 1)]
    signed = {
        move
        for way in deals
        for move in zip(place[way.sources].tolist(), place[way.targets].tolist(), strict=True)
    }
    for p, party in enumerate(parties):
        more = sorted(pairs[p] - known[p] - signed)
        if more:
            start, end = (conflict.letters(int(conflict.codes[s])) for s in more[0])
            count = f"{len(more)} move{'s' if len(more) > 1 else ''}"
            yield (
                f"In the file {party} has {count} that the case does not have, "
                f"such as from {start} to {end}."
            )


def _others(conflict: Conflict, moves: list[tuple[int, int]], mover: int) -> str:
    codes = conflict.codes
    owners = {
        option.party
        for start, end in moves
        for o, option in enumerate(conflict.options)
        if (codes[start] ^ codes[end]) >> o & 1
    }
    names = [p for p in conflict.parties if p in owners and p != conflict.parties[mover]]
    return " and ".join(names) or "its own that cannot be taken back"


def _pairs(graph: StateGraph, mover: int) -> set[tuple[int, int]]:
    first: Longs = graph.first[mover]
    sources = np.repeat(np.arange(graph.states), np.diff(first))
    targets: Ints = graph.target[first[0] : first[-1]]
    return set(zip(sources.tolist(), targets.tolist(), strict=True))
