"""Rival cases side by side: the thesis and its rivals, claim by claim."""

from collections.abc import Mapping, Sequence
from functools import partial

from markupsafe import Markup
from nicegui import ui

from ceasefire.case import Case
from ceasefire.evidence import ComparisonResult, RivalEvidence, evidence_rows, rival_evidence
from ceasefire.evidence.events import event_in_words
from ceasefire.formats.spreadsheets import table_as_file
from ceasefire.render.calendar_dates import period_label
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
    """All cases, and a table of the claims of any.

    sides   two cases or more
    """

    def __init__(self, sides: Sequence[PageSession]) -> None:
        self.sides = tuple(sides)
        self.progress_lines: list[ProgressLine] = []
        with ui.element("div").classes("beside two"):
            for side in self.sides:
                with ui.element("section").classes("card"):
                    head = TextBlock("h2", side.name)
                    self.progress_lines.append(ProgressLine(side, "best", "Solving"))
                    self.progress_lines.append(ProgressLine(side, "shares", "Worlds"))
                    problems_html = HtmlBlock()
                    labelled_button("Compute the shares", side.compute_shares)
                    ui.link("Open this case", f"/case/{side.name}").classes("small q-ml-sm")
                    numerics_html = HtmlBlock()
                side.listeners.append(
                    partial(self._refresh_side, side, head, problems_html, numerics_html)
                )
        self.status_line = status_line()
        self.bayes_factor_panel = BayesFactorPanel(self.sides)
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
        cases = [side.case for side in self.sides if side.case is not None]
        if len(cases) < len(self.sides):
            return
        called = titles(self.sides)
        every_name = dict.fromkeys(name for case in cases for name in case.claims)
        names = sorted(every_name, key=lambda name: not self._comes_out_differently(name, cases))
        rows = [
            [_claim_name_html(name, cases), *(_claim_cell(side, name) for side in self.sides)]
            for name in names
        ]
        every = "both" if len(cases) == 2 else "all"
        self.claims_table_html.set_content(
            html_fragments.table_html(
                ["claim", *called],
                rows,
                f"The claims of {every} cases",
                text_columns=1 + len(cases),
            )
        )
        self.differences_html.set_content(case_differences_html(cases, called))
        both = [n for n in names if self._is_answered_alike(n, cases)]
        apart = sum(self._comes_out_differently(name, cases) for name in names)
        if both:
            beginning = f"Of {format_count(len(both), 'test')} that {every} cases make, {apart}"
            come = "comes out differently" if apart == 1 else "come out differently"
            shown = {0: "", 1: ", in the first row"}.get(apart, f", in the first {apart} rows")
            self.status_line.set_text(f"{beginning} {come}{shown}.")

    def _is_answered_alike(self, name: str, cases: Sequence[Case]) -> bool:
        """Whether all cases make a claim with the same test, and have answered it."""
        answered = all(name in side.claim_results for side in self.sides)
        return answered and not tests_differ(name, cases)

    def _comes_out_differently(self, name: str, cases: Sequence[Case]) -> bool:
        """Whether the same test of all cases has not the same answer at the best estimates."""
        return self._is_answered_alike(name, cases) and (
            len({side.claim_results[name].claim.best for side in self.sides}) > 1
        )


def titles(sides: Sequence[PageSession]) -> list[str]:
    """What cases are called beside each other: by their titles, by their files if these are alike.

    sides  the cases
    """
    found = [side.name if side.case is None else side.case.title for side in sides]
    return found if len(set(found)) == len(found) else [side.name for side in sides]


