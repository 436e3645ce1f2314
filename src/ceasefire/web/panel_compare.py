"""Two cases side by side: the thesis and its rival, claim by claim."""

from collections.abc import Mapping
from functools import partial
from html import escape

from nicegui import ui

from ceasefire.case import Case
from ceasefire.evidence import ComparisonResult
from ceasefire.render.formatting import format_count, format_number, format_probability
from ceasefire.render.tables_evidence import bayes_factor_lines, case_warnings, event_expectations
from ceasefire.web import html_fragments, worker_tasks
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.html_fragments import SafeHtml
from ceasefire.web.layout import (
    WORLD_COUNT_CHOICES,
    HtmlBlock,
    TextBlock,
    WorldCountSelect,
    labelled_button,
    status_line,
)
from ceasefire.web.panel_claims import ProgressLine
from ceasefire.web.session import PageSession
from ceasefire.web.worker_results import BestEstimateClaim

TRUTH_SIGNS = {True: "✓ true", False: "✗ false", None: "? no answer"}


class ComparePanel:
    """Both cases, and a table of the claims of either."""

    def __init__(self, left: PageSession, right: PageSession) -> None:
        self.sides = (left, right)
        self.under: list[ProgressLine] = []
        with ui.element("div").classes("beside two"):
            for side in self.sides:
                with ui.element("section").classes("card"):
                    head = TextBlock("h2", side.name)
                    self.under.append(ProgressLine(side, "best", "Solving", "Cancel"))
                    self.under.append(
                        ProgressLine(side, "shares", "Worlds", "Stop and keep what is done")
                    )
                    trouble, foot = HtmlBlock(), HtmlBlock()
                    labelled_button("Compute the shares", side.share)
                    ui.link("Open this case", f"/case/{side.name}").classes("small q-ml-sm")
                side.changed.append(partial(self._side, side, head, trouble, foot))
        self.said = status_line()
        self.favoured = BayesFactorPanel(left, right)
        self.table = HtmlBlock()
        self.differences = HtmlBlock()
        ui.timer(0.5, self._tick)

    def _tick(self) -> None:
        for under in self.under:
            under.show()

    def _side(
        self, side: PageSession, head: TextBlock, trouble: HtmlBlock, foot: HtmlBlock, what: str
    ) -> None:
        if what == "progress":
            return
        if side.case is not None:
            head.set_text(side.case.title)
        wrong = [*map(side.shown, side.problems), *side.wrong("best", "shares")]
        trouble.set_content(html_fragments.problem_list_html(wrong))
        if side.shares is not None:
            foot.set_content(
                html_fragments.numerics_html(
                    side.shares.checked.best.numerics, side.shares.checked.ran
                )
            )
        elif side.best is not None:
            foot.set_content(
                html_fragments.numerics_html(side.best.numerics, seconds=side.best.seconds)
            )
        self._both()

    def _both(self) -> None:
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
        heads = ["claim", left.name, right.name]
        self.table.set_content(
            html_fragments.table_html(heads, rows, "The claims of both cases", words=3)
        )
        self.differences.set_content(
            case_differences_html(left.case, right.case, left.name, right.name)
        )
        same = [n for n in names if not tests_differ(n, left.case, right.case)]
        both = [n for n in same if n in left.lines and n in right.lines]
        apart = sum(left.lines[n].claim.best is not right.lines[n].claim.best for n in both)
        if both:
            made = f"Of {format_count(len(both), 'test')} that both cases make, {apart}"
            self.said.set_text(f"{made} {'comes' if apart == 1 else 'come'} out differently.")


