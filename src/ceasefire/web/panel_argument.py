"""The argument on one screen: its verdict, its sentences with their shares, and what turns them."""

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui

from ceasefire.argument import argument_steps, headline_paragraphs, verdict_in_short
from ceasefire.case import Case
from ceasefire.diagnostics import readable_name
from ceasefire.ensemble import ClaimCheck, TurningPoint, verdict_of_share
from ceasefire.render.calendar_dates import period_label
from ceasefire.render.check_summary import describe_argument, describe_difference_at_best
from ceasefire.render.formatting import TRUTH_MARKS, format_number
from ceasefire.render.tables_check import with_labels
from ceasefire.results import format_count, join_phrases
from ceasefire.web import html_fragments
from ceasefire.web.layout import (
    HtmlBlock,
    TextBlock,
    WorldCountSelect,
    labelled_button,
    status_line,
)
from ceasefire.web.progress_line import ProgressLine, format_duration
from ceasefire.web.session import PageSession
from ceasefire.web.slider_values import just_past

SHARE_WORLD_CHOICES = (16, 64, 256, 1024)
MOST_TURNS_SHOWN = 3


class HeadlinePanel:
    """How the argument stands, in a few large words and a paragraph for each thesis."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.verdict = TextBlock("p", "", "lead")
        with ui.element("section").classes("headline").props('aria-label="Verdict"') as self.block:
            self.paragraphs = HtmlBlock(classes="paragraphs")
            self.turned = TextBlock("p", "", "turned-line")
        session.listeners.append(self.on_change)

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        session = self.session
        if session.case is None or topic not in SHOWN_TOPICS:
            return
        claims = shown_claims(session)
        if len(claims) < len(session.case.claims):
            return  # a thesis is told when its premises are known
        for part in (self.verdict, self.block):
            part.classes(add="stale") if session.is_stale and claims else part.classes(
                remove="stale"
            )
        standings = [claim.standing for claim in claims]
        self.verdict.set_text(verdict_in_short(standings))
        told = headline_paragraphs(standings)
        self.paragraphs.set_content(html_fragments.render_fragment("headline", told))
        self.turned.set_text(describe_turned(session))


SHOWN_TOPICS = ("case", "draft", "best", "some", "shares", "partial", "update", "restored")


def shown_claims(session: PageSession) -> list[ClaimCheck]:
    """The claims as the page has them now: over worlds where these are known, else at best."""
    case = session.case
    if case is None:
        return []
    if session.share_result is not None:
        checks = session.share_result.check_result.claim_checks
        return [with_labels(one, case.unknown_labels) for one in checks]
    found = session.claim_results
    return [found[name].claim for name in case.claims if name in found]


def describe_turned(session: PageSession) -> str:
    """Which claims come out otherwise than as the case is written, at the best estimates."""
    written = session.unedited_result
    if written is None or session.case is None:
        return ""
    turned = [
        f"“{session.case.sentence_of(name)}” is now {TRUTH_MARKS[line.claim.best].word}"
        for name, line in session.claim_results.items()
        if name in written.claims and written.claims[name].claim.best is not line.claim.best
    ]
    if not turned:
        return ""
    more = len(turned) - MOST_TURNS_SHOWN
    named = turned[:MOST_TURNS_SHOWN] + ([f"{more} more"] if more > 0 else [])
    return f"Turned by what you moved: {join_phrases(named)}."


@dataclass
class SentenceRow:
    """The parts of a sentence that change."""

    mark: HtmlBlock
    strip: HtmlBlock
    notes: HtmlBlock
    turns: ui.element
    detail: HtmlBlock
    turns_shown: tuple[object, ...] | None = None


class ArgumentPanel:
    """The sentences of a case, the thesis first, each with the share of worlds."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.rows: dict[str, SentenceRow] = {}
        self.chosen_thesis: str | None = None
        with ui.element("div").classes("status"):
            self.status_line = status_line()
            self.progress_lines = [
                ProgressLine(session, "open", "Reading the case", "Stop"),
                ProgressLine(session, "best", "Solving"),
                ProgressLine(session, "shares", "Worlds"),
                ProgressLine(session, "turning", "Looking for what turns the sentences", "Stop"),
            ]
            self.problems_html = HtmlBlock()
        with ui.element("div").classes("sentence head").props('aria-hidden="true"'):
            TextBlock("span", "In how many worlds is each sentence true?", "small soft")
            HtmlBlock(html_fragments.render_fragment("strip_axis"))
            TextBlock("span", "")
        self.sentence_list = (
            ui.element("ul").classes("plain-list sentences").props('aria-label="Claims"')
        )
        with ui.row().classes("items-center") as self.run_row:
            counts = sorted({*SHARE_WORLD_CHOICES, session.worlds})
            self.worlds_select = WorldCountSelect(counts, session.worlds, "Worlds").style(
                "min-width: 8.5rem"
            )
            self.worlds_select.on_value_change(self._set_worlds)
            self.run_button = labelled_button("Compute the shares", session.compute_shares)
            self.cost_label = TextBlock("span", "", "small soft")
        with ui.element("details") as self.map_details:
            TextBlock("summary", "The argument as a map")
            self.map_html = HtmlBlock()
        with ui.element("details") as self.chart_details:
            TextBlock("summary", "The shares as a chart")
            self.chart_html = HtmlBlock()
        self.numerics_html = HtmlBlock()
        for part in (self.run_row, self.map_details, self.chart_details):
            part.set_visibility(False)
        session.listeners.append(self.on_change)
        ui.timer(0.5, self._refresh_progress)

    def _set_worlds(self) -> None:
        self.session.worlds = self.worlds_select.worlds
        self.session.notify("worlds")
        self._refresh_numerics()

    def _refresh_progress(self) -> None:
        for progress_line in self.progress_lines:
            if self.session.pending.get(progress_line.kind) is not None:
                progress_line.refresh()

    def build(self, case: Case) -> None:
        """Draw a row for each claim: every thesis with what it rests on, then the others."""
        self.rows = {}
        self.sentence_list.clear()
        tree = sentence_order(case, self.chosen_thesis)
        argued = {place.claim for place in tree}
        with self.sentence_list:
            for place in tree:
                self._add_row(case, place)
            others = [name for name in case.claims if name not in argued]
            if others and tree:
                TextBlock("li", "Other sentences", "group")
            for name in others:
                self._add_row(case, SentencePlace(name, 0))
        self.run_row.set_visibility(bool(case.claims))
        if not case.claims:
            self.status_line.set_text("The case makes no claim. Add one in its text.")

    def _add_row(self, case: Case, place: "SentencePlace") -> None:
        name, claim = place.claim, case.claims[place.claim]
        says = claim.says or readable_name(name)
        classes = f"sentence depth-{min(place.depth, 3)}{' thesis' if place.is_thesis else ''}"
        if place.repeated:
            with ui.element("li").classes(f"{classes} again"):
                TextBlock("div", f"and, as above: {says}", "says small soft")
            return
        with ui.element("li").classes(classes).props(f'data-claim="{name}"'):
            with ui.element("div").classes("sentence-text"):
                with ui.element("div").classes("sentence-line"):
                    mark = HtmlBlock(html_fragments.truth_mark_html(None))
                    TextBlock("div", says, "says")
                    if place.is_thesis:
                        TextBlock("span", "★", "star").props('role="img" aria-label="thesis"')
                notes = HtmlBlock()
                turns = ui.element("div").classes("turns small")
                with ui.element("details"):
                    with TextBlock("summary", "Test and source"):
                        TextBlock("span", f" of {readable_name(name)}", "hidden-text")
                    detail = HtmlBlock()
                    HtmlBlock(html_fragments.claim_source_html(case, name))
                    if not place.is_thesis:
                        labelled_button(
                            "Take as the thesis", lambda name=name: self._choose_thesis(name)
                        )
            strip = HtmlBlock(classes="strip-cell")
        self.rows[name] = SentenceRow(mark, strip, notes, turns, detail)

    def _choose_thesis(self, name: str) -> None:
        if self.session.case is not None and name in self.session.case.claims:
            self.chosen_thesis = name
            self.build(self.session.case)
            self.on_change("best")

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        session = self.session
        if topic == "case" and session.case is not None:
            self.build(session.case)
        for progress_line in self.progress_lines:
            progress_line.refresh()
        problems = session.problems_of("open", "best", "shares", "turning")
        self.problems_html.set_content(
            html_fragments.problem_list_html(
                [*problems, *map(session.with_relative_path, session.problems)]
            )
        )
        if session.case is None:
            return
        stale = session.is_stale and session.best_result is not None
        self.sentence_list.classes(add="stale") if stale else self.sentence_list.classes(
            remove="stale"
        )
        if topic == "restored" and self.worlds_select.value != session.worlds:
            self.worlds_select.set_value(session.worlds)
        if topic in ("turning", "case", "best"):
            self._show_turning_points(session.case)
        if topic not in SHOWN_TOPICS:
            return
        self._show_shares()
        self._refresh_numerics()
        if stale:
            self.status_line.set_text("The verdicts below are from before your last change.")
        elif topic in ("best", "shares"):
            self.status_line.set_text(self._summary())
        elif topic == "some":
            self.status_line.set_text("")

    def _show_shares(self) -> None:
        session = self.session
        checks = {claim.id: claim for claim in shown_claims(session)}
        written = session.unedited_result.claims if session.unedited_result else {}
        today = {}
        if session.update_result is not None:
            today = {one.id: one.best[1] for one in session.update_result.update_result.claims}
        since = "after the events"
        if session.edited_case.today and session.case is not None:
            since = f"from {period_label(session.case, session.today)}"
        for name, row in self.rows.items():
            line, claim = session.claim_results.get(name), checks.get(name)
            share = known_share(session, claim, name)
            row.mark.set_content(html_fragments.truth_mark_html(line, share))
            row.strip.set_content(
                html_fragments.strip_html(claim, share, session.former_shares.get(name))
            )
            row.notes.set_content(
                html_fragments.sentence_notes_html(
                    line, written.get(name), _notes(claim), today.get(name), since
                )
            )
            row.detail.set_content(
                html_fragments.numeric_test_html(line) + html_fragments.share_html(claim)
            )

    def _show_turning_points(self, case: Case) -> None:
        points = self.session.turning_points
        for name, row in self.rows.items():
            found = () if points is None else tuple(points.by_claim.get(name, ()))
            key = (found, points is not None and points.is_complete)
            if row.turns_shown == key:
                continue
            row.turns_shown = key
            row.turns.clear()
            with row.turns:
                self._add_turning_points(case, found, complete=bool(key[1]))

    def _add_turning_points(
        self, case: Case, points: Sequence[TurningPoint], *, complete: bool
    ) -> None:
        if not points:
            if complete and case.unknowns:
                TextBlock("span", "no unknown alone turns it", "soft")
            return
        TextBlock("span", "turns if", "soft")
        for point in points[:MOST_TURNS_SHOWN]:
            self._add_turning_point(case, point)
        if len(points) > MOST_TURNS_SHOWN:
            with ui.element("details").classes("inline"):
                TextBlock("summary", f"{len(points) - MOST_TURNS_SHOWN} more")
                for point in points[MOST_TURNS_SHOWN:]:
                    self._add_turning_point(case, point)

    def _add_turning_point(self, case: Case, point: TurningPoint) -> None:
        said = describe_turning_point(case, point)
        with ui.element("span").classes("turn"):
            TextBlock("span", said)
            button = labelled_button("try", lambda: self._try(point)).classes("try")
            button.props["aria-label"] = f"Try {said}"

    def _try(self, point: TurningPoint) -> None:
        case = self.session.case
        if case is not None and point.unknown in case.unknowns:
            self.session.fix_unknown(point.unknown, just_past(case.unknowns[point.unknown], point))
            self.session.notify("restored")

    def _summary(self) -> str:
        lines = self.session.claim_results.values()
        true = sum(line.claim.best is True for line in lines)
        verb = "is" if true == 1 else "are"
        sentence = (
            f"At the best estimates {true} of {format_count(len(lines), 'claim')} {verb} true."
        )
        if self.session.edited_case.is_moved:
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
        self.map_details.set_visibility(shares is not None and bool(shares.map_html))
        if shares is not None:
            checked = shares.check_result
            self.chart_html.set_content(shares.chart_html)
            self.map_html.set_content(shares.map_html)
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


