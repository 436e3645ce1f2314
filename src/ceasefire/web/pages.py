"""The pages: all cases, one case, rival cases side by side."""

import re
from collections.abc import Callable
from typing import Any

from fastapi import Request
from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from ceasefire.errors import CeasefireError, WebError
from ceasefire.web import html_fragments
from ceasefire.web.browser_cases import is_kept_name, kept_case, kept_names, remove_case
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button, page_layout
from ceasefire.web.page_address import PageAddress, ShareButton
from ceasefire.web.page_front import CaseCards
from ceasefire.web.page_new import new_case_page
from ceasefire.web.panel_argument import ArgumentPanel, HeadlinePanel
from ceasefire.web.panel_charts import ChartsPanel
from ceasefire.web.panel_compare import ComparePanel
from ceasefire.web.panel_controls import ControlsPanel
from ceasefire.web.panel_downloads import DownloadsPanel
from ceasefire.web.panel_editor import EditorPanel
from ceasefire.web.panel_events import EventsPanel
from ceasefire.web.panel_experts import ExpertsPanel
from ceasefire.web.panel_explain import ExplainPanel
from ceasefire.web.panel_history import HistoryPanel
from ceasefire.web.panel_levers import LeversPanel
from ceasefire.web.panel_power import (
    PowerPanel,
    conflict_in_words,
    conflict_page,
    conflict_title,
)
from ceasefire.web.panel_presets import PresetsMenu
from ceasefire.web.panel_timeline import TimelinePanel
from ceasefire.web.panel_tour import TourPanel
from ceasefire.web.server_state import ServerState
from ceasefire.web.session import PageSession
from ceasefire.web.unsaved_text import UnsavedText

MOST_COMPARED = 6  # cases of one comparison, each of which is solved
SHORT_TEXT_CHARACTERS = 300  # characters of a text that is shown whole


def register_pages(server_state: ServerState) -> None:
    """Make the pages known.

    server_state  what all pages share
    """
    ui.page("/")(lambda: index_page(server_state))

    @ui.page("/new")
    async def new() -> None:
        await new_case_page(server_state)

    @ui.page("/kept/{name}")
    async def kept(name: str, request: Request) -> None:
        await kept_case_page(server_state, name, request.url.query)

    @ui.page("/case/{name:path}")
    def one(name: str, request: Request) -> None:
        case_page(server_state, name, request.url.query)

    ui.page("/conflict/{name:path}")(lambda name: conflict_page(server_state, name))

    @ui.page("/compare")
    def several(left: str = "", right: str = "", more: str = "") -> None:
        compare_page(server_state, left, right, more)


def index_page(server_state: ServerState) -> None:
    """All cases of the folder.

    server_state  what all pages share
    """
    with page_layout("Cases"):
        TextBlock(
            "p",
            "Each case is an argument about how a conflict ends, tested as a game. A blue square "
            "is a sentence that is true at the best estimates, a disc one that is false.",
            "soft",
        )
        ui.link("A case of your own, from five questions", "/new")
        if not server_state.case_folder.names():
            TextBlock("p", "There is no case in this folder yet.")
        CaseCards(server_state, lambda name: case_title(server_state, name))
        _list_kept_cases()
        conflicts = server_state.case_folder.conflict_names()
        if conflicts:
            TextBlock("h2", "Conflicts in option form")
            with ui.element("ul").classes("plain-list"):
                for name in conflicts:
                    with ui.element("li").classes("card"):
                        ui.link(conflict_title(name), f"/conflict/{name}")
                        TextBlock("p", conflict_in_words(server_state, name), "soft small")
                        TextBlock("div", name, "soft small code file")


def _list_kept_cases() -> None:
    """The cases that are kept in this browser, once it has said which."""
    listed = ui.element("div")

    async def show() -> None:
        try:
            names = await kept_names()
        except WebError:
            return  # it has left
        if names:
            with listed:
                TextBlock("h2", "Kept in this browser")
                with ui.element("ul").classes("plain-list"):
                    for name in names:
                        KeptCaseCard(name)

    ui.context.client.on_connect(show)


