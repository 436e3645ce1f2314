"""Asks a case: from texts to numbers, with the certificate of how good the numbers are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from ceasefire.ask.certificate import Checks, Numerics, certify_sheet, plain
from ceasefire.ask.expression import Value
from ceasefire.ask.parse import read_question
from ceasefire.ask.prepare import Prepared, Sheet, prepare
from ceasefire.ask.question import Question
from ceasefire.case import Case
from ceasefire.errors import Problem, QuestionError


@dataclass(frozen=True)
class Figure:
    """A quantity of a question with its number, and by how much numerics could move it."""

    expr: str
    value: float | None
    error: float | None
    grid_change: float | None
    horizon_change: float | None
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """A quantity as `--json` prints it; no value, and no finite one, is null."""
        document = {"expr": self.expr, "best": plain(self.value), "worlds": None}
        return document if self.error is None else {**document, "error": self.error}


@dataclass(frozen=True)
class Answer:
    """The answer to one question; `worlds` is for whoever asked in many worlds to fill in."""

    expr: str
    best: Value
    quantities: tuple[Figure, ...]
    warnings: tuple[str, ...]
    worlds: Any = None

    @property
    def error(self) -> float | None:
        """Largest standard error among the quantities, None where nothing was sampled."""
        return max((f.error for f in self.quantities if f.error is not None), default=None)

    def as_json(self) -> dict[str, Any]:
        """An answer as `ask --json` prints it, with its standard error if plays were sampled."""
        worlds = self.worlds.as_json() if hasattr(self.worlds, "as_json") else self.worlds
        document = {"expr": self.expr, "best": plain(self.best), "worlds": worlds}
        return document if self.error is None else {**document, "error": self.error}


@dataclass(frozen=True)
class Answers:
    """What a case answers, and how good the numbers are."""

    case: str
    answers: tuple[Answer, ...]
    numerics: Numerics

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be said about the answers, each with its question."""
        return tuple(f"{a.expr}: {warning}" for a in self.answers for warning in a.warnings)

    def as_json(self) -> dict[str, Any]:
        """The document of `ask --json`, digest and version left to the command."""
        return {
            "case": self.case,
            "answers": [answer.as_json() for answer in self.answers],
            "numerics": self.numerics.as_json(),
        }

    def frame(self) -> pl.DataFrame:
        """One row for each quantity of each question."""
        rows = [
            {
                "question": answer.expr,
                "answer": None if answer.best is None else float(answer.best),
                "quantity": figure.expr,
                "value": figure.value,
                "error": figure.error,
                "grid_change": figure.grid_change,
                "horizon_change": figure.horizon_change,
            }
            for answer in self.answers
            for figure in answer.quantities
        ]
        names = ("answer", "value", "error", "grid_change", "horizon_change")
        schema = {"question": pl.String, "quantity": pl.String, **dict.fromkeys(names, pl.Float64)}
        order = ("question", "answer", "quantity", *names[1:])
        return pl.DataFrame(rows, schema={name: schema[name] for name in order})


def ask(
    case: Case,
    *texts: str,
    grid: int | None = None,
    memory: float = 4e9,
    certify: bool = True,
) -> Answers:
    """Ask a case any quantity or test, at the best estimates.

    texts    such as "P(lasting(not fighting, 4), without=kyiv_europe)"
    certify  whether to ask again with a finer grid and a longer tail

    Raises QuestionError with every problem of every text.

    >>> from ceasefire.case import loads
    >>> coin = '''
    ... ceasefire: 1
    ... horizon: 2
    ... parties: {a: {}, b: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: 0.5, set: {war: false}}]}}
    ... '''
    >>> answers = ask(loads(coin), "P(at_end(not war))", "time(not war) > 1")
    >>> [answer.best for answer in answers.answers]
    [0.75, True]
    """
    questions = read_all(case, dict.fromkeys(texts))
    prepared = prepare(case, questions, grid=grid, memory=memory)
    sheet = prepared.read()
    checks = certify_sheet(prepared) if certify else Checks()
    answers = tuple(
        Answer(
            question.text,
            sheet.values[n],
            figures(prepared, sheet, n, checks),
            sheet.warnings[n] + checks.doubts(question, sheet, n),
        )
        for n, question in enumerate(questions)
    )
    by_text = {answer.expr: answer for answer in answers}
    return Answers(case.file, tuple(by_text[text] for text in texts), checks.numerics(sheet))


def read_all(case: Case, texts: Iterable[str]) -> list[Question]:
    """Read questions; QuestionError with the problems of all of them."""
    questions: list[Question] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            questions.append(read_question(case, text))
        except QuestionError as error:
            problems += error.problems
    if problems:
        raise QuestionError(problems)
    return questions


def figures(prepared: Prepared, sheet: Sheet, number: int, checks: Checks) -> tuple[Figure, ...]:
    """The quantities of one question with their numbers."""
    found = []
    for place, quantity in enumerate(prepared.questions[number].quantities):
        reading = sheet.readings[number][place]
        finer, longer = checks.changes(sheet, number, place)
        found.append(
            Figure(quantity.text, reading.value, reading.error, finer, longer, reading.warnings)
        )
    return tuple(found)
