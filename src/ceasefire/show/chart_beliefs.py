"""What each observer is expected to believe of a hidden type, period by period."""

from collections.abc import Iterator
from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.show.drawing import Chart, from_worlds, look, styled, time_axis, values
from ceasefire.worlds import Band, Paths


def beliefs_chart(case: Case, paths: Paths) -> Chart | None:
    """One panel for each party with types, a line for each observer; None if nothing is hidden."""
    hidden = {name: tuple(party.types) for name, party in case.parties.items() if party.types}
    first = {f"{name}.{types[0]}" for name, types in hidden.items()}
    chosen = [b for b in paths.bands if b.kind == "belief" and b.name in first]
    if not chosen:
        return None
    merged = list(_merged(case, chosen))
    observers = list(dict.fromkeys(row["who"] for row in merged))
    colour, dash, shape = styled(observers)
    base = alt.Chart().encode(
        x=alt.X("period:Q", title=time_axis(case), axis=alt.Axis(tickMinStep=1, tickCount=6)),
        y=alt.Y("best:Q", title="probability", scale=alt.Scale(domain=[0, 1])),
        color=colour,
    )
    line = base.mark_line(strokeWidth=2).encode(strokeDash=dash)
    last = max(row["period"] for row in merged)
    marks = alt.FieldOneOfPredicate(
        field="period", oneOf=sorted({round(last * k / 4) for k in range(5)})
    )
    points = base.mark_point(filled=True, size=55, opacity=1).encode(shape=shape)
    panel = alt.layer(line, points.transform_filter(marks), data=values(merged))
    panel = panel.properties(width=270 if len(hidden) > 1 else 420, height=190)
    drawn = panel.facet(
        alt.Facet("what:N", sort=list(dict.fromkeys(r["what"] for r in merged))),
        columns=2,
        spacing=26,
    )
    caption = [
        (
            "The belief that each observer is expected to hold, at the best estimates. The "
            "analyst's stays where it began, on average: what is seen may move it either way."
        ),
        (
            "Expected over all plays as the analyst sees them, so an observer whose prior differs "
            "drifts towards the analyst's."
        ),
    ]
    if paths.worlds:
        widest = max(
            (top - low for b in chosen for low, top in zip(b.low, b.high, strict=True)), default=0
        )
        caption.append(
            f"The widest 5 to 95 % band is {widest:.2f} across, over {from_worlds(paths.ran)}"
        )
    return look(drawn, "What is believed of whom", caption, 620 if len(hidden) > 1 else 460)


def _merged(case: Case, bands: list[Band]) -> Iterator[dict[str, Any]]:
    """Rows for each belief; observers who believe the same all the time share one line."""
    groups: dict[tuple[str, tuple[float, ...]], list[str]] = {}
    for band in bands:
        same = tuple(round(value, 9) for value in band.best)
        groups.setdefault((band.name, same), []).append(band.observer or "")
    for (name, line), observers in groups.items():
        party, kind = name.split(".")
        if len(observers) == len(case.parties):
            who = "everyone, the analyst too"
        else:
            names = ("analyst" if o == "analyst" else case.parties[o].name for o in observers)
            who = ", ".join(names)
        for period, value in enumerate(line):
            what = f"{case.parties[party].name}: {kind}"
            yield {"what": what, "who": who, "period": period, "best": value}
