"""Charts of a case as it stands on a page, drawn where it is solved.

Each is a picture with its text alternative, the same in numbers as a table, and how good they are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from ceasefire.case import Case, FrozenMapping
from ceasefire.ensemble import (
    TableValue,
    TableValues,
    TimelineQuantiles,
    check,
    delay_values,
    table_values,
    timeline_quantiles,
)
from ceasefire.render.chart_theme import AltairChart, chart_markup
from ceasefire.render.charts_claims import turning_points_chart
from ceasefire.render.charts_parties import delay_values_chart, seating_chart, table_values_chart
from ceasefire.render.charts_timeline import belief_timeline_chart, condition_timeline_chart
from ceasefire.render.formatting import (
    format_number,
    format_probability,
)
from ceasefire.render.tables_check import describe_joint_threshold, with_labels
from ceasefire.results import format_count
from ceasefire.settings import SolveSettings
from ceasefire.web import html_fragments

ProgressCallback = Callable[[int, int], None]


@dataclass(frozen=True)
class ChartRequest:
    """A chart that is asked for: one of `KINDS`, of a claim where it is about one.

    kind    one of `CHART_TITLES`
    claim   the claim that the chart is about; empty for charts that are about none
    worlds  how many its bands are from; 0 for the best estimates alone
    """

    kind: str
    claim: str = ""
    worlds: int = 0


CHART_TITLES = {
    "parties": "Parties and tables",
    "paths": "What is likely when, and what is believed",
    "worth": "What each table is worth",
    "waiting": "Who gains from waiting",
    "flips": "What turns a claim",
}
CHARTS_WITH_WORLDS = ("paths", "worth", "waiting")


def available_charts(case: Case) -> dict[str, str]:
    """The charts that a case can have.

    case  the case
    """
    lacking = set() if case.tables else {"parties", "worth", "waiting"}
    lacking |= set() if case.claims and _count_varied_unknowns(case) else {"flips"}
    return {kind: words for kind, words in CHART_TITLES.items() if kind not in lacking}


def estimate_solve_count(case: Case, request: ChartRequest) -> float:
    """About how many times a chart needs the case solved.

    case     the case
    request  which chart it is
    """
    tables = len(case.tables)
    flips = 7 + 6 * _count_varied_unknowns(case)
    each = {"paths": 1, "worth": 1 + tables, "waiting": 1 + 8 * tables, "flips": flips}
    return each.get(request.kind, 0) * (1 + request.worlds)


def _count_varied_unknowns(case: Case) -> int:
    return sum(unknown.kind is not None for unknown in case.unknowns.values())


def render_chart_html(
    case: Case, request: ChartRequest, settings: SolveSettings, progress: ProgressCallback
) -> Markup:
    """A chart as HTML; numbers in it are those of the case as it is given.

    case      what the chart is of
    request   which chart it is
    settings  how large a solution may be
    progress  called with how many points are computed, and of how many

    Raises what solving the case raises.
    """
    return Markup("").join(_chart_fragments(case, request, settings, progress))


def _chart_fragments(
    case: Case, request: ChartRequest, settings: SolveSettings, progress: ProgressCallback
) -> Iterator[Markup]:
    how: dict[str, Any] = {
        "worlds": request.worlds,
        "memory": settings.memory,
        "workers": 1,
        "progress": progress,
    }
    match request.kind:
        case "parties":
            description = "; ".join(f"{t}: {', '.join(r.seats)}" for t, r in case.tables.items())
            yield figure_html(seating_chart(case), f"Who sits at which table. {description}")
        case "paths":
            yield from _timeline_fragments(case, timeline_quantiles(case, **how))
        case "worth":
            result = table_values(case, **how)
            yield figure_html(
                table_values_chart(case, result), "Worth of each table, as in the table below"
            )
            yield _table_values_html(case, result)
        case "waiting":
            result = delay_values(case, **how)
            description = "Gain of each party by the delay of each table, as in the table below"
            yield figure_html(delay_values_chart(case, result), description)
            yield _table_values_html(case, result)
        case "flips":
            yield from _turning_point_fragments(case, request.claim, settings, progress)


def figure_html(chart: AltairChart | None, description: str) -> Markup:
    """A chart as a picture that scrolls by itself where the page is narrow.

    chart        the chart; nothing is shown for None
    description  the chart in words, for those who do not see it
    """
    drawing = chart_markup(chart, description)
    return Markup("") if drawing is None else html_fragments.render_fragment("figure", drawing)


def _folded_table_html(
    headings: Sequence[str], rows: Sequence[Sequence[str]], caption: str, text_columns: int = 1
) -> Markup:
    """A table that a reader unfolds; nothing without rows."""
    if not rows:
        return Markup("")
    table = html_fragments.table_html(headings, rows, caption, text_columns)
    return html_fragments.render_fragment("folded_table", table)


def _timeline_fragments(case: Case, result: TimelineQuantiles) -> Iterator[Markup]:
    suffix = "over time, as in the table below"
    yield figure_html(
        condition_timeline_chart(case, result), f"Probability of each condition {suffix}"
    )
    yield figure_html(belief_timeline_chart(case, result), f"What each observer believes {suffix}")
    rows = []
    for band in result.bands:
        if band.kind in ("condition", "number", "belief"):
            line = [band.best[0], band.best[len(band.best) // 2], band.best[-1]]
            ends = [band.p05[-1], band.p95[-1]] if band.p05 else []
            called = band.name if band.kind == "belief" else case.label_of(band.name)
            by = case.name_of(band.observer) if band.observer else ""
            rows.append([called, by, *map(format_probability, [*line, *ends])])
    half = f"after {len(result.bands[0].best) // 2 if result.bands else 0}"
    headings = [
        "what",
        "by",
        "start",
        half,
        "end",
        *(["5 %", "95 %"] if result.answered_worlds else []),
    ]
    caption = f"At the start and after so many {case.period}s, at the best estimates"
    yield _folded_table_html(headings, rows, caption, text_columns=2)
    yield html_fragments.numerics_html(result.numerics, result.run_stats)


def _table_values_html(case: Case, result: TableValues) -> Markup:
    rows = [
        _table_value_cells(case, one, ranged=result.answered_worlds > 0)
        for one in result.worths
        if one.periods_closed != 0
    ]
    comparison = (
        "closed for" if any(one.periods_closed is not None for one in result.worths) else "asked"
    )
    headings = [
        "table",
        "party",
        comparison,
        "best estimates",
        *(["5 %", "95 %"] if result.answered_worlds else []),
    ]
    caption = "Gain of each party, in its own units of payoff"
    table = _folded_table_html(headings, rows, caption, text_columns=2)
    return table + html_fragments.numerics_html(result.numerics, result.run_stats)


def _table_value_cells(case: Case, table_value: TableValue, *, ranged: bool) -> list[str]:
    comparison = (
        "with it, minus without it"
        if table_value.periods_closed is None
        else format_count(table_value.periods_closed, case.period)
    )
    best = "no answer" if table_value.best is None else format_number(table_value.best)
    row = [case.label_of(table_value.table), case.parties[table_value.party].name, comparison, best]
    if ranged:
        ends = (
            ("", "")
            if table_value.quantiles is None
            else (table_value.quantiles.p05, table_value.quantiles.p95)
        )
        row += [end if isinstance(end, str) else format_number(end) for end in ends]
    return row


def _turning_point_fragments(
    case: Case, name: str, settings: SolveSettings, progress: ProgressCallback
) -> Iterator[Markup]:
    """What turns one claim, the others left alone."""
    alone = replace(case, claims=FrozenMapping({name: case.claims[name]}))
    check_result = check(alone, 0, flips=True, memory=settings.memory, workers=1, progress=progress)
    verdict = check_result.claim_checks[0]
    drawing = turning_points_chart(case, verdict)
    verdict = with_labels(verdict, case.unknown_labels)
    flips = verdict.turning_points or ()
    points = ", ".join(f"{f.unknown} at {format_number(f.value)}" for f in flips)
    yield figure_html(drawing, f"What turns “{case.sentence_of(name)}”: {points}")
    if not flips:
        sentence = f"No unknown alone turns {name} within its range."
        yield html_fragments.render_fragment("paragraphs", [sentence], "")
    if verdict.joint_turning_point is not None:
        sentence = f"{describe_joint_threshold(verdict.joint_turning_point)}."
        sentence = sentence[:1].upper() + sentence[1:]
        yield html_fragments.render_fragment("paragraphs", [sentence], "")
    rows = [
        [f.unknown, format_number(f.best), format_number(f.value), f"{f.relative_distance:.0%}"]
        for f in flips
    ]
    headings = ["unknown", "best estimate", "turns at", "move"]
    caption = "Moves are shares of the unknown's range"
    yield _folded_table_html(headings, rows, caption)
    if check_result.turning_points is not None and check_result.turning_points.doubtful_evaluations:
        readings = format_count(check_result.turning_points.doubtful_evaluations, "point")
        warning = f"! {readings} of the search with unresolved decisions or branch points"
        yield html_fragments.render_fragment("paragraphs", [warning], "doubt small")
    yield html_fragments.numerics_html(check_result.numerics)
