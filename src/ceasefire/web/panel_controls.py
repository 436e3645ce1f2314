"""Sliders for the unknowns and switches for the tables of a case."""

import math
from functools import partial
from typing import Any

import numpy as np
from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from ceasefire.case import Case, Unknown
from ceasefire.ensemble import unknown_quantiles
from ceasefire.web import html_fragments
from ceasefire.web.layout import Slider, TextBlock, labelled_button
from ceasefire.web.session import PageSession

SLIDER_STEPS = 200
OMITTED_TAIL_PROBABILITY = (
    0.001  # of a distribution without ends that the slider leaves out on each side
)
MOST_UNFILTERED_UNKNOWNS = 8


class ControlsPanel:
    """The part of a page on which the case is moved."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.sliders: dict[str, Slider | ui.select] = {}
        self.value_labels: dict[str, TextBlock] = {}
        self.rows: dict[str, ui.element] = {}
        self.table_switches: dict[str, ui.switch] = {}
        self.is_resetting = False
        self.sidebar = (
            ui.element("aside").classes("levers").props('aria-label="Unknowns and tables"')
        )
        with self.sidebar:
            self.toggle_button = labelled_button("Unknowns and tables", self._toggle).classes(
                "levers-toggle"
            )
            self.toggle_button.props('aria-expanded="false"')
            self.body = ui.element("div").classes("levers-body")
        session.listeners.append(self._on_change)

    def build(self, case: Case) -> None:
        """Draw a slider for each unknown and a switch for each table."""
        self.sliders, self.value_labels, self.rows, self.table_switches = {}, {}, {}, {}
        self.body.clear()
        with self.body:
            self.edit_count_label = TextBlock("p", "", "small soft")
            self.reset_button = labelled_button("As written", self._reset)
            if case.tables:
                TextBlock("h2", "Tables")
                for name in case.tables:
                    seats = ", ".join(map(case.name_of, case.tables[name].seats))
                    switch = ui.switch(
                        f"{name}: {seats}",
                        value=name not in self.session.edited_case.disabled_tables,
                    )
                    switch.on_value_change(
                        lambda e, name=name: self._set_table_enabled(name, bool(e.value))
                    )
                    self.table_switches[name] = switch
            varied = {n: u for n, u in case.unknowns.items() if u.kind is not None}
            if varied:
                TextBlock("h2", "Unknowns")
                if len(varied) > MOST_UNFILTERED_UNKNOWNS:
                    ui.input(
                        "Find an unknown", on_change=lambda e: self._filter_unknowns(e.value)
                    ).props("dense outlined clearable").classes("full-width")
            for name, unknown in varied.items():
                self._add_control(name, unknown)
        self._on_change("draft")

    def _add_control(self, name: str, unknown: Unknown) -> None:
        at = self.session.fixed_unknowns.get(name, unknown.best)
        label = unknown.label or name
        with ui.element("div").classes("lever") as row:
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
            if unknown.about or unknown.label:
                with ui.element("details"):
                    TextBlock("summary", "What it is")
                    if unknown.label:
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

    def _set_table_enabled(self, name: str, enabled: bool) -> None:
        if not self.is_resetting:
            self.session.set_table_enabled(name, enabled)

    def _reset(self) -> None:
        self.session.reset()
        case = self.session.case
        if case is None:
            return
        self.is_resetting = True
        for name, chosen in self.sliders.items():
            best = case.unknowns[name].best
            if isinstance(chosen, Slider):
                chosen.set_value(
                    best, html_fragments.format_unknown_value(case.unknowns[name], best)
                )
            else:
                chosen.set_value(best)
        for switch in self.table_switches.values():
            switch.set_value(True)
        self.is_resetting = False

    def _filter_unknowns(self, search_text: str | None) -> None:
        case = self.session.case
        wanted = (search_text or "").lower().split()
        for name, row in self.rows.items():
            unknown = None if case is None else case.unknowns.get(name)
            said = (name, unknown.label, unknown.about) if unknown is not None else (name,)
            text = " ".join(one for one in said if one).lower()
            row.set_visibility(all(word in text for word in wanted))

    def _toggle(self) -> None:
        self.sidebar.classes(toggle="open")
        opened = "open" in self.sidebar.classes
        self.toggle_button.props(f'aria-expanded="{str(opened).lower()}"')

    def _on_change(self, topic: str) -> None:
        case = self.session.case
        if topic == "case" and case is not None:
            self.build(case)
        if topic != "draft" or case is None:
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
        count = len(moved) + len(off)
        self.edit_count_label.set_text(
            f"{count} moved from the case as it is written." if count else "As the case is written."
        )
        self.reset_button.set_enabled(bool(count))
        self.toggle_button.set_text(f"Unknowns and tables{f' ({count} moved)' if count else ''}")


def slider_range(unknown: Unknown) -> tuple[float, float]:
    """From where to where a slider goes.

    unknown  an unknown that can vary

    >>> slider_range(Unknown(best=0.3, kind="triangle", parameters=(0.0, 0.3, 1.0)))
    (0.0, 1.0)
    """
    p = unknown.parameters
    match unknown.kind:
        case "range" | "experts":
            return min(p[0], unknown.best), max(p[1], unknown.best)
        case "triangle":
            return p[0], p[2]
        case "oneof":
            return min(*p, unknown.best), max(*p, unknown.best)
        case _:
            low, high = unknown_quantiles(
                unknown, np.array([OMITTED_TAIL_PROBABILITY, 1.0 - OMITTED_TAIL_PROBABILITY])
            ).tolist()
            return min(low, unknown.best), max(high, unknown.best)


def round_to_step(unknown: Unknown, value: float) -> float:
    """A value as a slider means it: one of `SLIDER_STEPS` steps, or the best estimate near it.

    >>> unknown = Unknown(best=0.4, kind="range", parameters=(0.1, 0.9))
    >>> round_to_step(unknown, 0.4013), round_to_step(unknown, 0.75731)
    (0.4, 0.756)
    """
    low, high = slider_range(unknown)
    step = (high - low) / SLIDER_STEPS
    if unknown.kind == "oneof" or step == 0:
        return value
    if abs(value - unknown.best) < 0.75 * step:
        return unknown.best
    return float(f"{low + round((value - low) / step) * step:.6g}")
