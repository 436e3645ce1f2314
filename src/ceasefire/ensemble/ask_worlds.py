"""Any question, asked at best and in many worlds."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble.run import JobProgressCallback, RunStats, run_ensemble
from ceasefire.ensemble.statistics import summarise_question_over_worlds
from ceasefire.game.settings import SolveSettings
from ceasefire.query import QuestionAnswer, QuestionAnswers, plan_questions, read_questions
from ceasefire.query.answers import estimate_quantities


@dataclass(frozen=True)
class AskResult:
    """Answers, and how the run over worlds went; `run_stats` is None for world 0 alone."""

    answers: QuestionAnswers
    run_stats: RunStats | None
    failed_checks: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        ran = self.run_stats is not None and self.run_stats.marked
        return self.answers.numerics.marked or ran or bool(self.failed_checks)

    def as_json(self) -> dict[str, Any]:
        """The document of `ask --json`, digest and version left to the command."""
        run = {} if self.run_stats is None else {"run": self.run_stats.as_json()}
        return self.answers.as_json() | run

    def frame(self) -> pl.DataFrame:
        """One row for each quantity of each question, at best."""
        return self.answers.frame()


def ask(
    case: Case,
    *texts: str,
    worlds: int = 0,
    seed: int = 0,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> AskResult:
    """Ask any quantity or test at the best estimates and, with `worlds`, in that many worlds.

    Raises QuestionError with every problem of every text.

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {odds: {range: [0.2, 0.4]}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
    ... ''')
    >>> found = ask(coin, "P(at_end(not war))", "P(at_end(not war)) < 0.35", worlds=16, workers=1)
    >>> number, test = found.answers.answers
    >>> round(number.best, 2), test.best, test.worlds.share.share
    (0.3, True, 0.75)
    """
    settings = SolveSettings(grid, memory)
    questions = read_questions(case, dict.fromkeys(texts))
    prepared = plan_questions(case, questions, settings)
    found = run_ensemble(prepared, worlds=worlds, seed=seed, workers=workers, progress=progress)
    answers = {}
    for n, question in enumerate(questions):
        across = None
        if found.run_stats is not None:
            failed = len(found.run_stats.failed)
            across = summarise_question_over_worlds(
                found.results, n, is_test=question.is_test, failed=failed
            )
        answers[question.text] = QuestionAnswer(
            question.text,
            found.best.values[n],
            estimate_quantities(prepared, found.best, n, found.checks),
            found.best.warnings[n] + found.checks.doubts(question, found.best, n),
            across,
        )
    numerics = found.checks.numerics(found.best)
    listed = tuple(answers[text] for text in texts)
    return AskResult(
        QuestionAnswers(case.file, listed, numerics), found.run_stats, found.failed_checks
    )
