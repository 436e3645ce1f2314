"""How good were the forecasts? Those of the model, of past wars, and of anybody else.

With p the probability that was given to a sentence and o = 1 if it came true, 0 if not,

    Brier   mean of (p - o)**2                    0 is perfect, a coin gets 0.25
    log     mean of -log(p of what came about)    0 is perfect, a coin gets 0.693

Both are proper: nobody gains by saying anything but what they believe. Brier falls apart (Murphy).
With the forecasts sorted into five bins of equal width, n_k of them in bin k, of mean p_k, of
which a share o_k came true, and o the share of all,

    reliability  sum n_k (p_k - o_k)**2 / n     how far what was said is from what then happened
    resolution   sum n_k (o_k - o)**2 / n       how well events that come true are told from others
    uncertainty  o (1 - o)                      what a forecaster gets who knows nothing but o
    within       the rest, for forecasts in one bin differ

    Brier = reliability - resolution + uncertainty + within

Forecasters are compared on claims that both spoke of, by the difference of their Brier scores and
its standard error, in which a case counts as one draw: its claims come true or fail together.

Sources: Brier (1950), Monthly Weather Review 78; Good (1952), JRSS B 14; Murphy (1973), Journal of
Applied Meteorology 12; Stephenson, Coelho & Jolliffe (2008), Weather and Forecasting 23.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble.run import JobProgressCallback
from ceasefire.errors import EvidenceError, Problem
from ceasefire.forecasts.outcomes import (
    CaseOutcomes,
    ClaimOutcome,
    assess_claim_outcomes,
    join_claim_outcomes,
    select_cases_with_outcomes,
)
from ceasefire.results import Result
from ceasefire.settings import SolveSettings
from ceasefire.stopping import is_stopped

MURPHY_BINS: Final = 5
MIN_CLAIMS_TO_TELL_APART: Final = (
    100  # below it a Brier score is not known to a tenth: sd of (p - o)^2 is about 0.3
)
MODEL_FORECASTER, MODEL_AT_BEST_FORECASTER, BASE_RATE_FORECASTER = (
    "model",
    "model at best",
    "base rate",
)


def brier_score(given: Sequence[float], happened: Sequence[bool]) -> float:
    """The mean squared distance of forecasts from what happened.

    given     the probability that each forecast gave
    happened  whether each event happened

    >>> brier_score([0.8, 0.3], [True, False])
    0.065
    """
    p, o = np.asarray(given, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    return round(float(((p - o) ** 2).mean()), 15)


def log_score(given: Sequence[float], happened: Sequence[bool]) -> float:
    """The mean surprise in nats; infinite if something came about that was ruled out.

    given     the probability that each forecast gave
    happened  whether each event happened

    >>> round(log_score([0.8, 0.3], [True, False]), 3), log_score([0.0], [True])
    (0.29, inf)
    """
    chances = [p if o else 1.0 - p for p, o in zip(given, happened, strict=True)]
    return sum(-math.log(p) if p > 0 else math.inf for p in chances) / len(chances)


@dataclass(frozen=True)
class BrierDecomposition:
    """The parts of a Brier score: reliability - resolution + uncertainty + within."""

    reliability: float
    resolution: float
    uncertainty: float
    within: float


def decompose_brier_score(given: Sequence[float], happened: Sequence[bool]) -> BrierDecomposition:
    """Take a Brier score apart.

    given     the probability that each forecast gave
    happened  whether each event happened

    >>> decompose_brier_score([0.1, 0.1, 0.9, 0.9], [False, False, True, False])
    BrierDecomposition(reliability=0.085, resolution=0.0625, uncertainty=0.1875, within=0.0)
    """
    p, o = np.asarray(given, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    bins = np.minimum((p * MURPHY_BINS).astype(int), MURPHY_BINS - 1)
    reliability = resolution = 0.0
    for k in range(MURPHY_BINS):
        own = bins == k
        if own.any():
            weight, came = float(own.mean()), float(o[own].mean())
            reliability += weight * (float(p[own].mean()) - came) ** 2
            resolution += weight * (came - float(o.mean())) ** 2
    uncertainty = float(o.mean() * (1.0 - o.mean()))
    within = brier_score(given, happened) - reliability + resolution - uncertainty
    parts = (reliability, resolution, uncertainty, within)
    return BrierDecomposition(*(round(part, 12) + 0.0 for part in parts))


@dataclass(frozen=True)
class ForecasterScore:
    """One forecaster's scores, and those of the model on the same claims.

    name         who made the forecasts
    brier        Brier score
    log          log score
    parts        the Brier score taken apart
    model_brier  the model's Brier score on the same claims
    model_log    the model's log score on the same claims
    difference   Brier of the model minus that of the forecaster: above 0 the model was worse
    error        standard error of it, cases counting as one draw; None for fewer than two
    """

    name: str
    claims: int
    cases: int
    brier: float
    log: float
    parts: BrierDecomposition
    model_brier: float
    model_log: float
    difference: float
    error: float | None

    def as_json(self) -> dict[str, Any]:
        """A forecaster as `score --json` prints it; an infinite log score is null there."""
        return {**vars(self), "parts": vars(self.parts)}


@dataclass(frozen=True)
class ScoreResult(Result):
    """Every forecaster's scores over the claims of some cases whose outcome is known.

    claims   the claims with their outcomes and all forecasts of them
    scores   one for each forecaster
    worlds   in how many worlds each case was computed
    seed     seed of the worlds
    reasons  what marks the probabilities of the model, each with its case
    """

    claims: tuple[ClaimOutcome, ...]
    scores: tuple[ForecasterScore, ...]
    worlds: int
    seed: int
    reasons: tuple[str, ...]

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the probabilities of the model, each with its case."""
        return self.reasons

    @property
    def scored(self) -> tuple[ClaimOutcome, ...]:
        """The claims of which the model has a probability."""
        return tuple(claim for claim in self.claims if claim.model_probability is not None)

    @property
    def max_model_error(self) -> float | None:
        """The largest standard error of the model's probabilities, None without worlds."""
        return max((c.model_error for c in self.claims if c.model_error is not None), default=None)

    @property
    def worse_than_base_rate(self) -> tuple[ClaimOutcome, ...]:
        """The claims on which the model was further off than past wars."""
        return tuple(claim for claim in self.claims if claim.worse_than_base_rate)

    @property
    def too_few_claims(self) -> bool:
        """Whether there are too few claims to tell forecasters apart."""
        return len(self.scored) < MIN_CLAIMS_TO_TELL_APART

    def as_json(self) -> dict[str, Any]:
        """The document of `score --json`, the version left to the command."""
        return {
            "worlds": self.worlds,
            "seed": self.seed,
            "n": len(self.scored),
            "few": self.too_few_claims,
            "scores": [score.as_json() for score in self.scores],
            "claims": [claim.as_json() for claim in self.claims],
        }

    def frame(self) -> pl.DataFrame:
        """One row for each claim."""
        rows = [
            {
                "case": claim.case,
                "id": claim.id,
                "happened": claim.happened,
                "model": claim.model_probability,
                "best": claim.probability_at_best,
                "share": claim.share and claim.share.share,
                "base_rate": claim.base_rate and claim.base_rate.probability,
                "worse": claim.worse_than_base_rate,
            }
            for claim in self.claims
        ]
        schema: dict[str, Any] = dict.fromkeys(rows[0], pl.Float64)
        schema |= {"case": pl.String, "id": pl.String}
        return pl.DataFrame(rows, schema=schema | {"happened": pl.Boolean, "worse": pl.Boolean})


