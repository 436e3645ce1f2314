"""What each table is worth to each party, and who gains when it stays closed for a while."""

from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.show.drawing import BLUE, GREY, RED, Chart, from_worlds, look, styled, values
from ceasefire.worlds import Worth, Worths


def worth_chart(case: Case, worths: Worths) -> Chart | None:
    """One panel for each table: what each party would lose without it. None without tables."""
    rows = [_row(case, worth) for worth in worths.worths if worth.best is not None]
    if not rows:
        return None
    x = alt.X("best:Q", title="payoff, in the party's own units")
    y = alt.Y("party:N", title=None, sort=None)
    base = alt.Chart().properties(width=330)
    side = alt.condition("datum.best < 0", alt.value(RED), alt.value(BLUE))
    bar = base.mark_bar(height=11, opacity=0.85).encode(x=x, y=y, color=side)
    span = base.mark_rule(strokeWidth=1.5).encode(x="p05:Q", x2="p95:Q", y=y)
    ends = [
        base.mark_tick(thickness=1.5, height=8, color="black").encode(x=f"{end}:Q", y=y)
        for end in ("p05", "p95")
    ]
    zero = base.mark_rule(color=GREY).encode(x=alt.datum(0))
    layers = [zero, bar, span, *ends] if worths.worlds else [zero, bar]
    drawn = alt.layer(*layers, data=values(rows)).facet(
        row=alt.Row("table:N", sort=list(case.tables), header=_header()), spacing=14
    )
    caption = [
        (
            "Bar: value with the table less value without it, at the best estimates; to the right "
            "the party is better off with the table. Units differ from party to party."
        ),
        *(["Black: from the 5th to the 95th percentile of the worlds."] if worths.worlds else []),
        from_worlds(worths.ran),
    ]
    return look(drawn, "What each table is worth", caption, 520)


def waiting_chart(case: Case, worths: Worths) -> Chart | None:
    """One panel for each table: what each party gains if it is closed for the first n periods."""
    rows = [_row(case, worth) for worth in worths.worths if worth.best is not None]
    if not rows:
        return None
    names = list(dict.fromkeys(row["party"] for row in rows))
    for row in rows:
        row["who"] = row["party"]
    colour, dash, shape = styled(names)
    x = alt.X(
        "closed:Q",
        title=f"closed for the first … {case.period}s",
        axis=alt.Axis(tickMinStep=1, tickCount=6),
    )
    base = alt.Chart().encode(
        x=x, y=alt.Y("best:Q", title="gain, party's own units"), color=colour
    )  # fmt: skip
    line = base.mark_line(strokeWidth=2).encode(strokeDash=dash)
    points = base.mark_point(filled=True, size=40, opacity=1).encode(shape=shape)
    zero = alt.Chart().mark_rule(color=GREY).encode(y=alt.datum(0))
    layers = [zero, line, points]
    if worths.worlds:
        band = base.mark_area(opacity=0.12).encode(y="p05:Q", y2="p95:Q")
        layers = [zero, band, line, points]
    panel = alt.layer(*layers, data=values(rows)).properties(width=180, height=170)
    across = min(3, len(case.tables))
    drawn = panel.facet(
        alt.Facet("table:N", sort=list(case.tables), header=_header()),
        columns=across,
        spacing={"row": 16, "column": 30},
    )
    caption = [
        (
            "Value when everybody knows that the table does not meet at first, less value when it "
            "may meet at once. Above 0 the party gains by waiting."
        ),
        *(["Shaded: from the 5th to the 95th percentile."] if worths.worlds else []),
        from_worlds(worths.ran),
    ]
    return look(drawn, "Who gains from waiting", caption, max(400, across * 232))


def _header() -> alt.Header:
    return alt.Header(labelAnchor="start", labelOrient="top")


def _row(case: Case, worth: Worth) -> dict[str, Any]:
    row: dict[str, Any] = {
        "table": worth.table,
        "party": case.parties[worth.party].name,
        "closed": worth.closed,
        "best": worth.best,
    }
    if worth.spread is not None:
        row |= {"p05": worth.spread.p05, "p95": worth.spread.p95}
    return row
