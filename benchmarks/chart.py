"""The table as a picture: how many times faster, beside what was aimed at."""

from collections.abc import Sequence
from pathlib import Path

import altair as alt

from benchmarks.table import Row

DARK, PALE, MISSED = "#1f4e79", "#9aa7b5", "#b3392f"


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write an SVG of all rows that have a rival or a limit, on one logarithmic axis."""
    shown = [
        {
            "what": f"{row.what} · {row.other}".replace("`", ""),
            "ratio": row.ratio, "low": row.low, "high": row.high, "target": row.target,
            "result": {None: "no target", True: "target met", False: "target missed"}[row.met],
        }
        for row in rows
        if row.kind in ("rival", "limit")
    ]  # fmt: skip
    base = alt.Chart(alt.InlineData(values=shown)).encode(
        y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(labelLimit=520, ticks=False))
    )
    ratio = alt.X(
        "ratio:Q",
        scale=alt.Scale(type="log"),
        title="times faster than the rival, or times within the limit",
        axis=alt.Axis(format="~g"),
    )
    colour = alt.Color(
        "result:N",
        title=None,
        scale=alt.Scale(
            domain=["target met", "target missed", "no target"], range=[DARK, MISSED, PALE]
        ),
        legend=alt.Legend(orient="top"),
    )
    spread = base.mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q", color=colour)
    point = base.mark_circle(size=70, opacity=1).encode(x=ratio, color=colour)
    aim = base.mark_tick(thickness=2, size=16, color="black").encode(x="target:Q")
    chart = (spread + point + aim).properties(width=460, title="The black tick is the target")
    chart.save(str(path), format="svg")
