"""Charts of parties and tables: who sits where, what a table is worth, who gains from waiting."""

import textwrap
from collections.abc import Collection
from typing import Any

import altair as alt

from ceasefire.case import Case
from ceasefire.diagnostics import fold_families, readable_name
from ceasefire.ensemble import TableValue, TableValues
from ceasefire.render.chart_theme import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    SERIES_COLOURS,
    SERIES_DASHES,
    AltairChart,
    apply_chart_theme,
    cycle_styles,
    describe_worlds,
    inline_data,
    series_encodings,
)

ROW_HEIGHT_PIXELS = 58
MOST_LABEL_PIXELS = (220, 210)  # of the words to the left, and to the right
COLUMN_GAP_PIXELS = 190
LABEL_LETTER_PIXELS = 7.2  # width of a letter of a name in pixels, at most about


def seating_chart(case: Case) -> AltairChart | None:
    """Parties on the left, tables on the right, a line to each seat. None without tables."""
    if not case.tables:
        return None
    left, right = _label_widths(case)
    actors = [name for name in case.actors if name in case.parties or _has_seat(case, name)]
    seat_end = left + COLUMN_GAP_PIXELS
    width = seat_end + right
    height = ROW_HEIGHT_PIXELS * max(len(actors), len(case.tables))
    party_y, table_y = _row_positions(actors, height), _row_positions(case.tables, height)
    seats = [
        {"x": left, "y": party_y[seat], "x2": seat_end, "y2": table_y[table], "table": table}
        for table, rules in case.tables.items()
        for seat in rules.seats
    ]
    parties = [
        {"x": left, "y": y, "name": case.name_of(name), "more": _type_names(case, name)}
        for name, y in party_y.items()
    ]
    tables = [
        {"x": seat_end, "y": y, "name": case.label_of(name), "more": _deal_names(case, name)}
        for name, y in table_y.items()
    ]
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width]))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0]))
    chart = alt.layer(
        _seat_lines(seats, list(case.tables), x, y),
        *_column_marks(parties, x, y, "circle", BLUE, left),
        *_column_marks(tables, x, y, "square", ORANGE, -right),
    ).properties(width=width, height=height)
    caption = [
        (
            "Circles are parties, with the types that others cannot see; squares are tables, with "
            "what can be agreed there. A line joins each table to those who sit at it."
        ),
    ]
    without = [case.parties[p].name for p in case.parties if not _has_seat(case, p)]
    if without:
        caption.append(f"At no table: {', '.join(without)}.")
    return apply_chart_theme(chart, "Parties and tables", caption, width)


def _seat_lines(rows: list[dict[str, Any]], tables: list[str], x: alt.X, y: alt.Y) -> Any:
    colours = alt.Scale(domain=tables, range=cycle_styles(SERIES_COLOURS, tables))
    dashes = alt.Scale(domain=tables, range=cycle_styles(SERIES_DASHES, tables))
    return (
        alt.Chart(inline_data(rows))
        .mark_rule(strokeWidth=2)
        .encode(
            x=x,
            y=y,
            x2="x2:Q",
            y2="y2:Q",
            color=alt.Color("table:N", scale=colours, legend=None),
            strokeDash=alt.StrokeDash("table:N", scale=dashes, legend=None),
        )
    )


def _label_widths(case: Case) -> tuple[int, int]:
    """Pixels for the words beside parties, and for those beside tables."""
    party_texts = [(case.name_of(name), _type_names(case, name)) for name in case.actors]
    table_texts = [
        (case.label_of(name), *_deal_names(case, name).splitlines()) for name in case.tables
    ]
    letters = [
        max(len(line) for lines in texts for line in lines) for texts in (party_texts, table_texts)
    ]
    left, right = (
        min(limit, 20 + round(LABEL_LETTER_PIXELS * longest))
        for limit, longest in zip(MOST_LABEL_PIXELS, letters, strict=True)
    )
    return left, right


