"""Charts of a trace: each question along one unknown, or in the plane of two."""

import textwrap
from itertools import pairwise
from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.ensemble import Threshold, TracePoint, TraceResult
from ceasefire.render.chart_theme import (
    BLUE,
    CHART_WIDTH_PIXELS,
    GREY,
    RED,
    SKY,
    AltairChart,
    apply_chart_theme,
    inline_data,
)
from ceasefire.render.formatting import TRUTH_MARKS, threshold_sentence, threshold_value
from ceasefire.results import format_count

NUMBER_PANEL_PIXELS, TEST_PANEL_PIXELS, PLANE_PANEL_PIXELS = 190, 34, 320
MOST_THRESHOLDS_IN_CAPTION = 8
TRUTH_COLOURS = {"true": SKY, "false": "#d9d9d9", "no answer": RED}
LETTERS_OF_PANEL_TITLE = 100


def trace_chart(case: Case, trace: TraceResult) -> AltairChart:
    """A panel for each question, the thresholds marked.

    case   the case, for the units of the unknowns
    trace  what `trace` returned
    """
    panels = [
        _plane_panel(case, trace, n) if trace.other is not None else _line_panel(case, trace, n)
        for n in range(len(trace.questions))
    ]
    chart: Any = alt.vconcat(*panels, spacing=14)
    names = [axis.name for axis in (trace.over, trace.other) if axis is not None]
    labels = " and ".join(case.unknown_labels[name] for name in names)
    title = case.title if case.title.endswith(("?", "!", ".")) else f"{case.title}."
    return apply_chart_theme(chart, f"{title} By {labels}", _caption(trace))


def _caption(trace: TraceResult) -> list[str]:
    read = format_count(len(trace.points), "value" if trace.other is None else "point")
    lines = [f"Solved at {read}, all other unknowns at their best estimates."]
    if trace.other is None:
        shown = trace.thresholds[:MOST_THRESHOLDS_IN_CAPTION]
        lines += [threshold_sentence(one, trace.questions[one.question]) for one in shown]
        if len(trace.thresholds) > len(shown):
            left = format_count(len(trace.thresholds) - len(shown), "more threshold")
            lines.append(f"{left} marked.")
    elif trace.thresholds:
        lines.append("Black points: where an answer turns or crosses a value asked for.")
    if trace.mark_reasons:
        lines.append(f"Marked: {'; '.join(trace.mark_reasons)}.")
    return lines


def _panel_title(trace: TraceResult, number: int) -> Any:
    lines = textwrap.wrap(" ".join(trace.questions[number].split()), LETTERS_OF_PANEL_TITLE)
    return alt.TitleParams(lines, anchor="start", fontSize=11.5, fontWeight="bold", offset=6)


def _axis(case: Case, trace: TraceResult, which: str) -> Any:
    axis = trace.over if which == "x" else trace.other
    assert axis is not None
    unit, label = case.unknowns[axis.name].unit, case.unknown_labels[axis.name]
    scale = alt.Scale(domain=[axis.low, axis.high], nice=False, zero=False)
    channel = alt.X if which == "x" else alt.Y
    return channel(f"{which}:Q", title=f"{label}, {unit}" if unit else label, scale=scale)


def _is_test(trace: TraceResult, number: int) -> bool:
    return any(isinstance(point.answers[number], bool) for point in trace.points)


def _line_panel(case: Case, trace: TraceResult, number: int) -> Any:
    x = _axis(case, trace, "x")
    found = [one for one in trace.thresholds if one.question == number]
    layers = [_truth_strip(trace, number, found, x)] if _is_test(trace, number) else []
    if not layers:
        answers = [(point.x, point.answers[number]) for point in trace.points]
        rows = [{"x": x, "y": None if one is None else float(one)} for x, one in answers]
        y = alt.Y("y:Q", title=None, scale=alt.Scale(zero=False))
        mark: dict[str, Any] = {
            "color": BLUE,
            "strokeWidth": 2,
            "point": {"color": BLUE, "size": 22},
        }
        layers.append(alt.Chart(inline_data(rows)).mark_line(**mark).encode(x=x, y=y))
    rules = [{"x": one.at, "text": threshold_value(one)} for one in found]
    if rules:
        base = alt.Chart(inline_data(rules))
        layers.append(base.mark_rule(strokeDash=[4, 3], color="black").encode(x=x))
        layers.append(
            base.mark_text(align="left", dx=4, dy=7, baseline="top", fontSize=11).encode(
                x=x, y=alt.value(0), text="text:N"
            )
        )
    height = TEST_PANEL_PIXELS if _is_test(trace, number) else NUMBER_PANEL_PIXELS
    return alt.layer(*layers).properties(
        width=CHART_WIDTH_PIXELS, height=height, title=_panel_title(trace, number)
    )


