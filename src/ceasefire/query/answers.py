"""Asks a case: from texts to numbers, with the certificate of how good the numbers are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ceasefire.case import Case
from ceasefire.errors import Problem, QuestionError
from ceasefire.game.settings import SolveSettings
from ceasefire.query.ast import AnswerValue, Question
from ceasefire.query.numerical_quality import (
    NumericalQuality,
    RefinementChecks,
    SolvedResult,
    finite_or_none,
    run_refinement_checks,
)
from ceasefire.query.parser import read_claim, read_question
from ceasefire.query.plan import QueryPlan, WorldResult, plan_questions


@dataclass(frozen=True)
class QuantityEstimate:
    """A quantity of a question with its number, and by how much numerics could move it."""

    expr: str
    value: float | None
    error: float | None
    grid_change: float | None
    horizon_change: float | None
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """A quantity as `--json` prints it; no value, and no finite one, is null."""
        document = {"expr": self.expr, "best": finite_or_none(self.value), "worlds": None}
        return document if self.error is None else {**document, "error": self.error}


@dataclass(frozen=True)
class QuestionAnswer:
    """The answer to one question; `worlds` is for whoever asked in many worlds to fill in."""

    expr: str
    best: AnswerValue
    quantities: tuple[QuantityEstimate, ...]
    warnings: tuple[str, ...]
    worlds: Any = None

    @property
    def error(self) -> float | None:
        """Largest standard error among the quantities, None where nothing was sampled."""
        return max((f.error for f in self.quantities if f.error is not None), default=None)

    def as_json(self) -> dict[str, Any]:
        """An answer as `ask --json` prints it, with its standard error if plays were sampled."""
        worlds = self.worlds.as_json() if hasattr(self.worlds, "as_json") else self.worlds
        document = {"expr": self.expr, "best": finite_or_none(self.best), "worlds": worlds}
        return document if self.error is None else {**document, "error": self.error}


@dataclass(frozen=True)
class QuestionAnswers(SolvedResult):
    """What a case answers, and how good the numbers are."""

    case: str
    answers: tuple[QuestionAnswer, ...]
    numerics: NumericalQuality

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


def ask_at_best(
    case: Case,
    *texts: str,
    grid: int | None = None,
    memory: float = 4e9,
    certify: bool = True,
) -> QuestionAnswers:
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
    >>> answers = ask_at_best(loads(coin), "P(at_end(not war))", "time(not war) > 1")
    >>> [answer.best for answer in answers.answers]
    [0.75, True]
    """
    questions = read_questions(case, dict.fromkeys(texts))
    prepared = plan_questions(case, questions, SolveSettings(grid, memory))
    sheet = prepared.evaluate_world()
    checks = run_refinement_checks(prepared) if certify else RefinementChecks()
    answers = tuple(
        QuestionAnswer(
            question.text,
            sheet.values[n],
            estimate_quantities(prepared, sheet, n, checks),
            sheet.warnings[n] + checks.doubts(question, sheet, n),
        )
        for n, question in enumerate(questions)
    )
    by_text = {answer.expr: answer for answer in answers}
    return QuestionAnswers(
        case.file, tuple(by_text[text] for text in texts), checks.numerics(sheet)
    )


def read_questions(case: Case, texts: Iterable[str]) -> list[Question]:
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


def estimate_quantities(
    prepared: QueryPlan, sheet: WorldResult, number: int, checks: RefinementChecks
) -> tuple[QuantityEstimate, ...]:
    """The quantities of one question with their numbers."""
    found = []
    for place, quantity in enumerate(prepared.questions[number].quantities):
        reading = sheet.quantity_values[number][place]
        finer, longer = checks.changes(sheet, number, place)
        found.append(
            QuantityEstimate(
                quantity.text, reading.value, reading.error, finer, longer, reading.warnings
            )
        )
    return tuple(found)


PRECISION_FACTORS: Final = (2.0, 4.0)


