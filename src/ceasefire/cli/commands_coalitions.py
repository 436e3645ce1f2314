"""The commands that ask who can secure what, and what is stable."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from ceasefire import __version__
from ceasefire.case import Case
from ceasefire.cli.commands_query import load_printing_warnings, print_result
from ceasefire.cli.options import CommandOptions
from ceasefire.errors import Problem, QuestionError
from ceasefire.game.states import Floats
from ceasefire.gmcr import (
    STABILITY_CONCEPTS,
    STRENGTH_CONCEPTS,
    Conflict,
    MoveTree,
    Stability,
    StateGraph,
    all_coalitions,
    build_case_graph,
    build_move_tree,
    equilibrium_shares,
    explain_stability,
    greatly_worse_below_cuts,
    greatly_worse_by_payoff,
    read_gmcr,
    stability,
    stability_conditions,
    strong_stability,
)
from ceasefire.gmcr.state_graph import Ints
from ceasefire.query import power, read_state
from ceasefire.render.console import (
    ProgressBar,
    output_console,
    print_compiling_note,
    print_json,
    print_warnings,
)
from ceasefire.render.tables_coalitions import (
    coalition_structure_line,
    equilibrium_share_table,
    inverse_condition_lines,
    move_tree,
    power_tables,
    stability_reason_lines,
    stability_sentences,
    stability_tables,
    strong_stability_table,
)

MOST_STATES_FOR_COALITIONS, MOST_DEFAULT_COALITIONS = 1024, 64


@dataclass(frozen=True, eq=False)
class StabilityInput:
    """A file as a graph, with what it was read as: a case, or a conflict in option form."""

    file: str
    graph: StateGraph
    read: Case | Conflict
    payoff: Floats | None = None  # (P, S) of a case

    @property
    def title(self) -> str:
        """What is printed above the verdicts."""
        return self.read.title

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What may be a slip in the file."""
        return self.read.warnings

    def state(self, text: str, option: str) -> int:
        """A state by its number from 1, its letters, or the variables it names.

        Raises QuestionError for one that is not there.
        """
        graph = self.graph
        if text.isdecimal() and 1 <= int(text) <= graph.states:
            return int(text) - 1
        name = self._written(text) if isinstance(self.read, Case) else text.upper()
        for state in range(graph.states):
            if graph.name(state) == name:
                return state
        allowed = f"a number, 1 to {graph.states}, or a state such as {graph.name(0)}"
        raise _option_error("no such state", self.file, option, text, allowed)

    def _written(self, text: str) -> str:
        assert isinstance(self.read, Case)
        if "=" not in text:
            return text
        start = {name: variable.start for name, variable in self.read.variables.items()}
        values = {**start, **read_state(self.read, text)}
        shown = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in values.items()}
        return ", ".join(f"{name}={value}" for name, value in shown.items())

    def parties(self, names: Sequence[str], option: str) -> tuple[str, ...]:
        """Parties in the order of the graph; QuestionError for one that is not there."""
        for name in names:
            if name not in self.graph.parties:
                allowed = ", ".join(self.graph.parties)
                raise _option_error("no such party", self.file, option, name, allowed)
        return tuple(name for name in self.graph.parties if name in names)

    def coalitions(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """Coalitions as written, `a+b`, `all` or `none`; nothing written is all if they are few."""
        graph = self.graph
        if not words:
            few = (
                graph.states <= MOST_STATES_FOR_COALITIONS
                and 2 ** len(graph.parties) <= MOST_DEFAULT_COALITIONS
            )
            return all_coalitions(graph.parties) if few else []
        found: list[tuple[str, ...]] = []
        for word in words:
            if word == "all":
                found += all_coalitions(graph.parties)
            elif word != "none":
                found.append(self.parties(_split_members(word), "--coalitions"))
        return [members for members in dict.fromkeys(found) if len(members) > 1]

    def gulfs(self, words: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Gulfs as written, `party=state`: of each party, how many states stand above each."""
        found: dict[str, tuple[int, ...]] = {}
        for word in words:
            name, sign, state = (part.strip() for part in word.partition("="))
            if not sign:
                raise _option_error("is no gulf", self.file, "--strong", word, "party=state")
            (party,) = self.parties([name], "--strong")
            rank = self.graph.rank[self.graph.parties.index(party)]
            above = int(np.count_nonzero(rank >= rank[self.state(state, "--strong")]))
            found[party] = (*found.get(party, ()), above)
        return found

    def far(self, gulfs: Mapping[str, Sequence[int]], gap: float | None) -> Ints:
        """(P, S) the highest rank greatly worse than each state, for gulfs and a gap in payoff."""
        if gap is not None and self.payoff is None:
            raise _option_error(
                "has no payoffs", self.file, "--gap", f"{gap:g}", "--strong party=state"
            )
        rows = []
        for p, party in enumerate(self.graph.parties):
            rank = self.graph.rank[p]
            ordered = np.sort(rank)[::-1]
            far = greatly_worse_below_cuts(
                rank, [int(ordered[above - 1]) for above in gulfs.get(party, ())]
            )
            if gap is not None and self.payoff is not None:
                far = np.maximum(far, greatly_worse_by_payoff(rank, self.payoff[p], gap))
            rows.append(far)
        return np.stack(rows)

    def structure(self, words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """A coalition structure as written, or that of the file; empty if there is none."""
        if not words:
            return self.read.blocks if isinstance(self.read, Conflict) else ()
        blocks = [self.parties(_split_members(word), "--structure") for word in words]
        named = [party for block in blocks for party in block]
        for party in named:
            if named.count(party) > 1:
                raise _option_error(
                    "two blocks hold a party", self.file, "--structure", party, "one block"
                )
        return (*blocks, *((party,) for party in self.graph.parties if party not in named))


def open_stability_input(
    path: str, types: Sequence[str], start: str | None, options: CommandOptions
) -> StabilityInput:
    """Open a `.gmcr` file, or else a case.

    types  `party=type` for parties with types
    start  variables that stand otherwise at a case's start

    Raises CaseError for what is wrong with the file, QuestionError for an option without meaning.
    """
    if path.lower().endswith(".gmcr"):
        if types:
            raise _option_error(
                "has no types", path, "--types", types[0], "nothing: this is no case"
            )
        conflict = read_gmcr(path)
        if not options.as_json:
            print_warnings(conflict.warnings)
        return StabilityInput(path, conflict.graph(options.bytes), conflict)
    case = load_printing_warnings(path, options)
    chosen = parse_type_options(types, path)
    begin = read_state(case, start) if start and "=" in start else {}
    laid = build_case_graph(case, chosen, begin, options.bytes)
    return StabilityInput(path, laid.graph, case, laid.payoff)


def parse_type_options(types: Sequence[str], path: str = "") -> dict[str, str]:
    """Types as written, `party=type`; QuestionError for a word that is none."""
    chosen = {}
    for word in types:
        party, sign, kind = word.partition("=")
        if not sign:
            raise _option_error("is no type", path, "--types", word, "party=type")
        chosen[party.strip()] = kind.strip()
    return chosen


def _split_members(word: str) -> list[str]:
    return [name.strip() for name in word.split("+")]


def _option_error(message: str, file: str, option: str, found: str, allowed: str) -> QuestionError:
    return QuestionError([Problem(message, file, path=option, found=found, allowed=allowed)])


COALITIONS_OMITTED_NOTE = (
    "coalitions are left out of so large a conflict: --coalitions all looks at them"
)
OutputSection = tuple[str, Any, RenderableType]


@dataclass(frozen=True)
class StabilityOptions:
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


def run_power_command(
    path: str,
    goal: str,
    within: int | None,
    forever: bool,
    least: float | None,
    options: CommandOptions,
) -> int:
    """Print what every coalition can secure of a goal."""
    case = load_printing_warnings(path, options)
    print_compiling_note()
    with ProgressBar("coalitions") as bar:
        found = power(
            case,
            goal,
            within=within,
            forever=forever,
            least=least,
            memory=options.bytes,
            progress=bar,
        )
    return print_result(
        case, options, found.as_json, lambda: power_tables(case, found), marked=found.undecided
    )


def run_stability_command(path: str, asked: StabilityOptions, options: CommandOptions) -> int:
    """Print for whom each state of a conflict is stable, and whatever else is asked."""
    opened = open_stability_input(path, asked.types, asked.start, options)
    blocks = opened.structure(asked.structure)
    coalitions = opened.coalitions(asked.coalitions)
    coalitions += [b for b in blocks if len(b) > 1 and b not in coalitions]
    print_compiling_note()
    found = stability(opened.graph, coalitions)
    if not asked.coalitions and not coalitions and len(opened.graph.parties) > 1:
        found = replace(found, notes=(*found.notes, COALITIONS_OMITTED_NOTE))
    more = [
        *_structure_sections(found, blocks),
        *_strength_sections(opened, found, asked),
        *_reason_sections(opened, found, asked),
        *_inverse_sections(opened, asked),
        *_move_tree_sections(opened, asked),
        *_share_sections(opened, asked),
    ]
    if options.as_json:
        print_json({**stability_document(opened, found), **{key: value for key, value, _ in more}})
    else:
        options_ = opened.read.options if isinstance(opened.read, Conflict) else ()
        output_console().print(stability_tables(opened.title, found, options_))
        for _, _, shown in more:
            output_console().print(Text())
            output_console().print(shown)
    return int(options.strict and bool(opened.warnings))


def stability_document(opened: StabilityInput, found: Stability) -> dict[str, Any]:
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
        "stable": {
            party: listed(STABILITY_CONCEPTS, those) for party, those in found.stable.items()
        },
        "equilibria": listed(STABILITY_CONCEPTS, together),
        "coalitions": [
            {"members": list(members), "stable": listed(STABILITY_CONCEPTS[:4], those)}
            for members, those in found.coalitions.items()
        ],
        "notes": list(found.notes),
        "warnings": [warning.as_json() for warning in opened.warnings],
    }


def _structure_sections(
    found: Stability, blocks: tuple[tuple[str, ...], ...]
) -> Iterator[OutputSection]:
    if not blocks:
        return
    equilibria = {c: found.structure(blocks, c) for c in STABILITY_CONCEPTS[:4]}
    names = {c: [found.graph.name(int(s)) for s in those] for c, those in equilibria.items()}
    document = {"blocks": [list(block) for block in blocks], "equilibria": names}
    yield "structure", document, coalition_structure_line(blocks, equilibria)


def _strength_sections(
    opened: StabilityInput, found: Stability, asked: StabilityOptions
) -> Iterator[OutputSection]:
    if not asked.strong and asked.gap is None:
        return
    graph = opened.graph
    strong = strong_stability(graph, opened.far(opened.gulfs(asked.strong), asked.gap))

    def named(states: Any) -> list[str]:
        return [graph.name(int(s)) for s in states]

    document = {
        "strong": {
            party: {c: named(np.flatnonzero(states)) for c, states in verdicts.items()}
            for party, verdicts in strong.strong.items()
        },
        "equilibria": {c: named(strong.equilibria(c)) for c in STRENGTH_CONCEPTS},
    }
    yield "strength", document, strong_stability_table(found, strong)


def _reason_sections(
    opened: StabilityInput, found: Stability, asked: StabilityOptions
) -> Iterator[OutputSection]:
    if asked.why is None:
        return
    graph, state = opened.graph, opened.state(asked.why, "--why")
    reasons = [
        explain_stability(graph, (p,), state, c) for p in graph.parties for c in found.concepts
    ]
    leaving = [m for m, those in found.coalitions.items() if not those["Nash"][state]]
    reasons += [
        explain_stability(graph, members, state, c)
        for members in leaving
        for c in STABILITY_CONCEPTS[:4]
    ]
    document = [
        {
            "members": list(reason.members),
            "state": graph.name(state),
            "concept": reason.concept,
            "stable": reason.stable,
            "because": stability_sentences(reason),
        }
        for reason in reasons
    ]
    yield "why", document, stability_reason_lines(reasons)


def _inverse_sections(opened: StabilityInput, asked: StabilityOptions) -> Iterator[OutputSection]:
    if asked.inverse is None:
        return
    graph, state = opened.graph, opened.state(asked.inverse, "--inverse")
    wanted = {
        (party, concept): stability_conditions(graph, party, state, concept)
        for concept in STABILITY_CONCEPTS[:4]
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
    shown = inverse_condition_lines(graph, state, wanted)
    yield "inverse", {"state": graph.name(state), "conditions": document}, shown


def _move_tree_sections(opened: StabilityInput, asked: StabilityOptions) -> Iterator[OutputSection]:
    if asked.start is None:
        return
    graph, state = opened.graph, opened.state(asked.start, "--from")
    branches = build_move_tree(graph, state, asked.depth, improving=asked.improving)
    document = {"state": graph.name(state), "moves": [_branch_document(graph, b) for b in branches]}
    yield "tree", document, move_tree(graph, state, branches)


def _branch_document(graph: StateGraph, branch: MoveTree) -> dict[str, Any]:
    return {
        "movers": list(branch.step.movers),
        "to": graph.name(branch.step.to),
        "gains": branch.step.gains,
        "moves": [_branch_document(graph, deeper) for deeper in branch.branches],
    }


def _share_sections(opened: StabilityInput, asked: StabilityOptions) -> Iterator[OutputSection]:
    if not asked.unknown and not asked.ties:
        return
    if asked.gap is not None:
        help = "give gulfs instead, as in --strong party=state: they keep their place"
        fault = "says nothing of rankings that are drawn"
        raise QuestionError([Problem(fault, opened.file, path="--gap", help=help)])
    graph = opened.graph
    unknown = opened.parties(asked.unknown, "--unknown")
    ties = opened.parties(asked.ties, "--ties")
    with ProgressBar("sampled rankings") as bar:
        found = equilibrium_shares(
            graph, unknown, ties, opened.gulfs(asked.strong),
            samples=asked.samples, seed=asked.seed, progress=bar,
        )  # fmt: skip
    listed = {c: {graph.name(s): v for s, v in enumerate(f.tolist())} for c, f in found.items()}
    document = {"samples": asked.samples, "seed": asked.seed, "equilibria": listed}
    yield "shares", document, equilibrium_share_table(graph, found, asked.samples)
