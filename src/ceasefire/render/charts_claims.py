"""Charts of claims: the share of worlds that makes each true, what turns it, and what events do."""

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.diagnostics import readable_name
from ceasefire.ensemble import (
    VERDICTS,
    CheckResult,
    ChooseResult,
    ClaimCheck,
    ThresholdPlane,
    TurningPoint,
)
from ceasefire.evidence import UpdateResult
from ceasefire.render.chart_theme import (
    BLUE,
    ORANGE,
    RED,
    VERDICT_COLOURS,
    AltairChart,
    apply_chart_theme,
    describe_worlds,
    inline_data,
)
from ceasefire.render.formatting import (
    TRUTH_MARKS,
    claim_marks,
    format_number,
)
from ceasefire.results import format_count

VERDICT_SHAPES = ("circle", "triangle-up", "diamond", "triangle-down", "square")
MOST_THRESHOLDS_SHOWN = 12
PLANE_SIDE_PIXELS = 300
SHARES_WIDTH_PIXELS = 336  # as wide as a page on a phone
LETTERS_OF_SENTENCE, LINES_OF_SENTENCE = 56, (-27, -14)  # pixels above the middle of its row
ROW_OF_CLAIM, BELOW_SENTENCE, BELOW_BAR = 58, 7, 14  # pixels: of a row, and from its middle


def claim_shares_chart(check_result: CheckResult) -> AltairChart | None:
    """The share of worlds in which each claim is true, with its interval; None without worlds."""
    rows = [
        _claim_share_row(v)
        for v in check_result.claim_checks
        if v.share is not None and v.share.worlds
    ]
    if not rows or check_result.run_stats is None:
        return None
    order = [row["claim"] for row in rows]
    y = alt.Y("claim:N", sort=order, title=None, axis=None)
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", values=[0.05, 1 / 3, 0.5, 2 / 3, 0.95], labelOverlap=False)
    x = alt.X("share:Q", scale=scale, title="share of worlds in which the claim is true", axis=axis)
    legend = alt.Legend(title=None, orient="bottom", symbolSize=90, columns=3)
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICT_COLOURS.values())),
        legend=legend,
    )
    shape = alt.Shape(
        "verdict:N",
        scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICT_SHAPES)),
        legend=legend,
    )
    base = alt.Chart(inline_data(rows))
    span = base.mark_rule(strokeWidth=3, opacity=0.6, yOffset=BELOW_SENTENCE).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", y=y, color=colour
    )
    point = base.mark_point(filled=True, size=95, opacity=1, yOffset=BELOW_SENTENCE).encode(
        x=x, y=y, color=colour, shape=shape
    )
    marks = (
        base.transform_filter("datum.marks")
        .mark_text(align="left", baseline="top", fontSize=10, dy=BELOW_BAR, color="#444444")
        .encode(x=alt.value(0), y=y, text="marks:N")
    )
    chart = alt.layer(span, point, *_sentence_texts(base, y), marks).properties(
        width=SHARES_WIDTH_PIXELS, height=alt.Step(ROW_OF_CLAIM)
    )
    caption = [
        (
            "Bar: 95 % interval of the share. Lines mark where one verdict gives way to the next: "
            "5, 33, 67 and 95 %."
        ),
        describe_worlds(check_result.run_stats),
    ]
    return apply_chart_theme(chart, "Which claims are true", caption, SHARES_WIDTH_PIXELS)


def _claim_share_row(claim_check: ClaimCheck) -> dict[str, Any]:
    share = claim_check.share
    assert share is not None
    low, high = share.interval
    return {
        "claim": claim_check.id,
        **_sentence_lines(claim_check.sentence),
        "share": share.share,
        "low": low,
        "high": high,
        "verdict": share.verdict,
        "marks": _joined_marks(list(claim_marks(claim_check))),
    }


