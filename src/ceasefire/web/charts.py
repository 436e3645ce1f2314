"""The charts of a case as it stands on the page: one at a time, drawn anew when it is moved."""

from nicegui import ui

from ceasefire.case import Case
from ceasefire.web import jobs, parts
from ceasefire.web.draft import Draft
from ceasefire.web.figures import KINDS, WITH_WORLDS, Wanted, kinds, solutions
from ceasefire.web.frame import SOME, Block, HowMany, Words, button, status
from ceasefire.web.session import PAUSE, Session
from ceasefire.web.verdicts import Under, span

PATIENCE = 15.0  # seconds that a chart may take to be drawn unasked


class Charts:
    """What is to be drawn, and the drawing."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.took: dict[Wanted, float] = {}
        self.drawn: tuple[Draft, Wanted] | None = None
        self.asked: tuple[Draft, Wanted] | None = None
        Words("p", "Charts follow the unknowns and tables as you have set them.", "soft")
        with ui.element("div").classes("fields"):
            self.kind = ui.select([], label="Chart")
            self.claim = ui.select([], label="Claim")
            self.count = HowMany(SOME, 0, "Band from")
            for chosen in (self.kind, self.claim):
                chosen.props("dense options-dense outlined")
            for chosen in (self.kind, self.claim, self.count):
                chosen.on_value_change(lambda: self._again())
        with ui.row().classes("items-center") as self.line:
            self.go = button("Draw", self._draw)
            self.cost = Words("span", "", "small soft")
        self.under = Under(session, "chart", "Drawing", "Cancel")
        self.said = status()
        self.trouble, self.found = Block(), Block()
        session.changed.append(self.show)
        ui.timer(0.5, self.under.show)

    def build(self, case: Case) -> None:
        """Offer the charts that the case can have."""
        offered = kinds(case)
        kind = self.kind.value if self.kind.value in offered else next(iter(offered))
        self.kind.set_options(offered, value=kind)
        names = list(case.claims)
        claim = self.claim.value if self.claim.value in names else next(iter(names), None)
        self.claim.set_options(names, value=claim)
        self._again()

    @property
    def wanted(self) -> Wanted:
        """The chart that is chosen."""
        kind = self.kind.value or ""
        claim = (self.claim.value or "") if kind == "flips" else ""
        return Wanted(kind, claim, self.count.worlds if kind in WITH_WORLDS else 0)

    @property
    def patience(self) -> float:
        """About how many seconds the chart that is chosen takes."""
        case, wanted = self.session.case, self.wanted
        if case is None or wanted in self.took:
            return self.took.get(wanted, 0.0)
        once = self.session.pace.get("best", PATIENCE) / 4  # of what all claims take
        return once * solutions(case, wanted)

    def _again(self) -> None:
        """Draw what is chosen now, if somebody looks and it will not take long."""
        session, wanted = self.session, self.wanted
        self.claim.set_visibility(wanted.kind == "flips")
        self.count.set_visibility(wanted.kind in WITH_WORLDS)
        seconds = self.patience
        self.cost.set_text(f"about {span(seconds)}" if seconds > 1 else "")
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
        if session.tab == "Charts" and session.best is not None and seconds <= PATIENCE:
            self._draw(PAUSE)

    def _draw(self, pause: float = 0.0) -> None:
        session, wanted = self.session, self.wanted
        known = wanted.kind in KINDS and session.case is not None
        if not known or (session.draft, wanted) == self.asked:
            return
        self.asked = (session.draft, wanted)
        session.pace["chart"] = self.patience

        def then(draft: Draft, html: str) -> None:
            self.took[wanted] = session.asking["chart"].seconds
            self.drawn, self.asked = (draft, wanted), None
            self.found.set_content(html)
            self.said.set_text(f"{KINDS[wanted.kind]}: drawn below.")

        soon = self.patience <= PATIENCE
        session.run("chart", jobs.chart, wanted, then=then, pause=pause, soon=soon)

    def show(self, what: str) -> None:
        """Show what is new."""
        session = self.session
        if what == "case" and session.case is not None:
            self.build(session.case)
        if what in ("draft", "tab", "best", "chart"):
            self._again()
        self.under.show()
        if what in ("progress", "chart"):
            self.trouble.set_content(parts.problem_list(session.wrong("chart")))
            if "chart" not in session.asking and what == "progress":
                self.asked = None
