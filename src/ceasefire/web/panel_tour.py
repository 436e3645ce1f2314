"""A minute around the screen of a case: six places, a sentence or two on each."""

import json
from typing import NamedTuple

from nicegui import ui

from ceasefire.web.layout import TextBlock, labelled_button

SHOW_SCRIPT = """
document.querySelectorAll('.toured').forEach(one => one.classList.remove('toured'));
const place = {selector} && document.querySelector({selector});
if (place) {{ place.classList.add('toured'); place.scrollIntoView({{block: 'center'}}); }}
"""


class TourStop(NamedTuple):
    """A place on the screen, and what is said of it."""

    selector: str
    title: str
    words: str


TOUR_STOPS = (
    TourStop(".lead", "The verdict", "Whether the argument holds, in one line. It follows "
             "everything that you move."),
    TourStop(".sentences", "The sentences", "The thesis has a star; what it rests on stands "
             "below it. Each strip shows in how many worlds, drawn from all that nobody knows, "
             "the sentence is true."),
    TourStop(".turns", "What turns a sentence", "The least change that makes it come out "
             "otherwise. Press try, and see what else falls with it."),
    TourStop(".levers", "What nobody knows", "Move an unknown: what turns most stands first, and "
             "a mark shows where. Above, click a table away, or a party to hear its reasons."),
    TourStop(".when", "When", "How likely it becomes, month by month, with what has happened as "
             "flags."),
    TourStop(".page-tools", "Go back, and share", "Every move can be undone. The link holds "
             "everything that you have set."),
)  # fmt: skip


class TourPanel:
    """The button that begins it, and the card that leads around."""

    def __init__(self, *, begin: bool) -> None:
        self.place = len(TOUR_STOPS)
        labelled_button("One-minute tour", lambda: self._show(0))
        with (
            ui.element("section")
            .classes("card tour")
            .props('aria-label="Tour" tabindex="-1"') as self.card
        ):
            self.title = TextBlock("h2", "")
            self.words = TextBlock("p", "")
            with ui.element("div").classes("edit-count"):
                self.back_button = labelled_button("Back", lambda: self._show(self.place - 1))
                self.next_button = labelled_button(
                    "Next", lambda: self._show(self.place + 1), quiet=False
                )
                labelled_button("End the tour", lambda: self._show(len(TOUR_STOPS)))
        self._show(0 if begin else len(TOUR_STOPS))

    def _show(self, place: int) -> None:
        before, self.place = self.place, place
        shown = 0 <= place < len(TOUR_STOPS)
        self.card.set_visibility(shown)
        if not shown:
            if before != place:
                ui.run_javascript(SHOW_SCRIPT.format(selector="null"))
            return
        stop = TOUR_STOPS[place]
        self.title.set_text(f"{place + 1} of {len(TOUR_STOPS)}: {stop.title}")
        self.words.set_text(stop.words)
        self.back_button.set_enabled(place > 0)
        self.next_button.set_text("Done" if place == len(TOUR_STOPS) - 1 else "Next")
        ui.run_javascript(
            SHOW_SCRIPT.format(selector=json.dumps(stop.selector))
            + f"document.getElementById('{self.card.html_id}')?.focus({{preventScroll: true}});"
        )
