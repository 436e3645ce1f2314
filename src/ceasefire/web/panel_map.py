"""Who sits where: parties and tables as a picture that is clicked, and why a party does what."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from nicegui.events import EChartPointClickEventArguments

from ceasefire.case import Case, Expression
from ceasefire.case.expressions import evaluate
from ceasefire.diagnostics import readable_name
from ceasefire.evidence import UpdateResult
from ceasefire.query import Explanation
from ceasefire.web import html_fragments, worker_tasks
from ceasefire.web.chart_options import MAP_COLOURS, label_style, svg_chart
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button
from ceasefire.web.progress_line import ProgressLine
from ceasefire.web.session import SLIDER_REST_SECONDS, PageSession

ROW_PIXELS = 46


class MapPanel:
    """The picture, a switch for each table, and the card of the party that was clicked."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.table_switches: dict[str, ui.switch] = {}
        self.is_resetting = False
        self.party: str | None = None
        self.party_buttons: dict[str, ui.button] = {}
        self.chart: ui.echart | None = None
        self.body = ui.element("div").classes("who-and-where")
        with ui.element("div").classes("card moments") as self.card:
            with ui.element("div").classes("edit-count"):
                self.party_heading = TextBlock("h3", "")
                labelled_button("Close", self._close)
            self.progress_line = ProgressLine(session, "moments", "Solving")
            self.types_html = HtmlBlock()
            self.problems_html, self.moments_html = HtmlBlock(), HtmlBlock()
        self.card.set_visibility(False)
        session.listeners.append(self._on_change)

    def build(self, case: Case) -> None:
        """Draw the picture and the switches."""
        self.body.clear()
        self.table_switches, self.party_buttons = {}, {}
        off = self.session.edited_case.disabled_tables
        with self.body:
            TextBlock("h2", "Who and where")
            with ui.element("div").classes("parties").props('role="group" aria-label="Parties"'):
                for name, party in case.parties.items():
                    button = labelled_button(party.name, lambda name=name: self._ask_party(name))
                    button.props["aria-label"] = f"Why {party.name} does what it does"
                    self.party_buttons[name] = button
            if case.tables:
                options = map_options(case, off)
                description = "; ".join(
                    f"{case.label_of(name)}: {', '.join(map(case.name_of, table.seats))}"
                    for name, table in case.tables.items()
                )
                self.chart = svg_chart(
                    options, f"Who sits at which table. {description}", self._on_click
                ).style(f"height: {map_height(case)}px")
                TextBlock(
                    "p", "Click a table to switch it off, a party for what it would do.",
                    "small soft",
                )  # fmt: skip
            for name, table in case.tables.items():
                seats = ", ".join(map(case.name_of, table.seats))
                switch = ui.switch(f"{case.label_of(name)}: {seats}", value=name not in off)
                switch.on_value_change(
                    lambda e, name=name: self._set_table_enabled(name, bool(e.value))
                )
                self.table_switches[name] = switch

    def _set_table_enabled(self, name: str, enabled: bool) -> None:
        if not self.is_resetting:
            self.session.set_table_enabled(name, enabled)

    def _on_click(self, event: EChartPointClickEventArguments) -> None:
        case = self.session.case
        if case is None:
            return
        kind, _, name = str(event.name).partition(":")
        if kind == "table" and name in case.tables:
            off = name in self.session.edited_case.disabled_tables
            self.session.set_table_enabled(name, off)
        elif kind == "party" and name in case.parties:
            self._ask_party(name)

    def _ask_party(self, name: str, pause: float = 0.0) -> None:
        case = self.session.case
        if case is None or name not in case.parties:
            return
        self.party = name
        self.card.set_visibility(True)
        self.party_heading.set_text(f"What {case.parties[name].name} would do")
        self.moments_html.set_content("")
        self._show_types(case, name)
        self.session.run(
            "moments",
            worker_tasks.explain_task,
            name,
            "",
            on_result=self._show_moments,
            pause=pause,
            interactive=True,
        )

    def _show_types(self, case: Case, name: str) -> None:
        fixed, found = self.session.fixed_unknowns, self.session.update_result
        changed = None if found is None else found.update_result
        rows = believed_types(case, name, fixed, changed)
        self.types_html.set_content(html_fragments.type_bars_html(case.name_of(name), rows))

    def _show_moments(self, _: EditedCase, explanation: Explanation) -> None:
        self.moments_html.set_content(html_fragments.moments_html(explanation))

    def _close(self) -> None:
        self.party = None
        self.session.cancel("moments")
        self.card.set_visibility(False)

    def _on_change(self, topic: str) -> None:
        case = self.session.case
        if topic == "case" and case is not None:
            self.build(case)
            self._close()
        if topic == "update" and case is not None and self.party is not None:
            self._show_types(case, self.party)
        if topic in ("progress", "moments"):
            self.progress_line.refresh()
            self.problems_html.set_content(
                html_fragments.problem_list_html(self.session.problems_of("moments"))
            )
        if topic not in ("draft", "restored") or case is None:
            return
        off = self.session.edited_case.disabled_tables
        self.is_resetting = True
        for name, switch in self.table_switches.items():
            switch.set_value(name not in off)
        self.is_resetting = False
        if self.chart is not None and case.tables:
            self.chart.options.update(map_options(case, off))
            self.chart.update()
        if self.party is not None and topic == "draft":
            self._ask_party(self.party, SLIDER_REST_SECONDS)


