"""The claims: their shares of worlds, and what turns one of them."""

from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.ensemble import VERDICTS, CheckResult, ClaimCheck, ThresholdPlane
from ceasefire.evidence import UpdateResult
from ceasefire.render.chart_theme import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    SKY,
    AltairChart,
    apply_chart_theme,
    describe_worlds,
    inline_data,
)
from ceasefire.render.formatting import format_count, format_number

VERDICT_COLOURS = (BLUE, SKY, GREY, ORANGE, RED)
VERDICT_SHAPES = ("circle", "triangle-up", "diamond", "triangle-down", "square")
MOST_THRESHOLDS_SHOWN = 12


def claim_shares_chart(check_result: CheckResult) -> AltairChart | None:
    """The share of worlds in which each claim holds, with its interval; None without worlds."""
    rows = [
        _claim_share_row(v)
        for v in check_result.claim_checks
        if v.share is not None and v.share.worlds
    ]
    if not rows or check_result.run_stats is None:
        return None
    order = [row["claim"] for row in rows]
    y = alt.Y("claim:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, grid=True))
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", values=[0.05, 1 / 3, 0.5, 2 / 3, 0.95], labelOverlap=False)
    x = alt.X("share:Q", scale=scale, title="share of worlds in which it holds", axis=axis)
    legend = alt.Legend(title=None, orient="bottom", symbolSize=90)
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICT_COLOURS)),
        legend=legend,
    )
    shape = alt.Shape(
        "verdict:N",
        scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICT_SHAPES)),
        legend=legend,
    )
    base = alt.Chart(inline_data(rows))
    span = base.mark_rule(strokeWidth=3, opacity=0.6).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q", y=y, color=colour
    )
    point = base.mark_point(filled=True, size=95, opacity=1).encode(
        x=x, y=y, color=colour, shape=shape
    )
    noise = (
        base.transform_filter("datum.noise")
        .mark_text(text="rests on noise", align="left", fontSize=10.5, color="#444444")
        .encode(x=alt.value(410), y=y)
    )
    drawn = alt.layer(span, point, noise).properties(width=400, height=alt.Step(20))
    caption = [
        (
            "Bar: 95 % interval of the share. Lines stand where one verdict gives way to the next: "
            "5, 33, 67 and 95 %."
        ),
        describe_worlds(check_result.run_stats),
    ]
    return apply_chart_theme(drawn, "Which claims hold", caption, 600)


def _claim_share_row(claim_check: ClaimCheck) -> dict[str, Any]:
    share = claim_check.share
    assert share is not None
    low, high = share.interval
    return {
        "claim": claim_check.claim.id,
        "share": share.share,
        "low": low,
        "high": high,
        "verdict": share.verdict,
        "noise": bool(claim_check.claim.noise),
    }


def turning_points_chart(case: Case, claim_check: ClaimCheck) -> AltairChart | None:
    """How far each unknown alone may move from best until a claim flips; None if none flips it."""
    if not claim_check.turning_points:
        return None
    shown = claim_check.turning_points[:MOST_THRESHOLDS_SHOWN]
    rows = []
    for flip in shown:
        unit = case.unknowns[flip.unknown].unit
        sign = -1.0 if flip.value < flip.best else 1.0
        word = "below" if sign < 0 else "above"
        rows.append(
            {
                "unknown": flip.unknown,
                "move": sign * flip.relative_distance,
                "text": f"{word} {format_number(flip.value)}",
                "best": f"best {format_number(flip.best)}{f' {unit}' if unit else ''}",
            }
        )
    order = [flip.unknown for flip in shown]
    y = alt.Y("unknown:N", sort=order, title=None, axis=alt.Axis(labelLimit=200))
    x = alt.X(
        "move:Q",
        title="move from best, as a share of the unknown's range",
        scale=alt.Scale(domain=[-1, 1]),
        axis=alt.Axis(
            labelExpr="datum.value == 0 ? 'best' : format(datum.value, '+.0%')",
            values=[-1, -0.5, 0, 0.5, 1],
        ),
    )
    base = alt.Chart(inline_data(rows))
    bars = base.mark_bar(height=12).encode(
        x=x, y=y, color=alt.condition("datum.move < 0", alt.value(ORANGE), alt.value(BLUE))
    )
    named = base.encode(x=x, y=y, text="text:N")
    right = named.transform_filter("datum.move >= 0").mark_text(align="left", dx=5, fontSize=10.5)
    left = named.transform_filter("datum.move < 0").mark_text(align="right", dx=-5, fontSize=10.5)
    zero = alt.Chart().mark_rule(color="black").encode(x=alt.datum(0))
    bests = base.mark_text(align="left", dx=6, fontSize=10.5, color="#444444").encode(
        x=alt.value(340), y=y, text="best:N"
    )
    drawn = alt.layer(bars, zero, left, right, bests).properties(width=340, height=alt.Step(22))
    truth = "true" if claim_check.claim.best else "false"
    caption = [
        (
            f"At best the claim is {truth}. Each bar ends at the nearest value at which it is "
            f"{'false' if claim_check.claim.best else 'true'}, all other unknowns at best. The "
            "shorter "
            "the bar, the more hangs on that number."
        ),
        "At the best estimates; no other worlds are drawn.",
    ]
    rest = len(claim_check.turning_points) - len(shown)
    if rest:
        caption.append(f"{format_count(rest, 'more unknown')} with longer bars left out.")
    return apply_chart_theme(drawn, f"What turns {claim_check.claim.id}", caption, 620)