class BayesFactorPanel:
    """Which of two cases the events favour, once somebody asks."""

    def __init__(self, left: PageSession, right: PageSession) -> None:
        self.left, self.right = left, right
        with ui.element("section").classes("card") as self.box:
            TextBlock("h2", "Which of the two do the events favour?")
            with ui.row().classes("items-center"):
                self.count = WorldCountSelect(WORLD_COUNT_CHOICES, 0, "From").style(
                    "min-width: 9rem"
                )
                labelled_button("Ask the events", self._ask, quiet=False)
            self.under = ProgressLine(left, "rivals", "Following what happened in both", "Cancel")
            self.said = status_line()
            self.trouble, self.found = HtmlBlock(), HtmlBlock()
        self.box.set_visibility(False)
        for side in (left, right):
            side.changed.append(self.show)
        ui.timer(0.5, self.under.show)

    def _ask(self) -> None:
        self.said.set_text("")
        self.found.set_content("")
        other = self.right.draft
        self.left.run(
            "rivals", worker_tasks.compare_task, other, self.count.worlds, then=self._tell
        )

    def _tell(self, _: EditedCase, found: ComparisonResult) -> None:
        first, *rest = (text.plain for text in bayes_factor_lines(found, self._names))
        self.said.set_text(first)
        rows = [
            [
                str(fact.period),
                fact.words,
                *("no answer" if e is None else format_probability(e) for e in each),
            ]
            for fact, each in event_expectations(found)
        ]
        heads = ["period", "event", *self._names]
        told = "".join(
            f'<p class="small soft">{escape(text)}</p>' for text in (*rest, *found.notes)
        )
        told += "".join(
            f'<p class="doubt small">{escape(text.plain)}</p>'
            for text in case_warnings(found, self._names)
        )
        caption = "What has happened, and how likely each case held it to be"
        self.found.set_content(told + html_fragments.table_html(heads, rows, caption, words=2))

    @property
    def _names(self) -> list[str]:
        return [self.left.name, self.right.name]

    def show(self, what: str) -> None:
        """Show what is new."""
        cases = (self.left.case, self.right.case)
        self.box.set_visibility(all(cases) and any(case.events for case in cases if case))
        self.under.show()
        if what in ("progress", "rivals"):
            self.trouble.set_content(html_fragments.problem_list_html(self.left.wrong("rivals")))


def _claim_name_html(name: str, left: Case, right: Case) -> str:
    """The name of a claim and what it says; both sentences where they are not the same."""
    said = [case.claims[name].says for case in (left, right) if name in case.claims]
    texts = " / ".join(dict.fromkeys(text.strip() for text in said if text))
    other = '<div class="doubt small">not the same test</div>'
    note = other if tests_differ(name, left, right) else ""
    return SafeHtml(f'<span class="name-of">{escape(name)}</span>{escape(texts)}{note}')


def tests_differ(name: str, left: Case, right: Case) -> bool:
    """Whether both cases make a claim, with tests that are not the same."""
    tests = {case.claims[name].test for case in (left, right) if name in case.claims}
    return len(tests) > 1


def _claim_cell(side: PageSession, name: str) -> str:
    line: BestEstimateClaim | None = side.lines.get(name)
    if side.case is None or name not in side.case.claims:
        return "no such claim"
    best = TRUTH_SIGNS[line.claim.best] if line is not None else "…"
    if side.shares is None:
        return best
    found = {v.claim.id: v.share for v in side.shares.checked.verdicts}.get(name)
    if found is None or found.share is None:
        return best
    return f"{best}; {found.share:.0%}, {found.verdict}"


def case_differences_html(left: Case, right: Case, first: str, second: str) -> str:
    """What either case has that the other has not, and unknowns with other best values."""
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
        return "<p>Parties, tables, moves, chance and unknowns are the same.</p>"
    return "<h2>Where they differ</h2>" + html_fragments.table_html(
        ["what", first, second], rows, "Differences", words=3
    )


def _difference_cells(kind: str, name: str, left: Case, right: Case) -> list[str]:
    if kind != "unknown":
        return ["otherwise", "otherwise"]
    return [format_number(case.unknowns[name].best) for case in (left, right)]
