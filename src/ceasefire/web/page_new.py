"""A case from five questions, without a line of YAML, for the folder or for this browser."""

from dataclasses import replace
from typing import Any

from nicegui import ui

from ceasefire.errors import CaseError, CeasefireError, Problem
from ceasefire.formats.guided_case import (
    MOST_LINES,
    MOST_PERIODS,
    MOST_SENTENCES,
    MOST_TABLES,
    PATTERNS,
    PERIODS,
    GuidedAnswers,
    GuidedSentence,
    GuidedTable,
    OpenNumber,
    answers_as_text,
    answers_from_text,
    guided_case,
    open_numbers,
    outcome_choices,
    test_choices,
    with_parties_seated,
)
from ceasefire.formats.plain_numbers import read_estimate
from ceasefire.web import html_fragments
from ceasefire.web.browser_cases import (
    file_name,
    keep_answers,
    keep_case,
    kept_answers,
    kept_names,
    leave_for,
)
from ceasefire.web.layout import HtmlBlock, TextBlock, labelled_button, page_layout, status_line
from ceasefire.web.server_state import ServerState


async def new_case_page(server_state: ServerState) -> None:
    """The five questions, once the browser is heard: what is written earlier could get lost.

    server_state  what all pages share
    """
    with page_layout("A case of your own"):
        TextBlock(
            "p",
            "Five questions. Begin with the conflict that is most like yours; everything can be "
            "changed later.",
            "soft",
        )
        await ui.context.client.connected()
        kept = answers_from_text(await kept_answers() or "")
        NewCaseForm(server_state, kept)


