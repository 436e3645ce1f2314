"""Who sits at which table, and what can be agreed there."""

import textwrap
from typing import Any

import altair as alt

from ceasefire.case import Case, Table
from ceasefire.show.drawing import BLUE, COLOURS, DASHES, ORANGE, Chart, around, look, values

GAP = 58
WIDEST = (220, 210)  # of the words to the left, and to the right
BETWEEN = 190
LETTER = 7.2  # width of a letter of a name in pixels, at most about


def parties_chart(case: Case) -> Chart | None:
    """The map of a case: parties on the left, tables on the right. None without tables."""
    if not case.tables:
        return None
    left, right = _words(case)
    width = left + BETWEEN + right
    high = GAP * max(len(case.parties), len(case.tables))
    spots = {name: _spread(n, len(case.parties), high) for n, name in enumerate(case.parties)}
    places = {name: _spread(n, len(case.tables), high) for n, name in enumerate(case.tables)}
    lines = [
        {"x": left, "y": spots[seat], "x2": left + BETWEEN, "y2": places[table], "table": table}
        for table, rules in case.tables.items()
        for seat in rules.seats
    ]
    parties = [
        {"x": left, "y": y, "name": case.parties[name].name, "more": _types(case, name)}
        for name, y in spots.items()
    ]
    tables = [
        {"x": left + BETWEEN, "y": y, "name": name, "more": _deals(case.tables[name])}
        for name, y in places.items()
    ]
    names = list(case.tables)
    colours, dashes = around(COLOURS, names), around(DASHES, names)
    x, y = (
        alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width])),
        alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[high, 0])),
    )
    seats = alt.Chart(values(lines)).mark_rule(strokeWidth=2).encode(
        x=x, y=y, x2="x2:Q", y2="y2:Q",
        color=alt.Color("table:N", scale=alt.Scale(domain=names, range=colours), legend=None),
        strokeDash=alt.StrokeDash(
            "table:N", scale=alt.Scale(domain=names, range=dashes), legend=None
        ),
    )  # fmt: skip
    drawn = alt.layer(
        seats,
        *_column(parties, x, y, "circle", BLUE, left),
        *_column(tables, x, y, "square", ORANGE, -right),
    ).properties(width=width, height=high)
    caption = [
        (
            "Circles are parties, with the types that others cannot see; squares are tables, with "
            "what can be agreed there. A line joins each table to those who sit at it."
        ),
    ]
    without = [case.parties[p].name for p in case.parties if not _seated(case, p)]
    if without:
        caption.append(f"At no table: {', '.join(without)}.")
    return look(drawn, "Parties and tables", caption, width)


def _words(case: Case) -> tuple[int, int]:
    """How wide the words beside parties are, and those beside tables."""
    told = [(party.name, _types(case, name)) for name, party in case.parties.items()]
    offered = [(name, *_deals(rules).splitlines()) for name, rules in case.tables.items()]
    wide = [max(len(line) for lines in each for line in lines) for each in (told, offered)]
    left, right = (
        min(most, 20 + round(LETTER * letters)) for most, letters in zip(WIDEST, wide, strict=True)
    )
    return left, right


def _column(
    rows: list[dict[str, Any]], x: alt.X, y: alt.Y, shape: str, colour: str, room: int
) -> list[alt.Chart]:
    """Marks and words of one column; there is room to the left, or to the right if negative."""
    align: Any = "right" if room > 0 else "left"
    away = -14 if room > 0 else 14
    base = alt.Chart(values(rows)).encode(x=x, y=y)
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


def _spread(place: int, count: int, high: float) -> float:
    return high * (place + 0.5) / count


def _types(case: Case, name: str) -> str:
    return " or ".join(case.parties[name].types)


def _deals(table: Table) -> str:
    return "\n".join(textwrap.wrap(", ".join(table.deals), 40)[:2])


def _seated(case: Case, party: str) -> bool:
    return any(party in table.seats for table in case.tables.values())
