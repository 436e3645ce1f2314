"""Two cases side by side: the thesis and its rival, claim by claim."""

from collections.abc import Mapping
from functools import partial

from markupsafe import Markup
from nicegui import ui

from ceasefire.case import Case
from ceasefire.evidence import ComparisonResult, RivalEvidence, evidence_rows, rival_evidence
from ceasefire.formats.spreadsheets import table_as_file
from ceasefire.render.formatting import (
    TRUTH_MARKS,
    format_number,
    format_probability,
)
from ceasefire.render.tables_evidence import (
    EVENTS_OF_ONE_PERIOD_NOTE,
    bayes_factor_lines,
    case_warnings,
    describe_evidence,
    describe_probability,
)
from ceasefire.results import format_count
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
from ceasefire.web.worker_results import BestEstimateClaim


class ComparePanel:
    """Both cases, and a table of the claims of either."""

    def __init__(self, left: PageSession, right: PageSession) -> None:
        self.sides = (left, right)
        self.progress_lines: list[ProgressLine] = []
        with ui.element("div").classes("beside two"):
            for side in self.sides:
                with ui.element("section").classes("card"):
                    head = TextBlock("h2", side.name)
                    self.progress_lines.append(ProgressLine(side, "best", "Solving", "Cancel"))
                    self.progress_lines.append(
                        ProgressLine(side, "shares", "Worlds", "Stop and keep what is done")
                    )
                    problems_html, numerics_html = HtmlBlock(), HtmlBlock()
                    labelled_button("Compute the shares", side.compute_shares)
                    ui.link("Open this case", f"/case/{side.name}").classes("small q-ml-sm")
                side.listeners.append(
                    partial(self._refresh_side, side, head, problems_html, numerics_html)
                )
        self.status_line = status_line()
        self.bayes_factor_panel = BayesFactorPanel(left, right)
        self.claims_table_html = HtmlBlock()
        self.differences_html = HtmlBlock()
        ui.timer(0.5, self._refresh_progress)

    def _refresh_progress(self) -> None:
        for progress_line in self.progress_lines:
            progress_line.refresh()

    def _refresh_side(
        self,
        side: PageSession,
        heading: TextBlock,
        problems_html: HtmlBlock,
        numerics_html: HtmlBlock,
        topic: str,
    ) -> None:
        if topic == "progress":
            return
        if side.case is not None:
            heading.set_text(side.case.title)
        problems = [
            *map(side.with_relative_path, side.problems),
            *side.problems_of("best", "shares"),
        ]
        problems_html.set_content(html_fragments.problem_list_html(problems))
        if side.share_result is not None:
            numerics_html.set_content(
                html_fragments.numerics_html(
                    side.share_result.check_result.numerics,
                    side.share_result.check_result.run_stats,
                )
            )
        elif side.best_result is not None:
            numerics_html.set_content(
                html_fragments.numerics_html(
                    side.best_result.numerics, seconds=side.best_result.seconds
                )
            )
        self._refresh_comparison()

    def _refresh_comparison(self) -> None:
        left, right = self.sides
        if left.case is None or right.case is None:
            return
        names = dict.fromkeys([*left.case.claims, *right.case.claims])
        rows = [
            [
                _claim_name_html(name, left.case, right.case),
                _claim_cell(left, name),
                _claim_cell(right, name),
            ]
            for name in names
        ]
        headings = ["claim", left.name, right.name]
        self.claims_table_html.set_content(
            html_fragments.table_html(headings, rows, "The claims of both cases", text_columns=3)
        )
        self.differences_html.set_content(
            case_differences_html(left.case, right.case, left.name, right.name)
        )
        same = [n for n in names if not tests_differ(n, left.case, right.case)]
        both = [n for n in same if n in left.claim_results and n in right.claim_results]
        apart = sum(
            left.claim_results[n].claim.best is not right.claim_results[n].claim.best for n in both
        )
        if both:
            beginning = f"Of {format_count(len(both), 'test')} that both cases make, {apart}"
            self.status_line.set_text(
                f"{beginning} {'comes' if apart == 1 else 'come'} out differently."
            )


