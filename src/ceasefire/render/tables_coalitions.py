"""Verdicts on the states of a conflict as tables, and the reasons for them as sentences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from ceasefire.case import Case
from ceasefire.coalitions.describe import StrategyRule
from ceasefire.game.states import Floats
from ceasefire.gmcr import (
    STABILITY_CONCEPTS,
    STRENGTH_CONCEPTS,
    ConflictMove,
    ConflictOption,
    ImprovementResponse,
    MoveTree,
    Stability,
    StabilityCondition,
    StabilityReason,
    StateGraph,
    StrongStability,
    describe_option_state,
)
from ceasefire.query import CoalitionPower, PowerResult
from ceasefire.render.console import plain_table
from ceasefire.render.formatting import (
    format_number,
    format_probability,
    split_common_variables,
    text_bar,
)
from ceasefire.results import format_count

MOST_STRATEGY_ROWS = 8
NOTHING_SECURED = 5e-7  # a probability below which a coalition is not listed
POWER_MEANING = "the probability of bringing it about, whatever all others want and do"
UNDECIDED_NOTE = "the bounds are too far apart to say whether this is enough"


def power_tables(case: Case, result: PowerResult) -> RenderableType:
    """Every coalition, smallest first; then the minimal ones with their strategy and reasons.

    case    the case
    result  what each coalition can secure
    """
    bound = result.periods
    time = (
        "without a bound on time" if bound is None else f"within {format_count(bound, case.period)}"
    )
    title = Text(result.goal, style="bold").append(f"  {time}", style="not bold")
    parts: list[RenderableType] = [Text(case.title, style="bold"), Text(), title]
    parts += [Text(POWER_MEANING, style="dim"), _coalition_table(result), Text()]
    minimal = result.minimal
    if not minimal:
        enough = f"No coalition can secure {format_probability(result.threshold)}."
        said = (
            enough if result.threshold > 0 else "Not even all parties together can bring it about."
        )
        parts.append(Text(said, style="bold"))
        return Group(*parts)
    counts = format_count(len(minimal), "minimal coalition")
    enough = f"{counts} can secure {format_probability(result.threshold)} or more"
    best = max(coalition.lower for coalition in result.coalitions)
    if abs(result.threshold - 0.99 * best) < NOTHING_SECURED:
        enough += f", 99 % of the {format_probability(best)} that all together can"
    parts.append(Text(enough, style="bold"))
    for coalition in minimal:
        parts += [Text(), *_minimal_coalition_lines(coalition)]
    return Group(*parts)


def _coalition_table(result: PowerResult) -> Table:
    table = plain_table()
    table.add_column("coalition")
    table.add_column("secures", no_wrap=True)
    table.add_column("")
    shown = [one for one in result.coalitions if one.upper > NOTHING_SECURED or one.undecided]
    for coalition in shown:
        note = Text("minimal" if coalition.minimal else "", style="green")
        if coalition.undecided:
            note = Text(UNDECIDED_NOTE, style="yellow")
        name = " + ".join(coalition.members) or "nobody"
        table.add_row(
            Text(name, "bold" if coalition.minimal else ""),
            _guaranteed_probability_cell(coalition),
            note,
        )
    left_out = len(result.coalitions) - len(shown)
    if left_out:
        count = format_count(left_out, "coalition")
        table.add_row(Text(f"{count} can secure nothing", style="dim"), "", "")
    return table


def _guaranteed_probability_cell(coalition: CoalitionPower) -> Text:
    shown = format_probability(coalition.upper)
    if coalition.upper - coalition.lower > 5e-7:
        shown = f"{format_number(coalition.lower)} to {format_number(coalition.upper)}"
    return Text(text_bar(coalition.lower, 8), style="cyan").append(f" {shown}", style="default")


def _minimal_coalition_lines(coalition: CoalitionPower) -> Iterator[RenderableType]:
    yield Text(" + ".join(coalition.members) or "nobody", style="bold")
    if not coalition.members:
        yield Text("  it comes about whatever anybody does")
        return
    if not coalition.strategy:
        yield Text("  whatever they do, it comes about")
    else:
        alike = "" if coalition.strategy_value is None else ", in every period alike"
        far = (
            coalition.strategy_value is not None
            and coalition.lower - coalition.strategy_value > 5e-7
        )
        less = (
            f"; this secures {format_probability(coalition.strategy_value or 0.0)}" if far else ""
        )
        many = len(coalition.members) > 1
        yield Text(f"  what {'they do' if many else 'it does'}{alike}{less}", style="dim")
        yield from (_strategy_rule_line(deed) for deed in coalition.strategy)
        yield Text("  the same as a table", style="dim")
        yield Padding(_strategy_table(coalition.strategy), (0, 0, 0, 4))
    yield Text("  why each is needed", style="dim")
    for party, value, deeds in coalition.without:
        yield Text(
            f"    without {party} the others can secure {format_probability(value)}, since {party}:"
        )
        for deed in deeds:
            yield Text(f"      {deed.words}")
        if not deeds:
            yield Text("      need do nothing, but its offers, consent and moves are missing")
        varied = [deed for deed in deeds if _depends_on_state(deed)]
        if varied:
            yield Padding(_strategy_table(varied), (0, 0, 0, 6))


def _strategy_rule_line(rule: StrategyRule) -> Text:
    return Text(f"    {rule.party} {rule.words}")


def _depends_on_state(rule: StrategyRule) -> bool:
    return len({choice for _, _, choice in rule.choices_by_state}) > 1


def _strategy_table(rules: Iterable[StrategyRule]) -> Table:
    """A line for every state in which a choice depends on it; one for what is always done."""
    table = plain_table()
    for column in ("party", "decision", "choice", "in states", "periods"):
        table.add_column(column, overflow="fold")
    for deed in rules:
        if not _depends_on_state(deed):
            where = (
                f"all {len(deed.choices_by_state)} in which it matters"
                if len(deed.choices_by_state) > 1
                else ""
            )
            when = _format_period_union(deed.choices_by_state)
            state = where or deed.choices_by_state[0][0]
            table.add_row(
                deed.party, deed.subject, _option_label(deed.choices_by_state[0][2]), state, when
            )
            continue
        short, _ = split_common_variables([state for state, _, _ in deed.choices_by_state])
        for state, (_, periods, choice) in zip(
            short[:MOST_STRATEGY_ROWS], deed.choices_by_state, strict=False
        ):
            table.add_row(
                deed.party, deed.subject, _option_label(choice), Text(state, "dim"), periods
            )
        if len(deed.choices_by_state) > MOST_STRATEGY_ROWS:
            more = f"and {len(deed.choices_by_state) - MOST_STRATEGY_ROWS} more: see --json"
            table.add_row("", "", "", Text(more, style="dim"), "")
    return table


def _option_label(option: str) -> str:
    return {"pass": "nothing"}.get(short := option.split(".", 1)[-1], short)


def _format_period_union(rows: Sequence[tuple[str, str, str]]) -> str:
    """The periods of all rows, if they are the same; else the first and the last."""
    period_texts = list(dict.fromkeys(periods for _, periods, _ in rows))
    if len(period_texts) == 1:
        return period_texts[0]
    ends = [
        int(word)
        for text in period_texts
        for word in text.replace("-", " ").replace(",", " ").split()
        if word.isdecimal()
    ]
    onward = any("on" in text.split() for text in period_texts)
    return f"from {min(ends)} on" if onward else f"{min(ends)}-{max(ends)}"


MOST_STATE_ROWS = 40
CONCEPT_LETTERS = {"Nash": "N", "GMR": "G", "SMR": "S", "SEQ": "Q", "SIM": "I"}
STABLE_STYLE = "green"


def stability_tables(
    title: str, result: Stability, options: Sequence[ConflictOption] = ()
) -> RenderableType:
    """Which states are equilibria, for whom each is stable, and which coalitions would leave.

    title    the name of the conflict
    result   the stability of each state
    options  what each letter of a state stands for, where states are letters
    """
    graph = result.graph
    parties = format_count(len(graph.parties), "party", "parties")
    size = f"  {format_count(graph.states, 'state')}, {parties}"
    parts: list[RenderableType] = [Text(title, style="bold").append(size, style="not bold"), Text()]
    counts = ", ".join(f"{c} {len(result.equilibria(c)):,}" for c in result.concepts)
    parts += [
        Text(f"Equilibria: {counts}"),
        Text(),
        *_option_legend(options),
        *_state_table(result, options),
    ]
    keys = ", ".join(f"{CONCEPT_LETTERS[c]} {c}" for c in result.concepts)
    parts.append(Text(f"stable by: {keys}; · not stable", style="dim"))
    parts += _deviating_coalition_lines(result)
    parts += [Text(note, style="dim") for note in result.notes]
    return Group(*parts)


def _option_legend(options: Sequence[ConflictOption]) -> Iterator[RenderableType]:
    """What the letters of a state stand for, in order."""
    if not options:
        return
    ways = {"both": "", "fwd": " (cannot be taken back)", "back": " (cannot be taken up again)"}
    entries = [f"{o.name} ({o.party}){ways[o.direction]}" for o in options]
    yield Text("The letters of a state, Y or N, stand for: ").append(", ".join(entries))
    yield Text()


def _state_table(result: Stability, options: Sequence[ConflictOption]) -> Iterator[RenderableType]:
    """Every state if they are few, else the equilibria."""
    graph = result.graph
    lettered = graph.encoding is not None
    widest = len(result.concepts)
    table = plain_table()
    table.add_column("", justify="right", no_wrap=True)
    if options:
        table.add_column("", no_wrap=True, style="dim")
    table.add_column("state", no_wrap=lettered and not options)
    for party in graph.parties:
        table.add_column(party, no_wrap=not lettered, overflow="fold", min_width=widest)
    table.add_column("equilibrium by")
    state_names = _states_shown(result)
    names, alike = split_common_variables(
        [graph.state_name(state) for state in state_names[:MOST_STATE_ROWS]]
    )
    for state, name in zip(state_names, names, strict=False):
        by = [c for c in result.concepts if all(v[c][state] for v in result.by_party.values())]
        table.add_row(
            Text(str(state + 1), style="bold" if by else ""),
            *([Text(name)] if options else []),
            Text(
                describe_option_state(name, options) if options else name,
                style="bold" if by else "",
            ),
            *(_concept_letters(result.by_party[party], state) for party in graph.parties),
            Text("all" if by == list(result.concepts) else ", ".join(by), style=STABLE_STYLE),
        )
    if len(state_names) < graph.states:
        yield Text(
            f"only the {len(state_names):,} that are equilibria by some concept", style="dim"
        )
    if alike:
        yield Text(f"in all states shown: {alike}", style="dim")
    yield table
    if len(state_names) > MOST_STATE_ROWS:
        yield Text(f"and {len(state_names) - MOST_STATE_ROWS:,} more: see --json", style="dim")


def _states_shown(result: Stability) -> list[int]:
    if result.graph.states <= MOST_STATE_ROWS:
        return list(range(result.graph.states))
    every = [set(result.equilibria(concept).tolist()) for concept in result.concepts]
    weight = {s: sum(s in those for those in every) for those in every for s in those}
    return sorted(weight, key=lambda s: (-weight[s], s))


def _concept_letters(verdicts: Mapping[str, np.ndarray], state: int) -> Text:
    text = Text()
    for concept in STABILITY_CONCEPTS:
        if concept in verdicts:
            fine = bool(verdicts[concept][state])
            text.append(
                CONCEPT_LETTERS[concept] if fine else "·", style=STABLE_STYLE if fine else "dim"
            )
    return text


def _deviating_coalition_lines(result: Stability) -> Iterator[RenderableType]:
    """Coalitions that would leave an equilibrium, and by which concepts a sanction holds them."""
    if not result.coalitions:
        return
    lines = []
    for state in _states_shown(result)[:MOST_STATE_ROWS]:
        if not any(state in result.equilibria(c) for c in result.concepts):
            continue
        leaving = []
        for members, verdicts in result.coalitions.items():
            if not verdicts["Nash"][state]:
                held = [c for c in STABILITY_CONCEPTS if c in verdicts and verdicts[c][state]]
                by = f" (held by {', '.join(held)})" if held else ""
                leaving.append(f"{' + '.join(members)}{by}")
        if leaving:
            lines.append(Text(f"  {state + 1}: {'; '.join(leaving)}"))
    yield Text()
    yield Text("Coalitions that would leave an equilibrium:" + ("" if lines else " none"))
    yield from lines


def coalition_structure_line(
    blocks: Sequence[tuple[str, ...]], equilibria: Mapping[str, np.ndarray]
) -> RenderableType:
    """The equilibria of a coalition structure.

    blocks      the coalitions
    equilibria  by concept, which states are equilibria
    """
    text = Text(" | ".join(" + ".join(block) for block in blocks), style="bold")
    for concept, those in equilibria.items():
        states = ", ".join(str(int(s) + 1) for s in those[:MOST_STATE_ROWS]) or "none"
        text.append(f"\n  {concept}: {states}", style="not bold")
    return text


def strong_stability_table(result: Stability, strong: StrongStability) -> RenderableType:
    """For whom the stable states are strongly so, by GMR, SMR and SEQ.

    result  the stability of each state
    strong  for whom it is strong
    """
    graph = result.graph
    lettered = graph.encoding is not None
    widest = len(result.concepts)
    table = plain_table()
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=lettered)
    for party in graph.parties:
        table.add_column(party, no_wrap=not lettered, overflow="fold", min_width=widest)
    table.add_column("strong equilibrium by")
    state_names = _states_shown(result)
    for state in state_names[:MOST_STATE_ROWS]:
        by = [c for c in STRENGTH_CONCEPTS if state in strong.equilibria(c)]
        cells = []
        for party in graph.parties:
            text = Text()
            for concept in STRENGTH_CONCEPTS:
                stable = bool(result.by_party[party][concept][state])
                holds = bool(strong.by_party[party][concept][state])
                letter = (
                    CONCEPT_LETTERS[concept]
                    if holds
                    else CONCEPT_LETTERS[concept].lower()
                    if stable
                    else "·"
                )
                text.append(letter, style=STABLE_STYLE if holds else "" if stable else "dim")
            cells.append(text)
        table.add_row(
            str(state + 1), graph.state_name(state), *cells, Text(", ".join(by), style=STABLE_STYLE)
        )
    keys = ", ".join(f"{CONCEPT_LETTERS[c]} {c}" for c in STRENGTH_CONCEPTS)
    note = f"strongly stable by: {keys}; small letters: stable, but weakly; · not stable"
    return Group(Text("Strength of preference"), table, Text(note, style="dim"))


def stability_reason_lines(reasons: Iterable[StabilityReason]) -> RenderableType:
    """Why a state is stable or not, party by party; concepts with the same reason together.

    reasons  one for each party and concept
    """
    concepts_by_reason: dict[tuple[tuple[str, ...], str], list[str]] = {}
    verdict = {}
    for reason in reasons:
        for sentence in stability_sentences(reason):
            concepts_by_reason.setdefault((reason.members, sentence), []).append(reason.concept)
        verdict[reason.members, reason.concept] = reason.stable
    lines: list[RenderableType] = []
    for members in dict.fromkeys(members for members, _ in verdict):
        lines.append(Text(" + ".join(members), style="bold"))
        stable = [c for (m, c), fine in verdict.items() if m == members and fine]
        loose = [c for (m, c), fine in verdict.items() if m == members and not fine]
        words = [f"stable by {', '.join(stable)}"] if stable else []
        words += [f"not by {', '.join(loose)}"] if loose else []
        lines.append(Text("  " + ", ".join(words), style=STABLE_STYLE if stable else "red"))
        for (whose, sentence), concepts in concepts_by_reason.items():
            if whose == members:
                lines.append(Text(f"  {'/'.join(concepts)}: {sentence}"))
    return Group(*lines)


def stability_sentences(reason: StabilityReason) -> list[str]:
    """The reason for a verdict, one sentence for each improvement.

    States are named by their numbers, which count from 1.
    """
    at, who = reason.state + 1, " and ".join(reason.members)
    if not reason.state_known:
        return [f"{who} does not know of {at}"]
    if not reason.responses:
        return [f"from {at} {who} has no move to anything better"]
    return [_improvement_sentence(reason, answer, at, who) for answer in reason.responses]


def _improvement_sentence(
    reason: StabilityReason, response: ImprovementResponse, at: int, who: str
) -> str:
    plural = len(reason.members) > 1
    way = _format_moves(response.improvement, reason.members)
    gain = f"from {at} {who} {'gain' if plural else 'gains'} by {way}"
    if reason.concept == "Nash":
        return gain
    if reason.concept == "SIM":
        if response.joint_state is None:
            return f"{gain}, whatever the others change at the same time"
        same = _format_moves(response.sanction, ())
        clause = _sanction_clause(reason)
        return f"{gain}, but {same} at the same time makes {response.joint_state + 1}, {clause}"
    if response.sanction:
        return f"{gain}, but {_counter_move_clause(response.sanction)}, {_sanction_clause(reason)}"
    if response.escape is not None:
        out = f"{response.escape.start + 1} to {response.escape.to + 1}"
        return f"{gain}; whatever the others answer, it gets out, as by {out}"
    answers = (
        "answer by which the others gain" if reason.concept == "SEQ" else "answer of the others"
    )
    return f"{gain}, and no {answers} leaves {'one of them' if plural else 'it'} no better off"


def _sanction_clause(reason: StabilityReason) -> str:
    tail = " and cannot be undone by one move" if reason.concept == "SMR" else ""
    if len(reason.members) > 1:
        return f"which is no better for one of them{tail}"
    return f"which is no better for it{tail}"


def _counter_move_clause(path: Sequence[ConflictMove]) -> str:
    movers = list(dict.fromkeys(step.movers for step in path))
    if len(movers) == 1:
        return f"{' and '.join(movers[0])} can answer {_format_moves(path, movers[0])}"
    return f"the others can answer {_format_moves(path, ())}"


def _format_moves(path: Sequence[ConflictMove], default_movers: Sequence[str]) -> str:
    """Moves in order, with who makes each unless that is known."""
    return ", ".join(
        ("" if set(step.movers) == set(default_movers) else f"{' and '.join(step.movers)} ")
        + f"{step.start + 1} to {step.to + 1}"
        for step in path
    )


def inverse_condition_lines(
    graph: StateGraph,
    state: int,
    conditions: Mapping[tuple[str, str], Sequence[StabilityCondition]],
) -> RenderableType:
    """Which rankings make a state stable, party by party.

    graph       the states and moves
    state       index of the state
    conditions  by party and concept, what its ranking must meet
    """
    lines: list[RenderableType] = [
        Text(f"{state + 1} {graph.state_name(state)}", style="bold").append(
            " is an equilibrium if for every party all of these hold", style="not bold"
        )
    ]
    for (party, concept), met_conditions in conditions.items():
        lines.append(Text(f"{party}, {concept}", style="cyan"))
        if not met_conditions:
            lines.append(Text("  stable under every ranking"))
        for condition in met_conditions:
            ways = [str(condition.target + 1)]
            ways += [
                " and ".join(str(s + 1) for s in sorted(those)) for those in condition.alternatives
            ]
            mark = Text("  ✓ ", style=STABLE_STYLE) if condition.met else Text("  ✗ ", style="red")
            lines.append(
                mark.append(f"no better than {state + 1}: {', or '.join(ways)}", "default")
            )
    return Group(*lines)


def equilibrium_share_table(
    graph: StateGraph, shares: Mapping[str, Floats], samples: int
) -> RenderableType:
    """In which share of the sampled rankings each state is an equilibrium.

    graph    the states and moves
    shares   by concept, a share for each state
    samples  how many rankings were sampled
    """
    table = plain_table()
    table.add_column("", justify="right")
    table.add_column("state")
    for concept in shares:
        table.add_column(concept, justify="right", no_wrap=True)
    order = sorted(range(graph.states), key=lambda s: [-share[s] for share in shares.values()])
    for state in order[:MOST_STATE_ROWS]:
        share_cells = [f"{share[state]:.1%}" for share in shares.values()]
        table.add_row(str(state + 1), graph.state_name(state), *share_cells)
    note = f"share of {format_count(samples, 'sampled ranking')} that make the state an equilibrium"
    return Group(table, Text(note, style="dim"))


def move_tree(graph: StateGraph, start: int, branches: Sequence[MoveTree]) -> RenderableType:
    """What can follow from a state, as a tree; a move that gains its movers nothing is dim.

    graph     the states and moves
    start     index of the first state
    branches  the moves that can follow
    """
    root = Tree(Text(f"{start + 1} {graph.state_name(start)}", style="bold"), guide_style="dim")
    _add_branches(graph, root, branches)
    return root


def _add_branches(graph: StateGraph, node: Tree, branches: Sequence[MoveTree]) -> None:
    for branch in branches:
        step = branch.move
        text = Text(f"{' + '.join(step.movers)} to ", style="" if step.all_gain else "dim")
        text.append(f"{step.to + 1} {graph.state_name(step.to)}")
        text.append("  gains" if step.all_gain else "", style=STABLE_STYLE)
        text.append("  shown elsewhere" if branch.shown_elsewhere else "", style="dim")
        _add_branches(graph, node.add(text), branch.next_moves)