def score(
    *cases: Case,
    worlds: int = 32,
    seed: int = 0,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> ScoreResult:
    """Score the model, past wars and all forecasts of some cases on what happened.

    cases     cases with claims that say what happened
    worlds    over how many worlds the model's probability is the mean; 0 for the best estimates
    seed      seed of the worlds
    grid      belief nodes for each party with types; None has them chosen by the game's size
    memory    most bytes that a solution may take
    workers   processes that solve; None takes one for each core
    progress  called with how many evaluations are done, and of how many

    Raises EvidenceError for a case in which no claim says what happened.

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{chance: 0.3, set: {war: false}}]}}
    ... claims:
    ...   ends: {test: P(at_end(not war)) > 0.5, happened: false, baseline: {probability: 0.5}}
    ... ''')
    >>> found = score(coin, worlds=0, workers=1)
    >>> [(one.name, one.claims, round(one.brier, 2)) for one in found.scores]
    [('model', 1, 0.09), ('base rate', 1, 0.25)]
    """
    settings = SolveSettings(grid, memory)
    if not cases:
        raise EvidenceError([Problem("there is no case to score", help="name one or more")])
    looked: list[CaseOutcomes] = []
    for case in cases:
        if looked and is_stopped():
            break
        looked.append(
            assess_claim_outcomes(
                case,
                worlds=worlds,
                seed=seed,
                settings=settings,
                workers=workers,
                progress=progress,
            )
        )
    return score_claim_outcomes(looked, worlds, seed)


def score_claim_outcomes(
    case_outcomes: Sequence[CaseOutcomes], worlds: int, seed: int
) -> ScoreResult:
    """Score claims that were looked back at.

    case_outcomes  one for each case
    worlds         how many worlds were asked for
    seed           seed of the worlds
    """
    claims = join_claim_outcomes(case_outcomes)
    given: dict[str, list[tuple[ClaimOutcome, float]]] = {
        MODEL_FORECASTER: [],
        MODEL_AT_BEST_FORECASTER: [],
        BASE_RATE_FORECASTER: [],
    }
    for claim in claims:
        if claim.model_probability is None:
            continue
        given[MODEL_FORECASTER].append((claim, claim.model_probability))
        if worlds and claim.probability_at_best is not None:
            given[MODEL_AT_BEST_FORECASTER].append((claim, claim.probability_at_best))
        if claim.base_rate is not None and claim.base_rate.probability is not None:
            given[BASE_RATE_FORECASTER].append((claim, claim.base_rate.probability))
        for forecast in claim.forecasts:
            given.setdefault(forecast.kind, []).append((claim, forecast.probability))
    scores = tuple(_score_forecaster(name, pairs) for name, pairs in given.items() if pairs)
    reasons = tuple(
        f"{one.claims[0].case}: {reason}" for one in case_outcomes for reason in one.mark_reasons
    )
    return ScoreResult(claims, scores, worlds, seed, reasons)


def _score_forecaster(name: str, pairs: Sequence[tuple[ClaimOutcome, float]]) -> ForecasterScore:
    claims, given = [claim for claim, _ in pairs], [p for _, p in pairs]
    happened = [claim.happened for claim in claims]
    model = [claim.model_probability or 0.0 for claim in claims]
    own, ours = brier_score(given, happened), brier_score(model, happened)
    return ForecasterScore(
        name=name,
        claims=len(claims),
        cases=len({claim.case for claim in claims}),
        brier=own,
        log=log_score(given, happened),
        parts=decompose_brier_score(given, happened),
        model_brier=ours,
        model_log=log_score(model, happened),
        difference=ours - own,
        error=_case_clustered_error(claims, given, model),
    )


def _case_clustered_error(
    claims: Sequence[ClaimOutcome], given: Sequence[float], model: Sequence[float]
) -> float | None:
    """The standard error of a mean difference whose terms hang together within a case."""
    apart = [
        (ours - claim.happened) ** 2 - (own - claim.happened) ** 2
        for claim, own, ours in zip(claims, given, model, strict=True)
    ]
    mean, sums = sum(apart) / len(apart), dict[str, float]()
    for claim, one in zip(claims, apart, strict=True):
        sums[claim.case] = sums.get(claim.case, 0.0) + one - mean
    if len(sums) < 2:
        return None
    spread = sum(total**2 for total in sums.values()) * len(sums) / (len(sums) - 1)
    return math.sqrt(spread) / len(apart)


@dataclass(frozen=True)
class BacktestResult(ScoreResult):
    """The scores of claims whose outcome is known, and how many verdicts were right.

    without  the cases in which no claim says what happened
    """

    without: tuple[str, ...] = ()

    @property
    def verdicts(self) -> dict[str, int]:
        """How many verdicts were right, how many wrong, and how many said neither."""
        named = {True: "right", False: "wrong", None: "open"}
        verdict_words = [named[claim.verdict_right] for claim in self.claims]
        return {name: verdict_words.count(name) for name in named.values()}

    def as_json(self) -> dict[str, Any]:
        """The document of `backtest --json`, the version left to the command."""
        worse = [{"case": claim.case, "id": claim.id} for claim in self.worse_than_base_rate]
        more = {"verdicts": self.verdicts, "worse_than_baseline": worse}
        return {**super().as_json(), **more, "without": list(self.without)}


def backtest(
    *cases: Case,
    worlds: int = 32,
    seed: int = 0,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> BacktestResult:
    """Hold every claim that says what happened against the model and against past wars.

    cases     any cases
    worlds    how many worlds; 0 for the best estimates alone
    seed      seed of the worlds
    grid      belief nodes for each party with types; None has them chosen by the game's size
    memory    most bytes that a solution may take
    workers   processes that solve; None takes one for each core
    progress  called with how many evaluations are done, and of how many

    Cases in which no claim does are left out, and named.

    Raises EvidenceError if that leaves none.
    """
    known, without = select_cases_with_outcomes(cases)
    result = score(
        *known,
        worlds=worlds,
        seed=seed,
        grid=grid,
        memory=memory,
        workers=workers,
        progress=progress,
    )
    return BacktestResult(
        result.claims, result.scores, result.worlds, result.seed, result.reasons, without
    )