class KeptCaseCard:
    """A case that is kept in this browser, which goes once somebody has said so twice."""

    def __init__(self, name: str) -> None:
        self.name, title = name, name.removesuffix(".yaml").replace("-", " ")
        with ui.element("li").classes("card") as self.card:
            with ui.element("div").classes("listed"):
                ui.link(title, f"/kept/{name}")
                self.remove_button = labelled_button("Remove", lambda: self._ask(asked=True))
                self.remove_button.props["aria-label"] = f"Remove {title}"
            with ui.element("div").classes("listed").props('role="alert"') as self.question:
                TextBlock("span", f"Remove “{title}” for good? It is kept nowhere else.", "small")
                labelled_button("Yes, remove it", self._remove, quiet=False)
                labelled_button("Keep it", lambda: self._ask(asked=False))
        self._ask(asked=False)

    def _ask(self, *, asked: bool) -> None:
        self.question.set_visibility(asked)
        self.remove_button.set_visibility(not asked)

    def _remove(self) -> None:
        remove_case(self.name)
        self.card.delete()


async def kept_case_page(server_state: ServerState, name: str, query: str = "") -> None:
    """A case that is kept in the browser that asks, and nowhere else.

    server_state  what all pages share
    name          the name under which it is kept
    query         the query of the address
    """
    client = ui.context.client
    await client.connected()
    missing = f"No case of the name {name[:60]} is kept in this browser."
    text = None
    try:
        text = await kept_case(name) if is_kept_name(name) else None
    except WebError as error:
        missing = f"It cannot be told whether {name[:60]} is kept here: {error}."
    if text is None or len(text) > server_state.limits.text_characters:
        with page_layout("Cases"):
            TextBlock("p", missing)
            ui.link("All cases", "/")
        return
    folder = server_state.case_folder.folder
    edited_case = EditedCase(text, str(folder / name), str(folder))
    session = PageSession(server_state, edited_case, name)
    session.kept_in_browser = True
    client.on_delete(session.close)
    _show_case(session, title_of_text(text, name), query)
    session.start()


def case_title(server_state: ServerState, name: str) -> str:
    """The title a case gives itself, without reading the rest; its name where it gives none.

    server_state  what all pages share
    name          the name of the case in the folder
    """
    try:
        text = server_state.case_folder.read(name)
    except CeasefireError:
        return name
    return title_of_text(text, name)


def title_of_text(text: str, name: str) -> str:
    """The title that a text gives itself; a name where it gives none.

    text  the whole case
    name  what it is called where it gives no title

    >>> title_of_text("title: A war  # and its end", "war.yaml")
    'A war'
    """
    match = re.search(r"^title:[ \t]*(.+?)[ \t]*(?:#.*)?$", text, re.MULTILINE)
    return match[1].strip("\"'") if match else name


def case_page(server_state: ServerState, name: str, query: str = "") -> None:
    """One case: its unknowns and tables beside the claims, and everything else behind tabs.

    server_state  what all pages share
    name          the name of the case in the folder
    query         the query of the address: what is moved, switched off, logged and open
    """
    session = _open_session(server_state, name)
    if session is None:
        return
    _show_case(session, case_title(server_state, name), query)


def _show_case(session: PageSession, title: str, query: str) -> None:
    with page_layout(title, session.name) as heading:
        PageAddress(session, query, CASE_TABS)
        UnsavedText(session)
        about = ui.element("div")
        HeadlinePanel(session)
        with ui.element("div").classes("page-tools"):
            HistoryPanel(session)
            with ui.element("div").classes("share-link"):
                PresetsMenu(session)
                TourPanel(begin="tour=1" in query.split("&"))
                ShareButton()
        with ui.element("div").classes("columns"):
            ControlsPanel(session)
            with ui.element("div") as answers:
                _panel_tabs(session)
        ui.skip_link("Skip to the answers", target=answers)

    def show_about(topic: str) -> None:
        if topic == "case" and session.case is not None:
            heading.set_text(session.case.title)
            about.clear()
            with about:
                ui.page_title(f"{session.case.title} · ceasefire")
                _about_text((session.case.about or "").strip())

    session.listeners.append(show_about)


