"""The claims of a case with live verdicts, and how far the questions under way have come."""

from markupsafe import Markup
from nicegui import ui

from ceasefire.case import Case
from ceasefire.render.tables_check import with_labels
from ceasefire.results import format_count
from ceasefire.web import html_fragments
from ceasefire.web.layout import (
    HtmlBlock,
    TextBlock,
    WorldCountSelect,
    labelled_button,
    status_line,
)
from ceasefire.web.session import PageSession

SHARE_WORLD_CHOICES = (16, 64, 256, 1024)
LOADING_NOTE_SECONDS = 3.0  # seconds after which it is said why nothing is known yet


class ProgressLine:
    """A line for one kind of question: what is done, how far it is, and a way to stop it."""

    def __init__(self, session: PageSession, kind: str, activity: str, stop_label: str) -> None:
        self.session, self.kind, self.activity = session, kind, activity
        with ui.element("div").classes("line") as self.line:
            self.text = TextBlock("span", "", "small")
            self.bar = ui.linear_progress(value=0, show_value=False).props(
                f'aria-label="{activity}" instant-feedback rounded'
            )
            self.bar.style("width: 9rem; flex: none")
            self.stop_button = labelled_button(stop_label, lambda: session.stop_or_cancel(kind))
        self.refresh()

    def refresh(self) -> None:
        """Say how far it is."""
        task = self.session.pending.get(self.kind)
        self.line.set_visibility(task is not None)
        if task is None:
            return
        progress, expected_seconds = task.progress, task.expected_seconds
        known = progress is not None and progress.total > 0
        part = f", {progress.part}" if progress is not None and progress.part else ""
        if task.stop_requested.is_set():
            self.text.set_text("Stopping; what is done is kept")
        elif (
            self.kind == "open"
            and not self.session.server_state.solver_loaded
            and task.elapsed_seconds > LOADING_NOTE_SECONDS
        ):
            once = "after it was installed this takes a minute or two, once"
            self.text.set_text(f"Loading the solver ({once}): {task.elapsed_seconds:.0f} s")
        elif progress is not None and known:
            done = f"{progress.done} of {progress.total} {progress.unit}"
            self.text.set_text(f"{self.activity}{part}: {done}")
            self.bar.set_value(round(progress.done / progress.total, 3))
        elif expected_seconds is not None and expected_seconds > 1.0:
            left = f"{task.elapsed_seconds:.0f} s of about {expected_seconds:.0f} s"
            self.text.set_text(f"{self.activity}: {left}")
            self.bar.set_value(round(min(task.elapsed_seconds / expected_seconds, 0.97), 2))
        else:
            self.text.set_text(f"{self.activity}{part}: {task.elapsed_seconds:.0f} s")
        self.bar.props(remove="indeterminate") if known or expected_seconds else self.bar.props(
            "indeterminate"
        )


