"""A party at a state, explained: choose where things stand, click who is to decide."""

from nicegui import ui

from ceasefire.case import Case
from ceasefire.web import parts
from ceasefire.web.frame import Block, Words, button, status
from ceasefire.web.session import Session
from ceasefire.web.verdicts import Under


class Why:
    """The state, the parties, and what the party chosen would do there."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.chosen: dict[str, ui.select] = {}
        self.party: str | None = None
        self.buttons: dict[str, ui.button] = {}
        Words("p", "Choose a state, then a party: what would it do there, and why?", "soft")
        self.form = ui.element("div")
        self.under = Under(session, "reasons", "Solving", "Cancel")
        self.said = status()
        self.trouble = Block()
        self.found = Block()
        session.changed.append(self.show)
        ui.timer(0.5, self.under.show)

    def build(self, case: Case) -> None:
        """Draw a choice for each variable and a button for each party."""
        self.form.clear()
        self.chosen, self.buttons = {}, {}
        with self.form:
            Words("h3", "State")
            with ui.element("div").classes("state"):
                for name, variable in case.variables.items():
                    choices = {value: word(value) for value in variable.values}
                    chosen = ui.select(choices, value=variable.start, label=name)
                    chosen.props("dense options-dense outlined").on_value_change(self._again)
                    self.chosen[name] = chosen
            Words("h3", "Party")
            with ui.element("div").classes("parties").props('role="group" aria-label="Party"'):
                for name, party in case.parties.items():
                    made = button(party.name, lambda name=name: self._ask(name))
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
            f"{name}={word(chosen.value)}"
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
        self.trouble.set_content(parts.problem_list(session.wrong("reasons")))
        if what == "reasons" and session.reasons is not None:
            self.found.set_content(parts.reasons(session.reasons))
            name = session.case.parties[session.reasons.party].name if session.case else ""
            self.said.set_text(f"{name} is explained below.")
        if what == "draft" and session.reasons is not None and self.party is not None:
            self._again()


def word(value: bool | int | str) -> str:
    """A value as a case writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