def _about_text(text: str) -> None:
    """What a case says of itself: its first sentence, the rest folded away where that is much."""
    first, stop, rest = text.partition(". ")
    if len(text) <= SHORT_TEXT_CHARACTERS or not rest:
        TextBlock("p", text, "soft")
        return
    TextBlock("p", first + stop.strip(), "soft")
    with ui.element("details"):
        TextBlock("summary", "More about this case")
        TextBlock("p", rest, "soft")


def _panel_tabs(session: PageSession) -> None:
    def select_tab(event: ValueChangeEventArguments[Any]) -> None:
        if session.active_tab != str(event.value):
            session.last_move_replaced = False
            session.active_tab = str(event.value)
            session.notify("tab")

    with ui.tabs().props("dense no-caps align=left") as tabs:
        tabs_by_name = {name: ui.tab(name) for name in CASE_TABS}
    tabs.on_value_change(select_tab)
    with ui.tab_panels(tabs, value="Argument", animated=False, keep_alive=True).classes(
        "full-width"
    ):
        for name, kind in CASE_TABS.items():
            with ui.tab_panel(tabs_by_name[name]):
                kind(session)

    def follow(topic: str) -> None:
        if topic == "open_tab":
            tabs.set_value(session.active_tab)

    session.listeners.append(follow)


def _argument_and_timeline(session: PageSession) -> None:
    ArgumentPanel(session)
    TimelinePanel(session)


CASE_TABS: dict[str, Callable[[PageSession], object]] = {
    "Argument": _argument_and_timeline, "Charts": ChartsPanel, "Why": ExplainPanel,
    "Levers": LeversPanel, "Experts": ExpertsPanel, "Events": EventsPanel,
    "Power": PowerPanel, "Text": EditorPanel, "Save": DownloadsPanel,
}  # fmt: skip


def compare_page(server_state: ServerState, left: str, right: str, more: str = "") -> None:
    """Rival cases side by side.

    server_state  what all pages share
    left          the name of a case; empty if none is chosen
    right         the name of another
    more          the names of further ones, with commas between them
    """
    names = server_state.case_folder.names()
    others = [name for name in more.split(",") if name][: MOST_COMPARED - 2]
    with page_layout("Compare cases"):
        TextBlock(
            "p", f"The thesis and its rivals, claim by claim: two to {MOST_COMPARED} cases.", "soft"
        )
        with ui.element("div").classes("fields"):
            one = ui.select(names, value=left if left in names else None, label="One case")
            other = ui.select(names, value=right if right in names else None, label="The other")
            further = ui.select(
                names, value=[n for n in others if n in names], label="More, if any", multiple=True
            )
            for chosen in (one, other, further):
                chosen.props("dense options-dense outlined")
            labelled_button(
                "Compare",
                lambda: _open_comparison(one.value, other.value, further.value),
                quiet=False,
            )
        sides = [_open_session(server_state, name) for name in (left, right, *others) if name]
        ready = [side for side in sides if side is not None]
        if left and right and len(ready) == len(sides):
            ComparePanel(ready)


def _open_comparison(left: str | None, right: str | None, more: list[str] | None) -> None:
    others = [name for name in more or [] if name not in (left, right)]
    if left and right:
        also = f"&more={','.join(others)}" if others else ""
        ui.navigate.to(f"/compare?left={left}&right={right}{also}")


def _open_session(server_state: ServerState, name: str) -> PageSession | None:
    """A session of its own for this page; None, with the reason shown, if there is no such case."""
    client = ui.context.client
    try:
        session = PageSession(server_state, server_state.read_edited_case(name), name)
    except CeasefireError as error:
        client.status_code = 404
        with page_layout("Cases"):
            HtmlBlock(html_fragments.problem_list_html(error.problems))
            ui.link("All cases", "/")
        return None
    client.on_connect(session.start)
    client.on_delete(session.close)
    return session
