"""The pages: all cases, one case, two cases side by side."""

import re
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from ceasefire.errors import CeasefireError
from ceasefire.web import parts
from ceasefire.web.beside import Beside
from ceasefire.web.charts import Charts
from ceasefire.web.desk import Desk
from ceasefire.web.frame import Block, Words, button, frame
from ceasefire.web.happened import Happened
from ceasefire.web.levers import Levers
from ceasefire.web.saving import Saving
from ceasefire.web.session import Session
from ceasefire.web.text import Text
from ceasefire.web.verdicts import Verdicts
from ceasefire.web.why import Why

SHORT = 300  # characters of a text that is shown whole


def register(desk: Desk) -> None:
    """Make the pages known."""
    ui.page("/")(lambda: front(desk))

    @ui.page("/case/{name:path}")
    def one(name: str) -> None:
        case_page(desk, name)

    @ui.page("/compare")
    def two(left: str = "", right: str = "") -> None:
        compare_page(desk, left, right)


def front(desk: Desk) -> None:
    """All cases of the folder."""
    with frame("Cases"):
        Words("p", "Choose a case: its claims are tested as you move its unknowns.", "soft")
        names = desk.shelf.names()
        if not names:
            Words(
                "p", "There is no case in this folder. Write a first one: ceasefire new mine.yaml"
            )
        with ui.element("ul").classes("plain-list"):
            for name in names:
                with ui.element("li").classes("card"):
                    ui.link(title_of(desk, name), f"/case/{name}")
                    Words("div", name, "soft small code")


def title_of(desk: Desk, name: str) -> str:
    """The title a case gives itself, without reading the rest; its name where it gives none."""
    try:
        text = desk.shelf.read(name)
    except CeasefireError:
        return name
    found = re.search(r"^title:[ \t]*(.+?)[ \t]*(?:#.*)?$", text, re.MULTILINE)
    return found[1].strip("\"'") if found else name


def case_page(desk: Desk, name: str) -> None:
    """One case: levers beside the claims, and everything else behind tabs."""
    session = _session(desk, name)
    if session is None:
        return
    with frame(title_of(desk, name), name):
        about = ui.element("div")
        with ui.element("div").classes("columns"):
            Levers(session)
            with ui.element("div"):
                _tabs(session)

    def told(what: str) -> None:
        if what == "case" and session.case is not None:
            about.clear()
            with about:
                _about((session.case.about or "").strip())

    session.changed.append(told)


def _about(text: str) -> None:
    """What a case says of itself: its first sentence, the rest folded away where that is much."""
    first, stop, rest = text.partition(". ")
    if len(text) <= SHORT or not rest:
        Words("p", text, "soft")
        return
    Words("p", first + stop.strip(), "soft")
    with ui.element("details"):
        Words("summary", "More about this case")
        Words("p", rest, "soft")


def _tabs(session: Session) -> None:
    kinds = {
        "Claims": Verdicts, "Charts": Charts, "Why": Why, "Events": Happened, "Text": Text,
        "Save": Saving,
    }  # fmt: skip

    def turned(event: ValueChangeEventArguments[Any]) -> None:
        session.tab = str(event.value)
        session.tell("tab")

    with ui.tabs().props("dense no-caps align=left") as tabs:
        made = {name: ui.tab(name) for name in kinds}
    tabs.on_value_change(turned)
    with ui.tab_panels(tabs, value="Claims", animated=False, keep_alive=True).classes("full-width"):
        for name, kind in kinds.items():
            with ui.tab_panel(made[name]):
                kind(session)


def compare_page(desk: Desk, left: str, right: str) -> None:
    """Two cases side by side."""
    names = desk.shelf.names()
    with frame("Compare two cases"):
        Words("p", "The thesis and its rival, claim by claim.", "soft")
        with ui.element("div").classes("fields"):
            one = ui.select(names, value=left if left in names else None, label="One case")
            other = ui.select(names, value=right if right in names else None, label="The other")
            for chosen in (one, other):
                chosen.props("dense options-dense outlined")
            button("Compare", lambda: _go(one.value, other.value), quiet=False)
        sides = [_session(desk, name) for name in (left, right) if name]
        ready = [side for side in sides if side is not None]
        if len(ready) == 2:
            Beside(ready[0], ready[1])


def _go(left: str | None, right: str | None) -> None:
    if left and right:
        ui.navigate.to(f"/compare?left={left}&right={right}")


def _session(desk: Desk, name: str) -> Session | None:
    """A session of its own for this page; None, with the reason shown, if there is no such case."""
    client = ui.context.client
    try:
        session = Session(desk, desk.draft(name), name)
    except CeasefireError as error:
        with frame("Cases"):
            Block(parts.problem_list(error.problems))
            ui.link("All cases", "/")
        return None
    client.on_connect(session.begin)
    client.on_delete(session.close)
    return session