@dataclass(frozen=True)
class ClaimAnswer:
    """A claim at the best estimates.

    best     whether its test is true; None where it has no answer
    sharper  (factor, truth) for each precision it was asked again with
    """

    id: str
    says: str | None
    question: Question
    best: bool | None
    sharper: tuple[tuple[float, bool | None], ...]
    quantities: tuple[QuantityEstimate, ...]
    warnings: tuple[str, ...]
    source: str | None = None
    where: str | None = None

    @property
    def test(self) -> str:
        """The test as the case has it."""
        return self.question.text

    @property
    def noise(self) -> bool | None:
        """Whether the claim rests on noise; None if it was not asked again."""
        return any(truth is not self.best for _, truth in self.sharper) if self.sharper else None

    def as_json(self) -> dict[str, Any]:
        """A claim as `check --json` prints it, what only many worlds tell left null."""
        return {
            "id": self.id,
            "says": self.says,
            "test": self.test,
            "best": self.best,
            "share": None,
            "interval": None,
            "verdict": None,
            "noise": self.noise,
            "quantities": [figure.as_json() for figure in self.quantities],
            "flips": None,
            "drivers": None,
            "box": None,
        }


@dataclass(frozen=True)
class ClaimAnswers(SolvedResult):
    """Every claim of a case at the best estimates, and how good the numbers are."""

    case: str
    claims: tuple[ClaimAnswer, ...]
    numerics: NumericalQuality

    def as_json(self) -> dict[str, Any]:
        """The document of `check --json`, digest and version left to the command."""
        return {
            "case": self.case,
            "claims": [claim.as_json() for claim in self.claims],
            "numerics": self.numerics.as_json(),
        }

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        schema = {"id": pl.String, "says": pl.String, "test": pl.String}
        truths = {"best": pl.Boolean, "noise": pl.Boolean}
        rows = [
            {name: getattr(claim, name) for name in (*schema, *truths)} for claim in self.claims
        ]
        return pl.DataFrame(rows, schema={**schema, **truths})


def read_claims(case: Case) -> dict[str, Question]:
    """Read the test of every claim.

    Raises QuestionError with the problems of all tests, each at its place in the file.
    """
    questions: dict[str, Question] = {}
    problems: list[Problem] = []
    for name, claim in case.claims.items():
        try:
            questions[name] = read_claim(case, claim)
        except QuestionError as error:
            problems += error.problems
    if problems:
        raise QuestionError(problems)
    return questions


def check_claims_at_best(
    case: Case,
    *,
    grid: int | None = None,
    memory: float = 4e9,
    noise: bool = True,
    certify: bool = True,
) -> ClaimAnswers:
    """Test every claim at the best estimates.

    noise    whether to ask again with every party twice and four times as precise
    certify  whether to ask again with a finer grid and a longer tail
    """
    questions = read_claims(case)
    prepared = plan_questions(case, tuple(questions.values()), SolveSettings(grid, memory))
    sheet = prepared.evaluate_world()
    again: dict[float, WorldResult] = {}
    if noise:
        again = {factor: prepared.evaluate_world(sharper=factor) for factor in PRECISION_FACTORS}
    checks = run_refinement_checks(prepared) if certify else RefinementChecks()
    claims = build_claim_answers(prepared, questions, sheet, checks, again)
    return ClaimAnswers(case.file, claims, checks.numerics(sheet, again.values()))


def build_claim_answers(
    prepared: QueryPlan,
    names: Iterable[str],
    sheet: WorldResult,
    checks: RefinementChecks,
    sharper: Mapping[float, WorldResult],
) -> tuple[ClaimAnswer, ...]:
    """What a sheet says of claims, `names` in the order of its questions.

    checks   the certificate; an empty one leaves doubts and errors unsaid
    sharper  the same questions asked again, by the factor on all precisions
    """
    claims = prepared.case.claims
    return tuple(
        ClaimAnswer(
            id=name,
            says=claims[name].says,
            question=prepared.questions[n],
            best=sheet.test_result(n),
            sharper=tuple((factor, again.test_result(n)) for factor, again in sharper.items()),
            quantities=estimate_quantities(prepared, sheet, n, checks),
            warnings=sheet.warnings[n] + checks.doubts(prepared.questions[n], sheet, n),
            source=claims[name].source,
            where=claims[name].where,
        )
        for n, name in enumerate(names)
    )