class NewCaseForm:
    """The questions and their answers; what depends on an answer is drawn anew when it changes.

    Answers are kept in the browser until the case is made: a lost line takes nothing away.
    """

    def __init__(self, server_state: ServerState, kept: GuidedAnswers | None) -> None:
        self.server_state = server_state
        self.answers = kept or PATTERNS["war"].example
        self.errors: dict[str, Any] = {}
        self.seats: list[Any] = []
        self.rows: dict[str, Any] = {}
        self.tests: list[tuple[Any, Any]] = []
        kinds = {key: pattern.title for key, pattern in PATTERNS.items()}
        with ui.element("div").classes("card unsaved") as self.kept_card:
            TextBlock("span", "These are your answers from before: this browser has kept them.")
            labelled_button("Begin anew", lambda: self._begin(self.answers.pattern))
        self.kept_card.set_visibility(kept is not None)
        pattern = self.answers.pattern
        chosen = ui.select(kinds, value=pattern, label="It is most like").classes("wide")
        chosen.props("dense options-dense outlined")
        chosen.on_value_change(lambda: self._begin(str(chosen.value)))
        self.about = TextBlock("p", PATTERNS[pattern].about, "soft small")
        self.title = _text("What the case is called", self.answers.title, self._set_title)
        self.questions = ui.element("div")
        with ui.row().classes("items-center"):
            labelled_button("Make the case", self._make, quiet=False)
        self.status_line = status_line()
        self.problems_html = HtmlBlock()
        self._draw()

    def _begin(self, pattern: str) -> None:
        self._take(PATTERNS[pattern].example)
        self.kept_card.set_visibility(False)
        self.about.set_text(PATTERNS[pattern].about)
        self.title.value = self.answers.title
        self._draw()

    def _set_title(self, title: str) -> None:
        self._take(replace(self.answers, title=title))

    def _take(self, answers: GuidedAnswers) -> bool:
        """Take answers, kept in the browser if somebody's own; whether they are others now."""
        if answers == self.answers:
            return False
        self.answers = answers
        own = answers != PATTERNS[answers.pattern].example
        keep_answers(answers_as_text(answers) if own else None)
        return True

    def _change(self, **changes: Any) -> bool:
        """Take an answer; whether it is another than before. Nobody sits who is not a party."""
        return self._take(with_parties_seated(replace(self.answers, **changes)))

    def _follow(self, **changes: Any) -> None:
        """Take an answer, and bring what depends on it in step where it stands.

        Nothing that somebody may be writing in is drawn anew.
        """
        if self._change(**changes):
            self._refresh_seats()
            self._refresh_unknowns()
            self._refresh_sentences()

    def _set_parties(self, names: tuple[str, ...]) -> None:
        """Take other names; who is renamed keeps the seats, and is renamed in the sentences."""
        before = self.answers.parties
        renamed = {
            old: new
            for old, new in zip(before, names, strict=False)
            if old not in names and new not in before
        }
        tables = tuple(
            replace(table, seats=tuple(renamed.get(seat, seat) for seat in table.seats))
            for table in self.answers.tables
        )
        said = sentences = list(self.answers.sentences)
        for old, new in renamed.items():
            sentences = [replace(s, says=s.says.replace(old, new)) for s in sentences]
        self._follow(parties=names, tables=tables, sentences=tuple(sentences))
        for place, sentence in enumerate(sentences):
            if sentence != said[place]:
                self.errors[f"sentences[{place}].says"].value = sentence.says

    def _draw(self) -> None:
        self.questions.clear()
        self.errors, self.seats, self.rows, self.tests = {}, [], {}, []
        with self.questions:
            self._ask_who()
            self._ask_where()
            self._ask_unknowns()
            self._ask_sentences()

    def _ask_who(self) -> None:
        TextBlock("h2", "1. Who?")
        pattern = PATTERNS[self.answers.pattern]
        TextBlock("p", f"One name on each line; {pattern.first}.", "soft small")
        shown = _lines("Parties", self.answers.parties, self._set_parties)
        self.errors["parties"] = shown

    def _ask_where(self) -> None:
        TextBlock("h2", "2. Where do they meet, and 3. what could be agreed there?")
        self.tables = ui.element("div")
        self._draw_tables()

    def _draw_tables(self) -> None:
        self.tables.clear()
        self.seats = []
        with self.tables:
            for place, table in enumerate(self.answers.tables):
                with ui.element("section").classes("card"):
                    with ui.element("div").classes("fields"):
                        self._ask_table(place, table)
                    if len(self.answers.tables) > 1:
                        labelled_button("Take this table out", lambda p=place: self._drop_table(p))
            if len(self.answers.tables) < MOST_TABLES:
                labelled_button("Another table", self._add_table)

    def _ask_table(self, place: int, table: GuidedTable) -> None:
        path, number = f"tables[{place}]", place + 1
        self.errors[f"{path}.name"] = _text(
            f"Name of table {number}", table.name, lambda name: self._set_table(place, name=name)
        )
        names = list(self.answers.parties)
        seats = ui.select(
            names, value=list(table.seats), label=f"Who sits at table {number}", multiple=True
        ).props("dense options-dense outlined use-chips")
        seats.on_value_change(lambda: self._set_table(place, seats=tuple(seats.value or ())))
        self.errors[f"{path}.seats"] = seats
        self.seats.append(seats)
        self.errors[f"{path}.deals"] = _lines(
            f"What could be agreed at table {number}, one on each line",
            table.deals,
            lambda deals: self._set_table(place, deals=deals),
        )

    def _set_table(self, place: int, **changes: Any) -> None:
        tables = list(self.answers.tables)
        tables[place] = replace(tables[place], **changes)
        self._follow(tables=tuple(tables))

    def _refresh_seats(self) -> None:
        names = list(self.answers.parties)
        for shown, table in zip(self.seats, self.answers.tables, strict=True):
            if shown.options != names:
                shown.set_options(names, value=list(table.seats))

    def _add_table(self) -> None:
        self._change(tables=(*self.answers.tables, GuidedTable("More talks", (), ())))
        self._redraw_tables()

    def _drop_table(self, place: int) -> None:
        self._change(tables=tuple(t for n, t in enumerate(self.answers.tables) if n != place))
        self._redraw_tables()

    def _redraw_tables(self) -> None:
        self._draw_tables()
        self._refresh_unknowns()
        self._refresh_sentences()

    def _ask_unknowns(self) -> None:
        TextBlock("h2", "4. What does nobody know?")
        TextBlock(
            "p",
            "Your best estimate and how far off it may be, in your words: 0.6, 50 %, 1 in 5, "
            "about 0.3 to 0.9. What is worth most or costs most is about 1; everything else is "
            "measured by it.",
            "soft small",
        )
        self.unknowns = ui.element("div")
        self._refresh_unknowns()

    def _refresh_unknowns(self) -> None:
        """A row for each number, in order; rows that stay are left as they are."""
        numbers = open_numbers(self.answers)
        for key in self.rows.keys() - {number.key for number in numbers}:
            self.unknowns.remove(self.rows.pop(key))
            del self.errors[f"estimates.{key}"]
        for place, number in enumerate(numbers):
            if number.key not in self.rows:
                with self.unknowns:
                    self.rows[number.key] = self._unknown_row(number)
            row, shown = self.rows[number.key], self.errors[f"estimates.{number.key}"]
            if row is not self.unknowns.default_slot.children[place]:
                row.move(self.unknowns, place)
            if shown.props["label"] != _capital(number.label):
                shown.props["label"] = _capital(number.label)

    def _unknown_row(self, number: OpenNumber) -> Any:
        said = self.answers.estimates.get(number.key) or number.proposal
        with ui.element("div").classes("estimate") as row:
            shown = ui.input(_capital(number.label), value=said).props("dense outlined")
            echo = TextBlock("span", _echo(said), "soft small")
        self.errors[f"estimates.{number.key}"] = shown

        def answer() -> None:
            said = str(shown.value or "")
            estimates = {**self.answers.estimates, number.key: said}
            self._take(replace(self.answers, estimates=estimates))
            shown.error = None
            try:
                read_estimate(said)
            except CaseError as error:
                shown.error = _in_words(error.problems[0])
            echo.set_text(_echo(said))

        shown.on("focusout", answer, args=[])
        return row

    def _ask_sentences(self) -> None:
        TextBlock("h2", "5. What is your sentence?")
        TextBlock(
            "p",
            "The first is your thesis. Those after it are what it rests on, if it rests on any.",
            "soft small",
        )
        self.sentences = ui.element("div")
        self._draw_sentences()
        with ui.element("div").classes("fields").style("margin-top: .75rem"):
            periods = list(PERIODS)
            period = ui.select(periods, value=self.answers.period, label="A period is a")
            period.props("dense options-dense outlined")
            period.on_value_change(lambda: self._follow(period=str(period.value)))
            horizon = ui.number(
                "How many of them you look at", value=self.answers.horizon, min=1, max=MOST_PERIODS
            ).props("dense outlined")
            horizon.on("focusout", lambda: self._set_horizon(horizon.value), args=[])
            self.errors["horizon"] = horizon

    def _set_horizon(self, value: float | None) -> None:
        if value is not None:
            self._follow(horizon=int(value))

    def _draw_sentences(self) -> None:
        self.sentences.clear()
        self.tests = []
        with self.sentences:
            for place, sentence in enumerate(self.answers.sentences):
                with ui.element("section").classes("card"), ui.element("div").classes("fields"):
                    self._sentence_row(place, sentence)
            if len(self.answers.sentences) < MOST_SENTENCES:
                labelled_button("It rests on another sentence", self._add_sentence)

    def _sentence_row(self, place: int, sentence: GuidedSentence) -> None:
        path = f"sentences[{place}]"
        which = "Your thesis" if place == 0 else f"It rests on ({place})"
        self.errors[f"{path}.says"] = _text(
            which, sentence.says, lambda says: self._set_sentence(place, says=says)
        )
        outcomes, tests = outcome_choices(self.answers), test_choices(self.answers)
        outcome = sentence.outcome if sentence.outcome in outcomes else None
        about = ui.select(outcomes, value=outcome, label=f"{which} is true if")
        about.props("dense options-dense outlined")
        how = ui.select(tests, value=sentence.test, label=f"{which}: how sure")
        how.props("dense options-dense outlined")
        self.errors[f"{path}.outcome"] = about
        self.tests.append((about, how))
        about.on_value_change(lambda: self._set_sentence(place, outcome=str(about.value or "")))
        how.on_value_change(lambda: self._set_sentence(place, test=str(how.value or "")))
        if place:
            labelled_button("Take it out", lambda: self._drop_sentence(place))

    def _refresh_sentences(self) -> None:
        """What each sentence can be about, as the parties, tables and deals now are."""
        outcomes, tests = outcome_choices(self.answers), test_choices(self.answers)
        for (about, how), sentence in zip(self.tests, self.answers.sentences, strict=True):
            outcome = sentence.outcome if sentence.outcome in outcomes else None
            if about.options != outcomes or about.value != outcome:
                about.set_options(outcomes, value=outcome)
            test = sentence.test if sentence.test in tests else "likely"
            if how.options != tests or how.value != test:
                how.set_options(tests, value=test)

    def _set_sentence(self, place: int, **changes: Any) -> None:
        sentences = list(self.answers.sentences)
        sentences[place] = replace(sentences[place], **changes)
        self._change(sentences=tuple(sentences))

    def _add_sentence(self) -> None:
        self._change(sentences=(*self.answers.sentences, GuidedSentence("", "")))
        self._draw_sentences()

    def _drop_sentence(self, place: int) -> None:
        self._change(sentences=tuple(s for n, s in enumerate(self.answers.sentences) if n != place))
        self._draw_sentences()

    async def _make(self) -> None:
        """Make the case and open it; what is missing is said at its field."""
        self.problems_html.set_content("")
        for shown in self.errors.values():
            shown.error = None
        try:
            text = guided_case(self.answers)
        except CeasefireError as error:
            self._show_problems(error.problems)
            return
        folder, name = self.server_state.case_folder, file_name(self.answers.title)
        try:
            taken = folder.names() if folder.writable else await kept_names()
            stem, number = name.removesuffix(".yaml"), 1
            while name in taken:
                number += 1
                name = f"{stem}-{number}.yaml"
            if folder.writable:
                folder.save(name, text, None)
            else:
                await keep_case(name, text)
            keep_answers(None)
            await leave_for(f"/case/{name}" if folder.writable else f"/kept/{name}")
        except CeasefireError as error:
            self._show_problems(error.problems)

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        elsewhere = []
        for problem in problems:
            shown = self.errors.get(problem.path)
            if shown is None:
                elsewhere.append(problem)
            else:
                shown.error = _in_words(problem)
        count = len(problems)
        self.status_line.set_text(
            "One thing is still missing: see the field in red."
            if count == 1
            else f"{count} things are still missing: see the fields in red."
        )
        self.problems_html.set_content(html_fragments.problem_list_html(elsewhere))


