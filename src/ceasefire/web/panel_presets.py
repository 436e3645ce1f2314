"""What if? The changes that a case itself suggests, each one click away."""

from collections.abc import Iterator
from dataclasses import dataclass

from nicegui import ui

from ceasefire.argument import theses
from ceasefire.case import Case
from ceasefire.ensemble.lever_choice import lever_title
from ceasefire.query.levers import read_each_lever
from ceasefire.render.formatting import format_number
from ceasefire.render.tables_codings import option_words
from ceasefire.web.layout import TextBlock, labelled_button
from ceasefire.web.session import PageSession
from ceasefire.web.slider_values import can_be_held, just_past
from ceasefire.web.worker_results import ClaimTurningPoints

MOST_TURNS = 6


@dataclass(frozen=True)
class Preset:
    """A change that is made with one click.

    group     under which heading it stands
    label     what is changed, in words
    fixed     (unknown, value) that it holds
    disabled  tables that it switches off
    options   (alternative, option) that the case is written with
    elsewhere  the tab on which it is asked, where the page cannot be set to it
    """

    group: str
    label: str
    fixed: tuple[tuple[str, float], ...] = ()
    disabled: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    elsewhere: str = ""


def presets(case: Case, points: ClaimTurningPoints | None) -> Iterator[Preset]:
    """What a case suggests to change: its tables, its options, its levers, what turns its theses.

    case    the case
    points  what turns each claim, as far as it is known

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 2
    ... unknowns: {odds: {best: 0.2, range: [0.1, 0.5]}}
    ... parties: {a: {}, b: {}}
    ... state: {war: {start: true}}
    ... tables: {talks: {seats: [a, b], deals: {truce: {when: war, set: {war: false}}}}}
    ... levers: {press: {by: a, set: "given={odds: 0.5}"}, wait: {set: "closed={talks: 1}"},
    ...   rule_out: {set: "without=talks.truce"}, shun: {set: "without=talks"}}
    ... alternatives: {start: {options: {war: {}, calm: {state: {war: {start: false}}}}}}
    ... ''')
    >>> for preset in presets(case, None):
    ...     print(preset.label, preset.fixed, preset.disabled, preset.elsewhere or "here")
    Without talks () ('talks',) here
    start: calm () () here
    Press (('odds', 0.5),) () here
    Wait () () Levers
    Rule out () () Levers
    Shun () ('talks',) here
    """
    for name in case.tables:
        yield Preset("A table is not there", f"Without {case.label_of(name)}", (), (name,))
    for name, alternative in case.alternatives.items():
        for option in alternative.options:
            if option != case.chosen[name]:
                words = option_words(name, alternative, option)
                yield Preset("It is written otherwise", words, options=((name, option),))
    options, _ = read_each_lever(case, case.levers)
    for name, lever in options.items():
        label = (case.levers[name].says or lever_title(name)).rstrip(".")
        shown = lever.without <= case.tables.keys()  # of single deals there is no switch
        shown &= all(can_be_held(case, *one) for one in lever.given)
        if lever.start or lever.closed or not shown:
            yield Preset("Somebody decides", label, elsewhere="Levers")
        else:
            off = tuple(sorted(lever.without))
            yield Preset("Somebody decides", label, lever.given, off)
    yield from _turns(case, points)


def _turns(case: Case, points: ClaimTurningPoints | None) -> Iterator[Preset]:
    """What turns the theses, or where there are none the claims, the nearest first."""
    if points is None:
        return
    first = theses({name: claim.because for name, claim in case.claims.items()})
    found = [
        (turn.relative_distance, name, turn)
        for name, turns in points.by_claim.items()
        if name in (first or case.claims)
        for turn in turns
        if turn.unknown in case.unknowns
    ]
    for _, name, turn in sorted(found, key=lambda one: one[:2])[:MOST_TURNS]:
        unknown = case.unknowns[turn.unknown]
        value = just_past(unknown, turn)
        says = case.sentence_of(name)
        label = case.label_of(turn.unknown)
        words = f"{label} = {format_number(value)}: turns “{says}”"
        yield Preset("What turns it", words, ((turn.unknown, value),))


class PresetsMenu:
    """The menu of presets, drawn when it is opened; it is there where the case suggests anything.

    An open menu stays as it is: what is found meanwhile is in it when it is opened again.
    """

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.button = labelled_button("What if …", self._open, icon="alt_route")
        self.button.props('aria-haspopup="menu"')
        with self.button:
            self.menu = ui.menu().classes("presets")
            self.menu.props('no-parent-event role="menu" aria-label="What if"')
        self.button.set_visibility(False)
        session.listeners.append(self._on_change)

    def _on_change(self, topic: str) -> None:
        if topic in ("case", "turning"):
            self.button.set_visibility(bool(self._found()))

    def _found(self) -> list[Preset]:
        case = self.session.case
        return [] if case is None else list(presets(case, self.session.turning_points))

    def _open(self) -> None:
        if self.menu.value:
            self.menu.close()
            return
        self.menu.clear()
        with self.menu:
            group = ""
            for preset in self._found():
                if preset.group != group:
                    group = preset.group
                    TextBlock("div", group, "preset-group small")
                words = preset.label + (" (compared under Levers)" if preset.elsewhere else "")
                ui.menu_item(words, lambda preset=preset: self._apply(preset)).props(
                    'role="menuitem"'
                )
            if "turning" in self.session.pending:
                looking = "Still looking for what turns the sentences"
                TextBlock("div", looking, "preset-group small")
        self.menu.open()

    def _apply(self, preset: Preset) -> None:
        self.menu.close()
        if preset.elsewhere:
            self.session.open_tab(preset.elsewhere)
        else:
            self.session.apply_preset(preset.label, preset.fixed, preset.disabled, preset.options)