def claim_update_chart(result: UpdateResult) -> AltairChart | None:
    """The share of the worlds' weight of each claim, before and today; None without worlds."""
    rows: list[dict[str, Any]] = [
        {"claim": claim.id, "when": when, "share": weighed.share}
        for claim in result.claims
        for when, weighed in (("before", claim.before), ("after the events", claim.after))
        if weighed is not None and weighed.share is not None
    ]
    if not rows:
        return None
    order = list(dict.fromkeys(row["claim"] for row in rows))
    y = alt.Y("claim:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, grid=True))
    x = alt.X(
        "share:Q",
        title="share of the worlds' weight in which it holds",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5),
    )
    whens = ["before", "after the events"]
    legend = alt.Legend(title=None, orient="bottom", symbolSize=90)
    base = alt.Chart(inline_data(rows)).encode(x=x, y=y)
    line = base.mark_line(color="#777777", strokeWidth=2).encode(detail="claim:N")
    point = base.mark_point(filled=True, size=85, opacity=1).encode(
        color=alt.Color(
            "when:N", scale=alt.Scale(domain=whens, range=[ORANGE, BLUE]), legend=legend
        ),
        shape=alt.Shape(
            "when:N", scale=alt.Scale(domain=whens, range=["square", "circle"]), legend=legend
        ),
    )
    drawn = alt.layer(line, point).properties(width=400, height=alt.Step(20))
    caption = [
        (
            f"Shares before and after {format_count(len(result.events), 'event')}; the horizon "
            "is now "
            f"{result.periods_left} periods away."
        ),
        describe_worlds(result.run_stats),
    ]
    if result.effective_worlds is not None:
        caption.append(
            f"The events leave the weight of {result.effective_worlds:.1f} of these worlds."
        )
    return apply_chart_theme(drawn, "Before and after the events", caption, 600)


PLANE_SIDE_PIXELS = 300
TRUTH_WORDS = {True: "true", False: "false", None: "no answer"}


def threshold_plane_chart(case: Case, plane: ThresholdPlane) -> AltairChart:
    """Where the claim is true and where it is false, read point by point."""
    points = [
        {"x": r.x, "y": r.y, "says": TRUTH_WORDS[r.truth]} for r in plane.points
    ]  # fmt: skip
    domain = ["true", "false", "no answer"]
    shown = [word for word in domain if any(point["says"] == word for point in points)]
    look_of = dict(
        zip(domain, ((BLUE, "circle"), ("#999999", "cross"), (RED, "stroke")), strict=True)
    )
    legend = alt.Legend(title="the claim is", orient="right", symbolSize=80)
    x, y = _unknown_axis(case, plane, "x"), _unknown_axis(case, plane, "y")
    dots = (
        alt.Chart(inline_data(points))
        .mark_point(filled=True, size=75, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "says:N",
                scale=alt.Scale(domain=shown, range=[look_of[word][0] for word in shown]),
                legend=legend,
            ),
            shape=alt.Shape(
                "says:N",
                scale=alt.Scale(domain=shown, range=[look_of[word][1] for word in shown]),
                legend=legend,
            ),
        )
    )
    lines: list[dict[str, Any]] = [
        {"x": a, "y": b, "line": n, "place": k}
        for n, line in enumerate(plane.boundary_lines)
        for k, (a, b) in enumerate(line)
    ]
    layers: list[alt.Chart] = [dots]
    if lines:
        layers.append(
            alt.Chart(inline_data(lines))
            .mark_line(color="black", strokeWidth=2)
            .encode(x=x, y=y, detail="line:N", order="place:O")
        )
    best = [{"x": plane.x.best, "y": plane.y.best}]
    layers.append(
        alt.Chart(inline_data(best))
        .mark_point(shape="diamond", size=260, stroke="black", strokeWidth=2, filled=False)
        .encode(x=x, y=y)
    )
    drawn = alt.layer(*layers).properties(width=PLANE_SIDE_PIXELS, height=PLANE_SIDE_PIXELS)
    caption = [
        plane.sentence,
        f"Read at {format_count(len(plane.points), 'point')}, all other unknowns at best. "
        "Diamond: "
        "the best estimates."
        + (" Black line: where the verdict flips, between readings." if lines else ""),
    ]
    if plane.unanswered_points:
        caption.append(f"{format_count(plane.unanswered_points, 'point')} without an answer.")
    if plane.doubtful_points:
        caption.append(
            f"{format_count(plane.doubtful_points, 'point')} with decisions unresolved or branch "
            "points."
        )
    return apply_chart_theme(drawn, f"Where {plane.claim} is true", caption, 470)


def _unknown_axis(case: Case, plane: ThresholdPlane, which: str) -> Any:
    axis = plane.x if which == "x" else plane.y
    unit = case.unknowns[axis.name].unit
    title = f"{axis.name}, {unit}" if unit else axis.name
    pad = 0.04 * axis.width
    scale = alt.Scale(domain=[axis.low - pad, axis.high + pad], nice=False, zero=False)
    channel = alt.X if which == "x" else alt.Y
    return channel(f"{which}:Q", title=title, scale=scale)