class BayesFactorPanel:
    """Which of two cases the events favour, once somebody asks."""

    def __init__(self, left: PageSession, right: PageSession) -> None:
        self.left, self.right = left, right
        with ui.element("section").classes("card") as self.card:
            TextBlock("h2", "Which of the two do the events favour?")
            with ui.row().classes("items-center"):
                self.worlds_select = WorldCountSelect(WORLD_COUNT_CHOICES, 0, "From").style(
                    "min-width: 9rem"
                )
                labelled_button("Ask the events", self._run, quiet=False)
            self.progress_line = ProgressLine(
                left, "rivals", "Following what happened in both", "Cancel"
            )
            self.status_line = status_line()
            self.problems_html, self.result_html = HtmlBlock(), HtmlBlock()
            with ui.row() as self.table_row:
                labelled_button("Table (CSV)", lambda: self._download("csv"))
                labelled_button("Table (Excel)", lambda: self._download("xlsx"))
            self.table_row.set_visibility(False)
        self.evidence: tuple[RivalEvidence, ...] = ()
        self.card.set_visibility(False)
        for side in (left, right):
            side.listeners.append(self.on_change)
        ui.timer(0.5, self.progress_line.refresh)

    def _run(self) -> None:
        self.status_line.set_text("")
        self.result_html.set_content("")
        self.table_row.set_visibility(False)
        other = self.right.edited_case
        self.left.run(
            "rivals",
            worker_tasks.compare_task,
            other,
            self.worlds_select.worlds,
            on_result=self._show_result,
        )

    def _show_result(self, _: EditedCase, result: ComparisonResult) -> None:
        first, *rest = (text.plain for text in bayes_factor_lines(result, self._names))
        self.status_line.set_text(first)
        cases = [case for case in (self.left.case, self.right.case) if case is not None]
        self.evidence = rival_evidence(cases, result)
        rows = [
            [
                str(row.event.period),
                row.event.description,
                *(
                    "no answer"
                    if p is None
                    else f"{format_probability(p)} ({describe_probability(p)})"
                    for p in row.probabilities
                ),
                describe_evidence(row, self._names),
                f"{row.source}, {row.reliability}" if row.source else row.reliability,
            ]
            for row in self.evidence
        ]
        headings = ["period", "event", *self._names, "speaks for", "source"]
        rest = [*rest, EVENTS_OF_ONE_PERIOD_NOTE] if len(rows) > 1 else rest
        self.table_row.set_visibility(bool(rows))
        notes = html_fragments.render_fragment("paragraphs", [*rest, *result.notes], "small soft")
        warnings = html_fragments.render_fragment(
            "paragraphs", [text.plain for text in case_warnings(result, self._names)], "doubt small"
        )
        caption = "What has happened, how likely each case held it to be, and which it speaks for"
        self.result_html.set_content(
            notes + warnings + html_fragments.table_html(headings, rows, caption, text_columns=6)
        )

    def _download(self, ending: str) -> None:
        headings, rows = evidence_rows(self.evidence, self._names)
        file = f"events-and-rivals.{ending}"
        content = table_as_file(file, "Events and rival cases", headings, rows)
        ui.download.content(content, file)

    @property
    def _names(self) -> list[str]:
        return [self.left.name, self.right.name]

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        cases = (self.left.case, self.right.case)
        self.card.set_visibility(all(cases) and any(case.events for case in cases if case))
        self.progress_line.refresh()
        if topic in ("progress", "rivals"):
            self.problems_html.set_content(
                html_fragments.problem_list_html(self.left.problems_of("rivals"))
            )


def _probability_cell(probability: float | None) -> str:
    if probability is None:
        return "no answer"
    return f"{format_probability(probability)} ({describe_probability(probability)})"


def _claim_name_html(name: str, left: Case, right: Case) -> Markup:
    """The name of a claim and what it says; both sentences where they are not the same."""
    sentences = [case.claims[name].says for case in (left, right) if name in case.claims]
    distinct = dict.fromkeys(sentence.strip() for sentence in sentences if sentence)
    return html_fragments.render_fragment(
        "claim_name", name, list(distinct), tests_differ(name, left, right)
    )


def tests_differ(name: str, left: Case, right: Case) -> bool:
    """Whether both cases make a claim, with tests that are not the same.

    name   the name of the claim
    left   a case that may make it
    right  the other case
    """
    tests = {case.claims[name].test for case in (left, right) if name in case.claims}
    return len(tests) > 1


def _claim_cell(side: PageSession, name: str) -> str:
    line: BestEstimateClaim | None = side.claim_results.get(name)
    if side.case is None or name not in side.case.claims:
        return "no such claim"
    best = "…"
    if line is not None:
        mark = TRUTH_MARKS[line.claim.best]
        best = f"{mark.sign} {mark.word}"
    if side.share_result is None:
        return best
    share = {v.id: v.share for v in side.share_result.check_result.claim_checks}.get(name)
    if share is None or share.share is None:
        return best
    return f"{best}; {share.share:.0%}, {share.verdict}"


def case_differences_html(left: Case, right: Case, left_name: str, right_name: str) -> Markup:
    """What either case has that the other has not, and unknowns with other best estimates.

    left        a case
    right       the case it is compared with
    left_name   what the left case is called on the page
    right_name  what the right case is called on the page
    """
    rows = []
    kinds: dict[str, tuple[Mapping[str, object], Mapping[str, object]]] = {
        "party": (left.parties, right.parties),
        "table": (left.tables, right.tables),
        "move": (left.moves, right.moves),
        "chance": (left.chance, right.chance),
        "unknown": (left.unknowns, right.unknowns),
    }
    for kind, (one, other) in kinds.items():
        for name in dict.fromkeys([*one, *other]):
            if (name in one) != (name in other):
                rows.append(
                    [
                        f"{kind} {name}",
                        *("yes" if name in those else "no" for those in (one, other)),
                    ]
                )
            elif one[name] != other[name]:
                rows.append([f"{kind} {name}", *_difference_cells(kind, name, left, right)])
    if not rows:
        sentence = "Parties, tables, moves, chance and unknowns are the same."
        return html_fragments.render_fragment("paragraphs", [sentence], "")
    table = html_fragments.table_html(
        ["what", left_name, right_name], rows, "Differences", text_columns=3
    )
    return html_fragments.render_fragment("heading", "Where they differ") + table


def _difference_cells(kind: str, name: str, left: Case, right: Case) -> list[str]:
    if kind != "unknown":
        return ["otherwise", "otherwise"]
    return [format_number(case.unknowns[name].best) for case in (left, right)]
