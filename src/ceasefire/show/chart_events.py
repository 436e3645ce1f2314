"""The claims before and after the events."""

from typing import Any

import altair as alt

from ceasefire.evidence import Updated
from ceasefire.show.drawing import BLUE, ORANGE, Chart, from_worlds, look, values
from ceasefire.show.words import counted


def events_chart(updated: Updated) -> Chart | None:
    """The share of the worlds' weight of each claim, before and today; None without worlds."""
    rows: list[dict[str, Any]] = [
        {"claim": claim.id, "when": when, "share": weighed.share}
        for claim in updated.claims
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
    base = alt.Chart(values(rows)).encode(x=x, y=y)
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
            f"Shares before and after {counted(len(updated.events), 'event')}; the horizon is now "
            f"{updated.left} periods away."
        ),
        from_worlds(updated.ran),
    ]
    if updated.size is not None:
        caption.append(f"The events leave the weight of {updated.size:.1f} of these worlds.")
    return look(drawn, "Before and after the events", caption, 600)
