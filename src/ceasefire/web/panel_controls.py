"""Sliders for the unknowns of a case, those that turn most first, and what the tables are."""

import math
from collections.abc import Iterable
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from ceasefire.argument import theses
from ceasefire.case import Case, Unknown
from ceasefire.diagnostics import readable_name
from ceasefire.render.formatting import format_number
from ceasefire.render.tables_codings import option_words
from ceasefire.results import format_count
from ceasefire.web import html_fragments
from ceasefire.web.layout import HtmlBlock, Slider, TextBlock, labelled_button
from ceasefire.web.panel_map import MapPanel
from ceasefire.web.session import PageSession
from ceasefire.web.slider_values import place_on_slider, round_to_step, slider_range
from ceasefire.web.worker_results import ClaimTurningPoints

MOST_UNFILTERED_UNKNOWNS = 8
LEAST_SHOWN = 4  # sliders that are shown whatever they turn


class ControlsPanel:
    """The part of a page on which the case is moved."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.sliders: dict[str, Slider | ui.select] = {}
        self.value_labels: dict[str, TextBlock] = {}
        self.mark_lines: dict[str, HtmlBlock] = {}
        self.rows: dict[str, ui.element] = {}
        self.is_resetting = False
        self.sidebar = (
            ui.element("aside").classes("levers").props('aria-label="Unknowns and tables"')
        )
        with self.sidebar:
            self.toggle_button = labelled_button("Unknowns and tables", self._toggle).classes(
                "levers-toggle"
            )
            self.toggle_button.props('aria-expanded="false"')
            with ui.element("div").classes("levers-body"):
                with ui.element("div").classes("edit-count"):
                    self.edit_count_label = TextBlock("span", "", "small soft")
                    self.reset_button = labelled_button("As written", self._reset)
                self.options_text = TextBlock("p", "", "small")
                MapPanel(session)
                self.body = ui.element("div").classes("what-turns-it")
        session.listeners.append(self._on_change)

    def build(self, case: Case) -> None:
        """Draw a slider for each unknown."""
        self.sliders, self.value_labels, self.rows, self.mark_lines = {}, {}, {}, {}
        self.body.clear()
        varied = {n: u for n, u in case.unknowns.items() if u.kind is not None}
        with self.body:
            if varied:
                TextBlock("h2", "What turns it")
                self.legend = TextBlock("p", "", "small soft")
                if len(varied) > MOST_UNFILTERED_UNKNOWNS:
                    ui.input(
                        "Find an unknown", on_change=lambda e: self._filter_unknowns(e.value)
                    ).props("dense outlined clearable").classes("full-width")
            self.main = ui.element("div")
            with self.main:
                for name, unknown in varied.items():
                    self._add_control(name, unknown)
            with ui.element("details") as self.others:
                self.others_summary = TextBlock("summary", "")
                self.other_rows = ui.element("div")
            self.others.set_visibility(False)
        self._on_change("draft")

    def _add_control(self, name: str, unknown: Unknown) -> None:
        at = self.session.fixed_unknowns.get(name, unknown.best)
        label = unknown.label or readable_name(name)
        with ui.element("div").classes("lever").props(f'data-unknown="{name}"') as row:
            with ui.element("div").classes("lever-head"):
                TextBlock("span", label, "lever-name small")
                self.value_labels[name] = TextBlock(
                    "span", html_fragments.format_unknown_value(unknown, at), "lever-value small"
                )
            if unknown.kind == "oneof":
                choices = {v: f"{v:g}" for v in sorted({*unknown.parameters, unknown.best})}
                select = ui.select(choices, value=at)
                select.props("dense options-dense outlined").props["aria-label"] = label
                select.on_value_change(partial(self._on_select, name))
                self.sliders[name] = select
            else:
                low, high = slider_range(unknown)
                slider = Slider(label, low, high, at)
                slider.set_value_text(html_fragments.format_unknown_value(unknown, at))
                slider.on_move(partial(self._fix_unknown, name))
                self.sliders[name] = slider
            self.mark_lines[name] = HtmlBlock()
            if unknown.about or unknown.label:
                with ui.element("details"):
                    TextBlock("summary", "What it is")
                    TextBlock("p", name, "small soft code")
                    if unknown.about:
                        TextBlock("p", unknown.about, "small soft")
        self.rows[name] = row

    def _on_select(self, name: str, event: ValueChangeEventArguments[Any]) -> None:
        self._fix_unknown(name, event.value)

    def _fix_unknown(self, name: str, value: object) -> None:
        case = self.session.case
        if self.is_resetting or case is None or name not in case.unknowns:
            return
        if not isinstance(value, int | float) or not math.isfinite(value):
            return
        unknown = case.unknowns[name]
        low, high = slider_range(unknown)
        # browsers round: the end of a slider may lie a last digit beyond the end
        self.session.fix_unknown(name, round_to_step(unknown, min(max(float(value), low), high)))

    def _reset(self) -> None:
        self.session.reset()

    def _show_positions(self) -> None:
        """Put every slider where the case has it, when something else moved it."""
        case = self.session.case
        if case is None:
            return
        self.is_resetting = True
        for name, chosen in self.sliders.items():
            unknown = case.unknowns[name]
            value = self.session.fixed_unknowns.get(name, unknown.best)
            if isinstance(chosen, Slider):
                chosen.set_value(value, html_fragments.format_unknown_value(unknown, value))
            else:
                chosen.set_value(value)
        self.is_resetting = False

    def _filter_unknowns(self, search_text: str | None) -> None:
        case = self.session.case
        wanted = (search_text or "").lower().split()
        for name, row in self.rows.items():
            unknown = None if case is None else case.unknowns.get(name)
            said = (name, unknown.label, unknown.about) if unknown is not None else (name,)
            text = " ".join(one for one in said if one).lower()
            row.set_visibility(all(word in text for word in wanted))
        if wanted:
            self.others.props("open")

    def _toggle(self) -> None:
        self.sidebar.classes(toggle="open")
        opened = "open" in self.sidebar.classes
        self.toggle_button.props(f'aria-expanded="{str(opened).lower()}"')

    def _on_change(self, topic: str) -> None:
        case = self.session.case
        if topic == "case" and case is not None:
            self.build(case)
        if case is None:
            return
        if topic == "restored":
            self._show_positions()
        if topic in ("turning", "case", "best"):
            self._show_turning_points(case)
        if topic not in ("draft", "restored"):
            return
        moved, off = self.session.fixed_unknowns, self.session.edited_case.disabled_tables
        for name, row in self.rows.items():
            unknown = case.unknowns[name]
            row.classes(add="moved") if name in moved else row.classes(remove="moved")
            words = html_fragments.format_unknown_value(unknown, moved.get(name, unknown.best))
            if self.value_labels[name].text != words:
                self.value_labels[name].set_text(words)
                if isinstance(chosen := self.sliders[name], Slider):
                    chosen.set_value_text(words)
        options = self.session.edited_case.chosen_options
        self.options_text.set_text(describe_options(case, options))
        self.options_text.set_visibility(bool(options))
        count = len(moved) + len(off) + len(options)
        self.edit_count_label.set_text(f"{count} moved." if count else "As the case is written.")
        self.reset_button.set_enabled(bool(count))
        self.toggle_button.set_text(f"Unknowns and tables{f' ({count} moved)' if count else ''}")

    def _show_turning_points(self, case: Case) -> None:
        points = self.session.turning_points
        for name, line in self.mark_lines.items():
            marks = [] if points is None else slider_marks(case, points, name)
            line.set_content(html_fragments.slider_marks_html(marks))
        if points is None or not points.is_complete or not self.rows:
            return
        order = unknowns_by_what_they_turn(case, points)
        turning = [name for name, weight in order if weight > 0]
        self.legend.set_text(
            "The first turn most. A mark on a track is where a sentence turns, all else as written."
            if turning
            else "No unknown alone turns a sentence."
        )
        shown = [name for name, _ in order if name in self.rows]
        most = max(len(turning), LEAST_SHOWN)
        for name in shown[:most]:
            self.rows[name].move(self.main)
        for name in shown[most:]:
            self.rows[name].move(self.other_rows)
        few = len(shown) - most
        self.others.set_visibility(few > 0)
        if few > 0:
            self.others_summary.set_text(f"{few} more that turn nothing alone")


def describe_options(case: Case, options: Iterable[tuple[str, str]]) -> str:
    """Which options the page shows, in words; empty where they are those of the text.

    case     the case
    options  (alternative, option) that it is written with
    """
    named = [
        option_words(name, case.alternatives[name], option)
        for name, option in options
        if name in case.alternatives
    ]
    return f"Written otherwise. {'; '.join(named)}." if named else ""


def unknowns_by_what_they_turn(case: Case, points: ClaimTurningPoints) -> list[tuple[str, float]]:
    """The unknowns with what each turns, the one that turns most first.

    case    the case
    points  what turns each claim

    A claim counts the more, the less of its range an unknown has to move; a thesis counts as five.
    """
    first = theses({name: claim.because for name, claim in case.claims.items()})
    weights = dict.fromkeys((n for n, u in case.unknowns.items() if u.kind is not None), 0.0)
    for claim, turns in points.by_claim.items():
        for turn in turns:
            if turn.unknown in weights:
                nearness = 1.0 / (0.1 + turn.relative_distance)
                weights[turn.unknown] += (5.0 if claim in first else 1.0) * nearness
    return sorted(weights.items(), key=lambda one: -one[1])


def slider_marks(
    case: Case, points: ClaimTurningPoints, unknown: str
) -> list[tuple[float, str, bool]]:
    """Where along a slider sentences turn: place from 0 to 1, in words, and whether of a thesis.

    case     the case
    points   what turns each claim
    unknown  the unknown of the slider
    """
    if case.unknowns[unknown].kind == "oneof":
        return []  # a list has no track
    first = theses({name: claim.because for name, claim in case.claims.items()})
    at: dict[float, list[str]] = {}
    for claim, turns in points.by_claim.items():
        for turn in turns:
            if turn.unknown == unknown:
                at.setdefault(turn.value, []).append(claim)
    marks = []
    for value, claims in sorted(at.items()):
        says = case.sentence_of(claims[0])
        more = f", and {format_count(len(claims) - 1, 'more', 'more')}" if len(claims) > 1 else ""
        words = f"at {format_number(value)} turns: {says}{more}"
        place = place_on_slider(case.unknowns[unknown], value)
        marks.append((place, words, any(claim in first for claim in claims)))
    return marks
