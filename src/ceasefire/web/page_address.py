"""Every setting of a page in its address: a link, the back button and a second tab show the same.

Text that was written is no setting: it is kept in the browser until it is saved.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

from nicegui import ui

from ceasefire.case import Case, Event, FrozenMapping
from ceasefire.case.model import EventKind
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.layout import labelled_button, status_line
from ceasefire.web.panel_events import KINDS_WITH_PARTY, event_targets
from ceasefire.web.session import PageSession
from ceasefire.web.slider_values import can_be_held

MOST_ADDRESS_CHARACTERS = 8_000
MOST_WORLDS = 4_096
COPY_SCRIPT = (
    "(navigator.clipboard ? navigator.clipboard.writeText(location.href) : Promise.reject())"
    ".then(() => emitEvent('copied', true), () => emitEvent('copied', false))"
)
SEPARATOR = "~"  # between the parts of an event; no name of a case holds one


@dataclass(frozen=True)
class PageSettings:
    """What an address says.

    fixed_unknowns   (unknown, value) held
    disabled_tables  tables that are off
    added_events     events that are logged
    chosen_options   (alternative, option) that the case is written with
    today            the period that begins now; None where it does not say
    worlds           how many worlds; None where it does not say
    tab              the tab that is open; empty where it does not say
    """

    fixed_unknowns: tuple[tuple[str, float], ...] = ()
    disabled_tables: tuple[str, ...] = ()
    added_events: tuple[Event, ...] = ()
    today: int | None = None
    worlds: int | None = None
    tab: str = ""
    chosen_options: tuple[tuple[str, str], ...] = ()

    @property
    def query(self) -> str:
        """The settings as the query of an address.

        >>> PageSettings((("odds", 0.25),), ("talks",), worlds=64).query
        'set=odds~0.25&off=talks&worlds=64'
        >>> PageSettings(chosen_options=(("truce", "after_pact"),)).query
        'option=truce~after_pact'
        """
        pairs = [("option", SEPARATOR.join(chosen)) for chosen in self.chosen_options]
        pairs += [("set", f"{name}{SEPARATOR}{value!r}") for name, value in self.fixed_unknowns]
        pairs += [("off", name) for name in self.disabled_tables]
        pairs += [("event", _event_text(event)) for event in self.added_events]
        pairs += [("today", str(self.today))] if self.today is not None else []
        pairs += [("worlds", str(self.worlds))] if self.worlds is not None else []
        pairs += [("tab", self.tab)] if self.tab else []
        return urlencode(pairs, safe=SEPARATOR)

    @classmethod
    def read(cls, query: str, case: Case, tabs: Iterable[str] = ()) -> "PageSettings":
        """The settings of an address, without what does not fit the case.

        query  the query of the address, with or without `?`
        case   the case that the settings are of, as it is written
        tabs   the tabs that there are
        """
        pairs = parse_qsl(query[:MOST_ADDRESS_CHARACTERS].lstrip("?"))
        options = (text.partition(SEPARATOR) for key, text in pairs if key == "option")
        chosen = case.options_otherwise({name: option for name, _, option in options})
        case = case.written_with(chosen)
        set_to = dict(_split_setting(text) for key, text in pairs if key == "set")
        fixed = {
            name: value
            for name, value in set_to.items()
            if can_be_held(case, name, value) and value != case.unknowns[name].best
        }
        off = {text for key, text in pairs if key == "off" and text in case.tables}
        events = [_read_event(text, case) for key, text in pairs if key == "event"]
        worlds = _count(pairs, "worlds", 1, MOST_WORLDS)
        today = _count(pairs, "today", 0, case.horizon)
        tab = next((text for key, text in pairs if key == "tab"), "")
        return cls(
            tuple(fixed.items()),
            tuple(sorted(off)),
            tuple(event for event in events if event is not None),
            today,
            worlds,
            tab if tab in tabs else "",
            tuple(chosen.items()),
        )

    def applied_to(self, edited_case: EditedCase) -> EditedCase:
        """A case with these settings.

        edited_case  the text
        """
        return replace(
            edited_case,
            fixed_unknowns=self.fixed_unknowns,
            disabled_tables=self.disabled_tables,
            added_events=self.added_events,
            today=self.today,
            chosen_options=self.chosen_options,
        )


def _count(pairs: Iterable[tuple[str, str]], name: str, least: int, most: int) -> int | None:
    """A whole number that an address gives; None where it gives none in these limits."""
    text = next((text for key, text in pairs if key == name), "")
    known = text.isascii() and text.isdigit() and least <= int(text[:9]) <= most
    return int(text) if known else None


def _split_setting(text: str) -> tuple[str, float]:
    name, _, value = text.partition(SEPARATOR)
    try:
        return name, float(value)
    except ValueError:
        return name, math.nan


def _event_text(event: Event) -> str:
    what = [event.target, *([event.by] if event.by else [])]
    if event.kind == "observed":
        what = [f"{name}={json.dumps(value)}" for name, value in event.observed.items()]
    return SEPARATOR.join([str(event.period), event.kind, *what])


def _read_event(text: str, case: Case) -> Event | None:
    """An event that the case can have; None for any other."""
    period, *rest = text.split(SEPARATOR)
    kind, what, by = (*rest, "", "", "")[:3]
    if not (period.isascii() and period.isdigit() and kind in get_args(EventKind)):
        return None
    if len(period) > 6 or int(period) >= case.horizon:
        return None
    if kind == "observed":
        name, _, value = what.partition("=")
        known = case.variables_and_promises.get(name)
        seen = [one for one in known.values if json.dumps(one) == value] if known else []
        observed: FrozenMapping[Any] = FrozenMapping({name: seen[0]}) if seen else FrozenMapping()
        found = Event(period=int(period), kind="observed", observed=observed)
        return found if seen else None
    if what not in event_targets(case, kind):
        return None
    if kind in KINDS_WITH_PARTY and by not in case.tables[what.split(".")[0]].seats:
        return None
    party = by if kind in KINDS_WITH_PARTY else None
    return Event(period=int(period), kind=kind, target=what, by=party)  # type: ignore[arg-type]


class PageAddress:
    """Keeps the address of a page in step with what it shows, both ways."""

    def __init__(self, session: PageSession, query: str, tabs: Iterable[str]) -> None:
        self.session, self.first_query, self.tabs = session, query, tuple(tabs)
        self.client = ui.context.client
        self.shown_query = query.lstrip("?")
        self.is_following = False
        session.listeners.append(self._on_change)
        ui.on("address", lambda event: self._go_to(str(event.args)))
        self.client.run_javascript(
            "window.addEventListener('popstate', () => emitEvent('address', location.search));"
        )

    @property
    def settings(self) -> PageSettings:
        """What the page shows."""
        session, case = self.session, self.session.edited_case
        usual = session.server_state.default_worlds
        return PageSettings(
            case.fixed_unknowns,
            case.disabled_tables,
            case.added_events,
            case.today,
            session.worlds if session.worlds != usual else None,
            session.active_tab if session.active_tab != self.tabs[0] else "",
            case.chosen_options,
        )

    def _on_change(self, topic: str) -> None:
        if topic == "case" and self.first_query:
            self._apply_first()
        elif topic in ("draft", "restored", "worlds", "tab"):
            self._show()

    def _apply_first(self) -> None:
        """What the address says when the page is opened, before anything is solved."""
        session, case = self.session, self.session.written_case
        query, self.first_query = self.first_query, ""
        if case is None or not query:
            return
        found = PageSettings.read(query, case, self.tabs)
        session.begin_with(found.applied_to(session.edited_case))
        self._set_worlds_and_tab(found)

    def _set_worlds_and_tab(self, found: PageSettings) -> None:
        session = self.session
        session.worlds = found.worlds or session.server_state.default_worlds
        session.open_tab(found.tab or self.tabs[0])

    def _go_to(self, query: str) -> None:
        """Show what an address of the browser's history says."""
        session, case = self.session, self.session.written_case
        if case is None:
            return
        found = PageSettings.read(query, case, self.tabs)
        self.is_following = True
        self._set_worlds_and_tab(found)
        session.restore(found.applied_to(session.edited_case))
        self.is_following, self.shown_query = False, self.settings.query

    def _show(self) -> None:
        query = self.settings.query
        if self.is_following or query == self.shown_query:
            return
        self.shown_query = query
        # a slider on its way is one step back, however many values it came by
        kind = "replaceState" if self.session.last_move_replaced else "pushState"
        address = f"?{query}" if query else "."
        self.client.run_javascript(
            f"history.{kind}(history.state, '', "
            f"{json.dumps(address)} === '.' ? location.pathname : {json.dumps(address)})"
        )


class ShareButton:
    """Copies the address of the page, which says everything that is set on it."""

    def __init__(self) -> None:
        with ui.element("div").classes("share-link"):
            labelled_button("Share", self._copy, icon="link").props["aria-label"] = (
                "Share: copy the link"
            )
            self.status_line = status_line()
        ui.on("copied", lambda event: self._say(copied=event.args is True))

    def _copy(self) -> None:
        ui.run_javascript(COPY_SCRIPT)

    def _say(self, *, copied: bool) -> None:
        done = "The link is copied: whoever opens it sees what you see."
        self.status_line.set_text(done if copied else "Copy the link from the address bar.")