def _truth_strip(trace: TraceResult, number: int, found: list[Threshold], x: Any) -> Any:
    """Where a test is true: from threshold to threshold, or half way to the next reading."""
    rows: list[dict[str, Any]] = []
    turns = sorted(one.at for one in found)
    for before, after in pairwise(trace.points):
        between = [at for at in turns if before.x <= at <= after.x]
        middle = between[0] if between else 0.5 * (before.x + after.x)
        for strip in (
            _strip(before.x, middle, before, number),
            _strip(middle, after.x, after, number),
        ):
            if rows and rows[-1]["truth"] == strip["truth"]:
                rows[-1]["x2"] = strip["x2"]
            else:
                rows.append(strip)
    return (
        alt.Chart(inline_data(rows)).mark_rect(height=TEST_PANEL_PIXELS).encode(
            x=x, x2="x2:Q", y=alt.value(TEST_PANEL_PIXELS / 2), color=_truth_colour(rows)
        )
    )  # fmt: skip


def _strip(low: float, high: float, point: TracePoint, number: int) -> dict[str, Any]:
    answer = point.answers[number]
    return {
        "x": low,
        "x2": high,
        "truth": TRUTH_MARKS[answer if answer is None else bool(answer)].word,
    }


def _truth_colour(rows: list[dict[str, Any]]) -> Any:
    shown = [word for word in TRUTH_COLOURS if any(row["truth"] == word for row in rows)]
    scale = alt.Scale(domain=shown, range=[TRUTH_COLOURS[word] for word in shown])
    return alt.Color("truth:N", scale=scale, legend=alt.Legend(title=None, orient="right"))


def _plane_panel(case: Case, trace: TraceResult, number: int) -> Any:
    assert trace.other is not None
    x, y = _axis(case, trace, "x"), _axis(case, trace, "y")
    columns, lines = ({point.x for point in trace.points}, {point.y for point in trace.points})
    across = _cells(sorted(columns))
    up = _cells(sorted(value for value in lines if value is not None))
    rows = []
    for point in trace.points:
        answer = point.answers[number]
        (x1, x2), (y1, y2) = across[point.x], up[point.y or 0.0]
        cell: dict[str, Any] = {"x": x1, "x2": x2, "y": y1, "y2": y2}
        truth = {"truth": TRUTH_MARKS[answer if answer is None else bool(answer)].word}
        rows.append(cell | truth | {"value": None if answer is None else float(answer)})
    colour: Any = _truth_colour(rows)
    if not _is_test(trace, number):
        legend = alt.Legend(title=None, orient="right")
        colour = alt.Color("value:Q", scale=alt.Scale(scheme="blues"), legend=legend)
    layers = [
        alt.Chart(inline_data(rows))
        .mark_rect(stroke=GREY, strokeWidth=0.2)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=colour)
    ]
    turns = [{"x": one.at, "y": one.other} for one in trace.thresholds if one.question == number]
    if turns:
        mark = alt.Chart(inline_data(turns)).mark_point(color="black", filled=True, size=42)
        layers.append(mark.encode(x=x, y=y))
    return alt.layer(*layers).properties(
        width=PLANE_PANEL_PIXELS, height=PLANE_PANEL_PIXELS, title=_panel_title(trace, number)
    )


def _cells(values: list[float]) -> dict[float, tuple[float, float]]:
    """From half way to the value before to half way to the one after."""
    edges = [values[0], *(0.5 * (a + b) for a, b in pairwise(values)), values[-1]]
    return dict(zip(values, pairwise(edges), strict=True))
