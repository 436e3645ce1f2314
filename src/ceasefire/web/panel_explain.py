"""A party at a state, explained: choose where things stand, click who is to decide."""

from nicegui import ui

from ceasefire.case import Case
from ceasefire.evidence.events import value_in_words
from ceasefire.web import html_fragments
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button, status_line
from ceasefire.web.progress_line import ProgressLine
from ceasefire.web.session import PageSession


class ExplainPanel:
    """The state, the parties, and what the party chosen would do there."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.variable_selects: dict[str, ui.select] = {}
        self.party: str | None = None
        self.party_buttons: dict[str, ui.button] = {}
        TextBlock(
            "p",
            "Choose a party: what would it do, and why? Any state can be asked about; unless you "
            "choose another it is the start, or where the party first decides.",
            "soft",
        )
        self.form = ui.element("div")
        self.progress_line = ProgressLine(session, "reasons", "Solving")
        self.status_line = status_line()
        self.problems_html = HtmlBlock()
        self.result_html = HtmlBlock()
        session.listeners.append(self.on_change)
        ui.timer(0.5, self.progress_line.refresh)

    def build(self, case: Case) -> None:
        """Draw a choice for each variable and a button for each party."""
        self.form.clear()
        self.variable_selects, self.party_buttons = {}, {}
        with self.form:
            TextBlock("h3", "State")
            with ui.element("div").classes("state"):
                for name, variable in case.variables_and_promises.items():
                    words = {value: value_in_words(case, name, value) for value in variable.values}
                    label = case.label_of(name)
                    chosen = ui.select(words, value=variable.start, label=label)
                    chosen.props("dense options-dense outlined").on_value_change(self._refresh)
                    self.variable_selects[name] = chosen
            TextBlock("h3", "Party")
            with ui.element("div").classes("parties").props('role="group" aria-label="Party"'):
                for name, party in case.parties.items():
                    button = labelled_button(party.name, lambda name=name: self._explain(name))
                    self.party_buttons[name] = button.props('aria-pressed="false"')

    def _refresh(self) -> None:
        if self.party is not None:
            self._explain(self.party)

    def _explain(self, party: str) -> None:
        case = self.session.case
        if case is None or party not in case.parties:
            return
        self.party = party
        self.result_html.set_content("")
        for name, button in self.party_buttons.items():
            button.props(f'aria-pressed="{str(name == party).lower()}"')
            button.props(remove="outline") if name == party else button.props("outline")
        known = case.variables_and_promises
        at = ", ".join(
            f"{name}={format_case_value(chosen.value)}"
            for name, chosen in self.variable_selects.items()
            if chosen.value in known[name].values and chosen.value != known[name].start
        )
        self.session.explain(party, at)

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        session = self.session
        if topic == "case" and session.case is not None:
            self.build(session.case)
        self.progress_line.refresh()
        self.problems_html.set_content(
            html_fragments.problem_list_html(session.problems_of("reasons"))
        )
        if topic == "reasons" and session.explanation is not None:
            self.result_html.set_content(html_fragments.explanation_html(session.explanation))
            name = session.case.parties[session.explanation.party].name if session.case else ""
            self.status_line.set_text(f"{name} is explained below.")
        if topic == "draft" and session.explanation is not None and self.party is not None:
            self._refresh()


def format_case_value(value: bool | int | str) -> str:
    """A value as a case writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