class ClaimsPanel:
    """The list of claims."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.argument_html = HtmlBlock()
        with ui.element("div").classes("status"):
            self.status_line = status_line()
            self.progress_lines = [
                ProgressLine(session, "open", "Reading the case", "Stop"),
                ProgressLine(session, "best", "Solving", "Cancel"),
                ProgressLine(session, "shares", "Worlds", "Stop and keep what is done"),
            ]
            self.problems_html = HtmlBlock()
        with ui.row().classes("items-center") as self.run_row:
            counts = sorted({*SHARE_WORLD_CHOICES, session.worlds})
            self.worlds_select = WorldCountSelect(counts, session.worlds, "Worlds").style(
                "min-width: 8.5rem"
            )
            self.worlds_select.on_value_change(self._set_worlds)
            self.run_button = labelled_button("Compute the shares", session.compute_shares)
            self.cost_label = TextBlock("span", "", "small soft")
        self.claim_list = ui.element("ul").classes("plain-list").props('aria-label="Claims"')
        with ui.element("details") as self.chart_details:
            TextBlock("summary", "The shares as a chart")
            self.chart_html = HtmlBlock()
        with ui.element("details") as self.otherwise_details:
            TextBlock("summary", "By option and by expert")
            self.otherwise_html = HtmlBlock()
        self.numerics_html = HtmlBlock()
        self.rows: dict[str, tuple[HtmlBlock, HtmlBlock, HtmlBlock]] = {}
        session.listeners.append(self.on_change)
        ui.timer(0.5, self._refresh_progress)

    def _set_worlds(self) -> None:
        self.session.worlds = self.worlds_select.worlds
        self._refresh_numerics()

    def _refresh_progress(self) -> None:
        for progress_line in self.progress_lines:
            if self.session.pending.get(progress_line.kind) is not None:
                progress_line.refresh()

    def build(self, case: Case) -> None:
        """Draw a row for each claim."""
        self.rows = {}
        self.claim_list.clear()
        with self.claim_list:
            for name, claim in case.claims.items():
                with ui.element("li").classes("claim").props(f'data-claim="{name}"'):
                    mark = HtmlBlock(html_fragments.truth_mark_html(None))
                    with ui.element("div"):
                        TextBlock("div", claim.says or name, "says")
                        share, numbers = HtmlBlock(), HtmlBlock()
                        with ui.element("details"):
                            TextBlock("summary", f"Test and source of {name}")
                            HtmlBlock(html_fragments.claim_source_html(case, name))
                self.rows[name] = (mark, numbers, share)
        self.run_row.set_visibility(bool(case.claims))
        if not case.claims:
            self.status_line.set_text("The case makes no claim. Add one in its text.")

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        session = self.session
        if topic == "case" and session.case is not None:
            self.build(session.case)
        for progress_line in self.progress_lines:
            progress_line.refresh()
        problems = session.problems_of("open", "best", "shares")
        self.problems_html.set_content(
            html_fragments.problem_list_html(
                [*problems, *map(session.with_relative_path, session.problems)]
            )
        )
        if session.case is None:
            return
        stale = session.is_stale and session.best_result is not None
        self.claim_list.classes(add="stale") if stale else self.claim_list.classes(remove="stale")
        if topic == "progress":
            return
        claim_checks = (
            {
                v.id: with_labels(v, session.case.unknown_labels)
                for v in session.share_result.check_result.claim_checks
            }
            if session.share_result
            else {}
        )
        written = session.unedited_result.claims if session.unedited_result else {}
        for name, (mark, numbers, share) in self.rows.items():
            line = session.claim_results.get(name)
            mark.set_content(html_fragments.truth_mark_html(line))
            numbers.set_content(html_fragments.numeric_test_html(line, written.get(name)))
            share.set_content(html_fragments.share_html(claim_checks.get(name)))
        self.argument_html.set_content(
            html_fragments.argument_html(
                session.share_result.check_result, session.share_result.map_html
            )
            if session.share_result is not None and not stale
            else ""
        )
        self._refresh_numerics()
        if stale:
            self.status_line.set_text("The verdicts below are from before your last change.")
        elif topic in ("best", "shares"):
            self.status_line.set_text(self._summary())
        elif topic == "some":
            self.status_line.set_text("")

    def _summary(self) -> str:
        lines = self.session.claim_results.values()
        true = sum(line.claim.best is True for line in lines)
        verb = "is" if true == 1 else "are"
        sentence = (
            f"At the best estimates {true} of {format_count(len(lines), 'claim')} {verb} true."
        )
        if self.session.fixed_unknowns or self.session.edited_case.disabled_tables:
            claims = format_count(len(lines), "claim")
            sentence = f"Where you have moved it, {true} of {claims} {verb} true."
        written = self.session.unedited_result
        if written is not None:
            before = {n: line.claim.best for n, line in written.claims.items()}
            turned = sum(before.get(line.claim.id) is not line.claim.best for line in lines)
            sentence += f" {format_count(turned, 'claim')} turned." if turned else ""
        if (
            self.session.share_result is not None
            and self.session.share_result.check_result.run_stats is not None
        ):
            computed = self.session.share_result.check_result.run_stats.computed
            sentence += f" Shares are over {format_count(computed, 'world')}."
        return sentence

    def _refresh_numerics(self) -> None:
        best, shares = self.session.best_result, self.session.share_result
        self.chart_details.set_visibility(shares is not None and bool(shares.chart_html))
        otherwise = Markup("")
        if shares is not None and self.session.case is not None:
            checked = shares.check_result
            otherwise = html_fragments.written_otherwise_html(self.session.case, checked)
        self.otherwise_details.set_visibility(bool(otherwise))
        self.otherwise_html.set_content(otherwise)
        if shares is not None:
            checked = shares.check_result
            self.chart_html.set_content(shares.chart_html)
            self.numerics_html.set_content(
                html_fragments.numerics_html(
                    checked.numerics, checked.run_stats, failed_checks=checked.failed_checks
                )
            )
        elif best is not None:
            self.numerics_html.set_content(
                html_fragments.numerics_html(best.numerics, seconds=best.seconds)
            )
        if best is not None:
            self.cost_label.set_text(f"about {format_duration(self.session.estimated_seconds)}")


def format_duration(seconds: float) -> str:
    """A time as one would say it.

    >>> [format_duration(seconds) for seconds in (0.2, 40.0, 400.0, 9000.0)]
    ['1 second', '40 seconds', '7 minutes', '2.5 hours']
    """
    if seconds < 90:
        return format_count(max(1, round(seconds)), "second")
    if seconds < 5400:
        return format_count(round(seconds / 60), "minute")
    return f"{seconds / 3600:.1f} hours"