def _column_marks(
    rows: list[dict[str, Any]], x: alt.X, y: alt.Y, shape: str, colour: str, room: int
) -> list[alt.Chart]:
    """Marks and words of one column; there is room to the left, or to the right if negative."""
    align: Any = "right" if room > 0 else "left"
    away = -14 if room > 0 else 14
    base = alt.Chart(inline_data(rows)).encode(x=x, y=y)
    return [
        base.mark_point(
            shape=shape, size=190, filled=True, fill=colour, stroke="black", opacity=1
        ),
        base.mark_text(
            align=align, dx=away, dy=-7, fontSize=12.5, fontWeight="bold", limit=abs(room) - 10,
        ).encode(text="name:N"),
        base.mark_text(
            align=align, dx=away, dy=8, fontSize=10.5, color="#444444", lineBreak="\n",
        ).encode(text="more:N"),
    ]  # fmt: skip


def _row_positions(names: Collection[str], height: float) -> dict[str, float]:
    """Where each name stands in a column of this height, in pixels from the top."""
    return {name: height * (row + 0.5) / len(names) for row, name in enumerate(names)}


def _type_names(case: Case, name: str) -> str:
    """The types of a party, or who may hold a role."""
    if name in case.roles:
        return " or ".join(case.parties[party].name for party in case.roles[name].holders)
    return " or ".join(case.parties[name].types)


def _deal_names(case: Case, table: str) -> str:
    deals = case.tables[table].deals
    names = [
        deals[name].label or readable_name(name) if name in deals else name
        for name in fold_families(deals)
    ]
    return "\n".join(textwrap.wrap(", ".join(names), 40)[:2])


def _has_seat(case: Case, party: str) -> bool:
    seats = (seat for table in case.tables.values() for seat in table.seats)
    return any(party == seat or party in case.holders_of(seat) for seat in seats)


def table_values_chart(case: Case, values: TableValues) -> AltairChart | None:
    """What each party would lose without each table, a panel for each table; None without."""
    rows = [_table_value_row(case, value) for value in values.worths if value.best is not None]
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
    layers = [zero, bar, span, *ends] if values.answered_worlds else [zero, bar]
    drawn = alt.layer(*layers, data=inline_data(rows)).facet(
        row=alt.Row("table:N", sort=[*map(case.label_of, case.tables)], header=_panel_header()),
        spacing=14,
    )
    caption = [
        (
            "Bar: value with the table minus value without it, at the best estimates; to the right "
            "the party is better off with the table. Units differ from party to party."
        ),
        *(
            ["Black: from the 5th to the 95th percentile of the worlds."]
            if values.answered_worlds
            else []
        ),
        describe_worlds(values.run_stats),
    ]
    return apply_chart_theme(drawn, "What each table is worth", caption, 520)


def delay_values_chart(case: Case, values: TableValues) -> AltairChart | None:
    """What each party gains if a table is closed for the first n periods, a panel for each."""
    rows = [_table_value_row(case, value) for value in values.worths if value.best is not None]
    if not rows:
        return None
    names = list(dict.fromkeys(row["party"] for row in rows))
    for row in rows:
        row["who"] = row["party"]
    colour, dash, shape = series_encodings(names)
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
    if values.answered_worlds:
        band = base.mark_area(opacity=0.12).encode(y="p05:Q", y2="p95:Q")
        layers = [zero, band, line, points]
    panel = alt.layer(*layers, data=inline_data(rows)).properties(width=180, height=170)
    columns = min(3, len(case.tables))
    drawn = panel.facet(
        alt.Facet("table:N", sort=[*map(case.label_of, case.tables)], header=_panel_header()),
        columns=columns,
        spacing={"row": 16, "column": 30},
    )
    caption = [
        (
            "Value when everybody knows that the table does not meet at first, minus value when it "
            "may meet at once. Above 0 the party gains by waiting."
        ),
        *(["Shaded: from the 5th to the 95th percentile."] if values.answered_worlds else []),
        describe_worlds(values.run_stats),
    ]
    return apply_chart_theme(drawn, "Who gains from waiting", caption, max(400, columns * 232))


def _panel_header() -> alt.Header:
    return alt.Header(labelAnchor="start", labelOrient="top")


def _table_value_row(case: Case, table_value: TableValue) -> dict[str, Any]:
    row: dict[str, Any] = {
        "table": case.label_of(table_value.table),
        "party": case.parties[table_value.party].name,
        "closed": table_value.periods_closed,
        "best": table_value.best,
    }
    if table_value.quantiles is not None:
        row |= {"p05": table_value.quantiles.p05, "p95": table_value.quantiles.p95}
    return row
