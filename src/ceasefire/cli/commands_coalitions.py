"""The commands `power` and `stability`: who can secure what, and which states are stable."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from ceasefire import __version__
from ceasefire.case import Case
from ceasefire.cli.command_results import load_printing_warnings, print_result
from ceasefire.cli.runner import CommandOptions
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
    """A conflict to analyse, read from a `.gmcr` file or from a case.

    file    the file
    graph   its states and moves
    source  the case, or the conflict in option form
    payoff  (P, S) the payoff of each party in each state; None for a `.gmcr` file
    """

    file: str
    graph: StateGraph
    source: Case | Conflict
    payoff: Floats | None = None

    @property
    def title(self) -> str:
        """The title of the case or conflict."""
        return self.source.title

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Warnings about the file."""
        return self.source.warnings

    def find_state(self, text: str, option: str) -> int:
        """The index of a state named by its number from 1, its letters, or its variables.

        text    as written; variables that are left out have their values at the start
        option  the option it was given to, for problems

        Raises QuestionError for a state that does not exist.
        """
        graph = self.graph
        if text.isdecimal() and 1 <= int(text) <= graph.states:
            return int(text) - 1
        name = self._complete_state(text) if isinstance(self.source, Case) else text.upper()
        for state in range(graph.states):
            if graph.state_name(state) == name:
                return state
        allowed = f"a number, 1 to {graph.states}, or a state such as {graph.state_name(0)}"
        raise _option_error("no such state", self.file, option, text, allowed)

    def _complete_state(self, text: str) -> str:
        assert isinstance(self.source, Case)
        if "=" not in text:
            return text
        start = {
            name: variable.start for name, variable in self.source.variables_and_promises.items()
        }
        values = {**start, **read_state(self.source, text)}
        shown = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in values.items()}
        return ", ".join(f"{name}={value}" for name, value in shown.items())

    def order_parties(self, names: Sequence[str], option: str) -> tuple[str, ...]:
        """Parties in the order of the graph; QuestionError for one that does not exist."""
        for name in names:
            if name not in self.graph.parties:
                allowed = ", ".join(self.graph.parties)
                raise _option_error("no such party", self.file, option, name, allowed)
        return tuple(name for name in self.graph.parties if name in names)

    def parse_coalitions(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """Coalitions of two or more parties, written `a+b`, `all` or `none`.

        Without words they are all coalitions if the conflict is small, else none.
        """
        graph = self.graph
        if not words:
            few = (
                graph.states <= MOST_STATES_FOR_COALITIONS
                and 2 ** len(graph.parties) <= MOST_DEFAULT_COALITIONS
            )
            return all_coalitions(graph.parties) if few else []
        coalitions: list[tuple[str, ...]] = []
        for word in words:
            if word == "all":
                coalitions += all_coalitions(graph.parties)
            elif word != "none":
                coalitions.append(self.order_parties(_split_members(word), "--coalitions"))
        return [members for members in dict.fromkeys(coalitions) if len(members) > 1]

    def parse_strength_cuts(self, words: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """For each party of `party=state`, how many states it ranks at or above the state."""
        cuts: dict[str, tuple[int, ...]] = {}
        for word in words:
            name, sign, state = (part.strip() for part in word.partition("="))
            if not sign:
                raise _option_error(
                    "is not a party and a state", self.file, "--strong", word, "party=state"
                )
            (party,) = self.order_parties([name], "--strong")
            rank = self.graph.rank[self.graph.parties.index(party)]
            above = int(np.count_nonzero(rank >= rank[self.find_state(state, "--strong")]))
            cuts[party] = (*cuts.get(party, ()), above)
        return cuts

    def greatly_worse_ranks(
        self, strength_cuts: Mapping[str, Sequence[int]], payoff_gap: float | None
    ) -> Ints:
        """(P, S) the highest rank that is greatly worse than each state.

        strength_cuts  for each party, how many states are greatly preferred to those below
        payoff_gap     payoffs at least this far apart differ greatly; None for no such rule

        Raises QuestionError for a gap where there are no payoffs.
        """
        if payoff_gap is not None and self.payoff is None:
            raise _option_error(
                "has no payoffs", self.file, "--gap", f"{payoff_gap:g}", "--strong party=state"
            )
        rows = []
        for p, party in enumerate(self.graph.parties):
            rank = self.graph.rank[p]
            ordered = np.sort(rank)[::-1]
            greatly_worse = greatly_worse_below_cuts(
                rank, [int(ordered[above - 1]) for above in strength_cuts.get(party, ())]
            )
            if payoff_gap is not None and self.payoff is not None:
                by_payoff = greatly_worse_by_payoff(rank, self.payoff[p], payoff_gap)
                greatly_worse = np.maximum(greatly_worse, by_payoff)
            rows.append(greatly_worse)
        return np.stack(rows)

    def parse_structure(self, words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """The blocks of a coalition structure: as written, else those of the file, else none.

        Parties that no block names are blocks of their own. Raises QuestionError for a party in two
        blocks.
        """
        if not words:
            return self.source.coalition_structure if isinstance(self.source, Conflict) else ()
        blocks = [self.order_parties(_split_members(word), "--structure") for word in words]
        named = [party for block in blocks for party in block]
        for party in named:
            if named.count(party) > 1:
                raise _option_error(
                    "a party is in two blocks", self.file, "--structure", party, "one block"
                )
        return (*blocks, *((party,) for party in self.graph.parties if party not in named))


def open_stability_input(
    path: str, types: Sequence[str], start: str | None, options: CommandOptions
) -> StabilityInput:
    """Read a `.gmcr` file, or else a case, as a conflict.

    path     the file
    types    `party=type` for parties with types
    start    state in which a case begins instead of its own start, as variables; None for its own
    options  the options that all commands share

    Raises CaseError for problems of the file, QuestionError for an option that does not fit it.
    """
    if path.lower().endswith(".gmcr"):
        if types:
            raise _option_error(
                "has no types", path, "--types", types[0], "nothing: this is no case"
            )
        conflict = read_gmcr(path)
        if not options.as_json:
            print_warnings(conflict.warnings)
        return StabilityInput(path, conflict.state_graph(options.settings.memory), conflict)
    case = load_printing_warnings(path, options)
    chosen = parse_type_options(types, path)
    begin = read_state(case, start) if start and "=" in start else {}
    conflict_graph = build_case_graph(case, chosen, begin, options.settings.memory)
    return StabilityInput(path, conflict_graph.graph, case, conflict_graph.payoff)


def parse_type_options(types: Sequence[str], path: str = "") -> dict[str, str]:
    """{party: type} of words `party=type`; QuestionError for any other word."""
    chosen = {}
    for word in types:
        party, sign, kind = word.partition("=")
        if not sign:
            raise _option_error("is not a party and a type", path, "--types", word, "party=type")
        chosen[party.strip()] = kind.strip()
    return chosen


def _split_members(word: str) -> list[str]:
    return [name.strip() for name in word.split("+")]


def _option_error(message: str, file: str, option: str, found: str, allowed: str) -> QuestionError:
    return QuestionError([Problem(message, file, path=option, found=found, allowed=allowed)])


COALITIONS_OMITTED_NOTE = (
    "coalitions are left out of so large a conflict: --coalitions all looks at them"
)
OutputSection = tuple[str, Any, RenderableType]  # JSON key, JSON value, what is printed


@dataclass(frozen=True)
class StabilityOptions:
    """What is asked of a conflict, as written on the command line.

    coalitions        coalitions to examine: all, none or a+b
    structure         blocks of a coalition structure, a+b
    types             party=type
    explained_state   the state whose stability is explained
    inverse_state     the state for which rankings are sought that make it stable
    tree_start        the state from which moves are followed
    depth             how many moves to follow
    improving_only    follow only moves by which the mover gains
    unknown_rankings  parties whose whole ranking is sampled
    broken_ties       parties whose ties are broken by sampling
    samples           how many rankings are sampled
    seed              which rankings are sampled
    strength_cuts     party=state: the state is greatly preferred to all below it
    payoff_gap        payoffs at least this far apart differ greatly
    """

    coalitions: Sequence[str] = ()
    structure: Sequence[str] = ()
    types: Sequence[str] = ()
    explained_state: str | None = None
    inverse_state: str | None = None
    tree_start: str | None = None
    depth: int = 3
    improving_only: bool = False
    unknown_rankings: Sequence[str] = ()
    broken_ties: Sequence[str] = ()
    samples: int = 1000
    seed: int = 0
    strength_cuts: Sequence[str] = ()
    payoff_gap: float | None = None


def run_power_command(
    path: str,
    goal: str,
    within: int | None,
    forever: bool,
    least: float | None,
    options: CommandOptions,
) -> int:
    """Print what every coalition can secure of a goal; the exit status.

    goal     a formula
    within   number of periods, the horizon if None
    forever  without a limit of time
    least    probability that counts as securing it; None for 99 % of what all parties can
    """
    case = load_printing_warnings(path, options)
    print_compiling_note()
    with ProgressBar("coalitions") as bar:
        result = power(
            case,
            goal,
            within=within,
            forever=forever,
            least=least,
            settings=options.settings,
            progress=bar,
        )
    return print_result(
        case,
        options,
        result.as_json,
        lambda: power_tables(case, result),
        marked=result.marked,
    )


def run_stability_command(path: str, request: StabilityOptions, options: CommandOptions) -> int:
    """Print for whom each state of a conflict is stable, and what else is asked; exit status."""
    conflict = open_stability_input(path, request.types, request.tree_start, options)
    blocks = conflict.parse_structure(request.structure)
    coalitions = conflict.parse_coalitions(request.coalitions)
    coalitions += [b for b in blocks if len(b) > 1 and b not in coalitions]
    print_compiling_note()
    result = stability(conflict.graph, coalitions)
    if not request.coalitions and not coalitions and len(conflict.graph.parties) > 1:
        result = replace(result, notes=(*result.notes, COALITIONS_OMITTED_NOTE))
    sections = [
        *_structure_sections(result, blocks),
        *_strength_sections(conflict, result, request),
        *_reason_sections(conflict, result, request),
        *_inverse_sections(conflict, request),
        *_move_tree_sections(conflict, request),
        *_share_sections(conflict, request),
    ]
    if options.as_json:
        extra = {key: value for key, value, _ in sections}
        print_json({**stability_document(conflict, result), **extra})
    else:
        letters = conflict.source.options if isinstance(conflict.source, Conflict) else ()
        console = output_console()
        console.print(stability_tables(conflict.title, result, letters))
        for _, _, table in sections:
            console.print(Text())
            console.print(table)
    return int(options.strict and bool(conflict.warnings))


def stability_document(stability_input: StabilityInput, result: Stability) -> dict[str, Any]:
    """The `--json` document of a stability analysis; SIM is null where it is left out."""
    graph = stability_input.graph
    names = [graph.state_name(state) for state in range(graph.states)]
    options = stability_input.source.options if isinstance(stability_input.source, Conflict) else ()

    def listed(concepts: Sequence[str], states: Mapping[str, Any]) -> dict[str, Any]:
        return {
            c: [names[s] for s in np.flatnonzero(states[c])] if c in states else None
            for c in concepts
        }

    together = {
        c: np.logical_and.reduce([v[c] for v in result.by_party.values()]) for c in result.concepts
    }
    return {
        "file": stability_input.file,
        "version": __version__,
        "options": [{"name": o.name, "party": o.party, "direction": o.direction} for o in options],
        "states": names,
        "parties": list(graph.parties),
        "stable": {
            party: listed(STABILITY_CONCEPTS, those) for party, those in result.by_party.items()
        },
        "equilibria": listed(STABILITY_CONCEPTS, together),
        "coalitions": [
            {"members": list(members), "stable": listed(STABILITY_CONCEPTS[:4], those)}
            for members, those in result.coalitions.items()
        ],
        "notes": list(result.notes),
        "warnings": [warning.as_json() for warning in stability_input.warnings],
    }


def _structure_sections(
    result: Stability, blocks: tuple[tuple[str, ...], ...]
) -> Iterator[OutputSection]:
    if not blocks:
        return
    equilibria = {c: result.structure_equilibria(blocks, c) for c in STABILITY_CONCEPTS[:4]}
    names = {c: [result.graph.state_name(int(s)) for s in those] for c, those in equilibria.items()}
    document = {"blocks": [list(block) for block in blocks], "equilibria": names}
    yield "structure", document, coalition_structure_line(blocks, equilibria)


def _strength_sections(
    stability_input: StabilityInput, result: Stability, request: StabilityOptions
) -> Iterator[OutputSection]:
    if not request.strength_cuts and request.payoff_gap is None:
        return
    graph = stability_input.graph
    strong = strong_stability(
        graph,
        stability_input.greatly_worse_ranks(
            stability_input.parse_strength_cuts(request.strength_cuts), request.payoff_gap
        ),
    )

    def named(states: Any) -> list[str]:
        return [graph.state_name(int(s)) for s in states]

    document = {
        "strong": {
            party: {c: named(np.flatnonzero(states)) for c, states in verdicts.items()}
            for party, verdicts in strong.by_party.items()
        },
        "equilibria": {c: named(strong.equilibria(c)) for c in STRENGTH_CONCEPTS},
    }
    yield "strength", document, strong_stability_table(result, strong)


def _reason_sections(
    stability_input: StabilityInput, result: Stability, request: StabilityOptions
) -> Iterator[OutputSection]:
    if request.explained_state is None:
        return
    graph, state = (
        stability_input.graph,
        stability_input.find_state(request.explained_state, "--why"),
    )
    reasons = [
        explain_stability(graph, (p,), state, c) for p in graph.parties for c in result.concepts
    ]
    leaving = [m for m, those in result.coalitions.items() if not those["Nash"][state]]
    reasons += [
        explain_stability(graph, members, state, c)
        for members in leaving
        for c in STABILITY_CONCEPTS[:4]
    ]
    document = [
        {
            "members": list(reason.members),
            "state": graph.state_name(state),
            "concept": reason.concept,
            "stable": reason.stable,
            "because": stability_sentences(reason),
        }
        for reason in reasons
    ]
    yield "why", document, stability_reason_lines(reasons)


def _inverse_sections(
    stability_input: StabilityInput, request: StabilityOptions
) -> Iterator[OutputSection]:
    if request.inverse_state is None:
        return
    graph, state = (
        stability_input.graph,
        stability_input.find_state(request.inverse_state, "--inverse"),
    )
    wanted = {
        (party, concept): stability_conditions(graph, party, state, concept)
        for concept in STABILITY_CONCEPTS[:4]
        for party in graph.parties
    }
    document = [
        {
            "party": party,
            "concept": concept,
            "move": graph.state_name(one.target),
            "alternatives": [[graph.state_name(s) for s in sorted(a)] for a in one.alternatives],
            "met": one.met,
        }
        for (party, concept), those in wanted.items()
        for one in those
    ]
    shown = inverse_condition_lines(graph, state, wanted)
    yield "inverse", {"state": graph.state_name(state), "conditions": document}, shown


def _move_tree_sections(
    stability_input: StabilityInput, request: StabilityOptions
) -> Iterator[OutputSection]:
    if request.tree_start is None:
        return
    graph, state = stability_input.graph, stability_input.find_state(request.tree_start, "--from")
    branches = build_move_tree(graph, state, request.depth, improving=request.improving_only)
    document = {
        "state": graph.state_name(state),
        "moves": [_branch_document(graph, b) for b in branches],
    }
    yield "tree", document, move_tree(graph, state, branches)


def _branch_document(graph: StateGraph, branch: MoveTree) -> dict[str, Any]:
    return {
        "movers": list(branch.move.movers),
        "to": graph.state_name(branch.move.to),
        "gains": branch.move.all_gain,
        "moves": [_branch_document(graph, deeper) for deeper in branch.next_moves],
    }


def _share_sections(
    stability_input: StabilityInput, request: StabilityOptions
) -> Iterator[OutputSection]:
    if not request.unknown_rankings and not request.broken_ties:
        return
    if request.payoff_gap is not None:
        help = "use --strong party=state, which keeps its place in every ranking"
        fault = "does not apply to sampled rankings"
        raise QuestionError([Problem(fault, stability_input.file, path="--gap", help=help)])
    graph = stability_input.graph
    unknown = stability_input.order_parties(request.unknown_rankings, "--unknown")
    ties = stability_input.order_parties(request.broken_ties, "--ties")
    with ProgressBar("sampled rankings") as bar:
        shares = equilibrium_shares(
            graph, unknown, ties, stability_input.parse_strength_cuts(request.strength_cuts),
            samples=request.samples, seed=request.seed, progress=bar,
        )  # fmt: skip
    listed = {
        c: {graph.state_name(s): v for s, v in enumerate(f.tolist())} for c, f in shares.items()
    }
    document = {"samples": request.samples, "seed": request.seed, "equilibria": listed}
    yield "shares", document, equilibrium_share_table(graph, shares, request.samples)
