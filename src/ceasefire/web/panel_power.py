"""Who can bring it about, and which states are stable: without a guess at what anybody wants."""

import re
from pathlib import PurePosixPath
from typing import Any

from nicegui import ui

from ceasefire.argument import theses
from ceasefire.case import Case
from ceasefire.diagnostics import readable_name
from ceasefire.errors import CeasefireError
from ceasefire.game.states import StateTable
from ceasefire.gmcr import parse_gmcr
from ceasefire.query import PowerResult
from ceasefire.render.formatting import format_probability
from ceasefire.render.tables_coalitions import POWER_MEANING, UNDECIDED_NOTE
from ceasefire.results import format_count
from ceasefire.web import coalition_tasks, html_fragments
from ceasefire.web.coalition_tasks import StabilityTaskResult
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.layout import (
    HtmlBlock,
    TextBlock,
    labelled_button,
    page_layout,
    status_line,
)
from ceasefire.web.progress_line import ProgressLine
from ceasefire.web.server_state import ServerState
from ceasefire.web.session import PageSession

STABLE_MEANING = (
    "A state is stable for a party that would not leave it, by several ideas of how far the party "
    "looks ahead. Chance, time, costs and the order of steps play no part here."
)
CONCEPT_MEANINGS = {
    "Nash": "nobody has a move that is better for it",
    "GMR": "the others could answer each such move so that it is no better off",
    "SMR": "as GMR, and it could not get out of the answer",
    "SEQ": "as GMR, and the others would themselves gain by the answer",
    "SIM": "moves of others at the same time would spoil it",
}


class PowerPanel:
    """A goal and who can secure it; then the stable states of the case."""

    def __init__(self, session: PageSession) -> None:
        self.session = session
        TextBlock("h2", "Who can bring it about?")
        TextBlock("p", f"For each coalition: {POWER_MEANING}.", "soft")
        with ui.row().classes("items-center"):
            self.goal = ui.input("Goal, as a formula").props("dense outlined")
            self.goal.style("min-width: min(24rem, 80vw)")
            self.power_button = labelled_button("Ask every coalition", self._ask_power, quiet=False)
        self.power_line = ProgressLine(session, "power", "Asking")
        self.power_problems, self.power_status = HtmlBlock(), status_line()
        self.power_html = HtmlBlock()
        TextBlock("h2", "Which states are stable?")
        TextBlock("p", STABLE_MEANING, "soft")
        self.stability_button = labelled_button(
            "Look at every state", self._ask_stability, quiet=False
        )
        for button in (self.power_button, self.stability_button):
            button.set_enabled(False)  # until the case is read
        self.stability_line = ProgressLine(session, "stability", "Looking")
        self.stability_problems, self.stability_status = HtmlBlock(), status_line()
        self.stability_html = HtmlBlock()
        session.listeners.append(self.on_change)
        ui.timer(0.5, self._refresh_lines)

    def _refresh_lines(self) -> None:
        self.power_line.refresh()
        self.stability_line.refresh()

    def _ask_power(self) -> None:
        self.power_status.set_text("")
        self.power_html.set_content("")
        goal = str(self.goal.value or "").strip()
        if not goal:
            self.power_status.set_text("Write a goal first, such as eventually(not fighting).")
            return
        self.session.run(
            "power", coalition_tasks.power_task, goal, None, on_result=self._show_power
        )

    def _show_power(self, _: EditedCase, result: PowerResult) -> None:
        case = self.session.case
        if case is None:
            return
        can = [one for one in result.coalitions if one.upper > 5e-7]
        rows = [
            [
                _named(case, one.members),
                html_fragments.render_fragment(
                    "bar_with_number", one.lower, format_probability(one.lower)
                ),
                "" if not one.minimal else "no member can be spared",
            ]
            for one in can
        ]
        if any(one.undecided for one in can):
            self.power_status.set_text(UNDECIDED_NOTE)
        nothing = len(result.coalitions) - len(can)
        said = f"{format_count(nothing, 'coalition')} can secure nothing."
        least = [one for one in result.coalitions if one.minimal]
        enough = format_probability(result.threshold)
        lead = (
            f"Enough is {enough}. The smallest that can: "
            + "; ".join(_named(case, one.members) for one in least)
            + "."
            if least
            else "Nobody can, not even all together."
        )
        self.power_status.set_text(f"{lead} {said if nothing else ''}".strip())
        headings = ["coalition", "secures", ""]
        caption = f"What each coalition can secure: {result.goal}"
        table = html_fragments.table_html(headings, rows, caption, text_columns=3) if rows else ""
        self.power_html.set_content(table)

    def _ask_stability(self) -> None:
        self.stability_status.set_text("")
        self.stability_html.set_content("")
        self.session.run(
            "stability",
            coalition_tasks.case_stability_task,
            on_result=lambda _, result: self._show_stability(result),
        )

    def _show_stability(self, result: StabilityTaskResult) -> None:
        self.stability_status.set_text(equilibria_sentence(result))
        self.stability_html.set_content(stability_html(result))

    def on_change(self, topic: str) -> None:
        """Show what is new."""
        session = self.session
        if topic == "case" and session.case is not None:
            self.goal.value = self.goal.value or proposed_goal(session.case)
            for button in (self.power_button, self.stability_button):
                button.set_enabled(True)
        if topic == "draft":
            for status, shown in (
                (self.power_status, self.power_html),
                (self.stability_status, self.stability_html),
            ):
                status.set_text("Ask again: the case has changed." if shown.content else "")
                shown.set_content("")
        self._refresh_lines()
        for kind, problems in (
            ("power", self.power_problems),
            ("stability", self.stability_problems),
        ):
            problems.set_content(html_fragments.problem_list_html(session.problems_of(kind)))


