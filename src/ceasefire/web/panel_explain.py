"""A party at a state, explained: choose where things stand, click who is to decide."""

from nicegui import ui

from ceasefire.case import Case
from ceasefire.web import html_fragments
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button, status_line
from ceasefire.web.panel_claims import ProgressLine
from ceasefire.web.session import PageSession


class ExplainPanel:
    """The state, the parties, and what the party chosen would do there."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        self.chosen: dict[str, ui.select] = {}
        self.party: str | None = None
        self.buttons: dict[str, ui.button] = {}
        TextBlock("p", "Choose a state, then a party: what would it do there, and why?", "soft")
        self.form = ui.element("div")
        self.under = ProgressLine(session, "reasons", "Solving", "Cancel")
        self.said = status_line()
        self.trouble = HtmlBlock()
        self.found = HtmlBlock()
        session.changed.append(self.show)
        ui.timer(0.5, self.under.show)

    def build(self, case: Case) -> None:
        """Draw a choice for each variable and a button for each party."""
        self.form.clear()
        self.chosen, self.buttons = {}, {}
        with self.form:
            TextBlock("h3", "State")
            with ui.element("div").classes("state"):
                for name, variable in case.variables.items():
                    choices = {value: format_case_value(value) for value in variable.values}
                    chosen = ui.select(choices, value=variable.start, label=name)
                    chosen.props("dense options-dense outlined").on_value_change(self._again)
                    self.chosen[name] = chosen
            TextBlock("h3", "Party")
            with ui.element("div").classes("parties").props('role="group" aria-label="Party"'):
                for name, party in case.parties.items():
                    made = labelled_button(party.name, lambda name=name: self._ask(name))
                    self.buttons[name] = made.props('aria-pressed="false"')

    def _again(self) -> None:
        if self.party is not None:
            self._ask(self.party)

    def _ask(self, party: str) -> None:
        case = self.session.case
        if case is None or party not in case.parties:
            return
        self.party = party
        self.found.set_content("")
        for name, made in self.buttons.items():
            made.props(f'aria-pressed="{str(name == party).lower()}"')
            made.props(remove="outline") if name == party else made.props("outline")
        at = ", ".join(
            f"{name}={format_case_value(chosen.value)}"
            for name, chosen in self.chosen.items()
            if chosen.value in case.variables[name].values
        )
        self.session.explain(party, at)

    def show(self, what: str) -> None:
        """Show what is new."""
        session = self.session
        if what == "case" and session.case is not None:
            self.build(session.case)
        self.under.show()
        self.trouble.set_content(html_fragments.problem_list_html(session.wrong("reasons")))
        if what == "reasons" and session.reasons is not None:
            self.found.set_content(html_fragments.explanation_html(session.reasons))
            name = session.case.parties[session.reasons.party].name if session.case else ""
            self.said.set_text(f"{name} is explained below.")
        if what == "draft" and session.reasons is not None and self.party is not None:
            self._again()


def format_case_value(value: bool | int | str) -> str:
    """A value as a case writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
