"""What could be decided: each lever of a case, and what it does to a goal."""

from markupsafe import Markup
from nicegui import ui

from ceasefire.case import Case
from ceasefire.ensemble import ChooseResult
from ceasefire.render.tables_levers import (
    choice_cells,
    choice_headings,
    choice_sentences,
    choice_warnings,
    lever_lines,
)
from ceasefire.web import html_fragments, worker_tasks
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.layout import (
    WORLD_COUNT_CHOICES,
    HtmlBlock,
    TextBlock,
    WorldCountSelect,
    labelled_button,
    status_line,
)
from ceasefire.web.progress_line import ProgressLine
from ceasefire.web.session import PageSession
from ceasefire.web.worker_results import ChooseTaskResult


class LeversPanel:
    """The goal, how many worlds, and the levers in the order of what they do to it."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.intro = TextBlock("p", "", "soft")
        with ui.element("div") as self.form:
            with ui.element("div").classes("fields"):
                self.claim_select = ui.select([], label="Goal").props(
                    "dense options-dense outlined"
                )
                self.goal_input = ui.input("or a test or number of your own").props(
                    "dense outlined maxlength=2000"
                )
                self.worlds_select = WorldCountSelect(WORLD_COUNT_CHOICES, 16, "Over")
            labelled_button("Compare the levers", self._choose, quiet=False)
        self.progress_line = ProgressLine(session, "levers", "Comparing")
        self.status_line = status_line()
        self.problems_html, self.result_html = HtmlBlock(), HtmlBlock()
        session.listeners.append(self.on_change)
        ui.timer(0.5, self.progress_line.refresh)

    def build(self, case: Case) -> None:
        """Offer the claims as goals."""
        names = {name: case.sentence_of(name) for name in case.claims}
        kept = self.claim_select.value if self.claim_select.value in names else None
        self.claim_select.set_options(names, value=kept or next(iter(names), None))
        self.form.set_visibility(bool(case.levers))
        self.intro.set_text(
            "Every lever, and doing nothing, is asked about in the same worlds."
            if case.levers
            else "The case has no levers. Write down in its text what somebody could decide."
        )

    @property
    def goal(self) -> str:
        """The goal that is asked about: what is typed, else the claim that is chosen."""
        typed = self.goal_input.value
        return (typed.strip() if isinstance(typed, str) else "") or self.claim_select.value or ""

    def _choose(self) -> None:
        if self.session.case is None or not self.goal:
            return
        self.status_line.set_text("")
        self.session.run(
            "levers",
            worker_tasks.choose_task,
            self.goal,
            self.worlds_select.worlds,
            on_result=self._show_result,
        )

    def _show_result(self, _: EditedCase, found: ChooseTaskResult) -> None:
        case = self.session.case
        if case is not None:
            self.result_html.set_content(choice_html(case, found.choose_result, found.chart_html))
            self.result_html.classes(remove="stale")
            result = found.choose_result
            goal = f"“{case.sentence_of(result.claim)}”" if result.claim else result.goal
            self.status_line.set_text(f"Compared by {goal}: see below.")

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        if topic == "case" and self.session.case is not None:
            self.build(self.session.case)
        if topic in ("case", "draft"):
            self.result_html.classes(add="stale")
        self.progress_line.refresh()
        if topic in ("progress", "levers"):
            self.problems_html.set_content(
                html_fragments.problem_list_html(self.session.problems_of("levers"))
            )


def choice_html(case: Case, result: ChooseResult, drawing: Markup) -> Markup:
    """What a reader should take away, the goal under each lever, and what each lever is.

    case     the case
    result   what each lever does to the goal
    drawing  the goal under each lever as a figure
    """
    rows = [
        [one.title, *(str(cell) for cell in choice_cells(result, one))] for one in result.levers
    ]
    warnings = [f"! {said.path}: {said.message}" for said in choice_warnings(result) if said.path]
    return (
        html_fragments.render_fragment("paragraphs", [" ".join(choice_sentences(case, result))], "")
        + drawing
        + html_fragments.table_html(
            ["lever", *choice_headings(result)], rows, "The goal under each lever, the best first"
        )
        + html_fragments.render_fragment("paragraphs", lever_lines(case, result), "small soft")
        + html_fragments.render_fragment("paragraphs", warnings, "doubt small")
        + html_fragments.numerics_html(
            result.numerics, result.run_stats, failed_checks=result.failed_checks
        )
    )