def believed_types(
    case: Case, party: str, fixed: Mapping[str, float], found: UpdateResult | None
) -> list[tuple[str, list[tuple[str, float]]]]:
    """Who holds each type of a party how likely: at the start, and after the events.

    case   the case
    party  the party whose types they are
    fixed  the unknowns that are held away from their best estimates
    found  what the events make of it, None where there are none

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {odds: {best: 0.25, range: [0.1, 0.5]}}
    ... parties:
    ...   a: {types: {firm: odds, soft: 1 - odds}, believed_by: {b: {firm: 0.5, soft: 0.5}}}
    ...   b: {}
    ... state: {war: {}}
    ... ''')
    >>> believed_types(case, "a", {}, None)[0]
    ('at the start', [('firm', 0.25), ('soft', 0.75)])
    >>> believed_types(case, "a", {}, None)[1]
    ('at the start, as b sees it', [('firm', 0.5), ('soft', 0.5)])
    """
    types = case.parties[party].types
    if not types:
        return []
    values = {**case.best_estimates, **fixed}

    def shares(priors: Mapping[str, Expression]) -> list[tuple[str, float]]:
        each = [float(evaluate(priors[kind], values, case.conditions, 1)[0]) for kind in types]
        return list(zip(map(readable_name, types), each, strict=True))

    rows = [("at the start", shares(types))]
    for observer, believed in case.parties[party].believed_by.items():
        rows.append((f"at the start, as {case.name_of(observer)} sees it", shares(believed)))
    if found is not None and len(types) == 2:
        first, second = map(readable_name, types)
        for (observer, of, _), change in found.beliefs.items():
            now = change.values_by_version[0]
            if of == party and now is not None:
                seen = "" if observer == "analyst" else f", as {case.name_of(observer)} sees it"
                rows.append((f"now{seen}", [(first, now), (second, 1.0 - now)]))
    return rows


def map_height(case: Case) -> int:
    """Pixels that the picture is high."""
    return 8 + ROW_PIXELS * max(len(case.parties), len(case.tables))


def map_options(case: Case, off: tuple[str, ...]) -> dict[str, Any]:
    """Parties on the left, tables on the right, a line for each seat.

    case  the case
    off   the tables that are switched off
    """
    seated = {seat for table in case.tables.values() for seat in table.seats}
    actors = dict.fromkeys([*case.parties, *(seat for seat in seated if seat not in case.parties)])
    rows = max(len(actors), len(case.tables))
    nodes = [
        {
            "name": f"party:{name}",
            "value": [0, _height(place, len(actors), rows)],
            "symbol": "circle", "symbolSize": 18,
            "itemStyle": {"color": MAP_COLOURS["party"]},
            "label": label_style(case.name_of(name), "left"),
        }
        for place, name in enumerate(actors)
    ]  # fmt: skip
    for place, name in enumerate(case.tables):
        dim = name in off
        nodes.append(
            {
                "name": f"table:{name}",
                "value": [1, _height(place, len(case.tables), rows)],
                "symbol": "roundRect", "symbolSize": [22, 16],
                "itemStyle": {
                    "color": MAP_COLOURS["off" if dim else "table"],
                    "opacity": 0.5 if dim else 1.0,
                },
                "label": label_style(f"{case.label_of(name)}{' (off)' if dim else ''}", "right"),
            }
        )  # fmt: skip
    links = [
        {
            "source": f"party:{seat}",
            "target": f"table:{name}",
            "lineStyle": {
                "opacity": 0.25 if name in off else 0.9,
                "type": "dashed" if name in off else "solid",
            },
        }
        for name, table in case.tables.items()
        for seat in dict.fromkeys(table.seats)
    ]
    return {
        "animationDuration": 0,
        "animationDurationUpdate": 0,
        "tooltip": {"show": False},
        "grid": {"left": "36%", "right": "36%", "top": 4, "bottom": 4},
        "xAxis": {"type": "value", "min": 0, "max": 1, "show": False},
        "yAxis": {"type": "value", "min": 0, "max": rows, "inverse": True, "show": False},
        "series": [
            {
                "type": "graph", "coordinateSystem": "cartesian2d", "layout": "none",
                "nodes": nodes, "links": links,
                "lineStyle": {"color": MAP_COLOURS["line"], "width": 2, "curveness": 0.0},
                "emphasis": {"focus": "adjacency"}, "cursor": "pointer",
            }
        ],
    }  # fmt: skip


def _height(place: int, count: int, rows: int) -> float:
    """Where a node stands, the nodes of a column spread over all rows."""
    return (place + 0.5) * rows / count
