"""Text that was written and not saved: kept in the browser, asked about when the page is left."""

import json

from nicegui import ui

from ceasefire.web.browser_cases import UNSAVED_PREFIX
from ceasefire.web.layout import TextBlock, labelled_button
from ceasefire.web.session import PageSession

ASK_BEFORE_LEAVING_SCRIPT = """
window.addEventListener('beforeunload', event => {
  if (window.ceasefireUnsaved) { event.preventDefault(); event.returnValue = ''; }
});
"""


class UnsavedText:
    """Keeps what is written, says that it is there, and brings it back."""

    def __init__(self, session: PageSession) -> None:
        self.session, self.kept_text, self.client = session, "", ui.context.client
        self.key = json.dumps(UNSAVED_PREFIX + session.name)
        with ui.element("div").classes("card unsaved").props('role="status"') as self.card:
            self.words = TextBlock("span", "")
            self.use_button = labelled_button("Bring it back", self._bring_back, quiet=False)
            self.drop_button = labelled_button("Throw it away", self._throw_away)
            self.open_button = labelled_button("Open the text", lambda: session.open_tab("Text"))
        ui.on("kept_text", lambda event: self._found(event.args))
        self.client.run_javascript(
            ASK_BEFORE_LEAVING_SCRIPT
            + f"const kept = localStorage.getItem({self.key});"
            + "if (kept) emitEvent('kept_text', kept);"
        )
        session.listeners.append(self._on_change)
        self._show()

    def _found(self, text: object) -> None:
        """A text that this browser has kept from before."""
        most = self.session.server_state.limits.text_characters
        if isinstance(text, str) and len(text) <= most and text != self.session.draft_text:
            self.kept_text = text
            self._show()

    def _bring_back(self) -> None:
        text, self.kept_text = self.kept_text, ""
        self.session.replace_text(text)
        self.session.notify("text_restored")
        self._keep()

    def _throw_away(self) -> None:
        self.kept_text = ""
        self._keep()

    def _on_change(self, topic: str) -> None:
        if topic in ("draft_text", "saved", "case", "problems"):
            if topic == "draft_text":
                self.kept_text = ""
            if not self.kept_text:
                self._keep()

    def _keep(self) -> None:
        """Put the text into the browser, or take it out where nothing is left to save."""
        session = self.session
        unsaved = session.has_unsaved_text
        kept = f"localStorage.setItem({self.key}, {json.dumps(session.draft_text)})"
        gone = f"localStorage.removeItem({self.key})"
        self.client.run_javascript(
            f"window.ceasefireUnsaved = {json.dumps(unsaved)}; {kept if unsaved else gone};"
        )
        self._show()

    def _show(self) -> None:
        session = self.session
        found = bool(self.kept_text)
        unused = session.draft_text != session.edited_case.text
        self.card.set_visibility(found or unused or session.has_unsaved_text)
        self.use_button.set_visibility(found)
        self.drop_button.set_visibility(found)
        self.open_button.set_visibility(not found and unused)
        if found:
            self.words.set_text("A text that you wrote here and did not save is in this browser.")
        elif unused:
            self.words.set_text("The text has changes that are not in use: what you see is older.")
        else:
            self.words.set_text("This is your text. It is kept in this browser; download it.")