@dataclass(frozen=True)
class SentencePlace:
    """A claim at its place among the sentences.

    depth      how many conclusions stand above it
    is_thesis  whether it is a thesis, or was chosen as one
    repeated   whether it is listed further up already
    """

    claim: str
    depth: int
    is_thesis: bool = False
    repeated: bool = False


def sentence_order(case: Case, chosen: str | None = None) -> list[SentencePlace]:
    """Every thesis, followed by its premises with theirs; the thesis that was chosen comes first.

    case    the case
    chosen  a claim that the reader takes as the thesis

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... claims:
    ...   money: {test: P(at_end(war)) > 0}
    ...   peace: {because: [money]}
    ... ''')
    >>> [(place.claim, place.depth, place.is_thesis) for place in sentence_order(case)]
    [('peace', 0, True), ('money', 1, False)]
    """
    because = {name: claim.because for name, claim in case.claims.items()}
    told: set[str] = set()
    places = []
    for step in argument_steps(because, chosen if chosen in case.claims else None):
        places.append(SentencePlace(step.claim, step.depth, step.depth == 0, step.claim in told))
        told.add(step.claim)
    return places


def known_share(
    session: PageSession, claim: ClaimCheck | None, name: str
) -> html_fragments.ShownShare | None:
    """The share of a claim as far as it is known: over all worlds, or over those done so far."""
    if claim is not None and claim.share is not None:
        share = claim.share
        if share.share is None:
            return None
        verdict = verdict_of_share(share.share)
        return html_fragments.ShownShare(share.share, verdict, share.interval, None)
    partial = session.partial_shares
    if partial is None or session.is_stale:
        return None
    so_far = partial.shares.get(name)
    if so_far is None:
        return None
    return html_fragments.ShownShare(so_far, verdict_of_share(so_far), None, partial.worlds)


def _notes(claim: ClaimCheck | None) -> tuple[str, ...]:
    if claim is None:
        return ()
    return tuple(
        note for note in (describe_difference_at_best(claim), describe_argument(claim)) if note
    )


def describe_turning_point(case: Case, point: TurningPoint) -> str:
    """Where an unknown turns a claim, in words.

    case   the case
    point  the turning point
    """
    unknown = case.unknowns[point.unknown]
    name = case.label_of(point.unknown)
    if unknown.kind == "oneof":
        return f"{name} = {format_number(point.value)}"
    return f"{name} {'<' if point.value < point.best else '>'} {format_number(point.value)}"
