"""The claims of a case with live verdicts, and how far the questions under way have come."""

from nicegui import ui

from ceasefire.case import Case
from ceasefire.render.formatting import format_count
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

    def __init__(self, session: PageSession, kind: str, doing: str, stop: str) -> None:
        self.session, self.kind, self.doing = session, kind, doing
        with ui.element("div").classes("line") as self.line:
            self.text = TextBlock("span", "", "small")
            self.bar = ui.linear_progress(value=0, show_value=False).props(
                f'aria-label="{doing}" instant-feedback rounded'
            )
            self.bar.style("width: 9rem; flex: none")
            self.stop = labelled_button(stop, lambda: session.stop(kind))
        self.show()

    def show(self) -> None:
        """Say how far it is."""
        asking = self.session.asking.get(self.kind)
        self.line.set_visibility(asking is not None)
        if asking is None:
            return
        progress, about = asking.progress, asking.about
        known = progress is not None and progress.total > 0
        part = f", {progress.part}" if progress is not None and progress.part else ""
        if asking.stop.is_set():
            self.text.set_text("Stopping; what is done is kept")
        elif (
            self.kind == "open"
            and not self.session.desk.ready
            and asking.seconds > LOADING_NOTE_SECONDS
        ):
            once = "after it was installed this takes a minute or two, once"
            self.text.set_text(f"Loading the solver ({once}): {asking.seconds:.0f} s")
        elif progress is not None and known:
            done = f"{progress.done} of {progress.total} {progress.unit}"
            self.text.set_text(f"{self.doing}{part}: {done}")
            self.bar.set_value(round(progress.done / progress.total, 3))
        elif about is not None and about > 1.0:
            left = f"{asking.seconds:.0f} s of about {about:.0f} s"
            self.text.set_text(f"{self.doing}: {left}")
            self.bar.set_value(round(min(asking.seconds / about, 0.97), 2))
        else:
            self.text.set_text(f"{self.doing}{part}: {asking.seconds:.0f} s")
        self.bar.props(remove="indeterminate") if known or about else self.bar.props(
            "indeterminate"
        )


class ClaimsPanel:
    """The list of claims."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        with ui.element("div").classes("status"):
            self.said = status_line()
            self.under = [
                ProgressLine(session, "open", "Reading the case", "Stop"),
                ProgressLine(session, "best", "Solving", "Cancel"),
                ProgressLine(session, "shares", "Worlds", "Stop and keep what is done"),
            ]
            self.trouble = HtmlBlock()
        with ui.row().classes("items-center") as self.asking:
            counts = sorted({*SHARE_WORLD_CHOICES, session.worlds})
            self.count = WorldCountSelect(counts, session.worlds, "Worlds").style(
                "min-width: 8.5rem"
            )
            self.count.on_value_change(self._count)
            self.go = labelled_button("Compute the shares", session.share)
            self.cost = TextBlock("span", "", "small soft")
        self.list = ui.element("ul").classes("plain-list").props('aria-label="Claims"')
        with ui.element("details") as self.folded:
            TextBlock("summary", "The shares as a chart")
            self.chart = HtmlBlock()
        self.foot = HtmlBlock()
        self.rows: dict[str, tuple[HtmlBlock, HtmlBlock, HtmlBlock]] = {}
        session.changed.append(self.show)
        ui.timer(0.5, self._tick)

    def _count(self) -> None:
        self.session.worlds = self.count.worlds
        self._foot()

    def _tick(self) -> None:
        for under in self.under:
            if self.session.asking.get(under.kind) is not None:
                under.show()

    def build(self, case: Case) -> None:
        """Draw a row for each claim."""
        self.rows = {}
        self.list.clear()
        with self.list:
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
        self.asking.set_visibility(bool(case.claims))
        if not case.claims:
            self.said.set_text("The case makes no claim. Add one in its text.")

    def show(self, what: str) -> None:
        """Show what is new."""
        session = self.session
        if what == "case" and session.case is not None:
            self.build(session.case)
        for under in self.under:
            under.show()
        wrong = session.wrong("open", "best", "shares")
        self.trouble.set_content(
            html_fragments.problem_list_html([*wrong, *map(session.shown, session.problems)])
        )
        if session.case is None:
            return
        stale = session.stale and session.best is not None
        self.list.classes(add="stale") if stale else self.list.classes(remove="stale")
        if what == "progress":
            return
        found = {v.claim.id: v for v in session.shares.checked.verdicts} if session.shares else {}
        written = session.written.lines if session.written else {}
        for name, (mark, numbers, share) in self.rows.items():
            line = session.lines.get(name)
            mark.set_content(html_fragments.truth_mark_html(line))
            numbers.set_content(html_fragments.numeric_test_html(line, written.get(name)))
            share.set_content(html_fragments.share_html(found.get(name)))
        self._foot()
        if stale:
            self.said.set_text("The verdicts below are from before your last change.")
        elif what in ("best", "shares"):
            self.said.set_text(self._summary())
        elif what == "some":
            self.said.set_text("")

    def _summary(self) -> str:
        lines = self.session.lines.values()
        true = sum(line.claim.best is True for line in lines)
        verb = "is" if true == 1 else "are"
        said = f"At the best estimates {true} of {format_count(len(lines), 'claim')} {verb} true."
        if self.session.moved or self.session.draft.off:
            claims = format_count(len(lines), "claim")
            said = f"Where you have moved it, {true} of {claims} {verb} true."
        written = self.session.written
        if written is not None:
            before = {n: line.claim.best for n, line in written.lines.items()}
            turned = sum(before.get(line.claim.id) is not line.claim.best for line in lines)
            said += f" {format_count(turned, 'claim')} turned." if turned else ""
        if self.session.shares is not None and self.session.shares.checked.ran is not None:
            said += (
                f" Shares are over {format_count(self.session.shares.checked.ran.done, 'world')}."
            )
        return said

    def _foot(self) -> None:
        best, shares = self.session.best, self.session.shares
        self.folded.set_visibility(shares is not None and bool(shares.figure))
        if shares is not None:
            checked = shares.checked
            self.chart.set_content(shares.figure)
            self.foot.set_content(
                html_fragments.numerics_html(checked.best.numerics, checked.ran, lost=checked.lost)
            )
        elif best is not None:
            self.foot.set_content(html_fragments.numerics_html(best.numerics, seconds=best.seconds))
        if best is not None:
            self.cost.set_text(f"about {format_duration(self.session.cost)}")


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
