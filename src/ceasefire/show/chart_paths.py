"""How likely each condition is, period by period, with the band over the worlds."""

from collections.abc import Iterator
from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.show.drawing import BLUE, Chart, from_worlds, look, time_axis, values
from ceasefire.worlds import Band, Paths

SIDE = 180


def paths_chart(case: Case, paths: Paths) -> Chart:
    """One panel for each condition (each true-or-false variable, where there are none)."""
    chosen = [band for band in paths.bands if band.kind == "condition"]
    if not chosen:
        flags = {name for name, variable in case.variables.items() if variable.kind == "boolean"}
        chosen = [b for b in paths.bands if b.kind == "state" and b.name in flags]
    still = [band.name for band in chosen if _still(band)]
    drawn = [band for band in chosen if not _still(band)]
    across = min(3, max(1, len(drawn)))
    x = alt.X("period:Q", title=time_axis(case), axis=alt.Axis(tickMinStep=1, tickCount=6))
    domain = alt.Scale(domain=[0, 1])
    base = alt.Chart().properties(width=SIDE, height=110)
    band = base.mark_area(color=BLUE, opacity=0.25).encode(
        x=x, y=alt.Y("p05:Q", title="probability", scale=domain), y2="p95:Q"
    )
    line = base.mark_line(color=BLUE, strokeWidth=2, clip=True).encode(
        x=x, y=alt.Y("best:Q", title="probability", scale=domain)
    )
    middle = base.mark_line(color="black", strokeWidth=1, strokeDash=[3, 3]).encode(
        x=x, y=alt.Y("p50:Q", title="probability", scale=domain)
    )
    layers = [band, middle, line] if paths.worlds else [line]
    order = [band.name for band in drawn]
    faceted = alt.layer(*layers, data=values(list(_rows(drawn)))).facet(
        alt.Facet("name:N", sort=order, header=alt.Header(labelAnchor="start")),
        columns=across,
        spacing={"row": 14, "column": 26},
    )
    caption = [
        "Solid line: best estimates. Dashed: median of the worlds; shaded: from the 5th to the "
        "95th percentile." if paths.worlds else "Probability at each period's end.",
        from_worlds(paths.ran),
    ]  # fmt: skip
    if still:
        always = "Always or never, in every world" if paths.worlds else "Always or never"
        caption.append(f"{always}, so not drawn: {', '.join(still)}.")
    width = max(330, across * (SIDE + 50))
    return look(faceted, "What is likely when", caption, width)


def _still(band: Band) -> bool:
    """Whether a condition is certain or impossible at every time in every world."""
    seen = {*band.best, *band.low, *band.high}
    return seen <= {0.0} or seen <= {1.0} or max(seen) < 5e-4 or min(seen) > 1 - 5e-4


def _rows(bands: list[Band]) -> Iterator[dict[str, Any]]:
    for band in bands:
        for period, best in enumerate(band.best):
            row: dict[str, Any] = {"name": band.name, "period": period, "best": best}
            if band.low:
                row |= {"p05": band.low[period], "p50": band.middle[period]}
                row |= {"p95": band.high[period]}
            yield row
