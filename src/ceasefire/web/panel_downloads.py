"""What can be taken away: the report, the case, the numbers."""

import csv
import io
import json
from pathlib import PurePosixPath

from nicegui import ui
from ruamel.yaml import YAML

from ceasefire.web import html_fragments, worker_tasks
from ceasefire.web.edited_case import EditedCase, extension_document
from ceasefire.web.layout import (
    WORLD_COUNT_CHOICES,
    HtmlBlock,
    TextBlock,
    WorldCountSelect,
    labelled_button,
    status_line,
)
from ceasefire.web.panel_claims import ProgressLine, format_duration
from ceasefire.web.session import PageSession

UPDATE_COST_FACTOR = (
    20  # how often solving all claims fits into following the events through one world
)


class DownloadsPanel:
    """Buttons that download."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.stem = PurePosixPath(session.name).stem
        self.page: tuple[EditedCase, str] | None = None
        self._report()
        TextBlock("h3", "The case")
        with ui.row():
            labelled_button("The text (YAML)", self._case)
            self.small = labelled_button("What you changed (YAML)", self._changes)
        TextBlock(
            "p", "The second is a small file that extends the case as it is written.", "soft small"
        )
        TextBlock("h3", "The numbers")
        with ui.row():
            self.table = labelled_button("Claims (CSV)", self._table)
            self.document = labelled_button("Everything (JSON)", self._document)
        self.hint = TextBlock("p", "", "soft small")
        session.changed.append(self.show)
        self.show("draft")

    def _report(self) -> None:
        """The page to send: how many worlds it is from, and what to do with it."""
        TextBlock("h3", "The report")
        TextBlock(
            "p",
            "One HTML file with everything in it, of the case as you have changed it: claims, "
            "charts, reasons, assumptions, sources. It opens anywhere and can be printed.",
            "soft small",
        )
        with ui.row().classes("items-center"):
            self.count = WorldCountSelect(
                WORLD_COUNT_CHOICES, WORLD_COUNT_CHOICES[1], "From", "best estimates alone"
            )
            self.count.style("min-width: 11rem")
            self.flips = ui.switch("with what turns each claim")
            for chosen in (self.count, self.flips):
                chosen.on_value_change(lambda: self.show("draft"))
            labelled_button("Write the report", self._write, quiet=False)
            self.cost = TextBlock("span", "", "small soft")
        self.under = ProgressLine(self.session, "report", "The report", "Cancel")
        self.said = status_line()
        self.trouble = HtmlBlock()
        self.offered = labelled_button("Download the report (HTML)", self._give_page)
        ui.timer(0.5, self.under.show)

    def _write(self) -> None:
        def then(draft: EditedCase, text: str) -> None:
            self.page = (draft, text)

        self.page = None
        asked = self.count.worlds, bool(self.flips.value)
        self.session.run("report", worker_tasks.report_task, *asked, then=then)

    def _give_page(self) -> None:
        if self.page is not None:
            self._give(self.page[1], f"{self.stem}-report.html", "text/html")

    @property
    def patience(self) -> float:
        """About how many seconds the report takes."""
        case, once = self.session.case, self.session.pace.get("best", 0.0)
        if case is None:
            return 0.0
        worlds, tables = self.count.worlds, len(case.tables)
        events = (
            UPDATE_COST_FACTOR * (1 + worlds) if case.events or self.session.draft.logged else 0
        )
        claims = 1.5 * worlds + 4 + (6 * len(case.unknowns) if self.flips.value else 0)
        return once * (claims + (worlds + 1) * (1 + tables) / 3 + 2 * tables + events)

    def show(self, what: str) -> None:
        """What is not there cannot be taken."""
        session = self.session
        self.under.show()
        self.cost.set_text(
            f"about {format_duration(self.patience)}" if session.best is not None else ""
        )
        self.trouble.set_content(html_fragments.problem_list_html(session.wrong("report")))
        self.offered.set_visibility(self.page is not None)
        if self.page is None:
            self.said.set_text("")
        elif self.page[0] == session.draft:
            self.said.set_text(f"The report is written: {len(self.page[1]) / 1e6:.1f} MB.")
        else:
            self.said.set_text("The report is of the case before your last change.")
        self.small.set_enabled(bool(session.moved or session.draft.off or session.draft.logged))
        known = session.case is not None and len(session.lines) == len(session.case.claims)
        self.table.set_enabled(known and not session.stale)
        self.document.set_enabled(session.shares is not None)
        if what != "progress":
            missing = (
                "The JSON document is that of `ceasefire check --json`: compute the shares first."
            )
            self.hint.set_text("" if session.shares is not None else missing.replace("`", ""))

    def _case(self) -> None:
        self._give(self.session.draft.text, f"{self.stem}.yaml", "application/yaml")

    def _changes(self) -> None:
        case, draft = self.session.case, self.session.draft
        if case is not None:
            written = {"extends": f"{self.stem}.yaml", **extension_document(case, draft)}
            stream = io.StringIO()
            YAML(typ="safe", pure=True).dump(written, stream)
            self._give(stream.getvalue(), f"{self.stem}-changed.yaml", "application/yaml")

    def _table(self) -> None:
        self._give(claims_csv(self.session), f"{self.stem}-claims.csv", "text/csv")

    def _document(self) -> None:
        if self.session.shares is not None:
            text = self.session.shares.document
            self._give(text, f"{self.stem}-check.json", "application/json")

    def _give(self, text: str, name: str, kind: str) -> None:
        ui.download.content(text.encode(), name, kind)


def claims_csv(session: PageSession) -> str:
    """One row for each claim and quantity, as a table for other programs."""
    found = {v.claim.id: v for v in session.shares.checked.verdicts} if session.shares else {}
    out = io.StringIO()
    heads = ("claim", "says", "test", "best", "share", "low", "high", "worlds", "quantity", "value")
    rows = csv.writer(out)
    rows.writerow((*heads, "held"))
    of = session.answered or session.draft
    held = json.dumps({**dict(of.moved), **dict.fromkeys(of.off, "off")})
    for name, line in session.lines.items():
        share = found[name].share if name in found else None
        low, high = share.interval if share is not None else (None, None)
        shown = (share.share, low, high, share.worlds) if share is not None else (None,) * 4
        for figure in line.claim.quantities:
            start = (name, line.claim.says, line.claim.test, line.claim.best)
            rows.writerow(
                (
                    *map(_escape_spreadsheet_formula, start),
                    *shown,
                    _escape_spreadsheet_formula(figure.expr),
                    figure.value,
                    held,
                )
            )
    return out.getvalue()


def _escape_spreadsheet_formula(cell: object) -> object:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell
