"""Claims of a case whose outcome is known: what the model, past wars and others said of each."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ceasefire.case import Case, FrozenMapping
from ceasefire.ensemble import ShareOfWorlds
from ceasefire.ensemble.run import JobProgressCallback, run_ensemble, run_mark_reasons
from ceasefire.errors import EvidenceError, Problem
from ceasefire.forecasts.base_rates import (
    ClaimBaseRate,
    PredictedEvent,
    evaluate_baseline,
    find_predicted_event,
)
from ceasefire.query import plan_questions, read_claims
from ceasefire.query.grid_refinement import with_fine_enough_grid
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings


@dataclass(frozen=True)
class ExternalForecast:
    """What somebody else forecast of a claim; `later` than the date up to which the case knows."""

    id: str
    kind: str
    probability: float
    as_of: str
    later: bool


@dataclass(frozen=True)
class ClaimOutcome:
    """A claim that came true or did not, and what was said of it before.

    case                 the file, `title` its title
    id                   the name of the claim
    happened             whether it came true
    as_of                the day up to which the case knows what happened
    event                what its test is about; None, and a reason in `unscored`, if that cannot be
                         scored
    model_probability    the model's probability of the sentence, the mean over the worlds
    model_error          the standard error of that mean, None without worlds
    probability_at_best  the same at the best estimates
    true_at_best         whether it is true at the best estimates
    share                the share of worlds in which the test is true
    base_rate            what past wars say, None where the claim asks for none
    forecasts            what others forecast
    """

    case: str
    title: str
    id: str
    sentence: str
    happened: bool
    as_of: str | None
    event: PredictedEvent | None
    unscored: str | None
    model_probability: float | None
    model_error: float | None
    probability_at_best: float | None
    true_at_best: bool | None
    share: ShareOfWorlds | None
    base_rate: ClaimBaseRate | None
    forecasts: tuple[ExternalForecast, ...]

    @property
    def worse_than_base_rate(self) -> bool | None:
        """Whether the model was further off than the base rate; None without one of them."""
        base = None if self.base_rate is None else self.base_rate.probability
        if self.model_probability is None or base is None:
            return None
        return abs(self.model_probability - self.happened) > abs(base - self.happened)

    @property
    def verdict_right(self) -> bool | None:
        """Whether the verdict was right; None where it depends, or there is none."""
        share = None if self.share is None else self.share.share
        if share is None:
            return None if self.true_at_best is None else self.true_at_best is self.happened
        leans = True if share >= 2 / 3 else False if share <= 1 / 3 else None
        return None if leans is None else leans is self.happened

    def as_json(self) -> dict[str, Any]:
        """A claim as `score --json` and `backtest --json` print it."""
        share = self.share and self.share.share
        verdict = self.share and self.share.verdict
        return {
            "case": self.case,
            "title": self.title,
            "id": self.id,
            "says": self.sentence,
            "as_of": self.as_of,
            "happened": self.happened,
            "event": None if self.event is None else str(self.event),
            "unscored": self.unscored,
            "model": {
                "mean": self.model_probability,
                "error": self.model_error,
                "best": self.probability_at_best,
            },
            "test": {
                "best": self.true_at_best,
                "share": share,
                "verdict": verdict,
                "right": self.verdict_right,
            },
            "baseline": self.base_rate and self.base_rate.as_json(),
            "worse_than_baseline": self.worse_than_base_rate,
            "forecasts": [vars(forecast) for forecast in self.forecasts],
        }


@dataclass(frozen=True)
class CaseOutcomes:
    """Every claim of a case whose outcome is known, and what marks the result."""

    claims: tuple[ClaimOutcome, ...]
    mark_reasons: tuple[str, ...]


def select_cases_with_outcomes(cases: Sequence[Case]) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """The cases in which a claim says what happened, and the files of the others.

    Raises EvidenceError if there is none of the first.
    """
    known = tuple(
        case for case in cases if any(claim.happened is not None for claim in case.claims.values())
    )
    if not known:
        help = "say of a claim whether what it says came true: happened: true"
        raise EvidenceError([Problem("no claim of any case says what happened", help=help)])
    return known, tuple(case.file for case in cases if case not in known)


def assess_claim_outcomes(
    case: Case,
    *,
    worlds: int = 32,
    seed: int = 0,
    settings: SolveSettings = DEFAULT_SETTINGS,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> CaseOutcomes:
    """Ask the model for every claim of a case whose outcome is known.

    case      a case with claims that say what happened
    worlds    how many worlds; 0 for the best estimates alone
    seed      seed of the worlds
    settings  how large a solution may be
    workers   processes that solve; None takes one for each core
    progress  called with how many evaluations are done, and of how many

    Raises QuestionError with the problems of all tests, EvidenceError if no outcome is known.
    """
    known = {name: claim for name, claim in case.claims.items() if claim.happened is not None}
    if not known:
        help = "say of a claim whether what it says came true: happened: true"
        raise EvidenceError([Problem("no claim says what happened", case.file, help=help)])
    questions = read_claims(replace(case, claims=FrozenMapping(known)))
    events = {name: find_predicted_event(question) for name, question in questions.items()}
    prepared = with_fine_enough_grid(plan_questions(case, tuple(questions.values()), settings))
    read = run_ensemble(prepared, worlds=worlds, seed=seed, workers=workers, progress=progress)
    outcomes = []
    for n, (name, claim) in enumerate(known.items()):
        event = events[name]
        scored = event if isinstance(event, PredictedEvent) else None
        best = mean = error = None
        if scored is not None:
            best = mean = scored.probability(
                read.best.quantity_values[n][scored.quantity_index].value
            )
            seen = [
                scored.probability(one.quantity_values[n][scored.quantity_index].value)
                for one in read.results
            ]
            if read.drawn is not None:
                mean, error = _mean_and_standard_error([one for one in seen if one is not None])
        written = claim.baseline
        outcomes.append(
            ClaimOutcome(
                case=case.file,
                title=case.title,
                id=name,
                sentence=" ".join((claim.says or claim.test).split()),
                happened=bool(claim.happened),
                as_of=claim.as_of or case.start,
                event=scored,
                unscored=event if isinstance(event, str) else None,
                model_probability=mean,
                model_error=error,
                probability_at_best=best,
                true_at_best=read.best.test_result(n),
                share=read.share_of_question(n),
                base_rate=None if written is None else evaluate_baseline(written),
                forecasts=_external_forecasts(case, name, claim.as_of or case.start),
            )
        )
    numerics = read.numerics
    return CaseOutcomes(
        tuple(outcomes), run_mark_reasons(numerics, read.run_stats, read.failed_checks)
    )


def _mean_and_standard_error(values: Sequence[float]) -> tuple[float | None, float | None]:
    """The mean of some numbers and its standard error.

    >>> mean, error = _mean_and_standard_error([0.1, 0.3, 0.5, 0.3])
    >>> round(mean, 3), round(error, 3)
    (0.3, 0.082)
    >>> _mean_and_standard_error([0.5]), _mean_and_standard_error([])
    ((0.5, None), (None, None))
    """
    if not values:
        return None, None
    if len(values) < 2:
        return values[0], None
    return statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values))


def _external_forecasts(case: Case, claim: str, as_of: str | None) -> tuple[ExternalForecast, ...]:
    return tuple(
        ExternalForecast(
            name, one.kind, one.probability, one.as_of, _is_later_date(one.as_of, as_of)
        )
        for name, one in case.forecasts.items()
        if one.claim == claim
    )


def _is_later_date(date: str, than: str | None) -> bool:
    """Whether a date is later, as far as both are known: 2025-05-17 is not later than 2025-05.

    >>> _is_later_date("2025-05-17", "2025-05"), _is_later_date("2025-06", "2025-05-17")
    (False, True)
    >>> _is_later_date("2025", None)
    False
    """
    if than is None:
        return False
    return date[: len(than)] > than[: len(date)]


def join_claim_outcomes(case_outcomes: Sequence[CaseOutcomes]) -> tuple[ClaimOutcome, ...]:
    """The claims of several cases, one after the other.

    case_outcomes  one for each case
    """
    return tuple(claim for one in case_outcomes for claim in one.claims)