def proposed_goal(case: Case) -> str:
    """A goal to begin with: that a condition comes about, or ends if it holds at first.

    It is the first that the first thesis names, else the first of the case.

    case  the case

    >>> from ceasefire.case import loads, template
    >>> proposed_goal(loads(template()))
    'eventually(not fighting)'
    """
    table = StateTable(case)
    truths = [name for name, one in case.conditions.items() if case.is_truth(one.tree)]
    argued = theses({name: claim.because for name, claim in case.claims.items()})
    words = set(re.findall(r"\w+", case.claims[argued[0]].test)) if argued else set()
    truths.sort(key=lambda name: name not in words)
    if truths:
        start = table.evaluate(
            case.conditions[truths[0]], table.start_codes({}), case.best_estimates
        )
        return f"eventually(not {truths[0]})" if start[0] else f"eventually({truths[0]})"
    holding = [name for name, one in case.state.items() if one.start is True]
    if holding:
        return f"eventually(not {holding[0]})"
    facts = [name for name, one in case.state.items() if one.start is False]
    return f"eventually({facts[0]})" if facts else ""


def equilibria_sentence(result: StabilityTaskResult) -> str:
    """How many states are equilibria by every concept.

    result  which states are stable
    """
    everywhere = [one for one in result.states if len(one.equilibrium) == len(result.concepts)]
    states = format_count(result.total, "state")
    if not everywhere:
        return f"Of {states} none is an equilibrium by every concept."
    what = "is an equilibrium" if len(everywhere) == 1 else "are equilibria"
    return f"Of {states} {len(everywhere)} {what} by every concept."


def stability_html(result: StabilityTaskResult) -> Any:
    """The states in rows, the parties in columns, equilibria first.

    result  which states are stable
    """

    def by(concepts: tuple[str, ...]) -> str:
        if len(concepts) == len(result.concepts):
            return "all"
        return ", ".join(concepts) or "none"

    rows = [
        [
            str(one.number),
            one.words,
            by(one.equilibrium),
            *map(by, one.by_party),
            "; ".join(one.leaving),
        ]
        for one in result.states
    ]
    headings = [
        "", "state", "equilibrium by", *(f"stable for {party} by" for party in result.parties),
        "would leave together",
    ]  # fmt: skip
    caption = "Every state, and by which idea of stability it holds"
    if len(result.states) < result.total:
        caption = f"The {len(result.states)} most stable of {result.total:,} states"
    meanings = [f"{concept}: {CONCEPT_MEANINGS[concept]}." for concept in result.concepts]
    table = html_fragments.table_html(headings, rows, caption, text_columns=len(headings))
    notes = html_fragments.render_fragment(
        "paragraphs", [*meanings, *(f"{note}." for note in result.notes)], "small soft"
    )
    return table + notes


def _named(case: Case, members: tuple[str, ...]) -> str:
    return " and ".join(case.parties[name].name for name in members) or "nobody"


def conflict_title(name: str) -> str:
    """What a conflict in option form is called: the name of its file, as people write it.

    name  the name of the file in the folder

    >>> conflict_title("fang-hipel/cuba-1962.gmcr")
    'Cuba 1962'
    """
    title = readable_name(PurePosixPath(name).stem.replace("-", "_"))
    return title[:1].upper() + title[1:]


def conflict_in_words(server_state: ServerState, name: str) -> str:
    """Who is in a conflict in option form; nothing if its file cannot be read.

    server_state  what all pages share
    name          the name of the file in the folder
    """
    try:
        conflict = parse_gmcr(server_state.case_folder.read_conflict(name), name)
    except CeasefireError:
        return ""
    options = format_count(len(conflict.options), "option")
    return f"{', '.join(conflict.parties)}: {options}."


def conflict_page(server_state: ServerState, name: str) -> None:
    """The stable states of a conflict in option form.

    server_state  what all pages share
    name          the name of the file in the folder
    """
    with page_layout(conflict_title(name), name):
        try:
            text = server_state.case_folder.read_conflict(name)
        except CeasefireError as error:
            HtmlBlock(html_fragments.problem_list_html(error.problems))
            ui.link("All cases", "/")
            return
        TextBlock("p", STABLE_MEANING, "soft")
        status = status_line()
        status.set_text("Looking at every state…")
        shown = HtmlBlock()

    async def show() -> None:
        limits = server_state.limits
        try:
            result = await server_state.interactive_pool.run(
                coalition_tasks.conflict_stability_task,
                text,
                name,
                limits.solve_settings,
                timeout_seconds=limits.interactive_seconds,
            )
        except CeasefireError as error:
            status.set_text("")
            shown.set_content(html_fragments.problem_list_html(error.problems))
            return
        status.set_text(equilibria_sentence(result))
        shown.set_content(stability_html(result))

    ui.context.client.on_connect(show)
