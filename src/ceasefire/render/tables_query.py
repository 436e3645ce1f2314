"""The course of a case: one line of blocks for each condition, belief and event."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.argument import describe_figures, percent
from ceasefire.case import Case
from ceasefire.ensemble import AskResult, QuestionAnswer
from ceasefire.ensemble.statistics import WorldStatistics
from ceasefire.errors import Problem
from ceasefire.query import (
    ExplainedDecision,
    ExplainedOption,
    Explanation,
    Timeline,
    TimelineSeries,
)
from ceasefire.render.case_overview import case_heading
from ceasefire.render.console import plain_table
from ceasefire.render.formatting import (
    format_number,
    format_probability,
    numerics_line,
    numerics_warnings,
    sparkline,
    text_bar,
    truth_mark,
    warning_texts,
)
from ceasefire.results import format_count, join_phrases


def answer_table(result: AskResult) -> RenderableType:
    """Each question with its number, and how it varies over the worlds.

    result  the answers
    """
    table = plain_table()
    table.add_column("question")
    table.add_column("best estimates", justify="right", style="bold")
    if result.run_stats is not None:
        for name in ("5 %", "median", "95 %", "mean", "true in"):
            table.add_column(name, justify="right", no_wrap=True)
    for answer in result.answers:
        table.add_row(
            Text(answer.claim or answer.expr),
            _best_estimate_cell(answer),
            *_world_statistic_cells(answer.worlds),
        )
    numerics = numerics_line(result.numerics, result.run_stats)
    details = [Text(line) for line in (*argument_lines(result), *answer_details(result))]
    gap = [Text()] if details else []
    return Group(table, Text(), *details, *gap, numerics, *warning_texts(answer_warnings(result)))


def argument_lines(result: AskResult) -> list[str]:
    """Of claims that were asked by name, what they ask, and what conclusions owe to premises.

    result  the answers
    """
    lines = []
    for answer in result.answers:
        if answer.claim is None:
            continue
        lines.append(f"{answer.claim}: {' '.join(answer.expr.split())}")
        if answer.argument is not None:
            each = answer.argument.each.items()
            shares = [f"{name} ({'no answer' if s is None else percent(s)})" for name, s in each]
            lines.append(f"because {join_phrases(shares)}: {describe_figures(answer.argument)}")
    return lines


def answer_details(result: AskResult) -> list[str]:
    """How likely the conditions of answers are, and how often a time has not come.

    result  the answers
    """
    lines = dict[str, None]()
    for figure in (f for answer in result.answers for f in answer.quantities):
        if figure.given is not None:
            likely = format_number(figure.given)
            lines[f"{figure.expr}: the condition has probability {likely}"] = None
        if figure.censored is not None and figure.censored >= LEAST_SHARE_CENSORED:
            never = figure.censored >= 1.0 - LEAST_SHARE_CENSORED
            likely = "it" if never else f"with probability {format_number(figure.censored)} it"
            counted = f"has not come within {figure.scale:,.0f} periods, which are counted then"
            lines[f"{figure.expr}: {likely} {counted}"] = None
    return list(lines)


def answer_warnings(result: AskResult) -> list[Problem]:
    """What is to be said about each answer, and about the numbers.

    result  the answers
    """
    said = [
        Problem(warning, path=answer.expr)
        for answer in result.answers
        for warning in answer.warnings
    ]
    return said + numerics_warnings(result.numerics, result.run_stats, result.failed_checks)


def _best_estimate_cell(answer: QuestionAnswer) -> RenderableType:
    if isinstance(answer.best, bool):
        return truth_mark(answer.best).append(f" {format_number(answer.best)}")
    error = next((figure.error for figure in answer.quantities if figure.error), None)
    number = format_number(answer.best) + (f" ± {error:.1g}" if error else "")
    return Text(_at_least(answer, number))


def _at_least(answer: QuestionAnswer, number: str) -> str:
    """A time of which part or all lies beyond what is looked at, said to be at least so long."""
    alone = len(answer.quantities) == 1 and answer.quantities[0].value == answer.best
    censored = answer.quantities[0].censored if alone else None
    if censored is None or censored < LEAST_SHARE_CENSORED:
        return number
    never = censored >= 1.0 - LEAST_SHARE_CENSORED and "within=" not in answer.expr
    return f"at least {number}" + (", the horizon" if never else "")


def _world_statistic_cells(statistics: WorldStatistics | None) -> list[str]:
    if statistics is None:
        return []
    if statistics.share is not None:
        share = statistics.share.share
        low, high = statistics.share.interval
        share_text = (
            "no answer" if share is None else f"{share:.0%} ({low:.0%}-{high:.0%}) of worlds"
        )
        return ["", "", "", "", share_text]
    quantiles = statistics.quantiles
    if quantiles is None or not quantiles.worlds:
        return ["", "", "", "", "no answer"]
    return [
        *(
            format_number(value)
            for value in (quantiles.p05, quantiles.p50, quantiles.p95, quantiles.mean)
        ),
        "",
    ]


MOST_SPARKLINE_COLUMNS = 48
LEAST_VALUE_SHOWN = 5e-4
LEAST_SHARE_CENSORED = 5e-4
SERIES_TITLES = {
    "condition": "conditions",
    "number": "numbers",
    "state": "state",
    "belief": "beliefs",
    "event": "events",
    "offer": "offers",
    "refusal": "refusals",
}


def timeline_table(case: Case, timeline: Timeline) -> RenderableType:
    """Every series that moves or matters: its course, its first, last and highest value.

    case      the case
    timeline  the series
    """
    periods = format_count(case.horizon, case.period)
    begins = f", from {case.start}" if case.start else ""
    table = plain_table()
    table.add_column("", no_wrap=True)
    table.add_column(f"{periods}{begins}", no_wrap=True)
    for name in ("first", "last", "highest"):
        table.add_column(name, justify="right")
    for kind, title in SERIES_TITLES.items():
        chosen = list(_informative_series(timeline, kind))
        if chosen:
            table.add_row(Text(title, style="cyan"))
        for name, series in chosen:
            table.add_row(name, *_series_cells(case, series))
    return Group(
        case_heading(case), Text(), table, *warning_texts(numerics_warnings(timeline.numerics))
    )


def _informative_series(timeline: Timeline, kind: str) -> Iterator[tuple[str, TimelineSeries]]:
    """Series that say something: not always near 0, no belief told twice, nothing of passing."""
    seen_series: set[tuple[str, tuple[float, ...]]] = set()
    for series in timeline.series:
        if series.kind != kind or not max(map(abs, series.values)) >= LEAST_VALUE_SHOWN:
            continue
        name = series.name
        if kind == "belief":
            party = name.split(".")[0]
            mirrored = tuple(round(1.0 - value, 9) for value in series.values)
            same = tuple(round(value, 9) for value in series.values)
            if {(party, same), (party, mirrored)} & seen_series:
                continue
            seen_series.add((party, same))
        elif name.endswith(".pass"):
            continue
        if series.observer:
            name = f"{name}, {series.observer}"
        yield f"  {name}", series


def _series_cells(case: Case, series: TimelineSeries) -> Iterator[RenderableType]:
    low, high = _sparkline_range(case, series)
    color = {"belief": "magenta", "event": "yellow", "refusal": "red"}.get(series.kind, "cyan")
    yield Text(sparkline(_bin_means(series.values), low, high), style=color)
    yield format_probability(series.values[0])
    yield format_probability(series.values[-1])
    yield format_probability(max(series.values))


def _sparkline_range(case: Case, series: TimelineSeries) -> tuple[float, float]:
    variable = case.variables_and_promises.get(series.name) if series.kind == "state" else None
    if variable is not None and variable.kind == "number":
        values = [float(value) for value in variable.values]
        return min(values), max(values)
    if series.kind == "number":
        return min(0.0, *series.values), max(0.0, *series.values)
    if series.kind in ("event", "offer", "refusal"):
        return 0.0, max(0.1, *series.values)
    return 0.0, 1.0


def _bin_means(values: Sequence[float]) -> list[float]:
    """At most 48 values, each the mean of a stretch.

    >>> _bin_means([1.0, 3.0])
    [1.0, 3.0]
    >>> _bin_means([1.0, 3.0] * 48)[:2]
    [2.0, 2.0]
    """
    count = min(len(values), MOST_SPARKLINE_COLUMNS)
    edges = [round(place * len(values) / count) for place in range(count + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]


def explanation_tables(explanation: Explanation, *, every: bool = False) -> RenderableType:
    """The decisions of the party that matter most: its options, what they are worth, and why.

    explanation  the decisions of the party
    every        whether all of its decisions are shown
    """
    parts = [*_explanation_heading(explanation)]
    shown = explanation.decisions if every else explanation.decisions_that_matter
    for decision in shown:
        parts += [
            Text(),
            _decision_title(decision),
            _option_table(decision),
            Text(decision.why, style="italic"),
        ]
    if not every and explanation.other_decisions:
        parts += [Text(), Text(_describe_others(explanation.other_decisions), style="dim")]
    parts += warning_texts(explanation_warnings([explanation]))
    return Group(*parts)


def parties_explained(
    explanations: Sequence[Explanation], *, every: bool = False
) -> RenderableType:
    """What each party decides that matters most, in sentences.

    explanations  one for each party, at least one
    every         whether all decisions are told
    """
    parts: list[RenderableType] = []
    left = 0
    for explanation in explanations:
        shown = explanation.decisions if every else explanation.decisions_that_matter
        left += 0 if every else len(explanation.other_decisions)
        parts += [*_explanation_heading(explanation), *(Text(each.why) for each in shown), Text()]
    more = f"{format_count(left, 'decision')} less important left out: see --all. " if left else ""
    parts.append(Text(f"{more}--party NAME shows the numbers of one party.", style="dim"))
    return Group(*parts, *warning_texts(explanation_warnings(explanations)))


def explanation_warnings(explanations: Sequence[Explanation]) -> tuple[Problem, ...]:
    """What is to be said of explanations, each thing once.

    explanations  one for each party
    """
    notes = (note for each in explanations for note in each.warnings)
    doubts = (doubt for each in explanations for doubt in numerics_warnings(each.numerics))
    return tuple(dict.fromkeys((*notes, *doubts)))


def _explanation_heading(explanation: Explanation) -> Iterator[RenderableType]:
    """Who decides and where, that it is not at the start, or that there is nothing to decide."""
    named = "" if explanation.name == explanation.party else f" ({explanation.party})"
    yield Text(explanation.name, style="bold").append(
        f"{named}  {explanation.setting}", style="not bold"
    )
    if explanation.opening:
        yield Text(explanation.opening)
    if not explanation.decisions:
        yield from map(Text, explanation.sentences)


def _describe_others(decisions: Sequence[ExplainedDecision]) -> str:
    """Which decisions are not shown, and how to see them."""
    names = dict.fromkeys(map(_decision_words, decisions))
    more = format_count(len(decisions), "more decision")
    return (
        f"{more}, with less at stake or less likely to come: "
        f"{join_phrases(list(names))}. --all shows every decision."
    )


def _decision_words(decision: ExplainedDecision) -> str:
    """What is decided: its move, its offer, or its answer to what."""
    words = {"move": "its move", "offer": "its offer", "answer": "its answer"}
    told = words.get(decision.role, decision.role)
    if decision.deal:
        by = f" from {decision.offered_by}" if decision.offered_by else ""
        return f"{told} to {decision.deal}{by}"
    return f"{told} at {decision.step}" if decision.role == "offer" else told


def _decision_title(decision: ExplainedDecision) -> Text:
    title = Text(_decision_words(decision), style="cyan")
    if decision.place:
        title.append(f", {decision.place}")
    if decision.type:
        told = f"{decision.type_of} is " if decision.type_of else ""
        title.append(f", if {told}{decision.type}")
    return title


def _option_table(decision: ExplainedDecision) -> Table:
    later = decision.pays_later
    table = plain_table()
    table.add_column("option", no_wrap=True, style="bold")
    table.add_column("probability", no_wrap=True)
    table.add_column("value", justify="right", style="bold")
    if later:
        table.add_column("of it", no_wrap=True)
    for name in decision.part_names:
        table.add_column(name, justify="right")
    for option in decision.shown_choices:
        now = ["this period"] if later else []
        table.add_row(*_option_cells(option), *now, *_amounts(decision, option.parts_now))
        if later:
            table.add_row("", "", "", "later", *_amounts(decision, option.parts_later))
    count, probability = decision.choices_left_out
    if count:
        table.add_row(f"{count} more", f"{'':8} {format_probability(probability)} together")
    return table


def _amounts(decision: ExplainedDecision, split: Mapping[str, float]) -> list[str]:
    return [format_number(amount) for amount in decision.shown_amounts(split).values()]


def _option_cells(option: ExplainedOption) -> Iterator[RenderableType]:
    yield option.option
    yield Text(text_bar(option.probability, 8), style="cyan").append(
        f" {format_probability(option.probability)}", style="default"
    )
    yield format_number(option.value)