def _sentence_lines(sentence: str) -> dict[str, str]:
    """A sentence as the lines that stand above its row; the last is the lowest."""
    count = len(LINES_OF_SENTENCE)
    lines = textwrap.wrap(sentence, LETTERS_OF_SENTENCE, max_lines=count, placeholder=" …")
    return {f"line {n}": line for n, line in enumerate([""] * (count - len(lines)) + lines)}


def _sentence_texts(base: alt.Chart, y: alt.Y) -> list[alt.Chart]:
    """The sentences above their rows: a text a line, since Vega escapes one of several twice."""
    return [
        base.mark_text(align="left", baseline="top", fontSize=11, dy=height).encode(
            x=alt.value(0), y=y, text=f"line {number}:N"
        )
        for number, height in enumerate(LINES_OF_SENTENCE)
    ]


def _joined_marks(marks: Sequence[str]) -> str:
    """All marks of a claim as one: depends on this and on that."""
    first, *others = marks or [""]
    return " and ".join([first, *(mark.removeprefix("depends ") for mark in others)])


def lever_choice_chart(result: ChooseResult) -> AltairChart | None:
    """The goal under each lever, with its interval and its worst twentieth; None without worlds."""
    rows = [
        {
            "lever": one.title,
            "mean": one.goal.mean,
            "worst": None if result.is_test else one.goal.worst,
            "low": one.goal.mean if one.interval is None else one.interval[0],
            "high": one.goal.mean if one.interval is None else one.interval[1],
        }
        for one in result.levers
        if one.goal is not None
    ]
    if not rows or result.run_stats is None:
        return None
    order = [one.title for one in result.levers if one.goal is not None]
    y = alt.Y("lever:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, grid=True))
    title = "share of worlds in which the goal is true" if result.is_test else "the goal"
    scale = alt.Scale(domain=[0, 1]) if result.is_test else alt.Scale(zero=False)
    axis = alt.Axis(format="%") if result.is_test else alt.Axis()
    x = alt.X("mean:Q", scale=scale, axis=axis, title=title)
    base = alt.Chart(inline_data(rows))
    span = base.mark_rule(strokeWidth=3, opacity=0.6, color=BLUE).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", y=y
    )
    point = base.mark_point(filled=True, size=95, opacity=1, color=BLUE).encode(x=x, y=y)
    worst = (
        base.transform_filter("isValid(datum.worst)")
        .mark_point(size=70, shape="diamond", color=RED)
        .encode(x=alt.X("worst:Q", scale=scale), y=y)
    )
    chart = alt.layer(span, point, worst).properties(width=400, height=alt.Step(24))
    diamond = "" if result.is_test else " Diamond: the mean of the worst twentieth of worlds."
    point_is = f"Point: the mean over {format_count(result.worlds, 'world')}."
    caption = [
        f"Goal: {result.goal}.",
        f"{point_is} Bar: its 95 % interval.{diamond}",
        describe_worlds(result.run_stats),
    ]
    return apply_chart_theme(chart, "What could be decided", caption, 600)


