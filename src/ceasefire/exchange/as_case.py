"""A conflict of GMCR+ (`.gmcr`) as a case: its options become facts, their changes moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import PurePath

import numpy as np

from ceasefire.errors import CaseError, Problem
from ceasefire.exchange.exported import Exported
from ceasefire.exchange.gmcr import parse_gmcr
from ceasefire.exchange.writing import Identifiers, as_yaml, plain_text
from ceasefire.game import Conflict, Pattern, Statement

MOST_LISTED, MOST_AT_ONCE, MOST_STATEMENTS, HORIZON = 200, 5, 29, 12


@dataclass(frozen=True)
class _Named:
    """Names that a case takes for parties and options, each by its place in the conflict."""

    parties: tuple[str, ...]
    options: tuple[str, ...]

    def pattern(self, pattern: Pattern) -> str:
        """A pattern as an expression."""
        said = [self.options[o] if yes else f"not {self.options[o]}" for o, yes in pattern]
        return " and ".join(said) or "true"


def from_gmcr(content: bytes, file: str = "<gmcr>") -> Exported:
    """Write a conflict in option form as a case; the notes say what is read into it and left out.

    A party's move sets all its options at once, to any combination that is feasible.

    Raises CaseError for what is wrong with the file, and where it holds more than a case can list.

    >>> chicken = b\'\'\'{"options": [{"name": "Swerve"}, {"name": "Swerve"}],
    ...   "decisionMakers": [
    ...     {"name": "Driver 1", "options": [0], "preferenceRanking": [3, 4, 2, 1]},
    ...     {"name": "Driver 2", "options": [1], "preferenceRanking": [2, 4, 3, 1]}],
    ...   "infeasibles": [], "useManualPreferenceRanking": true}\'\'\'
    >>> print(from_gmcr(chicken).text.split("payoffs:")[0].split("conditions:")[1].strip())
    s1: not swerve and not swerve_2
    s2: swerve and not swerve_2
    s3: not swerve and swerve_2
    s4: swerve and swerve_2
    """
    conflict = parse_gmcr(plain_text(content, file), file)
    _refuse(conflict, file)
    names = Identifiers()
    named = _Named(
        tuple(names.new(party, "party") for party in conflict.parties),
        tuple(names.new(option.name, "option") for option in conflict.options),
    )
    return Exported(as_yaml(_case(conflict, named, names)), tuple(_notes(conflict, named)))


def _refuse(conflict: Conflict, file: str) -> None:
    if len(conflict.codes) <= MOST_LISTED:
        return
    help = "rule out more states, or analyse the file itself: ceasefire stability FILE"
    if conflict.rankings is not None:
        found = f"{len(conflict.codes):,} states ranked by hand"
        raise CaseError(
            [Problem("is too large", file, found=found, allowed=f"{MOST_LISTED}", help=help)]
        )
    for party, wants in conflict.statements.items():
        if len(wants) > MOST_STATEMENTS:
            found = f"{len(wants)} statements of {party}"
            allowed = f"{MOST_STATEMENTS}, or at most {MOST_LISTED} states"
            raise CaseError(
                [Problem("is too large", file, found=found, allowed=allowed, help=help)]
            )


def _case(conflict: Conflict, named: _Named, names: Identifiers) -> dict[str, object]:
    listed = len(conflict.codes) <= MOST_LISTED
    places = [names.new(f"s{n + 1}", "state") for n in range(len(conflict.codes))] * listed
    start = int(conflict.codes[0])
    document: dict[str, object] = {
        "ceasefire": 1,
        "title": PurePath(conflict.title).stem or "A conflict",
        "horizon": HORIZON,
        "parties": {
            name: {"name": party}
            for name, party in zip(named.parties, conflict.parties, strict=True)
        },
        "state": {
            name: {"start": bool(start >> o & 1), "about": f"{option.name}: {option.party}"}
            for o, (name, option) in enumerate(zip(named.options, conflict.options, strict=True))
        },
    }
    if listed:
        document["conditions"] = {
            place: named.pattern(tuple((o, bool(code >> o & 1)) for o in _all(conflict)))
            for place, code in zip(places, conflict.codes.tolist(), strict=True)
        }
    payoffs = {
        name: {"preference": worth}
        for name, party in zip(named.parties, conflict.parties, strict=True)
        if (worth := _worth(conflict, party, named, places))
    }
    moves = {
        f"{who}.{move}": rules
        for who, party in zip(named.parties, conflict.parties, strict=True)
        for move, rules in _moves(conflict, party, who, named)
    }
    document |= {key: value for key, value in (("payoffs", payoffs), ("moves", moves)) if value}
    return document


def _all(conflict: Conflict) -> range:
    return range(len(conflict.options))


def _worth(conflict: Conflict, party: str, named: _Named, places: list[str]) -> str:
    """The ranking as a payoff from 0 to 1; empty if all states are equally good."""
    if places:
        rank = conflict.rank(party)
        top = int(rank.max())
        terms = []
        for level in range(top, 0, -1):
            those = [places[s] for s in np.flatnonzero(rank == level)]
            said = " + ".join(those) if len(those) == 1 else f"({' + '.join(those)})"
            terms.append(said if level == top else f"{level} / {top} * {said}")
        return " + ".join(terms)
    wants = conflict.statements.get(party, ())
    whole = 2 ** len(wants) - 1
    return " + ".join(
        f"{2 ** (len(wants) - 1 - n)} / {whole} * ({_said(want, named)})"
        for n, want in enumerate(wants)
    )


def _said(statement: Statement, named: _Named) -> str:
    return " or ".join(f"({named.pattern(pattern)})" for pattern in statement)


def _moves(
    conflict: Conflict, party: str, who: str, named: _Named
) -> Iterator[tuple[str, dict[str, object]]]:
    """Every change of a party's own options, with where it can be made."""
    own = [o for o, option in enumerate(conflict.options) if option.party == party]
    moves = Identifiers([who])
    if len(own) > MOST_AT_ONCE:
        targets: list[Pattern] = [((o, yes),) for o in own for yes in (True, False)]
    else:
        targets = [
            tuple(zip(own, taken, strict=True)) for taken in product((False, True), repeat=len(own))
        ]
    for target in targets if own else []:
        when = _when(conflict, target, named)
        if when is None:
            continue
        taken = [named.options[o] for o, yes in target if yes]
        label = "_and_".join(taken) or f"drop_{'_'.join(named.options[o] for o, _ in target)}"
        if taken:
            label = f"take_{label}"
        yield (
            moves.new(label, "move"),
            {
                "by": who,
                "when": when,
                "set": {named.options[o]: yes for o, yes in target},
            },
        )


