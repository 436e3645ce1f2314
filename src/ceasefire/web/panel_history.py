"""Every move made on a page, in a line: back, forth, and to any of them."""

from nicegui import ui

from ceasefire.web.layout import TextBlock, labelled_button
from ceasefire.web.session import PageSession

MOST_SHOWN = 8


class HistoryPanel:
    """Undo, redo, and the moves."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        with ui.element("nav").classes("history").props('aria-label="History"') as self.nav:
            self.undo_button = labelled_button(
                "", lambda: session.go_to(session.history_place - 1), icon="undo"
            )
            self.undo_button.props["aria-label"] = "Undo"
            self.redo_button = labelled_button(
                "", lambda: session.go_to(session.history_place + 1), icon="redo"
            )
            self.redo_button.props["aria-label"] = "Redo"
            self.moves = ui.element("ol").props('aria-label="Moves"')
        session.listeners.append(self._on_change)
        self._show()

    def _on_change(self, topic: str) -> None:
        if topic in ("draft", "restored", "case"):
            self._show()

    def _show(self) -> None:
        session = self.session
        self.nav.set_visibility(len(session.history) > 1)
        self.undo_button.set_enabled(session.history_place > 0)
        self.redo_button.set_enabled(session.history_place < len(session.history) - 1)
        self.moves.clear()
        first = max(0, len(session.history) - MOST_SHOWN)
        with self.moves:
            if first:
                TextBlock("li", "…", "soft small")
            for place in range(first, len(session.history)):
                entry = session.history[place]
                with ui.element("li"):
                    button = labelled_button(
                        entry.label or "a change", lambda place=place: session.go_to(place)
                    )
                    if place == session.history_place:
                        button.props('aria-current="step"').classes("current")
