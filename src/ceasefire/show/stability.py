"""Verdicts on the states of a conflict as tables, and the reasons for them as sentences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from ceasefire.game import Choice, StateGraph
from ceasefire.game.states import Floats
from ceasefire.show.words import counted, distinct
from ceasefire.solve import (
    CONCEPTS,
    DEGREES,
    Answer,
    Branch,
    Condition,
    Reason,
    Stability,
    Step,
    Strength,
)  # fmt: skip

MOST_ROWS = 40
SHORT = {"Nash": "N", "GMR": "G", "SMR": "S", "SEQ": "Q", "SIM": "I"}
STRONG = "green"


def verdict_tables(title: str, found: Stability, options: Sequence[Choice] = ()) -> RenderableType:
    """Which states are equilibria, for whom each is stable, and which coalitions would leave.

    options  what each letter of a state stands for, where states are letters
    """
    graph = found.graph
    size = f"  {counted(graph.states, 'state')}, {counted(len(graph.parties), 'party', 'parties')}"
    parts: list[RenderableType] = [Text(title, style="bold").append(size, style="not bold"), Text()]
    counts = ", ".join(f"{c} {len(found.equilibria(c)):,}" for c in found.concepts)
    parts += [Text(f"Equilibria: {counts}"), Text(), *_legend(options), *_states(found)]
    keys = ", ".join(f"{SHORT[c]} {c}" for c in found.concepts)
    parts.append(Text(f"stable by {keys}; · not stable", style="dim"))
    parts += _leavers(found)
    parts += [Text(note, style="dim") for note in found.notes]
    return Group(*parts)


def _legend(options: Sequence[Choice]) -> Iterator[RenderableType]:
    """What the letters of a state stand for, in order."""
    if not options:
        return
    ways = {"both": "", "fwd": " (cannot be taken back)", "back": " (cannot be taken up again)"}
    said = [f"{o.name} ({o.party}){ways[o.direction]}" for o in options]
    yield Text("A state is Y or N for each of: ").append(", ".join(said))
    yield Text()


def _states(found: Stability) -> Iterator[RenderableType]:
    """Every state if they are few, else the equilibria."""
    graph = found.graph
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("state")
    for party in graph.parties:
        table.add_column(party, no_wrap=True)
    table.add_column("equilibrium by")
    shown = _shown(found)
    names, alike = distinct([graph.name(state) for state in shown[:MOST_ROWS]])
    for state, name in zip(shown, names, strict=False):
        by = [c for c in found.concepts if all(v[c][state] for v in found.stable.values())]
        table.add_row(
            Text(str(state + 1), style="bold" if by else ""),
            Text(name, style="bold" if by else ""),
            *(_letters(found.stable[party], state) for party in graph.parties),
            Text("all" if by == list(found.concepts) else ", ".join(by), style=STRONG),
        )
    if len(shown) > MOST_ROWS:
        table.add_row("", Text(f"and {len(shown) - MOST_ROWS:,} more: see --json", style="dim"))
    if len(shown) < graph.states:
        yield Text(f"the {len(shown):,} of them that are equilibria by some concept", style="dim")
    if alike:
        yield Text(f"in all states shown: {alike}", style="dim")
    yield table


def _shown(found: Stability) -> list[int]:
    if found.graph.states <= MOST_ROWS:
        return list(range(found.graph.states))
    every = [set(found.equilibria(concept).tolist()) for concept in found.concepts]
    weight = {s: sum(s in those for those in every) for those in every for s in those}
    return sorted(weight, key=lambda s: (-weight[s], s))


def _letters(verdicts: Mapping[str, np.ndarray], state: int) -> Text:
    text = Text()
    for concept in CONCEPTS:
        if concept in verdicts:
            fine = bool(verdicts[concept][state])
            text.append(SHORT[concept] if fine else "·", style=STRONG if fine else "dim")
    return text


def _leavers(found: Stability) -> Iterator[RenderableType]:
    """Coalitions that would leave an equilibrium, and by which concepts a sanction holds them."""
    if not found.coalitions:
        return
    lines = []
    for state in _shown(found)[:MOST_ROWS]:
        if not any(state in found.equilibria(c) for c in found.concepts):
            continue
        leaving = []
        for members, verdicts in found.coalitions.items():
            if not verdicts["Nash"][state]:
                held = [c for c in CONCEPTS if c in verdicts and verdicts[c][state]]
                by = f" (held by {', '.join(held)})" if held else ""
                leaving.append(f"{' + '.join(members)}{by}")
        if leaving:
            lines.append(Text(f"  {state + 1}: {'; '.join(leaving)}"))
    yield Text()
    yield Text("Coalitions that would leave an equilibrium:" + ("" if lines else " none"))
    yield from lines


def structure_line(
    blocks: Sequence[tuple[str, ...]], equilibria: Mapping[str, np.ndarray]
) -> RenderableType:
    """The equilibria of a coalition structure."""
    text = Text(" | ".join(" + ".join(block) for block in blocks), style="bold")
    for concept, those in equilibria.items():
        states = ", ".join(str(int(s) + 1) for s in those[:MOST_ROWS]) or "none"
        text.append(f"\n  {concept}: {states}", style="not bold")
    return text


def strength_table(found: Stability, strong: Strength) -> RenderableType:
    """For whom the stable states are strongly so, by GMR, SMR and SEQ."""
    graph = found.graph
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("state")
    for party in graph.parties:
        table.add_column(party, no_wrap=True)
    table.add_column("strong equilibrium by")
    shown = _shown(found)
    for state in shown[:MOST_ROWS]:
        by = [c for c in DEGREES if state in strong.equilibria(c)]
        cells = []
        for party in graph.parties:
            text = Text()
            for concept in DEGREES:
                stable = bool(found.stable[party][concept][state])
                holds = bool(strong.strong[party][concept][state])
                letter = SHORT[concept] if holds else SHORT[concept].lower() if stable else "·"
                text.append(letter, style=STRONG if holds else "" if stable else "dim")
            cells.append(text)
        table.add_row(str(state + 1), graph.name(state), *cells, Text(", ".join(by), style=STRONG))
    keys = ", ".join(f"{SHORT[c]} {c}" for c in DEGREES)
    note = f"strongly stable by {keys}; small letters: stable, but weakly; · not stable"
    return Group(Text("Strength of preference"), table, Text(note, style="dim"))


def reason_lines(reasons: Iterable[Reason]) -> RenderableType:
    """Why a state is stable or not, party by party; concepts with the same reason together."""
    said: dict[tuple[tuple[str, ...], str], list[str]] = {}
    verdict = {}
    for reason in reasons:
        for sentence in sentences(reason):
            said.setdefault((reason.members, sentence), []).append(reason.concept)
        verdict[reason.members, reason.concept] = reason.stable
    lines: list[RenderableType] = []
    for members in dict.fromkeys(members for members, _ in verdict):
        lines.append(Text(" + ".join(members), style="bold"))
        stable = [c for (m, c), fine in verdict.items() if m == members and fine]
        loose = [c for (m, c), fine in verdict.items() if m == members and not fine]
        words = [f"stable by {', '.join(stable)}"] if stable else []
        words += [f"not by {', '.join(loose)}"] if loose else []
        lines.append(Text("  " + ", ".join(words), style=STRONG if stable else "red"))
        for (whose, sentence), concepts in said.items():
            if whose == members:
                lines.append(Text(f"  {'/'.join(concepts)}: {sentence}"))
    return Group(*lines)


def sentences(reason: Reason) -> list[str]:
    """The reason for a verdict, one sentence for each improvement.

    States are named by their numbers, which count from 1.
    """
    at, who = reason.state + 1, " and ".join(reason.members)
    if not reason.known:
        return [f"{who} does not know of {at}"]
    if not reason.answers:
        return [f"from {at} {who} has no move to anything better"]
    return [_sentence(reason, answer, at, who) for answer in reason.answers]


def _sentence(reason: Reason, answer: Answer, at: int, who: str) -> str:
    plural = len(reason.members) > 1
    way = _path(answer.improvement, reason.members)
    gain = f"from {at} {who} {'gain' if plural else 'gains'} by {way}"
    if reason.concept == "Nash":
        return gain
    if reason.concept == "SIM":
        if answer.joint is None:
            return f"{gain}, whatever the others change at the same time"
        same = _path(answer.sanction, ())
        return f"{gain}, but {same} at the same time makes {answer.joint + 1}, {_worse(reason)}"
    if answer.sanction:
        return f"{gain}, but {_can(answer.sanction)}, {_worse(reason)}"
    if answer.escape is not None:
        out = f"{answer.escape.start + 1} to {answer.escape.to + 1}"
        return f"{gain}; whatever the others answer, it gets out, as by {out}"
    answers = (
        "answer by which the others gain" if reason.concept == "SEQ" else "answer of the others"
    )
    return f"{gain}, and no {answers} leaves {'one of them' if plural else 'it'} no better off"


def _worse(reason: Reason) -> str:
    tail = " and cannot be undone by one move" if reason.concept == "SMR" else ""
    if len(reason.members) > 1:
        return f"which is no better for one of them{tail}"
    return f"which is no better for it{tail}"


def _can(path: Sequence[Step]) -> str:
    movers = list(dict.fromkeys(step.movers for step in path))
    if len(movers) == 1:
        return f"{' and '.join(movers[0])} can answer {_path(path, movers[0])}"
    return f"the others can answer {_path(path, ())}"


def _path(path: Sequence[Step], known: Sequence[str]) -> str:
    """Moves in order, with who makes each unless that is known."""
    return ", ".join(
        ("" if set(step.movers) == set(known) else f"{' and '.join(step.movers)} ")
        + f"{step.start + 1} to {step.to + 1}"
        for step in path
    )


def condition_lines(
    graph: StateGraph, state: int, wanted: Mapping[tuple[str, str], Sequence[Condition]]
) -> RenderableType:
    """Which rankings make a state stable, party by party."""
    lines: list[RenderableType] = [
        Text(f"{state + 1} {graph.name(state)}", style="bold").append(
            " is an equilibrium if for every party all of these hold", style="not bold"
        )
    ]
    for (party, concept), found in wanted.items():
        lines.append(Text(f"{party}, {concept}", style="cyan"))
        if not found:
            lines.append(Text("  stable under every ranking"))
        for condition in found:
            ways = [str(condition.to + 1)]
            ways += [
                " and ".join(str(s + 1) for s in sorted(those)) for those in condition.alternatives
            ]
            mark = Text("  ✓ ", style=STRONG) if condition.met else Text("  ✗ ", style="red")
            lines.append(
                mark.append(f"no better than {state + 1}: {', or '.join(ways)}", "default")
            )
    return Group(*lines)


def share_table(graph: StateGraph, shares: Mapping[str, Floats], samples: int) -> RenderableType:
    """In which share of the sampled rankings each state is an equilibrium."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", justify="right")
    table.add_column("state")
    for concept in shares:
        table.add_column(concept, justify="right", no_wrap=True)
    order = sorted(range(graph.states), key=lambda s: [-share[s] for share in shares.values()])
    for state in order[:MOST_ROWS]:
        shown = [f"{share[state]:.1%}" for share in shares.values()]
        table.add_row(str(state + 1), graph.name(state), *shown)
    note = f"share of {counted(samples, 'sampled ranking')} that make the state an equilibrium"
    return Group(table, Text(note, style="dim"))


def tree_of(graph: StateGraph, start: int, branches: Sequence[Branch]) -> RenderableType:
    """What can follow from a state, as a tree; a move that gains its movers nothing is dim."""
    root = Tree(Text(f"{start + 1} {graph.name(start)}", style="bold"), guide_style="dim")
    _grow(graph, root, branches)
    return root


def _grow(graph: StateGraph, node: Tree, branches: Sequence[Branch]) -> None:
    for branch in branches:
        step = branch.step
        text = Text(f"{' + '.join(step.movers)} to ", style="" if step.gains else "dim")
        text.append(f"{step.to + 1} {graph.name(step.to)}")
        text.append("  gains" if step.gains else "", style=STRONG)
        text.append("  above or beside" if branch.again else "", style="dim")
        _grow(graph, node.add(text), branch.branches)