def _when(conflict: Conflict, target: Pattern, named: _Named) -> str | None:
    """Where a party may set these options of its own; None if nowhere."""
    sets = dict(target)
    parts = [f"not ({named.pattern(target)})"]
    if len(target) == 1:
        parts = [named.pattern(((target[0][0], not target[0][1]),))]
    for option, yes in target:
        way = conflict.options[option].direction
        if (way == "fwd" and not yes) or (way == "back" and yes):
            if len(target) == 1:
                return None
            parts.append(named.pattern(((option, yes),)))
    for statement in conflict.infeasible:
        for pattern in statement:
            own = any(o in sets for o, _ in pattern)
            if not own or any(sets.get(o, yes) != yes for o, yes in pattern):
                continue
            rest = tuple((o, yes) for o, yes in pattern if o not in sets)
            if not rest:
                return None
            parts.append(f"not ({named.pattern(rest)})")
    return " and ".join(dict.fromkeys(parts))


def _notes(conflict: Conflict, named: _Named) -> Iterator[str]:
    states = len(conflict.codes)
    first = conflict.letters(int(conflict.codes[0]))
    yield f"No status quo is in the file: the case starts in state 1, {first}; change `start`."
    if lost := states - _reached(conflict):
        yield f"{lost} of {states} feasible states cannot be reached from there by moves."
    yield "Preferences are an order only: payoffs go from 0 to 1 in equal steps a period."
    if states > MOST_LISTED:
        yield "Of more than 200 states the payoff weighs statements by halves, not equal steps."
    yield f"Time is not in the file: {HORIZON} periods of a month, parties in the file's order."
    yield "Patience and precision are not in the file: the case takes 0.98 and 20."
    for party in conflict.parties:
        if sum(option.party == party for option in conflict.options) > MOST_AT_ONCE:
            yield f"{party} has too many options to change several in one move: one at a time."
    for party, unseen in conflict.unseen.items():
        yield f"{party} does not know of some states ({len(unseen)} statements): left out."
    if conflict.blocks:
        groups = " | ".join(" + ".join(block) for block in conflict.blocks)
        yield f"The coalition structure is left out: {groups}."
    for warning in conflict.warnings:
        yield f"Not read: {warning.path}."
    for old, new in zip((o.name for o in conflict.options), named.options, strict=True):
        if old.lower().replace(" ", "_") != new:
            yield f"Option {old!r} is called {new}."


def _reached(conflict: Conflict) -> int:
    """How many states moves lead to from the first."""
    graph = conflict.graph()
    known, todo = {0}, [0]
    while todo:
        here = todo.pop()
        movers = range(len(graph.members))
        fresh = {t for m in movers for t in graph.leads(m, here)} - known
        known |= fresh
        todo += fresh
    return len(known)