def turning_points_chart(case: Case, claim_check: ClaimCheck) -> AltairChart | None:
    """How far each unknown alone may move until the claim turns; None if none turns it."""
    if not claim_check.turning_points:
        return None
    shown = claim_check.turning_points[:MOST_THRESHOLDS_SHOWN]
    rows = [_turning_point_row(case, point) for point in shown]
    order = [row["unknown"] for row in rows]
    y = alt.Y("unknown:N", sort=order, title=None, axis=alt.Axis(labelLimit=320))
    x = alt.X(
        "move:Q",
        title="change from the best estimate, as a share of the unknown's range",
        scale=alt.Scale(domain=[-1, 1]),
        axis=alt.Axis(
            labelExpr="datum.value == 0 ? 'best estimate' : format(datum.value, '+.0%')",
            values=[-1, -0.5, 0, 0.5, 1],
        ),
    )
    base = alt.Chart(inline_data(rows))
    bars = base.mark_bar(height=12).encode(
        x=x, y=y, color=alt.condition("datum.move < 0", alt.value(ORANGE), alt.value(BLUE))
    )
    labels = base.encode(x=x, y=y, text="text:N")
    right = labels.transform_filter("datum.move >= 0").mark_text(align="left", dx=5, fontSize=10.5)
    left = labels.transform_filter("datum.move < 0").mark_text(align="right", dx=-5, fontSize=10.5)
    zero = alt.Chart().mark_rule(color="black").encode(x=alt.datum(0))
    estimates = base.mark_text(align="left", dx=6, fontSize=10.5, color="#444444").encode(
        x=alt.value(340), y=y, text="best:N"
    )
    chart = alt.layer(bars, zero, left, right, estimates).properties(width=340, height=alt.Step(22))
    truth = "true" if claim_check.best else "false"
    caption = [
        (
            f"At the best estimates the claim is {truth}. Each bar ends at the nearest value at "
            f"which it is {'false' if claim_check.best else 'true'}, with all other unknowns "
            "at their best estimates. The shorter the bar, the more depends on that number."
        ),
        "Computed at the best estimates; no other worlds are drawn.",
    ]
    rest = len(claim_check.turning_points) - len(shown)
    if rest:
        caption.append(f"{format_count(rest, 'more unknown')} with longer bars left out.")
    return apply_chart_theme(chart, f"What turns {claim_check.id}", caption, 620)


def _turning_point_row(case: Case, point: TurningPoint) -> dict[str, Any]:
    unit = case.unknowns[point.unknown].unit
    sign, side = (-1.0, "below") if point.value < point.best else (1.0, "above")
    return {
        "unknown": case.unknown_labels[point.unknown],
        "move": sign * point.relative_distance,
        "text": f"{side} {format_number(point.value)}",
        "best": f"best estimate {format_number(point.best)}{f' {unit}' if unit else ''}",
    }


EVENT_TIMES = ("before", "as written, after the evidence", "from today")


def claim_update_chart(result: UpdateResult) -> AltairChart | None:
    """The weighted share of worlds of each claim, before and after the events; None without."""
    rows: list[dict[str, Any]] = [
        {
            "claim": claim.id,
            **_sentence_lines(claim.sentence or readable_name(claim.id)),
            "when": when,
            "share": weighted.share,
        }
        for claim in result.claims
        for when, weighted in zip(
            EVENT_TIMES, (claim.before, claim.as_written, claim.after), strict=True
        )
        if weighted is not None and weighted.share is not None
    ]
    if not rows:
        return None
    order = list(dict.fromkeys(row["claim"] for row in rows))
    for row, before in zip(rows, [None, *rows], strict=False):
        row["named"] = before is None or before["claim"] != row["claim"]
    y = alt.Y("claim:N", sort=order, title=None, axis=None)
    x = alt.X(
        "share:Q",
        title="weighted share of worlds in which the claim is true",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5),
    )
    times = list(EVENT_TIMES)
    legend = alt.Legend(title=None, orient="bottom", symbolSize=90, columns=2)
    base = alt.Chart(inline_data(rows))
    line = base.mark_line(color="#777777", strokeWidth=2, yOffset=BELOW_SENTENCE).encode(
        x=x, y=y, detail="claim:N"
    )
    point = base.mark_point(filled=True, size=85, opacity=1, yOffset=BELOW_SENTENCE).encode(
        x=x,
        y=y,
        color=alt.Color(
            "when:N", scale=alt.Scale(domain=times, range=[ORANGE, "#777777", BLUE]), legend=legend
        ),
        shape=alt.Shape(
            "when:N",
            scale=alt.Scale(domain=times, range=["square", "triangle-up", "circle"]),
            legend=legend,
        ),
    )
    named = base.transform_filter("datum.named")
    chart = alt.layer(line, point, *_sentence_texts(named, y)).properties(
        width=SHARES_WIDTH_PIXELS, height=alt.Step(ROW_OF_CLAIM)
    )
    caption = [
        (
            f"Shares before and after {format_count(len(result.events), 'event')}; the horizon "
            f"is now {format_count(result.periods_left, 'period')} away."
        ),
        describe_worlds(result.run_stats),
    ]
    if result.effective_worlds is not None:
        caption.append(
            f"Weighted by the events, the worlds count as {result.effective_worlds:.1f} equal ones."
        )
    return apply_chart_theme(chart, "Before and after the events", caption, SHARES_WIDTH_PIXELS)


