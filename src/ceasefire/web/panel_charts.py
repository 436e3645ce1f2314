"""The charts of a case as it stands on the page: one at a time, drawn anew when it is moved."""

from nicegui import ui

from ceasefire.case import Case
from ceasefire.web import html_fragments, worker_tasks
from ceasefire.web.chart_fragments import (
    CHART_TITLES,
    CHARTS_WITH_WORLDS,
    ChartRequest,
    available_charts,
    estimate_solve_count,
)
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.layout import (
    WORLD_COUNT_CHOICES,
    HtmlBlock,
    TextBlock,
    WorldCountSelect,
    labelled_button,
    status_line,
)
from ceasefire.web.progress_line import ProgressLine, format_duration
from ceasefire.web.session import SLIDER_REST_SECONDS, PageSession

MOST_UNASKED_CHART_SECONDS = 15.0  # seconds that a chart may take to be drawn unasked


class ChartsPanel:
    """What is to be drawn, and the drawing."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.seconds_taken: dict[ChartRequest, float] = {}
        self.drawn_request: tuple[EditedCase, ChartRequest] | None = None
        self.pending_request: tuple[EditedCase, ChartRequest] | None = None
        TextBlock("p", "Charts follow the unknowns and tables as you have set them.", "soft")
        with ui.element("div").classes("fields"):
            self.kind_select = ui.select([], label="Chart")
            self.claim_select = ui.select([], label="Claim")
            self.worlds_select = WorldCountSelect(WORLD_COUNT_CHOICES, 0, "Band from")
            for chosen in (self.kind_select, self.claim_select):
                chosen.props("dense options-dense outlined")
            for chosen in (self.kind_select, self.claim_select, self.worlds_select):
                chosen.on_value_change(lambda: self._refresh())
        with ui.row().classes("items-center") as self.run_row:
            self.run_button = labelled_button("Draw", self._draw)
            self.cost_label = TextBlock("span", "", "small soft")
        self.progress_line = ProgressLine(session, "chart", "Drawing")
        self.status_line = status_line()
        self.problems_html, self.result_html = HtmlBlock(), HtmlBlock()
        session.listeners.append(self.on_change)
        ui.timer(0.5, self.progress_line.refresh)

    def build(self, case: Case) -> None:
        """Offer the charts that the case can have."""
        offered = available_charts(case)
        kind = self.kind_select.value if self.kind_select.value in offered else next(iter(offered))
        self.kind_select.set_options(offered, value=kind)
        names = {name: case.sentence_of(name) for name in case.claims}
        claim = (
            self.claim_select.value if self.claim_select.value in names else next(iter(names), None)
        )
        self.claim_select.set_options(names, value=claim)
        self._refresh()

    @property
    def selected_chart(self) -> ChartRequest:
        """The chart that is chosen."""
        kind = self.kind_select.value or ""
        claim = (self.claim_select.value or "") if kind == "flips" else ""
        return ChartRequest(
            kind, claim, self.worlds_select.worlds if kind in CHARTS_WITH_WORLDS else 0
        )

    @property
    def estimated_seconds(self) -> float:
        """About how many seconds the chart that is chosen takes."""
        case, wanted = self.session.case, self.selected_chart
        if case is None or wanted in self.seconds_taken:
            return self.seconds_taken.get(wanted, 0.0)
        once = self.session.seconds_per_solve
        if once is None:
            once = self.session.last_seconds.get("best", MOST_UNASKED_CHART_SECONDS)
        return once * estimate_solve_count(case, wanted)

    def _refresh(self) -> None:
        """Draw what is chosen now, if somebody looks and it will not take long."""
        session, wanted = self.session, self.selected_chart
        self.claim_select.set_visibility(wanted.kind == "flips")
        self.worlds_select.set_visibility(wanted.kind in CHARTS_WITH_WORLDS)
        seconds = self.estimated_seconds
        self.cost_label.set_text(f"about {format_duration(seconds)}" if seconds > 1 else "")
        fresh = (
            self.drawn_request is not None
            and session.shows_same_case(self.drawn_request[0])
            and self.drawn_request[1] == wanted
        )
        stale = not fresh and self.drawn_request is not None
        self.result_html.classes(add="stale") if stale else self.result_html.classes(remove="stale")
        self.run_row.set_visibility(not fresh)
        if fresh or session.case is None:
            return
        if self.drawn_request is not None:
            self.status_line.set_text("What is drawn below is from before your last choice.")
        under_way = self.pending_request
        if under_way is not None and (
            not session.shows_same_case(under_way[0]) or under_way[1] != wanted
        ):
            session.cancel("chart")
            self.pending_request = None
        if (
            session.active_tab == "Charts"
            and session.best_result is not None
            and seconds <= MOST_UNASKED_CHART_SECONDS
        ):
            self._draw(SLIDER_REST_SECONDS)

    def _draw(self, pause: float = 0.0) -> None:
        session, wanted = self.session, self.selected_chart
        known = wanted.kind in CHART_TITLES and session.case is not None
        if not known or (session.edited_case, wanted) == self.pending_request:
            return
        self.pending_request = (session.edited_case, wanted)
        session.last_seconds["chart"] = self.estimated_seconds

        def then(draft: EditedCase, html: str) -> None:
            taken = session.pending["chart"].elapsed_seconds
            self.seconds_taken[wanted] = taken
            if session.case is not None and (solves := estimate_solve_count(session.case, wanted)):
                session.last_seconds["chart reading"] = taken / solves
            self.drawn_request, self.pending_request = (draft, wanted), None
            self.result_html.set_content(html)
            self.status_line.set_text(f"{CHART_TITLES[wanted.kind]}: drawn below.")

        soon = self.estimated_seconds <= MOST_UNASKED_CHART_SECONDS
        session.run(
            "chart", worker_tasks.chart_task, wanted, on_result=then, pause=pause, interactive=soon
        )

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        session = self.session
        if topic == "case" and session.case is not None:
            self.build(session.case)
        if topic in ("draft", "tab", "best", "chart"):
            self._refresh()
        self.progress_line.refresh()
        if topic in ("progress", "chart"):
            self.problems_html.set_content(
                html_fragments.problem_list_html(session.problems_of("chart"))
            )
            if "chart" not in session.pending and topic == "progress":
                self.pending_request = None
