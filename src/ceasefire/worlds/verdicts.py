"""The two questions that are asked in many worlds: any question, and every claim of a case."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from ceasefire.ask import (
    Answer,
    Answers,
    ClaimAnswer,
    Claims,
    Prepared,
    Sheet,
    prepare,
    read_all,
    read_claims,
)
from ceasefire.ask.answer import figures
from ceasefire.case import Case
from ceasefire.worlds.across import Across, across_quantity, across_question
from ceasefire.worlds.run import Progress
from ceasefire.worlds.shares import Share
from ceasefire.worlds.survey import Ran, Survey, survey

OnBest = Callable[[Claims], None]


@dataclass(frozen=True)
class Asked:
    """Answers, and how the run over worlds went; `ran` is None for world 0 alone."""

    answers: Answers
    ran: Ran | None
    lost: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        return _marked(self.answers.numerics.marked, self.ran, self.lost)

    def as_json(self) -> dict[str, Any]:
        """The document of `ask --json`, digest and version left to the command."""
        return _with_run(self.answers.as_json(), self.ran)

    def frame(self) -> pl.DataFrame:
        """One row for each quantity of each question, at best."""
        return self.answers.frame()


@dataclass(frozen=True)
class Verdict:
    """A claim at best and over the worlds; `share` and `quantities` are None for world 0 alone."""

    claim: ClaimAnswer
    share: Share | None
    quantities: tuple[Across | None, ...]

    def as_json(self) -> dict[str, Any]:
        """A claim as `check --json` prints it; what was not computed is null."""
        document = self.claim.as_json() | {"flips": None, "drivers": None, "box": None}
        for quantity, across in zip(document["quantities"], self.quantities, strict=True):
            quantity["worlds"] = across and across.as_json()
        if self.share is not None:
            document["share"] = self.share.share
            document["interval"] = list(self.share.interval)
            document["verdict"] = self.share.verdict
        return document


@dataclass(frozen=True)
class Checked:
    """Every claim of a case, at best and over the worlds."""

    best: Claims
    verdicts: tuple[Verdict, ...]
    ran: Ran | None
    lost: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        return _marked(self.best.numerics.marked, self.ran, self.lost)

    def as_json(self) -> dict[str, Any]:
        """The document of `check --json`, digest and version left to the command."""
        claims = [verdict.as_json() for verdict in self.verdicts]
        return _with_run(self.best.as_json() | {"claims": claims}, self.ran)

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        rows = [
            {
                "id": verdict.claim.id,
                "best": verdict.claim.best,
                "noise": verdict.claim.noise,
                "share": verdict.share and verdict.share.share,
                "low": verdict.share and verdict.share.interval[0],
                "high": verdict.share and verdict.share.interval[1],
                "verdict": verdict.share and verdict.share.verdict,
            }
            for verdict in self.verdicts
        ]
        kinds = (pl.String, pl.Boolean, pl.Boolean, *[pl.Float64] * 3, pl.String)
        names = ("id", "best", "noise", "share", "low", "high", "verdict")
        return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)))


def _marked(best: bool, ran: Ran | None, lost: tuple[str, ...]) -> bool:
    return best or bool(lost) or (ran is not None and ran.marked)


def _with_run(document: dict[str, Any], ran: Ran | None) -> dict[str, Any]:
    return document if ran is None else {**document, "run": ran.as_json()}


def ask(
    case: Case,
    *texts: str,
    worlds: int = 0,
    seed: int = 0,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Asked:
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
    questions = read_all(case, dict.fromkeys(texts))
    prepared = prepare(case, questions, grid=grid, memory=memory)
    found = survey(prepared, worlds=worlds, seed=seed, workers=workers, progress=progress)
    answers = {}
    for n, question in enumerate(questions):
        across = None
        if found.ran is not None:
            failed = len(found.ran.failed)
            across = across_question(found.sheets, n, test=question.is_test, failed=failed)
        answers[question.text] = Answer(
            question.text,
            found.best.values[n],
            figures(prepared, found.best, n, found.checks),
            found.best.warnings[n] + found.checks.doubts(question, found.best, n),
            across,
        )
    numerics = found.checks.numerics(found.best)
    listed = tuple(answers[text] for text in texts)
    return Asked(Answers(case.file, listed, numerics), found.ran, found.lost)


def check(
    case: Case,
    worlds: int = 256,
    seed: int = 0,
    *,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    on_best: OnBest | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Test every claim of a case at the best estimates and in many worlds.

    on_best   called with the claims at best as soon as they are known, certificate and noise
              still to come
    progress  called with the number of readings done after that, worlds and checks, and of all

    Raises QuestionError with the problems of all tests.
    """
    questions = read_claims(case)
    prepared = prepare(case, tuple(questions.values()), grid=grid, memory=memory)

    def first(sheet: Sheet) -> None:
        if on_best is not None:
            on_best(_claims(prepared, tuple(questions), Survey.only(sheet)))

    found = survey(
        prepared,
        worlds=worlds,
        seed=seed,
        noise=True,
        workers=workers,
        on_best=first,
        progress=progress,
    )
    best = _claims(prepared, tuple(questions), found)
    verdicts = tuple(_verdict(claim, found, n) for n, claim in enumerate(best.claims))
    return Checked(best, verdicts, found.ran, found.lost)


def _claims(prepared: Prepared, names: tuple[str, ...], found: Survey) -> Claims:
    case, sheet = prepared.case, found.best
    claims = tuple(
        ClaimAnswer(
            id=name,
            says=case.claims[name].says,
            test=prepared.questions[n].text,
            best=sheet.truth(n),
            sharper=tuple((factor, again.truth(n)) for factor, again in found.sharper.items()),
            quantities=figures(prepared, sheet, n, found.checks),
            warnings=sheet.warnings[n] + found.checks.doubts(prepared.questions[n], sheet, n),
            source=case.claims[name].source,
            where=case.claims[name].where,
        )
        for n, name in enumerate(names)
    )
    return Claims(case.file, claims, found.checks.numerics(sheet, tuple(found.sharper.values())))


def _verdict(claim: ClaimAnswer, found: Survey, number: int) -> Verdict:
    places = range(len(claim.quantities))
    if found.ran is None:
        return Verdict(claim, None, tuple(None for _ in places))
    failed = len(found.ran.failed)
    share = across_question(found.sheets, number, test=True, failed=failed).share
    return Verdict(
        claim, share, tuple(across_quantity(found.sheets, number, place) for place in places)
    )
