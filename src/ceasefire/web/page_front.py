"""The first page: every case with how its argument stands, as soon as that is known."""

from collections.abc import Callable

from nicegui import ui

from ceasefire.web import html_fragments
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button
from ceasefire.web.server_state import ServerState

MOST_CARDS_FIRST = 60  # cards that are drawn at once; more are shown on demand


class CaseCards:
    """A card for each case; verdicts and pictures appear while the server finds them."""

    def __init__(self, server_state: ServerState, title_of: Callable[[str], str]) -> None:
        self.server_state, self.title_of = server_state, title_of
        self.waiting: dict[str, tuple[TextBlock, TextBlock, HtmlBlock, TextBlock]] = {}
        self.names = sorted(server_state.case_folder.names(), key=lambda name: "/" in name)
        self.list = ui.element("ul").classes("plain-list cases").props('aria-label="Cases"')
        self._add(self.names[:MOST_CARDS_FIRST])
        self.more_button = labelled_button(f"Show all {len(self.names)}", self._show_all)
        self.more_button.set_visibility(len(self.names) > MOST_CARDS_FIRST)
        self.timer = ui.timer(1.0, self._fill)
        self._fill()

    def _add(self, names: list[str]) -> None:
        with self.list:
            for number, name in enumerate(names):
                with ui.element("li"), ui.element("article").classes("card case-card"):
                    ui.link(self.title_of(name), f"/case/{name}")
                    about = TextBlock("p", "", "soft small")
                    picture = HtmlBlock()
                    verdict = TextBlock("p", "", "case-verdict")
                    detail = TextBlock("p", "", "small")
                    if number == 0 and name == self.names[0]:
                        ui.link("Take the one-minute tour", f"/case/{name}?tour=1").classes("small")
                    TextBlock("div", name, "soft small code file")
                self.waiting[name] = about, verdict, picture, detail

    def _show_all(self) -> None:
        self._add(self.names[MOST_CARDS_FIRST:])
        self.more_button.set_visibility(False)
        self.timer.activate()

    def _fill(self) -> None:
        known = self.server_state.overviews
        for name in [name for name in self.waiting if name in known]:
            about, verdict, picture, detail = self.waiting.pop(name)
            overview = known[name]
            about.set_text(overview.about)
            verdict.set_text(overview.verdict)
            detail.set_text(overview.detail)
            picture.set_content(html_fragments.claim_picture_html(overview.truths))
        if not self.waiting:
            self.timer.deactivate()
