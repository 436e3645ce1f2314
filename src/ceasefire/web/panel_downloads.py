"""What can be taken away: the report, the case, the numbers."""

import io
import json
from pathlib import PurePosixPath

from nicegui import ui
from ruamel.yaml import YAML

from ceasefire.case import Case
from ceasefire.formats.spreadsheets import Cell, table_as_csv
from ceasefire.render.brief import OFFICE_ADVICE
from ceasefire.render.calendar_dates import period_label
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
from ceasefire.web.progress_line import ProgressLine, format_duration
from ceasefire.web.session import READINGS_ALONG_AN_UNKNOWN, PageSession
from ceasefire.web.worker_results import ReportDocuments

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
CLAIM_COLUMNS = (
    "claim", "says", "test", "best", "share", "low", "high", "worlds", "quantity", "value", "held",
)  # fmt: skip
# Following events at the best estimates, checks included, measured on ukraine-2025.yaml: in times
# that all claims are solved, and in worlds.
UPDATE_COST_FACTOR, READINGS_OF_UPDATE = 40, 7


class DownloadsPanel:
    """Buttons that download."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.stem = PurePosixPath(session.name).stem
        self.written_report: tuple[EditedCase, ReportDocuments] | None = None
        self._build_report_section()
        TextBlock("h3", "The case")
        with ui.row():
            labelled_button("The text (YAML)", self._download_case)
            self.changes_button = labelled_button("What you changed (YAML)", self._download_changes)
        TextBlock(
            "p", "The second is a small file that extends the case as it is written.", "soft small"
        )
        TextBlock("h3", "The numbers")
        with ui.row():
            self.claims_button = labelled_button("Claims (CSV)", self._download_claims)
            self.json_button = labelled_button("Everything (JSON)", self._download_json)
        self.hint = TextBlock("p", "", "soft small")
        session.listeners.append(self.on_change)
        self.on_change("draft")

    def _build_report_section(self) -> None:
        """The page to send: how many worlds it is from, and what to do with it."""
        TextBlock("h3", "The report")
        TextBlock(
            "p",
            "Of the case as you have changed it, asked from the day to which you moved Today: one "
            "page for Word, one slide, every chart as a picture, and one HTML file with "
            "everything, which opens anywhere and can be printed.",
            "soft small",
        )
        with ui.row().classes("items-center"):
            self.worlds_select = WorldCountSelect(
                WORLD_COUNT_CHOICES, WORLD_COUNT_CHOICES[1], "From", "best estimates alone"
            )
            self.worlds_select.style("min-width: 11rem")
            self.turning_points_switch = ui.switch("with what turns each claim")
            for chosen in (self.worlds_select, self.turning_points_switch):
                chosen.on_value_change(lambda: self.on_change("draft"))
            labelled_button("Write the report", self._write_report, quiet=False)
            self.cost_label = TextBlock("span", "", "small soft")
        self.progress_line = ProgressLine(self.session, "report", "The report")
        self.status_line = status_line()
        self.problems_html = HtmlBlock()
        with ui.row() as self.download_row:
            labelled_button("Download the report (HTML)", self._download_report)
            self.brief_button = labelled_button("One page (Word)", self._download_brief)
            self.slide_button = labelled_button("One slide (PowerPoint)", self._download_slide)
            labelled_button("Charts (PNG)", self._download_pictures)
        self.office_hint = TextBlock("p", "", "soft small")
        ui.timer(0.5, self.progress_line.refresh)

    def _write_report(self) -> None:
        def then(draft: EditedCase, documents: ReportDocuments) -> None:
            self.written_report = (draft, documents)

        self.written_report = None
        asked = self.worlds_select.worlds, bool(self.turning_points_switch.value), self._processes
        self.session.run("report", worker_tasks.report_task, *asked, on_result=then)

    def _download_report(self) -> None:
        if self.written_report is not None:
            page = self.written_report[1].page
            self._download(page, f"{self.stem}-report.html", "text/html")

    def _download_brief(self) -> None:
        if self.written_report is not None and self.written_report[1].brief is not None:
            ui.download.content(self.written_report[1].brief, f"{self.stem}.docx", DOCX_TYPE)

    def _download_slide(self) -> None:
        if self.written_report is not None and self.written_report[1].slide is not None:
            ui.download.content(self.written_report[1].slide, f"{self.stem}.pptx", PPTX_TYPE)

    def _download_pictures(self) -> None:
        if self.written_report is not None:
            pictures = self.written_report[1].pictures
            ui.download.content(pictures, f"{self.stem}-charts.zip", "application/zip")

    @property
    def estimated_seconds(self) -> float:
        """About how many seconds the report takes as things are."""
        at_best, over_worlds = self._process_seconds()
        return at_best + over_worlds / self._processes

    @property
    def _processes(self) -> int:
        """How many processes would compute the worlds of the report."""
        return self.session.server_state.processes_for(self._process_seconds()[1])

    def _process_seconds(self) -> tuple[float, float]:
        """Seconds of one process for what is asked at the best estimates, and for the worlds."""
        session, case = self.session, self.session.case
        if case is None:
            return 0.0, 0.0
        worlds, tables = self.worlds_select.worlds, len(case.tables)
        each = session.seconds_per_reading
        once = session.seconds_per_solve or each / 3
        update = session.last_seconds.get("update", UPDATE_COST_FACTOR * each)
        events = update if self._asks_after_events(case) else 0.0
        scanned = len(case.unknowns) if self.turning_points_switch.value else 0
        at_best = (
            each * (4 + READINGS_ALONG_AN_UNKNOWN * scanned) + once * (1 + 7 * tables) + events
        )
        in_each = each * 1.5 + once * (1 + tables) + events / READINGS_OF_UPDATE
        return at_best, worlds * in_each

    def _asks_after_events(self, case: Case) -> bool:
        """Whether the report tells what has changed since the start."""
        edited_case = self.session.edited_case
        recorded = case.events or edited_case.added_events
        return bool(edited_case.today or (recorded and edited_case.today is None))

    def on_change(self, topic: str) -> None:
        """What is not there cannot be taken."""
        session = self.session
        self.progress_line.refresh()
        self.cost_label.set_text(
            f"about {format_duration(self.estimated_seconds)}"
            if session.best_result is not None
            else ""
        )
        self.problems_html.set_content(
            html_fragments.problem_list_html(session.problems_of("report"))
        )
        self.download_row.set_visibility(self.written_report is not None)
        lacking = self.written_report is not None and self.written_report[1].brief is None
        for button in (self.brief_button, self.slide_button):
            button.set_enabled(not lacking)
        self.office_hint.set_text(f"For Word and PowerPoint, {OFFICE_ADVICE}." if lacking else "")
        if self.written_report is None:
            self.status_line.set_text("")
        elif self.written_report[0] == session.edited_case:
            self.status_line.set_text(
                f"The report is written: {len(self.written_report[1].page) / 1e6:.1f} MB."
            )
        else:
            self.status_line.set_text("The report is of the case before your last change.")
        self.changes_button.set_enabled(
            session.edited_case.is_moved or bool(session.edited_case.added_events)
        )
        known = session.case is not None and len(session.claim_results) == len(session.case.claims)
        self.claims_button.set_enabled(known and not session.is_stale)
        self.json_button.set_enabled(session.share_result is not None)
        if topic != "progress":
            missing = (
                "The JSON document is that of `ceasefire check --json`: compute the shares first."
            )
            said = [] if session.share_result is not None else [missing.replace("`", "")]
            if session.edited_case.today and session.case is not None:
                start = period_label(session.case, 0)
                said.append(
                    f"The numbers are asked from the start, {start}, whatever day is today."
                )
            self.hint.set_text(" ".join(said))

    def _download_case(self) -> None:
        text = self.session.edited_case.text
        self._download(text, f"{self.stem}.yaml", "application/yaml")
        self.session.mark_saved(text)

    def _download_changes(self) -> None:
        case, draft = self.session.written_case, self.session.edited_case
        if case is not None:
            written = {"extends": f"{self.stem}.yaml", **extension_document(case, draft)}
            stream = io.StringIO()
            YAML(typ="safe", pure=True).dump(written, stream)
            self._download(stream.getvalue(), f"{self.stem}-changed.yaml", "application/yaml")

    def _download_claims(self) -> None:
        self._download(claims_csv(self.session), f"{self.stem}-claims.csv", "text/csv")

    def _download_json(self) -> None:
        if self.session.share_result is not None:
            text = self.session.share_result.json_document
            self._download(text, f"{self.stem}-check.json", "application/json")

    def _download(self, text: str, name: str, kind: str) -> None:
        ui.download.content(text.encode(), name, kind)


def claims_csv(session: PageSession) -> str:
    """One row for each claim and quantity, as a table for other programs.

    session  the page
    """
    claim_checks = (
        {v.id: v for v in session.share_result.check_result.claim_checks}
        if session.share_result
        else {}
    )
    edited_case = session.answered_case or session.edited_case
    edits = json.dumps(
        {
            **dict(edited_case.chosen_options),
            **dict(edited_case.fixed_unknowns),
            **dict.fromkeys(edited_case.disabled_tables, "off"),
        }
    )
    rows: list[tuple[Cell, ...]] = []
    for name, line in session.claim_results.items():
        claim, share = line.claim, claim_checks[name].share if name in claim_checks else None
        low, high = share.interval if share is not None else (None, None)
        share_cells = (share.share, low, high, share.worlds) if share is not None else (None,) * 4
        rows += [
            (
                name, claim.says, claim.test, claim.best, *share_cells, figure.expr, figure.value,
                edits,
            )
            for figure in claim.quantities
        ]  # fmt: skip
    return table_as_csv(CLAIM_COLUMNS, rows).decode("utf-8")
