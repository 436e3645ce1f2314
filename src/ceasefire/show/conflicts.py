"""The commands that ask who can secure what, and what is stable."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from ceasefire import __version__
from ceasefire.ask import power
from ceasefire.errors import Problem, QuestionError
from ceasefire.game import Conflict, StateGraph
from ceasefire.show.doors import conclude, open_case
from ceasefire.show.opened import Opened, open_file
from ceasefire.show.options import Options
from ceasefire.show.power import power_tables
from ceasefire.show.screen import Bar, note_compiling, output, print_json
from ceasefire.show.stability import (
    condition_lines,
    reason_lines,
    sentences,
    share_table,
    strength_table,
    structure_line,
    tree_of,
    verdict_tables,
)
from ceasefire.solve import (
    CONCEPTS,
    DEGREES,
    Branch,
    Stability,
    conditions,
    shares,
    stability,
    strength,
    tree,
    why,
)

UNASKED = "coalitions are left out of so large a conflict: --coalitions all looks at them"
More = tuple[str, Any, RenderableType]


@dataclass(frozen=True)
class Asked:
    """What is asked of a conflict besides the verdicts, as written on the command line."""

    coalitions: Sequence[str] = ()
    structure: Sequence[str] = ()
    types: Sequence[str] = ()
    why: str | None = None
    inverse: str | None = None
    start: str | None = None
    depth: int = 3
    improving: bool = False
    unknown: Sequence[str] = ()
    ties: Sequence[str] = ()
    samples: int = 1000
    seed: int = 0
    strong: Sequence[str] = ()
    gap: float | None = None


def power_case(
    path: str,
    goal: str,
    within: int | None,
    forever: bool,
    least: float | None,
    options: Options,
) -> int:
    """Print what every coalition can secure of a goal."""
    case = open_case(path, options)
    note_compiling()
    with Bar("coalitions") as bar:
        found = power(
            case,
            goal,
            within=within,
            forever=forever,
            least=least,
            memory=options.bytes,
            progress=bar,
        )
    return conclude(
        case, options, found.as_json, lambda: power_tables(case, found), marked=found.undecided
    )


def stability_file(path: str, asked: Asked, options: Options) -> int:
    """Print for whom each state of a conflict is stable, and whatever else is asked."""
    opened = open_file(path, asked.types, asked.start, options)
    blocks = opened.structure(asked.structure)
    coalitions = opened.coalitions(asked.coalitions)
    coalitions += [b for b in blocks if len(b) > 1 and b not in coalitions]
    note_compiling()
    found = stability(opened.graph, coalitions)
    if not asked.coalitions and not coalitions and len(opened.graph.parties) > 1:
        found = replace(found, notes=(*found.notes, UNASKED))
    more = [
        *_structure(found, blocks),
        *_strength(opened, found, asked),
        *_reasons(opened, found, asked),
        *_inverse(opened, asked),
        *_tree(opened, asked),
        *_shares(opened, asked),
    ]
    if options.as_json:
        print_json({**verdicts(opened, found), **{key: value for key, value, _ in more}})
    else:
        options_ = opened.read.options if isinstance(opened.read, Conflict) else ()
        output().print(verdict_tables(opened.title, found, options_))
        for _, _, shown in more:
            output().print(Text())
            output().print(shown)
    return int(options.strict and bool(opened.warnings))


def verdicts(opened: Opened, found: Stability) -> dict[str, Any]:
    """The `--json` document of the verdicts; SIM is null where it is left out."""
    graph = opened.graph
    names = [graph.name(state) for state in range(graph.states)]
    options = opened.read.options if isinstance(opened.read, Conflict) else ()

    def listed(concepts: Sequence[str], states: Mapping[str, Any]) -> dict[str, Any]:
        return {
            c: [names[s] for s in np.flatnonzero(states[c])] if c in states else None
            for c in concepts
        }

    together = {
        c: np.logical_and.reduce([v[c] for v in found.stable.values()]) for c in found.concepts
    }
    return {
        "file": opened.file,
        "version": __version__,
        "options": [{"name": o.name, "party": o.party, "direction": o.direction} for o in options],
        "states": names,
        "parties": list(graph.parties),
        "stable": {party: listed(CONCEPTS, those) for party, those in found.stable.items()},
        "equilibria": listed(CONCEPTS, together),
        "coalitions": [
            {"members": list(members), "stable": listed(CONCEPTS[:4], those)}
            for members, those in found.coalitions.items()
        ],
        "notes": list(found.notes),
        "warnings": [warning.as_json() for warning in opened.warnings],
    }


def _structure(found: Stability, blocks: tuple[tuple[str, ...], ...]) -> Iterator[More]:
    if not blocks:
        return
    equilibria = {c: found.structure(blocks, c) for c in CONCEPTS[:4]}
    names = {c: [found.graph.name(int(s)) for s in those] for c, those in equilibria.items()}
    document = {"blocks": [list(block) for block in blocks], "equilibria": names}
    yield "structure", document, structure_line(blocks, equilibria)


def _strength(opened: Opened, found: Stability, asked: Asked) -> Iterator[More]:
    if not asked.strong and asked.gap is None:
        return
    graph = opened.graph
    strong = strength(graph, opened.far(opened.gulfs(asked.strong), asked.gap))

    def named(states: Any) -> list[str]:
        return [graph.name(int(s)) for s in states]

    document = {
        "strong": {
            party: {c: named(np.flatnonzero(states)) for c, states in verdicts.items()}
            for party, verdicts in strong.strong.items()
        },
        "equilibria": {c: named(strong.equilibria(c)) for c in DEGREES},
    }
    yield "strength", document, strength_table(found, strong)


def _reasons(opened: Opened, found: Stability, asked: Asked) -> Iterator[More]:
    if asked.why is None:
        return
    graph, state = opened.graph, opened.state(asked.why, "--why")
    reasons = [why(graph, (p,), state, c) for p in graph.parties for c in found.concepts]
    leaving = [m for m, those in found.coalitions.items() if not those["Nash"][state]]
    reasons += [why(graph, members, state, c) for members in leaving for c in CONCEPTS[:4]]
    document = [
        {
            "members": list(reason.members),
            "state": graph.name(state),
            "concept": reason.concept,
            "stable": reason.stable,
            "because": sentences(reason),
        }
        for reason in reasons
    ]
    yield "why", document, reason_lines(reasons)


def _inverse(opened: Opened, asked: Asked) -> Iterator[More]:
    if asked.inverse is None:
        return
    graph, state = opened.graph, opened.state(asked.inverse, "--inverse")
    wanted = {
        (party, concept): conditions(graph, party, state, concept)
        for concept in CONCEPTS[:4]
        for party in graph.parties
    }
    document = [
        {
            "party": party,
            "concept": concept,
            "move": graph.name(one.to),
            "alternatives": [[graph.name(s) for s in sorted(a)] for a in one.alternatives],
            "met": one.met,
        }
        for (party, concept), those in wanted.items()
        for one in those
    ]
    shown = condition_lines(graph, state, wanted)
    yield "inverse", {"state": graph.name(state), "conditions": document}, shown


def _tree(opened: Opened, asked: Asked) -> Iterator[More]:
    if asked.start is None:
        return
    graph, state = opened.graph, opened.state(asked.start, "--from")
    branches = tree(graph, state, asked.depth, improving=asked.improving)
    document = {"state": graph.name(state), "moves": [_branch(graph, b) for b in branches]}
    yield "tree", document, tree_of(graph, state, branches)


def _branch(graph: StateGraph, branch: Branch) -> dict[str, Any]:
    return {
        "movers": list(branch.step.movers),
        "to": graph.name(branch.step.to),
        "gains": branch.step.gains,
        "moves": [_branch(graph, deeper) for deeper in branch.branches],
    }


def _shares(opened: Opened, asked: Asked) -> Iterator[More]:
    if not asked.unknown and not asked.ties:
        return
    if asked.gap is not None:
        help = "give gulfs instead, as in --strong party=state: they keep their place"
        fault = "says nothing of rankings that are drawn"
        raise QuestionError([Problem(fault, opened.file, path="--gap", help=help)])
    graph = opened.graph
    unknown = opened.parties(asked.unknown, "--unknown")
    ties = opened.parties(asked.ties, "--ties")
    with Bar("sampled rankings") as bar:
        found = shares(
            graph, unknown, ties, opened.gulfs(asked.strong),
            samples=asked.samples, seed=asked.seed, progress=bar,
        )  # fmt: skip
    listed = {c: {graph.name(s): v for s, v in enumerate(f.tolist())} for c, f in found.items()}
    document = {"samples": asked.samples, "seed": asked.seed, "equilibria": listed}
    yield "shares", document, share_table(graph, found, asked.samples)
