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
from ceasefire.web.panel_claims import ProgressLine, format_duration
from ceasefire.web.session import SLIDER_REST_SECONDS, PageSession

MOST_UNASKED_CHART_SECONDS = 15.0  # seconds that a chart may take to be drawn unasked


class ChartsPanel:
    """What is to be drawn, and the drawing."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.took: dict[ChartRequest, float] = {}
        self.drawn: tuple[EditedCase, ChartRequest] | None = None
        self.asked: tuple[EditedCase, ChartRequest] | None = None
        TextBlock("p", "Charts follow the unknowns and tables as you have set them.", "soft")
        with ui.element("div").classes("fields"):
            self.kind = ui.select([], label="Chart")
            self.claim = ui.select([], label="Claim")
            self.count = WorldCountSelect(WORLD_COUNT_CHOICES, 0, "Band from")
            for chosen in (self.kind, self.claim):
                chosen.props("dense options-dense outlined")
            for chosen in (self.kind, self.claim, self.count):
                chosen.on_value_change(lambda: self._again())
        with ui.row().classes("items-center") as self.line:
            self.go = labelled_button("Draw", self._draw)
            self.cost = TextBlock("span", "", "small soft")
        self.under = ProgressLine(session, "chart", "Drawing", "Cancel")
        self.said = status_line()
        self.trouble, self.found = HtmlBlock(), HtmlBlock()
        session.changed.append(self.show)
        ui.timer(0.5, self.under.show)

    def build(self, case: Case) -> None:
        """Offer the charts that the case can have."""
        offered = available_charts(case)
        kind = self.kind.value if self.kind.value in offered else next(iter(offered))
        self.kind.set_options(offered, value=kind)
        names = list(case.claims)
        claim = self.claim.value if self.claim.value in names else next(iter(names), None)
        self.claim.set_options(names, value=claim)
        self._again()

    @property
    def wanted(self) -> ChartRequest:
        """The chart that is chosen."""
        kind = self.kind.value or ""
        claim = (self.claim.value or "") if kind == "flips" else ""
        return ChartRequest(kind, claim, self.count.worlds if kind in CHARTS_WITH_WORLDS else 0)

    @property
    def patience(self) -> float:
        """About how many seconds the chart that is chosen takes."""
        case, wanted = self.session.case, self.wanted
        if case is None or wanted in self.took:
            return self.took.get(wanted, 0.0)
        once = (
            self.session.pace.get("best", MOST_UNASKED_CHART_SECONDS) / 4
        )  # of what all claims take
        return once * estimate_solve_count(case, wanted)

    def _again(self) -> None:
        """Draw what is chosen now, if somebody looks and it will not take long."""
        session, wanted = self.session, self.wanted
        self.claim.set_visibility(wanted.kind == "flips")
        self.count.set_visibility(wanted.kind in CHARTS_WITH_WORLDS)
        seconds = self.patience
        self.cost.set_text(f"about {format_duration(seconds)}" if seconds > 1 else "")
        fresh = self.drawn is not None and session.same(self.drawn[0]) and self.drawn[1] == wanted
        stale = not fresh and self.drawn is not None
        self.found.classes(add="stale") if stale else self.found.classes(remove="stale")
        self.line.set_visibility(not fresh)
        if fresh or session.case is None:
            return
        if self.drawn is not None:
            self.said.set_text("What is drawn below is from before your last choice.")
        under_way = self.asked
        if under_way is not None and (not session.same(under_way[0]) or under_way[1] != wanted):
            session.give_up("chart")
            self.asked = None
        if (
            session.tab == "Charts"
            and session.best is not None
            and seconds <= MOST_UNASKED_CHART_SECONDS
        ):
            self._draw(SLIDER_REST_SECONDS)

    def _draw(self, pause: float = 0.0) -> None:
        session, wanted = self.session, self.wanted
        known = wanted.kind in CHART_TITLES and session.case is not None
        if not known or (session.draft, wanted) == self.asked:
            return
        self.asked = (session.draft, wanted)
        session.pace["chart"] = self.patience

        def then(draft: EditedCase, html: str) -> None:
            self.took[wanted] = session.asking["chart"].seconds
            self.drawn, self.asked = (draft, wanted), None
            self.found.set_content(html)
            self.said.set_text(f"{CHART_TITLES[wanted.kind]}: drawn below.")

        soon = self.patience <= MOST_UNASKED_CHART_SECONDS
        session.run("chart", worker_tasks.chart_task, wanted, then=then, pause=pause, soon=soon)

    def show(self, what: str) -> None:
        """Show what is new."""
        session = self.session
        if what == "case" and session.case is not None:
            self.build(session.case)
        if what in ("draft", "tab", "best", "chart"):
            self._again()
        self.under.show()
        if what in ("progress", "chart"):
            self.trouble.set_content(html_fragments.problem_list_html(session.wrong("chart")))
            if "chart" not in session.asking and what == "progress":
                self.asked = None
