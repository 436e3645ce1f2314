"""The space of two unknowns, and the line at which a claim's verdict flips."""

from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.show.drawing import BLUE, RED, Chart, look, values
from ceasefire.show.words import counted
from ceasefire.worlds import Plane

SIDE = 300
WORDS = {True: "true", False: "false", None: "no answer"}


def plane_chart(case: Case, plane: Plane) -> Chart:
    """Where the claim is true and where it is false, read point by point."""
    points = [
        {"x": r.x, "y": r.y, "says": WORDS[r.truth]} for r in plane.readings
    ]  # fmt: skip
    domain = ["true", "false", "no answer"]
    shown = [word for word in domain if any(point["says"] == word for point in points)]
    look_of = dict(
        zip(domain, ((BLUE, "circle"), ("#999999", "cross"), (RED, "stroke")), strict=True)
    )
    legend = alt.Legend(title="the claim is", orient="right", symbolSize=80)
    x, y = _axis(case, plane, "x"), _axis(case, plane, "y")
    dots = (
        alt.Chart(values(points))
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
        for n, line in enumerate(plane.lines)
        for k, (a, b) in enumerate(line)
    ]
    layers: list[alt.Chart] = [dots]
    if lines:
        layers.append(
            alt.Chart(values(lines))
            .mark_line(color="black", strokeWidth=2)
            .encode(x=x, y=y, detail="line:N", order="place:O")
        )
    best = [{"x": plane.x.best, "y": plane.y.best}]
    layers.append(
        alt.Chart(values(best))
        .mark_point(shape="diamond", size=260, stroke="black", strokeWidth=2, filled=False)
        .encode(x=x, y=y)
    )
    drawn = alt.layer(*layers).properties(width=SIDE, height=SIDE)
    caption = [
        plane.says,
        f"Read at {counted(len(plane.readings), 'point')}, all other unknowns at best. Diamond: "
        "the best estimates."
        + (" Black line: where the verdict flips, between readings." if lines else ""),
    ]
    if plane.failed:
        caption.append(f"{counted(plane.failed, 'point')} without an answer.")
    if plane.doubtful:
        caption.append(
            f"{counted(plane.doubtful, 'point')} with decisions unresolved or branch points."
        )
    return look(drawn, f"Where {plane.claim} is true", caption, 470)


def _axis(case: Case, plane: Plane, which: str) -> Any:
    axis = plane.x if which == "x" else plane.y
    unit = case.unknowns[axis.name].unit
    title = f"{axis.name}, {unit}" if unit else axis.name
    pad = 0.04 * axis.width
    scale = alt.Scale(domain=[axis.low - pad, axis.high + pad], nice=False, zero=False)
    channel = alt.X if which == "x" else alt.Y
    return channel(f"{which}:Q", title=title, scale=scale)