def threshold_plane_chart(case: Case, plane: ThresholdPlane) -> AltairChart:
    """Where in the plane of two unknowns the claim is true and where it is false.

    case   the case, for the units of the unknowns
    plane  what `threshold_plane` returned
    """
    x, y = _unknown_axis(case, plane, "x"), _unknown_axis(case, plane, "y")
    layers = [_truth_points(plane, x, y)]
    if plane.boundary_lines:
        layers.append(_boundary_lines(plane, x, y))
    best = [{"x": plane.x.best, "y": plane.y.best}]
    layers.append(
        alt.Chart(inline_data(best))
        .mark_point(shape="diamond", size=260, stroke="black", strokeWidth=2, filled=False)
        .encode(x=x, y=y)
    )
    chart = alt.layer(*layers).properties(width=PLANE_SIDE_PIXELS, height=PLANE_SIDE_PIXELS)
    return apply_chart_theme(chart, f"Where {plane.claim} is true", _plane_caption(plane), 470)


def _truth_points(plane: ThresholdPlane, x: Any, y: Any) -> Any:
    points = [{"x": p.x, "y": p.y, "truth": TRUTH_MARKS[p.truth].word} for p in plane.points]
    styles = {"true": (BLUE, "circle"), "false": ("#999999", "cross"), "no answer": (RED, "stroke")}
    shown = [word for word in styles if any(point["truth"] == word for point in points)]
    legend = alt.Legend(title="the claim is", orient="right", symbolSize=80)
    colours = alt.Scale(domain=shown, range=[styles[word][0] for word in shown])
    shapes = alt.Scale(domain=shown, range=[styles[word][1] for word in shown])
    return (
        alt.Chart(inline_data(points))
        .mark_point(filled=True, size=75, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("truth:N", scale=colours, legend=legend),
            shape=alt.Shape("truth:N", scale=shapes, legend=legend),
        )
    )


def _boundary_lines(plane: ThresholdPlane, x: Any, y: Any) -> Any:
    rows: list[dict[str, Any]] = [
        {"x": a, "y": b, "line": n, "place": k}
        for n, line in enumerate(plane.boundary_lines)
        for k, (a, b) in enumerate(line)
    ]
    return (
        alt.Chart(inline_data(rows))
        .mark_line(color="black", strokeWidth=2)
        .encode(x=x, y=y, detail="line:N", order="place:O")
    )


def _plane_caption(plane: ThresholdPlane) -> list[str]:
    boundary = " Black line: where the claim turns, placed between points."
    caption = [
        plane.sentence,
        (
            f"Computed at {format_count(len(plane.points), 'point')}, all other unknowns at their "
            f"best estimates. Diamond: the best estimates."
            f"{boundary if plane.boundary_lines else ''}"
        ),
    ]
    if plane.unanswered_points:
        caption.append(f"{format_count(plane.unanswered_points, 'point')} without an answer.")
    if plane.doubtful_points:
        caption.append(
            f"{format_count(plane.doubtful_points, 'point')} with unresolved decisions or branch "
            "points."
        )
    return caption


def _unknown_axis(case: Case, plane: ThresholdPlane, which: str) -> Any:
    axis = plane.x if which == "x" else plane.y
    unit = case.unknowns[axis.name].unit
    label = case.unknown_labels[axis.name]
    title = f"{label}, {unit}" if unit else label
    pad = 0.04 * axis.width
    scale = alt.Scale(domain=[axis.low - pad, axis.high + pad], nice=False, zero=False)
    channel = alt.X if which == "x" else alt.Y
    return channel(f"{which}:Q", title=title, scale=scale)
