"""Tests the claims of a case: does the sentence follow, and does it rest on noise?

A claim rests on noise if its verdict changes once every party is twice or four times as precise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ceasefire.ask.answer import Figure, figures
from ceasefire.ask.certificate import Checks, Numerics, certify_sheet
from ceasefire.ask.parse import read_question
from ceasefire.ask.prepare import Prepared, Sheet, prepare
from ceasefire.ask.question import Question
from ceasefire.case import Case
from ceasefire.errors import Problem, QuestionError

SHARPER: Final = (2.0, 4.0)


@dataclass(frozen=True)
class ClaimAnswer:
    """A claim at the best estimates.

    best     whether its test is true; None where it has no answer
    sharper  (factor, truth) for each precision it was asked again with
    """

    id: str
    says: str | None
    test: str
    best: bool | None
    sharper: tuple[tuple[float, bool | None], ...]
    quantities: tuple[Figure, ...]
    warnings: tuple[str, ...]
    source: str | None = None
    where: str | None = None

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
class Claims:
    """Every claim of a case at the best estimates, and how good the numbers are."""

    case: str
    claims: tuple[ClaimAnswer, ...]
    numerics: Numerics

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
            questions[name] = read_question(case, claim.test, claim.place, test=True)
        except QuestionError as error:
            problems += error.problems
    if problems:
        raise QuestionError(problems)
    return questions


def check_claims(
    case: Case,
    *,
    grid: int | None = None,
    memory: float = 4e9,
    noise: bool = True,
    certify: bool = True,
) -> Claims:
    """Test every claim at the best estimates.

    noise    whether to ask again with every party twice and four times as precise
    certify  whether to ask again with a finer grid and a longer tail
    """
    questions = read_claims(case)
    prepared = prepare(case, tuple(questions.values()), grid=grid, memory=memory)
    sheet = prepared.read()
    again: dict[float, Sheet] = {}
    if noise:
        again = {factor: prepared.read(sharper=factor) for factor in SHARPER}
    checks = certify_sheet(prepared) if certify else Checks()
    claims = claim_answers(prepared, questions, sheet, checks, again)
    return Claims(case.file, claims, checks.numerics(sheet, again.values()))


def claim_answers(
    prepared: Prepared,
    names: Iterable[str],
    sheet: Sheet,
    checks: Checks,
    sharper: Mapping[float, Sheet],
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
            test=prepared.questions[n].text,
            best=sheet.truth(n),
            sharper=tuple((factor, again.truth(n)) for factor, again in sharper.items()),
            quantities=figures(prepared, sheet, n, checks),
            warnings=sheet.warnings[n] + checks.doubts(prepared.questions[n], sheet, n),
            source=claims[name].source,
            where=claims[name].where,
        )
        for n, name in enumerate(names)
    )