def _text(label: str, value: str, take: Any) -> Any:
    shown = ui.input(label, value=value).props("dense outlined")
    shown.on("focusout", lambda: take(str(shown.value or "").strip()), args=[])
    return shown


def _lines(label: str, values: tuple[str, ...], take: Any) -> Any:
    """Several answers, one on each line."""
    shown = ui.textarea(label, value="\n".join(values)).props("dense outlined autogrow")

    def read() -> None:
        lines = (line.strip() for line in str(shown.value or "").splitlines())
        take(tuple(line for line in lines if line)[:MOST_LINES])

    shown.on("focusout", read, args=[])
    return shown


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _echo(said: str) -> str:
    """What was understood, so that a slip is seen."""
    try:
        estimate = read_estimate(said)
    except CaseError:
        return ""
    if estimate.low is None or estimate.high is None:
        return f"read as {estimate.best:g}, and sure of it"
    best = estimate.best if estimate.best is not None else (estimate.low + estimate.high) / 2
    return f"read as {best:g}, from {estimate.low:g} to {estimate.high:g}"


def _in_words(problem: Problem) -> str:
    """A problem as it stands under its field."""
    ways = "; ".join(filter(None, (problem.allowed, problem.help)))
    return problem.message + (f" ({ways})" if ways else "")
