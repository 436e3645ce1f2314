"""Charts over time: how likely each condition is, and what is believed of hidden types."""

from collections.abc import Iterator
from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.ensemble import QuantileBand, TimelineQuantiles
from ceasefire.render.chart_theme import (
    BLUE,
    AltairChart,
    apply_chart_theme,
    describe_worlds,
    inline_data,
    series_encodings,
    time_encoding,
)


def belief_timeline_chart(case: Case, timeline: TimelineQuantiles) -> AltairChart | None:
    """What each observer believes of each party with types; None if no party has types."""
    hidden = {name: tuple(party.types) for name, party in case.parties.items() if party.types}
    shown = {
        f"{name}.{kind}"
        for name, types in hidden.items()
        for kind in (types[:1] if len(types) == 2 else types)
    }
    chosen = [b for b in timeline.bands if b.kind == "belief" and b.name in shown]
    if not chosen:
        return None
    merged = list(_merged_belief_rows(case, chosen))
    observers = list(dict.fromkeys(row["who"] for row in merged))
    colour, dash, shape = series_encodings(observers)
    width = 270 if len(shown) > 1 else 420
    last = max(row["period"] for row in merged)
    base = alt.Chart().encode(
        x=time_encoding(case, last, width),
        y=alt.Y("best:Q", title="probability", scale=alt.Scale(domain=[0, 1])),
        color=colour,
    )
    line = base.mark_line(strokeWidth=2).encode(strokeDash=dash)
    marks = alt.FieldOneOfPredicate(
        field="period", oneOf=sorted({round(last * k / 4) for k in range(5)})
    )
    points = base.mark_point(filled=True, size=55, opacity=1).encode(shape=shape)
    panel = alt.layer(line, points.transform_filter(marks), data=inline_data(merged))
    panel = panel.properties(width=width, height=190)
    drawn = panel.facet(
        alt.Facet("what:N", sort=list(dict.fromkeys(r["what"] for r in merged))),
        columns=2,
        spacing=26,
    )
    caption = [
        (
            "The belief that each observer is expected to hold, at the best estimates. On average "
            "the analyst's stays where it began: what is seen may move it either way."
        ),
        (
            "Expected over all plays as the analyst sees them, so an observer whose prior differs "
            "drifts towards the analyst's."
        ),
    ]
    if timeline.answered_worlds:
        widest = max(
            (top - low for b in chosen for low, top in zip(b.p05, b.p95, strict=True)), default=0
        )
        caption.append(
            f"The widest 5 to 95 % band is {widest:.2f} across, over "
            f"{describe_worlds(timeline.run_stats)}"
        )
    return apply_chart_theme(
        drawn, "What is believed of whom", caption, 620 if len(shown) > 1 else 460
    )


def _merged_belief_rows(case: Case, bands: list[QuantileBand]) -> Iterator[dict[str, Any]]:
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


PANEL_WIDTHS_PIXELS = {1: 420, 2: 240, 3: 180}  # by how many stand in a row


def condition_timeline_chart(case: Case, timeline: TimelineQuantiles) -> AltairChart:
    """How likely each condition is over time; without conditions, each true-or-false variable.

    Conditions that are numbers have panels of their own below, with what is expected of them.

    case      the case
    timeline  what is likely when, with bands if it was asked in many worlds
    """
    chosen = [band for band in timeline.bands if band.kind == "condition"]
    numbers = [band for band in timeline.bands if band.kind == "number"]
    if not chosen and not numbers:
        flags = {
            name
            for name, variable in case.variables_and_promises.items()
            if variable.kind == "boolean"
        }
        chosen = [b for b in timeline.bands if b.kind == "state" and b.name in flags]
    constant = [band.name for band in chosen if _is_certain_throughout(band)]
    likely = [band for band in chosen if not _is_certain_throughout(band)]
    panels = [_timeline_panels(case, timeline, likely, "probability")] if likely else []
    panels += [_timeline_panels(case, timeline, [band], "expected value") for band in numbers]
    drawn = panels or [_timeline_panels(case, timeline, [], "probability")]
    caption = [
        "Solid line: best estimates. Dashed: median of the worlds; shaded: from the 5th to the "
        "95th percentile." if timeline.answered_worlds else "As at each period's end.",
        describe_worlds(timeline.run_stats),
    ]  # fmt: skip
    if constant:
        always = (
            "Always or never, in every world" if timeline.answered_worlds else "Always or never"
        )
        caption.append(f"{always}, so not drawn: {', '.join(map(case.label_of, constant))}.")
    columns = [min(3, max(1, len(likely))), *(1 for _ in numbers)]
    width = max(count * (PANEL_WIDTHS_PIXELS[count] + 40) for count in columns)
    chart = drawn[0] if len(drawn) == 1 else alt.vconcat(*drawn)
    return apply_chart_theme(chart, "What is likely when", caption, width)


def _timeline_panels(
    case: Case, timeline: TimelineQuantiles, bands: list[QuantileBand], title: str
) -> alt.FacetChart:
    """A panel for each band, three in a row; probabilities from 0 to 1, others as they are."""
    columns = min(3, max(1, len(bands)))
    width = PANEL_WIDTHS_PIXELS[columns]
    last = max((len(band.best) - 1 for band in bands), default=0)
    x = time_encoding(case, last, width)
    domain = alt.Scale(domain=[0, 1]) if title == "probability" else alt.Scale(zero=True)
    base = alt.Chart().properties(width=width, height=110)
    band = base.mark_area(color=BLUE, opacity=0.25).encode(
        x=x, y=alt.Y("p05:Q", title=title, scale=domain), y2="p95:Q"
    )
    line = base.mark_line(color=BLUE, strokeWidth=2, clip=True).encode(
        x=x, y=alt.Y("best:Q", title=title, scale=domain)
    )
    middle = base.mark_line(color="black", strokeWidth=1, strokeDash=[3, 3]).encode(
        x=x, y=alt.Y("p50:Q", title=title, scale=domain)
    )
    layers = [band, middle, line] if timeline.answered_worlds else [line]
    return alt.layer(*layers, data=inline_data(list(_quantile_rows(case, bands)))).facet(
        alt.Facet(
            "name:N",
            sort=[case.label_of(band.name) for band in bands],
            header=alt.Header(labelAnchor="start"),
        ),
        columns=columns,
        spacing={"row": 14, "column": 26},
    )


def _is_certain_throughout(band: QuantileBand) -> bool:
    """Whether a condition is certain or impossible at every time in every world."""
    seen = {*band.best, *band.p05, *band.p95}
    return seen <= {0.0} or seen <= {1.0} or max(seen) < 5e-4 or min(seen) > 1 - 5e-4


def _quantile_rows(case: Case, bands: list[QuantileBand]) -> Iterator[dict[str, Any]]:
    for band in bands:
        for period, best in enumerate(band.best):
            row: dict[str, Any] = {"name": case.label_of(band.name), "period": period, "best": best}
            if band.p05:
                row |= {"p05": band.p05[period], "p50": band.p50[period]}
                row |= {"p95": band.p95[period]}
            yield row
