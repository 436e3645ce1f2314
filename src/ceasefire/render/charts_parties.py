"""Charts of parties and tables: who sits where, what a table is worth, who gains from waiting."""

import textwrap
from typing import Any

import altair as alt

from ceasefire.case import Case, Table
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
    """The map of a case: parties on the left, tables on the right. None without tables."""
    if not case.tables:
        return None
    left, right = _label_widths(case)
    width = left + COLUMN_GAP_PIXELS + right
    high = ROW_HEIGHT_PIXELS * max(len(case.parties), len(case.tables))
    spots = {name: _row_position(n, len(case.parties), high) for n, name in enumerate(case.parties)}
    places = {name: _row_position(n, len(case.tables), high) for n, name in enumerate(case.tables)}
    lines = [
        {
            "x": left,
            "y": spots[seat],
            "x2": left + COLUMN_GAP_PIXELS,
            "y2": places[table],
            "table": table,
        }
        for table, rules in case.tables.items()
        for seat in rules.seats
    ]
    parties = [
        {"x": left, "y": y, "name": case.parties[name].name, "more": _type_names(case, name)}
        for name, y in spots.items()
    ]
    tables = [
        {
            "x": left + COLUMN_GAP_PIXELS,
            "y": y,
            "name": name,
            "more": _deal_names(case.tables[name]),
        }
        for name, y in places.items()
    ]
    names = list(case.tables)
    colours, dashes = cycle_styles(SERIES_COLOURS, names), cycle_styles(SERIES_DASHES, names)
    x, y = (
        alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width])),
        alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[high, 0])),
    )
    seats = alt.Chart(inline_data(lines)).mark_rule(strokeWidth=2).encode(
        x=x, y=y, x2="x2:Q", y2="y2:Q",
        color=alt.Color("table:N", scale=alt.Scale(domain=names, range=colours), legend=None),
        strokeDash=alt.StrokeDash(
            "table:N", scale=alt.Scale(domain=names, range=dashes), legend=None
        ),
    )  # fmt: skip
    drawn = alt.layer(
        seats,
        *_column_marks(parties, x, y, "circle", BLUE, left),
        *_column_marks(tables, x, y, "square", ORANGE, -right),
    ).properties(width=width, height=high)
    caption = [
        (
            "Circles are parties, with the types that others cannot see; squares are tables, with "
            "what can be agreed there. A line joins each table to those who sit at it."
        ),
    ]
    without = [case.parties[p].name for p in case.parties if not _has_seat(case, p)]
    if without:
        caption.append(f"At no table: {', '.join(without)}.")
    return apply_chart_theme(drawn, "Parties and tables", caption, width)


def _label_widths(case: Case) -> tuple[int, int]:
    """How wide the words beside parties are, and those beside tables."""
    told = [(party.name, _type_names(case, name)) for name, party in case.parties.items()]
    offered = [(name, *_deal_names(rules).splitlines()) for name, rules in case.tables.items()]
    wide = [max(len(line) for lines in each for line in lines) for each in (told, offered)]
    left, right = (
        min(most, 20 + round(LABEL_LETTER_PIXELS * letters))
        for most, letters in zip(MOST_LABEL_PIXELS, wide, strict=True)
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


def _row_position(place: int, count: int, high: float) -> float:
    return high * (place + 0.5) / count


def _type_names(case: Case, name: str) -> str:
    return " or ".join(case.parties[name].types)


def _deal_names(table: Table) -> str:
    return "\n".join(textwrap.wrap(", ".join(table.deals), 40)[:2])


def _has_seat(case: Case, party: str) -> bool:
    return any(party in table.seats for table in case.tables.values())


def table_values_chart(case: Case, values: TableValues) -> AltairChart | None:
    """One panel for each table: what each party would lose without it. None without tables."""
    rows = [_table_value_row(case, worth) for worth in values.worths if worth.best is not None]
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
        row=alt.Row("table:N", sort=list(case.tables), header=_panel_header()), spacing=14
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
    """One panel for each table: what each party gains if it is closed for the first n periods."""
    rows = [_table_value_row(case, worth) for worth in values.worths if worth.best is not None]
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
    across = min(3, len(case.tables))
    drawn = panel.facet(
        alt.Facet("table:N", sort=list(case.tables), header=_panel_header()),
        columns=across,
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
    return apply_chart_theme(drawn, "Who gains from waiting", caption, max(400, across * 232))


def _panel_header() -> alt.Header:
    return alt.Header(labelAnchor="start", labelOrient="top")


def _table_value_row(case: Case, table_value: TableValue) -> dict[str, Any]:
    row: dict[str, Any] = {
        "table": table_value.table,
        "party": case.parties[table_value.party].name,
        "closed": table_value.periods_closed,
        "best": table_value.best,
    }
    if table_value.quantiles is not None:
        row |= {"p05": table_value.quantiles.p05, "p95": table_value.quantiles.p95}
    return row