class BayesFactorPanel:
    """Which of the cases the events favour, once somebody asks."""

    def __init__(self, sides: Sequence[PageSession]) -> None:
        self.sides = tuple(sides)
        few = len(self.sides) == 2
        with ui.element("section").classes("card") as self.card:
            TextBlock("h2", f"Which of {'the two' if few else 'these'} do the events favour?")
            with ui.row().classes("items-center"):
                self.worlds_select = WorldCountSelect(WORLD_COUNT_CHOICES, 0, "From").style(
                    "min-width: 9rem"
                )
                labelled_button("Ask the events", self._run, quiet=False)
            self.progress_line = ProgressLine(
                self.sides[0],
                "rivals",
                f"Following what happened in {'both' if few else 'each'}",
            )
            self.status_line = status_line()
            self.problems_html, self.result_html = HtmlBlock(), HtmlBlock()
            with ui.row() as self.table_row:
                labelled_button("Table (CSV)", lambda: self._download("csv"))
                labelled_button("Table (Excel)", lambda: self._download("xlsx"))
            self.table_row.set_visibility(False)
        self.evidence: tuple[RivalEvidence, ...] = ()
        self.card.set_visibility(False)
        for side in self.sides:
            side.listeners.append(self.on_change)
        ui.timer(0.5, self.progress_line.refresh)

    def _run(self) -> None:
        self.status_line.set_text("")
        self.result_html.set_content("")
        self.table_row.set_visibility(False)
        first, *others = self.sides
        first.run(
            "rivals",
            worker_tasks.compare_task,
            tuple(other.edited_case for other in others),
            self.worlds_select.worlds,
            on_result=self._show_result,
        )

    def _show_result(self, _: EditedCase, result: ComparisonResult) -> None:
        told = [text.plain for text in bayes_factor_lines(result, self._quoted)]
        factors = 1 if result.favoured is None else len(self.sides) - 1
        rest = told[factors:]
        self.status_line.set_text(" ".join(told[:factors]))
        cases = [side.case for side in self.sides if side.case is not None]
        self.evidence = rival_evidence(cases, result)
        rows = [
            [
                period_label(cases[0], row.event.period),
                event_in_words(cases[0], row.event.first_report),
                *map(_probability_cell, row.probabilities),
                describe_evidence(row, self._quoted),
                f"{row.source}, {row.reliability}" if row.source else row.reliability,
            ]
            for row in self.evidence
        ]
        headings = ["when", "event", *self._names, "speaks for", "source"]
        rest = [*rest, EVENTS_OF_ONE_PERIOD_NOTE] if len(rows) > 1 else rest
        self.table_row.set_visibility(bool(rows))
        notes = html_fragments.render_fragment("paragraphs", [*rest, *result.notes], "small soft")
        warnings = html_fragments.render_fragment(
            "paragraphs",
            [text.plain for text in case_warnings(result, self._quoted)],
            "doubt small",
        )
        caption = "What has happened, how likely each case held it to be, and which it speaks for"
        self.result_html.set_content(
            notes
            + warnings
            + html_fragments.table_html(headings, rows, caption, text_columns=len(headings))
        )

    def _download(self, ending: str) -> None:
        headings, rows = evidence_rows(self.evidence, self._names)
        file = f"events-and-rivals.{ending}"
        content = table_as_file(file, "Events and rival cases", headings, rows)
        ui.download.content(content, file)

    @property
    def _names(self) -> list[str]:
        return titles(self.sides)

    @property
    def _quoted(self) -> list[str]:
        """For sentences, where a title is one part among others."""
        return [f"“{title}”" for title in self._names]

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        cases = [side.case for side in self.sides]
        self.card.set_visibility(all(cases) and any(case.events for case in cases if case))
        self.progress_line.refresh()
        if topic in ("progress", "rivals"):
            self.problems_html.set_content(
                html_fragments.problem_list_html(self.sides[0].problems_of("rivals"))
            )


def _probability_cell(probability: float | None) -> str:
    if probability is None:
        return "no answer"
    return f"{format_probability(probability)} ({describe_probability(probability)})"


def _claim_name_html(name: str, cases: Sequence[Case]) -> Markup:
    """What a claim says; every sentence where they are not the same."""
    sentences = dict.fromkeys(case.sentence_of(name) for case in cases if name in case.claims)
    return html_fragments.render_fragment("claim_name", list(sentences), tests_differ(name, cases))


def tests_differ(name: str, cases: Sequence[Case]) -> bool:
    """Whether several cases make a claim, with tests that are not the same.

    name   the name of the claim
    cases  those that may make it
    """
    tests = {case.claims[name].test for case in cases if name in case.claims}
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


def case_differences_html(cases: Sequence[Case], names: Sequence[str]) -> Markup:
    """What not all of the cases have, and unknowns with other best estimates.

    cases  the cases
    names  what each is called on the page
    """
    rows = []
    kinds: dict[str, list[Mapping[str, object]]] = {
        "party": [case.parties for case in cases],
        "table": [case.tables for case in cases],
        "move": [case.moves for case in cases],
        "chance": [case.chance for case in cases],
        "unknown": [case.unknowns for case in cases],
    }
    for kind, parts in kinds.items():
        for name in dict.fromkeys(name for those in parts for name in those):
            found = [those.get(name) for those in parts]
            if any(one != found[0] for one in found):
                known = next(case for case, one in zip(cases, found, strict=True) if one)
                called = known.name_of(name) if kind == "party" else known.label_of(name)
                rows.append([f"{kind} {called}", *_difference_cells(kind, name, found, cases)])
    if not rows:
        sentence = "Parties, tables, moves, chance and unknowns are the same."
        return html_fragments.render_fragment("paragraphs", [sentence], "")
    table = html_fragments.table_html(
        ["what", *names], rows, "Differences", text_columns=1 + len(cases)
    )
    return html_fragments.render_fragment("heading", "Where they differ") + table


def _difference_cells(
    kind: str, name: str, found: Sequence[object | None], cases: Sequence[Case]
) -> list[str]:
    """What stands in the column of each case where they have not all the same."""
    if kind == "unknown" and None not in found:
        return [format_number(case.unknowns[name].best) for case in cases]
    versions: list[object] = []
    for one in found:
        if one is not None and one not in versions:
            versions.append(one)
    if len(versions) == 1:
        return ["no" if one is None else "yes" for one in found]
    return ["no" if one is None else f"version {versions.index(one) + 1}" for one in found]
